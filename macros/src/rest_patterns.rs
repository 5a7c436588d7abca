//! `..` in the patterns of structures and variants that the file declares.
//!
//! # The problem
//! `let Config { name, .. } = config;` leaves fields of which the pattern does not say what they are. What is left of a value must be
//! held where it has a destructor, and dropped field by field in the order of declaration ([`crate::apart`]): neither the
//! fields nor their order are to be seen there.
//!
//! # The design
//! The file shows both ([`crate::enclosing`]). Where it declares the structure, `_` stands for each field instead of `..`, and the order
//! is noted down, with what need not be held.

use std::collections::BTreeMap;

use crate::visit_mut::{self, VisitMut};
use syn::punctuated::Punctuated;
use syn::{Block, Pat};

use crate::enclosing;
use crate::function::Function;
use crate::tree;

/// The fields of structures and variants, by the names that patterns have for these, in the order of declaration.
pub type Declared = BTreeMap<String, Vec<Part>>;

/// A field of a structure.
#[derive(Clone)]
pub struct Part {
    pub name: String,
    /// It is a number or a reference.
    pub is_plain: bool,
}

/// Names the fields for which `..` stands.
pub fn name(function: &mut Function, body: &mut Block) -> Declared {
    let mut parameters = std::mem::take(&mut function.parameters);
    let mut named = Name { function, declared: Declared::new() };
    parameters.iter_mut().filter_map(|parameter| parameter.unpack.as_mut()).for_each(|it| named.visit_pat_mut(it));
    named.visit_block_mut(body);
    let declared = named.declared;
    function.parameters = parameters;
    declared
}

/// `Config`, or `Event::Key`.
pub fn name_of(path: &syn::Path) -> Option<String> {
    let mut names = path.segments.iter().map(|segment| segment.ident.to_string());
    let is_short = path.leading_colon.is_none() && path.segments.len() <= 2;
    let first = names.next().filter(|_| is_short)?;
    Some(names.next().map_or_else(|| first.clone(), |second| format!("{first}::{second}")))
}

struct Name<'a> {
    function: &'a Function,
    declared: Declared,
}

impl Name<'_> {
    fn fields(&mut self, path: &syn::Path) -> Option<&[Part]> {
        let name = name_of(path)?;
        if !self.declared.contains_key(&name) {
            let mut declared = name.clone();
            if path.segments[0].ident == "Self" {
                let of = self.function.enclosing().and_then(|enclosing| enclosing.of.as_deref())?;
                declared = name.replacen("Self", of, 1);
            }
            let fields = enclosing::certain(&declared, &self.function.signature.ident)?;
            let part = |field: enclosing::Field| Part { is_plain: field.is_plain(), name: field.name };
            self.declared.insert(name.clone(), fields.into_iter().map(part).collect());
        }
        self.declared.get(&name).map(Vec::as_slice)
    }

    fn of_structure(&mut self, structure: &mut syn::PatStruct) -> Option<()> {
        let fields = self.fields(&structure.path)?;
        let is_named = |name: &str| structure.fields.iter().any(|field| enclosing::spelt(&field.member) == name);
        let left: Vec<_> =
            fields.iter().filter(|field| !is_named(&field.name)).map(|field| field.name.clone()).collect();
        structure.rest.take()?;
        for name in left {
            structure.fields.push(syn::FieldPat {
                attrs: Vec::new(),
                member: enclosing::member(&name, structure.path.segments[0].ident.span()),
                colon_token: Some(Default::default()),
                pat: Box::new(tree::wild()),
            });
        }
        Some(())
    }

    fn of_tuple(&mut self, tuple: &mut syn::PatTupleStruct) -> Option<()> {
        let at = tuple.elems.iter().position(|element| matches!(element, Pat::Rest(_)))?;
        let fields = self.fields(&tuple.path)?.len();
        let left = (fields + 1).checked_sub(tuple.elems.len())?;
        let mut elements: Vec<Pat> = std::mem::take(&mut tuple.elems).into_iter().collect();
        elements.splice(at..=at, (0..left).map(|_| tree::wild()));
        tuple.elems = Punctuated::from_iter(elements);
        Some(())
    }
}

impl VisitMut for Name<'_> {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        visit_mut::visit_pat_mut(self, pattern);
        let _ = match pattern {
            Pat::Struct(structure) => self.of_structure(structure),
            Pat::TupleStruct(tuple) => self.of_tuple(tuple),
            _ => None,
        };
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
