//! Patterns that leave something of a field of a variable in a slot.
//!
//! # The problem
//! `let Pair { a, b: _ } = value.pair;` moves `a`, and `b` stays where it is, to be dropped with the rest of `value`. Out of a slot a
//! field is taken whole, and what the pattern leaves of it would be dropped with the statement.
//!
//! # The design
//! What is left must not need to be dropped, which makes no difference then: rustc checks it (`machine::probe`). It is asked about
//! each part that a pattern leaves, or about the whole field if the pattern does not say what that is: behind `..`, in an enum.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Pat, Token, parse_quote_spanned};

use crate::graph::{Graph, Op, Terminator, Variables};
use crate::place::here;
use crate::tree;
use crate::walk::{self, Context};

/// Puts the question around each such field.
pub fn ask(graph: &mut Graph) {
    let Graph { blocks, variables, .. } = graph;
    let mut ask = Ask(variables);
    for block in blocks {
        for op in &mut block.ops {
            match op {
                Op::Let { pattern, init, otherwise, .. } => {
                    ask.visit_expr_mut(init);
                    ask.of([&*pattern], otherwise.is_some(), init);
                    otherwise.iter_mut().for_each(|otherwise| ask.visit_expr_mut(otherwise));
                }
                Op::Bind { pattern, init, .. } => {
                    ask.visit_expr_mut(init);
                    ask.of([&*pattern], false, init);
                }
                Op::Effect(expr) | Op::Tail(_, expr) | Op::Assign(_, expr) => ask.visit_expr_mut(expr),
                Op::Declare(_) | Op::Rebind(_) | Op::Enter(_) | Op::Exit(_) => {}
            }
        }
        match &mut block.terminator {
            // What is matched around a suspension is matched where it is.
            Terminator::Match { scrutinee, arms } => {
                ask.visit_expr_mut(scrutinee);
                arms.iter_mut().filter_map(|arm| arm.guard.as_mut()).for_each(|guard| ask.visit_expr_mut(guard));
            }
            Terminator::If { condition: expr, .. }
            | Terminator::Suspend { child: expr, .. }
            | Terminator::Return(expr) => ask.visit_expr_mut(expr),
            Terminator::Goto(_) | Terminator::Diverge => {}
        }
    }
}

struct Ask<'a>(&'a Variables);

impl Ask<'_> {
    /// `or_not`: they need not match.
    fn of<'p>(&self, patterns: impl IntoIterator<Item = &'p Pat>, or_not: bool, value: &mut Expr) {
        if !self.is_of_slot(value) {
            return;
        }
        // Behind `Some(name)` there is nothing to be left.
        let mut all = false;
        let first = patterns.into_iter().take_while(|pattern| {
            let before = all;
            all |= walk::takes_all(pattern);
            !before
        });
        let patterns: Vec<&Pat> = first.collect();
        let context = match patterns[..] {
            [pattern] if or_not => walk::matched_or_not(pattern),
            _ => walk::matched(patterns.iter().copied()),
        };
        if context == Context::Parts {
            let (span, place) = here(value.span());
            let all_or_not = or_not && !patterns.iter().all(|pattern| walk::is_certain(pattern));
            // Where nothing matches, the whole is left.
            let mut left = if all_or_not { None } else { Some(Vec::new()) };
            patterns.iter().for_each(|pattern| find(pattern, &TokenStream::new(), &mut left));
            let whole = std::mem::replace(value, tree::unit());
            *value = match left {
                None => parse_quote_spanned!(span=> __taken_whole::<_, #place>(#whole)),
                Some(parts) => parts.iter().fold(whole, |whole, part| {
                    parse_quote_spanned!(span=> __taken_but::<_, _, #place>(#whole, |__field| &raw const (*__field) #part))
                }),
            };
        }
    }

    /// Whether an expression is a field of a variable in a slot, not of what that refers to.
    fn is_of_slot(&self, value: &Expr) -> bool {
        self.0.root_of_field(value).is_some_and(|variable| self.0[variable].anchored && !self.0[variable].plain)
    }
}

/// Adds the parts that a pattern leaves: what is behind the field in `field.part.part`. `None`: they cannot be told.
fn find(pattern: &Pat, part: &TokenStream, left: &mut Option<Vec<TokenStream>>) {
    match pattern {
        Pat::Paren(inner) => find(&inner.pat, part, left),
        Pat::Type(inner) => find(&inner.pat, part, left),
        Pat::Tuple(tuple) => elements(&tuple.elems, part, left),
        Pat::TupleStruct(tuple) if walk::is_structure(&tuple.path) => elements(&tuple.elems, part, left),
        Pat::Struct(structure) if walk::is_structure(&structure.path) && structure.rest.is_none() => {
            for field in &structure.fields {
                let member = &field.member;
                find(&field.pat, &quote!(#part.#member), left);
            }
        }
        Pat::Guard(inner) => find(&inner.pat, part, left),
        Pat::Or(or) => or.cases.iter().for_each(|pattern| find(pattern, part, left)),
        Pat::Lit(_) | Pat::Range(_) => {}
        Pat::Ident(ident) if ident.by_ref.is_none() && walk::takes(pattern) => {}
        Pat::Wild(_) | Pat::Ident(_) | Pat::Path(_) if !part.is_empty() => {
            left.iter_mut().for_each(|left| left.push(part.clone()));
        }
        _ => *left = None,
    }
}

fn elements(patterns: &Punctuated<Pat, Token![,]>, part: &TokenStream, left: &mut Option<Vec<TokenStream>>) {
    for (index, pattern) in patterns.iter().enumerate() {
        let index = syn::Index::from(index);
        match pattern {
            Pat::Rest(_) => *left = None,
            pattern => find(pattern, &quote!(#part.#index), left),
        }
    }
}

impl VisitMut for Ask<'_> {
    fn visit_expr_match_mut(&mut self, choice: &mut syn::ExprMatch) {
        visit_mut::visit_expr_match_mut(self, choice);
        self.of(choice.arms.iter().map(|arm| &arm.pat), false, &mut choice.expr);
    }
    fn visit_expr_let_mut(&mut self, condition: &mut syn::ExprLet) {
        visit_mut::visit_expr_let_mut(self, condition);
        self.of([&*condition.pat], true, &mut condition.expr);
    }
    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        if let Some(init) = &mut local.init {
            self.of([&local.pat], init.diverge.is_some(), &mut init.expr);
        }
    }
    // What a closure mentions it captures.
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
