//! Names that somebody reads.
//!
//! # The problem
//! `stringify!` shows the words that it is given, also inside of other macros: a variable with a number behind its name would
//! show it.
//!
//! # The design
//! `stringify!` is left alone. What a macro of the body hands to it, and what is given to macros that are not known, keeps its
//! name if that can be: then another variable of the name gets the number. That is found out while the names are resolved
//! the first time. Where a macro of the body shows a name that could not be kept, it is refused; of others it is not known.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Item;

/// How a macro shows the names that it is given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shows {
    Nothing,
    /// That is not known.
    Maybe,
    Words,
}

/// The macros of the body that show what they are given.
pub fn macros(items: &[Item]) -> HashSet<String> {
    fn mentions(tokens: TokenStream, showing: &HashSet<String>) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => name == "stringify" || showing.contains(&name.to_string()),
            TokenTree::Group(group) => mentions(group.stream(), showing),
            _ => false,
        })
    }
    let mut showing = HashSet::new();
    let rules: Vec<(&Ident, &TokenStream)> = items
        .iter()
        .filter_map(|item| match item {
            Item::Macro(mac) => mac.ident.as_ref().map(|name| (name, &mac.mac.tokens)),
            _ => None,
        })
        .collect();
    loop {
        let before = showing.len();
        for (name, tokens) in &rules {
            if !showing.contains(&name.to_string()) && mentions((*tokens).clone(), &showing) {
                showing.insert(name.to_string());
            }
        }
        if showing.len() == before {
            return showing;
        }
    }
}

/// Which variables of a name are shown, by their number in the order of declaration.
#[derive(Default)]
pub struct Shown {
    /// How many variables of a name there are so far.
    declared: HashMap<String, usize>,
    /// The name and number of each variable that shares its name.
    numbers: HashMap<String, (String, usize)>,
    shown: HashMap<String, (Shows, usize)>,
}

impl Shown {
    /// Declares a variable: its number.
    pub fn declare(&mut self, name: &str) -> usize {
        let count = self.declared.entry(name.to_string()).or_default();
        *count += 1;
        *count
    }

    /// What it is called.
    pub fn call(&mut self, name: &str, number: usize, unique: &Ident) {
        self.numbers.insert(unique.to_string(), (name.to_string(), number));
    }

    pub fn show(&mut self, unique: &Ident, shows: Shows) {
        let Some((name, number)) = self.numbers.get(&unique.to_string()) else { return };
        let entry = self.shown.entry(name.clone()).or_insert((shows, *number));
        if shows > entry.0 {
            *entry = (shows, *number);
        } else if shows == entry.0 {
            entry.1 = entry.1.min(*number);
        }
    }

    /// The variable of each name that keeps it, where that is not the first one.
    pub fn kept(self) -> HashMap<String, usize> {
        let later = self.shown.into_iter().filter(|(_, (_, number))| *number > 1);
        later.map(|(name, (_, number))| (name, number)).collect()
    }
}
