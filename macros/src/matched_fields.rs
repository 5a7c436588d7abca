//! Fields that are matched where an arm suspends.
//!
//! # The problem
//! `match message.kind { Kind::Send(packet) => …, Kind::Stop => … }` moves out of `message` what a pattern takes. The machine has to hold what
//! is left of `message`, and cannot tell what that is from the patterns. Out of a slot no pattern can move at all.
//!
//! # The design
//! Where the patterns leave nothing of the field, whichever of them matches, it is the same as `let kind = message.kind;` and a `match` of
//! that. So it is rewritten, after lowering, and what goes for fields that are used by value goes for this one. If all that is taken is
//! `Copy`, nothing has moved, but then nothing of the field has a destructor; unless it has one itself, which rustc is asked (SG0029).
//!
//! A variable that may be a reference is left as it is, if it has no slot: nothing can be moved out of what it refers to.

use syn::{Expr, parse_quote};

use crate::anchor;
use crate::apart;
use crate::graph::{Arm, Graph, Op, Terminator, VariableId, Variables};
use crate::liveness;
use crate::tree;
use crate::walk;

/// Gives such fields variables of their own.
pub fn take(graph: &mut Graph) {
    let found: Vec<usize> = (0..graph.blocks.len())
        .filter(|&block| match &graph.blocks[block].terminator {
            Terminator::Match { scrutinee, arms } => leave_nothing(arms) && root(scrutinee, &graph.variables).is_some(),
            _ => false,
        })
        .collect();
    if found.is_empty() {
        return;
    }
    let live_in = liveness::live_in(graph);
    let mut declared = Vec::new();
    for block in found {
        let Terminator::Match { scrutinee, arms } = &graph.blocks[block].terminator else { continue };
        let Some((whole, member)) = root(scrutinee, &graph.variables) else { continue };
        let is_live = arms.iter().any(|arm| live_in[arm.block].contains(&whole));
        let is_known = graph.variables[whole].anchored || (!is_live && is_own(whole, member, &graph.variables));
        if !is_known {
            continue;
        }
        let not_taking: Vec<usize> = arms
            .iter()
            .filter(|arm| !walk::takes(&arm.pattern))
            .map(|arm| arm.block)
            .filter(|&next| ways_in(graph, next) == 1)
            .collect();
        let span = syn::spanned::Spanned::span(scrutinee);
        let Graph { blocks, variables, .. } = &mut *graph;
        let Terminator::Match { scrutinee, .. } = &mut blocks[block].terminator else { continue };
        let content = variables.temporary("matched", span);
        (variables[content].scope, variables[content].order) = (variables[whole].scope, variables[whole].order);
        declared.push((whole, content));
        let name = tree::name(variables[content].name.clone());
        let field = std::mem::replace(scrutinee, name.clone());
        blocks[block].ops.push(Op::Assign(content, field));
        for next in not_taking {
            // There is nothing in it.
            blocks[next].ops.insert(0, Op::Effect(parse_quote!(::core::mem::drop(#name))));
        }
    }
    apart::declare(graph, declared);
}

/// Whether arms take something, and leave nothing, whichever of them is taken.
fn leave_nothing(arms: &[Arm]) -> bool {
    // Behind `Some(name)` there is nothing to be left.
    let all = arms.iter().position(|arm| walk::takes_all(&arm.pattern)).map_or(arms.len(), |all| all + 1);
    let is_whole = |arm: &Arm| match walk::takes(&arm.pattern) {
        true => !walk::leaves(&arm.pattern),
        false => walk::is_empty(&arm.pattern),
    };
    arms.iter().any(|arm| walk::takes(&arm.pattern))
        && arms.iter().all(|arm| arm.guard.is_none() && !anchor::refs(&arm.pattern))
        && arms[..all].iter().all(is_whole)
        && arms[all..].iter().all(|arm| is_whole(arm) || !walk::takes(&arm.pattern))
}

/// The variable of which something is a field, and the field of the variable's own in which it is.
fn root<'e>(scrutinee: &'e Expr, variables: &Variables) -> Option<(VariableId, &'e syn::Member)> {
    let variable = variables.root_of_field(scrutinee)?;
    let entry = &variables[variable];
    (!entry.plain && !entry.outer).then_some((variable, walk::first_member(scrutinee)?))
}

fn is_own(variable: VariableId, member: &syn::Member, variables: &Variables) -> bool {
    let home = variables.home.as_ref();
    let structure = variables[variable].structure.as_ref().zip(home);
    structure.is_some_and(|(structure, home)| structure.has(std::iter::once(member), home))
}

fn ways_in(graph: &Graph, block: usize) -> usize {
    graph.blocks.iter().flat_map(|from| from.terminator.successors()).filter(|&next| next == block).count()
}
