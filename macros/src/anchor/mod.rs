//! Which variables are borrowed across a suspension.
//!
//! # The problem
//! A variable that nobody borrows can move in and out of the state. One that is borrowed while the machine is suspended
//! must stay where it is: it gets a slot of the frame. Types would decide this; the macro has none.
//!
//! # The design
//! A borrow matters if what it makes may live at a suspension: it stands in an awaited operand, in an operand before one
//! that is suspended, in the iterator of a `for` whose body suspends, in the scrutinee of a `match` or `if let` whose arms
//! suspend, or a variable holds it there. Without types,
//! - [`flow`] answers what an expression's value may refer to, and what it may be made of;
//! - [`known`] is what names and types tell by their spelling: a number refers to nothing;
//! - [`mutable`] is which variables are `&mut`s by where they come from;
//! - [`pattern`] is what of that the variables of a pattern get;
//! - [`stored`] is what a call may keep: `list.push(&x)`;
//! - [`search`] goes through the body once and notes all that;
//! - [`carried`] follows the borrows from variable to variable, and says which are held at a suspension.
//!
//! Anchoring too much costs a copy elided, and room for a dead value in the frame; anchoring too little is a compile error (the
//! machine would move what is borrowed), never undefined behaviour.
//!
//! # Costs
//! One traversal and one fixpoint for a function.

mod carried;
mod flow;
mod known;
mod mutable;
mod pattern;
mod search;
mod stored;

use std::collections::BTreeSet;

use crate::visit::{self, Visit};
use syn::{Block, Expr, Stmt, UnOp};

use crate::graph::{Borrowing, VariableId, Variables};
use crate::walk::{Loops, Site, block_suspends, block_uses, suspends, takes};
use carried::Carried;
pub use known::{gives_nothing, is_numeric};
use search::{Search, statement_suspends};

/// Marks the variables that need a slot.
pub fn decide(mut variables: Variables, body: &Block) -> Variables {
    let sites = block_uses(body, &variables);
    let raw = has_raw(body);
    let mut total = vec![0; variables.list.len()];
    sites.iter().for_each(|site| total[site.variable] += 1);
    let seen = vec![0; variables.list.len()];
    let mut search = Search {
        variables: &variables,
        total,
        seen,
        loops: Loops::default(),
        found: Vec::new(),
        raw,
        awaited: search::awaited(body, &variables),
        mutable: mutable::mutable(body, &variables),
        carried: Carried::default(),
        nested: 0,
    };
    search.visit_block(body);
    let Search { found, carried, loops, .. } = search;
    // Where nothing suspends, a slot is needed if another arm gets what was borrowed, or is left: see [`crate::crossed`].
    let brief = if raw { Vec::new() } else { brief(body, &variables) };
    let held = carried.found(&variables);
    let found: BTreeSet<_> = found.into_iter().filter(|variable| !brief.contains(variable)).chain(held).collect();
    let done = if raw { BTreeSet::new() } else { done_with(&found, &carried, body, &variables) };
    if block_suspends(body) {
        parted(&sites, &loops).into_iter().for_each(|variable| variables[variable].parted = true);
    }
    for &variable in found.difference(&done) {
        variables[variable].anchored = true;
    }
    variables
}

/// The `&mut`s of which only what they refer to is borrowed, and that are not used any more while it is: `self.bus.write(…).await` at the
/// end. Such a one is not moved meanwhile, for it is gone; what it refers to stays where it is.
fn done_with(
    found: &BTreeSet<VariableId>,
    carried: &Carried,
    body: &Block,
    variables: &Variables,
) -> BTreeSet<VariableId> {
    let is_done = |variable: &VariableId| variables[*variable].is_exclusive() && carried.is_done_with(*variable);
    let mut done: BTreeSet<_> = found.iter().copied().filter(is_done).collect();
    if !done.is_empty() {
        let borrowed = themselves_borrowed(body, variables);
        done.retain(|variable| !borrowed.contains(variable));
    }
    done
}

/// The variables that are borrowed themselves, not only what they refer to, or may be.
fn themselves_borrowed(body: &Block, variables: &Variables) -> BTreeSet<VariableId> {
    struct Find<'a>(&'a Variables, BTreeSet<VariableId>);
    impl Find<'_> {
        fn mentioned(&mut self, expr: &Expr) {
            self.1.extend(crate::walk::uses(expr, self.0).into_iter().map(|site| site.variable));
        }
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_reference(&mut self, inner: &'ast syn::ExprReference) {
            self.1.extend(self.0.of_path(&inner.expr));
            visit::visit_expr_reference(self, inner);
        }
        fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
            self.mentioned(&Expr::Closure(closure.clone()));
        }
        fn visit_expr_async(&mut self, inner: &'ast syn::ExprAsync) {
            self.mentioned(&Expr::Async(inner.clone()));
        }
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            self.mentioned(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.clone() }));
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, BTreeSet::new());
    find.visit_block(body);
    find.1
}

/// The variables that are declared where no statement suspends any more to the end of the block.
fn brief(body: &Block, variables: &Variables) -> Vec<VariableId> {
    struct Find<'a>(&'a Variables, Vec<VariableId>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_block(&mut self, block: &'ast Block) {
            let last = block.stmts.iter().rposition(statement_suspends);
            for statement in &block.stmts[last.unwrap_or_default()..] {
                if let Stmt::Local(local) = statement {
                    self.1.extend(crate::lower::bound(&local.pat, self.0));
                }
            }
            visit::visit_block(self, block);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, Vec::new());
    find.visit_block(body);
    find.1
}

/// The variables of which a field may be moved out while others are used later: what is left of them can be held in no
/// local variable, but in a slot, if there is an arm between: see [`crate::crossed`]. (A field that is mentioned again was copied, as
/// it was if the whole is.)
fn parted(sites: &[Site], loops: &Loops) -> Vec<VariableId> {
    let mut found = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        // (What is moved in a loop, of a variable from outside, was copied.)
        let is_repeated = site.repeated && loops.of(site.variable) == 0;
        if site.field.is_none() || site.pointer.is_some() || is_repeated || site.closure {
            continue;
        }
        let later = sites[index + 1..].iter().filter(|later| later.variable == site.variable);
        let mut others = false;
        let copied = later.into_iter().any(|later| {
            others |= later.member.is_some();
            later.member.is_none() || later.member == site.member
        });
        if others && !copied {
            found.push(site.variable);
        }
    }
    found
}

/// Raw pointers hide where a borrow goes, so with them every borrow counts (think of DMA buffers).
fn has_raw(body: &Block) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {
            self.0 = true;
        }
        fn visit_expr_raw_addr(&mut self, _: &'ast syn::ExprRawAddr) {
            self.0 = true;
        }
        fn visit_type_ptr(&mut self, _: &'ast syn::TypePtr) {
            self.0 = true;
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(false);
    find.visit_block(body);
    find.0
}

/// The variable at the root of a place expression: `x`, `x.f`, `x[i]`, `*x`.
pub fn root(expr: &Expr, variables: &Variables) -> Option<VariableId> {
    match expr {
        Expr::Field(inner) => root(&inner.base, variables),
        Expr::Index(inner) => root(&inner.expr, variables),
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => root(&inner.expr, variables),
        Expr::Paren(inner) => root(&inner.expr, variables),
        Expr::Group(inner) => root(&inner.expr, variables),
        Expr::Path(_) => variables.of_path(expr),
        _ => None,
    }
}

/// Whether a guard may say that an arm is not taken after it has borrowed for it from a `&mut`: rustc would not let the
/// next arm borrow what the first may hold across a suspension.
pub fn is_guarded(scrutinee: &Expr, arm: &syn::Arm, variables: &Variables) -> bool {
    let is_mutable = match scrutinee {
        Expr::Reference(inner) => inner.mutability.is_some(),
        Expr::MethodCall(call) => call.method.to_string().ends_with("_mut"),
        other => variables.of_path(other).is_some_and(|variable| variables[variable].borrowing == Borrowing::Mutable),
    };
    is_mutable && suspends(&arm.body) && matches!(&arm.pat, syn::Pat::Guard(guard) if takes(&guard.pat))
}

/// Whether a pattern binds anything by reference.
pub fn refs(pattern: &syn::Pat) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            self.0 |= ident.by_ref.is_some();
            visit::visit_pat_ident(self, ident);
        }
    }
    let mut find = Find(false);
    find.visit_pat(pattern);
    find.0
}
