//! Which variables a block may change.
//!
//! # The problem
//! What a block uses by value and the function around uses later is `Copy`, and rustc's block borrows it: what the block changes,
//! is changed outside. A machine that takes a copy is smaller, but does that only where nothing is changed.
//!
//! # The design
//! Whatever may change a variable by its spelling counts, see [`changes`]: what is written, the receivers of methods,
//! what is called, and what macros mention of which nothing is known.
//!
//! The block of an `async` closure takes anew what it takes whenever the closure is called: a change to a copy would be lost. What is
//! changed for certain, and is not known to happen once, is refused if it is `Copy`.

use std::collections::HashSet;

use crate::visit::{self, Visit};
use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Block, Expr, parse_quote};

use crate::anchor::root;
use crate::changes::{self, Change};
use crate::graph::{VariableId, Variables};
use crate::tree;
use crate::walk::block_uses;

/// The variables that a block may change.
pub struct Changed {
    pub maybe: HashSet<VariableId>,
    /// Those of them that it changes, whatever the types are.
    pub certain: HashSet<VariableId>,
}

impl Changed {
    pub fn by(block: &Block, variables: &Variables) -> Changed {
        let mut changed = Changed { maybe: HashSet::new(), certain: HashSet::new() };
        changes::of_block(block, variables, &mut |change, place| {
            let variable = root(place, variables);
            match change {
                Change::Written => {
                    changed.maybe.extend(variable);
                    changed.certain.extend(variable);
                }
                Change::Receiver | Change::Callee | Change::Word | Change::Reached => changed.maybe.extend(variable),
                // What a reference leads to is the same for its copies.
                Change::Argument | Change::Matched => {}
            }
        });
        changed
    }
}

/// The places that a block changes, or may change, as whoever looks at its machine sees them.
pub fn places(block: &Block, variables: &Variables) -> Vec<(Change, Expr)> {
    let mut places = Vec::new();
    changes::of_block(block, variables, &mut |change, place| {
        let change = match change {
            Change::Written => Change::Written,
            Change::Callee => return,
            _ => Change::Reached,
        };
        places.push((change, place.clone()));
    });
    places
}

/// Whether a closure is called once, or never: it is bound to a name that is mentioned once. `here` stands in it.
pub fn is_called_once(body: &Block, here: &Ident, variables: &Variables) -> bool {
    struct Bound<'a> {
        here: &'a Ident,
        found: Option<Ident>,
    }
    impl<'ast> Visit<'ast> for Bound<'_> {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            if let Some(init) = &local.init
                && let Expr::Closure(closure) = tree::bare(&init.expr)
                && matches!(&*closure.body, Expr::Path(path) if path.path.is_ident(self.here))
            {
                self.found = crate::lower::name(&local.pat).cloned();
            }
            visit::visit_local(self, local);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut bound = Bound { here, found: None };
    bound.visit_block(body);
    let Some(variable) = bound.found.and_then(|name| variables.find(&name)) else { return false };
    let sites = block_uses(body, variables);
    let mut mentions = sites.iter().filter(|site| site.variable == variable);
    mentions.next().is_none_or(|first| !first.repeated && !first.closure) && mentions.next().is_none()
}

/// What a closure's block takes, if that is not `Copy`.
pub fn check(place: &Expr, value: Expr) -> Expr {
    let at = crate::place::place(place.span());
    parse_quote!((&&&__probe(&#place)).captured().changed::<_, #at>(#value))
}
