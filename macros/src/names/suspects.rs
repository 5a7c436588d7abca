//! Constants that are taken for variables.
//!
//! # The problem
//! `one => …` binds a variable, unless there is a constant `one` outside of the function, which nobody here sees. As a variable it
//! may get another name, and then matches everything.
//!
//! # The design
//! A variable of a refutable pattern that is used nowhere, or that stands alone in front of other arms, is most likely none.
//! If such a one gets another name, a constant that is never used has a pattern of the old name that may be no constant (E0530).

use std::collections::{BTreeMap, HashSet};

use crate::visit::{self, Visit};
use proc_macro2::Ident;
use syn::{Item, Pat, PatIdent};

use super::binds;

#[derive(Default)]
pub struct Suspects {
    /// The names of variables that are mentioned.
    mentioned: HashSet<String>,
    /// The old names and the new ones.
    declared: Vec<(Ident, Ident)>,
    certain: BTreeMap<String, Ident>,
}

impl Suspects {
    pub fn mentioned(&mut self, unique: &Ident) {
        self.mentioned.insert(unique.to_string());
    }

    /// A refutable pattern, before and after its variables got their names.
    pub fn declare(&mut self, before: &Pat, after: &Pat, is_certain: bool) {
        let names = names(before).into_iter().zip(names(after));
        let changed = names.filter(|(old, new)| old != new && !old.to_string().starts_with('_'));
        match before {
            Pat::Ident(_) | Pat::Or(_) if is_certain => {
                self.certain.extend(changed.map(|(old, _)| (old.to_string(), old)));
            }
            _ => self.declared.extend(changed),
        }
    }

    /// What does not compile if one of them is a constant.
    pub fn check(&self) -> Option<Item> {
        let unused = self.declared.iter().filter(|(_, new)| !self.mentioned.contains(&new.to_string()));
        let mut all = self.certain.clone();
        all.extend(unused.map(|(old, _)| (old.to_string(), old.clone())));
        let names: Vec<&Ident> = all.values().collect();
        (!names.is_empty()).then(|| {
            syn::parse_quote! {
                #[allow(warnings)]
                const _: () = {
                    #(let ref #names = ();)*
                };
            }
        })
    }
}

/// The names that a pattern binds, and nothing else says so.
fn names(pattern: &Pat) -> Vec<Ident> {
    struct Find(Vec<Ident>);
    impl<'ast> Visit<'ast> for Find {
        fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
            let is_name = pattern.by_ref.is_none() && pattern.mutability.is_none() && pattern.subpat.is_none();
            if is_name && binds(pattern) {
                self.0.push(pattern.ident.clone());
            }
            visit::visit_pat_ident(self, pattern);
        }
        fn visit_expr(&mut self, _: &'ast syn::Expr) {}
    }
    let mut find = Find(Vec::new());
    find.visit_pat(pattern);
    find.0
}
