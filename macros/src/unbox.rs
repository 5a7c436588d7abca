//! Patterns that take something out of a box.
//!
//! # The problem
//! `match *b { Some(v) => …, None => … }` moves out of the box what a pattern takes. What is left is rustc's to drop where
//! the scope of `b` ends, and the machine has no name for it. Out of what other pointers point to, only copies are made.
//!
//! # The design
//! Where a variable is a box, by its type or its first value as they are written, and is not used again, all that is in it
//! becomes a variable of its own, declared beside it. Then the pattern takes that one apart ([`crate::apart`]). What may refer to it
//! would refer to a box that is gone: rustc is shown in the twin that all of it is moved ([`Variables::taken_whole`]).
//!
//! Of what else may be a box rustc is asked whether it is one, and whether what such a pattern leaves may have a destructor:
//! [`Pointer::Parts`](walk::Pointer::Parts).

use syn::spanned::Spanned;
use syn::{Expr, Pat, UnOp};

use crate::anchor;
use crate::apart;
use crate::graph::{BlockId, Graph, Op, Terminator, VariableId, Variables};
use crate::liveness;
use crate::tree;
use crate::walk::{self, Context};

/// Gives names to what boxes hold that are matched.
pub fn unbox(graph: &mut Graph) {
    if !graph.variables.list.iter().any(|variable| variable.boxed) {
        return;
    }
    let live_in = liveness::live_in(graph);
    let mut declared = Vec::new();
    for index in 0..graph.blocks.len() {
        let live_after = liveness::live_after_ops(&graph.blocks[index], graph, &live_in);
        let stays = |(at, op): (usize, &Op)| match op {
            Op::Let { init, .. } => {
                boxed(init, &graph.variables).is_some_and(|whole| is_rustcs(whole, index, at, graph))
            }
            _ => false,
        };
        let stays: Vec<bool> = graph.blocks[index].ops.iter().enumerate().map(stays).collect();
        let mut ops = Vec::new();
        let all = std::mem::take(&mut graph.blocks[index].ops).into_iter().zip(live_after).zip(stays);
        for ((mut op, live), stays) in all {
            if let Op::Let { pattern, init, otherwise, .. } = &mut op
                && !stays
                && (walk::leaves(pattern) || (otherwise.is_some() && walk::matched_or_not(pattern) == Context::Parts))
                && is_taken_apart(pattern)
                && let Some(whole) = boxed(init, &graph.variables)
                && !live.contains(&whole)
                && !graph.variables[whole].assigned
            {
                ops.push(content(whole, init, &mut graph.variables, &mut declared));
            }
            ops.push(op);
        }
        if let Terminator::Match { scrutinee, arms } = &mut graph.blocks[index].terminator
            && arms.iter().any(|arm| is_taken_apart(&arm.pattern))
            && !arms.iter().any(|arm| anchor::refs(&arm.pattern))
            && let Some(whole) = boxed(scrutinee, &graph.variables)
            && !arms.iter().any(|arm| arm.guard.as_ref().is_some_and(|guard| asks(guard, whole, &graph.variables)))
            && !arms.iter().any(|arm| live_in[arm.block].contains(&whole))
            // Where it gets another value, what is left of the old one is dropped.
            && !(graph.variables[whole].assigned && arms.iter().any(|arm| walk::leaves(&arm.pattern)))
        {
            ops.push(content(whole, scrutinee, &mut graph.variables, &mut declared));
        }
        graph.blocks[index].ops = ops;
    }
    apart::declare(graph, declared);
}

/// Moves what a box holds to a variable of its own, which is matched then.
fn content(
    whole: VariableId,
    matched: &mut Expr,
    variables: &mut Variables,
    declared: &mut Vec<(VariableId, VariableId)>,
) -> Op {
    let content = variables.temporary("unboxed", matched.span());
    let (scope, order) = (variables[whole].scope, variables[whole].order);
    (variables[content].scope, variables[content].order) = (scope, order);
    declared.push((whole, content));
    if let (true, Expr::Unary(star)) = (variables[whole].anchored, tree::bare(matched)) {
        variables.takes_whole_at(star.op.span());
    }
    Op::Assign(content, std::mem::replace(matched, tree::name(variables[content].name.clone())))
}

/// Whether what is left of a variable is dropped before any edge follows: then it is a local variable, and rustc drops it.
fn is_rustcs(variable: VariableId, block: BlockId, op: usize, graph: &Graph) -> bool {
    let (entry, block) = (&graph.variables[variable], &graph.blocks[block]);
    let leaves = |op: &Op| matches!(op, Op::Exit(scope) if *scope == entry.scope);
    let ends = || matches!(block.terminator, Terminator::Return(_) | Terminator::Diverge);
    !entry.anchored && (ends() || block.ops[op + 1..].iter().any(leaves))
}

/// Whether a guard uses the box: what is matched is no longer in it by then.
fn asks(guard: &Expr, whole: VariableId, variables: &Variables) -> bool {
    walk::uses(guard, variables).iter().any(|site| site.variable == whole)
}

/// Whether a pattern takes something out of what it is matched against, and not all of it at once.
fn is_taken_apart(pattern: &Pat) -> bool {
    walk::takes(pattern) && !is_whole(pattern)
}

/// Whether a pattern is a name.
fn is_whole(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Ident(ident) if ident.subpat.is_none())
}

/// The box of which all that it holds is named.
pub fn boxed(expr: &Expr, variables: &Variables) -> Option<VariableId> {
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
