//! Where a machine stands: the answer to a question that a debugging runtime asks.
//!
//! # The problem
//! "A step of this task took 150 ms" does not say which code that was. asyncio prints `coro=<main() running at x.py:12>`; here the
//! place in the source is the state's, and the state is inside of a closure.
//!
//! # The design
//! With locations ([`crate::expand_with_locations`]), a step can be resumed with a question instead of a context of a task: it
//! writes down the coroutine, the state's name, the file and the line, has the awaited child do the same, and changes nothing.
//! The child writes over what its parent wrote, so that the innermost coroutine's place is left. The answer is a method of
//! the state's enum, which rustc checks apart from the step: naming the states there costs no inference.
//!
//! A machine whose judge is not `Located` is never asked: it would take the question for a resume.
//!
//! # Costs
//! Without locations, an expansion has nothing of this. With them, a comparison for each step, a table and a few strings for
//! each machine.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::edge::Emitter;
use super::region::{ROOT, RegionId, region_struct, state_enum};
use super::state::{line, state_name};
use super::types::Parameters;
use crate::graph::{BlockId, Variables};

/// The coroutine that a machine is, for its locations.
#[derive(Clone)]
pub struct Coroutine {
    name: String,
    /// Where it begins.
    span: Span,
}

impl Coroutine {
    pub fn new(name: &Ident) -> Coroutine {
        Coroutine { name: name.unraw().to_string(), span: name.span() }
    }

    /// An `async` block in it.
    pub fn block(&self, span: Span) -> Coroutine {
        Coroutine { name: format!("{}::{{async}}", self.name), span }
    }
}

/// The method that answers, of a region's states with these types.
pub fn answer(
    emitter: &Emitter<'_>,
    region: RegionId,
    types: &BTreeSet<String>,
    resumes: &[BlockId],
) -> Option<TokenStream> {
    let coroutine = emitter.graph.variables.located.as_ref()?;
    let at = |state: &str, span: Span| {
        let (name, file, line) = (&coroutine.name, span.file(), Literal::usize_unsuffixed(line(span)));
        quote!(__locator.at(#name, #state, #file, #line))
    };
    let start = (region == ROOT).then(|| {
        let at = at("Start", coroutine.span);
        quote!(Self::Start { .. } => #at,)
    });
    let inner = (ROOT + 1..emitter.regions.list.len()).filter(|&inner| emitter.regions.list[inner].parent == region);
    let inner = inner.map(region_struct);
    let here = resumes.iter().filter(|&&resume| emitter.regions.of_state(resume) == region);
    let states = here.clone().map(|&resume| {
        let state = state_name(emitter.graph, resume);
        let span = emitter.output_of(resume).map_or(coroutine.span, |output| emitter.name(output).span());
        let at = at(&state.to_string(), span);
        quote! {
            Self::#state { __child, .. } => {
                #at;
                __locate_child(__child, __locator)
            }
        }
    });
    // Every child inside, also of the regions inside.
    let children: Vec<_> = resumes.iter().map(|resume| format!("C{resume}")).collect();
    let bounds = types.iter().filter(|name| children.contains(name)).map(|name| emitter.types.ty(name));
    let Parameters { declared, used } = emitter.types.parameters(types);
    let states_enum = state_enum(region);
    Some(quote! {
        impl<#(#declared),*> #states_enum<#(#used),*>
        where
            #(#bounds: __Coroutine,)*
        {
            fn locate(&mut self, __locator: &mut __Locator) {
                match self {
                    #start
                    #(#states)*
                    #(Self::#inner(region) => region.__rest.locate(__locator),)*
                    Self::Done => {}
                }
            }
        }
    })
}

/// What a step begins with.
pub fn question(variables: &Variables) -> Option<TokenStream> {
    variables.located.is_some().then(|| {
        quote! {
            if let __Some(__locator) = __cx.locator() {
                __state.locate(__locator);
                return __Pending;
            }
        }
    })
}

/// What judges the outputs of a machine.
pub enum Judge {
    /// None of them is an error.
    NoError,
    Of(TokenStream),
}

impl ToTokens for Judge {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Judge::NoError => Ident::new("__NoError", Span::call_site()).to_tokens(tokens),
            Judge::Of(judge) => judge.to_tokens(tokens),
        }
    }
}

/// Says that the machine can be asked. `judge`: if an output may be an error.
pub fn judge(variables: &Variables, judge: Option<TokenStream>) -> Judge {
    let judge = judge.map_or(Judge::NoError, Judge::Of);
    if variables.located.is_some() { Judge::Of(quote!(__Located::new(#judge))) } else { judge }
}
