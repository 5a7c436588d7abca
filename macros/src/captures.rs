//! Closures that take variables which live in the frame.
//!
//! # The problem
//! A variable that is borrowed across a suspension is a place of the frame, and a closure that names a place borrows it. A
//! `move` closure is to have the value.
//!
//! # The design
//! `move || x.m()` becomes `{ let mut y = x; move || y.m() }`, where `x` is used by value as anywhere else: moved out of its slot, or
//! copied if it is used again. Only if the closure mentions all of `x`, or if `x` is a reference: of a struct of which it
//! mentions fields, rustc's closure takes those alone. What then remains is refused, in [`crate::liveness`]. A pattern that takes some of
//! `x` out of it mentions fields ([`crate::nested`]), or what it leaves must not need to be dropped.
//!
//! `|| drop(x)` takes `x` too, if its type is not `Copy`, and borrows it otherwise. If nothing of `x` is used afterwards, a copy does
//! what a borrow does: it becomes `{ let mut y = x; move || drop(y) }`, and `x` needs no place in the frame for it ([`take`]). What
//! else such a closure mentions it must not take: that is in the frame, and reached through references to its place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, ExprClosure, Macro, parse_quote, parse_quote_spanned, spanned::Spanned};

use crate::graph::{Borrowing, VariableId, Variables};
use crate::nested::{Left, left, unless};
use crate::walk::{self, Context, Loops, Site, Use, Visitor};

/// Gives each variable that such a closure takes another name, which is bound before it.
pub fn rebind(variables: &mut Variables, body: &mut Block) {
    Closures { variables }.visit_block_mut(body);
}

struct Closures<'a> {
    variables: &'a mut Variables,
}

/// Finds what a closure takes: each variable, and whether all of it.
struct Taken<'a> {
    variables: &'a Variables,
    found: BTreeMap<VariableId, bool>,
}

impl Visitor for Taken<'_> {
    fn mention(&mut self, _: &mut Expr, site: Site) {
        let variable = &self.variables[site.variable];
        let whole = site.member.is_none() || variable.plain || variable.borrowing == Borrowing::Mutable;
        if site.captured && variable.anchored && !variable.outer {
            *self.found.entry(site.variable).or_insert(true) &= whole;
        }
    }
    fn hidden(&mut self, _: &Macro, site: Site) {
        self.found.insert(site.variable, false);
    }
}

/// A variable that a closure takes, or the one field that it mentions of it.
struct Taking {
    variable: VariableId,
    field: Option<Expr>,
}

/// Renames variables.
pub struct Rename<'a>(pub &'a BTreeMap<VariableId, syn::Ident>);

impl Visitor for Rename<'_> {
    fn mention(&mut self, expr: &mut Expr, site: Site) {
        if let Some(name) = self.0.get(&site.variable) {
            let mut name = name.clone();
            name.set_span(expr.span());
            *expr = syn::parse_quote!(#name);
        }
    }
}

impl Closures<'_> {
    fn closure(&mut self, closure: &ExprClosure) -> Option<Expr> {
        closure.capture.as_ref()?;
        let mut taken = Taken { variables: self.variables, found: BTreeMap::new() };
        walk::walk(&mut Expr::Closure(closure.clone()), self.variables, Context::Value, &mut taken);
        let whole = taken.found.into_iter().filter(|&(_, whole)| whole);
        let taken: Vec<Taking> = whole.map(|(variable, _)| Taking { variable, field: None }).collect();
        if taken.is_empty() {
            return None;
        }
        Some(bound(closure, taken, self.variables))
    }
}

/// A closure that has other names for variables, or fields of them, which are bound before it.
fn bound(closure: &ExprClosure, taken: Vec<Taking>, variables: &mut Variables) -> Expr {
    bound_as(closure, taken, closure.capture.is_none(), variables)
}

/// The same. `if_moved`: what a pattern in it may only copy out of, it must not take.
fn bound_as(closure: &ExprClosure, taken: Vec<Taking>, if_moved: bool, variables: &mut Variables) -> Expr {
    let mut names = BTreeMap::new();
    let mut fields = BTreeMap::new();
    let mut lets: Vec<syn::Stmt> = Vec::new();
    let whole = Expr::Closure(closure.clone());
    // Not of the whole closure: it may begin with a mark of the macro's.
    let (span, at) = crate::place::here(closure.body.span());
    for Taking { variable, field } in taken {
        let old = variables[variable].name.clone();
        let new = variables.temporary("taken", old.span());
        let new = variables[new].name.clone();
        let value = match &field {
            Some(field) => {
                let mut renamed = whole.clone();
                Fields(&BTreeMap::from([(old.to_string(), new.clone())])).visit_expr_mut(&mut renamed);
                fields.insert(old.to_string(), new.clone());
                match left(&renamed, &new) {
                    Left::Parts => parse_quote_spanned!(span=> __taken_whole::<_, #at>(#field)),
                    Left::Unless(matched) if if_moved => unless(&matched, field.clone(), closure.body.span()),
                    _ => field.clone(),
                }
            }
            None => {
                names.insert(variable, new.clone());
                match left(&whole, &old) {
                    Left::Parts if !variables[variable].plain => {
                        parse_quote_spanned!(span=> (&__probe(&#old)).whole::<_, #at>(#old))
                    }
                    Left::Unless(matched) if if_moved => unless(&matched, parse_quote!(#old), closure.body.span()),
                    _ => parse_quote!(#old),
                }
            }
        };
        lets.push(parse_quote_spanned!(span=> let mut #new = #value;));
    }
    let mut renamed = whole;
    Fields(&fields).visit_expr_mut(&mut renamed);
    walk::walk(&mut renamed, variables, Context::Value, &mut Rename(&names));
    parse_quote_spanned!(span=> { #(#lets)* #renamed })
}

/// Renames the only fields that are mentioned of variables.
struct Fields<'a>(&'a BTreeMap<String, syn::Ident>);

impl VisitMut for Fields<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Field(_) = expr
            && let Some(name) = root(expr).and_then(|root| self.0.get(&root.to_string()))
        {
            let mut name = name.clone();
            name.set_span(expr.span());
            *expr = parse_quote!(#name);
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        in_arguments(mac, |argument| self.visit_expr_mut(argument));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// The `x` of `x.f.g`.
fn root(expr: &Expr) -> Option<&syn::Ident> {
    match expr {
        Expr::Field(inner) => root(&inner.base),
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

/// The `f` and `g` of `x.f.g`.
fn members(expr: &Expr) -> Vec<&syn::Member> {
    match expr {
        Expr::Field(inner) => {
            let mut all = members(&inner.base);
            all.push(&inner.member);
            all
        }
        _ => Vec::new(),
    }
}

impl VisitMut for Closures<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Closure(closure) = expr
            && let Some(rebound) = self.closure(closure)
        {
            *expr = rebound;
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        in_arguments(mac, |argument| self.visit_expr_mut(argument));
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// What is visited of a macro: its arguments, if it is known. (A nested machine is finished.)
fn in_arguments(mac: &mut Macro, visit: impl FnMut(&mut Expr)) {
    if crate::nested::Nested::of(mac).is_none() {
        crate::names::change_arguments(mac, visit);
    }
}

/// Marks the variables of closures that a call moves, if it is the last: those that move something out of what they have captured
/// themselves. (If that turns out to be `Copy`, they have no destructor, and a call that moves them does what one does that borrows
/// them. Therefore nothing else must have been moved into the closure, and a pattern must not copy out of what has one.)
pub fn called_once(variables: &mut Variables, body: &mut Block) {
    CalledOnce(variables).visit_block_mut(body);
}

struct CalledOnce<'a>(&'a mut Variables);

impl VisitMut for CalledOnce<'_> {
    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let Some(init) = &mut local.init
            && let Expr::Closure(closure) = crate::tree::bare(&init.expr)
            && let Some(variable) = crate::lower::name(&local.pat).and_then(|name| self.0.find(name))
            && let Some(moved) = moved_out(closure, self.0)
        {
            self.0[variable].called_once = true;
            let whole = Expr::Closure(closure.clone());
            let may_copy = |&variable: &VariableId| matches!(left(&whole, &self.0[variable].name), Left::Unless(_));
            let is_move = |_: &VariableId| closure.capture.is_some();
            let asked = moved.into_iter().filter(is_move).filter(may_copy);
            let asked: Vec<Taking> = asked.map(|variable| Taking { variable, field: None }).collect();
            if !asked.is_empty() {
                *init.expr = bound_as(&closure.clone(), asked, true, self.0);
            }
        }
        visit_mut::visit_local_mut(self, local);
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// What a closure moves out of what it has captured, if a call that moves it does what one does that borrows it.
fn moved_out(closure: &ExprClosure, variables: &Variables) -> Option<BTreeSet<VariableId>> {
    let is_move = closure.capture.is_some();
    let closure = Expr::Closure(ExprClosure { capture: None, ..closure.clone() });
    let sites = walk::uses(&closure, variables);
    let moved = |variable: VariableId| {
        let its = |site: &&Site| site.variable == variable;
        sites.iter().filter(its).any(|site| {
            let whole = site.kind == Use::Value && site.member.is_none();
            (whole || site.part.is_some() || site.is_base) && !site.conditional && !site.repeated && !site.captured
        })
    };
    let all = sites.iter().map(|site| site.variable).filter(|&variable| !variables[variable].plain);
    let (moved, others): (BTreeSet<VariableId>, BTreeSet<VariableId>) = all.partition(|&variable| moved(variable));
    (!moved.is_empty() && (others.is_empty() || !is_move)).then_some(moved)
}

/// Binds what closures without `move` take: variables in the frame that they mention by value, and that are not used afterwards.
/// `decided` says which are in the frame. Says whether there are such.
pub fn take(decided: &Variables, variables: &mut Variables, body: &mut Block) -> bool {
    if !decided.list.iter().any(|entry| entry.anchored) {
        return false;
    }
    let mut whole = crate::tree::block(body.clone());
    let mut borrowing = Borrowings { sites: Vec::new(), found: Vec::new(), depth: 0 };
    walk::walk(&mut whole, decided, Context::Value, &mut borrowing);
    let Borrowings { sites, found, .. } = borrowing;
    let Expr::Block(mut whole) = whole else { return false };
    let mut closed = Closed { variables: decided, loops: Loops::default(), closures: BTreeMap::new() };
    closed.visit_block(&whole.block);
    let taken: BTreeMap<usize, Vec<Taking>> = found
        .iter()
        .enumerate()
        .map(|(number, mentions)| {
            let its_loop = closed.closures.get(&number);
            let stays = |taken: &Taking| Some(&closed.loops.of(taken.variable)) == its_loop;
            (number, taken(mentions.clone(), &sites, decided).into_iter().filter(stays).collect::<Vec<_>>())
        })
        .filter(|(_, taken)| !taken.is_empty())
        .collect();
    if taken.is_empty() {
        return false;
    }
    Take { variables, taken }.visit_block_mut(&mut whole.block);
    *body = whole.block;
    true
}

/// Numbers the closures without `move` that are not called where they stand.
struct Borrowings {
    sites: Vec<Site>,
    /// Which of the mentions are a closure's.
    found: Vec<Range<usize>>,
    depth: usize,
}

impl Visitor for Borrowings {
    fn mention(&mut self, _: &mut Expr, site: Site) {
        self.sites.push(site);
    }

    fn hidden(&mut self, _: &Macro, site: Site) {
        self.sites.push(Site { kind: Use::Read, ..site });
    }

    fn enter(&mut self, closure: &mut ExprClosure) {
        self.depth += 1;
        if self.depth == 1 && closure.capture.is_none() && closure.asyncness.is_none() {
            let number = self.found.len().to_string();
            let name = quote::format_ident!("{}", NUMBER);
            closure.attrs.push(parse_quote!(#[#name = #number]));
            self.found.push(self.sites.len()..usize::MAX);
        }
    }

    fn leave(&mut self, closure: &mut ExprClosure) {
        self.depth -= 1;
        if self.depth == 0
            && number(closure).is_some()
            && let Some(last) = self.found.last_mut()
        {
            last.end = self.sites.len();
        }
    }
}

/// What a closure with these mentions takes.
fn taken(mentions: Range<usize>, sites: &[Site], variables: &Variables) -> Vec<Taking> {
    let (inside, behind) = (&sites[mentions.clone()], &sites[mentions.end..]);
    let taking = |variable: VariableId| {
        let entry = &variables[variable];
        let its: Vec<&Site> = inside.iter().filter(|site| site.variable == variable).collect();
        let field = its[0].part.as_deref();
        // Of what a reference points to, nothing can be moved.
        let may_be_parted = field.is_none() || entry.owned || entry.borrowing == Borrowing::No;
        let is_by_value = |site: &&Site| match (&site.part, field) {
            (Some(one), Some(field)) => members(one) == members(field),
            (None, None) => site.kind == Use::Value && site.member.is_none(),
            _ => false,
        };
        let is_again = |later: &Site, site: &Site| {
            let other = later.member.is_some() && site.member.is_some() && later.member != site.member;
            later.variable == variable && !other && !later.excludes(site)
        };
        let is_renewed = |later: &Site| {
            later.variable == variable && later.kind == Use::Assign && !later.conditional && !later.repeated
        };
        let until = behind.iter().position(is_renewed).unwrap_or(behind.len());
        let is_last = |site: &Site| !behind[..until].iter().any(|later| is_again(later, site));
        let is_taken = entry.anchored && !entry.outer && !entry.plain && may_be_parted;
        (is_taken && its.iter().all(|site| is_by_value(site) && !site.at_once && is_last(site)))
            .then(|| Taking { variable, field: field.cloned() })
    };
    let all: BTreeSet<VariableId> = inside.iter().map(|site| site.variable).collect();
    let mut found = Vec::new();
    for variable in all {
        match taking(variable) {
            Some(taking) => found.push(taking),
            // What is not in the frame would be taken, too.
            None if variables[variable].anchored || variables[variable].shared => {}
            None => return Vec::new(),
        }
    }
    found
}

/// In which loops the closures stand, by their numbers.
struct Closed<'a> {
    variables: &'a Variables,
    loops: Loops,
    closures: BTreeMap<usize, usize>,
}

impl Closed<'_> {
    fn inside(&mut self, work: impl FnOnce(&mut Self)) {
        self.loops.enter();
        work(self);
        self.loops.leave();
    }
}

impl<'ast> Visit<'ast> for Closed<'_> {
    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        if let Some(variable) = self.variables.find(&ident.ident) {
            self.loops.declare(variable);
        }
        visit::visit_pat_ident(self, ident);
    }
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        let innermost = self.loops.innermost();
        self.closures.extend(number(closure).map(|number| (number, innermost)));
        visit::visit_expr_closure(self, closure);
    }
    fn visit_expr_loop(&mut self, inner: &'ast syn::ExprLoop) {
        self.inside(|this| visit::visit_expr_loop(this, inner));
    }
    fn visit_expr_while(&mut self, inner: &'ast syn::ExprWhile) {
        self.inside(|this| visit::visit_expr_while(this, inner));
    }
    fn visit_expr_for_loop(&mut self, inner: &'ast syn::ExprForLoop) {
        self.visit_expr(&inner.expr);
        self.inside(|this| {
            this.visit_pat(&inner.pat);
            this.visit_block(&inner.body);
        });
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Rewrites the closures that take something.
struct Take<'a> {
    variables: &'a mut Variables,
    taken: BTreeMap<usize, Vec<Taking>>,
}

impl VisitMut for Take<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Closure(closure) = expr
            && let Some(number) = number(closure)
        {
            closure.attrs.retain(|attribute| !attribute.path().is_ident(NUMBER));
            if let Some(taken) = self.taken.remove(&number) {
                let mut closure = closure.clone();
                let marker = quote::format_ident!("{}", TAKES);
                closure.attrs.push(parse_quote!(#[#marker]));
                *expr = bound(&closure, taken, self.variables);
                return;
            }
        }
        visit_mut::visit_expr_mut(self, expr);
    }
    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        in_arguments(mac, |argument| self.visit_expr_mut(argument));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// The attribute that numbers a closure.
const NUMBER: &str = "__segno_closure";
/// Marks a closure that takes what is bound before it.
const TAKES: &str = "__segno_takes";

fn number(closure: &ExprClosure) -> Option<usize> {
    let attribute = closure.attrs.iter().find(|attribute| attribute.path().is_ident(NUMBER))?;
    match &attribute.meta {
        syn::Meta::NameValue(syn::MetaNameValue { value: Expr::Lit(literal), .. }) => match &literal.lit {
            syn::Lit::Str(number) => number.value().parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a closure is a `move` closure in the machine, though it is none in the walk: see [`take`].
fn is_marked(attribute: &Attribute) -> bool {
    attribute.path().is_ident(TAKES)
}

/// As a closure stands in the machine.
pub fn finish(closure: &mut ExprClosure) {
    if closure.attrs.iter().any(is_marked) {
        closure.attrs.retain(|attribute| !is_marked(attribute));
        closure.capture = Some(parse_quote_spanned!(closure.body.span()=> move));
    }
}
