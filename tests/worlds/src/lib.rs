//! One source, two compilers.
//!
//! A differential test is only worth something if both sides are given the same text. [`macro@both_worlds`] therefore
//! copies a module, token by token, spans included: in the module `rustc` of the copy the name `segno::coroutine` means
//! [`macro@coroutine`] of this crate, which hands the function to rustc; in the module `ours` it is the real one.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Turns `mod name { … }` into `mod name { mod rustc { … } mod ours { … } }`. Each copy sees the harness of its world.
#[proc_macro_attribute]
pub fn both_worlds(_: TokenStream, module: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = module.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else {
        panic!("`#[both_worlds]` wants a module with a body");
    };
    let mut worlds = TokenStream::new();
    worlds.extend(world("rustc", "", body.stream()));
    worlds.extend(world("ours", "#[cfg(feature = \"ours\")]", body.stream()));
    tokens.push(TokenTree::Group(Group::new(Delimiter::Brace, worlds)));
    tokens.into_iter().collect()
}

fn world(name: &str, attributes: &str, body: TokenStream) -> TokenStream {
    // What is tested is often what lints advise against.
    let head = format!("{attributes} #[allow(unused, unreachable_code, clippy::all)] mod {name}");
    let imports = format!("use ::segno_tests::{name}::{{case, dynamic_drop, nb, segno}}; use ::segno_tests::*;");
    let mut content: TokenStream = imports.parse().expect("these are tokens");
    content.extend(body);
    let mut module: TokenStream = head.parse().expect("these are tokens");
    module.extend([TokenTree::Group(Group::new(Delimiter::Brace, content))]);
    module
}

/// `#[segno::coroutine]` as the world `rustc` knows it: the function stays what it is, and a plain `fn` becomes an
/// `async fn`.
#[proc_macro_attribute]
pub fn coroutine(_: TokenStream, function: TokenStream) -> TokenStream {
    let is = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident.to_string() == word);
    let mut tokens: Vec<TokenTree> = function.into_iter().collect();
    let keyword = tokens.iter().position(|token| is(token, "fn")).expect("`#[coroutine]` wants a function");
    if !tokens[..keyword].iter().any(|token| is(token, "async")) {
        // `unsafe fn` is `async unsafe fn`.
        let at = if keyword > 0 && is(&tokens[keyword - 1], "unsafe") { keyword - 1 } else { keyword };
        let asynchronous: TokenStream = "async".parse().expect("this is a token");
        tokens.splice(at..at, asynchronous);
    }
    tokens.into_iter().collect()
}
