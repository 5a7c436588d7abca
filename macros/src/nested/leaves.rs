//! What is left outside by a closure or a block that mentions a variable.
//!
//! # The problem
//! rustc's closure captures `p.a` alone for `let P { a, .. } = p`, or for `P { b, ..p }`, which takes the fields that it does not name;
//! what is left is dropped with the variable. A pattern that may be a variant's asks which one, as an `if let` does, so rustc captures
//! all that it is matched against; but if it only copies, a closure without `move` borrows that.
//!
//! # The design
//! The machine's closure has all of the variable. Then what is left must not need to be dropped ([`Left::Parts`]), or one of the
//! bindings must ([`Left::Unless`]): so it is none that only copies.

use crate::visit::{self, Visit};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Member, Pat, parse_quote_spanned};

use super::patterns::typed;
use crate::{tree, walk};

/// What is left of a variable.
pub enum Left {
    Nothing,
    /// Parts, by patterns or structures.
    Parts,
    /// All of it, unless one of each of these patterns' bindings is moved.
    Unless(Vec<Vec<Pat>>),
}

/// What is left of a variable, or of a field for which it stands, by code that captures it.
pub fn left(code: &Expr, name: &Ident) -> Left {
    let mut find =
        Find { name, left: false, whole: false, replaced: Vec::new(), mentioned: Vec::new(), matched: Vec::new() };
    find.visit_expr(code);
    let is_left = find.replaced.iter().any(|member| !find.mentioned.contains(member));
    match () {
        () if find.whole => Left::Nothing,
        () if find.left || is_left => Left::Parts,
        () if find.matched.is_empty() => Left::Nothing,
        () => Left::Unless(find.matched),
    }
}

/// A value that is taken, asked whether one of each of the patterns' bindings is moved.
pub fn unless(matched: &[Vec<Pat>], value: Expr, span: Span) -> Expr {
    let (span, at) = crate::place::here(span);
    matched
        .iter()
        .map(|patterns| bindings(patterns))
        .fold(value, |value, bindings| parse_quote_spanned!(span=> __taken_unless::<_, _, #at>(#value, #bindings)))
}

/// The same about a variable that stays where it is.
pub fn unless_copied(matched: &[Vec<Pat>], name: &Ident, span: Span) -> TokenStream {
    let (span, at) = crate::place::here(span);
    let questions = matched.iter().map(|patterns| {
        let bindings = bindings(patterns);
        quote_spanned!(span=> __unless_copied::<_, _, #at>(&#name, #bindings);)
    });
    questions.collect()
}

/// A closure that gives what patterns bind of the value that it is given: `|value| match value { Ok(n) => (Some(n),), _ => … }`.
fn bindings(patterns: &[Pat]) -> TokenStream {
    let bound: Vec<Vec<Ident>> = patterns.iter().map(moved).collect();
    let arms = patterns.iter().enumerate().map(|(index, pattern)| {
        let values = bound.iter().enumerate().flat_map(|(other, names)| {
            names.iter().map(move |name| if other == index { quote!(__Some(#name)) } else { quote!(__None) })
        });
        let pattern = match pattern {
            Pat::Guard(guarded) => &guarded.pat,
            pattern => pattern,
        };
        quote!(#pattern => (#(#values,)*),)
    });
    let value = format_ident!("__value");
    // With `move`, it is none of those that are asked what they take.
    quote!(move |#value| match #value { #(#arms)* _ => __never() })
}

/// What a pattern binds by value.
fn moved(pattern: &Pat) -> Vec<Ident> {
    struct Bound(Vec<Ident>);
    impl<'ast> Visit<'ast> for Bound {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            let is_new = !self.0.contains(&ident.ident);
            if ident.by_ref.is_none() && is_new && walk::takes(&Pat::Ident(ident.clone())) {
                self.0.push(ident.ident.clone());
            }
            visit::visit_pat_ident(self, ident);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut bound = Bound(Vec::new());
    bound.visit_pat(pattern);
    bound.0
}

struct Find<'a> {
    name: &'a Ident,
    left: bool,
    whole: bool,
    /// The fields that structures which are made of it name.
    replaced: Vec<Member>,
    /// The fields that are mentioned beside.
    mentioned: Vec<Member>,
    /// What it is matched against, where rustc captures all of it.
    matched: Vec<Vec<Pat>>,
}

impl Find<'_> {
    fn is_it(&self, place: &Expr) -> bool {
        matches!(tree::bare(place), Expr::Path(path) if path.path.is_ident(self.name))
    }

    /// Whether it is the variable before patterns that leave something of it. `or_not`: they need not match.
    fn is_left(&mut self, place: &Expr, patterns: Vec<&Pat>, or_not: bool) -> bool {
        let is_apart = |pattern: &&Pat| is_parting(pattern) || matches!(pattern, Pat::Wild(_));
        let leaves = |pattern: &&Pat| is_parting(pattern) && walk::leaves(pattern);
        let is_left = self.is_it(place) && patterns.iter().all(is_apart) && patterns.iter().any(leaves);
        self.left |= is_left;
        is_left || self.is_matched(place, patterns, or_not)
    }

    /// Whether it is the variable before patterns that may only copy.
    fn is_matched(&mut self, place: &Expr, patterns: Vec<&Pat>, or_not: bool) -> bool {
        let context = match patterns[..] {
            [pattern] if or_not => walk::matched_or_not(pattern),
            _ => walk::matched(patterns.iter().copied()),
        };
        let is_matched = self.is_it(place) && context == walk::Context::Parts;
        if is_matched {
            self.matched.push(patterns.into_iter().cloned().collect());
        }
        is_matched
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        match &local.init {
            Some(init) if self.is_left(&init.expr, vec![&local.pat], init.diverge.is_some()) => {
                init.diverge.iter().for_each(|(_, otherwise)| self.visit_expr(otherwise));
            }
            _ => visit::visit_local(self, local),
        }
    }
    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        if self.is_left(&choice.expr, choice.arms.iter().map(|arm| &arm.pat).collect(), false) {
            choice.arms.iter().for_each(|arm| self.visit_arm(arm));
        } else {
            visit::visit_expr_match(self, choice);
        }
    }
    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        if !self.is_matched(&condition.expr, vec![&condition.pat], true) {
            visit::visit_expr_let(self, condition);
        }
    }
    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if self.is_it(&field.base) {
            self.mentioned.push(field.member.clone());
        } else {
            visit::visit_expr_field(self, field);
        }
    }
    fn visit_expr_struct(&mut self, structure: &'ast syn::ExprStruct) {
        if structure.rest.as_deref().is_some_and(|rest| self.is_it(rest)) {
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
        let name = self.name;
        self.whole |= super::is_hidden_in(mac, name, |argument| self.visit_expr(argument));
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
