//! Writes the function: its signature, the twin, and the machine.

mod arm;
mod ask;
mod edge;
pub mod machine;
mod question;
mod region;
mod rewrite;
pub mod signature;
mod state;
mod twin;

pub use rewrite::slot;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Block;

pub use edge::{Emitter, Mode};

use crate::function::Function;
use crate::graph::Graph;
use crate::liveness::Facts;
use crate::names::Hoisted;

/// The whole function.
pub fn function(function: &Function, graph: &Graph, facts: &Facts, body: &Block, items: &Hoisted) -> TokenStream {
    let head = signature::definition(function, graph);
    let twin = twin::twin(function, body, items);
    let unify = signature::unify(function);
    let items = &items.list;
    let output = signature::output(function);
    let machine = machine::machine(Some(&output).filter(|output| !signature::is_opaque(output)), graph, facts);
    quote! {
        #head {
            #(#items)*
            #twin
            #unify
            #machine
        }
    }
}

/// After an error: the function with its signature and no body, so that the rest of the program still makes sense.
pub fn stand_in(function: &Function) -> TokenStream {
    let head = signature::head(function, None);
    let output = signature::output(function);
    let output = if signature::is_opaque(&output) { quote!(_) } else { quote!(#output) };
    quote! {
        #[allow(unused_variables, unused_mut)]
        #head {
            ::segno::machine::nothing::<#output>()
        }
    }
}
