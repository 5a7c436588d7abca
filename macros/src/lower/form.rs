//! What an expression's form tells: whether it names a place, borrows a value that has no place, leaves temporaries behind.

use crate::visit::{self, Visit};
use syn::{Expr, UnOp};

use super::expression::is_constant;
use super::taking::takes_value;
use crate::names::{Arguments, arguments};
use crate::tree;

/// Whether a function puts its argument into a box or what is like one: `Box::new`.
pub(super) fn is_boxing(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    matches!(names.next().as_deref(), Some("new" | "pin"))
        && matches!(names.next().as_deref(), Some("Box" | "Rc" | "Arc"))
}

/// Whether an expression names a place that outlives the statement: rooted at a variable or a static.
pub(crate) fn is_place(expr: &Expr) -> bool {
    is_place_with(expr, |_| true)
}

/// The same, with such indices.
fn is_place_with(expr: &Expr, index: fn(&Expr) -> bool) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(inner) => is_place_with(&inner.base, index),
        Expr::Index(inner) => is_place_with(&inner.expr, index) && index(&inner.index),
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => is_place_with(&inner.expr, index),
        Expr::Paren(inner) => is_place_with(&inner.expr, index),
        Expr::Group(inner) => is_place_with(&inner.expr, index),
        _ => false,
    }
}

/// Whether it makes no difference when a place is evaluated, as far as its form tells: no index does anything.
pub(super) fn is_still(expr: &Expr) -> bool {
    is_place_with(expr, |index| !acts(index))
}

/// Whether evaluating an index does more than to read something: it calls something, an operator perhaps, which may panic too, or jumps.
pub(super) fn acts(index: &Expr) -> bool {
    match index {
        Expr::Lit(_) | Expr::Path(_) => false,
        Expr::Paren(inner) => acts(&inner.expr),
        Expr::Group(inner) => acts(&inner.expr),
        Expr::Cast(inner) => acts(&inner.expr),
        Expr::Reference(inner) => acts(&inner.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().any(acts),
        Expr::Array(array) => array.elems.iter().any(acts),
        Expr::Range(range) => range.start.iter().chain(&range.end).any(|end| acts(end)),
        place => !is_still(place),
    }
}

/// Whether an operand borrows a value that has no variable.
pub(super) fn borrows_value(expr: &Expr) -> bool {
    let inside = |expr: &Expr| borrows_value(expr);
    match expr {
        Expr::Reference(inner) => {
            (!is_place(&inner.expr) && !is_static(inner))
                || (inner.mutability.is_some() && is_variant(&inner.expr))
                || inside(&inner.expr)
        }
        Expr::MethodCall(call) => {
            (is_value(&call.receiver) && !takes_value(call)) || inside(&call.receiver) || call.args.iter().any(inside)
        }
        Expr::Call(call) => (is_callee(&call.func) && inside(&call.func)) || call.args.iter().any(inside),
        Expr::Paren(inner) => inside(&inner.expr),
        Expr::Group(inner) => inside(&inner.expr),
        Expr::Try(inner) => inside(&inner.expr),
        Expr::Field(_) | Expr::Index(_) => is_part(expr) || part_inside(expr),
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => is_part(expr) || inside(&inner.expr),
        Expr::Unary(inner) => inside(&inner.expr),
        Expr::Cast(inner) => inside(&inner.expr),
        Expr::Binary(binary) => {
            let compared = is_comparison(&binary.op);
            let looks = |expr: &Expr| (compared && is_value(expr)) || inside(expr);
            looks(&binary.left) || looks(&binary.right)
        }
        Expr::Tuple(tuple) => tuple.elems.iter().any(inside),
        Expr::Array(array) => array.elems.iter().any(inside),
        Expr::Match(choice) => inside(&choice.expr),
        Expr::Range(range) => range.start.iter().chain(&range.end).any(|end| inside(end)),
        Expr::Struct(structure) => {
            structure.fields.iter().any(|field| inside(&field.expr))
                || structure.rest.as_ref().is_some_and(|rest| is_value(rest))
        }
        Expr::Macro(inner) => elements(inner).is_some_and(|elements| elements.list.iter().any(inside)),
        Expr::Block(inner) => last_of_old(&inner.block).is_some_and(inside),
        Expr::Unsafe(inner) => last_of_old(&inner.block).is_some_and(inside),
        _ => false,
    }
}

/// Whether what is called is a value that is made for that: neither a function's name, nor a place, nor a closure that is written there.
pub(super) fn is_callee(function: &Expr) -> bool {
    is_value(function) && !matches!(tree::bare(function), Expr::Closure(_))
}

/// The last expression of a block, if its temporaries are the statement's: before edition 2024.
fn last_of_old(block: &syn::Block) -> Option<&Expr> {
    match block.stmts.last() {
        Some(syn::Stmt::Expr(last, None)) if crate::edition::is_old() => Some(last),
        _ => None,
    }
}

/// The elements of a `vec![a, b]`.
pub(super) fn elements(mac: &syn::ExprMacro) -> Option<Arguments> {
    let is_vec = mac.mac.path.segments.last().is_some_and(|last| last.ident == "vec");
    is_vec.then(|| arguments(&mac.mac)).flatten().filter(|elements| !elements.repeats)
}

/// Whether evaluating an expression that stays in one piece may leave temporaries behind, as far as its form tells.
pub(crate) fn has_temporaries(expr: &Expr) -> bool {
    let looked_at = |expr: &Expr| is_value(expr) || has_temporaries(expr);
    match expr {
        Expr::Lit(_) | Expr::Path(_) | Expr::Return(_) | Expr::Closure(_) => false,
        Expr::Paren(inner) => has_temporaries(&inner.expr),
        Expr::Group(inner) => has_temporaries(&inner.expr),
        Expr::Field(inner) => looked_at(&inner.base),
        Expr::Index(inner) => looked_at(&inner.expr) || has_temporaries(&inner.index),
        Expr::Reference(inner) => looked_at(&inner.expr),
        Expr::Cast(inner) => has_temporaries(&inner.expr),
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => looked_at(&inner.expr),
        Expr::Unary(inner) => has_temporaries(&inner.expr),
        Expr::Binary(binary) if is_comparison(&binary.op) => looked_at(&binary.left) || looked_at(&binary.right),
        Expr::Binary(binary) => has_temporaries(&binary.left) || has_temporaries(&binary.right),
        Expr::Tuple(tuple) => tuple.elems.iter().any(has_temporaries),
        Expr::Array(array) => array.elems.iter().any(has_temporaries),
        Expr::Struct(structure) => {
            structure.fields.iter().any(|field| has_temporaries(&field.expr))
                || structure.rest.as_ref().is_some_and(|rest| looked_at(rest))
        }
        Expr::Call(call) => is_callee(&call.func) || call.args.iter().any(has_temporaries),
        Expr::Let(inner) => looked_at(&inner.expr),
        // Before edition 2024 what an `if let` matches is dropped behind it.
        Expr::If(branch) => matches!(*branch.cond, Expr::Let(_) | Expr::Binary(_)) && has_temporaries(&branch.cond),
        Expr::Block(inner) if inner.label.is_none() => match inner.block.stmts.last() {
            Some(syn::Stmt::Expr(last, None)) => has_temporaries(last),
            Some(syn::Stmt::Macro(_)) => true,
            _ => false,
        },
        // What they are made of is dropped in them.
        Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => false,
        _ => true,
    }
}

/// Whether an expression is a value that has no place yet: a temporary, where it is borrowed or a part of it is taken.
pub(super) fn is_value(expr: &Expr) -> bool {
    !is_place(expr) && !is_constant(expr)
}

/// Whether rustc makes a static of what is borrowed: of a constant behind `&`, and of `&mut []`.
pub(super) fn is_static(reference: &syn::ExprReference) -> bool {
    let is_empty = matches!(&*reference.expr, Expr::Array(array) if array.elems.is_empty());
    is_constant(&reference.expr) && (reference.mutability.is_none() || is_empty)
}

/// Whether an expression is an enum's variant without fields, or a struct without any, by its spelling: a value, not a place.
pub(crate) fn is_variant(expr: &Expr) -> bool {
    let Expr::Path(path) = expr else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let name = last.ident.to_string();
    let is_camel = name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase);
    // One letter alone may be a constant of the function's.
    is_camel || (path.path.segments.len() > 1 && name.len() == 1 && name.starts_with(char::is_uppercase))
}

pub(super) fn is_comparison(op: &syn::BinOp) -> bool {
    use syn::BinOp::*;
    matches!(op, Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_))
}

/// Whether an expression is a part of something, or what something points to: it stays where it is if nobody takes it.
pub(super) fn is_projection(expr: &Expr) -> bool {
    match tree::bare(expr) {
        Expr::Field(_) | Expr::Index(_) => true,
        Expr::Unary(inner) => matches!(inner.op, UnOp::Deref(_)),
        _ => false,
    }
}

/// Whether an expression is a part of a value that has no variable: of a temporary.
fn is_part(expr: &Expr) -> bool {
    match expr {
        Expr::Field(inner) => is_value(&inner.base),
        Expr::Index(inner) => is_value(&inner.expr),
        Expr::Unary(inner) => is_value(&inner.expr),
        _ => false,
    }
}

fn part_inside(expr: &Expr) -> bool {
    match expr {
        Expr::Field(inner) => borrows_value(&inner.base),
        Expr::Index(inner) => borrows_value(&inner.expr) || borrows_value(&inner.index),
        _ => false,
    }
}

/// Whether something is taken out of a tuple that is written there, or out of a structure's base: the rest is a temporary.
pub(super) fn leaves_part(expr: &Expr) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
            self.0 |= is_value(&field.base);
            visit::visit_expr_field(self, field);
        }
        fn visit_expr_struct(&mut self, structure: &'ast syn::ExprStruct) {
            self.0 |= structure.rest.is_some();
            visit::visit_expr_struct(self, structure);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_block(&mut self, _: &'ast syn::Block) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(false);
    find.visit_expr(expr);
    find.0
}
