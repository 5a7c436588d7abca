//! Variables inside of macros.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, Macro};

use super::{Context, Site, Use, Walker};
use crate::names::{arguments, captures, is_stringify};
use crate::nested::Nested;

impl Walker<'_> {
    /// What a machine inside takes, it takes where it stands; what it borrows, it borrows for as long as it lives.
    fn nested(&mut self, mac: &mut Macro, mut nested: Nested) {
        for (name, value) in &mut nested.taken {
            match (crate::nested::choices(value), self.variables.find(name)) {
                (Some(choice), Some(variable)) => {
                    let field = choice.first().cloned().map(Box::new);
                    let site = Site { captured: true, field, choice, ..self.site(variable, Use::Read) };
                    self.visitor.mention(&mut crate::tree::name(name.clone()), site);
                }
                _ => self.value(value),
            }
        }
        self.closures += 1;
        for name in &nested.borrowed {
            if let Some(variable) = self.variables.find(name) {
                let site = Site { kind: Use::Read, captured: false, ..self.site(variable, Use::Read) };
                self.visitor.mention(&mut crate::tree::name(name.clone()), site);
            }
        }
        self.closures -= 1;
        mac.tokens = nested.tokens();
    }

    /// Macros that look like a call are walked as one: format macros borrow, `vec!`, `dbg!` and those of segno take.
    pub(super) fn mac(&mut self, mac: &mut Macro) {
        if let Some(nested) = Nested::of(mac) {
            return self.nested(mac, nested);
        }
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        // It takes no variable, but words.
        if name == "stringify" {
            return;
        }
        let takes = matches!(name.as_str(), "vec" | "dbg" | "unwrap" | "gather" | "try_gather" | "select");
        let context = if takes { Context::Value } else { Context::Place };
        let parsed = arguments(mac).filter(|_| !self.variables.showing.contains(&name));
        if let Some(mut parsed) = parsed {
            for argument in &mut parsed.list {
                match argument {
                    Expr::Assign(assign) if matches!(&*assign.left, Expr::Path(_)) => {
                        self.expr(&mut assign.right, context)
                    }
                    other => self.expr(other, context),
                }
            }
            let variables = self.variables;
            let mut captured = Vec::new();
            parsed.name_captures(|name| {
                let variable = variables.find(name)?;
                let mut expr = crate::tree::name(name.clone());
                let before = expr.clone();
                captured.push(variable);
                let site = self.site(variable, Use::Read);
                self.visitor.mention(&mut expr, site);
                if expr == before { None } else { Some(expr) }
            });
            mac.tokens = quote::quote!(#parsed);
        } else {
            let mut names = Vec::new();
            words(mac.tokens.clone(), &mut names);
            for name in names {
                if let Some(variable) = self.variables.find(&name) {
                    let site = self.site(variable, Use::Read);
                    self.visitor.hidden(mac, site);
                }
            }
        }
    }
}

/// The words among the tokens of a macro, and those that its texts may capture.
fn words(tokens: TokenStream, names: &mut Vec<proc_macro2::Ident>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut after_dot = false;
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name) if !after_dot => names.push(name.clone()),
            TokenTree::Group(group) if !is_stringify(&tokens[..index]) => words(group.stream(), names),
            TokenTree::Literal(text) => {
                let captured = captures(&text.to_string());
                names.extend(captured.into_iter().map(|name| proc_macro2::Ident::new(&name, text.span())));
            }
            _ => {}
        }
        after_dot = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '.');
    }
}
