//! Blocks that mention fields of a variable, and nothing else of it.
//!
//! # The problem
//! As a closure does, an `async move` block takes those fields, and the rest stays with the function around; but of a guard, an `Rc` or
//! whatever else has a `Deref`, it takes all. The macro sees `g.x` in either case.
//!
//! # The design
//! rustc is asked ([`choice`]): the block has one variable, which is all of it or a structure of the fields. For the function
//! around it is one mention of the variable, of which rustc says by the same answer what is left ([`choices`]).
//!
//! A field that may be moved out of such a variable and others that are used behind a suspension do not go together. There, and where
//! the function around uses the variable again or keeps it in its frame, the block has a variable for each field, and a `Deref` is refused.

use std::collections::HashSet;

use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Block, Expr, ExprClosure, Macro, Member, parse_quote};

use crate::graph::{VariableId, Variables};
use crate::tree;
use crate::walk::{Use, uses};

/// Marks the closure that stands for a choice.
const CHOICE: &str = "__segno_choice";

/// Stands for what a block takes of a variable.
pub fn closure(name: &Ident, members: &[Member]) -> Expr {
    let marker = format_ident!("{}", CHOICE);
    parse_quote!(#[#marker] move || (#(#name.#members,)*))
}

/// The fields, if it is one.
pub fn choices(value: &Expr) -> Option<Vec<Expr>> {
    let Expr::Closure(ExprClosure { attrs, body, .. }) = value else { return None };
    let is_marked = attrs.iter().any(|attribute: &Attribute| attribute.path().is_ident(CHOICE));
    match &**body {
        Expr::Tuple(tuple) if is_marked => Some(tuple.elems.iter().cloned().collect()),
        _ => None,
    }
}

/// What the block takes: the variable, or a structure of its fields.
pub fn choice(name: &Ident, value: &Expr) -> Option<Expr> {
    let fields = choices(value)?;
    let members = fields.iter().map(|field| match field {
        Expr::Field(field) => Some(&field.member),
        _ => None,
    });
    let members: Vec<&Member> = members.collect::<Option<_>>()?;
    let (structure, read) = structure(name, &members);
    let taken = quote!(move || { let _ = (#(&raw const #name.#members,)*); });
    let at = crate::place::place(name.span());
    Some(parse_quote!({
        #structure
        // Behind what does not come back, nothing is moved.
        let __taken = if true { __None } else { __never(); __Some(#taken) };
        let __takes = (&&&&__capture(&#name, || (#(__pointee(&raw const #name.#members),)*), __taken)).takes::<#at>();
        if __takes.all() {
            __takes.when_all();
            __takes.variable(#name)
        } else {
            __takes.when_fields();
            // SAFETY: it is not reached if the fields are not the variable's own (`takes`); that they are not there twice, the
            // closure sees to, which takes them and does not drop them.
            let __fields = unsafe { #read };
            __takes.fields(__fields, #taken)
        }
    }))
}

/// A structure with these fields alone, and its value, read from a variable.
fn structure(name: &Ident, members: &[&Member]) -> (TokenStream, TokenStream) {
    let types: Vec<Ident> = (0..members.len()).map(|index| format_ident!("F{}", index)).collect();
    let last =
        members.iter().filter_map(|member| if let Member::Unnamed(index) = member { Some(index.index) } else { None });
    let Some(last) = last.max() else {
        return (
            quote!(struct __Fields<#(#types),*> { #(#members: #types),* }),
            quote!(__Fields { #(#members: (&raw const #name.#members).read()),* }),
        );
    };
    // Of a tuple, the others are nothing.
    let at = |number: u32| {
        members.iter().position(|member| matches!(member, Member::Unnamed(index) if index.index == number))
    };
    let declared = (0..=last).map(|number| {
        at(number).map_or(quote!(()), |at| {
            let ty = &types[at];
            quote!(#ty)
        })
    });
    let values = (0..=last).map(|number| {
        at(number).map_or(quote!(()), |at| {
            let member = members[at];
            quote!((&raw const #name.#member).read())
        })
    });
    (quote!(struct __Fields<#(#types),*>(#(#declared),*);), quote!(__Fields(#(#values),*)))
}

/// Whether one of several fields may be moved out: used by value, once, and not to calculate.
pub fn may_part(block: &Block, variable: VariableId, members: &[Member], variables: &Variables) -> bool {
    let whole = tree::block(block.clone());
    let name = &variables[variable].name;
    let numbers = numbers(block, name);
    let sites = uses(&whole, variables);
    members.len() > 1
        && members.iter().any(|member| {
            let its = || sites.iter().filter(|site| site.variable == variable && site.member.as_ref() == Some(member));
            let by_value = its().filter(|site| site.kind == Use::Value).count();
            let called = its().any(|site| site.call.is_some()) && its().count() == 1;
            !numbers.contains(member) && (by_value == 1 || called)
        })
}

/// The fields with which a block calculates.
fn numbers(block: &Block, name: &Ident) -> HashSet<Member> {
    struct Find<'a>(&'a Ident, HashSet<Member>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
            for operand in [&binary.left, &binary.right] {
                if let Expr::Field(field) = tree::bare(operand)
                    && is_named(&field.base, self.0)
                {
                    self.1.insert(field.member.clone());
                }
            }
            visit::visit_expr_binary(self, binary);
        }
    }
    let mut find = Find(name, HashSet::new());
    find.visit_block(block);
    find.1
}

/// The fields of a variable that a block mentions, if it mentions nothing else of it.
pub fn only(block: &Block, name: &Ident) -> Option<Vec<Member>> {
    struct Find<'a> {
        name: &'a Ident,
        members: Vec<Member>,
        whole: bool,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Field(field) if is_named(&field.base, self.name) => {
                    if !self.members.contains(&field.member) {
                        self.members.push(field.member.clone());
                    }
                }
                expr if is_named(expr, self.name) => self.whole = true,
                _ => visit::visit_expr(self, expr),
            }
        }
        fn visit_macro(&mut self, mac: &'ast Macro) {
            let name = self.name;
            self.whole |= super::is_hidden_in(mac, name, |argument| self.visit_expr(argument));
        }
    }
    let mut find = Find { name, members: Vec::new(), whole: false };
    find.visit_block(block);
    (!find.whole && !find.members.is_empty()).then_some(find.members)
}

fn is_named(expr: &Expr, name: &Ident) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident(name))
}

/// Puts a parameter in the place of a field.
pub struct TakeField<'a> {
    pub name: &'a Ident,
    pub member: &'a Member,
    pub part: &'a Ident,
}

impl VisitMut for TakeField<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Field(field) = expr
            && is_named(&field.base, self.name)
            && field.member == *self.member
        {
            let part = self.part;
            *expr = parse_quote!(#part);
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        crate::names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }
}
