//! The types of what a machine's states hold, which only rustc knows.
//!
//! # The problem
//! A type parameter for each is short, but wherever a state is named rustc infers all of them anew, and asks of each
//! whether it is `Sized`. Until it knows the type it asks again at nearly every expression: with 40 suspensions, that was
//! more than half of its work for the function.
//!
//! # The design
//! A machine of many states has them in traits instead, as associated types, which are `Sized` as they are declared. Its
//! enums are generic over types that have these traits, and their arguments are `dyn __Types0<C1 = _, …>`: rustc infers
//! what stands there once. Nothing of that type is ever made.
//!
//! # Costs
//! 40 suspensions: two thirds of the instructions that rustc needed with parameters alone. With 10 it is the same. There
//! are several traits because rustc goes through all that a trait has for each state that it meets.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// How many types a trait has.
const MANY: usize = 16;

/// How the types are written.
#[derive(Default)]
pub struct Types {
    /// The types of each trait; none if each is a parameter.
    traits: Vec<Vec<String>>,
}

/// The parameters of an enum or a struct.
pub struct Parameters {
    /// Where they are declared.
    pub declared: Vec<TokenStream>,
    /// Where they are used.
    pub used: Vec<Ident>,
}

impl Types {
    /// These types in traits.
    pub fn in_traits(names: &BTreeSet<String>) -> Types {
        let names: Vec<String> = names.iter().cloned().collect();
        Types { traits: names.chunks(MANY).map(<[String]>::to_vec).collect() }
    }

    fn trait_of(&self, name: &str) -> Option<usize> {
        self.traits.iter().position(|names| names.iter().any(|other| other == name))
    }

    /// A type, in the declaration of an enum or a struct.
    pub fn ty(&self, name: &str) -> TokenStream {
        let ty = format_ident!("{}", name);
        match self.trait_of(name).map(parameter) {
            Some(parameter) => quote!(#parameter::#ty),
            None => quote!(#ty),
        }
    }

    /// The parameters of what has these types.
    pub fn parameters(&self, names: &BTreeSet<String>) -> Parameters {
        if self.traits.is_empty() {
            let used: Vec<Ident> = names.iter().map(|name| format_ident!("{}", name)).collect();
            return Parameters { declared: used.iter().map(|name| quote!(#name)).collect(), used };
        }
        let traits: BTreeSet<usize> = names.iter().filter_map(|name| self.trait_of(name)).collect();
        let declare = |&number: &usize| {
            let (parameter, name) = (parameter(number), trait_name(number));
            quote!(#parameter: ?__Sized + #name)
        };
        let declared = traits.iter().map(declare).collect();
        Parameters { declared, used: traits.into_iter().map(parameter).collect() }
    }

    /// The traits.
    pub fn traits(&self) -> TokenStream {
        let traits = self.traits.iter().enumerate().map(|(number, names)| {
            let name = trait_name(number);
            let types = names.iter().map(|name| format_ident!("{}", name));
            quote!(trait #name { #(type #types;)* })
        });
        traits.collect()
    }

    /// The arguments for an enum that has all the types: rustc infers them.
    pub fn inferred(&self) -> Option<TokenStream> {
        let traits = self.traits.iter().enumerate().map(|(number, names)| {
            let name = trait_name(number);
            let types = names.iter().map(|name| format_ident!("{}", name));
            quote!(dyn #name<#(#types = _),*>)
        });
        (!self.traits.is_empty()).then(|| quote!(<#(#traits),*>))
    }
}

fn parameter(number: usize) -> Ident {
    format_ident!("T{}", number)
}

fn trait_name(number: usize) -> Ident {
    format_ident!("__Types{}", number)
}
