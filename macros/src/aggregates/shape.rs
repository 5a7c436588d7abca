//! How it is known which fields a value has.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::format_ident;
use syn::{Expr, Member, Type};

use super::Candidate;
use super::used::Used;
use crate::enclosing::{self, Field, spelt};
use crate::function::Function;
use crate::graph::{Borrowing, Variable, Variables};
use crate::{names, tree};

/// How the fields of a value are known.
#[derive(Clone)]
pub enum Shape {
    /// It is the type of the `impl` around.
    Own,
    /// By the name of a structure.
    Structure(Ident),
    /// A tuple, with what is known of its elements.
    Tuple(Vec<Kind>),
}

impl Shape {
    pub fn of_type(ty: &Type) -> Option<Shape> {
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

    pub fn of_name(name: &Ident) -> Shape {
        if name == "Self" { Shape::Own } else { Shape::Structure(name.clone()) }
    }

    pub fn of_value(value: &Expr, function: &Function, variables: &Variables) -> Option<Shape> {
        match tree::bare(value) {
            Expr::Struct(made) if made.qself.is_none() => made.path.get_ident().map(Shape::of_name),
            Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
                let kind = |value: &Expr| match tree::bare(value) {
                    Expr::Lit(_) => Kind::Literal,
                    value => Kind::Value(Shape::of_value(value, function, variables)),
                };
                Some(Shape::Tuple(tuple.elems.iter().map(kind).collect()))
            }
            value => Shape::of_type(&given(value, None, function, variables)?),
        }
    }

    /// The name of a structure.
    fn type_name(&self, function: &Function) -> Option<String> {
        match self {
            Shape::Own => function.enclosing().and_then(|enclosing| enclosing.of.clone()),
            Shape::Structure(name) => Some(name.to_string()),
            Shape::Tuple(_) => None,
        }
    }

    /// What a value is replaced by that is used so, if it is.
    pub fn layout(&self, used: &Used, function: &Function) -> Option<Layout> {
        if used.is_whole || !used.moves_part() {
            return None;
        }
        let (path, kinds) = match self {
            Shape::Own => (Some(format_ident!("Self")), named(&self.type_name(function)?, function)?),
            Shape::Structure(name) if is_generic(name, function) => return None,
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
            moves |= layout.is_some() || inner.is_some_and(|used| used.moves() && !kind.is_copied(function));
            fields.push((member, kind, layout));
        }
        (moves && unseen.is_empty()).then_some(Layout { path, fields })
    }
}

fn is_generic(name: &Ident, function: &Function) -> bool {
    function.signature.generics.type_params().any(|parameter| parameter.ident == *name)
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
#[allow(clippy::large_enum_variant, reason = "there are few, and none lives long")]
pub enum Kind {
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

    /// Whether it is known to be `Copy`: a number, a reference, a type of the file.
    fn is_copied(&self, function: &Function) -> bool {
        let of_type = |ty: &Type| match ty {
            Type::Reference(reference) => reference.mutability.is_none(),
            Type::Path(path) => {
                let name = path.path.get_ident().filter(|_| path.qself.is_none()).map(Ident::to_string);
                let of_file = |name: String| enclosing::is_copy(&name, &function.signature.ident);
                names::number(ty).is_some() || name.is_some_and(of_file)
            }
            _ => false,
        };
        match self {
            Kind::Declared(field) if field.is_reference() => !field.is_mutable_reference(),
            Kind::Declared(field) => field.ty().is_some_and(|ty| of_type(&ty)),
            Kind::Written(ty) => of_type(ty),
            Kind::Literal => true,
            Kind::Value(_) => false,
        }
    }

    /// Notes of a variable what is known of its type.
    pub fn tell(&self, variable: &mut Variable) {
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
pub struct Layout {
    /// The structure's name; of a tuple nothing.
    pub path: Option<Ident>,
    pub fields: Vec<(Member, Kind, Option<Layout>)>,
}

/// The type of what a function of the file gives: `make()`, `Config::load().await?`; of a method, if it is one of the variable's:
/// `self.count()`.
pub fn given(value: &Expr, receiver: Option<&Candidate>, function: &Function, variables: &Variables) -> Option<Type> {
    let called = |value: &Expr, is_awaited: bool| {
        let (name, of) = match tree::bare(value) {
            Expr::Call(call) => path_of(&call.func, function, variables)?,
            Expr::MethodCall(call) => {
                let receiver = receiver.filter(|it| variables.of_path(&call.receiver) == Some(it.variable))?;
                (call.method.to_string(), Some(receiver.shape.type_name(function)?))
            }
            _ => return None,
        };
        let returns = enclosing::returns(&name, of.as_deref(), &function.signature.ident)?;
        (returns.is_async == is_awaited).then_some(returns.ty)
    };
    match tree::bare(value) {
        Expr::Await(awaited) => called(&awaited.base, true),
        Expr::Try(inner) => succeeded(given(&inner.expr, receiver, function, variables)?),
        Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => {
            succeeded(given(&call.receiver, receiver, function, variables)?)
        }
        value => called(value, false),
    }
}

/// The name of a function, and that of the type whose it is.
fn path_of(called: &Expr, function: &Function, variables: &Variables) -> Option<(String, Option<String>)> {
    let Expr::Path(path) = called else { return None };
    let path = Some(&path.path).filter(|path| path.leading_colon.is_none())?;
    let mut segments = path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let (name, of) = (segments.next()?, segments.next());
    if segments.next().is_some() || (of.is_none() && variables.of_path(called).is_some()) {
        return None;
    }
    let of = if of.as_deref() == Some("Self") { Some(Shape::Own.type_name(function)?) } else { of };
    Some((name, of))
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
