//! Patterns of which an alternative leaves something of what is matched: each alternative is an arm of its own, and they
//! meet where what they have bound is used. See [`crate::alternatives`].

use syn::{Expr, Pat};

use super::Lower;
use super::bound::bound;
use crate::alternatives;
use crate::graph::{Arm, BlockId, Op, ScopeId, Terminator, VariableId};

impl Lower<'_> {
    /// The arms of a pattern that lead to a block.
    pub(super) fn arms(
        &mut self,
        pattern: Pat,
        guard: Option<&Expr>,
        binds: &[VariableId],
        block: BlockId,
    ) -> Vec<Arm> {
        let patterns = alternatives::that_leave(&pattern);
        let several = patterns.len() > 1;
        let arm = |pattern| {
            let block = if several { self.new_block() } else { block };
            Arm { pattern, guard: guard.cloned(), binds: binds.to_vec(), block }
        };
        patterns.into_iter().map(arm).collect()
    }

    /// Begins the block to which some arms lead.
    pub(super) fn meet(&mut self, arms: &[Arm], block: BlockId) {
        for arm in arms.iter().filter(|arm| arm.block != block) {
            self.begin(arm.block);
            self.goto(block);
        }
        self.begin(block);
    }

    /// The same, with what they bind declared.
    pub(super) fn matched(&mut self, arms: &[Arm], block: BlockId, binds: Vec<VariableId>) {
        self.meet(arms, block);
        for variable in binds {
            self.declare(variable);
        }
    }

    /// The same, in a scope of their own.
    pub(super) fn enter_arms(&mut self, arms: &[Arm], block: BlockId) -> ScopeId {
        let mut scope = None;
        for arm in arms.iter().filter(|arm| arm.block != block) {
            if scope.is_some() {
                self.scopes.pop();
            }
            self.begin(arm.block);
            match scope {
                Some(scope) => {
                    self.scopes.push(scope);
                    self.op(Op::Enter(scope));
                }
                None => scope = Some(self.enter()),
            }
            self.goto(block);
        }
        self.begin(block);
        scope.unwrap_or_else(|| self.enter())
    }

    /// `let PATTERN = variable;`.
    pub(super) fn bind_alternatives(&mut self, pattern: Pat, value: Expr) {
        let (pattern, scrutinee) = self.typed(pattern, value);
        let binds = bound(&pattern, &self.graph.variables);
        let block = self.new_block();
        let arms = self.arms(pattern, None, &binds, block);
        self.terminate(Terminator::Match { scrutinee, arms: arms.clone() });
        self.matched(&arms, block, binds);
    }
}
