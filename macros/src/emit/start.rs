//! The state before the first resume, and what it leads to.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::arm::onwards;
use super::edge::{Emitter, Mode, Point};
use super::region::ROOT;
use super::rewrite::{guard, slot};
use super::suspended::take;

/// The arm that the start leads to.
const FIRST: Point = (0, 0);

pub struct Start {
    pub parameters: BTreeSet<String>,
    pub variant: TokenStream,
    pub names: Vec<Ident>,
    /// Moves the parameters that are still needed out of the state.
    pub taken: TokenStream,
    /// What the first arm is handed, and how it is made if it is no parameter as it is.
    pub handed: Vec<(Ident, Option<TokenStream>)>,
    /// How it is dropped, if there are slots.
    pub drop: TokenStream,
    pub lets: TokenStream,
}

/// The state before the first resume: the parameters. It drops them in their order, as rustc's does.
pub fn start(emitter: &Emitter<'_>) -> Start {
    let graph = emitter.graph;
    let passed = emitter.passed(FIRST);
    let declared = emitter.declared_outside(FIRST);
    let has_slots = emitter.has_slots();
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
            if has_slots {
                taken.push(take(emitter, &declared, variable));
            }
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
    let drop = has_slots.then(|| {
        quote! {
            __State::Start { #(#names),* } => {
                #(#dropped)*
                __overwrite(&raw mut __state, __State::Done);
            }
        }
    });
    // In the order of their declaration, as an arm has them: not always that of the parameters.
    let used = passed.iter().map(|&(variable, _)| variable);
    let used = used.filter(|&variable| graph.parameters.contains(&variable) && !emitter.is_in_frame(variable));
    let used = used.map(|variable| take(emitter, &declared, variable));
    // As the arm wants them.
    let handed = passed.iter().filter_map(|&(variable, _)| {
        handed.remove(&variable).map(|value| (graph.variables[variable].name.clone(), value))
    });
    let handed = handed.collect();
    Start {
        parameters,
        variant: quote!(Start { #(#fields),* },),
        taken: quote! {
            #(#used)*
            __overwrite(&raw mut __state, __State::Done);
        },
        handed,
        drop: drop.unwrap_or_default(),
        lets,
        names,
    }
}

/// What the start leads to: the first arm's code, where no edge leads back to it.
pub fn begin(emitter: &mut Emitter<'_>, start: &Start) -> TokenStream {
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
