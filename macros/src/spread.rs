//! Assignments to patterns.
//!
//! # The problem
//! `(a, b) = (b, a + b)` assigns to several places, and `_ = lock` or `(a, _) = pair` leaves what stands for `_` where it is: it is no
//! expression that evaluates its left side.
//!
//! # The design
//! What the language reference calls a destructuring assignment becomes the block that it defines it by: a `let` with a name for each
//! place, and an assignment for each. What follows of it (what a pattern leaves, slots, the order of drops) is known of these.

use crate::visit_mut::{self, VisitMut};
use quote::format_ident;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Block, Expr, Ident, Pat, parse_quote_spanned};

use crate::lower::is_variant;
use crate::tree;

/// Spreads the assignments of a body.
pub fn assignments(body: &mut Block) {
    Spread.visit_block_mut(body);
}

struct Spread;

impl VisitMut for Spread {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let Expr::Assign(assign) = expr else { return };
        let span = assign.eq_token.span();
        let mut places = Vec::new();
        let Some(pattern) = pattern(&assign.left, &mut places).filter(|pattern| !matches!(pattern, Pat::Ident(_)))
        else {
            return;
        };
        let value = &assign.right;
        let names = places.iter().enumerate().map(|(number, place)| name(number, place));
        *expr = parse_quote_spanned!(span=> { let #pattern = #value; #(#places = #names;)* });
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

fn name(number: usize, place: &Expr) -> Ident {
    format_ident!("__assigned_{}", number, span = place.span())
}

/// The pattern for the left side of an assignment, with names for the places in it; `None` for what is none.
fn pattern(left: &Expr, places: &mut Vec<Expr>) -> Option<Pat> {
    Some(match left {
        Expr::Paren(inner) => pattern(&inner.expr, places)?,
        Expr::Group(inner) => pattern(&inner.expr, places)?,
        Expr::Infer(inner) => Pat::Wild(syn::PatWild { attrs: Vec::new(), underscore_token: inner.underscore_token }),
        Expr::Range(range) if range.start.is_none() && range.end.is_none() => {
            Pat::Rest(syn::PatRest { attrs: Vec::new(), dot2_token: Default::default() })
        }
        Expr::Tuple(tuple) => Pat::Tuple(syn::PatTuple {
            attrs: Vec::new(),
            paren_token: tuple.paren_token,
            elems: elements(&tuple.elems, places)?,
        }),
        Expr::Array(array) => Pat::Slice(syn::PatSlice {
            attrs: Vec::new(),
            bracket_token: array.bracket_token,
            elems: elements(&array.elems, places)?,
        }),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            Pat::TupleStruct(syn::PatTupleStruct {
                attrs: Vec::new(),
                qself: path.qself.clone(),
                path: path.path.clone(),
                paren_token: call.paren_token,
                elems: elements(&call.args, places)?,
            })
        }
        Expr::Struct(structure) if structure.rest.is_none() => {
            let field = |field: &syn::FieldValue, places: &mut Vec<Expr>| {
                Some(syn::FieldPat {
                    attrs: Vec::new(),
                    member: field.member.clone(),
                    colon_token: Some(Default::default()),
                    pat: Box::new(pattern(&field.expr, places)?),
                })
            };
            if structure.fields.iter().any(|field| !field.attrs.is_empty()) {
                return None;
            }
            let mut fields = Punctuated::new();
            for one in &structure.fields {
                fields.push(field(one, places)?);
            }
            let rest = structure.dot2_token.map(|dot2_token| syn::PatRest { attrs: Vec::new(), dot2_token });
            Pat::Struct(syn::PatStruct {
                attrs: Vec::new(),
                qself: structure.qself.clone(),
                path: structure.path.clone(),
                brace_token: structure.brace_token,
                fields,
                rest,
            })
        }
        // A structure without fields, or a variant.
        Expr::Path(path) if is_variant(left) => Pat::Path(path.clone()),
        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) => {
            let name = name(places.len(), left);
            places.push(left.clone());
            tree::binding(None, name)
        }
        _ => return None,
    })
}

fn elements<P: Default>(left: &Punctuated<Expr, P>, places: &mut Vec<Expr>) -> Option<Punctuated<Pat, P>> {
    let mut patterns = Punctuated::new();
    for pair in left.pairs() {
        patterns.push_value(pattern(pair.value(), places)?);
        if pair.punct().is_some() {
            patterns.push_punct(P::default());
        }
    }
    Some(patterns)
}
