//! The machine: the state's enum, and the closure that resumes it.
//!
//! # The problem
//! A suspension is left and entered in the middle of the user's loops and branches, and Rust has no `goto`. A loop around a
//! `match` of all blocks does it, but LLVM takes no jump through the head of a loop for granted: each edge costs another
//! comparison, and what it hands on a trip through an enum.
//!
//! # The design
//! ```text
//! loop {                                                  only if an edge leads back
//!     'B3: { 'S2: { 'B1: {
//!         match next { Resume => match state.at() { 2 => break 'S2, … }, B1 { … } => break 'B1 }
//!     } the code of B1: onwards by `to_B3 = (…); break 'B3`, suspended by `state = S2 { … }; break 'S2`
//!     } the child of S2: pending, return; done, take the variables out of the state; the code behind it
//!     } the code of B3: back by `next = B1 { … }; continue`
//! }
//! ```
//! Edges onwards are jumps; only those back pass the head. A child is resumed at one place, the first time as later. The text
//! is in source order, because rustc infers types from top to bottom.
//!
//! # Costs
//! Instructions of a body, beside rustc's `async fn` of the same source (`tests/footprint/run.sh`, which prints them by body): 1.17
//! times as many; with a `match` of all blocks it was 1.68. rustc's time for a machine grows faster than its
//! suspensions, since each mention of a state makes it infer the types of all ([`types`](super::types)), so there are few of them:
//! a state is named where it is entered and where it is resumed, and all are left in one place.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::visit::Visit;

use super::arm::{block_name, handed, label, onwards};
use super::edge::{Emitter, Mode, Point};
use super::hidden;
use super::locate;
use super::region::{ROOT, RegionId, place, region_struct, state_enum};
use super::result;
use super::rewrite::{guard, slot};
use super::state::state_name;
use super::types::{Parameters, Types};
use crate::graph::{Block, BlockId, Graph, Terminator, VariableId};
use crate::liveness::Facts;
use crate::nested::Nested;

/// The arm that the start leads to.
const FIRST: Point = (0, 0);

/// From more suspensions on, types in traits pay: see [`types`](super::types).
const LONG: usize = 10;

/// Up to so many suspensions a `match` of the states costs rustc less than a method that numbers them.
const SHORT: usize = 3;

/// Whether a macro may hide a jump.
fn may_jump(graph: &Graph) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            self.0 |= Nested::of(mac).is_none() && crate::names::may_jump(mac);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    }
    let mut find = Find(false);
    graph.blocks.iter().flat_map(|block| block.expressions()).for_each(|expr| find.visit_expr(expr));
    find.0
}

/// What stands in the block that makes the machine. `shown` is what it ends with, if that can be written, `relived` the same with other
/// lifetimes, if the machine has it under those.
pub fn machine(shown: Option<&syn::Type>, relived: Option<&syn::Type>, graph: &Graph, facts: &Facts) -> TokenStream {
    let output = relived.or(shown);
    let mut emitter = Emitter::new(graph, facts);
    emitter.run();
    let resumes: Vec<BlockId> = graph.suspensions().iter().map(|suspension| suspension.resume).collect();
    if resumes.len() > LONG {
        emitter.types = Types::in_traits(&all_types(&emitter, &resumes));
    }
    let start = start(&emitter);
    let States { types, drop: drops } = states(&emitter, &resumes, &start);
    let returns = returns(&emitter);
    // Nothing tells the type of what never comes.
    let endless = |block: &Block| !matches!(block.terminator, Terminator::Return(_)) && !block.exits();
    let early = hidden::early(graph, output);
    let answer = match output {
        Some(output) if early.is_some() => Some(quote!(-> <#output as __LeftEarly>::Answer)),
        Some(output) => Some(quote!(-> __Resume<#output>)),
        None if graph.variables.unwritten_result && graph.blocks.iter().all(endless) => Some(quote!(-> __Resume<()>)),
        None => None,
    };
    // What cannot be written cannot be asked whether it is an error.
    let judge = match shown {
        Some(output) if !may_be_result(output) => quote!(__NoError),
        Some(output) => quote!(__OutputType::<#output>(__PhantomData).judge()),
        None => quote!(__NoError),
    };
    let judge = locate::judge(&graph.variables, judge);
    let question = locate::question(&graph.variables);
    let start_value = &start.value;
    let of = emitter.types.inferred().map(|arguments| quote!(: __State #arguments));
    let lets = &start.lets;
    let is_opaque = graph.variables.returned.is_none() && !graph.variables.unwritten_result;
    let result = is_opaque.then(result::declaration);
    let begin = begin(&mut emitter, &start);
    let entry = entry(&emitter, &resumes, &start.names, &begin);
    let body = match &returns {
        None => {
            let arms = arms(&emitter, entry);
            quote!(#arms)
        }
        Some(returns) => {
            let names = emitter.behind.iter().map(|&point| {
                let block = block_name(point);
                let passed = emitter.passed(point);
                let names: Vec<_> = passed.iter().map(|&(variable, _)| emitter.name(variable)).collect();
                let onwards = onwards(point, names.iter());
                quote!(__Next::#block { #(#names),* } => { #onwards })
            });
            let arms = arms(&emitter, quote!(match __next { __Next::Resume => #entry, #(#names)* }));
            let rounds = emitter.slots_of_a_round();
            // A hidden jump without a label would be one of this loop. In a block with a label it is an error (E0695).
            let arms = if may_jump(graph) { quote!('__round: { #arms }) } else { arms };
            quote! {
                #returns
                let mut __next = __Next::Resume;
                '__step: loop {
                    #rounds
                    #arms
                }
            }
        }
    };
    let body = quote!(#result #body);
    let (machine, body) = if !emitter.has_slots() {
        let body = match emitter.regions.brief.is_empty() {
            true if graph.has_unsafe => quote!(unsafe { #body }),
            true => body,
            false => {
                let slots = emitter.brief_slots();
                quote! {
                    // SAFETY: PINNED, GUARDED and CHECKED, see `segno::machine`: the slots outlive the guards, which stand
                    // among the locals in declaration order; none holds a value at a suspension.
                    unsafe { #slots #body }
                }
            }
        };
        let body = quote! {
            '__ended: {
                let __Some(__cx) = __resumed else { break '__ended };
                #question
                #body
            }
            __state = __State::Done;
            __Cancelled
        };
        (quote!(__Machine), body)
    } else {
        let captured = &emitter.regions.list[ROOT].variables;
        let slots = captured.iter().map(|&variable| {
            let slot = slot(&graph.variables[variable].name);
            quote!(let #slot = #slot.pinned();)
        });
        let brief = emitter.brief_slots();
        let body = quote! {
            // SAFETY: PINNED, GUARDED and CHECKED, see `segno::machine`: the slots are captures of this closure,
            // their guards stand among the locals in declaration order, and the twin has been borrow-checked. Slots that
            // hold no value at a suspension are locals, which outlive the guards.
            unsafe {
                #(#slots)*
                #brief
                '__ended: {
                    let __Some(__cx) = __resumed else { break '__ended };
                    #question
                    #body
                }
                match &mut __state {
                    #drops
                }
                __Cancelled
            }
        };
        (quote!(__AnchoredMachine), body)
    };
    let body = if graph.ends_apart { quote!('__done: { #body }) } else { body };
    let resumed = quote!(__resumed: __Option<&mut __Context<'_>>);
    let step = match early {
        Some(output) => {
            let body = hidden::wrap(&body, output);
            quote!({
                let mut __step = move |#resumed| #answer { #body };
                move |#resumed| <#output as __LeftEarly>::resumed(__step(__resumed))
            })
        }
        None => quote!(move |#resumed| #answer { #body }),
    };
    let step = match relived {
        Some(relived) => quote!({
            let mut __step = #step;
            move |#resumed| __relived::<#relived, #shown>(__step(__resumed))
        }),
        None => step,
    };
    let resume = quote!(#machine { step: #step, judge: #judge });
    quote! {
        #types
        #lets
        let mut __state #of = __State::Start { #start_value };
        #resume
    }
}

/// Whether a type may be a `Result`, by its spelling.
fn may_be_result(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Paren(inner) => may_be_result(&inner.elem),
        syn::Type::Tuple(_) | syn::Type::Array(_) | syn::Type::Reference(_) => false,
        other => crate::names::number(other).is_none(),
    }
}

/// What rustc and clippy would say of a machine, the twin says of the user's code.
pub fn lints() -> TokenStream {
    quote! {
        #[allow(unused, nonstandard_style, non_shorthand_field_patterns, warnings, dangerous_implicit_autorefs)]
        #[cfg_attr(clippy, allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction))]
    }
}

/// The state of a region that has been left.
fn done(region: RegionId) -> TokenStream {
    let states = state_enum(region);
    quote!(#states::Done)
}

/// Whether the states have numbers. Naming a state's variant makes rustc infer the types of all states anew, which they are not
/// known before: with many states, they are told apart by their numbers. A method to number them costs what naming a few does.
/// In a loop LLVM makes less of the names than of numbers.
fn is_numbered(emitter: &Emitter<'_>) -> bool {
    let loops = !emitter.behind.is_empty() || emitter.resumes_behind;
    loops || emitter.regions.list.len() > 1 || emitter.graph.suspensions().len() > SHORT
}

/// Finds where the machine stands.
fn entry(emitter: &Emitter<'_>, resumes: &[BlockId], names: &[Ident], begin: &TokenStream) -> TokenStream {
    if is_numbered(emitter) {
        let labels = resumes.iter().enumerate().map(|(index, &resume)| {
            let (number, label) = (Literal::usize_unsuffixed(index + 1), label((resume, 0)));
            quote!(#number => break #label,)
        });
        return quote! {
            match __state.at() {
                0 => match &mut __state {
                    __State::Start { #(#names),* } => { #begin }
                    _ => __impossible(),
                },
                #(#labels)*
                _ => __finished(),
            }
        };
    }
    // The last one needs no name.
    let last = resumes.len().saturating_sub(1);
    let labels = resumes.iter().enumerate().map(|(index, &resume)| {
        let label = label((resume, 0));
        if index == last {
            return quote!(_ => break #label,);
        }
        let state = state_name(emitter.graph, resume);
        quote!(__State::#state { .. } => break #label,)
    });
    quote! {
        match &mut __state {
            __State::Start { #(#names),* } => { #begin }
            __State::Done => __finished(),
            #(#labels)*
        }
    }
}

/// What the start leads to: the first arm's code, where no edge leads back to it.
fn begin(emitter: &mut Emitter<'_>, start: &Start) -> TokenStream {
    let taken = &start.taken;
    if emitter.behind.contains(&FIRST) {
        let onwards = onwards(
            FIRST,
            start.handed.iter().map(|(name, value)| value.clone().unwrap_or_else(|| name.to_token_stream())),
        );
        return quote!(#taken #onwards);
    }
    let code = emitter.arms.remove(&FIRST);
    // Last declared first, as edges hand on.
    let made = |(name, value): &(Ident, Option<TokenStream>)| value.as_ref().map(|value| quote!(let #name = #value;));
    let lets = start.handed.iter().rev().filter_map(made);
    quote!(#taken #(#lets)* #code)
}

/// The arms, behind the code that finds where to begin.
fn arms(emitter: &Emitter<'_>, entry: TokenStream) -> TokenStream {
    emitter.arms.iter().fold(entry, |before, (&point, code)| {
        let label = label(point);
        if point.1 == 0 && emitter.output_of(point.0).is_some() {
            let code = resumed(emitter, point.0, code);
            return quote!(#label: { #before } #code);
        }
        let passed = emitter.passed(point);
        // Last declared first: the order in which a panic drops them.
        let names = passed.iter().rev().map(|&(variable, _)| emitter.name(variable));
        let handed = handed(point);
        quote!(let #handed; #label: { #before } let (#(#names,)*) = #handed; #code)
    })
}

/// What an edge back hands on, through the start of the step: only such an edge costs a comparison.
fn returns(emitter: &Emitter<'_>) -> Option<TokenStream> {
    let mut types = BTreeSet::new();
    let variants = emitter.behind.iter().map(|&point| {
        let name = block_name(point);
        // Last declared first: the order in which a panic drops them.
        let fields = emitter.passed(point).into_iter().rev().map(|(variable, mode)| {
            let field = &emitter.graph.variables[variable].name;
            let (parameter, ty) = emitter.ty(variable, mode, false);
            types.extend(parameter);
            quote!(#field: #ty)
        });
        quote!(#name { #(#fields),* },)
    });
    let variants: TokenStream = variants.collect();
    let types = types.into_iter().map(|name| format_ident!("{}", name));
    (!emitter.behind.is_empty() || emitter.resumes_behind)
        .then(|| quote!(enum __Next<#(#types),*> { Resume, #variants }))
}

/// What suspended states are: their types, and how each is dropped.
struct States {
    types: TokenStream,
    drop: TokenStream,
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
fn all_types(emitter: &Emitter<'_>, resumes: &[BlockId]) -> BTreeSet<String> {
    let mut types = start(emitter).parameters;
    for &resume in resumes {
        types.insert(format!("C{resume}"));
        types.extend(kept(emitter, resume).parameters);
    }
    types.extend((ROOT + 1..emitter.regions.list.len()).flat_map(|region| emitter.region_fields(region).0));
    types
}

fn states(emitter: &Emitter<'_>, resumes: &[BlockId], start: &Start) -> States {
    let count = emitter.regions.list.len();
    let mut parts: Vec<Part> = (0..count).map(|_| Part::default()).collect();
    parts[ROOT] = Part {
        parameters: start.parameters.clone(),
        variants: start.variant.clone(),
        numbers: quote!(Self::Start { .. } => 0,),
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
        let at = is_numbered(emitter).then(|| {
            quote! {
                impl<#(#declared),*> #states<#(#used),*> {
                    #[inline(always)]
                    fn at(&self) -> u16 {
                        match self { #numbers Self::Done => u16::MAX }
                    }
                }
            }
        });
        types.extend(quote!(enum #states<#(#declared),*> { #variants Done } #at));
        types.extend(locate::answer(emitter, region, parameters, resumes));
        if region == ROOT {
            return States { types, drop: part.arms(region) };
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
struct Kept {
    /// The fields as they are declared: last declared first, as they are dropped.
    fields: Vec<TokenStream>,
    parameters: BTreeSet<String>,
    names: Vec<Ident>,
    /// Moves them out of the state.
    taken: Vec<TokenStream>,
    /// The guards of slots among that, if they come first and there certainly are values in those slots.
    guards: Option<TokenStream>,
}

fn kept(emitter: &Emitter<'_>, resume: BlockId) -> Kept {
    let output = emitter.output_of(resume);
    let mut kept = Kept { fields: vec![], parameters: BTreeSet::new(), names: vec![], taken: vec![], guards: None };
    let mut guards = Some(TokenStream::new());
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
            let first = kept.names.is_empty() && mode != Mode::Optional;
            guards = guards.filter(|_| first);
            if let Some(guards) = &mut guards {
                guards.extend(quote!(let #guard = #slot.guard();));
            }
        }
        kept.taken.push(match (entry.anchored, mode) {
            (false, _) => take(emitter, (resume, 0), variable),
            (true, Mode::Optional) => quote! {
                let #guard = if *#name { __Some(#slot.guard()) } else { __None };
            },
            (true, _) => quote!(let #guard = #slot.guard();),
        });
    }
    Kept { guards, ..kept }
}

/// Takes a variable out of a state before an arm.
fn take(emitter: &Emitter<'_>, point: Point, variable: VariableId) -> TokenStream {
    let name = emitter.name(variable);
    let mutable = emitter.declared_outside(point).contains(&variable).then(|| quote_spanned!(name.span()=> mut));
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
    let number = Literal::usize_unsuffixed(number);
    part.parameters.insert(parameter);
    part.parameters.extend(parameters);
    part.variants.extend(quote!(#state { __child: #child, #(#fields,)* },));
    part.numbers.extend(quote!(Self::#state { .. } => #number,));
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

/// Where a suspended state is resumed, also for the first time: its child, and when that has ended, the code behind it.
fn resumed(emitter: &Emitter<'_>, resume: BlockId, code: &TokenStream) -> TokenStream {
    let output = emitter.output_of(resume);
    let region = emitter.regions.of_state(resume);
    let (states, place) = (state_enum(region), place(region));
    let state = state_name(emitter.graph, resume);
    let Kept { fields, names, taken, .. } = kept(emitter, resume);
    // Under the names by which an arm knows what it is handed.
    let mut answer = format_ident!("__output");
    let mut handed = TokenStream::new();
    for (variable, mode) in emitter.passed((resume, 0)) {
        let entry = &emitter.graph.variables[variable];
        let name = &entry.name;
        if Some(variable) == output {
            if mode == Mode::Live || entry.anchored {
                answer = name.clone();
            } else {
                let held = emitter.held(variable, quote!(#answer));
                handed.extend(quote!(let #name = #held;));
            }
        } else if entry.anchored {
            let guard = guard(name);
            handed.extend(quote!(let #name = #guard;));
        }
    }
    let done = done(region);
    let conclude = quote! {
        __Coroutine::conclude(&raw mut *__child, &raw mut #place, #done, __EXPANSION);
    };
    // Where there is nothing but the child, no code for the drop of the whole state.
    let answers = if fields.is_empty() && !emitter.has_slots() {
        quote! {
            __answer => {
                #conclude
                let __Done(#answer) = __answer else { return __Cancelled };
                #handed
                #code
            }
        }
    } else {
        // What the state holds is dropped, in one place for all states. Slots have to be told.
        quote! {
            __Cancelled => break '__ended,
            __Done(#answer) => {
                #(#taken)*
                #conclude
                #handed
                #code
            }
        }
    };
    let reached = emitter.reached(region);
    quote! {
        #reached
        match &mut #place {
            #states::#state { __child, #(#names),* } => match
                __Coroutine::resume_child(__child, __cx, __EXPANSION)
            {
                __Pending => return __Pending,
                #answers
            },
            _ => __impossible(),
        }
    }
}

struct Start {
    parameters: BTreeSet<String>,
    variant: TokenStream,
    value: TokenStream,
    names: Vec<Ident>,
    /// Moves the parameters that are still needed out of the state.
    taken: TokenStream,
    /// What the first arm is handed, and how it is made if it is no parameter as it is.
    handed: Vec<(Ident, Option<TokenStream>)>,
    drop: TokenStream,
    lets: TokenStream,
}

/// The state before the first resume: the parameters. It drops them in their order, as rustc's does.
fn start(emitter: &Emitter<'_>) -> Start {
    let graph = emitter.graph;
    let passed = emitter.passed(FIRST);
    let (mut lets, mut parameters, mut handed) = (TokenStream::new(), BTreeSet::new(), BTreeMap::new());
    let (mut fields, mut names, mut taken) = (vec![], vec![], vec![]);
    for &variable in &graph.parameters {
        let entry = &graph.variables[variable];
        let name = &entry.name;
        let slot = slot(name);
        let is_self = name == "__self" && !graph.variables.of_block;
        let from = if is_self { quote!(self) } else { quote!(#name) };
        if emitter.is_in_frame(variable) {
            lets.extend(quote!(let #slot = __Slot::filled(#from);));
            let guard = guard(name);
            taken.push(quote!(let #guard = #slot.guard();));
        } else {
            if is_self {
                lets.extend(quote!(let #name = self;));
            }
            let ty = if let Some(number) = &entry.number {
                quote!(#number)
            } else {
                let parameter = format!("V{variable}");
                let ty = emitter.types.ty(&parameter);
                parameters.insert(parameter);
                ty
            };
            fields.push(quote!(#name: #ty));
            names.push(name.clone());
            taken.push(take(emitter, FIRST, variable));
        }
        if let Some(&(_, mode)) = passed.iter().find(|&&(other, _)| other == variable) {
            handed.insert(
                variable,
                match (entry.anchored, mode) {
                    (true, _) if emitter.is_in_frame(variable) => Some(quote!(#slot.guard())),
                    (true, _) => Some(quote!(#slot.put(#name))),
                    (false, Mode::Live) => None,
                    (false, _) => Some(emitter.held(variable, quote!(#name))),
                },
            );
        }
    }
    for &variable in emitter.regions.list[ROOT].variables.iter().filter(|variable| !graph.parameters.contains(variable))
    {
        let slot = slot(emitter.name(variable));
        lets.extend(quote!(let #slot = __Slot::empty();));
    }
    let dropped = taken.iter().rev();
    // In the order of their declaration, as an arm has them: not always that of the parameters.
    let used = passed.iter().map(|&(variable, _)| variable);
    let used = used.filter(|&variable| graph.parameters.contains(&variable) && !emitter.is_in_frame(variable));
    let used = used.map(|variable| take(emitter, FIRST, variable));
    // As the arm wants them.
    let handed = passed.iter().filter_map(|&(variable, _)| {
        handed.remove(&variable).map(|value| (graph.variables[variable].name.clone(), value))
    });
    let handed = handed.collect();
    Start {
        parameters,
        variant: quote!(Start { #(#fields),* },),
        value: quote!(#(#names),*),
        taken: quote! {
            #(#used)*
            __overwrite(&mut __state, __State::Done);
        },
        handed,
        drop: quote! {
            __State::Start { #(#names),* } => {
                #(#dropped)*
                __overwrite(&mut __state, __State::Done);
            }
        },
        lets,
        names,
    }
}
