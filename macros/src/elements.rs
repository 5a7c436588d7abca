//! Patterns that take elements out of an array.
//!
//! # The problem
//! `let [a, b] = array;` moves the elements one by one. Where `array` may or may not have been taken apart like that when its
//! scope ends, rustc asks a flag for each element, and drops those that are left from the last to the first; an array that
//! is certainly whole it drops from the first to the last. Certain is what every way to that drop agrees about, also the ways
//! of panics and cancellation: which those are, is not known here.
//!
//! # The design
//! An array that has been in one piece since the straight code in which it was declared is rustc's business. Of any other,
//! the elements must not need to be dropped: rustc checks it (`machine::probe`), as it does for what a pattern leaves out
//! ([`crate::apart`]).
//!
//! In rustc's eyes all `return`s of a function are one way to the drops, and its end is another. So where there is such an array, and
//! a `return`, the machine's end is none. And where an array is taken apart, and there is a `return` behind a suspension, to which the
//! machine comes on a way of its own, there is one in between that is never taken.

use std::collections::{HashMap, HashSet};

use crate::visit::{self, Visit};
use quote::quote;
use syn::{Expr, Pat, parse_quote_spanned};

use crate::apart::has_rest;
use crate::graph::{Arm, Block, BlockId, Graph, Op, Terminator, VariableId, Variables};
use crate::liveness;
use crate::place::here;
use crate::walk;

/// Puts the questions before what takes elements.
pub fn ask(graph: &mut Graph) {
    let takes = |op: &Op| Find::in_op(op, &graph.variables).takes;
    let at_end = |block: &Block| Find::in_terminator(&block.terminator, &graph.variables).takes;
    if !graph.blocks.iter().any(|block| at_end(block) || block.ops.iter().any(takes)) {
        return;
    }
    let declared = declared(graph);
    let returns: Vec<bool> = graph.blocks.iter().map(returns).collect();
    let mut takes = false;
    for index in 0..graph.blocks.len() {
        let never = || {
            Op::Effect(Expr::Verbatim(quote!(if false {
                return __Cancelled;
            })))
        };
        let mut asked = |found: Find<'_>| -> Vec<Op> {
            takes |= found.takes;
            let elsewhere = |variable: &VariableId| declared.get(variable) != Some(&index);
            let asked = found.anywhere.into_iter().chain(found.here.into_iter().filter(elsewhere));
            let ask = |variable: VariableId| {
                let name = &found.variables[variable].name;
                let (span, place) = here(name.span());
                Op::Effect(parse_quote_spanned!(span=> (&__probe(&#name)).taken_by_elements::<#place>()))
            };
            asked.map(ask).collect()
        };
        let block = &graph.blocks[index];
        let mut ops = Vec::new();
        for op in &block.ops {
            let found = Find::in_op(op, &graph.variables);
            let takes_here = matches!(op, Op::Let { .. }) && !found.here.is_empty();
            ops.extend(asked(found));
            ops.push(op.clone());
            ops.extend((takes_here && returns_later(graph, index, &returns)).then(never));
        }
        ops.extend(asked(Find::in_terminator(&block.terminator, &graph.variables)));
        graph.blocks[index].ops = ops;
    }
    graph.ends_apart = takes && returns.contains(&true);
}

fn returns(block: &Block) -> bool {
    block.exits() || matches!(&block.terminator, Terminator::Return(Expr::Return(_)))
}

/// Whether one of the blocks that return may be reached from this one, behind a suspension.
fn returns_later(graph: &Graph, from: BlockId, returns: &[bool]) -> bool {
    let mut met = HashSet::new();
    let mut open = vec![(from, false)];
    while let Some((block, is_later)) = open.pop() {
        let terminator = &graph.blocks[block].terminator;
        let is_later = is_later || matches!(terminator, Terminator::Suspend { .. });
        for edge in liveness::edges(terminator, &graph.variables) {
            if is_later && returns[edge.target] {
                return true;
            }
            if met.insert((edge.target, is_later)) {
                open.push((edge.target, is_later));
            }
        }
    }
    false
}

/// The blocks in which variables are declared.
fn declared(graph: &Graph) -> HashMap<VariableId, BlockId> {
    let mut found: HashMap<VariableId, BlockId> = graph.parameters.iter().map(|&parameter| (parameter, 0)).collect();
    for (index, block) in graph.blocks.iter().enumerate() {
        for op in &block.ops {
            match op {
                Op::Declare(variable) => drop(found.insert(*variable, index)),
                Op::Let { binds, .. } => found.extend(binds.iter().map(|&variable| (variable, index))),
                _ => {}
            }
        }
        let edges = liveness::edges(&block.terminator, &graph.variables);
        found.extend(edges.iter().flat_map(|edge| edge.binds.iter().map(|&variable| (variable, edge.target))));
    }
    found
}

/// The variables of which elements are taken: by a statement, or on one way of several that leave the block.
struct Find<'a> {
    variables: &'a Variables,
    here: HashSet<VariableId>,
    anywhere: HashSet<VariableId>,
    /// There is a pattern that takes elements.
    takes: bool,
}

impl<'a> Find<'a> {
    fn nothing(variables: &'a Variables) -> Find<'a> {
        Find { variables, here: HashSet::new(), anywhere: HashSet::new(), takes: false }
    }

    fn in_op(op: &Op, variables: &'a Variables) -> Find<'a> {
        let mut find = Find::nothing(variables);
        match op {
            Op::Let { pattern, init, otherwise, .. } => {
                if !has_rest(pattern) {
                    find.taken(pattern, init);
                }
                find.visit_expr(init);
                otherwise.iter().for_each(|otherwise| find.visit_expr(otherwise));
            }
            Op::Effect(expr) | Op::Tail(_, expr) | Op::Assign(_, expr) | Op::Bind { init: expr, .. } => {
                find.visit_expr(expr)
            }
            _ => {}
        }
        find
    }

    fn in_terminator(terminator: &Terminator, variables: &'a Variables) -> Find<'a> {
        let mut find = Find::nothing(variables);
        match terminator {
            Terminator::Match { scrutinee, arms } => {
                let whole = |arm: &&Arm| !has_rest(&arm.pattern);
                arms.iter().filter(whole).for_each(|arm| find.taken(&arm.pattern, scrutinee));
                find.anywhere = std::mem::take(&mut find.here);
                find.visit_expr(scrutinee);
            }
            Terminator::If { condition: expr, .. }
            | Terminator::Suspend { child: expr, .. }
            | Terminator::Return(expr) => find.visit_expr(expr),
            _ => {}
        }
        find
    }

    fn taken(&mut self, pattern: &Pat, value: &Expr) {
        if takes_elements(pattern) {
            self.takes = true;
            let variable = self.variables.of_path(value);
            self.here.extend(variable.filter(|&variable| !self.variables[variable].plain));
        }
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.taken(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.taken(&condition.pat, &condition.expr);
        visit::visit_expr_let(self, condition);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        choice.arms.iter().for_each(|arm| self.taken(&arm.pat, &choice.expr));
        visit::visit_expr_match(self, choice);
    }

    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    // It captures an array as a whole.
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether a pattern takes elements of its own.
fn takes_elements(pattern: &Pat) -> bool {
    match pattern {
        Pat::Slice(_) => walk::takes(pattern),
        Pat::Paren(inner) => takes_elements(&inner.pat),
        Pat::Type(inner) => takes_elements(&inner.pat),
        Pat::Guard(inner) => takes_elements(&inner.pat),
        Pat::Or(or) => or.cases.iter().any(takes_elements),
        _ => false,
    }
}
