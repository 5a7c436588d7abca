//! The user's expressions, as they stand in the machine: variables in slots become places, `return` and `?` leave
//! the machine instead of the closure.

use std::collections::{HashMap, HashSet};

use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprMatch, Pat, Token, parse_quote_spanned, token};

use super::assign::{Assign, rooms};
use super::dispatch::{ASKED, Dispatch, LEAVING, LEFT, PART_ASKED, PART_LEAVING, PART_LEFT, PART_PARTING};
use super::leaving::{Left, LeftAs};
use super::result;
use crate::graph::{VariableId, Variables};
use crate::liveness::{State, Status, asked, moves};
use crate::tree;
use crate::walk::{self, Context, Site, Use};

/// The reference to a variable's slot.
pub fn slot(name: &Ident) -> Ident {
    format_ident!("__slot_{}", name, span = name.span())
}

/// The guard that stands for a variable in a slot among the local variables.
pub fn guard(name: &Ident) -> Ident {
    format_ident!("__guard_{}", name, span = name.span())
}

/// What has left its slot: see [`leaving`](super::leaving).
pub fn whole(name: &Ident) -> Ident {
    format_ident!("__whole_{}", name, span = name.span())
}

/// Where a variable is that may have left its slot: a pointer.
pub fn left_at(name: &Ident) -> Ident {
    format_ident!("__at_{}", name, span = name.span())
}

/// What a variable that is assigned to again may still hold.
pub fn old(name: &Ident) -> Ident {
    format_ident!("__old_{}", name, span = name.span())
}

/// The name under which a pattern binds what is then put into a slot.
pub fn incoming(name: &Ident) -> Ident {
    format_ident!("__in_{}", name, span = name.span())
}

/// The answer to the question whether a receiver was moved, at one place of the graph.
pub fn tag(name: &Ident, (block, op): (usize, usize)) -> Ident {
    format_ident!("__tag_{}_{}_{}", name, block, op, span = name.span())
}

/// The answer to the same question about a field of a variable in a slot: by the number of the mention.
pub fn part_tag(name: &Ident, (block, op): (usize, usize), number: usize) -> Ident {
    format_ident!("__tag_{}_{}_{}_{}", name, block, op, number, span = name.span())
}

/// Replaces the root of a chain of fields.
pub struct Root<'a>(pub &'a TokenStream);

impl VisitMut for Root<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Field(inner) => self.visit_expr_mut(&mut inner.base),
            Expr::Unary(inner) => self.visit_expr_mut(&mut inner.expr),
            _ => *expr = Expr::Verbatim(self.0.clone()),
        }
    }
}

/// Rewrites one expression. `live_after` decides which mentions move; at those whose numbers are `leaving`, a variable leaves its slot.
pub fn expression(
    expr: &Expr,
    context: Context,
    variables: &Variables,
    state: &State,
    live_after: &HashSet<VariableId>,
    leaving: Leaving,
    place: (usize, usize),
) -> Expr {
    let sites = if has_slots(variables) { walk::uses_as(expr, context, variables) } else { Vec::new() };
    let moved = moves(&sites, variables, live_after);
    let asked = asked(&sites, variables, live_after).into_iter().map(|(number, _)| number).collect();
    rewritten(expr, context, variables, state, Mentions { moved, asked, leaving, bound: &[], asks: true }, place)
}

/// Rewrites the guard of an arm. Nothing is asked of it, for others may follow it: what it calls methods of, it borrows. `bound`
/// are variables that the arm's pattern binds, and that are not in their slots yet.
pub fn guard_expression(
    expr: &Expr,
    variables: &Variables,
    state: &State,
    live_after: &HashSet<VariableId>,
    bound: &[VariableId],
    place: (usize, usize),
) -> Expr {
    let moved = moves(&walk::uses(expr, variables), variables, live_after);
    let mentions = Mentions { moved, asked: Vec::new(), leaving: Leaving::default(), bound, asks: false };
    let mut guard = rewritten(expr, Context::Value, variables, state, mentions, place);
    Incoming(variables).visit_expr_mut(&mut guard);
    guard
}

/// What the `let`s of a guard bind, and the arm has slots for, gets the names under which it is put there.
struct Incoming<'a>(&'a Variables);

impl VisitMut for Incoming<'_> {
    fn visit_expr_let_mut(&mut self, condition: &mut syn::ExprLet) {
        let Incoming(variables) = *self;
        let name = |variable: VariableId| variables[variable].anchored.then(|| incoming(&variables[variable].name));
        *condition.pat = walk::renamed(&condition.pat, variables, name);
        visit_mut::visit_expr_let_mut(self, condition);
    }
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
}

/// The mentions at which variables leave their slots, or have left them, by their numbers: see [`leaving`](super::leaving).
#[derive(Default)]
pub struct Leaving {
    /// The last ones of their variables.
    pub last: Vec<usize>,
    pub left: HashMap<usize, Left>,
}

/// What is done with an expression's mentions of variables in slots, by their numbers.
struct Mentions<'a> {
    moved: Vec<usize>,
    asked: Vec<usize>,
    leaving: Leaving,
    bound: &'a [VariableId],
    asks: bool,
}

fn rewritten(
    expr: &Expr,
    context: Context,
    variables: &Variables,
    state: &State,
    mentions: Mentions<'_>,
    place: (usize, usize),
) -> Expr {
    let mut expr = expr.clone();
    if let Some(written) = &variables.returned {
        result::wrap_returns(&mut expr, written);
    }
    let rooms = rooms(&expr, context, variables, state);
    let left = mentions.leaving.left.clone();
    let mut rewriter = Rewriter { variables, mentions, next: 0, state, place };
    walk::walk(&mut expr, variables, context, &mut rewriter);
    crate::nested::unwrap(&mut expr);
    Dispatch { place, left }.visit_expr_mut(&mut expr);
    if has_slots(variables) {
        Assign { variables, rooms, closures: 0 }.visit_expr_mut(&mut expr);
    }
    expr
}

/// Whether any variables are in slots: of the others, mentions stay as they are.
fn has_slots(variables: &Variables) -> bool {
    variables.list.iter().any(|variable| variable.anchored)
}

struct Rewriter<'a> {
    variables: &'a Variables,
    mentions: Mentions<'a>,
    next: usize,
    state: &'a State,
    place: (usize, usize),
}

impl walk::Visitor for Rewriter<'_> {
    fn mention(&mut self, expr: &mut Expr, site: Site) {
        let number = self.next;
        self.next += 1;
        let variable = &self.variables[site.variable];
        if !variable.anchored {
            return;
        }
        let span = crate::place::of(expr);
        if self.mentions.bound.contains(&site.variable) {
            let name = incoming(&variable.name);
            *expr = tree::name(name);
            return;
        }
        let mut slot = slot(&variable.name);
        // What rustc says about it, it says about this mention.
        slot.set_span(slot.span().located_at(span));
        let initialised = variable.outer || self.state.get(&site.variable) == Some(&Status::Initialised);
        if site.kind == Use::Assign && !variable.outer {
            // Left for `Assign`, which sees the whole assignment.
            return;
        }
        // Nothing is asked of what the function around holds.
        let in_place = !self.mentions.asks || variable.outer && site.call.is_some();
        let left = self.mentions.leaving.left.get(&number).filter(|left| left.variable == site.variable);
        if left.is_some_and(|left| matches!(left.how, LeftAs::Place { .. })) && site.call.is_none() {
            let at = left_at(&variable.name);
            *expr = parse_quote_spanned!(span=> (*#at));
            return;
        }
        let is_field = site.field.is_some() && site.pointer.is_none();
        if (self.mentions.asked.contains(&number) || (is_field && !variable.plain)) && initialised && !in_place {
            // Left for `Dispatch`, which sees the whole call or field.
            if left.is_some() && site.call.is_none() {
                *expr = tree::name(format_ident!("{}n{}_{}", LEFT, number, variable.name, span = span));
                return;
            }
            let leaves = self.mentions.leaving.last.contains(&number);
            let marker = if site.field.is_some() && site.call.is_some() {
                let prefix = match left {
                    Some(_) => PART_LEFT,
                    None if self.variables.rests.contains_key(&(self.place, site.variable)) => PART_PARTING,
                    None if leaves => PART_LEAVING,
                    None => PART_ASKED,
                };
                format_ident!("{}{}_{}", prefix, number, variable.name, span = span)
            } else {
                let prefix = if leaves { LEAVING } else { ASKED };
                format_ident!("{}{}", prefix, variable.name, span = span)
            };
            *expr = tree::name(marker);
            return;
        }
        // A guard is decided before it is known whether its arm is taken: what is known to be `Copy` stays in its slot.
        let stays = !self.mentions.asks && variable.copied;
        if site.kind == Use::Value && self.mentions.moved.contains(&number) && !stays {
            let guard = guard(&variable.name);
            *expr = if site.by_name {
                let at = crate::place::place(span);
                parse_quote_spanned!(span=> (&&&&&__probe(&(*#slot.at()))).by_closure().taken::<_, #at>(#slot, #guard))
            } else {
                tree::method(span, tree::name(slot), "take", [tree::name(guard)])
            };
        } else {
            *expr = tree::slot(span, slot);
        }
    }

    fn hidden(&mut self, _: &syn::Macro, _: Site) {
        self.next += 1;
    }

    fn exit(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Return(inner) => {
                let span = inner.return_token.span();
                let answer = match inner.expr.take() {
                    Some(value) => result::done(span, *value),
                    None if self.variables.unwritten_result => result::done(span, tree::unit_at(span)),
                    None => result::unit(self.variables.returned.as_ref(), span),
                };
                *expr = tree::leave(span, answer);
            }
            Expr::Try(inner) => {
                let value = std::mem::replace(&mut *inner.expr, tree::unit());
                let span = inner.question_token.span();
                let leave = if self.variables.unwritten_result {
                    quote!(__give_residual(__residual))
                } else {
                    let of = result::stands_for(self.variables.returned.as_ref(), Span::call_site());
                    quote!(#of.early(__residual).leave())
                };
                let tried = tree::call(span, Ident::new("__Tried", span).into(), value);
                let arm = |pattern, body| tree::arm(span, Pat::Verbatim(pattern), Expr::Verbatim(body), true);
                *expr = Expr::Match(ExprMatch {
                    attrs: Vec::new(),
                    match_token: Token![match](span),
                    expr: Box::new(tree::method(span, tried, "branch", [])),
                    brace_token: token::Brace(span),
                    arms: vec![
                        arm(
                            quote_spanned!(span=> ::core::ops::ControlFlow::Continue(__value)),
                            quote_spanned!(span=> __value),
                        ),
                        arm(
                            quote_spanned!(span=> ::core::ops::ControlFlow::Break(__residual)),
                            quote_spanned!(span=> return #leave),
                        ),
                    ],
                });
            }
            _ => {}
        }
    }
}
