//! `use path::*` in an inner block.
//!
//! # The problem
//! At the function's beginning it may give another meaning to names outside of its block, and which names it imports is not
//! known.
//!
//! # The design
//! rustc knows. In a constant that is never used, each name that is mentioned outside of the block is imported a second
//! time, by a second glob: if the first one has it too, it is ambiguous, which is an error (E0659) at the name.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Item, ItemUse, UseTree};

use super::Hoist;
use super::declared::glob_of;
use super::tokens::{Role, role};

/// An import of everything, and the blocks in which it stands.
pub(super) struct Glob {
    import: ItemUse,
    parts: TokenStream,
}

impl Hoist<'_> {
    /// Remembers an import of a block whose items are known. The variants of the function's own enums are, too.
    pub(super) fn add_glob(&mut self, import: &ItemUse, block: impl FnOnce() -> TokenStream) {
        let is_known = || glob_of(&import.tree).is_some_and(|name| self.scopes.variants(&name).is_some());
        if self.in_item || !self.scopes.is_inner() || !is_glob(&import.tree) || is_known() {
            return;
        }
        let mut import = import.clone();
        self.first_of_tree(&mut import.tree);
        let text = import.to_token_stream().to_string();
        let glob = self.globs.entry(text).or_insert_with(|| Glob { import, parts: TokenStream::new() });
        glob.parts.extend(block());
    }

    pub(super) fn check_globs(&self, function: TokenStream) -> Vec<Item> {
        if self.globs.is_empty() {
            return Vec::new();
        }
        let names = Starts::of(function);
        let check = |glob: &Glob| -> Item {
            let (import, inside) = (&glob.import, Starts::of(glob.parts.clone()));
            let outside = |name: &&Ident| {
                let text = name.to_string();
                let own = self.scopes.was_variable(&text) || self.outermost.contains(&text);
                // The import itself is looked for in the same scope.
                let own = own || crate::function::mentions(import.to_token_stream(), &text);
                !own && names.count(&text) > inside.count(&text)
            };
            let mentioned: Vec<&Ident> = names.0.values().map(|(name, _)| name).filter(outside).collect();
            syn::parse_quote! {
                #[allow(warnings)]
                const _: () = {
                    mod __mentioned {
                        #(pub const #mentioned: () = (); pub type #mentioned = ();)*
                    }
                    use __mentioned::*;
                    #import
                    #(let _ = #mentioned; let _: #mentioned;)*
                };
            }
        };
        self.globs.values().map(check).collect()
    }
}

fn is_glob(tree: &UseTree) -> bool {
    match tree {
        UseTree::Path(path) => is_glob(&path.tree),
        UseTree::Group(group) => group.items.iter().any(is_glob),
        UseTree::Glob(_) => true,
        _ => false,
    }
}

/// The names with which paths begin: one place of each, and how many there are.
#[derive(Default)]
struct Starts(BTreeMap<String, (Ident, usize)>);

impl Starts {
    fn of(tokens: TokenStream) -> Starts {
        let mut starts = Starts::default();
        starts.add(tokens);
        starts
    }

    fn count(&self, name: &str) -> usize {
        self.0.get(name).map_or(0, |&(_, count)| count)
    }

    fn add(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                // `field: value`
                TokenTree::Ident(_) if role(&tokens, index) == Role::Name && is_label(&tokens, index) => {}
                TokenTree::Ident(name) => {
                    let is_word = || syn::parse2::<Ident>(name.to_token_stream()).is_ok();
                    if matches!(role(&tokens, index), Role::Name | Role::Type) && is_word() {
                        self.0.entry(name.to_string()).or_insert_with(|| (name.clone(), 0)).1 += 1;
                    }
                }
                TokenTree::Group(group) if !is_module(&tokens[..index]) => self.add(group.stream()),
                _ => {}
            }
        }
    }
}

/// Whether tokens end with `mod name`: what follows sees nothing of the function.
fn is_module(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [.., TokenTree::Ident(word), TokenTree::Ident(_)] if word == "mod")
}

fn is_label(tokens: &[TokenTree], index: usize) -> bool {
    matches!(tokens.get(index + 1), Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}
