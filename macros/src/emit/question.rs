//! Questions about types, as code that rustc types and nobody runs.
//!
//! # The problem
//! After `x.m(…)` the machine has to hold `x` for its destructor, unless `m` took it. Only types tell.
//!
//! # The design
//! A trait with a by-value method of the same name is put beside it, for every type. Method lookup prefers an inherent
//! by-value method to it, and it to any method that borrows: so the type of the call tells. What follows a call that does
//! not return is not borrow-checked, so asking moves nothing. A reference needs no destructor, and lookup on one may find
//! two traits, so it is asked about first, and counts as moved.
//!
//! The arguments stand in the question too, for what rustc infers from them, unless their own type is inferred. For a closure stands
//! one with as many parameters that does not return: its body would need the types that the method gives it.

use crate::visit_mut::VisitMut;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Expr, UnOp};

use super::rewrite::{Root, left_at, slot};
use crate::anchor::root;
use crate::graph::Variables;
use crate::names::is_constructor;
use crate::nested::Nested;
use crate::walk::{Called, Pointer, Site, iterates};

/// Where a variable is when it is asked about: see [`leaving`](super::leaving).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In its slot, if it has one.
    Here,
    /// In its slot, which it leaves if something is moved: what is left of it is rustc's then.
    Leaving,
    /// Perhaps not in its slot any more.
    Left,
}

/// Asks whether a mention moves its variable, or a field out of it.
pub fn about(site: &Site, variables: &Variables, tag: &Ident, place: Where) -> TokenStream {
    let name = &variables[site.variable].name;
    let leaves = place != Where::Here;
    let whole = if place == Where::Left {
        let at = left_at(name);
        quote!((*#at))
    } else if variables[site.variable].anchored {
        let slot = slot(name);
        quote!((*#slot.at()))
    } else {
        quote!(#name)
    };
    let place = match &site.field {
        Some(field) => {
            let mut place = (**field).clone();
            Root(&whole).visit_expr_mut(&mut place);
            quote!(#place)
        }
        None => whole.clone(),
    };
    let call = site.call.as_ref().map(|call| {
        if site.by_name {
            quote!((&&&&&__probe(&#place)).by_name())
        } else {
            let is_closure = site.field.is_none() && variables[site.variable].closure;
            receiver(&place, call, variables, is_closure, site.field.is_some())
        }
    });
    // Of a field that is packed there is no reference.
    let at = crate::place::place(site.field.as_ref().map_or(tag.span(), |field| field.span()));
    let part = match site.pointer {
        None => {
            let left = if leaves { quote!(()) } else { whole.clone() };
            quote!((&__probe_place(&raw const #place)).holding().of::<_, #at>(&#left))
        }
        // Of a closure that cannot be asked; in a box it is no reference.
        Some(Pointer::Whole | Pointer::Parts) if variables[site.variable].holds_closure => {
            quote!(__IsReference.answer(()))
        }
        Some(Pointer::Parts) => {
            quote!((&&__probe(&#whole)).pointer().parts(|| {
                let __pointed_to = __probe_pointer(|| &raw const #place);
                (&__pointed_to).holding().in_parts::<_, #at>(&__pointed_to)
            }))
        }
        // It is not looked at: what is called for that may be the user's.
        Some(Pointer::Whole) => {
            let held = quote!((&__probe_pointer(|| &raw const #place)).holding().of::<_, #at>(&()));
            // A pattern may copy all that a guard guards, whatever that is.
            quote!((&&__probe(&#whole)).pointer().whole(|| #held))
        }
        Some(Pointer::Part) => {
            quote!((&__probe_pointer(|| &raw const #place)).holding().of::<_, #at>(&#whole))
        }
    };
    if !site.choice.is_empty() {
        let fields = site.choice.iter().map(|field| {
            let mut place = field.clone();
            Root(&whole).visit_expr_mut(&mut place);
            place
        });
        let takes =
            quote!((&&&&__capture(&#whole, || (#(__pointee(&raw const #fields),)*), __None::<()>)).takes::<#at>());
        return quote!(#tag = (&&&__probe(&#whole)).captured().answer(#takes.left(&#whole)););
    }
    if site.captured && site.field.is_some() {
        // Through a pointer, the closure takes the pointer.
        return quote!(#tag = (&&&__probe(&#whole)).captured().answer(#part););
    }
    match (call, &site.field) {
        (Some(call), Some(_)) => quote!(#tag = (#call).or_part(|| #part);),
        (Some(call), None) => quote!(#tag = #call;),
        (None, _) => quote!(#tag = #part;),
    }
}

/// Whether a method takes its receiver by value. Of what is copied, that does not matter: nothing is asked. (What closures
/// capture rustc knows only when it has seen all of the function, so whether they are copied cannot be asked.)
fn receiver(
    receiver: &TokenStream,
    Called { method, turbofish, arguments }: &Called,
    variables: &Variables,
    is_closure: bool,
    is_part: bool,
) -> TokenStream {
    let answer = if is_part { quote!(answer_part) } else { quote!(answer) };
    let mut method = method.clone();
    method.set_span(Span::call_site().located_at(method.span()));
    let asked = by_value(&method, turbofish.as_ref().map_or(0, |turbofish| turbofish.args.len()), arguments.iter());
    let arguments = arguments.iter().map(|argument| {
        let typed = typed(argument, variables).filter(|_| !takes_any(&method.to_string()));
        typed.unwrap_or_else(|| stand_in_for(argument))
    });
    // If another trait has such a method by value, rustc cannot choose, and names the two traits.
    let reference = match is_closure {
        true => quote!(__NoReference),
        false => match iterates(&method.to_string()) {
            Some(question) => {
                let question = Ident::new(question, Span::call_site());
                quote!((&&&&__probe(&#receiver)).#question())
            }
            None => quote!((&&&__probe(&#receiver)).reference()),
        },
    };
    quote! {{
        let __reference = #reference;
        let __call = if true {
            __None
        } else {
            #asked
            __never();
            __Some(__reference.receiver(#receiver).#method #turbofish (#(#arguments),*))
        };
        __reference.#answer((&__probe_call(__call)).receiver())
    }}
}

/// The trait with a by-value method of this name, for every type. (What stands for a closure has parameters, so that it has a type:
/// here they are nothing. With `written` types between `::<` and `>` there may be no others.)
pub fn by_value<'a>(method: &Ident, written: usize, arguments: impl Iterator<Item = &'a Expr>) -> TokenStream {
    let mut generics: Vec<TokenStream> =
        (0..written).map(|index| format_ident!("G{}", index)).map(|name| quote!(#name)).collect();
    let mut types = Vec::new();
    for (index, argument) in arguments.enumerate() {
        let (name, output) = (format_ident!("A{}", index), format_ident!("O{}", index));
        let inputs = crate::tree::closure(argument).map(|closure| closure.inputs.iter().map(|_| quote!(())));
        let (generic, ty) = match inputs {
            Some(inputs) if written > 0 => (None, quote!(impl ::core::ops::FnOnce(#(#inputs),*))),
            None if written > 0 => (None, quote!(impl __Sized)),
            Some(inputs) => (Some(quote!(#output, #name: ::core::ops::FnOnce(#(#inputs),*) -> #output)), quote!(#name)),
            None => (Some(quote!(#name)), quote!(#name)),
        };
        generics.extend(generic);
        types.push(ty);
    }
    quote! {
        trait SG0035_put_the_receiver_into_braces {
            fn #method<#(#generics),*>(self #(, _: #types)*) -> __Borrowed;
        }
        impl<T> SG0035_put_the_receiver_into_braces for T {
            fn #method<#(#generics),*>(self #(, _: #types)*) -> __Borrowed {
                __Borrowed
            }
        }
    }
}

/// What stands for an argument of which only the method knows the type.
pub fn stand_in_for(argument: &Expr) -> TokenStream {
    let Some(closure) = crate::tree::closure(argument) else { return quote!(__never()) };
    let inputs = closure.inputs.iter().map(|_| quote!(_));
    let body = match &*closure.body {
        Expr::Macro(mac) if Nested::of(&mac.mac).is_some() => quote!(__called(|| __never())),
        _ => quote!(__never()),
    };
    quote!(|#(#inputs),*| #body)
}

/// Methods of `Option` and `Result` with an argument of any type, which what becomes of the result may tell:
/// `option.ok_or(Error::None)?`, where that is an `Error<E>`.
fn takes_any(method: &str) -> bool {
    matches!(method, "ok_or" | "or")
}

/// Methods whose result has the type that its user wants.
fn is_inferred(method: &str) -> bool {
    matches!(
        method,
        "into" | "try_into" | "parse" | "collect" | "sum" | "product" | "default" | "as_ref" | "borrow" | "from"
    )
}

/// An argument, if it has a type of its own. It is not run, so it may be evaluated again.
fn typed(argument: &Expr, variables: &Variables) -> Option<TokenStream> {
    let all = |arguments: &syn::punctuated::Punctuated<Expr, syn::Token![,]>| -> Option<Vec<TokenStream>> {
        arguments.iter().map(|argument| typed(argument, variables)).collect()
    };
    Some(match argument {
        // What these are of, the method says.
        Expr::Array(array) if array.elems.is_empty() => return None,
        Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "None") => return None,
        Expr::Lit(_) => quote!(#argument),
        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => {
            let place = place(argument, variables)?;
            // A place that is no name may be one that cannot be moved out of.
            if matches!(argument, Expr::Path(_)) { place } else { quote!(__like(&#place)) }
        }
        Expr::Reference(inner) => {
            let mutability = &inner.mutability;
            let value = place(&inner.expr, variables).or_else(|| typed(&inner.expr, variables))?;
            quote!(&#mutability #value)
        }
        Expr::Call(call) if is_constructor(&call.func) => {
            let (function, arguments) = (&call.func, all(&call.args)?);
            quote!(#function(#(#arguments),*))
        }
        Expr::MethodCall(call) if call.turbofish.is_none() && !is_inferred(&call.method.to_string()) => {
            let receiver = place(&call.receiver, variables).or_else(|| typed(&call.receiver, variables))?;
            let (method, arguments) = (&call.method, all(&call.args)?);
            quote!(#receiver.#method(#(#arguments),*))
        }
        Expr::Tuple(tuple) => {
            let elements = all(&tuple.elems)?;
            quote!((#(#elements,)*))
        }
        Expr::Array(array) => {
            let elements = all(&array.elems)?;
            quote!([#(#elements),*])
        }
        Expr::Cast(cast) => {
            let (value, ty) = (typed(&cast.expr, variables)?, &cast.ty);
            quote!((#value as #ty))
        }
        Expr::Paren(inner) => typed(&inner.expr, variables)?,
        _ => return None,
    })
}

/// A place, as the machine reaches it.
fn place(expr: &Expr, variables: &Variables) -> Option<TokenStream> {
    match expr {
        Expr::Path(_) | Expr::Field(_) => {}
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => {}
        _ => return None,
    }
    let mut place = expr.clone();
    match root(expr, variables) {
        // It is declared inside of what is asked about, and the question stands before that.
        Some(variable) if !variables[variable].outer && variables[variable].order == usize::MAX => return None,
        Some(variable) if variables[variable].anchored => {
            let slot = slot(&variables[variable].name);
            Root(&quote!((*#slot.at()))).visit_expr_mut(&mut place);
        }
        _ => {}
    }
    Some(quote!(#place))
}
