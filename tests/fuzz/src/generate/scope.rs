//! The account of variables: which are visible, what of them is moved, what is borrowed.
//!
//! It is rough where rustc is exact: it follows moves and borrows by path, joins what branches leave, and ends a borrow
//! when its holder is retired or goes out of scope. What it gets wrong rustc refuses, and the function is thrown away.

use super::kinds::{Kind, Step};

pub type Path = Vec<Step>;

/// That something borrows a part of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borrow {
    pub variable: usize,
    pub path: Path,
    pub exclusive: bool,
}

#[derive(Debug, Clone)]
pub struct Variable {
    pub name: String,
    pub kind: Kind,
    pub mutable: bool,
    /// The parts that are moved, or may be, or are not initialised. The empty path is all of it.
    pub gone: Vec<Path>,
    /// Declared without a value, and without `mut`: assigned once.
    pub late: bool,
    /// What it borrows, until it is retired.
    pub borrows: Vec<Borrow>,
    /// Not used again, so that what it borrows is free.
    pub retired: bool,
    /// How many loops are around its declaration.
    pub loops: usize,
}

/// A part of a variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub variable: usize,
    pub path: Path,
    pub kind: Kind,
    pub name: String,
}

/// What is wanted of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Read,
    Change,
    Move,
}

/// What a branch can change.
pub type States = Vec<(Vec<Path>, bool)>;

#[derive(Debug, Default)]
pub struct Scope {
    pub variables: Vec<Variable>,
    /// Borrows of operands that have been written in the expression that is being written.
    pub held: Vec<Borrow>,
    pub loops: usize,
    /// What is being written does not come back: it may move what is from outside of the loop.
    pub leaves: bool,
}

fn overlap(one: &[Step], other: &[Step]) -> bool {
    // Elements are not told apart by the borrow checker.
    let same = |a: &Step, b: &Step| a == b || matches!((a, b), (Step::Index(_), Step::Index(_)));
    one.iter().zip(other).all(|(a, b)| same(a, b))
}

impl Place {
    /// As it is written.
    pub fn text(&self) -> String {
        Self::written(&self.name, &self.path)
    }

    /// Before a method or a field: references need no `*` there.
    pub fn receiver(&self) -> String {
        match self.path.split_last() {
            Some((Step::Deref, path)) => Self::written(&self.name, path),
            _ => self.text(),
        }
    }

    fn written(name: &str, path: &[Step]) -> String {
        let mut text = name.to_string();
        for (i, step) in path.iter().enumerate() {
            text = match step {
                Step::Field(field) => format!("{text}.{field}"),
                Step::Index(index) => format!("{text}[{index}]"),
                // A field or an element finds its way by itself.
                Step::Deref if i + 1 < path.len() => text,
                Step::Deref => format!("*{text}"),
            };
        }
        if text.starts_with('*') { format!("({text})") } else { text }
    }

    pub fn borrow(&self, exclusive: bool) -> Borrow {
        Borrow { variable: self.variable, path: self.path.clone(), exclusive }
    }
}

impl Scope {
    pub fn declare(&mut self, name: &str, kind: Kind, mutable: bool) -> usize {
        let loops = self.loops;
        self.variables.push(Variable {
            name: name.to_string(),
            kind,
            mutable,
            gone: Vec::new(),
            late: false,
            borrows: Vec::new(),
            retired: false,
            loops,
        });
        // A reference that cannot be named any more holds nothing.
        let last = self.variables.len() - 1;
        for variable in &mut self.variables[..last] {
            variable.retired |= variable.name == name && !variable.kind.is_guard();
        }
        last
    }

    /// Declares something that borrows.
    pub fn declare_borrowing(&mut self, name: &str, kind: Kind, mutable: bool, borrows: Vec<Borrow>) -> usize {
        let mut all = Vec::new();
        for borrow in borrows {
            // Through a reference, what that one borrows stays borrowed.
            all.extend(self.variables[borrow.variable].borrows.iter().cloned());
            all.push(borrow);
        }
        let i = self.declare(name, kind, mutable);
        self.variables[i].borrows = all;
        i
    }

    /// Ends a scope: what was declared since there were `outside` variables is gone.
    pub fn leave(&mut self, outside: usize) {
        self.variables.truncate(outside);
    }

    fn visible(&self, i: usize) -> bool {
        let name = &self.variables[i].name;
        self.variables[i + 1..].iter().all(|later| later.name != *name)
    }

    fn conflicts(&self, variable: usize, path: &[Step], shared_too: bool) -> bool {
        let live = self.variables.iter().filter(|v| !v.retired && !v.gone.iter().any(Vec::is_empty));
        live.flat_map(|v| &v.borrows).chain(&self.held).any(|borrow| {
            borrow.variable == variable && (shared_too || borrow.exclusive) && overlap(&borrow.path, path)
        })
    }

    /// Whether a part can be used so.
    pub fn allows(&self, place: &Place, usage: Use) -> bool {
        let variable = &self.variables[place.variable];
        if variable.retired || variable.gone.iter().any(|gone| overlap(gone, &place.path)) {
            return false;
        }
        let copies = usage == Use::Read || usage == Use::Move && place.kind.is_copy();
        if self.conflicts(place.variable, &place.path, !copies) {
            return false;
        }
        if copies {
            return true;
        }
        // Along the way: what each step goes through.
        let mut kind = variable.kind;
        let mut changeable = variable.mutable;
        let mut movable = variable.loops == self.loops || self.leaves;
        for step in &place.path {
            match (step, kind) {
                (Step::Deref, Kind::Ref(_)) => (changeable, movable) = (false, false),
                (Step::Deref, Kind::Mut(_)) => (changeable, movable) = (true, false),
                (Step::Index(_), Kind::Slice) => (changeable, movable) = (false, false),
                (Step::Index(_), Kind::SliceMut) => (changeable, movable) = (true, false),
                (Step::Index(_), _) => movable = false,
                _ => {}
            }
            kind = kind.parts().iter().find(|(part, _)| part == step).expect("it is a part").1;
        }
        if usage == Use::Change { changeable } else { movable && (place.path.is_empty() || !kind.borrows()) }
    }

    /// All parts of visible variables that pass.
    pub fn places(&self, usage: Use, test: impl Fn(Kind) -> bool) -> Vec<Place> {
        let mut found = Vec::new();
        for i in (0..self.variables.len()).filter(|&i| self.visible(i)) {
            let variable = &self.variables[i];
            let root = Place { variable: i, path: Vec::new(), kind: variable.kind, name: variable.name.clone() };
            let mut queue = vec![root];
            while let Some(place) = queue.pop() {
                if place.path.len() < 3 {
                    queue.extend(place.kind.parts().iter().map(|&(step, kind)| {
                        let path = place.path.iter().copied().chain([step]).collect();
                        Place { path, kind, ..place.clone() }
                    }));
                }
                if test(place.kind) && self.allows(&place, usage) {
                    found.push(place);
                }
            }
        }
        found
    }

    /// Whether it may be assigned: also when it is moved, but not in parts of what is moved.
    pub fn assignable(&self, test: impl Fn(Kind) -> bool) -> Vec<Place> {
        let mut found = self.places(Use::Change, &test);
        for (i, variable) in self.variables.iter().enumerate() {
            if !self.visible(i) || !test(variable.kind) || variable.retired {
                continue;
            }
            let late = variable.late && variable.loops == self.loops;
            if variable.gone.iter().any(Vec::is_empty) && (variable.mutable || late) && !self.conflicts(i, &[], true) {
                found.push(Place { variable: i, path: Vec::new(), kind: variable.kind, name: variable.name.clone() });
            }
            for gone in &variable.gone {
                let fields = !gone.is_empty() && gone.iter().all(|step| matches!(step, Step::Field(_)));
                if fields && variable.mutable && !self.conflicts(i, gone, true) && variable.kind != Kind::Boxed {
                    // What a pattern has moved out of an enum is no part that can be named.
                    let kind = gone.iter().try_fold(variable.kind, |kind, step| {
                        kind.parts().iter().find(|(part, _)| part == step).map(|(_, kind)| *kind)
                    });
                    if let Some(kind) = kind.filter(|kind| test(*kind)) {
                        found.push(Place { variable: i, path: gone.clone(), kind, name: variable.name.clone() });
                    }
                }
            }
        }
        found
    }

    /// Notes that a part was moved out.
    pub fn moved(&mut self, place: &Place) {
        if !place.kind.is_copy() {
            self.variables[place.variable].gone.push(place.path.clone());
        }
    }

    /// Notes that a part has a value.
    pub fn assigned(&mut self, place: &Place) {
        let variable = &mut self.variables[place.variable];
        variable.late = false;
        variable.gone.retain(|gone| !gone.starts_with(&place.path));
    }

    pub fn states(&self) -> States {
        self.variables.iter().map(|variable| (variable.gone.clone(), variable.retired)).collect()
    }

    /// Goes back to what was; variables declared since are forgotten.
    pub fn restore(&mut self, states: &States) {
        self.variables.truncate(states.len());
        for (variable, (gone, retired)) in self.variables.iter_mut().zip(states) {
            variable.gone.clone_from(gone);
            variable.retired = *retired;
        }
    }

    /// Joins with what another path leaves.
    pub fn join(&mut self, other: &States) {
        for (variable, (gone, retired)) in self.variables.iter_mut().zip(other) {
            for path in gone {
                if !variable.gone.contains(path) {
                    variable.gone.push(path.clone());
                }
            }
            variable.retired |= retired;
        }
    }
}
