//! The machine: the state's enum, and the closure that resumes it.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::arm::block_name;
use super::edge::{Emitter, Mode};
use super::region::{ROOT, place, region_struct, state_enum};
use super::result;
use super::rewrite::{guard, slot};
use super::state::state_name;
use crate::graph::{BlockId, Graph, VariableId};
use crate::liveness::Facts;

/// The expression that makes the machine. `output` is what it ends with, if that can be written.
pub fn machine(output: Option<&syn::Type>, graph: &Graph, facts: &Facts) -> TokenStream {
    let mut emitter = Emitter::new(graph, facts);
    emitter.run();
    let resumes: Vec<BlockId> = graph.suspensions().iter().map(|suspension| suspension.resume).collect();
    let blocks = block_enum(&emitter);
    let start = start(&emitter);
    let States { types, poll: polls, drop: drops } = states(&emitter, &resumes, &start);
    let arms = emitter.arms.values();
    let answer = output.map(|output| quote!(-> ::segno::Resume<#output>));
    // What cannot be written cannot be asked whether it is an error.
    let judge = match output {
        Some(output) => quote!(::segno::machine::OutputType::<#output>(::core::marker::PhantomData).judge()),
        None => quote!(::segno::machine::NoError),
    };
    let start_value = &start.value;
    let lets = &start.lets;
    let result = (!graph.variables.unwritten_result).then(|| result::declaration(output));
    let body = quote! {
        #result
        '__resume: loop {
            let mut __next = match &mut __state {
                #polls
                __State::Done => ::segno::machine::finished(),
            };
            '__step: loop {
                match __next { #(#arms)* }
            }
        }
    };
    let resume = if !emitter.has_slots() {
        let body = if graph.has_unsafe { quote!(unsafe { #body }) } else { body };
        quote! {
            ::segno::machine::Machine::new(move |__resumed: ::core::option::Option<&mut ::segno::Context<'_>>| #answer {
                let ::core::option::Option::Some(__cx) = __resumed else {
                    __state = __State::Done;
                    return ::segno::Resume::Cancelled;
                };
                #body
            }, #judge)
        }
    } else {
        let captured = &emitter.regions.list[ROOT].variables;
        let slots = captured.iter().map(|&variable| {
            let slot = slot(&graph.variables[variable].name);
            quote!(let #slot = #slot.pinned();)
        });
        quote! {
            ::segno::machine::AnchoredMachine::new(move |__resumed: ::core::option::Option<&mut ::segno::Context<'_>>| #answer {
                // SAFETY: PINNED, GUARDED and CHECKED, see `segno::machine`: the slots are captures of this closure,
                // their guards stand among the locals in declaration order, and the twin has been borrow-checked.
                unsafe {
                    #(#slots)*
                    if let ::core::option::Option::Some(__cx) = __resumed {
                        #body
                    }
                    match &mut __state {
                        #drops
                        __State::Done => {}
                    }
                    ::segno::Resume::Cancelled
                }
            }, #judge)
        }
    };
    quote! {
        #[allow(
            unused,
            nonstandard_style,
            unreachable_code,
            non_shorthand_field_patterns,
            warnings, dangerous_implicit_autorefs, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        let __machine = {
            use ::segno::bridge::{AwaitedCoroutine as _, AwaitedFuture as _, AwaitedNeither as _};
            use ::segno::machine::{AnyOutput as _, ProbeBorrow as _, ProbeIterator as _, ProbeOption as _, ProbeResult as _, ProbeNeither as _, ProbeCopy as _, ProbeDestructor as _, ProbeMove as _, ProbeNoDestructor as _, ProbeOther as _, Leave as _, LeaveNot as _, ReturnUnit as _, ReturnOther as _, Try as _, TryNot as _, ProbeReference as _, ProbeMutable as _, ProbeValue as _};
            #blocks
            #types
            #lets
            let mut __state = __State::Start { #start_value };
            #resume
        };
        __machine
    }
}

/// What follows the answer `Cancelled` of a child: what the state holds is dropped. Slots have to be told.
fn cancelled(emitter: &Emitter<'_>) -> TokenStream {
    if emitter.has_slots() {
        quote!(break '__resume;)
    } else {
        quote! {
            __state = __State::Done;
            return ::segno::Resume::Cancelled;
        }
    }
}

/// The blocks that are arms, with what they are handed.
fn block_enum(emitter: &Emitter<'_>) -> TokenStream {
    let types: Vec<_> = {
        let mut types = emitter.block_types.clone();
        for &(block, op) in emitter.arms.keys() {
            if op == 0 && emitter.output_of(block).is_some_and(|output| emitter.graph.variables[output].anchored) {
                types.insert(format!("V{}", emitter.output_of(block).unwrap_or_default()));
            }
        }
        // A parameter that no variant names would be an error.
        let mut used = BTreeSet::new();
        for &point in emitter.arms.keys() {
            for (variable, mode) in emitter.passed(point) {
                used.insert(parameter(emitter, point.0, point.1, variable, mode));
            }
        }
        types.retain(|name| used.contains(name));
        types.into_iter().map(|name| format_ident!("{}", name)).collect()
    };
    let variants = emitter.arms.keys().map(|&point| {
        let name = block_name(point);
        // Last declared first: the order in which a panic drops them.
        let fields = emitter.passed(point).into_iter().rev().map(|(variable, mode)| {
            let field = &emitter.graph.variables[variable].name;
            if is_raw_output(emitter, point, variable) {
                let ty = format_ident!("V{}", variable);
                return quote!(#field: #ty);
            }
            let (_, ty) = emitter.ty(variable, mode, false);
            quote!(#field: #ty)
        });
        quote!(#name { #(#fields),* },)
    });
    quote!(enum __Block<#(#types),*> { #(#variants)* })
}

fn is_raw_output(emitter: &Emitter<'_>, point: (BlockId, usize), variable: VariableId) -> bool {
    point.1 == 0 && emitter.graph.variables[variable].anchored && emitter.output_of(point.0) == Some(variable)
}

fn parameter(emitter: &Emitter<'_>, block: BlockId, op: usize, variable: VariableId, mode: Mode) -> String {
    if is_raw_output(emitter, (block, op), variable) {
        return format!("V{variable}");
    }
    emitter.ty(variable, mode, false).0.unwrap_or_default()
}

/// What suspended states are: their types, and what is done with each.
struct States {
    types: TokenStream,
    poll: TokenStream,
    drop: TokenStream,
}

/// One region's part of that.
#[derive(Default)]
struct Part {
    parameters: BTreeSet<String>,
    variants: TokenStream,
    poll: TokenStream,
    drop: TokenStream,
}

fn states(emitter: &Emitter<'_>, resumes: &[BlockId], start: &Start) -> States {
    let count = emitter.regions.list.len();
    let mut parts: Vec<Part> = (0..count).map(|_| Part::default()).collect();
    parts[ROOT] = Part {
        parameters: start.parameters.clone(),
        variants: start.variant.clone(),
        poll: start.poll.clone(),
        drop: start.drop.clone(),
    };
    for &resume in resumes {
        suspended(emitter, resume, &mut parts[emitter.regions.of_state(resume)]);
    }
    let mut types = TokenStream::new();
    // Inner regions have higher numbers than those around them.
    for region in (0..count).rev() {
        let Part { parameters, variants, poll, drop } = std::mem::take(&mut parts[region]);
        let (states, generics) = (state_enum(region), parameters.iter().map(|name| format_ident!("{}", name)));
        types.extend(quote!(enum #states<#(#generics),*> { #variants Done }));
        if region == ROOT {
            return States { types, poll, drop };
        }
        let (slots, fields) = emitter.region_fields(region);
        let all: BTreeSet<String> = parameters.union(&slots).cloned().collect();
        let name = region_struct(region);
        let inner = parameters.iter().map(|name| format_ident!("{}", name));
        let generics: Vec<_> = all.iter().map(|name| format_ident!("{}", name)).collect();
        types.extend(quote!(struct #name<#(#generics),*> { __rest: #states<#(#inner),*>, #fields }));
        let poll = emitter.wrapped(region, &poll, &quote!(::segno::machine::finished()));
        let drop = emitter.wrapped(region, &drop, &quote!({}));
        let outer = &mut parts[emitter.regions.list[region].parent];
        outer.variants.extend(quote!(#name(#name<#(#generics),*>),));
        outer.poll.extend(poll);
        outer.drop.extend(drop);
        outer.parameters.extend(all);
    }
    unreachable!("the root is a region")
}

/// One suspension: its variant, how it is polled, how it is dropped.
fn suspended(emitter: &Emitter<'_>, resume: BlockId, part: &mut Part) {
    let output = emitter.output_of(resume);
    let passed = emitter.passed((resume, 0));
    let region = emitter.regions.of_state(resume);
    let (states, place) = (state_enum(region), place(region));
    let state = state_name(emitter.graph, resume);
    let child = format_ident!("C{}", resume);
    part.parameters.insert(child.to_string());
    let destination = emitter.destination(resume);
    let block = block_name((destination, 0));
    let (mut fields, mut names, mut handed, mut taken) = (vec![], vec![], vec![], vec![]);
    for &(variable, mode) in passed.iter().filter(|&&(variable, _)| Some(variable) != output) {
        let entry = &emitter.graph.variables[variable];
        let name = &entry.name;
        let (parameter, ty) = emitter.ty(variable, mode, true);
        let slot = slot(name);
        if emitter.has_field(variable, mode) {
            fields.push(quote!(#name: #ty));
            names.push(name.clone());
            part.parameters.extend(parameter);
        }
        let guard = guard(name);
        match (entry.anchored, mode) {
            (false, _) => {
                handed.push(quote!(#name));
                taken.push(quote!(let #name = ::segno::machine::take(#name);));
            }
            (true, Mode::Optional) => {
                handed.push(quote!(#name: #guard));
                taken.push(
                    quote!(let #guard = if *#name { ::core::option::Option::Some(#slot.guard()) } else { ::core::option::Option::None };),
                );
            }
            (true, _) => {
                handed.push(quote!(#name: #guard));
                taken.push(quote!(let #guard = #slot.guard();));
            }
        }
    }
    let unused = (destination != resume).then(|| quote!(::core::mem::drop(__output);));
    for &(variable, mode) in passed.iter().filter(|&&(variable, _)| Some(variable) == output && unused.is_none()) {
        let entry = &emitter.graph.variables[variable];
        let name = &entry.name;
        let value = if mode == Mode::Live || entry.anchored {
            quote!(__output)
        } else {
            emitter.held(variable, quote!(__output))
        };
        handed.push(quote!(#name: #value));
    }
    // Last declared first, as they are dropped.
    fields.reverse();
    let conclude = quote! {
        ::segno::machine::conclude(::core::ptr::from_mut(__child), &raw mut #place, #states::Done);
    };
    // Where there is nothing but the child, no code for the drop of the whole state.
    let cancelled = if fields.is_empty() && !emitter.has_slots() {
        quote!(#conclude return ::segno::Resume::Cancelled;)
    } else {
        cancelled(emitter)
    };
    part.variants.extend(quote!(#state { __child: #child, #(#fields,)* },));
    part.poll.extend(quote! {
        #states::#state { __child, #(#names),* } => match ::segno::machine::resume_child(__child, __cx) {
            ::segno::Resume::Pending => return ::segno::Resume::Pending,
            ::segno::Resume::Cancelled => { #cancelled }
            ::segno::Resume::Done(__output) => {
                #(#taken)*
                #conclude
                #unused
                __Block::#block { #(#handed),* }
            }
        },
    });
    part.drop.extend(quote! {
        #states::#state { __child, #(#names),* } => {
            #(#taken)*
            ::segno::machine::abandon(::core::ptr::from_mut(__child), &raw mut #place, #states::Done);
        }
    });
}

struct Start {
    parameters: BTreeSet<String>,
    variant: TokenStream,
    value: TokenStream,
    poll: TokenStream,
    drop: TokenStream,
    lets: TokenStream,
}

/// The state before the first resume: the parameters. It drops them in their order, as rustc's does.
fn start(emitter: &Emitter<'_>) -> Start {
    let graph = emitter.graph;
    let passed = emitter.passed((0, 0));
    let (mut lets, mut parameters) = (TokenStream::new(), BTreeSet::new());
    let (mut fields, mut names, mut handed, mut taken) = (vec![], vec![], vec![], vec![]);
    for &variable in &graph.parameters {
        let entry = &graph.variables[variable];
        let name = &entry.name;
        let slot = slot(name);
        let from = if name == "__self" { quote!(self) } else { quote!(#name) };
        if entry.anchored {
            lets.extend(quote!(let #slot = ::segno::machine::Slot::filled(#from);));
            let guard = guard(name);
            taken.push(quote!(let #guard = #slot.guard();));
        } else {
            if name == "__self" {
                lets.extend(quote!(let #name = self;));
            }
            let parameter = format_ident!("V{}", variable);
            parameters.insert(parameter.to_string());
            fields.push(quote!(#name: #parameter));
            names.push(name.clone());
            taken.push(quote!(let #name = ::segno::machine::take(#name);));
        }
        if let Some(&(_, mode)) = passed.iter().find(|&&(other, _)| other == variable) {
            handed.push(match (entry.anchored, mode) {
                (true, _) => quote!(#name: #slot.guard()),
                (false, Mode::Live) => quote!(#name),
                (false, _) => {
                    let value = emitter.held(variable, quote!(#name));
                    quote!(#name: #value)
                }
            });
        }
    }
    for &variable in emitter.regions.list[ROOT].variables.iter().filter(|variable| !graph.parameters.contains(variable))
    {
        let slot = slot(emitter.name(variable));
        lets.extend(quote!(let #slot = ::segno::machine::Slot::empty();));
    }
    let dropped = taken.iter().rev();
    let block = block_name((emitter.destination(0), 0));
    Start {
        parameters,
        variant: quote!(Start { #(#fields),* },),
        value: quote!(#(#names),*),
        poll: quote! {
            __State::Start { #(#names),* } => {
                #(let #names = ::segno::machine::take(#names);)*
                ::segno::machine::overwrite(&mut __state, __State::Done);
                __Block::#block { #(#handed),* }
            }
        },
        drop: quote! {
            __State::Start { #(#names),* } => {
                #(#dropped)*
                ::segno::machine::overwrite(&mut __state, __State::Done);
            }
        },
        lets,
    }
}
