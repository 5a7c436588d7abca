//! Imports.
//!
//! # The problem
//! What an import declares is not known: a type, a value, a macro, or several of them. `use core::time;` hides no variable `time`,
//! `use core::mem::size_of as size;` hides a variable `size`.
//!
//! # The design
//! Where such a name is called it is the import, elsewhere the variable. That the import is no value then, rustc says: in a
//! constant that is never used, a second one of the name is imported by a glob, and that must be the value.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Item, ItemUse};

use super::scopes::{Meaning, Space};
use super::tokens::Mentions;
use super::{Hoist, declared};

/// What does not compile if these imports are values.
pub(super) fn checks(beside: &BTreeMap<String, (Ident, TokenStream)>) -> Vec<Item> {
    let check = |(name, import): &(Ident, TokenStream)| -> Item {
        syn::parse_quote! {
            #[allow(warnings)]
            const _: () = {
                mod __mentioned {
                    pub const #name: () = ();
                }
                use __mentioned::*;
                #import
                let _: () = #name;
            };
        }
    };
    beside.values().map(check).collect()
}

impl Hoist<'_> {
    /// Whether a name that is no function's means a variable, although there is an import of it.
    pub(super) fn is_beside(&mut self, name: &Ident) -> bool {
        let text = name.to_string();
        if text.starts_with(char::is_uppercase) {
            return false;
        }
        let import = self.scopes.import_beside_variable(name);
        let is_beside = import.is_some();
        self.beside.extend(import.map(|import| (text, (name.clone(), import))));
        is_beside
    }

    /// What is imported, as far as it is known.
    pub(super) fn imports(&mut self, import: &ItemUse, part: &Mentions) {
        for leaf in declared::leaves(&import.tree) {
            let Some(name) = leaf.name() else { continue };
            let colon = &import.leading_colon;
            let tree = leaf.renamed(Some(name.clone()));
            self.scopes.add_import(&name, quote!(use #colon #tree;));
            if leaf.is_other_macro() && !self.in_item && !self.renamed(&name) {
                let meaning = self.name(&name, Space::Macro, part);
                Space::ALL.iter().for_each(|&space| self.scopes.insert(space, &name, meaning.clone()));
            }
        }
    }

    /// An import whose names are not all its own is taken apart.
    pub(super) fn import(&mut self, mut import: ItemUse) {
        let leaves = declared::leaves(&import.tree);
        let renamed = leaves.iter().any(|leaf| leaf.name().is_some_and(|name| self.renamed(&name)));
        self.first_of_tree(&mut import.tree);
        if !renamed {
            return self.items.push(Item::Use(import));
        }
        let ItemUse { attrs, vis, leading_colon, .. } = &import;
        for (leaf, old) in declared::leaves(&import.tree).into_iter().zip(leaves) {
            let unique = old.name().and_then(|name| self.scopes.declared_here(Space::Type, &name));
            let tree = leaf.renamed(match unique {
                Some(Meaning::Renamed(unique)) => Some(unique),
                _ => old.name(),
            });
            self.items.push(syn::parse_quote!(#(#attrs)* #[allow(unused_imports)] #vis use #leading_colon #tree;));
        }
    }

    /// `use Choice::*` of an enum of this function imports names that are known.
    pub(super) fn expand_glob(&mut self, import: &mut ItemUse, part: &Mentions) {
        let Some(name) = declared::glob_of(&import.tree) else { return };
        let Some(variants) = self.scopes.variants(&name) else { return };
        let is_bound = |variant: &Ident| self.bound.contains(&variant.to_string());
        if !variants.iter().any(|variant| self.mentions.outside(variant, part) || is_bound(variant)) {
            return;
        }
        import.tree = syn::parse_quote!(#name::{#(#variants),*});
    }
}
