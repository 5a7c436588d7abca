//! The function's result, in the twin and in the machine.
//!
//! # The problem
//! rustc reports an error once if it finds it twice in the same words at the same place. A result of the wrong type is in
//! the twin a matter of a closure's return type, in the machine one of `Resume::Done`: two reports.
//!
//! # The design
//! Both put each result into a field of a struct whose type is known, `Returned::<T> { value: … }`, and take it out again.
//! What is left of control flow stays outside: its branches are results. Lifetimes are left to rustc, which would else complain of
//! those, not of what is returned. An opaque type cannot be written there; a variable, `__result`, stands for it where `?` or an
//! end without a value asks for the type.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Block, Expr, ExprStruct, Lifetime, Stmt, Type, token};

use crate::lower::has_temporaries;
use crate::place;
use crate::tree;

/// The type of a function's results, as it is written in expressions.
#[derive(Clone)]
pub struct Returned {
    ty: Type,
    /// It has lifetimes that cannot be left to rustc.
    is_bound: bool,
}

impl Returned {
    pub fn new(ty: &Type) -> Returned {
        let mut free = ty.clone();
        let mut leave = Leave { is_bound: false };
        leave.visit_type_mut(&mut free);
        let is_bound = leave.is_bound;
        Returned { ty: if is_bound { ty.clone() } else { free }, is_bound }
    }

    fn is_unit(&self) -> bool {
        matches!(&self.ty, Type::Tuple(tuple) if tuple.elems.is_empty())
    }
}

/// Leaves lifetimes out.
struct Leave {
    is_bound: bool,
}

impl VisitMut for Leave {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        lifetime.ident = Ident::new("_", lifetime.ident.span());
    }
    fn visit_ident_mut(&mut self, name: &mut Ident) {
        self.is_bound |= name == "Self";
    }
    // There a lifetime that is left out is another for each call.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {
        self.is_bound = true;
    }
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut syn::ParenthesizedGenericArguments) {
        self.is_bound = true;
    }
    fn visit_bound_lifetimes_mut(&mut self, _: &mut syn::BoundLifetimes) {
        self.is_bound = true;
    }
    fn visit_macro_mut(&mut self, _: &mut syn::Macro) {
        self.is_bound = true;
    }
}

/// Declares what stands for a type that cannot be written: it is the closure's, as a `return` of it says.
pub fn declaration() -> TokenStream {
    quote! {
        let __result = __Output::new();
        if false {
            return __result.nothing();
        }
    }
}

/// What stands for the type.
pub fn stands_for(written: Option<&Returned>, span: Span) -> Expr {
    match written {
        Some(Returned { ty, .. }) => Expr::Verbatim(quote_spanned!(span=> __Output::<#ty>::new())),
        None => tree::name(Ident::new("__result", span)),
    }
}

/// What a body without a value ends with. If that is not the function's type, the twin tells.
pub fn unit(written: Option<&Returned>, span: Span) -> Expr {
    match written {
        Some(written) if written.is_unit() => done(span, tree::unit_at(span)),
        written => tree::method(span, stands_for(written, span), "unit", []),
    }
}

pub fn done(span: Span, value: Expr) -> Expr {
    tree::call(span, Ident::new("__Done", span).into(), value)
}

/// Wraps an expression that is a result of the machine.
pub fn wrap(expr: &mut Expr, written: &Returned) {
    Wrap { written, ends: !crate::edition::is_old() }.wrap(expr, false);
}

/// Wraps what is returned from within an expression of the machine.
pub fn wrap_returns(expr: &mut Expr, written: &Returned) {
    Wrap { written, ends: !crate::edition::is_old() }.visit_expr_mut(expr);
}

/// Wraps all results of the twin: its tail and what is returned from within.
pub fn wrap_body(body: &mut Block, written: &Returned) {
    let mut wrap = Wrap { written, ends: false };
    wrap.visit_block_mut(body);
    wrap.wrap_tail(body);
}

struct Wrap<'a> {
    written: &'a Returned,
    /// The last expression of a block ends its temporaries there, in the order in which its operands end. (The twin is not run.)
    ends: bool,
}

impl Wrap<'_> {
    /// `last`: it is the last expression of a block.
    fn wrap(&self, expr: &mut Expr, last: bool) {
        match expr {
            Expr::Paren(inner) => self.wrap(&mut inner.expr, last),
            Expr::Group(inner) => self.wrap(&mut inner.expr, last),
            Expr::Block(inner) if inner.label.is_none() => self.wrap_tail(&mut inner.block),
            Expr::Unsafe(inner) => self.wrap_tail(&mut inner.block),
            Expr::If(branch) => {
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.wrap_tail(&mut branch.then_branch);
                    self.wrap(otherwise, false);
                }
            }
            Expr::Match(choice) => choice.arms.iter_mut().for_each(|arm| self.wrap(&mut arm.body, false)),
            // They come to no result here.
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => {}
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {}
            Expr::Macro(_) => {}
            // The result of a labelled block is that of its jumps as well.
            Expr::Block(_) => {}
            value => {
                // Lints look away from what another crate's macro has written, errors show the place.
                let span = Span::call_site().located_at(place::of(value));
                let attrs = crate::cfg::replace_attributes(value, Vec::new());
                let mut inner = std::mem::replace(value, tree::unit());
                if last && has_temporaries(&inner) {
                    inner = tree::braces(place::of(&inner), inner);
                }
                let mut fields = Punctuated::new();
                if self.written.is_bound {
                    fields.push(tree::field_value(span, "of", stands_for(Some(self.written), span)));
                }
                fields.push(tree::field_value(span, "value", inner));
                let returned = Expr::Struct(ExprStruct {
                    attrs: Vec::new(),
                    qself: None,
                    path: if self.written.is_bound {
                        Ident::new("__ReturnedAs", span).into()
                    } else {
                        tree::with_argument(Ident::new("__Returned", span), self.written.ty.clone())
                    },
                    brace_token: token::Brace(span),
                    fields,
                    dot2_token: None,
                    rest: None,
                });
                *value = Expr::Field(syn::ExprField { attrs, ..tree::field(span, returned, "value") });
            }
        }
    }

    fn wrap_tail(&self, block: &mut Block) {
        if let Some(Stmt::Expr(expr, None)) = block.stmts.last_mut() {
            self.wrap(expr, self.ends);
        }
    }
}

/// What is returned from within.
impl VisitMut for Wrap<'_> {
    fn visit_expr_return_mut(&mut self, inner: &mut syn::ExprReturn) {
        visit_mut::visit_expr_return_mut(self, inner);
        inner.expr.iter_mut().for_each(|value| self.wrap(value, false));
    }
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Whether a result is one that the user did not write. If the function has another type, the twin tells.
pub fn is_implicit(value: &Expr) -> bool {
    matches!(value, Expr::Tuple(tuple) if tuple.elems.is_empty())
}
