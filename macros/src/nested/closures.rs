//! `async` closures.
//!
//! # The problem
//! An `async` closure is a closure that gives a coroutine, which borrows from the closure, and from what that is handed.
//!
//! # The design
//! A closure with an `async` block in it, which ends with what the closure is written to give. One that is handed references stays
//! `async`, around the machine: only of that can what it gives borrow from what it is handed.

use crate::visit::{self, Visit};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    Attribute, Block, Expr, ExprAsync, ExprClosure, Pat, ReturnType, Token, Type, parse_quote, parse_quote_spanned,
};

/// Marks a block that was an `async` closure's body.
const CLOSED: &str = "__segno_closed";
/// Marks a closure that was `async` and is to be so again, around its machine.
const LENDS: &str = "__segno_lends";

/// Turns an `async` closure into a closure with an `async` block in it. The type that it is written to give stays with it, where what
/// is said of types is seen, until the block becomes a machine ([`written`]).
pub fn close(closure: &mut ExprClosure) {
    let Some(keyword) = closure.asyncness.take() else { return };
    let (body, span) = (&closure.body, keyword.span());
    let block: Block = match &**body {
        Expr::Block(inner) if inner.label.is_none() => inner.block.clone(),
        other => parse_quote!({ #other }),
    };
    let capture = closure.capture.as_ref().map(|_| quote!(move));
    let marker = format_ident!("{}", CLOSED);
    *closure.body = parse_quote_spanned!(span=> #[#marker] async #capture #block);
    if closure.inputs.iter().any(lends) {
        mark(closure);
    }
}

/// Marks an `async` closure that is an argument: what it is handed may be references, if nothing else is written.
pub fn hand_over(argument: &mut Expr) {
    if let Expr::Closure(closure) = argument
        && closure.asyncness.is_some()
        && closure.inputs.iter().any(|input| !matches!(input, Pat::Type(_)))
    {
        mark(closure);
    }
}

fn mark(closure: &mut ExprClosure) {
    let marker = format_ident!("{}", LENDS);
    if !is_lending(closure) {
        closure.attrs.push(parse_quote!(#[#marker]));
    }
}

/// Whether a parameter's type has a lifetime that is not written.
fn lends(input: &Pat) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
            self.0 |= reference.lifetime.is_none();
            visit::visit_type_reference(self, reference);
        }
        fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
            self.0 |= lifetime.ident == "_";
        }
        // Their lifetimes are their own.
        fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    }
    let Pat::Type(typed) = input else { return false };
    let mut find = Find(false);
    find.visit_type(&typed.ty);
    find.0
}

/// Makes a closure `async` again that awaits what it now gives. In the twin, the type that another was written to give is that of its
/// block.
pub fn reopen(closure: &mut ExprClosure) {
    let lends = is_lending(closure);
    closure.attrs.retain(|attribute| !attribute.path().is_ident(LENDS));
    if lends {
        let (body, span) = (&closure.body, closure.inputs_begin.span());
        *closure.body = parse_quote_spanned!(span=> { #body.await });
        closure.asyncness = Some(Token![async](span));
    } else if let Expr::Call(call) = &mut *closure.body
        && matches!(&*call.func, Expr::Path(path) if path.path.is_ident("__called"))
        && let Some(Expr::Closure(block)) = call.args.first_mut()
    {
        block.output = std::mem::replace(&mut closure.output, ReturnType::Default);
    }
}

fn is_lending(closure: &ExprClosure) -> bool {
    closure.attrs.iter().any(|attribute| attribute.path().is_ident(LENDS))
}

/// Whether a block was an `async` closure's body.
pub fn is_closed(block: &ExprAsync) -> bool {
    block.attrs.iter().any(|attribute: &Attribute| attribute.path().is_ident(CLOSED))
}

/// Takes the type off a closure that its block is to end with, if it is written.
pub fn written(closure: &mut ExprClosure) -> Option<Type> {
    if is_lending(closure) {
        return None;
    }
    match std::mem::replace(&mut closure.output, ReturnType::Default) {
        ReturnType::Type(_, ty) if matches!(*ty, Type::Never(_)) => Some(never()),
        ReturnType::Type(_, ty) => Some(*ty),
        ReturnType::Default => None,
    }
}

/// Whether a part of a type is for rustc to find: then nothing can be asked of it.
pub fn is_inferred(ty: &Type) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_type_infer(&mut self, _: &'ast syn::TypeInfer) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    find.visit_type(ty);
    find.0
}

/// The type of what never comes.
pub fn never() -> Type {
    parse_quote!(<fn() -> ! as __Returns>::Type)
}
