//! Which slots share memory.
//!
//! # The problem
//! A variable in a slot must stay where it is from its first value to its end. With every slot beside the state, a frame
//! would be the sum of all slots and the largest state; rustc lets what lives at one suspension only share its memory.
//!
//! # The design
//! Lives are nested as their scopes are. Slots that are occupied at all suspensions stand beside the state, as captures
//! of the closure. Others form *regions*: a region is a variant of the enum around it, and holds its slots and an enum
//! of its own for the suspensions that happen meanwhile. So it shares memory with whatever is suspended outside of it.
//! While code runs inside a region, the enums around say so and the innermost one says `Done`; a region is entered
//! where the first of its slots gets a value, and left in silence: the next state that is written replaces it.
//!
//! A slot is occupied to the end of its variable's scope. What was taken out by value may have been copied (only types tell), and
//! something may refer to what is left: a list that was given a reference, somewhere in a call. rustc's own futures keep the place
//! of whatever was borrowed, too. Where the source shows that nothing refers to it any more ([`alone`](crate::alone)), it is free.
//!
//! A slot that is occupied at no suspension is *brief*: what borrows the variable goes from arm to arm, but ends before
//! the step does. It is a local variable of the step, or, if no edge backwards hands it on, of a round of the step's loop.
//!
//! # Costs
//! A region has a tag of its own where its states leave no niche for it, so slots get one only if there is a suspension
//! outside, whose memory they may share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::edge::{Emitter, Mode};
use super::rewrite::slot;
use crate::graph::{BlockId, OPERAND, Op, ScopeId, Terminator, VariableId};
use crate::liveness::{State, Status};
use crate::tokens::append;

pub type RegionId = usize;

/// The closure's own captures.
pub const ROOT: RegionId = 0;

/// Slots that are occupied at the same suspensions.
#[derive(Default)]
pub struct Region {
    pub parent: RegionId,
    pub variables: Vec<VariableId>,
    /// Where it is occupied, also by the regions inside.
    suspended: BTreeSet<BlockId>,
}

/// The regions of a function, parents first.
#[derive(Default)]
pub struct Regions {
    pub list: Vec<Region>,
    of_variable: HashMap<VariableId, RegionId>,
    of_state: HashMap<BlockId, RegionId>,
    /// The variables in slots that no suspension keeps.
    pub brief: BTreeSet<VariableId>,
}

impl Regions {
    pub fn of_variable(&self, variable: VariableId) -> RegionId {
        self.of_variable.get(&variable).copied().unwrap_or(ROOT)
    }

    /// Where the state of a suspension stands.
    pub fn of_state(&self, resume: BlockId) -> RegionId {
        self.of_state.get(&resume).copied().unwrap_or(ROOT)
    }

    /// A region and those around it, outermost first, without the root.
    fn chain(&self, mut region: RegionId) -> Vec<RegionId> {
        let mut chain = Vec::new();
        while region != ROOT {
            chain.push(region);
            region = self.list[region].parent;
        }
        chain.reverse();
        chain
    }
}

/// The enum of a region.
pub fn state_enum(region: RegionId) -> Ident {
    if region == ROOT { format_ident!("__State") } else { format_ident!("__State{}", region) }
}

/// The struct of a region's slots and states, and the variant of the enum around it.
pub fn region_struct(region: RegionId) -> Ident {
    format_ident!("__Region{}", region)
}

/// The pointer to a region that is entered.
fn pointer(region: RegionId) -> Ident {
    format_ident!("__region_{}", region)
}

/// Where the state of a region stands.
pub fn place(region: RegionId) -> Place {
    Place(region)
}

/// See [`place`].
pub struct Place(RegionId);

impl ToTokens for Place {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self.0 {
            ROOT => Ident::new("__state", Span::call_site()).to_tokens(tokens),
            region => {
                let pointer = pointer(region);
                append(tokens, quote!((*#pointer).__rest));
            }
        }
    }
}

impl Emitter<'_> {
    /// Finds the regions.
    pub(super) fn find_regions(&mut self) {
        let parents = self.scope_parents();
        let declared = |variable: VariableId| self.graph.variables[variable].order % OPERAND;
        let depth = |mut scope: ScopeId| {
            let mut depth = 0;
            while let Some(&outer) = parents.get(&scope) {
                depth += 1;
                scope = outer;
            }
            depth
        };
        let within = |mut scope: ScopeId, outer: ScopeId| loop {
            if scope == outer {
                return true;
            }
            match parents.get(&scope) {
                Some(&next) => scope = next,
                None => return false,
            }
        };
        let resumes: Vec<BlockId> = self
            .graph
            .blocks
            .iter()
            .filter_map(|block| match block.terminator {
                Terminator::Suspend { resume, .. } => Some(resume),
                _ => None,
            })
            .collect();
        // The variables in slots that each suspension keeps.
        let kept: BTreeMap<BlockId, Vec<VariableId>> = resumes
            .iter()
            .map(|&resume| {
                let output = self.output_of(resume);
                let kept = self.passed((resume, 0)).into_iter().map(|(variable, _)| variable);
                let anchored =
                    |&variable: &VariableId| Some(variable) != output && self.graph.variables[variable].anchored;
                let mut kept: Vec<VariableId> = kept.filter(anchored).collect();
                let lasting =
                    self.inside(resume).states[0].iter().filter(|&(&variable, &status)| self.lasts(variable, status));
                kept.extend(lasting.map(|(&variable, _)| variable).filter(|&variable| self.is_slot(variable)));
                (resume, kept)
            })
            .collect();
        let mut anchored: Vec<VariableId> =
            (0..self.graph.variables.list.len()).filter(|&variable| self.is_slot(variable)).collect();
        // Parameters come first: they are there before any region is. What is left of one counts as declared with it.
        let is_parameter = |variable: VariableId| self.graph.parameters.contains(&variable);
        anchored.sort_by_key(|&variable| {
            (!is_parameter(variable), depth(self.graph.variables[variable].scope), declared(variable))
        });
        let mut regions = Regions::default();
        regions.list.push(Region { suspended: resumes.iter().copied().collect(), ..Region::default() });
        for (index, &variable) in anchored.iter().enumerate() {
            let scope = self.graph.variables[variable].scope;
            let around = anchored[..index].iter().rev().find(|&&outer| {
                !regions.brief.contains(&outer)
                    && declared(outer) <= declared(variable)
                    && within(scope, self.graph.variables[outer].scope)
            });
            let mut region = around.map_or(ROOT, |&outer| regions.of_variable(outer));
            let suspended: BTreeSet<BlockId> =
                kept.iter().filter(|(_, kept)| kept.contains(&variable)).map(|(&resume, _)| resume).collect();
            if suspended.is_empty() {
                regions.brief.insert(variable);
                continue;
            }
            let shares = regions.list[region].suspended.iter().any(|outside| !suspended.contains(outside));
            if shares && !is_parameter(variable) {
                regions.list.push(Region { parent: region, ..Region::default() });
                region = regions.list.len() - 1;
            }
            for around in regions.chain(region) {
                regions.list[around].suspended.extend(&suspended);
            }
            regions.list[region].variables.push(variable);
            regions.of_variable.insert(variable, region);
        }
        for (resume, kept) in kept {
            let chains = kept.iter().map(|&variable| regions.of_variable(variable));
            let region = chains.max_by_key(|&region| regions.chain(region).len()).unwrap_or(ROOT);
            regions.of_state.insert(resume, region);
        }
        self.regions = regions;
    }

    /// Whether a variable has a slot.
    pub(super) fn is_slot(&self, variable: VariableId) -> bool {
        let entry = &self.graph.variables[variable];
        entry.anchored && entry.order != usize::MAX
    }

    /// Whether the slot of a variable that has been moved is not free yet: it may have been copied, and what refers to it may still be
    /// used.
    fn lasts(&self, variable: VariableId, status: Status) -> bool {
        status == Status::Moved && !self.graph.variables[variable].unreferred
    }

    /// Whether any variable has one in the frame.
    pub(super) fn has_slots(&self) -> bool {
        self.regions.list.iter().any(|region| !region.variables.is_empty())
    }

    /// Whether the variable has a slot in the frame.
    pub(super) fn is_in_frame(&self, variable: VariableId) -> bool {
        self.graph.variables[variable].anchored && !self.regions.brief.contains(&variable)
    }

    /// Declares the slots that are local variables of the step.
    pub(super) fn brief_slots(&self) -> TokenStream {
        let round = self.brief_in_a_round();
        self.declare_slots(self.regions.brief.difference(&round).copied())
    }

    /// Declares the slots that are local variables of one round of the step's loop.
    pub(super) fn slots_of_a_round(&self) -> TokenStream {
        self.declare_slots(self.brief_in_a_round())
    }

    /// What no edge backwards hands on. What such a variable borrows from may end in the same round, so its slot must not be
    /// there in the next.
    fn brief_in_a_round(&self) -> BTreeSet<VariableId> {
        if self.behind.is_empty() && !self.resumes_behind {
            return BTreeSet::new();
        }
        let mut round = self.regions.brief.clone();
        for &(block, op) in &self.behind {
            for (variable, _) in self.passed((block, op)) {
                round.remove(&variable);
            }
            // What was taken may have been copied, and what refers to it may be handed on.
            round.retain(|variable| self.inside(block).states[op].get(variable) != Some(&Status::Moved));
        }
        round
    }

    fn declare_slots(&self, variables: impl IntoIterator<Item = VariableId>) -> TokenStream {
        let slots = variables.into_iter().map(|variable| {
            let slot = slot(self.name(variable));
            // Behind a reference, as those in the frame are.
            quote!(let #slot = __Slot::empty(); let #slot = #slot.pinned();)
        });
        slots.collect()
    }

    fn scope_parents(&self) -> HashMap<ScopeId, ScopeId> {
        let mut parents = HashMap::new();
        for block in &self.graph.blocks {
            let mut open = block.scopes.clone();
            let mut note = |open: &[ScopeId]| {
                for pair in open.windows(2) {
                    parents.insert(pair[1], pair[0]);
                }
            };
            note(&open);
            for op in &block.ops {
                match op {
                    Op::Enter(scope) => open.push(*scope),
                    Op::Exit(scope) => open.retain(|open| open != scope),
                    _ => continue,
                }
                note(&open);
            }
        }
        parents
    }

    /// The regions that are entered where the variables are in `state`, outermost first. Of each, whether that is
    /// certain: a variable that may have been moved may also never have had a value.
    fn active(&self, state: &State) -> Vec<(RegionId, bool)> {
        let mut active: BTreeMap<RegionId, bool> = BTreeMap::new();
        for (&variable, &status) in state {
            let lasts = self.lasts(variable, status) && !self.regions.brief.contains(&variable);
            if (status.may_hold() || lasts) && self.is_slot(variable) {
                for region in self.regions.chain(self.regions.of_variable(variable)) {
                    *active.entry(region).or_default() |= status == Status::Initialised;
                }
            }
        }
        active.into_iter().collect()
    }

    fn slots(&self, region: RegionId) -> TokenStream {
        let pointer = pointer(region);
        let slots = self.regions.list[region].variables.iter().map(|&variable| {
            let name = self.name(variable);
            let slot = slot(name);
            quote!(#slot = (*#pointer).#name.pinned();)
        });
        slots.collect()
    }

    fn empty(&self, region: RegionId) -> TokenStream {
        let (outer, inner) = (state_enum(self.regions.list[region].parent), state_enum(region));
        let name = region_struct(region);
        let slots = self.regions.list[region].variables.iter().map(|&variable| {
            let name = self.name(variable);
            quote!(#name: __Slot::empty(),)
        });
        quote!(#outer::#name(#name { __rest: #inner::Done, #(#slots)* }))
    }

    /// Declares the pointers to a region and its slots.
    pub(super) fn region_locals(&self, region: RegionId) -> TokenStream {
        let pointer = pointer(region);
        let slots = self.regions.list[region].variables.iter().map(|&variable| slot(self.name(variable)));
        quote!(let mut #pointer; #(let mut #slots;)*)
    }

    /// The regions that have been found where a state was resumed ([`Self::reached`]), and are entered where the variables are in `state`.
    pub(super) fn found(&self, state: &State, resume: BlockId) -> BTreeSet<RegionId> {
        let reached = self.regions.chain(self.regions.of_state(resume));
        if reached.is_empty() {
            return BTreeSet::new();
        }
        let active = self.active(state).into_iter();
        active.filter(|(region, certain)| *certain && reached.contains(region)).map(|(region, _)| region).collect()
    }

    /// At an arm's start: finds the regions that have been entered before, but for those that have been found.
    pub(super) fn find_entered(&mut self, state: &State, found: &BTreeSet<RegionId>) -> TokenStream {
        let mut text = TokenStream::new();
        for (region, certain) in self.active(state) {
            if found.contains(&region) {
                continue;
            }
            self.entered.insert(region);
            let parent = self.regions.list[region].parent;
            let (place, outer, name) = (place(parent), state_enum(parent), region_struct(region));
            let pointer = pointer(region);
            let slots = self.slots(region);
            if !certain {
                let empty = self.empty(region);
                text.extend(quote! {
                    if !::core::matches!(#place, #outer::#name(_)) {
                        __overwrite(&raw mut #place, #empty);
                    }
                });
            }
            text.extend(quote! {
                #pointer = match &mut #place {
                    #outer::#name(__region) => &raw mut *__region,
                    _ => __impossible(),
                };
                #slots
            });
        }
        text
    }

    /// Where a state is resumed: finds the regions around it.
    pub(super) fn reached(&self, region: RegionId) -> TokenStream {
        let mut text = TokenStream::new();
        for region in self.regions.chain(region) {
            let parent = self.regions.list[region].parent;
            let (place, outer, name) = (place(parent), state_enum(parent), region_struct(region));
            let (pointer, locals, slots) = (pointer(region), self.region_locals(region), self.slots(region));
            text.extend(quote! {
                #locals
                #pointer = match &mut #place {
                    #outer::#name(__region) => &raw mut *__region,
                    _ => __impossible(),
                };
                #slots
            });
        }
        text
    }

    /// Where slots are about to get values: enters the regions that are not entered yet.
    pub(super) fn enter(&mut self, state: &State, filled: impl IntoIterator<Item = VariableId>) -> TokenStream {
        let active: BTreeSet<RegionId> = self.active(state).into_iter().map(|(region, _)| region).collect();
        let mut entering = BTreeSet::new();
        for variable in filled {
            if self.is_slot(variable) {
                entering.extend(self.regions.chain(self.regions.of_variable(variable)));
            }
        }
        let mut text = TokenStream::new();
        for region in entering.difference(&active).copied() {
            self.entered.insert(region);
            let parent = self.regions.list[region].parent;
            let (place, outer, name) = (place(parent), state_enum(parent), region_struct(region));
            let pointer = pointer(region);
            let (empty, slots) = (self.empty(region), self.slots(region));
            text.extend(quote! {
                __overwrite(&raw mut #place, #empty);
                #pointer = match &mut #place {
                    #outer::#name(__region) => &raw mut *__region,
                    _ => __impossible(),
                };
                #slots
            });
        }
        text
    }

    /// What matches a region in the enum around: `inside` are the arms for its own states.
    pub(super) fn wrapped(&self, region: RegionId, inside: &TokenStream) -> TokenStream {
        let (outer, name) = (state_enum(self.regions.list[region].parent), region_struct(region));
        let (pointer, place) = (pointer(region), place(region));
        let (locals, slots) = (self.region_locals(region), self.slots(region));
        quote! {
            #outer::#name(__region) => {
                #locals
                #pointer = &raw mut *__region;
                #slots
                match &mut #place { #inside }
            }
        }
    }

    /// The fields of a region's struct.
    pub(super) fn region_fields(&self, region: RegionId) -> (BTreeSet<String>, TokenStream) {
        let mut types = BTreeSet::new();
        let fields: TokenStream = self.regions.list[region]
            .variables
            .iter()
            .map(|&variable| {
                let (name, parameter) = (self.name(variable), format!("X{variable}"));
                let ty = self.types.ty(&parameter);
                types.insert(parameter);
                quote!(#name: __Slot<#ty>,)
            })
            .collect();
        (types, fields)
    }

    /// Whether a suspended state has a field for the variable.
    pub fn has_field(&self, variable: VariableId, mode: Mode) -> bool {
        !self.graph.variables[variable].anchored || matches!(mode, Mode::Optional | Mode::Asked(_))
    }
}
