//! What the value of an expression may borrow, and what it may hold that others have borrowed.

use crate::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, Stmt, UnOp};

use super::{known, root};
use crate::graph::{VariableId, Variables};
use crate::names::{arguments, value_of};
use crate::nested::Nested;
use crate::walk::uses;

/// Where a value comes from.
#[derive(Debug, Default, Clone)]
pub struct Flow {
    /// The variables that it may refer to.
    pub borrowed: Vec<VariableId>,
    /// The variables whose values it may be made of: it may refer to what they refer to.
    pub carried: Vec<VariableId>,
}

impl Flow {
    pub fn of(expr: &Expr, variables: &Variables) -> Flow {
        let mut flow = Flow::default();
        flow.add(expr, variables);
        flow
    }

    /// Of an operand that is awaited: its value is a future, whatever the name of the method that makes it.
    pub fn of_awaited(expr: &Expr, variables: &Variables) -> Flow {
        let mut flow = Flow::default();
        flow.add_awaited(expr, variables);
        flow
    }

    /// Of what a reference refers to, if that is copied, or moved from there.
    pub fn behind(reference: &Expr, variables: &Variables) -> Flow {
        match reference {
            Expr::Reference(inner) if root(&inner.expr, variables).is_none() => Flow::of(&inner.expr, variables),
            _ => Flow::of(reference, variables).copied(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.borrowed.is_empty() && self.carried.is_empty()
    }

    pub fn variables(&self) -> impl Iterator<Item = VariableId> + '_ {
        self.borrowed.iter().chain(&self.carried).copied()
    }

    /// What is copied out of the value: it holds what that holds, and does not refer to where it was.
    pub fn copied(&self) -> Flow {
        Flow { borrowed: Vec::new(), carried: self.variables().collect() }
    }

    pub fn extend(&mut self, other: Flow) {
        self.borrowed.extend(other.borrowed);
        self.carried.extend(other.carried);
    }

    /// The place is borrowed: its root is, unless that is a `&T`, through which the place is reached without borrowing the variable.
    fn borrow(&mut self, root: VariableId, variables: &Variables) {
        if !variables[root].shared {
            self.borrowed.push(root);
        }
        self.carried.push(root);
    }

    fn mentioned(&mut self, expr: &Expr, variables: &Variables) {
        let mentioned: Vec<_> = uses(expr, variables).into_iter().map(|site| site.variable).collect();
        let is_borrowed = |&&variable: &&VariableId| !variables[variable].shared || is_named(variable, expr, variables);
        self.borrowed.extend(mentioned.iter().filter(is_borrowed));
        self.carried.extend(mentioned);
    }

    pub fn add(&mut self, expr: &Expr, variables: &Variables) {
        match expr {
            Expr::Path(_) => self.carried.extend(variables.of_path(expr)),
            Expr::Reference(inner) => match root(&inner.expr, variables) {
                // `&x` borrows the variable itself, whatever its type.
                Some(variable) if variables.of_path(&inner.expr).is_some() => {
                    self.borrowed.push(variable);
                    self.carried.push(variable);
                }
                Some(variable) => self.borrow(variable, variables),
                None => self.add(&inner.expr, variables),
            },
            Expr::RawAddr(inner) => match root(&inner.expr, variables) {
                Some(variable) => {
                    self.borrowed.push(variable);
                    self.carried.push(variable);
                }
                None => self.add(&inner.expr, variables),
            },
            Expr::MethodCall(call) => self.method(call, variables),
            Expr::Call(call) => self.call(call, variables),
            Expr::Cast(inner) if !known::is_number(&inner.ty) => self.add(&inner.expr, variables),
            Expr::Repeat(inner) => self.add(&inner.expr, variables),
            Expr::Field(inner) => self.add(&inner.base, variables),
            Expr::Index(inner) => self.add(&inner.expr, variables),
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => self.add(&inner.expr, variables),
            Expr::Range(range) => {
                let ends = range.start.iter().chain(&range.end);
                ends.for_each(|end| self.add(end, variables));
            }
            Expr::Try(inner) => self.add(&inner.expr, variables),
            Expr::Await(inner) => self.add(&inner.base, variables),
            Expr::Paren(inner) => self.add(&inner.expr, variables),
            Expr::Group(inner) => self.add(&inner.expr, variables),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.add(element, variables)),
            Expr::Array(array) => array.elems.iter().for_each(|element| self.add(element, variables)),
            Expr::Struct(structure) => {
                let fields = structure.fields.iter().map(|field| &field.expr);
                fields.chain(structure.rest.as_deref()).for_each(|value| self.add(value, variables));
            }
            Expr::Block(inner) => {
                self.tail(&inner.block, variables);
                if inner.label.is_some() {
                    self.broken_with(&inner.block, variables);
                }
            }
            Expr::Unsafe(inner) => self.tail(&inner.block, variables),
            Expr::Loop(inner) => self.broken_with(&inner.body, variables),
            Expr::If(branch) => {
                self.tail(&branch.then_branch, variables);
                if let Some((_, otherwise)) = &branch.else_branch {
                    self.add(otherwise, variables);
                }
            }
            // What is matched against reaches the arms in the variables of their patterns.
            Expr::Match(choice) => choice.arms.iter().for_each(|arm| self.add(&arm.body, variables)),
            Expr::Closure(closure) => {
                let mut all = Flow::default();
                all.mentioned(&closure.body, variables);
                // (What was bound for it, see `captures`, is its own.)
                let is_borrowed = |variable: &VariableId| closure.capture.is_none() && !variables[*variable].temporary;
                self.borrowed.extend(all.borrowed.into_iter().filter(is_borrowed));
                self.carried.extend(all.carried);
            }
            Expr::Async(_) => {
                let mut all = Flow::default();
                all.mentioned(expr, variables);
                self.carried.extend(all.carried);
            }
            Expr::Macro(inner) => self.mac(&inner.mac, expr, variables),
            _ => {}
        }
    }

    fn tail(&mut self, block: &Block, variables: &Variables) {
        if let Some(Stmt::Expr(expr, None)) = block.stmts.last() {
            self.add(expr, variables);
        }
    }

    /// The values of the `break`s in a loop, or in a block with a label.
    fn broken_with(&mut self, block: &Block, variables: &Variables) {
        struct Find<'a>(&'a mut Flow, &'a Variables);
        impl<'ast> Visit<'ast> for Find<'_> {
            fn visit_expr_break(&mut self, inner: &'ast syn::ExprBreak) {
                inner.expr.iter().for_each(|value| self.0.add(value, self.1));
                visit::visit_expr_break(self, inner);
            }
            fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
            fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
            fn visit_item(&mut self, _: &'ast syn::Item) {}
        }
        Find(self, variables).visit_block(block);
    }

    fn method(&mut self, call: &ExprMethodCall, variables: &Variables) {
        if known::gives_number(call) {
            return;
        }
        if known::hands_on(call) {
            let receiver = Flow::of(&call.receiver, variables);
            let is_copied = root(&call.receiver, variables).is_some() || known::is_copied_at_once(call);
            return self.extend(if is_copied { receiver.copied() } else { receiver });
        }
        if known::ends_copies(call) {
            self.extend(Flow::of(&call.receiver, variables).copied());
        } else {
            self.receiver(&call.receiver, variables);
        }
        call.args.iter().for_each(|argument| self.add(argument, variables));
    }

    /// What a method may borrow that is called on an expression.
    fn receiver(&mut self, receiver: &Expr, variables: &Variables) {
        match root(receiver, variables) {
            // A number's methods give numbers, and those of a text what the text is of.
            Some(variable) if variables.of_path(receiver).is_some() && known::is_scalar(&variables[variable]) => {
                self.carried.push(variable);
            }
            Some(variable) => self.borrow(variable, variables),
            None => self.add(receiver, variables),
        }
    }

    fn add_awaited(&mut self, expr: &Expr, variables: &Variables) {
        match expr {
            Expr::Paren(inner) => self.add_awaited(&inner.expr, variables),
            Expr::Group(inner) => self.add_awaited(&inner.expr, variables),
            Expr::MethodCall(call) if known::hands_on_awaited(call) => self.add(expr, variables),
            Expr::MethodCall(call) => {
                match root(&call.receiver, variables) {
                    None if known::wraps_future(call) => self.add_awaited(&call.receiver, variables),
                    _ => self.receiver(&call.receiver, variables),
                }
                call.args.iter().for_each(|argument| self.add(argument, variables));
            }
            Expr::Call(call) if known::joins_futures(&call.func) => {
                call.args.iter().for_each(|argument| self.add_awaited(argument, variables));
            }
            _ => self.add(expr, variables),
        }
    }

    fn call(&mut self, call: &syn::ExprCall, variables: &Variables) {
        if known::makes_number(&call.func) {
            return;
        }
        for argument in &call.args {
            match argument {
                Expr::Reference(inner) if inner.mutability.is_some() && known::moves_between(&call.func) => {
                    self.extend(Flow::behind(argument, variables));
                }
                _ => self.add(argument, variables),
            }
        }
        // What a closure gives may be what it has captured.
        self.carried.extend(variables.of_path(&call.func));
    }

    fn mac(&mut self, mac: &syn::Macro, expr: &Expr, variables: &Variables) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if let Some(nested) = Nested::of(mac) {
            let mentioned = nested.taken.iter().flat_map(|(_, value)| uses(value, variables));
            self.carried.extend(mentioned.map(|site| site.variable));
            let borrowed: Vec<_> = nested.borrowed.iter().filter_map(|name| variables.find(name)).collect();
            self.carried.extend(&borrowed);
            self.borrowed.extend(borrowed.into_iter().filter(|&variable| !variables[variable].shared));
        } else if name == "format_args" {
            self.mentioned(expr, variables);
        } else if known::gives_nothing(&name) {
        } else if let Some(parsed) = arguments(mac) {
            for argument in parsed.list.iter().map(value_of) {
                if known::joins(&name) { self.add_awaited(argument, variables) } else { self.add(argument, variables) }
            }
        }
    }
}

/// Whether an expression mentions a variable as such, not only what it points to: `x == y`, `f(x)`, and not `x.f`, `x.m()`, `x[i]` or
/// `*x`.
fn is_named(variable: VariableId, expr: &Expr, variables: &Variables) -> bool {
    struct Find<'a>(VariableId, &'a Variables, bool);
    impl Find<'_> {
        fn base(&mut self, base: &Expr) {
            if self.1.of_path(base).is_none() {
                self.visit_expr(base);
            }
        }
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Path(_) => self.2 |= self.1.of_path(expr) == Some(self.0),
                Expr::Field(inner) => self.base(&inner.base),
                Expr::Index(inner) => {
                    self.base(&inner.expr);
                    self.visit_expr(&inner.index);
                }
                Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => self.base(&inner.expr),
                Expr::MethodCall(call) => {
                    self.base(&call.receiver);
                    call.args.iter().for_each(|argument| self.visit_expr(argument));
                }
                _ => visit::visit_expr(self, expr),
            }
        }
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            let expr = Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.clone() });
            self.2 |= uses(&expr, self.1).iter().any(|site| site.variable == self.0);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(variable, variables, false);
    find.visit_expr(expr);
    find.2
}
