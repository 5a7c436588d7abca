//! The names of the states: `S2_line47_read_line` says which it is, where it stands, what it waits for.
//!
//! An expansion is read by people too, and tokens carry no comments.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::Expr;

use crate::graph::{BlockId, Graph};

/// The variant for the suspension that ends where `resume` begins.
pub fn state_name(graph: &Graph, resume: BlockId) -> Ident {
    let suspensions = graph.suspensions();
    let Some(index) = suspensions.iter().position(|other| other.resume == resume) else {
        return format_ident!("S{}", resume);
    };
    let line = line(graph.variables[suspensions[index].output].name.span());
    match awaited(suspensions[index].child) {
        Some(name) => format_ident!("S{}_line{}_{}", index + 1, line, name),
        None => format_ident!("S{}_line{}", index + 1, line),
    }
}

/// The line in which something begins.
pub fn line(span: Span) -> usize {
    span.start().line
}

/// The function, method or variable that is awaited.
fn awaited(child: &Expr) -> Option<&Ident> {
    match child {
        Expr::Call(call) => awaited(&call.func),
        Expr::MethodCall(call) => Some(&call.method),
        Expr::Path(path) => path.path.segments.last().map(|last| &last.ident),
        Expr::Reference(inner) => awaited(&inner.expr),
        Expr::Paren(inner) => awaited(&inner.expr),
        Expr::Field(inner) => match &inner.member {
            syn::Member::Named(name) => Some(name),
            syn::Member::Unnamed(_) => None,
        },
        _ => None,
    }
}
