//! Which edition the user's crate is of.
//!
//! # The problem
//! Until edition 2024 the temporaries of a block's last expression outlive the block's variables, and those of an `if let` live to
//! the end of its `else`. Where rustc sees the block, it decides that by the block's spans; where the block is taken apart, the
//! compiler has to know, and no stable function tells it.
//!
//! # The design
//! rustc was told by its arguments, and this code runs in rustc: there they are. Tokens of another crate's macro may be of another
//! edition; so where it matters, the expansion asks rustc whether the answer was right: `_` is an expression in edition 2024.

use std::ffi::OsString;
use std::sync::OnceLock;

use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Block, Expr, Stmt, parse_quote, parse_quote_spanned};

use crate::{error, tree};

/// Whether the edition is older than 2024; `None` if this is not rustc: the newest is assumed.
fn old() -> Option<bool> {
    static OLD: OnceLock<Option<bool>> = OnceLock::new();
    *OLD.get_or_init(|| of_arguments(std::env::args_os()))
}

fn of_arguments(arguments: impl Iterator<Item = OsString>) -> Option<bool> {
    let mut is_rustc = false;
    let mut edition = None;
    let mut is_next = false;
    for argument in arguments.skip(1) {
        let argument = argument.to_string_lossy();
        if std::mem::take(&mut is_next) {
            edition = argument.parse().ok();
        }
        is_rustc |= argument.starts_with("--crate-name");
        is_next = argument == "--edition";
        if let Some(year) = argument.strip_prefix("--edition=") {
            edition = year.parse().ok();
        }
    }
    is_rustc.then_some(edition.unwrap_or(2015) < 2024)
}

/// Whether a block's last expression is lowered as before edition 2024.
pub fn is_old() -> bool {
    old().unwrap_or(false)
}

/// An item that is an error if the tokens at `span` are of another edition than was assumed.
pub fn question(span: Span) -> TokenStream {
    let Some(old) = old() else { return TokenStream::new() };
    let mut errors = error::Errors::default();
    errors.report(error::OTHER_EDITION, span, "a macro of a crate of another edition made this function");
    let wrong = errors.into_tokens();
    let (new, old) = if old { (wrong, quote!()) } else { (quote!(), wrong) };
    // A `macro_rules!` is of the edition that its spans are of.
    quote_spanned! {span=>
        #[allow(unused_macro_rules)]
        macro_rules! __segno_edition {
            ($__any:expr) => { #new };
            (_) => { #old };
        }
        __segno_edition!(_);
    }
}

/// Before edition 2024 an `if let` is a `match`, as far as temporaries go: makes it one where it is taken apart, if it has an `else`
/// or ends a block, whose variables the temporaries then outlive. Tells whether there are such.
pub fn conditions(body: &mut Block) -> bool {
    struct Conditions {
        found: bool,
    }
    impl Conditions {
        fn condition(&mut self, expr: &mut Expr, is_last: bool) {
            // One that does not suspend may be taken apart for the sake of what it moves; rustc makes no difference either.
            let is_apart = is_old() || crate::walk::suspends(expr);
            let Expr::If(branch) = expr else { return };
            let Expr::Let(condition) = &*branch.cond else { return };
            if !is_apart || crate::lower::is_place(&condition.expr) {
                return;
            }
            let (span, otherwise) = match &branch.else_branch {
                Some((keyword, otherwise)) => (keyword.span, (**otherwise).clone()),
                None if is_last => (branch.if_token.span, tree::unit()),
                None => return,
            };
            self.found = true;
            if is_old() {
                let (value, pattern, then) = (&condition.expr, &condition.pat, &branch.then_branch);
                let otherwise: Expr = match otherwise {
                    Expr::Block(block) => parse_quote!(#block),
                    other => parse_quote!({ #other }),
                };
                *expr = parse_quote_spanned!(span=> match #value { #pattern => #then, _ => #otherwise });
            }
        }
    }
    impl VisitMut for Conditions {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            visit_mut::visit_expr_mut(self, expr);
            self.condition(expr, false);
        }
        fn visit_block_mut(&mut self, block: &mut Block) {
            visit_mut::visit_block_mut(self, block);
            if let Some(Stmt::Expr(last, None)) = block.stmts.last_mut() {
                self.condition(last, true);
            }
        }
        fn visit_item_mut(&mut self, _: &mut syn::Item) {}
        fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    }
    let mut conditions = Conditions { found: false };
    conditions.visit_block_mut(body);
    conditions.found
}

#[cfg(test)]
mod tests {
    use super::of_arguments;

    #[test]
    fn rustc_is_told_the_edition() {
        let old = |text: &str| of_arguments(text.split(' ').map(Into::into));
        assert_eq!(old("rustc --crate-name a --edition=2021 a.rs"), Some(true));
        assert_eq!(old("rustc --crate-name a --edition 2024 a.rs"), Some(false));
        assert_eq!(old("rustc --crate-name a a.rs"), Some(true));
        assert_eq!(old("rust-analyzer proc-macro"), None);
    }
}
