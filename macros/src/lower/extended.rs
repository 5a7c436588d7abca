//! What a `let` borrows of values that have no place: `let x = (&f(), g().await);`.
//!
//! # The problem
//! rustc keeps the value behind such a `&` as long as the block's variables, and drops every other temporary with the statement: a guard
//! in another element is let go of there. Both may be made before a suspension, in the order in which they are written.
//!
//! # The design
//! Each value that lives on gets a variable, declared before the statement. Its place in the expression is marked, by a `yield` with
//! the variable's number, which is no word of a user's: lowered, it gives the variable its value. The rest of the statement is one that
//! leaves temporaries, and has a scope. Where nothing else is left behind there is no need of that.

use syn::spanned::Spanned;
use syn::{Block, Expr, Stmt, parse_quote};

use super::expected::tied;
use super::expression::is_constant;
use super::form::{has_temporaries, is_place, is_projection, is_static, is_value, is_variant};
use super::{Destination, Lower, control};
use crate::graph::{Op, VariableId};
use crate::names::is_constructor;
use crate::tree;
use crate::walk::has;

/// Whether rustc extends the life of the value's temporaries to the end of the block: `let x = &f().await;`.
pub(super) fn extended(expr: &Expr) -> bool {
    match expr {
        Expr::Reference(_) => true,
        Expr::Call(call) if let Some(value) = tied(call) => extended(value),
        other => parts(other).into_iter().any(extended),
    }
}

/// What an expression is put together of, so that what is borrowed there is extended if it is in the whole. The constructors
/// of tuple structs and variants extend their arguments too: `Some(&f())`.
fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        Expr::Array(array) => array.elems.iter().collect(),
        Expr::Struct(structure) => structure.fields.iter().map(|field| &field.expr).collect(),
        Expr::Paren(inner) => vec![&inner.expr],
        Expr::Group(inner) => vec![&inner.expr],
        Expr::Cast(cast) => vec![&cast.expr],
        Expr::Call(call) if is_constructor(&call.func) => call.args.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a branch of the value gives what is extended: `if c { &f() } else { &g() }`.
fn in_branches(expr: &Expr) -> bool {
    match expr {
        Expr::Reference(inner) => in_branches(&inner.expr),
        branches if control::is_control(tree::bare(branches)) => extends_value(branches),
        other => parts(other).into_iter().any(in_branches),
    }
}

/// Whether a value that has no place is borrowed where that extends its life.
fn extends_value(expr: &Expr) -> bool {
    let last = |block: &Block| matches!(block.stmts.last(), Some(Stmt::Expr(last, None)) if extends_value(last));
    match expr {
        Expr::Reference(inner) => {
            let root = root(&inner.expr);
            !is_static(inner)
                && (is_value(root) || is_changed_variant(inner) || (inner.mutability.is_some() && !is_place(root)))
        }
        Expr::Block(inner) => last(&inner.block),
        Expr::Unsafe(inner) => last(&inner.block),
        Expr::If(branch) => branch
            .else_branch
            .as_ref()
            .is_some_and(|(_, otherwise)| last(&branch.then_branch) || extends_value(otherwise)),
        Expr::Match(choice) => choice.arms.iter().any(|arm| extends_value(&arm.body)),
        other => parts(other).into_iter().any(extends_value),
    }
}

/// `&mut Mode::Idle`
fn is_changed_variant(reference: &syn::ExprReference) -> bool {
    reference.mutability.is_some() && is_variant(&reference.expr)
}

/// That of which a place is a part.
fn root(place: &Expr) -> &Expr {
    match place {
        Expr::Field(inner) => root(&inner.base),
        Expr::Index(inner) => root(&inner.expr),
        Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => root(&inner.expr),
        Expr::Paren(inner) => root(&inner.expr),
        Expr::Group(inner) => root(&inner.expr),
        place => place,
    }
}

/// The variable of a marked value.
fn marked(inner: &syn::ExprYield) -> Option<VariableId> {
    let attribute = inner.attrs.first()?;
    attribute.parse_args::<syn::LitInt>().ok()?.base10_parse().ok()
}

/// Whether something in an expression is marked.
pub(super) fn is_marked(expr: &Expr) -> bool {
    has(expr, |expr| matches!(expr, Expr::Yield(inner) if marked(inner).is_some()))
}

impl Lower<'_> {
    /// Gives the values that a `let` borrows variables, and marks their places, if something else is left behind as well, or a branch
    /// makes them. Tells whether it is so. `apart`: the value is taken apart.
    pub(super) fn extend(&mut self, value: &mut Expr, apart: bool) -> bool {
        let is_last = |place: &Expr| !(is_projection(place) || extended(place) || control::is_control(place));
        let alone = matches!(tree::bare(value), Expr::Reference(inner) if !apart || is_last(&inner.expr));
        let wants = in_branches(value) || (extended(value) && !alone && self.leaves_beside(value));
        if wants {
            self.marks = true;
            self.mark(value);
        }
        wants
    }

    /// Whether evaluating a `let`'s value makes temporaries beside those that are extended.
    fn leaves_beside(&self, expr: &Expr) -> bool {
        let of_base = match expr {
            Expr::Reference(inner) => return self.leaves_beside_root(&inner.expr),
            // What is awaited is gone then, but for what the child borrowed.
            Expr::Await(_) => return self.lingers(expr),
            Expr::Struct(structure) => {
                structure.rest.as_deref().is_some_and(|rest| is_value(rest) || self.lingers(rest))
            }
            _ => false,
        };
        let parts = parts(expr);
        match parts.is_empty() {
            true => of_base || has_temporaries(expr) || self.lingers(expr),
            false => of_base || parts.into_iter().any(|part| self.leaves_beside(part)),
        }
    }

    fn leaves_beside_root(&self, place: &Expr) -> bool {
        match place {
            Expr::Field(inner) => self.leaves_beside_root(&inner.base),
            Expr::Index(inner) => {
                self.leaves_beside_root(&inner.expr) || has_temporaries(&inner.index) || self.lingers(&inner.index)
            }
            Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => self.leaves_beside_root(&inner.expr),
            Expr::Paren(inner) => self.leaves_beside_root(&inner.expr),
            Expr::Group(inner) => self.leaves_beside_root(&inner.expr),
            place if is_place(place) || is_constant(place) => false,
            value => self.leaves_beside(value),
        }
    }

    fn mark(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Reference(inner) if is_static(inner) => {}
            Expr::Reference(inner) if is_changed_variant(inner) => self.mark_value(&mut inner.expr),
            Expr::Reference(inner) => self.mark_root(&mut inner.expr, inner.mutability.is_some()),
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(|element| self.mark(element)),
            Expr::Array(array) => array.elems.iter_mut().for_each(|element| self.mark(element)),
            Expr::Struct(structure) => structure.fields.iter_mut().for_each(|field| {
                field.colon_token.get_or_insert_default();
                self.mark(&mut field.expr);
            }),
            Expr::Paren(inner) => self.mark(&mut inner.expr),
            Expr::Group(inner) => self.mark(&mut inner.expr),
            Expr::Cast(cast) => self.mark(&mut cast.expr),
            Expr::Call(call) if is_constructor(&call.func) => {
                call.args.iter_mut().for_each(|argument| self.mark(argument));
            }
            Expr::Block(inner) => self.mark_last(&mut inner.block),
            Expr::Unsafe(inner) => self.mark_last(&mut inner.block),
            Expr::If(branch) => {
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.mark_last(&mut branch.then_branch);
                    self.mark(otherwise);
                }
            }
            Expr::Match(choice) => choice.arms.iter_mut().for_each(|arm| self.mark(&mut arm.body)),
            _ => {}
        }
    }

    fn mark_last(&mut self, block: &mut Block) {
        if let Some(Stmt::Expr(last, None)) = block.stmts.last_mut() {
            self.mark(last);
        }
    }

    fn mark_root(&mut self, place: &mut Expr, is_mutable: bool) {
        match place {
            Expr::Field(inner) => self.mark_root(&mut inner.base, is_mutable),
            Expr::Index(inner) => self.mark_root(&mut inner.expr, is_mutable),
            Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => {
                self.mark_root(&mut inner.expr, is_mutable);
            }
            Expr::Paren(inner) => self.mark_root(&mut inner.expr, is_mutable),
            Expr::Group(inner) => self.mark_root(&mut inner.expr, is_mutable),
            place if is_place(place) || (is_constant(place) && !is_mutable) => {}
            value => {
                // What it borrows itself is older.
                self.mark(value);
                self.mark_value(value);
            }
        }
    }

    fn mark_value(&mut self, value: &mut Expr) {
        let span = value.span();
        let variable = self.graph.variables.temporary("held", span);
        self.graph.variables[variable].anchored = true;
        self.declare(variable);
        self.op(Op::Declare(variable));
        let number = syn::LitInt::new(&variable.to_string(), span);
        *value = Expr::Yield(syn::ExprYield {
            attrs: vec![parse_quote!(#[held(#number)])],
            yield_token: syn::Token![yield](span),
            expr: Some(Box::new(std::mem::replace(value, tree::unit()))),
        });
    }

    /// Gives the variable of a marked value its value.
    pub(super) fn extended_value(&mut self, inner: syn::ExprYield) -> Expr {
        let (variable, value) = match (marked(&inner), inner.expr) {
            (Some(variable), Some(value)) => (variable, *value),
            (_, expr) => return Expr::Yield(syn::ExprYield { expr, ..inner }),
        };
        if control::is_control(&value) && self.takes_apart(&value) {
            self.into(value, Destination::Variable(variable));
        } else {
            let value = self.value(value);
            let value = self.hold(value);
            self.store(value, Destination::Variable(variable));
        }
        self.path(variable)
    }
}
