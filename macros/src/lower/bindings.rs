//! `let`, with and without `else`.
//!
//! What a pattern binds outlives the temporaries of its value, and what is left of the value is a temporary, or lives on if the
//! pattern borrows from it. Where all that stays in one piece, it is rustc's business; elsewhere the variables are declared
//! first, the value is made in a scope of its own, and they get their values at its end.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, Local, Pat, UnOp, parse_quote, parse_quote_spanned};

use super::bound::bound;
use super::element::element_of;
use super::expected::Expected;
use super::extended::extended;
use super::{Destination, Lower, control, form};
use crate::alternatives;
use crate::anchor::refs;
use crate::apart::{Parts, has_rest};
use crate::graph::{Arm, BlockId, Borrowing, OPERAND, Op, Terminator, VariableId};
use crate::place::here;
use crate::tree;
use crate::unbox::boxed;
use crate::walk::{is_taken_by, renamed, takes};

impl Lower<'_> {
    /// The variables that a pattern binds, declared here.
    pub(super) fn declare_pattern(&mut self, pattern: &Pat) -> Vec<VariableId> {
        let binds = bound(pattern, &self.graph.variables);
        // What stands for a `_` is dropped last, as the rest of the value would be: field by field.
        let (mut first, last): (Vec<_>, Vec<_>) = binds.iter().partition(|&&variable| self.is_hidden(variable));
        first.sort();
        for &variable in first.into_iter().chain(last) {
            self.declare(variable);
        }
        binds
    }

    /// Whether it stands for a `_`.
    pub(super) fn is_hidden(&self, variable: VariableId) -> bool {
        self.graph.variables[variable].role == crate::apart::HIDDEN
    }

    /// The same, where they get their values in a scope further in.
    fn declare_without_values(&mut self, pattern: &Pat) -> Vec<VariableId> {
        let mut binds = self.declare_pattern(pattern);
        binds.sort_by_key(|&variable| self.graph.variables[variable].order);
        for &variable in &binds {
            self.op(Op::Declare(variable));
        }
        binds
    }

    /// `let PATTERN = value;`.
    pub(super) fn bind(&mut self, pattern: Pat, value: Expr, otherwise: Option<Expr>) {
        if otherwise.is_none() && self.stays_in_part(&pattern, &value) {
            let mut parts = Vec::new();
            if by_fields(&pattern, value.clone(), &mut parts) {
                return parts.into_iter().for_each(|(pattern, part)| self.bind(pattern, part, None));
            }
        }
        // A pattern may take a variable apart; what it leaves is to be dropped with the statement, as a temporary is. If it
        // binds references, the temporary lives as long as they.
        let simple = match &pattern {
            Pat::Type(typed) => matches!(&*typed.pat, Pat::Ident(_)),
            other => matches!(other, Pat::Ident(_)),
        } && !refs(&pattern);
        let value = match self.graph.variables.of_path(&value) {
            Some(variable) if !simple && self.is_temporary(&value) => {
                if refs(&pattern) {
                    let entry = &mut self.graph.variables[variable];
                    entry.anchored = true;
                    entry.order %= OPERAND;
                    value
                } else {
                    tree::braces(value.span(), value)
                }
            }
            _ => value,
        };
        if refs(&pattern) && self.holds_of_let() && otherwise.is_none() && !form::is_place(&value) {
            return self.bind_held(pattern, value);
        }
        if otherwise.is_none()
            && self.graph.variables.of_path(&value).is_some()
            && alternatives::that_leave(&pattern).len() > 1
        {
            return self.bind_alternatives(pattern, value);
        }
        let binds = self.declare_pattern(&pattern);
        self.op(Op::Let { pattern, init: value, otherwise, binds });
    }

    /// Whether a pattern takes a part of a value in a slot, and leaves another: the value is no reference, as far as is known.
    fn stays_in_part(&self, pattern: &Pat, value: &Expr) -> bool {
        self.graph.variables.of_path(value).is_some_and(|variable| {
            let entry = &self.graph.variables[variable];
            entry.anchored && entry.owned && takes(pattern) && !is_taken_by(variable, pattern, &self.graph.variables)
        })
    }

    /// `let (a, ref b) = f();`, where `b` may be used across a suspension.
    fn bind_held(&mut self, pattern: Pat, value: Expr) {
        if form::is_projection(&value) {
            // What is not a part of it lives as long.
            let span = pattern.span();
            let value = self.rooted(value);
            if takes(&pattern)
                && !has_rest(&pattern)
                && let Some((tuple, number)) = element_of(&value)
                && tuple.elems.iter().any(form::has_temporaries)
            {
                return self.bind_element(pattern, tuple.clone(), number, span);
            }
            let part = self.element(value, span, true);
            let value = self.path(part);
            return self.bind(pattern, value, None);
        }
        if takes(&pattern) && !has_rest(&pattern) {
            if form::has_temporaries(&value) && !extended(&value) {
                return self.bind_before(pattern, value);
            }
            let (pattern, after) = self.held_parts(pattern);
            let binds = self.declare_pattern(&pattern);
            self.op(Op::Let { pattern, init: value, otherwise: None, binds });
            self.refer(after);
        } else {
            let variable = self.temporary("value", value, pattern.span());
            let value = self.path(variable);
            self.bind(pattern, value, None)
        }
    }

    pub(super) fn local(&mut self, local: Local) {
        let lives_on = local.init.as_ref().is_some_and(|init| extended(&init.expr) || refs(&local.pat));
        let (holds, number) = self.holds(false);
        let before = std::mem::replace(&mut self.holds, holds);
        let scope = self.innermost();
        let marks = self.marks;
        self.local_of(local);
        self.marks = marks;
        if lives_on && !self.holds_of_let() {
            self.leave_to_rustc(number, self.current, scope);
        }
        self.holds = before;
    }

    /// Whether what a `let` borrows gets variables.
    fn holds_of_let(&self) -> bool {
        self.ahead > 0 || self.holds
    }

    fn local_of(&mut self, local: Local) {
        let span = local.pat.span();
        let Some(mut init) = local.init else {
            for variable in bound(&local.pat, &self.graph.variables) {
                self.declare(variable);
                self.deferred.insert(variable);
                self.op(Op::Declare(variable));
            }
            return;
        };
        // `_` and a name always match, so there is nothing else.
        let always = match name(&local.pat) {
            Some(name) => self.graph.variables.find(name).is_some(),
            None => matches!(local.pat, Pat::Wild(_)),
        };
        let otherwise = init.diverge.map(|(_, otherwise)| *otherwise).filter(|_| !always);
        let apart = self.takes_apart(&init.expr);
        let marked = (apart || self.holds_of_let()) && self.extend(&mut init.expr, apart);
        let apart = apart || marked;
        let otherwise_apart =
            otherwise.as_ref().is_some_and(|otherwise| self.takes_apart(otherwise) || self.leaves_with_slot(otherwise));
        if !apart && !otherwise_apart {
            // `let x = &f();` keeps what `f()` gave as long as `x`, also across suspensions; so does `let ref x = f();`.
            let value = if extended(&init.expr) && self.holds_of_let() {
                self.hold_extended(*init.expr, annotation(&local.pat).map(Expected::of_type).as_ref())
            } else {
                *init.expr
            };
            let held = refs(&local.pat) && self.holds_of_let() && !form::is_place(&value);
            return match otherwise {
                // What does not match stays in its slot.
                Some(otherwise) if held || (self.is_slot(&value) && takes(&local.pat)) => {
                    self.let_else(local.pat, value, otherwise, span)
                }
                otherwise => self.bind(local.pat, value, otherwise),
            };
        }
        if otherwise.is_none()
            && let Some(variable) = name(&local.pat).and_then(|name| self.graph.variables.find(name))
            && control::is_control(&init.expr)
        {
            self.declare(variable);
            self.op(Op::Declare(variable));
            return self.into(*init.expr, Destination::Variable(variable));
        }
        let extended = |value: &Expr| !marked && extended(value);
        if matches!(local.pat, Pat::Wild(_)) && otherwise.is_none() && !extended(&init.expr) {
            return self.ignore(local.pat, *init.expr);
        }
        if otherwise.is_none() && !marked && self.lingers(&init.expr) {
            match tree::bare(&init.expr) {
                Expr::Reference(reference) if let Some((tuple, number)) = element_of(&reference.expr) => {
                    let part = self.extended_element(tuple.clone(), number, span);
                    let value =
                        Expr::Reference(syn::ExprReference { expr: Box::new(self.path(part)), ..reference.clone() });
                    return self.bind(local.pat, value, None);
                }
                whole
                    if refs(&local.pat)
                        && !takes(&local.pat)
                        && let Some((tuple, number)) = element_of(whole) =>
                {
                    let part = self.extended_element(tuple.clone(), number, span);
                    let value = self.path(part);
                    return self.bind(local.pat, value, None);
                }
                whole
                    if refs(&local.pat)
                        && !has_rest(&local.pat)
                        && let Some((tuple, number)) = element_of(whole) =>
                {
                    return self.bind_element(local.pat, tuple.clone(), number, span);
                }
                _ => {}
            }
        }
        let lingers = marked || (self.lingers(&init.expr) && !extended(&init.expr));
        let otherwise = match otherwise {
            Some(otherwise) if lingers || ((otherwise_apart || refs(&local.pat)) && !extended(&init.expr)) => {
                return self.let_else(local.pat, *init.expr, otherwise, span);
            }
            otherwise => otherwise,
        };
        let in_parts = takes(&local.pat) && !has_rest(&local.pat);
        if lingers && name(&local.pat).is_none() && (!refs(&local.pat) || in_parts) {
            return self.bind_before(local.pat, *init.expr);
        }
        let value = if lingers {
            let whole = name(&local.pat).and_then(|name| self.graph.variables.find(name));
            let variable = whole.unwrap_or_else(|| self.graph.variables.temporary("value", span));
            self.graph.variables[variable].written = annotation(&local.pat);
            self.declare(variable);
            self.op(Op::Declare(variable));
            let scope = self.enter();
            self.into(*init.expr, Destination::Variable(variable));
            self.exit(scope);
            if whole.is_some() {
                return;
            }
            self.path(variable)
        } else if extended(&init.expr) {
            match *init.expr {
                // The value lives as long as the variable, and what it was made of as long as the statement.
                Expr::Reference(mut reference)
                    if self.lingers(&reference.expr)
                        && !form::is_projection(&reference.expr)
                        && !extended(&reference.expr) =>
                {
                    let variable = self.graph.variables.temporary("held", span);
                    self.graph.variables[variable].anchored = true;
                    self.declare(variable);
                    self.op(Op::Declare(variable));
                    self.scoped_into(*reference.expr, Destination::Variable(variable));
                    *reference.expr = self.path(variable);
                    Expr::Reference(reference)
                }
                value => {
                    let expected = annotation(&local.pat).map(Expected::of_type);
                    self.expected = expected.clone();
                    let value = self.value(value);
                    self.hold_extended(value, expected.as_ref())
                }
            }
        } else {
            self.expected = annotation(&local.pat).map(Expected::of_type);
            self.value(*init.expr)
        };
        match otherwise {
            Some(otherwise) if otherwise_apart => self.let_else(local.pat, value, otherwise, span),
            otherwise => self.bind(local.pat, value, otherwise),
        }
    }

    /// `let PATTERN = value;`, where the value leaves temporaries behind: they are dropped when the pattern has been bound.
    fn bind_before(&mut self, pattern: Pat, value: Expr) {
        let (pattern, value) = self.typed(pattern, value);
        let (pattern, after) = self.held_parts(pattern);
        let binds = self.declare_without_values(&pattern);
        let scope = self.enter();
        let value = self.value(value);
        let value = if self.is_temporary(&value) { tree::braces(value.span(), value) } else { value };
        self.op(Op::Bind { pattern, init: value, binds });
        self.exit(scope);
        self.refer(after);
    }

    /// A pattern that takes some parts of a value and borrows others: each part that it borrows becomes a variable, and
    /// the references to it follow.
    pub(super) fn held_parts(&mut self, pattern: Pat) -> (Pat, Vec<Op>) {
        if !refs(&pattern) {
            return (pattern, Vec::new());
        }
        let parts = Parts::of_held(pattern, &mut self.graph.variables);
        let after = parts.after(&self.graph.variables);
        (parts.pattern, after)
    }

    /// Declares the references that [`Lower::held_parts`] gave, and makes them.
    pub(super) fn refer(&mut self, after: Vec<Op>) {
        for op in after {
            if let Op::Let { binds, .. } = &op {
                binds.iter().for_each(|&variable| self.declare(variable));
            }
            self.op(op);
        }
    }

    /// `let _ = value;`.
    fn ignore(&mut self, pattern: Pat, value: Expr) {
        if !form::is_projection(&value) {
            return self.discard(value);
        }
        // A part stays in the whole, which is dropped.
        let scope = self.enter();
        let value = self.value(value);
        self.op(Op::Let { pattern, init: value, otherwise: None, binds: Vec::new() });
        self.exit(scope);
    }

    /// A part of a value, in which that value has a variable, unless it is a tuple that is written there. As the other parts
    /// have no names, none may need to be dropped.
    pub(super) fn rooted(&mut self, value: Expr) -> Expr {
        match value {
            Expr::Field(mut inner) if !matches!(tree::bare(&inner.base), Expr::Tuple(_)) => {
                *inner.base = self.rooted(*inner.base);
                Expr::Field(inner)
            }
            value if form::is_projection(&value) || form::is_place(&value) => value,
            value => {
                let span = value.span();
                let variable = self.temporary("value", value, span);
                let whole = self.path(variable);
                let (span, place) = here(span);
                self.op(Op::Effect(parse_quote_spanned!(span=> __probe(&#whole).taken_in_part::<#place>())));
                whole
            }
        }
    }

    /// Whether an expression is a part of something that has no name.
    pub(super) fn is_part_of_value(&self, expr: &Expr) -> bool {
        let mut inner = tree::bare(expr);
        while let Expr::Field(field) = inner {
            inner = tree::bare(&field.base);
        }
        matches!(tree::bare(expr), Expr::Field(_)) && (!form::is_place(inner) || self.is_temporary(inner))
    }

    fn is_slot(&self, value: &Expr) -> bool {
        self.graph.variables.of_path(value).is_some_and(|variable| self.graph.variables[variable].anchored)
    }

    /// `let PATTERN = value else { … };`, where something is taken apart. A temporary is dropped with the statement, or before
    /// the other block; one that the pattern borrows lives on. What the pattern binds outlives the temporaries.
    fn let_else(&mut self, pattern: Pat, value: Expr, otherwise: Expr, span: Span) {
        let borrowed = refs(&pattern);
        // (What is borrowed of a variable's part stays there, too.)
        let stays = self.stays(&pattern, &value);
        if let Some(variable) = self.pointer(&value).filter(|_| !stays && takes(&pattern)) {
            // What can be moved out of it shows that it is a box: what does not match stays in it. (Of a reference it is a copy.)
            self.graph.variables[variable].boxed = true;
        }
        let is_variable = self.graph.variables.of_path(&value).is_some()
            || (borrowed && form::is_place(&value))
            || boxed(&value, &self.graph.variables).is_some()
            || ((stays || !takes(&pattern)) && form::is_place(&value) && !form::has_temporaries(&value));
        if is_variable && !self.is_temporary(root(&mut value.clone())) {
            return self.let_else_of_variable(pattern, value, otherwise);
        }
        let (pattern, value) = self.typed(pattern, value);
        let lives_on = borrowed.then(|| {
            let variable = self.graph.variables.temporary("value", span);
            self.graph.variables[variable].anchored = true;
            self.declare(variable);
            self.op(Op::Declare(variable));
            variable
        });
        let binds = self.declare_without_values(&pattern);
        let scope = self.enter();
        let matched = match lives_on {
            Some(variable) => {
                // All of which it is a part lives on.
                let mut place = value;
                let root = root(&mut place);
                let whole = std::mem::replace(root, self.path(variable));
                let whole = self.value(whole);
                let whole = self.hold(whole);
                self.op(Op::Assign(variable, whole));
                place
            }
            None => {
                let value = self.value(value);
                match self.graph.variables.of_path(&value) {
                    Some(_) => value,
                    None if stays => self.hold(value),
                    None if form::is_projection(&value) => {
                        let variable = self.element(value, span, false);
                        self.path(variable)
                    }
                    None => {
                        // What the value borrows, or leaves of a struct's base, is dropped behind it.
                        let value = self.hold(value);
                        let variable = self.temporary("value", value, span);
                        self.path(variable)
                    }
                }
            }
        };
        let variables = &self.graph.variables;
        let pattern = renamed(&pattern, variables, |variable| Some(crate::apart::new(&variables[variable].name)));
        let (matching, arms) = self.branch_off(matched, pattern, &[]);
        self.exit(scope);
        if let Some(variable) = lives_on {
            let whole = self.path(variable);
            self.op(Op::Effect(parse_quote!(::core::mem::drop(#whole))));
        }
        self.into(otherwise, Destination::Discard);
        self.scopes.push(scope);
        self.meet(&arms, matching);
        for variable in binds {
            let name = crate::apart::new(&self.graph.variables[variable].name);
            self.op(Op::Assign(variable, tree::name(name)));
        }
        self.exit(scope);
    }

    /// Whether a place is matched where it is: nothing can be moved out of it as a whole. It is an element, or what a reference
    /// points to; or a slice, which may have no size known. (What a box holds is moved, and so is a part of it.)
    fn stays(&self, pattern: &Pat, value: &Expr) -> bool {
        match tree::bare(value) {
            Expr::Index(_) => true,
            Expr::Field(inner) => self.stays(&tree::wild(), &inner.base),
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => {
                let is_reference = |variable: VariableId| {
                    let entry = &self.graph.variables[variable];
                    entry.shared || entry.borrowing == Borrowing::Mutable
                };
                is_slice(pattern)
                    || self.graph.variables.of_path(&inner.expr).is_some_and(is_reference)
                    || self.stays(&tree::wild(), &inner.expr)
            }
            _ => false,
        }
    }

    /// The `x` of `*x`, if it is a variable.
    fn pointer(&self, value: &Expr) -> Option<VariableId> {
        match tree::bare(value) {
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => self.graph.variables.of_path(&inner.expr),
            _ => None,
        }
    }

    /// Takes the type off a pattern, which becomes that of a `match`: rustc is told that it is the value's.
    pub(super) fn typed(&mut self, pattern: Pat, value: Expr) -> (Pat, Expr) {
        let Pat::Type(inner) = pattern else { return (pattern, value) };
        let ty = inner.ty;
        if form::is_place(&value) {
            self.op(Op::Effect(parse_quote!(__of_type::<#ty>(&#value))));
            return (*inner.pat, value);
        }
        (*inner.pat, parse_quote!(__typed::<#ty>(#value)))
    }

    /// The same, of a variable: it stays where it is.
    fn let_else_of_variable(&mut self, pattern: Pat, value: Expr, otherwise: Expr) {
        let (pattern, value) = self.typed(pattern, value);
        let binds = bound(&pattern, &self.graph.variables);
        let (matched, arms) = self.branch_off(value, pattern, &binds);
        self.into(otherwise, Destination::Discard);
        self.matched(&arms, matched, binds);
    }

    /// Goes on where a pattern does not match; gives the block where it does, and the arms that lead there.
    fn branch_off(&mut self, scrutinee: Expr, pattern: Pat, binds: &[VariableId]) -> (BlockId, Vec<Arm>) {
        let (matched, failed) = (self.new_block(), self.new_block());
        let mut arms = self.arms(pattern, None, binds, matched);
        let matching = arms.clone();
        arms.push(Arm { pattern: tree::wild(), guard: None, binds: vec![], block: failed });
        self.terminate(Terminator::Match { scrutinee, arms });
        self.begin(failed);
        (matched, matching)
    }
}

/// `let Pair { a, b: _ } = pair;` as `let a = pair.a;`; false if the pattern is not made of names and fields alone.
fn by_fields(pattern: &Pat, place: Expr, parts: &mut Vec<(Pat, Expr)>) -> bool {
    let span = pattern.span();
    let field = |member: syn::Member| -> Expr { parse_quote_spanned!(span=> #place.#member) };
    let mut numbered = |elements: &syn::punctuated::Punctuated<Pat, syn::Token![,]>| {
        // Behind a `..` the numbers are not known.
        let last = elements.iter().position(|element| matches!(element, Pat::Rest(_)));
        last.is_none_or(|rest| rest + 1 == elements.len())
            && elements
                .iter()
                .take(last.unwrap_or(elements.len()))
                .enumerate()
                .all(|(number, element)| by_fields(element, field(syn::Member::from(number)), parts))
    };
    match pattern {
        Pat::Wild(_) => true,
        Pat::Paren(inner) => by_fields(&inner.pat, place, parts),
        Pat::Type(inner) => by_fields(&inner.pat, place, parts),
        Pat::Tuple(tuple) => numbered(&tuple.elems),
        Pat::TupleStruct(tuple) => numbered(&tuple.elems),
        Pat::Struct(structure) => {
            structure.fields.iter().all(|entry| by_fields(&entry.pat, field(entry.member.clone()), parts))
        }
        Pat::Ident(ident) if ident.subpat.is_none() => {
            let mut name = ident.clone();
            let value = match name.by_ref.take() {
                Some(_) => {
                    let mutability = name.mutability.take();
                    parse_quote_spanned!(span=> &#mutability #place)
                }
                None => place,
            };
            parts.push((Pat::Ident(name), value));
            true
        }
        _ => false,
    }
}

/// Whether a pattern is one of a slice or an array.
fn is_slice(pattern: &Pat) -> bool {
    match pattern {
        Pat::Slice(_) => true,
        Pat::Paren(inner) => is_slice(&inner.pat),
        Pat::Type(inner) => is_slice(&inner.pat),
        Pat::Ident(ident) => ident.subpat.as_ref().is_some_and(|(_, inner)| is_slice(inner)),
        Pat::Or(or) => or.cases.iter().any(is_slice),
        _ => false,
    }
}

/// That of which a place is a part.
fn root(place: &mut Expr) -> &mut Expr {
    if !form::is_projection(place) {
        return place;
    }
    match place {
        Expr::Field(inner) => root(&mut inner.base),
        Expr::Index(inner) => root(&mut inner.expr),
        Expr::Unary(inner) => root(&mut inner.expr),
        Expr::Paren(inner) => root(&mut inner.expr),
        Expr::Group(inner) => root(&mut inner.expr),
        place => place,
    }
}

/// The name of a pattern that is nothing but a name.
pub(crate) fn name(pattern: &Pat) -> Option<&syn::Ident> {
    match pattern {
        Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => Some(&ident.ident),
        Pat::Type(typed) => name(&typed.pat),
        _ => None,
    }
}

fn annotation(pattern: &Pat) -> Option<syn::Type> {
    match pattern {
        Pat::Type(typed) => Some((*typed.ty).clone()),
        _ => None,
    }
}
