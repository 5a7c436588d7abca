//! Patterns with alternatives: `Ok(t) | Err((t, _))`.
//!
//! # The problem
//! What a pattern leaves of a value gets a name ([`crate::apart`]), but all alternatives must bind the same names. And of
//! several alternatives that match, a guard may hold for a later one.
//!
//! # The design
//! Such a pattern becomes one for each alternative.

use crate::visit_mut::{self, VisitMut};
use syn::{Expr, Pat, PatOr};

use crate::walk::{leaves, takes};

/// As many patterns are made of one.
const MOST: usize = 64;

/// One pattern for each alternative of those that `split` chooses, in rustc's order; the pattern as it is if there are too many.
pub fn of(pattern: &Pat, split: fn(&PatOr) -> bool) -> Vec<Pat> {
    let mut all = Vec::new();
    let mut choose = Choose { split, taken: Vec::new(), met: 0 };
    loop {
        let mut alternative = pattern.clone();
        choose.met = 0;
        choose.visit_pat_mut(&mut alternative);
        all.push(alternative);
        // The last one changes first.
        while choose.taken.pop_if(|(taken, of)| *taken + 1 == *of).is_some() {}
        match choose.taken.last_mut() {
            _ if all.len() > MOST => return vec![pattern.clone()],
            Some((taken, _)) => *taken += 1,
            None => return all,
        }
    }
}

struct Choose {
    split: fn(&PatOr) -> bool,
    /// Which alternative of each of them is taken, and how many there are.
    taken: Vec<(usize, usize)>,
    met: usize,
}

impl VisitMut for Choose {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if let Pat::Or(or) = pattern
            && (self.split)(or)
        {
            if self.met == self.taken.len() {
                self.taken.push((0, or.cases.len()));
            }
            let (taken, _) = self.taken[self.met];
            self.met += 1;
            *pattern = or.cases[taken].clone();
            return self.visit_pat_mut(pattern);
        }
        visit_mut::visit_pat_mut(self, pattern);
    }

    fn visit_expr_mut(&mut self, _: &mut Expr) {}
}

/// One pattern for each alternative, where a pattern takes something and an alternative leaves something.
pub fn that_leave(pattern: &Pat) -> Vec<Pat> {
    if takes(pattern) { of(pattern, |or| or.cases.iter().any(leaves)) } else { vec![pattern.clone()] }
}
