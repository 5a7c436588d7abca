//! The one traversal that knows how an expression uses a variable.
//!
//! Visits every mention of a variable in evaluation order and says what is done with it. The same traversal collects
//! uses for the analyses and rewrites them for the machine, so both always mean the same mention.

mod find;
mod loops;
mod macros;
mod method;
mod pattern;
mod site;
mod suspension;

pub use find::{block_has, has, has_anywhere, is_straight};
pub use loops::Loops;
pub use method::iterates;
pub use pattern::{
    is_certain, is_empty, is_structure, is_taken_by, leaves, matched, matched_by, matched_or_not, renamed, takes,
    takes_all,
};
pub use site::{Branch, Called, Pointer, Site, Use};
pub use suspension::{block_suspends, suspends};

use syn::{Block, Expr, Macro, Pat, Stmt, UnOp};

use crate::graph::{Borrowing, VariableId, Variables};
use crate::tree;
use method::{Question, has_closures, question};

/// What a rewriting visitor may do with a macro that cannot be parsed.
pub trait Visitor {
    /// A mention, as an expression that may be replaced.
    fn mention(&mut self, expr: &mut Expr, site: Site);
    /// A mention inside a macro whose grammar is unknown.
    fn hidden(&mut self, _mac: &Macro, _site: Site) {}
    /// A closure, before and after what it mentions.
    fn enter(&mut self, _closure: &mut syn::ExprClosure) {}
    fn leave(&mut self, _closure: &mut syn::ExprClosure) {}
    /// `return` and `?` outside of closures, after their operands.
    fn exit(&mut self, _expr: &mut Expr) {}
}

/// Collects the mentions of an expression, in evaluation order.
pub fn uses(expr: &Expr, variables: &Variables) -> Vec<Site> {
    uses_as(expr, Context::Value, variables)
}

/// As [`uses`], for an expression that may only name a place: a scrutinee, the value of a `let`.
pub fn uses_as(expr: &Expr, context: Context, variables: &Variables) -> Vec<Site> {
    collected(&mut expr.clone(), context, variables)
}

/// As [`uses`], for a block.
pub fn block_uses(block: &Block, variables: &Variables) -> Vec<Site> {
    collected(&mut tree::block(block.clone()), Context::Value, variables)
}

fn collected(expr: &mut Expr, context: Context, variables: &Variables) -> Vec<Site> {
    struct Collect(Vec<Site>);
    impl Visitor for Collect {
        fn mention(&mut self, _: &mut Expr, site: Site) {
            self.0.push(site);
        }
        fn hidden(&mut self, _: &Macro, site: Site) {
            self.0.push(site);
        }
    }
    let mut collect = Collect(Vec::new());
    walk(expr, variables, context, &mut collect);
    collect.0
}

/// How the value of an expression is used by what is around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    Value,
    /// By value, by a pattern that leaves something of it where it is.
    Parts,
    Place,
}

impl Context {
    fn is_value(self) -> bool {
        self != Context::Place
    }
}

/// Walks an expression.
pub fn walk(expr: &mut Expr, variables: &Variables, context: Context, visitor: &mut dyn Visitor) {
    Walker {
        variables,
        visitor,
        repeated: false,
        conditional: false,
        uncertain: false,
        branches: Vec::new(),
        choices: 0,
        captured: false,
        closures: 0,
        called: 0,
        looped: false,
    }
    .expr(expr, context);
}

struct Walker<'a> {
    variables: &'a Variables,
    visitor: &'a mut dyn Visitor,
    repeated: bool,
    conditional: bool,
    /// Within the innermost of the branches, it may not happen.
    uncertain: bool,
    branches: Vec<Branch>,
    /// How many `if` and `match` there have been.
    choices: usize,
    captured: bool,
    closures: usize,
    /// How many of the closures are called where they stand.
    called: usize,
    /// Inside a loop within a closure.
    looped: bool,
}

impl Walker<'_> {
    fn site(&self, variable: VariableId, kind: Use) -> Site {
        Site {
            variable,
            // A `move` closure takes whatever it names.
            kind: if self.captured && kind == Use::Read { Use::Value } else { kind },
            repeated: self.repeated,
            conditional: self.conditional,
            uncertain: self.uncertain,
            branches: self.branches.clone(),
            captured: self.captured,
            closure: self.closures > 0,
            at_once: self.closures > 0 && self.happens_once(),
            call: None,
            field: None,
            leaves: false,
            pointer: None,
            member: None,
            part: None,
            choice: Vec::new(),
            is_base: false,
            by_name: false,
            receiver: false,
        }
    }

    /// (A closure captures where it stands, whatever branches and loops there are in it.)
    fn conditionally(&mut self, work: impl FnOnce(&mut Self)) {
        let before = (self.conditional, self.uncertain);
        self.conditional |= self.closures == 0;
        self.uncertain |= self.closures == 0;
        work(self);
        (self.conditional, self.uncertain) = before;
    }

    /// A choice of which `ends` branches reach what is behind it.
    fn choice(&mut self, ends: usize) -> Branch {
        self.choices += 1;
        Branch { choice: self.choices, number: 0, leaves: false, ends, uncertain: self.uncertain }
    }

    /// In one branch of several.
    fn branch(&mut self, branch: Branch, work: impl FnOnce(&mut Self)) {
        let before = self.branches.len();
        let enters = self.happens_once();
        if enters {
            self.branches.push(branch);
        }
        self.conditionally(|this| {
            this.uncertain &= !enters;
            work(this);
        });
        self.branches.truncate(before);
    }

    fn repeatedly(&mut self, work: impl FnOnce(&mut Self)) {
        let before = (self.repeated, self.looped);
        self.repeated |= self.closures == 0;
        self.looped |= self.closures > 0;
        self.conditionally(work);
        (self.repeated, self.looped) = before;
    }

    /// In no closure, or in those alone that are called where they stand.
    fn happens_once(&self) -> bool {
        self.closures == self.called && !self.looped
    }

    /// A closure that is called where it stands: `(|| …)()`.
    fn called_closure(&mut self, function: &mut Expr) {
        self.called += 1;
        self.value(function);
        self.called -= 1;
    }

    fn value(&mut self, expr: &mut Expr) {
        self.expr(expr, Context::Value);
    }

    fn place(&mut self, expr: &mut Expr) {
        self.expr(expr, Context::Place);
    }

    /// A block's tail is a value, whatever is done with it.
    fn block(&mut self, block: &mut Block) {
        let last = block.stmts.len();
        for (index, statement) in block.stmts.iter_mut().enumerate() {
            match statement {
                Stmt::Local(local) => {
                    if let Some(init) = &mut local.init {
                        let or_not = init.diverge.is_some();
                        let context = if or_not { matched_or_not(&local.pat) } else { matched([&local.pat]) };
                        self.expr(&mut init.expr, context);
                        if let Some((_, otherwise)) = &mut init.diverge {
                            self.conditionally(|this| this.value(otherwise));
                        }
                    }
                }
                Stmt::Expr(expr, semicolon) => {
                    let tail = semicolon.is_none() && index + 1 == last;
                    // `x;` drops `x`.
                    let taken = tail || matches!(expr, Expr::Path(_) | Expr::Field(_));
                    self.expr(expr, if taken { Context::Value } else { Context::Place });
                }
                Stmt::Macro(mac) => self.mac(&mut mac.mac),
                Stmt::Item(_) => {}
            }
        }
    }

    fn expr(&mut self, expr: &mut Expr, context: Context) {
        match expr {
            Expr::Path(_) => {
                if let Some(variable) = self.variables.of_path(expr) {
                    let kind = if context.is_value() { Use::Value } else { Use::Read };
                    let site = self.site(variable, kind);
                    self.visitor.mention(expr, site);
                }
            }
            Expr::Paren(inner) => self.expr(&mut inner.expr, context),
            Expr::Group(inner) => self.expr(&mut inner.expr, context),
            Expr::Reference(inner) => self.place(&mut inner.expr),
            Expr::RawAddr(inner) => self.place(&mut inner.expr),
            Expr::Field(_) if (context.is_value() && self.happens_once()) || self.captures_part(expr) => {
                let whole = Box::new(expr.clone());
                match field_root(expr).filter(|root| self.variables.of_path(root).is_some()) {
                    Some(root) => {
                        let variable = self.variables.of_path(root).unwrap_or_default();
                        let member = first_member(&whole).cloned();
                        let leaves = context == Context::Parts;
                        let site = Site {
                            kind: Use::Read,
                            field: Some(whole),
                            leaves,
                            member,
                            ..self.site(variable, Use::Read)
                        };
                        self.visitor.mention(root, site);
                    }
                    None => {
                        if let Expr::Field(inner) = expr {
                            self.place(&mut inner.base);
                        }
                    }
                }
            }
            Expr::Field(_) if context.is_value() && is_part_of(expr, self.variables) => {
                let part = Box::new(expr.clone());
                if let Some(root) = field_root(expr)
                    && let Some(variable) = self.variables.of_path(root)
                {
                    let member = first_member(&part).cloned();
                    let site = Site { member, part: Some(part), ..self.site(variable, Use::Read) };
                    self.visitor.mention(root, site);
                }
            }
            Expr::Field(inner) => match self.variables.of_path(&inner.base) {
                Some(variable) => {
                    let site = Site { member: Some(inner.member.clone()), ..self.site(variable, Use::Read) };
                    self.visitor.mention(&mut inner.base, site);
                }
                None => self.place(&mut inner.base),
            },
            Expr::Index(inner) => {
                self.place(&mut inner.expr);
                self.value(&mut inner.index);
            }
            Expr::Unary(inner) => match inner.op {
                UnOp::Deref(_) if context.is_value() && self.closures == 0 => self.pointed_to(expr, context),
                UnOp::Deref(_) => self.place(&mut inner.expr),
                _ => self.value(&mut inner.expr),
            },
            Expr::MethodCall(call) => {
                match self.variables.of_path(&call.receiver) {
                    Some(variable) => {
                        let site = self.receiver(call, variable);
                        self.visitor.mention(&mut call.receiver, site);
                    }
                    None => self.part_of_receiver(call),
                }
                call.args.iter_mut().for_each(|argument| self.value(argument));
            }
            Expr::Call(call) => {
                let called = self.variables.of_path(&call.func);
                if matches!(crate::tree::bare(&call.func), Expr::Closure(_)) && self.happens_once() {
                    self.called_closure(&mut call.func);
                    call.args.iter_mut().for_each(|argument| self.value(argument));
                    return;
                }
                match called.is_some_and(|variable| self.variables[variable].called_once) {
                    true => self.value(&mut call.func),
                    false => self.place(&mut call.func),
                }
                call.args.iter_mut().for_each(|argument| self.value(argument));
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                self.value(&mut assign.right);
                self.assigned(&mut assign.left);
            }
            Expr::Array(array) => array.elems.iter_mut().for_each(|element| self.value(element)),
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(|element| self.value(element)),
            Expr::Repeat(repeat) => self.value(&mut repeat.expr),
            Expr::Struct(structure) => {
                for field in &mut structure.fields {
                    self.value(&mut field.expr);
                    if field.colon_token.is_none()
                        && !matches!(&field.expr, Expr::Path(path) if path.path.get_ident().is_some_and(|name| matches!(&field.member, syn::Member::Named(member) if member == name)))
                    {
                        field.colon_token = Some(Default::default());
                    }
                }
                if let Some(rest) = &mut structure.rest {
                    match self.variables.of_path(rest) {
                        Some(base) if self.variables[base].is_base => self.value(rest),
                        Some(base) => {
                            let mut site = Site { is_base: true, ..self.site(base, Use::Read) };
                            // A `move` closure takes the fields that are not named: as if it were one of them.
                            if self.captured && !self.variables[base].anchored {
                                site.kind = Use::Read;
                                site.field = Some(rest.clone());
                            }
                            self.visitor.mention(rest, site);
                        }
                        None => self.place(rest),
                    }
                }
            }
            Expr::Cast(cast) => self.value(&mut cast.expr),
            Expr::Range(range) => {
                range.start.iter_mut().for_each(|start| self.value(start));
                range.end.iter_mut().for_each(|end| self.value(end));
            }
            Expr::Let(condition) => {
                let context = matched_or_not(&condition.pat);
                if takes_all(&condition.pat) {
                    self.expr(&mut condition.expr, context);
                } else {
                    // What does not match is not taken.
                    self.conditionally(|this| this.expr(&mut condition.expr, context));
                }
            }
            Expr::If(branch) => {
                self.value(&mut branch.cond);
                let then_leaves = tree::always_leaves_block(&branch.then_branch);
                let else_leaves =
                    branch.else_branch.as_ref().is_some_and(|(_, otherwise)| tree::always_leaves(otherwise));
                let choice = self.choice([then_leaves, else_leaves].iter().filter(|leaves| !**leaves).count());
                self.branch(Branch { leaves: then_leaves, ..choice }, |this| this.block(&mut branch.then_branch));
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.branch(Branch { number: 1, leaves: else_leaves, ..choice }, |this| this.value(otherwise));
                }
            }
            Expr::Match(choice) => {
                let inner = matched(choice.arms.iter().map(|arm| &arm.pat));
                // What is left for the arms behind a `Some(name)` is nothing.
                let whole = choice.arms.iter().position(|arm| takes_all(&arm.pat)).unwrap_or(choice.arms.len());
                if choice.arms[..whole]
                    .iter()
                    .all(|arm| takes(&arm.pat) || (is_empty(&arm.pat) && whole < choice.arms.len()))
                {
                    self.expr(&mut choice.expr, inner);
                } else {
                    self.conditionally(|this| this.expr(&mut choice.expr, inner));
                }
                let leaves: Vec<bool> = choice.arms.iter().map(|arm| tree::always_leaves(&arm.body)).collect();
                let branch = self.choice(leaves.iter().filter(|leaves| !**leaves).count());
                for (number, arm) in choice.arms.iter_mut().enumerate() {
                    // A guard that does not hold is followed by other arms.
                    if let Pat::Guard(guard) = &mut arm.pat {
                        self.conditionally(|this| this.value(&mut guard.guard));
                    }
                    let leaves = leaves[number];
                    self.branch(Branch { number, leaves, ..branch }, |this| this.value(&mut arm.body));
                }
            }
            // It may be left before its end.
            Expr::Block(inner) if inner.label.is_some() => self.conditionally(|this| this.block(&mut inner.block)),
            Expr::Block(inner) => self.block(&mut inner.block),
            Expr::Unsafe(inner) => self.block(&mut inner.block),
            Expr::Loop(repeat) => self.repeatedly(|this| this.block(&mut repeat.body)),
            Expr::While(repeat) => self.repeatedly(|this| {
                this.value(&mut repeat.cond);
                this.block(&mut repeat.body);
            }),
            Expr::ForLoop(repeat) => {
                self.value(&mut repeat.expr);
                self.repeatedly(|this| this.block(&mut repeat.body));
            }
            Expr::Closure(closure) => {
                let captured = self.captured;
                // What a closure in a `move` closure mentions, the outer one takes.
                self.captured |= closure.capture.is_some();
                self.closures += 1;
                self.visitor.enter(closure);
                self.expr(&mut closure.body, Context::Value);
                self.visitor.leave(closure);
                self.closures -= 1;
                self.captured = captured;
            }
            Expr::Async(inner) => {
                let captured = self.captured;
                self.captured |= inner.capture.is_some();
                self.closures += 1;
                self.block(&mut inner.block);
                self.closures -= 1;
                self.captured = captured;
            }
            Expr::Break(inner) => inner.expr.iter_mut().for_each(|value| self.value(value)),
            Expr::Return(inner) => {
                inner.expr.iter_mut().for_each(|value| self.value(value));
                if self.closures == 0 {
                    self.visitor.exit(expr);
                }
            }
            Expr::Try(inner) => {
                self.value(&mut inner.expr);
                if self.closures == 0 {
                    self.visitor.exit(expr);
                }
            }
            Expr::Await(inner) => self.value(&mut inner.base),
            Expr::Macro(inner) => self.mac(&mut inner.mac),
            _ => {}
        }
    }

    /// Whether it is what a `move` closure takes of a variable: of a struct the field alone, whatever is done with it. (Of a
    /// reference all.)
    fn captures_part(&self, expr: &Expr) -> bool {
        let variable = part_of(expr).filter(|_| self.captured).and_then(|root| self.variables.of_path(root));
        variable.is_some_and(|variable| {
            let entry = &self.variables[variable];
            !entry.plain && entry.borrowing != Borrowing::Mutable
        })
    }

    /// `*x` by value.
    fn pointed_to(&mut self, expr: &mut Expr, context: Context) {
        let whole = Box::new(expr.clone());
        match pointer(expr).and_then(|(root, pointer)| self.variables.of_path(root).map(|of| (root, pointer, of))) {
            Some((root, pointer, variable)) => {
                let in_parts = pointer == Pointer::Whole && context == Context::Parts;
                let pointer = if in_parts { Pointer::Parts } else { pointer };
                let site = Site { field: Some(whole), pointer: Some(pointer), ..self.site(variable, Use::Read) };
                self.visitor.mention(root, site);
            }
            None => {
                if let Expr::Unary(inner) = expr {
                    self.place(&mut inner.expr);
                }
            }
        }
    }

    /// The mention of a variable that a method is called on.
    fn receiver(&self, call: &syn::ExprMethodCall, variable: VariableId) -> Site {
        let mut site = Site { receiver: true, ..self.site(variable, Use::Read) };
        match question(call) {
            // What asks about a method cannot tell these apart from its own question; what kind of value it is called on
            // can be asked. (In a slot, both answers are written down; so that a closure need not be, there the name decides, and
            // rustc checks it: see `Moved::taken`.)
            Some(Question::Certain) => site.kind = Use::Value,
            // What captures it, captures it by value; nothing is asked there. Nor where a slot is not decided upon.
            Some(Question::Iterated) if self.closures > 0 || !self.variables.are_anchored => site.kind = Use::Value,
            Some(Question::Iterated) => site.call = Some(Called::by_name(call)),
            Some(Question::Name) if self.variables[variable].anchored && has_closures(call) => {
                site.kind = Use::Value;
                site.by_name = true;
            }
            Some(Question::Name) => {
                site.call = Some(Called::by_name(call));
                site.by_name = true;
            }
            Some(Question::Types) => site.call = Some(Called::of(call)),
            None => {}
        }
        site
    }

    /// `x.f.m()`, which may take `x` apart.
    fn part_of_receiver(&mut self, call: &mut syn::ExprMethodCall) {
        let whole = Box::new((*call.receiver).clone());
        let variable = field_root(&mut call.receiver).and_then(|root| self.variables.of_path(root));
        // Out of a reference nothing is moved.
        let owned = |variable: &VariableId| self.variables[*variable].borrowing != Borrowing::Mutable;
        let variable = variable.filter(owned).filter(|_| self.closures == 0 && matches!(*whole, Expr::Field(_)));
        let is_plain = call.turbofish.is_none() && !has_closures(call);
        let question = question(call).filter(|question| is_plain || !matches!(question, Question::Types));
        match (variable, question) {
            (Some(variable), Some(question)) => {
                let by_name = !matches!(question, Question::Types | Question::Iterated);
                let called = if by_name { Called::by_name(call) } else { Called::of(call) };
                let site = Site {
                    call: Some(called),
                    by_name,
                    member: first_member(&whole).cloned(),
                    field: Some(whole),
                    ..self.site(variable, Use::Read)
                };
                if let Some(root) = field_root(&mut call.receiver) {
                    self.visitor.mention(root, site);
                }
            }
            _ => self.place(&mut call.receiver),
        }
    }

    /// The left side of an assignment, which may take a value apart.
    fn assigned(&mut self, expr: &mut Expr) {
        if let Some(variable) = self.variables.of_path(expr) {
            let site = self.site(variable, Use::Assign);
            return self.visitor.mention(expr, site);
        }
        match expr {
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(|element| self.assigned(element)),
            Expr::Array(array) => array.elems.iter_mut().for_each(|element| self.assigned(element)),
            Expr::Call(call) => call.args.iter_mut().for_each(|argument| self.assigned(argument)),
            Expr::Struct(structure) => {
                for field in &mut structure.fields {
                    field.colon_token.get_or_insert_default();
                    self.assigned(&mut field.expr);
                }
            }
            Expr::Paren(inner) => self.assigned(&mut inner.expr),
            other => self.place(other),
        }
    }

    fn binary(&mut self, binary: &mut syn::ExprBinary) {
        use syn::BinOp::*;
        match binary.op {
            And(_) | Or(_) => {
                self.value(&mut binary.left);
                self.conditionally(|this| this.value(&mut binary.right));
            }
            Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_) => {
                self.place(&mut binary.left);
                self.place(&mut binary.right);
            }
            ref op if tree::is_assignment(op) => {
                self.value(&mut binary.right);
                self.place(&mut binary.left);
            }
            _ => {
                self.value(&mut binary.left);
                self.value(&mut binary.right);
            }
        }
    }
}

/// The `f` of `x.f.g`.
pub fn first_member(expr: &Expr) -> Option<&syn::Member> {
    match tree::bare(expr) {
        Expr::Field(inner) => first_member(&inner.base).or(Some(&inner.member)),
        _ => None,
    }
}

/// As [`field_root`], of an expression that is not changed.
fn part_of(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Field(inner) => part_of(&inner.base),
        Expr::Path(_) => Some(expr),
        _ => None,
    }
}

/// Whether it is a field of a variable.
fn is_part_of(expr: &Expr, variables: &Variables) -> bool {
    part_of(expr).is_some_and(|root| variables.of_path(root).is_some())
}

/// The root of `*x` and `*x.f`, with nothing but pointers and fields on the way.
fn pointer(expr: &mut Expr) -> Option<(&mut Expr, Pointer)> {
    match expr {
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => match &mut *inner.expr {
            path @ Expr::Path(_) => Some((path, Pointer::Whole)),
            field @ Expr::Field(_) => field_root(field).map(|root| (root, Pointer::Part)),
            other => pointer(other),
        },
        _ => None,
    }
}

/// The root of `x.f.g`, with nothing but fields on the way.
fn field_root(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Field(inner) => field_root(&mut inner.base),
        Expr::Path(_) => Some(expr),
        _ => None,
    }
}
