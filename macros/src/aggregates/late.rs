//! Variables that are used in one piece first, and then field by field.
//!
//! # The problem
//! `self.init().await; let bus = self.bus; y().await; self.pin.low();` mentions `self` as a whole, so it is a variable of its own; behind
//! that its fields are moved one by one.
//!
//! # The design
//! Where its declaration stands in the same block, `let Self { bus: self_bus, … } = self;` stands before the first of the statements that
//! mention nothing but fields. The fields count as declared beside the variable ([`crate::beside`]). There all of it is moved, so there
//! must be no reference to any of it: each statement before must be one that leaves none ([`crate::alone`]), or a `let` of a number.

use crate::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Pat, Stmt, parse_quote_spanned};

use super::shape::given;
use super::used::used;
use super::{Candidate, Replace, Replaced, bound, bound_by};
use crate::function::Function;
use crate::graph::Variables;
use crate::{alone, names, tree, walk};

/// Takes them apart.
pub fn take_apart(function: &Function, variables: &mut Variables, body: &mut Block, candidates: &[Candidate]) {
    // What a pointer refers to, nobody knows.
    let is_pointers = |expr: &Expr| matches!(expr, Expr::RawAddr(_) | Expr::Unsafe(_));
    if walk::has_anywhere(&tree::block(body.clone()), is_pointers) {
        return;
    }
    let mut late = Late { function, variables, candidates };
    for parameter in &function.parameters {
        let variable = bound_by(parameter, late.variables);
        if let Some(candidate) = candidates.iter().find(|candidate| candidate.variable == variable) {
            late.block(body, 0, candidate);
        }
    }
    late.visit_block_mut(body);
}

struct Late<'a> {
    function: &'a Function,
    variables: &'a mut Variables,
    candidates: &'a [Candidate],
}

impl VisitMut for Late<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        // The last one first: statements are added behind it.
        for at in (0..block.stmts.len()).rev() {
            let Stmt::Local(local) = &block.stmts[at] else { continue };
            let variable = bound(&local.pat).and_then(|pattern| self.variables.find(&pattern.ident));
            if let Some(candidate) = self.candidates.iter().find(|candidate| Some(candidate.variable) == variable) {
                self.block(block, at + 1, candidate);
            }
        }
        visit_mut::visit_block_mut(self, block);
    }
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

impl Late<'_> {
    /// Takes a variable apart that is declared before one of a block's statements.
    fn block(&mut self, block: &mut Block, from: usize, candidate: &Candidate) {
        let variable = candidate.variable;
        let brace_token = block.brace_token;
        let part = |statements: &[Stmt]| Block { brace_token, stmts: statements.to_vec() };
        let use_of = |statements: &[Stmt]| {
            used(std::slice::from_ref(candidate), self.variables, &part(statements))
                .remove(&variable)
                .unwrap_or_default()
        };
        let is_whole = |at: &usize| use_of(&block.stmts[*at..=*at]).is_whole;
        let Some(last) = (from..block.stmts.len()).rev().find(is_whole) else { return };
        let behind = &block.stmts[last + 1..];
        let Some(layout) = candidate.shape.layout(&use_of(behind), self.function) else { return };
        if !block.stmts[from..=last].iter().all(|statement| self.leaves_no_reference(statement, candidate)) {
            return;
        }
        let mut replaced = Replaced::default();
        replaced.add(candidate, layout, self.variables, block);
        let mut leaves = Vec::new();
        let pattern = replaced.pattern(variable, self.variables, &mut leaves);
        for leaf in leaves {
            self.variables[leaf].beside = Some(variable);
        }
        // (Where the first mention only borrows, it is of what has been taken apart already.)
        let first = behind.iter().find_map(|statement| {
            let sites = walk::block_uses(&part(std::slice::from_ref(statement)), self.variables);
            sites.into_iter().find(|site| site.variable == variable)
        });
        first.and_then(|site| site.field).iter().for_each(|field| self.variables.goes_at(field));
        let whole = self.variables[variable].name.clone();
        let mut replace = Replace { variables: self.variables, replaced: &replaced };
        block.stmts[last + 1..].iter_mut().for_each(|statement| replace.visit_stmt_mut(statement));
        block.stmts.insert(last + 1, parse_quote_spanned!(whole.span()=> let #pattern = #whole;));
    }

    /// Whether nothing refers to a variable behind a statement that did not before.
    fn leaves_no_reference(&self, statement: &Stmt, candidate: &Candidate) -> bool {
        let variable = candidate.variable;
        let mentions = |expr: &Expr| walk::uses(expr, self.variables).iter().any(|site| site.variable == variable);
        match statement {
            Stmt::Expr(expr, _) => !mentions(expr) || alone::is_brief(expr, variable, self.variables),
            Stmt::Local(local) => {
                let Some(init) = &local.init else { return true };
                !mentions(&tree::block(Block {
                    brace_token: Default::default(),
                    stmts: vec![Stmt::Local(local.clone())],
                })) || (init.diverge.is_none()
                    && matches!(local.pat, Pat::Ident(_) | Pat::Type(_))
                    && alone::is_brief(&init.expr, variable, self.variables)
                    && self.is_number(local, &init.expr, candidate))
            }
            Stmt::Macro(mac) => !mentions(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.mac.clone() })),
            Stmt::Item(_) => true,
        }
    }

    /// Whether a `let` binds a number.
    fn is_number(&self, local: &syn::Local, value: &Expr, candidate: &Candidate) -> bool {
        if let Pat::Type(typed) = &local.pat {
            return names::number(&typed.ty).is_some();
        }
        given(value, Some(candidate), self.function, self.variables).is_some_and(|ty| names::number(&ty).is_some())
    }
}
