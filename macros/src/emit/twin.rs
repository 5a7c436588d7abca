//! The twin: the user's body as ordinary code that is never called.
//!
//! rustc checks it as it would the `async fn`: types, borrows, moves, `unsafe`, unused variables. What it reports is in
//! the user's words, at the user's tokens, and comes first, because the twin comes first.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMatch, ReturnType, Token, parse_quote_spanned, token};

use super::{result, signature};
use crate::function::Function;
use crate::tree;

/// The statement that holds the twin.
pub fn twin(function: &Function, body: &Block) -> TokenStream {
    let mut body = body.clone();
    let result = signature::output(function);
    let opaque = signature::is_opaque(&result);
    if !opaque {
        result::wrap_body(&mut body);
    }
    Await.visit_block_mut(&mut body);
    // Where rustc speaks of the closure, it shows the function's name; and it names what the closure captures.
    let span = function.signature.ident.span();
    let output = match &function.signature.output {
        ReturnType::Type(_, ty) if signature::is_opaque(ty) => quote!(),
        ReturnType::Type(..) => {
            let ty = signature::output(function);
            quote_spanned!(span=> -> #ty)
        }
        ReturnType::Default => quote!(-> ()),
    };
    let closure = quote_spanned!(span=> move || #output);
    let unpack = function.parameters.iter().filter_map(|parameter| {
        let pattern = parameter.pattern.as_ref()?;
        let name = &parameter.name;
        // `_` holds its argument to the end.
        match pattern {
            syn::Pat::Wild(_) => None,
            pattern if crate::anchor::refs(pattern) => {
                Some(quote_spanned!(pattern.span()=> #[allow(unused_mut)] let mut #name = #name; let #pattern = #name;))
            }
            // The receiving `let` is the user's own declaration.
            _ => Some(quote_spanned!(pattern.span()=> let #pattern = #name;)),
        }
    });
    let unpack: Vec<TokenStream> = unpack.collect();
    let result = result::declaration((!opaque).then_some(&result));
    let unpack: Vec<TokenStream> = if opaque { unpack } else { std::iter::once(result).chain(unpack).collect() };
    let whole = if unpack.is_empty() { quote!(#body) } else { quote_spanned!(span=> { #(#unpack)* #body }) };
    quote! {
        // The body is a block of its own, so that its locals are dropped before the parameters.
        #[allow(unused_braces)]
        let () = if false {
            use ::segno::machine::scope::*;
            __twin(#closure #whole);
        };
    }
}

struct Await;

impl VisitMut for Await {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Closure(closure) = expr {
            crate::nested::reopen(closure);
        }
        if let Expr::Async(inner) = expr {
            // A closure borrows and moves as the block does.
            let (body, span) = (&inner.block, inner.async_token.span());
            *expr = if crate::nested::is_closed(inner) {
                parse_quote_spanned!(span=> __called(|| #body))
            } else {
                let capture = &inner.capture;
                parse_quote_spanned!(span=> __block(#capture || #body))
            };
        }
        if let Expr::Await(inner) = expr {
            let span = inner.await_token.span();
            let mut base = std::mem::replace(&mut *inner.base, tree::unit());
            while let Expr::Paren(inner) = base {
                base = *inner.expr;
            }
            let body = quote_spanned!(span=> __Awaited(&raw const __awaited).wait(__awaited));
            let awaited = tree::binding(None, Ident::new("__awaited", span));
            // A tree, which writes parentheses where a scrutinee needs them.
            let waits = Expr::Match(ExprMatch {
                attrs: Vec::new(),
                match_token: Token![match](span),
                expr: Box::new(base),
                brace_token: token::Brace(span),
                arms: vec![tree::arm(span, awaited, Expr::Verbatim(body), false)],
            });
            *expr = tree::method(span, tree::parentheses(span, waits), "output", []);
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
