//! `block!(operation)` becomes a loop that suspends while the operation would block.
//!
//! nb's own `block!` spins. Here the operation is evaluated again at each resume; the suspension lasts until whatever
//! the operation registered with wakes the task, or else until the next interrupt.

use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Macro, Stmt, parse_quote_spanned};

use crate::error::Errors;

/// Rewrites every `block!` and `nb::block!` outside of nested items and closures.
pub fn body(mut block: Block, errors: &mut Errors) -> Block {
    Desugar { errors }.visit_block_mut(&mut block);
    block
}

struct Desugar<'a> {
    errors: &'a mut Errors,
}

fn is_block(mac: &Macro) -> bool {
    let segments = &mac.path.segments;
    let last = segments.last().is_some_and(|segment| segment.ident == "block");
    last && (segments.len() == 1 || segments.first().is_some_and(|first| first.ident == "nb" || first.ident == "segno"))
}

impl Desugar<'_> {
    fn expand(&mut self, mac: &Macro) -> Option<Expr> {
        if !is_block(mac) {
            return None;
        }
        let operation: Expr = match syn::parse2(mac.tokens.clone()) {
            Ok(operation) => operation,
            Err(cause) => {
                self.errors.parse(cause);
                return None;
            }
        };
        let span = mac.path.span();
        let machine = quote_spanned!(span => ::segno::machine);
        Some(parse_quote_spanned! {span=>
            loop {
                match #machine::attempt(#operation) {
                    #machine::Attempt::Finished(__answer) => break __answer,
                    #machine::Attempt::Blocked => #machine::blocked().await,
                }
            }
        })
    }
}

impl VisitMut for Desugar<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(mac) = expr
            && let Some(expanded) = self.expand(&mac.mac)
        {
            *expr = expanded;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && let Some(expanded) = self.expand(&mac.mac)
        {
            // Without a semicolon it is the block's value, unless braces make it a statement.
            let semicolon = mac.semi_token;
            *stmt = Stmt::Expr(expanded, semicolon);
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
}
