//! The machine: the state's enum, and the closure that resumes it.
//!
//! # The problem
//! A suspension is left and entered in the middle of the user's loops and branches, and Rust has no `goto`. A loop around a
//! `match` of all blocks does it, but LLVM takes no jump through the head of a loop for granted: each edge costs another
//! comparison, and what it hands on a trip through an enum.
//!
//! # The design
//! ```text
//! loop {                                                  only if an edge leads back
//!     'B3: { 'S2: { 'B1: {
//!         match next {
//!             Resume => match state.at() { 0 => the code up to the first arm, 2 => break 'S2, … }
//!             B1 { … } => break 'B1
//!         }
//!     } the code of B1: onwards by `to_B3 = (…); break 'B3`, suspended by `state = S2 { … }; break 'S2`
//!     } the child of S2: pending, return; done, take the variables out of the state; the code behind it
//!     } the code of B3: back by `next = B1 { … }; continue`
//! }
//! ```
//! Edges onwards are jumps; only those back pass the head. A child is resumed at one place, the first time as later. The text
//! is in source order, because rustc infers types from top to bottom.
//!
//! # Costs
//! Instructions of a body, beside rustc's `async fn` of the same source (`tests/footprint/run.sh`, which prints them by body): 1.17
//! times as many; with a `match` of all blocks it was 1.68. rustc's time for a machine grows faster than its
//! suspensions, since each mention of a state makes it infer the types of all ([`types`](super::types)), so there are few of them:
//! a state is named where it is entered and where it is resumed, and all are left in one place.

use std::collections::BTreeSet;

use crate::visit::Visit;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use super::arm::{block_name, handed, label, onwards};
use super::edge::{Emitter, Mode};
use super::hidden;
use super::locate;
use super::region::{ROOT, place, state_enum};
use super::result;
use super::rewrite::{guard, slot};
use super::start::{begin, start};
use super::state::state_name;
use super::suspended::{Kept, States, all_types, done, is_numbered, kept, states};
use super::types::Types;
use crate::graph::{Block, BlockId, Graph, Mention, Terminator};
use crate::liveness::Facts;
use crate::nested::Nested;
use crate::tokens::{any, append};

/// From more suspensions on, types in traits pay: see [`types`](super::types).
const LONG: usize = 10;

/// Whether a macro may hide a jump.
fn may_jump(graph: &Graph) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            self.0 |= Nested::of(mac).is_none() && crate::names::may_jump(mac);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    }
    let mut find = Find(false);
    graph.blocks.iter().flat_map(|block| block.expressions()).for_each(|expr| find.visit_expr(expr));
    find.0
}

/// What stands in the block that makes the machine. `shown` is what it ends with, if that can be written, `relived` the same with other
/// lifetimes, if the machine has it under those.
pub fn machine(
    shown: Option<&syn::Type>,
    relived: Option<&syn::Type>,
    graph: &Graph,
    facts: &Facts,
) -> (TokenStream, BTreeSet<Mention>) {
    let output = relived.or(shown);
    let mut emitter = Emitter::new(graph, facts);
    emitter.run();
    let resumes: Vec<BlockId> = graph.suspensions().iter().map(|suspension| suspension.resume).collect();
    if resumes.len() > LONG {
        emitter.types = Types::in_traits(&all_types(&emitter, &resumes));
    }
    let mut start = start(&emitter);
    let States { types, drop: drops } = states(&emitter, &resumes, &start);
    let returns = returns(&emitter);
    // Nothing tells the type of what never comes.
    let endless = |block: &Block| !matches!(block.terminator, Terminator::Return(_)) && !block.exits();
    let early = hidden::early(graph, output);
    let answer = match output {
        Some(output) if early.is_some() => Some(quote!(-> <#output as __LeftEarly>::Answer)),
        Some(output) => Some(quote!(-> __Resume<#output>)),
        None if graph.variables.unwritten_result && graph.blocks.iter().all(endless) => Some(quote!(-> __Resume<()>)),
        None => None,
    };
    // What cannot be written cannot be asked whether it is an error.
    let judge = match shown {
        Some(output) if may_be_result(output) => Some(quote!(__OutputType::<#output>(__PhantomData).judge())),
        _ => None,
    };
    let judge = locate::judge(&graph.variables, judge);
    let question = locate::question(&graph.variables);
    let start_names = &start.names;
    let of = emitter.types.inferred().map(|arguments| quote!(: __State #arguments));
    let lets = any(std::mem::take(&mut start.lets));
    let is_opaque = graph.variables.returned.is_none() && !graph.variables.unwritten_result;
    let result = is_opaque.then(result::declaration);
    let begin = begin(&mut emitter, &start);
    let entry = entry(&emitter, &resumes, &start.names, &begin);
    let body = match &returns {
        None => arms(&emitter, entry),
        Some(returns) => {
            let names = emitter.behind.iter().map(|&point| {
                let block = block_name(point);
                let passed = emitter.passed(point);
                let names: Vec<_> = passed.iter().map(|&(variable, _)| emitter.name(variable)).collect();
                let onwards = onwards(point, names.iter());
                quote!(__Next::#block { #(#names),* } => { #onwards })
            });
            let arms = arms(&emitter, quote!(match __next { __Next::Resume => #entry, #(#names)* }));
            let rounds = emitter.slots_of_a_round();
            // A hidden jump without a label would be one of this loop. In a block with a label it is an error (E0695).
            let arms = if may_jump(graph) { quote!('__round: { #arms }) } else { arms };
            quote! {
                #returns
                let mut __next = __Next::Resume;
                '__step: loop {
                    #rounds
                    #arms
                }
            }
        }
    };
    let body = if result.is_some() { quote!(#result #body) } else { body };
    let (machine, body) = if !emitter.has_slots() {
        let body = match emitter.regions.brief.is_empty() {
            true if graph.has_unsafe => quote!(unsafe { #body }),
            true => body,
            false => {
                let slots = emitter.brief_slots();
                quote! {
                    // SAFETY: PINNED, GUARDED and CHECKED, see `segno::machine`: the slots outlive the guards, which stand
                    // among the locals in declaration order; none holds a value at a suspension.
                    unsafe { #slots #body }
                }
            }
        };
        let body = quote! {
            '__ended: {
                let __Some(__cx) = __resumed else { break '__ended };
                #question
                #body
            }
            __state = __State::Done;
            __Cancelled
        };
        ("__Machine", body)
    } else {
        let captured = &emitter.regions.list[ROOT].variables;
        let slots = captured.iter().map(|&variable| {
            let slot = slot(&graph.variables[variable].name);
            quote!(let #slot = #slot.pinned();)
        });
        let brief = emitter.brief_slots();
        let body = quote! {
            // SAFETY: PINNED, GUARDED and CHECKED, see `segno::machine`: the slots are captures of this closure,
            // their guards stand among the locals in declaration order, and the twin has been borrow-checked. Slots that
            // hold no value at a suspension are locals, which outlive the guards.
            unsafe {
                #(#slots)*
                #brief
                '__ended: {
                    let __Some(__cx) = __resumed else { break '__ended };
                    #question
                    #body
                }
                match &mut __state {
                    #drops
                }
                __Cancelled
            }
        };
        ("__AnchoredMachine", body)
    };
    let body = if graph.ends_apart { quote!('__done: { #body }) } else { body };
    let resumed = quote!(__resumed: __Option<&mut __Context<'_>>);
    let step = match early {
        Some(output) => {
            let body = hidden::wrap(&body, output);
            quote!({
                let mut __step = move |#resumed| #answer { #body };
                move |#resumed| <#output as __LeftEarly>::resumed(__step(__resumed))
            })
        }
        None => quote!(move |#resumed| #answer { #body }),
    };
    let step = match relived {
        Some(relived) => quote!({
            let mut __step = #step;
            move |#resumed| __relived::<#relived, #shown>(__step(__resumed))
        }),
        None => step,
    };
    let machine = Ident::new(machine, Span::call_site());
    let machine = quote! {
        #types
        #lets
        let mut __state #of = __State::Start { #(#start_names),* };
        #machine { step: #step, judge: #judge }
    };
    (machine, emitter.gone)
}

/// Whether a type may be a `Result`, by its spelling.
fn may_be_result(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Paren(inner) => may_be_result(&inner.elem),
        syn::Type::Tuple(_) | syn::Type::Array(_) | syn::Type::Reference(_) => false,
        other => crate::names::number(other).is_none(),
    }
}

/// Finds where the machine stands.
fn entry(emitter: &Emitter<'_>, resumes: &[BlockId], names: &[Ident], begin: &TokenStream) -> TokenStream {
    if is_numbered(emitter) {
        let labels = resumes.iter().enumerate().map(|(index, &resume)| {
            let (number, label) = (Literal::usize_unsuffixed(index + 1), label((resume, 0)));
            quote!(#number => break #label,)
        });
        return quote! {
            match __state.at() {
                0 => match &mut __state {
                    __State::Start { #(#names),* } => { #begin }
                    _ => __impossible(),
                },
                #(#labels)*
                _ => __finished(),
            }
        };
    }
    // The last one needs no name.
    let last = resumes.len().saturating_sub(1);
    let labels = resumes.iter().enumerate().map(|(index, &resume)| {
        let label = label((resume, 0));
        if index == last {
            return quote!(_ => break #label,);
        }
        let state = state_name(emitter.graph, resume);
        quote!(__State::#state { .. } => break #label,)
    });
    quote! {
        match &mut __state {
            __State::Start { #(#names),* } => { #begin }
            __State::Done => __finished(),
            #(#labels)*
        }
    }
}

/// The arms, behind the code that finds where to begin.
fn arms(emitter: &Emitter<'_>, entry: TokenStream) -> TokenStream {
    emitter.arms.iter().fold(entry, |before, (&point, code)| {
        let label = label(point);
        if point.1 == 0 && emitter.output_of(point.0).is_some() {
            let code = resumed(emitter, point.0, code);
            return quote!(#label: { #before } #code);
        }
        let passed = emitter.passed(point);
        // Last declared first: the order in which a panic drops them.
        let names = passed.iter().rev().map(|&(variable, _)| emitter.name(variable));
        let handed = handed(point);
        quote!(let #handed; #label: { #before } let (#(#names,)*) = #handed; #code)
    })
}

/// What an edge back hands on, through the start of the step: only such an edge costs a comparison.
fn returns(emitter: &Emitter<'_>) -> Option<TokenStream> {
    let mut types = BTreeSet::new();
    let variants = emitter.behind.iter().map(|&point| {
        let name = block_name(point);
        // Last declared first: the order in which a panic drops them.
        let fields = emitter.passed(point).into_iter().rev().map(|(variable, mode)| {
            let field = &emitter.graph.variables[variable].name;
            let (parameter, ty) = emitter.ty(variable, mode, false);
            types.extend(parameter);
            quote!(#field: #ty)
        });
        quote!(#name { #(#fields),* },)
    });
    let variants: TokenStream = variants.collect();
    let types = types.into_iter().map(|name| format_ident!("{}", name));
    (!emitter.behind.is_empty() || emitter.resumes_behind)
        .then(|| quote!(enum __Next<#(#types),*> { Resume, #variants }))
}

/// Where a suspended state is resumed, also for the first time: its child, and when that has ended, the code behind it.
fn resumed(emitter: &Emitter<'_>, resume: BlockId, code: &TokenStream) -> TokenStream {
    let output = emitter.output_of(resume);
    let region = emitter.regions.of_state(resume);
    let (states, place) = (state_enum(region), place(region));
    let state = state_name(emitter.graph, resume);
    let Kept { fields, names, taken, .. } = kept(emitter, resume);
    // Under the names by which an arm knows what it is handed.
    let mut answer = format_ident!("__output");
    let mut handed = TokenStream::new();
    for (variable, mode) in emitter.passed((resume, 0)) {
        let entry = &emitter.graph.variables[variable];
        let name = &entry.name;
        if Some(variable) == output {
            if mode == Mode::Live || entry.anchored {
                answer = name.clone();
            } else {
                let held = emitter.held(variable, quote!(#answer));
                append(&mut handed, quote!(let #name = #held;));
            }
        } else if entry.anchored {
            let guard = guard(name);
            append(&mut handed, quote!(let #name = #guard;));
        }
    }
    let (done, handed) = (done(region), any(handed));
    // Where there is nothing but the child, no code for the drop of the whole state.
    let answers = if fields.is_empty() && !emitter.has_slots() {
        quote! {
            __answer => {
                __Coroutine::conclude(&raw mut *__child, &raw mut #place, #done, __EXPANSION);
                let __Done(#answer) = __answer else { return __Cancelled };
                #handed
                #code
            }
        }
    } else {
        // What the state holds is dropped, in one place for all states. Slots have to be told.
        quote! {
            __Cancelled => break '__ended,
            __Done(#answer) => {
                #(#taken)*
                __Coroutine::conclude(&raw mut *__child, &raw mut #place, #done, __EXPANSION);
                #handed
                #code
            }
        }
    };
    let reached = any(emitter.reached(region));
    quote! {
        #reached
        match &mut #place {
            #states::#state { __child, #(#names),* } => match
                __Coroutine::resume_child(__child, __cx, __EXPANSION)
            {
                __Pending => return __Pending,
                #answers
            },
            _ => __impossible(),
        }
    }
}
