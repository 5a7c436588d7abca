//! The blocks of the graph as arms of the machine.
//!
//! A block that several edges reach, or that a resume reaches, is an arm; one with a single way in is written where that
//! way leads to it. Arms stand one behind the other, in source order, each behind a labelled block around all that stands
//! before it: so an edge onwards is a `break` with what it hands on, which costs no more than a jump. An arm rebuilds the scopes that are open at its start, nested braces with the variables in the order
//! of their declaration, so that leaving them drops what rustc would, in its order, also on `return`, `?` and panic.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lifetime};

use super::ask::terminator_context;
use super::assign::{self, Room};
use super::edge::{Emitter, Local, Mode, Point};
use super::pieces::ends_here;
use super::region::{place, state_enum};
use super::result;
use super::rewrite::{self, guard, slot};
use super::state::state_name;
use crate::graph::{Block, BlockId, Op, ScopeId, Terminator, VariableId};
use crate::liveness::{Inside, State, Status, live_after_value};
use crate::lower::has_temporaries;
use crate::tokens::{any, append};
use crate::tree;
use crate::walk::{Context, is_straight, matched_by};

impl Emitter<'_> {
    /// Writes all arms.
    pub fn run(&mut self) {
        self.pending.insert((0, 0));
        while let Some(point) = self.pending.pop_first() {
            if !self.arms.contains_key(&point) {
                self.arms.insert(point, TokenStream::new());
                self.current = point;
                let arm = self.arm(point);
                self.arms.insert(point, arm);
            }
        }
    }

    fn arm(&mut self, point: Point) -> TokenStream {
        let (block, op) = point;
        let passed = self.passed(point);
        let state = &self.inside(block).states[op];
        let scopes = self.scopes_at(point);
        let pieces = self.pieces(point);
        let assigned = std::rc::Rc::new(self.assigned_in(&pieces));
        let mut local = Local {
            optional: HashSet::new(),
            held: HashSet::new(),
            open: scopes.clone(),
            tagged: Default::default(),
            parted: Default::default(),
            partings: Default::default(),
            assigned: assigned.clone(),
        };
        for &(variable, mode) in &passed {
            let entry = &self.graph.variables[variable];
            if matches!(mode, Mode::Optional | Mode::Asked(_)) {
                local.optional.insert(variable);
            } else if mode == Mode::Dead && !entry.anchored && !entry.nested {
                local.held.insert(variable);
            }
        }
        let output = self.output_of(block).filter(|_| op == 0);
        let mut before = state.clone();
        output.iter().for_each(|output| {
            before.remove(output);
        });
        self.entered.clear();
        let reached = output.map_or_else(BTreeSet::new, |_| self.found(&before, block));
        let mut found = self.find_entered(&before, &reached);
        append(&mut found, self.enter(&before, output));
        let mut in_scope: Vec<VariableId> = state.keys().copied().collect();
        in_scope.sort_by_key(|&variable| self.graph.variables[variable].order);
        let mentioned = OnceCell::new();
        let passed_on = |variable: &VariableId| passed.iter().any(|(passed, _)| passed == variable);
        // What the arm declares itself leaves its slot only for the rest to be held: else rustc drops it anyway.
        let declared_here = self.declared_in(&pieces);
        let parted = self.parted_in(&pieces);
        self.find_leaving(&pieces, |variable| {
            (passed_on(&variable) && !local.optional.contains(&variable))
                || (declared_here.contains(&variable) && parted.contains_key(&variable))
        });
        self.parted = parted;
        let declared = self.declared_outside(point);
        let mut buffers = Vec::new();
        for &scope in &scopes {
            let mut lets = TokenStream::new();
            for &variable in in_scope.iter().filter(|&&variable| self.graph.variables[variable].scope == scope) {
                let entry = &self.graph.variables[variable];
                let name = entry.name.clone();
                let is_passed = passed.iter().any(|&(passed, _)| passed == variable);
                let local_name = if entry.anchored { guard(&name) } else { name.clone() };
                if is_passed && entry.anchored && output == Some(variable) {
                    let slot = slot(&name);
                    append(&mut lets, quote_spanned!(name.span()=> let mut #local_name = #slot.put(#name);));
                } else if is_passed
                    && (local.optional.contains(&variable) || local.held.contains(&variable))
                    && assigned.contains(&variable)
                {
                    let old = rewrite::old(&name);
                    let ty = self.annotation(variable);
                    append(&mut lets, quote_spanned!(name.span()=> let mut #old = #name; let mut #local_name #ty;));
                } else if declared.contains(&variable) {
                    // It has been.
                } else if is_passed {
                    append(&mut lets, quote_spanned!(name.span()=> let mut #local_name = #name;));
                } else if assigned.contains(&variable) {
                    let ty = self.annotation(variable);
                    append(&mut lets, quote_spanned!(name.span()=> let mut #local_name #ty;));
                } else if state[&variable] == Status::Uninitialised
                    && mentioned.get_or_init(|| self.mentioned_in(&pieces)).contains(&variable)
                {
                    append(&mut lets, quote_spanned!(name.span()=> let mut #local_name = __unset();));
                }
                if self.leaving.contains(&variable) {
                    let whole = rewrite::whole(&name);
                    let left = match self.is_pointed_to(variable) {
                        true => {
                            let at = rewrite::left_at(&name);
                            quote!(let mut #whole; let #at;)
                        }
                        false => quote!(let #whole;),
                    };
                    append(&mut lets, left);
                }
                append(&mut lets, self.declare_rest(variable));
            }
            buffers.push(lets);
        }
        self.tags.clear();
        let code = self.code(point, local, buffers);
        let tags = std::mem::take(&mut self.tags);
        let regions = self.entered.difference(&reached).map(|&region| self.region_locals(region));
        let found = any(found);
        quote!(#(#regions)* #found #(let #tags;)* #code)
    }

    /// The variables that are declared, once for all, where they are taken out of the state before the arm: nothing else leads there,
    /// no braces stand between, and nothing that an arm declares for itself is to stand before them.
    pub(super) fn declared_outside(&self, point: Point) -> Vec<VariableId> {
        let (block, op) = point;
        let output = self.output_of(block);
        let is_by_state = op == 0 && if block == 0 { !self.restarts } else { output.is_some() };
        let outermost = self.scopes_at(point).first().copied();
        let passed = self.passed(point);
        let state = &self.inside(block).states[op];
        let mut variables: Vec<VariableId> = state.keys().copied().collect();
        variables.retain(|&variable| is_by_state && Some(self.graph.variables[variable].scope) == outermost);
        variables.sort_by_key(|&variable| self.graph.variables[variable].order);
        let is_idle = |variable: VariableId| {
            let entry = &self.graph.variables[variable];
            entry.plain && !entry.anchored && passed.iter().all(|&(other, _)| other != variable)
        };
        // Beside one that is parted, its rest is declared.
        let has_rests = is_by_state && !self.graph.variables.rests.is_empty();
        let parted = if has_rests { self.parted_in(&self.pieces(point)) } else { Default::default() };
        let is_taken = |variable: VariableId| {
            let is_anchored = self.graph.variables[variable].anchored;
            !is_anchored
                && !parted.contains_key(&variable)
                && Some(variable) != output
                && passed.contains(&(variable, Mode::Live))
        };
        let variables = variables.into_iter().filter(|&variable| !is_idle(variable));
        variables.take_while(|&variable| is_taken(variable)).collect()
    }

    /// Moves what a pattern bound around a scope's braces to where they end it, if the arm goes on behind.
    fn bound_around(&self, block: BlockId, exit: usize, scope: ScopeId) -> TokenStream {
        let entry = &self.graph.blocks[block];
        let ends = entry.ops[exit + 1..].iter().all(|op| matches!(op, Op::Exit(_)))
            && matches!(entry.terminator, Terminator::Goto(next) if self.is_arm[next]);
        let enter = entry.ops[..exit].iter().rposition(|op| matches!(op, Op::Enter(entered) if *entered == scope));
        let Some(enter) = enter.filter(|_| !ends) else { return TokenStream::new() };
        let before = &self.inside(block).states[enter];
        let dropped = |&(&variable, status): &(&VariableId, &Status)| {
            let entry = &self.graph.variables[variable];
            entry.scope == scope
                && (!entry.plain || entry.anchored)
                && status.may_hold()
                && before.contains_key(&variable)
        };
        let mut bound: Vec<VariableId> =
            self.inside(block).states[exit].iter().filter(dropped).map(|(&variable, _)| variable).collect();
        bound.sort_by_key(|&variable| self.graph.variables[variable].order);
        let names = bound.into_iter().map(|variable| self.local_name(variable));
        names.map(|name| quote!(let mut #name = #name;)).collect()
    }

    /// The name of a variable in an arm: of what is in a slot, its guard's.
    fn local_name(&self, variable: VariableId) -> Ident {
        let entry = &self.graph.variables[variable];
        if entry.anchored { guard(&entry.name) } else { entry.name.clone() }
    }

    /// What a variable is declared to be, in an arm that gives it a value. (In a slot, its guard knows no types.)
    fn annotation(&self, variable: VariableId) -> Option<TokenStream> {
        let entry = &self.graph.variables[variable];
        entry.written.as_ref().filter(|_| !entry.anchored).map(|ty| quote!(: #ty))
    }

    /// Resumes the child of a state for the first time: where it always is resumed.
    fn resume(&mut self, point: Point) -> TokenStream {
        if point > self.current {
            let label = label(point);
            quote!(break #label;)
        } else {
            self.resumes_behind = true;
            quote! {
                __next = __Next::Resume;
                continue '__step;
            }
        }
    }

    /// If the block is where a resume leads, the variable of the awaited value.
    pub fn output_of(&self, block: BlockId) -> Option<VariableId> {
        self.graph.blocks.iter().find_map(|from| match &from.terminator {
            Terminator::Suspend { output, resume, .. } if *resume == block => Some(*output),
            _ => None,
        })
    }

    pub(super) fn scopes_at(&self, (block, op): Point) -> Vec<ScopeId> {
        self.graph.blocks[block].scopes_at(op)
    }

    /// The code from a point to where the arm is left. `buffers` holds the text of each open scope.
    fn code(&mut self, (block, start): Point, mut local: Local, mut buffers: Vec<TokenStream>) -> TokenStream {
        let graph = self.graph;
        let entry: &Block = &graph.blocks[block];
        if buffers.is_empty() {
            buffers.push(TokenStream::new());
        }
        let base = buffers.len() - local.open.len().min(buffers.len());
        let inside = self.inside(block);
        for (index, op) in entry.ops.iter().enumerate().skip(start) {
            let state = &inside.states[index];
            let live = &*live_after_value(op, &graph.variables, &inside.live[index]);
            self.note_conflicts(op.expressions(), &local);
            let text = match op {
                Op::Enter(scope) => {
                    local.open.push(*scope);
                    buffers.push(TokenStream::new());
                    continue;
                }
                Op::Exit(scope) => {
                    if ends_here(*scope, &local.open, buffers.len(), base) {
                        local.open.pop();
                        let inner = buffers.pop().unwrap_or_default();
                        let bound = self.bound_around(block, index, *scope);
                        let inner = quote!(#bound #inner);
                        match index.checked_sub(1).map(|before| &entry.ops[before]) {
                            // The braces say which edition the block is of.
                            Some(Op::Tail(_, value)) => quote_spanned!(value.span()=> { #inner };),
                            _ => quote!({ #inner }),
                        }
                    } else if let Some(next) = self.leads_to((block, index)) {
                        // Whatever ends here ends by that edge.
                        let text = self.edge((next, 0), &inside.end, &local);
                        write(&mut buffers, text);
                        return close(buffers);
                    } else if self.drops(state, |left| left == *scope) {
                        // Its brace is further out: leave the arm, which drops what the scope holds.
                        let text = self.edge((block, index + 1), &inside.states[index + 1], &local);
                        write(&mut buffers, text);
                        return close(buffers);
                    } else {
                        local.open.retain(|open| open != scope);
                        continue;
                    }
                }
                // What needs no drop and is not read again has not come here.
                Op::Rebind(variable) if !self.passed((block, index)).iter().any(|(passed, _)| passed == variable) => {
                    continue;
                }
                Op::Rebind(variable) => {
                    let (name, parted) = (self.local_name(*variable), self.declare_parted(&[*variable]));
                    quote!(let mut #name = #name; #parted)
                }
                // What this arm does not assign to has no type here.
                Op::Declare(variable) if !local.assigned.contains(variable) => continue,
                Op::Declare(variable) => {
                    let (name, ty) = (self.local_name(*variable), self.annotation(*variable));
                    let parted = self.declare_parted(&[*variable]);
                    quote!(let mut #name #ty; #parted)
                }
                Op::Let { pattern, init, otherwise, binds } => {
                    let context = matched_by(init, pattern, otherwise.is_some(), &graph.variables);
                    let questions = self.questions(init, context, state, live, &mut local, (block, index));
                    let entering = self.enter_for(init, state);
                    let mut init = self.rewritten(init, context, state, live, (block, index));
                    if otherwise.is_some() {
                        // An expression that ends with a brace may not stand before `else`.
                        init = tree::parentheses(Span::call_site(), init);
                    }
                    let otherwise = otherwise.as_ref().map(|otherwise| {
                        let otherwise = self.rewritten(otherwise, Context::Value, state, live, (block, index));
                        quote!(else #otherwise)
                    });
                    let (pattern, mut puts) = self.pattern(pattern, binds, state);
                    puts.extend(self.operands_after(binds, &self.inside(block).states[index + 1]));
                    puts.extend(self.declare_parted(binds));
                    quote!(#questions #entering let #pattern = #init #otherwise; #puts)
                }
                Op::Bind { pattern, init, binds } => {
                    let context = matched_by(init, pattern, false, &graph.variables);
                    let questions = self.questions(init, context, state, live, &mut local, (block, index));
                    let entering = self.enter_for(init, state);
                    let init = self.rewritten(init, context, state, live, (block, index));
                    let init = tree::parentheses(Span::call_site(), init);
                    let (pattern, puts) = self.pattern_into(pattern, binds, state);
                    quote!(#questions #entering match #init { #pattern => { #puts } })
                }
                Op::Effect(expr) | Op::Tail(None, expr) => {
                    let questions = self.questions(expr, Context::Value, state, live, &mut local, (block, index));
                    let entering = self.enter_for(expr, state);
                    let expr = self.rewritten(expr, Context::Value, state, live, (block, index));
                    let is_value = matches!(op, Op::Tail(..)) && ends_brace(entry, index, &local, &buffers, base);
                    let semicolon = (!is_value).then(|| quote!(;));
                    quote!(#questions #entering #expr #semicolon)
                }
                Op::Assign(variable, value) | Op::Tail(Some(variable), value) => {
                    let questions = self.questions(value, Context::Value, state, live, &mut local, (block, index));
                    write(&mut buffers, questions);
                    let entering = self.enter(state, [*variable]);
                    let room = assign::room(value, *variable, &graph.variables, state);
                    let is_value = matches!(op, Op::Tail(..)) && ends_brace(entry, index, &local, &buffers, base);
                    let old_or_slot = self.replaces(*variable, &local)
                        || (self.graph.variables[*variable].anchored && room != Room::Full);
                    let keeps = old_or_slot && has_temporaries(value);
                    let value = self.rewritten(value, Context::Value, state, live, (block, index));
                    let value = room.typed(value, &graph.variables[*variable]);
                    if is_value || keeps {
                        // In the arm of a `match` it is assigned, and an old value dropped, before the temporaries are dropped.
                        let assignment = self.assignment(*variable, quote!(__tail), entering, room, &mut local);
                        let semicolon = (!is_value).then(|| quote!(;));
                        let value = tree::parentheses(Span::call_site(), value);
                        quote_spanned!(value.span()=> match #value { __tail => { #assignment } } #semicolon)
                    } else {
                        self.assignment(*variable, value.to_token_stream(), entering, room, &mut local)
                    }
                }
            };
            write(&mut buffers, text);
            write(&mut buffers, self.part((block, index), &local));
        }
        self.note_conflicts(entry.terminator.expressions(), &local);
        let questions = match &entry.terminator {
            Terminator::If { condition: expr, .. }
            | Terminator::Suspend { child: expr, .. }
            | Terminator::Match { scrutinee: expr, .. }
            | Terminator::Return(expr) => {
                let context = terminator_context(&entry.terminator);
                self.questions(expr, context, inside.last(), &inside.live_end, &mut local, (block, entry.ops.len()))
            }
            _ => TokenStream::new(),
        };
        write(&mut buffers, questions);
        if let Terminator::Return(value) = &entry.terminator
            && local.open.len() == 2
            && buffers.len() == 2
            && has_temporaries(value)
        {
            // The body's value. When its temporaries are dropped, rustc's edition says: it is left to a block.
            let span = crate::place::of(value);
            let value = self.returned(block, value);
            let body = buffers.pop().unwrap_or_default();
            let done = quote_spanned!(Span::call_site().located_at(span)=> __Done(#value));
            let leave = self.leave();
            write(&mut buffers, quote_spanned!(span=> #leave { #body #done };));
            return close(buffers);
        }
        let text = self.terminator(block, &local);
        match text {
            Ok(text) => write(&mut buffers, text),
            // Straight on into the next block, at the same level of nesting.
            Err(next) => return self.code((next, 0), local, buffers),
        }
        close(buffers)
    }

    /// Notes which variables are assigned to in an expression that are `Option`s here.
    fn note_conflicts(&mut self, expressions: Vec<&Expr>, local: &Local) {
        if local.optional.is_empty() {
            return;
        }
        let mut assigned = HashSet::new();
        expressions.into_iter().for_each(|expr| self.assigned_by(expr, &mut assigned));
        self.conflicts.extend(assigned.into_iter().filter(|variable| local.optional.contains(variable)));
    }

    /// Whether a variable that gets a value may have an old one beside it, to be dropped.
    fn replaces(&self, variable: VariableId, local: &Local) -> bool {
        local.optional.contains(&variable) || local.held.contains(&variable)
    }

    /// Gives a variable a value.
    fn assignment(
        &self,
        variable: VariableId,
        value: TokenStream,
        entering: TokenStream,
        room: Room,
        local: &mut Local,
    ) -> TokenStream {
        let assigned = &self.graph.variables[variable];
        let name = &assigned.name;
        // What was asked was asked about the old value.
        local.tagged.remove(&variable);
        if self.replaces(variable, local) {
            local.optional.remove(&variable);
            local.held.remove(&variable);
            // The new value is there before the old one is dropped: if that panics, it is dropped in its turn.
            let old = rewrite::old(name);
            if assigned.anchored {
                let (slot, guard) = (slot(name), guard(name));
                quote!(let __new = #value; #entering #guard = #slot.guard(); #slot.replace(#old, __new);)
            } else {
                quote!(#name = #value; ::core::mem::drop(#old);)
            }
        } else if !assigned.anchored {
            quote!(#name = #value;)
        } else if room == Room::Full {
            let assign = room.assign(name, value);
            quote!(#assign;)
        } else {
            let assign = room.assign(name, quote!(__new));
            quote!(let __new = #value; #entering #assign;)
        }
    }

    /// Enters the regions of the slots that an expression gives their first values.
    fn enter_for(&mut self, expr: &syn::Expr, state: &State) -> TokenStream {
        if is_straight(expr) {
            return TokenStream::new();
        }
        let sites = crate::walk::uses(expr, &self.graph.variables);
        let assigned = sites.iter().filter(|site| site.kind == crate::walk::Use::Assign);
        self.enter(state, assigned.map(|site| site.variable))
    }

    /// Goes to a block: writes it here, or leaves by an edge.
    pub(super) fn go(&mut self, target: BlockId, state: &State, local: &Local) -> TokenStream {
        if self.is_arm[target] {
            let target = self.leads_to((target, 0)).unwrap_or(target);
            self.edge((target, 0), state, local)
        } else {
            let local = Local { open: Vec::new(), ..local.clone() };
            self.code((target, 0), local, Vec::new())
        }
    }

    /// The function's value, as the machine makes it.
    fn returned(&self, block: BlockId, value: &Expr) -> Expr {
        let mut value = value.clone();
        if let Some(written) = &self.graph.variables.returned {
            result::wrap(&mut value, written);
        }
        let inside = self.inside(block);
        let place = (block, self.graph.blocks[block].ops.len());
        self.rewritten(&value, Context::Value, inside.last(), &inside.live_end, place)
    }

    /// How the machine is left where the body ends.
    fn leave(&self) -> TokenStream {
        if self.graph.ends_apart { quote!(break '__done) } else { quote!(return) }
    }

    /// The text of a terminator, or the block that follows at the same level.
    fn terminator(&mut self, block: BlockId, local: &Local) -> Result<TokenStream, BlockId> {
        let graph = self.graph;
        let entry = &graph.blocks[block];
        let Inside { end: after, live_end: live, .. } = self.inside(block);
        let before = self.inside(block).last();
        Ok(match &entry.terminator {
            Terminator::Goto(next) if !self.is_arm[*next] => return Err(*next),
            Terminator::Goto(next) => self.go(*next, after, local),
            Terminator::If { condition, then, otherwise } => {
                let condition = self.rewritten(condition, Context::Value, before, live, (block, entry.ops.len()));
                let then = self.go(*then, after, local);
                let otherwise = self.go(*otherwise, after, local);
                quote!(if #condition { #then } else { #otherwise })
            }
            Terminator::Match { scrutinee, arms } => self.choice(block, scrutinee, arms, local),
            Terminator::Suspend { child, resume, output } => {
                let child = self.rewritten(child, Context::Value, before, live, (block, entry.ops.len()));
                let region = self.regions.of_state(*resume);
                let (place, states) = (place(region), state_enum(region));
                let state = state_name(graph, *resume);
                let passed: Vec<_> =
                    self.passed((*resume, 0)).into_iter().filter(|(variable, _)| variable != output).collect();
                let fields = self.fields(&passed, after, local, true);
                let fields = fields.iter().map(|(name, value)| quote!(#name: #value));
                let suspended = passed
                    .iter()
                    .filter(|&&(variable, mode)| {
                        graph.variables[variable].anchored && matches!(mode, Mode::Live | Mode::Dead)
                    })
                    .map(|&(variable, _)| {
                        let guard = guard(self.name(variable));
                        quote!(#guard.suspend();)
                    });
                let suspended = any(suspended.collect());
                self.pending.insert((*resume, 0));
                let go_on = self.resume((*resume, 0));
                quote! {
                    // The operand's temporaries are dropped when its child is made, as those of an argument would be.
                    let __child = match (#child) { __awaited => __Awaited(&raw const __awaited).child(__awaited) };
                    __overwrite(&raw mut #place, #states::#state { __child, #(#fields,)* });
                    #suspended
                    #go_on
                }
            }
            Terminator::Return(value) => {
                let (leave, value) = match value {
                    Expr::Return(inner) => (quote!(return), inner.expr.as_deref().unwrap_or(value)),
                    value => (self.leave(), value),
                };
                if result::is_implicit(value) && !graph.variables.unwritten_result {
                    let unit = result::unit(graph.variables.returned.as_ref(), Span::call_site());
                    quote!(#leave #unit;)
                } else {
                    let span = Span::call_site().located_at(crate::place::of(value));
                    let value = self.returned(block, value);
                    quote_spanned!(span=> #leave __Done(#value);)
                }
            }
            Terminator::Diverge => quote!(__never();),
        })
    }
}

/// Whether an operation is the last one in the innermost brace.
fn ends_brace(block: &Block, index: usize, local: &Local, buffers: &[TokenStream], base: usize) -> bool {
    matches!(block.ops.get(index + 1), Some(Op::Exit(scope)) if ends_here(*scope, &local.open, buffers.len(), base))
}

/// The label around all that stands before an arm.
pub fn label(point: Point) -> Lifetime {
    Lifetime::new(&format!("'__{}", block_name(point)), Span::call_site())
}

/// What an edge onwards hands on.
pub fn handed(point: Point) -> Ident {
    format_ident!("__to_{}", block_name(point))
}

/// Goes to an arm that stands behind the one at hand. What it hands on, last declared first, which is the order in which a
/// panic drops it, has a place of its own: the value of a `break` would be forgotten if leaving the scopes panicked.
pub fn onwards<V: ToTokens>(point: Point, values: impl DoubleEndedIterator<Item = V>) -> TokenStream {
    let (label, handed) = (label(point), handed(point));
    let values = values.rev();
    quote! {
        #handed = (#(#values,)*);
        break #label;
    }
}

pub fn block_name((block, op): Point) -> Ident {
    if op == 0 { format_ident!("B{}", block) } else { format_ident!("B{}At{}", block, op) }
}

/// Writes text into the innermost scope.
fn write(buffers: &mut [TokenStream], text: TokenStream) {
    if let Some(innermost) = buffers.last_mut() {
        append(innermost, text);
    }
}

/// Closes all open scopes.
fn close(mut buffers: Vec<TokenStream>) -> TokenStream {
    let mut inner = buffers.pop().unwrap_or_default();
    while let Some(mut outer) = buffers.pop() {
        append(&mut outer, quote!({ #inner }));
        inner = outer;
    }
    inner
}
