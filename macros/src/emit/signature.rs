//! `async fn f(…) -> T` becomes `fn f(…) -> impl Awaitable<T>`, which is `Coroutine<Output = T>` and `Future<Output = T>`.
//!
//! A frame that holds a value and a borrow of it needs a lifetime that everything in it outlives. rustc finds one if the
//! signature names one; so a function with slots and with type parameters or several lifetimes gets `'co`, and its
//! elided lifetimes get names. Not in a trait's implementation, where the trait's declaration decides.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{FnArg, GenericParam, Lifetime, Pat, ReceiverKind, ReturnType, Type, parse_quote};

use super::clippy;
use super::lifetimes::{References, have_one_lifetime, name_life};
use crate::enclosing::Around;
use crate::function::Function;
use crate::graph::Graph;
use crate::names::Parameter;
use crate::tree;

/// The user's return type.
pub fn output(function: &Function) -> Type {
    match &function.signature.output {
        ReturnType::Default => tree::unit_type(),
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => parse_quote!(::segno::machine::Never),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// Whether a type can only be written in a signature.
pub fn is_opaque(ty: &Type) -> bool {
    use crate::visit::Visit;
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    find.visit_type(ty);
    find.0
}

/// A declaration in a trait.
pub fn declaration(function: &Function) -> TokenStream {
    let head = head(function, None);
    quote!(#head;)
}

/// The head of the definition.
pub fn definition(function: &Function, graph: &Graph) -> TokenStream {
    let anchored = graph.variables.list.iter().any(|variable| variable.anchored);
    // Lifetimes that meet in an awaited child: what it holds lives as long as both.
    let meet = lifetimes_meet(function);
    let wants = anchored || meet || (!graph.suspensions().is_empty() && owns_unknown(function));
    let frame = (wants && !maybe_implements(function)).then(|| Lifetime::new("'co", Span::call_site()));
    head(function, frame)
}

/// Whether a function may hold values of type parameters: a child that it hands them to may have a lifetime that they outlive, as
/// its own frame's. (What belongs to the type of a `self` that it borrows outlives that, but not what is a parameter of its own.)
fn owns_unknown(function: &Function) -> bool {
    let borrows_self =
        function.signature.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(..)));
    let has_types = function.signature.generics.type_params().next().is_some();
    if borrows_self { has_types || References::of(function).others } else { !have_one_lifetime(function) }
}

/// Whether a child may hold things of several lifetimes.
pub fn lifetimes_meet(function: &Function) -> bool {
    *function.lifetimes.get_or_init(|| lifetimes(&function.signature)) > 1
}

/// Whether the signature has to stay as it is, since it implements a trait's, or may. A function without a receiver is free more
/// often than not, but if it can do without a lifetime of its own, it does.
pub fn maybe_implements(function: &Function) -> bool {
    matches!(function.visibility, syn::Visibility::Inherited)
        && match function.enclosing() {
            Some(enclosing) => enclosing.around == Around::Trait,
            None => function.signature.receiver().is_some() || have_one_lifetime(function),
        }
}

/// How many lifetimes the parameters have, those included that are not written.
fn lifetimes(signature: &syn::Signature) -> usize {
    let mut signature = signature.clone();
    let mut namer = Namer::new(Lifetime::new("'co", Span::call_site()));
    for argument in &mut signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => match &mut receiver.kind {
                ReceiverKind::Reference(_, None, _) => drop(namer.fresh()),
                ReceiverKind::Reference(_, Some(lifetime), _) => namer.visit_lifetime_mut(lifetime),
                ReceiverKind::Typed(_, ty) => namer.visit_type_mut(ty),
                _ => {}
            },
            FnArg::Typed(typed) => namer.visit_type_mut(&mut typed.ty),
        }
    }
    namer.made.len() + signature.generics.lifetimes().count() + namer.outer(&signature).len()
}

/// Attributes, visibility and signature, with the parameters under their own names.
pub fn head(function: &Function, frame: Option<Lifetime>) -> TokenStream {
    let mut signature = function.signature.clone();
    signature.asyncness = None;
    let ty = output(function);
    for (argument, parameter) in signature.inputs.iter_mut().zip(&function.parameters) {
        if let FnArg::Typed(typed) = argument {
            *typed.pat = tree::binding(None, parameter.name.clone());
        }
    }
    if function.parameters.is_empty() {
        // A declaration or an item that was refused: a pattern may stand only where there is a body.
        for (index, argument) in signature.inputs.iter_mut().enumerate() {
            if let FnArg::Typed(typed) = argument
                && !matches!(&*typed.pat, Pat::Ident(name) if name.mutability.is_none() && name.subpat.is_none() && name.by_ref.is_none())
                && !matches!(&*typed.pat, Pat::Wild(_))
            {
                *typed.pat = tree::binding(None, syn::Ident::new(&format!("__parameter_{index}"), Span::call_site()));
            }
        }
    }
    match frame {
        Some(frame) => add_frame_lifetime(&mut signature, &frame, function.mentions_self),
        None if !function.parameters.is_empty() && lifetimes_meet(function) && maybe_implements(function) => {
            name_life(&mut signature, function);
        }
        None => {}
    }
    let result = if is_opaque(&ty) {
        // It may be named once only. The coroutine is last: rustc takes "unused … that must be used" from there.
        quote!(impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = #ty>)
    } else {
        quote!(impl ::segno::Awaitable<#ty>)
    };
    signature.output = ReturnType::Type(Default::default(), Box::new(Type::Verbatim(result)));
    let attributes = &function.attributes;
    let clippy = clippy::of_function();
    let visibility = &function.visibility;
    let default = &function.default;
    let misnamed = function.parameters.iter().any(is_misnamed).then(|| quote!(#[allow(non_snake_case)]));
    quote!(#(#attributes)* #misnamed #clippy #visibility #default #signature)
}

/// Whether a parameter has a name that rustc would warn of, and that is not the user's: `var_N`, `f__2`.
fn is_misnamed(parameter: &Parameter) -> bool {
    let is_renamed = matches!(&parameter.pattern, Some(Pat::Ident(pattern)) if pattern.ident != parameter.name);
    let is_snake_case = |name: String| !name.contains(char::is_uppercase) && !name.trim_matches('_').contains("__");
    is_renamed && !is_snake_case(parameter.name.to_string())
}

fn add_frame_lifetime(signature: &mut syn::Signature, frame: &Lifetime, mentions_self: bool) {
    let mut namer = Namer::new(frame.clone());
    // Also a function without a receiver may hold values of the type that it belongs to.
    let mut taken_self = signature.receiver().is_none() && mentions_self;
    for argument in &mut signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => match &mut receiver.kind {
                ReceiverKind::Reference(_, lifetime, _) => match lifetime {
                    Some(lifetime) => namer.visit_lifetime_mut(lifetime),
                    None => *lifetime = Some(namer.fresh()),
                },
                ReceiverKind::Typed(_, ty) => namer.visit_type_mut(ty),
                _ => taken_self = true,
            },
            FnArg::Typed(typed) => namer.visit_type_mut(&mut typed.ty),
        }
    }
    let lifetimes: Vec<Lifetime> = signature
        .generics
        .lifetimes()
        .map(|parameter| parameter.lifetime.clone())
        .chain(namer.made.iter().cloned())
        .chain(namer.outer(signature))
        .collect();
    let types: Vec<_> = signature.generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if lifetimes.len() < 2 && types.is_empty() && !namer.opaque && !taken_self {
        // One lifetime, or none, serves as it is; but the names that were made have to be declared.
        for name in namer.made {
            signature.generics.params.insert(0, GenericParam::Lifetime(syn::LifetimeParam::new(name)));
        }
        return;
    }
    for name in namer.made.into_iter().rev() {
        signature.generics.params.insert(0, GenericParam::Lifetime(syn::LifetimeParam::new(name)));
    }
    signature.generics.params.insert(0, GenericParam::Lifetime(syn::LifetimeParam::new(frame.clone())));
    let clause = signature.generics.make_where_clause();
    for lifetime in lifetimes {
        clause.predicates.push(parse_quote!(#lifetime: #frame));
    }
    for ty in types {
        clause.predicates.push(parse_quote!(#ty: #frame));
    }
    if taken_self {
        clause.predicates.push(parse_quote!(Self: #frame));
    }
}

/// Gives elided lifetimes names, and adds the frame's lifetime to `impl Trait` arguments.
struct Namer {
    made: Vec<Lifetime>,
    /// Those with names: also an outer `impl`'s.
    named: Vec<Lifetime>,
    /// Those that a `for<…>` around declares.
    bound: Vec<Lifetime>,
    frame: Lifetime,
    opaque: bool,
    /// Inside of what a function is handed and gives, whose elided lifetimes are its own.
    called: bool,
}

impl Namer {
    fn new(frame: Lifetime) -> Namer {
        Namer { made: Vec::new(), named: Vec::new(), bound: Vec::new(), frame, opaque: false, called: false }
    }

    fn name(&mut self, lifetime: &Lifetime) {
        if lifetime.ident != "static" && !self.bound.contains(lifetime) && !self.named.contains(lifetime) {
            self.named.push(lifetime.clone());
        }
    }

    /// The lifetimes of the `impl` around a function.
    fn outer(&self, signature: &syn::Signature) -> Vec<Lifetime> {
        let own: Vec<&Lifetime> = signature.generics.lifetimes().map(|parameter| &parameter.lifetime).collect();
        self.named.iter().filter(|lifetime| !own.contains(lifetime)).cloned().collect()
    }

    /// Visits what a `for<…>` stands before.
    fn within(&mut self, declared: Option<syn::BoundLifetimes>, visit: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        self.bound.extend(declared.into_iter().flat_map(|declared| declared.lifetimes).filter_map(|parameter| {
            match parameter {
                GenericParam::Lifetime(parameter) => Some(parameter.lifetime),
                _ => None,
            }
        }));
        visit(self);
        self.bound.truncate(outside);
    }

    fn fresh(&mut self) -> Lifetime {
        let name = Lifetime::new(&format!("'__elided_{}", self.made.len()), Span::call_site());
        self.made.push(name.clone());
        name
    }
}

impl VisitMut for Namer {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Reference(reference) => {
                match &reference.lifetime {
                    Some(lifetime) if lifetime.ident != "_" => self.name(lifetime),
                    _ if self.called => {}
                    _ => reference.lifetime = Some(self.fresh()),
                }
                match &mut *reference.elem {
                    // It lives as long as the reference.
                    Type::ImplTrait(opaque) => self.visit_type_impl_trait_mut(opaque),
                    other => self.visit_type_mut(other),
                }
                if let Type::ImplTrait(_) = *reference.elem {
                    // Several bounds behind a `&` stand in parentheses.
                    let opaque = &reference.elem;
                    *reference.elem = parse_quote!((#opaque));
                }
            }
            Type::ImplTrait(opaque) => {
                self.opaque = true;
                let frame = &self.frame;
                opaque.bounds.push(parse_quote!(#frame));
            }
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }

    /// `for<'x> fn(&'x T, &T)`
    fn visit_type_fn_ptr_mut(&mut self, pointer: &mut syn::TypeFnPtr) {
        let before = std::mem::replace(&mut self.called, true);
        self.within(pointer.lifetimes.clone(), |this| visit_mut::visit_type_fn_ptr_mut(this, pointer));
        self.called = before;
    }

    /// `for<'x> Trait<'x>`
    fn visit_trait_bound_mut(&mut self, bound: &mut syn::TraitBound) {
        self.within(bound.lifetimes.clone(), |this| visit_mut::visit_trait_bound_mut(this, bound));
    }

    /// `Fn(&T)`
    fn visit_parenthesized_generic_arguments_mut(&mut self, arguments: &mut syn::ParenthesizedGenericArguments) {
        let before = std::mem::replace(&mut self.called, true);
        visit_mut::visit_parenthesized_generic_arguments_mut(self, arguments);
        self.called = before;
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "_" {
            self.name(lifetime);
        } else if !self.called {
            *lifetime = self.fresh();
        }
    }
}
