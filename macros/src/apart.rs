//! Patterns that take a variable apart which is not used again.
//!
//! # The problem
//! `match pair { (a, _) => … }` moves one half out of `pair`; rustc drops the other where `pair`'s scope ends. The machine
//! cannot name the rest of a variable, so it could not hold it across a suspension.
//!
//! # The design
//! After lowering, once it is known what is live: each `_` in such a pattern becomes a variable of its own, in the scope
//! and at the place of the variable that is taken apart. What cannot be named (`..`) must not need to be dropped, and a
//! value with a destructor cannot be taken apart: rustc checks both when it knows the types (`machine::probe`).

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Expr, Pat, parse_quote};

use crate::graph::{Graph, Op, Terminator, VariableId, Variables};
use crate::liveness;
use crate::lower::name;
use crate::walk::takes;

/// How the names begin that stand for a `_`.
pub const HIDDEN: &str = "__unused";

/// Rewrites the patterns of the whole graph.
pub fn apart(graph: &mut Graph) {
    let live_in = liveness::live_in(graph);
    for index in 0..graph.blocks.len() {
        let live_after = liveness::live_after_ops(&graph.blocks[index], graph, &live_in);
        let mut ops = Vec::new();
        for (op, live) in std::mem::take(&mut graph.blocks[index].ops).into_iter().zip(live_after) {
            match op {
                Op::Let { pattern, init, otherwise: None, mut binds } => {
                    let pattern = match taken(&pattern, &init, &live, &graph.variables) {
                        Some(variable) => take(pattern, &init, variable, &mut graph.variables, &mut binds, &mut ops),
                        None => pattern,
                    };
                    ops.push(Op::Let { pattern, init, otherwise: None, binds });
                }
                op => ops.push(op),
            }
        }
        if let Terminator::Match { scrutinee, arms } = &mut graph.blocks[index].terminator {
            for arm in arms {
                if let Some(variable) = taken(&arm.pattern, scrutinee, &live_in[arm.block], &graph.variables) {
                    let pattern = arm.pattern.clone();
                    arm.pattern = take(pattern, scrutinee, variable, &mut graph.variables, &mut arm.binds, &mut ops);
                }
            }
        }
        graph.blocks[index].ops = ops;
    }
}

/// The variable that a pattern takes apart, if there is anything to hold of it.
fn taken(pattern: &Pat, value: &Expr, live: &HashSet<VariableId>, variables: &Variables) -> Option<VariableId> {
    let variable = variables.of_path(value)?;
    let entry = &variables[variable];
    let held =
        takes(pattern) && name(pattern).is_none() && !entry.plain && !entry.anchored && !live.contains(&variable);
    held.then_some(variable)
}

fn take(
    pattern: Pat,
    value: &Expr,
    variable: VariableId,
    variables: &mut Variables,
    binds: &mut Vec<VariableId>,
    ops: &mut Vec<Op>,
) -> Pat {
    let (scope, order) = (variables[variable].scope, variables[variable].order);
    ops.push(Op::Effect(parse_quote!((&::segno::machine::probe(&#value)).taken())));
    if has_rest(&pattern) {
        ops.push(Op::Effect(parse_quote!(::segno::machine::probe(&#value).taken_in_part())));
    }
    let first = variables.list.len();
    let pattern = keep_wildcards(pattern, variables);
    for hidden in first..variables.list.len() {
        variables[hidden].scope = scope;
        variables[hidden].order = order;
        binds.push(hidden);
    }
    pattern
}

/// Whether a pattern leaves out parts that cannot be given a name.
fn has_rest(pattern: &Pat) -> bool {
    match pattern {
        // rustc drops the rest of an array from its end, which parts with names of their own would not follow.
        Pat::Rest(_) | Pat::Slice(_) => true,
        Pat::Struct(structure) => structure.rest.is_some() || structure.fields.iter().any(|field| has_rest(&field.pat)),
        Pat::Tuple(tuple) => tuple.elems.iter().any(has_rest),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(has_rest),
        Pat::Paren(inner) => has_rest(&inner.pat),
        Pat::Guard(inner) => has_rest(&inner.pat),
        _ => false,
    }
}

/// Gives each `_` that may stand for a part of the value a variable, so that the part can be held.
pub fn keep_wildcards(mut pattern: Pat, variables: &mut Variables) -> Pat {
    fn replace(pattern: &mut Pat, variables: &mut Variables) {
        match pattern {
            Pat::Wild(wild) => {
                let variable = variables.temporary("unused", wild.span());
                let name: Ident = variables[variable].name.clone();
                *pattern = parse_quote!(#name);
            }
            // What is left of a value is dropped field by field, in order: the first is declared last.
            Pat::Tuple(tuple) => tuple.elems.iter_mut().rev().for_each(|element| replace(element, variables)),
            Pat::TupleStruct(tuple) => tuple.elems.iter_mut().rev().for_each(|element| replace(element, variables)),
            Pat::Struct(structure) => {
                structure.fields.iter_mut().rev().for_each(|field| replace(&mut field.pat, variables));
            }
            Pat::Slice(slice) => {
                for element in &mut slice.elems {
                    if matches!(element, Pat::Rest(_)) {
                        let variable = variables.temporary("unused", element.span());
                        let name: Ident = variables[variable].name.clone();
                        *element = parse_quote!(#name @ ..);
                    } else {
                        replace(element, variables);
                    }
                }
            }
            Pat::Paren(inner) => replace(&mut inner.pat, variables),
            Pat::Type(inner) => replace(&mut inner.pat, variables),
            Pat::Guard(inner) => replace(&mut inner.pat, variables),
            _ => {}
        }
    }
    replace(&mut pattern, variables);
    pattern
}
