//! Expressions with a suspension somewhere inside.
//!
//! [`Lower::value`] lowers everything up to the last suspension and gives back the rest, to be evaluated in one piece.
//! Operands that stand to the left of a suspension and have been evaluated by then are spilled into temporaries, in
//! Rust's order of evaluation; a place that Rust would only borrow later stays a place.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit, parse_quote};

use super::expected::{Expected, Holes};
use super::receiver::{Changed, Changes};
use super::{Destination, Lower, control, form, taking};
use crate::error;
use crate::graph::{Op, Terminator};
use crate::place;
use crate::tree;
use crate::walk::suspends;

/// Whether Rust evaluates an operand where it stands, or only names a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    Value,
    /// A value that may be borrowed where it is used: then it is a temporary of the statement.
    Borrowed,
    /// The right side of a comparison, which borrows it too, and drops it before the left one.
    Compared,
    Place,
}

impl Lower<'_> {
    /// Lowers a block that leaves temporaries to the statement.
    fn for_statement(&mut self, work: impl FnOnce(&mut Self)) {
        self.of_statement = Some(self.innermost());
        work(self);
        self.of_statement = None;
    }

    /// A block that leaves temporaries to the statement, whether it is taken apart for another reason or not.
    pub(super) fn block_apart(&mut self, block: Expr, span: Span) -> Expr {
        let variable = self.graph.variables.temporary("held", span);
        self.declare(variable);
        self.op(Op::Declare(variable));
        self.graph.variables[variable].waits();
        self.for_statement(|this| match block {
            Expr::Block(inner) => this.block_of_any_kind(inner, Destination::Variable(variable)),
            Expr::Unsafe(inner) => {
                this.graph.has_unsafe = true;
                this.block(inner.block, Destination::Variable(variable));
            }
            other => this.store(other, Destination::Variable(variable)),
        });
        self.path(variable)
    }

    /// Lowers an expression up to its last suspension; gives what is left of it.
    pub(super) fn value(&mut self, expr: Expr) -> Expr {
        let terminal = std::mem::take(&mut self.terminal);
        let is_operand = std::mem::take(&mut self.is_operand);
        let expected = self.expected.take();
        if !self.takes_apart(&expr) {
            return expr;
        }
        if control::is_control(&expr) {
            let what = if is_operand { "operand" } else { "value" };
            let variable = self.graph.variables.temporary(what, place::of(&expr));
            self.is_to_become(variable, expected);
            self.declare(variable);
            self.op(Op::Declare(variable));
            match tree::bare(&expr) {
                // What it looks at is a temporary of the statement, and older than its value.
                Expr::Match(choice) if form::is_value(&choice.expr) || self.is_part_of_value(&choice.expr) => {
                    let choice = choice.clone();
                    self.graph.variables[variable].waits();
                    self.branching(|this| this.match_arms(choice, Destination::Variable(variable), true));
                    let value = self.temporary(what, self.path(variable), place::of(&expr));
                    return self.path(value);
                }
                Expr::Block(_) | Expr::Unsafe(_) if self.tail_of(&expr) => {
                    self.graph.variables[variable].waits();
                    self.for_statement(|this| this.into(expr, Destination::Variable(variable)));
                }
                Expr::Block(_) | Expr::Unsafe(_) => self.into(expr, Destination::Variable(variable)),
                // A branch, and a loop's body, leave nothing to what is around them.
                _ => {
                    let tail = self.tail.take();
                    self.into(expr, Destination::Variable(variable));
                    self.tail = tail;
                }
            }
            return self.path(variable);
        }
        let holes = self.holes(&expr, expected.as_ref());
        match expr {
            Expr::Paren(mut inner) => {
                self.terminal = terminal;
                self.expected = expected;
                *inner.expr = self.value(*inner.expr);
                Expr::Paren(inner)
            }
            Expr::Group(inner) => {
                self.terminal = terminal;
                self.expected = expected;
                self.value(*inner.expr)
            }
            Expr::Await(inner) => {
                let span = inner.await_token.span();
                let operand = self.value(*inner.base);
                let operand = self.hold(operand);
                let output = self.suspend(operand, span);
                self.path(output)
            }
            Expr::Try(mut inner) => {
                *inner.expr = self.value(*inner.expr);
                Expr::Try(inner)
            }
            Expr::Unary(mut inner) => {
                *inner.expr = self.value(*inner.expr);
                Expr::Unary(inner)
            }
            Expr::Cast(mut inner) => {
                *inner.expr = self.value(*inner.expr);
                Expr::Cast(inner)
            }
            Expr::Field(mut inner) => {
                *inner.base = self.value(*inner.base);
                Expr::Field(inner)
            }
            Expr::Reference(mut inner) => {
                *inner.expr = self.value(*inner.expr);
                Expr::Reference(inner)
            }
            Expr::Yield(inner) => self.extended_value(inner),
            Expr::MethodCall(mut call) => {
                let apart = call.args.iter().rposition(|argument| self.takes_apart(argument));
                let receiver = match taking::takes_value(&call) {
                    _ if apart.is_some_and(|last| self.is_read_first(&call, last + 1)) => Operand::Value,
                    _ if form::is_place(&call.receiver) => Operand::Place,
                    true => Operand::Value,
                    false => Operand::Borrowed,
                };
                let mut operands = vec![(&mut *call.receiver, receiver)];
                operands.extend(call.args.iter_mut().map(|argument| (argument, Operand::Value)));
                self.operands_into(operands, terminal, holes.as_ref());
                self.tied(holes, Expr::MethodCall(call))
            }
            Expr::Call(mut call) => {
                let function = if self.is_called_in_place(&mut call) { Operand::Place } else { Operand::Value };
                let mut operands = vec![(&mut *call.func, function)];
                operands.extend(call.args.iter_mut().map(|argument| (argument, Operand::Value)));
                self.operands_into(operands, terminal, holes.as_ref());
                self.tied(holes, Expr::Call(call))
            }
            Expr::Tuple(mut tuple) => {
                let operands = tuple.elems.iter_mut().map(|element| (element, Operand::Value)).collect();
                self.operands_into(operands, terminal, holes.as_ref());
                Expr::Tuple(tuple)
            }
            Expr::Array(mut array) => {
                let operands = array.elems.iter_mut().map(|element| (element, Operand::Value)).collect();
                self.operands_into(operands, terminal, holes.as_ref());
                Expr::Array(array)
            }
            Expr::Repeat(mut repeat) => {
                *repeat.expr = self.value(*repeat.expr);
                Expr::Repeat(repeat)
            }
            Expr::Struct(mut structure) => {
                for field in &mut structure.fields {
                    field.colon_token.get_or_insert_default();
                }
                let mut operands: Vec<_> =
                    structure.fields.iter_mut().map(|field| (&mut field.expr, Operand::Value)).collect();
                operands.extend(structure.rest.iter_mut().map(|rest| (&mut **rest, Operand::Value)));
                self.operands_into(operands, terminal, holes.as_ref());
                self.tied(holes, Expr::Struct(structure))
            }
            Expr::Range(mut range) => {
                let operands = range
                    .start
                    .iter_mut()
                    .chain(range.end.iter_mut())
                    .map(|end| (&mut **end, Operand::Value))
                    .collect();
                self.operands(operands, terminal);
                Expr::Range(range)
            }
            Expr::Index(mut index) => {
                let whole = if form::is_place(&index.expr) { Operand::Place } else { Operand::Borrowed };
                self.operands(vec![(&mut *index.expr, whole), (&mut *index.index, Operand::Value)], terminal);
                Expr::Index(index)
            }
            Expr::Binary(binary) => self.binary(binary, terminal),
            Expr::Assign(mut assign) => {
                if suspends(&assign.left) {
                    // Rust evaluates the value first, then the place.
                    self.operands(
                        vec![(&mut *assign.right, Operand::Value), (&mut *assign.left, Operand::Place)],
                        terminal,
                    );
                    return Expr::Assign(assign);
                }
                self.expected = self.expected_in(&assign.left, &assign.right);
                *assign.right = self.value(*assign.right);
                match self.assigned_whole(&assign.left) {
                    Some(variable) => {
                        self.assign(variable, *assign.right);
                        tree::unit()
                    }
                    None => Expr::Assign(assign),
                }
            }
            Expr::Break(_) | Expr::Continue(_) | Expr::Return(_) => {
                self.into(expr, Destination::Discard);
                tree::unit()
            }
            Expr::Let(inner) => {
                self.errors.report(error::AWAIT_IN_LET_CHAIN, inner.span(), "`.await` in this `let` condition");
                parse_quote!(false)
            }
            other => {
                if suspends(&other) {
                    self.errors.report(error::AWAIT_HERE, other.span(), "`.await` inside this expression");
                }
                other
            }
        }
    }

    /// Lowers operands from left to right. `terminal`: see [`Lower::terminal`].
    fn operands(&mut self, operands: Vec<(&mut Expr, Operand)>, terminal: bool) {
        self.operands_into(operands, terminal, None);
    }

    /// The same, with what they are to become. (What is called, or a receiver, has no hole.)
    fn operands_into(&mut self, operands: Vec<(&mut Expr, Operand)>, terminal: bool, holes: Option<&Holes>) {
        let last = operands.iter().rposition(|(operand, _)| self.takes_apart(operand));
        let Some(last) = last else { return };
        // In a block's last expression what an operand borrows, or takes a part of, is dropped before the operands that are older than
        // it, also where a later one is left early: they stay variables until all have been made.
        let leaves = |(operand, _): &(&mut Expr, Operand)| form::borrows_value(operand) || form::leaves_part(operand);
        let left_by = operands.iter().rposition(leaves).filter(|&index| terminal && index > 0);
        // Only the first may be a place, or a part of a value.
        let is_place = operands.first().is_some_and(|(_, kind)| *kind != Operand::Value);
        let later = operands.iter().take(last + 1).skip(1).map(|(operand, _)| &**operand);
        let changed = if is_place { Changes::of(later, &self.graph.variables).changed() } else { Changed::default() };
        let count = operands.len();
        for (index, (operand, mut kind)) in operands.into_iter().enumerate() {
            let span = place::of(operand);
            let is_compared = kind == Operand::Compared;
            if is_compared {
                kind = Operand::Value;
            }
            let taken = std::mem::replace(operand, tree::unit());
            self.is_operand = index <= last && kind == Operand::Value && self.in_tail();
            let mut expected = holes.and_then(|holes| self.hole_of(holes, index, count));
            self.expected = expected.clone().filter(|_| index <= last);
            let mut value = if index <= last { self.value(taken) } else { taken };
            if index < last && kind == Operand::Borrowed && form::is_projection(&value) {
                // A part is borrowed where it is, not copied or moved out of the whole.
                value = self.held_place(value, true);
                kind = Operand::Place;
            }
            if index < last && kind == Operand::Place {
                value = self.settled(value, &changed);
            }
            if index < last && kind != Operand::Place && !self.is_fixed(&value) {
                let variable = match self.graph.variables.of_path(&value) {
                    Some(variable) if self.is_temporary(&value) => {
                        if kind == Operand::Value {
                            self.move_inside(variable);
                        }
                        variable
                    }
                    Some(variable) if self.graph.variables[variable].temporary => variable,
                    _ => {
                        let value = self.told(value, expected.as_ref());
                        let held = if kind == Operand::Value { self.hold_operand(value) } else { self.hold(value) };
                        let what = if kind == Operand::Value { "operand" } else { "receiver" };
                        let held = Expected::tie_if(expected.take(), held);
                        self.temporary(what, held, span)
                    }
                };
                // Operands are dropped before the statement's temporaries, also before those that are made later. What is borrowed is
                // one of these itself.
                if !terminal && kind == Operand::Value {
                    self.graph.variables[variable].waits();
                }
                value = self.path(variable);
            } else if let Some(left_by) = left_by
                && index >= last
                && kind == Operand::Value
                && (!form::is_still(&value) || (index < left_by && self.moves_last(&value)))
                && !is_constant(&value)
            {
                let told = self.told(value, expected.as_ref());
                let held = self.hold_operand(told);
                let held = Expected::tie_if(expected.take(), held);
                let variable = self.temporary("operand", held, span);
                value = self.path(variable);
            } else if let Some(variable) = self.graph.variables.of_path(&value)
                && index == last
                && (self.graph.variables[variable].role == "operand"
                    || is_compared && !terminal && self.graph.variables[variable].temporary)
            {
                self.graph.variables[variable].waits();
            }
            // (What several ways have given is that already.)
            let is_tied =
                self.graph.variables.of_path(&value).is_some_and(|variable| self.ties.contains_key(&variable));
            *operand = Expected::tie_if(expected.filter(|_| !is_tied), value);
        }
    }

    /// Whether it makes no difference when a constant is evaluated: in `unsafe` code it may be a `static mut`.
    fn is_fixed(&self, expr: &Expr) -> bool {
        is_constant(expr) && (!self.graph.has_unsafe || matches!(tree::bare(expr), Expr::Lit(_)))
    }

    pub(super) fn is_temporary(&self, expr: &Expr) -> bool {
        let variable = self.graph.variables.of_path(expr);
        variable.is_some_and(|variable| matches!(self.graph.variables[variable].role, "awaited" | "value"))
    }

    fn binary(&mut self, mut binary: syn::ExprBinary, terminal: bool) -> Expr {
        use BinOp::*;
        match binary.op {
            // Here too if the right side moves a variable that the left side may keep it from moving.
            And(_) | Or(_) if suspends(&binary.right) || !self.takes_apart(&binary.left) => {
                let variable = self.graph.variables.temporary("value", binary.span());
                self.declare(variable);
                self.graph.variables[variable].written = Some(parse_quote!(bool));
                self.op(Op::Declare(variable));
                let (right, shortcut, after) = (self.new_block(), self.new_block(), self.new_block());
                let condition = self.condition(*binary.left);
                let is_and = matches!(binary.op, And(_));
                let (then, otherwise) = if is_and { (right, shortcut) } else { (shortcut, right) };
                self.terminate(Terminator::If { condition, then, otherwise });
                self.begin(right);
                self.scoped_into(*binary.right, Destination::Variable(variable));
                self.goto(after);
                self.begin(shortcut);
                self.op(Op::Assign(variable, if is_and { parse_quote!(false) } else { parse_quote!(true) }));
                self.goto(after);
                self.begin(after);
                self.path(variable)
            }
            ref op if tree::is_assignment(op) => {
                self.operands(
                    vec![(&mut *binary.right, Operand::Value), (&mut *binary.left, Operand::Place)],
                    terminal,
                );
                Expr::Binary(binary)
            }
            And(_) | Or(_) => {
                *binary.left = self.condition(*binary.left);
                Expr::Binary(binary)
            }
            Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_) => {
                let left = if form::is_place(&binary.left) { Operand::Place } else { Operand::Borrowed };
                if left == Operand::Place && self.takes_apart(&binary.right) {
                    let place = std::mem::replace(&mut *binary.left, tree::unit());
                    *binary.left = self.compared_first(place, &binary.right);
                }
                self.operands(vec![(&mut *binary.left, left), (&mut *binary.right, Operand::Compared)], terminal);
                Expr::Binary(binary)
            }
            _ => {
                self.operands(
                    vec![(&mut *binary.left, Operand::Value), (&mut *binary.right, Operand::Value)],
                    terminal,
                );
                Expr::Binary(binary)
            }
        }
    }
}

/// A name that no variable has, see [`crate::names`]: `N`, `_N`, and not `_1`.
fn is_upper(name: &str) -> bool {
    name.trim_start_matches('_').starts_with(char::is_uppercase) && !name.contains(char::is_lowercase)
}

/// Expressions whose value does not depend on when they are evaluated.
pub(super) fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => !matches!(literal.lit, Lit::Verbatim(_)),
        Expr::Path(path) => {
            path.path.segments.len() > 1 || path.path.get_ident().is_some_and(|name| is_upper(&name.to_string()))
        }
        // (What a static points to may change, and an operator may be the user's.)
        Expr::Unary(inner) => matches!(*inner.expr, Expr::Lit(_)),
        Expr::Paren(inner) => is_constant(&inner.expr),
        Expr::Group(inner) => is_constant(&inner.expr),
        Expr::Reference(inner) => inner.mutability.is_none() && is_constant(&inner.expr),
        Expr::Array(array) => array.elems.iter().all(is_constant),
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_constant),
        Expr::Repeat(repeat) => is_constant(&repeat.expr),
        Expr::Closure(_) => false,
        _ => false,
    }
}
