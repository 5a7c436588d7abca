//! What is done with variables after a block's place.
//!
//! # The problem
//! What a block changes and nobody uses later it may take; else it has to borrow it. An assignment is no use: what was in the variable
//! before is not seen any more.
//!
//! # The design
//! The mentions behind the block's place, and in a loop around it all of the loop's. Assigned anew for certain is a variable of which
//! the statements behind the block's own say so, in the same block and before anything leads elsewhere.

use std::collections::HashSet;

use crate::visit::{self, Visit};
use syn::{Block, Expr, Stmt};

use crate::graph::{VariableId, Variables};
use crate::tree;
use crate::walk::{Site, uses};

/// The variables that are used after the block's place, or again in a loop around it.
pub fn used(body: &Block, here: VariableId, variables: &Variables) -> HashSet<VariableId> {
    let whole = tree::block(body.clone());
    let sites = uses(&whole, variables);
    let at = sites.iter().position(|site| site.variable == here).unwrap_or_default();
    let repeats = sites.get(at).is_some_and(|site| site.repeated);
    let later = |(index, site): (usize, &Site)| (index > at || (repeats && site.repeated)).then_some(site.variable);
    sites.iter().enumerate().filter_map(later).collect()
}

/// The variables that are assigned anew before they are used after the block's place.
pub fn renewed(body: &Block, here: VariableId, variables: &Variables) -> HashSet<VariableId> {
    let mut find = Renewed { here, variables, found: HashSet::new() };
    find.visit_block(body);
    find.found
}

struct Renewed<'a> {
    here: VariableId,
    variables: &'a Variables,
    found: HashSet<VariableId>,
}

impl<'ast> Visit<'ast> for Renewed<'_> {
    fn visit_block(&mut self, block: &'ast Block) {
        for (index, statement) in block.stmts.iter().enumerate() {
            let sites = self.sites(statement);
            if let Some(at) = sites.iter().position(|site| site.variable == self.here) {
                // The innermost of the blocks around it says more.
                visit::visit_stmt(self, statement);
                let is_plain = !sites[at].repeated && !sites[at].closure && !leads_elsewhere(statement);
                if self.found.is_empty() && is_plain {
                    let used = sites[at..].iter().map(|site| site.variable).collect();
                    self.assigned(used, &block.stmts[index + 1..]);
                }
                return;
            }
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

impl Renewed<'_> {
    fn sites(&self, statement: &Stmt) -> Vec<Site> {
        uses(&tree::block(Block { brace_token: Default::default(), stmts: vec![statement.clone()] }), self.variables)
    }

    fn assigned(&mut self, mut used: HashSet<VariableId>, statements: &[Stmt]) {
        for statement in statements {
            if leads_elsewhere(statement) {
                return;
            }
            let left = match statement {
                Stmt::Expr(Expr::Assign(assign), Some(_)) => {
                    used.extend(uses(&assign.right, self.variables).iter().map(|site| site.variable));
                    self.variables.of_path(&assign.left)
                }
                _ => None,
            };
            if let Some(variable) = left.filter(|variable| !used.contains(variable)) {
                self.found.insert(variable);
            }
            used.extend(self.sites(statement).iter().map(|site| site.variable));
        }
    }
}

/// Whether a statement may be left for another place of the function.
fn leads_elsewhere(statement: &Stmt) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_break(&mut self, _: &'ast syn::ExprBreak) {
            self.0 = true;
        }
        fn visit_expr_continue(&mut self, _: &'ast syn::ExprContinue) {
            self.0 = true;
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(false);
    find.visit_stmt(statement);
    find.0
}
