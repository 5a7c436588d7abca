//! Names among the tokens of macros.

use std::collections::HashMap;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::Hoist;
use super::rules::Parameter;
use super::scopes::{Meaning, Space};
use crate::error;
use crate::names::captures;

/// How often each name is mentioned in a part of a function, in texts too.
#[derive(Default)]
pub(super) struct Mentions(HashMap<String, usize>);

impl Mentions {
    pub fn of(tokens: TokenStream) -> Mentions {
        let mut mentions = Mentions::default();
        mentions.add(tokens);
        mentions
    }

    fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => *self.0.entry(name.to_string()).or_default() += 1,
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Literal(text) => {
                    captures(&text.to_string()).into_iter().for_each(|name| *self.0.entry(name).or_default() += 1);
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    pub fn any(&self, name: &Ident) -> bool {
        self.0.contains_key(&name.to_string())
    }

    /// Whether a name is mentioned outside of a part.
    pub fn outside(&self, name: &Ident, part: &Mentions) -> bool {
        let name = name.to_string();
        let count = |mentions: &Mentions| mentions.0.get(&name).copied().unwrap_or(0);
        count(self) > count(part)
    }
}

/// The first identifier.
pub(super) fn first_name(tokens: &TokenStream) -> Option<Ident> {
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(name) => Some(name),
        _ => None,
    })
}

/// What an identifier among tokens may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// `.name`, `path::name`, `'name`, `$name`, `name = value` behind a comma
    None,
    /// `name!(…)`
    Macro,
    /// `name::`
    Type,
    /// `{ name: …, name: … }`
    Label,
    Name,
}

pub(super) fn role(tokens: &[TokenTree], index: usize) -> Role {
    let is = |index: Option<usize>, wanted: char| match index.and_then(|index| tokens.get(index)) {
        Some(TokenTree::Punct(punct)) => punct.as_char() == wanted,
        _ => false,
    };
    let before = |distance: usize| index.checked_sub(distance);
    let (first, second) = (Some(index + 1), Some(index + 2));
    let is_field = is(before(1), '.') && !is(before(2), '.');
    let goes_on = is(before(1), ':') && is(before(2), ':');
    if is_field || goes_on || is(before(1), '\'') || is(before(1), '$') {
        Role::None
    } else if is(first, '!') && matches!(tokens.get(index + 2), Some(TokenTree::Group(_))) {
        Role::Macro
    } else if is(first, ':') && is(second, ':') {
        Role::Type
    } else if is(first, ':') && (index == 0 || is(before(1), ',')) {
        Role::Label
    } else if is(before(1), ',') && is(first, '=') && !is(second, '=') && !is(second, '>') {
        Role::None
    } else {
        Role::Name
    }
}

impl Hoist<'_> {
    /// Renames inside a macro whose grammar is unknown, word by word. In a `macro_rules!`, what has become a parameter is
    /// one.
    pub(super) fn tokens(&mut self, tokens: TokenStream, parameters: &[Parameter]) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut result = TokenStream::new();
        for index in 0..tokens.len() {
            match tokens[index].clone() {
                TokenTree::Ident(name) => match role(&tokens, index) {
                    Role::None | Role::Label => result.extend([name]),
                    Role::Macro => {
                        let TokenTree::Group(group) = &tokens[index + 2] else { continue };
                        let (name, prefix) = self.call(&name, parameters);
                        let mut stream = quote!(#prefix);
                        stream.extend(group.stream());
                        tokens[index + 2] = TokenTree::Group(with_stream(group, stream));
                        result.extend([name]);
                    }
                    role => result.extend(self.word(&name, role, parameters)),
                },
                TokenTree::Group(group) => {
                    let mut stream = self.tokens(group.stream(), parameters);
                    let called =
                        index >= 2 && matches!(&tokens[index - 1], TokenTree::Punct(mark) if mark.as_char() == '!');
                    if called {
                        add_captures(&group, parameters, &mut stream);
                    }
                    result.extend([TokenTree::Group(with_stream(&group, stream))]);
                }
                TokenTree::Literal(text) => {
                    for name in captures(&text.to_string()) {
                        let name = Ident::new(&name, text.span());
                        self.mentioned(&[Space::Value], &name);
                        if self.scopes.renamed(Space::Value, &name).is_some() && parameters.is_empty() {
                            self.errors.report(
                                error::SHADOWED_IN_MACRO,
                                text.span(),
                                format!("`{name}` in this text may mean an item that shadows another"),
                            );
                        }
                    }
                    result.extend([TokenTree::Literal(text)]);
                }
                other => result.extend([other]),
            }
        }
        result
    }

    fn word(&mut self, name: &Ident, role: Role, parameters: &[Parameter]) -> TokenStream {
        if parameters.iter().any(|parameter| name == &parameter.name) {
            return mention(name);
        }
        let spaces: &[Space] = if role == Role::Type { &[Space::Type] } else { &[Space::Value, Space::Type] };
        self.mentioned(spaces, name);
        let unique = spaces.iter().find_map(|&space| match self.scopes.meaning(space, &name.to_string()) {
            Some(Meaning::Variable(_)) => Some(name.clone()),
            _ => self.scopes.renamed(space, name),
        });
        let name = unique.unwrap_or_else(|| name.clone());
        quote!(#name)
    }
}

pub(super) fn with_stream(group: &Group, stream: TokenStream) -> Group {
    let mut changed = Group::new(group.delimiter(), stream);
    changed.set_span(group.span());
    changed
}

/// A parameter of a `macro_rules!` that stands for a name.
pub(super) fn mention(name: &Ident) -> TokenStream {
    let parameter = parameter(&name.to_string(), name.span());
    quote!($#parameter)
}

pub(super) fn parameter(name: &str, span: Span) -> Ident {
    Ident::new(&format!("__{}", name.trim_start_matches("r#")), span)
}

/// Adds `name = $__name` for each parameter that a text captures: `println!("{name}")`.
fn add_captures(before: &Group, parameters: &[Parameter], stream: &mut TokenStream) {
    let tokens: Vec<TokenTree> = before.stream().into_iter().collect();
    let ends = matches!(tokens.last(), Some(TokenTree::Punct(last)) if last.as_char() == ',');
    let mut added: Vec<Ident> = Vec::new();
    for token in &tokens {
        let TokenTree::Literal(text) = token else { continue };
        for name in captures(&text.to_string()) {
            let is_parameter = parameters.iter().any(|parameter| parameter.name == name);
            if is_parameter && added.iter().all(|other| *other != name) && !names(&tokens, &name) {
                added.push(Ident::new(&name, text.span()));
            }
        }
    }
    if added.is_empty() {
        return;
    }
    let comma = (!ends).then(|| quote!(,));
    let values = added.iter().map(mention);
    stream.extend(quote!(#comma #(#added = #values),*));
}

/// Whether there is an argument `name = …`.
fn names(tokens: &[TokenTree], name: &str) -> bool {
    tokens.windows(2).any(|pair| {
        matches!(pair, [TokenTree::Ident(word), TokenTree::Punct(equals)] if word == name && equals.as_char() == '=')
    })
}
