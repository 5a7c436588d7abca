//! Takes apart whatever contains a suspension.
//!
//! Source order is kept: rustc infers types from top to bottom, and the machine's arms stand in the order in which the
//! blocks are begun here. Everything that contains no suspension stays as the user wrote it, one [`Op`] per statement.
//!
//! - [`taken_apart`]: what has to be taken apart
//! - [`statement`]: blocks, and the scopes of temporaries
//! - [`alternatives`]: patterns of which an alternative leaves something
//! - [`bindings`]: every kind of `let`
//! - [`control`]: `if`, `match`, loops, jumps
//! - [`expression`]: operands, in Rust's order of evaluation
//! - [`mod@bound`]: what patterns bind
//! - [`discard`]: control flow whose value nobody wants
//! - [`element`]: an element of a tuple that is written there
//! - [`expected`]: what operands are to become
//! - [`extended`]: what a `let` borrows of values that have no place
//! - [`form`]: what an expression's form tells about places and temporaries
//! - [`handed`]: what closures behind references are handed
//! - [`hold`]: temporaries that an awaited operand borrows
//! - [`tail`]: the last expression of a block, before edition 2024
//! - [`taking`]: which calls take their receiver by value, by their names

mod alternatives;
mod bindings;
mod bound;
mod control;
mod discard;
mod element;
mod expected;
mod expression;
mod extended;
mod form;
mod handed;
mod hold;
mod receiver;
mod refuse;
mod statement;
mod tail;
mod taken_apart;
mod taking;

pub(crate) use bindings::name;
pub(crate) use bound::{bound, bound_within};
pub(crate) use control::lets_of;
pub(crate) use form::{has_temporaries, is_place, is_variant};
pub(crate) use refuse::awaits_in_tokens;
pub(crate) use taking::{mark_awaited, unmark};

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use syn::{Block, Expr};

use crate::error::Errors;
use crate::graph::{self, BlockId, Graph, Op, ScopeId, Terminator, VariableId, Variables};
use crate::names::Parameter;
use crate::tree;
use crate::walk::{Site, Use, block_uses, is_straight, uses};

/// Where the value of an expression goes.
#[derive(Debug, Clone, Copy)]
enum Destination {
    /// Nowhere: a statement.
    Discard,
    /// Into a declared variable.
    Variable(VariableId),
    /// It is the function's result.
    Return,
}

/// A loop or labelled block that has been taken apart, as `break` and `continue` see it.
struct Target {
    label: Option<String>,
    is_loop: bool,
    after: BlockId,
    again: Option<BlockId>,
    destination: Destination,
}

/// What will have been lowered before an expression, or is reached instead of it.
#[derive(Default)]
struct Before {
    /// The variables that are declared by then.
    declared: Vec<VariableId>,
    mentions: HashMap<VariableId, usize>,
}

struct Lower<'a> {
    graph: Graph,
    /// Source order of the blocks: when each was begun.
    begun: Vec<BlockId>,
    current: BlockId,
    scopes: Vec<ScopeId>,
    next_scope: ScopeId,
    next_order: usize,
    targets: Vec<Target>,
    /// How many `if` and `match` that were taken apart are open.
    branches: usize,
    /// How many loops that were taken apart are open, and how many were when each variable was declared.
    loops: usize,
    declared_in: HashMap<VariableId, usize>,
    /// The loops deeper than that are left by what is lowered now, before it could be come to again; and the same around each open loop.
    once: usize,
    around: Vec<usize>,
    /// Mentions of each variable in the whole body, and those already lowered.
    mentions: HashMap<VariableId, usize>,
    seen: HashMap<VariableId, usize>,
    /// Mentions that are still to be lowered and are not reached from here: in the branches that are reached instead of this one, and
    /// behind a block that is left.
    elsewhere: HashMap<VariableId, usize>,
    /// Variables that the user declares without a value.
    deferred: HashSet<VariableId>,
    /// Suspensions still to be lowered.
    ahead: usize,
    /// The scope of a statement that is nothing but a block.
    of_statement: Option<ScopeId>,
    /// What is lowered next is the last expression of a block, since edition 2024: its temporaries are dropped where it ends, as its
    /// own operands are, so the later ones go first.
    terminal: bool,
    /// What is lowered next is an operand that waits for others, in a block's last expression before edition 2024.
    is_operand: bool,
    /// What is lowered next is to become that; and what variables are.
    expected: Option<expected::Expected>,
    ties: HashMap<VariableId, expected::Expected>,
    /// The last expression of a block that is being lowered, if its temporaries outlive the block's variables.
    tail: Option<tail::Tail>,
    /// Whether only what rustc keeps as long as the variable of a `let` is held.
    extending: bool,
    /// A `let` around has a value that is marked: see [`extended`].
    marks: bool,
    /// How many times it has been asked whether temporaries are held, and the answer for the `let` that is being lowered.
    asked: usize,
    holds: bool,
    errors: &'a mut Errors,
}

/// Lowers a body with resolved names.
pub fn lower(parameters: &[Parameter], variables: Variables, body: Block, errors: &mut Errors) -> Graph {
    refuse::check(&body, errors);
    let mut mentions = HashMap::new();
    let sites = block_uses(&body, &variables);
    for site in &sites {
        *mentions.entry(site.variable).or_insert(0) += 1;
    }
    let graph = Graph {
        variables,
        blocks: Vec::new(),
        parameters: Vec::new(),
        parts: Vec::new(),
        has_unsafe: false,
        asks_edition: false,
        ends_apart: false,
        natives: Vec::new(),
    };
    let mut lower = Lower {
        graph,
        begun: Vec::new(),
        current: 0,
        scopes: vec![0],
        next_scope: 1,
        next_order: 0,
        targets: Vec::new(),
        loops: 0,
        branches: 0,
        declared_in: HashMap::new(),
        once: 0,
        around: Vec::new(),
        mentions,
        seen: HashMap::new(),
        elsewhere: HashMap::new(),
        deferred: Default::default(),
        ahead: count_suspensions(&body),
        of_statement: None,
        terminal: false,
        is_operand: false,
        expected: None,
        ties: HashMap::new(),
        tail: None,
        extending: false,
        marks: false,
        asked: 0,
        holds: false,
        errors,
    };
    lower.mark_assigned(&sites);
    let start = lower.new_block();
    lower.begin(start);
    lower.graph.parameters = parameters.iter().map(|parameter| parameter.variable).collect();
    let mut is_unpacked = false;
    // What is declared first is dropped last.
    let captured = parameters.iter().rev().filter(|parameter| parameter.captured);
    for parameter in captured.chain(parameters.iter().filter(|parameter| !parameter.captured)) {
        lower.declare(parameter.variable);
        if let Some(pattern) = &parameter.unpack {
            if crate::anchor::refs(pattern) {
                lower.graph.variables[parameter.variable].anchored = true;
            }
            if name(pattern).is_none() {
                lower.op(Op::Rebind(parameter.variable));
            }
            let value = lower.path(parameter.variable);
            lower.bind(pattern.clone(), value, None);
            for (pattern, variable) in &parameter.behind {
                let value = lower.path(*variable);
                lower.bind(pattern.clone(), value, None);
            }
            is_unpacked = true;
        } else if is_unpacked {
            // It is declared behind what the one before it has been taken apart into.
            lower.op(Op::Rebind(parameter.variable));
        }
    }
    lower.block(body, Destination::Return);
    lower.finish()
}

impl Lower<'_> {
    fn new_block(&mut self) -> BlockId {
        self.graph.blocks.push(graph::Block {
            scopes: Vec::new(),
            ops: Vec::new(),
            terminator: Terminator::Diverge,
            alone: false,
        });
        self.graph.blocks.len() - 1
    }

    /// Goes on in `block`, with the scopes that are open now.
    fn begin(&mut self, block: BlockId) {
        self.graph.blocks[block].scopes = self.scopes.clone();
        self.begun.push(block);
        self.current = block;
    }

    fn op(&mut self, mut op: Op) {
        if let Op::Assign(variable, value) | Op::Tail(Some(variable), value) = &mut op
            && let Some(expected) = self.ties.get(variable)
        {
            *value = expected.tie(std::mem::replace(value, tree::unit()));
        }
        match &op {
            Op::Let { init, otherwise, .. } => {
                self.count(init);
                if let Some(otherwise) = otherwise {
                    self.count(otherwise);
                }
            }
            Op::Effect(expr) | Op::Tail(_, expr) | Op::Assign(_, expr) | Op::Bind { init: expr, .. } => {
                self.count(expr)
            }
            _ => {}
        }
        if let Some(op) = self.declared_before(op) {
            self.graph.blocks[self.current].ops.push(op);
        }
    }

    fn count(&mut self, expr: &Expr) {
        for site in uses(expr, &self.graph.variables) {
            *self.seen.entry(site.variable).or_insert(0) += 1;
        }
    }

    fn terminate(&mut self, terminator: Terminator) {
        match &terminator {
            Terminator::Match { scrutinee, arms } => {
                self.count(scrutinee);
                arms.iter().filter_map(|arm| arm.guard.as_ref()).for_each(|guard| self.count(guard));
            }
            Terminator::If { condition: expr, .. }
            | Terminator::Suspend { child: expr, .. }
            | Terminator::Return(expr) => self.count(expr),
            _ => {}
        }
        self.graph.blocks[self.current].terminator = terminator;
    }

    /// Lowers what has several branches, which meet again behind it.
    fn branching(&mut self, work: impl FnOnce(&mut Self)) {
        self.branches += 1;
        work(self);
        self.branches -= 1;
    }

    /// Lowers a branch, while others are still to be lowered that are reached instead.
    fn branch(&mut self, others: &[&Expr], work: impl FnOnce(&mut Self)) {
        let before = self.elsewhere.clone();
        for site in others.iter().flat_map(|other| uses(other, &self.graph.variables)) {
            *self.elsewhere.entry(site.variable).or_insert(0) += 1;
        }
        work(self);
        self.elsewhere = before;
    }

    /// Whether a block is left on all ways, by ways that lead past all that stands behind it in the innermost loop, or in the function.
    fn is_left(&self, block: &Block) -> bool {
        use crate::visit::{self, Visit};
        struct Find<'a> {
            targets: &'a [Target],
            found: bool,
        }
        impl<'ast> Visit<'ast> for Find<'_> {
            fn visit_expr_break(&mut self, jump: &'ast syn::ExprBreak) {
                let is_it = |target: &Target, label: &syn::Lifetime| {
                    !target.is_loop && target.label.as_ref().is_some_and(|of| label.ident == of)
                };
                let to_block = |label: &syn::Lifetime| self.targets.iter().any(|target| is_it(target, label));
                self.found |= jump.label.as_ref().is_some_and(to_block);
                visit::visit_expr_break(self, jump);
            }
            fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
            fn visit_item(&mut self, _: &'ast syn::Item) {}
        }
        if !tree::always_leaves_block(block) {
            return false;
        }
        let mut find = Find { targets: &self.targets, found: false };
        find.visit_block(block);
        !find.found
    }

    /// The loops deeper than that are left by a block that is left, see [`Lower::once`].
    fn once_in(&self, block: &Block) -> usize {
        let ways = tree::jumps(block);
        match (ways.continues, ways.breaks) {
            (true, _) => self.once,
            (false, true) => self.around.last().map_or(0, |&around| around.min(self.once)),
            (false, false) => 0,
        }
    }

    /// Inside of a block that is left: no mention behind it is reached. Gives what was known before.
    fn nothing_behind(&mut self, block: &Block) -> HashMap<VariableId, usize> {
        let mut inside: HashMap<VariableId, usize> = HashMap::new();
        for site in block_uses(block, &self.graph.variables) {
            *inside.entry(site.variable).or_insert(0) += 1;
        }
        let before = self.elsewhere.clone();
        for (&variable, &total) in &self.mentions {
            let of = |mentions: &HashMap<VariableId, usize>| mentions.get(&variable).copied().unwrap_or(0);
            let behind = total.saturating_sub(of(&self.seen) + of(&before) + of(&inside));
            *self.elsewhere.entry(variable).or_insert(0) += behind;
        }
        before
    }

    /// Ends the block by an edge.
    fn goto(&mut self, block: BlockId) {
        self.terminate(Terminator::Goto(block));
    }

    /// After a jump: code that nothing reaches goes into a block of its own, which is left out at the end.
    fn unreachable(&mut self) {
        let block = self.new_block();
        self.begin(block);
    }

    fn declare(&mut self, variable: VariableId) {
        let order = self.next_order(variable);
        let scope = self.home(variable);
        let entry = &mut self.graph.variables[variable];
        entry.scope = scope;
        entry.order = order;
        self.declared_in.insert(variable, self.loops);
    }

    fn enter(&mut self) -> ScopeId {
        let scope = self.next_scope;
        self.next_scope += 1;
        self.scopes.push(scope);
        self.graph.blocks[self.current].ops.push(Op::Enter(scope));
        scope
    }

    fn exit(&mut self, scope: ScopeId) {
        let popped = self.scopes.pop();
        debug_assert_eq!(popped, Some(scope), "scopes end in the order in which they began");
        self.graph.blocks[self.current].ops.push(Op::Exit(scope));
    }

    /// The scope that was opened last.
    fn innermost(&self) -> ScopeId {
        *self.scopes.last().expect("a scope is open")
    }

    fn path(&self, variable: VariableId) -> Expr {
        tree::name(self.graph.variables[variable].name.clone())
    }

    /// A temporary that holds `value`, declared here.
    fn temporary(&mut self, role: &'static str, value: Expr, span: Span) -> VariableId {
        let variable = self.graph.variables.temporary(role, span);
        let name = self.graph.variables[variable].name.clone();
        self.declare(variable);
        if self.outlives(variable) {
            self.op(Op::Declare(variable));
            self.op(Op::Assign(variable, value));
        } else {
            let pattern = tree::binding(Some(Default::default()), name);
            self.op(Op::Let { pattern, init: value, otherwise: None, binds: vec![variable] });
        }
        variable
    }

    /// Waits for `child` and gives the variable of its output.
    fn suspend(&mut self, child: Expr, span: Span) -> VariableId {
        self.ahead = self.ahead.saturating_sub(1);
        let output = self.graph.variables.temporary("awaited", span);
        let resume = self.new_block();
        self.terminate(Terminator::Suspend { child, output, resume });
        self.begin(resume);
        self.declare(output);
        output
    }

    /// Whether temporaries get variables: if it is known that something will be taken apart while they live, or has turned out, when
    /// the body was lowered before (see [`crate::crossed`]). The number is that of the question.
    fn holds(&mut self, known: bool) -> (bool, usize) {
        self.asked += 1;
        (known || self.graph.variables.held.contains(&self.asked), self.asked)
    }

    /// Leaves the temporaries of what was lowered last to rustc, which live from here to the end of a scope.
    fn leave_to_rustc(&mut self, number: usize, block: BlockId, scope: ScopeId) {
        if self.graph.variables.held.contains(&number) {
            // They have variables as far as they can.
            return;
        }
        let at = self.graph.blocks[block].ops.len().saturating_sub(1);
        self.graph.natives.push(graph::Native { number, block, at, scope });
    }

    fn mark_assigned(&mut self, sites: &[Site]) {
        for site in sites {
            if site.kind == Use::Assign {
                self.graph.variables[site.variable].assigned = true;
            }
        }
    }

    fn mark_nested(&mut self) {
        let sites = |expr: &Expr| uses(expr, &self.graph.variables);
        let expressions = self.graph.blocks.iter().flat_map(graph::Block::expressions);
        let assigned =
            expressions.filter(|expr| !is_straight(expr)).flat_map(sites).filter(|site| site.kind == Use::Assign);
        let found: Vec<VariableId> = assigned.map(|site| site.variable).collect();
        for variable in found {
            self.graph.variables[variable].nested = true;
        }
        // Given its value on several ways (`let x = if … { Some(…) } else { None }`): on some its type is not known yet.
        let mut ways: HashMap<VariableId, usize> = HashMap::new();
        for op in self.graph.blocks.iter().flat_map(|block| &block.ops) {
            if let Op::Assign(variable, _) | Op::Tail(Some(variable), _) = op {
                *ways.entry(*variable).or_insert(0) += 1;
            }
        }
        for (variable, count) in ways {
            self.graph.variables[variable].unprobed |= count > 1;
        }
    }

    /// Where ways meet only to leave a scope, each leaves it by itself: what is dropped there is not handed on, and on each way it
    /// is known what there is to drop. (A single way that leaves nothing yet goes on without an edge.)
    fn leave_on_the_way(&mut self, reached: &[bool]) {
        let mut ways = vec![0; reached.len()];
        let mut only_ways = vec![true; reached.len()];
        for block in (0..reached.len()).filter(|&block| reached[block]) {
            let block = &self.graph.blocks[block];
            for next in block.terminator.successors() {
                only_ways[next] &= matches!(block.terminator, Terminator::Goto(_));
                ways[next] += if block.scopes_at(block.ops.len()) == self.graph.blocks[next].scopes { 1 } else { 2 };
            }
        }
        for block in (0..reached.len()).filter(|&block| ways[block] > 1 && only_ways[block]) {
            let block = &mut self.graph.blocks[block];
            let left = block.ops.iter().take_while(|op| matches!(op, Op::Exit(_))).count();
            for op in block.ops.drain(..left) {
                block.scopes.retain(|&scope| !matches!(op, Op::Exit(left) if left == scope));
            }
        }
    }

    /// Leaves out what nothing reaches, and numbers the blocks in source order.
    fn finish(mut self) -> Graph {
        self.mark_nested();
        for variable in &mut self.graph.variables.list {
            // What was declared inside code that stays in one piece lives and dies there.
            variable.anchored &= variable.order != usize::MAX || variable.outer;
        }
        let mut reached = vec![false; self.graph.blocks.len()];
        let mut pending = vec![0];
        while let Some(block) = pending.pop() {
            if !std::mem::replace(&mut reached[block], true) {
                pending.extend(self.graph.blocks[block].terminator.successors());
            }
        }
        self.leave_alone(&reached);
        self.leave_on_the_way(&reached);
        let order: Vec<BlockId> = self.begun.iter().copied().filter(|&block| reached[block]).collect();
        let number: HashMap<BlockId, BlockId> = order.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let blocks = order
            .iter()
            .map(|&old| {
                let mut block = self.graph.blocks[old].clone();
                match &mut block.terminator {
                    Terminator::Goto(next) => *next = number[next],
                    Terminator::If { then, otherwise, .. } => {
                        *then = number[then];
                        *otherwise = number[otherwise];
                    }
                    Terminator::Match { arms, .. } => arms.iter_mut().for_each(|arm| arm.block = number[&arm.block]),
                    Terminator::Suspend { resume, .. } => *resume = number[resume],
                    Terminator::Return(_) | Terminator::Diverge => {}
                }
                block
            })
            .collect();
        let natives = self
            .graph
            .natives
            .iter()
            .filter_map(|native| number.get(&native.block).map(|&block| graph::Native { block, ..*native }));
        Graph { blocks, natives: natives.collect(), ..self.graph }
    }
}

fn count_suspensions(body: &Block) -> usize {
    use crate::visit::{self, Visit};
    struct Count(usize);
    impl<'ast> Visit<'ast> for Count {
        fn visit_expr_await(&mut self, inner: &'ast syn::ExprAwait) {
            self.0 += 1;
            visit::visit_expr_await(self, inner);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut count = Count(0);
    count.visit_block(body);
    count.0
}
