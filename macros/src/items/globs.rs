//! `use path::*` in an inner block.
//!
//! # The problem
//! At the function's beginning it may give another meaning to names outside of its block, and which names it imports is not
//! known. Inside of its block it hides what is declared around, which at the function's beginning stands beside it, and wins.
//!
//! # The design
//! rustc knows. In a constant that is never used, each name that is mentioned outside of the block, or that is one of an item
//! or a variable around it, is imported a second time, by a second glob: if the first one has it too, it is ambiguous, which
//! is an error (E0659) at the name. Which names these are, [`rename`](super::rename) tells, as it looks up every name.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Item, ItemUse, Signature, UseTree};

use super::Hoist;
use super::declared::glob_of;
use super::scopes::{Meaning, Space};

/// A name, and where it is mentioned.
struct Mentioned {
    name: Ident,
    /// In blocks that import all of these.
    inside: BTreeSet<String>,
    /// The imports that may give it another meaning than it has now.
    hidden_by: BTreeSet<String>,
    /// It means something outside of the function.
    is_free: bool,
}

#[derive(Default)]
pub(super) struct Globs {
    /// There are some.
    any: bool,
    /// The imports, by their text.
    imports: BTreeMap<String, ItemUse>,
    /// Those of the blocks that are open, and how many blocks were open then.
    open: Vec<(String, usize)>,
    mentioned: Vec<Mentioned>,
}

impl Globs {
    pub fn new(any: bool) -> Globs {
        Globs { any, ..Globs::default() }
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// The end of a block, at whose beginning so many were open.
    pub fn close(&mut self, open: usize) {
        self.open.truncate(open);
    }

    pub fn checks(&self) -> Vec<Item> {
        let check = |(text, import): (&String, &ItemUse)| -> Item {
            // The import itself is looked for in the same scope.
            let own = |name: &Ident| crate::function::mentions(import.to_token_stream(), &name.to_string());
            let changed = |mentioned: &&Mentioned| {
                let is_outside = mentioned.is_free && !mentioned.inside.contains(text);
                (is_outside || mentioned.hidden_by.contains(text)) && !own(&mentioned.name)
            };
            let mut names = BTreeMap::new();
            for mentioned in self.mentioned.iter().filter(changed) {
                names.entry(mentioned.name.to_string()).or_insert(&mentioned.name);
            }
            let names: Vec<&&Ident> = names.values().collect();
            syn::parse_quote! {
                #[allow(warnings)]
                const _: () = {
                    mod __mentioned {
                        #(pub const #names: () = (); pub type #names = ();)*
                    }
                    use __mentioned::*;
                    #import
                    #(let _ = #names; let _: #names;)*
                };
            }
        };
        self.imports.iter().map(check).collect()
    }
}

impl Hoist<'_> {
    /// Remembers an import of a block whose items are known. The variants of the function's own enums are, too.
    pub(super) fn add_glob(&mut self, import: &ItemUse) {
        let is_known = || glob_of(&import.tree).is_some_and(|name| self.scopes.variants(&name).is_some());
        if self.in_item || !self.scopes.is_inner() || !is_glob(&import.tree) || is_known() {
            return;
        }
        let mut import = import.clone();
        self.first_of_tree(&mut import.tree);
        let text = import.to_token_stream().to_string();
        self.globs.imports.entry(text.clone()).or_insert(import);
        self.globs.open.push((text, self.scopes.depth()));
    }

    /// A name is looked up, in one of these spaces.
    pub(super) fn mentioned(&mut self, spaces: &[Space], name: &Ident) {
        if !self.globs.any || syn::parse2::<Ident>(name.to_token_stream()).is_err() {
            return;
        }
        let text = name.to_string();
        let meaning = self.scopes.meaning_at(spaces, &text);
        let around = |depth: usize| self.globs.open.iter().filter(move |(_, opened)| depth < *opened);
        let (hidden_by, is_free) = match meaning {
            None => (BTreeSet::new(), true),
            Some((Meaning::Rules(_), _)) => return,
            Some((_, depth)) => (around(depth).map(|(text, _)| text.clone()).collect(), false),
        };
        if is_free || !hidden_by.is_empty() {
            let inside = self.globs.open.iter().map(|(text, _)| text.clone()).collect();
            self.globs.mentioned.push(Mentioned { name: name.clone(), inside, hidden_by, is_free });
        }
    }

    /// The names of the signature stand outside of all blocks.
    pub(super) fn mention_signature(&mut self, signature: &Signature) {
        if !self.globs.any {
            return;
        }
        struct Names<'a, 'b>(&'a mut Hoist<'b>);
        impl<'ast> crate::visit::Visit<'ast> for Names<'_, '_> {
            fn visit_path(&mut self, path: &'ast syn::Path) {
                if let (None, Some(first)) = (path.leading_colon, path.segments.first()) {
                    self.0.mentioned(&[Space::Type], &first.ident);
                }
                crate::visit::visit_path(self, path);
            }
            fn visit_pat(&mut self, _: &'ast syn::Pat) {}
        }
        crate::visit::Visit::visit_signature(&mut Names(self), signature);
    }
}

pub(super) fn is_glob(tree: &UseTree) -> bool {
    match tree {
        UseTree::Path(path) => is_glob(&path.tree),
        UseTree::Group(group) => group.items.iter().any(is_glob),
        UseTree::Glob(_) => true,
        _ => false,
    }
}
