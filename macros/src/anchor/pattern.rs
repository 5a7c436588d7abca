//! What patterns give to their variables.

use crate::visit::{self, Visit};
use syn::{Expr, Pat};

use super::flow::Flow;
use super::{known, refs};
use crate::graph::{VariableId, Variables};
use crate::tree::bare;

/// A variable gets a value.
pub struct Given {
    pub variable: VariableId,
    /// Where it comes from; `None` if it is known to hold no reference, now and later.
    pub flow: Option<Flow>,
}

/// What the variables of a pattern get of a value, which `flow` is of.
pub fn given(pattern: &Pat, value: &Expr, flow: Flow, variables: &Variables) -> Vec<Given> {
    match (pattern, bare(value)) {
        (Pat::Paren(inner), _) => given(&inner.pat, value, flow, variables),
        (Pat::Type(inner), _) => given(&inner.pat, value, flow, variables),
        // (What is not bound is kept beside what is referred to.)
        (Pat::Tuple(tuple), Expr::Tuple(values))
            if tuple.elems.len() == values.elems.len()
                && !refs(pattern)
                && !tuple.elems.iter().any(|element| matches!(element, Pat::Rest(_))) =>
        {
            let both = tuple.elems.iter().zip(&values.elems);
            let parts = both.flat_map(|(pattern, value)| given(pattern, value, Flow::of(value, variables), variables));
            parts.collect()
        }
        (_, value) => {
            let is_bare = matches!(pattern, Pat::Ident(_)) && !refs(pattern) && known::is_bare(value, variables);
            all(pattern, Some(flow).filter(|_| !is_bare), variables)
        }
    }
}

/// What the variables of a `for` get of what is iterated over.
pub fn iterated(pattern: &Pat, iterator: &Expr, flow: Flow, variables: &Variables) -> Vec<Given> {
    match (pattern, bare(iterator)) {
        (_, Expr::Range(_)) => all(pattern, None, variables),
        (Pat::Tuple(tuple), Expr::MethodCall(call)) if call.method == "enumerate" && tuple.elems.len() == 2 => {
            let mut found = all(&tuple.elems[0], None, variables);
            found.extend(all(&tuple.elems[1], Some(flow), variables));
            found
        }
        _ => all(pattern, Some(flow), variables),
    }
}

/// The same for all variables of a pattern; but those behind a `&` are copies.
fn all(pattern: &Pat, flow: Option<Flow>, variables: &Variables) -> Vec<Given> {
    struct Find<'a> {
        variables: &'a Variables,
        flow: Option<Flow>,
        found: Vec<Given>,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            let variable = self.variables.find(&ident.ident);
            self.found.extend(variable.map(|variable| Given { variable, flow: self.flow.clone() }));
            visit::visit_pat_ident(self, ident);
        }
        fn visit_pat_reference(&mut self, reference: &'ast syn::PatReference) {
            let copied = self.flow.as_ref().map(Flow::copied);
            let around = std::mem::replace(&mut self.flow, copied);
            visit::visit_pat_reference(self, reference);
            self.flow = around;
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut find = Find { variables, flow, found: Vec::new() };
    find.visit_pat(pattern);
    find.found
}
