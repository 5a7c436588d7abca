//! `cfg_select! { predicate => { … } _ => … }`: one arm stands for the macro, as if written in its place.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Block, Expr, ExprGroup, Macro, Stmt, Token, parse_quote};

use super::{Settle, without_not};

/// One arm: its predicate, `None` for `_`, and what stands behind it.
struct Arm {
    predicate: Option<TokenStream>,
    body: TokenStream,
}

struct Arms(Vec<Arm>);

impl Parse for Arms {
    fn parse(input: ParseStream<'_>) -> syn::Result<Arms> {
        let mut arms = Vec::new();
        while !input.is_empty() {
            let predicate = if input.peek(Token![_]) {
                input.parse::<Token![_]>()?;
                None
            } else {
                let mut predicate = TokenStream::new();
                while !input.peek(Token![=>]) {
                    predicate.extend([input.parse::<TokenTree>()?]);
                }
                Some(predicate)
            };
            input.parse::<Token![=>]>()?;
            let body = if input.peek(syn::token::Brace) {
                let inside;
                syn::braced!(inside in input);
                inside.parse()?
            } else {
                let value: Expr = input.parse()?;
                quote!(#value)
            };
            input.parse::<Option<Token![,]>>()?;
            arms.push(Arm { predicate, body });
        }
        Ok(Arms(arms))
    }
}

fn arms(mac: &Macro) -> Option<Vec<Arm>> {
    let is_select = mac.path.segments.last().is_some_and(|last| last.ident == "cfg_select");
    is_select.then(|| syn::parse2::<Arms>(mac.tokens.clone()).ok()).flatten().map(|arms| arms.0)
}

/// What the first arm asks.
pub fn predicate(mac: &Macro) -> Option<TokenStream> {
    Some(without_not(arms(mac)?.into_iter().next()?.predicate?).0)
}

/// What is known of a macro's arms.
enum Settled {
    /// This one.
    Body(TokenStream),
    /// One of those that are left.
    Open(TokenStream),
}

fn settle(mac: &Macro, settle: &Settle) -> Option<Settled> {
    let arms = arms(mac)?;
    let before = arms.len();
    let mut open = Vec::new();
    for Arm { predicate, body } in arms {
        let holds = match &predicate {
            None if open.is_empty() => return Some(Settled::Body(body)),
            Some(text) => {
                let (text, negated) = without_not(text.clone());
                (text.to_string() == settle.predicate).then_some(settle.answer != negated)
            }
            None => None,
        };
        match holds {
            Some(false) => {}
            Some(true) if open.is_empty() => return Some(Settled::Body(body)),
            // The others ask first.
            Some(true) => open.push(quote!(_ => { #body })),
            None => {
                let predicate = predicate.unwrap_or_else(|| quote!(_));
                open.push(quote!(#predicate => { #body }));
            }
        }
    }
    (open.len() < before).then(|| Settled::Open(quote!(#(#open)*)))
}

/// Settles a macro that is an expression.
pub fn expression(expr: &mut Expr, by: &Settle) {
    let Expr::Macro(mac) = expr else { return };
    match settle(&mac.mac, by) {
        Some(Settled::Body(body)) => {
            let Ok(block) = syn::parse2::<Block>(quote!({ #body })) else { return };
            *expr = match block.stmts.as_slice() {
                [Stmt::Expr(value, None)] => Expr::Group(ExprGroup {
                    attrs: Vec::new(),
                    group_token: Default::default(),
                    expr: Box::new(value.clone()),
                }),
                _ => parse_quote!(#block),
            };
        }
        Some(Settled::Open(tokens)) => mac.mac.tokens = tokens,
        None => {}
    }
}

/// Settles a macro that is a statement: what its arm declares, the statements behind it see. The last one's value is the
/// block's.
pub fn statement(statement: Stmt, is_last: bool, by: &Settle) -> Vec<Stmt> {
    let Stmt::Macro(mut mac) = statement else { return vec![statement] };
    match settle(&mac.mac, by) {
        Some(Settled::Body(body)) => {
            let Ok(mut block) = syn::parse2::<Block>(quote!({ #body })) else { return vec![Stmt::Macro(mac)] };
            let semicolon = mac.semi_token.or_else(|| (!is_last).then(Default::default));
            match block.stmts.last_mut() {
                Some(Stmt::Expr(_, last @ None)) => *last = semicolon,
                Some(Stmt::Macro(last)) if last.semi_token.is_none() => last.semi_token = semicolon,
                _ => {}
            }
            block.stmts
        }
        Some(Settled::Open(tokens)) => {
            mac.mac.tokens = tokens;
            vec![Stmt::Macro(mac)]
        }
        None => vec![Stmt::Macro(mac)],
    }
}
