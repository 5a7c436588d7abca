//! `move` closures that take variables which live in the frame.
//!
//! # The problem
//! A variable that is borrowed across a suspension is a place of the frame, and a closure that names a place borrows it. A
//! `move` closure is to have the value.
//!
//! # The design
//! `move || x.m()` becomes `{ let mut y = x; move || y.m() }`, where `x` is used by value as anywhere else: moved out of its slot, or
//! copied if it is used again. Only if the closure mentions all of `x`, or if `x` is a reference: of a struct of which it
//! mentions fields, rustc's closure takes those alone. What then remains is refused, in [`crate::liveness`].

use std::collections::BTreeMap;

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprClosure, Macro, parse_quote_spanned, spanned::Spanned};

use crate::graph::{Borrowing, VariableId, Variables};
use crate::walk::{self, Context, Site, Visitor};

/// Gives each variable that such a closure takes another name, which is bound before it.
pub fn rebind(variables: &mut Variables, body: &mut Block) {
    Closures { variables }.visit_block_mut(body);
}

struct Closures<'a> {
    variables: &'a mut Variables,
}

/// Finds what a closure takes: each variable, and whether all of it.
struct Taken<'a> {
    variables: &'a Variables,
    found: BTreeMap<VariableId, bool>,
}

impl Visitor for Taken<'_> {
    fn mention(&mut self, _: &mut Expr, site: Site) {
        let variable = &self.variables[site.variable];
        let whole = site.member.is_none() || variable.plain || variable.borrowing == Borrowing::Mutable;
        if site.captured && variable.anchored && !variable.outer {
            *self.found.entry(site.variable).or_insert(true) &= whole;
        }
    }
    fn hidden(&mut self, _: &Macro, site: Site) {
        self.found.insert(site.variable, false);
    }
}

/// Renames variables.
struct Rename<'a>(&'a BTreeMap<VariableId, syn::Ident>);

impl Visitor for Rename<'_> {
    fn mention(&mut self, expr: &mut Expr, site: Site) {
        if let Some(name) = self.0.get(&site.variable) {
            let mut name = name.clone();
            name.set_span(expr.span());
            *expr = syn::parse_quote!(#name);
        }
    }
}

impl Closures<'_> {
    fn closure(&mut self, closure: &ExprClosure) -> Option<Expr> {
        closure.capture.as_ref()?;
        let mut taken = Taken { variables: self.variables, found: BTreeMap::new() };
        walk::walk(&mut Expr::Closure(closure.clone()), self.variables, Context::Value, &mut taken);
        let whole = taken.found.into_iter().filter(|&(_, whole)| whole);
        let taken: Vec<VariableId> = whole.map(|(variable, _)| variable).collect();
        if taken.is_empty() {
            return None;
        }
        let mut names = BTreeMap::new();
        let mut lets: Vec<syn::Stmt> = Vec::new();
        for variable in taken {
            let old = self.variables[variable].name.clone();
            let new = self.variables.temporary("taken", old.span());
            let new = self.variables[new].name.clone();
            lets.push(parse_quote_spanned!(closure.span()=> let mut #new = #old;));
            names.insert(variable, new);
        }
        let mut renamed = Expr::Closure(closure.clone());
        walk::walk(&mut renamed, self.variables, Context::Value, &mut Rename(&names));
        Some(parse_quote_spanned!(closure.span()=> { #(#lets)* #renamed }))
    }
}

impl VisitMut for Closures<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Closure(closure) = expr
            && let Some(rebound) = self.closure(closure)
        {
            *expr = rebound;
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        if crate::nested::Nested::of(mac).is_some() {
            return;
        }
        if let Some(mut arguments) = crate::names::arguments(mac) {
            arguments.list.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            mac.tokens = quote::quote!(#arguments);
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
