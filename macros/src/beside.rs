//! Fields that count as declared beside the variable that they are taken from.
//!
//! # The problem
//! `let Self { bus: self_bus, pin: self_pin } = self;` stands behind other declarations ([`crate::aggregates`]), and what it binds would be
//! dropped before what these declare. But rustc drops what is left of `self` behind that.
//!
//! # The design
//! After lowering: the pattern binds what the variables are given, which are declared where the one is that they are taken from, as
//! what patterns leave is ([`crate::apart`]).

use crate::visit_mut::{self, VisitMut};
use syn::Pat;

use crate::apart;
use crate::graph::{Graph, Op, Variables};
use crate::tree;

/// Declares them there.
pub fn declare(graph: &mut Graph) {
    if graph.variables.list.iter().all(|variable| variable.beside.is_none()) {
        return;
    }
    let mut declared = Vec::new();
    for block in &mut graph.blocks {
        for op in std::mem::take(&mut block.ops) {
            let Op::Let { mut pattern, init, otherwise, binds } = op else {
                block.ops.push(op);
                continue;
            };
            let (mut parts, binds): (Vec<_>, Vec<_>) =
                binds.into_iter().partition(|&bound| graph.variables[bound].beside.is_some());
            New(&graph.variables).visit_pat_mut(&mut pattern);
            block.ops.push(Op::Let { pattern, init, otherwise, binds });
            // What is declared last is dropped first: the first field, which became a variable last.
            parts.sort_unstable();
            for part in parts {
                let Some(whole) = graph.variables[part].beside else { continue };
                (graph.variables[part].scope, graph.variables[part].order) =
                    (graph.variables[whole].scope, graph.variables[whole].order);
                let value = apart::new(&graph.variables[part].name);
                block.ops.push(Op::Assign(part, tree::name(value)));
                declared.push((whole, part));
            }
        }
    }
    apart::declare(graph, declared);
}

/// Renames what a pattern binds for them.
struct New<'a>(&'a Variables);

impl VisitMut for New<'_> {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        visit_mut::visit_pat_mut(self, pattern);
        if let Pat::Ident(ident) = pattern
            && self.0.find(&ident.ident).is_some_and(|variable| self.0[variable].beside.is_some())
        {
            ident.ident = apart::new(&ident.ident);
        }
    }
}
