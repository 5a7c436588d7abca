//! What has to be taken apart: what suspends, and what may or may not move a variable away that would be held after that.

use std::collections::{HashMap, HashSet};

use syn::Expr;

use super::bound::{self, InPart};
use super::{Before, Lower, control, extended};
use crate::graph::{VariableId, Variables};
use crate::tree;
use crate::walk::{Site, Use, is_straight, suspends, uses};

impl Lower<'_> {
    /// Whether an expression has to be taken apart: it suspends, it jumps to a loop that has been, or it may or may not
    /// move a variable away that would otherwise be kept in the state.
    pub(super) fn takes_apart(&self, expr: &Expr) -> bool {
        self.takes_apart_after(expr, &Before::default())
    }

    pub(super) fn takes_apart_after(&self, expr: &Expr, before: &Before) -> bool {
        suspends(expr)
            || (self.marks && extended::is_marked(expr))
            || control::jumps_out(expr, &self.targets)
            || self.moves_conditionally(expr, before)
            || self.assigns_apart(expr)
            || (control::is_control(expr) && crate::nested::contains(expr))
    }

    /// Whether something in a branch is taken apart once the branch is: also for the sake of variables that are declared in it, or
    /// by the condition or the pattern that leads to it. `others` are lowered before, or reached instead.
    pub(super) fn takes_apart_within(
        &self,
        branch: &Expr,
        condition: &Expr,
        pattern: Option<&syn::Pat>,
        others: &[&Expr],
    ) -> bool {
        let mut before = Before {
            declared: bound::bound_within(branch, condition, pattern, &self.graph.variables),
            mentions: HashMap::new(),
        };
        for site in others.iter().chain([&condition]).flat_map(|other| uses(other, &self.graph.variables)) {
            *before.mentions.entry(site.variable).or_insert(0) += 1;
        }
        self.takes_apart_after(branch, &before)
    }

    /// Whether something in an expression gives a value to a variable that may have none.
    pub(super) fn assigns_apart(&self, expr: &Expr) -> bool {
        let variables = &self.graph.variables;
        variables.list.iter().any(|variable| variable.apart)
            && !matches!(expr, Expr::Assign(_))
            && uses(expr, variables)
                .iter()
                .any(|site| site.kind == Use::Assign && !site.closure && variables[site.variable].apart)
    }

    pub(super) fn moves_conditionally(&self, expr: &Expr, before: &Before) -> bool {
        if is_straight(expr) {
            return false;
        }
        if branching(expr).into_iter().any(|inner| self.exits_after_move(inner, before)) {
            return true;
        }
        // Without a suspension, an inner scope or other branches to come, no edge follows on which the variable would travel.
        let stays = self.ahead == 0 && self.loops == 0 && self.branches == 0 && self.scopes.len() <= 2;
        let sites = uses(expr, &self.graph.variables);
        let inside = |variable| sites.iter().filter(|other| other.variable == variable).count();
        // What a pattern leaves of a variable is to be held; out of a slot a variable is taken as a whole.
        let left = |variable: &VariableId| {
            self.is_declared(*variable, before)
                && self.is_last_mention(*variable, inside(*variable), before)
                && !self.graph.variables[*variable].plain
                && (!stays || self.graph.variables[*variable].anchored)
        };
        let InPart { in_part, on_ways, or_left } = bound::taken_in_part(expr, &self.graph.variables);
        let is_slot = |variable: &VariableId| self.graph.variables[*variable].anchored;
        // (What does not match stays in its slot, see `local`.)
        if in_part.iter().any(left) || or_left.iter().any(|variable| is_slot(variable) && left(variable)) {
            return true;
        }
        if stays {
            // It would be taken out of its slot on all ways.
            return on_ways.iter().any(left);
        }
        sites.iter().any(|site| {
            let variable = site.variable;
            if !self.is_declared(variable, before) {
                return false;
            }
            let may_take = site.call.is_some() || site.field.is_some() || site.is_base;
            (site.kind == Use::Value || may_take && !site.is_put_off())
                && site.conditional
                && !site.repeated
                && self.is_last_mention(variable, inside(variable), before)
                && !self.graph.variables[variable].plain
        }) || self.moves_before_assignment(expr, &sites, before)
            || self.leaves_loop_with(expr, &sites, before)
    }

    /// Whether a loop is left with a variable that would otherwise be kept: in a loop, only a way out of it can move what is not
    /// declared there.
    fn leaves_loop_with(&self, expr: &Expr, sites: &[Site], before: &Before) -> bool {
        let inside = |variable| sites.iter().filter(|other| other.variable == variable).count();
        let takes = |site: &Site| {
            let entry = &self.graph.variables[site.variable];
            is_whole(site)
                && !site.closure
                && !entry.plain
                && !entry.copied
                && self.is_declared(site.variable, before)
                && self.is_last_mention(site.variable, inside(site.variable), before)
        };
        sites.iter().any(|site| site.repeated && takes(site))
            && leaving(expr).into_iter().any(|way| uses(&way, &self.graph.variables).iter().any(takes))
    }

    /// Whether a branch may move a variable away that gets another value later, so that it need not be there meanwhile.
    pub(super) fn moves_before_assignment(&self, expr: &Expr, sites: &[Site], before: &Before) -> bool {
        let numbers = std::cell::OnceCell::new();
        sites.iter().enumerate().any(|(index, site)| {
            let entry = &self.graph.variables[site.variable];
            let again = |later: &Site| later.variable == site.variable && !site.excludes(later);
            let stays = || sites[index + 1..].iter().any(again);
            site.kind == Use::Value
                && site.conditional
                && !site.repeated
                && !site.closure
                && entry.assigned
                && !entry.plain
                && self.is_declared(site.variable, before)
                && (entry.anchored || !stays())
                && !numbers.get_or_init(|| calculated(expr, &self.graph.variables)).contains(&site.variable)
        })
    }

    /// Whether a branch takes a variable, or a field of it, out of its slot and returns, while other ways go on to use it; or may give a
    /// variable its first value.
    pub(super) fn exits_after_move(&self, expr: &Expr, before: &Before) -> bool {
        let sites = uses(expr, &self.graph.variables);
        let returns = control::returns(expr);
        sites.iter().any(|site| {
            let entry = &self.graph.variables[site.variable];
            let here = site.conditional && !site.repeated && !site.closure && self.is_declared(site.variable, before);
            here && ((returns && self.takes_out_of_slot(site))
                || (site.kind == Use::Assign
                    && self.deferred.contains(&site.variable)
                    && !entry.plain
                    && self.ahead > 0))
        }) || self.leaves_after_move(expr, &sites, before)
            || self.renews_in_loop(&sites, before)
    }

    /// Whether a loop makes a new value of that in a slot (`x = f(x)`): in one piece it could not take it.
    fn renews_in_loop(&self, sites: &[Site], before: &Before) -> bool {
        sites.iter().enumerate().any(|(index, site)| {
            let next = sites[index + 1..].iter().find(|later| later.variable == site.variable && !site.excludes(later));
            site.kind == Use::Value
                && site.repeated
                && !site.closure
                && !self.graph.variables[site.variable].copied
                && !self.graph.variables[site.variable].plain
                && self.takes_out_of_slot(site)
                && self.is_declared(site.variable, before)
                && next.is_some_and(|next| next.kind == Use::Assign && !next.closure)
        })
    }

    /// Whether a way that leaves what is around it takes a variable out of its slot: what stays in one piece could take it on all ways
    /// alone, and a loop on none. (A value that is taken in a loop, and not before it is left, can only be copied.)
    fn leaves_after_move(&self, expr: &Expr, sites: &[Site], before: &Before) -> bool {
        let takes = |site: &Site| {
            is_whole(site)
                && !self.graph.variables[site.variable].copied
                && !site.is_put_off()
                && self.takes_out_of_slot(site)
                && self.is_declared(site.variable, before)
        };
        sites.iter().any(takes)
            && leaving(expr).into_iter().any(|way| uses(&way, &self.graph.variables).iter().any(takes))
    }

    /// Whether a mention moves a variable out of its slot, or a field of it.
    fn takes_out_of_slot(&self, site: &Site) -> bool {
        let entry = &self.graph.variables[site.variable];
        let takes = site.kind == Use::Value
            || ((site.field.is_some() || site.is_base) && site.pointer.is_none() && !entry.plain);
        entry.anchored && takes
    }

    /// Whether the block of a `let … else` moves a variable out of its slot, or whether only types tell: that is asked where a block
    /// begins. What follows the `let` is not reached from there, and may go on to use the variable.
    pub(super) fn leaves_with_slot(&self, otherwise: &Expr) -> bool {
        let before = Before::default();
        let sites = uses(otherwise, &self.graph.variables);
        sites.iter().any(|site| {
            let asks = site.call.is_some() && self.graph.variables[site.variable].anchored;
            let takes = is_whole(site) && !site.repeated && !site.is_put_off() && self.takes_out_of_slot(site);
            asks || (takes && self.is_declared(site.variable, &before))
        })
    }

    pub(super) fn is_declared(&self, variable: VariableId, before: &Before) -> bool {
        self.declared_in.contains_key(&variable) || before.declared.contains(&variable)
    }

    /// Whether the variable is not mentioned again after the next `inside` mentions, on any way.
    pub(super) fn is_last_mention(&self, variable: VariableId, inside: usize, before: &Before) -> bool {
        let total = self.mentions.get(&variable).copied().unwrap_or(0);
        let seen = self.seen.get(&variable).copied().unwrap_or(0);
        let elsewhere = self.elsewhere.get(&variable).copied().unwrap_or(0);
        let before_it = before.mentions.get(&variable).copied().unwrap_or(0);
        seen + before_it + inside + elsewhere >= total
            && self.declared_in.get(&variable).is_none_or(|declared_in| *declared_in >= self.once)
    }
}

/// Whether a mention is one of all of a variable, by value. (A field may be copied, and to ask that takes the variable apart.)
fn is_whole(site: &Site) -> bool {
    site.kind == Use::Value && site.field.is_none()
}

/// An expression that branches, or the outermost ones among the operands of another.
fn branching(expr: &Expr) -> Vec<&Expr> {
    use crate::visit::{self, Visit};
    struct Find<'ast>(Vec<&'ast Expr>);
    impl<'ast> Visit<'ast> for Find<'ast> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                _ if control::is_control(expr) => self.0.push(expr),
                Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => {}
                _ => visit::visit_expr(self, expr),
            }
        }
    }
    let mut find = Find(Vec::new());
    find.visit_expr(expr);
    find.0
}

/// The blocks in an expression that end with a `return`, `break` or panic, and the values of other `return`s and `break`s.
fn leaving(expr: &Expr) -> Vec<Expr> {
    use crate::visit::{self, Visit};
    struct Find(Vec<Expr>);
    impl<'ast> Visit<'ast> for Find {
        fn visit_block(&mut self, block: &'ast syn::Block) {
            if tree::goes_away(block) {
                return self.0.push(tree::block(block.clone()));
            }
            visit::visit_block(self, block);
        }
        fn visit_expr_return(&mut self, inner: &'ast syn::ExprReturn) {
            self.0.extend(inner.expr.as_deref().cloned());
        }
        fn visit_expr_break(&mut self, inner: &'ast syn::ExprBreak) {
            self.0.extend(inner.expr.as_deref().cloned());
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(Vec::new());
    find.visit_expr(expr);
    find.0
}

/// The variables that an expression calculates with: they are numbers, which are copied.
fn calculated(expr: &Expr, variables: &Variables) -> HashSet<VariableId> {
    use crate::visit::{self, Visit};
    struct Find<'a>(&'a Variables, HashSet<VariableId>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
            let operands = [&binary.left, &binary.right];
            self.1.extend(operands.into_iter().filter_map(|operand| self.0.of_path(operand)));
            visit::visit_expr_binary(self, binary);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, HashSet::new());
    find.visit_expr(expr);
    find.1
}
