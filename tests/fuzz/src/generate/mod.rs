//! Writes functions.
//!
//! Text is written in the order of evaluation, beside an account of what is moved and borrowed ([`scope`]), so that
//! rustc accepts most of it. Everything else is as adventurous as it likes: what rustc refuses is thrown away.

mod borrows;
mod conditions;
mod expressions;
mod flow;
mod kinds;
mod loops;
mod matches;
mod numbers;
mod parting;
mod patterns;
mod scope;
mod signature;
mod statements;
mod updates;

use std::fmt::Write;

use kinds::Kind;
use scope::{Place, Scope, States, Use};

use crate::Random;

pub use signature::function;

/// A function, and the calls that are compared.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its text, with the attribute `#[segno::coroutine]`.
    pub text: String,
    /// The calls: arguments of their own for each.
    pub calls: Vec<String>,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Unit,
    Number,
    Token,
    /// `Result<u32, Failure>`
    Fallible,
    /// `Result<T, Failure>`
    FallibleToken,
    /// `Option<u32>`
    Optional,
    /// `Option<T>`
    OptionalToken,
}

/// A loop, or a block with a label.
struct Loop {
    block: bool,
    /// It counts its turns: a `continue` does not make it endless.
    counted: bool,
    label: Option<String>,
    /// What `break` must carry.
    value: Option<Kind>,
    /// The states at its breaks.
    exits: Vec<States>,
}

struct Writer<'a> {
    random: &'a mut Random,
    text: String,
    indent: usize,
    scope: Scope,
    loops: Vec<Loop>,
    tokens: usize,
    labels: usize,
    output: Output,
    /// How many statements may still be written.
    budget: usize,
    /// How many suspensions may still be written, about.
    suspensions: usize,
    /// In what cannot be suspended or left: a closure.
    closed: bool,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        let indent = self.indent * 4;
        let _ = writeln!(self.text, "{:indent$}{text}", "");
    }

    /// What is written meanwhile, instead of adding it to the text.
    fn captured<X>(&mut self, write: impl FnOnce(&mut Self) -> X) -> (String, X) {
        let outer = std::mem::take(&mut self.text);
        let result = write(self);
        (std::mem::replace(&mut self.text, outer), result)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    /// Whether a suspension may be written here; counts it.
    fn suspends(&mut self) -> bool {
        let may = !self.closed && self.suspensions > 0;
        if may {
            self.suspensions -= 1;
        }
        may
    }

    fn one_of(&mut self, places: Vec<Place>) -> Option<Place> {
        if places.is_empty() { None } else { Some(places[self.random.below(places.len())].clone()) }
    }

    fn readable(&mut self, test: impl Fn(Kind) -> bool) -> Option<Place> {
        let places = self.scope.places(Use::Read, test);
        self.one_of(places)
    }

    fn changeable(&mut self, test: impl Fn(Kind) -> bool) -> Option<Place> {
        let places = self.scope.places(Use::Change, test);
        self.one_of(places)
    }

    /// A place that may be taken by value, with nothing taken yet.
    fn movable(&mut self, test: impl Fn(Kind) -> bool) -> Option<Place> {
        let places = self.scope.places(Use::Move, test);
        self.one_of(places)
    }

    /// Takes a place by value: its text.
    fn taken(&mut self, kind: Kind) -> Option<String> {
        let place = self.movable(|other| other == kind)?;
        self.scope.moved(&place);
        Some(place.text())
    }

    fn token_name(&mut self) -> String {
        self.tokens += 1;
        format!("t{}", self.tokens)
    }

    fn fresh_token(&mut self) -> String {
        format!("T(\"{}\")", self.token_name())
    }

    /// A name, often one that is in use.
    fn name(&mut self) -> String {
        self.random.pick(&["a", "b", "e", "f", "g", "h", "p", "q", "s", "u", "v", "x"]).to_string()
    }

    /// A name that nothing else has.
    fn fresh_name(&mut self, letter: &str) -> String {
        self.labels += 1;
        format!("{letter}{}", self.labels)
    }

    fn keyword(&mut self) -> (&'static str, bool) {
        if self.chance(50) { ("let mut", true) } else { ("let", false) }
    }

    /// Some statements; whether their end is not reached. Variables of theirs are gone afterwards.
    fn block(&mut self, depth: usize) -> bool {
        let outside = self.scope.variables.len();
        self.indent += 1;
        let diverged = self.statements(depth);
        self.indent -= 1;
        self.scope.leave(outside);
        diverged
    }

    /// The other path from `before`: joins what both leave, unless one does not come back.
    fn joined(&mut self, one: &States, one_diverged: bool, other_diverged: bool) {
        if other_diverged && !one_diverged {
            self.scope.restore(one);
        } else if !one_diverged {
            self.scope.join(one);
        }
    }
}
