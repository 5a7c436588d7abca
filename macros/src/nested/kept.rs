//! `async move` closures that are called more than once.
//!
//! # The problem
//! What such a closure gives borrows what the closure has captured. The macro's closure gives a machine that takes it: at the second call
//! it is gone, or, if it is `Copy`, as it was before the first.
//!
//! # The design
//! Where a closure has a name and is only called or referred to, what it captures is bound before it, by names of their own, and
//! borrowed by it: it lives as long as the closure does, and is dropped in the order in which the closure would drop it. Where a part is
//! captured, by a field or a pattern, nothing is done; nor in a block that borrows what the closure would take.
//!
//! A closure that moves something out of what it has captured may be called once, and gives all of that away: so two calls have to be
//! possible, one after the other, and nothing that it captures may be used by value, unless that is known to copy it.

use std::collections::BTreeMap;

use proc_macro2::Ident;
use quote::format_ident;
use syn::{Block, Expr, ExprAsync, ExprClosure, Local, Macro, Stmt, parse_quote_spanned};

use super::{Bound, Left, fields, is_closed, left, order};
use crate::captures::Rename;
use crate::graph::{Borrowing, Variable, VariableId, Variables};
use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use crate::walk::{self, Context, Site, Use, Visitor, block_uses};
use crate::{lower, tree};

/// Binds what such closures capture.
pub fn bind(variables: &mut Variables, body: &mut Block) {
    let mut find = Find { variables, closures: Vec::new(), borrows: BTreeMap::new(), referred: BTreeMap::new() };
    find.visit_block(body);
    let Find { mut closures, borrows, referred, .. } = find;
    if closures.is_empty() {
        return;
    }
    let sites = block_uses(body, variables);
    closures.retain(|closure| {
        let mentions: Vec<&Site> = sites.iter().filter(|site| site.variable == *closure).collect();
        let references = referred.get(closure).copied().unwrap_or(0);
        let excludes = |number: usize| mentions[number + 1..].iter().any(|later| mentions[number].excludes(later));
        let (calls, all) = (mentions.len() - references.min(mentions.len()), mentions.len());
        let is_lent = match (calls, references) {
            (0, _) => true,
            (1, 0) => mentions[0].repeated,
            // Two of them are on one way.
            (_, 0) => {
                (0..all).any(|number| mentions[number + 1..].iter().any(|later| !mentions[number].excludes(later)))
            }
            (_, _) => calls > 1 && !(0..all).any(excludes),
        };
        is_lent && borrows.get(closure) == Some(&all)
    });
    if !closures.is_empty() {
        Bind { variables, closures }.visit_block_mut(body);
    }
}

/// The closure that a variable is bound to, if it is one of these, and its block.
fn closure_of(init: &Expr) -> Option<(&ExprClosure, &ExprAsync)> {
    match tree::bare(init) {
        Expr::Closure(closure) if closure.capture.is_some() => match &*closure.body {
            Expr::Async(block) if is_closed(block) => Some((closure, block)),
            _ => None,
        },
        _ => None,
    }
}

/// Finds closures, calls and references, outside of closures and blocks.
struct Find<'a> {
    variables: &'a Variables,
    closures: Vec<VariableId>,
    /// How often a variable is called or referred to.
    borrows: BTreeMap<VariableId, usize>,
    /// How often it is referred to.
    referred: BTreeMap<VariableId, usize>,
}

impl Find<'_> {
    fn borrow(&mut self, expr: &Expr) {
        if let Some(variable) = self.variables.of_path(expr) {
            *self.borrows.entry(variable).or_insert(0) += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init
            && closure_of(&init.expr).is_some()
        {
            self.closures.extend(lower::name(&local.pat).and_then(|name| self.variables.find(name)));
        }
        visit::visit_local(self, local);
    }
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.borrow(&call.func);
        visit::visit_expr_call(self, call);
    }
    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        self.borrow(&reference.expr);
        if let Some(variable) = self.variables.of_path(&reference.expr) {
            *self.referred.entry(variable).or_insert(0) += 1;
        }
        visit::visit_expr_reference(self, reference);
    }
    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

struct Bind<'a> {
    variables: &'a mut Variables,
    closures: Vec<VariableId>,
}

impl Bind<'_> {
    /// What stands before a closure, which then borrows.
    fn before(&mut self, local: &mut Local) -> Option<Vec<Stmt>> {
        let name = lower::name(&local.pat).and_then(|name| self.variables.find(name))?;
        let init = local.init.as_mut().filter(|_| self.closures.contains(&name))?;
        let (closure, block) = closure_of(&init.expr)?;
        let inside = tree::block(block.block.clone());
        let captured = self.captured(closure, block, &inside)?;
        let names: BTreeMap<VariableId, Ident> =
            captured.iter().map(|&variable| (variable, self.keep(variable))).collect();
        let mut lets: Vec<Stmt> = Vec::new();
        // The last one is dropped first.
        for variable in captured.iter().rev() {
            let (old, new) = (&self.variables[*variable].name, &names[variable]);
            lets.push(parse_quote_spanned!(old.span()=> let mut #new = #old;));
        }
        let Expr::Closure(closure) = bare_mut(&mut init.expr) else { return None };
        closure.capture = None;
        if let Expr::Async(block) = &mut *closure.body {
            block.capture = None;
            let mut renamed = inside;
            walk::walk(&mut renamed, self.variables, Context::Value, &mut Rename(&names));
            if let Expr::Block(renamed) = renamed {
                block.block = renamed.block;
            }
        }
        Some(lets)
    }

    /// What a closure captures, in the order in which it does, if that is all of each variable.
    fn captured(&self, closure: &ExprClosure, block: &ExprAsync, inside: &Expr) -> Option<Vec<VariableId>> {
        let own = Bound::everywhere(&Expr::Closure(closure.clone()));
        let own: Vec<VariableId> = own.iter().filter_map(|name| self.variables.find(name)).collect();
        let mut mentioned = Mentioned::default();
        walk::walk(&mut inside.clone(), self.variables, Context::Value, &mut mentioned);
        let Mentioned { found, by_value, hidden } = mentioned;
        let is_whole = |&variable: &VariableId| {
            let entry = &self.variables[variable];
            let by_fields = fields::only(&block.block, &entry.name).is_some() && !entry.plain;
            let is_copied = entry.copied || entry.borrowing == Borrowing::Mutable || entry.shared;
            let may_move = by_value.contains(&variable) && !is_copied;
            !entry.outer && !by_fields && !may_move && matches!(left(inside, &entry.name), Left::Nothing)
        };
        let mut captured: Vec<VariableId> = found.into_iter().filter(|variable| !own.contains(variable)).collect();
        let order = order::mentioned(&block.block, self.variables);
        captured.sort_by_key(|variable| order.iter().position(|other| other == variable).unwrap_or(order.len()));
        (!hidden && captured.iter().all(is_whole)).then_some(captured)
    }

    /// A variable for what a closure has captured.
    fn keep(&mut self, variable: VariableId) -> Ident {
        let entry = self.variables[variable].clone();
        let name = (0u32..)
            .map(|number| format_ident!("{}__kept{}", entry.name, number, span = entry.name.span()))
            .find(|name| self.variables.find(name).is_none());
        let name = name.unwrap_or_else(|| entry.name.clone());
        self.variables.insert(Variable { name: name.clone(), ..entry });
        name
    }
}

impl VisitMut for Bind<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let stmts = std::mem::take(&mut block.stmts);
        for mut stmt in stmts {
            if let Stmt::Local(local) = &mut stmt
                && let Some(lets) = self.before(local)
            {
                block.stmts.extend(lets);
            }
            self.visit_stmt_mut(&mut stmt);
            block.stmts.push(stmt);
        }
    }
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if !matches!(expr, Expr::Closure(_) | Expr::Async(_)) {
            visit_mut::visit_expr_mut(self, expr);
        }
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

fn bare_mut(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Paren(inner) => bare_mut(&mut inner.expr),
        Expr::Group(inner) => bare_mut(&mut inner.expr),
        other => other,
    }
}

#[derive(Default)]
struct Mentioned {
    found: Vec<VariableId>,
    by_value: Vec<VariableId>,
    /// A macro of which nothing is known mentions something.
    hidden: bool,
}

impl Visitor for Mentioned {
    fn mention(&mut self, _: &mut Expr, site: Site) {
        if !self.found.contains(&site.variable) {
            self.found.push(site.variable);
        }
        if site.kind == Use::Value {
            self.by_value.push(site.variable);
        }
    }
    fn hidden(&mut self, _: &Macro, _: Site) {
        self.hidden = true;
    }
}
