//! The last expression of a block before edition 2024: its temporaries outlive the block's variables.
//!
//! Such a block has a scope around it, for the temporaries. They are declared there, and get their values where the expression
//! is. So it is for blocks in which something is taken apart, if their last expression makes temporaries; the others are
//! rustc's business. The condition of an `if` or `while` there is not among them: its temporaries are dropped before.

use syn::spanned::Spanned;
use syn::{Expr, Stmt};

use super::{Destination, Lower, control, form};
use crate::graph::{self, BlockId, Op, ScopeId, Terminator, VariableId};
use crate::tree;

/// The last expression of a block.
pub(super) struct Tail {
    /// The block's scope, and the one around it.
    inner: ScopeId,
    outer: ScopeId,
    /// The outer one is that of a statement, which goes on.
    shared: bool,
    /// Where the outer scope begins.
    begin: (BlockId, usize),
    /// What is to be declared there.
    declared: Vec<VariableId>,
    /// The place of the next of them in the order of declarations.
    order: usize,
}

/// As many temporaries may be declared before a block.
const ORDERS: usize = 1 << 12;

/// The `x` of a `return x`, without a semicolon: before edition 2024 its temporaries outlive the block's variables, as those of an `x` do.
pub(super) fn returned(last: &Expr) -> Option<&Expr> {
    match last {
        Expr::Return(last) if crate::edition::is_old() => last.expr.as_deref(),
        _ => None,
    }
}

impl Lower<'_> {
    /// Opens the scope around a block whose last expression wants one.
    pub(super) fn open_tail(&mut self, statements: &[Stmt]) -> Option<Tail> {
        if !self.makes_temporaries(statements) {
            return None;
        }
        self.graph.asks_edition = true;
        if !crate::edition::is_old() {
            return None;
        }
        // Of a block that is another's last expression, the temporaries outlive the variables of both.
        if let Some(Tail { outer, begin, order, .. }) = self.tail.as_ref().filter(|_| self.in_tail()) {
            let (outer, begin, order) = (*outer, *begin, *order);
            return Some(Tail { inner: outer, outer, shared: true, begin, declared: Vec::new(), order });
        }
        // A statement's own scope serves as well.
        let shared = self.of_statement.take().filter(|&scope| scope == self.innermost());
        let outer = shared.unwrap_or_else(|| self.enter());
        // What waits for the block's value is younger than them.
        let waits = |op: &&Op| matches!(op, Op::Declare(variable) if self.graph.variables[*variable].is_waiting());
        let ops = &self.graph.blocks[self.current].ops;
        let begin = (self.current, ops.len() - ops.iter().rev().take_while(waits).count());
        let order = self.next_order;
        self.next_order += ORDERS;
        Some(Tail { inner: outer, outer, shared: shared.is_some(), begin, declared: Vec::new(), order })
    }

    /// Whether the expression is a block whose last expression leaves temporaries to the statement.
    pub(super) fn tail_of(&self, expr: &Expr) -> bool {
        block_of(expr).is_some_and(|block| crate::edition::is_old() && self.makes_temporaries(&block.stmts))
    }

    /// Whether the last expression of a block will be taken apart, when those before it have been lowered.
    pub(super) fn takes_last_apart(&self, statements: &[Stmt]) -> bool {
        let Some((Stmt::Expr(last, None), before)) = statements.split_last() else { return false };
        self.takes_apart_behind(last, before)
    }

    fn takes_apart_behind(&self, last: &Expr, before: &[Stmt]) -> bool {
        let before = tree::block(syn::Block { brace_token: Default::default(), stmts: before.to_vec() });
        self.takes_apart_within(last, &before, None, &[])
    }

    fn makes_temporaries(&self, statements: &[Stmt]) -> bool {
        self.makes_temporaries_behind(&[], statements)
    }

    /// The same, where other statements are still to be lowered before.
    fn makes_temporaries_behind(&self, earlier: &[Stmt], statements: &[Stmt]) -> bool {
        let Some((Stmt::Expr(last, None), before)) = statements.split_last() else { return false };
        let last = returned(last).unwrap_or(last);
        let joined: Vec<Stmt>;
        let before = if earlier.is_empty() {
            before
        } else {
            joined = [earlier, before].concat();
            &joined
        };
        if self.takes_apart_behind(last, before) {
            return match tree::bare(last) {
                Expr::Match(choice) => form::is_value(&choice.expr),
                last if let Some(block) = block_of(last) => {
                    crate::edition::is_old() && self.makes_temporaries_behind(before, &block.stmts)
                }
                last => self.lingers(last) || (!control::is_control(last) && form::borrows_value(last)),
            };
        }
        // Those of the body's own value are left to rustc, but for those in a block that is taken apart.
        let is_bodys = self.scopes.len() == 1 && earlier.is_empty();
        !is_bodys && (form::borrows_value(last) || self.is_part_of_value(last) || looks_at_value(last))
    }

    /// Before a block's last expression that is left to rustc: before edition 2024 it has to stand in the block's brace, not in one
    /// that is further in, as what follows an `if` does of which the other branch returns.
    pub(super) fn stand_alone(&mut self) {
        let leads_here = |block: &&graph::Block| block.terminator.successors().contains(&self.current);
        if self.graph.blocks.iter().filter(leads_here).any(|block| !block.suspends()) {
            let block = self.new_block();
            self.goto(block);
            self.begin(block);
            self.graph.blocks[block].alone = true;
        }
    }

    /// Of the blocks that are to stand alone, leaves those that would stand in another's brace.
    pub(super) fn leave_alone(&mut self, reached: &[bool]) {
        let mut ways = vec![0; reached.len()];
        for block in (0..reached.len()).filter(|&block| reached[block]).map(|block| &self.graph.blocks[block]) {
            for next in block.terminator.successors() {
                ways[next] += if block.suspends() { 2 } else { 1 };
            }
        }
        let further_in: Vec<BlockId> = (0..reached.len())
            .filter(|&block| reached[block] && ways[block] == 1)
            .filter_map(|block| match self.graph.blocks[block].terminator {
                Terminator::Goto(next) => Some(next),
                _ => None,
            })
            .collect();
        for (block, entry) in self.graph.blocks.iter_mut().enumerate().filter(|(_, entry)| entry.alone) {
            let stays = further_in.contains(&block);
            self.graph.asks_edition |= stays;
            entry.alone = stays && crate::edition::is_old();
        }
    }

    /// Lowers the last expression of a block; gives the scope that ends with it.
    pub(super) fn tail(&mut self, expr: Expr, destination: Destination, tail: Tail) -> Option<ScopeId> {
        let outer = (!tail.shared).then_some(tail.outer);
        let inner = self.innermost();
        let before = self.tail.replace(Tail { inner, ..tail });
        if control::is_control(&expr) && self.takes_apart(&expr) {
            self.into(expr, destination);
        } else {
            let is_part = self.is_part_of_value(&expr);
            let span = expr.span();
            let expr = self.looked_at(expr);
            let value = self.value(expr);
            let value = if is_part && self.is_part_of_value(&value) {
                // What is left of the whole is a temporary.
                let value = self.rooted(value);
                let part = self.element(value, span, false);
                self.path(part)
            } else {
                self.hold(value)
            };
            self.store(value, destination);
        }
        let tail = std::mem::replace(&mut self.tail, before);
        if let Some(Tail { begin: (block, at), declared, outer, order, .. }) = tail {
            if let Some(around) = self.tail.as_mut().filter(|around| around.outer == outer) {
                around.order = order;
            }
            let declarations = declared.into_iter().map(Op::Declare);
            self.graph.blocks[block].ops.splice(at..at, declarations);
        }
        outer
    }

    /// What a `match` that is left to rustc looks at is a temporary, of which its arms may leave something.
    fn looked_at(&mut self, expr: Expr) -> Expr {
        match expr {
            Expr::Match(mut choice) if form::is_value(&choice.expr) => {
                let span = choice.expr.span();
                let value = self.hold(*choice.expr);
                let whole = self.element(value, span, false);
                *choice.expr = self.path(whole);
                Expr::Match(choice)
            }
            other => other,
        }
    }

    /// Whether it is a block's last expression that is being lowered.
    pub(super) fn in_tail(&self) -> bool {
        self.tail.as_ref().is_some_and(|tail| self.scopes.last() == Some(&tail.inner))
    }

    /// Whether a variable is a temporary of a block's last expression. An operand that waits is none: it is moved on.
    pub(super) fn outlives(&self, variable: VariableId) -> bool {
        let entry = &self.graph.variables[variable];
        entry.temporary && self.in_tail() && entry.role != "operand"
    }

    /// The scope in which a variable is declared now.
    pub(super) fn home(&self, variable: VariableId) -> ScopeId {
        match &self.tail {
            Some(tail) if self.outlives(variable) => tail.outer,
            _ => self.innermost(),
        }
    }

    /// The place of a variable that is declared now, in the order of declarations.
    pub(super) fn next_order(&mut self, variable: VariableId) -> usize {
        let outlives = self.outlives(variable);
        let next = match &mut self.tail {
            Some(tail) if outlives => &mut tail.order,
            _ => &mut self.next_order,
        };
        *next += 1;
        *next - 1
    }

    /// Makes a temporary one of the innermost scope: not among those that outlive the block.
    pub(super) fn move_inside(&mut self, variable: VariableId) {
        let innermost = self.innermost();
        let entry = &mut self.graph.variables[variable];
        let before = std::mem::replace(&mut entry.scope, innermost);
        // Where it is already, it was declared before those that came later.
        if before != innermost {
            entry.order = self.next_order;
            self.next_order += 1;
        }
    }

    /// Keeps back a declaration that belongs around the block.
    pub(super) fn declared_before(&mut self, op: Op) -> Option<Op> {
        match op {
            Op::Declare(variable) if self.outlives(variable) => {
                self.tail.iter_mut().for_each(|tail| tail.declared.push(variable));
                None
            }
            op => Some(op),
        }
    }
}

/// The block that an expression is, if its last expression leaves temporaries to what is around it.
fn block_of(expr: &Expr) -> Option<&syn::Block> {
    match tree::bare(expr) {
        Expr::Block(inner) => Some(&inner.block),
        Expr::Unsafe(inner) => Some(&inner.block),
        _ => None,
    }
}

/// Whether an expression is a `match` of a value that has no place.
fn looks_at_value(expr: &Expr) -> bool {
    matches!(expr, Expr::Match(choice) if form::is_value(&choice.expr))
}
