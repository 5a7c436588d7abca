//! The function's result, in the twin and in the machine.
//!
//! # The problem
//! rustc reports an error once if it finds it twice in the same words at the same place. A result of the wrong type is in
//! the twin a matter of a closure's return type, in the machine one of `Resume::Done`: two reports.
//!
//! # The design
//! Both put each result into a field of a struct whose type is known, `Returned { of: __result, value: … }`, and take it
//! out again. `__result` stands for the type. What is left of control flow stays outside: its branches are results.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprStruct, Stmt, Token, Type, token};

use crate::lower::has_temporaries;
use crate::tree;

/// Declares what stands for the type.
pub fn declaration(output: Option<&Type>) -> TokenStream {
    match output {
        Some(output) => quote!(let __result = __Output::<#output>::new();),
        // It is the closure's, as a `return` of it says.
        None => quote! {
            let __result = __Output::new();
            if false {
                return __result.nothing();
            }
        },
    }
}

/// Wraps an expression that is a result of the machine.
pub fn wrap(expr: &mut Expr) {
    wrap_as(expr, false, !crate::edition::is_old());
}

/// `ends`: the last expression of a block ends its temporaries there, in the order in which its operands end. (The twin is not run.)
/// `last`: it is one.
fn wrap_as(expr: &mut Expr, last: bool, ends: bool) {
    match expr {
        Expr::Paren(inner) => wrap_as(&mut inner.expr, last, ends),
        Expr::Group(inner) => wrap_as(&mut inner.expr, last, ends),
        Expr::Block(inner) if inner.label.is_none() => wrap_tail(&mut inner.block, ends),
        Expr::Unsafe(inner) => wrap_tail(&mut inner.block, ends),
        Expr::If(branch) => {
            if let Some((_, otherwise)) = &mut branch.else_branch {
                wrap_tail(&mut branch.then_branch, ends);
                wrap_as(otherwise, false, ends);
            }
        }
        Expr::Match(choice) => choice.arms.iter_mut().for_each(|arm| wrap_as(&mut arm.body, false, ends)),
        // They come to no result here.
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) | Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {}
        Expr::Macro(_) => {}
        // The result of a labelled block is that of its jumps as well.
        Expr::Block(_) => {}
        value => {
            // Lints look away from what another crate's macro has written, errors show the place.
            let span = Span::call_site().located_at(value.span());
            let attrs = crate::cfg::replace_attributes(value, Vec::new());
            let mut inner = std::mem::replace(value, tree::unit());
            if last && has_temporaries(&inner) {
                inner = tree::braces(inner.span(), inner);
            }
            let of = tree::name(Ident::new("__result", span));
            let mut fields = Punctuated::new();
            fields.push_value(tree::field_value(span, "of", of));
            fields.push_punct(Token![,](span));
            fields.push_value(tree::field_value(span, "value", inner));
            let returned = Expr::Struct(ExprStruct {
                attrs: Vec::new(),
                qself: None,
                path: Ident::new("__Returned", span).into(),
                brace_token: token::Brace(span),
                fields,
                dot2_token: None,
                rest: None,
            });
            *value = Expr::Field(syn::ExprField { attrs, ..tree::field(span, returned, "value") });
        }
    }
}

fn wrap_tail(block: &mut Block, ends: bool) {
    if let Some(Stmt::Expr(expr, None)) = block.stmts.last_mut() {
        wrap_as(expr, ends, ends);
    }
}

/// Wraps all results of the twin: its tail and what is returned from within.
pub fn wrap_body(body: &mut Block) {
    Returns { ends: false }.visit_block_mut(body);
    wrap_tail(body, false);
}

/// Wraps what is returned from within an expression of the machine.
pub fn wrap_returns(expr: &mut Expr) {
    Returns { ends: !crate::edition::is_old() }.visit_expr_mut(expr);
}

struct Returns {
    ends: bool,
}

impl VisitMut for Returns {
    fn visit_expr_return_mut(&mut self, inner: &mut syn::ExprReturn) {
        visit_mut::visit_expr_return_mut(self, inner);
        inner.expr.iter_mut().for_each(|value| wrap_as(value, false, self.ends));
    }
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Whether a result is one that the user did not write. If the function has another type, the twin tells.
pub fn is_implicit(value: &Expr) -> bool {
    matches!(value, Expr::Tuple(tuple) if tuple.elems.is_empty())
}
