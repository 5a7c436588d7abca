//! Patterns that take a variable apart which is not used again.
//!
//! # The problem
//! `match pair { (a, _) => … }` moves one half out of `pair`; rustc drops the other where `pair`'s scope ends. The machine
//! cannot name the rest of a variable, so it could not hold it across a suspension.
//!
//! # The design
//! After lowering, once it is known what is live: each `_` in such a pattern becomes a variable of its own, declared
//! beside the variable that is taken apart; so does what a `ref` borrows, and the reference is made of it.
//! Of several alternatives each has been given an arm of its own ([`crate::alternatives`]).
//! What cannot be named (`..`, a `_` in an array or in one of too many alternatives) must not need to be dropped; nor may several parts of
//! a structure, of which neither the pattern nor the file ([`crate::rest_patterns`]) shows the order; and a value with a destructor cannot
//! be taken apart: rustc checks all three when it knows the types (`machine::probe`).

mod parts;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::visit::{self, Visit};
use proc_macro2::Ident;
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Expr, Pat, parse_quote_spanned};

use crate::graph::{BlockId, Graph, Op, ScopeId, Terminator, VariableId, Variables};
use crate::liveness;
use crate::lower::name;
use crate::place::here;
use crate::walk::{self, leaves};

pub use parts::Parts;

/// The role of variables that stand for a `_`.
pub const HIDDEN: &str = "unused";

/// Rewrites the patterns of the whole graph.
pub fn apart(graph: &mut Graph) {
    if !takes_any(graph) {
        return;
    }
    let live_in = liveness::live_in(graph);
    let renewals = Renewals::of(graph);
    let mut declared = Vec::new();
    for index in 0..graph.blocks.len() {
        let live_after = liveness::live_after_ops(&graph.blocks[index], graph, &live_in);
        let mut ops = Vec::new();
        for (at, (op, live)) in std::mem::take(&mut graph.blocks[index].ops).into_iter().zip(live_after).enumerate() {
            for expr in op.expressions() {
                ops.extend(inside(expr, &live, &graph.variables));
            }
            let Op::Let { pattern, init, otherwise, mut binds } = op else {
                ops.push(op);
                continue;
            };
            let Some(variable) = taken(&pattern, &init, &live, &graph.variables) else {
                ops.push(Op::Let { pattern, init, otherwise, binds });
                continue;
            };
            ops.extend(questions(&pattern, &init));
            if graph.variables[variable].anchored {
                graph.variables.goes_at(&init);
            }
            let parts = Parts::of_variable(pattern, variable, &mut graph.variables);
            declared.extend(parts.hidden().iter().map(|&part| (variable, part)));
            binds.retain(|bound| !parts.refers_to(*bound));
            let mut after = parts.after(&graph.variables);
            if renewals.follow(variable, (index, at)) {
                after.extend(parts.renewed(&graph.variables));
            }
            ops.push(Op::Let { pattern: parts.pattern, init, otherwise, binds });
            ops.extend(after);
        }
        let live = liveness::live_after_terminator(&graph.blocks[index], &live_in);
        let mut terminator = std::mem::replace(&mut graph.blocks[index].terminator, Terminator::Diverge);
        for expr in terminator.expressions() {
            ops.extend(inside(expr, &live, &graph.variables));
        }
        if let Terminator::Match { scrutinee, arms } = &mut terminator {
            for arm in arms {
                let Some(variable) = taken(&arm.pattern, scrutinee, &live_in[arm.block], &graph.variables) else {
                    continue;
                };
                ops.extend(questions(&arm.pattern, scrutinee));
                if graph.variables[variable].anchored {
                    graph.variables.goes_at(scrutinee);
                }
                let parts = Parts::of_variable(arm.pattern.clone(), variable, &mut graph.variables);
                declared.extend(parts.hidden().iter().map(|&part| (variable, part)));
                arm.binds.retain(|bound| !parts.refers_to(*bound));
                if let Some(guard) = &mut arm.guard {
                    parts.substitute(guard, &graph.variables);
                }
                let mut after = parts.after(&graph.variables);
                if renewals.follow(variable, (index, usize::MAX)) {
                    after.extend(parts.renewed(&graph.variables));
                }
                graph.blocks[arm.block].ops.splice(0..0, after);
                arm.pattern = parts.pattern;
            }
        }
        graph.blocks[index].terminator = terminator;
        graph.blocks[index].ops = ops;
    }
    declare(graph, declared);
}

/// Whether any pattern may take a variable apart.
fn takes_any(graph: &Graph) -> bool {
    let nothing = HashSet::new();
    let takes = |pattern: &Pat, value: &Expr| taken(pattern, value, &nothing, &graph.variables).is_some();
    graph.blocks.iter().any(|block| {
        let by_let = |op: &Op| matches!(op, Op::Let { pattern, init, .. } if takes(pattern, init));
        let by_match = matches!(&block.terminator, Terminator::Match { scrutinee, arms }
            if arms.iter().any(|arm| takes(&arm.pattern, scrutinee)));
        let by_expression = |expr: &Expr| !taken_inside(expr, &graph.variables).is_empty();
        by_match || block.ops.iter().any(by_let) || block.expressions().into_iter().any(by_expression)
    })
}

/// Declares parts where the variables are declared that they are taken from, to be dropped when those would be.
pub fn declare(graph: &mut Graph, parts: Vec<(VariableId, VariableId)>) {
    let whole: BTreeSet<VariableId> = parts.iter().map(|&(whole, _)| whole).collect();
    for whole in whole {
        let of_it = parts.iter().filter(|(other, _)| *other == whole).map(|&(_, part)| part);
        match declaration(graph, whole) {
            Some(Declaration { block, at, later }) => {
                let declarations = of_it.map(Op::Declare);
                let ops: Vec<Op> = declarations.chain(later.into_iter().map(Op::Rebind)).collect();
                graph.blocks[block].ops.splice(at..at, ops);
            }
            None => graph.parts.extend(of_it),
        }
    }
}

/// Behind the declaration of a variable.
struct Declaration {
    block: BlockId,
    at: usize,
    /// What the same pattern binds behind it.
    later: Vec<VariableId>,
}

/// Finds a declaration, if it is not that of a parameter.
fn declaration(graph: &Graph, variable: VariableId) -> Option<Declaration> {
    // A pattern's binds are not listed in the order of their declaration: what a reference in it refers to comes before all of them.
    let order = |variable: VariableId| graph.variables[variable].order;
    let behind = |binds: &[VariableId]| {
        let mut later: Vec<VariableId> =
            binds.iter().copied().filter(|&bound| order(bound) > order(variable)).collect();
        later.sort_by_key(|&bound| order(bound));
        binds.contains(&variable).then_some(later)
    };
    let find = |declares: &dyn Fn(&Op) -> Option<Vec<VariableId>>| {
        graph.blocks.iter().enumerate().find_map(|(block, entry)| {
            let (op, later) = entry.ops.iter().enumerate().find_map(|(index, op)| Some((index, declares(op)?)))?;
            Some(Declaration { block, at: op + 1, later })
        })
    };
    let bound = find(&|op| matches!(op, Op::Rebind(other) if *other == variable).then(Vec::new)).or_else(|| {
        find(&|op| match op {
            Op::Declare(other) => (*other == variable).then(Vec::new),
            Op::Let { binds, .. } => behind(binds),
            _ => None,
        })
    });
    bound.or_else(|| {
        // By an arm's pattern, or as an awaited value.
        let mut edges = graph.blocks.iter().flat_map(|block| liveness::edges(&block.terminator, &graph.variables));
        let (block, later) = edges.find_map(|edge| Some((edge.target, behind(&edge.binds)?)))?;
        let scope = graph.variables[variable].scope;
        let enters = |op: &Op| matches!(op, Op::Enter(other) if *other == scope);
        let entered = |block: BlockId| Some((block, graph.blocks[block].ops.iter().position(enters)? + 1));
        let innermost = (graph.blocks[block].scopes.last() == Some(&scope)).then_some((block, 0));
        // A scope that is not the innermost one was entered before.
        let anywhere = || (0..graph.blocks.len()).find_map(entered);
        let (block, at) = entered(block).or(innermost).or_else(anywhere).unwrap_or((block, 0));
        Some(Declaration { block, at, later })
    })
}

/// The variable that a pattern takes apart, if there is anything to hold of it.
fn taken(pattern: &Pat, value: &Expr, live: &HashSet<VariableId>, variables: &Variables) -> Option<VariableId> {
    let variable = variables.of_path(value)?;
    let held = walk::is_taken_by(variable, pattern, variables)
        && name(pattern).is_none()
        && !variables[variable].plain
        && !live.contains(&variable);
    held.then_some(variable)
}

/// Where variables get values, and where scopes end.
struct Renewals {
    events: Vec<Vec<(usize, Event)>>,
    /// The scopes that are open where a block begins.
    open: Vec<Vec<ScopeId>>,
    successors: Vec<Vec<BlockId>>,
    /// The variables' scopes.
    scopes: Vec<ScopeId>,
}

#[derive(Clone, Copy)]
enum Event {
    Assigned(VariableId),
    Ended(ScopeId),
}

impl Renewals {
    fn of(graph: &Graph) -> Renewals {
        let assigned = |exprs: Vec<&Expr>| -> Vec<Event> {
            let sites = exprs.into_iter().flat_map(|expr| walk::uses(expr, &graph.variables));
            let sites = sites.filter(|site| site.kind == walk::Use::Assign);
            sites.map(|site| Event::Assigned(site.variable)).collect()
        };
        let events = graph.blocks.iter().map(|block| {
            let mut events = Vec::new();
            for (at, op) in block.ops.iter().enumerate() {
                let whole = match op {
                    Op::Assign(variable, _) | Op::Tail(Some(variable), _) => Some(Event::Assigned(*variable)),
                    Op::Exit(scope) => Some(Event::Ended(*scope)),
                    _ => None,
                };
                events.extend(assigned(op.expressions()).into_iter().chain(whole).map(|event| (at, event)));
            }
            let end = assigned(block.terminator.expressions());
            events.extend(end.into_iter().map(|event| (block.ops.len(), event)));
            events
        });
        let open = graph.blocks.iter().map(|block| block.scopes.clone());
        let successors = graph.blocks.iter().map(|block| block.terminator.successors());
        let scopes = graph.variables.list.iter().map(|variable| variable.scope);
        Renewals {
            events: events.collect(),
            open: open.collect(),
            successors: successors.collect(),
            scopes: scopes.collect(),
        }
    }

    /// Whether a variable may get another value behind an op of a block, before its scope ends.
    fn follow(&self, variable: VariableId, (block, at): (BlockId, usize)) -> bool {
        let Some(&scope) = self.scopes.get(variable) else { return false };
        let mut pending = vec![(block, Some(at))];
        let mut seen = HashSet::new();
        while let Some((block, behind)) = pending.pop() {
            let mut events = self.events[block].iter().filter(|(at, _)| behind.is_none_or(|behind| *at > behind));
            let next = events.find_map(|&(_, event)| match event {
                Event::Assigned(other) => (other == variable).then_some(true),
                Event::Ended(ended) => (ended == scope).then_some(false),
            });
            match next {
                Some(true) => return true,
                Some(false) => continue,
                None => {}
            }
            let inside = self.successors[block].iter().filter(|&&next| self.open[next].contains(&scope));
            pending.extend(inside.filter(|&&next| seen.insert(next)).map(|&next| (next, None)));
        }
        false
    }
}

/// That a value has no destructor of its own.
pub fn is_no_destructor(pattern: &Pat, value: &Expr) -> Op {
    let (span, place) = here(pattern.span());
    Op::Effect(parse_quote_spanned!(span=> (&__probe(&#value)).taken::<#place>()))
}

/// What rustc is asked about a value before it is taken apart.
fn questions(pattern: &Pat, value: &Expr) -> Vec<Op> {
    let mut ops = vec![is_no_destructor(pattern, value)];
    if has_rest(pattern) {
        let (span, place) = here(pattern.span());
        let asked = parse_quote_spanned!(span=> __probe(&#value).taken_in_part::<#place>());
        ops.push(Op::Effect(asked));
    }
    ops
}

/// What rustc is asked about the variables that patterns take apart inside of an expression in one piece: a pattern that only copies
/// out of a value with a destructor leaves it where it is. (`Some(n)` matches nothing that has one.)
fn inside(expr: &Expr, live: &HashSet<VariableId>, variables: &Variables) -> Vec<Op> {
    let found = taken_inside(expr, variables);
    if found.is_empty() {
        return Vec::new();
    }
    let sites = walk::uses(expr, variables);
    let moved: HashSet<VariableId> = liveness::moves(&sites, variables, live)
        .into_iter()
        .filter_map(|number| sites.get(number).map(|site| site.variable))
        .collect();
    // One that gets its value here has none before.
    let assigned = |variable| sites.iter().any(|site| site.variable == variable && site.kind == walk::Use::Assign);
    let held = |variable: VariableId| {
        let entry = &variables[variable];
        moved.contains(&variable) && !assigned(variable) && !entry.plain && !entry.outer && entry.order != usize::MAX
    };
    let asked = found.into_iter().filter(|&(variable, _)| held(variable)).map(|(variable, pattern)| {
        let ((span, place), name) = (here(pattern.span()), &variables[variable].name);
        Op::Effect(parse_quote_spanned!(span=> (&__probe(&#name)).taken::<#place>()))
    });
    asked.collect()
}

/// The variables that patterns within an expression take apart, and by which.
fn taken_inside(expr: &Expr, variables: &Variables) -> BTreeMap<VariableId, Pat> {
    struct Find<'a>(&'a Variables, BTreeMap<VariableId, Pat>);
    impl Find<'_> {
        fn found(&mut self, pattern: &Pat, value: &Expr) {
            if let Some(variable) = self.0.of_path(value).filter(|_| walk::takes(pattern) && is_of_user(pattern)) {
                self.1.insert(variable, pattern.clone());
            }
        }
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
            choice.arms.iter().for_each(|arm| self.found(&arm.pat, &choice.expr));
            visit::visit_expr_match(self, choice);
        }
        fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
            self.found(&condition.pat, &condition.expr);
            visit::visit_expr_let(self, condition);
        }
        fn visit_local(&mut self, local: &'ast syn::Local) {
            local.init.iter().for_each(|init| self.found(&local.pat, &init.expr));
            visit::visit_local(self, local);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, BTreeMap::new());
    find.visit_expr(expr);
    find.1
}

/// Whether a pattern names a type that may have a destructor of its own.
fn is_of_user(pattern: &Pat) -> bool {
    match pattern {
        Pat::TupleStruct(tuple) => {
            let last = tuple.path.segments.last().map(|last| last.ident.to_string());
            !matches!(last.as_deref(), Some("Some" | "Ok" | "Err"))
        }
        Pat::Struct(_) => true,
        Pat::Or(or) => or.cases.iter().any(is_of_user),
        Pat::Paren(inner) => is_of_user(&inner.pat),
        Pat::Type(inner) => is_of_user(&inner.pat),
        Pat::Guard(inner) => is_of_user(&inner.pat),
        _ => false,
    }
}

/// Whether a pattern leaves out parts that cannot be given a name.
pub fn has_rest(pattern: &Pat) -> bool {
    match pattern {
        // rustc drops the rest of an array from its end, which parts with names of their own would not follow.
        Pat::Slice(slice) => slice.elems.iter().any(|element| has_rest(element) || leaves(element)),
        Pat::Rest(_) => true,
        Pat::Or(or) => or.cases.iter().any(|case| has_rest(case) || leaves(case)),
        Pat::Struct(structure) => structure.rest.is_some() || structure.fields.iter().any(|field| has_rest(&field.pat)),
        Pat::Tuple(tuple) => tuple.elems.iter().any(has_rest),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(has_rest),
        Pat::Paren(inner) => has_rest(&inner.pat),
        Pat::Type(inner) => has_rest(&inner.pat),
        Pat::Guard(inner) => has_rest(&inner.pat),
        _ => false,
    }
}

/// The name under which a part comes in.
pub fn new(part: &Ident) -> Ident {
    format_ident!("__new_{}", part, span = part.span())
}
