//! Goes through a body once, and notes what is borrowed where it is suspended, and where borrows go.

use std::collections::BTreeSet;

use crate::visit::{self, Visit};
use syn::{Block, Expr, Pat, Stmt};

use super::carried::Carried;
use super::flow::Flow;
use super::pattern::{self, Given};
use super::{is_guarded, known, refs, root, stored};
use crate::graph::{Borrowing, VariableId, Variables};
use crate::tree::bare;
use crate::walk::{Loops, block_suspends, suspends, takes};

pub struct Search<'a> {
    pub variables: &'a Variables,
    /// How often each is mentioned, and how often it has been so far.
    pub total: Vec<usize>,
    pub seen: Vec<usize>,
    pub loops: Loops,
    pub found: Vec<VariableId>,
    pub raw: bool,
    /// The variables that are awaited by their names.
    pub awaited: BTreeSet<VariableId>,
    /// Those that are `&mut`s, without a written type.
    pub mutable: BTreeSet<VariableId>,
    pub carried: Carried,
    /// How many `async` blocks are open: they are suspended by themselves.
    pub nested: usize,
}

impl Search<'_> {
    /// What a value may borrow, also by implicit reborrows.
    fn flow(&self, expr: &Expr) -> Flow {
        let mut flow = Flow::of(expr, self.variables);
        self.reborrows(expr, true, &mut flow.borrowed);
        flow
    }

    /// Something without a name holds borrows from here until `work` is done, and there is a suspension in that.
    fn holding(&mut self, flow: Flow, work: impl FnOnce(&mut Self)) {
        self.found.extend(&flow.borrowed);
        let from = self.carried.here();
        work(self);
        self.carried.hold(from, flow);
    }

    /// `f(r).await` borrows `*r` if `r` is a `&mut` that is used again. Whether a variable is one is not always known:
    /// `certain` asks for those alone that are.
    fn reborrows(&self, operand: &Expr, certain: bool, into: &mut Vec<VariableId>) {
        match operand {
            Expr::Call(call) => {
                // What is called more than once is borrowed for the call, and perhaps by what it gives.
                let called = self.variables.of_path(&call.func);
                let borrowed = |variable: &VariableId| {
                    self.variables[*variable].lends || (!certain && self.is_mentioned_again(*variable))
                };
                into.extend(called.filter(borrowed));
                call.args.iter().for_each(|argument| self.reborrowed(argument, certain, into));
            }
            Expr::MethodCall(call) => {
                self.reborrows(&call.receiver, certain, into);
                call.args.iter().for_each(|argument| self.reborrowed(argument, certain, into));
            }
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.reborrows(element, certain, into)),
            Expr::Array(array) => array.elems.iter().for_each(|element| self.reborrows(element, certain, into)),
            Expr::Struct(structure) => {
                structure.fields.iter().for_each(|field| self.reborrowed(&field.expr, certain, into));
            }
            Expr::Try(inner) => self.reborrows(&inner.expr, certain, into),
            Expr::Paren(inner) => self.reborrows(&inner.expr, certain, into),
            Expr::Reference(inner) => self.reborrows(&inner.expr, certain, into),
            Expr::Field(inner) => self.reborrows(&inner.base, certain, into),
            Expr::Index(inner) => self.reborrows(&inner.expr, certain, into),
            Expr::Unary(inner) => self.reborrows(&inner.expr, certain, into),
            _ => {}
        }
    }

    fn reborrowed(&self, argument: &Expr, certain: bool, into: &mut Vec<VariableId>) {
        let wanted = |borrowing| borrowing == Borrowing::Mutable || (!certain && borrowing == Borrowing::Unknown);
        match self.variables.of_path(argument) {
            Some(variable)
                if (wanted(self.variables[variable].borrowing) || self.mutable.contains(&variable))
                    && self.is_used_again(variable) =>
            {
                into.push(variable);
            }
            // A field of what a `&mut` refers to may be a `&mut` itself.
            None if let Expr::Field(_) = argument
                && let Some(variable) = root(argument, self.variables)
                && self.variables[variable].borrowing == Borrowing::Mutable =>
            {
                into.push(variable);
            }
            _ => self.reborrows(argument, certain, into),
        }
    }

    /// What operands borrow that wait for a later one which is suspended, and their temporaries.
    fn before_a_suspension(&self, expr: &Expr, waiting: &[&Expr]) -> Flow {
        let mut flow = Flow::default();
        // The left side of an assignment is evaluated last.
        if let Expr::Assign(_) = expr {
            return flow;
        }
        for operand in waiting {
            // A place is borrowed behind the suspension.
            if root(operand, self.variables).is_none() {
                flow.add(operand, self.variables);
                self.temporaries(operand, &mut flow);
            }
        }
        flow
    }

    /// What the temporaries of an awaited operand borrow: they live as long as the child.
    fn temporaries(&self, operand: &Expr, into: &mut Flow) {
        struct Find<'a>(&'a Variables, &'a mut Flow);
        impl Find<'_> {
            fn value(&mut self, whole: &Expr) {
                if root(whole, self.0).is_none() {
                    self.1.add(whole, self.0);
                }
            }
        }
        impl<'ast> Visit<'ast> for Find<'_> {
            fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
                self.value(&call.receiver);
                visit::visit_expr_method_call(self, call);
            }
            // What is copied out of a guard: `*cell.borrow() + 1`.
            fn visit_expr_unary(&mut self, inner: &'ast syn::ExprUnary) {
                if matches!(inner.op, syn::UnOp::Deref(_)) {
                    self.value(&inner.expr);
                }
                visit::visit_expr_unary(self, inner);
            }
            fn visit_expr_field(&mut self, inner: &'ast syn::ExprField) {
                self.value(&inner.base);
                visit::visit_expr_field(self, inner);
            }
            fn visit_expr_index(&mut self, inner: &'ast syn::ExprIndex) {
                self.value(&inner.expr);
                visit::visit_expr_index(self, inner);
            }
            fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
            fn visit_item(&mut self, _: &'ast syn::Item) {}
        }
        Find(self.variables, into).visit_expr(operand);
    }

    /// Whether a pattern that borrows parts of a variable moves others out of it: then all parts become variables. (Of what is
    /// `Copy` they are copied, and the variable stays.)
    fn is_taken_apart(&self, value: &Expr, pattern: &Pat) -> bool {
        let is_left = |variable| !self.is_used_again(variable) && !self.variables[variable].copied;
        takes(pattern) && self.variables.of_path(value).is_some_and(is_left)
    }

    /// What a pattern is matched against borrows through it, if it is a `&mut`. Where that is not known, it is taken for one if the
    /// pattern binds parts of it and it is used again, if nothing `certain` is asked for.
    fn matched(&self, scrutinee: &Expr, patterns: &[&Pat], certain: bool) -> Option<VariableId> {
        let variable = root(scrutinee, self.variables)?;
        let entry = &self.variables[variable];
        let binds_parts = || patterns.iter().any(|pattern| takes(pattern) && crate::lower::name(pattern).is_none());
        let may_be = match entry.borrowing {
            Borrowing::Mutable => true,
            Borrowing::Unknown => {
                !certain && !entry.plain && !entry.owned && binds_parts() && self.is_used_again(variable)
            }
            Borrowing::No => false,
        };
        may_be.then_some(variable)
    }

    /// What a pattern borrows by `ref` of the variable that it is matched against.
    fn referred(&self, scrutinee: &Expr, pattern: &Pat) -> Option<VariableId> {
        let refers = refs(pattern) && !self.is_taken_apart(scrutinee, pattern);
        root(scrutinee, self.variables).filter(|_| refers)
    }

    /// Whether a variable is mentioned again behind the next mention, or in another round of a loop.
    fn is_used_again(&self, variable: VariableId) -> bool {
        self.total[variable] > self.seen[variable] + 1 || self.loops.innermost() != self.loops.of(variable)
    }

    /// Whether a variable is mentioned more than once, or in another round of a loop.
    fn is_mentioned_again(&self, variable: VariableId) -> bool {
        self.total[variable] > 1 || self.loops.innermost() != self.loops.of(variable)
    }

    fn inside_a_loop(&mut self, work: impl FnOnce(&mut Self)) {
        self.loops.enter();
        self.carried.enter_loop();
        work(self);
        self.carried.leave_loop();
        self.loops.leave();
    }

    fn inside_a_scope(&mut self, work: impl FnOnce(&mut Self)) {
        self.carried.open();
        work(self);
        self.carried.close();
    }

    /// What a condition's patterns are matched against, and whether that is borrowed while the branch runs, which suspends.
    fn matched_conditions(&mut self, condition: &Expr, flow: &mut Flow) {
        match condition {
            Expr::Let(inner) => {
                flow.add(&inner.expr, self.variables);
                let matched = self.matched(&inner.expr, &[&*inner.pat], false);
                self.found.extend(matched.into_iter().chain(self.referred(&inner.expr, &inner.pat)));
            }
            Expr::Binary(binary) => {
                self.matched_conditions(&binary.left, flow);
                self.matched_conditions(&binary.right, flow);
            }
            Expr::Paren(inner) => self.matched_conditions(&inner.expr, flow),
            _ => {}
        }
    }

    /// What a pattern gives its variables, of a value that is not yet visited.
    fn given(&self, pattern: &Pat, value: &Expr, certain: bool) -> Vec<Given> {
        let named = crate::lower::name(pattern).and_then(|name| self.variables.find(name));
        let is_number = matches!(bare(value), Expr::MethodCall(call) if known::gives_number(call));
        if let Some(variable) = named.filter(|variable| is_number && self.awaited.contains(variable)) {
            let mut flow = Flow::of_awaited(value, self.variables);
            self.reborrows(value, true, &mut flow.borrowed);
            return vec![Given { variable, flow: Some(flow) }];
        }
        let mut flow = self.flow(value);
        let parts = named.is_none();
        let matched = self.matched(value, &[pattern], certain);
        flow.borrowed.extend(matched.filter(|&variable| parts && self.is_used_again(variable)));
        flow.borrowed.extend(self.referred(value, pattern));
        pattern::given(pattern, value, flow, self.variables)
    }

    /// The pattern's variables are there.
    fn bind(&mut self, pattern: &Pat, given: Vec<Given>) {
        self.visit_pat(pattern);
        for Given { variable, flow } in given {
            match flow {
                Some(flow) => self.carried.give(variable, flow),
                None => self.carried.is_bare(variable),
            }
        }
    }

    fn mentioned(&mut self, variable: VariableId) {
        self.seen[variable] += 1;
        self.carried.mention(variable);
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_block(&mut self, block: &'ast Block) {
        let around = self.carried.statement;
        self.carried.open();
        for (index, statement) in block.stmts.iter().enumerate() {
            self.carried.statement = self.carried.here();
            // What is bound to no name may be kept to the end of the block: `let _ = &guard();`.
            if let Stmt::Local(local) = statement
                && let Some(init) = &local.init
                && crate::lower::bound(&local.pat, self.variables).is_empty()
                && block.stmts[index + 1..].iter().any(statement_suspends)
            {
                let flow = self.flow(&init.expr);
                self.found.extend(flow.borrowed);
            }
            self.visit_stmt(statement);
        }
        self.carried.close();
        self.carried.statement = around;
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let Some(init) = &local.init else { return self.visit_pat(&local.pat) };
        let given = self.given(&local.pat, &init.expr, false);
        self.visit_expr(&init.expr);
        init.diverge.iter().for_each(|(_, otherwise)| self.visit_expr(otherwise));
        self.bind(&local.pat, given);
    }

    fn visit_expr_let(&mut self, inner: &'ast syn::ExprLet) {
        let given = self.given(&inner.pat, &inner.expr, true);
        self.visit_expr(&inner.expr);
        self.bind(&inner.pat, given);
    }

    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        if let Some(variable) = self.variables.find(&ident.ident) {
            self.loops.declare(variable);
            self.carried.declare(variable);
        }
        visit::visit_pat_ident(self, ident);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(variable) = path.path.get_ident().and_then(|name| self.variables.find(name)) {
            self.mentioned(variable);
        }
    }

    fn visit_expr_macro(&mut self, inner: &'ast syn::ExprMacro) {
        for site in crate::walk::uses(&Expr::Macro(inner.clone()), self.variables) {
            self.mentioned(site.variable);
        }
    }

    fn visit_stmt_macro(&mut self, inner: &'ast syn::StmtMacro) {
        let (attrs, mac) = (Vec::new(), inner.mac.clone());
        self.visit_expr_macro(&syn::ExprMacro { attrs, mac });
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        let flow = self.flow(&assign.right);
        visit::visit_expr_assign(self, assign);
        match self.variables.of_path(&assign.left) {
            Some(variable) => self.carried.give(variable, flow),
            None => {
                let into = match root(&assign.left, self.variables) {
                    Some(variable) => vec![variable],
                    None => Flow::of(&assign.left, self.variables).variables().collect(),
                };
                self.carried.store(stored::Stored { into, flow });
            }
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        let stored = stored::by_method(call, self.variables);
        stored.into_iter().for_each(|stored| self.carried.store(stored));
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        visit::visit_expr_call(self, call);
        let stored = stored::by_call(call, self.variables);
        stored.into_iter().for_each(|stored| self.carried.store(stored));
    }

    fn visit_expr_loop(&mut self, repeat: &'ast syn::ExprLoop) {
        self.inside_a_loop(|this| visit::visit_expr_loop(this, repeat));
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let waiting = waiting(expr);
        let flow = self.before_a_suspension(expr, &waiting);
        self.holding(flow, |this| visit::visit_expr(this, expr));
        // Places are used behind the suspension.
        let places = waiting.iter().filter_map(|operand| root(operand, self.variables));
        places.for_each(|variable| self.carried.mention(variable));
    }

    fn visit_expr_async(&mut self, inner: &'ast syn::ExprAsync) {
        self.nested += 1;
        visit::visit_expr_async(self, inner);
        self.nested -= 1;
    }

    fn visit_expr_await(&mut self, inner: &'ast syn::ExprAwait) {
        let mut flow = Flow::of_awaited(&inner.base, self.variables);
        self.reborrows(&inner.base, false, &mut flow.borrowed);
        self.temporaries(&inner.base, &mut flow);
        self.holding(flow, |this| {
            visit::visit_expr_await(this, inner);
            if this.nested == 0 {
                this.carried.suspend();
            }
        });
    }

    fn visit_expr_for_loop(&mut self, repeat: &'ast syn::ExprForLoop) {
        let iterated = block_suspends(&repeat.body).then(|| Flow::of(&repeat.expr, self.variables));
        self.holding(iterated.unwrap_or_default(), |this| {
            let given = pattern::iterated(&repeat.pat, &repeat.expr, this.flow(&repeat.expr), this.variables);
            this.visit_expr(&repeat.expr);
            this.inside_a_loop(|this| {
                this.inside_a_scope(|this| {
                    this.bind(&repeat.pat, given);
                    this.visit_block(&repeat.body);
                });
            });
        });
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        let mut flow = Flow::default();
        if choice.arms.iter().any(|arm| suspends(&arm.body)) {
            flow.add(&choice.expr, self.variables);
            let patterns: Vec<&Pat> = choice.arms.iter().map(|arm| &arm.pat).collect();
            self.found.extend(self.matched(&choice.expr, &patterns, false));
            let borrows = |arm: &syn::Arm| {
                self.referred(&choice.expr, &arm.pat).is_some() || is_guarded(&choice.expr, arm, self.variables)
            };
            if choice.arms.iter().any(borrows) {
                self.found.extend(root(&choice.expr, self.variables));
            }
        }
        self.holding(flow, |this| {
            let given: Vec<_> = choice.arms.iter().map(|arm| this.given(&arm.pat, &choice.expr, true)).collect();
            this.visit_expr(&choice.expr);
            for (arm, given) in choice.arms.iter().zip(given) {
                this.inside_a_scope(|this| {
                    this.bind(&arm.pat, given);
                    this.visit_expr(&arm.body);
                });
            }
        });
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        let mut flow = Flow::default();
        if block_suspends(&branch.then_branch) {
            self.matched_conditions(&branch.cond, &mut flow);
        }
        self.holding(flow, |this| {
            this.inside_a_scope(|this| {
                this.visit_expr(&branch.cond);
                this.visit_block(&branch.then_branch);
            });
        });
        branch.else_branch.iter().for_each(|(_, otherwise)| self.visit_expr(otherwise));
    }

    fn visit_expr_while(&mut self, repeat: &'ast syn::ExprWhile) {
        self.inside_a_loop(|this| {
            let mut flow = Flow::default();
            if block_suspends(&repeat.body) {
                this.matched_conditions(&repeat.cond, &mut flow);
            }
            this.holding(flow, |this| {
                this.inside_a_scope(|this| {
                    this.visit_expr(&repeat.cond);
                    this.visit_block(&repeat.body);
                });
            });
        });
    }

    fn visit_expr_reference(&mut self, inner: &'ast syn::ExprReference) {
        if self.raw {
            match root(&inner.expr, self.variables) {
                Some(variable) => self.found.push(variable),
                None => self.found.extend(Flow::of(&inner.expr, self.variables).borrowed),
            }
        }
        visit::visit_expr_reference(self, inner);
    }
}

/// The operands before one that is suspended.
fn waiting(expr: &Expr) -> Vec<&Expr> {
    let mut operands: Vec<&Expr> = match expr {
        Expr::MethodCall(call) => [&*call.receiver].into_iter().chain(&call.args).collect(),
        Expr::Call(call) => [&*call.func].into_iter().chain(&call.args).collect(),
        Expr::Binary(binary) => vec![&binary.left, &binary.right],
        Expr::Assign(assign) => vec![&assign.left, &assign.right],
        Expr::Index(index) => vec![&index.expr, &index.index],
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        Expr::Array(array) => array.elems.iter().collect(),
        Expr::Struct(structure) => structure.fields.iter().map(|field| &field.expr).collect(),
        _ => return Vec::new(),
    };
    operands.truncate(operands.iter().rposition(|operand| suspends(operand)).unwrap_or_default());
    operands
}

/// The variables that are awaited by their names: they are futures, whatever the names of the methods that make them.
pub fn awaited(body: &Block, variables: &Variables) -> BTreeSet<VariableId> {
    struct Find<'a>(&'a Variables, BTreeSet<VariableId>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_await(&mut self, inner: &'ast syn::ExprAwait) {
            self.1.extend(root(&inner.base, self.0));
            visit::visit_expr_await(self, inner);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, BTreeSet::new());
    find.visit_block(body);
    find.1
}

/// Whether a statement contains a suspension.
pub fn statement_suspends(statement: &Stmt) -> bool {
    match statement {
        Stmt::Local(local) => local.init.as_ref().is_some_and(|init| {
            let otherwise = init.diverge.as_ref();
            suspends(&init.expr) || otherwise.is_some_and(|(_, otherwise)| suspends(otherwise))
        }),
        Stmt::Expr(expr, _) => suspends(expr),
        _ => false,
    }
}
