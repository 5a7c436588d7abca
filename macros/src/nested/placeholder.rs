//! What stands for a finished machine in the body of the function around.
//!
//! # The problem
//! The analyses of the function around must see what a block takes and borrows, and not its machine, which is code of another form.
//!
//! # The design
//! A macro that names what is borrowed and what is taken, and holds the machine. It is put in the macro's place last of all.

use crate::visit::Visit;
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Block, Expr, ExprBlock, Macro, Stmt, Token, parse_quote};

use super::{fields, reopen};
use crate::changes::Change;

/// The macro that stands for a finished machine:
/// `__segno_nested!([borrowed…] [written,…] [reached,…] [taken = value,…] { machine })`.
const NESTED: &str = "__segno_nested";

/// A finished machine: what it borrows, what it does to that, what it takes, and its code.
pub struct Nested {
    pub borrowed: Vec<Ident>,
    /// Places that it [writes](Change::Written) or otherwise [reaches](Change::Reached).
    pub changes: Vec<(Change, Expr)>,
    /// The names of its parameters, with the expressions of the function around that give them their values.
    pub taken: Vec<(Ident, Expr)>,
    pub machine: TokenStream,
}

impl Nested {
    /// Reads the macro, if it is one.
    pub fn of(mac: &Macro) -> Option<Nested> {
        mac.path.is_ident(NESTED).then(|| mac.parse_body().ok()).flatten()
    }

    /// The macro that stands for it.
    pub fn placeholder(&self, span: Span) -> Expr {
        let (name, tokens) = (Ident::new(NESTED, span), self.tokens());
        parse_quote!(#name!(#tokens))
    }

    pub fn tokens(&self) -> TokenStream {
        let Nested { borrowed, changes, taken, machine } = self;
        let places = |how: Change| changes.iter().filter(move |(change, _)| *change == how).map(|(_, place)| place);
        let (written, reached) = (places(Change::Written), places(Change::Reached));
        let (names, values): (Vec<_>, Vec<_>) = taken.iter().map(|(name, value)| (name, value)).unzip();
        quote!([#(#borrowed)*] [#(#written),*] [#(#reached),*] [#(#names = #values,)*] #machine)
    }

    /// The machine, where its macro stood.
    fn finish(&self) -> Expr {
        let lets = self.taken.iter().map(|(name, value)| -> Stmt {
            match fields::choice(name, value) {
                Some(value) => parse_quote!(let #name = #value;),
                None => parse_quote!(let #name = #value;),
            }
        });
        let mut stmts: Vec<Stmt> = lets.collect();
        stmts.push(Stmt::Expr(Expr::Verbatim(self.machine.clone()), None));
        Expr::Block(ExprBlock { attrs: vec![], label: None, block: Block { brace_token: Default::default(), stmts } })
    }
}

impl Parse for Nested {
    fn parse(input: ParseStream<'_>) -> syn::Result<Nested> {
        let (borrowed, written, reached, taken);
        syn::bracketed!(borrowed in input);
        let names = std::iter::from_fn(|| borrowed.parse::<Option<Ident>>().ok().flatten()).collect();
        syn::bracketed!(written in input);
        syn::bracketed!(reached in input);
        let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
        let written = parse(&written)?.into_iter().map(|place| (Change::Written, place));
        let changes = written.chain(parse(&reached)?.into_iter().map(|place| (Change::Reached, place))).collect();
        syn::bracketed!(taken in input);
        let mut values = Vec::new();
        while !taken.is_empty() {
            let name = taken.parse()?;
            taken.parse::<Token![=]>()?;
            values.push((name, taken.parse()?));
            taken.parse::<Token![,]>()?;
        }
        Ok(Nested { borrowed: names, changes, taken: values, machine: input.parse()? })
    }
}

/// Whether an expression contains a finished machine, also in a closure: what that borrows has to have a slot.
pub fn contains(expr: &Expr) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_macro(&mut self, mac: &'ast Macro) {
            self.0 |= mac.path.is_ident(NESTED);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(false);
    find.visit_expr(expr);
    find.0
}

/// Puts the finished machines in the place of their macros.
pub fn unwrap(expr: &mut Expr) {
    struct Unwrap;
    impl VisitMut for Unwrap {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            if let Expr::Macro(mac) = expr
                && let Some(nested) = Nested::of(&mac.mac)
            {
                *expr = nested.finish();
                return;
            }
            visit_mut::visit_expr_mut(self, expr);
            if let Expr::Closure(closure) = expr {
                reopen(closure);
                crate::captures::finish(closure);
            }
        }
    }
    Unwrap.visit_expr_mut(expr);
}
