//! Structures that are made of a variable which is not used again: `Options { retries: 3, ..options }`.
//!
//! # The problem
//! The fields that are not named are moved out of the variable, and rustc drops the others where its scope ends. Which there are, only
//! rustc knows, and the macro cannot name what is left to hold it across a suspension.
//!
//! # The design
//! What is left are the fields that are named. Once it is known what is live, they get variables of their own, as what a pattern leaves
//! does (see [`apart`](crate::apart)); with these moved out, and the others moved on, nothing is left. It all stands beside the variable,
//! so that it is dropped when that would be. The named fields move before the new values are made, which nobody sees unless making them
//! panics: so it is not done where something is called for that.

use std::collections::HashSet;

use crate::visit_mut::{self, VisitMut};
use syn::spanned::Spanned;
use syn::{Expr, ExprStruct, Member, Pat, parse_quote};

use crate::apart::{Parts, declare, is_no_destructor};
use crate::graph::{Graph, Op, Terminator, VariableId, Variables};
use crate::liveness;
use crate::walk::{Site, Use, has_anywhere, uses};

/// Rewrites the structures of the whole graph.
pub fn bases(graph: &mut Graph) {
    if !graph.blocks.iter().any(|block| block.expressions().into_iter().any(has_base)) {
        return;
    }
    let live_in = liveness::live_in(graph);
    let all: Vec<Site> = graph
        .blocks
        .iter()
        .flat_map(|block| block.expressions())
        .flat_map(|expr| uses(expr, &graph.variables))
        .collect();
    let mut declared = Vec::new();
    for index in 0..graph.blocks.len() {
        let live_after = liveness::live_after_ops(&graph.blocks[index], graph, &live_in);
        let mut ops = Vec::new();
        for (mut op, live) in std::mem::take(&mut graph.blocks[index].ops).into_iter().zip(live_after) {
            if let Op::Let { init: expr, otherwise: None, .. }
            | Op::Bind { init: expr, .. }
            | Op::Effect(expr)
            | Op::Assign(_, expr)
            | Op::Tail(_, expr) = &mut op
            {
                ops.extend(rewrite(expr, &live, &all, &mut graph.variables, &mut declared));
            }
            ops.push(op);
        }
        let live = liveness::live_after_terminator(&graph.blocks[index], &live_in);
        if let Terminator::If { condition: expr, .. }
        | Terminator::Suspend { child: expr, .. }
        | Terminator::Return(expr) = &mut graph.blocks[index].terminator
        {
            ops.extend(rewrite(expr, &live, &all, &mut graph.variables, &mut declared));
        }
        graph.blocks[index].ops = ops;
    }
    declare(graph, declared);
}

fn has_base(expr: &Expr) -> bool {
    has_anywhere(expr, |expr| matches!(expr, Expr::Struct(structure) if structure.rest.is_some()))
}

/// Rewrites what is made of variables in an expression; gives what is to happen before.
fn rewrite(
    expr: &mut Expr,
    live: &HashSet<VariableId>,
    all: &[Site],
    variables: &mut Variables,
    declared: &mut Vec<(VariableId, VariableId)>,
) -> Vec<Op> {
    let mut found = Vec::new();
    certain(expr, &mut found);
    let sites = uses(expr, variables);
    let mut ops = Vec::new();
    for structure in found {
        let base = structure.rest.as_deref().and_then(|rest| variables.of_path(rest));
        let Some(whole) = base.filter(|&base| is_used_up(base, &structure, live, &sites, all, variables)) else {
            continue;
        };
        let base = variables.temporary("base", structure.path.span());
        let entry = &variables[whole];
        let (scope, order, unprobed, holds_closure) = (entry.scope, entry.order, entry.unprobed, entry.holds_closure);
        let entry = &mut variables[base];
        (entry.scope, entry.order, entry.unprobed, entry.holds_closure) = (scope, order, unprobed, holds_closure);
        entry.is_base = true;
        let (from, to) = (variables[whole].name.clone(), variables[base].name.clone());
        let members: Vec<&Member> = structure.fields.iter().map(|field| &field.member).collect();
        if let (true, Some(dots)) = (variables[whole].anchored, &structure.dot2_token) {
            variables.takes_whole_at(dots.span());
        }
        let path = &structure.path;
        let pattern: Pat = parse_quote!(#path { #(#members: _,)* .. });
        ops.push(Op::Assign(base, parse_quote!(#from)));
        ops.push(is_no_destructor(&pattern, &parse_quote!(#to)));
        let parts = Parts::of_variable(pattern, base, variables);
        declared.push((whole, base));
        declared.extend(parts.hidden().iter().map(|&part| (whole, part)));
        // The last field's part is the first that is declared.
        let names = parts.hidden().iter().rev().map(|&part| &variables[part].name);
        let names: Vec<_> = members.into_iter().cloned().zip(names.cloned()).collect();
        let after = parts.after(variables);
        ops.push(Op::Let { pattern: parts.pattern, init: parse_quote!(#to), otherwise: None, binds: Vec::new() });
        ops.extend(after);
        Rename { from, to, names }.visit_expr_mut(expr);
    }
    ops
}

/// The structures that an expression makes once, for certain, each of another one, and before which nothing is called that may panic:
/// then the variable would be dropped whole, in the order of its type's fields. Says whether that is so of the expression, too.
fn certain(expr: &Expr, found: &mut Vec<ExprStruct>) -> bool {
    let mut all = |parts: Vec<&Expr>| parts.into_iter().all(|part| certain(part, found));
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Struct(structure) => {
            if !all(structure.fields.iter().map(|field| &field.expr).collect()) {
                return false;
            }
            match structure.rest.as_deref() {
                Some(Expr::Path(_)) => found.push(structure.clone()),
                Some(rest) => return certain(rest, found),
                None => {}
            }
            true
        }
        Expr::Call(call) => all(call.args.iter().collect()) && crate::names::is_constructor(&call.func),
        Expr::MethodCall(call) => {
            all([&*call.receiver].into_iter().chain(&call.args).collect());
            false
        }
        // (That a number may overflow is not looked at.)
        Expr::Binary(binary) => all(vec![&binary.left, &binary.right]),
        Expr::Tuple(tuple) => all(tuple.elems.iter().collect()),
        Expr::Array(array) => all(array.elems.iter().collect()),
        Expr::Paren(inner) => certain(&inner.expr, found),
        Expr::Group(inner) => certain(&inner.expr, found),
        Expr::Reference(inner) => certain(&inner.expr, found),
        Expr::Try(inner) => certain(&inner.expr, found),
        Expr::Field(inner) => certain(&inner.base, found),
        Expr::Macro(inner) => {
            let arguments = crate::names::arguments(&inner.mac);
            all(arguments.iter().flat_map(|all| &all.list).collect());
            false
        }
        Expr::Block(inner) if inner.label.is_none() => match &*inner.block.stmts {
            [syn::Stmt::Expr(last, None)] => certain(last, found),
            _ => false,
        },
        Expr::Return(inner) => inner.expr.as_ref().is_none_or(|value| certain(value, found)),
        _ => false,
    }
}

/// Whether a variable may be taken apart for a structure that is made of it: it is not used again, and of it only fields are mentioned
/// beside; none of the named ones may have been moved out before.
fn is_used_up(
    base: VariableId,
    structure: &ExprStruct,
    live: &HashSet<VariableId>,
    sites: &[Site],
    all: &[Site],
    variables: &Variables,
) -> bool {
    let entry = &variables[base];
    let is_named = |site: &Site| structure.fields.iter().any(|field| Some(&field.member) == site.member.as_ref());
    let of_it = |sites: &[Site]| sites.iter().filter(|site| site.variable == base).cloned().collect::<Vec<Site>>();
    let (here, everywhere) = (of_it(sites), of_it(all));
    let is_whole = |site: &&Site| site.member.is_none();
    let takes = |site: &&Site| {
        site.kind == Use::Value
            || site.part.is_some()
            || !site.choice.is_empty()
            || (site.field.is_some() && is_named(site))
    };
    let count = |sites: &[Site]| sites.iter().filter(takes).count();
    let is_left = structure.fields.is_empty() || entry.plain || entry.copied || entry.outer || entry.assigned;
    !is_left
        && entry.order != usize::MAX
        && !live.contains(&base)
        && here.iter().filter(is_whole).count() == 1
        && !here.iter().any(|site| site.closure || site.repeated)
        && count(&here) == count(&everywhere)
}

/// Names the variables that stand for what was taken out of one.
struct Rename {
    from: syn::Ident,
    to: syn::Ident,
    names: Vec<(Member, syn::Ident)>,
}

impl VisitMut for Rename {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Field(field) = expr
            && crate::tree::is_name(&field.base, &self.from)
            && let Some((_, name)) = self.names.iter().find(|(member, _)| *member == field.member)
        {
            *expr = parse_quote!(#name);
        } else if crate::tree::is_name(expr, &self.from) {
            let name = &self.to;
            *expr = parse_quote!(#name);
        } else {
            visit_mut::visit_expr_mut(self, expr);
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        crate::names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }
}
