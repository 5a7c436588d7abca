//! A `match` that takes something out of a box.
//!
//! # The problem
//! `match *b { Some(v) => …, None => … }` moves out of the box what a pattern takes. What is left is rustc's to drop where
//! the scope of `b` ends, and the machine has no name for it. Out of what other pointers point to, only copies are made.
//!
//! # The design
//! Where a variable is a box, by its type or its first value as they are written, and is not used again, all that is in it
//! becomes a variable of its own, declared beside it. Then the pattern takes that one apart ([`crate::apart`]).

use syn::{Expr, Pat, UnOp};

use crate::anchor;
use crate::apart;
use crate::graph::{Graph, Op, Terminator, VariableId, Variables};
use crate::liveness;
use crate::tree;
use crate::walk;

/// Gives names to what boxes hold that are matched.
pub fn unbox(graph: &mut Graph) {
    if !graph.variables.list.iter().any(|variable| variable.boxed) {
        return;
    }
    let live_in = liveness::live_in(graph);
    let mut declared = Vec::new();
    for index in 0..graph.blocks.len() {
        let Terminator::Match { scrutinee, arms } = &graph.blocks[index].terminator else { continue };
        let Some(whole) = boxed(scrutinee, &graph.variables) else { continue };
        let again = arms.iter().any(|arm| live_in[arm.block].contains(&whole));
        let guarded = arms.iter().any(|arm| arm.guard.is_some() || anchor::refs(&arm.pattern));
        let taken = arms.iter().any(|arm: &crate::graph::Arm| walk::takes(&arm.pattern) && !is_whole(&arm.pattern));
        if again || guarded || !taken {
            continue;
        }
        let value = scrutinee.clone();
        let content = graph.variables.temporary("unboxed", syn::spanned::Spanned::span(&value));
        let (scope, order) = (graph.variables[whole].scope, graph.variables[whole].order);
        graph.variables[content].scope = scope;
        graph.variables[content].order = order;
        declared.push((whole, content));
        let name = tree::name(graph.variables[content].name.clone());
        graph.blocks[index].ops.push(Op::Assign(content, value));
        if let Terminator::Match { scrutinee, .. } = &mut graph.blocks[index].terminator {
            *scrutinee = name;
        }
    }
    apart::declare(graph, declared);
}

/// Whether a pattern is a name.
fn is_whole(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Ident(ident) if ident.subpat.is_none())
}

/// The box of which all that it holds is named.
fn boxed(expr: &Expr, variables: &Variables) -> Option<VariableId> {
    let mut pointer = tree::bare(expr);
    let mut follows = false;
    while let Expr::Unary(inner) = pointer
        && matches!(inner.op, UnOp::Deref(_))
    {
        pointer = tree::bare(&inner.expr);
        follows = true;
    }
    variables.of_path(pointer).filter(|&variable| follows && variables[variable].boxed && !variables[variable].outer)
}
