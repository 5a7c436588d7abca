//! Blocks and statements, and the scopes of temporaries.
//!
//! A temporary that the lowering makes (an awaited value, a spilled operand) is a variable. Most are moved on at once.
//! One that *lingers*, because the rest of its statement borrows it, gets a scope that ends with the statement.

use syn::{Block, Expr, Stmt, parse_quote};

use super::tail::returned;
use super::{Destination, Lower, form};
use crate::graph::{Op, Terminator, VariableId};
use crate::tree;

impl Lower<'_> {
    /// A block, its value going to `destination`.
    pub(super) fn block(&mut self, mut block: Block, mut destination: Destination) {
        if let Some(Stmt::Expr(Expr::Return(last), None)) = block.stmts.last()
            && last.expr.as_ref().is_some_and(|value| form::has_temporaries(value) || self.takes_apart(value))
        {
            self.graph.asks_edition = true;
        }
        if let Some(Stmt::Expr(last, None)) = block.stmts.last_mut()
            && let Some(value) = returned(last)
        {
            (*last, destination) = (value.clone(), Destination::Return);
        }
        let wanted = !matches!(destination, Destination::Discard);
        let stops = |expr: &Expr| tree::panics(expr) && !matches!(destination, Destination::Return);
        let is_native = matches!(block.stmts.last(), Some(Stmt::Expr(last, None)) if stops(last) || self.ends_natively(last, destination))
            && !self.takes_last_apart(&block.stmts);
        let mut tail = if is_native { None } else { self.open_tail(&block.stmts) };
        let mut outer = None;
        let before = self.is_left(&block).then(|| {
            let once = self.once_in(&block);
            (std::mem::replace(&mut self.once, once), self.nothing_behind(&block))
        });
        let scope = self.enter();
        let last = block.stmts.len().wrapping_sub(1);
        let mut ended = false;
        for (index, statement) in block.stmts.into_iter().enumerate() {
            match statement {
                Stmt::Local(local) => self.local(local),
                Stmt::Item(_) => {}
                // What is moved on the way there is still there on the others.
                Stmt::Expr(expr, None) if index == last && stops(&expr) => {
                    self.store(expr, destination);
                    ended = true;
                }
                Stmt::Expr(expr, None) if index == last => {
                    match tail.take() {
                        Some(tail) => outer = self.tail(expr, destination, tail),
                        None if self.ends_natively(&expr, destination) => {
                            let variable = match destination {
                                Destination::Variable(variable) => Some(variable),
                                _ => None,
                            };
                            self.stand_alone();
                            self.op(Op::Tail(variable, expr));
                        }
                        None => {
                            self.terminal = !crate::edition::is_old();
                            self.scoped_into(expr, destination)
                        }
                    }
                    ended = true;
                }
                // The last statement decides whether the block comes to its end: rustc is to see it as the value.
                Stmt::Expr(expr, Some(_))
                    if index == last
                        && wanted
                        && !self.takes_apart(&expr)
                        && self.assigned_apart(&expr).is_none()
                        && !matches!(expr, Expr::Return(_)) =>
                {
                    self.store(parse_quote!({ #expr; }), destination);
                    ended = true;
                }
                Stmt::Expr(expr, Some(_)) => self.discard(expr),
                Stmt::Expr(expr, None) => self.scoped_into(expr, Destination::Discard),
                Stmt::Macro(mac) => {
                    let expr = Expr::Macro(syn::ExprMacro { attrs: mac.attrs, mac: mac.mac });
                    if index == last && stops(&expr) {
                        self.store(expr, destination);
                        ended = true;
                    } else if index == last && wanted {
                        let value = if mac.semi_token.is_some() { parse_quote!({ #expr; }) } else { expr };
                        self.store(value, destination);
                        ended = true;
                    } else {
                        self.op(Op::Effect(expr));
                    }
                }
            }
        }
        if !ended {
            self.store_unit(destination);
        }
        self.exit(scope);
        outer.into_iter().for_each(|outer| self.exit(outer));
        if let Some((once, elsewhere)) = before {
            (self.once, self.elsewhere) = (once, elsewhere);
        }
    }

    /// Whether a block's last expression can be the last one of the machine's block too: then rustc knows when its temporaries
    /// are dropped.
    fn ends_natively(&self, expr: &Expr, destination: Destination) -> bool {
        let wants = match destination {
            Destination::Discard => true,
            // What the value borrows gets names.
            Destination::Variable(_) => !form::borrows_value(expr),
            Destination::Return => false,
        };
        wants && form::has_temporaries(expr) && !tree::always_returns(expr) && !self.takes_apart(expr)
    }

    /// An expression with a scope for the temporaries that linger.
    pub(super) fn scoped_into(&mut self, expr: Expr, destination: Destination) {
        if self.takes_apart(&expr) && self.lingers(&expr) {
            let scope = self.enter();
            self.into(expr, destination);
            self.exit(scope);
        } else {
            self.into(expr, destination);
        }
    }

    /// Puts a value where it is wanted.
    pub(super) fn store(&mut self, value: Expr, destination: Destination) {
        match destination {
            // What is behind a panic is not reached. (That it is one, and not a macro that has its name, rustc sees by the `match`.)
            Destination::Discard | Destination::Variable(_) if tree::panics(&value) => {
                let never = parse_quote!(match #value {});
                self.op(match destination {
                    Destination::Variable(variable) => Op::Assign(variable, never),
                    _ => Op::Effect(never),
                });
                self.terminate(Terminator::Diverge);
                self.unreachable();
            }
            Destination::Discard
                if let Expr::Assign(assign) = &value
                    && let Some(variable) = self.assigned_whole(&assign.left) =>
            {
                self.assign(variable, (*assign.right).clone());
            }
            Destination::Discard => match self.graph.variables.of_path(&value) {
                Some(_) => self.op(Op::Effect(parse_quote!(::core::mem::drop(#value)))),
                None => self.op(Op::Effect(value)),
            },
            Destination::Variable(variable) => self.op(Op::Assign(variable, value)),
            Destination::Return if self.assigned_apart(&value).is_some() => {
                self.store(value, Destination::Discard);
                self.store_unit(destination);
            }
            Destination::Return => {
                if self.scopes.len() == 2 && form::has_temporaries(&value) {
                    self.stand_alone();
                }
                self.terminate(Terminator::Return(value));
                self.unreachable();
            }
        }
    }

    /// What the user assigns to a variable, which is a mention of it.
    pub(super) fn assign(&mut self, variable: VariableId, value: Expr) {
        *self.seen.entry(variable).or_insert(0) += 1;
        self.op(Op::Assign(variable, value));
    }

    /// The variable that an assignment gives a value to. One of the function around a block has a value already, in its slot.
    pub(super) fn assigned_whole(&self, place: &Expr) -> Option<VariableId> {
        self.graph.variables.of_path(place).filter(|&variable| !self.graph.variables[variable].outer)
    }

    /// The variable that an assignment gives a value to where it may have none.
    pub(super) fn assigned_apart(&self, value: &Expr) -> Option<VariableId> {
        let Expr::Assign(assign) = value else { return None };
        self.graph.variables.of_path(&assign.left).filter(|&variable| self.graph.variables[variable].apart)
    }

    pub(super) fn store_unit(&mut self, destination: Destination) {
        if !matches!(destination, Destination::Discard) {
            self.store(tree::unit(), destination);
        }
    }
}
