//! Assignments to variables in slots.

use std::collections::HashMap;

use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, parse_quote, parse_quote_spanned};

use super::rewrite::{guard, slot};
use crate::graph::{Variable, VariableId, Variables};
use crate::liveness::{State, Status};
use crate::walk::{self, Context, Site, Use};

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
pub fn rooms(expr: &Expr, context: Context, variables: &Variables, state: &State) -> HashMap<VariableId, Room> {
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
pub struct Assign<'a> {
    pub variables: &'a Variables,
    /// What they find outside of closures.
    pub rooms: HashMap<VariableId, Room>,
    /// In so many closures.
    pub closures: usize,
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
