//! Variables that nothing refers to behind the statements that borrow them.
//!
//! # The problem
//! Out of a variable in a slot, `match pair { (a, _) => … }` moves one half, and what is left has to move too, to where it can be
//! held. If there may be references to that, it must stay where it is. And what `fill(&mut packet).await; send(packet).await;` moves out
//! of a slot need not have moved, for it may be `Copy`: as long as there may be references to it, the slot is not free.
//!
//! # The design
//! A statement whose value nobody wants leaves nothing that refers to a variable, if it mentions it once, and no other variable
//! of around it, in which a reference could be kept. So does the condition of an `if` or `while`, and what is printed. If all mentions
//! that borrow a variable stand there, and no pattern borrows of it, there is no reference left when a pattern takes it apart, or when it
//! is moved.

use std::collections::{BTreeMap, BTreeSet};

use crate::visit::{self, Visit};
use syn::{Block, Expr, Pat, Stmt};

use crate::anchor::{gives_nothing, refs};
use crate::apart::has_rest;
use crate::graph::{VariableId, Variables};
use crate::lower::bound_within;
use crate::walk::{Site, Use, block_uses, has_anywhere, leaves, takes, uses};
use crate::{alternatives, tree};

/// Marks these variables.
pub fn mark(variables: &mut Variables, body: &Block) {
    let mut patterns = Patterns {
        variables,
        taken: BTreeSet::new(),
        whole: BTreeSet::new(),
        borrowed: BTreeSet::new(),
        borrowed_in_part: BTreeMap::new(),
        mentioned: BTreeMap::new(),
        raw: false,
    };
    patterns.visit_block(body);
    let Patterns { taken, whole, borrowed, borrowed_in_part, mentioned, raw, .. } = patterns;
    let may_be_marked = |variable: VariableId| {
        !borrowed.contains(&variable) && (taken.contains(&variable) || variables[variable].anchored)
    };
    let candidates: Vec<VariableId> = (0..variables.list.len()).filter(|&variable| may_be_marked(variable)).collect();
    if raw || candidates.is_empty() {
        return;
    }
    let sites = block_uses(body, variables);
    let of = |variable: VariableId| sites.iter().filter(move |site| site.variable == variable);
    let is_repeated = |variable| of(variable).any(|site| site.repeated);
    for variable in candidates {
        let is_taken = taken.contains(&variable);
        // If the variable is used again it was copied from, and is borrowed.
        let is_last = |at: &usize| mentioned.get(&variable) == Some(at) && !is_repeated(variable);
        if !borrowed_in_part.get(&variable).is_none_or(is_last) {
            continue;
        }
        let mut brief = Brief { variables, variable, found: 0 };
        brief.visit_block(body);
        let unreferred = brief.found == of(variable).filter(|site| borrows(site)).count();
        variables[variable].unreferred = unreferred;
        // What may only be copied from it stays where it is, if it gets other values: then that is when the rest is dropped.
        let is_renewed = of(variable).any(|site| site.kind == Use::Assign) && !whole.contains(&variable);
        variables[variable].alone = is_taken && unreferred && !is_renewed;
    }
}

/// The variables that patterns take apart, those that they take as a whole, and those that they borrow of.
struct Patterns<'a> {
    variables: &'a Variables,
    taken: BTreeSet<VariableId>,
    whole: BTreeSet<VariableId>,
    borrowed: BTreeSet<VariableId>,
    /// Those of which a pattern borrows that takes them apart, unless it only copies; by the number of the mention that is matched first.
    borrowed_in_part: BTreeMap<VariableId, usize>,
    /// How many times each is mentioned.
    mentioned: BTreeMap<VariableId, usize>,
    raw: bool,
}

impl Patterns<'_> {
    fn matched<'p>(&mut self, value: &Expr, patterns: impl IntoIterator<Item = &'p Pat>) {
        let Some(variable) = self.variables.of_path(value) else { return };
        patterns.into_iter().for_each(|pattern| self.pattern(variable, pattern));
    }

    fn pattern(&mut self, variable: VariableId, pattern: &Pat) {
        // What a pattern borrows that takes the variable apart is a variable of its own.
        if refs(pattern) && takes(pattern) && !has_rest(pattern) && !self.variables[variable].copied {
            let next = self.mentioned.get(&variable).copied().unwrap_or_default() + 1;
            self.borrowed_in_part.entry(variable).or_insert(next);
        } else if refs(pattern) {
            self.borrowed.insert(variable);
        }
        let apart = |pattern: &Pat| takes(pattern) && leaves(pattern) && !has_rest(pattern);
        if alternatives::that_leave(pattern).iter().any(apart) {
            self.taken.insert(variable);
        }
        if takes(pattern) && !leaves(pattern) {
            self.whole.insert(variable);
        }
    }
}

impl<'ast> Visit<'ast> for Patterns<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        local.init.iter().for_each(|init| self.matched(&init.expr, [&local.pat]));
        visit::visit_local(self, local);
    }
    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.matched(&condition.expr, [&*condition.pat]);
        visit::visit_expr_let(self, condition);
    }
    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        self.matched(&choice.expr, choice.arms.iter().map(|arm| &arm.pat));
        visit::visit_expr_match(self, choice);
    }
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        let variable = path.path.get_ident().and_then(|name| self.variables.find(name));
        variable.into_iter().for_each(|variable| *self.mentioned.entry(variable).or_insert(0) += 1);
    }
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let mac = Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.clone() });
        uses(&mac, self.variables).iter().for_each(|site| *self.mentioned.entry(site.variable).or_insert(0) += 1);
    }
    fn visit_expr_raw_addr(&mut self, _: &'ast syn::ExprRawAddr) {
        self.raw = true;
    }
    // What a pointer refers to, nobody knows.
    fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {
        self.raw = true;
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether there is a `break` or `return` with a value in it.
fn gives(statement: &Expr) -> bool {
    has_anywhere(statement, |expr| match expr {
        Expr::Break(inner) => inner.expr.is_some(),
        Expr::Return(inner) => inner.expr.is_some(),
        _ => false,
    })
}

/// Whether a mention may borrow. (What is `Copy` a closure captures by reference, also where it is used by value. And a method may have the
/// name of one that takes its receiver.)
fn borrows(site: &Site) -> bool {
    site.kind == Use::Read || site.receiver || (site.closure && !site.captured)
}

/// Whether a statement whose value nobody wants, or which is a number, leaves nothing that refers to a variable.
pub fn is_brief(statement: &Expr, variable: VariableId, variables: &Variables) -> bool {
    Brief { variables, variable, found: 0 }.is_brief(statement)
}

/// Counts the mentions that borrow a variable for a statement alone.
struct Brief<'a> {
    variables: &'a Variables,
    variable: VariableId,
    found: usize,
}

impl Brief<'_> {
    fn is_brief(&self, statement: &Expr) -> bool {
        // What a `break` gives is wanted elsewhere.
        if gives(statement) {
            return false;
        }
        let within = bound_within(statement, &tree::unit(), None, self.variables);
        let sites = uses(statement, self.variables);
        let mut others = sites.iter().filter(|site| site.variable != self.variable);
        sites.iter().filter(|site| site.variable == self.variable).count() == 1
            && others.all(|site| self.variables[site.variable].numeric || within.contains(&site.variable))
    }

    /// Counts the mentions in what leaves nothing. Says whether it is that.
    fn counts(&mut self, expr: &Expr) -> bool {
        let is_brief = self.is_brief(expr);
        if is_brief {
            let borrows = |site: &&Site| site.variable == self.variable && borrows(site);
            self.found += uses(expr, self.variables).iter().filter(borrows).count();
        }
        is_brief
    }

    /// The condition of an `if` or `while` gives a `bool`, unless its patterns bind something.
    fn condition(&mut self, condition: &Expr) {
        if has_anywhere(condition, |expr| matches!(expr, Expr::Let(_))) || !self.counts(condition) {
            self.visit_expr(condition);
        }
    }
}

impl<'ast> Visit<'ast> for Brief<'_> {
    fn visit_block(&mut self, block: &'ast Block) {
        for (index, statement) in block.stmts.iter().enumerate() {
            let discarded = match statement {
                Stmt::Expr(expr, semicolon) if semicolon.is_some() || index + 1 < block.stmts.len() => {
                    self.counts(expr)
                }
                Stmt::Macro(mac)
                    if mac.mac.path.segments.last().is_some_and(|last| gives_nothing(&last.ident.to_string())) =>
                {
                    self.counts(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.mac.clone() }))
                }
                _ => false,
            };
            if !discarded {
                self.visit_stmt(statement);
            }
        }
    }
    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        self.condition(&branch.cond);
        self.visit_block(&branch.then_branch);
        branch.else_branch.iter().for_each(|(_, otherwise)| self.visit_expr(otherwise));
    }
    fn visit_expr_while(&mut self, repeat: &'ast syn::ExprWhile) {
        self.condition(&repeat.cond);
        self.visit_block(&repeat.body);
    }
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
