//! Which variables hold borrows of others at a suspension.
//!
//! # The problem
//! `for x in &list { last = Some(x); }`: `last` borrows `list`, though no expression says so.
//!
//! # The design
//! Every `let`, pattern and assignment says what a variable's value may be made of, and every call what it may store: these are
//! edges from variables to variables. Along them [`Carried::found`] collects what each variable may refer to. One that
//! holds borrows at a suspension needs what it refers to in slots. It holds them from where it first gets them, or, in a loop that is
//! inside of its scope, from where that begins, to the end of its scope, or its last use if it has no destructor.
//!
//! Places are counted in the order of the source: a variable's scope is a span of them, and so is a loop.
//!
//! # Costs
//! One fixpoint for all suspensions, over sets that are small: most variables refer to none or one.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::Flow;
use super::known;
use super::stored::Stored;
use crate::graph::{Borrowing, VariableId, Variables};

/// A place of the source.
type At = usize;

/// What is found out about a body from its beginning to its end.
#[derive(Default)]
pub struct Carried {
    now: At,
    /// Where variables are declared, and where their scopes end. Parameters are not among them.
    spans: BTreeMap<VariableId, (At, At)>,
    open: Vec<Vec<VariableId>>,
    loops: Vec<(At, At)>,
    entered: Vec<usize>,
    pub statement: At,
    /// Where it is suspended, and where the statement begins in which it is.
    suspensions: Vec<(At, At)>,
    mentioned: BTreeMap<VariableId, At>,
    /// Variables of which the first value shows that they hold no reference.
    bare: BTreeSet<VariableId>,
    edges: Vec<(At, VariableId, Flow)>,
    stores: Vec<(At, Stored)>,
    /// What is borrowed by something without a name, from a place to another.
    held: Vec<(At, At, Flow)>,
}

impl Carried {
    pub fn here(&mut self) -> At {
        self.now += 1;
        self.now
    }

    pub fn open(&mut self) {
        self.open.push(Vec::new());
    }

    pub fn close(&mut self) {
        let end = self.here();
        for variable in self.open.pop().unwrap_or_default() {
            if let Some(span) = self.spans.get_mut(&variable) {
                span.1 = end;
            }
        }
    }

    pub fn declare(&mut self, variable: VariableId) {
        let here = self.here();
        self.spans.entry(variable).or_insert((here, At::MAX));
        self.open.last_mut().into_iter().for_each(|open| open.push(variable));
    }

    pub fn enter_loop(&mut self) {
        let here = self.here();
        self.entered.push(self.loops.len());
        self.loops.push((here, At::MAX));
    }

    pub fn leave_loop(&mut self) {
        let here = self.here();
        self.entered.pop().into_iter().for_each(|number| self.loops[number].1 = here);
    }

    pub fn suspend(&mut self) {
        let here = self.here();
        self.suspensions.push((here, self.statement));
    }

    pub fn mention(&mut self, variable: VariableId) {
        let here = self.here();
        self.mentioned.insert(variable, here);
    }

    pub fn is_bare(&mut self, variable: VariableId) {
        self.bare.insert(variable);
    }

    /// A variable gets a value.
    pub fn give(&mut self, variable: VariableId, flow: Flow) {
        if !flow.is_empty() {
            let here = self.here();
            self.edges.push((here, variable, flow));
        }
    }

    pub fn store(&mut self, stored: Stored) {
        if !stored.flow.is_empty() {
            let here = self.here();
            self.stores.push((here, stored));
        }
    }

    /// Something without a name holds borrows from a place to here.
    pub fn hold(&mut self, from: At, flow: Flow) {
        if !flow.is_empty() {
            let here = self.here();
            self.held.push((from, here, flow));
        }
    }

    /// The variables that need slots.
    pub fn found(&self, variables: &Variables) -> Vec<VariableId> {
        if self.suspensions.is_empty() {
            return Vec::new();
        }
        let reach = self.reach(variables);
        let mut found = BTreeSet::new();
        for (&variable, reached) in &reach {
            let until = self.span(variable).1;
            for &borrowed in &reached.borrowed {
                if !found.contains(&borrowed) && self.is_held(variable, reached.from, until, borrowed, variables) {
                    found.insert(borrowed);
                }
            }
        }
        for (from, to, flow) in &self.held {
            for borrowed in flow.carried.iter().filter_map(|carried| reach.get(carried)).flat_map(|of| &of.borrowed) {
                if !found.contains(borrowed) && self.suspended(*from, *to, *borrowed).next().is_some() {
                    found.insert(*borrowed);
                }
            }
        }
        found.into_iter().collect()
    }

    /// Whether a `&mut` is not used any more where places that are reached through it are borrowed: while something is suspended, or by
    /// another variable. Then it is not moved while they are.
    pub fn is_done_with(&self, reference: VariableId) -> bool {
        let borrows = |flow: &Flow| flow.borrowed.contains(&reference);
        let given = self.edges.iter().filter(|(_, _, flow)| borrows(flow)).map(|(at, ..)| *at);
        let stored = self.stores.iter().filter(|(_, stored)| borrows(&stored.flow)).map(|(at, _)| *at);
        let held = self.held.iter().filter(|(.., flow)| borrows(flow)).map(|(from, to, _)| {
            let first = self.suspensions.iter().map(|(at, _)| *at).find(|at| (from..=to).contains(&at));
            first.unwrap_or(*from)
        });
        let last = self.last_use(reference);
        given.chain(stored).chain(held).min().is_some_and(|first| last < first)
    }

    /// Where a variable is mentioned last, or where the loop ends in which that is.
    fn last_use(&self, variable: VariableId) -> At {
        let last = self.mentioned.get(&variable).copied().unwrap_or_default();
        self.around(last, self.span(variable).0).map_or(last, |(_, end)| end)
    }

    /// Whether one variable may refer to another at a suspension.
    fn is_held(&self, variable: VariableId, from: At, to: At, borrowed: VariableId, variables: &Variables) -> bool {
        let mut suspended = self.suspended(from, to, borrowed);
        if !variables[variable].plain {
            return suspended.next().is_some();
        }
        // It has no destructor: what it refers to is of no concern behind its last use.
        let last = self.last_use(variable);
        suspended.any(|(_, statement)| statement <= last)
    }

    /// The suspensions between two places, and inside of a variable's scope.
    fn suspended(&self, from: At, to: At, borrowed: VariableId) -> impl Iterator<Item = (At, At)> + '_ {
        let (declared, end) = self.span(borrowed);
        let first = self.suspensions.partition_point(|(at, _)| *at <= from.max(declared));
        self.suspensions[first..].iter().copied().take_while(move |(at, _)| *at <= to.min(end))
    }

    fn span(&self, variable: VariableId) -> (At, At) {
        self.spans.get(&variable).copied().unwrap_or((0, At::MAX))
    }

    /// The outermost loop around a place that is inside of the scope which begins at another.
    fn around(&self, at: At, declared: At) -> Option<(At, At)> {
        let mut loops = self.loops.iter().copied();
        loops.find(|(start, end)| (start..end).contains(&&at) && declared < *start)
    }

    /// What each variable may refer to.
    fn reach(&self, variables: &Variables) -> BTreeMap<VariableId, Reached> {
        let mut reach = BTreeMap::new();
        let may_hold: Vec<Holds> =
            (0..variables.list.len()).map(|variable| self.may_hold(variable, variables)).collect();
        let mut changed = true;
        while changed {
            changed = false;
            for (at, variable, flow) in &self.edges {
                if may_hold[*variable] != Holds::Nothing {
                    changed |= self.flow(&mut reach, *variable, *at, flow);
                }
            }
            for (at, stored) in &self.stores {
                let mut into: BTreeSet<VariableId> = stored.into.iter().copied().collect();
                // It may be stored behind a reference.
                for reached in stored.into.iter().filter_map(|variable| reach.get(variable)) {
                    into.extend(reached.borrowed.iter().chain(&reached.carried));
                }
                for variable in into {
                    if may_hold[variable] == Holds::All {
                        changed |= self.flow(&mut reach, variable, *at, &stored.flow);
                    }
                }
            }
        }
        reach
    }

    /// Adds what comes to a variable at a place. Says whether it did not have it yet.
    fn flow(&self, reach: &mut BTreeMap<VariableId, Reached>, into: VariableId, at: At, flow: &Flow) -> bool {
        let mut borrowed: BTreeSet<VariableId> = flow.borrowed.iter().copied().collect();
        let mut carried = BTreeSet::new();
        for variable in &flow.carried {
            carried.insert(*variable);
            if let Some(reached) = reach.get(variable) {
                borrowed.extend(&reached.borrowed);
                carried.extend(&reached.carried);
            }
        }
        borrowed.remove(&into);
        carried.remove(&into);
        if borrowed.is_empty() && carried.is_empty() {
            return false;
        }
        let from = self.around(at, self.span(into).0).map_or(at, |(start, _)| start);
        let reached = reach.entry(into).or_default();
        let before = (reached.borrowed.len(), reached.carried.len(), reached.from);
        if !borrowed.is_empty() {
            reached.from = reached.from.min(from);
        }
        reached.borrowed.extend(borrowed);
        reached.carried.extend(carried);
        before != (reached.borrowed.len(), reached.carried.len(), reached.from)
    }

    /// Whether a variable may hold a borrow of another of the function.
    fn may_hold(&self, variable: VariableId, variables: &Variables) -> Holds {
        let entry = &variables[variable];
        let is_parameter = !self.spans.contains_key(&variable);
        match &entry.written {
            _ if self.bare.contains(&variable) => Holds::Nothing,
            // The caller has chosen its type, and knows of no variable in here. (Where it is covariant, it may become a shorter one.)
            Some(ty) if is_parameter && !known::may_hold(ty, false) => Holds::Nothing,
            Some(syn::Type::Reference(_)) if is_parameter => Holds::Values,
            None if is_parameter && !entry.owned && entry.borrowing != Borrowing::Unknown => Holds::Nothing,
            Some(ty) if !known::may_hold(ty, true) => Holds::Nothing,
            _ => Holds::All,
        }
    }
}

/// What a variable may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// What is assigned to it, but nothing that is stored behind it.
    Values,
    All,
}

/// What a variable may refer to, from where on, and whose values it may be made of.
struct Reached {
    from: At,
    borrowed: BTreeSet<VariableId>,
    carried: BTreeSet<VariableId>,
}

impl Default for Reached {
    fn default() -> Self {
        Reached { from: At::MAX, borrowed: BTreeSet::new(), carried: BTreeSet::new() }
    }
}
