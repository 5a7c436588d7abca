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
//! | [`anonymous`] | names lifetimes that have none in `impl Trait` |
//! | [`cfg`](mod@cfg) | lets rustc decide what `#[cfg]` in a body says |
//! | [`desugar`] | `block!` becomes a loop that suspends; awaits in the arguments of known macros are bound first |
//! | [`parens`] | removes parentheses around what is one operand |
//! | [`spread`] | assignments to patterns become a `let` and assignments |
//! | [`edition`] | how long temporaries live |
//! | [`items`] | moves items to the function's beginning, with names that may stand side by side |
//! | [`names`] | gives every binding a name of its own, so that code can be moved about |
//! | [`rest_patterns`] | `..` in patterns of structures that the file declares: names the fields |
//! | [`aggregates`] | structures and tuples that are used field by field: a variable for each field |
//! | [`references`] | which variables are references, by how they are bound |
//! | [`walk`] | the one traversal that knows how an expression uses a variable: reads, moves, assigns |
//! | [`nested`] | `async` blocks: machines inside the machine |
//! | [`changes`] | finds what an expression may do to places |
//! | [`anchor`] | decides which variables are borrowed across a suspension and so need a slot |
//! | [`alone`] | which variables nothing refers to where a pattern takes them apart, or when they have been moved |
//! | [`captures`] | gives closures values of their own, where they take some |
//! | [`lower`] | takes apart whatever contains a suspension: the [`graph`] of blocks and edges |
//! | [`alternatives`] | patterns with several alternatives: one pattern for each |
//! | [`base`] | structures that are made of a variable: what is left of it gets names |
//! | [`beside`] | fields that are declared where the variable is that they are taken from |
//! | [`apart`] | patterns that take a variable apart: what they leave of it gets names |
//! | [`unbox`] | patterns that take something out of a box |
//! | [`elements`] | patterns that take elements out of an array |
//! | [`matched_fields`] | fields that are matched, and of which nothing is left |
//! | [`structures`] | which variables are structures that can be written down, so that what is left of them can be held |
//! | [`liveness`] | what is live, initialised, moved at each edge: what a state must hold |
//! | [`large`] | warns of large values that are held while the coroutine is suspended |
//! | [`emit`] | the twin, the machine, the signature |
//! | [`enclosing`] | what the file shows: whether a method implements a trait's, what fields structures have, what functions give |
//! | [`view`] | shows the states: as tables and diagrams, in the documentation and for `cargo segno machine` |
//! | [`tree`] | syntax trees that are put together, not parsed |
//! | [`source`] | finds the coroutines of a source file, for that tool |
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

mod aggregates;
mod alone;
mod alternatives;
mod anchor;
mod anonymous;
mod apart;
mod base;
mod beside;
mod captures;
mod cfg;
mod changes;
mod crossed;
mod desugar;
mod edition;
mod elements;
mod emit;
mod enclosing;
mod error;
mod function;
mod graph;
mod items;
mod large;
mod left;
mod liveness;
mod lower;
mod matched_fields;
mod names;
mod nested;
mod options;
mod parens;
mod place;
mod references;
mod rest_patterns;
pub mod source;
mod spread;
mod structures;
mod tokens;
mod tree;
mod unbox;
pub mod view;
mod visit;
mod visit_mut;
mod walk;

use proc_macro2::TokenStream;

/// What stands for a function under the attribute: the coroutine, or what is wrong with it.
pub fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand_as(attribute, item, Locations::Unknown)
}

/// As [`expand`], for a runtime with the feature `debug`, which asks machines where they stand.
pub fn expand_with_locations(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand_as(attribute, item, Locations::Told)
}

/// Whether machines tell where they stand, see [`emit::locate`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Locations {
    Unknown,
    Told,
}

fn expand_as(attribute: TokenStream, item: TokenStream, locations: Locations) -> TokenStream {
    let mut errors = error::Errors::default();
    let options = options::Options::parse(attribute.clone(), &mut errors);
    let item = options.hide(item);
    let expansion = match compile(attribute, item.clone(), locations, &mut errors) {
        Outcome::Compiled(mut compiled) => {
            view::document::add(&mut compiled, &options);
            let warnings = if options.allow_large { TokenStream::new() } else { large::warnings(&compiled) };
            let Compiled { function, graph, facts, twin, items, .. } = &*compiled;
            emit::function(function, graph, facts, twin, items, &warnings)
        }
        Outcome::Declaration(function) => {
            if let Some((_, span)) = options.diagram {
                errors.report(error::OPTION, span, "a declaration has no body, so there are no states to show");
            }
            emit::signature::declaration(&function)
        }
        Outcome::Refused(function, twin, items) => {
            emit::stand_in(&function, Some(twin).filter(|_| errors.body_is_checked()), &items)
        }
        Outcome::Split(both) => both,
        // Given back unchanged, so that editors keep working on it.
        Outcome::NotAFunction => item,
    };
    let mut whole = errors.into_tokens();
    tokens::append(&mut whole, expansion);
    options.respell(whole)
}

/// The states of the coroutine that a function under the attribute becomes: none for a declaration in a trait, several
/// if there is `#[cfg]` in the body.
///
/// # Errors
/// All that the compiler has to say against it.
pub fn machines(attribute: TokenStream, item: TokenStream) -> Result<Vec<view::states::Machine>, Vec<syn::Error>> {
    let mut errors = error::Errors::default();
    options::Options::parse(attribute.clone(), &mut errors);
    match compile(attribute, item, Locations::Unknown, &mut errors) {
        _ if !errors.is_empty() => Err(errors.into_list()),
        Outcome::Compiled(compiled) => Ok(vec![view::states::Machine::new(&compiled)]),
        Outcome::Split(both) => {
            let file = syn::parse2(both).map_err(|error| vec![error])?;
            let all = source::coroutines(&file).into_iter().map(|source| machines(source.attribute, source.item));
            Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        }
        Outcome::Declaration(_) | Outcome::Refused(..) | Outcome::NotAFunction => Ok(Vec::new()),
    }
}

/// A function that has gone through the whole pipeline but the last room.
struct Compiled {
    function: function::Function,
    graph: graph::Graph,
    facts: liveness::Facts,
    /// The body as it was before its bindings got names of their own.
    twin: syn::Block,
    items: Vec<syn::Item>,
    large: large::Sizes,
}

enum Outcome {
    Compiled(Box<Compiled>),
    /// The function for either answer to a `#[cfg]` in its body, each under the attribute.
    Split(TokenStream),
    /// A method without a body.
    Declaration(function::Function),
    /// There are errors.
    Refused(function::Function, syn::Block, Vec<syn::Item>),
    NotAFunction,
}

fn compile(attribute: TokenStream, item: TokenStream, locations: Locations, errors: &mut error::Errors) -> Outcome {
    let Some(mut function) = function::Function::parse(item, errors) else { return Outcome::NotAFunction };
    if let Some(both) = cfg::split(&function, &attribute, errors) {
        return Outcome::Split(both);
    }
    let Some(body) = function.body.take() else { return Outcome::Declaration(function) };
    let mut body = desugar::body(body, errors);
    let mut items = items::hoist(&function, &mut body, errors);
    let twin = body.clone();
    cfg::remove_conditional_attributes(&mut body);
    parens::remove(&mut body);
    spread::assignments(&mut body);
    let asks_edition = edition::conditions(&mut body);
    let (mut variables, mut body) = names::resolve(&mut function, body, &mut items, errors);
    variables.function = function.signature.ident.to_string();
    emit::tell_result(&function, &mut variables);
    variables.declared = rest_patterns::name(&mut function, &mut body);
    aggregates::replace(&mut function, &mut variables, &mut body);
    references::tell(&body, &mut variables);
    structures::tell(&function, &body, &mut variables);
    variables.located = (locations == Locations::Told).then(|| emit::locate::Coroutine::new(&function.signature.ident));
    let large = large::sizes(&function, &body, &variables);
    match analyse(&function.parameters, variables, body, errors) {
        Some((mut graph, facts)) => {
            graph.asks_edition |= asks_edition;
            Outcome::Compiled(Box::new(Compiled { function, graph, facts, twin, items, large }))
        }
        None => Outcome::Refused(function, twin, items),
    }
}

/// From a body with names to a graph with facts; `None` after an error.
fn analyse(
    parameters: &[names::Parameter],
    mut variables: graph::Variables,
    mut body: syn::Block,
    errors: &mut error::Errors,
) -> Option<(graph::Graph, liveness::Facts)> {
    nested::lower(&mut variables, &mut body, errors);
    lower::mark_awaited(&mut body);
    captures::called_once(&mut variables, &mut body);
    let mut decided = anchor::decide(variables.clone(), &body);
    if captures::take(&decided, &mut variables, &mut body) {
        decided = anchor::decide(variables, &body);
    }
    let mut variables = decided;
    variables.are_anchored = true;
    captures::rebind(&mut variables, &mut body);
    alone::mark(&mut variables, &body);
    loop {
        let mut graph = lower::lower(parameters, variables.clone(), body.clone(), errors);
        if !errors.is_empty() {
            return None;
        }
        beside::declare(&mut graph);
        unbox::unbox(&mut graph);
        matched_fields::take(&mut graph);
        elements::ask(&mut graph);
        base::bases(&mut graph);
        apart::apart(&mut graph);
        left::ask(&mut graph);
        let facts = liveness::analyse(&graph, errors);
        if !errors.is_empty() {
            return None;
        }
        // Each time some more variables have slots, or temporaries variables.
        let found = crossed::find(&graph, &facts, variables.list.len());
        if found.is_empty() {
            let facts = emit::hold_rests(&mut graph, facts, errors);
            crossed::check_assigned(&graph, &facts, errors);
            return errors.is_empty().then_some((graph, facts));
        }
        found.crossed.into_iter().for_each(|variable| variables[variable].anchored = true);
        found.assigned.into_iter().for_each(|variable| variables[variable].apart = true);
        variables.held.extend(found.natives);
    }
}
