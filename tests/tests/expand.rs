//! What `#[segno::coroutine]` makes of some functions, as files to be read: `expand/NAME.rs` becomes
//! `expand/NAME.expanded.rs`. `UPDATE=1 cargo test -p segno-tests --test expand` writes them anew.
//!
//! `expanded.rs` compiles what is made.

#![cfg(feature = "ours")]

use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use segno_compiler::source::{Source, coroutines, within};
use syn::visit_mut::{self, VisitMut};

macro_rules! expansions {
    ($($name:ident)*) => {
        #[allow(dead_code)]
        mod functions {
            $(
                pub mod $name {
                    include!(concat!("../expand/", stringify!($name), ".rs"));
                }
            )*
        }

        $(
            #[test]
            fn $name() {
                compare(stringify!($name));
            }
        )*

        #[test]
        fn each_file_is_listed() {
            let mut files: Vec<String> = std::fs::read_dir(path("."))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter_map(|name| name.strip_suffix(".rs").filter(|name| !name.contains('.')).map(String::from))
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($name)),*]);
        }
    };
}

expansions! {
    block
    borrow
    conditions
    documented
    generic
    guard
    loops
    macros
    matches
    method
    moved
    never
    operands
    parted
    question
    straight
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("expand").join(file)
}

fn compare(name: &str) {
    let source = path(&format!("{name}.rs"));
    let mut file = syn::parse_file(&std::fs::read_to_string(&source).unwrap()).unwrap();
    let sources = coroutines(&file);
    assert!(!sources.is_empty());
    within(&source, || {
        sources.into_iter().for_each(check);
        Expand.visit_file_mut(&mut file);
    });
    let text = prettyplease::unparse(&file);
    let expected = path(&format!("{name}.expanded.rs"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&expected, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(expected).unwrap(), "{name}");
}

/// What must be true of each.
fn check(Source { path, attribute, item }: Source) {
    let expansion = segno_compiler::expand(attribute.clone(), item.clone());
    assert!(!has(&expansion, "async") && !has(&expansion, "await"), "{path}: rustc's async in {expansion}");
    for machine in segno_compiler::machines(attribute, item).unwrap() {
        let slots = machine.states.iter().flat_map(|state| &state.holds).any(|held| held.slot);
        assert_eq!(has(&expansion, "unsafe"), slots, "{path}: `unsafe` is for slots");
    }
}

fn has(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == word,
        TokenTree::Group(group) => has(&group.stream(), word),
        _ => false,
    })
}

/// Replaces each function by what it becomes.
struct Expand;

impl Expand {
    fn expanded(item: &impl ToTokens) -> Option<TokenStream> {
        let file = syn::parse2(quote!(#item)).ok()?;
        let Source { attribute, item, .. } = coroutines(&file).pop()?;
        Some(segno_compiler::expand(attribute, item))
    }
}

impl VisitMut for Expand {
    fn visit_item_fn_mut(&mut self, function: &mut syn::ItemFn) {
        visit_mut::visit_item_fn_mut(self, function);
        if let Some(expanded) = Expand::expanded(function) {
            *function = syn::parse2(expanded).unwrap();
        }
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        if let Some(expanded) = Expand::expanded(function) {
            *function = syn::parse2(expanded).unwrap();
        }
    }

    fn visit_trait_item_fn_mut(&mut self, function: &mut syn::TraitItemFn) {
        let Some(Source { attribute, item, .. }) = coroutines(&declaration(function)).pop() else { return };
        *function = syn::parse2(segno_compiler::expand(attribute, item)).unwrap();
    }
}

/// A method without a body is no item of a file.
fn declaration(function: &syn::TraitItemFn) -> syn::File {
    syn::parse2(quote!(trait Declares { #function })).unwrap()
}
