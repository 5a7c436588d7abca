//! What is written into an arm, found out before it is: where it is left, and what it assigns to and names till then.
//!
//! This follows the text: [`Emitter::code`] writes a block where it stands, or in the braces of a branch, and leaves the arm where a scope
//! ends that was opened further out and has something to drop.

use std::collections::{BTreeSet, HashSet};

use syn::Expr;

use super::edge::{Emitter, Point};
use crate::graph::{BlockId, Op, ScopeId, Terminator, VariableId};
use crate::walk::{Use, is_straight, uses};

/// A part of a block that is written into an arm.
pub(super) struct Piece {
    pub(super) block: BlockId,
    pub(super) ops: std::ops::Range<usize>,
    /// Its terminator is, too: the arm is not left before.
    pub(super) ends: bool,
}

impl Emitter<'_> {
    /// What is written into one arm: of each block the operations from one to before another, and whether its end is too.
    pub(super) fn pieces(&self, point: Point) -> Vec<Piece> {
        let scopes = self.scopes_at(point);
        let braces = scopes.len().max(1);
        let mut pending = vec![(point, scopes, braces)];
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(((block, begin), mut open, mut braces)) = pending.pop() {
            let entry = &self.graph.blocks[block];
            let outermost = braces - open.len().min(braces);
            let left = (begin..entry.ops.len()).find(|&index| match &entry.ops[index] {
                Op::Enter(scope) => {
                    open.push(*scope);
                    braces += 1;
                    false
                }
                Op::Exit(scope) if ends_here(*scope, &open, braces, outermost) => {
                    open.pop();
                    braces -= 1;
                    false
                }
                Op::Exit(_) if self.leads_to((block, index)).is_some() => false,
                Op::Exit(scope) if self.drops(&self.inside(block).states[index], |left| left == *scope) => true,
                Op::Exit(scope) => {
                    open.retain(|open| open != scope);
                    false
                }
                _ => false,
            });
            pieces.push(Piece { block, ops: begin..left.unwrap_or(entry.ops.len()), ends: left.is_none() });
            if left.is_some() {
                continue;
            }
            let inline = matches!(entry.terminator, Terminator::Goto(_));
            for next in entry.terminator.successors() {
                if !self.is_arm[next] && !pieces.iter().any(|piece| piece.block == next) {
                    let (open, braces) = if inline { (open.clone(), braces) } else { (Vec::new(), 1) };
                    pending.push(((next, 0), open, braces));
                }
            }
        }
        pieces
    }

    /// The arm that a point leads to, where nothing but the ends of scopes is on the way: an edge may lead there straight away, since
    /// leaving an arm drops what the scopes around hold, inner ones first.
    pub(super) fn leads_to(&self, (mut block, mut op): Point) -> Option<BlockId> {
        let mut passed = Vec::new();
        loop {
            let entry = &self.graph.blocks[block];
            let Terminator::Goto(next) = entry.terminator else { break };
            let ends = entry.ops[op..].iter().all(|op| matches!(op, Op::Exit(_)));
            // A loop that does nothing goes round its own block.
            if !ends || !self.is_arm[next] || passed.contains(&next) {
                break;
            }
            passed.push(next);
            if self.graph.blocks[next].alone {
                break;
            }
            (block, op) = (next, 0);
        }
        passed.pop()
    }

    /// Where arms begin: at blocks, and behind the end of a scope for which an arm is left in the middle of a block.
    pub fn arm_points(&self) -> BTreeSet<Point> {
        let blocks = (0..self.graph.blocks.len()).filter(|&block| self.is_arm[block]);
        let mut pending: Vec<Point> = blocks.map(|block| (block, 0)).chain([(0, 0)]).collect();
        let mut points: BTreeSet<Point> = pending.iter().copied().collect();
        while let Some(point) = pending.pop() {
            for left in self.pieces(point).into_iter().filter(|piece| !piece.ends) {
                let behind = (left.block, left.ops.end + 1);
                if points.insert(behind) {
                    pending.push(behind);
                }
            }
        }
        points
    }

    /// The variables that are assigned to in an arm, before it is left.
    pub(super) fn assigned_in(&self, pieces: &[Piece]) -> HashSet<VariableId> {
        let mut found = HashSet::new();
        for Piece { block, ops, ends } in pieces {
            let entry = &self.graph.blocks[*block];
            for op in &entry.ops[ops.clone()] {
                match op {
                    Op::Assign(variable, _) | Op::Tail(Some(variable), _) => {
                        found.insert(*variable);
                    }
                    Op::Bind { binds, .. } => found.extend(binds),
                    _ => {}
                }
                op.expressions().into_iter().for_each(|expr| self.assigned_by(expr, &mut found));
            }
            if *ends {
                entry.terminator.expressions().into_iter().for_each(|expr| self.assigned_by(expr, &mut found));
            }
        }
        found
    }

    /// The variables that an arm names.
    pub(super) fn mentioned_in(&self, pieces: &[Piece]) -> HashSet<VariableId> {
        let mut found = HashSet::new();
        let mut add = |expr: &Expr| {
            found.extend(uses(expr, &self.graph.variables).iter().map(|site| site.variable));
        };
        for Piece { block, ops, ends } in pieces {
            let entry = &self.graph.blocks[*block];
            entry.ops[ops.clone()].iter().flat_map(Op::expressions).for_each(&mut add);
            if *ends {
                entry.terminator.expressions().into_iter().for_each(&mut add);
            }
        }
        found
    }

    pub(super) fn assigned_by(&self, expr: &Expr, found: &mut HashSet<VariableId>) {
        if is_straight(expr) {
            return;
        }
        for site in uses(expr, &self.graph.variables) {
            if site.kind == Use::Assign {
                found.insert(site.variable);
            }
        }
    }
}

/// Whether a scope ends with a brace of its own where its end is. Of the `braces` that are open in this text, `outermost` stand
/// around those of the scopes that are `open`; the last one of all is the text's own.
pub(super) fn ends_here(scope: ScopeId, open: &[ScopeId], braces: usize, outermost: usize) -> bool {
    open.last() == Some(&scope) && braces > outermost.max(1)
}
