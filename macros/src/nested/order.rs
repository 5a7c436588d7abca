//! In which order a block takes what it captures.
//!
//! # The problem
//! rustc's block drops what it has taken in the order in which it was taken, wherever it stands by then, and behind its own variables.
//!
//! # The design
//! That is the order in which the source first names it. `let _ = x` names nothing. What an `async` closure is handed is taken before
//! all that, used or not, and given to variables of its own at once: it is dropped in its order if the block never runs, and from the
//! last to the first if it does. (See rustc's `expr_use_visitor` and `upvar`.)

use crate::visit::{self, Visit};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprClosure, Macro, Pat};

use crate::graph::{VariableId, Variables};
use crate::{names, tree};

/// The variables that a block names, by their first mentions.
pub fn mentioned(block: &Block, variables: &Variables) -> Vec<VariableId> {
    let mut find = Find { variables, found: Vec::new() };
    find.visit_block(block);
    find.found
}

struct Find<'a> {
    variables: &'a Variables,
    found: Vec<VariableId>,
}

impl Find<'_> {
    fn name(&mut self, name: &Ident) {
        if let Some(variable) = self.variables.find(name)
            && !self.found.contains(&variable)
        {
            self.found.push(variable);
        }
    }

    /// The words of a macro of which nothing is known.
    fn words(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => self.name(&name),
                TokenTree::Group(group) => self.words(group.stream()),
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        path.path.get_ident().into_iter().for_each(|name| self.name(name));
    }
    fn visit_local(&mut self, local: &'ast syn::Local) {
        let is_named = |expr: &Expr| matches!(tree::bare(expr), Expr::Path(_) | Expr::Field(_));
        match &local.init {
            Some(init) if matches!(local.pat, Pat::Wild(_)) && is_named(&init.expr) => {}
            _ => visit::visit_local(self, local),
        }
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        let Some(mut arguments) = names::arguments(mac) else { return self.words(mac.tokens.clone()) };
        for argument in &arguments.list {
            Find::visit_expr(self, names::value_of(argument));
        }
        names::name_captures(&mut arguments.list, |name| {
            self.name(name);
            None
        });
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Gives names to what an `async` closure is handed and does not name: that lives as long as its block.
pub fn name_unused(closure: &mut ExprClosure) {
    for (index, input) in closure.inputs.iter_mut().enumerate() {
        let pattern = match input {
            Pat::Type(typed) => &mut *typed.pat,
            other => other,
        };
        if matches!(pattern, Pat::Wild(_)) {
            *pattern = tree::binding(None, format_ident!("__unused_{}", index, span = pattern.span()));
        }
    }
}
