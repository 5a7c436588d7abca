//! `if`, `match`, loops, labelled blocks, and the jumps out of them.

use std::collections::HashSet;

use crate::visit::{self, Visit};
use syn::spanned::Spanned;
use syn::{Expr, Pat, parse_quote};

use super::bound::bound;
use super::expected::Expected;
use super::{Destination, Lower, Target, element, form};
use crate::alternatives;
use crate::anchor::{self, refs};
use crate::apart::Parts;
use crate::error;
use crate::graph::{Arm, BlockId, Borrowing, Op, ScopeId, Terminator, VariableId, Variables};
use crate::tree;
use crate::walk::{block_suspends, has, is_empty, leaves, suspends, takes, takes_all};

/// Whether an expression is control flow, which delivers its value from several places.
pub(super) fn is_control(expr: &Expr) -> bool {
    match expr {
        Expr::If(_)
        | Expr::Match(_)
        | Expr::Loop(_)
        | Expr::While(_)
        | Expr::ForLoop(_)
        | Expr::Block(_)
        | Expr::Unsafe(_) => true,
        Expr::Paren(inner) => is_control(&inner.expr),
        Expr::Group(inner) => is_control(&inner.expr),
        _ => false,
    }
}

/// Whether an expression has a `break` or `continue` to one of the loops that have been taken apart.
pub(super) fn jumps_out(expr: &Expr, targets: &[Target]) -> bool {
    if targets.is_empty() {
        return false;
    }
    struct Find<'a> {
        targets: &'a [Target],
        loops: usize,
        labels: HashSet<String>,
        found: bool,
    }
    impl Find<'_> {
        fn jump(&mut self, label: Option<&syn::Lifetime>) {
            self.found |= match label {
                None => self.loops == 0 && self.targets.iter().any(|target| target.is_loop),
                Some(label) => {
                    let label = label.ident.to_string();
                    !self.labels.contains(&label)
                        && self.targets.iter().any(|target| target.label.as_ref() == Some(&label))
                }
            };
        }
        fn inside(&mut self, label: Option<&syn::Label>, is_loop: bool, work: impl FnOnce(&mut Self)) {
            let added =
                label.map(|label| label.name.ident.to_string()).filter(|label| self.labels.insert(label.clone()));
            self.loops += usize::from(is_loop);
            work(self);
            self.loops -= usize::from(is_loop);
            if let Some(label) = added {
                self.labels.remove(&label);
            }
        }
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_break(&mut self, jump: &'ast syn::ExprBreak) {
            self.jump(jump.label.as_ref());
            visit::visit_expr_break(self, jump);
        }
        fn visit_expr_continue(&mut self, jump: &'ast syn::ExprContinue) {
            self.jump(jump.label.as_ref());
        }
        fn visit_expr_loop(&mut self, repeat: &'ast syn::ExprLoop) {
            self.inside(repeat.label.as_ref(), true, |this| visit::visit_expr_loop(this, repeat));
        }
        fn visit_expr_while(&mut self, repeat: &'ast syn::ExprWhile) {
            self.inside(repeat.label.as_ref(), true, |this| visit::visit_expr_while(this, repeat));
        }
        fn visit_expr_for_loop(&mut self, repeat: &'ast syn::ExprForLoop) {
            self.inside(repeat.label.as_ref(), true, |this| visit::visit_expr_for_loop(this, repeat));
        }
        fn visit_expr_block(&mut self, block: &'ast syn::ExprBlock) {
            self.inside(block.label.as_ref(), false, |this| visit::visit_expr_block(this, block));
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find { targets, loops: 0, labels: HashSet::new(), found: false };
    find.visit_expr(expr);
    find.found
}

/// A loop without what it iterates over.
fn body_of(repeat: &syn::ExprForLoop) -> Expr {
    Expr::ForLoop(syn::ExprForLoop { expr: Box::new(tree::unit()), ..repeat.clone() })
}

/// Whether an expression has a `return` in it.
pub(super) fn returns(expr: &Expr) -> bool {
    has(expr, |expr| matches!(expr, Expr::Return(_)))
}

fn guard(arm: &syn::Arm) -> Option<&Expr> {
    match &arm.pat {
        Pat::Guard(guard) => Some(&guard.guard),
        _ => None,
    }
}

/// The `let`s of a condition.
pub(crate) fn lets_of(condition: &Expr) -> Vec<&syn::ExprLet> {
    match condition {
        Expr::Let(inner) => vec![inner],
        Expr::Binary(binary) if matches!(binary.op, syn::BinOp::And(_)) => {
            lets_of(&binary.left).into_iter().chain(lets_of(&binary.right)).collect()
        }
        Expr::Paren(inner) => lets_of(&inner.expr),
        Expr::Group(inner) => lets_of(&inner.expr),
        _ => Vec::new(),
    }
}

/// What a guard binds for its arm.
fn bound_by_guard(guard: &Expr, variables: &Variables) -> Vec<VariableId> {
    lets_of(guard).into_iter().flat_map(|condition| bound(&condition.pat, variables)).collect()
}

fn has_let(condition: &Expr) -> bool {
    !lets_of(condition).is_empty()
}

/// A value with a place where its temporaries end, if it is to have one: see [`Lower::terminal`].
fn ended(value: Expr, terminal: bool) -> Expr {
    match terminal && form::has_temporaries(&value) {
        true => tree::braces(value.span(), value),
        false => value,
    }
}

impl Lower<'_> {
    /// Lowers an expression, its value going to `destination`.
    pub(super) fn into(&mut self, expr: Expr, destination: Destination) {
        // A `return` ends the block also where nothing in it suspends: what follows is unreachable.
        if !self.takes_apart(&expr) && !tree::always_returns(&expr) {
            let terminal = std::mem::take(&mut self.terminal) && self.assigned_apart(&expr).is_none();
            return self.store(ended(expr, terminal), destination);
        }
        if is_control(&expr) {
            self.terminal = false;
            // Of all blocks only a plain one leaves its temporaries to the statement.
            self.of_statement =
                self.of_statement.filter(|_| matches!(tree::bare(&expr), Expr::Block(_) | Expr::Unsafe(_)));
        }
        match expr {
            Expr::Paren(inner) => self.into(*inner.expr, destination),
            Expr::Group(inner) => self.into(*inner.expr, destination),
            Expr::Unsafe(inner) => {
                self.graph.has_unsafe = true;
                self.block(inner.block, destination)
            }
            Expr::Block(inner) => self.block_of_any_kind(inner, destination),
            Expr::If(branch) => {
                let branch = match self.decided(branch) {
                    Ok(whole) => return self.store(whole, destination),
                    Err(branch) => branch,
                };
                self.branching(|this| this.if_else(branch, destination))
            }
            Expr::Match(choice) => self.branching(|this| this.match_arms(choice, destination, false)),
            Expr::Loop(repeat) => {
                let (head, after) = self.open_loop(repeat.label, destination);
                self.block(repeat.body, Destination::Discard);
                self.close_loop(head, after);
            }
            Expr::While(repeat) => {
                let (head, after) = self.open_loop(repeat.label, Destination::Discard);
                let scope = has_let(&repeat.cond).then(|| self.enter());
                let body = tree::block(repeat.body.clone());
                let suspends =
                    suspends(&body) || (scope.is_some() && self.takes_apart_within(&body, &repeat.cond, None, &[]));
                self.test(*repeat.cond, after, suspends);
                self.block(repeat.body, Destination::Discard);
                if let Some(scope) = scope {
                    self.exit(scope);
                }
                self.close_loop(head, after);
                self.store_unit(destination);
            }
            // Around a body that stays in one piece, the loop does.
            Expr::ForLoop(mut repeat) if !self.takes_apart(&body_of(&repeat)) => {
                let scope = self.lingers(&repeat.expr).then(|| self.enter());
                *repeat.expr = self.value(*repeat.expr);
                self.store(Expr::ForLoop(repeat), destination);
                scope.into_iter().for_each(|scope| self.exit(scope));
            }
            Expr::ForLoop(repeat) => {
                self.for_loop(repeat);
                self.store_unit(destination);
            }
            Expr::Break(jump) => self.jump_break(jump),
            Expr::Continue(jump) => {
                let target = self.target(jump.label.as_ref(), jump.continue_token.span());
                if let Some(again) = target.and_then(|target| self.targets[target].again) {
                    self.goto(again);
                    self.unreachable();
                }
            }
            Expr::Return(inner) => {
                let value = inner.expr.map_or_else(tree::unit, |value| {
                    self.expected = self.expected_at(Destination::Return);
                    self.value(*value)
                });
                // The word tells it from the body's own value, whose temporaries may live longer.
                let expr = Some(Box::new(value));
                let (attrs, return_token) = (Vec::new(), inner.return_token);
                self.terminate(Terminator::Return(Expr::Return(syn::ExprReturn { attrs, return_token, expr })));
                self.unreachable();
            }
            other => {
                let terminal = self.terminal;
                self.expected = self.expected_at(destination);
                let value = self.value(other);
                self.store(ended(value, terminal), destination);
            }
        }
    }

    /// A block, also one that its label is left by.
    pub(super) fn block_of_any_kind(&mut self, inner: syn::ExprBlock, destination: Destination) {
        let Some(label) = inner.label else { return self.block(inner.block, destination) };
        let after = self.new_block();
        let label = Some(label.name.ident.to_string());
        self.targets.push(Target { label, is_loop: false, after, again: None, destination });
        self.branching(|this| this.block(inner.block, destination));
        self.targets.pop();
        self.goto(after);
        self.begin(after);
    }

    /// Goes on if the condition holds, with what it binds declared; else to `otherwise`.
    fn test(&mut self, condition: Expr, otherwise: BlockId, suspended: bool) {
        match condition {
            Expr::Paren(inner) => self.test(*inner.expr, otherwise, suspended),
            Expr::Group(inner) => self.test(*inner.expr, otherwise, suspended),
            Expr::Binary(binary)
                if matches!(binary.op, syn::BinOp::And(_))
                    && (has_let(&binary.left) || has_let(&binary.right) || suspends(&binary.right)) =>
            {
                let right = match tree::bare(&binary.right) {
                    Expr::Let(condition) => &*condition.expr,
                    condition => condition,
                };
                let apart = suspends(right) || self.takes_apart_within(right, &binary.left, None, &[]);
                self.test(*binary.left, otherwise, suspended || apart);
                self.test(*binary.right, otherwise, suspended);
            }
            Expr::Let(condition) => {
                let (suspended, number) = self.holds(suspended);
                let value = self.taken_part(*condition.expr, &[&*condition.pat]);
                let scrutinee = self.scrutinee(value, suspended, anchor::refs(&condition.pat), takes(&condition.pat));
                self.left_to_rustc(number, &scrutinee, self.innermost());
                let matched = self.new_block();
                let pattern = *condition.pat;
                let binds = bound(&pattern, &self.graph.variables);
                let matching = self.arms(pattern, None, &binds, matched);
                let mut arms = matching.clone();
                arms.push(Arm { pattern: tree::wild(), guard: None, binds: vec![], block: otherwise });
                self.terminate(Terminator::Match { scrutinee, arms });
                self.matched(&matching, matched, binds);
            }
            condition => {
                let condition = self.condition(condition);
                let then = self.new_block();
                self.terminate(Terminator::If { condition, then, otherwise });
                self.begin(then);
            }
        }
    }

    /// A condition, whose temporaries are dropped as soon as it is known.
    pub(super) fn condition(&mut self, condition: Expr) -> Expr {
        if !self.takes_apart(&condition) || !self.lingers(&condition) {
            if is_control(tree::bare(&condition)) {
                self.expected = Some(Expected::of_type(parse_quote!(bool)));
            }
            return self.value(condition);
        }
        let value = self.graph.variables.temporary("condition", condition.span());
        self.declare(value);
        self.graph.variables[value].written = Some(parse_quote!(bool));
        self.op(Op::Declare(value));
        let scope = self.enter();
        self.into(condition, Destination::Variable(value));
        self.exit(scope);
        self.path(value)
    }

    /// An `if` whose condition alone suspends: once that has been decided, the rest can stay in one piece.
    fn decided(&mut self, mut branch: syn::ExprIf) -> Result<Expr, syn::ExprIf> {
        let otherwise = branch.else_branch.as_ref().map(|(_, otherwise)| &**otherwise);
        let apart = |this: &Self, expr: &Expr| this.takes_apart(expr) || tree::always_returns(expr);
        if has_let(&branch.cond)
            || apart(self, &tree::block(branch.then_branch.clone()))
            || otherwise.is_some_and(|otherwise| apart(self, otherwise))
        {
            return Err(branch);
        }
        *branch.cond = self.condition(*branch.cond);
        let whole = Expr::If(branch.clone());
        if apart(self, &whole) { Err(branch) } else { Ok(whole) }
    }

    fn if_else(&mut self, branch: syn::ExprIf, destination: Destination) {
        let (otherwise, after) = (self.new_block(), self.new_block());
        let scope = has_let(&branch.cond).then(|| self.enter());
        let then = tree::block(branch.then_branch.clone());
        let others: Vec<&Expr> = branch.else_branch.iter().map(|(_, otherwise)| &**otherwise).collect();
        let suspends = block_suspends(&branch.then_branch)
            || (scope.is_some() && self.takes_apart_within(&then, &branch.cond, None, &others));
        self.test(*branch.cond, otherwise, suspends);
        self.branch(&others, |this| this.block(branch.then_branch, destination));
        if let Some(scope) = scope {
            self.exit(scope);
        }
        self.goto(after);
        self.begin(otherwise);
        match branch.else_branch {
            // Its temporaries are dropped here, though those of the body's own value may live longer.
            Some((_, otherwise)) if matches!(destination, Destination::Return) && form::has_temporaries(&otherwise) => {
                let scope = self.enter();
                self.into(*otherwise, destination);
                self.exit(scope);
            }
            Some((_, otherwise)) => self.into(*otherwise, destination),
            None => self.store_unit(destination),
        }
        self.goto(after);
        self.begin(after);
    }

    /// A field of a variable in a slot, of which `Some(name)` takes what there is in it: it is used by value, as anywhere else.
    fn taken_part(&mut self, expr: Expr, patterns: &[&Pat]) -> Expr {
        let is_part = matches!(tree::bare(&expr), Expr::Field(_))
            && form::is_place(&expr)
            && anchor::root(&expr, &self.graph.variables).is_some_and(|variable| {
                let entry = &self.graph.variables[variable];
                entry.anchored && !entry.temporary && !entry.shared && entry.borrowing != Borrowing::Mutable
            });
        let takes_it = patterns.iter().any(|pattern| takes_all(pattern))
            && patterns
                .iter()
                .all(|pattern| takes_all(pattern) || is_empty(pattern) || matches!(pattern, Pat::Wild(_)));
        if !is_part || !takes_it {
            return expr;
        }
        let part = self.temporary("matched", expr.clone(), expr.span());
        self.path(part)
    }

    /// What a `match` looks at: a place stays a place, a value becomes a temporary of the match's scope.
    fn scrutinee(&mut self, expr: Expr, suspended: bool, borrowed: bool, taken: bool) -> Expr {
        let span = expr.span();
        let mut value = self.value(expr);
        if matches!(tree::bare(&value), Expr::Block(_) | Expr::Unsafe(_)) && form::borrows_value(&value) {
            // Younger than what its last expression leaves.
            let block = self.hold(value);
            let variable = self.temporary("matched", block, span);
            self.graph.variables[variable].anchored |= borrowed && suspended;
            return self.path(variable);
        }
        if let Some(variable) = self.graph.variables.of_path(&value)
            && self.graph.variables[variable].is_waiting()
        {
            // It waits no longer: it is a temporary, younger than what it was made of, and older than what the patterns bind.
            self.graph.variables[variable].order = self.next_order(variable);
        }
        if suspended && taken && !borrowed && self.is_part_of_value(&value) {
            // It is moved out of its whole here, so that what the patterns leave of it can be named. The rest of the whole lives
            // on: in a tuple that is written there, each element by itself.
            if element::element_of(&value).is_none() {
                value = self.hold(value);
            }
            let part = self.element(value, span, false);
            return self.path(part);
        }
        if suspended || form::borrows_value(&value) {
            value = self.hold(value);
        }
        if borrowed
            && let Some(variable) = anchor::root(&value, &self.graph.variables)
            && self.graph.variables[variable].temporary
        {
            self.graph.variables[variable].anchored |= suspended;
        }
        // Before edition 2024 what a block's last expression looks at outlives the block's variables.
        let outlives = self.in_tail() && form::is_value(&value);
        if !(suspended || outlives) || form::is_place(&value) {
            return value;
        }
        let variable = self.temporary("matched", value, span);
        // A `ref` in a pattern borrows what is matched.
        self.graph.variables[variable].anchored |= borrowed;
        self.path(variable)
    }

    /// The same, of what a `match` or an `if let` looks at.
    fn left_to_rustc(&mut self, number: usize, scrutinee: &Expr, scope: ScopeId) {
        // A part of a temporary: the rest of it could not be handed on to an arm, once a pattern has moved the part.
        let is_part = matches!(tree::bare(scrutinee), Expr::Field(_))
            && anchor::root(scrutinee, &self.graph.variables)
                .is_some_and(|variable| self.graph.variables[variable].temporary);
        if is_part || !form::is_place(scrutinee) {
            self.leave_to_rustc(number, self.current, scope);
        }
    }

    /// `whole`: it is a statement, which has a scope already.
    pub(super) fn match_arms(&mut self, choice: syn::ExprMatch, destination: Destination, whole: bool) {
        let after = self.new_block();
        // In a block's last expression, the scrutinee's temporaries may outlive the block's variables.
        let early = (!whole && !self.in_tail()).then(|| self.enter());
        // Where an arm is left in its midst, rustc would drop its own temporaries.
        let suspended = (0..choice.arms.len()).any(|number| {
            let guards = choice.arms.iter().filter_map(guard);
            let bodies =
                choice.arms.iter().enumerate().filter(|&(other, _)| other != number).map(|(_, arm)| &*arm.body);
            let (arm, others) = (&choice.arms[number], guards.chain(bodies).collect::<Vec<_>>());
            suspends(&arm.body) || self.takes_apart_within(&arm.body, &choice.expr, Some(&arm.pat), &others)
        });
        let (suspended, number) = self.holds(suspended);
        let borrowed = choice
            .arms
            .iter()
            .any(|arm| anchor::refs(&arm.pat) || anchor::is_guarded(&choice.expr, arm, &self.graph.variables));
        let taken = choice.arms.iter().any(|arm| takes(&arm.pat));
        let patterns: Vec<&Pat> = choice.arms.iter().map(|arm| &arm.pat).collect();
        let value = self.taken_part(*choice.expr, &patterns);
        let scrutinee = self.scrutinee(value, suspended, borrowed, taken);
        let in_slot =
            self.graph.variables.of_path(&scrutinee).filter(|&variable| self.graph.variables[variable].anchored);
        choice.arms.iter().filter_map(guard).for_each(|guard| self.check_guard(guard, in_slot.is_some() && taken));
        // The scrutinee's temporaries are those of the match, or of what it is a value in.
        let around = self.innermost();
        let scope = early.unwrap_or_else(|| self.enter());
        self.left_to_rustc(number, &scrutinee, around);
        let mut arms = Vec::new();
        let mut bodies = Vec::new();
        for arm in choice.arms {
            let (pattern, guard) = match arm.pat {
                Pat::Guard(guard) => (*guard.pat, Some(*guard.guard)),
                pattern => (pattern, None),
            };
            let block = self.new_block();
            let mut binds = bound(&pattern, &self.graph.variables);
            binds.extend(guard.iter().flat_map(|guard| bound_by_guard(guard, &self.graph.variables)));
            let leading = self.arms(pattern, guard.as_ref(), &binds, block);
            arms.extend(leading.iter().cloned());
            bodies.push((leading, block, binds, *arm.body));
        }
        self.terminate(Terminator::Match { scrutinee, arms });
        for (number, (leading, block, binds, body)) in bodies.iter().enumerate() {
            let inner = self.enter_arms(leading, *block);
            for &variable in binds {
                self.declare(variable);
            }
            let others: Vec<&Expr> = bodies[number + 1..].iter().map(|(.., body)| body).collect();
            self.branch(&others, |this| this.scoped_into(body.clone(), destination));
            self.exit(inner);
            self.goto(after);
        }
        self.scopes.retain(|&open| open != scope);
        self.begin(after);
    }

    /// What a `let` in a guard binds goes on into the arm: its value must have nothing else.
    fn check_guard(&mut self, guard: &Expr, in_steps: bool) {
        for condition in lets_of(guard) {
            let value = &condition.expr;
            if in_steps || form::borrows_value(value) || (form::is_value(value) && leaves(&condition.pat)) {
                let what = "a `let` in the guard of an arm that is suspended";
                self.errors.report(error::LET_IN_GUARD, condition.let_token.span(), what);
            }
        }
    }

    fn open_loop(&mut self, label: Option<syn::Label>, destination: Destination) -> (BlockId, BlockId) {
        let (head, after) = (self.new_block(), self.new_block());
        self.goto(head);
        self.begin(head);
        let label = label.map(|label| label.name.ident.to_string());
        self.targets.push(Target { label, is_loop: true, after, again: Some(head), destination });
        self.loops += 1;
        self.around.push(self.once);
        self.once = self.loops;
        (head, after)
    }

    fn close_loop(&mut self, head: BlockId, after: BlockId) {
        self.end_loop();
        self.goto(head);
        self.begin(after);
    }

    fn end_loop(&mut self) {
        self.loops -= 1;
        self.once = self.around.pop().unwrap_or_default();
        self.targets.pop();
    }

    fn for_loop(&mut self, mut repeat: syn::ExprForLoop) {
        let span = repeat.expr.span();
        let scope = self.enter();
        let suspended = block_suspends(&repeat.body);
        let source = self.value(*repeat.expr);
        let source = self.hold(source);
        let source = tree::call(span, tree::global(span, &["core", "iter", "IntoIterator", "into_iter"]), source);
        let iterator = self.temporary("iterator", source, span);
        let name = self.path(iterator);
        let (head, after) = self.open_loop(repeat.label, Destination::Discard);
        let body = self.new_block();
        // The item is held to the end of its round, also what the pattern leaves of it.
        let only_refers = refs(&repeat.pat) && !takes(&repeat.pat);
        if suspended && (only_refers || alternatives::that_leave(&repeat.pat).len() > 1) {
            // What an alternative leaves of the item, or a pattern borrows of it, needs a place to stay.
            let item = self.graph.variables.temporary("item", span);
            self.graph.variables[item].anchored |= only_refers;
            let name = self.graph.variables[item].name.clone();
            let (pattern, item) = (std::mem::replace(&mut *repeat.pat, parse_quote!(#name)), tree::name(name));
            repeat.body.stmts.insert(0, parse_quote!(let #pattern = #item;));
        }
        let (pattern, checks) = if suspended {
            let parts = Parts::of_held(*repeat.pat, &mut self.graph.variables);
            let checks = parts.after(&self.graph.variables);
            (parts.pattern, checks)
        } else {
            (*repeat.pat, Vec::new())
        };
        let binds = bound(&pattern, &self.graph.variables);
        self.terminate(Terminator::Match {
            scrutinee: tree::call(
                span,
                tree::global(span, &["core", "iter", "Iterator", "next"]),
                tree::borrow_mut(span, name),
            ),
            arms: vec![
                Arm { pattern: tree::some(pattern.clone()), guard: None, binds, block: body },
                Arm { pattern: tree::none(), guard: None, binds: vec![], block: after },
            ],
        });
        self.begin(body);
        let inner = self.enter();
        self.declare_pattern(&pattern);
        self.refer(checks);
        self.block(repeat.body, Destination::Discard);
        self.exit(inner);
        self.end_loop();
        self.goto(head);
        self.scopes.retain(|&open| open != scope);
        self.begin(after);
    }

    fn target(&mut self, label: Option<&syn::Lifetime>, span: proc_macro2::Span) -> Option<usize> {
        let found = match label {
            None => self.targets.iter().rposition(|target| target.is_loop),
            Some(label) => {
                let label = label.ident.to_string();
                self.targets.iter().rposition(|target| target.label.as_ref() == Some(&label))
            }
        };
        if found.is_none() {
            self.errors.report(error::HIDDEN_LABEL, span, "a jump to nowhere");
        }
        found
    }

    fn jump_break(&mut self, jump: syn::ExprBreak) {
        let Some(target) = self.target(jump.label.as_ref(), jump.break_token.span()) else { return };
        let (after, destination) = (self.targets[target].after, self.targets[target].destination);
        match jump.expr {
            Some(value) => self.into(*value, destination),
            None => self.store_unit(destination),
        }
        self.goto(after);
        self.unreachable();
    }
}
