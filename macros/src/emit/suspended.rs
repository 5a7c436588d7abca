//! Suspended states: what each holds, and how it is dropped.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Token;

use super::edge::{Emitter, Mode};
use super::locate;
use super::region::{ROOT, RegionId, place, region_struct, state_enum};
use super::rewrite::{guard, slot};
use super::start::{Start, start};
use super::state::state_name;
use super::types::Parameters;
use crate::graph::{BlockId, VariableId};
use crate::tokens::append;

/// Up to so many suspensions a `match` of the states costs rustc less than a method that numbers them.
const SHORT: usize = 3;

/// The state of a region that has been left.
pub fn done(region: RegionId) -> Done {
    Done(region)
}

/// See [`done`].
pub struct Done(RegionId);

impl ToTokens for Done {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        state_enum(self.0).to_tokens(tokens);
        <Token![::]>::default().to_tokens(tokens);
        Ident::new("Done", Span::call_site()).to_tokens(tokens);
    }
}

/// Whether the states have numbers. Naming a state's variant makes rustc infer the types of all states anew, which they are not
/// known before: with many states, they are told apart by their numbers. A method to number them costs what naming a few does.
/// In a loop LLVM makes less of the names than of numbers.
pub fn is_numbered(emitter: &Emitter<'_>) -> bool {
    let loops = !emitter.behind.is_empty() || emitter.resumes_behind;
    loops || emitter.regions.list.len() > 1 || emitter.graph.suspensions().len() > SHORT
}

/// What suspended states are: their types, and, if there are slots, how each is dropped.
pub struct States {
    pub types: TokenStream,
    pub drop: TokenStream,
}

/// One region's part of that.
#[derive(Default)]
struct Part {
    parameters: BTreeSet<String>,
    variants: TokenStream,
    /// By variant, its number.
    numbers: TokenStream,
    /// The states that are dropped in their own ways.
    drop: TokenStream,
    /// Those that are dropped as they are once slots have been told, by which slots.
    dropped_whole: BTreeMap<String, DroppedWhole>,
}

/// States that hold nothing that has been declared before a slot: when they are dropped as they are, and what is in slots behind
/// them, that is the order in which a body drops it.
#[derive(Default)]
struct DroppedWhole {
    guards: TokenStream,
    /// How each would be dropped by itself.
    apart: Vec<TokenStream>,
}

impl Part {
    /// The arms of a `match` that drop each state: one for most of them, without their names.
    fn arms(self, region: RegionId) -> TokenStream {
        let (states, place, done) = (state_enum(region), place(region), done(region));
        let Part { mut drop, mut dropped_whole, .. } = self;
        let most = dropped_whole.iter().max_by_key(|(_, whole)| whole.apart.len()).map(|(slots, _)| slots.clone());
        let most = most.and_then(|slots| dropped_whole.remove(&slots));
        drop.extend(dropped_whole.into_values().flat_map(|whole| whole.apart));
        let rest = most.map(|DroppedWhole { guards, .. }| quote!(_ => { #guards #place = #done; }));
        quote!(#drop #states::Done => {} #rest)
    }
}

/// The types of all that the states hold, by the names that they have here.
pub fn all_types(emitter: &Emitter<'_>, resumes: &[BlockId]) -> BTreeSet<String> {
    let mut types = start(emitter).parameters;
    for &resume in resumes {
        types.insert(format!("C{resume}"));
        types.extend(kept(emitter, resume).parameters);
    }
    types.extend((ROOT + 1..emitter.regions.list.len()).flat_map(|region| emitter.region_fields(region).0));
    types
}

pub fn states(emitter: &Emitter<'_>, resumes: &[BlockId], start: &Start) -> States {
    let count = emitter.regions.list.len();
    let is_numbered = is_numbered(emitter);
    let mut parts: Vec<Part> = (0..count).map(|_| Part::default()).collect();
    parts[ROOT] = Part {
        parameters: start.parameters.clone(),
        variants: start.variant.clone(),
        numbers: if is_numbered { quote!(Self::Start { .. } => 0,) } else { Default::default() },
        drop: start.drop.clone(),
        ..Part::default()
    };
    for (index, &resume) in resumes.iter().enumerate() {
        suspended(emitter, resume, index + 1, &mut parts[emitter.regions.of_state(resume)]);
    }
    let mut types = emitter.types.traits();
    // Inner regions have higher numbers than those around them.
    for region in (0..count).rev() {
        let part = std::mem::take(&mut parts[region]);
        let (parameters, variants, numbers) = (&part.parameters, &part.variants, &part.numbers);
        let states = state_enum(region);
        let Parameters { declared, used } = emitter.types.parameters(parameters);
        let at = is_numbered.then(|| {
            quote! {
                impl<#(#declared),*> #states<#(#used),*> {
                    #[inline(always)]
                    fn at(&self) -> u16 {
                        match self { #numbers Self::Done => u16::MAX }
                    }
                }
            }
        });
        append(&mut types, quote!(enum #states<#(#declared),*> { #variants Done } #at));
        append(&mut types, locate::answer(emitter, region, parameters, resumes).unwrap_or_default());
        if region == ROOT {
            return States { types, drop: if emitter.has_slots() { part.arms(region) } else { Default::default() } };
        }
        let (slots, fields) = emitter.region_fields(region);
        let all: BTreeSet<String> = parameters.union(&slots).cloned().collect();
        let name = region_struct(region);
        let whole = emitter.types.parameters(&all);
        let (declared, generics) = (&whole.declared, &whole.used);
        types.extend(quote!(struct #name<#(#declared),*> { __rest: #states<#(#used),*>, #fields }));
        let drop = emitter.wrapped(region, &part.arms(region));
        let outer = &mut parts[emitter.regions.list[region].parent];
        outer.variants.extend(quote!(#name(#name<#(#generics),*>),));
        outer.numbers.extend(quote!(Self::#name(region) => region.__rest.at(),));
        outer.drop.extend(drop);
        outer.parameters.extend(all);
    }
    unreachable!("the root is a region")
}

/// What a suspended state holds beside its child.
pub struct Kept {
    /// The fields as they are declared: last declared first, as they are dropped.
    pub fields: Vec<TokenStream>,
    pub parameters: BTreeSet<String>,
    pub names: Vec<Ident>,
    /// Moves them out of the state.
    pub taken: Vec<TokenStream>,
    /// The guards of slots among that, if they come first and there certainly are values in those slots.
    pub guards: Option<TokenStream>,
}

pub fn kept(emitter: &Emitter<'_>, resume: BlockId) -> Kept {
    let output = emitter.output_of(resume);
    let mut kept = Kept { fields: vec![], parameters: BTreeSet::new(), names: vec![], taken: vec![], guards: None };
    let mut guards = Some(TokenStream::new());
    let declared = emitter.declared_outside((resume, 0));
    for (variable, mode) in emitter.passed((resume, 0)) {
        if Some(variable) == output {
            continue;
        }
        let entry = &emitter.graph.variables[variable];
        let name = &entry.name;
        let (parameter, ty) = emitter.ty(variable, mode, true);
        let slot = slot(name);
        if emitter.has_field(variable, mode) {
            kept.fields.insert(0, quote!(#name: #ty));
            kept.names.push(name.clone());
            kept.parameters.extend(parameter);
        }
        let guard = guard(name);
        if entry.anchored {
            let first = kept.names.is_empty() && matches!(mode, Mode::Live | Mode::Dead);
            guards = guards.filter(|_| first);
            if let Some(guards) = &mut guards {
                guards.extend(quote!(let #guard = #slot.guard();));
            }
        }
        kept.taken.push(match (entry.anchored, mode) {
            (false, _) => take(emitter, &declared, variable),
            (true, Mode::Optional) => quote! {
                let #guard = if *#name { __Some(#slot.guard()) } else { __None };
            },
            (true, Mode::Asked(_)) => quote!(let #guard = __KeptDuty::resume(__take(#name), #slot);),
            (true, _) => quote!(let #guard = #slot.guard();),
        });
    }
    Kept { guards, ..kept }
}

/// Takes a variable out of a state before an arm. `declared` are those that the arm does not declare anew.
pub fn take(emitter: &Emitter<'_>, declared: &[VariableId], variable: VariableId) -> TokenStream {
    let name = emitter.name(variable);
    let mutable = declared.contains(&variable).then(|| quote_spanned!(name.span()=> mut));
    quote_spanned!(name.span()=> let #mutable #name = __take(#name);)
}

/// One suspension: its variant, its number, how it is dropped.
fn suspended(emitter: &Emitter<'_>, resume: BlockId, number: usize, part: &mut Part) {
    let region = emitter.regions.of_state(resume);
    let (states, place) = (state_enum(region), place(region));
    let state = state_name(emitter.graph, resume);
    let parameter = format!("C{resume}");
    let child = emitter.types.ty(&parameter);
    let Kept { fields, parameters, names, taken, guards } = kept(emitter, resume);
    part.parameters.insert(parameter);
    part.parameters.extend(parameters);
    append(&mut part.variants, quote!(#state { __child: #child, #(#fields,)* },));
    if is_numbered(emitter) {
        let number = Literal::usize_unsuffixed(number);
        append(&mut part.numbers, quote!(Self::#state { .. } => #number,));
    }
    if !emitter.has_slots() {
        // The machine is dropped with its state.
        return;
    }
    let done = done(region);
    let apart = quote! {
        #states::#state { __child, #(#names),* } => {
            #(#taken)*
            __abandon(&raw mut *__child, &raw mut #place, #done);
        }
    };
    let Some(guards) = guards else { return part.drop.extend(apart) };
    let whole = part.dropped_whole.entry(guards.to_string()).or_default();
    whole.guards = guards;
    whole.apart.push(apart);
}
