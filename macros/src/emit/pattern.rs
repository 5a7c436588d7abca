//! Patterns, as they stand in the machine: what a variable in a slot is given comes in under another name and is put there.

use proc_macro2::TokenStream;
use quote::quote;

use super::edge::Emitter;
use super::rewrite::{guard, incoming, slot};
use crate::graph::VariableId;
use crate::liveness::{State, Status};
use crate::walk::renamed;

impl Emitter<'_> {
    /// rustc drops the operands that are waiting before the temporaries of the statement, whichever was made first: after a
    /// temporary that is held, they are bound anew.
    pub(super) fn operands_after(&self, binds: &[VariableId], state: &State) -> TokenStream {
        let is_held = |variable: &&VariableId| matches!(self.graph.variables[**variable].role, "held" | "left");
        let Some(&held) = binds.iter().find(is_held) else { return TokenStream::new() };
        let scope = self.graph.variables[held].scope;
        let mut waiting: Vec<VariableId> = state
            .iter()
            .filter(|&(&variable, &status)| {
                let entry = &self.graph.variables[variable];
                status == Status::Initialised
                    && entry.scope == scope
                    && !entry.anchored
                    && entry.order >= crate::graph::OPERAND
            })
            .map(|(&variable, _)| variable)
            .collect();
        waiting.sort_by_key(|&variable| self.graph.variables[variable].order);
        waiting
            .into_iter()
            .map(|variable| {
                let name = self.name(variable);
                quote!(let mut #name = #name;)
            })
            .collect()
    }

    /// A pattern with the names under which values come in, and the code that puts them into their slots.
    pub(super) fn pattern(
        &mut self,
        pattern: &syn::Pat,
        binds: &[VariableId],
        state: &State,
    ) -> (syn::Pat, TokenStream) {
        let variables = &self.graph.variables;
        let renamed = renamed(pattern, variables, |variable| {
            variables[variable].anchored.then(|| incoming(&variables[variable].name))
        });
        let mut puts = self.enter(state, binds.iter().copied());
        // What stands for a `_` is dropped after what has a name, as the rest of the value would be; and with a variable
        // in a slot among them, the others are bound anew beside its guard, to be dropped in the pattern's order.
        let is_hidden = |variable: &VariableId| self.graph.variables[*variable].role == crate::apart::HIDDEN;
        let anew = binds.iter().any(|variable| is_hidden(variable) || self.graph.variables[*variable].anchored);
        // The last declared is dropped first: so the hidden parts, field by field.
        let mut hidden: Vec<_> = binds.iter().filter(|variable| is_hidden(variable)).collect();
        hidden.sort();
        let several = hidden.len() > 1;
        let shown = binds.iter().filter(|variable| !is_hidden(variable));
        for (&variable, again) in hidden.into_iter().map(|part| (part, several)).chain(shown.map(|name| (name, anew))) {
            let name = self.name(variable);
            if self.graph.variables[variable].anchored {
                let (slot, guard, incoming) = (slot(name), guard(name), incoming(name));
                puts.extend(quote!(let mut #guard = #slot.put(#incoming);));
            } else if again {
                puts.extend(quote!(let mut #name = #name;));
            }
        }
        (renamed, puts)
    }

    /// A pattern with the names under which values come in, and the code that gives them to variables that are declared.
    pub(super) fn pattern_into(
        &mut self,
        pattern: &syn::Pat,
        binds: &[VariableId],
        state: &State,
    ) -> (syn::Pat, TokenStream) {
        let variables = &self.graph.variables;
        let renamed = renamed(pattern, variables, |variable| Some(incoming(&variables[variable].name)));
        let mut puts = self.enter(state, binds.iter().copied());
        for &variable in binds {
            let name = self.name(variable);
            let incoming = incoming(name);
            if self.graph.variables[variable].anchored {
                let (slot, guard) = (slot(name), guard(name));
                puts.extend(quote!(#guard = #slot.put(#incoming);));
            } else {
                puts.extend(quote!(#name = #incoming;));
            }
        }
        (renamed, puts)
    }
}
