//! The fields of a record: `info!(target: "net", address = %self.address, ?frame, "received {count} bytes")`.
//!
//! `log` and `tracing` give their records fields, which are no expressions: a name may stand before a value, and a sign that says how
//! it is shown. Both are set aside here; what is left looks like a call's arguments. A field that has the name of its
//! value gets it in full, as the value may be another expression afterwards.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::quote;
use syn::{Expr, Macro};

/// Whether a macro makes a record.
fn makes_record(name: &str) -> bool {
    matches!(name, "trace" | "debug" | "info" | "warn" | "error" | "log" | "event" | "span") || name.ends_with("_span")
}

/// The fields' names and signs, and their values; `None` if the macro makes no record, or it does not look like one.
pub fn of_record(mac: &Macro) -> Option<(Vec<TokenStream>, Vec<Expr>)> {
    if !makes_record(&mac.path.segments.last()?.ident.to_string()) {
        return None;
    }
    let mut parts: Vec<Vec<TokenTree>> = vec![Vec::new()];
    for token in mac.tokens.clone() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(Vec::new()),
            _ => parts.last_mut()?.push(token),
        }
    }
    if parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    parts.iter().map(|part| field(part)).collect::<Option<Vec<_>>>().map(|fields| fields.into_iter().unzip())
}

fn field(part: &[TokenTree]) -> Option<(TokenStream, Expr)> {
    let sign = |at: usize, sign: char| matches!(part.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign && punct.spacing() == Spacing::Alone);
    // `target: "net"`
    if matches!(part.first(), Some(TokenTree::Ident(_))) && sign(1, ':') {
        return Some((part[..2].iter().cloned().collect(), value(&part[2..])?));
    }
    // `address = %value`, `net.address = %value`, `"net.address" = %value`
    let shown =
        |at: usize| matches!(part.get(at), Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '?' | '%'));
    let is_equals = |at: usize| matches!(&part[at], TokenTree::Punct(punct) if punct.as_char() == '=');
    let equals = (0..part.len()).find(|&at| sign(at, '=') || (is_equals(at) && shown(at + 1)));
    match equals {
        Some(at) if shown(at + 1) && is_name(&part[..at]) => {
            Some((part[..at + 2].iter().cloned().collect(), value(&part[at + 2..])?))
        }
        Some(at) if at > 1 && is_name(&part[..at]) => {
            Some((part[..=at].iter().cloned().collect(), value(&part[at + 1..])?))
        }
        _ if shown(0) && is_name(&part[1..]) => {
            let (shown, name) = (&part[0], part[1..].iter());
            Some((quote!(#(#name)* = #shown), value(&part[1..])?))
        }
        _ => Some((TokenStream::new(), value(part)?)),
    }
}

/// `net.address`, or a text.
fn is_name(part: &[TokenTree]) -> bool {
    match part {
        [TokenTree::Literal(_)] => true,
        _ => {
            part.len() % 2 == 1
                && part.iter().enumerate().all(|(at, token)| match token {
                    TokenTree::Ident(_) => at % 2 == 0,
                    TokenTree::Punct(punct) => at % 2 == 1 && punct.as_char() == '.',
                    _ => false,
                })
        }
    }
}

fn value(part: &[TokenTree]) -> Option<Expr> {
    syn::parse2(part.iter().cloned().collect()).ok()
}
