//! Calls on variables in slots, and fields of them, of which only types tell whether they move.
//!
//! # The design
//! [`rewrite`](super::rewrite) puts a marker in the place of such a variable. Here, where the whole call or field is seen, both ways
//! are written down: rustc knows by the answer to a question ([`question`](super::question)) which is taken.

use std::collections::HashMap;

use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, parse_quote, parse_quote_spanned};

use super::leaving::{Left, LeftAs};
use super::rewrite::{Root, guard, left_at, part_tag, slot, tag, whole};
use crate::tree;

pub const ASKED: &str = "__asked_";
pub const LEFT: &str = "__left_";
pub const LEAVING: &str = "__leaving_";
pub const PART_ASKED: &str = "__part_asked_";
pub const PART_LEAVING: &str = "__part_leaving_";
pub const PART_LEFT: &str = "__part_left_";
pub const PART_PARTING: &str = "__part_parting_";

/// A call on a variable in a slot that may move it: both ways are written, rustc knows which is taken.
pub struct Dispatch {
    pub left: HashMap<usize, Left>,
    pub place: (usize, usize),
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
        let prefix =
            [PART_LEAVING, PART_LEFT, PART_PARTING, PART_ASKED].into_iter().find(|prefix| text.starts_with(prefix))?;
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
            PART_PARTING => {
                let (guard, whole) = (guard(&name), whole(&name));
                let mut taken = (*call.receiver).clone();
                Root(&quote!(#whole)).visit_expr_mut(&mut taken);
                parse_quote!({
                    #whole = #slot.take(#guard);
                    #taken
                })
            }
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
        let mut in_place = quote_spanned!(call.method.span()=> (*#slot.at()).#method #turbofish (#arguments));
        let mut taken = quote_spanned!(call.method.span()=> #slot.take(#guard).#method #turbofish (#arguments));
        // Two closures of the same text have different types, which may be in that of the result.
        if arguments.iter().any(|argument| tree::closure(argument).is_some()) {
            in_place = quote_spanned!(call.method.span()=> #tag.if_borrowed(#in_place));
            taken = quote_spanned!(call.method.span()=> #tag.if_moved(#taken));
        }
        *expr = parse_quote_spanned! {call.method.span()=>
            (if #tag.borrows() {
                #tag.when_borrowed();
                #in_place
            } else {
                #tag.when_moved();
                #taken
            })
        };
    }
}
