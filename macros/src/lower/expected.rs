//! What an operand is to become, where it is made before something that suspends.
//!
//! # The problem
//! In `send(Some(&data), child().await)` the first operand is made first, in a variable of its own: there nothing tells rustc that
//! `send` wants an `Option<&[u8]>`, so `&data` is not unsized; a closure does not learn what it is handed. The macro cannot write
//! the type, as it does not know it.
//!
//! # The design
//! rustc finds it out, from the same call in code that is never run, ahead of the operands:
//!
//! ```text
//! let __expected = (__hole(), __hole(), __hole());
//! if false {
//!     __never();
//!     __becomes(__expected.2, send(__stand_in(__expected.0), __stand_in(__expected.1)));
//! }
//! let __operand = __becomes(__expected.0, Some(&data));
//! …
//! __becomes(__expected.2, send(__operand, __becomes(__expected.1, __awaited)))
//! ```
//!
//! A hole is nothing but a type. That of every operand and of the value itself has one, and goes with the variables to where the
//! call is made, so that both calls are of one type where a generic function's parameters follow from the others. Behind
//! `__never()` rustc's borrow checker looks at nothing, and lifetimes are free: a hole's may be shortened.
//!
//! # Costs
//! rustc's time, so it is done only where the form of an operand needs it. A hole has no size.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Pat, Type, parse_quote, parse_quote_spanned};

use super::extended::extended;
use super::handed::is_told_behind;
use super::{Destination, Lower, control, form};
use crate::graph::{Op, VariableId};
use crate::names::is_constructor;
use crate::tree;

/// What a value is to become.
#[derive(Clone)]
pub(super) enum Expected {
    /// What is written.
    Type(Box<Type>),
    /// What a hole has been found to be.
    Hole(Box<Expr>),
}

impl Expected {
    pub(super) fn of_type(ty: Type) -> Expected {
        Expected::Type(Box::new(ty))
    }

    /// The same, if anything is known of it.
    pub(super) fn tie_if(expected: Option<Expected>, value: Expr) -> Expr {
        match expected {
            Some(expected) => expected.tie(value),
            None => value,
        }
    }

    /// The value, which rustc is told to make that.
    pub(super) fn tie(&self, value: Expr) -> Expr {
        match self {
            Expected::Type(ty) => parse_quote_spanned!(value.span()=> __typed::<#ty>(#value)),
            Expected::Hole(hole) => parse_quote_spanned!(value.span()=> __becomes(#hole, #value)),
        }
    }
}

/// The value that a call makes what is expected: see [`Expected::tie`].
pub(super) fn tied(call: &syn::ExprCall) -> Option<&Expr> {
    let Expr::Path(path) = &*call.func else { return None };
    let is_tie = path.path.segments.last().is_some_and(|last| last.ident == "__typed" || last.ident == "__becomes");
    call.args.last().filter(|_| is_tie)
}

/// The holes of an expression.
pub(super) struct Holes {
    variable: VariableId,
    operands: usize,
}

impl Lower<'_> {
    /// The hole of an operand, or behind them that of the whole.
    pub(super) fn hole(&self, holes: &Holes, number: usize) -> Expected {
        let (holes, number) = (&self.graph.variables[holes.variable].name, syn::Index::from(number));
        Expected::Hole(Box::new(parse_quote!(#holes.#number)))
    }

    /// What the operands of an expression are to become, if one needs to be told. `expected`: what the expression is.
    pub(super) fn holes(&mut self, expr: &Expr, expected: Option<&Expected>) -> Option<Holes> {
        if !self.needs_within(expr) {
            return None;
        }
        let mut model = expr.clone();
        let operands = self.operands_with_holes(&mut model, expected.is_some())?;
        let last = operands.iter().rposition(|operand| self.takes_apart(operand))?;
        // What a `let` keeps has to be seen in what is left of its value.
        if extended(expr) && operands[last..].iter().any(|operand| extended(operand)) {
            return None;
        }
        let count = operands.len();
        // A tuple has its type by its elements alone.
        let all = if is_composed(expr) { count } else { count + 1 };
        let holes = Holes { operands: count, ..self.with_holes(all) };
        for (number, operand) in operands.into_iter().enumerate() {
            let Expected::Hole(hole) = self.hole(&holes, number) else { continue };
            *operand = parse_quote!(__stand_in(#hole));
        }
        if let Expr::MethodCall(call) = &mut model {
            let receiver = &call.receiver;
            *call.receiver = parse_quote!((*__place_like(&#receiver)));
        }
        let model = self.tie_whole(&holes, model, expected);
        self.never(model);
        Some(holes)
    }

    pub(super) fn with_holes(&mut self, count: usize) -> Holes {
        let each = (0..count).map(|_| -> Expr { parse_quote!(__hole()) });
        let variable = self.temporary("expected", parse_quote!((#(#each,)*)), Span::call_site());
        self.graph.variables[variable].plain = true;
        self.graph.variables[variable].copied = true;
        Holes { variable, operands: count }
    }

    /// Code that is never run. Its mentions are none of the user's.
    pub(super) fn never(&mut self, code: Expr) {
        self.graph.blocks[self.current].ops.push(Op::Effect(parse_quote!(if false { __never(); #code; })));
    }

    /// The operands that get holes, if the expression is of a kind of which something is known. `is_expected`: what the
    /// expression is to become is known, too.
    fn operands_with_holes<'e>(&self, expr: &'e mut Expr, is_expected: bool) -> Option<Vec<&'e mut Expr>> {
        match expr {
            // Their operands are what they are to become, and nothing else: that may be told further out.
            Expr::Call(call) if !is_expected && (is_generic(&call.func) || form::is_boxing(&call.func)) => None,
            Expr::Call(call)
                if matches!(*call.func, Expr::Path(_)) && self.graph.variables.of_path(&call.func).is_none() =>
            {
                Some(call.args.iter_mut().collect())
            }
            Expr::MethodCall(call) if is_fixed_place(&call.receiver) => Some(call.args.iter_mut().collect()),
            Expr::Struct(structure) if structure.rest.is_none() => {
                for field in &mut structure.fields {
                    field.colon_token.get_or_insert_default();
                }
                Some(structure.fields.iter_mut().map(|field| &mut field.expr).collect())
            }
            Expr::Tuple(tuple) if is_expected => Some(tuple.elems.iter_mut().collect()),
            Expr::Array(array) if is_expected => Some(array.elems.iter_mut().collect()),
            _ => None,
        }
    }

    /// What a value is to become that is assigned to a place.
    pub(super) fn expected_in(&mut self, place: &Expr, value: &Expr) -> Option<Expected> {
        if let Some(variable) = self.graph.variables.of_path(place) {
            return self.expected_at(Destination::Variable(variable));
        }
        if !is_fixed_place(place) || !self.needs_within(value) {
            return None;
        }
        let holes = self.with_holes(1);
        let hole = self.hole(&holes, 0);
        let Expected::Hole(stands) = &hole else { return None };
        self.never(parse_quote!(*__place_like(&#place) = __stand_in(#stands)));
        Some(hole)
    }

    /// What the whole is, and is to become.
    fn tie_whole(&self, holes: &Holes, whole: Expr, expected: Option<&Expected>) -> Expr {
        let whole = if is_composed(&whole) { whole } else { self.hole(holes, holes.operands).tie(whole) };
        Expected::tie_if(expected.cloned(), whole)
    }

    /// What a value is to become that goes to `destination`.
    pub(super) fn expected_at(&self, destination: Destination) -> Option<Expected> {
        let variables = &self.graph.variables;
        match destination {
            Destination::Discard => None,
            Destination::Return => variables.result.clone().map(Expected::of_type),
            Destination::Variable(variable) => {
                let written = || variables[variable].written.clone().map(Expected::of_type);
                self.ties.get(&variable).cloned().or_else(written)
            }
        }
    }

    /// What one of `count` operands is to become. (What is called, or a receiver, is one more than have holes.)
    pub(super) fn hole_of(&self, holes: &Holes, index: usize, count: usize) -> Option<Expected> {
        index.checked_sub(count - holes.operands).map(|number| self.hole(holes, number))
    }

    /// The variable will get its value on several ways, each of which is to make it that.
    pub(super) fn is_to_become(&mut self, variable: VariableId, expected: Option<Expected>) {
        match expected {
            Some(Expected::Type(ty)) => self.graph.variables[variable].written = Some(*ty),
            Some(hole) => drop(self.ties.insert(variable, hole)),
            None => {}
        }
    }

    /// The expression, when its operands have been made.
    pub(super) fn tied(&self, holes: Option<Holes>, whole: Expr) -> Expr {
        match holes {
            Some(holes) => self.tie_whole(&holes, whole, None),
            None => whole,
        }
    }

    /// Whether something inside of an expression needs to be told.
    fn needs_within(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(inner) => self.needs_within(&inner.expr),
            Expr::Group(inner) => self.needs_within(&inner.expr),
            // What the function gives itself is a machine, whose type may not be in its own states.
            expr if self.calls_itself(expr) => false,
            Expr::Call(call) => self.needs_among(call.args.iter().collect()),
            Expr::MethodCall(call) => self.needs_among(call.args.iter().collect()),
            Expr::Struct(structure) => self.needs_among(structure.fields.iter().map(|field| &field.expr).collect()),
            Expr::Tuple(tuple) => self.needs_among(tuple.elems.iter().collect()),
            Expr::Array(array) => self.needs_among(array.elems.iter().collect()),
            expr if control::is_control(expr) => {
                let told = |value| becomes_another(value) || self.needs_within(value);
                values(expr).into_iter().any(told) && self.takes_apart(expr)
            }
            _ => false,
        }
    }

    /// Whether an expression is a call of the function itself.
    pub(super) fn calls_itself(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Call(call) => {
                matches!(&*call.func, Expr::Path(path) if self.is_itself(path.path.segments.last()))
            }
            Expr::MethodCall(call) => call.method == self.graph.variables.function,
            _ => false,
        }
    }

    fn is_itself(&self, name: Option<&syn::PathSegment>) -> bool {
        name.is_some_and(|name| name.ident == self.graph.variables.function)
    }

    /// The same, of operands: those that wait for others, and what is inside of them.
    fn needs_among(&self, operands: Vec<&Expr>) -> bool {
        operands.iter().enumerate().any(|(index, operand)| {
            let waits = || operands[index + 1..].iter().any(|later| self.takes_apart(later));
            (needs_type(operand) && waits()) || self.needs_within(operand)
        })
    }
}

/// Whether a function is one of the constructors that take anything.
fn is_generic(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Some" || last.ident == "Ok" || last.ident == "Err")
}

fn is_composed(expr: &Expr) -> bool {
    matches!(expr, Expr::Tuple(_) | Expr::Array(_))
}

/// A place that is named without evaluating anything.
pub(super) fn is_fixed_place(place: &Expr) -> bool {
    match place {
        Expr::Path(_) => true,
        Expr::Field(inner) => is_fixed_place(&inner.base),
        Expr::Paren(inner) => is_fixed_place(&inner.expr),
        Expr::Group(inner) => is_fixed_place(&inner.expr),
        Expr::Unary(inner) => matches!(inner.op, syn::UnOp::Deref(_)) && is_fixed_place(&inner.expr),
        _ => false,
    }
}

/// What control flow may give.
fn values(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Paren(inner) => values(&inner.expr),
        Expr::Group(inner) => values(&inner.expr),
        Expr::Block(inner) => last_of(&inner.block),
        Expr::Unsafe(inner) => last_of(&inner.block),
        Expr::If(branch) => {
            let otherwise = branch.else_branch.iter().flat_map(|(_, otherwise)| values(otherwise));
            last_of(&branch.then_branch).into_iter().chain(otherwise).collect()
        }
        Expr::Match(choice) => choice.arms.iter().flat_map(|arm| values(&arm.body)).collect(),
        // What a `break` gives is not looked for.
        Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => Vec::new(),
        value => vec![value],
    }
}

fn last_of(block: &syn::Block) -> Vec<&Expr> {
    match block.stmts.last() {
        Some(syn::Stmt::Expr(last, None)) => values(last),
        _ => Vec::new(),
    }
}

/// Whether what a value is made of may have to become something else, which cannot be made up for later.
fn needs_type(value: &Expr) -> bool {
    match value {
        Expr::Paren(inner) => needs_type(&inner.expr),
        Expr::Group(inner) => needs_type(&inner.expr),
        value if let Some(closure) = tree::closure(value) => is_handed_unknown(closure),
        value if is_told_behind(value) => true,
        Expr::Call(call) if is_constructor(&call.func) => call.args.iter().any(becomes_another),
        // A box becomes another one as it is, but for what a closure in it is handed.
        Expr::Call(call) if form::is_boxing(&call.func) => call.args.iter().any(needs_type),
        Expr::Tuple(tuple) => tuple.elems.iter().any(becomes_another),
        Expr::Array(array) => array.elems.iter().any(becomes_another),
        Expr::Macro(inner) => form::elements(inner).is_some_and(|elements| elements.list.iter().any(becomes_another)),
        _ => false,
    }
}

/// Whether a value may become something else: a reference or a box of something unsized, a function.
fn becomes_another(value: &Expr) -> bool {
    match value {
        Expr::Paren(inner) => becomes_another(&inner.expr),
        Expr::Group(inner) => becomes_another(&inner.expr),
        Expr::Reference(_) => true,
        value if tree::closure(value).is_some() => true,
        Expr::Call(call) if form::is_boxing(&call.func) => true,
        value => needs_type(value),
    }
}

/// Whether a closure's parameters follow from where it goes.
pub(super) fn is_handed_unknown(closure: &ExprClosure) -> bool {
    closure.inputs.iter().any(|input| !matches!(input, Pat::Type(_)))
}
