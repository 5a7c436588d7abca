//! Whether code suspends.

use syn::{Block, Expr};

/// Whether an expression contains a suspension, outside of closures and `async` blocks.
pub fn suspends(expr: &Expr) -> bool {
    use syn::visit::{self, Visit};
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_await(&mut self, _: &'ast syn::ExprAwait) {
            self.0 = true;
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    }
    let mut find = Find(false);
    visit::Visit::visit_expr(&mut find, expr);
    find.0
}

/// As [`suspends`], for a block.
pub fn block_suspends(block: &Block) -> bool {
    suspends(&Expr::Block(syn::ExprBlock { attrs: vec![], label: None, block: block.clone() }))
}
