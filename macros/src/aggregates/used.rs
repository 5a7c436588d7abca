//! How variables and their fields are used.

use std::collections::{BTreeMap, BTreeSet};

use crate::visit::{self, Visit};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Block, Expr, Macro, Member};

use super::Candidate;
use crate::enclosing::spelt;
use crate::graph::{VariableId, Variables};
use crate::{function, names, tree, walk};

/// How a value is used.
#[derive(Default)]
pub struct Used {
    /// Those of its fields that are mentioned.
    pub fields: BTreeMap<String, Used>,
    /// It may be moved.
    is_moved: bool,
    /// It must stay in one piece.
    pub is_whole: bool,
}

impl Used {
    fn field(&mut self, members: &[&Member]) -> &mut Used {
        members.iter().fold(self, |used, member| used.fields.entry(spelt(member)).or_default())
    }

    /// Whether it, or a part of it, may be moved.
    pub fn moves(&self) -> bool {
        self.is_moved || self.moves_part()
    }

    pub fn moves_part(&self) -> bool {
        self.fields.values().any(Used::moves)
    }
}

pub fn used(candidates: &[Candidate], variables: &Variables, body: &Block) -> BTreeMap<VariableId, Used> {
    let mut found: BTreeMap<VariableId, Used> =
        candidates.iter().map(|candidate| (candidate.variable, Used::default())).collect();
    let mut taken = BTreeSet::new();
    for site in walk::block_uses(body, variables) {
        let Some(used) = found.get_mut(&site.variable) else { continue };
        taken.extend((site.closure && (site.field.is_some() || site.part.is_some())).then_some(site.variable));
        used.is_whole |= site.member.is_none() || site.is_base || !site.choice.is_empty();
        let by_value = site.call.is_none() || site.by_name;
        if let Some((_, members)) =
            site.field.iter().chain(&site.part).find_map(|field| field_of(field)).filter(|_| by_value)
        {
            used.field(&members).is_moved = true;
        }
    }
    Mentions { variables, found: &mut found, taken: &taken }.visit_block(body);
    found
}

/// The `x`, `f` and `g` of `x.f.g`, or of what is behind it: `*x.f.g`.
fn field_of(expr: &Expr) -> Option<(&Expr, Vec<&Member>)> {
    match tree::bare(expr) {
        Expr::Field(field) => {
            let (root, mut members) = field_of(&field.base).unwrap_or((&field.base, Vec::new()));
            members.push(&field.member);
            Some((root, members))
        }
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => field_of(&unary.expr),
        _ => None,
    }
}

/// Finds what [`walk`] does not tell: how deep fields are mentioned, closures that capture more than one, and macros that show what
/// they are given.
struct Mentions<'a> {
    variables: &'a Variables,
    found: &'a mut BTreeMap<VariableId, Used>,
    /// Those of which a closure may capture a field by value.
    taken: &'a BTreeSet<VariableId>,
}

impl Mentions<'_> {
    fn capture(&mut self, captures: &dyn ToTokens, takes_all: bool) {
        let mut fields = BTreeMap::new();
        captured(captures.to_token_stream(), self.variables, &mut fields);
        for (variable, fields) in fields {
            if let Some(used) = self.found.get_mut(&variable) {
                used.is_whole |= fields.len() > 1 && (takes_all || self.taken.contains(&variable));
            }
        }
    }
}

/// The fields that tokens mention of variables, and what stands behind them.
pub fn captured(tokens: TokenStream, variables: &Variables, found: &mut BTreeMap<VariableId, BTreeSet<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => captured(group.stream(), variables, found),
            TokenTree::Ident(name) => {
                if let Some(variable) = variables.find(name) {
                    let field = |token: &&TokenTree| match token {
                        TokenTree::Punct(mark) => mark.as_char() == '.',
                        other => !matches!(other, TokenTree::Group(_)),
                    };
                    let chain = tokens[at + 1..].iter().take_while(field).map(ToString::to_string);
                    found.entry(variable).or_default().insert(chain.collect());
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        let mut members = vec![&field.member];
        let mut base = tree::bare(&field.base);
        while let Expr::Field(inner) = base {
            members.insert(0, &inner.member);
            base = tree::bare(&inner.base);
        }
        let used = self.variables.of_path(base).and_then(|variable| self.found.get_mut(&variable));
        match used {
            Some(used) => used.field(&members).is_whole = true,
            None => self.visit_expr(base),
        }
    }
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.capture(closure, closure.capture.is_some());
        visit::visit_expr_closure(self, closure);
    }
    fn visit_expr_async(&mut self, inner: &'ast syn::ExprAsync) {
        self.capture(inner, inner.capture.is_some());
        visit::visit_expr_async(self, inner);
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let is_quiet = names::is_quiet(&name) && !self.variables.showing.contains(&name);
        match names::arguments(mac).filter(|_| is_quiet) {
            Some(arguments) => arguments.list.iter().for_each(|argument| {
                Mentions { variables: self.variables, found: self.found, taken: self.taken }.visit_expr(argument);
            }),
            None => {
                for (variable, used) in self.found.iter_mut() {
                    let name = self.variables[*variable].name.to_string();
                    used.is_whole |= function::mentions(mac.tokens.clone(), &name);
                }
            }
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
