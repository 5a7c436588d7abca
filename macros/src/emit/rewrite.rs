//! The user's expressions, as they stand in the machine: variables in slots become places, `return` and `?` leave
//! the machine instead of the closure.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMatch, Pat, Token, parse_quote, parse_quote_spanned, token};

use super::leaving::{Left, LeftAs};
use super::result;
use crate::graph::{Variable, VariableId, Variables};
use crate::liveness::{State, Status, asked, moves};
use crate::tree;
use crate::walk::{self, Context, Site, Use};

/// The reference to a variable's slot.
pub fn slot(name: &Ident) -> Ident {
    format_ident!("__slot_{}", name, span = name.span())
}

/// The guard that stands for a variable in a slot among the local variables.
pub fn guard(name: &Ident) -> Ident {
    format_ident!("__guard_{}", name, span = name.span())
}

/// What has left its slot: see [`leaving`](super::leaving).
pub fn whole(name: &Ident) -> Ident {
    format_ident!("__whole_{}", name, span = name.span())
}

/// Where a variable is that may have left its slot: a pointer.
pub fn left_at(name: &Ident) -> Ident {
    format_ident!("__at_{}", name, span = name.span())
}

/// What a variable that is assigned to again may still hold.
pub fn old(name: &Ident) -> Ident {
    format_ident!("__old_{}", name, span = name.span())
}

/// The name under which a pattern binds what is then put into a slot.
pub fn incoming(name: &Ident) -> Ident {
    format_ident!("__in_{}", name, span = name.span())
}

/// The answer to the question whether a receiver was moved, at one place of the graph.
pub fn tag(name: &Ident, (block, op): (usize, usize)) -> Ident {
    format_ident!("__tag_{}_{}_{}", name, block, op, span = name.span())
}

/// The answer to the same question about a field of a variable in a slot: by the number of the mention.
pub fn part_tag(name: &Ident, (block, op): (usize, usize), number: usize) -> Ident {
    format_ident!("__tag_{}_{}_{}_{}", name, block, op, number, span = name.span())
}

/// Replaces the root of a chain of fields.
pub struct Root<'a>(pub &'a TokenStream);

impl VisitMut for Root<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Field(inner) => self.visit_expr_mut(&mut inner.base),
            Expr::Unary(inner) => self.visit_expr_mut(&mut inner.expr),
            _ => *expr = Expr::Verbatim(self.0.clone()),
        }
    }
}

/// Rewrites one expression. `live_after` decides which mentions move; at those whose numbers are `leaving`, a variable leaves its slot.
pub fn expression(
    expr: &Expr,
    context: Context,
    variables: &Variables,
    state: &State,
    live_after: &HashSet<VariableId>,
    leaving: Leaving,
    place: (usize, usize),
) -> Expr {
    let moved = moves(expr, context, variables, live_after);
    let asked = asked(expr, context, variables, live_after).into_iter().map(|(number, _)| number).collect();
    rewritten(expr, context, variables, state, Mentions { moved, asked, leaving, bound: &[], asks: true }, place)
}

/// Rewrites the guard of an arm. Nothing is asked of it, for others may follow it: what it calls methods of, it borrows. `bound`
/// are variables that the arm's pattern binds, and that are not in their slots yet.
pub fn guard_expression(
    expr: &Expr,
    variables: &Variables,
    state: &State,
    live_after: &HashSet<VariableId>,
    bound: &[VariableId],
    place: (usize, usize),
) -> Expr {
    let moved = moves(expr, Context::Value, variables, live_after);
    let mentions = Mentions { moved, asked: Vec::new(), leaving: Leaving::default(), bound, asks: false };
    let mut guard = rewritten(expr, Context::Value, variables, state, mentions, place);
    Incoming(variables).visit_expr_mut(&mut guard);
    guard
}

/// What the `let`s of a guard bind, and the arm has slots for, gets the names under which it is put there.
struct Incoming<'a>(&'a Variables);

impl VisitMut for Incoming<'_> {
    fn visit_expr_let_mut(&mut self, condition: &mut syn::ExprLet) {
        let Incoming(variables) = *self;
        let name = |variable: VariableId| variables[variable].anchored.then(|| incoming(&variables[variable].name));
        *condition.pat = walk::renamed(&condition.pat, variables, name);
        visit_mut::visit_expr_let_mut(self, condition);
    }
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
}

/// The mentions at which variables leave their slots, or have left them, by their numbers: see [`leaving`](super::leaving).
#[derive(Default)]
pub struct Leaving {
    /// The last ones of their variables.
    pub last: Vec<usize>,
    pub left: HashMap<usize, Left>,
}

/// What is done with an expression's mentions of variables in slots, by their numbers.
struct Mentions<'a> {
    moved: Vec<usize>,
    asked: Vec<usize>,
    leaving: Leaving,
    bound: &'a [VariableId],
    asks: bool,
}

fn rewritten(
    expr: &Expr,
    context: Context,
    variables: &Variables,
    state: &State,
    mentions: Mentions<'_>,
    place: (usize, usize),
) -> Expr {
    let mut expr = expr.clone();
    if !variables.unwritten_result {
        result::wrap_returns(&mut expr);
    }
    let rooms = rooms(&expr, context, variables, state);
    let left = mentions.leaving.left.clone();
    let mut rewriter = Rewriter { variables, mentions, next: 0, state };
    walk::walk(&mut expr, variables, context, &mut rewriter);
    crate::nested::unwrap(&mut expr);
    Dispatch { place, left }.visit_expr_mut(&mut expr);
    Assign { variables, rooms, closures: 0 }.visit_expr_mut(&mut expr);
    expr
}

struct Rewriter<'a> {
    variables: &'a Variables,
    mentions: Mentions<'a>,
    next: usize,
    state: &'a State,
}

impl walk::Visitor for Rewriter<'_> {
    fn mention(&mut self, expr: &mut Expr, site: Site) {
        let number = self.next;
        self.next += 1;
        let variable = &self.variables[site.variable];
        if !variable.anchored {
            return;
        }
        let span = expr.span();
        if self.mentions.bound.contains(&site.variable) {
            let name = incoming(&variable.name);
            *expr = tree::name(name);
            return;
        }
        let mut slot = slot(&variable.name);
        // What rustc says about it, it says about this mention.
        slot.set_span(slot.span().located_at(span));
        let initialised = variable.outer || self.state.get(&site.variable) == Some(&Status::Initialised);
        if site.kind == Use::Assign && !variable.outer {
            // Left for `Assign`, which sees the whole assignment.
            return;
        }
        // Nothing is asked of what the function around holds.
        let in_place = !self.mentions.asks || variable.outer && site.call.is_some();
        let left = self.mentions.leaving.left.get(&number).filter(|left| left.variable == site.variable);
        if left.is_some_and(|left| matches!(left.how, LeftAs::Place { .. })) && site.call.is_none() {
            let at = left_at(&variable.name);
            *expr = parse_quote_spanned!(span=> (*#at));
            return;
        }
        let is_field = site.field.is_some() && site.pointer.is_none();
        if (self.mentions.asked.contains(&number) || (is_field && !variable.plain)) && initialised && !in_place {
            // Left for `Dispatch`, which sees the whole call or field.
            if left.is_some() && site.call.is_none() {
                *expr = tree::name(format_ident!("{}n{}_{}", LEFT, number, variable.name, span = span));
                return;
            }
            let leaves = self.mentions.leaving.last.contains(&number);
            let marker = if site.field.is_some() && site.call.is_some() {
                let prefix = match left {
                    Some(_) => PART_LEFT,
                    None if leaves => PART_LEAVING,
                    None => PART_ASKED,
                };
                format_ident!("{}{}_{}", prefix, number, variable.name, span = span)
            } else {
                let prefix = if leaves { LEAVING } else { ASKED };
                format_ident!("{}{}", prefix, variable.name, span = span)
            };
            *expr = tree::name(marker);
            return;
        }
        // A guard is decided before it is known whether its arm is taken: what is known to be `Copy` stays in its slot.
        let stays = !self.mentions.asks && variable.copied;
        if site.kind == Use::Value && self.mentions.moved.contains(&number) && !stays {
            let guard = guard(&variable.name);
            *expr = if site.by_name {
                let at = crate::place::place(span);
                parse_quote_spanned!(span=> (&&&&&__probe(&(*#slot.at()))).by_closure().taken::<_, #at>(#slot, #guard))
            } else {
                tree::method(span, tree::name(slot), "take", [tree::name(guard)])
            };
        } else {
            *expr = tree::slot(span, slot);
        }
    }

    fn hidden(&mut self, _: &syn::Macro, _: Site) {
        self.next += 1;
    }

    fn exit(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Return(inner) => {
                let span = inner.return_token.span();
                let done = |value| tree::call(span, Ident::new("__Done", span).into(), value);
                let answer = match inner.expr.take() {
                    Some(value) => done(*value),
                    None if self.variables.unwritten_result => done(tree::unit_at(span)),
                    None => tree::method(span, tree::name(Ident::new("__result", span)), "unit", []),
                };
                *expr = tree::leave(span, answer);
            }
            Expr::Try(inner) => {
                let value = std::mem::replace(&mut *inner.expr, tree::unit());
                let span = inner.question_token.span();
                let leave = if self.variables.unwritten_result {
                    quote!(__give_residual(__residual))
                } else {
                    quote!(__result.early(__residual).leave())
                };
                let tried = tree::call(span, Ident::new("__Tried", span).into(), value);
                let arm = |pattern, body| tree::arm(span, Pat::Verbatim(pattern), Expr::Verbatim(body), true);
                *expr = Expr::Match(ExprMatch {
                    attrs: Vec::new(),
                    match_token: Token![match](span),
                    expr: Box::new(tree::method(span, tried, "branch", [])),
                    brace_token: token::Brace(span),
                    arms: vec![
                        arm(
                            quote_spanned!(span=> ::core::ops::ControlFlow::Continue(__value)),
                            quote_spanned!(span=> __value),
                        ),
                        arm(
                            quote_spanned!(span=> ::core::ops::ControlFlow::Break(__residual)),
                            quote_spanned!(span=> return #leave),
                        ),
                    ],
                });
            }
            _ => {}
        }
    }
}

const ASKED: &str = "__asked_";
const LEFT: &str = "__left_";
const LEAVING: &str = "__leaving_";
const PART_ASKED: &str = "__part_asked_";
const PART_LEAVING: &str = "__part_leaving_";
const PART_LEFT: &str = "__part_left_";

/// A call on a variable in a slot that may move it: both ways are written, rustc knows which is taken.
struct Dispatch {
    left: HashMap<usize, Left>,
    place: (usize, usize),
}

impl Dispatch {
    /// The variable that a marker stands for.
    fn marked(expr: &Expr) -> Option<Ident> {
        Self::marked_as(ASKED, expr)
    }

    fn marked_as(prefix: &str, expr: &Expr) -> Option<Ident> {
        let Expr::Path(path) = expr else { return None };
        let marker = path.path.get_ident()?;
        let text = marker.to_string();
        text.strip_prefix(prefix).map(|name| Ident::new(name, marker.span()))
    }

    /// The variable of which a field is a method's receiver, the number of the mention, and how it is marked.
    fn marked_part(expr: &Expr) -> Option<(Ident, usize, &'static str)> {
        let mut root = expr;
        while let Expr::Field(inner) = root {
            root = &inner.base;
        }
        let Expr::Path(path) = root else { return None };
        let marker = path.path.get_ident()?;
        let text = marker.to_string();
        let prefix = [PART_LEAVING, PART_LEFT, PART_ASKED].into_iter().find(|prefix| text.starts_with(prefix))?;
        let (number, name) = text.strip_prefix(prefix)?.split_once('_')?;
        Some((Ident::new(name, marker.span()), number.parse().ok()?, prefix))
    }

    /// A call on a field that may be moved out.
    fn part_call(&self, call: &syn::ExprMethodCall) -> Option<Expr> {
        let (name, number, marked) = Self::marked_part(&call.receiver)?;
        let (slot, tag) = (slot(&name), part_tag(&name, self.place, number));
        let mut place = (*call.receiver).clone();
        Root(&quote!((*#slot.at()))).visit_expr_mut(&mut place);
        let at = crate::place::place(call.method.span());
        let part = || quote!((&__probe(&#place)).holding().part::<_, _, #at>(&raw const #place, #slot.at()));
        let taken = match marked {
            PART_LEAVING => Self::leave(&call.receiver, &name),
            PART_LEFT => {
                let Left { tag, how, .. } = self.left.get(&number)?;
                let part = match how {
                    LeftAs::Place { is_last: true } => Self::leave(&call.receiver, &name),
                    _ => Expr::Verbatim(part()),
                };
                let whole = whole(&name);
                let mut taken = (*call.receiver).clone();
                Root(&quote!(#whole)).visit_expr_mut(&mut taken);
                parse_quote! {
                    (if #tag.stays() { #tag.when_staying(); #part } else { #tag.when_leaving(); #taken })
                }
            }
            _ => Expr::Verbatim(part()),
        };
        if marked == PART_LEFT {
            let at = left_at(&name);
            place = (*call.receiver).clone();
            Root(&quote!((*#at))).visit_expr_mut(&mut place);
        }
        let mut call = call.clone();
        *call.receiver = place;
        let in_place = call.clone();
        *call.receiver = taken;
        Some(parse_quote_spanned! {call.method.span()=>
            (if #tag.borrows() {
                #tag.when_borrowed();
                #in_place
            } else {
                #tag.when_moved();
                #call
            })
        })
    }

    /// What a variable points to, used by value.
    fn pointed_to(&self, expr: &Expr) -> Option<Expr> {
        let mut root = expr;
        while let Expr::Unary(inner) = root {
            root = &inner.expr;
        }
        let name = Self::marked(root)?;
        let (slot, guard, tag) = (slot(&name), guard(&name), tag(&name, self.place));
        let (mut in_place, mut taken) = (expr.clone(), expr.clone());
        Root(&quote!((*#slot.at()))).visit_expr_mut(&mut in_place);
        Root(&quote!(#slot.take(#guard))).visit_expr_mut(&mut taken);
        Some(parse_quote_spanned! {expr.span()=>
            (if #tag.borrows() {
                #tag.when_borrowed();
                #in_place
            } else {
                #tag.when_moved();
                #taken
            })
        })
    }

    /// A field that is used by value, for which its variable leaves its slot if that moves it, and the rest has a destructor.
    fn leave(field: &Expr, name: &Ident) -> Expr {
        let (slot, guard, whole) = (slot(name), guard(name), whole(name));
        let (mut place, mut taken) = (field.clone(), field.clone());
        Root(&quote!((*#slot.at()))).visit_expr_mut(&mut place);
        Root(&quote!(#whole)).visit_expr_mut(&mut taken);
        parse_quote_spanned! {field.span()=>
            ({
                let __reference = (&&&__probe_place(&raw const #place)).reference();
                let __part = if __reference.leaves(&raw const #place, #slot.at()) {
                    __reference.when_leaving();
                    #whole = #slot.take(#guard);
                    #taken
                } else {
                    (&raw const #place).read()
                };
                __part
            })
        }
    }

    /// A field that is used by value: read, and if that moves it, nothing of the whole may need to be dropped.
    fn field(&self, expr: &Expr) -> Option<Expr> {
        let mut root = expr;
        while let Expr::Field(inner) = root {
            root = &inner.base;
        }
        if let Some(name) = Self::marked_as(LEAVING, root) {
            return Some(Self::leave(expr, &name));
        }
        let left = Self::marked_as(LEFT, root).and_then(|marked| {
            let text = marked.to_string();
            let (number, name) = text.strip_prefix('n')?.split_once('_')?;
            Some((self.left.get(&number.parse().ok()?)?, Ident::new(name, marked.span())))
        });
        let name = left.as_ref().map(|(_, name)| name.clone()).or_else(|| Self::marked(root))?;
        let slot = slot(&name);
        let mut place = expr.clone();
        Root(&quote!((*#slot.at()))).visit_expr_mut(&mut place);
        let at = crate::place::place(expr.span());
        let mut part = quote_spanned! {expr.span()=>
            (&__probe_place(&raw const #place)).holding().part::<_, _, #at>(&raw const #place, #slot.at())
        };
        if let Some((Left { tag, is_pointed_to, how, .. }, _)) = left {
            let (guard, whole) = (guard(&name), whole(&name));
            let mut taken = expr.clone();
            Root(&quote!(#whole)).visit_expr_mut(&mut taken);
            let is_first = matches!(how, LeftAs::First(_));
            let take = is_first.then(|| quote!(#whole = #slot.take(#guard);));
            let points = |to: TokenStream| {
                let at = left_at(&name);
                (is_first && *is_pointed_to).then(|| quote!(#at = #to;))
            };
            let (stays, leaves) = (points(quote!(#slot.at())), points(quote!(&raw mut #whole)));
            part = quote_spanned! {expr.span()=>
                if #tag.stays() {
                    #tag.when_staying();
                    #stays
                    #part
                } else {
                    #tag.when_leaving();
                    #take
                    #leaves
                    #taken
                }
            };
        }
        // Whoever wants another type gets what this one becomes, as of a field.
        Some(parse_quote_spanned! {expr.span()=>
            ({
                let __part = #part;
                __part
            })
        })
    }
}

impl VisitMut for Dispatch {
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        crate::names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Field(_) = expr
            && let Some(dispatched) = self.field(expr)
        {
            *expr = dispatched;
            return;
        }
        if let Expr::Unary(_) = expr
            && let Some(dispatched) = self.pointed_to(expr)
        {
            *expr = dispatched;
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
        let Expr::MethodCall(call) = expr else { return };
        crate::lower::unmark(call);
        if let Some(dispatched) = self.part_call(call) {
            *expr = dispatched;
            return;
        }
        let Some(name) = Self::marked(&call.receiver) else { return };
        let (slot, guard, tag) = (slot(&name), guard(&name), tag(&name, self.place));
        let (method, turbofish, arguments) = (&call.method, &call.turbofish, &call.args);
        *expr = parse_quote_spanned! {call.method.span()=>
            (if #tag.borrows() {
                #tag.when_borrowed();
                (*#slot.at()).#method #turbofish (#arguments)
            } else {
                #tag.when_moved();
                #slot.take(#guard).#method #turbofish (#arguments)
            })
        };
    }
}

/// What an assignment to a variable in a slot finds there. In an expression in one piece it is never certain that there is nothing: a
/// guard, or a macro's argument, may be evaluated again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// No value.
    Empty,
    /// A value, which is dropped.
    Full,
    /// The same, inside of a closure, which may outlive the guard.
    Shared,
    /// A value or none: rustc knows, by what has become of its guard.
    Unknown,
}

impl Room {
    /// The value that is put there: a slot that has no value yet tells rustc nothing of the type that the variable is declared with.
    pub fn typed(self, value: Expr, variable: &Variable) -> Expr {
        match &variable.written {
            Some(ty) if variable.anchored && self != Room::Full => {
                parse_quote_spanned!(value.span()=> __typed::<#ty>(#value))
            }
            _ => value,
        }
    }

    /// The assignment.
    pub fn assign(self, name: &Ident, value: impl quote::ToTokens) -> TokenStream {
        let (slot, guard) = (slot(name), guard(name));
        match self {
            Room::Empty => quote!(#guard = #slot.put(#value)),
            // Names the guard, so that rustc checks that it is there.
            Room::Full => quote!((*#slot.held(&#guard)) = #value),
            Room::Shared => quote!((*#slot.at()) = #value),
            // The old guard drops the old value, before the new one's temporaries; the new one is put there afterwards, also if
            // that panics.
            Room::Unknown => quote! {
                match #slot.putting(#value) {
                    __put => {
                        #guard = #slot.guard();
                        ::core::mem::drop(__put);
                    }
                }
            },
        }
    }
}

/// What is in a variable's slot once `value`, which it is then given, has been evaluated.
pub fn room(value: &Expr, variable: VariableId, variables: &Variables, state: &State) -> Room {
    if !variables[variable].anchored {
        return Room::Empty;
    }
    let sites: Vec<Site> = walk::uses(value, variables).into_iter().filter(|site| site.variable == variable).collect();
    found(sites.iter().any(may_take), sites.iter().any(|site| site.kind == Use::Assign), state.get(&variable))
}

/// What the assignments of an expression find, for each variable in a slot.
fn rooms(expr: &Expr, context: Context, variables: &Variables, state: &State) -> HashMap<VariableId, Room> {
    if !variables.list.iter().any(|variable| variable.anchored && variable.assigned) {
        return HashMap::new();
    }
    let sites = walk::uses_as(expr, context, variables);
    let assigned = sites.iter().filter(|site| site.kind == Use::Assign && variables[site.variable].anchored);
    assigned
        .filter(|site| !site.closure)
        .map(|site| {
            let variable = site.variable;
            let taken = sites.iter().filter(|other| other.variable == variable).any(may_take);
            (variable, found(taken, true, state.get(&variable)))
        })
        .collect()
}

/// Whether a mention may move its variable.
fn may_take(site: &Site) -> bool {
    site.kind == Use::Value
        || site.call.is_some()
        || matches!(site.pointer, Some(walk::Pointer::Whole | walk::Pointer::Parts))
}

fn found(taken: bool, filled: bool, before: Option<&Status>) -> Room {
    match before {
        Some(Status::Initialised) if !taken => Room::Full,
        Some(Status::Uninitialised | Status::Moved) | None if !filled => Room::Empty,
        _ => Room::Unknown,
    }
}

/// Assignments to variables in slots.
struct Assign<'a> {
    variables: &'a Variables,
    /// What they find outside of closures.
    rooms: HashMap<VariableId, Room>,
    /// In so many closures.
    closures: usize,
}

impl VisitMut for Assign<'_> {
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        crate::names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        self.closures += 1;
        visit_mut::visit_expr_closure_mut(self, closure);
        self.closures -= 1;
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Assign(assign) = expr
            && let Some(variable) = self.variables.of_path(&assign.left)
            && self.variables[variable].anchored
            && !self.variables[variable].outer
        {
            let room = match self.closures {
                0 => self.rooms.get(&variable).copied().unwrap_or(Room::Unknown),
                _ => Room::Shared,
            };
            let entry = &self.variables[variable];
            let assign = room.assign(&entry.name, room.typed((*assign.right).clone(), entry));
            *expr = parse_quote!(#assign);
        }
    }
}
