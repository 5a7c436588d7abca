//! What patterns bind.

use crate::visit::{self, Visit};
use syn::{Expr, Pat};

use crate::graph::{VariableId, Variables};
use crate::unbox::boxed;
use crate::walk::{is_empty, leaves, takes, takes_all};

/// The variables that a pattern binds, in order.
pub fn bound(pattern: &Pat, variables: &Variables) -> Vec<VariableId> {
    let mut find = Bound { variables, found: Vec::new(), within: false };
    find.visit_pat(pattern);
    find.found
}

/// The variables that a branch declares, and those that the condition or the pattern binds which leads to it.
pub fn bound_within(branch: &Expr, condition: &Expr, pattern: Option<&Pat>, all: &Variables) -> Vec<VariableId> {
    let mut find = Bound { variables: all, found: Vec::new(), within: true };
    pattern.into_iter().for_each(|pattern| find.visit_pat(pattern));
    find.visit_expr(condition);
    find.visit_expr(branch);
    find.found
}

struct Bound<'a> {
    variables: &'a Variables,
    found: Vec<VariableId>,
    within: bool,
}

impl<'ast> Visit<'ast> for Bound<'_> {
    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        if let Some(variable) = self.variables.find(&ident.ident)
            && !self.found.contains(&variable)
        {
            self.found.push(variable);
        }
        visit::visit_pat_ident(self, ident);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.within {
            visit::visit_expr(self, expr);
        }
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The variables that patterns within an expression may take, or parts of them.
pub(super) fn taken_in_part(expr: &Expr, variables: &Variables) -> InPart {
    let mut find = Find { variables, found: InPart::default() };
    find.visit_expr(expr);
    find.found
}

/// Variables that patterns may take.
#[derive(Default)]
pub(super) struct InPart {
    /// They take some parts and leave others.
    pub(super) in_part: Vec<VariableId>,
    /// One arm takes them, and another may leave them as they are.
    pub(super) on_ways: Vec<VariableId>,
    /// What stands before an `else` takes them, if it matches.
    pub(super) or_left: Vec<VariableId>,
}

struct Find<'a> {
    variables: &'a Variables,
    found: InPart,
}

impl Find<'_> {
    fn matched(&mut self, value: &Expr, pattern: &Pat) {
        // A box in a slot is emptied as a whole.
        if takes(pattern) && !matches!(pattern, Pat::Ident(ident) if ident.subpat.is_none()) {
            self.found.on_ways.extend(boxed(value, self.variables));
        }
        if takes(pattern)
            && leaves(pattern)
            && let Some(variable) = self.variables.of_path(value).or_else(|| boxed(value, self.variables))
        {
            self.found.in_part.push(variable);
        }
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.matched(&init.expr, &local.pat);
            if init.diverge.is_some() && takes(&local.pat) && !takes_all(&local.pat) {
                self.found.or_left.extend(self.variables.of_path(&init.expr));
            }
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.matched(&condition.expr, &condition.pat);
        if takes(&condition.pat) && !takes_all(&condition.pat) {
            self.found.on_ways.extend(self.variables.of_path(&condition.expr));
        }
        visit::visit_expr_let(self, condition);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        choice.arms.iter().for_each(|arm| self.matched(&choice.expr, &arm.pat));
        let taken = choice.arms.iter().any(|arm| takes(&arm.pat));
        let left = choice.arms.iter().any(|arm| !takes(&arm.pat) && !is_empty(&arm.pat));
        if taken && left {
            self.found.on_ways.extend(self.variables.of_path(&choice.expr));
        }
        visit::visit_expr_match(self, choice);
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
