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
mod later;
mod order;
mod patterns;
mod placeholder;

pub use closures::{close, hand_over, is_closed, reopen};
pub use fields::choices;
pub use patterns::leaves_something;
pub use placeholder::{Nested, contains, unwrap};

use std::collections::{BTreeSet, HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAsync, ExprBlock, ExprClosure, Type, parse_quote};

use self::changed::Changed;
use crate::anchor::root;
use crate::error::Errors;
use crate::graph::{Terminator, VariableId, Variables};
use crate::names::Parameter;
use crate::tree;
use crate::walk::{Use, uses};

/// Stands for a block while it is looked at.
const HERE: &str = "__segno_here";

/// Lowers the `async` blocks of a body with resolved names.
pub fn lower(variables: &mut Variables, body: &mut Block, errors: &mut Errors) {
    patterns::spread(body, variables);
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
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// All of it.
    Whole,
    /// All of it, though it mentions fields alone: right if rustc does, or if it does not matter.
    Checked,
    /// The same, where rustc does not.
    Strict,
    /// Its fields, or all of it: rustc is asked.
    Asked,
    /// Its fields, if rustc says that it does.
    Apart,
    /// Its fields.
    Unasked,
}

/// The machine of a block, as an expression of the function around.
fn block(taken: Taken, number: usize, variables: &mut Variables, body: &Block, errors: &mut Errors) -> Expr {
    let Taken { block, foreign, parameters: handed, in_closure, output } = taken;
    let span = block.async_token.span();
    // Which variables are the block's own.
    let inside: Expr = Expr::Block(ExprBlock { attrs: vec![], label: None, block: block.block.clone() });
    let own = Bound::everywhere(&inside);
    let own: BTreeSet<VariableId> = own.iter().filter_map(|name| variables.find(name)).collect();
    // With what the closures around bind, and the block's own place.
    let mut all = variables.clone();
    let foreign: HashSet<VariableId> =
        foreign.iter().map(|name| all.find(name).unwrap_or_else(|| all.add(name.clone()))).collect();
    let handed: Vec<VariableId> = handed.iter().filter_map(|name| all.find(name)).collect();
    let here = all.add(Ident::new(HERE, Span::call_site()));
    let later = later::used(body, here, &all);
    let renewed = later::renewed(body, here, &all);
    let changed = Changed::by(&block.block, &all);
    let changes = changed::places(&block.block, &all);
    let is_repeated = is_closed(&block) && !changed::is_called_once(body, &all[here].name, &all);
    let mut by_value: HashMap<VariableId, bool> = HashMap::new();
    let mut captured = Vec::new();
    for site in uses(&inside, &all) {
        if own.contains(&site.variable) {
            continue;
        }
        if !captured.contains(&site.variable) {
            captured.push(site.variable);
        }
        *by_value.entry(site.variable).or_default() |= site.kind == Use::Value;
    }
    let order = order::mentioned(&block.block, &all);
    captured.retain(|variable| !handed.contains(variable));
    captured.sort_by_key(|variable| order.iter().position(|other| other == variable).unwrap_or(order.len()));
    // By the closure's next block, for one.
    let is_used_later = |variable: VariableId| {
        (later.contains(&variable) && !renewed.contains(&variable)) || (is_repeated && all[variable].copied)
    };
    let is_taken = |variable: &VariableId| {
        if variables.list.get(*variable).is_some_and(|entry| entry.outer) && block.capture.is_none() {
            return false;
        }
        block.capture.is_some()
            || foreign.contains(variable)
            || (by_value[variable] && (!changed.maybe.contains(variable) || !is_used_later(*variable)))
    };
    let (taken, borrowed): (Vec<VariableId>, Vec<VariableId>) = captured.into_iter().partition(is_taken);
    let taken = handed.iter().copied().chain(taken);

    let mut inner = Variables::default();
    let mut block = block;
    let output = match output {
        Some(ty) if closures::is_inferred(&ty) => {
            block.block.stmts.insert(0, parse_quote!(if false { let __output: #ty = __never(); return __output; }));
            None
        }
        output => output,
    };
    inner.unwritten_result = output.is_none();
    inner.result.clone_from(&output);
    inner.function = variables.function.clone();
    inner.of_block = true;
    inner.located = variables.located.as_ref().map(|around| around.block(span));
    inner.numbered_from = (variables.numbered_from + number) * 1000;
    for &variable in &own {
        inner.insert(variables.remove(variable));
    }
    let is_move = block.capture.is_some();
    let anchored = std::cell::OnceCell::new();
    // Whether nothing is known of a variable but that it is taken here.
    let is_free = |variable: VariableId| {
        let anchored = anchored.get_or_init(|| crate::anchor::decide(all.clone(), body));
        !later.contains(&variable) && !foreign.contains(&variable) && !anchored[variable].anchored
    };
    let mut parameters = Vec::new();
    let mut values: Vec<(Ident, Expr)> = Vec::new();
    for variable in taken {
        let entry = &all[variable];
        let name = entry.name.clone();
        let captured = !handed.contains(&variable);
        // A copy of it would change, and be made anew for the closure's next block.
        let is_lost = is_repeated && captured && changed.certain.contains(&variable);
        let mut parameter = |name: &Ident, variable| {
            parameters.push(Parameter { name: name.clone(), pattern: None, variable, unpack: None, captured })
        };
        let at = crate::place::place(name.span());
        let members = fields::only(&block.block, &name).filter(|_| !entry.plain);
        let how = match &members {
            None if patterns::leaves_something(&inside, &name) && !entry.plain => How::Checked,
            None => How::Whole,
            Some(_) if !is_move && !entry.owned => How::Strict,
            // Asking mentions all of the variable, which a closure around would take. What is behind a `Deref` is not used later.
            Some(_) if in_closure && entry.owned && later.contains(&variable) => How::Unasked,
            Some(_) if in_closure && is_move => How::Checked,
            // rustc's block borrows it, and what it does not change in there nobody does.
            Some(_) if !is_move && !changed.maybe.contains(&variable) => How::Unasked,
            Some(members)
                if is_move
                    && !in_closure
                    && is_free(variable)
                    && !fields::may_part(&block.block, variable, members, &all) =>
            {
                How::Asked
            }
            Some(_) if entry.owned => How::Apart,
            Some(_) => How::Checked,
        };
        let members = members.unwrap_or_default();
        if matches!(how, How::Apart | How::Unasked) {
            // As a closure does, it takes the fields that it mentions.
            for (index, member) in members.iter().enumerate() {
                let part = format_ident!("{}__{}", name, member, span = name.span());
                let variable = inner.add(part.clone());
                parameter(&part, variable);
                fields::TakeField { name: &name, member, part: &part }.visit_block_mut(&mut block.block);
                let value: Expr = match index {
                    0 if how == How::Apart => parse_quote!((&__probe(&#name)).part::<_, #at>(#name.#member)),
                    _ => parse_quote!(#name.#member),
                };
                let field: Expr = parse_quote!(#name.#member);
                values.push((part, if is_lost { changed::check(&field, value) } else { value }));
            }
            continue;
        }
        let variable = inner.insert(crate::graph::Variable { anchored: false, outer: false, ..entry.clone() });
        parameter(&name, variable);
        let value: Expr = match how {
            How::Asked => fields::closure(&name, &members),
            // What rustc's block would leave must not need to be dropped.
            How::Checked => parse_quote!((&__probe(&#name)).whole::<_, #at>(#name)),
            How::Strict => parse_quote!(__whole(#name)),
            _ => parse_quote!(#name),
        };
        let value = if is_lost { changed::check(&tree::name(name.clone()), value) } else { value };
        values.push((name, value));
    }
    let mut lent = Vec::new();
    for &variable in &borrowed {
        variables[variable].anchored = true;
        let mut entry = variables[variable].clone();
        lent.push(entry.name.clone());
        entry.outer = true;
        inner.insert(entry);
    }
    let machine: TokenStream = match crate::analyse(&parameters, inner, block.block, errors) {
        Some((graph, facts)) => {
            variables.taken_whole.extend(&graph.variables.taken_whole);
            let output = output.or_else(|| never_ends(&graph).then(closures::never));
            crate::emit::machine::machine(output.as_ref(), None, &graph, &facts)
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

/// Whether nothing in a block tells what it ends with, since it never does: then it has to be written.
fn never_ends(graph: &crate::graph::Graph) -> bool {
    !graph.blocks.iter().any(|block| matches!(block.terminator, Terminator::Return(_)) || block.exits())
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
