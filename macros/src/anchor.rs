//! Which variables are borrowed across a suspension.
//!
//! # The problem
//! A variable that nobody borrows can move in and out of the state. One that is borrowed while the machine is suspended
//! must stay where it is: it gets a slot of the frame. Types would decide this; the macro has none.
//!
//! # The design
//! A borrow matters if what it makes may live at a suspension: it stands in an awaited operand, in an operand before one
//! that is suspended, in the iterator of a
//! `for` whose body suspends, in the scrutinee of a `match` or `if let` whose arms suspend, or in the value of a binding
//! that is in scope at a later suspension. [`flows`] answers, without types, which variables an expression's value may
//! borrow. Anchoring too much costs a copy elided; anchoring too little is a compile error (the machine would move what
//! is borrowed), never undefined behaviour.

use syn::visit::{self, Visit};
use syn::{Block, Expr, Stmt, UnOp};

use crate::graph::{Borrowing, VariableId, Variables};
use crate::names::arguments;
use crate::walk::{Loops, Site, block_suspends, suspends, takes};

/// Marks the variables that need a slot.
pub fn decide(mut variables: Variables, body: &Block) -> Variables {
    let whole = crate::tree::block(body.clone());
    let mut mentions = vec![0; variables.list.len()];
    let sites = crate::walk::uses(&whole, &variables);
    for site in &sites {
        mentions[site.variable] += if site.repeated { 2 } else { 1 };
    }
    let raw = has_raw(body);
    let mut total = vec![0; variables.list.len()];
    sites.iter().for_each(|site| total[site.variable] += 1);
    let seen = vec![0; variables.list.len()];
    let mut search =
        Search { variables: &variables, mentions, total, seen, loops: Loops::default(), found: Vec::new(), raw };
    search.visit_block(body);
    let found = search.found;
    // Where nothing suspends, a slot is needed if another arm gets what was borrowed, or is left: see [`crate::crossed`].
    let brief = if raw { Vec::new() } else { brief(body, &variables) };
    if block_suspends(body) {
        parted(&sites).into_iter().for_each(|variable| variables[variable].parted = true);
    }
    for variable in found {
        variables[variable].anchored |= !variables[variable].shared && !brief.contains(&variable);
    }
    variables
}

/// The variables that are declared where no statement suspends any more to the end of the block.
fn brief(body: &Block, variables: &Variables) -> Vec<VariableId> {
    struct Find<'a>(&'a Variables, Vec<VariableId>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_block(&mut self, block: &'ast Block) {
            let last = block.stmts.iter().rposition(|statement| match statement {
                Stmt::Local(local) => local.init.as_ref().is_some_and(|init| {
                    let otherwise = init.diverge.as_ref();
                    suspends(&init.expr) || otherwise.is_some_and(|(_, otherwise)| suspends(otherwise))
                }),
                Stmt::Expr(expr, _) => suspends(expr),
                _ => false,
            });
            for statement in &block.stmts[last.unwrap_or_default()..] {
                if let Stmt::Local(local) = statement {
                    self.1.extend(crate::lower::bound(&local.pat, self.0));
                }
            }
            visit::visit_block(self, block);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variables, Vec::new());
    find.visit_block(body);
    find.1
}

/// The variables of which a field may be moved out while others are used later: what is left of them can be held in no
/// local variable, but in a slot, if there is an arm between: see [`crate::crossed`]. (A field that is mentioned again was copied, as
/// it was if the whole is.)
fn parted(sites: &[Site]) -> Vec<VariableId> {
    let mut found = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        if site.field.is_none() || site.pointer.is_some() || site.repeated || site.closure {
            continue;
        }
        let later = sites[index + 1..].iter().filter(|later| later.variable == site.variable);
        let mut others = false;
        let copied = later.into_iter().any(|later| {
            others |= later.member.is_some();
            later.member.is_none() || later.member == site.member
        });
        if others && !copied {
            found.push(site.variable);
        }
    }
    found
}

/// Raw pointers hide where a borrow goes, so with them every borrow counts (think of DMA buffers).
fn has_raw(body: &Block) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {
            self.0 = true;
        }
        fn visit_expr_raw_addr(&mut self, _: &'ast syn::ExprRawAddr) {
            self.0 = true;
        }
        fn visit_type_ptr(&mut self, _: &'ast syn::TypePtr) {
            self.0 = true;
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(false);
    find.visit_block(body);
    find.0
}

/// The variable at the root of a place expression: `x`, `x.f`, `x[i]`, `*x`.
pub fn root(expr: &Expr, variables: &Variables) -> Option<VariableId> {
    match expr {
        Expr::Field(inner) => root(&inner.base, variables),
        Expr::Index(inner) => root(&inner.expr, variables),
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => root(&inner.expr, variables),
        Expr::Paren(inner) => root(&inner.expr, variables),
        Expr::Group(inner) => root(&inner.expr, variables),
        Expr::Path(_) => variables.of_path(expr),
        _ => None,
    }
}

/// Methods of the standard library whose result does not borrow their receiver.
fn is_scalar(method: &str) -> bool {
    const NAMES: [&str; 24] = [
        "len",
        "is_empty",
        "is_some",
        "is_none",
        "is_ok",
        "is_err",
        "is_some_and",
        "is_ok_and",
        "clone",
        "capacity",
        "contains",
        "starts_with",
        "ends_with",
        "to_owned",
        "to_string",
        "to_vec",
        "count",
        "sum",
        "load",
        "fetch_add",
        "swap",
        "replace",
        "copied",
        "cloned",
    ];
    // What is made by moving the receiver holds it, and does not borrow it.
    NAMES.contains(&method) || method.starts_with("into_")
}

/// The variable that a borrow of a place keeps borrowed: its root, unless that is a `&T`, through which the place is
/// reached without borrowing the variable.
fn borrowed(expr: &Expr, variables: &Variables) -> Option<VariableId> {
    root(expr, variables).filter(|&variable| !variables[variable].shared)
}

/// The variables that the value of an expression may borrow.
pub fn flows(expr: &Expr, variables: &Variables, into: &mut Vec<VariableId>) {
    match expr {
        Expr::Reference(inner) => match root(&inner.expr, variables) {
            // `&x` borrows the variable itself, whatever its type.
            Some(variable) if variables.of_path(&inner.expr).is_some() => into.push(variable),
            Some(_) => into.extend(borrowed(&inner.expr, variables)),
            None => flows(&inner.expr, variables, into),
        },
        Expr::RawAddr(inner) => into.extend(root(&inner.expr, variables)),
        Expr::MethodCall(call) => {
            if is_scalar(&call.method.to_string()) {
                return;
            }
            match root(&call.receiver, variables) {
                Some(_) => into.extend(borrowed(&call.receiver, variables)),
                None => flows(&call.receiver, variables, into),
            }
            call.args.iter().for_each(|argument| flows(argument, variables, into));
        }
        Expr::Call(call) => call.args.iter().for_each(|argument| flows(argument, variables, into)),
        Expr::Field(inner) => flows(&inner.base, variables, into),
        Expr::Index(inner) => flows(&inner.expr, variables, into),
        Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => flows(&inner.expr, variables, into),
        Expr::Range(range) => {
            range.start.iter().for_each(|start| flows(start, variables, into));
            range.end.iter().for_each(|end| flows(end, variables, into));
        }
        Expr::Try(inner) => flows(&inner.expr, variables, into),
        Expr::Await(inner) => flows(&inner.base, variables, into),
        Expr::Paren(inner) => flows(&inner.expr, variables, into),
        Expr::Group(inner) => flows(&inner.expr, variables, into),
        Expr::Tuple(tuple) => tuple.elems.iter().for_each(|element| flows(element, variables, into)),
        Expr::Array(array) => array.elems.iter().for_each(|element| flows(element, variables, into)),
        Expr::Struct(structure) => structure.fields.iter().for_each(|field| flows(&field.expr, variables, into)),
        Expr::Block(inner) => tail(&inner.block, variables, into),
        Expr::Unsafe(inner) => tail(&inner.block, variables, into),
        Expr::If(branch) => {
            tail(&branch.then_branch, variables, into);
            if let Some((_, otherwise)) = &branch.else_branch {
                flows(otherwise, variables, into);
            }
            conditions(&branch.cond, variables, into);
        }
        Expr::Match(choice) => {
            if choice.arms.iter().any(|arm| takes(&arm.pat)) {
                flows(&choice.expr, variables, into);
            }
            choice.arms.iter().for_each(|arm| flows(&arm.body, variables, into));
        }
        // (What was bound for it, see `captures`, is its own.)
        Expr::Closure(closure) if closure.capture.is_none() => {
            let all = crate::walk::uses(&closure.body, variables).into_iter().map(|site| site.variable);
            into.extend(all.filter(|&variable| !variables[variable].temporary));
        }
        Expr::Macro(inner) => {
            let name = inner.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            if name == "format_args" {
                into.extend(crate::walk::uses(expr, variables).iter().map(|site| site.variable));
            } else if let Some(parsed) = arguments(&inner.mac) {
                parsed.list.iter().for_each(|argument| flows(argument, variables, into));
            }
        }
        _ => {}
    }
}

fn tail(block: &Block, variables: &Variables, into: &mut Vec<VariableId>) {
    if let Some(Stmt::Expr(expr, None)) = block.stmts.last() {
        flows(expr, variables, into);
    }
}

fn conditions(condition: &Expr, variables: &Variables, into: &mut Vec<VariableId>) {
    match condition {
        Expr::Let(inner) => flows(&inner.expr, variables, into),
        Expr::Binary(binary) => {
            conditions(&binary.left, variables, into);
            conditions(&binary.right, variables, into);
        }
        Expr::Paren(inner) => conditions(&inner.expr, variables, into),
        _ => {}
    }
}

struct Search<'a> {
    variables: &'a Variables,
    /// How often each is mentioned; those in loops count double.
    mentions: Vec<usize>,
    /// How often each is mentioned, and how often it has been so far.
    total: Vec<usize>,
    seen: Vec<usize>,
    loops: Loops,
    found: Vec<VariableId>,
    raw: bool,
}

impl Search<'_> {
    fn add(&mut self, expr: &Expr) {
        flows(expr, self.variables, &mut self.found);
    }

    /// `f(r).await` borrows `*r` if `r` is a `&mut` that is used again. Whether a variable is one is not always known:
    /// `certain` asks for those alone that are.
    fn reborrows(&mut self, operand: &Expr, certain: bool) {
        match operand {
            Expr::Call(call) => {
                // What is called more than once is borrowed for the call, and perhaps by what it gives.
                let called = self.variables.of_path(&call.func);
                let borrowed = |variable: &VariableId| {
                    self.variables[*variable].lends || (!certain && self.mentions[*variable] > 1)
                };
                self.found.extend(called.filter(borrowed));
                call.args.iter().for_each(|argument| self.reborrowed(argument, certain));
            }
            Expr::MethodCall(call) => {
                self.reborrows(&call.receiver, certain);
                call.args.iter().for_each(|argument| self.reborrowed(argument, certain));
            }
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.reborrows(element, certain)),
            Expr::Array(array) => array.elems.iter().for_each(|element| self.reborrows(element, certain)),
            Expr::Struct(structure) => {
                structure.fields.iter().for_each(|field| self.reborrowed(&field.expr, certain));
            }
            Expr::Try(inner) => self.reborrows(&inner.expr, certain),
            Expr::Paren(inner) => self.reborrows(&inner.expr, certain),
            Expr::Reference(inner) => self.reborrows(&inner.expr, certain),
            Expr::Field(inner) => self.reborrows(&inner.base, certain),
            Expr::Index(inner) => self.reborrows(&inner.expr, certain),
            Expr::Unary(inner) => self.reborrows(&inner.expr, certain),
            _ => {}
        }
    }

    fn reborrowed(&mut self, argument: &Expr, certain: bool) {
        let wanted = |borrowing| borrowing == Borrowing::Mutable || (!certain && borrowing == Borrowing::Unknown);
        match self.variables.of_path(argument) {
            Some(variable) if wanted(self.variables[variable].borrowing) && self.mentions[variable] > 1 => {
                self.found.push(variable);
            }
            // A field of what a `&mut` refers to may be a `&mut` itself.
            None if let Expr::Field(_) = argument
                && let Some(variable) = root(argument, self.variables)
                && self.variables[variable].borrowing == Borrowing::Mutable =>
            {
                self.found.push(variable);
            }
            _ => self.reborrows(argument, certain),
        }
    }

    /// What operands borrow that wait for a later one which is suspended, and their temporaries.
    fn before_a_suspension(&mut self, expr: &Expr) {
        let operands: Vec<&Expr> = match expr {
            Expr::MethodCall(call) => [&*call.receiver].into_iter().chain(&call.args).collect(),
            Expr::Call(call) => call.args.iter().collect(),
            Expr::Binary(binary) => vec![&binary.left, &binary.right],
            Expr::Index(index) => vec![&index.expr, &index.index],
            Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            Expr::Array(array) => array.elems.iter().collect(),
            Expr::Struct(structure) => structure.fields.iter().map(|field| &field.expr).collect(),
            _ => return,
        };
        let Some(last) = operands.iter().rposition(|operand| suspends(operand)) else { return };
        for operand in &operands[..last] {
            // A place is borrowed behind the suspension.
            if root(operand, self.variables).is_none() {
                self.add(operand);
                self.temporaries(operand);
            }
        }
    }

    /// What the temporaries of an awaited operand borrow: they live as long as the child.
    fn temporaries(&mut self, operand: &Expr) {
        struct Find<'a, 'b>(&'a mut Search<'b>);
        impl<'ast> Visit<'ast> for Find<'_, '_> {
            fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
                if root(&call.receiver, self.0.variables).is_none() {
                    self.0.add(&call.receiver);
                }
                visit::visit_expr_method_call(self, call);
            }
            fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
            fn visit_item(&mut self, _: &'ast syn::Item) {}
        }
        Find(self).visit_expr(operand);
    }

    /// Whether a pattern that borrows parts of a variable moves others out of it: then all parts become variables.
    fn is_taken_apart(&self, value: &Expr, pattern: &syn::Pat) -> bool {
        takes(pattern) && self.variables.of_path(value).is_some_and(|variable| !self.is_used_again(variable))
    }

    /// What a pattern is matched against borrows through it, if it is a `&mut`. Where that is not known, it is taken for one if the
    /// pattern binds parts of it and it is used again.
    fn matched(&mut self, scrutinee: &Expr, patterns: &[&syn::Pat]) {
        let Some(variable) = root(scrutinee, self.variables) else { return };
        let entry = &self.variables[variable];
        let binds_parts = || patterns.iter().any(|pattern| takes(pattern) && crate::lower::name(pattern).is_none());
        let may_be = match entry.borrowing {
            Borrowing::Mutable => true,
            Borrowing::Unknown => !entry.plain && !entry.owned && binds_parts() && self.is_used_again(variable),
            Borrowing::No => false,
        };
        if may_be {
            self.found.push(variable);
        }
    }

    /// Whether a variable is mentioned again behind the next mention, or in another round of a loop.
    fn is_used_again(&self, variable: VariableId) -> bool {
        self.total[variable] > self.seen[variable] + 1 || self.loops.innermost() != self.loops.of(variable)
    }

    fn inside_a_loop(&mut self, work: impl FnOnce(&mut Self)) {
        self.loops.enter();
        work(self);
        self.loops.leave();
    }

    fn matched_conditions(&mut self, condition: &Expr) {
        match condition {
            Expr::Let(inner) => {
                self.matched(&inner.expr, &[&*inner.pat]);
                if refs(&inner.pat) && !self.is_taken_apart(&inner.expr, &inner.pat) {
                    self.found.extend(root(&inner.expr, self.variables));
                }
            }
            Expr::Binary(binary) => {
                self.matched_conditions(&binary.left);
                self.matched_conditions(&binary.right);
            }
            Expr::Paren(inner) => self.matched_conditions(&inner.expr),
            _ => {}
        }
    }
}

/// Whether a guard may say that an arm is not taken after it has borrowed for it from a `&mut`: rustc would not let the
/// next arm borrow what the first may hold across a suspension.
pub fn is_guarded(scrutinee: &Expr, arm: &syn::Arm, variables: &Variables) -> bool {
    let is_mutable = match scrutinee {
        Expr::Reference(inner) => inner.mutability.is_some(),
        Expr::MethodCall(call) => call.method.to_string().ends_with("_mut"),
        other => variables.of_path(other).is_some_and(|variable| variables[variable].borrowing == Borrowing::Mutable),
    };
    is_mutable && suspends(&arm.body) && matches!(&arm.pat, syn::Pat::Guard(guard) if takes(&guard.pat))
}

/// Whether a pattern binds anything by reference.
pub fn refs(pattern: &syn::Pat) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            self.0 |= ident.by_ref.is_some();
            visit::visit_pat_ident(self, ident);
        }
    }
    let mut find = Find(false);
    find.visit_pat(pattern);
    find.0
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_block(&mut self, block: &'ast Block) {
        for (index, statement) in block.stmts.iter().enumerate() {
            let later = || {
                block.stmts[index + 1..].iter().any(|statement| match statement {
                    Stmt::Local(local) => local.init.as_ref().is_some_and(|init| {
                        let otherwise = init.diverge.as_ref();
                        suspends(&init.expr) || otherwise.is_some_and(|(_, otherwise)| suspends(otherwise))
                    }),
                    Stmt::Expr(expr, _) => suspends(expr),
                    _ => false,
                })
            };
            match statement {
                Stmt::Local(local) => {
                    if let Some(init) = &local.init
                        && later()
                    {
                        self.add(&init.expr);
                        self.reborrows(&init.expr, true);
                        if crate::lower::name(&local.pat).is_none()
                            && root(&init.expr, self.variables).is_some_and(|variable| self.is_used_again(variable))
                        {
                            self.matched(&init.expr, &[&local.pat]);
                        }
                        if refs(&local.pat) && !self.is_taken_apart(&init.expr, &local.pat) {
                            self.found.extend(root(&init.expr, self.variables));
                        }
                    }
                }
                Stmt::Expr(Expr::Assign(assign), _) => self.add(&assign.right),
                // `list.push(&x)`: what is borrowed may end up in the receiver.
                Stmt::Expr(Expr::MethodCall(call), _) if later() && root(&call.receiver, self.variables).is_some() => {
                    call.args.iter().for_each(|argument| {
                        if matches!(argument, Expr::Reference(_)) {
                            self.add(argument);
                        }
                    });
                }
                _ => {}
            }
            self.visit_stmt(statement);
        }
    }

    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        if let Some(variable) = self.variables.find(&ident.ident) {
            self.loops.declare(variable);
        }
        visit::visit_pat_ident(self, ident);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(variable) = path.path.get_ident().and_then(|name| self.variables.find(name)) {
            self.seen[variable] += 1;
        }
    }

    fn visit_expr_macro(&mut self, inner: &'ast syn::ExprMacro) {
        for site in crate::walk::uses(&Expr::Macro(inner.clone()), self.variables) {
            self.seen[site.variable] += 1;
        }
    }

    fn visit_stmt_macro(&mut self, inner: &'ast syn::StmtMacro) {
        let (attrs, mac) = (Vec::new(), inner.mac.clone());
        self.visit_expr_macro(&syn::ExprMacro { attrs, mac });
    }

    fn visit_expr_loop(&mut self, repeat: &'ast syn::ExprLoop) {
        self.inside_a_loop(|this| visit::visit_expr_loop(this, repeat));
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.before_a_suspension(expr);
        visit::visit_expr(self, expr);
    }

    fn visit_expr_await(&mut self, inner: &'ast syn::ExprAwait) {
        self.add(&inner.base);
        self.reborrows(&inner.base, false);
        self.temporaries(&inner.base);
        visit::visit_expr_await(self, inner);
    }

    fn visit_expr_for_loop(&mut self, repeat: &'ast syn::ExprForLoop) {
        if block_suspends(&repeat.body) {
            self.add(&repeat.expr);
        }
        self.visit_expr(&repeat.expr);
        self.inside_a_loop(|this| {
            this.visit_pat(&repeat.pat);
            this.visit_block(&repeat.body);
        });
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        if choice.arms.iter().any(|arm| suspends(&arm.body)) {
            self.add(&choice.expr);
            let patterns: Vec<&syn::Pat> = choice.arms.iter().map(|arm| &arm.pat).collect();
            self.matched(&choice.expr, &patterns);
            let borrows = |arm: &syn::Arm| {
                (refs(&arm.pat) && !self.is_taken_apart(&choice.expr, &arm.pat))
                    || is_guarded(&choice.expr, arm, self.variables)
            };
            if choice.arms.iter().any(borrows) {
                self.found.extend(root(&choice.expr, self.variables));
            }
        }
        visit::visit_expr_match(self, choice);
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        if block_suspends(&branch.then_branch) {
            conditions(&branch.cond, self.variables, &mut self.found);
            self.matched_conditions(&branch.cond);
        }
        visit::visit_expr_if(self, branch);
    }

    fn visit_expr_while(&mut self, repeat: &'ast syn::ExprWhile) {
        self.inside_a_loop(|this| {
            if block_suspends(&repeat.body) {
                conditions(&repeat.cond, this.variables, &mut this.found);
                this.matched_conditions(&repeat.cond);
            }
            visit::visit_expr_while(this, repeat);
        });
    }

    fn visit_expr_reference(&mut self, inner: &'ast syn::ExprReference) {
        if self.raw {
            match root(&inner.expr, self.variables) {
                Some(variable) => self.found.push(variable),
                None => self.add(&inner.expr),
            }
        }
        visit::visit_expr_reference(self, inner);
    }
}
