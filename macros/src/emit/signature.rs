//! `async fn f(…) -> T` becomes `fn f(…) -> impl IsFuture + Coroutine<Output = T>`, which is `Future<Output = T>` too.
//!
//! A frame that holds a value and a borrow of it needs a lifetime that everything in it outlives. rustc finds one if the
//! signature names one; so a function with slots and with type parameters or several lifetimes gets `'co`, and its
//! elided lifetimes get names. Not in a trait's implementation, where the trait's declaration decides.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericParam, Lifetime, Pat, ReceiverKind, ReturnType, Type, parse_quote};

use crate::enclosing::Around;
use crate::function::Function;
use crate::graph::Graph;
use crate::tree;

/// The user's return type.
pub fn output(function: &Function) -> Type {
    match &function.signature.output {
        ReturnType::Default => tree::unit_type(),
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => parse_quote!(::core::convert::Infallible),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// Whether a type can only be written in a signature.
pub fn is_opaque(ty: &Type) -> bool {
    use syn::visit::Visit;
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
/// its own frame's. (What belongs to the type of a `self` that it borrows outlives that.)
fn owns_unknown(function: &Function) -> bool {
    let borrows_self =
        function.signature.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(..)));
    if borrows_self { References::of(function).others } else { !have_one_lifetime(function) }
}

/// Whether a child may hold things of several lifetimes.
fn lifetimes_meet(function: &Function) -> bool {
    lifetimes(&function.signature) > 1
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
    if !function.signature.inputs.iter().any(typed) {
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
        written.filter(|lifetime| lifetime.ident != "_").unwrap_or_else(|| Lifetime::new("'__life", Span::call_site()))
    })
}

/// Names the lifetime of the parameter that keeps its own.
fn name_life(signature: &mut syn::Signature, function: &Function) {
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
    let mut own = function.lifetimes_of_parameters.clone();
    for argument in &function.signature.inputs {
        if let FnArg::Typed(typed) = argument {
            let found = Mentioned::of(&typed.ty, &own);
            own.retain(|lifetime| !(found.other && found.names.contains(lifetime)));
        } else {
            // A receiver keeps its type.
            let text = quote!(#argument);
            own.retain(|lifetime| !crate::function::mentions_lifetime(text.clone(), lifetime));
        }
    }
    own
}

/// Whether there are lifetimes inside of a type that may become others, and nothing else that may live shorter than it seems.
fn has_own_lifetimes(ty: &Type, own: &[String]) -> bool {
    let found = Mentioned::of(ty, own);
    found.own && !found.other
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
        use syn::visit::Visit;
        let mut mentioned = Mentioned { candidates, ..Default::default() };
        mentioned.visit_type(ty);
        mentioned
    }
}

impl<'ast> syn::visit::Visit<'ast> for Mentioned<'_> {
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
        syn::visit::visit_generic_argument(self, argument);
    }
    fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
        self.other = true;
    }
    fn visit_type_trait_object(&mut self, _: &'ast syn::TypeTraitObject) {
        self.other = true;
    }
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {
        self.other = true;
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
struct References {
    list: Vec<Reference>,
    /// Something else has lifetimes, or a type of which it is not known how long it lives.
    others: bool,
}

impl References {
    fn of(function: &Function) -> References {
        let generics = type_parameters(function);
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

fn type_parameters(function: &Function) -> Vec<String> {
    function.signature.generics.type_params().map(|parameter| parameter.ident.to_string()).collect()
}

/// Whether the lifetime of one reference can be that of all that the frame holds: of the only one that has to keep its own,
/// in whose type all type parameters are. (An outer `impl`'s parameters look as types do.)
fn have_one_lifetime(function: &Function) -> bool {
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
    use syn::visit::Visit;
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
            syn::visit::visit_type_reference(self, reference);
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

/// Whether the signature has to stay as it is, since it implements a trait's, or may. A function without a receiver is free more
/// often than not, but if it can do without a lifetime of its own, it does.
fn maybe_implements(function: &Function) -> bool {
    matches!(function.visibility, syn::Visibility::Inherited)
        && match crate::enclosing::of(&function.signature.ident) {
            Some(around) => around == Around::Trait,
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
    // Also a future with the same output, which is only named once, for it may be opaque. The coroutine is last: rustc takes
    // "unused … that must be used" from there.
    let result = quote!(impl ::segno::bridge::IsFuture + ::segno::Coroutine<Output = #ty>);
    signature.output = ReturnType::Type(Default::default(), Box::new(Type::Verbatim(result)));
    let attributes = &function.attributes;
    // Bounds for the frame's lifetime stand beside the user's own, and a twice declared name has a number.
    // A name of a tool that does not run has rustc look through all lints.
    let lints = quote! {
        #[allow(non_snake_case)]
        #[cfg_attr(clippy, allow(clippy::multiple_bound_locations, clippy::extra_unused_lifetimes, clippy::needless_lifetimes, clippy::implied_bounds_in_impls))]
    };
    let visibility = &function.visibility;
    let default = &function.default;
    quote!(#(#attributes)* #lints #visibility #default #signature)
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
    frame: Lifetime,
    opaque: bool,
    /// Inside of what a function is handed and gives, whose elided lifetimes are its own.
    called: bool,
}

impl Namer {
    fn new(frame: Lifetime) -> Namer {
        Namer { made: Vec::new(), named: Vec::new(), frame, opaque: false, called: false }
    }

    fn name(&mut self, lifetime: &Lifetime) {
        if lifetime.ident != "static" && !self.named.contains(lifetime) {
            self.named.push(lifetime.clone());
        }
    }

    /// The lifetimes of the `impl` around a function.
    fn outer(&self, signature: &syn::Signature) -> Vec<Lifetime> {
        let own: Vec<&Lifetime> = signature.generics.lifetimes().map(|parameter| &parameter.lifetime).collect();
        self.named.iter().filter(|lifetime| !own.contains(lifetime)).cloned().collect()
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
                visit_mut::visit_type_mut(self, &mut reference.elem);
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
            // Their elided lifetimes are their own.
            Type::FnPtr(_) | Type::TraitObject(_) => {}
            _ => visit_mut::visit_type_mut(self, ty),
        }
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
