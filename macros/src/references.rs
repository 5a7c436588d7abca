//! Variables that are references, by how they are bound.
//!
//! # The problem
//! `if let Some(port) = &mut self.port { port.write(…).await }`: what `port` is, only types tell. What may have a destructor is held until it
//! is dropped, and what a method is called on may be borrowed itself, and needs a slot.
//!
//! # The design
//! What is matched against `&value` binds references, whatever the type of the value is: the name itself does, and so do those in a
//! pattern, unless it has a `&` of its own, or a `mut`, which binds a copy before edition 2024. (Default binding modes, RFC 2005.) Such
//! a variable has no destructor; a `&T` is used through copies, and for a `&mut` goes what does where its type is written.

use std::collections::BTreeSet;

use crate::visit::{self, Visit};
use syn::{Block, Expr, Pat};

use crate::graph::{Borrowing, VariableId, Variables};
use crate::tree;

/// Notes it down for all variables of a body.
pub fn tell(body: &Block, variables: &mut Variables) {
    let mut find = Find { variables, found: Vec::new() };
    find.visit_block(body);
    for (variable, is_mutable) in find.found {
        let entry = &mut variables[variable];
        entry.plain = true;
        entry.shared |= !is_mutable;
        entry.borrowing = if is_mutable { Borrowing::Mutable } else { Borrowing::No };
    }
}

struct Find<'a> {
    variables: &'a Variables,
    /// The references, and whether they are exclusive.
    found: Vec<(VariableId, bool)>,
}

impl Find<'_> {
    fn matched(&mut self, pattern: &Pat, value: &Expr) {
        let Expr::Reference(value) = tree::bare(value) else { return };
        // What has a written type is known by that: a `&mut` may become a `&`.
        if let Pat::Type(_) = pattern {
            return;
        }
        if let Some(name) = crate::lower::name(pattern) {
            return self.found.extend(self.variables.find(name).map(|name| (name, value.mutability.is_some())));
        }
        let mut bound = Bound { variables: self.variables, references: BTreeSet::new(), others: BTreeSet::new() };
        bound.visit_pat(pattern);
        let references = bound.references.difference(&bound.others);
        self.found.extend(references.map(|&variable| (variable, value.mutability.is_some())));
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        local.init.iter().for_each(|init| self.matched(&local.pat, &init.expr));
        visit::visit_local(self, local);
    }
    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.matched(&condition.pat, &condition.expr);
        visit::visit_expr_let(self, condition);
    }
    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        choice.arms.iter().for_each(|arm| self.matched(&arm.pat, &choice.expr));
        visit::visit_expr_match(self, choice);
    }
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// What a pattern binds that is matched against a reference.
struct Bound<'a> {
    variables: &'a Variables,
    references: BTreeSet<VariableId>,
    others: BTreeSet<VariableId>,
}

impl<'ast> Visit<'ast> for Bound<'_> {
    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        let is_reference = ident.by_ref.is_none() && ident.mutability.is_none() && ident.subpat.is_none();
        let found = if is_reference { &mut self.references } else { &mut self.others };
        found.extend(self.variables.find(&ident.ident));
        visit::visit_pat_ident(self, ident);
    }
    fn visit_pat_reference(&mut self, inner: &'ast syn::PatReference) {
        self.others.extend(crate::lower::bound(&inner.pat, self.variables));
    }
    /// Its type is written.
    fn visit_pat_type(&mut self, _: &'ast syn::PatType) {}
    fn visit_expr(&mut self, _: &'ast Expr) {}
}
