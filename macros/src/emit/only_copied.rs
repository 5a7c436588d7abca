//! Closures without `move` whose patterns may only copy.
//!
//! # The problem
//! rustc's `|| match r { Ok(n) => n, Err(_) => 0 }` takes `r` if a binding moves something of it, and borrows it otherwise; only types
//! tell. For the arm at hand rustc decides. But where the arm ends within the scope of `r`, the macro has to say whether `r` goes on.
//!
//! # The design
//! It does not: it was taken. If it was not, and has a destructor, that is refused where the closure is made (SG0033).

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure};

use super::edge::{Emitter, Live, Point};
use crate::liveness::{State, Status};
use crate::nested::{Left, left, unless_copied};
use crate::visit::Visit;
use crate::walk::uses;

impl Emitter<'_> {
    /// Asks of the variables that closures in an expression take by such patterns whether they do.
    pub(super) fn ask_copied(&self, expr: &Expr, state: &State, live: &Live, (block, op): Point) -> TokenStream {
        let variables = &self.graph.variables;
        let mut text = TokenStream::new();
        for closure in closures(expr) {
            let whole = Expr::Closure(closure.clone());
            let mut asked = Vec::new();
            for site in uses(&whole, variables) {
                let entry = &variables[site.variable];
                let goes_on = state.get(&site.variable) == Some(&Status::Initialised)
                    && !(entry.anchored || entry.plain || entry.outer || live.contains(&site.variable))
                    && self.travels(entry.scope, block, op + 1);
                if goes_on
                    && !asked.contains(&site.variable)
                    && let Left::Unless(matched) = left(&whole, &entry.name)
                {
                    asked.push(site.variable);
                    text.extend(unless_copied(&matched, &entry.name, closure.body.span()));
                }
            }
        }
        text
    }
}

/// The outermost closures without `move` in an expression.
fn closures(expr: &Expr) -> Vec<&ExprClosure> {
    struct Find<'ast>(Vec<&'ast ExprClosure>);
    impl<'ast> Visit<'ast> for Find<'ast> {
        fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
            if closure.capture.is_none() {
                self.0.push(closure);
            }
        }
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(Vec::new());
    find.visit_expr(expr);
    find.0
}
