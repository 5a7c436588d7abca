//! Parentheses around what needs none: `(pair.a).take()` is `pair.a.take()` from here on, so that what a place is used for is seen
//! where it stands.

use crate::visit_mut::{self, VisitMut};
use syn::{Block, Expr};

use crate::tree;

/// Takes them off in a body. Those that hold an expression of several operands together stay.
pub fn remove(body: &mut Block) {
    Remove.visit_block_mut(body);
}

struct Remove;

impl VisitMut for Remove {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        while let Expr::Paren(paren) = expr
            && paren.attrs.is_empty()
            && is_one(&paren.expr)
        {
            let inner = std::mem::replace(&mut *paren.expr, tree::unit());
            *expr = inner;
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        if let Expr::Paren(paren) = &mut *call.func
            && matches!(*paren.expr, Expr::Field(_))
        {
            // `(self.f)()` calls what is in a field.
            self.visit_expr_mut(&mut paren.expr);
        } else {
            self.visit_expr_mut(&mut call.func);
        }
        call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Whether an expression is one operand, whatever stands around it.
fn is_one(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::MethodCall(_) | Expr::Call(_))
}
