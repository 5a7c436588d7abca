//! Temporaries that must outlive a suspension.
//!
//! `two(&make(), other()).await`: what `make()` gives is borrowed by the child, so it must stay where it is until the
//! statement ends. Each such value goes into a temporary with a slot.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, UnOp, parse_quote, parse_quote_spanned};

use super::element::element_of;
use super::expected::Expected;
use super::extended::extended;
use super::form::{
    borrows_value, elements, is_callee, is_comparison, is_place, is_static, is_still, is_value, is_variant,
};
use super::receiver::Changes;
use super::taking::takes_value;
use super::{Before, Lower, control, expression::is_constant};
use crate::anchor::root;
use crate::graph::{Borrowing, Op};
use crate::place;
use crate::place::here;
use crate::tree;
use crate::walk::Context;

impl Lower<'_> {
    /// Whether a statement makes temporaries that its rest borrows, so that they must be dropped where it ends.
    pub(super) fn lingers(&self, expr: &Expr) -> bool {
        // Control flow has scopes of its own, unless it leaves something to the statement.
        (!control::is_control(expr) || self.tail_of(expr)) && self.lingers_as(expr, Context::Value)
    }

    fn lingers_as(&self, expr: &Expr, context: Context) -> bool {
        if !self.takes_apart(expr) {
            return false;
        }
        let value = |expr: &Expr| self.lingers_as(expr, Context::Value);
        let place = |expr: &Expr| self.lingers_as(expr, Context::Place);
        // What is evaluated before something that is taken apart keeps its temporaries over it.
        let operands = |operands: Vec<&Expr>| {
            let last = operands.iter().rposition(|operand| self.takes_apart(operand)).unwrap_or_default();
            operands.iter().any(|operand| value(operand))
                || operands[..last].iter().any(|operand| borrows_value(operand))
        };
        match expr {
            // A value that is borrowed is a temporary, whichever of several ways gives it.
            Expr::If(_) | Expr::Loop(_) => context == Context::Place,
            Expr::Block(_) | Expr::Unsafe(_) => context == Context::Place || self.tail_of(expr),
            Expr::Await(inner) => context == Context::Place || value(&inner.base) || borrows_value(&inner.base),
            Expr::Paren(inner) => self.lingers_as(&inner.expr, context),
            Expr::Group(inner) => self.lingers_as(&inner.expr, context),
            Expr::Field(inner) => place(&inner.base),
            Expr::Index(inner) => {
                (self.takes_apart(&inner.index) && !is_place(&inner.expr)) || place(&inner.expr) || value(&inner.index)
            }
            Expr::Reference(inner) => place(&inner.expr),
            Expr::Unary(inner) => {
                if matches!(inner.op, UnOp::Deref(_)) {
                    place(&inner.expr)
                } else {
                    value(&inner.expr)
                }
            }
            Expr::Cast(inner) => value(&inner.expr),
            Expr::Try(inner) => value(&inner.expr),
            Expr::MethodCall(call) => {
                let taken = takes_value(call);
                let spilled = call.args.iter().any(|argument| self.takes_apart(argument)) && !is_place(&call.receiver);
                (spilled && (!taken || borrows_value(&call.receiver)))
                    || if taken { value(&call.receiver) } else { place(&call.receiver) }
                    || operands(call.args.iter().collect())
            }
            Expr::Call(call) => operands(std::iter::once(&*call.func).chain(&call.args).collect()),
            Expr::Binary(binary) => {
                use syn::BinOp::*;
                if matches!(binary.op, Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_)) {
                    place(&binary.left)
                        || place(&binary.right)
                        || (self.takes_apart(&binary.right) && !is_place(&binary.left))
                } else {
                    operands(vec![&binary.left, &binary.right])
                }
            }
            Expr::Assign(assign) => operands(vec![&assign.right, &assign.left]),
            Expr::Tuple(tuple) => operands(tuple.elems.iter().collect()),
            Expr::Array(array) => operands(array.elems.iter().collect()),
            Expr::Struct(structure) => {
                let fields = structure.fields.iter().map(|field| &field.expr);
                // What the base leaves is a temporary.
                operands(fields.chain(structure.rest.as_deref()).collect())
                    || structure.rest.as_deref().is_some_and(place)
            }
            Expr::Range(range) => operands(range.start.iter().chain(range.end.iter()).map(|end| &**end).collect()),
            Expr::Match(choice) => context == Context::Place || is_value(&choice.expr),
            Expr::Macro(inner) => elements(inner).is_some_and(|elements| operands(elements.list.iter().collect())),
            Expr::Return(inner) => inner.expr.as_ref().is_some_and(|inner| value(inner)),
            Expr::Break(inner) => inner.expr.as_ref().is_some_and(|inner| value(inner)),
            _ => false,
        }
    }
}

/// How an operand is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What it borrows.
    Value,
    /// It is borrowed itself.
    Place,
    /// It is looked at.
    Whole,
    Untouched,
    /// Something that is held comes after all others.
    Last,
}

impl Part {
    /// Whether holding it evaluates something.
    fn hoists(self, expr: &Expr) -> bool {
        match self {
            Part::Value => borrows_value(expr),
            Part::Place | Part::Whole => is_value(expr) || borrows_value(expr),
            Part::Untouched => false,
            Part::Last => true,
        }
    }
}

/// Whether it makes no difference when an operand is evaluated: it names a place, or is made of such.
fn is_idle(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_idle(&inner.expr),
        Expr::Group(inner) => is_idle(&inner.expr),
        Expr::Reference(inner) => is_idle(&inner.expr),
        Expr::Cast(inner) => is_idle(&inner.expr),
        // What is put together of values is dropped together.
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_idle_part),
        Expr::Array(array) => array.elems.iter().all(is_idle_part),
        Expr::Struct(structure) => {
            structure.rest.is_none() && structure.fields.iter().all(|field| is_idle_part(&field.expr))
        }
        // Its parameters' types may follow from what it is an argument of.
        Expr::Closure(_) => true,
        other => is_still(other) || is_constant(other),
    }
}

fn is_idle_part(expr: &Expr) -> bool {
    is_idle(expr) && (!is_place(tree::bare(expr)) || is_constant(expr))
}

impl Lower<'_> {
    /// As [`Lower::hold`], of a `let`'s value: what rustc does not keep as long as the variable, it drops with the statement,
    /// and so it is if it stays where it is. `expected`: what it is to become.
    pub(super) fn hold_extended(&mut self, expr: Expr, expected: Option<&Expected>) -> Expr {
        let expr = self.told(expr, expected);
        self.extending = true;
        let expr = self.hold(expr);
        self.extending = false;
        expr
    }

    /// Puts every value that the expression borrows into a slot; marks the temporaries that it borrows.
    pub(super) fn hold(&mut self, expr: Expr) -> Expr {
        if self.extending && !extended(&expr) {
            return expr;
        }
        let span = place::of(&expr);
        let expr = if self.extending { expr } else { self.told(expr, None) };
        match expr {
            Expr::Reference(mut inner) if inner.mutability.is_some() && is_variant(&inner.expr) => {
                let variable = self.temporary("held", *inner.expr, span);
                self.graph.variables[variable].anchored = true;
                *inner.expr = self.path(variable);
                Expr::Reference(inner)
            }
            Expr::Reference(inner) if is_static(&inner) => Expr::Reference(inner),
            Expr::Reference(mut inner) => {
                *inner.expr = self.held_place(*inner.expr, inner.mutability.is_some());
                Expr::Reference(inner)
            }
            Expr::MethodCall(mut call) => {
                let receiver = if !takes_value(&call) {
                    Part::Place
                } else if is_place(&call.receiver) && !(self.in_tail() && self.is_temporary(&call.receiver)) {
                    Part::Untouched
                } else {
                    Part::Value
                };
                let mut parts = vec![(&mut *call.receiver, receiver)];
                parts.extend(call.args.iter_mut().map(|argument| (argument, Part::Value)));
                self.hold_parts(parts);
                Expr::MethodCall(call)
            }
            Expr::Call(mut call) => {
                let function = if is_callee(&call.func) { Part::Value } else { Part::Untouched };
                let mut parts = vec![(&mut *call.func, function)];
                parts.extend(call.args.iter_mut().map(|argument| (argument, Part::Value)));
                self.hold_parts(parts);
                Expr::Call(call)
            }
            Expr::Paren(mut inner) => {
                *inner.expr = self.hold(*inner.expr);
                Expr::Paren(inner)
            }
            Expr::Group(inner) => self.hold(*inner.expr),
            Expr::Try(mut inner) => {
                *inner.expr = self.hold(*inner.expr);
                Expr::Try(inner)
            }
            Expr::Tuple(mut tuple) => {
                self.hold_elements(&mut tuple);
                Expr::Tuple(tuple)
            }
            Expr::Array(mut array) => {
                self.hold_parts(array.elems.iter_mut().map(|element| (element, Part::Value)).collect());
                Expr::Array(array)
            }
            Expr::Struct(structure) => self.hold_struct(structure),
            Expr::Range(mut range) => {
                let ends = range.start.iter_mut().chain(range.end.iter_mut());
                self.hold_parts(ends.map(|end| (&mut **end, Part::Value)).collect());
                Expr::Range(range)
            }
            // The scrutinee's temporaries live as long as those of the expression around the `match`.
            Expr::Match(mut choice) => {
                *choice.expr = self.hold(*choice.expr);
                Expr::Match(choice)
            }
            // What is a part of a temporary is copied out of it; the temporary itself is dropped with the statement.
            Expr::Field(mut inner) => {
                *inner.base = self.held_whole(*inner.base);
                Expr::Field(inner)
            }
            Expr::Index(mut inner) => {
                *inner.expr = self.held_whole(*inner.expr);
                *inner.index = self.hold(*inner.index);
                Expr::Index(inner)
            }
            Expr::Unary(mut inner) => {
                let part = matches!(inner.op, UnOp::Deref(_));
                *inner.expr = if part { self.held_whole(*inner.expr) } else { self.hold(*inner.expr) };
                Expr::Unary(inner)
            }
            Expr::Cast(mut inner) => {
                *inner.expr = self.hold(*inner.expr);
                Expr::Cast(inner)
            }
            Expr::Macro(mut inner) => {
                if let Some(mut elements) = elements(&inner) {
                    self.hold_parts(elements.list.iter_mut().map(|element| (element, Part::Value)).collect());
                    inner.mac.tokens = elements.to_token_stream();
                }
                Expr::Macro(inner)
            }
            Expr::Binary(mut binary) if !matches!(binary.op, syn::BinOp::And(_) | syn::BinOp::Or(_)) => {
                let part = if is_comparison(&binary.op) { Part::Whole } else { Part::Value };
                self.hold_parts(vec![(&mut *binary.left, part), (&mut *binary.right, part)]);
                Expr::Binary(binary)
            }
            // What its last expression borrows is the statement's, before edition 2024.
            block @ (Expr::Block(_) | Expr::Unsafe(_)) if borrows_value(&block) => self.block_apart(block, span),
            other => other,
        }
    }

    /// Holds what the operands of an expression borrow. What stands to the left of a value that is held is evaluated
    /// before it, as Rust does.
    fn hold_parts(&mut self, mut parts: Vec<(&mut Expr, Part)>) {
        // (What stays where it is is evaluated there.)
        let stays = |expr: &Expr| self.extending && !extended(expr);
        let last = parts.iter().rposition(|(expr, part)| part.hoists(expr) && (*part == Part::Last || !stays(expr)));
        for index in 0..parts.len() {
            let (done, later) = parts.split_at_mut(index + 1);
            let (expr, part) = &mut done[index];
            let (part, before) = (*part, last.is_some_and(|last| index < last));
            let span = place::of(expr);
            let taken = std::mem::replace(&mut **expr, tree::unit());
            let mut value = match part {
                Part::Value => self.hold_operand(taken),
                Part::Place => self.held_place(taken, false),
                Part::Whole => self.held_whole(taken),
                Part::Untouched | Part::Last => taken,
            };
            if before
                && part == Part::Value
                && self.is_temporary(&value)
                && let Some(variable) = self.graph.variables.of_path(&value)
            {
                self.graph.variables[variable].waits();
                // An operand now, and none of the temporaries that outlive the block's variables.
                if self.in_tail() && self.graph.variables[variable].role == "awaited" {
                    self.move_inside(variable);
                }
            }
            let moves = part == Part::Value && self.moves_last(&value);
            let mut read_first = false;
            if before {
                // What a later operand may change is read before that one is evaluated.
                let hoisted = || later.iter().map(|(later, _)| &**later);
                let changed = Changes::of(hoisted(), &self.graph.variables).changed();
                match part {
                    Part::Value | Part::Untouched if !matches!(tree::bare(&value), Expr::Reference(_)) => {
                        read_first = !is_constant(&value) && changed.concerns(&value, &self.graph.variables);
                    }
                    Part::Whole if let Some(right) = hoisted().next() => value = self.compared_first(value, right),
                    _ => value = self.settled(value, &changed),
                }
            }
            if before && (moves || read_first || !is_idle(&value)) {
                let variable = self.temporary("operand", value, span);
                self.graph.variables[variable].waits();
                value = self.path(variable);
            }
            *parts[index].0 = value;
        }
    }

    /// Whether an operand is a variable that is moved here, if its type is moved at all: should a later operand panic, it is dropped
    /// as an operand. (Where it is mentioned again, it may be a reference that is lent.)
    pub(super) fn moves_last(&self, operand: &Expr) -> bool {
        self.graph.variables.of_path(operand).is_some_and(|variable| {
            let entry = &self.graph.variables[variable];
            let is_value = !entry.plain && !entry.shared && !entry.outer && !entry.temporary;
            is_value && entry.borrowing != Borrowing::Mutable && self.is_last_mention(variable, 1, &Before::default())
        })
    }

    pub(super) fn hold_elements(&mut self, tuple: &mut syn::ExprTuple) {
        self.hold_parts(tuple.elems.iter_mut().map(|element| (element, Part::Value)).collect());
    }

    /// As [`Lower::hold`], of an operand that is used by value. Of `(a, b).1` the element is an operand now, the others are temporaries.
    pub(super) fn hold_operand(&mut self, operand: Expr) -> Expr {
        let Some((tuple, number)) = element_of(&operand).filter(|_| !self.extending) else {
            return self.hold(operand);
        };
        let mut tuple = tuple.clone();
        self.hold_elements(&mut tuple);
        let mut values: Vec<Expr> = tuple.elems.into_iter().collect();
        for value in values.iter_mut() {
            let span = place::of(value);
            let operand = self.temporary("operand", std::mem::replace(value, tree::unit()), span);
            self.graph.variables[operand].waits();
            *value = self.path(operand);
        }
        let element = values.remove(number);
        // A tuple is dropped from its first element on.
        for value in values.into_iter().rev() {
            let span = place::of(&value);
            self.temporary("left", value, span);
        }
        element
    }

    fn hold_struct(&mut self, mut structure: syn::ExprStruct) -> Expr {
        for field in &mut structure.fields {
            field.colon_token.get_or_insert_default();
        }
        let rest = structure.rest.take();
        // The base is evaluated last.
        let held_rest = !self.extending && rest.as_ref().is_some_and(|rest| is_value(rest));
        let mut mark = tree::unit();
        let mut parts: Vec<_> = structure.fields.iter_mut().map(|field| (&mut field.expr, Part::Value)).collect();
        parts.extend(held_rest.then_some((&mut mark, Part::Last)));
        self.hold_parts(parts);
        if let Some(rest) = rest {
            structure.rest = Some(if held_rest { Box::new(self.held_rest(*rest, &structure)) } else { rest });
        }
        Expr::Struct(structure)
    }

    /// `..rest`: what is not taken of a temporary is dropped with the statement. That is what the literal gives values of
    /// its own: these fields.
    fn held_rest(&mut self, rest: Expr, literal: &syn::ExprStruct) -> Expr {
        let span = rest.span();
        let value = self.hold(rest);
        let variable = self.temporary("base", value, span);
        self.graph.variables[variable].plain = true;
        let whole = self.path(variable);
        // What its type is, only the literal may tell: `..Default::default()`.
        let (path, members) = (&literal.path, literal.fields.iter().map(|field| &field.member));
        let never: Expr = parse_quote!(__never());
        self.op(Op::Effect(parse_quote! {
            __same_type(&#whole, || #path { #(#members: #never,)* ..#never })
        }));
        let (span, place) = here(span);
        self.op(Op::Effect(parse_quote_spanned!(span=> (&__probe(&#whole)).taken::<#place>())));
        // Their order among themselves is the type's, which is not known: only one may need to be dropped.
        let mut left: Option<Expr> = None;
        for field in &literal.fields {
            let member = &field.member;
            let probe: Expr = parse_quote!(__probe(&#whole.#member));
            left = Some(match left {
                Some(before) => parse_quote_spanned!(span=> #before.beside::<_, #place>(#probe)),
                None => probe,
            });
        }
        if let Some(left) = left.filter(|_| literal.fields.len() > 1) {
            self.op(Op::Effect(left));
        }
        for field in &literal.fields {
            let member = &field.member;
            self.temporary("left", parse_quote!(#whole.#member), span);
        }
        whole
    }

    /// A temporary that is looked at, and held for its destructor.
    fn held_whole(&mut self, expr: Expr) -> Expr {
        match expr {
            Expr::Paren(mut inner) => {
                *inner.expr = self.held_whole(*inner.expr);
                Expr::Paren(inner)
            }
            Expr::Group(inner) => self.held_whole(*inner.expr),
            Expr::Field(_) | Expr::Index(_) => self.hold(expr),
            Expr::Unary(ref inner) if matches!(inner.op, UnOp::Deref(_)) => self.hold(expr),
            place if is_place(&place) || is_constant(&place) => place,
            value => {
                let span = place::of(&value);
                let value = self.hold(value);
                let variable = self.temporary("held", value, span);
                self.path(variable)
            }
        }
    }

    /// The place that is borrowed: the value at its root, if it has no variable, gets one with a slot.
    pub(super) fn held_place(&mut self, expr: Expr, is_mutable: bool) -> Expr {
        match expr {
            Expr::Field(mut inner) => {
                *inner.base = self.held_place(*inner.base, is_mutable);
                Expr::Field(inner)
            }
            Expr::Index(mut inner) => {
                *inner.expr = self.held_place(*inner.expr, is_mutable);
                if borrows_value(&inner.index) {
                    self.hold_parts(vec![(&mut *inner.expr, Part::Place), (&mut *inner.index, Part::Value)]);
                }
                Expr::Index(inner)
            }
            Expr::Unary(mut inner) if matches!(inner.op, UnOp::Deref(_)) => {
                *inner.expr = self.held_place(*inner.expr, is_mutable);
                Expr::Unary(inner)
            }
            Expr::Paren(mut inner) => {
                *inner.expr = self.held_place(*inner.expr, is_mutable);
                Expr::Paren(inner)
            }
            Expr::Group(inner) => self.held_place(*inner.expr, is_mutable),
            Expr::Path(_) => {
                if let Some(variable) = root(&expr, &self.graph.variables)
                    && self.graph.variables[variable].temporary
                {
                    // A temporary of the lowering's own; the user's variables have been decided by `anchor`.
                    self.graph.variables[variable].anchored = true;
                }
                expr
            }
            constant if is_constant(&constant) && !is_mutable => constant,
            value => {
                let span = place::of(&value);
                let value = self.hold(value);
                let variable = self.temporary("held", value, span);
                self.graph.variables[variable].anchored = true;
                self.path(variable)
            }
        }
    }
}
