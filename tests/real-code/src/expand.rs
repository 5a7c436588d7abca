//! Does the compiler crate take every async function?

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::visit::Visit;

use crate::find::{self, Found, Home};
use crate::report::{self, Failure, Row};

/// So many versions of a function are tried, if there is `#[cfg]` in its body.
const VERSIONS: usize = 24;

/// Tries all functions with a body, and prints what came of it.
pub fn run(checkouts: &[PathBuf]) -> Result<(), String> {
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    let mut unread = Vec::new();
    for checkout in checkouts {
        let name = report::name(checkout);
        let mut row = Row::new(name.clone());
        let files = find::files(checkout).map_err(|error| format!("{}: {error}", checkout.display()))?;
        for file in files {
            match find::functions(&file) {
                Ok(functions) => {
                    for function in functions.iter().filter(|function| function.has_body) {
                        row.functions += 1;
                        let codes = attempt(function);
                        if let Some(first) = codes.first() {
                            row.refused += 1;
                            failures.push(Failure::new(&name, checkout, function, &first.0, &first.1));
                        }
                    }
                }
                Err(error) => unread.push(error),
            }
        }
        rows.push(row);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.functions));
    report::print(&rows, &failures, false);
    unread.iter().for_each(|error| println!("not read: {error}"));
    Ok(())
}

/// The codes of a function's refusals, with the first line of what is said.
fn attempt(function: &Found) -> Vec<(String, String)> {
    let item = function.item.clone();
    let expansion = match catch_unwind(AssertUnwindSafe(|| expand(item, &mut VERSIONS.clone()))) {
        Ok(expansion) => expansion,
        Err(_) => return vec![("panic".into(), "the compiler panicked".into())],
    };
    let whole = match function.home {
        Home::Free => expansion,
        Home::Method => quote!(impl X { #expansion }),
        Home::Trait => quote!(trait X { #expansion }),
    };
    match syn::parse2::<syn::File>(whole) {
        Ok(file) => refusals(&file),
        Err(error) => vec![("no Rust".into(), error.to_string())],
    }
}

/// The expansion; of what is under `#[segno::coroutine]` in it, for the answers to a `#[cfg]`, too.
fn expand(item: TokenStream, left: &mut usize) -> TokenStream {
    if *left == 0 {
        return TokenStream::new();
    }
    *left -= 1;
    let expansion = segno_compiler::expand(TokenStream::new(), item);
    let tokens: Vec<TokenTree> = expansion.clone().into_iter().collect();
    // `#[cfg(P)] #[::segno::coroutine()] item #[cfg(not(P))] #[::segno::coroutine()] item`
    let is_attribute = |token: &TokenTree| matches!(token, TokenTree::Group(group) if is_coroutine(group));
    let starts: Vec<usize> = (0..tokens.len()).filter(|&index| is_attribute(&tokens[index])).collect();
    if starts.is_empty() {
        return expansion;
    }
    let items = starts.iter().enumerate().map(|(number, &start)| {
        let end = starts.get(number + 1).map_or(tokens.len(), |next| next - 3);
        expand(tokens[start + 1..end].iter().cloned().collect(), left)
    });
    items.collect()
}

fn is_coroutine(group: &proc_macro2::Group) -> bool {
    group.delimiter() == Delimiter::Bracket && group.stream().to_string().replace(' ', "") == "::segno::coroutine()"
}

fn refusals(file: &syn::File) -> Vec<(String, String)> {
    struct Refusals(BTreeMap<String, String>);
    impl<'ast> Visit<'ast> for Refusals {
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            let is_error = mac.path.leading_colon.is_some()
                && mac.path.segments.last().is_some_and(|last| last.ident == "compile_error");
            if let Ok(text) = syn::parse2::<syn::LitStr>(mac.tokens.clone())
                && is_error
            {
                let text = text.value();
                let code = report::code(&text).unwrap_or("syntax");
                self.0.entry(code.into()).or_insert_with(|| text.lines().next().unwrap_or_default().into());
            }
        }
    }
    let mut refusals = Refusals(BTreeMap::new());
    refusals.visit_file(file);
    refusals.0.into_iter().collect()
}

/// A path as it is shown: from the checkout on.
pub fn shown(path: &Path, checkout: &Path) -> String {
    path.strip_prefix(checkout).unwrap_or(path).display().to_string()
}
