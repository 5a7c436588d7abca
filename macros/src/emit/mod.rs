//! Writes the function: its signature, the twin, and the machine.

mod arm;
mod ask;
mod assign;
mod choice;
mod clippy;
mod dispatch;
mod edge;
mod hidden;
mod leaving;
mod lifetimes;
pub mod locate;
pub mod machine;
mod only_copied;
mod pattern;
mod pieces;
mod question;
mod region;
mod rest;
pub mod result;
mod rewrite;
pub mod signature;
mod start;
mod state;
mod suspended;
mod twin;
mod types;

pub use question::{by_value, stand_in_for};
pub use rest::hold_rests;
pub use rewrite::slot;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Block, Item};

pub use edge::{Emitter, Mode};

use crate::function::Function;
use crate::graph::{Graph, Variables};
use crate::liveness::Facts;
use crate::tokens::any;

/// The whole function.
pub fn function(
    function: &Function,
    graph: &Graph,
    facts: &Facts,
    body: &Block,
    items: &[Item],
    warnings: &TokenStream,
) -> TokenStream {
    let head = signature::definition(function, graph);
    let unify = lifetimes::unify(function);
    let output = signature::output(function);
    let shown = Some(&output).filter(|output| !signature::is_opaque(output));
    let relived = graph.variables.result.as_ref().filter(|_| graph.variables.is_relived);
    let (machine, mut gone) = machine::machine(shown, relived, graph, facts);
    gone.extend(graph.variables.gone.iter().cloned());
    let twin = twin::twin(function, body, &graph.variables.taken_whole, &gone);
    // In a safe function this changes nothing but a word of an error, which then is the same for twin and machine, so that
    // rustc reports it once.
    let is_unsafe = matches!(function.signature.safety, syn::Safety::Unsafe(_));
    let edition = graph.asks_edition.then(|| crate::edition::question(function.signature.ident.span()));
    let same_words = (!is_unsafe).then(|| quote!(#[deny(unsafe_op_in_unsafe_fn)]));
    let (unify, warnings) = (any(unify), any(warnings.clone()));
    let clippy = clippy::of_machine();
    // The user's own items stay outside of the braces: they know nothing of what is imported there.
    quote! {
        #head {
            #(#items)*
            {
                use ::segno::machine::scope::*;
                #warnings
                #edition
                #twin
                #unify
                #same_words
                // What rustc would say of a machine, the twin says of the user's code.
                #[allow(unused, nonstandard_style, non_shorthand_field_patterns, warnings, dangerous_implicit_autorefs)]
                #clippy
                return { #machine };
            }
        }
    }
}

/// Notes what the machine ends with, if that can be written.
pub fn tell_result(function: &Function, variables: &mut Variables) {
    let output = signature::output(function);
    if !signature::is_opaque(&output) {
        let relived = lifetimes::of_machine(function);
        variables.is_relived = relived.is_some();
        variables.returned = Some(result::Returned::new(relived.as_ref().unwrap_or(&output)));
        variables.result = relived.or(Some(output));
    }
}

/// After an error: the function with its signature, and with the twin if rustc can check it, so that the rest of the program
/// still makes sense, and rustc's own errors are reported at the same time.
pub fn stand_in(function: &Function, body: Option<Block>, items: &[Item]) -> TokenStream {
    let head = signature::head(function, None);
    let output = signature::output(function);
    let output = if signature::is_opaque(&output) { quote!(_) } else { quote!(#output) };
    let nothing = quote!(::segno::machine::nothing::<#output>());
    match body {
        Some(body) => {
            let twin = twin::twin(function, &body, &Default::default(), &Default::default());
            quote!(#head { #(#items)* { use ::segno::machine::scope::*; #twin #nothing } })
        }
        None => quote!(#[allow(unused_variables, unused_mut)] #head { #nothing }),
    }
}
