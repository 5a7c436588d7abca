//! Whether there is an expression of some kind in another.

use crate::visit::{self, Visit};
use syn::{BinOp, Block, Expr};

use crate::tree;

/// Whether there is such an expression in this one: not in closures, `async` blocks and constants, which run at another time, nor in
/// items.
pub fn has(expr: &Expr, is: impl Fn(&Expr) -> bool) -> bool {
    let mut find = Find { is, everywhere: false, found: false };
    find.visit_expr(expr);
    find.found
}

/// As [`has`], for a block.
pub fn block_has(block: &Block, is: impl Fn(&Expr) -> bool) -> bool {
    let mut find = Find { is, everywhere: false, found: false };
    find.visit_block(block);
    find.found
}

/// As [`has`], but also in closures, `async` blocks and constants.
pub fn has_anywhere(expr: &Expr, is: impl Fn(&Expr) -> bool) -> bool {
    let mut find = Find { is, everywhere: true, found: false };
    find.visit_expr(expr);
    find.found
}

/// Whether an expression evaluates its operands one after the other, each once, and assigns to nothing. Its mentions are neither
/// conditional nor repeated nor put off, and no pattern takes anything: that need not be looked for.
pub fn is_straight(expr: &Expr) -> bool {
    let is_other = |expr: &Expr| match expr {
        Expr::Binary(binary) => matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) || tree::is_assignment(&binary.op),
        Expr::Array(_) | Expr::Await(_) | Expr::Call(_) | Expr::Cast(_) | Expr::Field(_) | Expr::Index(_) => false,
        Expr::Lit(_) | Expr::MethodCall(_) | Expr::Paren(_) | Expr::Path(_) | Expr::Reference(_) => false,
        Expr::Try(_) | Expr::Tuple(_) | Expr::Unary(_) => false,
        _ => true,
    };
    !has_anywhere(expr, is_other)
}

struct Find<F> {
    is: F,
    everywhere: bool,
    found: bool,
}

impl<'ast, F: Fn(&Expr) -> bool> Visit<'ast> for Find<F> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.found = self.found || (self.is)(expr);
        let runs_later = matches!(expr, Expr::Closure(_) | Expr::Async(_) | Expr::Const(_));
        if !self.found && (self.everywhere || !runs_later) {
            visit::visit_expr(self, expr);
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
