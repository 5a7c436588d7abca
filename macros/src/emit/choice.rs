//! `match`, as it stands in an arm of the machine.
//!
//! # The problem
//! Out of a variable in a slot no pattern can move: a slot is a raw place. And what does not match must stay in the slot,
//! where there may be references to it.
//!
//! # The design
//! In two steps: the first finds the arm and binds nothing; the second takes the variable out of its slot, if that arm's
//! pattern takes it, and matches it again.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Pat, parse_quote};

use super::edge::{Emitter, Local};
use super::rewrite;
use crate::graph::{Arm, BlockId, Variables};
use crate::liveness::{self, Edge, across};
use crate::walk::Context;

impl Emitter<'_> {
    /// The text of a `match` at the end of a block.
    pub(super) fn choice(&mut self, block: BlockId, scrutinee: &Expr, arms: &[Arm], local: &Local) -> TokenStream {
        let graph = self.graph;
        let entry = &graph.blocks[block];
        let after = self.ends[block].clone();
        let edges = liveness::edges(&entry.terminator, &graph.variables);
        let slot = graph.variables.of_path(scrutinee).filter(|&variable| {
            let takes = |edge: &Edge| edge.takes.is_some() && !self.facts.live_in[edge.target].contains(&variable);
            graph.variables[variable].anchored && edges.iter().any(takes)
        });
        let place = (block, entry.ops.len());
        let before = self.states[block].last().cloned().unwrap_or_default();
        let live = self.live_end[block].clone();
        let looked_at = self.rewritten(scrutinee, Context::Place, &before, &live, place);
        let mut text = TokenStream::new();
        let mut search = TokenStream::new();
        for (number, (arm, edge)) in arms.iter().zip(&edges).enumerate() {
            let (pattern, puts) = self.pattern(&arm.pattern, &arm.binds, &after);
            let guard = arm.guard.as_ref().map(|guard| {
                let guard = rewrite::guard_expression(guard, &graph.variables, &after, &live, &arm.binds, place);
                quote!(if #guard)
            });
            let taken = edge.take(&after, &self.facts.live_in);
            let state = across(&taken, &graph.blocks[arm.block], &arm.binds, graph);
            let body = self.go(arm.block, &state, local);
            match slot {
                Some(variable) => {
                    let looks = looking(&pattern, guard.as_ref(), &graph.variables);
                    search.extend(quote!(#looks #guard => #number,));
                    let value = if taken.get(&variable) == after.get(&variable) {
                        looked_at.clone()
                    } else {
                        let (slot, guard) = (rewrite::slot(self.name(variable)), rewrite::guard(self.name(variable)));
                        parse_quote!(#slot.take(#guard))
                    };
                    text.extend(quote! {
                        #number => {
                            let (#pattern) = (#value) else { __never() };
                            #puts #body
                        }
                    });
                }
                None => text.extend(quote!(#pattern #guard => { #puts #body })),
            }
        }
        // A case that is missing is told of by the twin, and need not be told of again.
        let last = arms.last().is_none_or(|arm| arm.guard.is_some() || !matches!(arm.pattern, Pat::Wild(_)));
        let otherwise = last.then(|| quote!(_ => __never(),));
        match slot {
            Some(_) => quote! {
                match (match #looked_at { #search #otherwise }) { #text _ => __never(), }
            },
            None => quote!(match #looked_at { #text #otherwise }),
        }
    }
}

/// A pattern that only looks: of what it binds, it binds what its guard uses.
fn looking(pattern: &Pat, guard: Option<&TokenStream>, variables: &Variables) -> Pat {
    struct Strip<'a>(&'a Variables, HashSet<String>);
    impl VisitMut for Strip<'_> {
        fn visit_pat_mut(&mut self, pattern: &mut Pat) {
            if let Pat::Ident(ident) = pattern {
                let name = ident.ident.to_string();
                let binds = name.starts_with("__") || self.0.find(&ident.ident).is_some();
                if binds && !self.1.contains(&name) {
                    *pattern = ident.subpat.take().map_or_else(|| parse_quote!(_), |(_, inner)| *inner);
                }
            }
            visit_mut::visit_pat_mut(self, pattern);
        }
        fn visit_expr_mut(&mut self, _: &mut Expr) {}
    }
    let mut used = HashSet::new();
    guard.into_iter().for_each(|guard| words(guard.clone(), &mut used));
    let mut pattern = pattern.clone();
    Strip(variables, used).visit_pat_mut(&mut pattern);
    pattern
}

fn words(tokens: TokenStream, found: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                found.insert(name.to_string());
            }
            TokenTree::Group(group) => words(group.stream(), found),
            _ => {}
        }
    }
}
