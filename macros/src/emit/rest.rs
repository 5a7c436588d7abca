//! What is left of a structure out of which fields are moved, where a suspension follows.
//!
//! # The problem
//! After `self.port.close().await`, which takes the port, rustc still drops the other fields of `self`, at the end of the function or where
//! it is cancelled. The macro does not know their names, and a slot is dropped as a whole.
//!
//! # The design
//! rustc knows them: a closure `move || Self { port: …, ..whole }` captures each of the fields that are not named, and drops them in the
//! order of the structure's declaration. So the structure leaves its slot when the field is moved (see [`leaving`](super::leaving)), and
//! behind that operation the closure is made of what it leaves, and put into the slot. It is never called. From then on it stands for the
//! variable, in arms and in suspended states ([`Mode::Asked`](super::edge::Mode)).
//!
//! Only types tell whether the field is moved. If it is not, the structure stays in its slot, and a guard stands for it: both are written,
//! in code that the other answer does not reach, which rustc does not borrow-check. So it does not matter there that a structure with a
//! destructor cannot be taken apart. That there is such a structure has to be certain: see [`structures`](crate::structures).
//!
//! # Limits
//! Nothing of the variable may be used after that, and fields of fields are not taken: for the closure to be written, the type of the
//! field would have to be known. Where ways meet on which different things are left, nothing is done. In all these cases rustc is asked
//! whether the rest may have a destructor (SG0027, SG0028).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Member};

use super::edge::{Emitter, Local, Point};
use super::leaving::{Evaluated, goes_at};
use super::pieces::Piece;
use super::rewrite::{guard, slot, whole};
use crate::error::Errors;
use crate::graph::{Block, Graph, Mention, Op, Terminator, VariableId};
use crate::liveness::{self, Facts, Status};
use crate::place::located;
use crate::tree;
use crate::walk::{self, Site, Use, uses};

/// The operations that leave something of a structure, with the fields that they may move.
type Rests = BTreeMap<(Point, VariableId), Vec<Member>>;

/// The answer to the question whether a variable is still whole.
#[derive(Clone)]
pub(super) struct Parting {
    tag: Ident,
    /// It is about the receiver of a method.
    is_about_call: bool,
}

/// Decides where what is left of structures is held; gives the facts as they are then.
pub fn hold_rests(graph: &mut Graph, facts: Facts, errors: &mut Errors) -> Facts {
    let Some(home) = graph.variables.home.clone() else { return facts };
    let variables = &graph.variables;
    let uses_field = |expr: &Expr| {
        let is_one = |site: &Site| site.field.is_some() && variables[site.variable].structure.is_some();
        uses(expr, variables).iter().any(is_one)
    };
    if variables.list.iter().all(|variable| variable.structure.is_none())
        || !graph.blocks.iter().flat_map(|block| block.expressions()).any(uses_field)
    {
        return facts;
    }
    let mut rests = Emitter::new(graph, &facts).rests(&home);
    let mut held = facts;
    while !rests.is_empty() || !graph.variables.rests.is_empty() {
        graph.variables.rests = rests.clone();
        held = liveness::analyse(graph, errors);
        let mut lost = met(graph, &held, &rests);
        if lost.is_empty() {
            lost = unasked(graph, &held);
        }
        if lost.is_empty() {
            break;
        }
        rests.retain(|(_, variable), _| !lost.contains(variable));
    }
    let gone: Vec<_> =
        graph.variables.rests.keys().filter_map(|&(at, variable)| first_part(graph, at, variable)).collect();
    graph.variables.gone.extend(gone);
    held
}

/// Where the first field of a variable stands that is used at a place.
fn first_part(graph: &Graph, (block, op): Point, variable: VariableId) -> Option<Mention> {
    let variables = &graph.variables;
    let entry = graph.blocks.get(block)?;
    let exprs = entry.ops.get(op).map_or_else(|| entry.terminator.expressions(), Op::expressions);
    let sites = exprs.into_iter().flat_map(|expr| uses(expr, variables));
    let field = sites.filter(|site| site.variable == variable).find_map(|site| site.field)?;
    goes_at(graph, (block, op), variable, &field)
}

/// The variables of which there is one thing on one way, and another on another.
fn met(graph: &Graph, facts: &Facts, rests: &Rests) -> BTreeSet<VariableId> {
    let emitter = Emitter::new(graph, facts);
    let concerned: BTreeSet<VariableId> = rests.keys().map(|&(_, variable)| variable).collect();
    let is_met = |variable: &VariableId| {
        emitter.states().any(|state| state.get(variable).is_some_and(|is| *is == Status::Maybe))
    };
    concerned.into_iter().filter(is_met).collect()
}

/// The variables of which nothing tells, where the rest would be made, whether anything was moved: they have left their slots before.
fn unasked(graph: &Graph, facts: &Facts) -> BTreeSet<VariableId> {
    let mut emitter = Emitter::new(graph, facts);
    emitter.run();
    emitter.unasked.take()
}

impl Emitter<'_> {
    fn rests(&self, home: &Ident) -> Rests {
        let variables = &self.graph.variables;
        let mut found = Rests::new();
        for point in self.arm_points() {
            let passed = self.passed(point);
            let pieces = self.pieces(point);
            let declared = self.declared_in(&pieces);
            let is_known = |variable: VariableId| {
                declared.contains(&variable) || passed.iter().any(|&(other, _)| other == variable)
            };
            for evaluated in pieces.iter().flat_map(|piece| self.evaluated(piece)) {
                let (block, op) = evaluated.place;
                let entry = &self.graph.blocks[block];
                // The rest is one closure, so it is made in one place.
                let is_one_way = match entry.ops.get(op) {
                    Some(op) => !matches!(op, Op::Let { otherwise: Some(_), .. } | Op::Tail(..)),
                    None => matches!(entry.terminator, Terminator::Suspend { .. }),
                };
                let given = entry.ops.get(op).and_then(Op::given).map_or(&[][..], |(binds, _)| binds);
                if evaluated.is_behind || !is_one_way || given.iter().any(|&given| self.is_left_in_part(given)) {
                    continue;
                }
                let sites = evaluated.sites(variables);
                let mentioned: BTreeSet<VariableId> = sites.iter().map(|site| site.variable).collect();
                for variable in mentioned {
                    let of_it: Vec<&Site> = sites.iter().filter(|site| site.variable == variable).collect();
                    if let Some(structure) = &variables[variable].structure
                        && let Some(members) = self.may_part(variable, &of_it, &evaluated, is_known(variable))
                        && structure.has(members.iter(), home)
                    {
                        found.insert((evaluated.place, variable), members);
                    }
                }
            }
        }
        found
    }

    /// The fields that an expression may move out of a variable, if what is left can be held. `sites` are its mentions; `is_known`: the arm
    /// has declared it, or was handed it.
    fn may_part(
        &self,
        variable: VariableId,
        sites: &[&Site],
        evaluated: &Evaluated<'_>,
        is_known: bool,
    ) -> Option<Vec<Member>> {
        let (entry, (block, op)) = (&self.graph.variables[variable], evaluated.place);
        let is_free = !(entry.plain || entry.outer || entry.assigned || entry.nested)
            && evaluated.state.get(&variable) == Some(&Status::Initialised)
            && !evaluated.live.contains(&variable)
            && self.travels(entry.scope, block, op + 1);
        let is_single = matches!(sites, [_]);
        let is_plain = sites.iter().all(|site| is_whole_field(site))
            && (is_single || sites.iter().all(|site| site.call.is_none()));
        let mut members: Vec<Member> = Vec::new();
        for member in sites.iter().filter_map(|site| site.member.clone()) {
            if !members.contains(&member) {
                members.push(member);
            }
        }
        let is_movable = || match entry.anchored {
            true => is_known && !self.is_lent_in_part(variable, &members, evaluated.state, evaluated.place),
            // Of several only the last one is asked about; what a closure takes, it takes where it stands; and of what a pattern leaves
            // nobody is asked, as it is of a slot ([`left`](crate::left)).
            false => is_single && !sites.iter().any(|site| site.leaves) && !self.is_captured_in_part(variable),
        };
        (is_free && is_plain && is_movable()).then_some(members)
    }

    /// Whether a variable holds what is matched, in the place of where that is, and a pattern leaves something of it.
    fn is_left_in_part(&self, variable: VariableId) -> bool {
        let is_it = |expr: &Expr| self.graph.variables.of_path(expr) == Some(variable);
        let leaves = |block: &Block| {
            let by_let = block.ops.iter().any(|op| match op {
                Op::Let { pattern, init, .. } | Op::Bind { pattern, init, .. } => is_it(init) && walk::leaves(pattern),
                _ => false,
            });
            let by_match = match &block.terminator {
                Terminator::Match { scrutinee, arms } if is_it(scrutinee) => {
                    // Behind `Some(name)` there is nothing to be left.
                    let all = arms.iter().position(|arm| arm.guard.is_none() && walk::takes_all(&arm.pattern));
                    arms[..all.unwrap_or(arms.len())].iter().any(|arm| walk::leaves(&arm.pattern))
                }
                _ => false,
            };
            by_let || by_match
        };
        self.graph.variables[variable].temporary && self.graph.blocks.iter().any(leaves)
    }

    fn is_captured_in_part(&self, variable: VariableId) -> bool {
        let expressions = self.graph.blocks.iter().flat_map(|block| block.expressions());
        let mut sites = expressions.flat_map(|expr| uses(expr, &self.graph.variables));
        sites
            .any(|site| site.variable == variable && site.closure && (site.member.is_some() || !site.choice.is_empty()))
    }

    /// The variables that an arm declares.
    pub(super) fn declared_in(&self, pieces: &[Piece]) -> BTreeSet<VariableId> {
        let ops = pieces.iter().flat_map(|piece| &self.graph.blocks[piece.block].ops[piece.ops.clone()]);
        ops.flat_map(|op| match op {
            Op::Let { binds, .. } => binds.clone(),
            Op::Declare(variable) => vec![*variable],
            _ => Vec::new(),
        })
        .collect()
    }

    /// The fields that an operation moves out of a variable of which the rest is held.
    pub(super) fn moved(&self, variable: VariableId, place: Point) -> &[Member] {
        self.graph.variables.rests.get(&(place, variable)).map_or(&[], Vec::as_slice)
    }

    /// The variables out of which an arm moves something, with the rest to be held, and where it does.
    pub(super) fn parted_in(&self, pieces: &[Piece]) -> HashMap<VariableId, Vec<Point>> {
        let mut found: HashMap<VariableId, Vec<Point>> = HashMap::new();
        for piece in pieces {
            for &((block, op), variable) in self.graph.variables.rests.keys() {
                let is_end = op >= self.graph.blocks[block].ops.len();
                if block == piece.block && (piece.ops.contains(&op) || (is_end && piece.ends)) {
                    found.entry(variable).or_default().push((block, op));
                }
            }
        }
        found
    }

    /// Declares what is left of a variable, beside it: on each way in the arm there is another.
    pub(super) fn declare_rest(&self, variable: VariableId) -> TokenStream {
        let places = self.parted.get(&variable).into_iter().flatten();
        let by_operations = places.filter(|(block, op)| *op < self.graph.blocks[*block].ops.len());
        let names = by_operations.map(|&place| rest_name(self.name(variable), place));
        names.map(|name| quote!(let #name;)).collect()
    }

    /// The same, and what it becomes when it leaves its slot, where the arm itself has declared it.
    pub(super) fn declare_parted(&self, declared: &[VariableId]) -> TokenStream {
        let declared = declared.iter().filter(|variable| self.parted.contains_key(variable));
        let lets = declared.map(|&variable| {
            let whole = whole(self.name(variable));
            let whole = self.leaving.contains(&variable).then(|| quote!(let #whole;));
            let rest = self.declare_rest(variable);
            quote!(#whole #rest)
        });
        lets.collect()
    }

    /// What stands behind an operation that moves something out of variables of which the rest is held.
    pub(super) fn part(&self, place: Point, local: &Local) -> TokenStream {
        let parted = self.graph.variables.rests.range((place, 0)..=(place, VariableId::MAX));
        let rests = parted.map(|(&(_, variable), _)| {
            let (name, rest) = (rest_name(self.name(variable), place), self.rest(variable, place, local));
            quote!(#name = #rest;)
        });
        rests.collect()
    }

    /// What stands for a variable where the arm is left that has moved something out of it at that place.
    pub(super) fn parted(&self, variable: VariableId, place: Point, local: &Local) -> TokenStream {
        if place.1 < self.graph.blocks[place.0].ops.len() {
            let name = rest_name(self.name(variable), place);
            quote!(#name)
        } else {
            self.rest(variable, place, local)
        }
    }

    /// Whether something of a variable is held that an operation leaves.
    pub(super) fn parts(&self, variable: VariableId, place: Point) -> bool {
        self.graph.variables.rests.contains_key(&(place, variable))
    }

    /// Notes an answer down.
    pub(super) fn parting(&self, variable: VariableId, tag: &Ident, is_about_call: bool, local: &mut Local) {
        local.partings.insert(variable, Parting { tag: tag.clone(), is_about_call });
    }

    /// The rest, or what has stood for the variable, if nothing was moved.
    fn rest(&self, variable: VariableId, place: Point, local: &Local) -> TokenStream {
        let members = self.moved(variable, place);
        let Some(Parting { tag, is_about_call }) = local.partings.get(&variable) else {
            self.unasked.borrow_mut().insert(variable);
            return TokenStream::new();
        };
        let entry = &self.graph.variables[variable];
        let path = entry.structure.as_ref().map(|structure| &structure.path);
        let fields = |whole: &Ident| {
            quote! {
                move || {
                    __never();
                    let _ = #path { #(#members: __never(),)* ..#whole };
                }
            }
        };
        let (kept, rest) = if entry.anchored {
            let (slot, guard, fields) = (slot(&entry.name), guard(&entry.name), fields(&whole(&entry.name)));
            (quote!(#guard), quote!(rest_in(#slot, #fields)))
        } else {
            let (name, fields) = (&entry.name, fields(&entry.name));
            (self.held(variable, quote!(#name)), quote!(rest(#fields)))
        };
        let (is_whole, when_whole, when_parted) = match is_about_call {
            true => (quote!(borrows), quote!(when_borrowed), quote!(when_moved)),
            false => (quote!(stays), quote!(when_staying), quote!(when_leaving)),
        };
        quote_spanned! {located(tag.span())=>
            if #tag.#is_whole() {
                #tag.#when_whole();
                #tag.kept(#kept)
            } else {
                #tag.#when_parted();
                #tag.#rest
            }
        }
    }
}

/// The name of what an operation leaves of a variable.
fn rest_name(name: &Ident, (block, op): Point) -> Ident {
    format_ident!("__rest_{}_{}_{}", name, block, op, span = name.span())
}

/// A field of the variable's own, which is used by value or a method's receiver.
fn is_whole_field(site: &Site) -> bool {
    let is_own = |field: &Expr| matches!(field, Expr::Field(field) if matches!(tree::bare(&field.base), Expr::Path(_)));
    site.field.as_deref().is_some_and(is_own)
        && site.kind == Use::Read
        && site.pointer.is_none()
        && site.choice.is_empty()
        && !(site.repeated || site.conditional || site.closure || site.captured || site.is_base)
}
