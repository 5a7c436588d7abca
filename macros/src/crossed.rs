//! Which variables are borrowed where one arm hands on to another, without a suspension between.
//!
//! # The problem
//! [`anchor`](crate::anchor) looks for suspensions. Code is taken apart for other reasons too, a variable that only one of several
//! branches moves, say. There too what is borrowed would move, and its borrow be handed on: rustc would refuse that.
//!
//! # The design
//! It is known when the graph is: then the variables of which a reference is written, `&x`, and handed on, get slots, and the body
//! is lowered once more. So do those of which a field may have been moved when an arm gets them. What calls give is not looked
//! into: a number would be taken for a borrow, and the frame would grow. Only if it is a temporary that outlives the variable, as
//! those of a last expression do before edition 2024, it is: where the variable is dropped, such a one is there still.
//!
//! So it is with what is assigned inside of an expression where it is not known whether there is an old value, and with temporaries
//! that were left to rustc, where it turns out that an arm begins while they live.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use syn::Expr;

use crate::anchor::root;
use crate::emit::Emitter;
use crate::error::{self, Errors};
use crate::graph::{BlockId, Graph, Native, Op, ScopeId, Variable, VariableId, Variables};
use crate::liveness::{Facts, Place, State, Status};
use crate::names::is_constructor;
use crate::walk::{Site, Use, uses};

/// What is to be different when the body is lowered once more.
#[derive(Default)]
pub struct Found {
    /// Variables that need slots.
    pub crossed: Vec<VariableId>,
    /// Variables that are assigned to in one piece with others.
    pub assigned: Vec<VariableId>,
    /// The numbers of the temporaries that need variables.
    pub natives: Vec<usize>,
}

impl Found {
    pub fn is_empty(&self) -> bool {
        self.crossed.is_empty() && self.assigned.is_empty() && self.natives.is_empty()
    }
}

/// Looks for all of that, among the first `count` variables.
pub fn find(graph: &Graph, facts: &Facts, count: usize) -> Found {
    let emitter = OnceCell::new();
    let emitter = || emitter.get_or_init(|| Emitter::new(graph, facts));
    Found {
        crossed: crossed(graph, count, emitter),
        assigned: assigned(graph, emitter),
        natives: natives(graph, emitter),
    }
}

/// Of the first `count` variables, those that need slots.
fn crossed<'a>(graph: &Graph, count: usize, emitter: impl Fn() -> &'a Emitter<'a>) -> Vec<VariableId> {
    let mut candidates = Vec::new();
    for (binds, value) in graph.blocks.iter().flat_map(|block| &block.ops).filter_map(Op::given) {
        let mut borrowed = Vec::new();
        references(value, &graph.variables, &mut borrowed);
        if binds.iter().any(|&bound| graph.variables[bound].temporary) {
            let looks = |site: &Site| site.kind == Use::Read && (site.field.is_none() || site.call.is_some());
            let mentioned = uses(value, &graph.variables).into_iter().filter(looks).map(|site| site.variable);
            borrowed.extend(mentioned.filter(|&variable| binds.iter().any(|&bound| outlives(bound, variable, graph))));
        }
        borrowed.retain(|&variable| variable < count && is_free(variable, &graph.variables));
        candidates.extend(borrowed.into_iter().map(|variable| (variable, binds)));
    }
    let parted = parted(graph, count);
    if candidates.is_empty() && parted.is_empty() {
        return Vec::new();
    }
    let handed: HashSet<VariableId> = emitter().handed_on().collect();
    let is_handed = |binds: &[VariableId]| binds.iter().any(|bound| handed.contains(bound));
    // What a `&mut` refers to stays where it is. If it is not handed on itself, it need not.
    let moves = |variable: VariableId| !graph.variables[variable].is_exclusive() || handed.contains(&variable);
    let crossed = candidates.into_iter().filter(|&(variable, binds)| is_handed(binds) && moves(variable));
    let crossed = crossed.map(|(variable, _)| variable);
    let meets_an_arm = |&(variable, block): &(VariableId, BlockId)| {
        let behind = behind(block, graph.variables[variable].scope, graph);
        behind.into_iter().any(|block| emitter().hands_on(variable, block))
    };
    crossed.chain(parted.into_iter().filter(meets_an_arm).map(|(variable, _)| variable)).collect()
}

/// Whether the scope of one variable is around that of another.
fn outlives(variable: VariableId, other: VariableId, graph: &Graph) -> bool {
    let (outer, inner) = (graph.variables[variable].scope, graph.variables[other].scope);
    let mut scopes = graph.blocks.iter().map(|block| &block.scopes);
    let position = |scopes: &[ScopeId], scope| scopes.iter().position(|&open| open == scope);
    outer != inner && scopes.any(|scopes| position(scopes, inner).is_some_and(|at| scopes[..at].contains(&outer)))
}

/// Of the first `count` variables, those of which fields may be moved out while others are used later, with the blocks where that is.
fn parted(graph: &Graph, count: usize) -> BTreeSet<(VariableId, BlockId)> {
    let parted = |variable: VariableId| {
        variable < count && graph.variables[variable].parted && is_free(variable, &graph.variables)
    };
    if !(0..count).any(parted) {
        return BTreeSet::new();
    }
    let mut found = BTreeSet::new();
    for (index, block) in graph.blocks.iter().enumerate() {
        for site in block.expressions().into_iter().flat_map(|expr| uses(expr, &graph.variables)) {
            if site.field.is_some() && site.pointer.is_none() && parted(site.variable) {
                found.insert((site.variable, index));
            }
        }
    }
    found
}

/// The variables that an expression in one piece assigns to where they may have no value: what becomes of an old one, only an
/// operation of its own knows.
fn assigned<'a>(graph: &Graph, emitter: impl Fn() -> &'a Emitter<'a>) -> Vec<VariableId> {
    let concerned = |entry: &Variable| may_be_renewed(entry) && !entry.apart;
    if !graph.variables.list.iter().any(concerned) {
        return Vec::new();
    }
    let emitter = emitter();
    let mut found = Vec::new();
    for (point, expr) in expressions(graph) {
        let (state, behind) = (emitter.state(point), emitter.state_behind(point));
        for site in uses(expr, &graph.variables) {
            let unknown = asked_too_late(site.variable, state, behind)
                || match state.get(&site.variable) {
                    Some(Status::Maybe | Status::Asked(_)) => true,
                    Some(Status::Moved | Status::Uninitialised) => site.conditional,
                    Some(Status::Initialised) | None => false,
                };
            if site.kind == Use::Assign && !site.closure && unknown && concerned(&graph.variables[site.variable]) {
                found.push(site.variable);
            }
        }
    }
    found
}

/// All expressions, with the operation that each belongs to; behind the last one, a block's end.
fn expressions(graph: &Graph) -> impl Iterator<Item = (Place, &Expr)> {
    graph.blocks.iter().enumerate().flat_map(|(block, entry)| {
        let ops = entry.ops.iter().map(Op::expressions).chain([entry.terminator.expressions()]);
        ops.enumerate().flat_map(move |(op, found)| found.into_iter().map(move |expr| ((block, op), expr)))
    })
}

/// Whether a variable gets a value in an expression that also calls it: of that nothing can be asked before.
fn asked_too_late(variable: VariableId, before: &State, behind: &State) -> bool {
    let is_there = before.get(&variable) == Some(&Status::Initialised);
    !is_there && matches!(behind.get(&variable), Some(Status::Maybe | Status::Asked(_)))
}

/// Whether a variable is assigned to in an expression in one piece, and its old value, if there is one, is to be dropped. (What is in a
/// slot is not dropped by its type alone.)
fn may_be_renewed(entry: &Variable) -> bool {
    entry.nested && (entry.anchored || !entry.plain) && !entry.outer
}

/// Refuses what could not be taken apart: an assignment, in one piece with others, to a variable that the arm was handed as an
/// `Option`, because it may have been moved; and by a guard, after which it is not known whether there is a value.
pub fn check_assigned(graph: &Graph, facts: &Facts, errors: &mut Errors) {
    if !graph.variables.list.iter().any(may_be_renewed) {
        return;
    }
    let mut emitter = Emitter::new(graph, facts);
    let unknown = |status: &Status| matches!(status, Status::Maybe | Status::Asked(_));
    let is_unknown =
        |(&variable, status): (&VariableId, &Status)| unknown(status) && may_be_renewed(&graph.variables[variable]);
    let mut conflicts = undecided(graph, &emitter);
    if emitter.states().any(|state| state.iter().any(is_unknown)) {
        emitter.run();
        conflicts.extend(&emitter.conflicts);
    }
    for variable in conflicts {
        let name = &graph.variables[variable].name;
        let what = format!("`{name}` may have been moved when it is assigned again");
        errors.report(error::MAYBE_MOVED, name.span(), what);
    }
}

/// The variables that are assigned to in an expression, and then called there; and those that guards assign to where there may be no
/// value.
fn undecided(graph: &Graph, emitter: &Emitter<'_>) -> BTreeSet<VariableId> {
    let assigned = |expr: &Expr| {
        let renewed = |variable: &VariableId| may_be_renewed(&graph.variables[*variable]);
        let assigns = uses(expr, &graph.variables).into_iter().filter(|site| site.kind == Use::Assign);
        assigns.map(|site| site.variable).filter(renewed).collect::<Vec<_>>()
    };
    let mut found = BTreeSet::new();
    for (point, expr) in expressions(graph) {
        let too_late =
            |variable: &VariableId| asked_too_late(*variable, emitter.state(point), emitter.state_behind(point));
        found.extend(assigned(expr).into_iter().filter(too_late));
    }
    for (block, entry) in graph.blocks.iter().enumerate() {
        let state = emitter.state((block, entry.ops.len()));
        let is_empty = |variable: &VariableId| state.get(variable).is_some_and(|is| *is != Status::Initialised);
        found.extend(entry.terminator.guards().into_iter().flat_map(assigned).filter(is_empty));
    }
    found
}

/// Of the temporaries that were left to rustc, those in whose scope an arm begins.
fn natives<'a>(graph: &Graph, emitter: impl Fn() -> &'a Emitter<'a>) -> Vec<usize> {
    let inside: Vec<(&Native, BTreeSet<BlockId>)> =
        graph.natives.iter().map(|native| (native, behind(native.block, native.scope, graph))).collect();
    if inside.iter().all(|(_, blocks)| blocks.is_empty()) {
        return Vec::new();
    }
    let points = emitter().arm_points();
    let begins = |(native, blocks): &(&Native, BTreeSet<BlockId>)| {
        let is_inside = |&(block, op): &(BlockId, usize)| {
            blocks.contains(&block) && graph.blocks[block].scopes_at(op).contains(&native.scope)
        };
        points.iter().any(is_inside)
    };
    inside.iter().filter(|inside| begins(inside)).map(|(native, _)| native.number).collect()
}

/// The blocks that are reached from the end of one before a scope ends.
fn behind(block: BlockId, scope: ScopeId, graph: &Graph) -> BTreeSet<BlockId> {
    let mut found = BTreeSet::new();
    let mut pending = vec![block];
    while let Some(block) = pending.pop() {
        let entry = &graph.blocks[block];
        if !entry.scopes_at(entry.ops.len()).contains(&scope) {
            continue;
        }
        for next in entry.terminator.successors() {
            if graph.blocks[next].scopes.contains(&scope) && found.insert(next) {
                pending.push(next);
            }
        }
    }
    found
}

/// Whether a variable has no slot, and is none that a borrow of goes through.
fn is_free(variable: VariableId, variables: &Variables) -> bool {
    let entry = &variables[variable];
    !entry.anchored && !entry.shared && !entry.outer
}

/// The variables that a value refers to, where the reference is written.
fn references(value: &Expr, variables: &Variables, into: &mut Vec<VariableId>) {
    match value {
        Expr::Reference(inner) => match root(&inner.expr, variables) {
            Some(variable) => into.push(variable),
            None => references(&inner.expr, variables, into),
        },
        Expr::Paren(inner) => references(&inner.expr, variables, into),
        Expr::Group(inner) => references(&inner.expr, variables, into),
        Expr::Tuple(tuple) => tuple.elems.iter().for_each(|element| references(element, variables, into)),
        Expr::Array(array) => array.elems.iter().for_each(|element| references(element, variables, into)),
        Expr::Struct(structure) => structure.fields.iter().for_each(|field| references(&field.expr, variables, into)),
        Expr::Call(call) if is_constructor(&call.func) => {
            call.args.iter().for_each(|argument| references(argument, variables, into));
        }
        _ => {}
    }
}
