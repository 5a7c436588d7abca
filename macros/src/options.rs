//! What may be said in the attribute's parentheses: `#[segno::coroutine(crate = rt)]`.
//!
//! # `diagram`
//! See [`crate::view::document`].
//!
//! # `crate`
//! An expansion names what it needs of the runtime as `::segno::…`. In a crate that knows segno by another name, or as a
//! part of another crate, there is no `::segno`; a macro cannot find that out, so it is told. The compiler goes on quoting
//! `::segno`, which keeps it readable, and one pass over the finished tokens puts the path that was given in its place.
//! A `::segno` that the user wrote is the user's business: it is hidden from that pass.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Path;
use syn::parse::Parser;

use crate::error::{self, Errors};

/// The options of one attribute.
#[derive(Default)]
pub struct Options {
    /// The states are to be shown in the function's documentation.
    pub diagram: Option<(Diagram, Span)>,
    /// No warning of large values, see [`crate::large`].
    pub allow_large: bool,
    /// The path of the runtime, if it is not `::segno`.
    krate: Option<Path>,
}

/// How the states are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagram {
    Svg,
    Mermaid,
}

/// One piece between commas: a name, and what follows it.
struct Given {
    name: Ident,
    rest: Vec<TokenTree>,
}

impl Options {
    /// Reads the options; reports everything that is wrong with them.
    pub fn parse(attribute: TokenStream, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        let mut seen: Vec<String> = Vec::new();
        for Given { name, rest } in pieces(attribute, errors) {
            let text = name.to_string();
            if seen.contains(&text) {
                errors.report(error::OPTION, name.span(), format!("the option `{text}` is given twice"));
                continue;
            }
            match text.as_str() {
                "crate" => options.krate = path(&name, rest, errors),
                "diagram" => options.diagram = diagram(&name, &rest, errors).map(|diagram| (diagram, name.span())),
                "allow_large" if rest.is_empty() => options.allow_large = true,
                _ => {
                    errors.report(error::OPTION, name.span(), format!("`{text}` is not an option of a coroutine"));
                    continue;
                }
            }
            seen.push(text);
        }
        options
    }

    /// Hides the user's own `::segno` from [`Options::respell`].
    pub fn hide(&self, item: TokenStream) -> TokenStream {
        match self.krate {
            None => item,
            Some(_) => after_colons(item, &mut |name| (name == SEGNO).then(|| one(HIDDEN, name.span()))),
        }
    }

    /// Puts the chosen path where the compiler wrote `::segno`.
    pub fn respell(&self, expansion: TokenStream) -> TokenStream {
        let Some(path) = &self.krate else { return expansion };
        let named = replace_paths(expansion, path);
        after_colons(named, &mut |name| (name == HIDDEN).then(|| one(SEGNO, name.span())))
    }
}

const SEGNO: &str = "segno";
const HIDDEN: &str = "__segno_as_written";

/// Cuts the attribute's tokens at its commas.
fn pieces(attribute: TokenStream, errors: &mut Errors) -> Vec<Given> {
    let mut pieces = Vec::new();
    let mut tokens = attribute.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let mut rest = Vec::new();
        while let Some(token) = tokens.next_if(|token| !is_punct(token, ',')) {
            rest.push(token);
        }
        // The comma, if there is one.
        tokens.next();
        match token {
            TokenTree::Ident(name) => pieces.push(Given { name, rest }),
            other => errors.report(error::OPTION, other.span(), format!("`{other}` is not the name of an option")),
        }
    }
    pieces
}

/// The path behind `crate =`.
fn path(name: &Ident, rest: Vec<TokenTree>, errors: &mut Errors) -> Option<Path> {
    let mut rest = rest.into_iter();
    let equals = rest.next().is_some_and(|token| is_punct(&token, '='));
    let value: TokenStream = rest.collect();
    if !equals || value.is_empty() {
        errors.report(error::OPTION, name.span(), "the option `crate` needs a path: `crate = path::of::segno`");
        return None;
    }
    match Path::parse_mod_style.parse2(value) {
        Ok(path) => Some(path),
        Err(cause) => {
            errors.report(error::OPTION, cause.span(), "the value of the option `crate` is not a path");
            None
        }
    }
}

/// `diagram` or `diagram = mermaid`.
fn diagram(name: &Ident, rest: &[TokenTree], errors: &mut Errors) -> Option<Diagram> {
    match rest {
        [] => Some(Diagram::Svg),
        [equals, TokenTree::Ident(kind)] if is_punct(equals, '=') && kind == "mermaid" => Some(Diagram::Mermaid),
        [_, rest @ ..] => {
            let span = rest.first().map_or(name.span(), TokenTree::span);
            errors.report(error::OPTION, span, "the option `diagram` has no such value");
            None
        }
    }
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn one(name: &str, span: Span) -> TokenTree {
    TokenTree::Ident(Ident::new(name, span))
}

/// Replaces names that stand behind `::`.
fn after_colons(tokens: TokenStream, replace: &mut dyn FnMut(&Ident) -> Option<TokenTree>) -> TokenStream {
    let mut colons = 0;
    let mut result = TokenStream::new();
    for token in tokens {
        let next = match token {
            TokenTree::Ident(name) if colons >= 2 => replace(&name).unwrap_or(TokenTree::Ident(name)),
            TokenTree::Group(group) => inside(&group, |inner| after_colons(inner, replace)),
            other => other,
        };
        colons = if is_punct(&next, ':') { colons + 1 } else { 0 };
        result.extend([next]);
    }
    result
}

/// Replaces `::segno` by a path.
fn replace_paths(tokens: TokenStream, path: &Path) -> TokenStream {
    let mut result: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let behind = result.len() >= 2 && result[result.len() - 2..].iter().all(|token| is_punct(token, ':'));
        match token {
            TokenTree::Ident(name) if behind && name == SEGNO => {
                result.truncate(result.len() - 2);
                result.extend(path.to_token_stream());
            }
            TokenTree::Group(group) => result.push(inside(&group, |inner| replace_paths(inner, path))),
            other => result.push(other),
        }
    }
    result.into_iter().collect()
}

fn inside(group: &Group, work: impl FnOnce(TokenStream) -> TokenStream) -> TokenTree {
    let delimiter: Delimiter = group.delimiter();
    let mut replaced = Group::new(delimiter, work(group.stream()));
    replaced.set_span(group.span());
    TokenTree::Group(replaced)
}
