//! A type with another name, of which nobody knows.

use crate::visit::{self, Visit};
use quote::{ToTokens, quote};
use syn::{Fields, Generics, Index, Item, ItemStruct, Member, TypePath};

use super::declared::derives;

/// What `derive(Debug)` shows of a structure is its name, so it is written with the old one. (Of an enum it shows the
/// variants' names.)
pub(super) fn debug(item: &mut Item) -> Option<Item> {
    let Item::Struct(item) = item else { return None };
    let mut derived = false;
    for attribute in item.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let parse = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
        if derives(attribute).iter().any(|name| name == "Debug")
            && let Ok(paths) = attribute.parse_args_with(parse)
        {
            derived = true;
            let others = paths.iter().filter(|path| path.segments.last().is_some_and(|last| last.ident != "Debug"));
            *attribute = syn::parse_quote!(#[derive(#(#others),*)]);
        }
    }
    if !derived {
        return None;
    }
    // What is packed may not be at an address that can be borrowed: it is copied, as rustc does.
    let is_packed = item.attrs.iter().any(|attribute| {
        attribute.path().is_ident("repr") && crate::function::mentions(attribute.to_token_stream(), "packed")
    });
    let (name, text) = (&item.ident, item.ident.to_string());
    let text = text.trim_start_matches("r#");
    let mut generics = item.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(syn::parse_quote!(::core::fmt::Debug));
    }
    let associated = associated_types(item);
    if !associated.is_empty() {
        let clause = generics.make_where_clause();
        clause.predicates.extend(
            associated.into_iter().map(|ty| -> syn::WherePredicate { syn::parse_quote!(#ty: ::core::fmt::Debug) }),
        );
    }
    let (declared, used, clauses) = generics.split_for_impl();
    let fields = item.fields.iter().enumerate().map(|(index, field)| match &field.ident {
        Some(name) => (Some(name.to_string()), Member::Named(name.clone())),
        None => (None, Member::Unnamed(Index::from(index))),
    });
    let fields = fields.map(|(text, member)| {
        let text = text.map(|text| text.trim_start_matches("r#").to_string()).into_iter();
        match is_packed {
            true => quote!(.field(#(#text,)* &{ self.#member })),
            false => quote!(.field(#(#text,)* &&self.#member)),
        }
    });
    let start = match &item.fields {
        Fields::Named(_) => quote!(debug_struct),
        Fields::Unnamed(_) => quote!(debug_tuple),
        Fields::Unit => {
            return Some(syn::parse_quote! {
                impl #declared ::core::fmt::Debug for #name #used #clauses {
                    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        __f.write_str(#text)
                    }
                }
            });
        }
    };
    let shown = quote! {
        impl #declared ::core::fmt::Debug for #name #used #clauses {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.#start(#text)#(#fields)*.finish()
            }
        }
    };
    syn::parse2(shown.into_token_stream()).ok()
}

/// The types of fields that belong to the type parameters, as `I::Item`: also of them rustc asks for the trait.
fn associated_types(item: &ItemStruct) -> Vec<TypePath> {
    struct Find<'a>(&'a Generics, Vec<TypePath>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            let first = path.path.segments.first().filter(|_| path.qself.is_none() && path.path.segments.len() > 1);
            if first.is_some_and(|first| self.0.type_params().any(|parameter| parameter.ident == first.ident)) {
                self.1.push(path.clone());
            }
            visit::visit_type_path(self, path);
        }
    }
    let mut find = Find(&item.generics, Vec::new());
    item.fields.iter().for_each(|field| find.visit_type(&field.ty));
    find.1
}
