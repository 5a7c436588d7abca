//! What closures behind references are handed.
//!
//! # The problem
//! In `visit(&list, &mut |item| item.close()).await` the closure is borrowed over a suspension, so it is in a variable of its own:
//! there nothing tells rustc that `visit` wants a `&mut dyn FnMut(&Item)`, and so what `item` is.
//!
//! # The design
//! What the reference is to become rustc finds out as for [other operands](super::expected). A closure that stands in an argument is
//! told by what is expected of the call's result, which may be a reference to it:
//!
//! ```text
//! let held = {
//!     let mut __kept = __None;
//!     __becomes(__expected.0, __behind_mut(&mut __kept, |item| item.close()));
//!     __out(__kept)
//! };
//! ```
//!
//! The result becomes the reference that is wanted; the closure itself is taken out of where it was kept.

use syn::spanned::Spanned;
use syn::{Expr, ExprReference, parse_quote_spanned};

use super::expected::{Expected, is_fixed_place, is_handed_unknown, tied};
use super::taking::takes_value;
use super::{Lower, form};
use crate::graph::Variables;
use crate::tree;

/// An operand in which nothing is borrowed that needs to be told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    /// A reference to a closure.
    Handed,
    /// The place on which a method is called.
    Receiver,
    /// A place, of which it matters what it is.
    Place,
    /// A reference to a place.
    Reference,
    /// It is the same wherever it stands.
    Literal,
    /// It is made once only.
    Other,
}

impl Lower<'_> {
    /// An expression that is to be held: closures that are borrowed in it are told what they are handed, as far as it is known.
    pub(super) fn told(&mut self, mut expr: Expr, expected: Option<&Expected>) -> Expr {
        if !is_told(&expr) || self.calls_itself(tree::bare(&expr)) {
            return expr;
        }
        if let Some(reference) = behind(&mut expr) {
            if let Some(expected) = expected {
                tell(reference, expected);
            }
            return expr;
        }
        if expected.is_none() && !matches!(tree::bare(&expr), Expr::Call(_) | Expr::MethodCall(_) | Expr::Struct(_)) {
            return expr;
        }
        if let Expr::MethodCall(call) = &mut expr
            && form::is_value(&call.receiver)
            && !takes_value(call)
        {
            let receiver = std::mem::replace(&mut *call.receiver, tree::unit());
            *call.receiver = self.held_place(receiver, false);
        }
        let variables = &self.graph.variables;
        if !is_known(&expr, variables) {
            return expr;
        }
        let mut model = expr.clone();
        let (mut leaves, mut stand_ins) = (Vec::new(), Vec::new());
        leaves_of(&mut expr, variables, &mut leaves);
        leaves_of(&mut model, variables, &mut stand_ins);
        let has_hole = |leaf: &Leaf| matches!(leaf, Leaf::Handed | Leaf::Other);
        let holes = leaves.iter().filter(|(leaf, _)| has_hole(leaf)).count();
        let holes = self.with_holes(holes);
        let mut number = 0;
        for ((leaf, value), (_, stand_in)) in leaves.into_iter().zip(stand_ins) {
            let span = value.span();
            match leaf {
                Leaf::Literal => {}
                Leaf::Place => *stand_in = parse_quote_spanned!(span=> __like(&#value)),
                Leaf::Receiver => *stand_in = parse_quote_spanned!(span=> (*__place_like(&#value))),
                Leaf::Reference => {
                    let Expr::Reference(reference) = stand_in else { continue };
                    let place = &reference.expr;
                    *reference.expr = parse_quote_spanned!(span=> *__place_like(&#place));
                }
                Leaf::Handed | Leaf::Other => {
                    let hole = self.hole(&holes, number);
                    number += 1;
                    if let Expected::Hole(hole) = &hole {
                        *stand_in = parse_quote_spanned!(span=> __stand_in(#hole));
                    }
                    if let Some(reference) = behind(value) {
                        tell(reference, &hole);
                    }
                    *value = hole.tie(std::mem::replace(value, tree::unit()));
                }
            }
        }
        self.never(Expected::tie_if(expected.cloned(), model));
        expr
    }
}

/// Tells a closure behind a reference what that is to become.
fn tell(reference: &mut ExprReference, expected: &Expected) {
    let function = if reference.mutability.is_some() { "__behind_mut" } else { "__behind" };
    let Some(closure) = tree::closure_mut(&mut reference.expr) else { return };
    let span = closure.span();
    let function = syn::Ident::new(function, span);
    let told = expected.tie(parse_quote_spanned!(span=> #function(&mut __kept, #closure)));
    *closure = parse_quote_spanned!(span=> {
        let mut __kept = __None;
        #told;
        __out(__kept)
    });
}

/// The reference to a closure that has to be told what it is handed, if an expression is that.
fn behind(expr: &mut Expr) -> Option<&mut ExprReference> {
    match expr {
        Expr::Paren(inner) => behind(&mut inner.expr),
        Expr::Group(inner) => behind(&mut inner.expr),
        Expr::Reference(reference) if tree::closure(&reference.expr).is_some_and(is_handed_unknown) => Some(reference),
        _ => None,
    }
}

/// Whether an expression borrows closures that have to be told, itself or in what it borrows.
pub(super) fn is_told_behind(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_told_behind(&inner.expr),
        Expr::Group(inner) => is_told_behind(&inner.expr),
        Expr::Reference(reference) => {
            tree::closure(&reference.expr).is_some_and(is_handed_unknown) || is_told(&reference.expr)
        }
        _ => false,
    }
}

/// Whether an expression borrows closures that have to be told, or its operands do.
fn is_told(expr: &Expr) -> bool {
    match tree::bare(expr) {
        // Those have been told.
        Expr::Call(call) if tied(call).is_some() => false,
        Expr::Call(call) => call.args.iter().any(is_told),
        Expr::MethodCall(call) => call.args.iter().any(is_told),
        Expr::Struct(structure) => {
            structure.rest.is_none() && structure.fields.iter().any(|field| is_told(&field.expr))
        }
        Expr::Tuple(tuple) => tuple.elems.iter().any(is_told),
        Expr::Array(array) => array.elems.iter().any(is_told),
        other => is_told_behind(other),
    }
}

/// Whether it is known how an expression would be written with other operands.
fn is_known(expr: &Expr, variables: &Variables) -> bool {
    match expr {
        Expr::Paren(inner) => is_known(&inner.expr, variables),
        Expr::Group(inner) => is_known(&inner.expr, variables),
        Expr::Reference(reference) => is_known(&reference.expr, variables),
        Expr::Call(call) => matches!(*call.func, Expr::Path(_)) && variables.of_path(&call.func).is_none(),
        Expr::MethodCall(call) => is_fixed_place(&call.receiver),
        Expr::Struct(_) | Expr::Tuple(_) | Expr::Array(_) => true,
        _ => false,
    }
}

/// The operands of an expression, if it is known how it would be written with others.
fn leaves_of<'e>(expr: &'e mut Expr, variables: &Variables, found: &mut Vec<(Leaf, &'e mut Expr)>) {
    let operands: Vec<&mut Expr> = match expr {
        Expr::Paren(inner) => return leaves_of(&mut inner.expr, variables, found),
        Expr::Group(inner) => return leaves_of(&mut inner.expr, variables, found),
        Expr::Reference(reference) => return leaves_of(&mut reference.expr, variables, found),
        Expr::Call(call) => call.args.iter_mut().collect(),
        Expr::MethodCall(call) => {
            found.push((Leaf::Receiver, &mut *call.receiver));
            call.args.iter_mut().collect()
        }
        Expr::Struct(structure) => {
            for field in &mut structure.fields {
                field.colon_token.get_or_insert_default();
            }
            structure.fields.iter_mut().map(|field| &mut field.expr).collect()
        }
        Expr::Tuple(tuple) => tuple.elems.iter_mut().collect(),
        Expr::Array(array) => array.elems.iter_mut().collect(),
        _ => return,
    };
    operands.into_iter().for_each(|operand| leaf_or(operand, variables, found));
}

fn leaf_or<'e>(operand: &'e mut Expr, variables: &Variables, found: &mut Vec<(Leaf, &'e mut Expr)>) {
    let is_variable = |place: &Expr| is_fixed_place(place) && crate::anchor::root(place, variables).is_some();
    if behind(operand).is_some() {
        return found.push((Leaf::Handed, operand));
    }
    if is_told(operand) && is_known(operand, variables) {
        return leaves_of(operand, variables, found);
    }
    let leaf = match &*operand {
        Expr::Lit(_) => Leaf::Literal,
        Expr::Reference(reference) if is_variable(&reference.expr) => Leaf::Reference,
        place if is_variable(place) => Leaf::Place,
        _ => Leaf::Other,
    };
    found.push((leaf, operand));
}
