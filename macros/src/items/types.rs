//! A type with another name, of which nobody knows.

use quote::{ToTokens, quote};
use syn::{Fields, Index, Item, Member};

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
    let (name, text) = (&item.ident, item.ident.to_string());
    let text = text.trim_start_matches("r#");
    let mut generics = item.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(syn::parse_quote!(::core::fmt::Debug));
    }
    let (declared, used, clauses) = generics.split_for_impl();
    let fields = item.fields.iter().enumerate().map(|(index, field)| match &field.ident {
        Some(name) => (Some(name.to_string()), Member::Named(name.clone())),
        None => (None, Member::Unnamed(Index::from(index))),
    });
    let fields = fields.map(|(text, member)| {
        let text = text.map(|text| text.trim_start_matches("r#").to_string()).into_iter();
        quote!(.field(#(#text,)* &&self.#member))
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
