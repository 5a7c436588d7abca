//! Which variables without a written type are `&mut`s, by where they come from.
//!
//! # The problem
//! `let low = Low(led);` moves `led`, or, if that is a `&mut` which is used again, borrows it anew: then it has to stay where it is
//! while `low` lives.
//!
//! # The design
//! What a pattern binds that is matched against a `&mut`, or against what a method gives whose name ends with `_mut`, is taken for
//! one. If it is none, it is copied where it is used again, and has a slot that it does not need.

use std::collections::BTreeSet;

use crate::visit::{self, Visit};
use syn::{Block, Expr, Pat};

use crate::graph::{Borrowing, VariableId, Variables};
use crate::lower::bound;

/// Finds them.
pub fn mutable(body: &Block, variables: &Variables) -> BTreeSet<VariableId> {
    let mut find = Find { variables, found: BTreeSet::new() };
    find.visit_block(body);
    find.found
}

struct Find<'a> {
    variables: &'a Variables,
    found: BTreeSet<VariableId>,
}

impl Find<'_> {
    fn matched(&mut self, pattern: &Pat, value: &Expr) {
        if self.is_mutable(value) {
            let unknown = |variable: &VariableId| {
                let entry = &self.variables[*variable];
                entry.borrowing == Borrowing::Unknown && !entry.plain && !entry.copied && !entry.owned
            };
            let all = bound(pattern, self.variables);
            self.found.extend(all.into_iter().filter(unknown));
        }
    }

    fn is_mutable(&self, value: &Expr) -> bool {
        match value {
            Expr::Reference(inner) => inner.mutability.is_some(),
            Expr::MethodCall(call) => call.method.to_string().ends_with("_mut") || self.is_mutable(&call.receiver),
            Expr::Try(inner) => self.is_mutable(&inner.expr),
            Expr::Await(inner) => self.is_mutable(&inner.base),
            Expr::Paren(inner) => self.is_mutable(&inner.expr),
            Expr::Tuple(tuple) => tuple.elems.iter().any(|element| self.is_mutable(element)),
            Expr::Path(_) => self.variables.of_path(value).is_some_and(|variable| {
                self.variables[variable].borrowing == Borrowing::Mutable || self.found.contains(&variable)
            }),
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.matched(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, inner: &'ast syn::ExprLet) {
        self.matched(&inner.pat, &inner.expr);
        visit::visit_expr_let(self, inner);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        choice.arms.iter().for_each(|arm| self.matched(&arm.pat, &choice.expr));
        visit::visit_expr_match(self, choice);
    }

    fn visit_expr_for_loop(&mut self, repeat: &'ast syn::ExprForLoop) {
        self.matched(&repeat.pat, &repeat.expr);
        visit::visit_expr_for_loop(self, repeat);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
