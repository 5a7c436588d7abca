//! The questions about types that rustc is asked before an expression: was the receiver moved, was the field?

use proc_macro2::{Ident, TokenStream};
use quote::format_ident;
use syn::spanned::Spanned;

use super::edge::{Emitter, Live, Local, Point};
use super::leaving::{Left, LeftAs};
use super::question;
use super::rewrite;
use crate::graph::{BlockId, Op, ScopeId, Terminator, VariableId};
use crate::liveness::{self, State, Status};
use crate::walk::{self, Context, has_anywhere, is_straight};

impl Emitter<'_> {
    /// Whether it matters what an operation does to a variable: because the machine takes it out of its slot itself, or
    /// because an edge follows on which the variable is still in scope. Else rustc drops it, or does not.
    fn matters(&self, variable: VariableId, (block, op): Point) -> bool {
        let entry = &self.graph.variables[variable];
        entry.anchored || self.travels(entry.scope, block, op + 1)
    }

    pub(super) fn travels(&self, scope: ScopeId, block: BlockId, from: usize) -> bool {
        let entry = &self.graph.blocks[block];
        let mut entered = Vec::new();
        for op in entry.ops.iter().skip(from) {
            match op {
                Op::Exit(left) if *left == scope => return false,
                Op::Enter(inner) => entered.push(*inner),
                // A scope that began elsewhere may end by an edge.
                Op::Exit(left) if !entered.contains(left) => return true,
                _ => {}
            }
        }
        let in_scope = |next: &BlockId| self.graph.blocks[*next].scopes.contains(&scope);
        match &entry.terminator {
            Terminator::Suspend { .. } => true,
            other => other
                .successors()
                .iter()
                .filter(|next| in_scope(next))
                .any(|&next| self.is_arm[next] || self.travels(scope, next, 0)),
        }
    }

    pub(super) fn rewritten(
        &self,
        expr: &syn::Expr,
        context: Context,
        state: &State,
        live: &Live,
        place: Point,
    ) -> syn::Expr {
        let leaving = self.leaving_now(expr, context, state, live, place);
        let leaving = rewrite::Leaving { last: leaving, left: self.left_at(place) };
        rewrite::expression(expr, context, &self.graph.variables, state, live, leaving, place)
    }

    /// The questions about an expression's receivers, to be asked before it.
    pub(super) fn questions(
        &mut self,
        expr: &syn::Expr,
        context: Context,
        state: &State,
        live: &Live,
        local: &mut Local,
        place: Point,
    ) -> TokenStream {
        let mut text = self.ask_leaving(place);
        text.extend(self.ask_copied(expr, state, live, place));
        for left in self.left_at(place).into_values() {
            if self.parts(left.variable, place) && matches!(left.how, LeftAs::First(_)) {
                self.parting(left.variable, &left.tag, false, local);
            }
        }
        let graph = self.graph;
        let may_ask = !is_straight(expr) || has_anywhere(expr, |expr| !gives_whole(expr));
        let sites = if may_ask { walk::uses_as(expr, context, &graph.variables) } else { Vec::new() };
        for (_, site) in liveness::asked(&sites, &graph.variables, live) {
            let initialised = state.get(&site.variable) == Some(&Status::Initialised);
            if !initialised || !self.matters(site.variable, place) {
                continue;
            }
            let mut tag = rewrite::tag(self.name(site.variable), place);
            if let Some(field) = &site.field {
                tag.set_span(tag.span().located_at(field.span()));
            }
            let is_parted = self.parts(site.variable, place);
            let where_it_is = if is_parted { question::Where::Leaving } else { question::Where::Here };
            text.extend(question::about(site, &self.graph.variables, &tag, where_it_is));
            self.tags.push(tag.clone());
            if is_parted {
                self.parting(site.variable, &tag, true, local);
            }
            local.tagged.insert(site.variable, tag);
        }
        for (number, site) in liveness::parted(&sites, &graph.variables, live).into_iter().enumerate() {
            if state.get(&site.variable) == Some(&Status::Initialised) {
                let tag = part_tag(self.name(site.variable), place, number);
                text.extend(question::about(site, &self.graph.variables, &tag, question::Where::Here));
                self.tags.push(tag.clone());
                local.parted.entry(site.variable).or_default().push(tag);
            }
        }
        let leaving = self.leaving_now(expr, context, state, live, place);
        let left = self.left_at(place);
        for (number, site) in liveness::asked_in_slots(&sites, &graph.variables) {
            if state.get(&site.variable) == Some(&Status::Initialised) {
                let tag = rewrite::part_tag(self.name(site.variable), place, number);
                // What leaves its slot in this very expression is still there when it is asked about.
                let first = |left: &Left| matches!(left.how, LeftAs::First(_));
                let leaves_here = left.values().any(|left| left.variable == site.variable && first(left));
                if self.parts(site.variable, place) {
                    self.parting(site.variable, &tag, true, local);
                }
                let place = match left.get(&number).filter(|left| left.variable == site.variable) {
                    Some(_) if leaves_here => question::Where::Leaving,
                    Some(_) => question::Where::Left,
                    None if leaving.contains(&number) => question::Where::Leaving,
                    None => question::Where::Here,
                };
                text.extend(question::about(site, &self.graph.variables, &tag, place));
                self.tags.push(tag);
            }
        }
        text
    }
}

/// Whether no type has to be asked of what is used here: no receiver, no part of a variable, nothing behind a pointer.
fn gives_whole(expr: &syn::Expr) -> bool {
    !matches!(expr, syn::Expr::MethodCall(_) | syn::Expr::Field(_) | syn::Expr::Index(_) | syn::Expr::Unary(_))
}

/// A scrutinee may only name a place; what it is matched with takes from it is stepped over on the arms' edges.
pub fn terminator_context(terminator: &Terminator) -> Context {
    if matches!(terminator, Terminator::Match { .. }) { Context::Place } else { Context::Value }
}

fn part_tag(name: &Ident, (block, op): Point, number: usize) -> Ident {
    format_ident!("__part_{}_{}_{}_{}", name, block, op, number)
}
