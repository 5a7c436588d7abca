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
//! is written; and so on for the fields of fields. A value with a destructor cannot be taken apart: its file must show none.
//!
//! Not taken apart is what need not be: out of which nothing is moved, but for numbers and references. Nor of what a closure or an
//! `async` block captures more than one field (they are dropped in the order of declaration, however they are mentioned), nor what a
//! macro mentions that shows its words.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, FnArg, Macro, Member, Pat, ReceiverKind, Stmt, Token, Type, parse_quote_spanned};

use crate::enclosing::{self, Field, spelt};
use crate::function::{self, Function};
use crate::graph::{Borrowing, Variable, VariableId, Variables};
use crate::names::{self, Parameter};
use crate::{tree, walk};

/// Replaces them in a body whose names are unique.
pub fn replace(function: &mut Function, variables: &mut Variables, body: &mut Block) {
    if !walk::block_suspends(body) {
        return;
    }
    let mut candidates = of_parameters(function, variables);
    candidates.extend(of_lets(function, body, variables));
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
    if replaced.0.is_empty() {
        return;
    }
    for parameter in &mut function.parameters {
        let mut unpack = replaced.unpack(bound_by(parameter, variables), variables).into_iter();
        if parameter.unpack.is_none()
            && let Some((pattern, _)) = unpack.next()
        {
            parameter.unpack = Some(pattern);
        }
        parameter.behind = unpack.collect();
    }
    Replace { variables, replaced: &replaced }.visit_block_mut(body);
}

/// A variable that may be replaced.
struct Candidate {
    variable: VariableId,
    shape: Shape,
    mutability: Option<Token![mut]>,
}

fn of_parameters(function: &Function, variables: &Variables) -> Vec<Candidate> {
    let is_generic = |shape: &Shape| {
        let mut generics = function.signature.generics.type_params();
        matches!(shape, Shape::Structure(name) if generics.any(|parameter| parameter.ident == *name))
    };
    let candidate = |(argument, parameter): (&FnArg, &Parameter)| {
        let variable = bound_by(parameter, variables);
        if parameter.captured || variables[parameter.variable].plain {
            return None;
        }
        let (shape, mutability) = match argument {
            FnArg::Receiver(receiver) => match &receiver.kind {
                ReceiverKind::Value => (Shape::Own, receiver.mutability),
                _ => return None,
            },
            FnArg::Typed(typed) => {
                let Pat::Ident(pattern) = &*typed.pat else { return None };
                (Shape::of_type(&typed.ty).filter(|shape| !is_generic(shape))?, pattern.mutability)
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

fn of_lets(function: &Function, body: &Block, variables: &Variables) -> Vec<Candidate> {
    struct Find<'a>(&'a Function, &'a Variables, Vec<Candidate>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            self.2.extend(of_let(local, self.0, self.1));
            visit::visit_local(self, local);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(function, variables, Vec::new());
    find.visit_block(body);
    find.2
}

fn of_let(local: &syn::Local, function: &Function, variables: &Variables) -> Option<Candidate> {
    let init = local.init.as_ref().filter(|init| init.diverge.is_none())?;
    let pattern = bound(&local.pat).filter(|pattern| pattern.by_ref.is_none() && pattern.subpat.is_none())?;
    let variable = variables.find(&pattern.ident).filter(|&variable| !variables[variable].unprobed)?;
    let shape = match &local.pat {
        Pat::Type(typed) => Shape::of_type(&typed.ty)?,
        _ => Shape::of_value(&init.expr, function, variables)?,
    };
    Some(Candidate { variable, shape, mutability: pattern.mutability })
}

/// The type of what a function of the file gives: `make()`, `Config::load().await?`.
fn given(value: &Expr, function: &Function, variables: &Variables) -> Option<Type> {
    let called = |value: &Expr, is_awaited: bool| {
        let Expr::Call(call) = tree::bare(value) else { return None };
        let Expr::Path(path) = &*call.func else { return None };
        let path = Some(&path.path).filter(|path| path.leading_colon.is_none())?;
        let mut segments = path.segments.iter().rev().map(|segment| segment.ident.to_string());
        let (name, of) = (segments.next()?, segments.next());
        if segments.next().is_some() || (of.is_none() && variables.of_path(&call.func).is_some()) {
            return None;
        }
        let own = || function.enclosing().and_then(|enclosing| enclosing.of.clone());
        let of = if of.as_deref() == Some("Self") { Some(own()?) } else { of };
        let returns = enclosing::returns(&name, of.as_deref(), &function.signature.ident)?;
        (returns.is_async == is_awaited).then_some(returns.ty)
    };
    match tree::bare(value) {
        Expr::Await(awaited) => called(&awaited.base, true),
        Expr::Try(inner) => succeeded(given(&inner.expr, function, variables)?),
        Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => {
            succeeded(given(&call.receiver, function, variables)?)
        }
        value => called(value, false),
    }
}

/// `Result<T, E>` and `Option<T>`: `T`.
fn succeeded(ty: Type) -> Option<Type> {
    let Type::Path(ty) = ty else { return None };
    let last =
        ty.path.segments.into_iter().next_back().filter(|last| last.ident == "Result" || last.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = last.arguments else { return None };
    match arguments.args.into_iter().next()? {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The name that a pattern is.
fn bound(pattern: &Pat) -> Option<&syn::PatIdent> {
    match pattern {
        Pat::Ident(pattern) => Some(pattern),
        Pat::Type(typed) => bound(&typed.pat),
        _ => None,
    }
}

/// How the fields of a value are known.
#[derive(Clone)]
enum Shape {
    /// It is the type of the `impl` around.
    Own,
    /// By the name of a structure.
    Structure(Ident),
    /// A tuple, with what is known of its elements.
    Tuple(Vec<Kind>),
}

impl Shape {
    fn of_type(ty: &Type) -> Option<Shape> {
        match ty {
            Type::Path(ty) if ty.qself.is_none() && ty.path.leading_colon.is_none() && ty.path.segments.len() == 1 => {
                Some(Shape::of_name(&ty.path.segments[0].ident))
            }
            Type::Tuple(tuple) if !tuple.elems.is_empty() => {
                Some(Shape::Tuple(tuple.elems.iter().cloned().map(Kind::Written).collect()))
            }
            Type::Paren(inner) => Shape::of_type(&inner.elem),
            _ => None,
        }
    }

    fn of_name(name: &Ident) -> Shape {
        if name == "Self" { Shape::Own } else { Shape::Structure(name.clone()) }
    }

    fn of_value(value: &Expr, function: &Function, variables: &Variables) -> Option<Shape> {
        match tree::bare(value) {
            Expr::Struct(made) if made.qself.is_none() => made.path.get_ident().map(Shape::of_name),
            Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
                let kind = |value: &Expr| match tree::bare(value) {
                    Expr::Lit(_) => Kind::Literal,
                    value => Kind::Value(Shape::of_value(value, function, variables)),
                };
                Some(Shape::Tuple(tuple.elems.iter().map(kind).collect()))
            }
            value => Shape::of_type(&given(value, function, variables)?),
        }
    }

    /// What a value is replaced by that is used so, if it is.
    fn layout(&self, used: &Used, function: &Function) -> Option<Layout> {
        if used.is_whole || !used.moves_part() {
            return None;
        }
        let (path, kinds) = match self {
            Shape::Own => {
                let name = function.enclosing().and_then(|enclosing| enclosing.of.clone())?;
                (Some(format_ident!("Self")), named(&name, function)?)
            }
            Shape::Structure(name) => (Some(name.clone()), named(&name.to_string(), function)?),
            Shape::Tuple(kinds) => {
                let member = |(index, kind): (usize, &Kind)| (Member::from(index), kind.clone());
                (None, kinds.iter().enumerate().map(member).collect())
            }
        };
        let mut unseen: BTreeSet<&String> = used.fields.keys().collect();
        let (mut fields, mut moves) = (Vec::new(), false);
        for (member, kind) in kinds {
            let name = spelt(&member);
            let inner = used.fields.get(&name);
            unseen.remove(&name);
            let layout = inner.and_then(|used| kind.shape()?.layout(used, function));
            // Of numbers and references nothing is moved.
            moves |= layout.is_some() || inner.is_some_and(|used| used.moves() && !kind.is_copied());
            fields.push((member, kind, layout));
        }
        (moves && unseen.is_empty()).then_some(Layout { path, fields })
    }
}

/// The fields of a structure, if they are known, and it has no destructor.
fn named(structure: &str, function: &Function) -> Option<Vec<(Member, Kind)>> {
    let fields = enclosing::whole(structure, &function.signature.ident)?;
    let span = function.signature.ident.span();
    let member = |field: &Field| enclosing::member(&field.name, span);
    Some(fields.into_iter().map(|field| (member(&field), Kind::Declared(field))).collect())
}

/// What is known of a field.
#[derive(Clone)]
enum Kind {
    Declared(Field),
    Written(Type),
    Literal,
    /// By what it is made of.
    Value(Option<Shape>),
}

impl Kind {
    fn shape(&self) -> Option<Shape> {
        match self {
            Kind::Declared(field) => Shape::of_type(&field.ty()?),
            Kind::Written(ty) => Shape::of_type(ty),
            Kind::Literal => None,
            Kind::Value(shape) => shape.clone(),
        }
    }

    /// Whether it is known to be a number, or a reference that is `Copy`.
    fn is_copied(&self) -> bool {
        match self {
            Kind::Declared(field) if field.is_reference() => !field.is_mutable_reference(),
            Kind::Declared(field) => field.ty().is_some_and(|ty| names::number(&ty).is_some()),
            Kind::Written(Type::Reference(reference)) => reference.mutability.is_none(),
            Kind::Written(ty) => names::number(ty).is_some(),
            Kind::Literal => true,
            Kind::Value(_) => false,
        }
    }

    /// Notes of a variable what is known of its type.
    fn tell(&self, variable: &mut Variable) {
        match self {
            Kind::Declared(field) if field.is_reference() => {
                let is_mutable = field.is_mutable_reference();
                variable.plain = true;
                variable.copied = !is_mutable;
                variable.shared = !is_mutable;
                variable.borrowing = if is_mutable { Borrowing::Mutable } else { Borrowing::No };
            }
            Kind::Declared(field) => field.ty().iter().for_each(|ty| names::tell(ty, variable)),
            Kind::Written(ty) => names::tell(ty, variable),
            Kind::Literal => (variable.copied, variable.plain) = (true, true),
            Kind::Value(_) => {}
        }
    }
}

/// What a variable is replaced by.
struct Layout {
    /// The structure's name; of a tuple nothing.
    path: Option<Ident>,
    fields: Vec<(Member, Kind, Option<Layout>)>,
}

/// How a value is used.
#[derive(Default)]
struct Used {
    /// Those of its fields that are mentioned.
    fields: BTreeMap<String, Used>,
    /// It may be moved.
    is_moved: bool,
    /// It must stay in one piece.
    is_whole: bool,
}

impl Used {
    fn field(&mut self, members: &[&Member]) -> &mut Used {
        members.iter().fold(self, |used, member| used.fields.entry(spelt(member)).or_default())
    }

    /// Whether it, or a part of it, may be moved.
    fn moves(&self) -> bool {
        self.is_moved || self.moves_part()
    }

    fn moves_part(&self) -> bool {
        self.fields.values().any(Used::moves)
    }
}

fn used(candidates: &[Candidate], variables: &Variables, body: &Block) -> BTreeMap<VariableId, Used> {
    let mut found: BTreeMap<VariableId, Used> =
        candidates.iter().map(|candidate| (candidate.variable, Used::default())).collect();
    for site in walk::uses(&tree::block(body.clone()), variables) {
        let Some(used) = found.get_mut(&site.variable) else { continue };
        used.is_whole |= site.member.is_none() || site.is_base || !site.choice.is_empty();
        let by_value = site.call.is_none() || site.by_name;
        if let Some((_, members)) =
            site.field.iter().chain(&site.part).find_map(|field| field_of(field)).filter(|_| by_value)
        {
            used.field(&members).is_moved = true;
        }
    }
    Mentions { variables, found: &mut found }.visit_block(body);
    found
}

/// The `x`, `f` and `g` of `x.f.g`, or of what is behind it: `*x.f.g`.
fn field_of(expr: &Expr) -> Option<(&Expr, Vec<&Member>)> {
    match tree::bare(expr) {
        Expr::Field(field) => {
            let (root, mut members) = field_of(&field.base).unwrap_or((&field.base, Vec::new()));
            members.push(&field.member);
            Some((root, members))
        }
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => field_of(&unary.expr),
        _ => None,
    }
}

/// Finds what [`walk`] does not tell: how deep fields are mentioned, closures that capture more than one, and macros that show what
/// they are given.
struct Mentions<'a> {
    variables: &'a Variables,
    found: &'a mut BTreeMap<VariableId, Used>,
}

impl Mentions<'_> {
    fn capture(&mut self, captures: &dyn ToTokens) {
        let mut fields = BTreeMap::new();
        captured(captures.to_token_stream(), self.variables, &mut fields);
        for (variable, fields) in fields {
            if let Some(used) = self.found.get_mut(&variable) {
                used.is_whole |= fields.len() > 1;
            }
        }
    }
}

/// The fields that tokens mention of variables, and what stands behind them.
fn captured(tokens: TokenStream, variables: &Variables, found: &mut BTreeMap<VariableId, BTreeSet<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => captured(group.stream(), variables, found),
            TokenTree::Ident(name) => {
                if let Some(variable) = variables.find(name) {
                    let field = |token: &&TokenTree| match token {
                        TokenTree::Punct(mark) => mark.as_char() == '.',
                        other => !matches!(other, TokenTree::Group(_)),
                    };
                    let chain = tokens[at + 1..].iter().take_while(field).map(ToString::to_string);
                    found.entry(variable).or_default().insert(chain.collect());
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        let mut members = vec![&field.member];
        let mut base = tree::bare(&field.base);
        while let Expr::Field(inner) = base {
            members.insert(0, &inner.member);
            base = tree::bare(&inner.base);
        }
        let used = self.variables.of_path(base).and_then(|variable| self.found.get_mut(&variable));
        match used {
            Some(used) => used.field(&members).is_whole = true,
            None => self.visit_expr(base),
        }
    }
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
        let is_quiet = names::is_quiet(&name) && !self.variables.showing.contains(&name);
        match names::arguments(mac).filter(|_| is_quiet) {
            Some(arguments) => arguments.list.iter().for_each(|argument| {
                Mentions { variables: self.variables, found: self.found }.visit_expr(argument);
            }),
            None => {
                for (variable, used) in self.found.iter_mut() {
                    let name = self.variables[*variable].name.to_string();
                    used.is_whole |= function::mentions(mac.tokens.clone(), &name);
                }
            }
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
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
        for (member, kind, layout) in layout.fields {
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
        self.0.insert(whole, Replacement { path: layout.path, fields, mutability });
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
                quote::quote!(#member: #binding)
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
        names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
