//! The twin: the user's body as ordinary code that is never called.
//!
//! rustc checks it as it would the `async fn`: types, borrows, moves, `unsafe`, unused variables. What it reports is in
//! the user's words, at the user's tokens, and comes first, because the twin comes first.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprLet, ExprMatch, ExprStruct, Local, ReturnType, parse_quote_spanned};

use super::result::{self, Returned};
use super::signature;
use crate::function::Function;
use crate::{place, tree};

/// The statement that holds the twin.
pub fn twin(function: &Function, body: &Block, taken_whole: &BTreeSet<(usize, usize)>) -> TokenStream {
    let mut body = body.clone();
    if !taken_whole.is_empty() {
        Whole(taken_whole).visit_block_mut(&mut body);
    }
    let result = signature::output(function);
    let opaque = signature::is_opaque(&result);
    if !opaque {
        result::wrap_body(&mut body, &Returned::new(&result));
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
    let whole = if unpack.is_empty() { quote!(#body) } else { quote_spanned!(span=> { #(#unpack)* #body }) };
    quote! {
        // The body is a block of its own, so that its locals are dropped before the parameters.
        if false {
            __twin(#closure #whole);
        }
    }
}

/// Moves all of a variable, or of what a box holds, where the machine does (see [`Variables::taken_whole`]): what refers to a part of
/// it would refer to where it no longer is, which rustc finds out here.
///
/// [`Variables::taken_whole`]: crate::graph::Variables::taken_whole
struct Whole<'a>(&'a BTreeSet<(usize, usize)>);

impl Whole<'_> {
    fn is_here(&self, token: Span) -> bool {
        self.0.contains(&place::at(token))
    }

    /// A box that a pattern takes apart.
    fn matched(&self, value: &mut Expr) {
        if let Expr::Unary(unary) = tree::bare(value)
            && self.is_here(unary.op.span())
        {
            moved(value);
        }
    }
}

impl VisitMut for Whole<'_> {
    fn visit_expr_struct_mut(&mut self, structure: &mut ExprStruct) {
        visit_mut::visit_expr_struct_mut(self, structure);
        if let (Some(dots), Some(rest)) = (&structure.dot2_token, &mut structure.rest)
            && self.is_here(dots.span())
        {
            moved(rest);
        }
    }
    fn visit_expr_match_mut(&mut self, choice: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, choice);
        self.matched(&mut choice.expr);
    }
    fn visit_local_mut(&mut self, local: &mut Local) {
        visit_mut::visit_local_mut(self, local);
        if let Some(init) = &mut local.init {
            self.matched(&mut init.expr);
        }
    }
    fn visit_expr_let_mut(&mut self, condition: &mut ExprLet) {
        visit_mut::visit_expr_let_mut(self, condition);
        self.matched(&mut condition.expr);
    }
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        crate::names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Makes a value of a place.
fn moved(place: &mut Expr) {
    let span = place.span();
    *place = parse_quote_spanned!(span=> { #place });
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
            let awaited = tree::call(span, Ident::new("__await", span).into(), base);
            let waited = tree::method(span, awaited, "wait", []);
            *expr = tree::method(span, waited, "output", []);
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
