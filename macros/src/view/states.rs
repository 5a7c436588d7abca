//! The model of a machine: states in source order, what they hold, where they lead.
//!
//! State 0 is the coroutine before its first resume; each suspension is a state; the end is none. A state is left by its
//! child's end; the code that then runs leads to another state or to the function's end. Every state can also be
//! cancelled or dropped, which leads to the end, so that is not drawn.

use std::collections::HashSet;
use std::fmt;

use crate::visit::{self, Visit};
use proc_macro2::{Ident, LineColumn, Span};
use quote::ToTokens;
use syn::{Block, Expr};

use super::spell::{short, spell};
use crate::Compiled;
use crate::emit::{Emitter, Mode};
use crate::graph::{BlockId, Graph, Suspension, Terminator};

/// A machine, in the user's words.
#[derive(Debug)]
pub struct Machine {
    /// The function's name.
    pub name: String,
    /// The predicates of its `#[cfg]`s.
    pub conditions: Vec<String>,
    /// The states, by number.
    pub states: Vec<State>,
}

/// A place where the machine stands still.
#[derive(Debug)]
pub struct State {
    /// Its number: 0 before the first resume, then in source order.
    pub number: usize,
    /// The line of its `.await` or `block!`, or of the function's name.
    pub line: usize,
    /// What it waits for.
    pub wait: Wait,
    /// The variables that it holds, in declaration order.
    pub holds: Vec<Held>,
    /// Where it leads.
    pub next: Vec<Next>,
}

/// What a state waits for.
#[derive(Debug)]
pub enum Wait {
    /// The first resume.
    Start,
    /// A time: `sleep(…)`, `sleep_until(…)`.
    Sleep(String),
    /// A coroutine, task or future.
    Await(String),
    /// An operation that would block.
    Block(String),
}

/// A variable that a state holds.
#[derive(Debug)]
pub struct Held {
    /// The user's name for it; in parentheses what the compiler added.
    pub name: String,
    /// It is borrowed across a suspension: it stays at its place in the frame.
    pub slot: bool,
    /// What it is held for.
    pub purpose: Purpose,
}

/// What a variable is held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is used again.
    Use,
    /// Its destructor is still to come. (If its type has none, it takes no room.)
    Destructor,
    /// Its destructor is still to come, unless it was moved on the way.
    MaybeDestructor,
}

/// A way out of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    /// To a state.
    State(usize),
    /// To the end of the function.
    Return,
    /// To the end, by a `return` or `?` in the middle of the code.
    Early,
}

impl Machine {
    pub(crate) fn new(compiled: &Compiled) -> Machine {
        let Compiled { function, graph, facts, twin, .. } = compiled;
        let name = &function.signature.ident;
        let suspensions = graph.suspensions();
        let emitter = Emitter::new(graph, facts);
        let written = Written::find(twin);
        let mut states = Vec::new();
        let starts = std::iter::once((0, None))
            .chain(suspensions.iter().map(|suspension| (suspension.resume, Some(suspension.output))));
        for (number, (block, output)) in starts.enumerate() {
            let span = output.map_or(name.span(), |output| graph.variables[output].name.span());
            let wait = if number == 0 { Wait::Start } else { written.at(span) };
            let mut holds: Vec<_> = emitter.passed((block, 0));
            if number == 0 {
                // Parameters are all kept until the first resume, used or not.
                holds = graph.parameters.iter().map(|&parameter| (parameter, Mode::Live)).collect();
            }
            let holds = holds
                .into_iter()
                .filter(|&(variable, _)| Some(variable) != output)
                .map(|(variable, mode)| Held {
                    name: spoken(&graph.variables[variable].name),
                    slot: graph.variables[variable].anchored,
                    purpose: match mode {
                        Mode::Live => Purpose::Use,
                        Mode::Dead => Purpose::Destructor,
                        Mode::Optional | Mode::Asked(_) => Purpose::MaybeDestructor,
                    },
                })
                .collect();
            states.push(State { number, line: span.start().line, wait, holds, next: next(graph, block, &suspensions) });
        }
        let conditions = function.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        let conditions = conditions.map(|attribute| spell(attribute.meta.to_token_stream())).collect();
        Machine { name: name.to_string(), conditions, states }
    }

    /// The name, with the conditions.
    pub fn title(&self) -> String {
        std::iter::once(&self.name).chain(&self.conditions).cloned().collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Start => formatter.write_str("the first resume"),
            Wait::Sleep(call) => formatter.write_str(call),
            Wait::Await(child) => write!(formatter, "await {child}"),
            Wait::Block(operation) => write!(formatter, "block! {operation}"),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let notes: Vec<&str> = [
            self.slot.then_some("slot"),
            (self.purpose == Purpose::Destructor).then_some("drop"),
            (self.purpose == Purpose::MaybeDestructor).then_some("drop?"),
        ]
        .into_iter()
        .flatten()
        .collect();
        formatter.write_str(&self.name)?;
        if notes.is_empty() { Ok(()) } else { write!(formatter, " [{}]", notes.join(", ")) }
    }
}

impl fmt::Display for Next {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Next::State(number) => write!(formatter, "{number}"),
            Next::Return => formatter.write_str("end"),
            Next::Early => formatter.write_str(EARLY),
        }
    }
}

/// How the edges are named that leave the function in the middle of its code.
pub const EARLY: &str = "end by ? or return";

impl State {
    /// What it holds, as a list.
    pub fn held(&self) -> String {
        list(&self.holds)
    }

    /// Where it leads, as a list.
    pub fn leads(&self) -> String {
        list(&self.next)
    }
}

fn list(items: &[impl fmt::Display]) -> String {
    if items.is_empty() {
        return "–".into();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What the compiler's name for a variable says to the user.
pub(crate) fn spoken(name: &Ident) -> String {
    let text = name.to_string();
    if text == "__self" {
        return "self".into();
    }
    let Some(own) = text.strip_prefix("__") else {
        // The second variable of a name is `x__2`.
        return match text.rsplit_once("__") {
            Some((name, number)) if number.parse::<usize>().is_ok() => format!("{name}#{number}"),
            _ => text,
        };
    };
    match own.trim_end_matches(|last: char| last.is_ascii_digit() || last == '_') {
        raw if raw.starts_with("raw_") => own["raw_".len()..].to_string(),
        "awaited" => "(awaited value)".into(),
        "unused" => "(ignored part)".into(),
        "held" | "value" | "matched" => "(temporary)".into(),
        own => format!("({own})"),
    }
}

/// Where the code that begins with a block may stop next.
fn next(graph: &Graph, from: BlockId, suspensions: &[Suspension<'_>]) -> Vec<Next> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut pending = vec![from];
    while let Some(index) = pending.pop() {
        if !seen.insert(index) {
            continue;
        }
        let block = &graph.blocks[index];
        if block.exits() {
            found.push(Next::Early);
        }
        match &block.terminator {
            Terminator::Suspend { resume, .. } => {
                let number = suspensions.iter().position(|other| other.resume == *resume).map_or(0, |index| index + 1);
                found.push(Next::State(number));
            }
            Terminator::Return(_) => found.push(Next::Return),
            other => pending.extend(other.successors()),
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The suspensions as the user wrote them, by the place of the word that suspends.
struct Written<'a> {
    found: Vec<(LineColumn, &'a Expr)>,
    /// The operations of the `block!`s.
    operations: Vec<(LineColumn, &'a Expr)>,
}

impl<'a> Written<'a> {
    fn find(body: &'a Block) -> Written<'a> {
        let mut written = Written { found: Vec::new(), operations: Vec::new() };
        written.visit_block(body);
        written
    }

    fn at(&self, span: Span) -> Wait {
        let here = |&&(place, _): &&(LineColumn, &'a Expr)| place == span.start();
        if let Some((_, operation)) = self.operations.iter().find(here) {
            return Wait::Block(short(operation));
        }
        match self.found.iter().find(here) {
            Some((_, expr)) if is_sleep(expr) => Wait::Sleep(short(expr)),
            Some((_, expr)) => Wait::Await(short(expr)),
            None => Wait::Await("…".into()),
        }
    }
}

fn is_sleep(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    let Expr::Path(path) = &*call.func else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "sleep" || last.ident == "sleep_until")
}

impl<'a> Visit<'a> for Written<'a> {
    fn visit_expr_await(&mut self, inner: &'a syn::ExprAwait) {
        visit::visit_expr_await(self, inner);
        let mut base = &*inner.base;
        while let Expr::Paren(inner) = base {
            base = &inner.expr;
        }
        self.found.push((inner.await_token.span.start(), base));
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        // What `block!` has become: `attempt(operation)`, at the place of the macro's name.
        if let Expr::Path(function) = &*call.func
            && let Some(last) = function.path.segments.last()
            && last.ident == "attempt"
            && let Some(operation) = call.args.first()
        {
            self.operations.push((last.ident.span().start(), operation));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_item(&mut self, _: &'a syn::Item) {}
}
