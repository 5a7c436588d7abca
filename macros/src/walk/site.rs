//! What is known of a mention: what is done with the variable, and where it stands.

use syn::Expr;

use crate::graph::VariableId;

/// What a mention does with its variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Reads, borrows or writes through it: the variable keeps its value.
    Read,
    /// Uses the bare name by value: a move, or a copy if the variable is used again.
    Value,
    /// Assigns to all of it.
    Assign,
}

/// What is used by value of what a variable, or a field of it, points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// `*x`: if it is moved out of a box, nothing of the box is left.
    Whole,
    /// `*x`, by a pattern that leaves something: of a box, that must not need to be dropped.
    Parts,
    /// `*x.f`.
    Part,
}

/// Where a mention stands.
#[derive(Debug, Clone)]
pub struct Site {
    pub variable: VariableId,
    pub kind: Use,
    /// Inside a loop within the expression: it happens any number of times.
    pub repeated: bool,
    /// Inside a branch within the expression: it may not happen. (A closure captures where it stands, for certain.)
    pub conditional: bool,
    /// Within the innermost of its branches, it may not happen.
    pub uncertain: bool,
    /// The branches around it within the expression.
    pub branches: Vec<Branch>,
    /// Inside a `move` closure.
    pub captured: bool,
    /// Inside any closure.
    pub closure: bool,
    /// Inside closures that are called where they stand, and not in a loop there: what it moves, it moves once, and for certain.
    pub at_once: bool,
    /// It, or its `field`, is the receiver of this method, called with these arguments: only types tell whether it is moved.
    pub call: Option<Called>,
    /// The method is one of iterators', `Option`'s and `Result`'s, by its name.
    pub by_name: bool,
    /// A method is called on it.
    pub receiver: bool,
    /// It is the root of this field, which is used by value, or taken by a `move` closure: only types tell whether the variable is
    /// taken apart.
    pub field: Option<Box<Expr>>,
    /// A pattern leaves something of its `field` where it is.
    pub leaves: bool,
    /// Its `field` is reached through a pointer: out of a box it can be moved, of what other pointers point to it is a copy.
    pub pointer: Option<Pointer>,
    /// It is the root of a field of this name.
    pub member: Option<syn::Member>,
    /// It is the root of this field, which a closure uses by value.
    pub part: Option<Box<Expr>>,
    /// It is the root of these fields, and an `async` block takes them or all of it: only types tell.
    pub choice: Vec<Expr>,
    /// A structure is made with what is left of it: `..x`.
    pub is_base: bool,
}

/// A branch of an `if` or `match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// Which `if` or `match` of the expression.
    pub choice: usize,
    /// Which of its branches.
    pub number: usize,
    /// What is behind the choice is not reached from here.
    pub leaves: bool,
    /// How many of the branches reach what is behind the choice, those included of which nothing is written.
    pub ends: usize,
    /// The choice may not be come to, or more than once, within the branch that is around it.
    pub uncertain: bool,
}

/// A method that is called.
#[derive(Debug, Clone)]
pub struct Called {
    pub method: proc_macro2::Ident,
    pub turbofish: Option<syn::AngleBracketedGenericArguments>,
    pub arguments: Vec<Expr>,
}

impl Called {
    pub fn of(call: &syn::ExprMethodCall) -> Called {
        let arguments = call.args.iter().cloned().collect();
        Called { method: call.method.clone(), turbofish: call.turbofish.clone(), arguments }
    }

    /// Where the name alone matters.
    pub fn by_name(call: &syn::ExprMethodCall) -> Called {
        Called { method: call.method.clone(), turbofish: None, arguments: Vec::new() }
    }
}

impl Site {
    /// Whether it happens inside a closure, which may run any number of times. What a `move` closure takes, it takes where it
    /// stands, and so does one that is called there.
    pub fn is_put_off(&self) -> bool {
        let takes = self.captured || (self.at_once && self.call.is_none());
        self.closure && !(takes && self.field.is_some())
    }

    /// Whether only one of the two is reached: they stand in different branches of an `if` or `match`.
    pub fn excludes(&self, other: &Site) -> bool {
        let differs = |branch: &Branch| {
            other.branches.iter().any(|another| another.choice == branch.choice && another.number != branch.number)
        };
        self.branches.iter().any(differs)
    }
}
