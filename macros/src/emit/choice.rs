//! `match`, as it stands in an arm of the machine.
//!
//! # The problem
//! Out of a variable in a slot no pattern can move: a slot is a raw place. And what does not match must stay in the slot,
//! where there may be references to it. What a pattern borrows for a state of the machine is borrowed for good, also where
//! the arm's guard fails, for rustc binds before it asks the guard: the arms behind could not use what is matched. Of a field in a slot
//! only types tell whether a pattern moves anything out of it.
//!
//! # The design
//! In two steps: the first finds the arm and binds nothing but what a guard uses; the second takes the variable out of its
//! slot, if that arm's pattern takes it, and matches it again. A guard that looks at bindings says by a jump what it has
//! decided: so its arm has no body that could move what the pattern binds, and each binding is what it would be in rustc.
//!
//! A field is read as it is, by a pattern that leaves nothing of it, and rustc is asked about what that binds: what is no copy must not
//! have a destructor, unless nothing of the whole variable has (SG0028).

use std::collections::HashSet;

use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Pat, PatOr, parse_quote};

use super::edge::{Emitter, Local};
use super::rewrite;
use crate::alternatives;
use crate::anchor;
use crate::graph::{Arm, BlockId, VariableId, Variables};
use crate::liveness::{self, Edge, Inside, across};
use crate::place::place;
use crate::walk::{self, Context, takes};

impl Emitter<'_> {
    /// The text of a `match` at the end of a block.
    pub(super) fn choice(&mut self, block: BlockId, scrutinee: &Expr, arms: &[Arm], local: &Local) -> TokenStream {
        let graph = self.graph;
        let entry = &graph.blocks[block];
        let Inside { end: after, live_end: live, .. } = self.inside(block);
        let edges = liveness::edges(&entry.terminator, &graph.variables);
        let slot = graph.variables.of_path(scrutinee).filter(|&variable| {
            let takes = |edge: &Edge| edge.takes.is_some() && !self.facts.live_in[edge.target].contains(&variable);
            graph.variables[variable].anchored && edges.iter().any(takes)
        });
        let field_of = graph.variables.root_of_field(scrutinee).filter(|&variable| {
            let entry = &graph.variables[variable];
            entry.anchored && !entry.plain && !entry.outer
        });
        let is_read = |arm: &Arm| field_of.is_some() && is_read_whole(arm);
        let in_steps = slot.is_some() || lends(scrutinee, arms, &graph.variables) || arms.iter().any(is_read);
        let place = (block, entry.ops.len());
        let looked_at = self.rewritten(scrutinee, Context::Place, self.inside(block).last(), live, place);
        let mut text = TokenStream::new();
        let mut search = Search::default();
        let mut numbers = 0..;
        for (arm, edge) in arms.iter().zip(&edges) {
            let (pattern, puts) = self.pattern(&arm.pattern, &arm.binds, after);
            let guard = arm.guard.as_ref().map(|guard| {
                let guard = rewrite::guard_expression(guard, &graph.variables, after, live, &arm.binds, place);
                quote!(if #guard)
            });
            let taken = edge.take(after, &self.facts.live_in);
            let state = across(&taken, &graph.blocks[arm.block], &arm.binds, graph);
            let body = self.go(arm.block, &state, local);
            if !in_steps {
                text.extend(quote!(#pattern #guard => { #puts #body }));
                continue;
            }
            let value = match slot {
                Some(variable) if taken.get(&variable) != after.get(&variable) => {
                    let (slot, guard) = (rewrite::slot(self.name(variable)), rewrite::guard(self.name(variable)));
                    parse_quote!(#slot.take(#guard))
                }
                _ => looked_at.clone(),
            };
            // A guard is asked for each alternative, and only that one binds for which it holds.
            let alternatives =
                if guard.is_some() { alternatives::of(&pattern, overlap) } else { vec![pattern.clone()] };
            let numbers: Vec<usize> = numbers.by_ref().take(alternatives.len()).collect();
            for (number, alternative) in numbers.iter().zip(&alternatives) {
                search.arm(&looked_at, *number, alternative, guard.as_ref(), &graph.variables);
            }
            let taking = |pattern: &Pat| match field_of.filter(|_| is_read(arm)) {
                Some(variable) => self.read_field(variable, &value, pattern, scrutinee.span()),
                None => quote!(let (#pattern) = (#value) else { __never() };),
            };
            text.extend(match (&*numbers, &*alternatives) {
                (&[number], [pattern]) => {
                    let take = taking(pattern);
                    quote!(#number => { #take #puts #body })
                }
                _ => {
                    let names = bound_names(&pattern, &graph.variables);
                    let each = numbers.iter().zip(&alternatives).map(|(number, alternative)| {
                        let take = taking(alternative);
                        quote!(#number => { #take (#(#names,)*) })
                    });
                    quote! {
                        __which @ (#(#numbers)|*) => {
                            let (#(mut #names,)*) = match __which { #(#each)* _ => __never() };
                            #puts #body
                        }
                    }
                }
            });
        }
        // A case that is missing is told of by the twin, and need not be told of again.
        let last = arms.last().is_none_or(|arm| arm.guard.is_some() || !matches!(arm.pattern, Pat::Wild(_)));
        let otherwise = last.then(|| quote!(_ => __never(),));
        if in_steps {
            let search = search.finish(&looked_at, otherwise);
            quote!(match (#search) { #text _ => __never(), })
        } else {
            quote!(match #looked_at { #text #otherwise })
        }
    }
}

impl Emitter<'_> {
    /// Binds what a pattern takes out of a field of a variable in a slot, all of it.
    fn read_field(&self, variable: VariableId, field: &Expr, pattern: &Pat, span: Span) -> TokenStream {
        let (slot, at) = (rewrite::slot(self.name(variable)), place(span));
        let asked = bound_names(pattern, &self.graph.variables).into_iter().map(
            |name| quote_spanned!(span=> (&__probe(&#name)).holding().moved_out::<_, _, #at>(&#name, #slot.at());),
        );
        quote_spanned! {span=>
            (&__probe_place(&raw const #field)).taken::<#at>();
            let (#pattern) = ((&raw const #field).read()) else { __never() };
            #(#asked)*
        }
    }
}

/// Whether a pattern takes something of what it matches, and leaves nothing of it.
fn is_read_whole(arm: &Arm) -> bool {
    walk::takes(&arm.pattern)
        && !walk::leaves(&arm.pattern)
        && arm.guard.is_none()
        && !anchor::refs(&arm.pattern)
        && !binds_twice(&arm.pattern)
}

/// Whether a pattern binds a value, and something in it: `whole @ Some(part)`.
fn binds_twice(pattern: &Pat) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            self.0 |= ident.subpat.is_some();
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut find = Find(false);
    find.visit_pat(pattern);
    find.0
}

/// Whether an arm may borrow from a variable what the arms behind it use, should its guard fail.
fn lends(scrutinee: &Expr, arms: &[Arm], variables: &Variables) -> bool {
    let lends = |arm: &Arm| arm.guard.as_ref().is_some_and(|guard| !binds_itself(guard)) && !arm.binds.is_empty();
    let others = arms.split_last().map_or(arms, |(_, others)| others);
    variables.of_path(scrutinee).is_some() && others.iter().any(lends)
}

/// Whether a guard binds something, which its arm's body may use.
fn binds_itself(guard: &Expr) -> bool {
    match guard {
        Expr::Let(_) => true,
        Expr::Binary(binary) => binds_itself(&binary.left) || binds_itself(&binary.right),
        _ => false,
    }
}

/// The first step: a `match` that finds the number of an arm. Behind a guard that decides by a jump, another one begins.
#[derive(Default)]
struct Search {
    before: TokenStream,
    arms: TokenStream,
}

impl Search {
    fn arm(
        &mut self,
        looked_at: &Expr,
        number: usize,
        pattern: &Pat,
        guard: Option<&TokenStream>,
        variables: &Variables,
    ) {
        let looks = looking(pattern, guard, variables);
        if !moves(&looks, variables) {
            self.arms.extend(quote!(#looks #guard => #number,));
            return;
        }
        let before = std::mem::take(&mut self.arms);
        self.before.extend(quote! {
            '__on: {
                break '__chosen match #looked_at {
                    #before
                    #looks if { #guard { break '__chosen #number; } break '__on; } => __never(),
                    _ => break '__on,
                };
            }
        });
    }

    fn finish(self, looked_at: &Expr, otherwise: Option<TokenStream>) -> TokenStream {
        let Search { before, arms } = self;
        let last = quote!(match #looked_at { #arms #otherwise });
        if before.is_empty() { last } else { quote!('__chosen: { #before #last }) }
    }
}

/// Whether a pattern binds a value, unless what it is matched against is a reference.
fn moves(pattern: &Pat, variables: &Variables) -> bool {
    !bound_of(pattern, variables, |ident| ident.by_ref.is_none()).is_empty()
}

/// The names that a pattern binds.
fn bound_names(pattern: &Pat, variables: &Variables) -> Vec<Ident> {
    bound_of(pattern, variables, |_| true)
}

fn bound_of(pattern: &Pat, variables: &Variables, is_meant: fn(&syn::PatIdent) -> bool) -> Vec<Ident> {
    struct Find<'a>(&'a Variables, fn(&syn::PatIdent) -> bool, Vec<Ident>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            if is_binding(&ident.ident, self.0) && self.1(ident) && !self.2.contains(&ident.ident) {
                self.2.push(ident.ident.clone());
            }
            visit::visit_pat_ident(self, ident);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut find = Find(variables, is_meant, Vec::new());
    find.visit_pat(pattern);
    find.2
}

/// Whether a name in a pattern is that of a variable, or one under which a value comes in.
fn is_binding(name: &Ident, variables: &Variables) -> bool {
    name.to_string().starts_with("__") || variables.find(name).is_some()
}

/// Whether more than one of several alternatives may match, as far as their form tells; or they bind something.
fn overlap(or: &PatOr) -> bool {
    !or.cases.iter().all(is_distinct)
}

/// Whether a pattern matches one value, as far as its form tells, and so none that another of that kind does.
fn is_distinct(pattern: &Pat) -> bool {
    match pattern {
        Pat::Lit(_) | Pat::Path(_) => true,
        Pat::Ident(ident) => !takes(pattern) && ident.by_ref.is_none(),
        Pat::Paren(inner) => is_distinct(&inner.pat),
        _ => false,
    }
}

/// A pattern that only looks: of what it binds, it binds what its guard uses.
fn looking(pattern: &Pat, guard: Option<&TokenStream>, variables: &Variables) -> Pat {
    struct Strip<'a>(&'a Variables, HashSet<String>);
    impl VisitMut for Strip<'_> {
        fn visit_pat_mut(&mut self, pattern: &mut Pat) {
            if let Pat::Ident(ident) = pattern {
                let name = ident.ident.to_string();
                if is_binding(&ident.ident, self.0) && !self.1.contains(&name) {
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
