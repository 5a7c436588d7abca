//! Lifetimes without names in `impl Trait` parameters.
//!
//! `async fn f(x: impl Trait + '_)` is Rust, and so is `impl Trait<'_>` and `impl Trait<&T>` there. In a function that is not
//! `async`, which a coroutine becomes, such lifetimes need names.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::Span;
use syn::{FnArg, GenericParam, Lifetime, LifetimeParam, Signature};

/// Names them.
pub fn name(signature: &mut Signature) {
    let mut names = Names::default();
    for argument in &mut signature.inputs {
        if let FnArg::Typed(typed) = argument {
            names.visit_type_mut(&mut typed.ty);
        }
    }
    for name in names.made.into_iter().rev() {
        signature.generics.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(name)));
    }
}

#[derive(Default)]
struct Names {
    made: Vec<Lifetime>,
    /// Inside of an `impl Trait`.
    within: bool,
}

impl Names {
    fn fresh(&mut self) -> Lifetime {
        let name = Lifetime::new(&format!("'__anonymous_{}", self.made.len()), Span::call_site());
        self.made.push(name.clone());
        name
    }
}

impl VisitMut for Names {
    fn visit_type_impl_trait_mut(&mut self, opaque: &mut syn::TypeImplTrait) {
        let before = std::mem::replace(&mut self.within, true);
        visit_mut::visit_type_impl_trait_mut(self, opaque);
        self.within = before;
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        if self.within && reference.lifetime.is_none() {
            reference.lifetime = Some(self.fresh());
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if self.within && lifetime.ident == "_" {
            *lifetime = self.fresh();
        }
    }

    // Their lifetimes are their own.
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut syn::ParenthesizedGenericArguments) {}
    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
}
