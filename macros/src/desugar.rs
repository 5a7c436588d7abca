//! `block!` and the known macros, in the few forms that are lowered.
//!
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

/// How many of a macro's first arguments are evaluated once, in order, before anything else happens.
fn eager(mac: &Macro) -> usize {
    let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    match name.as_str() {
        "format" | "print" | "println" | "eprint" | "eprintln" | "write" | "writeln" | "panic" | "unreachable"
        | "todo" | "vec" | "trace" | "debug" | "info" | "warn" | "error" | "gather" | "try_gather" | "select" => {
            usize::MAX
        }
        "assert" | "debug_assert" | "matches" => 1,
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => 2,
        _ => 0,
    }
}

/// `println!("{}", f().await)` becomes `{ let a = f().await; println!("{}", a) }`: for macros that are known to evaluate
/// their arguments once and in order. Awaits in other macros are left for `lower::refuse`.
fn bind_arguments(mac: &Macro) -> Option<Expr> {
    let count = eager(mac);
    if count == 0 || !crate::lower::awaits_in_tokens(mac.tokens.clone()) {
        return None;
    }
    let is_matches = mac.path.segments.last().is_some_and(|segment| segment.ident == "matches");
    let (mut arguments, rest) = if is_matches {
        let (first, rest) = first_argument(mac.tokens.clone())?;
        (std::iter::once(first).collect(), Some(rest))
    } else {
        (crate::names::arguments(mac)?, None)
    };
    let last = arguments
        .iter()
        .take(count)
        .collect::<Vec<_>>()
        .iter()
        .rposition(|argument| crate::walk::suspends(argument))?;
    let mut lets: Vec<Stmt> = Vec::new();
    for (index, argument) in arguments.iter_mut().enumerate().take(last + 1) {
        let value = match argument {
            Expr::Assign(named) => &mut *named.right,
            other => other,
        };
        if matches!(value, Expr::Lit(_) | Expr::Path(_) | Expr::Field(_)) {
            continue;
        }
        let name = quote::format_ident!("__argument_{}", index);
        let taken = std::mem::replace(value, syn::parse_quote!(#name));
        lets.push(syn::parse_quote!(let #name = #taken;));
    }
    let mut bound = mac.clone();
    bound.tokens = quote::quote!(#arguments #rest);
    Some(syn::parse_quote!({ #(#lets)* #bound }))
}

/// The tokens up to the first comma as an expression, and the rest with the comma.
fn first_argument(tokens: proc_macro2::TokenStream) -> Option<(Expr, proc_macro2::TokenStream)> {
    let is_comma = |token: &proc_macro2::TokenTree| matches!(token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ',');
    let tokens: Vec<_> = tokens.into_iter().collect();
    let comma = tokens.iter().position(is_comma)?;
    let first = syn::parse2(tokens[..comma].iter().cloned().collect()).ok()?;
    Some((first, tokens[comma..].iter().cloned().collect()))
}

impl VisitMut for Desugar<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(mac) = expr
            && let Some(bound) = bind_arguments(&mac.mac)
        {
            *expr = bound;
        }
        if let Expr::Macro(mac) = expr
            && let Some(expanded) = self.expand(&mac.mac)
        {
            *expr = expanded;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && let Some(bound) = bind_arguments(&mac.mac)
        {
            *stmt = Stmt::Expr(bound, mac.semi_token);
        }
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
