//! Structures and tuples that are used field by field: each field becomes a variable.
//!
//! # The problem
//! `let name = config.name;` moves one field, and the others stay: rustc keeps a flag for each, and drops what is left where the
//! scope of `config` ends. A machine holds variables in its states, whole ones: what is left of one has no name.
//!
//! # The design
//! What compilers call the scalar replacement of aggregates, before anything else is decided: if nothing but fields of a variable is
//! mentioned, and it is known which fields it has, `let Config { name: config_name, size: config_size } = config;` stands where it
//! is declared, and each `config.name` is that variable's name. What is then left is the business of those who deal with
//! variables. Of a variable that is declared last the value is dropped first, so the first field is declared last.
//!
//! The fields of `self` and of a parameter are known by its file ([`crate::enclosing`]), those of `let config = Config { … }` and of
//! `let config = load().await?` too, if the file has `async fn load() -> Result<Config, …>`, those of a tuple by its type or by how it
//! is written; and so on for the fields of fields. A value with a destructor cannot be taken apart: its file must show none. (Out of one
//! that another file gives a destructor nothing is moved; what is copied out of it must be known to be `Copy`.)
//!
//! Not taken apart is what need not be: out of which nothing is moved, but for numbers, references and what the file shows to be
//! `Copy`. Nor of what a closure or an `async` block takes more than one field (they are dropped in the order of declaration, however
//! they are mentioned), nor what a macro mentions that shows its words.

mod late;
mod shape;
mod used;

use std::collections::{BTreeMap, BTreeSet};

use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Block, Expr, FnArg, Macro, Member, Pat, ReceiverKind, Stmt, Token, parse_quote_spanned};

use self::shape::{Layout, Shape};
use self::used::{captured, used};
use crate::enclosing::spelt;
use crate::function::{self, Function};
use crate::graph::{VariableId, Variables};
use crate::names::{self, Parameter};
use crate::{tree, walk};

/// Replaces them in a body whose names are unique.
pub fn replace(function: &mut Function, variables: &mut Variables, body: &mut Block) {
    let parted = parted(body, variables);
    if parted.is_empty() || !walk::block_suspends(body) {
        return;
    }
    let mut candidates = of_parameters(function, variables, &parted);
    candidates.extend(of_lets(function, body, variables, &parted));
    if candidates.is_empty() {
        return;
    }
    let used = used(&candidates, variables, body);
    let mut replaced = Replaced::default();
    for candidate in &candidates {
        if let Some(layout) = candidate.shape.layout(&used[&candidate.variable], function) {
            replaced.add(candidate, layout, variables, body);
        }
    }
    if !replaced.0.is_empty() {
        unpack_parameters(function, variables, &replaced);
        Replace { variables, replaced: &replaced }.visit_block_mut(body);
    }
    // (What is moved of it may be behind all that mentions it in one piece.)
    candidates.retain(|candidate| used[&candidate.variable].is_whole && used[&candidate.variable].moves_part());
    if !candidates.is_empty() {
        late::take_apart(function, variables, body, &candidates);
    }
}

fn unpack_parameters(function: &mut Function, variables: &mut Variables, replaced: &Replaced) {
    for parameter in &mut function.parameters {
        let mut unpack = replaced.unpack(bound_by(parameter, variables), variables).into_iter();
        if parameter.unpack.is_none()
            && let Some((pattern, _)) = unpack.next()
        {
            parameter.unpack = Some(pattern);
        }
        parameter.behind = unpack.collect();
    }
}

/// The variables of which fields are mentioned.
fn parted(body: &Block, variables: &Variables) -> BTreeSet<VariableId> {
    struct Find<'a>(&'a Variables, BTreeSet<VariableId>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
            self.1.extend(self.0.of_path(&field.base));
            visit::visit_expr_field(self, field);
        }
        fn visit_macro(&mut self, mac: &'ast Macro) {
            let mut fields = BTreeMap::new();
            captured(mac.tokens.clone(), self.0, &mut fields);
            self.1.extend(fields.into_keys());
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, BTreeSet::new());
    find.visit_block(body);
    find.1
}

/// A variable that may be replaced.
struct Candidate {
    variable: VariableId,
    shape: Shape,
    mutability: Option<Token![mut]>,
}

fn of_parameters(function: &Function, variables: &Variables, parted: &BTreeSet<VariableId>) -> Vec<Candidate> {
    let candidate = |(argument, parameter): (&FnArg, &Parameter)| {
        let variable = bound_by(parameter, variables);
        if !parted.contains(&variable) || parameter.captured || variables[parameter.variable].plain {
            return None;
        }
        let (shape, mutability) = match argument {
            FnArg::Receiver(receiver) => match &receiver.kind {
                ReceiverKind::Value => (Shape::Own, receiver.mutability),
                _ => return None,
            },
            FnArg::Typed(typed) => {
                let Pat::Ident(pattern) = &*typed.pat else { return None };
                (Shape::of_type(&typed.ty)?, pattern.mutability)
            }
        };
        Some(Candidate { variable, shape, mutability })
    };
    function.signature.inputs.iter().zip(&function.parameters).filter_map(candidate).collect()
}

/// The variable that has a parameter's name. (Beside others that are patterns, it is bound to that one by one.)
fn bound_by(parameter: &Parameter, variables: &Variables) -> VariableId {
    let name = parameter.unpack.as_ref().and_then(bound).and_then(|pattern| variables.find(&pattern.ident));
    name.unwrap_or(parameter.variable)
}

fn of_lets(function: &Function, body: &Block, variables: &Variables, parted: &BTreeSet<VariableId>) -> Vec<Candidate> {
    struct Find<'a> {
        function: &'a Function,
        variables: &'a Variables,
        parted: &'a BTreeSet<VariableId>,
        found: Vec<Candidate>,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            let variable = bound(&local.pat).and_then(|pattern| self.variables.find(&pattern.ident));
            if let Some(variable) = variable.filter(|variable| self.parted.contains(variable)) {
                self.found.extend(of_let(local, variable, self.function, self.variables));
            }
            visit::visit_local(self, local);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find { function, variables, parted, found: Vec::new() };
    find.visit_block(body);
    find.found
}

fn of_let(local: &syn::Local, variable: VariableId, function: &Function, variables: &Variables) -> Option<Candidate> {
    let init = local.init.as_ref().filter(|init| init.diverge.is_none() && !variables[variable].unprobed)?;
    let pattern = bound(&local.pat).filter(|pattern| pattern.by_ref.is_none() && pattern.subpat.is_none())?;
    let shape = match &local.pat {
        Pat::Type(typed) => Shape::of_type(&typed.ty)?,
        _ => Shape::of_value(&init.expr, function, variables)?,
    };
    Some(Candidate { variable, shape, mutability: pattern.mutability })
}

/// The name that a pattern is.
fn bound(pattern: &Pat) -> Option<&syn::PatIdent> {
    match pattern {
        Pat::Ident(pattern) => Some(pattern),
        Pat::Type(typed) => bound(&typed.pat),
        _ => None,
    }
}

/// The variables that are replaced, and their fields.
#[derive(Default)]
struct Replaced(BTreeMap<VariableId, Replacement>);

/// What a variable is replaced by.
struct Replacement {
    /// The structure's name; of a tuple nothing.
    path: Option<Ident>,
    /// The fields and their variables, as they are declared.
    fields: Vec<(Member, VariableId)>,
    mutability: Option<Token![mut]>,
}

impl Replaced {
    fn add(&mut self, candidate: &Candidate, layout: Layout, variables: &mut Variables, body: &Block) {
        let (variable, mutability) = (candidate.variable, candidate.mutability);
        self.add_field(variable, mutability, layout, variables, &body.to_token_stream());
    }

    fn add_field(
        &mut self,
        whole: VariableId,
        mutability: Option<Token![mut]>,
        layout: Layout,
        variables: &mut Variables,
        body: &TokenStream,
    ) {
        let name = variables[whole].name.clone();
        let mut fields = Vec::new();
        // The variable that is made last is dropped first.
        for (member, kind, layout) in layout.fields.into_iter().rev() {
            let text = format!("{name}_{}", spelt(&member).trim_start_matches("r#"));
            let mut name = Ident::new(text.trim_start_matches("r#"), name.span());
            while variables.find(&name).is_some() || function::mentions(body.clone(), &name.to_string()) {
                name = format_ident!("{name}_");
            }
            let variable = variables.add(name);
            kind.tell(&mut variables[variable]);
            fields.push((member, variable));
            if let Some(layout) = layout {
                self.add_field(variable, mutability, layout, variables, body);
            }
        }
        fields.reverse();
        self.0.insert(whole, Replacement { path: layout.path, fields, mutability });
    }

    /// A pattern that takes a variable apart at once, and the variables that it binds, the last one first.
    fn pattern(&self, whole: VariableId, variables: &Variables, leaves: &mut Vec<VariableId>) -> Pat {
        let Some(Replacement { path, fields, .. }) = self.0.get(&whole) else {
            leaves.push(whole);
            return tree::binding(None, variables[whole].name.clone());
        };
        let mut inner: Vec<Pat> =
            fields.iter().rev().map(|&(_, field)| self.pattern(field, variables, leaves)).collect();
        inner.reverse();
        let members = fields.iter().map(|(member, _)| member);
        let span = variables[whole].name.span();
        match path {
            Some(path) => parse_quote_spanned!(span=> #path { #(#members: #inner),* }),
            None => parse_quote_spanned!(span=> (#(#inner,)*)),
        }
    }

    /// The `let`s that take a variable apart: patterns, and the variables that they are matched with. What is declared last is dropped
    /// first: the first field. A tuple's pattern cannot bind its elements in that order.
    fn unpack(&self, whole: VariableId, variables: &mut Variables) -> Vec<(Pat, VariableId)> {
        let Some(Replacement { path, fields, mutability }) = self.0.get(&whole) else { return Vec::new() };
        let span = variables[whole].name.span();
        let binding = |variable: &VariableId, variables: &Variables| {
            tree::binding(*mutability, variables[*variable].name.clone())
        };
        if let Some(path) = path.as_ref().filter(|_| !fields.iter().any(|(_, field)| self.0.contains_key(field))) {
            let bindings = fields.iter().rev().map(|(member, field)| {
                let binding = binding(field, variables);
                quote!(#member: #binding)
            });
            return vec![(parse_quote_spanned!(span=> #path { #(#bindings),* }), whole)];
        }
        let elements: Vec<VariableId> = fields.iter().map(|_| variables.temporary("element", span)).collect();
        let names = elements.iter().map(|&element| &variables[element].name);
        let members = fields.iter().map(|(member, _)| member);
        let pattern = match path {
            Some(path) => parse_quote_spanned!(span=> #path { #(#members: #names),* }),
            None => parse_quote_spanned!(span=> (#(#names,)*)),
        };
        let mut lets = vec![(pattern, whole)];
        for ((_, field), element) in fields.iter().zip(elements).rev() {
            lets.push((binding(field, variables), element));
            lets.extend(self.unpack(*field, variables));
        }
        lets
    }
}

struct Replace<'a> {
    variables: &'a mut Variables,
    replaced: &'a Replaced,
}

impl Replace<'_> {
    /// What stands behind a `let`, if its variable is replaced.
    fn behind(&mut self, local: &syn::Local) -> Vec<Stmt> {
        let variable = bound(&local.pat).and_then(|pattern| self.variables.find(&pattern.ident));
        let unpack = variable.map(|variable| self.replaced.unpack(variable, self.variables)).unwrap_or_default();
        let statement = |(pattern, value): (Pat, VariableId)| {
            let value = &self.variables[value].name;
            parse_quote_spanned!(value.span()=> let #pattern = #value;)
        };
        unpack.into_iter().map(statement).collect()
    }
}

impl VisitMut for Replace<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let Expr::Field(field) = expr else { return };
        let whole = self.variables.of_path(&field.base).and_then(|variable| self.replaced.0.get(&variable));
        let found = |(member, _): &&(Member, VariableId)| spelt(member) == spelt(&field.member);
        if let Some((_, variable)) = whole.and_then(|whole| whole.fields.iter().find(found)) {
            let mut name = self.variables[*variable].name.clone();
            name.set_span(syn::spanned::Spanned::span(&field.base));
            *expr = tree::name(name);
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        for statement in std::mem::take(&mut block.stmts) {
            let behind = match &statement {
                Stmt::Local(local) => self.behind(local),
                _ => Vec::new(),
            };
            block.stmts.push(statement);
            block.stmts.extend(behind);
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        let mut names = self.replaced.0.keys().map(|&variable| self.variables[variable].name.to_string());
        // (An unknown one may want its words as they are.)
        if names.any(|name| function::mentions(mac.tokens.clone(), &name)) {
            names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
