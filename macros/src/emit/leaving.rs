//! Variables in slots, out of which a field is moved when nothing will be suspended any more.
//!
//! # The problem
//! `Ok(self.port)`, at the end of a method that has lent `self` to a child, moves a field out of a slot. Of what is left rustc
//! would drop field by field what has a destructor. A slot is dropped as a whole, and the macro cannot name the rest.
//!
//! # The design
//! If the variable's scope ends before the next suspension, it need not be in its slot any longer. Where a field is moved, all of it
//! moves to a variable of the arm, which stands beside the guard, and the field is moved out of that: the rest is rustc's business.
//! Only types tell whether a field is moved, and whether anything of the rest has a destructor: both ways are written, and what is
//! copied is read where it is (`machine::NoReference::leaves`).
//!
//! Of several fields that are used, the first one takes all. Then rustc has to know which way is taken where the others are used, so
//! it is by types alone: if any of the fields is moved, and be it without a destructor, the variable leaves its slot. What is done in
//! place to other fields after that is done through a pointer to wherever the variable is.
//!
//! Nothing may refer to what is in the slot meanwhile. Nothing can refer to all of it: rustc has not let, in the twin, a field be moved
//! out of what is borrowed. But another field may be borrowed. So a variable stays in its slot if anything that is there may hold a
//! part of it, by who was given a value, or mentioned, together with a part: see [`Emitter::borrowers`]. Then the field may not be moved
//! (SG0028). What that look does not see, rustc does: where a variable leaves its slot, a body beside the twin takes all of it (see
//! [`Variables::gone`]).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::visit::{self, Visit};
use crate::visit_mut::VisitMut;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Expr, Member};

use super::edge::{Emitter, Live, Point};
use super::pieces::Piece;
use super::rewrite::{Root, slot};
use crate::anchor::is_numeric;
use crate::graph::{Block, BlockId, Graph, Mention, Native, Op, VariableId, Variables, root_token};
use crate::liveness::{self, State, Status};
use crate::walk::{self, Context, Site, Use, uses};

impl Emitter<'_> {
    /// Of an expression's mentions, the numbers of those at which a variable leaves its slot.
    pub(super) fn leaving_at(
        &self,
        expr: &Expr,
        context: Context,
        state: &State,
        live: &Live,
        place: Point,
    ) -> Vec<(usize, VariableId)> {
        let variables = &self.graph.variables;
        if !variables.list.iter().any(|variable| variable.anchored && !variable.plain) {
            return Vec::new();
        }
        let sites = walk::uses_as(expr, context, variables);
        let leaves = |&index: &usize| {
            let site = &sites[index];
            let entry = &variables[site.variable];
            let stays = !entry.anchored || entry.plain || entry.outer || entry.assigned || entry.nested;
            let is_certain = !site.repeated && !site.closure && state.get(&site.variable) == Some(&Status::Initialised);
            !stays
                && site.field.is_some()
                && site.pointer.is_none()
                && is_certain
                && liveness::is_last(&sites, index, variables, live)
                && sites[..index]
                    .iter()
                    .all(|other| other.variable != site.variable || other.excludes(site) || is_part_by_value(other))
                && (self.parts(site.variable, place) || !self.travels(entry.scope, place.0, place.1 + 1))
                && !self.is_lent_in_part(site.variable, self.moved(site.variable, place), state, place)
        };
        (0..sites.len()).filter(leaves).map(|index| (index, sites[index].variable)).collect()
    }

    /// The same, of the arm at hand.
    pub(super) fn leaving_now(
        &self,
        expr: &Expr,
        context: Context,
        state: &State,
        live: &Live,
        place: Point,
    ) -> Vec<usize> {
        if self.leaving.is_empty() {
            return Vec::new();
        }
        let all = self.leaving_at(expr, context, state, live, place).into_iter();
        let is_single = |(number, variable): &(usize, VariableId)| {
            self.leaving.contains(variable) && !self.left.contains_key(&(place, *number))
        };
        all.filter(is_single).map(|(number, _)| number).collect()
    }

    /// Of the mentions at a place, those of variables that have left their slots, or do there before others of their fields are used.
    pub(super) fn left_at(&self, place: Point) -> HashMap<usize, Left> {
        let here = self.left.iter().filter(|((at, _), _)| *at == place);
        here.map(|((_, number), left)| (*number, left.clone())).collect()
    }

    /// Asks whether variables leave their slots at a place.
    pub(super) fn ask_leaving(&mut self, place: Point) -> TokenStream {
        let mut text = TokenStream::new();
        let mut here: Vec<(usize, Left)> = self.left_at(place).into_iter().collect();
        here.sort_by_key(|(number, _)| *number);
        for (_, Left { tag, variable, how, .. }) in here {
            let LeftAs::First(parts) = how else { continue };
            let whole = slot(self.name(variable));
            let questions = parts.into_iter().map(|mut field| {
                Root(&quote!((*#whole.at()))).visit_expr_mut(&mut field);
                quote!((&&&__probe_pointer(|| &raw const #field)).reference())
            });
            if let Some(all) = questions.reduce(|all, next| quote!(#all.beside(#next))) {
                text.extend(quote!(#tag = #all;));
                self.tags.push(tag);
            }
        }
        text
    }

    /// The variables that leave their slots in an arm, of those that are `there` when it begins; which of them leave before others of
    /// their fields are used is noted down.
    pub(super) fn find_leaving(&mut self, pieces: &[Piece], there: impl Fn(VariableId) -> bool) {
        self.left.clear();
        self.leaving.clear();
        let variables = &self.graph.variables;
        if !variables.list.iter().any(|variable| variable.anchored && !variable.plain) {
            return;
        }
        let evaluated: Vec<_> = pieces.iter().flat_map(|piece| self.evaluated(piece)).collect();
        let mut leaving = HashSet::new();
        let mut last = HashSet::new();
        let (mut single, mut mentions) = (Vec::new(), Vec::new());
        for evaluated in &evaluated {
            let Evaluated { expr, context, state, live, place, .. } = evaluated;
            let at = self.leaving_at(expr, *context, state, live, *place);
            let sites = if at.is_empty() { Vec::new() } else { evaluated.sites(variables) };
            for (number, variable) in at {
                leaving.insert(variable);
                last.insert((*place, number));
                single.push(((*place, number), (*place, variable, sites[number].field.clone())));
            }
        }
        let mut left = HashMap::new();
        for (index, first) in evaluated.iter().enumerate().filter(|(_, first)| !first.is_behind) {
            for (number, site) in first.sites(variables).into_iter().enumerate() {
                let is_known = left.contains_key(&(first.place, number));
                if is_known || !there(site.variable) || !self.may_leave_first(first, number, &site) {
                    continue;
                }
                let same = first.sites(variables).into_iter().enumerate().skip(number + 1);
                let later: Vec<(Point, usize, Site)> = same
                    .map(|(number, site)| (first.place, number, site))
                    .chain(
                        evaluated[index + 1..].iter().filter(|later| self.follows(first.place, later.place)).flat_map(
                            |later| {
                                let sites = later.sites(variables).into_iter().enumerate();
                                sites.map(|(number, site)| (later.place, number, site))
                            },
                        ),
                    )
                    .filter(|(.., later)| later.variable == site.variable && !site.excludes(later))
                    .collect();
                let is_supported = |(.., later): &(Point, usize, Site)| {
                    (is_part_by_value(later) && !later.repeated || is_in_place(later))
                        && later.branches.starts_with(&site.branches)
                };
                let behind = evaluated[index..].iter().filter(|evaluated| evaluated.is_behind);
                let behind =
                    behind.flat_map(|other| other.sites(variables)).any(|other| other.variable == site.variable);
                let is_parted = self.parts(site.variable, first.place);
                if (later.is_empty() && !is_parted) || behind || !later.iter().all(is_supported) {
                    continue;
                }
                let by_value = later.iter().map(|(.., site)| site).filter(|site| is_part_by_value(site));
                let moved: Vec<&Site> = [&site].into_iter().chain(by_value).collect();
                let members: Vec<_> = moved.iter().filter_map(|site| site.member.as_ref()).collect();
                let renews = |evaluated: &Evaluated<'_>| renews(evaluated.expr, site.variable, &members, variables);
                if evaluated[index..].iter().any(renews) {
                    continue;
                }
                leaving.insert(site.variable);
                mentions.push((first.place, site.variable, site.field.clone()));
                let (block, op) = first.place;
                let tag = quote::format_ident!("__leaving_{}_{}_{}_{}", self.name(site.variable), block, op, number);
                let parts = moved.iter().filter_map(|site| site.field.as_deref().cloned()).collect();
                let is_pointed_to = later.iter().any(|(.., later)| is_in_place(later));
                let at = |how: LeftAs| Left { tag: tag.clone(), is_pointed_to, variable: site.variable, how };
                left.insert((first.place, number), at(LeftAs::First(parts)));
                for (place, number, later) in later {
                    let is_last = last.contains(&(place, number));
                    let how = if is_in_place(&later) { LeftAs::Place { is_last } } else { LeftAs::Part };
                    left.insert((place, number), at(how));
                }
            }
        }
        self.leaving = leaving.into_iter().filter(|&variable| there(variable)).collect();
        self.left = left;
        let single = single.into_iter().filter(|(at, _)| !self.left.contains_key(at));
        mentions.extend(single.map(|(_, mention)| mention));
        let gone = mentions.into_iter().filter(|(_, variable, _)| self.leaving.contains(variable));
        let gone: Vec<_> =
            gone.filter_map(|(at, variable, field)| goes_at(self.graph, at, variable, &*field?)).collect();
        self.gone.extend(gone);
    }

    /// Whether anything is done in place to a variable that has left its slot.
    pub(super) fn is_pointed_to(&self, variable: VariableId) -> bool {
        self.left.values().any(|left| left.variable == variable && left.is_pointed_to)
    }

    /// Whether a variable may leave its slot at a mention that is not its last one.
    fn may_leave_first(&self, at: &Evaluated<'_>, number: usize, site: &Site) -> bool {
        let entry = &self.graph.variables[site.variable];
        let is_uncertain = site.conditional && (site.branches.is_empty() || site.uncertain);
        is_part_by_value(site)
            && entry.anchored
            && !(entry.plain || entry.outer || entry.assigned || entry.nested || site.repeated || is_uncertain)
            && at.state.get(&site.variable) == Some(&Status::Initialised)
            && (self.parts(site.variable, at.place) || !self.travels(entry.scope, at.place.0, at.place.1 + 1))
            && at.sites(&self.graph.variables)[..number]
                .iter()
                .all(|other| other.variable != site.variable || other.excludes(site) || is_part_by_value(other))
            && !self.is_lent_in_part(site.variable, self.moved(site.variable, at.place), at.state, at.place)
    }

    /// Whether one place of an arm is reached from another, which is in an earlier piece of its text. An arm's blocks have one way in.
    fn follows(&self, (block, op): Point, (later, later_op): Point) -> bool {
        if block == later {
            return later_op > op;
        }
        let mut pending = vec![block];
        let mut seen = HashSet::new();
        while let Some(block) = pending.pop() {
            for next in self.graph.blocks[block].terminator.successors() {
                if !self.is_arm[next] && seen.insert(next) {
                    pending.push(next);
                }
            }
        }
        seen.contains(&later)
    }

    /// What a piece evaluates, in order.
    pub(super) fn evaluated(&self, piece: &Piece) -> Vec<Evaluated<'_>> {
        let mut found = Vec::new();
        let variables = &self.graph.variables;
        let entry = &self.graph.blocks[piece.block];
        for index in piece.ops.clone() {
            let op = &entry.ops[index];
            let live = liveness::live_after_value(op, variables, &self.inside(piece.block).live[index]);
            for (number, expr) in op.expressions().into_iter().enumerate() {
                let context = match op {
                    Op::Let { pattern, init, otherwise, .. } if std::ptr::eq(expr, init) => {
                        walk::matched_by(init, pattern, otherwise.is_some(), variables)
                    }
                    Op::Bind { pattern, init, .. } if std::ptr::eq(expr, init) => {
                        walk::matched_by(init, pattern, false, variables)
                    }
                    _ => Context::Value,
                };
                let state = &self.inside(piece.block).states[index];
                let (live, place) = (live.clone(), (piece.block, index));
                found.push(Evaluated { expr, context, state, live, place, is_behind: number > 0 });
            }
        }
        if piece.ends {
            let inside = self.inside(piece.block);
            let context = super::ask::terminator_context(&entry.terminator);
            let (state, live) = (inside.last(), Cow::Borrowed(&inside.live_end));
            let place = (piece.block, entry.ops.len());
            for (index, expr) in entry.terminator.expressions().into_iter().enumerate() {
                found.push(Evaluated { expr, context, state, live: live.clone(), place, is_behind: index > 0 });
            }
        }
        found
    }

    /// Whether anything that is there may refer to a part of a variable, other than to one that is `moved`: nothing refers to that, or
    /// rustc would not let it be moved.
    pub(super) fn is_lent_in_part(
        &self,
        variable: VariableId,
        moved: &[Member],
        state: &State,
        (block, op): Point,
    ) -> bool {
        let borrowers = self.borrowers(variable, moved, (block, op));
        let scopes = self.graph.blocks[block].scopes_at(op);
        // What rustc keeps of an expression around this one is no variable.
        let is_made = |native: &&Native| native.block != block || native.at <= op;
        let natives = || self.graph.natives.iter().filter(is_made).any(|native| scopes.contains(&native.scope));
        let is_there = |(other, status): (&VariableId, &Status)| status.may_hold() && borrowers.contains(other);
        !borrowers.is_empty() && (state.iter().any(is_there) || natives())
    }

    /// What may refer to a part of a variable: it is given a value that is made of such a part, or mentioned in one expression with it;
    /// or the same of another of these. What is evaluated `here` takes the part.
    fn borrowers(&self, variable: VariableId, moved: &[Member], here: Point) -> BTreeSet<VariableId> {
        let variables = &self.graph.variables;
        let mut found = BTreeSet::new();
        loop {
            let known = found.len();
            for (index, block) in self.graph.blocks.iter().enumerate() {
                for (op, (exprs, binds)) in evaluations(block, variables).into_iter().enumerate() {
                    if (index, op) == here {
                        continue;
                    }
                    let lends = |expr: &&Expr| lends_in_part(expr, variable, moved, variables);
                    // What a pointer refers to, nobody knows: it may be kept anywhere.
                    let exposes = |expr: &&Expr| lends(expr) && (self.graph.has_unsafe || has_pointers(expr));
                    if exprs.iter().any(exposes) {
                        found.insert(variable);
                    }
                    let sites: Vec<Site> = exprs.iter().flat_map(|expr| uses(expr, variables)).collect();
                    let is_touched = sites.iter().any(|site| found.contains(&site.variable));
                    if is_touched || exprs.iter().any(lends) {
                        let others = sites.iter().filter(|site| !is_part_by_value(site)).map(|site| site.variable);
                        let is_borrower = |&other: &VariableId| other != variable && !is_numeric(&variables[other]);
                        found.extend(binds.into_iter().chain(others).filter(is_borrower));
                    }
                }
            }
            if found.len() == known {
                return found;
            }
        }
    }
}

/// A variable that has left its slot, or does at this mention, before another.
#[derive(Clone)]
pub struct Left {
    /// Says whether it leaves: whether any of its fields is moved from there on.
    pub tag: Ident,
    /// Other fields are used in place later.
    pub is_pointed_to: bool,
    pub variable: VariableId,
    pub how: LeftAs,
}

/// What is done at the mention.
#[derive(Clone)]
pub enum LeftAs {
    /// It is taken out of its slot, if that moves any of these fields, which are all that are used by value from there on.
    First(Vec<Expr>),
    /// A field of it is used by value.
    Part,
    /// It, or a field, is used in place, or a field is the receiver of a method. After that nothing of it is used: a method that moves
    /// the field makes it leave its slot, if it has not.
    Place { is_last: bool },
}

/// An expression of an arm.
pub(super) struct Evaluated<'a> {
    expr: &'a Expr,
    context: Context,
    pub(super) state: &'a State,
    pub(super) live: Cow<'a, Live>,
    pub(super) place: Point,
    /// Another expression stands at the same place before it: it is the guard of an arm, or what follows an `else`. There, nothing leaves
    /// a slot, nor has left it.
    pub(super) is_behind: bool,
}

impl Evaluated<'_> {
    pub(super) fn sites(&self, variables: &Variables) -> Vec<Site> {
        walk::uses_as(self.expr, self.context, variables)
    }
}

/// What is evaluated at once, and the variables that get values of it.
fn evaluations<'a>(block: &'a Block, variables: &Variables) -> Vec<(Vec<&'a Expr>, Vec<VariableId>)> {
    let ops =
        block.ops.iter().map(|op| (op.expressions(), op.given().map_or_else(Vec::new, |(binds, _)| binds.to_vec())));
    let edges = liveness::edges(&block.terminator, variables);
    let bound = edges.into_iter().flat_map(|edge| edge.binds).collect();
    ops.chain([(block.terminator.expressions(), bound)]).collect()
}

/// Where the root of a field stands, at which all of a variable is there and leaves its slot: see [`Variables::gone`].
pub(super) fn goes_at(graph: &Graph, at: Point, variable: VariableId, field: &Expr) -> Option<Mention> {
    // What a block captures, it may capture a part of.
    let captured = graph.variables.of_block && graph.parameters.contains(&variable);
    (!captured && !is_parted_before(graph, at, variable)).then(|| root_token(field)).flatten()
}

/// Whether a field may have been moved out of a variable on the way to a place.
fn is_parted_before(graph: &Graph, (block, op): Point, variable: VariableId) -> bool {
    let parts = |exprs: Vec<&Expr>| {
        let mut sites = exprs.into_iter().flat_map(|expr| uses(expr, &graph.variables));
        sites.any(|site| site.variable == variable && is_part_by_value(&site))
    };
    let in_block = |at: &Block, end: usize| at.ops.iter().take(end).any(|op| parts(op.expressions()));
    let is_parted = |at: &Block| in_block(at, at.ops.len()) || parts(at.terminator.expressions());
    let reaches = |from: BlockId| {
        let mut pending = graph.blocks[from].terminator.successors();
        let mut seen = HashSet::new();
        while let Some(next) = pending.pop() {
            if next == block {
                return true;
            }
            if seen.insert(next) {
                pending.extend(graph.blocks[next].terminator.successors());
            }
        }
        false
    };
    in_block(&graph.blocks[block], op)
        || (0..graph.blocks.len()).any(|from| from != block && is_parted(&graph.blocks[from]) && reaches(from))
}

fn has_pointers(expr: &Expr) -> bool {
    walk::has_anywhere(expr, |expr| matches!(expr, Expr::RawAddr(_) | Expr::Unsafe(_)))
}

/// A field that is used by value: nothing is borrowed of it.
fn is_part_by_value(site: &Site) -> bool {
    site.field.is_some() && site.call.is_none() && site.pointer.is_none() && !site.closure
}

/// A mention that finds what it means wherever the variable is: it is read, borrowed, assigned in part, or a field is a receiver.
fn is_in_place(site: &Site) -> bool {
    let is_receiver = site.field.is_some() && site.call.is_some() && !site.closure && !site.repeated && !site.by_name;
    let is_read = site.field.is_none() && site.call.is_none() && site.part.is_none() && site.choice.is_empty();
    site.kind == Use::Read && site.pointer.is_none() && !site.is_base && !site.captured && (is_receiver || is_read)
}

/// Whether one of these fields of a variable, or all of it, is given another value.
fn renews(expr: &Expr, variable: VariableId, members: &[&syn::Member], variables: &Variables) -> bool {
    struct Find<'a>(VariableId, &'a [&'a syn::Member], &'a Variables, bool);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
            let mentions = uses(&assign.left, self.2).into_iter().filter(|site| site.variable == self.0);
            self.3 |= mentions.into_iter().any(|site| site.member.is_none_or(|member| self.1.contains(&&member)));
            visit::visit_expr_assign(self, assign);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variable, members, variables, false);
    find.visit_expr(expr);
    find.3
}

/// Whether an expression may give a reference to a part of a variable: it mentions it, and not only as `&x`, as the receiver of a
/// method, or a field by value. Those that are `moved` do not count.
fn lends_in_part(expr: &Expr, variable: VariableId, moved: &[Member], variables: &Variables) -> bool {
    struct Whole<'a>(VariableId, &'a Variables, usize);
    impl<'ast> Visit<'ast> for Whole<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Reference(inner) if self.1.of_path(&inner.expr) == Some(self.0) => self.2 += 1,
                Expr::MethodCall(call) if self.1.of_path(&call.receiver) == Some(self.0) => {
                    self.2 += 1;
                    call.args.iter().for_each(|argument| self.visit_expr(argument));
                }
                Expr::Closure(_) => {}
                _ => visit::visit_expr(self, expr),
            }
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let sites = uses(expr, variables);
    let is_moved = |site: &Site| site.member.as_ref().is_some_and(|member| moved.contains(member));
    let counts = |site: &&Site| site.variable == variable && !is_part_by_value(site) && !is_moved(site);
    let mentions = sites.iter().filter(counts).count();
    if mentions == 0 {
        return false;
    }
    let mut whole = Whole(variable, variables, 0);
    whole.visit_expr(expr);
    mentions > whole.2
}
