//! What a state must hold: which variables are live, which are initialised, which have been moved.
//!
//! # The problem
//! A variable that is in scope at a suspension has to survive it if it is used later, and also if it is not, because it
//! may be a guard whose destructor matters. But one that has been moved away cannot be stored, and stable Rust has no
//! "store it if it is still there".
//!
//! # The design
//! Two passes over the graph, without types. Backwards: which variables may still be read ([`Facts::live_in`]).
//! Forwards: whether each is initialised ([`Status`]). A bare name used by value moves the variable if it is not live
//! afterwards; if it is live, its type must be `Copy`, or the twin would not compile. Where paths disagree the variable
//! is passed on as an `Option`, for its destructor only. Where rustc would have to know what only types tell, the machine
//! asks it (`machine::probe`) or does not compile, so nothing is dropped early in silence, with two exceptions: `into`,
//! `try_into` and `into_iter`, and for a variable in a slot the names of iterators' methods, are taken to move their
//! receiver because of their names ([`crate::walk`]); and of a type that is `Deref`, a `move` closure that mentions a field is
//! taken to mean one of what it points to, and to move all of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use syn::spanned::Spanned;
use syn::{Expr, Macro};

use crate::error::{self, Errors};
use crate::graph::{Block, BlockId, Graph, Op, Terminator, VariableId, Variables};
use crate::walk::{self, Context, Pointer, Site, Use, uses, uses_as};

/// Whether a variable has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Uninitialised,
    Initialised,
    Moved,
    /// Depends on types, of which rustc is asked at this operation, which has been on every way here; not live.
    Asked(Place),
    /// Depends on the way that was taken, or on types; not live.
    Maybe,
}

impl Status {
    /// Whether there may be a value, so that leaving the scope may have something to drop.
    pub fn may_hold(self) -> bool {
        matches!(self, Status::Initialised | Status::Asked(_) | Status::Maybe)
    }
}

/// An operation of a block; behind the last, its terminator.
pub type Place = (BlockId, usize);

/// The variables in scope, in declaration order, with their status.
pub type State = BTreeMap<VariableId, Status>;

/// What has been found out about each block.
pub struct Facts {
    pub live_in: Vec<HashSet<VariableId>>,
    pub inside: Vec<Inside>,
}

/// What has been found out inside of a block.
#[derive(Default, Clone)]
pub struct Inside {
    /// Before each operation, and behind the last. At the start it includes what the block's one predecessor binds for it (a pattern, an
    /// awaited value).
    pub states: Vec<State>,
    /// After the terminator's own expression.
    pub end: State,
    /// What is live after each operation.
    pub live: Vec<Live>,
    /// What is live after the terminator's own expression.
    pub live_end: Live,
}

impl Inside {
    /// Steps over a block.
    fn of(index: BlockId, mut state: State, graph: &Graph, live_in: &[Live]) -> Inside {
        let block = &graph.blocks[index];
        let live = live_after_ops(block, graph, live_in);
        let mut states = vec![state.clone()];
        for (number, (op, live)) in block.ops.iter().zip(&live).enumerate() {
            op_forwards(op, (index, number), graph, live, &mut state);
            states.push(state.clone());
        }
        terminator_forwards(index, graph, live_in, &mut state);
        Inside { states, end: state, live, live_end: live_after_terminator(block, live_in) }
    }

    /// Before the terminator.
    pub fn last(&self) -> &State {
        self.states.last().expect("there is one before the first operation")
    }
}

type Live = HashSet<VariableId>;

fn backwards(expr: &Expr, variables: &Variables, live: &mut Live) {
    backwards_over(&uses(expr, variables), 0, live);
}

/// Over mentions that have `depth` branches around them together.
fn backwards_over(sites: &[Site], depth: usize, live: &mut Live) {
    let mut rest = sites;
    while let Some((site, before)) = rest.split_last() {
        let Some(branch) = site.branches.get(depth) else {
            match site.kind {
                Use::Assign if !site.uncertain && !site.closure => {
                    live.remove(&site.variable);
                }
                Use::Assign => {}
                _ => {
                    live.insert(site.variable);
                }
            }
            rest = before;
            continue;
        };
        // What stands between the branches are guards, which may be evaluated or not.
        let of_it = |site: &Site| site.branches.get(depth).is_some_and(|other| other.choice == branch.choice);
        let first = rest.iter().position(of_it).unwrap_or(before.len());
        let behind = std::mem::take(live);
        let choice = &rest[first..];
        let mut ends = HashSet::new();
        for branches in choice.chunk_by(|one, next| one.branches.get(depth) == next.branches.get(depth)) {
            match branches[0].branches.get(depth) {
                Some(branch) => {
                    let mut within = if branch.leaves { Live::new() } else { behind.clone() };
                    backwards_over(branches, depth + 1, &mut within);
                    live.extend(within);
                    ends.extend((!branch.leaves).then_some(branch.number));
                }
                None => live.extend(branches.iter().filter(|site| site.kind != Use::Assign).map(|site| site.variable)),
            }
        }
        if branch.uncertain || ends.len() < branch.ends {
            live.extend(behind);
        }
        rest = &rest[..first];
    }
}

/// The same, of what may be evaluated or not: what it assigns to is not certain.
fn backwards_perhaps(expr: &Expr, variables: &Variables, live: &mut Live) {
    let mut there = live.clone();
    backwards(expr, variables, &mut there);
    live.extend(there);
}

fn op_backwards(op: &Op, variables: &Variables, live: &mut Live) {
    match op {
        Op::Declare(variable) => {
            live.remove(variable);
        }
        Op::Let { init, otherwise, binds, .. } => {
            binds.iter().for_each(|variable| {
                live.remove(variable);
            });
            if let Some(otherwise) = otherwise {
                backwards_perhaps(otherwise, variables, live);
            }
            backwards(init, variables, live);
        }
        Op::Bind { init, binds, .. } => {
            binds.iter().for_each(|variable| {
                live.remove(variable);
            });
            backwards(init, variables, live);
        }
        Op::Effect(expr) | Op::Tail(None, expr) => backwards(expr, variables, live),
        Op::Assign(variable, value) | Op::Tail(Some(variable), value) => {
            live.remove(variable);
            backwards(value, variables, live);
        }
        Op::Rebind(_) | Op::Enter(_) | Op::Exit(_) => {}
    }
}

/// What is live after the block's last operation, before its terminator evaluates anything.
fn live_at_terminator(block: &Block, graph: &Graph, live_in: &[Live]) -> Live {
    let mut live = live_after_terminator(block, live_in);
    match &block.terminator {
        Terminator::If { condition: expr, .. } | Terminator::Suspend { child: expr, .. } | Terminator::Return(expr) => {
            backwards(expr, &graph.variables, &mut live)
        }
        Terminator::Match { scrutinee, arms } => {
            for arm in arms {
                if let Some(guard) = &arm.guard {
                    backwards_perhaps(guard, &graph.variables, &mut live);
                }
                arm.binds.iter().for_each(|variable| {
                    live.remove(variable);
                });
            }
            backwards(scrutinee, &graph.variables, &mut live);
        }
        Terminator::Goto(_) | Terminator::Diverge => {}
    }
    live
}

/// What is live once the terminator's own expression has been evaluated.
pub fn live_after_terminator(block: &Block, live_in: &[Live]) -> Live {
    match &block.terminator {
        Terminator::Suspend { output, resume, .. } => {
            let mut live = live_in[*resume].clone();
            live.remove(output);
            live
        }
        Terminator::Match { arms, .. } => {
            let mut all = Live::new();
            for arm in arms {
                let mut live = live_in[arm.block].clone();
                arm.binds.iter().for_each(|variable| {
                    live.remove(variable);
                });
                all.extend(live);
            }
            all
        }
        other => other.successors().iter().flat_map(|&next| live_in[next].iter().copied()).collect(),
    }
}

/// For each operation, what is live after it.
pub fn live_after_ops(block: &Block, graph: &Graph, live_in: &[Live]) -> Vec<Live> {
    let mut live = live_at_terminator(block, graph, live_in);
    let mut after = vec![Live::new(); block.ops.len()];
    for (index, op) in block.ops.iter().enumerate().rev() {
        after[index] = live.clone();
        op_backwards(op, &graph.variables, &mut live);
    }
    after
}

/// Whether the value that a variable has at a mention is not used afterwards: it is not mentioned again, or what is in a slot gets
/// another value next (`x = f(x)`).
pub fn is_last(sites: &[Site], index: usize, variables: &Variables, live_after: &Live) -> bool {
    let site = &sites[index];
    let entry = &variables[site.variable];
    match sites[index + 1..].iter().find(|later| later.variable == site.variable && !site.excludes(later)) {
        None => !live_after.contains(&site.variable),
        Some(next) => {
            let follows = !next.conditional || (!next.branches.is_empty() && site.branches.starts_with(&next.branches));
            let again = next.kind == Use::Assign && !next.repeated && !next.closure && follows;
            again && entry.anchored && !entry.outer && !entry.plain
        }
    }
}

/// What is live once an operation's expression has been evaluated: of a variable that it gives a value and that is in a slot, the old
/// one is not.
pub fn live_after_value<'a>(op: &Op, variables: &Variables, live_after: &'a Live) -> Cow<'a, Live> {
    match op {
        Op::Assign(variable, _) | Op::Tail(Some(variable), _)
            if variables[*variable].anchored && !variables[*variable].plain =>
        {
            let mut live = live_after.clone();
            live.remove(variable);
            Cow::Owned(live)
        }
        _ => Cow::Borrowed(live_after),
    }
}

/// Of the mentions in an expression, the numbers of those that move their variable away.
pub fn moves(sites: &[Site], variables: &Variables, live_after: &Live) -> Vec<usize> {
    let mut found = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        // A conditional move of a variable that lives among the locals is rustc's business; of one in a slot, its
        // guard is moved conditionally, which is rustc's business too.
        // A closure may run any number of times, so it cannot take what a guard stands for, unless it is called where it stands.
        let entry = &variables[site.variable];
        // (Which way was taken, nobody asks where it can be copied.)
        let put_off = site.closure && !site.at_once;
        let shared = (entry.anchored && (put_off || (site.conditional && entry.copied))) || entry.outer;
        if site.kind == Use::Value && !site.repeated && !shared && is_last(sites, index, variables, live_after) {
            found.push(index);
        }
    }
    found
}

/// Of the mentions in an expression, the fields that are used by value while their variable is used again: if that takes
/// the variable apart, it cannot be held.
pub fn parted<'a>(sites: &'a [Site], variables: &Variables, live_after: &Live) -> Vec<&'a Site> {
    let live = |site: &Site| {
        live_after.contains(&site.variable) && !variables[site.variable].anchored && !variables[site.variable].plain
    };
    let idle = |site: &Site| site.repeated || site.conditional || site.is_put_off();
    sites.iter().filter(|site| site.field.is_some() && site.pointer.is_none() && live(site) && !idle(site)).collect()
}

/// Of the mentions in an expression, those of variables in slots of which a field is the receiver of a method.
pub fn asked_in_slots<'a>(sites: &'a [Site], variables: &Variables) -> impl Iterator<Item = (usize, &'a Site)> {
    let asks = |site: &Site| site.field.is_some() && site.call.is_some() && variables[site.variable].anchored;
    sites.iter().enumerate().filter(move |(_, site)| asks(site))
}

/// Of the mentions in an expression, those receivers of which only types tell whether they are moved, with their numbers.
pub fn asked<'a>(sites: &'a [Site], variables: &Variables, live_after: &Live) -> Vec<(usize, &'a Site)> {
    let mut found: Vec<(usize, &Site)> = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        let entry = &variables[site.variable];
        let idle = entry.plain || entry.outer || site.repeated || site.conditional || site.is_put_off();
        // A field of a variable in a slot is read where it is, see `machine::Kept::part`.
        let asks = match site.field {
            Some(_) => !entry.anchored || matches!(site.pointer, Some(Pointer::Whole | Pointer::Parts)),
            None => site.call.is_some(),
        };
        if asks && !idle && is_last(sites, index, variables, live_after) {
            // Of several mentions, with other values between them, one can be asked about.
            found.retain(|(_, other)| other.variable != site.variable);
            found.push((index, site));
        }
    }
    found
}

fn forwards(expr: &Expr, context: Context, variables: &Variables, live_after: &Live, state: &mut State, place: Place) {
    let sites = uses_as(expr, context, variables);
    let moved = moves(&sites, variables, live_after);
    let asked = asked(&sites, variables, live_after);
    for (index, site) in sites.iter().enumerate() {
        if !state.contains_key(&site.variable) {
            continue;
        }
        if site.kind == Use::Assign {
            state.insert(site.variable, Status::Initialised);
        } else if moved.contains(&index) && !site.conditional {
            state.insert(site.variable, Status::Moved);
        } else if asked.iter().any(|(number, _)| *number == index) && state[&site.variable] == Status::Initialised {
            let entry = &variables[site.variable];
            let status = if entry.anchored || entry.nested { Status::Maybe } else { Status::Asked(place) };
            state.insert(site.variable, status);
        }
    }
    let parted = variables.rests.range((place, 0)..=(place, VariableId::MAX));
    state.extend(parted.map(|(&(_, variable), _)| (variable, Status::Asked(place))));
}

/// Steps over one operation.
pub fn op_forwards(op: &Op, place: Place, graph: &Graph, live_after: &Live, state: &mut State) {
    let variables = &graph.variables;
    match op {
        Op::Declare(variable) => {
            state.insert(*variable, Status::Uninitialised);
        }
        Op::Let { pattern, init, binds, .. } | Op::Bind { pattern, init, binds } => {
            let or_not = matches!(op, Op::Let { otherwise: Some(_), .. });
            forwards(init, walk::matched_by(init, pattern, or_not, variables), variables, live_after, state, place);
            for &variable in binds {
                state.insert(variable, Status::Initialised);
            }
        }
        Op::Effect(expr) | Op::Tail(None, expr) => forwards(expr, Context::Value, variables, live_after, state, place),
        Op::Assign(variable, value) | Op::Tail(Some(variable), value) => {
            let live = live_after_value(op, variables, live_after);
            forwards(value, Context::Value, variables, &live, state, place);
            state.insert(*variable, Status::Initialised);
        }
        Op::Rebind(_) | Op::Enter(_) => {}
        Op::Exit(scope) => state.retain(|&variable, _| variables[variable].scope != *scope),
    }
}

/// Steps over the terminator's expression.
pub fn terminator_forwards(index: BlockId, graph: &Graph, live_in: &[Live], state: &mut State) {
    let block = &graph.blocks[index];
    let place = (index, block.ops.len());
    let live = live_after_terminator(block, live_in);
    match &block.terminator {
        Terminator::If { condition: expr, .. } | Terminator::Suspend { child: expr, .. } | Terminator::Return(expr) => {
            forwards(expr, Context::Value, &graph.variables, &live, state, place)
        }
        // What each arm takes is stepped over on its edge: see `take`.
        Terminator::Match { scrutinee, .. } => {
            if graph.variables.of_path(scrutinee).is_none() {
                forwards(scrutinee, Context::Place, &graph.variables, &live, state, place);
            }
        }
        Terminator::Goto(_) | Terminator::Diverge => {}
    }
}

/// The part of a state that crosses an edge: what is still in scope there, and what the edge binds.
pub fn across(state: &State, target: &Block, binds: &[VariableId], graph: &Graph) -> State {
    let mut across: State = state
        .iter()
        .filter(|(variable, _)| target.scopes.contains(&graph.variables[**variable].scope))
        .map(|(&variable, &status)| (variable, status))
        .collect();
    for &variable in binds {
        across.insert(variable, Status::Initialised);
    }
    across
}

/// A way out of a block: where to, what it binds, and the variable that its pattern takes out of.
pub struct Edge {
    pub target: BlockId,
    pub binds: Vec<VariableId>,
    pub takes: Option<VariableId>,
}

impl Edge {
    /// The state on this edge, before scopes are left: a variable that is matched by value is moved where the pattern
    /// takes something, and stays where it is in the other arms.
    pub fn take(&self, state: &State, live_in: &[Live]) -> State {
        let mut state = state.clone();
        if let Some(variable) = self.takes
            && !live_in[self.target].contains(&variable)
            && state.contains_key(&variable)
        {
            state.insert(variable, Status::Moved);
        }
        state
    }
}

/// The edges of a terminator.
pub fn edges(terminator: &Terminator, variables: &Variables) -> Vec<Edge> {
    match terminator {
        Terminator::Suspend { output, resume, .. } => vec![Edge { target: *resume, binds: vec![*output], takes: None }],
        Terminator::Match { arms, scrutinee } => {
            let scrutinee = variables.of_path(scrutinee);
            arms.iter()
                .map(|arm| Edge {
                    target: arm.block,
                    binds: arm.binds.clone(),
                    takes: scrutinee.filter(|&variable| walk::is_taken_by(variable, &arm.pattern, variables)),
                })
                .collect()
        }
        other => other.successors().into_iter().map(|target| Edge { target, binds: vec![], takes: None }).collect(),
    }
}

fn join(before: Status, incoming: Status, live: bool) -> Status {
    use Status::*;
    match (before, incoming) {
        _ if live && (before == Initialised || incoming == Initialised) => Initialised,
        (before, incoming) if before == incoming => before,
        (Moved, Uninitialised) | (Uninitialised, Moved) => Moved,
        _ => Maybe,
    }
}

/// The backward pass alone.
pub fn live_in(graph: &Graph) -> Vec<Live> {
    let mut live_in: Vec<Live> = vec![Live::new(); graph.blocks.len()];
    let mut before: Vec<Vec<BlockId>> = vec![Vec::new(); graph.blocks.len()];
    for (index, block) in graph.blocks.iter().enumerate() {
        block.terminator.successors().into_iter().for_each(|next| before[next].push(index));
    }
    // Those to be looked at, for the first time or once more. Most edges lead onwards, so the last is the next.
    let mut pending: BTreeSet<BlockId> = (0..graph.blocks.len()).collect();
    while let Some(index) = pending.pop_last() {
        let block = &graph.blocks[index];
        let mut live = live_at_terminator(block, graph, &live_in);
        for op in block.ops.iter().rev() {
            op_backwards(op, &graph.variables, &mut live);
        }
        if live != live_in[index] {
            live_in[index] = live;
            pending.extend(&before[index]);
        }
    }
    live_in
}

/// Runs both passes, and reports what cannot be decided.
pub fn analyse(graph: &Graph, errors: &mut Errors) -> Facts {
    let count = graph.blocks.len();
    let live_in = live_in(graph);
    let mut state_in: Vec<Option<State>> = vec![None; count];
    let parameters = graph.parameters.iter().map(|&variable| (variable, Status::Initialised));
    let parts = graph.parts.iter().map(|&variable| (variable, Status::Uninitialised));
    state_in[0] = Some(parameters.chain(parts).collect());
    let step =
        |index: BlockId, state: Option<&State>| Inside::of(index, state.cloned().unwrap_or_default(), graph, &live_in);
    let mut inside: Vec<Option<Inside>> = vec![None; count];
    let mut pending = vec![0];
    while let Some(index) = pending.pop() {
        let stepped = inside[index].insert(step(index, state_in[index].as_ref()));
        for edge in edges(&graph.blocks[index].terminator, &graph.variables) {
            let next = edge.target;
            let incoming = across(&edge.take(&stepped.end, &live_in), &graph.blocks[next], &edge.binds, graph);
            let joined = match &state_in[next] {
                None => incoming,
                Some(before) => {
                    let mut joined = before.clone();
                    for (&variable, &status) in &incoming {
                        let before = before.get(&variable).copied().unwrap_or(Status::Uninitialised);
                        joined.insert(variable, join(before, status, live_in[next].contains(&variable)));
                    }
                    for (&variable, &status) in before {
                        if !incoming.contains_key(&variable) {
                            joined.insert(
                                variable,
                                join(status, Status::Uninitialised, live_in[next].contains(&variable)),
                            );
                        }
                    }
                    joined
                }
            };
            if state_in[next].as_ref() != Some(&joined) {
                state_in[next] = Some(joined);
                pending.push(next);
            }
        }
    }
    // No way leads to the others.
    let inside = inside.into_iter().enumerate();
    let inside = inside.map(|(index, inside)| inside.unwrap_or_else(|| step(index, None))).collect();
    check_slots(graph, errors);
    Facts { inside, live_in }
}

/// Uses of a variable in a slot that cannot be rewritten.
fn check_slots(graph: &Graph, errors: &mut Errors) {
    if !graph.variables.list.iter().any(|variable| variable.anchored) {
        return;
    }
    struct Check<'a> {
        graph: &'a Graph,
        errors: &'a mut Errors,
    }
    impl walk::Visitor for Check<'_> {
        fn mention(&mut self, expr: &mut Expr, site: Site) {
            let variable = &self.graph.variables[site.variable];
            if variable.anchored && site.captured {
                self.errors.report(
                    error::MOVE_CLOSURE,
                    expr.span(),
                    format!("`{}` in a `move` closure", variable.name),
                );
            }
        }
        fn hidden(&mut self, mac: &Macro, site: Site) {
            let variable = &self.graph.variables[site.variable];
            if variable.anchored {
                let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                self.errors.report(
                    error::MACRO_ANCHORED,
                    mac.path.span(),
                    format!("`{}` inside `{name}!` cannot be rewritten", variable.name),
                );
            }
        }
    }
    let mut check = Check { graph, errors };
    let mut one = |expr: &Expr| walk::walk(&mut expr.clone(), &graph.variables, Context::Value, &mut check);
    for block in &graph.blocks {
        for op in &block.ops {
            match op {
                Op::Let { init, otherwise, .. } => {
                    one(init);
                    otherwise.iter().for_each(&mut one);
                }
                Op::Effect(expr) | Op::Tail(_, expr) | Op::Assign(_, expr) | Op::Bind { init: expr, .. } => one(expr),
                _ => {}
            }
        }
        match &block.terminator {
            Terminator::If { condition: expr, .. }
            | Terminator::Suspend { child: expr, .. }
            | Terminator::Return(expr) => one(expr),
            Terminator::Match { scrutinee, arms } => {
                one(scrutinee);
                arms.iter().filter_map(|arm| arm.guard.as_ref()).for_each(&mut one);
            }
            _ => {}
        }
    }
}
