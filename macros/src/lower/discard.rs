//! Control flow whose value nobody wants: `match a.await { … };`.
//!
//! The value is a temporary of the statement: it is dropped behind the variables and temporaries of the block that gives
//! it, and before those of a scrutinee. Where there are such, it goes into a variable; otherwise it is dropped where it is.

use crate::visit::Visit;
use syn::{Block, Expr, Pat, Stmt};

use super::{Destination, Lower, control, form};
use crate::graph::Op;
use crate::tree;
use crate::walk::{block_has, takes};

impl Lower<'_> {
    /// An expression whose value is dropped at the end of its statement.
    pub(super) fn discard(&mut self, expr: Expr) {
        if !control::is_control(&expr) || !self.takes_apart(&expr) || !outlives(&expr, false, self) {
            return self.scoped_into(expr, Destination::Discard);
        }
        let scope = self.enter();
        let variable = self.graph.variables.temporary("value", syn::spanned::Spanned::span(&expr));
        self.declare(variable);
        // The temporaries of a scrutinee are the statement's too, and older than the value.
        self.graph.variables[variable].waits();
        self.op(Op::Declare(variable));
        match tree::bare(&expr) {
            Expr::Match(choice) => {
                let choice = choice.clone();
                self.branching(|this| this.match_arms(choice, Destination::Variable(variable), true));
                let span = syn::spanned::Spanned::span(&expr);
                let value = self.path(variable);
                self.temporary("value", value, span);
            }
            _ => {
                self.of_statement = Some(scope);
                self.into(expr, Destination::Variable(variable));
                self.of_statement = None;
            }
        }
        self.exit(scope);
    }
}

/// Whether the value of an expression may be dropped behind something else. `inside`: there is something already.
fn outlives(expr: &Expr, inside: bool, lower: &Lower) -> bool {
    match expr {
        Expr::Paren(inner) => outlives(&inner.expr, inside, lower),
        Expr::Group(inner) => outlives(&inner.expr, inside, lower),
        Expr::Unsafe(inner) => of_block(&inner.block, inside, lower),
        Expr::Block(inner) => of_block(&inner.block, inside, lower) || (inner.label.is_some() && breaks(&inner.block)),
        Expr::Loop(inner) => breaks(&inner.body),
        Expr::While(_) | Expr::ForLoop(_) => false,
        Expr::If(branch) => branch.else_branch.as_ref().is_some_and(|(_, otherwise)| {
            of_block(&branch.then_branch, inside || binds(&branch.cond), lower) || outlives(otherwise, inside, lower)
        }),
        Expr::Match(choice) => choice.arms.iter().any(|arm| outlives(&arm.body, inside || takes(&arm.pat), lower)),
        value => {
            let leaves = || lower.lingers(value) || form::borrows_value(value) || form::has_temporaries(value);
            is_value(value) && (inside || leaves())
        }
    }
}

fn of_block(block: &Block, inside: bool, lower: &Lower) -> bool {
    let declares = inside || block.stmts.iter().any(|statement| matches!(statement, Stmt::Local(_)));
    match block.stmts.last() {
        Some(Stmt::Expr(last, None)) => outlives(last, declares, lower),
        _ => false,
    }
}

/// Whether a condition binds what it matches.
fn binds(condition: &Expr) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_pat(&mut self, pattern: &'ast Pat) {
            self.0 |= takes(pattern);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    }
    let mut find = Find(false);
    find.visit_expr(condition);
    find.0
}

/// Whether a block is left by a `break` with a value: to which block does not matter.
fn breaks(block: &Block) -> bool {
    let breaks =
        |expr: &Expr| matches!(expr, Expr::Break(jump) if jump.expr.as_ref().is_some_and(|value| is_value(value)));
    block_has(block, breaks)
}

/// Whether an expression may have a value with a destructor, as far as its form tells.
fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Assign(_) | Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => false,
        // Of macros that give a value, `vec!` is the one that may hold some.
        Expr::Macro(mac) => mac.mac.path.segments.last().is_some_and(|last| last.ident == "vec"),
        Expr::Binary(_) | Expr::Let(_) => false,
        Expr::Tuple(tuple) => tuple.elems.iter().any(is_value),
        _ => true,
    }
}
