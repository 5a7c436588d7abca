//! Patterns that take a captured variable apart.
//!
//! # The problem
//! In a closure or an `async` block `let (a, _) = p` captures `p.0` alone, and `let _ = p` nothing; what is left is dropped with the
//! variable outside. By its spelling either mentions `p`.
//!
//! # The design
//! Of a variable that is known to be no reference, such a pattern becomes what it means, `let a = p.0`: what is captured of fields is
//! known ([`fields`](super::fields), [`captures`](crate::captures)). Where that is not known, or the pattern cannot be written so, the
//! variable is captured whole, which must then not matter ([`leaves_something`]). So it is with `P { a, ..p }`, which captures the
//! fields that it does not name. A pattern that may be a variant's is another matter:
//! it asks which one, so rustc captures all that it is matched against, too.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
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
fn typed(pattern: &Pat) -> (&Pat, Option<&Type>) {
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

/// Whether some pattern, or a structure that is made of it, leaves something of a variable of which nothing else mentions all: rustc
/// captures parts of it.
pub fn leaves_something(code: &Expr, name: &Ident) -> bool {
    let mut find = Leaves { name, left: false, whole: false, replaced: Vec::new(), mentioned: Vec::new() };
    find.visit_expr(code);
    let is_left = find.replaced.iter().any(|member| !find.mentioned.contains(member));
    (find.left || is_left) && !find.whole
}

struct Leaves<'a> {
    name: &'a Ident,
    left: bool,
    whole: bool,
    /// The fields that structures which are made of it name.
    replaced: Vec<Member>,
    /// The fields that are mentioned beside.
    mentioned: Vec<Member>,
}

impl Leaves<'_> {
    /// Whether it is the variable before a pattern that leaves something of it.
    fn is_left<'p>(&mut self, place: &Expr, patterns: impl IntoIterator<Item = &'p Pat>) -> bool {
        let is_it = matches!(tree::bare(place), Expr::Path(path) if path.path.is_ident(self.name));
        let mut some = false;
        let is_left = is_it
            && patterns.into_iter().all(|pattern| {
                some |= is_parting(pattern) && walk::leaves(pattern);
                is_parting(pattern) || matches!(pattern, Pat::Wild(_))
            })
            && some;
        self.left |= is_left;
        is_left
    }
}

impl<'ast> Visit<'ast> for Leaves<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        match &local.init {
            Some(init) if self.is_left(&init.expr, [&local.pat]) => {
                init.diverge.iter().for_each(|(_, otherwise)| self.visit_expr(otherwise));
            }
            _ => visit::visit_local(self, local),
        }
    }
    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        if self.is_left(&choice.expr, choice.arms.iter().map(|arm| &arm.pat)) {
            choice.arms.iter().for_each(|arm| self.visit_arm(arm));
        } else {
            visit::visit_expr_match(self, choice);
        }
    }
    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if matches!(&*field.base, Expr::Path(path) if path.path.is_ident(self.name)) {
            self.mentioned.push(field.member.clone());
        } else {
            visit::visit_expr_field(self, field);
        }
    }
    fn visit_expr_struct(&mut self, structure: &'ast syn::ExprStruct) {
        let is_made_of_it =
            matches!(structure.rest.as_deref(), Some(Expr::Path(path)) if path.path.is_ident(self.name));
        if is_made_of_it {
            self.replaced.extend(structure.fields.iter().map(|field| field.member.clone()));
            structure.fields.iter().for_each(|field| self.visit_expr(&field.expr));
        } else {
            visit::visit_expr_struct(self, structure);
        }
    }
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.whole |= path.path.is_ident(self.name);
    }
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        match crate::names::arguments(mac) {
            Some(mut arguments) => {
                arguments.list.iter().for_each(|argument| Leaves::visit_expr(self, crate::names::value_of(argument)));
                crate::names::name_captures(&mut arguments.list, |captured| {
                    self.whole |= captured == self.name;
                    None
                });
            }
            None => self.whole |= mac.tokens.to_string().contains(&self.name.to_string()),
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether a pattern takes a tuple or a structure apart, by its spelling.
fn is_parting(pattern: &Pat) -> bool {
    match typed(pattern).0 {
        Pat::Tuple(_) => true,
        Pat::TupleStruct(tuple) => walk::is_structure(&tuple.path),
        Pat::Struct(structure) => walk::is_structure(&structure.path),
        Pat::Or(or) => or.cases.iter().all(is_parting),
        Pat::Guard(guarded) => is_parting(&guarded.pat),
        _ => false,
    }
}
