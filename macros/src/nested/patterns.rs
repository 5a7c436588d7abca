//! Patterns that take a captured variable apart.
//!
//! # The problem
//! In a closure or an `async` block `let (a, _) = p` captures `p.0` alone, and `let _ = p` nothing; what is left is dropped with the
//! variable outside. By its spelling either mentions `p`.
//!
//! # The design
//! Of a variable that is known to be no reference, such a pattern becomes what it means, `let a = p.0`: what is captured of fields is
//! known ([`fields`](super::fields), [`captures`](crate::captures)). Where that is not known, or the pattern cannot be written so, the
//! variable is captured whole, which must then not matter ([`left`](super::left)).

use std::collections::HashSet;

use crate::visit_mut::{self, VisitMut};
use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Block, Expr, Member, Pat, Stmt, Token, Type, parse_quote_spanned};

use super::Bound;
use crate::graph::Variables;
use crate::{tree, walk};

/// Writes the patterns of closures and blocks as what they capture.
pub fn spread(body: &mut Block, variables: &Variables) {
    Outside { variables }.visit_block_mut(body);
}

struct Outside<'a> {
    variables: &'a Variables,
}

impl VisitMut for Outside<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(_) | Expr::Async(_) => {
                let own = Bound::everywhere(expr).into_iter().collect();
                Inside { variables: self.variables, own }.visit_expr_mut(expr);
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

struct Inside<'a> {
    variables: &'a Variables,
    /// What is bound in the closure or block.
    own: HashSet<Ident>,
}

impl Inside<'_> {
    /// A captured variable; and whether it is known to be no reference. (The field of one may be behind a `Deref`, which runs.)
    fn captured(&self, place: &Expr) -> Option<bool> {
        let Expr::Path(path) = tree::bare(place) else { return None };
        let name = path.path.get_ident()?;
        let variable = self.variables.find(name).filter(|_| !self.own.contains(name))?;
        Some(self.variables[variable].owned)
    }

    /// What a `let` of a pattern means, if that can be written.
    fn parts(&self, pattern: &Pat, place: &Expr) -> Option<Vec<Stmt>> {
        let owned = self.captured(place)?;
        let mut lets = Vec::new();
        match typed(pattern) {
            (Pat::Wild(_), _) => {}
            (inner @ (Pat::Tuple(_) | Pat::TupleStruct(_) | Pat::Struct(_)), ty) if owned && walk::leaves(inner) => {
                parts(inner, ty, tree::bare(place), &mut lets)?;
            }
            _ => return None,
        }
        Some(lets)
    }
}

impl VisitMut for Inside<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        let all = std::mem::take(&mut block.stmts);
        for statement in all {
            let parts = match &statement {
                Stmt::Local(local) => {
                    let init = local.init.as_ref().filter(|init| init.diverge.is_none());
                    init.and_then(|init| self.parts(&local.pat, &init.expr))
                }
                _ => None,
            };
            match parts {
                Some(parts) => block.stmts.extend(parts),
                None => block.stmts.push(statement),
            }
        }
    }
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        match expr {
            Expr::Match(choice) if self.captured(&choice.expr).is_some() => {
                if choice.arms.iter().all(|arm| is_wild(&arm.pat)) {
                    *choice.expr = tree::unit();
                } else if let [arm] = &choice.arms[..]
                    && let Some(parts) = self.parts(&arm.pat, &choice.expr)
                {
                    let body = &arm.body;
                    *expr = parse_quote_spanned!(choice.match_token.span()=> { #(#parts)* #body });
                }
            }
            Expr::Let(condition) if is_wild(&condition.pat) && self.captured(&condition.expr).is_some() => {
                *condition.expr = tree::unit();
            }
            _ => {}
        }
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// A pattern and the type that is written with it.
pub(super) fn typed(pattern: &Pat) -> (&Pat, Option<&Type>) {
    match pattern {
        Pat::Type(inner) => (typed(&inner.pat).0, Some(&inner.ty)),
        Pat::Paren(inner) => typed(&inner.pat),
        pattern => (pattern, None),
    }
}

fn is_wild(pattern: &Pat) -> bool {
    match pattern {
        Pat::Guard(inner) => is_wild(&inner.pat),
        pattern => matches!(typed(pattern).0, Pat::Wild(_)),
    }
}

/// A `let` for each name of a pattern.
fn parts(pattern: &Pat, ty: Option<&Type>, place: &Expr, lets: &mut Vec<Stmt>) -> Option<()> {
    let span = pattern.span();
    match pattern {
        Pat::Paren(inner) => return parts(&inner.pat, ty, place, lets),
        Pat::Wild(_) => {}
        Pat::Ident(ident) if ident.subpat.is_none() && (ident.by_ref.is_some() || walk::takes(pattern)) => {
            let ty = ty.filter(|_| ident.by_ref.is_none()).map(|ty| quote::quote!(: #ty));
            lets.push(parse_quote_spanned!(span=> let #pattern #ty = #place;));
        }
        Pat::Tuple(tuple) => {
            let types = match ty {
                Some(Type::Tuple(types)) if types.elems.len() == tuple.elems.len() => Some(types),
                _ => None,
            };
            elements(&tuple.elems, |index| types.map(|types| &types.elems[index]), place, lets)?;
        }
        Pat::TupleStruct(tuple) if walk::is_structure(&tuple.path) => elements(&tuple.elems, |_| None, place, lets)?,
        Pat::Struct(structure) if walk::is_structure(&structure.path) => {
            for field in &structure.fields {
                let member = &field.member;
                parts(&field.pat, None, &parse_quote_spanned!(span=> #place.#member), lets)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn elements<'t>(
    patterns: &syn::punctuated::Punctuated<Pat, Token![,]>,
    ty: impl Fn(usize) -> Option<&'t Type>,
    place: &Expr,
    lets: &mut Vec<Stmt>,
) -> Option<()> {
    for (index, pattern) in patterns.iter().enumerate() {
        if matches!(pattern, Pat::Rest(_)) {
            // How many there are is not known here.
            return (index + 1 == patterns.len()).then_some(());
        }
        let member = Member::from(index);
        parts(pattern, ty(index), &parse_quote_spanned!(pattern.span()=> #place.#member), lets)?;
    }
    Some(())
}
