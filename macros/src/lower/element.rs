//! An element of a tuple that is written there: `(a, b).1`.
//!
//! The other elements are a temporary, or live on with what borrows the one: each element has a variable. Together they are dropped
//! as the tuple would be, from the first to the last; what they are made of is dropped with the statement.

use proc_macro2::Span;
use syn::{Expr, Pat};

use super::bound::bound;
use super::{Lower, form};
use crate::graph::{Op, VariableId};
use crate::tree;

impl Lower<'_> {
    /// A part of a value, in a variable. Of a tuple that is written there, the other elements get variables too: together
    /// they are dropped as the tuple is, from first to last. `extended`: its own temporaries end here, while it lives on.
    pub(super) fn element(&mut self, mut value: Expr, span: Span, extended: bool) -> VariableId {
        if let Some(part) = field_of_element(&mut value) {
            // The rest of the element lives on with it.
            let whole = self.element(part.clone(), span, extended);
            *part = self.path(whole);
            return self.temporary("value", value, span);
        }
        if let Some((tuple, number)) = element_of(&value) {
            let mut tuple = tuple.clone();
            let temporaries = tuple.elems.iter().any(form::has_temporaries);
            if temporaries && !extended {
                // They are older than the tuple.
                self.hold_elements(&mut tuple);
            }
            let name = |_: &Expr| self.graph.variables.temporary("value", span);
            let all: Vec<VariableId> = tuple.elems.iter().map(name).collect();
            for &element in all.iter().rev() {
                self.declare(element);
                self.op(Op::Declare(element));
            }
            let scope = (temporaries && extended).then(|| self.enter());
            if scope.is_some() {
                self.hold_elements(&mut tuple);
            }
            // The elements outlive the block's variables, or the statement's temporaries, but not while they wait for one another.
            let wait = self.in_tail() || scope.is_some();
            self.fill(&all, tuple, wait, span);
            scope.into_iter().for_each(|scope| self.exit(scope));
            return all[number];
        }
        self.temporary("value", value, span)
    }

    /// The element of a tuple that is written there and borrowed by a `let`: all elements live as long as what the `let` declares,
    /// what they are made of as long as the statement.
    pub(super) fn extended_element(&mut self, tuple: syn::ExprTuple, number: usize, span: Span) -> VariableId {
        let all: Vec<VariableId> = tuple.elems.iter().map(|_| self.graph.variables.temporary("value", span)).collect();
        for &element in all.iter().rev() {
            self.declare(element);
            self.op(Op::Declare(element));
        }
        self.graph.variables[all[number]].anchored = true;
        let scope = self.enter();
        if let Expr::Tuple(mut tuple) = self.value(Expr::Tuple(tuple)) {
            self.hold_elements(&mut tuple);
            self.fill(&all, tuple, true, span);
        }
        self.exit(scope);
        all[number]
    }

    /// Gives the variables of a tuple's elements their values. `wait`: once all of them have been made.
    fn fill(&mut self, elements: &[VariableId], tuple: syn::ExprTuple, wait: bool, span: Span) {
        let mut values: Vec<Expr> = tuple.elems.into_iter().collect();
        let last = values.iter().rposition(|value| !form::is_still(value)).unwrap_or_default();
        for (index, value) in values.iter_mut().enumerate().filter(|_| wait) {
            if let Some(variable) = self.awaited(value) {
                // Until all of them have been made it is an operand, which no more outlives the block's variables.
                self.move_inside(variable);
                self.graph.variables[variable].waits();
            } else if !form::is_still(value) || (index < last && self.moves_last(value)) {
                let operand = self.temporary("operand", std::mem::replace(value, tree::unit()), span);
                self.graph.variables[operand].waits();
                *value = self.path(operand);
            }
        }
        for (&element, value) in elements.iter().zip(values) {
            self.op(Op::Assign(element, value));
        }
    }

    /// The variable of an awaited value that is an operand as it is.
    fn awaited(&self, value: &Expr) -> Option<VariableId> {
        let variable = self.graph.variables.of_path(value)?;
        (self.graph.variables[variable].role == "awaited").then_some(variable)
    }

    /// `let PATTERN = (…, value, …).1;`, where the pattern borrows from the element and takes parts of it: it is bound before the
    /// temporaries of the statement are dropped. What it leaves of the element is dropped where the element would be.
    pub(super) fn bind_element(&mut self, pattern: Pat, mut tuple: syn::ExprTuple, number: usize, span: Span) {
        let (pattern, after) = self.held_parts(pattern);
        let (mut rest, named): (Vec<_>, Vec<_>) =
            bound(&pattern, &self.graph.variables).into_iter().partition(|&variable| self.is_hidden(variable));
        rest.sort();
        let all: Vec<VariableId> = tuple.elems.iter().map(|_| self.graph.variables.temporary("value", span)).collect();
        let beside = |at: usize| if at == number { rest.as_slice() } else { &[] };
        let declared = (0..all.len()).rev().flat_map(|at| std::iter::once(all[at]).chain(beside(at).iter().copied()));
        for variable in declared.chain(named.iter().copied()).collect::<Vec<_>>() {
            self.declare(variable);
            self.op(Op::Declare(variable));
        }
        let scope = self.enter();
        if let Expr::Tuple(lowered) = self.value(Expr::Tuple(tuple.clone())) {
            tuple = lowered;
        }
        self.hold_elements(&mut tuple);
        self.fill(&all, tuple, true, span);
        let whole = self.path(all[number]);
        let binds = rest.iter().chain(&named).copied().collect();
        self.op(Op::Bind { pattern, init: tree::braces(span, whole), binds });
        self.exit(scope);
        self.refer(after);
    }
}

/// `(a, b).1` in `(a, b).1.field`.
fn field_of_element(value: &mut Expr) -> Option<&mut Expr> {
    match value {
        Expr::Field(inner) => match element_of(&inner.base).is_some() {
            true => Some(&mut inner.base),
            false => field_of_element(&mut inner.base),
        },
        Expr::Paren(inner) => field_of_element(&mut inner.expr),
        Expr::Group(inner) => field_of_element(&mut inner.expr),
        _ => None,
    }
}

/// `(a, b).1`: the tuple, and which of its elements it is.
pub(super) fn element_of(value: &Expr) -> Option<(&syn::ExprTuple, usize)> {
    let Expr::Field(inner) = tree::bare(value) else { return None };
    match (tree::bare(&inner.base), &inner.member) {
        (Expr::Tuple(tuple), syn::Member::Unnamed(number)) if (number.index as usize) < tuple.elems.len() => {
            Some((tuple, number.index as usize))
        }
        _ => None,
    }
}
