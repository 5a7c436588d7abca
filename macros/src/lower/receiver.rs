//! A method's receiver that is a place, where an argument awaits; what is compared with something that awaits.
//!
//! # The problem
//! Rust evaluates the receiver before the arguments. A place that the method borrows may stay one until the call: nobody can change
//! it meanwhile, rustc checks that. A place that it takes by value is copied before the arguments are evaluated, and they may change
//! it: `self.total.wrapping_add(self.next().await)`. Which of the two it is, only types tell.
//!
//! # The design
//! Where an argument [changes] the place, as it is written, it is taken by value: rustc would not accept the
//! function otherwise. Where an argument calls something that might change it, the method's name decides, if it is one of the
//! standard library's; else rustc is asked, and refuses what would be read too late (SG0039). It is not asked about what is behind
//! `*` or an index, nor about a method with written types, nor about `self`.
//!
//! What is called may be such a place, too: a function pointer is copied, a closure borrowed, or moved if it can be called once only.
//!
//! The left side of a comparison is such a place too: `self.sent < self.acknowledged().await`. A number is copied before the right
//! side is evaluated, anything else borrowed. Here the copy can be made if there is one, for the operator takes both.

use crate::visit::{self, Visit};
use proc_macro2::Span;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprMethodCall, UnOp, parse_quote_spanned};

use super::{Lower, form};
use crate::changes::{self, Change};
use crate::emit::{by_value, stand_in_for};
use crate::graph::{Borrowing, Op, VariableId, Variables};
use crate::place::here;
use crate::tree;
use crate::walk::{Use, uses};

impl Lower<'_> {
    /// Whether a receiver that is a place has to be read before the arguments, the first `count` of which may change it. Where only
    /// types tell, rustc is asked.
    pub(super) fn is_read_first(&mut self, call: &ExprMethodCall, count: usize) -> bool {
        let variables = &self.graph.variables;
        let Some(place) = Place::of(&call.receiver, variables) else { return false };
        // Of what is behind a pointer or an index, the size may not be known.
        let asks = place.direct && call.turbofish.is_none();
        let changes = Changes::of(call.args.iter().take(count), variables);
        let called = changes.reaches(&place);
        if changes.writes(&place) || (called && takes_number(&call.method.to_string())) {
            return true;
        }
        if called && asks {
            self.op(Op::Effect(question(call)));
        }
        false
    }

    /// Whether what is called stays where it is until the arguments have been evaluated: rustc borrows it meanwhile. What can be copied,
    /// as function pointers can, it may have been before an argument changes it; and what can be called once only is moved out.
    pub(super) fn is_called_in_place(&mut self, call: &mut ExprCall) -> bool {
        let function = tree::bare(&call.func);
        let variables = &self.graph.variables;
        if matches!(function, Expr::Path(_)) && variables.of_path(function).is_none() {
            return true;
        }
        let Some(place) = Place::of(function, variables) else { return false };
        let changes = Changes::of(call.args.iter(), variables);
        if changes.writes(&place) {
            return false;
        }
        if self.takes_apart(&call.func) {
            return true;
        }
        let is_part = !place.way.is_empty();
        let is_reached =
            changes.called.iter().any(|other| place.overlaps(other)) || (is_part && changes.reaches(&place));
        let entry = &variables[place.variable];
        let is_behind = entry.shared || entry.borrowing == Borrowing::Mutable || place.way.contains(&None);
        if (is_part || !place.direct) && !is_behind {
            self.op(Op::Effect(moves(call)));
        }
        if is_reached {
            let span = call.func.span();
            let function = std::mem::replace(&mut *call.func, tree::unit());
            let function = self.settled(function, &changes.changed());
            *call.func = self.copied_first(function, span);
        }
        true
    }

    /// A place that is borrowed, or of which a copy is made now.
    fn copied_first(&mut self, place: Expr, span: Span) -> Expr {
        let value = parse_quote_spanned!(span=> (&&__compared(&#place)).first(&#place));
        let first = self.temporary("operand", value, span);
        let first = self.path(first);
        parse_quote_spanned!(span=> (*#first.or(&#place)))
    }

    /// A place whose indices are evaluated now, as far as it can be seen when they are. `changed`: what is evaluated before it is used
    /// may change these.
    pub(super) fn settled(&mut self, place: Expr, changed: &Changed) -> Expr {
        match place {
            Expr::Field(mut inner) => {
                *inner.base = self.settled(*inner.base, changed);
                Expr::Field(inner)
            }
            Expr::Paren(mut inner) => {
                *inner.expr = self.settled(*inner.expr, changed);
                Expr::Paren(inner)
            }
            Expr::Unary(mut inner) if matches!(inner.op, UnOp::Deref(_)) => {
                *inner.expr = self.settled(*inner.expr, changed);
                Expr::Unary(inner)
            }
            Expr::Reference(mut inner) => {
                *inner.expr = self.settled(*inner.expr, changed);
                Expr::Reference(inner)
            }
            Expr::Index(mut inner) => {
                *inner.expr = self.settled(*inner.expr, changed);
                if form::acts(&inner.index) || changed.concerns(&inner.index, &self.graph.variables) {
                    let span = inner.index.span();
                    let index = std::mem::replace(&mut *inner.index, tree::unit());
                    let index = self.hold_operand(index);
                    let variable = self.temporary("operand", index, span);
                    self.graph.variables[variable].waits();
                    *inner.index = self.path(variable);
                }
                Expr::Index(inner)
            }
            other => other,
        }
    }

    /// What is compared with something that may change it: if it is copied, then before.
    pub(super) fn compared_first(&mut self, left: Expr, right: &Expr) -> Expr {
        if self.takes_apart(&left) {
            return left;
        }
        // It is evaluated more than once.
        let changed = Changes::of(std::iter::once(right), &self.graph.variables).changed();
        let left = self.settled(left, &changed);
        let variables = &self.graph.variables;
        let Some(place) = Place::of(&left, variables) else { return left };
        let changes = Changes::of(std::iter::once(right), variables);
        if !changes.writes(&place) && !changes.reaches(&place) {
            return left;
        }
        let span = left.span();
        let is_gone = uses(right, variables)
            .iter()
            .any(|site| site.variable == place.variable && site.kind == Use::Value && site.call.is_none());
        if is_gone && variables[place.variable].borrowing == Borrowing::Mutable && !place.way.is_empty() {
            // rustc would not let it be borrowed meanwhile.
            let first = self.temporary("operand", left, span);
            self.graph.variables[first].waits();
            return self.path(first);
        }
        self.copied_first(left, span)
    }
}

/// Asks whether a call moves what it calls: then it has no destructor.
fn moves(call: &ExprCall) -> Expr {
    let function = &call.func;
    let (span, place) = here(function.span());
    let arguments = call.args.iter().map(|_| quote!(__never()));
    parse_quote_spanned! {span=> if false {
        (&__calls(|| (#function)(#(#arguments),*))).in_place::<#place>();
        loop {}
    }}
}

/// Asks whether the method takes its receiver by value, and it is copied for that.
fn question(call: &ExprMethodCall) -> Expr {
    let (receiver, span) = (&call.receiver, call.method.span());
    let (span, place) = here(span);
    let mut method = call.method.clone();
    method.set_span(Span::call_site().located_at(span));
    let asked = by_value(&method, 0, call.args.iter());
    let arguments = call.args.iter().map(stand_in_for);
    parse_quote_spanned! {span=> {
        let __how = (&&&&__probe_place(&raw const #receiver)).read_first();
        let __call = if true {
            __None
        } else {
            #asked
            __never();
            __Some(__how.receiver().#method(#(#arguments),*))
        };
        __how.check::<#place, _>((&__probe_call(__call)).receiver());
    }}
}

/// Methods of the standard library's numbers and options that take their receiver by value, and have arguments.
fn takes_number(method: &str) -> bool {
    const CAREFUL: [&str; 4] = ["wrapping_", "checked_", "saturating_", "overflowing_"];
    let careful = CAREFUL.iter().find_map(|how| method.strip_prefix(how));
    let calculates = |operation: &str| {
        matches!(operation, "add" | "sub" | "mul" | "div" | "rem" | "pow" | "shl" | "shr")
            || matches!(operation, "add_signed" | "add_unsigned" | "sub_unsigned" | "div_euclid" | "rem_euclid")
    };
    careful.is_some_and(calculates)
        || matches!(
            method,
            "min" | "max" | "clamp" | "pow" | "powi" | "powf" | "abs_diff" | "div_euclid" | "rem_euclid"
        )
        || matches!(method, "div_ceil" | "next_multiple_of" | "rotate_left" | "rotate_right" | "then_some")
        || matches!(method, "unwrap_or" | "map_or" | "ok_or" | "and" | "or" | "xor")
}

/// Whether an index reads a part of something, or what that points to.
fn reads_parts(index: &Expr) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            self.0 |= matches!(expr, Expr::Field(_) | Expr::Index(_) | Expr::Unary(_));
            visit::visit_expr(self, expr);
        }
    }
    let mut find = Find(false);
    find.visit_expr(index);
    find.0
}

/// A place by its spelling: a variable, and the way from there.
struct Place {
    variable: VariableId,
    /// Fields, through pointers too, and `None` for an element of whatever index.
    way: Vec<Option<syn::Member>>,
    /// No `*` is written, and no index.
    direct: bool,
}

impl Place {
    fn of(expr: &Expr, variables: &Variables) -> Option<Place> {
        let further = |base: &Expr, step: Option<syn::Member>| {
            let mut place = Place::of(base, variables)?;
            place.way.push(step);
            Some(place)
        };
        match expr {
            Expr::Field(inner) => further(&inner.base, Some(inner.member.clone())),
            Expr::Index(inner) => Some(Place { direct: false, ..further(&inner.expr, None)? }),
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => {
                Some(Place { direct: false, ..Place::of(&inner.expr, variables)? })
            }
            Expr::Paren(inner) => Place::of(&inner.expr, variables),
            Expr::Group(inner) => Place::of(&inner.expr, variables),
            Expr::Path(_) => Some(Place { variable: variables.of_path(expr)?, way: Vec::new(), direct: true }),
            _ => None,
        }
    }

    /// Whether it may be a `&mut`, or have one in it.
    fn may_lead(&self, variables: &Variables) -> bool {
        let entry = &variables[self.variable];
        let is_value = entry.borrowing == Borrowing::No || entry.owned;
        !(entry.copied || entry.shared || is_value && self.way.is_empty())
    }

    /// Whether one is a part of the other, or may be.
    fn overlaps(&self, other: &Place) -> bool {
        self.variable == other.variable && self.way.iter().zip(&other.way).all(|(one, another)| one == another)
    }
}

/// The places that expressions may change.
pub(super) struct Changes {
    /// They are assigned to or borrowed mutably.
    written: Vec<Place>,
    /// A method is called on them, or a block does something to them.
    called: Vec<Place>,
    /// Macros of which nothing is known mention them.
    words: Vec<Place>,
    /// They are arguments, or given elsewhere, or looked into.
    given: Vec<Place>,
}

/// Variables that may have other values.
#[derive(Default)]
pub(super) struct Changed {
    own: Vec<VariableId>,
    /// Or what they point to.
    behind: Vec<VariableId>,
}

impl Changed {
    fn contains(&self, variable: VariableId) -> bool {
        self.own.contains(&variable)
    }

    /// Whether an index may be another one.
    pub(super) fn concerns(&self, index: &Expr, variables: &Variables) -> bool {
        let points = reads_parts(index);
        uses(index, variables)
            .iter()
            .any(|site| self.contains(site.variable) || (points && self.behind.contains(&site.variable)))
    }
}

impl Changes {
    pub(super) fn of<'e>(by: impl Iterator<Item = &'e Expr>, variables: &Variables) -> Changes {
        let mut all = Changes { written: Vec::new(), called: Vec::new(), words: Vec::new(), given: Vec::new() };
        for expr in by {
            changes::of_expr(expr, variables, &mut |change, place| {
                let Some(place) = Place::of(place, variables) else { return };
                let places = match change {
                    Change::Written => &mut all.written,
                    Change::Receiver | Change::Reached => &mut all.called,
                    Change::Word => &mut all.words,
                    Change::Argument => &mut all.given,
                    Change::Matched if place.may_lead(variables) => &mut all.given,
                    // (A closure that changes something has borrowed it.)
                    Change::Matched | Change::Callee => return,
                };
                places.push(place);
            });
            // What a `&mut` leads to may be changed by whoever gets it.
            let taken = uses(expr, variables).into_iter().filter_map(|site| match (&site.field, site.kind) {
                (Some(field), _) => Place::of(field, variables),
                (None, Use::Value) => Some(Place { variable: site.variable, way: Vec::new(), direct: true }),
                _ => None,
            });
            all.given.extend(taken.filter(|place| place.may_lead(variables)));
        }
        all
    }

    fn writes(&self, place: &Place) -> bool {
        self.written.iter().any(|other| place.overlaps(other))
    }

    /// Whether something that may change the place is called.
    fn reaches(&self, place: &Place) -> bool {
        self.called.iter().chain(&self.words).chain(&self.given).any(|other| place.overlaps(other))
    }

    /// The variables that may have other values then.
    pub(super) fn changed(&self) -> Changed {
        let variables = |places: &[Place]| places.iter().map(|place| place.variable).collect::<Vec<_>>();
        let own = [&self.written, &self.called, &self.words].into_iter().flat_map(|places| variables(places));
        Changed { own: own.collect(), behind: variables(&self.given) }
    }
}
