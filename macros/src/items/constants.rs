//! Constants that look like variables.
//!
//! # The problem
//! A name alone in a pattern is a constant, a structure or a variant without fields if there is one of that name, else a
//! variable. Others go by the spelling, see [`crate::names::binds`], so `const one: u32 = 1;` would become a variable.
//!
//! # The design
//! Where such a name stands in a pattern, the item gets a name that looks like a constant's.

use std::collections::HashSet;

use crate::visit::{self, Visit};
use proc_macro2::Ident;
use syn::{Block, Fields, Item, PatIdent, Stmt};

use super::scopes::Space;
use super::{Hoist, declared};
use crate::names::binds;

/// The names in patterns that look like variables, if there are items that could be meant.
pub(super) fn bound(body: &Block) -> HashSet<String> {
    #[derive(Default)]
    struct Find {
        names: HashSet<String>,
        has_constants: bool,
    }
    impl<'ast> Visit<'ast> for Find {
        fn visit_item(&mut self, item: &'ast Item) {
            self.has_constants |= match item {
                Item::Const(item) => looks_like_variable(&item.ident),
                Item::Struct(item) => matches!(item.fields, Fields::Unit) && looks_like_variable(&item.ident),
                Item::Enum(item) => item.variants.iter().any(|variant| looks_like_variable(&variant.ident)),
                _ => false,
            };
            visit::visit_item(self, item);
        }
        fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
            if is_name(pattern) && binds(pattern) {
                self.names.insert(pattern.ident.to_string());
            }
            visit::visit_pat_ident(self, pattern);
        }
    }
    let mut find = Find::default();
    find.visit_block(body);
    Some(find.names).filter(|_| find.has_constants).unwrap_or_default()
}

/// Whether a pattern is a name, and nothing else.
pub(super) fn is_name(pattern: &PatIdent) -> bool {
    pattern.by_ref.is_none() && pattern.mutability.is_none() && pattern.subpat.is_none()
}

fn looks_like_variable(name: &Ident) -> bool {
    !name.to_string().trim_start_matches('_').starts_with(char::is_uppercase)
}

impl Hoist<'_> {
    /// Declares the constants of a statement. Those that look like variables in patterns get other names.
    pub(super) fn constants(&mut self, statement: &Stmt) {
        let (names, space) = match statement {
            Stmt::Item(Item::Const(item)) => (vec![item.ident.clone()], Space::Value),
            Stmt::Item(Item::Struct(item)) if matches!(item.fields, Fields::Unit) => {
                (vec![item.ident.clone()], Space::Type)
            }
            Stmt::Item(Item::Use(import)) => (self.imported_variants(import), Space::Type),
            _ => return,
        };
        for name in names {
            self.scopes.add_constant(&name);
            let text = name.to_string();
            if self.in_item || !self.bound.contains(&text) || !looks_like_variable(&name) {
                continue;
            }
            let text = text.trim_start_matches("r#").trim_start_matches('_');
            let upper = match space {
                Space::Value => text.to_uppercase(),
                _ => text.chars().next().into_iter().flat_map(char::to_uppercase).chain(text.chars().skip(1)).collect(),
            };
            // There are letters that are neither small nor capital.
            let upper = if upper.starts_with(char::is_uppercase) { upper } else { format!("C{upper}") };
            let unique = self.numbered(&upper, &name, space);
            [Space::Type, Space::Value].iter().for_each(|&space| {
                // A type of a constant's name is another item.
                if space == Space::Value || !matches!(statement, Stmt::Item(Item::Const(_))) {
                    self.scopes.insert(space, &name, unique.clone());
                }
            });
        }
    }

    /// The names that an import gives to variants of the function's own enums.
    fn imported_variants(&self, import: &syn::ItemUse) -> Vec<Ident> {
        let leaves = declared::leaves(&import.tree);
        let is_variant = |leaf: &&declared::Leaf| {
            let (path, Some(name)) = leaf.imported() else { return false };
            let variants = path.last().and_then(|of| self.scopes.variants(of));
            variants.is_some_and(|variants| variants.contains(name))
        };
        leaves.iter().filter(is_variant).filter_map(declared::Leaf::name).collect()
    }

    /// Whether a name in a pattern is known to be a constant's.
    pub(super) fn names_constant(&self, pattern: &PatIdent) -> bool {
        is_name(pattern) && self.scopes.is_constant(&pattern.ident)
    }
}
