//! Suspensions where none can be, and what cannot be told apart.

use crate::visit::{self, Visit};
use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Block, Expr, LitStr, Macro, Pat};

use crate::error::{self, Errors};
use crate::tree;

/// Reports every suspension that stands in a macro, a closure, a guard or a constant, and every jump out of a loop that
/// there is not.
pub fn check(body: &Block, errors: &mut Errors) {
    Refuse { errors, loops: 0 }.visit_block(body);
}

struct Refuse<'a> {
    errors: &'a mut Errors,
    /// How many loops are open.
    loops: usize,
}

impl Refuse<'_> {
    fn constant(&mut self, expr: &Expr) {
        if let Some(span) = awaits_deep(expr) {
            self.errors.report(error::AWAIT_IN_CONSTANT, span, "`.await` in a constant");
        }
    }

    /// rustc would speak of a closure, in which the twin stands.
    fn jump(&mut self, word: &str, span: proc_macro2::Span, label: Option<&syn::Lifetime>) {
        if label.is_none() && self.loops == 0 {
            self.errors.report(error::HIDDEN_LABEL, span, format!("`{word}` outside of a loop"));
        }
    }

    fn in_loop(&mut self, work: impl FnOnce(&mut Self)) {
        self.loops += 1;
        work(self);
        self.loops -= 1;
    }
}

fn awaits(tokens: TokenStream) -> Option<proc_macro2::Span> {
    let mut after_dot = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(name) if after_dot && name == "await" => return Some(name.span()),
            TokenTree::Group(group) => {
                if let Some(span) = awaits(group.stream()) {
                    return Some(span);
                }
            }
            _ => {}
        }
        after_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
    }
    None
}

/// Whether a macro's tokens contain an `.await`.
pub fn awaits_in_tokens(tokens: TokenStream) -> bool {
    awaits(tokens).is_some()
}

/// Whether a macro is a `format_args!` with something to show: a text alone is constant.
fn formats(mac: &Macro) -> bool {
    mac.path.segments.last().is_some_and(|last| last.ident == "format_args")
        && match syn::parse2::<LitStr>(mac.tokens.clone()) {
            Ok(text) => text.value().replace("{{", "").contains('{'),
            Err(_) => true,
        }
}

/// The first `.await` inside an expression, closures and blocks included.
fn awaits_deep(expr: &Expr) -> Option<proc_macro2::Span> {
    struct Find(Option<proc_macro2::Span>);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_await(&mut self, inner: &'ast syn::ExprAwait) {
            self.0.get_or_insert(inner.await_token.span());
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    }
    let mut find = Find(None);
    find.visit_expr(expr);
    find.0
}

impl<'ast> Visit<'ast> for Refuse<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_macro(&mut self, mac: &'ast Macro) {
        if let Some(span) = awaits(mac.tokens.clone()) {
            let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            self.errors.report(error::AWAIT_IN_MACRO, span, format!("`.await` inside `{name}!` cannot be rewritten"));
        }
    }

    fn visit_expr_await(&mut self, inner: &'ast syn::ExprAwait) {
        let arguments = match tree::bare(&inner.base) {
            Expr::Call(call) => Some(&call.args),
            Expr::MethodCall(call) => Some(&call.args),
            _ => None,
        };
        for argument in arguments.into_iter().flatten() {
            if let Expr::Macro(argument) = tree::bare(argument)
                && formats(&argument.mac)
            {
                let span = argument.mac.path.span();
                self.errors.report(error::FORMATTED, span, "`format_args!` in what is handed to an awaited call");
            }
        }
        visit::visit_expr_await(self, inner);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        // A closure stays in one piece, so whatever else is in it is rustc's business.
        if let Some(span) = awaits_deep(&closure.body) {
            self.errors.report(error::AWAIT_IN_CLOSURE, span, "`.await` inside a closure");
        }
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
        self.constant(&repeat.len);
    }

    fn visit_type_array(&mut self, array: &'ast syn::TypeArray) {
        self.constant(&array.len);
    }

    fn visit_expr_const(&mut self, block: &'ast syn::ExprConst) {
        let block = block.block.clone();
        self.constant(&Expr::Block(syn::ExprBlock { attrs: vec![], label: None, block }));
    }

    fn visit_expr_break(&mut self, jump: &'ast syn::ExprBreak) {
        self.jump("break", jump.break_token.span(), jump.label.as_ref());
        visit::visit_expr_break(self, jump);
    }

    fn visit_expr_continue(&mut self, jump: &'ast syn::ExprContinue) {
        self.jump("continue", jump.continue_token.span(), jump.label.as_ref());
    }

    fn visit_expr_loop(&mut self, repeat: &'ast syn::ExprLoop) {
        self.in_loop(|this| visit::visit_expr_loop(this, repeat));
    }

    fn visit_expr_while(&mut self, repeat: &'ast syn::ExprWhile) {
        self.in_loop(|this| visit::visit_expr_while(this, repeat));
    }

    fn visit_expr_for_loop(&mut self, repeat: &'ast syn::ExprForLoop) {
        self.visit_expr(&repeat.expr);
        self.in_loop(|this| this.visit_block(&repeat.body));
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Guard(guard) = pattern
            && let Some(span) = awaits_deep(&guard.guard)
        {
            self.errors.report(error::AWAIT_IN_GUARD, span, "`.await` in the guard of a match arm");
        }
        visit::visit_pat(self, pattern);
    }
}
