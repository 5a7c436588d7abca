//! What travels along an edge: which variables, as what, under which type parameter.
//!
//! A variable that is used again travels as it is; one whose destructor is still to come is held, unless rustc knows that
//! it has none; one that may have been moved travels as an `Option`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::arm::{block_name, onwards};
use super::leaving::Left;
use super::region::{RegionId, Regions};
use super::rest::Parting;
use super::rewrite::{self, guard};
use super::types::Types;
use crate::graph::{Block, BlockId, Graph, Mention, ScopeId, Terminator, VariableId};
use crate::liveness::{self, Facts, Inside, State, Status};
use crate::place::located;

pub type Live = HashSet<VariableId>;

/// Where an arm begins: at an operation of a block.
pub type Point = (BlockId, usize);

/// How a variable travels along an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is used again.
    Live,
    /// Only its destructor is still to come.
    Dead,
    /// Its destructor, unless it was moved on the way.
    Optional,
    /// Its destructor, unless the operation moved it, which its type tells: there is a value on every way, or on none.
    Asked(Point),
}

/// The graph with everything that emission asks of the analyses.
pub struct Emitter<'a> {
    pub graph: &'a Graph,
    pub facts: &'a Facts,
    pub(super) is_arm: Vec<bool>,
    /// The arms that have been written, and those that are still to be.
    pub arms: BTreeMap<Point, TokenStream>,
    pub(super) pending: BTreeSet<Point>,
    /// The arm at hand.
    pub(super) current: Point,
    /// The arms to which an edge leads from behind, or from themselves.
    pub(super) behind: BTreeSet<Point>,
    /// Whether an edge leads back to the first block.
    pub(super) restarts: bool,
    /// Whether a child is resumed for the first time from behind.
    pub(super) resumes_behind: bool,
    pub(super) regions: Regions,
    /// The regions that the arm at hand has pointers to.
    pub(super) entered: BTreeSet<RegionId>,
    /// How the types of the states are written.
    pub(super) types: Types,
    /// The answers that the arm at hand asks for.
    pub(super) tags: Vec<Ident>,
    /// The variables that leave their slots in the arm at hand.
    pub(super) leaving: HashSet<VariableId>,
    /// The variables out of which the arm at hand moves something, with the rest to be held: see [`Emitter::parted_in`].
    pub(super) parted: HashMap<VariableId, Vec<Point>>,
    /// Variables of which the rest is wanted where it is not known whether there is one.
    pub(super) unasked: RefCell<BTreeSet<VariableId>>,
    /// Those of them of which others of their fields are used later: by the mentions.
    pub(super) left: HashMap<(Point, usize), Left>,
    /// Variables that are assigned to in one piece with others where they are `Option`s: see [`crate::crossed`].
    pub conflicts: Vec<VariableId>,
    /// Where variables leave their slots, see [`Variables::gone`](crate::graph::Variables::gone).
    pub(super) gone: BTreeSet<Mention>,
}

/// The local circumstances of a piece of an arm.
#[derive(Clone)]
pub(super) struct Local {
    /// Variables that are `Option`s here.
    pub(super) optional: HashSet<VariableId>,
    /// Variables that are held for their destructors only.
    pub(super) held: HashSet<VariableId>,
    /// Scopes whose braces were opened at this level of nesting.
    pub(super) open: Vec<ScopeId>,
    /// Variables of which a tag tells whether a call has moved them.
    pub(super) tagged: std::collections::HashMap<VariableId, Ident>,
    /// Variables of which fields have been used by value, that are used again.
    pub(super) parted: std::collections::HashMap<VariableId, Vec<Ident>>,
    /// Variables out of which fields have been moved, if types say so, of which the rest is held.
    pub(super) partings: std::collections::HashMap<VariableId, Parting>,
    /// Variables that the arm assigns to.
    pub(super) assigned: std::rc::Rc<HashSet<VariableId>>,
}

/// The type of a variable that an operation may have moved.
fn asked_type(variable: VariableId, (block, op): Point) -> String {
    format!("Q{variable}_{block}_{op}")
}

impl<'a> Emitter<'a> {
    pub fn new(graph: &'a Graph, facts: &'a Facts) -> Emitter<'a> {
        let mut emitter = Emitter {
            graph,
            facts,
            is_arm: vec![false; graph.blocks.len()],
            arms: BTreeMap::new(),
            pending: BTreeSet::new(),
            current: (0, 0),
            behind: BTreeSet::new(),
            restarts: false,
            resumes_behind: false,
            regions: Regions::default(),
            entered: BTreeSet::new(),
            types: Types::default(),
            tags: Vec::new(),
            leaving: HashSet::new(),
            parted: HashMap::new(),
            unasked: RefCell::default(),
            left: HashMap::new(),
            conflicts: Vec::new(),
            gone: BTreeSet::new(),
        };
        emitter.find_arms();
        emitter.find_regions();
        emitter
    }

    pub(super) fn find_arms(&mut self) {
        let mut ways_in = vec![0; self.graph.blocks.len()];
        ways_in[0] = 2;
        let matches = self.scopes_of_values();
        for (index, block) in self.graph.blocks.iter().enumerate() {
            let suspends = matches!(block.terminator, Terminator::Suspend { .. });
            for edge in liveness::edges(&block.terminator, &self.graph.variables) {
                let next = edge.target;
                self.restarts |= next == 0;
                let state = edge.take(&self.inside(index).end, &self.facts.live_in);
                let left = |scope: ScopeId| !self.graph.blocks[next].scopes.contains(&scope);
                // Behind a `match`, and in the `else` of an `if let`, what was rustc's temporary is gone too.
                let matched = || {
                    self.scopes_at((index, block.ops.len()))
                        .into_iter()
                        .any(|scope| left(scope) && matches.contains(&scope))
                };
                let leaves = self.drops(&state, left) || matched();
                ways_in[next] += if suspends || leaves || next <= index { 2 } else { 1 };
            }
        }
        self.is_arm = self.graph.blocks.iter().zip(ways_in).map(|(block, ways)| ways > 1 || block.alone).collect();
    }

    /// The scopes of `match`es on values, which rustc keeps to their end.
    fn scopes_of_values(&self) -> HashSet<ScopeId> {
        let scope = |(index, block): (BlockId, &Block)| match &block.terminator {
            Terminator::Match { scrutinee, .. } if !matches!(scrutinee, syn::Expr::Path(_) | syn::Expr::Field(_)) => {
                self.scopes_at((index, block.ops.len())).last().copied()
            }
            _ => None,
        };
        self.graph.blocks.iter().enumerate().filter_map(scope).collect()
    }

    /// Whether leaving some scopes has anything to drop.
    pub(super) fn drops(&self, state: &State, left: impl Fn(ScopeId) -> bool) -> bool {
        state.iter().any(|(&variable, &status)| {
            let variable = &self.graph.variables[variable];
            left(variable.scope) && (!variable.plain || variable.anchored) && status.may_hold()
        })
    }

    pub(super) fn inside(&self, block: BlockId) -> &'a Inside {
        &self.facts.inside[block]
    }

    /// What is known of the variables, before each operation and at the end of each block.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.facts.inside.iter().flat_map(|inside| &inside.states)
    }

    /// What is known of the variables behind an operation, or behind what the block's end evaluates.
    pub fn state_behind(&self, (block, op): Point) -> &State {
        self.inside(block).states.get(op + 1).unwrap_or(&self.inside(block).end)
    }

    /// What is known of the variables before an operation.
    pub fn state(&self, (block, op): Point) -> &State {
        &self.inside(block).states[op]
    }

    /// All variables that some arm is handed by another.
    pub fn handed_on(&self) -> impl Iterator<Item = VariableId> {
        let begins = !self.graph.blocks.iter().any(|block| block.terminator.successors().contains(&0));
        let arms = (0..self.graph.blocks.len()).filter(move |&block| self.is_arm[block] && !(begins && block == 0));
        arms.flat_map(|block| self.passed((block, 0))).map(|(variable, _)| variable)
    }

    /// Whether an arm begins with a block, and is handed a variable.
    pub fn hands_on(&self, variable: VariableId, block: BlockId) -> bool {
        self.is_arm[block] && self.passed((block, 0)).iter().any(|&(other, _)| other == variable)
    }

    /// What an arm is handed, in declaration order.
    pub fn passed(&self, (block, op): Point) -> Vec<(VariableId, Mode)> {
        let state = &self.inside(block).states[op];
        let live = match op {
            0 => &self.facts.live_in[block],
            _ => &self.inside(block).live[op - 1],
        };
        self.passed_in(state, live, &self.scopes_at((block, op)))
    }

    fn passed_in(&self, state: &State, live: &Live, scopes: &[ScopeId]) -> Vec<(VariableId, Mode)> {
        let mut passed: Vec<_> = state
            .iter()
            .filter_map(|(&variable, &status)| {
                let entry = &self.graph.variables[variable];
                let idle = entry.plain && !entry.anchored;
                match status {
                    Status::Initialised if live.contains(&variable) => Some((variable, Mode::Live)),
                    Status::Initialised if !idle => Some((variable, Mode::Dead)),
                    Status::Maybe if !idle => Some((variable, Mode::Optional)),
                    Status::Asked(place) if !idle => Some((variable, Mode::Asked(place))),
                    _ => None,
                }
            })
            .collect();
        let depth = |scope: ScopeId| scopes.iter().position(|&open| open == scope);
        passed.sort_by_key(|&(variable, _)| {
            let entry = &self.graph.variables[variable];
            (depth(entry.scope), entry.order)
        });
        passed
    }

    pub(super) fn name(&self, variable: VariableId) -> &Ident {
        &self.graph.variables[variable].name
    }

    /// The type parameter of a variable that travels in a certain mode, if it needs one, and its whole type.
    pub fn ty(&self, variable: VariableId, mode: Mode, suspended: bool) -> (Option<String>, TokenStream) {
        let entry = &self.graph.variables[variable];
        if entry.anchored {
            return match (suspended, mode) {
                (_, Mode::Asked(place)) => {
                    let name = asked_type(variable, place);
                    let ty = if suspended { self.types.ty(&name) } else { Types::default().ty(&name) };
                    (Some(name), ty)
                }
                (true, _) => (None, quote!(bool)),
                (false, Mode::Optional) => {
                    let name = format_ident!("G{}", variable);
                    (Some(name.to_string()), quote!(__Option<#name>))
                }
                (false, _) => {
                    let name = format_ident!("G{}", variable);
                    (Some(name.to_string()), quote!(#name))
                }
            };
        }
        if let (Mode::Live, Some(number)) = (mode, &entry.number) {
            return (None, quote!(#number));
        }
        let name = match mode {
            Mode::Live => format_ident!("V{}", variable),
            _ if entry.nested => format_ident!("V{}", variable),
            Mode::Dead => format_ident!("D{}", variable),
            Mode::Optional => format_ident!("O{}", variable),
            Mode::Asked(place) => format_ident!("{}", asked_type(variable, place)),
        };
        let name = name.to_string();
        let plain = Types::default();
        let ty = if suspended { &self.types } else { &plain }.ty(&name);
        let ty = if mode == Mode::Optional { quote!(__Option<#ty>) } else { ty };
        (Some(name), ty)
    }

    /// A value that is kept for its destructor only. It may be a reference that is no longer valid, so nothing is moved
    /// that has no destructor.
    pub fn held(&self, variable: VariableId, value: TokenStream) -> TokenStream {
        if self.graph.variables[variable].nested {
            return value;
        }
        let how = self.how(variable, &value);
        quote! {{
            let __how = #how;
            if __how.keeps(&#value) { __how.hold(#value) } else { __how.nothing(&#value) }
        }}
    }

    /// The same as an `Option`, for a variable that other ways move.
    fn held_or_none(&self, variable: VariableId, value: TokenStream) -> TokenStream {
        if self.graph.variables[variable].nested {
            return quote!(__Some(#value));
        }
        let how = self.how(variable, &value);
        quote! {{
            let __how = #how;
            if __how.keeps(&#value) { __how.some(#value) } else { __how.none(&#value) }
        }}
    }

    fn how(&self, variable: VariableId, value: &TokenStream) -> TokenStream {
        let entry = &self.graph.variables[variable];
        if entry.unprobed || entry.assigned { quote!(__Kept) } else { quote!((&__probe(&#value)).holding()) }
    }

    /// What an edge hands on, by variable, from a place where the variables are in `state`.
    pub(super) fn fields(
        &mut self,
        passed: &[(VariableId, Mode)],
        state: &State,
        local: &Local,
        suspended: bool,
    ) -> Vec<(Ident, TokenStream)> {
        let mut fields = Vec::new();
        for &(variable, mode) in passed {
            let name = self.name(variable).clone();
            let entry = &self.graph.variables[variable];
            let here = if entry.anchored { guard(&name) } else { name.clone() };
            let status = state.get(&variable).copied().unwrap_or(Status::Uninitialised);
            let value = match mode {
                // On this way it has no value, and it is used: rustc tells of that in the twin.
                Mode::Live if status == Status::Uninitialised => quote!(__unset()),
                Mode::Live => match local.parted.get(&variable) {
                    // Compiles where every such field was a copy; else says that the rest cannot be held.
                    Some(tags) => {
                        let asked = tags.iter().map(|tag| quote_spanned!(located(tag.span())=> #tag.whole();));
                        quote!({ #(#asked)* #here })
                    }
                    None => quote!(#here),
                },
                Mode::Dead if entry.anchored => quote!(#here),
                // It came here held, and goes on as it came.
                Mode::Dead if local.held.contains(&variable) && local.assigned.contains(&variable) => {
                    let old = rewrite::old(&name);
                    quote!(#old)
                }
                Mode::Dead if local.held.contains(&variable) => quote!(#here),
                Mode::Dead => self.held(variable, quote!(#here)),
                Mode::Optional | Mode::Asked(_) if local.optional.contains(&variable) => {
                    let here = if local.assigned.contains(&variable) { rewrite::old(&name) } else { here };
                    match (mode, status) {
                        (Mode::Optional, Status::Asked(_)) => quote!(__Place::into_option(#here)),
                        _ => quote!(#here),
                    }
                }
                Mode::Asked(place) if self.parts(variable, place) => self.parted(variable, place, local),
                Mode::Asked(_) => {
                    let tag = local.tagged.get(&variable).expect("it is asked in this arm, or came as it is");
                    let value = self.held(variable, quote!(#here));
                    quote_spanned! {located(tag.span())=>
                        if #tag.borrows() {
                            #tag.when_borrowed();
                            #tag.place(#value)
                        } else {
                            #tag.no_place()
                        }
                    }
                }
                Mode::Optional if local.tagged.contains_key(&variable) && status != Status::Initialised => {
                    let tag = &local.tagged[&variable];
                    let value =
                        if entry.anchored { quote!(__Some(#here)) } else { self.held_or_none(variable, quote!(#here)) };
                    quote_spanned! {located(tag.span())=>
                        if #tag.borrows() {
                            #tag.when_borrowed();
                            #value
                        } else {
                            __None
                        }
                    }
                }
                Mode::Optional => match status {
                    Status::Initialised if entry.anchored => quote!(__Some(#here)),
                    Status::Initialised if local.held.contains(&variable) => {
                        let old = if local.assigned.contains(&variable) { rewrite::old(&name) } else { name.clone() };
                        quote!(__Place::into_option(#old))
                    }
                    Status::Initialised => self.held_or_none(variable, quote!(#here)),
                    _ => quote!(__None),
                },
            };
            if suspended && entry.anchored {
                match mode {
                    Mode::Optional => fields.push((name, quote!(__suspend(#value)))),
                    Mode::Asked(_) => fields.push((name, quote!(__Duty::keep(#value)))),
                    Mode::Live | Mode::Dead => {}
                }
            } else {
                fields.push((name, value));
            }
        }
        fields
    }

    /// Leaves the arm: onwards out of the label around all that stands before the other arm, back through the start.
    pub(super) fn edge(&mut self, point: Point, state: &State, local: &Local) -> TokenStream {
        self.pending.insert(point);
        let passed = self.passed(point);
        let fields = self.fields(&passed, state, local, false);
        if point > self.current {
            onwards(point, fields.iter().map(|(_, value)| value))
        } else {
            self.behind.insert(point);
            let block = block_name(point);
            let fields = fields.iter().map(|(name, value)| quote!(#name: #value));
            quote! {
                __next = __Next::#block { #(#fields,)* };
                continue '__step;
            }
        }
    }
}
