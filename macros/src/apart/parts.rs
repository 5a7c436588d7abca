//! Patterns of which every part has a name.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Expr, Pat, parse_quote, parse_quote_spanned};

use super::{HIDDEN, new};
use crate::enclosing;
use crate::graph::{Op, VariableId, Variables};
use crate::lower::bound;
use crate::place::here;
use crate::rest_patterns::{self, Part};
use crate::walk::{self, Context};

/// A pattern of which every part has a name.
pub struct Parts {
    pub pattern: Pat,
    /// The variables of the parts that had none, last declared first: what is left of a value is dropped field by field,
    /// in order.
    hidden: Vec<VariableId>,
    /// The pattern does not bind them, but what they are given.
    apart: bool,
    /// References to parts: their names, whether they are exclusive, the parts.
    references: Vec<(Ident, Option<syn::Token![mut]>, VariableId)>,
    /// What else is bound of such a part, where `name @ PATTERN` refers to it: the pattern, the part.
    within: Vec<(Pat, VariableId)>,
    /// What rustc is asked about the parts once they have their names.
    checks: Vec<Expr>,
    /// The variables that the pattern no longer binds.
    referring: Vec<VariableId>,
}

impl Parts {
    /// Of a pattern for a value that has no variable: each `_` that may stand for a part of it becomes a variable, so that the
    /// part can be held, and so does what a `ref` borrows.
    pub fn of_held(pattern: Pat, variables: &mut Variables) -> Parts {
        Parts::of(pattern, false, variables)
    }

    /// Of a pattern that takes a variable apart. What a `ref` borrows gets a variable too.
    pub fn of_variable(pattern: Pat, whole: VariableId, variables: &mut Variables) -> Parts {
        let parts = Parts::of(pattern, true, variables);
        for &hidden in &parts.hidden {
            variables[hidden].scope = variables[whole].scope;
            variables[hidden].order = variables[whole].order;
        }
        parts
    }

    fn of(mut pattern: Pat, apart: bool, variables: &mut Variables) -> Parts {
        let mut parts = Parts {
            pattern: parse_quote!(_),
            hidden: Vec::new(),
            apart,
            references: Vec::new(),
            within: Vec::new(),
            checks: Vec::new(),
            referring: Vec::new(),
        };
        parts.replace(&mut pattern, variables);
        parts.pattern = pattern;
        parts
    }

    fn part(&mut self, span: proc_macro2::Span, variables: &mut Variables) -> Ident {
        let variable = variables.temporary(HIDDEN, span);
        self.hidden.push(variable);
        let name = &variables[variable].name;
        if self.apart { new(name) } else { name.clone() }
    }

    fn replace(&mut self, pattern: &mut Pat, variables: &mut Variables) {
        match pattern {
            Pat::Wild(wild) => {
                let name = self.part(wild.span(), variables);
                *pattern = parse_quote!(#name);
            }
            Pat::Ident(ident) if ident.by_ref.is_some() => {
                let name = self.part(ident.ident.span(), variables);
                let part = self.hidden[self.hidden.len() - 1];
                // What it borrows may be held across a suspension.
                variables[part].anchored = true;
                self.referring.extend(variables.find(&ident.ident));
                self.references.push((ident.ident.clone(), ident.mutability, part));
                *pattern = match ident.subpat.take() {
                    Some((_, inner)) => {
                        let looked_at = looking(&inner, variables);
                        let others = bound(&inner, variables);
                        if !others.is_empty() {
                            self.referring.extend(others);
                            self.within.push((*inner, part));
                        }
                        parse_quote!(#name @ #looked_at)
                    }
                    None => parse_quote!(#name),
                };
            }
            // What is left of a value is dropped field by field, in order: the first is declared last.
            Pat::Tuple(tuple) => {
                tuple.elems.iter_mut().rev().for_each(|element| self.replace(element, variables));
            }
            Pat::TupleStruct(tuple) => {
                tuple.elems.iter_mut().rev().for_each(|element| self.replace(element, variables));
            }
            Pat::Struct(structure) => {
                let name = rest_patterns::name_of(&structure.path);
                match name.and_then(|name| variables.declared.get(&name)).cloned() {
                    Some(declared) => self.replace_fields(structure, &declared, variables),
                    None => self.replace_in_any_order(structure, variables),
                }
            }
            Pat::Slice(slice) => {
                for element in &mut slice.elems {
                    if matches!(element, Pat::Rest(_)) {
                        let name = self.part(element.span(), variables);
                        *element = parse_quote!(#name @ ..);
                    } else {
                        self.replace(element, variables);
                    }
                }
            }
            Pat::Paren(inner) => self.replace(&mut inner.pat, variables),
            Pat::Type(inner) => self.replace(&mut inner.pat, variables),
            Pat::Guard(inner) => self.replace(&mut inner.pat, variables),
            _ => {}
        }
    }

    /// The fields of a structure of which is known in what order they are declared.
    fn replace_fields(&mut self, structure: &mut syn::PatStruct, declared: &[Part], variables: &mut Variables) {
        for part in declared.iter().rev() {
            let field = structure.fields.iter_mut().find(|field| enclosing::spelt(&field.member) == part.name);
            // What need not be dropped need not be held.
            if let Some(field) = field.filter(|field| !(part.is_plain && matches!(*field.pat, Pat::Wild(_)))) {
                self.replace(&mut field.pat, variables);
            }
        }
    }

    /// The same, where it is not: not more than one part may need to be dropped.
    fn replace_in_any_order(&mut self, structure: &mut syn::PatStruct, variables: &mut Variables) {
        let mut all: Option<Expr> = None;
        for field in structure.fields.iter_mut().rev() {
            let first = self.hidden.len();
            self.replace(&mut field.pat, variables);
            let Some(probe) = probe(&self.hidden[first..], variables) else { continue };
            all = Some(match all {
                Some(others) => {
                    let (span, place) = here(field.span());
                    self.checks.push(parse_quote_spanned!(span=> #others.beside::<_, #place>(#probe)));
                    parse_quote!(#others.with(#probe))
                }
                None => probe,
            });
        }
    }

    /// The variables of the parts that had no name, the last part's first.
    pub fn hidden(&self) -> &[VariableId] {
        &self.hidden
    }

    /// Whether a variable is now a reference that [`Parts::after`] makes.
    pub(super) fn refers_to(&self, variable: VariableId) -> bool {
        self.referring.contains(&variable)
    }

    /// What follows the pattern.
    pub fn after(&self, variables: &Variables) -> Vec<Op> {
        let mut ops = Vec::new();
        for &part in self.hidden.iter().filter(|_| self.apart) {
            let value = new(&variables[part].name);
            ops.push(Op::Assign(part, parse_quote!(#value)));
        }
        ops.extend(self.checks.iter().cloned().map(Op::Effect));
        for (name, mutability, part) in self.references.iter().rev() {
            let part = &variables[*part].name;
            ops.push(Op::Let {
                pattern: parse_quote!(#name),
                init: parse_quote!(&#mutability #part),
                otherwise: None,
                binds: variables.find(name).into_iter().collect(),
            });
        }
        for (pattern, part) in self.within.iter().rev() {
            let part = &variables[*part].name;
            // (It has matched.)
            ops.push(Op::Let {
                pattern: parse_quote!(&#pattern),
                init: parse_quote!(&#part),
                otherwise: Some(parse_quote!({ ::core::unreachable!() })),
                binds: bound(pattern, variables),
            });
        }
        ops
    }

    /// What is left is dropped where the variable gets another value: it must not need to be.
    pub(super) fn renewed(&self, variables: &Variables) -> Vec<Op> {
        let ask = |&part: &VariableId| {
            let name = &variables[part].name;
            let (span, place) = here(name.span());
            Op::Effect(parse_quote_spanned!(span=> __probe(&#name).renewed::<#place>()))
        };
        self.hidden.iter().map(ask).collect()
    }

    /// Before a guard is decided there are no references yet.
    pub(super) fn substitute(&self, guard: &mut Expr, variables: &Variables) {
        struct Substitute<'a>(&'a Parts, &'a Variables);
        impl walk::Visitor for Substitute<'_> {
            fn mention(&mut self, expr: &mut Expr, site: walk::Site) {
                let name = &self.1[site.variable].name;
                if let Some((_, mutability, part)) = self.0.references.iter().find(|(other, ..)| other == name) {
                    let part = new(&self.1[*part].name);
                    *expr = parse_quote!((&#mutability #part));
                } else if let Some((pattern, part)) =
                    self.0.within.iter().find(|(inner, _)| bound(inner, self.1).contains(&site.variable))
                {
                    let part = new(&self.1[*part].name);
                    *expr = parse_quote!((match &#part {
                        &#pattern => #name,
                        _ => ::core::unreachable!(),
                    }));
                }
            }
        }
        walk::walk(guard, variables, Context::Value, &mut Substitute(self, variables));
    }
}

/// A pattern that matches the same, and binds nothing.
fn looking(pattern: &Pat, variables: &Variables) -> Pat {
    struct Look<'a>(&'a Variables);
    impl VisitMut for Look<'_> {
        fn visit_field_pat_mut(&mut self, field: &mut syn::FieldPat) {
            field.colon_token.get_or_insert_default();
            visit_mut::visit_field_pat_mut(self, field);
        }
        fn visit_pat_mut(&mut self, pattern: &mut Pat) {
            if let Pat::Ident(ident) = pattern
                && self.0.find(&ident.ident).is_some()
            {
                *pattern = match ident.subpat.take() {
                    Some((_, inner)) => *inner,
                    None => parse_quote!(_),
                };
                // What stood behind an `@` may bind something, too.
                if !matches!(pattern, Pat::Wild(_)) {
                    self.visit_pat_mut(pattern);
                }
                return;
            }
            visit_mut::visit_pat_mut(self, pattern);
        }
        fn visit_expr_mut(&mut self, _: &mut Expr) {}
    }
    let mut pattern = pattern.clone();
    Look(variables).visit_pat_mut(&mut pattern);
    if let Pat::Or(_) = pattern { parse_quote!((#pattern)) } else { pattern }
}

/// Asks about some parts together.
fn probe(parts: &[VariableId], variables: &Variables) -> Option<Expr> {
    let one = |&part: &VariableId| -> Expr {
        let name = &variables[part].name;
        parse_quote!(__probe(&#name))
    };
    parts.iter().map(one).reduce(|all, next| parse_quote!(#all.with(#next)))
}
