//! Variables in slots, out of which a field is moved when nothing will be suspended any more.
//!
//! # The problem
//! `Ok(self.port)`, at the end of a method that has lent `self` to a child, moves a field out of a slot. Of what is left rustc
//! would drop field by field what has a destructor. A slot is dropped as a whole, and the macro cannot name the rest.
//!
//! # The design
//! If the variable's scope ends before the next suspension, it need not be in its slot any longer. Where a field is moved, all of it
//! moves to a variable of the arm, which stands beside the guard, and the field is moved out of that: the rest is rustc's business.
//! Only types tell whether a field is moved, and whether anything of the rest has a destructor: both ways are written, and what is
//! copied is read where it is (`machine::NoReference::leaves`).
//!
//! Nothing may refer to what is in the slot meanwhile. Nothing can refer to all of it: rustc has not let, in the twin, a field be moved
//! out of what is borrowed. But another field may be borrowed. So a variable stays in its slot if anything that is there may hold a
//! part of it, by who was given a value, or mentioned, together with a part: see [`Emitter::borrowers`]. Then the field may not be moved
//! (SG0028).

use std::collections::{BTreeSet, HashSet};

use syn::Expr;
use syn::visit::{self, Visit};

use super::edge::{Emitter, Live, Point};
use super::pieces::Piece;
use crate::graph::{Block, Op, VariableId, Variables};
use crate::liveness::{self, State, Status};
use crate::walk::{self, Context, Site, uses};

impl Emitter<'_> {
    /// Of an expression's mentions, the numbers of those at which a variable leaves its slot.
    pub(super) fn leaving_at(
        &self,
        expr: &Expr,
        context: Context,
        state: &State,
        live: &Live,
        place: Point,
    ) -> Vec<(usize, VariableId)> {
        let variables = &self.graph.variables;
        if !variables.list.iter().any(|variable| variable.anchored && !variable.plain) {
            return Vec::new();
        }
        let sites = walk::uses_as(expr, context, variables);
        let leaves = |&index: &usize| {
            let site = &sites[index];
            let entry = &variables[site.variable];
            let stays = !entry.anchored || entry.plain || entry.outer || entry.assigned || entry.nested;
            let is_certain = !site.repeated && !site.closure && state.get(&site.variable) == Some(&Status::Initialised);
            !stays
                && site.field.is_some()
                && site.pointer.is_none()
                && is_certain
                && liveness::is_last(&sites, index, variables, live)
                && sites[..index]
                    .iter()
                    .all(|other| other.variable != site.variable || other.excludes(site) || is_part_by_value(other))
                && !self.travels(entry.scope, place.0, place.1 + 1)
                && !self.is_lent_in_part(site.variable, state, place)
        };
        (0..sites.len()).filter(leaves).map(|index| (index, sites[index].variable)).collect()
    }

    /// The same, of the arm at hand.
    pub(super) fn leaving_now(
        &self,
        expr: &Expr,
        context: Context,
        state: &State,
        live: &Live,
        place: Point,
    ) -> Vec<usize> {
        if self.leaving.is_empty() {
            return Vec::new();
        }
        let all = self.leaving_at(expr, context, state, live, place).into_iter();
        all.filter(|(_, variable)| self.leaving.contains(variable)).map(|(number, _)| number).collect()
    }

    /// The variables that leave their slots in an arm.
    pub(super) fn leaving_in(&self, pieces: &[Piece]) -> HashSet<VariableId> {
        let mut found = HashSet::new();
        let variables = &self.graph.variables;
        for piece in pieces {
            let entry = &self.graph.blocks[piece.block];
            for index in piece.ops.clone() {
                let op = &entry.ops[index];
                let live = liveness::live_after_value(op, variables, &self.live[piece.block][index]);
                let state = &self.states[piece.block][index];
                for expr in op.expressions() {
                    let context = match op {
                        Op::Let { pattern, init, .. } | Op::Bind { pattern, init, .. } if std::ptr::eq(expr, init) => {
                            walk::matched_by(init, pattern, variables)
                        }
                        _ => Context::Value,
                    };
                    let leaving = self.leaving_at(expr, context, state, &live, (piece.block, index));
                    found.extend(leaving.into_iter().map(|(_, variable)| variable));
                }
            }
            if piece.ends
                && let Some(state) = self.states[piece.block].last()
            {
                let context = super::ask::terminator_context(&entry.terminator);
                let place = (piece.block, entry.ops.len());
                for expr in entry.terminator.expressions() {
                    let leaving = self.leaving_at(expr, context, state, &self.live_end[piece.block], place);
                    found.extend(leaving.into_iter().map(|(_, variable)| variable));
                }
            }
        }
        found
    }

    /// Whether anything that is there may refer to a part of a variable.
    fn is_lent_in_part(&self, variable: VariableId, state: &State, (block, op): Point) -> bool {
        let borrowers = self.borrowers(variable, (block, op));
        let scopes = self.graph.blocks[block].scopes_at(op);
        // What rustc keeps of an expression around this one is no variable.
        let natives = || self.graph.natives.iter().any(|native| scopes.contains(&native.scope));
        let is_there = |(other, status): (&VariableId, &Status)| status.may_hold() && borrowers.contains(other);
        !borrowers.is_empty() && (state.iter().any(is_there) || natives())
    }

    /// What may refer to a part of a variable: it is given a value that is made of such a part, or mentioned in one expression with it;
    /// or the same of another of these. What is evaluated `here` takes the part.
    fn borrowers(&self, variable: VariableId, here: Point) -> BTreeSet<VariableId> {
        let variables = &self.graph.variables;
        let mut found = BTreeSet::new();
        loop {
            let known = found.len();
            for (index, block) in self.graph.blocks.iter().enumerate() {
                for (op, (exprs, binds)) in evaluations(block, variables).into_iter().enumerate() {
                    if (index, op) == here {
                        continue;
                    }
                    let lends = |expr: &&Expr| lends_in_part(expr, variable, variables);
                    let sites: Vec<Site> = exprs.iter().flat_map(|expr| uses(expr, variables)).collect();
                    let is_touched = sites.iter().any(|site| found.contains(&site.variable));
                    if is_touched || exprs.iter().any(lends) {
                        let others = sites.iter().filter(|site| !is_part_by_value(site)).map(|site| site.variable);
                        found.extend(binds.into_iter().chain(others).filter(|&other| other != variable));
                    }
                }
            }
            if found.len() == known {
                return found;
            }
        }
    }
}

/// What is evaluated at once, and the variables that get values of it.
fn evaluations<'a>(block: &'a Block, variables: &Variables) -> Vec<(Vec<&'a Expr>, Vec<VariableId>)> {
    let ops =
        block.ops.iter().map(|op| (op.expressions(), op.given().map_or_else(Vec::new, |(binds, _)| binds.to_vec())));
    let edges = liveness::edges(&block.terminator, variables);
    let bound = edges.into_iter().flat_map(|edge| edge.binds).collect();
    ops.chain([(block.terminator.expressions(), bound)]).collect()
}

/// A field that is used by value: nothing is borrowed of it.
fn is_part_by_value(site: &Site) -> bool {
    site.field.is_some() && site.call.is_none() && site.pointer.is_none() && !site.closure
}

/// Whether an expression may give a reference to a part of a variable: it mentions it, and not only as `&x`, as the receiver of a
/// method, or a field by value.
fn lends_in_part(expr: &Expr, variable: VariableId, variables: &Variables) -> bool {
    struct Whole<'a>(VariableId, &'a Variables, usize);
    impl<'ast> Visit<'ast> for Whole<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Reference(inner) if self.1.of_path(&inner.expr) == Some(self.0) => self.2 += 1,
                Expr::MethodCall(call) if self.1.of_path(&call.receiver) == Some(self.0) => {
                    self.2 += 1;
                    call.args.iter().for_each(|argument| self.visit_expr(argument));
                }
                Expr::Closure(_) => {}
                _ => visit::visit_expr(self, expr),
            }
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let sites = uses(expr, variables);
    let mentions = sites.iter().filter(|site| site.variable == variable && !is_part_by_value(site)).count();
    if mentions == 0 {
        return false;
    }
    let mut whole = Whole(variable, variables, 0);
    whole.visit_expr(expr);
    mentions > whole.2
}
