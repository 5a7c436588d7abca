//! Whether a pattern takes out of what it is matched against, or only looks at it.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::Ident;
use syn::{Expr, Pat, Path};

use super::Context;
use crate::apart::has_rest;
use crate::graph::{VariableId, Variables};

/// Whether a pattern takes something out of what it is matched against.
pub fn takes(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(ident) => {
            (ident.by_ref.is_none() && {
                let text = ident.ident.to_string();
                ident.mutability.is_some()
                    || !text.trim_start_matches('_').starts_with(|first: char| first.is_uppercase())
            }) || ident.subpat.as_ref().is_some_and(|(_, inner)| takes(inner))
        }
        Pat::Or(or) => or.cases.iter().any(takes),
        Pat::Paren(inner) => takes(&inner.pat),
        Pat::Type(inner) => takes(&inner.pat),
        Pat::Guard(inner) => takes(&inner.pat),
        Pat::Slice(slice) => slice.elems.iter().any(takes),
        Pat::Tuple(tuple) => tuple.elems.iter().any(takes),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(takes),
        Pat::Struct(structure) => structure.fields.iter().any(|field| takes(&field.pat)),
        _ => false,
    }
}

/// Whether a pattern leaves nothing where it does not match: `Some(name)`, for there is nothing in a `None`. (Another enum may have a
/// variant of that name.)
pub fn takes_all(pattern: &Pat) -> bool {
    let is_some = |path: &Path| {
        let mut segments = path.segments.iter().rev();
        segments.next().is_some_and(|last| last.ident == "Some")
            && segments.next().is_none_or(|of| of.ident == "Option")
    };
    matches!(pattern, Pat::TupleStruct(tuple)
        if is_some(&tuple.path)
            && matches!(tuple.elems.first(), Some(Pat::Ident(ident)) if ident.by_ref.is_none() && ident.subpat.is_none()))
}

/// Whether there is nothing in what a pattern matches, by its spelling: `None`.
pub fn is_empty(pattern: &Pat) -> bool {
    match pattern {
        Pat::Path(_) => true,
        Pat::Ident(_) => !takes(pattern) && !leaves(pattern),
        _ => false,
    }
}

/// How what is matched against some patterns is used: by value if one of them takes something out.
pub fn matched<'p>(patterns: impl IntoIterator<Item = &'p Pat>) -> Context {
    let (mut taken, mut left) = (false, false);
    for pattern in patterns {
        taken |= takes(pattern);
        left |= leaves(pattern);
    }
    match (taken, left) {
        (false, _) => Context::Place,
        (true, false) => Context::Value,
        (true, true) => Context::Parts,
    }
}

/// The same for a pattern that need not match, before an `else` or in an `if let`: where it does not, all is left.
pub fn matched_or_not(pattern: &Pat) -> Context {
    match matched([pattern]) {
        Context::Value if !takes_all(pattern) && !is_certain(pattern) => Context::Parts,
        context => context,
    }
}

/// Whether a pattern matches everything, by its spelling.
pub fn is_certain(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) | Pat::Rest(_) => true,
        Pat::Ident(ident) => ident.subpat.is_none() && (ident.by_ref.is_some() || takes(pattern)),
        Pat::Paren(inner) => is_certain(&inner.pat),
        Pat::Type(inner) => is_certain(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(is_certain),
        Pat::TupleStruct(tuple) => is_structure(&tuple.path) && tuple.elems.iter().all(is_certain),
        Pat::Struct(structure) => {
            is_structure(&structure.path) && structure.fields.iter().all(|field| is_certain(&field.pat))
        }
        _ => false,
    }
}

/// Whether a path names a structure by its spelling, not a variant.
pub fn is_structure(path: &Path) -> bool {
    let mut names = path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let is_known = |name: &str| matches!(name, "Some" | "None" | "Ok" | "Err");
    names.next().is_some_and(|name| !is_known(&name))
        && names.next().is_none_or(|of| !of.starts_with(char::is_uppercase) || of == "Self")
        && !(path.segments.len() > 1 && path.segments[path.segments.len() - 2].ident == "Self")
}

/// Whether a pattern leaves something of the value where it is.
pub fn leaves(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) | Pat::Rest(_) => true,
        Pat::Ident(ident) => ident.by_ref.is_some(),
        Pat::Or(or) => or.cases.iter().any(leaves),
        Pat::Struct(structure) => structure.rest.is_some() || structure.fields.iter().any(|field| leaves(&field.pat)),
        Pat::Tuple(tuple) => tuple.elems.iter().any(leaves),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(leaves),
        Pat::Slice(slice) => slice.elems.iter().any(leaves),
        Pat::Paren(inner) => leaves(&inner.pat),
        Pat::Type(inner) => leaves(&inner.pat),
        Pat::Guard(inner) => leaves(&inner.pat),
        _ => false,
    }
}

/// Whether a pattern takes a variable, or parts of it, out of where it is. What is left of one in a slot could not be
/// moved to where it would be held, for there may be references to it: it stays there, all of it, and is copied from. (If
/// there are none, and all of it has names, it is moved as any other.)
pub fn is_taken_by(variable: VariableId, pattern: &Pat, variables: &Variables) -> bool {
    let entry = &variables[variable];
    // Nothing else can refer to a variable that the user has no name for.
    let nameless = || entry.temporary || entry.role == "parameter";
    let alone = || entry.alone && !entry.outer && !has_rest(pattern);
    takes(pattern) && (!entry.anchored || nameless() || !leaves(pattern) || alone())
}

/// How what stands before a pattern is used by it. `or_not`: it need not match.
pub fn matched_by(value: &Expr, pattern: &Pat, or_not: bool, variables: &Variables) -> Context {
    match variables.of_path(value) {
        Some(variable) if !is_taken_by(variable, pattern, variables) => Context::Place,
        _ if or_not => matched_or_not(pattern),
        _ => matched([pattern]),
    }
}

/// A pattern in which some variables have other names: those that `name` gives. A field that is written in short keeps its
/// member's name.
pub fn renamed(pattern: &Pat, variables: &Variables, name: impl Fn(VariableId) -> Option<Ident>) -> Pat {
    struct Rename<'a, F>(&'a Variables, F);
    impl<F: Fn(VariableId) -> Option<Ident>> VisitMut for Rename<'_, F> {
        fn visit_field_pat_mut(&mut self, field: &mut syn::FieldPat) {
            field.colon_token.get_or_insert_default();
            visit_mut::visit_field_pat_mut(self, field);
        }
        fn visit_pat_ident_mut(&mut self, ident: &mut syn::PatIdent) {
            if let Some(name) = self.0.find(&ident.ident).and_then(&self.1) {
                ident.ident = name;
            }
            visit_mut::visit_pat_ident_mut(self, ident);
        }
        fn visit_expr_mut(&mut self, _: &mut Expr) {}
    }
    let mut pattern = pattern.clone();
    Rename(variables, name).visit_pat_mut(&mut pattern);
    pattern
}
