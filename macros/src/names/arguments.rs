//! The arguments of macros that look like a call, and the names that format strings capture.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::{Expr, Macro, Token};

use super::known::{self, Text};

/// The names that a format string captures: `{name}` and `{name:…}`.
pub fn captures(literal: &str) -> Vec<String> {
    let mut names = Vec::new();
    if !literal.starts_with('"') && !literal.starts_with("r\"") && !literal.starts_with("r#") {
        return names;
    }
    let unescaped = match literal.starts_with('r') {
        true => literal.to_string(),
        false => without_escapes(literal),
    };
    let mut rest = &unescaped[..];
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(escaped) = rest.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let Some(close) = rest.find('}') else { break };
        let inside = &rest[..close];
        let name = inside.split(':').next().unwrap_or("").trim();
        let mut letters = name.chars();
        if letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
        {
            names.push(name.to_string());
        }
        // `{:width$}` and `{:.precision$}` capture too.
        for part in inside.split(':').skip(1).flat_map(|spec| spec.split(['.', '>', '<', '^'])) {
            if let Some(name) = part.strip_suffix('$').or_else(|| part.split('$').next().filter(|_| part.contains('$')))
                && name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
            {
                names.push(name.to_string());
            }
        }
        rest = &rest[close + 1..];
    }
    names
}

/// A text without what a backslash begins: `\u{fa}` is a letter, no name.
fn without_escapes(literal: &str) -> String {
    let mut plain = String::with_capacity(literal.len());
    let mut letters = literal.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.next() == Some('u') => letters.by_ref().take_while(|&letter| letter != '}').for_each(drop),
            '\\' => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The arguments of a macro that looks like a call: expressions between commas, or the two of `vec![value; count]`.
pub struct Arguments {
    pub list: Punctuated<Expr, Token![,]>,
    /// They are a value, and how often it is there.
    pub repeats: bool,
    text: Text,
    /// What stands before each of them, where they are the fields of a record: see [`super::fields`].
    fields: Vec<TokenStream>,
}

impl Arguments {
    /// As [`name_captures`], of the texts in which the macro captures names.
    pub fn name_captures(&mut self, value: impl FnMut(&Ident) -> Option<Expr>) {
        let text = match self.text {
            // What has a field's name is no text of the macro's.
            Text::First if !self.fields.is_empty() => {
                let is_text = |(argument, field): (&Expr, &TokenStream)| is_text(argument) && field.is_empty();
                self.list.iter().zip(&self.fields).position(is_text).map_or(Text::No, Text::At)
            }
            text => text,
        };
        name_captures_in(&mut self.list, text, value);
    }
}

impl quote::ToTokens for Arguments {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        if self.repeats {
            let list = self.list.iter();
            tokens.extend(quote::quote!(#(#list);*));
        } else if !self.fields.is_empty() {
            let list = self.list.iter().enumerate().map(|(index, argument)| {
                let field = self.fields.get(index);
                quote::quote!(#field #argument)
            });
            tokens.extend(quote::quote!(#(#list),*));
        } else {
            self.list.to_tokens(tokens);
        }
    }
}

/// Parses the arguments of a macro; `None` if they do not look like a call's.
pub fn arguments(mac: &Macro) -> Option<Arguments> {
    use syn::parse::Parser;
    let text = mac.path.segments.last().map_or(Text::Any, |last| known::text(&last.ident.to_string()));
    let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
    if let Ok(list) = parse.parse2(mac.tokens.clone()) {
        return Some(Arguments { list, repeats: false, text, fields: Vec::new() });
    }
    if let Some((fields, list)) = super::fields::of_record(mac) {
        return Some(Arguments { list: list.into_iter().collect(), repeats: false, text, fields });
    }
    let repeat = |input: syn::parse::ParseStream<'_>| {
        let value: Expr = input.parse()?;
        input.parse::<Token![;]>()?;
        let count: Expr = input.parse()?;
        Ok([value, count])
    };
    let both = repeat.parse2(mac.tokens.clone()).ok()?;
    Some(Arguments { list: both.into_iter().collect(), repeats: true, text, fields: Vec::new() })
}

/// Whether tokens end with `stringify!`: what follows is shown.
pub fn is_stringify(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(name), TokenTree::Punct(mark)] if name == "stringify" && mark.as_char() == '!')
}

/// An argument, without the name that a format macro may give it: `name = value`.
pub fn value_of(argument: &Expr) -> &Expr {
    match argument {
        Expr::Assign(assign) if matches!(&*assign.left, Expr::Path(_)) => &assign.right,
        other => other,
    }
}

/// The same, to be changed.
pub fn value_of_mut(argument: &mut Expr) -> &mut Expr {
    let is_named = matches!(&*argument, Expr::Assign(assign) if matches!(&*assign.left, Expr::Path(_)));
    if !is_named {
        return argument;
    }
    match argument {
        Expr::Assign(assign) => &mut assign.right,
        other => other,
    }
}

/// Changes what a macro that looks like a call is given.
pub fn change_arguments(mac: &mut Macro, mut change: impl FnMut(&mut Expr)) {
    if let Some(mut arguments) = arguments(mac) {
        arguments.list.iter_mut().for_each(|argument| change(value_of_mut(argument)));
        mac.tokens = quote::quote!(#arguments);
    }
}

/// Adds `name = value` to a format macro's arguments for each captured name, so that the text need not change.
pub fn name_captures(arguments: &mut Punctuated<Expr, Token![,]>, value: impl FnMut(&Ident) -> Option<Expr>) {
    name_captures_in(arguments, Text::Any, value);
}

fn is_text(argument: &Expr) -> bool {
    matches!(argument, Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Str(_)))
}

fn name_captures_in(
    arguments: &mut Punctuated<Expr, Token![,]>,
    text: Text,
    mut value: impl FnMut(&Ident) -> Option<Expr>,
) {
    let first = arguments.iter().position(is_text);
    let texts = match text {
        Text::No => return,
        Text::At(index) => index..index + 1,
        Text::First => first.map_or(0..0, |first| first..first + 1),
        Text::Any => 0..arguments.len(),
    };
    let mut named: HashSet<String> = HashSet::new();
    for argument in arguments.iter() {
        if let Expr::Assign(assign) = argument
            && let Expr::Path(path) = &*assign.left
            && let Some(name) = path.path.get_ident()
        {
            named.insert(name.to_string());
        }
    }
    let mut added = Vec::new();
    for argument in arguments.iter().skip(texts.start).take(texts.len()) {
        let Expr::Lit(literal) = argument else { continue };
        let syn::Lit::Str(text) = &literal.lit else { continue };
        for name in captures(&text.token().to_string()) {
            let ident = Ident::new(&name, text.span());
            if named.contains(&name) {
                continue;
            }
            if let Some(value) = value(&ident) {
                named.insert(name);
                added.push(syn::parse_quote!(#ident = #value));
            }
        }
    }
    arguments.extend::<Vec<Expr>>(added);
}
