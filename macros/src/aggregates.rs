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
//! The fields of `self` and of a parameter are known by its file ([`crate::enclosing`]), those of `let config = Config { … }` too, those
//! of a tuple by its type or by how it is written. A value with a destructor cannot be taken apart: its file must show none.
//!
//! Not taken apart is what need not be: out of which nothing is moved, but for numbers and references. Nor of what a closure or an
//! `async` block captures more than one field (they are dropped in the order of declaration, however they are mentioned), nor what a
//! macro mentions that shows its words.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, FnArg, Macro, Member, Pat, ReceiverKind, Stmt, Token, Type, parse_quote_spanned};

use crate::enclosing::{self, Field};
use crate::function::{self, Function};
use crate::graph::{Borrowing, VariableId, Variables};
use crate::names::{self, Parameter};
use crate::{tree, walk};

/// Replaces them in a body whose names are unique.
pub fn replace(function: &mut Function, variables: &mut Variables, body: &mut Block) {
    if !walk::block_suspends(body) {
        return;
    }
    let mut candidates = of_parameters(function, variables);
    candidates.extend(of_lets(body, variables));
    if candidates.is_empty() {
        return;
    }
    let used = Used::find(&candidates, variables, body);
    let mut replaced = BTreeMap::new();
    for candidate in candidates {
        let Some(fields) = candidate.fields(function, &used[&candidate.variable]) else { continue };
        replaced.insert(candidate.variable, Replacement::new(&candidate, fields, variables, body));
    }
    if replaced.is_empty() {
        return;
    }
    for parameter in &mut function.parameters {
        if let Some(replacement) = replaced.get(&parameter.variable) {
            let (unpack, behind) = replacement.unpack(variables);
            parameter.unpack = Some(unpack);
            parameter.behind = behind;
        }
    }
    Replace { variables, replaced: &replaced }.visit_block_mut(body);
}

/// A variable that may be replaced.
struct Candidate {
    variable: VariableId,
    shape: Shape,
    mutability: Option<Token![mut]>,
}

/// How its fields are known.
enum Shape {
    /// Of the `impl` around.
    Own,
    /// By the name of a structure.
    Structure(Ident),
    /// With the types, if they are written.
    Tuple(Vec<Option<Type>>),
}

impl Shape {
    fn of_type(ty: &Type) -> Option<Shape> {
        match ty {
            Type::Path(ty) if ty.qself.is_none() && ty.path.leading_colon.is_none() && ty.path.segments.len() == 1 => {
                Some(Shape::of_name(&ty.path.segments[0].ident))
            }
            Type::Tuple(tuple) if tuple.elems.len() > 1 => {
                Some(Shape::Tuple(tuple.elems.iter().cloned().map(Some).collect()))
            }
            Type::Paren(inner) => Shape::of_type(&inner.elem),
            _ => None,
        }
    }

    fn of_name(name: &Ident) -> Shape {
        if name == "Self" { Shape::Own } else { Shape::Structure(name.clone()) }
    }

    fn of_value(value: &Expr) -> Option<Shape> {
        match tree::bare(value) {
            Expr::Struct(made) if made.rest.is_none() && made.qself.is_none() => {
                made.path.get_ident().map(Shape::of_name)
            }
            Expr::Tuple(tuple) if tuple.elems.len() > 1 => {
                Some(Shape::Tuple(tuple.elems.iter().map(|_| None).collect()))
            }
            _ => None,
        }
    }
}

fn of_parameters(function: &Function, variables: &Variables) -> Vec<Candidate> {
    let candidate = |(argument, parameter): (&FnArg, &Parameter)| {
        if parameter.unpack.is_some() || parameter.captured || variables[parameter.variable].plain {
            return None;
        }
        let (shape, mutability) = match argument {
            FnArg::Receiver(receiver) => match &receiver.kind {
                ReceiverKind::Value => (Shape::Own, receiver.mutability),
                _ => return None,
            },
            FnArg::Typed(typed) => {
                let Pat::Ident(pattern) = &*typed.pat else { return None };
                let is_generic =
                    |name: &Ident| function.signature.generics.type_params().any(|parameter| parameter.ident == *name);
                let shape = Shape::of_type(&typed.ty)?;
                if matches!(&shape, Shape::Structure(name) if is_generic(name)) {
                    return None;
                }
                (shape, pattern.mutability)
            }
        };
        Some(Candidate { variable: parameter.variable, shape, mutability })
    };
    function.signature.inputs.iter().zip(&function.parameters).filter_map(candidate).collect()
}

fn of_lets(body: &Block, variables: &Variables) -> Vec<Candidate> {
    struct Find<'a>(&'a Variables, Vec<Candidate>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            self.1.extend(of_let(local, self.0));
            visit::visit_local(self, local);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, Vec::new());
    find.visit_block(body);
    find.1
}

fn of_let(local: &syn::Local, variables: &Variables) -> Option<Candidate> {
    let init = local.init.as_ref().filter(|init| init.diverge.is_none())?;
    let (pattern, written) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, Shape::of_type(&typed.ty)),
        pattern => (pattern, None),
    };
    let Pat::Ident(pattern) = pattern else { return None };
    if pattern.by_ref.is_some() || pattern.subpat.is_some() || !local.attrs.is_empty() {
        return None;
    }
    let variable = variables.find(&pattern.ident)?;
    let shape = written.or_else(|| Shape::of_value(&init.expr)).filter(|_| !variables[variable].unprobed)?;
    Some(Candidate { variable, shape, mutability: pattern.mutability })
}

impl Candidate {
    /// What it is to be replaced by, if it is.
    fn fields(&self, function: &Function, used: &Used) -> Option<Fields> {
        if used.is_whole || used.moved.is_empty() {
            return None;
        }
        let named = |name: &str| {
            let fields = enclosing::whole(name, &function.signature.ident)?;
            let found = |member: &String| fields.iter().any(|field| field.name == *member);
            let is_moved = |field: &Field| used.moved.contains(&field.name) && !Types::Field(field).is_copied();
            (fields.len() > 1 && used.members.iter().all(found) && fields.iter().any(is_moved)).then_some(fields)
        };
        match &self.shape {
            Shape::Own => {
                let name = function.enclosing().and_then(|enclosing| enclosing.of.clone())?;
                Some(Fields::Named(format_ident!("Self"), named(&name)?))
            }
            Shape::Structure(name) => Some(Fields::Named(name.clone(), named(&name.to_string())?)),
            Shape::Tuple(types) => {
                let is_moved = |(index, ty): (usize, &Option<Type>)| {
                    used.moved.contains(&index.to_string())
                        && !ty.as_ref().is_some_and(|ty| Types::Written(ty).is_copied())
                };
                types.iter().enumerate().any(is_moved).then(|| Fields::Tuple(types.clone()))
            }
        }
    }
}

/// What a variable is replaced by.
enum Fields {
    Named(Ident, Vec<Field>),
    Tuple(Vec<Option<Type>>),
}

/// What is known of a field's type.
#[derive(Clone, Copy)]
enum Types<'a> {
    Field(&'a Field),
    Written(&'a Type),
    Unknown,
}

impl Types<'_> {
    fn is_copied(self) -> bool {
        match self {
            Types::Field(field) => {
                field.type_name().is_some_and(names::is_primitive)
                    || (field.is_reference() && !field.is_mutable_reference())
            }
            Types::Written(ty) => {
                names::number(ty).is_some()
                    || matches!(ty, Type::Reference(reference) if reference.mutability.is_none())
            }
            Types::Unknown => false,
        }
    }
}

/// How a variable is used.
#[derive(Default)]
struct Used {
    /// Its fields that are mentioned.
    members: BTreeSet<String>,
    /// Those of them that may be moved.
    moved: BTreeSet<String>,
    /// It must stay in one piece.
    is_whole: bool,
}

impl Used {
    fn find(candidates: &[Candidate], variables: &Variables, body: &Block) -> BTreeMap<VariableId, Used> {
        let mut found: BTreeMap<VariableId, Used> =
            candidates.iter().map(|candidate| (candidate.variable, Used::default())).collect();
        for site in walk::uses(&tree::block(body.clone()), variables) {
            let Some(used) = found.get_mut(&site.variable) else { continue };
            let Some(member) = site.member.as_ref().filter(|_| !site.is_base && site.choice.is_empty()) else {
                used.is_whole = true;
                continue;
            };
            let by_value = (site.field.is_some() || site.part.is_some()) && (site.call.is_none() || site.by_name);
            used.moved.extend(by_value.then(|| spelt(member)));
            used.members.insert(spelt(member));
        }
        Mentions { variables, found: &mut found }.visit_block(body);
        found
    }
}

fn spelt(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Finds what [`walk`] does not tell: closures that capture more than one field, and macros that show what they are given.
struct Mentions<'a> {
    variables: &'a Variables,
    found: &'a mut BTreeMap<VariableId, Used>,
}

impl Mentions<'_> {
    fn capture(&mut self, captures: &dyn ToTokens) {
        let mut fields: BTreeMap<VariableId, BTreeSet<String>> = BTreeMap::new();
        captured(captures.to_token_stream(), self.variables, &mut fields);
        for (variable, fields) in fields {
            if let Some(used) = self.found.get_mut(&variable).filter(|_| fields.len() > 1) {
                used.is_whole = true;
            }
        }
    }
}

/// The fields that tokens mention of variables.
fn captured(tokens: TokenStream, variables: &Variables, found: &mut BTreeMap<VariableId, BTreeSet<String>>) {
    use proc_macro2::TokenTree;
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => captured(group.stream(), variables, found),
            TokenTree::Ident(name) => {
                if let (Some(variable), Some(member)) = (variables.find(name), tokens.get(at + 2)) {
                    found.entry(variable).or_default().insert(member.to_string());
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.capture(closure);
        visit::visit_expr_closure(self, closure);
    }
    fn visit_expr_async(&mut self, inner: &'ast syn::ExprAsync) {
        self.capture(inner);
        visit::visit_expr_async(self, inner);
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if names::is_quiet(&name) && !self.variables.showing.contains(&name) && names::arguments(mac).is_some() {
            return;
        }
        for (variable, used) in self.found.iter_mut() {
            used.is_whole |= function::mentions(mac.tokens.clone(), &self.variables[*variable].name.to_string());
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// A variable's replacement.
struct Replacement {
    /// The structure's name; of a tuple nothing.
    path: Option<Ident>,
    /// The fields and their variables, as they are declared.
    fields: Vec<(Member, Ident)>,
    mutability: Option<Token![mut]>,
}

impl Replacement {
    fn new(candidate: &Candidate, fields: Fields, variables: &mut Variables, body: &Block) -> Replacement {
        let whole = variables[candidate.variable].name.clone();
        let (path, list) = match &fields {
            Fields::Named(path, fields) => {
                let member = |field: &Field| match field.name.parse::<usize>() {
                    Ok(index) => Member::from(index),
                    Err(_) => Member::Named(match field.name.strip_prefix("r#") {
                        Some(name) => Ident::new_raw(name, whole.span()),
                        None => Ident::new(&field.name, whole.span()),
                    }),
                };
                let list = fields.iter().map(|field| (member(field), Types::Field(field)));
                (Some(path.clone()), list.collect::<Vec<_>>())
            }
            Fields::Tuple(types) => {
                let list = types.iter().map(|ty| ty.as_ref().map_or(Types::Unknown, Types::Written));
                (None, list.enumerate().map(|(index, ty)| (Member::from(index), ty)).collect())
            }
        };
        let tokens = body.to_token_stream();
        let mut fields = Vec::new();
        for (member, ty) in list {
            let text = format!("{whole}_{}", spelt(&member).trim_start_matches("r#"));
            let mut name = Ident::new(text.trim_start_matches("r#"), whole.span());
            while variables.find(&name).is_some() || function::mentions(tokens.clone(), &name.to_string()) {
                name = format_ident!("{name}_");
            }
            let variable = variables.add(name.clone());
            tell(&mut variables[variable], ty);
            fields.push((member, name));
        }
        Replacement { path, fields, mutability: candidate.mutability }
    }

    /// The pattern that takes the variable apart, and what is declared behind it. What is declared last is dropped first: the first
    /// field. A tuple's pattern cannot bind its elements in that order.
    fn unpack(&self, variables: &mut Variables) -> (Pat, Vec<(Pat, VariableId)>) {
        let span = self.fields[0].1.span();
        let reversed = self.fields.iter().rev();
        let bindings = reversed.clone().map(|(_, name)| tree::binding(self.mutability, name.clone()));
        if let Some(path) = &self.path {
            let members = reversed.map(|(member, _)| member);
            return (parse_quote_spanned!(span=> #path { #(#members: #bindings),* }), Vec::new());
        }
        let elements: Vec<VariableId> = self.fields.iter().map(|_| variables.temporary("element", span)).collect();
        let names = elements.iter().map(|&element| &variables[element].name);
        (parse_quote_spanned!(span=> (#(#names),*)), bindings.zip(elements.iter().rev().copied()).collect())
    }
}

/// Notes of a variable what is known of its type.
fn tell(variable: &mut crate::graph::Variable, ty: Types<'_>) {
    match ty {
        Types::Written(ty) => names::tell(ty, variable),
        Types::Field(field) => {
            let number = field.type_name().filter(|name| names::is_primitive(name));
            variable.number = number.map(|name| Ident::new(name, variable.name.span()));
            variable.numeric = number.is_some();
            variable.copied = ty.is_copied();
            variable.plain = variable.copied || field.is_reference();
            variable.shared = field.is_reference() && !field.is_mutable_reference();
            variable.borrowing = match () {
                () if field.is_mutable_reference() => Borrowing::Mutable,
                () if variable.copied => Borrowing::No,
                () => Borrowing::Unknown,
            };
        }
        Types::Unknown => {}
    }
}

/// The name that a pattern is.
fn bound(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(pattern) => Some(&pattern.ident),
        Pat::Type(typed) => bound(&typed.pat),
        _ => None,
    }
}

struct Replace<'a> {
    variables: &'a mut Variables,
    replaced: &'a BTreeMap<VariableId, Replacement>,
}

impl Replace<'_> {
    fn of(&self, expr: &Expr) -> Option<&Replacement> {
        self.replaced.get(&self.variables.of_path(tree::bare(expr))?)
    }

    /// What stands behind a `let`, if its variable is replaced.
    fn behind(&mut self, local: &syn::Local) -> Vec<Stmt> {
        let Some(whole) = bound(&local.pat) else { return Vec::new() };
        let Some(replacement) = self.variables.find(whole).and_then(|variable| self.replaced.get(&variable)) else {
            return Vec::new();
        };
        let (unpack, behind) = replacement.unpack(self.variables);
        let elements = behind.iter().map(|(pattern, element)| (pattern, &self.variables[*element].name));
        let all = [(&unpack, whole)].into_iter().chain(elements);
        all.map(|(pattern, value)| parse_quote_spanned!(whole.span()=> let #pattern = #value;)).collect()
    }
}

impl VisitMut for Replace<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Field(field) = expr
            && let Some(replacement) = self.of(&field.base)
            && let Some((_, name)) = replacement.fields.iter().find(|(member, _)| spelt(member) == spelt(&field.member))
        {
            let mut name = name.clone();
            name.set_span(field.member.span());
            *expr = tree::name(name);
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
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
        names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
