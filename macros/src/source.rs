//! The coroutines of a source file, for those who look at code without compiling it.
//!
//! Only what stands there is found: not what other macros make.

use crate::visit::{self, Visit};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Type};

/// A function under the attribute.
#[derive(Debug)]
pub struct Source {
    /// Its name with the modules, type or trait, and functions around it: `port::Uart::read`.
    pub path: String,
    /// What stands in the attribute's parentheses.
    pub attribute: TokenStream,
    /// The function without the attribute.
    pub item: TokenStream,
}

/// All functions of a file under an attribute called `coroutine`, in the order in which they stand there.
pub fn coroutines(file: &syn::File) -> Vec<Source> {
    let mut find = Find { around: Vec::new(), found: Vec::new() };
    find.visit_file(file);
    find.found
}

/// Compiles functions of a file, which is read for what it shows of the structures that they use: see [`crate::machines`].
pub fn within<T>(file: &std::path::Path, work: impl FnOnce() -> T) -> T {
    crate::enclosing::within(file, work)
}

struct Find {
    around: Vec<String>,
    found: Vec<Source>,
}

fn is_coroutine(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "coroutine")
}

impl Find {
    fn function(&mut self, name: &syn::Ident, attributes: &[Attribute], item: impl FnOnce() -> TokenStream) {
        let Some(attribute) = attributes.iter().find(|attribute| is_coroutine(attribute)) else { return };
        let path = self.around.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>().join("::");
        let attribute = match &attribute.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        self.found.push(Source { path, attribute, item: item() });
    }

    fn inside(&mut self, name: String, work: impl FnOnce(&mut Self)) {
        self.around.push(name);
        work(self);
        self.around.pop();
    }
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        Type::Reference(reference) => type_name(&reference.elem),
        other => quote!(#other).to_string(),
    }
}

impl<'ast> Visit<'ast> for Find {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.inside(module.ident.to_string(), |this| visit::visit_item_mod(this, module));
    }

    fn visit_item_impl(&mut self, implementation: &'ast syn::ItemImpl) {
        self.inside(type_name(&implementation.self_ty), |this| visit::visit_item_impl(this, implementation));
    }

    fn visit_item_trait(&mut self, declaration: &'ast syn::ItemTrait) {
        self.inside(declaration.ident.to_string(), |this| visit::visit_item_trait(this, declaration));
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig.ident, &function.attrs, || {
            let mut function = function.clone();
            function.attrs.retain(|attribute| !is_coroutine(attribute));
            quote!(#function)
        });
        self.inside(function.sig.ident.to_string(), |this| visit::visit_item_fn(this, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.sig.ident, &function.attrs, || {
            let mut function = function.clone();
            function.attrs.retain(|attribute| !is_coroutine(attribute));
            quote!(#function)
        });
        self.inside(function.sig.ident.to_string(), |this| visit::visit_impl_item_fn(this, function));
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.function(&function.sig.ident, &function.attrs, || {
            let mut function = function.clone();
            function.attrs.retain(|attribute| !is_coroutine(attribute));
            quote!(#function)
        });
        self.inside(function.sig.ident.to_string(), |this| visit::visit_trait_item_fn(this, function));
    }
}

#[cfg(test)]
mod tests {
    use super::coroutines;

    #[test]
    fn they_are_found_wherever_they_stand() {
        let file = syn::parse_file(
            "#[segno::coroutine] async fn a() { #[coroutine(diagram)] fn b() {} }
            async fn not() {}
            mod m {
                impl<T> Trait for &Uart<T> { #[rt::coroutine(crate = rt)] async fn c(&self) {} }
                trait Trait { #[segno::coroutine] async fn c(&self); }
            }",
        )
        .unwrap();
        let found: Vec<_> =
            coroutines(&file).into_iter().map(|source| (source.path, source.attribute.to_string())).collect();
        let expected = [("a", ""), ("a::b", "diagram"), ("m::Uart::c", "crate = rt"), ("m::Trait::c", "")];
        assert_eq!(found, expected.map(|(path, attribute)| (path.to_string(), attribute.to_string())));
    }
}
