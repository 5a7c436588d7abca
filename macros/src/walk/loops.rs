//! In which loop code stands, and variables are declared: for visitors, which enter and leave.

use std::collections::BTreeMap;

use crate::graph::VariableId;

/// The loops around the place where a visitor is. (Outside of all is 0.)
#[derive(Default)]
pub struct Loops {
    entered: Vec<usize>,
    count: usize,
    declared: BTreeMap<VariableId, usize>,
}

impl Loops {
    pub fn enter(&mut self) {
        self.count += 1;
        self.entered.push(self.count);
    }

    pub fn leave(&mut self) {
        self.entered.pop();
    }

    /// The number of the innermost.
    pub fn innermost(&self) -> usize {
        self.entered.last().copied().unwrap_or_default()
    }

    pub fn declare(&mut self, variable: VariableId) {
        let innermost = self.innermost();
        self.declared.insert(variable, innermost);
    }

    /// In which loop a variable is declared: a parameter in none.
    pub fn of(&self, variable: VariableId) -> usize {
        self.declared.get(&variable).copied().unwrap_or_default()
    }
}
