//! The lifetimes of a function that may implement a trait's: they become one, in the machine.
//!
//! # The problem
//! A child that borrows `self` and another parameter lives as long as both. rustc has to write down its type as a part of the
//! machine's, for which it wants a lifetime that the signature names; a trait's declaration names none that both outlive.
//!
//! # The design
//! In the machine the parameters get the lifetime of one of them, of one that has to keep its own: `self`, if there is one. Of the others
//! those may that have no name, and those whose name only the signature mentions; if the result is among them, what the machine
//! ends with gets its own lifetime back. The twin has been checked with all of them, and the machine's type names all of them.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, Lifetime, ReceiverKind, Type};

use super::signature::{lifetimes_meet, maybe_implements, output};
use crate::function::Function;

/// What the machine ends with: in the place of the user's type, that with the lifetime of [`unify`], if it is another.
pub fn of_machine(function: &Function) -> Option<Type> {
    let mut ty = output(function);
    let own = own_lifetimes(function);
    if !lifetimes_meet(function) || !maybe_implements(function) || !names_one(&ty, &own) {
        return None;
    }
    let life = relived(function)?;
    Relive { life: &life, own: &own }.visit_type_mut(&mut ty);
    Some(ty)
}

/// Whether a type names one of the lifetimes.
fn names_one(ty: &Type, lifetimes: &[String]) -> bool {
    lifetimes.iter().any(|lifetime| crate::function::mentions_lifetime(quote!(#ty), lifetime))
}

/// For a function whose signature must stay as it is, since it may implement a trait's: gives its reference parameters one
/// lifetime, so that what holds several of them has a type that rustc can write. (The opaque type names all of them all the
/// same, and the twin has been checked with all of them.)
pub fn unify(function: &Function) -> TokenStream {
    if !lifetimes_meet(function) || !maybe_implements(function) {
        return TokenStream::new();
    }
    let references = References::of(function);
    let Some((name, is_mutable)) = references.witness() else { return TokenStream::new() };
    let witness = if is_mutable { quote!(life_of_mut) } else { quote!(life_of) };
    let mut text = quote!(let __life = ::segno::machine::#witness(&#name););
    for reference in references.list {
        if reference.is_free && reference.name != name {
            let (name, live) = (reference.name, if reference.is_mutable { quote!(live_mut) } else { quote!(live) });
            text.extend(quote!(let #name = ::segno::machine::#live(#name, __life);));
        }
    }
    let Some(life) = relived(function) else { return text };
    let own = own_lifetimes(function);
    for (argument, parameter) in function.signature.inputs.iter().zip(&function.parameters) {
        if let FnArg::Typed(typed) = argument
            && parameter.name != name
            && has_own_lifetimes(&typed.ty, &own)
        {
            let (name, mut ty) = (&parameter.name, (*typed.ty).clone());
            Relive { life: &life, own: &own }.visit_type_mut(&mut ty);
            text.extend(quote!(let #name: #ty = ::segno::machine::relive::<_, #ty>(#name);));
        }
    }
    text
}

/// The lifetime that is put in the place of those that only parameters have, inside of their types: that of the parameter that
/// keeps its own. It may have to be named, which makes no difference to the function's signature.
fn relived(function: &Function) -> Option<Lifetime> {
    let references = References::of(function);
    let (witness, _) = references.witness()?;
    let own = own_lifetimes(function);
    let typed = |argument: &FnArg| matches!(argument, FnArg::Typed(typed) if has_own_lifetimes(&typed.ty, &own));
    if !function.signature.inputs.iter().any(typed) && !names_one(&output(function), &own) {
        return None;
    }
    let parameters = function.signature.inputs.iter().zip(&function.parameters);
    parameters.into_iter().find(|(_, parameter)| parameter.name == witness).map(|(argument, _)| {
        let written = match argument {
            FnArg::Receiver(syn::Receiver { kind: ReceiverKind::Reference(_, lifetime, _), .. }) => lifetime.clone(),
            FnArg::Typed(typed) => match &*typed.ty {
                Type::Reference(reference) => reference.lifetime.clone(),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        };
        written.filter(|lifetime| lifetime.ident != "_").unwrap_or_else(|| Lifetime::new("'__life", argument.span()))
    })
}

/// Names the lifetime of the parameter that keeps its own.
pub fn name_life(signature: &mut syn::Signature, function: &Function) {
    let (Some(life), Some((witness, _))) = (relived(function), References::of(function).witness()) else { return };
    if life.ident != "__life" {
        return;
    }
    for (argument, parameter) in signature.inputs.iter_mut().zip(&function.parameters) {
        if parameter.name != witness {
            continue;
        }
        match argument {
            FnArg::Receiver(receiver) => {
                if let ReceiverKind::Reference(_, lifetime, _) = &mut receiver.kind {
                    *lifetime = Some(life.clone());
                }
            }
            FnArg::Typed(typed) => {
                if let Type::Reference(reference) = &mut *typed.ty {
                    reference.lifetime = Some(life.clone());
                }
            }
        }
    }
    signature.generics.params.insert(0, GenericParam::Lifetime(syn::LifetimeParam::new(life)));
}

/// The function's lifetimes that may become another parameter's, as those without a name may.
fn own_lifetimes(function: &Function) -> Vec<String> {
    let mut own = function.lifetimes_of_signature.clone();
    let mut keep = |ty: &Type| {
        for part in parts(ty) {
            let found = Mentioned::of(part, &own);
            let stay: Vec<String> = if found.other { found.names } else { Vec::new() };
            own.retain(|lifetime| !stay.contains(lifetime));
        }
    };
    for argument in &function.signature.inputs {
        if let FnArg::Typed(typed) = argument {
            keep(&typed.ty);
        }
    }
    keep(&output(function));
    // A receiver keeps its type.
    if let Some(receiver) = function.signature.receiver() {
        let text = quote!(#receiver);
        own.retain(|lifetime| !crate::function::mentions_lifetime(text.clone(), lifetime));
    }
    own
}

/// Whether there are lifetimes inside of a type that may become others, and nothing beside them that may live shorter than it seems.
fn has_own_lifetimes(ty: &Type, own: &[String]) -> bool {
    let parts =
        parts(ty).into_iter().map(|part| Mentioned::of(part, own)).filter(|part| part.own || !part.names.is_empty());
    let parts: Vec<Mentioned<'_>> = parts.collect();
    parts.iter().any(|part| part.own) && !parts.iter().any(|part| part.other)
}

/// The types of the values that are in one, if it is of the standard library or a tuple.
fn parts(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Paren(inner) => parts(&inner.elem),
        Type::Group(inner) => parts(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter().flat_map(parts).collect(),
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) if matches!(&*segment.ident.to_string(), "Option" | "Result") => match &segment.arguments {
                syn::PathArguments::AngleBracketed(arguments) => {
                    let types = arguments.args.iter().filter_map(|argument| match argument {
                        syn::GenericArgument::Type(ty) => Some(ty),
                        _ => None,
                    });
                    types.flat_map(parts).collect()
                }
                _ => vec![ty],
            },
            _ => vec![ty],
        },
        ty => vec![ty],
    }
}

/// What lives how long in a parameter's type.
#[derive(Default)]
struct Mentioned<'a> {
    candidates: &'a [String],
    /// Lifetimes inside of it that have no name, or are among the candidates.
    own: bool,
    /// Of the candidates those that it mentions, also as its outermost.
    names: Vec<String>,
    /// What may live shorter than it seems.
    other: bool,
    depth: usize,
}

impl<'a> Mentioned<'a> {
    fn of(ty: &Type, candidates: &'a [String]) -> Mentioned<'a> {
        use crate::visit::Visit;
        let mut mentioned = Mentioned { candidates, ..Default::default() };
        mentioned.visit_type(ty);
        mentioned
    }
}

impl<'ast> crate::visit::Visit<'ast> for Mentioned<'_> {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        let name = lifetime.ident.to_string();
        let is_own = self.candidates.contains(&name);
        self.own |= lifetime.ident == "_" || is_own;
        self.other |= lifetime.ident != "_" && lifetime.ident != "static" && !is_own;
        self.names.extend(is_own.then_some(name));
    }
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        match &reference.lifetime {
            None => self.own |= self.depth > 0,
            // The outermost is no matter of the type's inside.
            Some(lifetime) if self.depth == 0 && self.candidates.contains(&lifetime.ident.to_string()) => {
                self.names.push(lifetime.ident.to_string());
            }
            Some(lifetime) => self.visit_lifetime(lifetime),
        }
        self.depth += 1;
        self.visit_type(&reference.elem);
        self.depth -= 1;
    }
    fn visit_generic_argument(&mut self, argument: &'ast syn::GenericArgument) {
        // A type parameter of an outer `impl` looks as a type does.
        self.other |= matches!(argument, syn::GenericArgument::Type(ty) if !is_primitive(ty));
        crate::visit::visit_generic_argument(self, argument);
    }
    fn visit_type_impl_trait(&mut self, opaque: &'ast syn::TypeImplTrait) {
        self.other = true;
        crate::visit::visit_type_impl_trait(self, opaque);
    }
    fn visit_type_trait_object(&mut self, object: &'ast syn::TypeTraitObject) {
        self.other = true;
        crate::visit::visit_type_trait_object(self, object);
    }
    fn visit_type_fn_ptr(&mut self, pointer: &'ast syn::TypeFnPtr) {
        self.other = true;
        crate::visit::visit_type_fn_ptr(self, pointer);
    }
}

/// Puts a lifetime in the place of those that have no name, and of some that have.
struct Relive<'a> {
    life: &'a Lifetime,
    own: &'a [String],
}

impl VisitMut for Relive<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.life.clone());
        visit_mut::visit_type_reference_mut(self, reference);
    }
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" || self.own.contains(&lifetime.ident.to_string()) {
            *lifetime = self.life.clone();
        }
    }
}

/// A parameter that is a reference.
struct Reference {
    name: syn::Ident,
    is_mutable: bool,
    /// Nothing keeps it from getting another lifetime.
    is_free: bool,
    referent: Option<Type>,
}

/// The parameters of a function, as far as lifetimes go.
pub struct References {
    list: Vec<Reference>,
    /// Something else has lifetimes, or a type of which it is not known how long it lives.
    pub others: bool,
}

impl References {
    pub fn of(function: &Function) -> References {
        let generics = all_parameters(function);
        let own = own_lifetimes(function);
        let mut found = References { list: Vec::new(), others: false };
        for (argument, parameter) in function.signature.inputs.iter().zip(&function.parameters) {
            let name = parameter.name.clone();
            match argument {
                FnArg::Receiver(receiver) => match &receiver.kind {
                    ReceiverKind::Reference(_, _, mutability) => {
                        let is_mutable = mutability.is_some();
                        found.list.push(Reference { name, is_mutable, is_free: false, referent: None });
                    }
                    _ => found.others = true,
                },
                FnArg::Typed(typed) => match &*typed.ty {
                    Type::Reference(reference) => {
                        let referent = Some((*reference.elem).clone());
                        // A lifetime with a name may be the result's.
                        let is_own = match &reference.lifetime {
                            Some(lifetime) => lifetime.ident == "_" || own.contains(&lifetime.ident.to_string()),
                            None => true,
                        };
                        let is_free = is_own && is_free(&reference.elem, &generics);
                        let is_mutable = reference.mutability.is_some();
                        found.list.push(Reference { name, is_mutable, is_free, referent });
                    }
                    ty => found.others |= !is_free(ty, &generics),
                },
            }
        }
        found
    }

    /// The parameter whose lifetime the others get: one that has to keep its own.
    fn witness(&self) -> Option<(syn::Ident, bool)> {
        let kept = self.list.iter().find(|reference| !reference.is_free);
        kept.or(self.list.first()).map(|reference| (reference.name.clone(), reference.is_mutable))
    }
}

/// The parameters of a function, and as far as they are known those of the item that it stands in. (Where no type can be one of
/// those, the file need not be read.)
fn all_parameters(function: &Function) -> Vec<String> {
    let mut all = type_parameters(function);
    let is_plain = |argument: &FnArg| matches!(argument, FnArg::Typed(typed) if is_primitive(&typed.ty));
    if function.signature.inputs.iter().all(is_plain) {
        return all;
    }
    all.extend(function.enclosing().iter().flat_map(|enclosing| enclosing.parameters.iter().cloned()));
    all
}

pub fn type_parameters(function: &Function) -> Vec<String> {
    function.signature.generics.type_params().map(|parameter| parameter.ident.to_string()).collect()
}

/// Whether the lifetime of one reference can be that of all that the frame holds: of the only one that has to keep its own,
/// in whose type all type parameters are. (An outer `impl`'s parameters look as types do.)
pub fn have_one_lifetime(function: &Function) -> bool {
    let references = References::of(function);
    let is_bound =
        |reference: &&Reference| !reference.is_free || !reference.referent.as_ref().is_some_and(is_primitive);
    let mut bound = references.list.iter().filter(is_bound);
    let one = bound.next();
    let text = one.and_then(|reference| reference.referent.as_ref()).map(|referent| quote!(#referent));
    let named = |generic: &String| text.clone().is_some_and(|text| crate::function::mentions(text, generic));
    !references.others
        && bound.next().is_none()
        && type_parameters(function).iter().all(named)
        && !function.mentions_self_as_type
}

/// Whether a type is made of types that have no parameters for certain.
fn is_primitive(ty: &Type) -> bool {
    match ty {
        Type::Slice(slice) => is_primitive(&slice.elem),
        Type::Array(array) => is_primitive(&array.elem),
        Type::Paren(inner) => is_primitive(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_primitive),
        Type::Path(path) => path.path.get_ident().is_some_and(|name| {
            let name = name.to_string();
            // Types that are declared have capital letters.
            name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        }),
        _ => false,
    }
}

/// Whether a type has no lifetimes in it, and no parameters of the function, of which it is not known how long they live.
fn is_free(ty: &Type, generics: &[String]) -> bool {
    use crate::visit::Visit;
    struct Find<'a> {
        generics: &'a [String],
        bound: bool,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.bound |= lifetime.ident != "static";
        }
        fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
            self.bound |= reference.lifetime.is_none();
            crate::visit::visit_type_reference(self, reference);
        }
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.bound = true;
        }
        fn visit_type_trait_object(&mut self, _: &'ast syn::TypeTraitObject) {
            self.bound = true;
        }
        fn visit_ident(&mut self, name: &'ast proc_macro2::Ident) {
            self.bound |= self.generics.iter().any(|generic| name == generic);
        }
    }
    let mut find = Find { generics, bound: false };
    find.visit_type(ty);
    !find.bound
}
