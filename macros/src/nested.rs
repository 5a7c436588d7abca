//! `async` blocks: machines inside the machine.
//!
//! # The problem
//! `join(async { a.await }, async move { b.await })`: a block is a coroutine of its own that captures what it mentions, as
//! a closure does, and how it captures depends on types.
//!
//! # The design
//! Each block goes through the compiler as a function would. What it captures by value is its parameters: all that a
//! `move` block mentions; of what another block uses by value, what it does not also change ([`changed`]), or what nobody uses
//! later ([`later`]). They are dropped in the order in which it takes them ([`order`]). Of a variable of which it mentions fields, or
//! which a pattern takes apart ([`patterns`]), it may take those alone ([`fields`]). What it borrows stays in the function around, in a
//! slot, which the block's machine reaches as that function does. In the body there remains a macro that stands for the finished
//! machine ([`placeholder`]).
//!
//! An `async` closure is a closure with such a block in it ([`closures`]).

mod changed;
mod closures;
mod fields;
mod kept;
mod later;
mod leaves;
mod order;
mod patterns;
mod placeholder;

pub use closures::{close, hand_over, is_closed, reopen};
pub use fields::choices;
pub use leaves::{Left, left, unless, unless_copied};
pub use placeholder::{Nested, contains, unwrap};

use std::collections::{BTreeSet, HashSet};

use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprAsync, ExprBlock, ExprClosure, Member, Pat, Type, parse_quote, parse_quote_spanned};

use self::changed::Changed;
use crate::anchor::root;
use crate::emit::result::Returned;
use crate::error::Errors;
use crate::graph::{Borrowing, Terminator, VariableId, Variables};
use crate::names::Parameter;
use crate::tree;
use crate::walk::{Use, uses};

/// Stands for a block while it is looked at.
const HERE: &str = "__segno_here";

/// Lowers the `async` blocks of a body with resolved names.
pub fn lower(variables: &mut Variables, body: &mut Block, errors: &mut Errors) {
    patterns::spread(body, variables);
    kept::bind(variables, body);
    let mut count = 0;
    while let Some(taken) = take(body) {
        count += 1;
        let finished = block(taken, count, variables, body, errors);
        put(body, finished);
    }
}

/// A block that was taken out, the names that the closures around it bind, and those of its own parameters, if it is the body of an
/// `async` closure.
struct Taken {
    block: ExprAsync,
    foreign: Vec<Ident>,
    parameters: Vec<Ident>,
    in_closure: bool,
    /// What that closure is written to give.
    output: Option<Type>,
}

/// Takes out the first of the outermost blocks.
fn take(body: &mut Block) -> Option<Taken> {
    #[derive(Default)]
    struct Take {
        closures: Vec<Vec<Ident>>,
        output: Option<Type>,
        found: Option<Taken>,
    }
    impl VisitMut for Take {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            if self.found.is_some() {
                return;
            }
            match expr {
                Expr::Async(_) => {
                    let here = format_ident!("{}", HERE, span = expr.span());
                    if let Expr::Async(block) = std::mem::replace(expr, tree::name(here)) {
                        let parameters =
                            self.closures.last().filter(|_| is_closed(&block)).cloned().unwrap_or_default();
                        let (foreign, in_closure) = (self.closures.concat(), !self.closures.is_empty());
                        let output = self.output.take();
                        self.found = Some(Taken { block, foreign, parameters, in_closure, output });
                    }
                }
                Expr::Closure(closure) => {
                    if matches!(&*closure.body, Expr::Async(block) if is_closed(block)) {
                        order::name_unused(closure);
                        self.output = closures::written(closure);
                    }
                    self.closures.push(Bound::by(closure));
                    visit_mut::visit_expr_closure_mut(self, closure);
                    self.closures.pop();
                }
                _ => visit_mut::visit_expr_mut(self, expr),
            }
        }
        fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    }
    let mut take = Take::default();
    take.visit_block_mut(body);
    take.found
}

/// Puts the finished machine where its block was.
fn put(body: &mut Block, finished: Expr) {
    struct Put(Option<Expr>);
    impl VisitMut for Put {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            match expr {
                Expr::Path(path) if path.path.is_ident(HERE) => {
                    if let Some(finished) = self.0.take() {
                        *expr = finished;
                    }
                }
                _ => visit_mut::visit_expr_mut(self, expr),
            }
        }
    }
    Put(Some(finished)).visit_block_mut(body);
}

/// How a block takes a variable.
#[derive(PartialEq, Eq)]
enum How {
    /// All of it.
    Whole,
    /// All of it, though it mentions fields alone: right if rustc does, or if it does not matter.
    Checked,
    /// The same, where rustc does not.
    Strict,
    /// All of it, if what these patterns bind is moved: rustc is asked.
    Unless(Vec<Vec<Pat>>),
    /// Its fields, or all of it: rustc is asked.
    Asked,
    /// Its fields, if rustc says that it does.
    Apart,
    /// Its fields.
    Unasked,
}

/// A block, seen from the function around it.
struct Around<'a> {
    block: &'a ExprAsync,
    /// All variables, with what the closures around the block bind, and the block's own place.
    all: Variables,
    body: &'a Block,
    /// What those closures bind.
    foreign: HashSet<VariableId>,
    /// What the closure binds whose body it is.
    handed: Vec<VariableId>,
    in_closure: bool,
    /// The block is made anew with each call of its closure.
    is_repeated: bool,
    later: HashSet<VariableId>,
    renewed: HashSet<VariableId>,
    changed: Changed,
    anchored: std::cell::OnceCell<Variables>,
}

impl<'a> Around<'a> {
    fn new(taken: &'a Taken, variables: &Variables, body: &'a Block) -> Around<'a> {
        let Taken { block, foreign, parameters, in_closure, .. } = taken;
        let mut all = variables.clone();
        let foreign = foreign.iter().map(|name| all.find(name).unwrap_or_else(|| all.add(name.clone()))).collect();
        let handed = parameters.iter().filter_map(|name| all.find(name)).collect();
        let here = all.add(Ident::new(HERE, Span::call_site()));
        let is_repeated = is_closed(block) && !changed::is_called_once(body, &all[here].name, &all);
        Around {
            later: later::used(body, here, &all),
            renewed: later::renewed(body, here, &all),
            changed: Changed::by(&block.block, &all),
            anchored: std::cell::OnceCell::new(),
            in_closure: *in_closure,
            block,
            body,
            foreign,
            handed,
            is_repeated,
            all,
        }
    }

    fn is_move(&self) -> bool {
        self.block.capture.is_some()
    }

    /// What the block captures, by value or not, in the order in which it takes it.
    fn captured(&self, inside: &Expr, own: &BTreeSet<VariableId>) -> Vec<(VariableId, bool)> {
        let mut captured: Vec<(VariableId, bool)> = Vec::new();
        for site in uses(inside, &self.all) {
            if own.contains(&site.variable) {
                continue;
            }
            let is_value = site.kind == Use::Value;
            match captured.iter_mut().find(|(variable, _)| *variable == site.variable) {
                Some((_, by_value)) => *by_value |= is_value,
                None => captured.push((site.variable, is_value)),
            }
        }
        let order = order::mentioned(&self.block.block, &self.all);
        captured.retain(|(variable, _)| !self.handed.contains(variable));
        captured.sort_by_key(|(variable, _)| order.iter().position(|other| other == variable).unwrap_or(order.len()));
        captured
    }

    /// Whether the block takes a variable that it captures: otherwise it borrows it.
    fn is_taken(&self, variable: VariableId, by_value: bool) -> bool {
        let is_outer = self.all.list.get(variable).is_some_and(|entry| entry.outer);
        // By the closure's next block, for one.
        let is_used_later = (self.later.contains(&variable) && !self.renewed.contains(&variable))
            || (self.is_repeated && self.all[variable].copied);
        let is_changed = self.changed.maybe.contains(&variable);
        // With each call it is borrowed again.
        let is_reborrowed = self.is_repeated && self.all[variable].borrowing == Borrowing::Mutable;
        let is_moved = by_value && !is_reborrowed && (!is_changed || !is_used_later);
        self.is_move() || (!is_outer && (self.foreign.contains(&variable) || is_moved))
    }

    /// Whether nothing is known of a variable but that it is taken here.
    fn is_free(&self, variable: VariableId) -> bool {
        let anchored = || self.anchored.get_or_init(|| crate::anchor::decide(self.all.clone(), self.body));
        !self.later.contains(&variable) && !self.foreign.contains(&variable) && !anchored()[variable].anchored
    }

    /// How the block takes a variable, of which it mentions these fields, if it mentions nothing else of it.
    fn how(&self, variable: VariableId, members: Option<&[Member]>, inside: &Expr, block: &Block) -> How {
        let entry = &self.all[variable];
        let Some(members) = members else {
            return match left(inside, &entry.name) {
                Left::Parts if !entry.plain => How::Checked,
                Left::Unless(matched) if !self.is_move() => How::Unless(matched),
                _ => How::Whole,
            };
        };
        let is_move = self.is_move();
        let parts = || fields::may_part(block, variable, members, &self.all);
        match (entry.owned, self.in_closure) {
            (false, _) if !is_move => How::Strict,
            // Asking mentions all of the variable, which a closure around would take. What is behind a `Deref` is not used later.
            (true, true) if self.later.contains(&variable) => How::Unasked,
            (_, true) if is_move => How::Checked,
            // rustc's block borrows it, and what it does not change in there nobody does.
            _ if !is_move && !self.changed.maybe.contains(&variable) => How::Unasked,
            (_, false) if is_move && self.is_free(variable) && !parts() => How::Asked,
            (true, _) => How::Apart,
            (false, _) => How::Checked,
        }
    }
}

/// The machine of a block, as an expression of the function around.
fn block(taken: Taken, number: usize, variables: &mut Variables, body: &Block, errors: &mut Errors) -> Expr {
    let span = taken.block.async_token.span();
    // Which variables are the block's own.
    let inside: Expr = Expr::Block(ExprBlock { attrs: vec![], label: None, block: taken.block.block.clone() });
    let own = Bound::everywhere(&inside);
    let own: BTreeSet<VariableId> = own.iter().filter_map(|name| variables.find(name)).collect();
    let around = Around::new(&taken, variables, body);
    let changes = changed::places(&taken.block.block, &around.all);
    let captured = around.captured(&inside, &own);
    let (takes, borrows): (Vec<_>, Vec<_>) =
        captured.into_iter().partition(|&(variable, by_value)| around.is_taken(variable, by_value));
    let takes = around.handed.iter().copied().chain(takes.into_iter().map(|(variable, _)| variable));
    let borrowed: Vec<VariableId> = borrows.into_iter().map(|(variable, _)| variable).collect();

    let mut block = taken.block.block.clone();
    let output = match taken.output.clone() {
        Some(ty) if closures::is_inferred(&ty) => {
            block.stmts.insert(0, parse_quote!(if false { let __output: #ty = __never(); return __output; }));
            None
        }
        output => output,
    };
    let mut inner = Variables::default();
    inner.unwritten_result = output.is_none();
    inner.result.clone_from(&output);
    inner.returned = output.as_ref().map(Returned::new);
    inner.function = variables.function.clone();
    inner.of_block = true;
    inner.located = variables.located.as_ref().map(|around| around.block(span));
    inner.numbered_from = (variables.numbered_from + number) * 1000;
    for &variable in &own {
        inner.insert(variables.remove(variable));
    }
    let mut captures = Captures { around: &around, inside: &inside, inner, parameters: Vec::new(), values: Vec::new() };
    for variable in takes {
        captures.take(variable, &mut block);
    }
    let Captures { mut inner, parameters, values, .. } = captures;
    let mut lent = Vec::new();
    for &variable in &borrowed {
        variables[variable].anchored = true;
        let mut entry = variables[variable].clone();
        lent.push(entry.name.clone());
        entry.outer = true;
        inner.insert(entry);
    }
    let machine: TokenStream = match crate::analyse(&parameters, inner, block, errors) {
        Some((graph, facts)) => {
            variables.taken_whole.extend(&graph.variables.taken_whole);
            let output = output.or_else(|| never_ends(&graph).then(closures::never));
            let (machine, gone) = crate::emit::machine::machine(output.as_ref(), None, &graph, &facts);
            variables.gone.extend(graph.variables.gone.iter().cloned().chain(gone));
            machine
        }
        None => quote!(__never()),
    };
    // Borrowed through the reference to the slot, not the reference itself: a closure around takes it as it is.
    let slots = lent.iter().map(crate::emit::slot);
    let slots = slots.map(|slot| quote!(let #slot = &*#slot;));
    let is_lent = |place: &Expr| root(place, variables).is_some_and(|root| borrowed.contains(&root));
    let changes = changes.into_iter().filter(|(_, place)| is_lent(place)).collect();
    Nested { borrowed: lent.clone(), changes, taken: values, machine: quote!({ #(#slots)* #machine }) }
        .placeholder(span)
}

/// What a block takes becomes its machine's parameters.
struct Captures<'a> {
    around: &'a Around<'a>,
    inside: &'a Expr,
    inner: Variables,
    parameters: Vec<Parameter>,
    /// What is given for them.
    values: Vec<(Ident, Expr)>,
}

impl Captures<'_> {
    fn parameter(&mut self, name: &Ident, variable: VariableId, captured: bool) {
        self.parameters.push(Parameter {
            name: name.clone(),
            pattern: None,
            variable,
            unpack: None,
            behind: Vec::new(),
            captured,
        });
    }

    fn take(&mut self, variable: VariableId, block: &mut Block) {
        let around = self.around;
        let entry = &around.all[variable];
        let name = entry.name.clone();
        let captured = !around.handed.contains(&variable);
        // A copy of it would change, and be made anew for the closure's next block.
        let is_lost = around.is_repeated && captured && around.changed.certain.contains(&variable);
        let checked = |place: Expr, value| if is_lost { changed::check(&place, value) } else { value };
        let (span, at) = crate::place::here(self.inside.span());
        let members = fields::only(block, &name).filter(|_| !entry.plain);
        let how = around.how(variable, members.as_deref(), self.inside, block);
        let members = members.unwrap_or_default();
        if matches!(how, How::Apart | How::Unasked) {
            // As a closure does, it takes the fields that it mentions.
            for (index, member) in members.iter().enumerate() {
                let part = format_ident!("{}__{}", name, member, span = name.span());
                let variable = self.inner.add(part.clone());
                self.parameter(&part, variable, captured);
                fields::TakeField { name: &name, member, part: &part }.visit_block_mut(block);
                let value: Expr = match index {
                    0 if how == How::Apart => {
                        parse_quote_spanned!(span=> (&__probe(&#name)).part::<_, #at>(#name.#member))
                    }
                    _ => parse_quote!(#name.#member),
                };
                self.values.push((part, checked(parse_quote!(#name.#member), value)));
            }
            return;
        }
        let variable = self.inner.insert(crate::graph::Variable { anchored: false, outer: false, ..entry.clone() });
        self.parameter(&name, variable, captured);
        let value: Expr = match how {
            How::Asked => fields::closure(&name, &members),
            // What rustc's block would leave must not need to be dropped.
            How::Checked => parse_quote_spanned!(span=> (&__probe(&#name)).whole::<_, #at>(#name)),
            How::Unless(matched) => unless(&matched, parse_quote!(#name), self.inside.span()),
            How::Strict => parse_quote_spanned!(span=> __whole::<_, #at>(#name)),
            _ => parse_quote!(#name),
        };
        self.values.push((name.clone(), checked(tree::name(name), value)));
    }
}

/// Whether nothing in a block tells what it ends with, since it never does: then it has to be written.
fn never_ends(graph: &crate::graph::Graph) -> bool {
    !graph.blocks.iter().any(|block| matches!(block.terminator, Terminator::Return(_)) || block.exits())
}

/// Visits the arguments of a macro; whether it may mention a variable otherwise: in a format, or anywhere if it is not known.
fn is_hidden_in(mac: &syn::Macro, name: &Ident, visit: impl FnMut(&Expr)) -> bool {
    let Some(mut arguments) = crate::names::arguments(mac) else {
        return mac.tokens.to_string().contains(&name.to_string());
    };
    arguments.list.iter().map(crate::names::value_of).for_each(visit);
    let mut is_captured = false;
    crate::names::name_captures(&mut arguments.list, |captured| {
        is_captured |= captured == name;
        None
    });
    is_captured
}

/// The names that are bound in an expression, by its patterns.
struct Bound {
    names: Vec<Ident>,
    /// Those of the blocks in it included.
    everywhere: bool,
}

impl Bound {
    /// Also in the blocks in it.
    fn everywhere(expr: &Expr) -> Vec<Ident> {
        let mut bound = Bound { names: Vec::new(), everywhere: true };
        bound.visit_expr(expr);
        bound.names
    }

    /// What a closure is handed, and what is bound in it outside of blocks.
    fn by(closure: &ExprClosure) -> Vec<Ident> {
        let mut bound = Bound { names: Vec::new(), everywhere: false };
        bound.visit_expr_closure(closure);
        bound.names
    }
}

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        self.names.push(ident.ident.clone());
        visit::visit_pat_ident(self, ident);
    }
    fn visit_expr_async(&mut self, block: &'ast ExprAsync) {
        if self.everywhere {
            visit::visit_expr_async(self, block);
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
