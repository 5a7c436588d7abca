//! The user's expressions, as they stand in the machine: variables in slots become places, `return` and `?` leave
//! the machine instead of the closure.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::format_ident;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote, parse_quote_spanned};

use crate::graph::{VariableId, Variables};
use crate::liveness::{State, Status, moves};
use crate::walk::{self, Context, Site, Use};

/// The reference to a variable's slot.
pub fn slot(name: &Ident) -> Ident {
    format_ident!("__slot_{}", name, span = name.span())
}

/// The guard that stands for a variable in a slot among the local variables.
pub fn guard(name: &Ident) -> Ident {
    format_ident!("__guard_{}", name, span = name.span())
}

/// The name under which a pattern binds what is then put into a slot.
pub fn incoming(name: &Ident) -> Ident {
    format_ident!("__in_{}", name, span = name.span())
}

/// Rewrites one expression. `live_after` decides which mentions move; `incoming` are variables that a pattern has just
/// bound and that are not in their slots yet.
pub fn expression(
    expr: &Expr,
    context: Context,
    variables: &Variables,
    state: &State,
    live_after: &HashSet<VariableId>,
    bound: &[VariableId],
) -> Expr {
    let moved = moves(expr, context, variables, live_after);
    let mut expr = expr.clone();
    let mut rewriter = Rewriter { variables, moved, next: 0, bound, state };
    walk::walk(&mut expr, variables, context, &mut rewriter);
    Initialise { variables, state }.visit_expr_mut(&mut expr);
    expr
}

struct Rewriter<'a> {
    variables: &'a Variables,
    moved: Vec<usize>,
    next: usize,
    bound: &'a [VariableId],
    state: &'a State,
}

impl walk::Visitor for Rewriter<'_> {
    fn mention(&mut self, expr: &mut Expr, site: Site) {
        let number = self.next;
        self.next += 1;
        let variable = &self.variables[site.variable];
        if !variable.anchored {
            return;
        }
        let span = expr.span();
        if self.bound.contains(&site.variable) {
            let name = incoming(&variable.name);
            *expr = parse_quote!(#name);
            return;
        }
        let slot = slot(&variable.name);
        let initialised = self.state.get(&site.variable) == Some(&Status::Initialised);
        if site.kind == Use::Assign && !initialised {
            // Left for `Initialise`, which sees the whole assignment.
            return;
        }
        if site.kind == Use::Value && self.moved.contains(&number) {
            let guard = guard(&variable.name);
            *expr = parse_quote_spanned!(span=> #slot.take(#guard));
        } else {
            *expr = parse_quote_spanned!(span=> (*#slot.at()));
        }
    }

    fn hidden(&mut self, _: &syn::Macro, _: Site) {
        self.next += 1;
    }

    fn exit(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Return(inner) => {
                let value = inner.expr.take();
                let span = inner.return_token.span();
                *expr = match value {
                    Some(value) => parse_quote_spanned!(span=> return ::segno::Resume::Done(#value)),
                    None => parse_quote_spanned!(span=> return ::segno::Resume::Done(())),
                };
            }
            Expr::Try(inner) => {
                let value = &inner.expr;
                *expr = parse_quote_spanned! {inner.question_token.span()=>
                    match ::segno::machine::branch(#value) {
                        ::core::ops::ControlFlow::Continue(__value) => __value,
                        ::core::ops::ControlFlow::Break(__residual) => return ::segno::machine::residual(__residual),
                    }
                };
            }
            _ => {}
        }
    }
}

/// The first assignment to a variable in a slot puts its value there.
struct Initialise<'a> {
    variables: &'a Variables,
    state: &'a State,
}

impl VisitMut for Initialise<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Assign(assign) = expr
            && let Some(variable) = self.variables.of_path(&assign.left)
            && self.variables[variable].anchored
            && self.state.get(&variable) != Some(&Status::Initialised)
        {
            let name = &self.variables[variable].name;
            let (slot, guard, value) = (slot(name), guard(name), &assign.right);
            *expr = parse_quote!(#guard = #slot.put(#value));
        }
    }
}
