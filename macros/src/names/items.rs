//! Items inside a body.
//!
//! They are emitted once, above the twin and the machine: types must be the same ones for both, and an `impl` may be
//! written once. There all of them share one namespace. So of several constants, statics and functions of one name, in
//! different blocks, the later ones get a number, and the code that can see them is told; the twin keeps copies of these
//! in their places.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::{ToTokens, format_ident};
use syn::visit::Visit;
use syn::{Block, Item, Stmt};

use super::Resolver;
use crate::error;

/// The items of a body.
#[derive(Default)]
pub struct Hoisted {
    pub list: Vec<Item>,
    names: HashSet<String>,
    /// The names that stand for more than one item.
    pub repeated: HashSet<String>,
}

/// The name of a constant, a static or a function.
pub fn value_name(item: &mut Item) -> Option<&mut Ident> {
    match item {
        Item::Const(item) => Some(&mut item.ident),
        Item::Static(item) => Some(&mut item.ident),
        Item::Fn(item) => Some(&mut item.sig.ident),
        _ => None,
    }
}

fn item_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        _ => None,
    }
}

/// Whether something about an item depends on `#[cfg]`: of several, rustc keeps one.
fn is_conditional(item: &Item) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
            self.0 |= attribute.path().is_ident("cfg");
        }
    }
    let mut find = Find(false);
    find.visit_item(item);
    find.0
}

impl Resolver<'_> {
    /// Takes the items out of a block. They are in scope in all of it, before their own place too.
    pub(super) fn hoist(&mut self, block: &mut Block) {
        let statements = std::mem::take(&mut block.stmts);
        for statement in statements {
            match statement {
                Stmt::Item(item) => self.hoist_item(item),
                other => block.stmts.push(other),
            }
        }
    }

    fn hoist_item(&mut self, mut item: Item) {
        if let Item::Use(import) = &item {
            // The same import in several blocks is one.
            let text = import.to_token_stream().to_string();
            if self.items.names.insert(text) {
                self.items.list.push(item);
            }
            return;
        }
        if let Some(name) = item_name(&item).cloned()
            && !is_conditional(&item)
            && !self.items.names.insert(name.to_string())
        {
            match value_name(&mut item) {
                Some(unique) => {
                    self.items.repeated.insert(name.to_string());
                    *unique = format_ident!("{}__{}", name, self.items.list.len(), span = name.span());
                    let unique = unique.clone();
                    let innermost = self.scopes.len() - 1;
                    self.scopes[innermost].insert(name.to_string(), unique);
                }
                None => self.errors.report(
                    error::ITEM_TWICE,
                    name.span(),
                    format!("another item named `{name}` in this coroutine"),
                ),
            }
        }
        self.items.list.push(item);
    }
}
