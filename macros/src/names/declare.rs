//! How variables get their names.

use std::collections::HashMap;

use crate::visit_mut::VisitMut;
use proc_macro2::{Ident, Span};
use syn::{FnArg, Pat, PatIdent};

use super::shown::Shows;
use super::{Parameter, Resolver, at, binds, types};
use crate::emit::signature;
use crate::error;
use crate::graph::Borrowing;

impl Resolver<'_> {
    pub(super) fn fresh(&mut self, name: &Ident) -> Ident {
        let written = name.to_string();
        // No name of a variable looks like a constant's.
        let is_upper = written.trim_start_matches('_').starts_with(char::is_uppercase);
        let text = if is_upper { format!("var_{written}") } else { written.clone() };
        let declared = self.shown.declare(&written);
        let mut unique = text.clone();
        let mut number = 1;
        // The name is another one's, which is shown.
        if self.before.kept.get(&written).is_some_and(|&kept| kept != declared) {
            number = 2;
            unique = format!("{}__{number}", text.trim_start_matches("r#"));
        }
        while !self.taken.insert(unique.clone()) {
            number += 1;
            unique = format!("{}__{number}", text.trim_start_matches("r#"));
        }
        let unique = if number == 1 && !is_upper { name.clone() } else { Ident::new(&unique, name.span()) };
        self.shown.call(&written, declared, &unique);
        unique
    }

    /// A variable is mentioned by this name.
    pub(super) fn mentioned(&mut self, name: &Ident, unique: &Ident) {
        self.suspects.mentioned(unique);
        if self.shows == Shows::Nothing {
            return;
        }
        self.shown.show(unique, self.shows);
        if self.shows == Shows::Words && unique != name {
            self.errors.report(
                error::SHOWN,
                name.span(),
                format!("the name of `{name}` would be shown as another one"),
            );
        }
    }

    /// What a refutable pattern binds may be constants.
    pub(super) fn declare_refutable(&mut self, pattern: &mut Pat, is_certain: bool) {
        let before = pattern.clone();
        self.declare(pattern);
        self.suspects.declare(&before, pattern, is_certain);
    }

    pub(super) fn parameter(&mut self, index: usize, argument: &FnArg) -> Parameter {
        match argument {
            FnArg::Receiver(receiver) => {
                let unique = Ident::new("__self", receiver.self_token.span);
                self.taken.insert(unique.to_string());
                self.scopes[0].insert("self".into(), unique.clone());
                let variable = self.variables.add(unique);
                self.variables[variable].plain = matches!(receiver.kind, syn::ReceiverKind::Reference(..));
                self.variables[variable].owned = matches!(receiver.kind, syn::ReceiverKind::Value);
                self.variables[variable].shared =
                    matches!(&receiver.kind, syn::ReceiverKind::Reference(_, _, mutability) if mutability.is_none());
                self.variables[variable].borrowing = match &receiver.kind {
                    syn::ReceiverKind::Reference(_, _, mutability) if mutability.is_some() => Borrowing::Mutable,
                    syn::ReceiverKind::Typed(_, ty) => types::borrowing(ty),
                    _ => Borrowing::No,
                };
                Parameter {
                    name: Ident::new("self", receiver.self_token.span),
                    pattern: None,
                    variable,
                    unpack: None,
                    behind: Vec::new(),
                    captured: false,
                }
            }
            FnArg::Typed(typed) => {
                let simple = match &*typed.pat {
                    Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => {
                        Some(pattern.ident.clone())
                    }
                    _ => None,
                };
                let (name, unpack) = match simple {
                    Some(name) => {
                        self.check_context(&name);
                        // It is seen outside.
                        self.before.kept.remove(&name.to_string());
                        let unique = self.fresh(&name);
                        self.scopes[0].insert(name.to_string(), unique.clone());
                        (unique, None)
                    }
                    None => {
                        let unpack =
                            if matches!(&*typed.pat, Pat::Wild(_)) { None } else { Some((*typed.pat).clone()) };
                        (self.nameless(index), unpack)
                    }
                };
                let is_nameless = unpack.is_some() || matches!(&*typed.pat, Pat::Wild(_));
                let variable = self.variables.add(name.clone());
                self.variables[variable].role = if is_nameless { "parameter" } else { "" };
                self.variables[variable].written = Some((*typed.ty).clone()).filter(|ty| !signature::is_opaque(ty));
                types::tell(&typed.ty, &mut self.variables[variable]);
                Parameter {
                    name,
                    pattern: Some((*typed.pat).clone()),
                    variable,
                    unpack,
                    behind: Vec::new(),
                    captured: false,
                }
            }
        }
    }

    /// The name of a parameter that is a pattern.
    fn nameless(&mut self, index: usize) -> Ident {
        let mut name = format!("__parameter_{index}");
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        Ident::new(&name, Span::call_site())
    }

    /// Declares what a pattern binds, in the innermost scope, renaming where needed.
    pub(super) fn declare(&mut self, pattern: &mut Pat) {
        let mut seen: HashMap<String, Ident> = HashMap::new();
        self.declare_in(pattern, &mut seen);
        let innermost = self.scopes.len() - 1;
        self.scopes[innermost].extend(seen);
    }

    /// Whether a name that looks like a constant's is that of a variable: then there is no constant of that name around the function,
    /// so a pattern binds it.
    fn hides(&self, ident: &PatIdent, seen: &HashMap<String, Ident>) -> bool {
        if binds(ident) {
            return false;
        }
        let name = ident.ident.to_string();
        (self.lookup(&name).is_some() || seen.contains_key(&name))
            && self.before.constants.as_ref().is_some_and(|constants| !constants.contains(&name))
    }

    pub(super) fn declare_in(&mut self, pattern: &mut Pat, seen: &mut HashMap<String, Ident>) {
        match pattern {
            Pat::Ident(ident) => {
                if let Some((_, inner)) = &mut ident.subpat {
                    self.declare_in(inner, seen);
                }
                if self.hides(ident, seen) {
                    ident.mutability = Some(Default::default());
                }
                if binds(ident) {
                    self.check_context(&ident.ident);
                    let text = ident.ident.to_string();
                    // The alternatives of an or-pattern bind the same variables.
                    let unique = match seen.get(&text) {
                        Some(unique) => unique.clone(),
                        None => {
                            let unique = self.fresh(&ident.ident);
                            if self.closures == 0 {
                                self.variables.add(unique.clone());
                            }
                            seen.insert(text, unique.clone());
                            unique
                        }
                    };
                    ident.ident = at(&unique, ident.ident.span());
                }
            }
            Pat::Struct(structure) => {
                for field in &mut structure.fields {
                    if field.colon_token.is_none() {
                        let before = field.pat.clone();
                        self.declare_in(&mut field.pat, seen);
                        if *before != *field.pat {
                            field.colon_token = Some(Default::default());
                        }
                    } else {
                        self.declare_in(&mut field.pat, seen);
                    }
                }
            }
            Pat::Or(or) => or.cases.iter_mut().for_each(|case| self.declare_in(case, seen)),
            Pat::Paren(inner) => self.declare_in(&mut inner.pat, seen),
            Pat::Reference(inner) => self.declare_in(&mut inner.pat, seen),
            Pat::Type(inner) => self.declare_in(&mut inner.pat, seen),
            Pat::Slice(slice) => slice.elems.iter_mut().for_each(|element| self.declare_in(element, seen)),
            Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(|element| self.declare_in(element, seen)),
            Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(|element| self.declare_in(element, seen)),
            Pat::Guard(guard) => {
                self.declare_in(&mut guard.pat, seen);
                self.scopes.push(seen.clone());
                self.visit_expr_mut(&mut guard.guard);
                // What the guard binds, the arm's body sees.
                if let Some(bound) = self.scopes.pop() {
                    *seen = bound;
                }
            }
            _ => {}
        }
    }

    /// The same name in two hygiene contexts would mean two variables to rustc and one to us.
    pub(super) fn check_context(&mut self, name: &Ident) {
        let text = name.to_string();
        // On a stable compiler a span's context shows in its `Debug` form alone: `#4 bytes(10..20)`.
        let shown = format!("{:?}", name.span());
        let Some(context) = shown.split_whitespace().next().filter(|first| first.starts_with('#')) else { return };
        if text.starts_with("__") {
            return;
        }
        match self.contexts.get(&text) {
            None => {
                self.contexts.insert(text, context.to_string());
            }
            Some(first) if first == context || first.is_empty() => {}
            Some(_) => {
                // Once is enough.
                self.contexts.insert(text, String::new());
                self.errors.report(
                    error::TWO_CONTEXTS,
                    name.span(),
                    format!("two variables of the name `{name}` that only rustc can tell apart"),
                );
            }
        }
    }
}
