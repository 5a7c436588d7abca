//! What calls may store: `list.push(&x)` keeps `&x` in `list`.

use crate::visit::{self, Visit};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprMethodCall, Token};

use super::flow::Flow;
use super::{known, root};
use crate::graph::{Borrowing, VariableId, Variables};
use crate::names::is_constructor;

type Arguments = Punctuated<Expr, Token![,]>;

/// What is stored where: something that is called may keep what it is given in what it can change.
pub struct Stored {
    pub into: Vec<VariableId>,
    pub flow: Flow,
}

/// What a call of a method may store: arguments in the receiver, and what the receiver gives in what closures among them change.
pub fn by_method(call: &ExprMethodCall, variables: &Variables) -> Vec<Stored> {
    let method = call.method.to_string();
    let mut found = by_closures(&call.args, variables, || Flow::of(&call.receiver, variables));
    if !known::only_looks(&method) && may_change(&call.receiver, variables) {
        let mut flow = Flow::default();
        for argument in &call.args {
            if known::copies_argument(&method) {
                flow.extend(Flow::behind(argument, variables));
            } else if !(matches!(argument, Expr::Closure(_)) && known::calls_closure(&method)) {
                flow.add(argument, variables);
            }
        }
        if !flow.is_empty() {
            let into = Flow::of(&call.receiver, variables).variables().collect();
            found.push(Stored { into, flow });
        }
    }
    found.extend(in_arguments(&call.args, |argument| Flow::of(argument, variables), variables));
    found
}

/// What a call of a function may store: arguments in those that are `&mut`, and in what a closure that is called has captured.
pub fn by_call(call: &syn::ExprCall, variables: &Variables) -> Vec<Stored> {
    if is_constructor(&call.func) {
        return Vec::new();
    }
    let mut found = by_closures(&call.args, variables, Flow::default);
    let into: Vec<VariableId> = match crate::tree::bare(&call.func) {
        Expr::Closure(closure) => changed_in(closure, variables),
        function => variables.of_path(function).into_iter().collect(),
    };
    if !into.is_empty() {
        let mut flow = Flow::default();
        call.args.iter().for_each(|argument| flow.add(argument, variables));
        found.push(Stored { into, flow });
    }
    let of = |argument: &Expr| match argument {
        Expr::Reference(inner) if inner.mutability.is_some() && known::moves_between(&call.func) => {
            Flow::behind(argument, variables)
        }
        _ => Flow::of(argument, variables),
    };
    found.extend(in_arguments(&call.args, of, variables));
    found
}

/// A closure may be called with what stands beside it.
fn by_closures(arguments: &Arguments, variables: &Variables, first: impl Fn() -> Flow) -> Vec<Stored> {
    let mut found = Vec::new();
    for argument in arguments {
        let Expr::Closure(closure) = argument else { continue };
        let into = changed_in(closure, variables);
        if into.is_empty() || closure.inputs.is_empty() {
            continue;
        }
        let mut flow = first();
        let others = arguments.iter().filter(|other| !matches!(other, Expr::Closure(_)));
        others.for_each(|other| flow.add(other, variables));
        found.push(Stored { into, flow });
    }
    found
}

/// An argument that is a `&mut` may be given the others.
fn in_arguments(arguments: &Arguments, of: impl Fn(&Expr) -> Flow, variables: &Variables) -> Vec<Stored> {
    let mut found = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        if !is_mutable(argument, variables) {
            continue;
        }
        let mut flow = Flow::default();
        let others = arguments.iter().enumerate().filter(|(other, _)| *other != index);
        others.for_each(|(_, other)| flow.extend(of(other)));
        if !flow.is_empty() {
            found.push(Stored { into: Flow::of(argument, variables).variables().collect(), flow });
        }
    }
    found
}

fn is_mutable(argument: &Expr, variables: &Variables) -> bool {
    match argument {
        Expr::Reference(inner) => inner.mutability.is_some(),
        Expr::MethodCall(call) => call.method.to_string().ends_with("_mut"),
        Expr::Path(_) => {
            let mutable = |variable: VariableId| variables[variable].borrowing == Borrowing::Mutable;
            variables.of_path(argument).is_some_and(mutable)
        }
        _ => false,
    }
}

/// Whether a method that is called on an expression may change what the expression borrows.
fn may_change(receiver: &Expr, variables: &Variables) -> bool {
    match receiver {
        _ if root(receiver, variables).is_some() => true,
        Expr::MethodCall(call) => {
            let through = root(&call.receiver, variables).is_none() && may_change(&call.receiver, variables);
            through || known::gives_mutable(&call.method.to_string())
        }
        Expr::Reference(inner) => inner.mutability.is_some(),
        Expr::Unary(inner) => may_change(&inner.expr, variables),
        Expr::Field(inner) => may_change(&inner.base, variables),
        Expr::Index(inner) => may_change(&inner.expr, variables),
        Expr::Try(inner) => may_change(&inner.expr, variables),
        Expr::Paren(inner) => may_change(&inner.expr, variables),
        _ => false,
    }
}

/// The variables in which a closure may keep what it is given.
fn changed_in(closure: &syn::ExprClosure, variables: &Variables) -> Vec<VariableId> {
    struct Find<'a>(&'a Variables, Vec<VariableId>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Assign(assign) => self.1.extend(root(&assign.left, self.0)),
                Expr::Reference(inner) if inner.mutability.is_some() => self.1.extend(root(&inner.expr, self.0)),
                Expr::MethodCall(call) if !call.args.is_empty() && !known::only_looks(&call.method.to_string()) => {
                    self.1.extend(Flow::of(&call.receiver, self.0).variables());
                }
                _ => {}
            }
            visit::visit_expr(self, expr);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, Vec::new());
    find.visit_expr(&closure.body);
    find.1
}
