//! `#[segno::coroutine]`: functions become explicit state machines, by segno's own lowering.
//!
//! # The problem
//! rustc's `async fn` is a state machine too, but one that cannot be seen: not its states, not what it holds, not where
//! it waits; and it has no way to say "cancelled". A macro can make the same machine in the open, but it has no types,
//! must not move what is borrowed, and must drop everything when rustc would.
//!
//! # The design: a small compiler
//! | room | does |
//! |---|---|
//! | [`options`] | reads the attribute's options |
//! | [`function`] | takes the item apart: spelling, parameters, what is not allowed |
//! | [`cfg`] | lets rustc decide what `#[cfg]` in a body says |
//! | [`desugar`] | `block!` becomes a loop that suspends; awaits in the arguments of known macros are bound first |
//! | [`names`] | gives every binding a name of its own, so that code can be moved about; hoists items |
//! | [`walk`] | the one traversal that knows how an expression uses a variable: reads, moves, assigns |
//! | [`nested`] | `async` blocks: machines inside the machine |
//! | [`anchor`] | decides which variables are borrowed across a suspension and so need a slot |
//! | [`lower`] | takes apart whatever contains a suspension: the [`graph`] of blocks and edges |
//! | [`apart`] | patterns that take a variable apart: what they leave of it gets names |
//! | [`liveness`] | what is live, initialised, moved at each edge: what a state must hold |
//! | [`emit`] | the twin, the machine, the signature |
//! | [`error`] | every refusal, with a code, why, and the way out |
//!
//! Between two suspensions the code is the user's own, over real local variables, so moves, drops, closures and
//! patterns are rustc's business. The state is an enum, generic over one type parameter per variable, owned by a
//! closure: rustc infers what the macro cannot know. The *twin* is the unchanged body as ordinary code that is never
//! called: rustc checks borrows, moves and safety there, and reports in the user's words.
//!
//! # Costs
//! A machine is one enum, as large as its largest state; a resume is a jump to the state, and a pending child moves
//! nothing.

mod anchor;
mod apart;
mod cfg;
mod desugar;
mod emit;
mod error;
mod function;
mod graph;
mod liveness;
mod lower;
mod names;
mod nested;
mod options;
mod walk;

use proc_macro2::TokenStream;
use quote::quote;

/// What stands for a function under the attribute: the coroutine, or what is wrong with it.
pub fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = error::Errors::default();
    let options = options::Options::parse(attribute.clone(), &mut errors);
    let expansion = compile(attribute, options.hide(item), errors);
    options.respell(expansion)
}

fn compile(attribute: TokenStream, item: TokenStream, mut errors: error::Errors) -> TokenStream {
    let Some(mut function) = function::Function::parse(item.clone(), &mut errors) else {
        // Not a function at all: give the item back unchanged, so that editors keep working on it.
        let errors = errors.into_tokens();
        return quote! { #errors #item };
    };
    if let Some(both) = cfg::split(&function, &attribute, &mut errors) {
        let errors = errors.into_tokens();
        return quote! { #errors #both };
    }
    let Some(body) = function.body.take() else {
        // A declaration in a trait: only its signature changes.
        let errors = errors.into_tokens();
        let declaration = emit::signature::declaration(&function);
        return quote! { #errors #declaration };
    };
    let mut body = desugar::body(body, &mut errors);
    let twin = body.clone();
    cfg::remove_conditional_attributes(&mut body);
    let (variables, body, items) = names::resolve(&mut function, body, &mut errors);
    let item = match analyse(&function.parameters, variables, body, &mut errors) {
        Some((graph, facts)) => emit::function(&function, &graph, &facts, &twin, &items),
        None => emit::stand_in(&function),
    };
    let errors = errors.into_tokens();
    quote! { #errors #item }
}

/// From a body with names to a graph with facts; `None` after an error.
fn analyse(
    parameters: &[names::Parameter],
    mut variables: graph::Variables,
    mut body: syn::Block,
    errors: &mut error::Errors,
) -> Option<(graph::Graph, liveness::Facts)> {
    nested::lower(&mut variables, &mut body, errors);
    let variables = anchor::decide(variables, &body);
    let mut graph = lower::lower(parameters, variables, body, errors);
    if !errors.is_empty() {
        return None;
    }
    apart::apart(&mut graph);
    let facts = liveness::analyse(&graph, errors);
    errors.is_empty().then_some((graph, facts))
}
