//! `#[cfg]` on parameters, and on the statements, arms and fields of a body.
//!
//! # The problem
//! The attribute sees the body before `cfg` has been decided, and cannot decide it.
//!
//! # The design
//! rustc decides. For the first predicate that is found, the function is written twice, under `#[cfg(P)]` with what
//! depends on `P` settled one way, and under `#[cfg(not(P))]` with it settled the other way; each with the attribute
//! again. rustc drops one of the two before it expands the other, so n predicates cost n expansions more, not 2ⁿ. The arms of
//! `cfg_select!` are settled in the same way, see [`select`].

mod select;

use crate::visit::Visit;
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Block, Expr, FnArg, GenericParam, Meta, Signature, Stmt};

use crate::error::{self, Errors};
use crate::function::Function;

/// The function for either answer to its first predicate; `None` if it has none. (A declaration's are rustc's business.)
pub fn split(function: &Function, options: &TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let Function { attributes, visibility, default, signature, body, .. } = function;
    let body = body.as_ref()?;
    let (span, predicate) = Find::all(signature, body).into_iter().next()?;
    let settled = [true, false].map(|answer| {
        let (mut signature, mut body) = (signature.clone(), body.clone());
        let mut settle = Settle { predicate: predicate.to_string(), answer };
        settle.visit_signature_mut(&mut signature);
        settle.visit_block_mut(&mut body);
        (signature, body)
    });
    let text = predicate.to_string();
    let is_left = |(signature, body)| Find::all(signature, body).iter().any(|(_, other)| other.to_string() == text);
    if settled.iter().map(|(signature, body)| (signature, body)).any(is_left) {
        errors.report(error::CFG, span, "`#[cfg]` on this part of a coroutine's body");
        return None;
    }
    let head = quote!(#[::segno::coroutine(#options)] #(#attributes)* #visibility #default);
    let [(with, yes), (without, no)] = settled;
    Some(quote! {
        #[cfg(#predicate)]
        #head #with #yes
        #[cfg(not(#predicate))]
        #head #without #no
    })
}

/// Removes `#[cfg_attr]` and lints' levels from all that is not an item: the twin keeps them. (On an expression that is not a
/// statement any more, there may be none.)
pub fn remove_conditional_attributes(body: &mut Block) {
    struct Remove;
    impl VisitMut for Remove {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            let removed = ["cfg_attr", "allow", "expect", "warn", "deny"];
            attributes.retain(|attribute| !removed.iter().any(|name| attribute.path().is_ident(name)));
        }
        fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    }
    Remove.visit_block_mut(body);
}

/// The predicate of a `#[cfg]`, without a `not` around it, and whether there was one.
fn predicate(attribute: &Attribute) -> Option<(TokenStream, bool)> {
    let Meta::List(list) = &attribute.meta else { return None };
    list.path.is_ident("cfg").then(|| without_not(list.tokens.clone()))
}

/// A predicate, without a `not` around it, and whether there was one.
fn without_not(predicate: TokenStream) -> (TokenStream, bool) {
    match syn::parse2::<Meta>(predicate.clone()) {
        Ok(Meta::List(inner)) if inner.path.is_ident("not") => (inner.tokens, true),
        _ => (predicate, false),
    }
}

/// The predicates of a function, and where they are.
#[derive(Default)]
struct Find(Vec<(Span, TokenStream)>);

impl Find {
    fn all(signature: &Signature, body: &Block) -> Vec<(Span, TokenStream)> {
        let mut find = Find::default();
        find.visit_signature(signature);
        find.visit_block(body);
        find.0
    }
}

impl<'ast> Visit<'ast> for Find {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Some((predicate, _)) = predicate(attribute) {
            self.0.push((attribute.span(), predicate));
        }
    }
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if let Some(predicate) = select::predicate(mac) {
            self.0.push((mac.path.span(), predicate));
        }
    }
    // An item is emitted as it is, so its attributes are rustc's business.
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

struct Settle {
    predicate: String,
    answer: bool,
}

impl Settle {
    /// Removes the settled attributes; tells whether what they stand on remains.
    fn remains(&self, attributes: &mut Vec<Attribute>) -> bool {
        let mut remains = true;
        attributes.retain(|attribute| match predicate(attribute) {
            Some((predicate, negated)) if predicate.to_string() == self.predicate => {
                remains &= self.answer != negated;
                false
            }
            _ => true,
        });
        remains
    }

    fn expression_remains(&self, expr: &mut Expr) -> bool {
        let target = leftmost(expr);
        let mut attributes = replace_attributes(target, Vec::new());
        let remains = self.remains(&mut attributes);
        replace_attributes(target, attributes);
        remains
    }

    fn retain<P: Default>(&self, elements: &mut Punctuated<Expr, P>) {
        retain(elements, |element| self.expression_remains(element));
    }
}

fn retain<T, P: Default>(elements: &mut Punctuated<T, P>, mut remains: impl FnMut(&mut T) -> bool) {
    let all = std::mem::take(elements);
    let trailing = all.trailing_punct();
    elements.extend(all.into_iter().filter_map(|mut element| remains(&mut element).then_some(element)));
    if trailing && !elements.is_empty() {
        elements.push_punct(P::default());
    }
}

/// The part of a statement to which rustc's grammar, and syn's, attaches its attributes.
fn leftmost(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Assign(inner) => leftmost(&mut inner.left),
        Expr::Binary(inner) => leftmost(&mut inner.left),
        Expr::Cast(inner) => leftmost(&mut inner.expr),
        other => other,
    }
}

/// Exchanges the attributes of an expression, whatever it is.
pub fn replace_attributes(expr: &mut Expr, attributes: Vec<Attribute>) -> Vec<Attribute> {
    struct Outer(Option<Vec<Attribute>>, Vec<Attribute>);
    impl VisitMut for Outer {
        // The first attributes that are visited are the expression's own.
        fn visit_attributes_mut(&mut self, found: &mut Vec<Attribute>) {
            if let Some(new) = self.0.take() {
                self.1 = std::mem::replace(found, new);
            }
        }
    }
    let mut outer = Outer(Some(attributes), Vec::new());
    outer.visit_expr_mut(expr);
    outer.1
}

impl VisitMut for Settle {
    fn visit_signature_mut(&mut self, signature: &mut Signature) {
        retain(&mut signature.inputs, |argument| match argument {
            FnArg::Receiver(receiver) => self.remains(&mut receiver.attrs),
            FnArg::Typed(typed) => self.remains(&mut typed.attrs),
        });
        retain(&mut signature.generics.params, |parameter| match parameter {
            GenericParam::Lifetime(parameter) => self.remains(&mut parameter.attrs),
            GenericParam::Type(parameter) => self.remains(&mut parameter.attrs),
            GenericParam::Const(parameter) => self.remains(&mut parameter.attrs),
        });
        visit_mut::visit_signature_mut(self, signature);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        let statements = std::mem::take(&mut block.stmts);
        let last = statements.len().wrapping_sub(1);
        let settled = |(index, statement)| select::statement(statement, index == last, self);
        block.stmts = statements.into_iter().enumerate().flat_map(settled).collect();
        block.stmts.retain_mut(|statement| match statement {
            Stmt::Local(local) => self.remains(&mut local.attrs),
            Stmt::Macro(mac) => self.remains(&mut mac.attrs),
            Stmt::Expr(expr, _) => self.expression_remains(expr),
            Stmt::Item(_) => true,
        });
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        select::expression(expr, self);
        match expr {
            Expr::Match(choice) => choice.arms.retain_mut(|arm| self.remains(&mut arm.attrs)),
            Expr::Struct(structure) => retain(&mut structure.fields, |field| self.remains(&mut field.attrs)),
            Expr::Call(call) => self.retain(&mut call.args),
            Expr::MethodCall(call) => self.retain(&mut call.args),
            Expr::Array(array) => self.retain(&mut array.elems),
            Expr::Tuple(tuple) => self.retain(&mut tuple.elems),
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_pat_struct_mut(&mut self, pattern: &mut syn::PatStruct) {
        retain(&mut pattern.fields, |field| self.remains(&mut field.attrs));
        visit_mut::visit_pat_struct_mut(self, pattern);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn settled(body: &str, answer: bool) -> String {
        let mut body: Block = syn::parse_str(body).expect("it is a block");
        let signature = syn::parse_str("async fn f()").expect("it is a signature");
        let (_, predicate) = Find::all(&signature, &body).into_iter().next().expect("it has a predicate");
        Settle { predicate: predicate.to_string(), answer }.visit_block_mut(&mut body);
        body.to_token_stream().to_string()
    }

    #[test]
    fn every_position_is_settled() {
        let body = r#"{
            #[cfg(a)] let x = 1;
            #[cfg(not(a))] let x = 2;
            #[cfg(a)] y = x;
            #[cfg(a)] call!(x);
            match x { #[cfg(a)] 1 => {} #[cfg(not(a))] 2 => {} _ => {} }
            let S { #[cfg(a)] p, q } = S { #[cfg(a)] p: 1, q: 2 };
            f(#[cfg(a)] 1, [#[cfg(not(a))] 2, 3]);
            cfg_select! { a => { let y = 1; z(y); } _ => z(2), }
            cfg_select!(not(a) => { y } b => { z } _ => x,);
            #[cfg(a)] { 1 }
            #[cfg(not(a))] { 2 }
        }"#;
        let yes: Block = syn::parse_quote!({
            let x = 1;
            y = x;
            call!(x);
            match x {
                1 => {}
                _ => {}
            }
            let S { p, q } = S { p: 1, q: 2 };
            f(1, [3]);
            let y = 1;
            z(y);
            cfg_select!(b => { z } _ => { x });
            { 1 }
        });
        let no: Block = syn::parse_quote!({
            let x = 2;
            match x {
                2 => {}
                _ => {}
            }
            let S { q } = S { q: 2 };
            f([2, 3]);
            z(2);
            y;
            { 2 }
        });
        assert_eq!(settled(body, true), yes.to_token_stream().to_string());
        assert_eq!(settled(body, false), no.to_token_stream().to_string());
    }
}
