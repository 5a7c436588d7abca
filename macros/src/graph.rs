//! The suspension graph: blocks of the user's code, joined by edges.
//!
//! A block is straight-line code over real local variables. Its last word, the [`Terminator`], says where control goes:
//! natively (`if`, `match`), by an edge (`goto`), or out of the machine (`suspend`, `return`).

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};
use syn::{Expr, Pat};

use crate::structures::Structure;
use crate::walk::has;

pub type VariableId = usize;
pub type ScopeId = usize;
pub type BlockId = usize;

/// Added to the declaration order of an operand that waits for the rest of its expression: among the variables of its
/// scope it is dropped first.
pub const OPERAND: usize = 1 << 30;

/// A binding of the function: a parameter, a `let`, a pattern's name, or a temporary that the lowering made.
#[derive(Clone)]
pub struct Variable {
    /// Unique in the function.
    pub name: Ident,
    /// Borrowed across a suspension: it lives in a slot of the frame.
    pub anchored: bool,
    /// The type that it is declared with, which may leave parts to rustc: what it is given is to become that.
    pub written: Option<syn::Type>,
    /// Its type is known by its spelling to have no destructor.
    pub plain: bool,
    /// The same, and to be `Copy`.
    pub copied: bool,
    /// The same, and to refer to nothing: it is made of numbers.
    pub numeric: bool,
    /// The name of its type, if that shows it to be a number, a `bool` or a `char`.
    pub number: Option<Ident>,
    /// Assigned to, after its declaration.
    pub assigned: bool,
    /// Assigned to inside an expression that stays in one piece, so that it must stay what it is, also when only its
    /// destructor is still to come.
    pub nested: bool,
    /// It may have no value where an expression in one piece assigns to it: such expressions are taken apart.
    pub apart: bool,
    /// Nothing refers to it where a pattern takes it apart: see [`crate::alone`].
    pub alone: bool,
    /// Nothing refers to it behind the statements that borrow it, so when it has been moved its slot is free: see [`crate::alone`].
    pub unreferred: bool,
    /// Its value may be a closure, of which rustc cannot yet tell whether it is `Copy`.
    pub unprobed: bool,
    /// There is a closure in its first value, so it is no reference.
    pub closure: bool,
    /// Its value is a closure, or is made of one: `Some(closure)`. What a pattern takes out of it may be a closure, too.
    pub holds_closure: bool,
    /// A field of it may be moved out while others are used later.
    pub parted: bool,
    /// What it is known to be a value of.
    pub structure: Option<Box<Structure>>,
    /// Made by the lowering.
    pub temporary: bool,
    /// What for; nothing, for a variable of the user's, whatever its name is.
    pub role: &'static str,
    /// Of it a structure is made, and what that leaves has variables of its own: see [`crate::base`].
    pub is_base: bool,
    /// It is a field of this one, and counts as declared beside it: see [`crate::beside`].
    pub beside: Option<VariableId>,
    /// It belongs to the function around a nested block, which borrows it in its slot.
    pub outer: bool,
    /// Its written type is `&T`.
    pub shared: bool,
    /// Its type or its first value shows that it is a value, not a reference.
    pub owned: bool,
    /// Its type or its first value shows that it is a `Box`.
    pub boxed: bool,
    /// Its type shows that what a call of it gives borrows it: `impl AsyncFnMut()`.
    pub lends: bool,
    /// Its type shows that it may be called once: `impl FnOnce()`, a box of one. A call moves it.
    pub called_once: bool,
    /// Whether using its bare name may be an implicit reborrow.
    pub borrowing: Borrowing,
    /// The scope at whose end it is dropped; set when its declaration is lowered.
    pub scope: ScopeId,
    /// Declaration order.
    pub order: usize,
}

impl Variable {
    /// Whether it is known to be a `&mut`.
    pub fn is_exclusive(&self) -> bool {
        self.borrowing == Borrowing::Mutable && self.plain
    }

    /// It is an operand that waits: see [`OPERAND`]. (It may be one of several expressions.)
    pub fn waits(&mut self) {
        self.order = self.order % OPERAND + OPERAND;
    }

    pub fn is_waiting(&self) -> bool {
        (OPERAND..2 * OPERAND).contains(&self.order)
    }
}

/// What a variable's spelling tells about implicit reborrows: `f(r)` borrows `*r` if `r` is a `&mut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Borrowing {
    /// Not a `&mut`.
    No,
    /// A `&mut`.
    Mutable,
    /// Its type is not written.
    Unknown,
}

/// All variables, by id and by their unique name.
#[derive(Default, Clone)]
pub struct Variables {
    pub list: Vec<Variable>,
    by_name: BTreeMap<String, VariableId>,
    /// Added to the numbers of temporaries: those of a nested block have names that the function around does not have.
    pub numbered_from: usize,
    /// The function's name.
    pub function: String,
    /// The same, where it is written; of an `async` block nothing.
    pub home: Option<Ident>,
    /// The operations that move fields out of variables of which nothing is used after that, with these fields: what is left is held.
    pub rests: BTreeMap<((BlockId, usize), VariableId), Vec<syn::Member>>,
    /// They are those of an `async` block: it takes `self` from a variable.
    pub of_block: bool,
    /// The fields of the structures that patterns name, as far as the file shows them.
    pub declared: crate::rest_patterns::Declared,
    /// What the result's type is, if that is written and can be repeated.
    pub result: Option<syn::Type>,
    /// The same, as it is written in expressions.
    pub returned: Option<crate::emit::result::Returned>,
    /// It has other lifetimes in the machine than the user has written.
    pub is_relived: bool,
    /// Nobody has written what the result's type is: that of an `async` block.
    pub unwritten_result: bool,
    /// The numbers of [natives](Native) that get variables nevertheless.
    pub held: std::collections::BTreeSet<usize>,
    /// The machine can tell where it stands, see [`locate`](crate::emit::locate).
    pub located: Option<crate::emit::locate::Coroutine>,
    /// The macros of the body that show the words that they are given.
    pub showing: std::collections::HashSet<String>,
    /// It is decided which of them have slots.
    pub are_anchored: bool,
    /// Where the machine moves all of a variable in a slot, or of what a box holds, and rustc's code but a part: the tokens' lines
    /// and columns. The twin moves all, too, so that rustc sees whether anything of it is borrowed.
    pub taken_whole: std::collections::BTreeSet<(usize, usize)>,
    /// Where a mention stands behind which a variable, or what is left of it, is no longer where it was: nothing may refer to any of it
    /// then, which the twin shows.
    pub gone: std::collections::BTreeSet<Mention>,
}

impl Variables {
    pub fn add(&mut self, name: Ident) -> VariableId {
        let id = self.list.len();
        self.by_name.insert(name.to_string(), id);
        self.list.push(Variable {
            name,
            anchored: false,
            written: None,
            plain: false,
            numeric: false,
            number: None,
            copied: false,
            assigned: false,
            nested: false,
            apart: false,
            alone: false,
            unreferred: false,
            unprobed: false,
            closure: false,
            holds_closure: false,
            parted: false,
            structure: None,
            temporary: false,
            role: "",
            is_base: false,
            beside: None,
            outer: false,
            shared: false,
            owned: false,
            boxed: false,
            lends: false,
            called_once: false,
            borrowing: Borrowing::Unknown,
            scope: 0,
            order: usize::MAX,
        });
        id
    }

    /// A variable of the lowering's own.
    pub fn temporary(&mut self, role: &'static str, span: Span) -> VariableId {
        let mut name = format!("__{role}_{}", self.numbered_from + self.list.len());
        // The user may have had the same idea.
        while self.by_name.contains_key(&name) {
            name.push('_');
        }
        let variable = self.add(Ident::new(&name, span));
        self.list[variable].temporary = true;
        self.list[variable].role = role;
        variable
    }

    /// Takes a variable away: it belongs to a nested block.
    pub fn remove(&mut self, id: VariableId) -> Variable {
        let variable = self.list[id].clone();
        self.by_name.remove(&variable.name.to_string());
        variable
    }

    /// Adds a variable that was another list's.
    pub fn insert(&mut self, variable: Variable) -> VariableId {
        let id = self.add(variable.name.clone());
        self.list[id] = variable;
        id
    }

    /// Notes down that at a token all of something is moved, not a part: see [`Variables::taken_whole`].
    pub fn takes_whole_at(&mut self, token: Span) {
        self.taken_whole.insert(crate::place::at(token));
    }

    /// Notes down that where a place stands the machine takes all of the variable at its root, though the user's code does not: see
    /// [`Variables::gone`].
    pub fn goes_at(&mut self, place: &Expr) {
        self.gone.extend(root_token(place));
    }

    pub fn find(&self, name: &Ident) -> Option<VariableId> {
        self.by_name.get(&name.to_string()).copied()
    }

    /// The variable that an expression names, if it is nothing but a name.
    pub fn of_path(&self, expr: &Expr) -> Option<VariableId> {
        match expr {
            Expr::Path(path) if path.qself.is_none() => path.path.get_ident().and_then(|name| self.find(name)),
            Expr::Paren(inner) => self.of_path(&inner.expr),
            Expr::Group(inner) => self.of_path(&inner.expr),
            _ => None,
        }
    }
}

impl Variables {
    /// The variable of which an expression is a field, or a field of a field.
    pub fn root_of_field(&self, expr: &Expr) -> Option<VariableId> {
        let mut root = crate::tree::bare(expr);
        let Expr::Field(_) = root else { return None };
        while let Expr::Field(inner) = root {
            root = crate::tree::bare(&inner.base);
        }
        self.of_path(root)
    }
}

impl std::ops::Index<VariableId> for Variables {
    type Output = Variable;
    fn index(&self, id: VariableId) -> &Variable {
        &self.list[id]
    }
}

impl std::ops::IndexMut<VariableId> for Variables {
    fn index_mut(&mut self, id: VariableId) -> &mut Variable {
        &mut self.list[id]
    }
}

/// One piece of straight-line code.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "a graph has some dozens of these, and lives for one expansion")]
pub enum Op {
    /// `let x;`, or `let x: T;` if its type is [written](Variable::written): assigned later.
    Declare(VariableId),
    /// `let PAT = init;`, with the variables that the pattern binds. `otherwise` is the block of a `let … else`.
    Let { pattern: Pat, init: Expr, otherwise: Option<Expr>, binds: Vec<VariableId> },
    /// The same, of variables that were declared by [`Op::Declare`]: they outlive the temporaries of `init`.
    Bind { pattern: Pat, init: Expr, binds: Vec<VariableId> },
    /// An expression for its effect.
    Effect(Expr),
    /// The same, at the end of a block, or the value of a variable: when its temporaries are dropped, rustc's edition says.
    Tail(Option<VariableId>, Expr),
    /// `x = value`, where `x` was declared by [`Op::Declare`] or the user.
    Assign(VariableId, Expr),
    /// From here on a variable counts as declared after those that were declared before: a parameter, whose pattern is
    /// bound here, or what a pattern binds behind a variable that is taken apart.
    Rebind(VariableId),
    /// A scope begins.
    Enter(ScopeId),
    /// A scope ends: its variables are dropped, last declared first.
    Exit(ScopeId),
}

/// An arm of a [`Terminator::Match`].
#[derive(Clone)]
pub struct Arm {
    pub pattern: Pat,
    pub guard: Option<Expr>,
    pub binds: Vec<VariableId>,
    pub block: BlockId,
}

/// How a block ends.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "as for `Op`")]
pub enum Terminator {
    Goto(BlockId),
    If {
        condition: Expr,
        then: BlockId,
        otherwise: BlockId,
    },
    Match {
        scrutinee: Expr,
        arms: Vec<Arm>,
    },
    /// Waits for `child`; its output becomes `output` at `resume`.
    Suspend {
        child: Expr,
        output: VariableId,
        resume: BlockId,
    },
    /// The body's value, or a `return` with its own.
    Return(Expr),
    /// The last operation does not come back.
    Diverge,
}

/// A block: where it stands in the scopes, what it does, how it ends.
#[derive(Clone)]
pub struct Block {
    /// The scopes that are open at its start, outermost first.
    pub scopes: Vec<ScopeId>,
    pub ops: Vec<Op>,
    pub terminator: Terminator,
    /// It stands in the brace of the scope that is innermost at its start, not in one of another block: it begins an arm.
    pub alone: bool,
}

impl Op {
    /// What it evaluates.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Op::Let { init, otherwise, .. } => [init].into_iter().chain(otherwise).collect(),
            Op::Effect(expr) | Op::Tail(_, expr) | Op::Assign(_, expr) | Op::Bind { init: expr, .. } => vec![expr],
            Op::Declare(_) | Op::Rebind(_) | Op::Enter(_) | Op::Exit(_) => Vec::new(),
        }
    }

    /// The variables that it gives values, and what these are made of.
    pub fn given(&self) -> Option<(&[VariableId], &Expr)> {
        match self {
            Op::Let { init, binds, .. } | Op::Bind { init, binds, .. } => Some((binds, init)),
            Op::Assign(variable, value) | Op::Tail(Some(variable), value) => {
                Some((std::slice::from_ref(variable), value))
            }
            _ => None,
        }
    }
}

impl Block {
    pub fn suspends(&self) -> bool {
        matches!(self.terminator, Terminator::Suspend { .. })
    }
}

/// The graph of a function. Block 0 is the start; blocks are numbered in source order.
pub struct Graph {
    pub variables: Variables,
    pub blocks: Vec<Block>,
    /// The variables of the parameters, in order.
    pub parameters: Vec<VariableId>,
    /// Parts of parameters that get names: declared beside the parameters, without a value.
    pub parts: Vec<VariableId>,
    /// An `unsafe` block was taken apart: the machine repeats the word, the twin has checked what needs it.
    pub has_unsafe: bool,
    /// There are temporaries whose life depends on the edition.
    pub asks_edition: bool,
    /// Where the function ends, it leaves by another way than `return`: see [`crate::elements`].
    pub ends_apart: bool,
    /// The temporaries that were left to rustc.
    pub natives: Vec<Native>,
}

/// Temporaries without variables: those of a `match` or an `if let`, or what a `let` borrows. rustc drops them at the end of a scope,
/// but where an arm of the machine's begins in it, they would be gone.
#[derive(Clone, Copy)]
pub struct Native {
    /// Which of them it is, in the order in which they are lowered.
    pub number: usize,
    /// The block that makes them.
    pub block: BlockId,
    /// Before that one of its ops, or a later one, they are not made.
    pub at: usize,
    pub scope: ScopeId,
}

/// A place where the machine stands still: it is resumed at the beginning of the block `resume`.
pub struct Suspension<'a> {
    pub child: &'a Expr,
    pub output: VariableId,
    pub resume: BlockId,
}

impl Graph {
    /// In source order: the first is the machine's state 1.
    pub fn suspensions(&self) -> Vec<Suspension<'_>> {
        let all = self.blocks.iter().filter_map(|block| match &block.terminator {
            Terminator::Suspend { child, output, resume } => {
                Some(Suspension { child, output: *output, resume: *resume })
            }
            _ => None,
        });
        all.collect()
    }
}

impl Block {
    /// The scopes that are open before an operation, outermost first.
    pub fn scopes_at(&self, op: usize) -> Vec<ScopeId> {
        let mut scopes = self.scopes.clone();
        for op in &self.ops[..op] {
            match op {
                Op::Enter(scope) => scopes.push(*scope),
                Op::Exit(scope) => scopes.retain(|open| open != scope),
                _ => {}
            }
        }
        scopes
    }

    /// Whether it may leave the function on the way, with a `return` or a `?` inside an expression.
    pub fn exits(&self) -> bool {
        let leaves = |expr: &Expr| matches!(expr, Expr::Return(_) | Expr::Try(_));
        self.expressions().into_iter().any(|expr| has(expr, leaves))
    }

    /// All expressions in it, in the order of the source; of a `return`, its value.
    pub fn expressions(&self) -> Vec<&Expr> {
        let ops = self.ops.iter().flat_map(Op::expressions);
        ops.chain(self.terminator.expressions()).collect()
    }
}

impl Terminator {
    /// What it evaluates; of a `return`, its value.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Terminator::Return(Expr::Return(inner)) => inner.expr.as_deref().into_iter().collect(),
            Terminator::If { condition: expr, .. }
            | Terminator::Suspend { child: expr, .. }
            | Terminator::Return(expr) => vec![expr],
            Terminator::Match { scrutinee, .. } => [scrutinee].into_iter().chain(self.guards()).collect(),
            Terminator::Goto(_) | Terminator::Diverge => Vec::new(),
        }
    }

    /// The guards of its arms.
    pub fn guards(&self) -> Vec<&Expr> {
        match self {
            Terminator::Match { arms, .. } => arms.iter().filter_map(|arm| arm.guard.as_ref()).collect(),
            _ => Vec::new(),
        }
    }

    /// Where control may go next.
    pub fn successors(&self) -> Vec<BlockId> {
        match self {
            Terminator::Goto(block) => vec![*block],
            Terminator::If { then, otherwise, .. } => vec![*then, *otherwise],
            Terminator::Match { arms, .. } => arms.iter().map(|arm| arm.block).collect(),
            Terminator::Suspend { resume, .. } => vec![*resume],
            Terminator::Return(_) | Terminator::Diverge => vec![],
        }
    }
}

/// Line, column, and the name that the user gave the variable.
pub type Mention = (usize, usize, String);

/// Where the variable at the root of a place stands in the user's file.
pub fn root_token(place: &Expr) -> Option<Mention> {
    match place {
        Expr::Path(path) => {
            let ident = path.path.get_ident()?;
            let ((line, column), name) = (crate::place::at(ident.span()), ident.to_string());
            let name = name.strip_prefix("var_").unwrap_or(&name);
            // Others of that name have numbers: `name__2`.
            let name = match name.rsplit_once("__") {
                Some(("", "self")) => "self",
                Some((first, number)) if number.parse::<usize>().is_ok() => first,
                _ => name,
            };
            Some((line, column, name.into()))
        }
        Expr::Field(inner) => root_token(&inner.base),
        Expr::Index(inner) => root_token(&inner.expr),
        Expr::Unary(inner) => root_token(&inner.expr),
        Expr::Paren(inner) => root_token(&inner.expr),
        Expr::Group(inner) => root_token(&inner.expr),
        _ => None,
    }
}
