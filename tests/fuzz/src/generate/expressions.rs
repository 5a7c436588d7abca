//! Expressions of every kind but numbers.

use super::kinds::{Kind, OWNED};
use super::scope::{Borrow, Use};
use super::{Loop, Writer};

impl Writer<'_> {
    /// Writes while something is borrowed by an operand to the left.
    pub fn holding<X>(&mut self, borrows: Vec<Borrow>, write: impl FnOnce(&mut Self) -> X) -> X {
        let before = self.scope.held.len();
        self.scope.held.extend(borrows);
        let result = write(self);
        self.scope.held.truncate(before);
        result
    }

    pub fn owned_kind(&mut self) -> Kind {
        if self.chance(35) { Kind::Token } else { OWNED[self.random.below(OWNED.len())] }
    }

    /// A value that is owned. `effort`: how deep.
    pub fn value(&mut self, kind: Kind, effort: usize) -> String {
        if kind == Kind::Number {
            return self.number(effort);
        }
        if effort == 0 {
            if self.chance(40)
                && let Some(text) = self.taken(kind)
            {
                return text;
            }
            return self.literal(kind, 0);
        }
        match self.random.below(30) {
            0..=8 => self.literal(kind, effort - 1),
            9..=12 => match self.taken(kind) {
                Some(text) => text,
                None => self.literal(kind, effort - 1),
            },
            13..=15 => {
                let value = self.value(kind, effort - 1);
                let child = self.random.pick(&["id", "id", "pass"]);
                if self.suspends() { format!("{child}({value}).await") } else { value }
            }
            16 | 17 => self.tried(kind, effort),
            18 | 19 => self.choice_of(kind, effort),
            20 => {
                let (text, value) = self.captured(|writer| {
                    let outside = writer.scope.variables.len();
                    writer.indent += 1;
                    let diverged = !writer.closed && writer.statements(3);
                    let value = if diverged { None } else { Some(writer.value(kind, effort - 1)) };
                    writer.indent -= 1;
                    writer.scope.leave(outside);
                    value
                });
                let end = value.unwrap_or_default();
                format!("{{\n{text}{:2$}{end}\n{:3$}}}", "", "", self.indent * 4 + 4, self.indent * 4)
            }
            21 => self.labelled_value(kind, effort),
            22 => {
                let (value, n) = (self.value(kind, effort - 1), self.number(effort - 1));
                format!("({value}, {n}).0")
            }
            23 => {
                let (other, value) = (self.value(Kind::Token, effort - 1), self.value(kind, effort - 1));
                format!("({other}, {value}).1")
            }
            24 => {
                let value = self.value(kind, effort - 1);
                let call = self.random.pick(&["unwrap()", "map(|it| it).unwrap()", "into_iter().next().unwrap()"]);
                format!("Some({value}).{call}")
            }
            25 => match self.changeable(|other| other == kind) {
                Some(place) => {
                    let value = self.holding(vec![place.borrow(true)], |writer| writer.value(kind, 0));
                    format!("std::mem::replace(&mut {}, {value})", place.text())
                }
                None => self.literal(kind, effort - 1),
            },
            26 => {
                let value = self.value(kind, effort - 1);
                let name = self.random.pick(&["it", "p", "q"]);
                let form = self.random.pick(&["match", "let"]);
                match form {
                    "match" => format!("match {value} {{ {name} => {name} }}"),
                    _ => format!("{{ let {name} = {value}; {name} }}"),
                }
            }
            27 => {
                // By a closure that is called at once.
                let closed = std::mem::replace(&mut self.closed, true);
                let value = self.value(kind, effort - 1);
                self.closed = closed;
                format!("(|| {value})()")
            }
            28 if kind == Kind::Token => self.token_of_another(effort),
            28 if matches!(kind, Kind::Maybe | Kind::Outcome | Kind::Duo) => self.converted(kind, effort),
            _ => self.literal(kind, effort),
        }
    }

    /// A value made of its parts.
    fn literal(&mut self, kind: Kind, effort: usize) -> String {
        match kind {
            Kind::Token => self.fresh_token(),
            Kind::Number => self.number(effort),
            Kind::Spot => {
                let (x, y) = (self.number(effort), self.number(effort));
                format!("Spot {{ x: {x}, y: {y} }}")
            }
            Kind::Pair => {
                let (a, b, n) = (self.value(Kind::Token, effort), self.value(Kind::Token, effort), self.number(effort));
                match self.random.below(8) {
                    0..=3 => format!("Pair {{ a: {a}, b: {b}, n: {n} }}"),
                    4 | 5 => format!("Pair {{ b: {a}, a: {b}, n: {n} }}"),
                    6 => {
                        let other = self.taken(Kind::Pair);
                        let other = other.unwrap_or_else(|| {
                            let left = self.fresh_token();
                            format!("Pair {{ a: {b}, b: {left}, n: 1 }}")
                        });
                        format!("Pair {{ a: {a}, ..{other} }}")
                    }
                    _ => format!("Pair {{ n: {n}, b: {a}, a: {b} }}"),
                }
            }
            Kind::Duo => {
                let (a, b) = (self.value(Kind::Token, effort), self.value(Kind::Token, effort));
                format!("({a}, {b})")
            }
            Kind::Trio => {
                let (a, n, b) = (self.value(Kind::Token, effort), self.number(effort), self.value(Kind::Token, effort));
                format!("({a}, {n}, {b})")
            }
            Kind::Nest => {
                let (p, o, m) = (self.value(Kind::Pair, effort), self.value(Kind::Maybe, effort), self.number(effort));
                format!("Nest {{ p: {p}, o: {o}, m: {m} }}")
            }
            Kind::Case => {
                let (r, s) = (self.value(Kind::Outcome, effort), self.value(Kind::Shape, effort));
                let (t, k) = (self.value(Kind::Token, effort), self.value(Kind::Counted, effort));
                format!("Case {{ r: {r}, s: {s}, t: {t}, k: {k} }}")
            }
            Kind::Maybe if self.chance(25) => "None::<T>".to_string(),
            Kind::Maybe => format!("Some({})", self.value(Kind::Token, effort)),
            Kind::MaybePair if self.chance(25) => "None::<Pair>".to_string(),
            Kind::MaybePair => format!("Some({})", self.value(Kind::Pair, effort)),
            Kind::Outcome => {
                let value = self.value(Kind::Token, effort);
                if self.chance(60) {
                    format!("Ok::<T, Failure>({value})")
                } else {
                    format!("Err::<T, Failure>(Failure({value}))")
                }
            }
            Kind::Counted if self.chance(60) => {
                format!("Err::<u32, Failure>(Failure({}))", self.value(Kind::Token, effort))
            }
            Kind::Counted => format!("Ok::<u32, Failure>({})", self.number(effort)),
            Kind::Shape => match self.random.below(3) {
                0 => "Shape::Zero".to_string(),
                1 => format!("Shape::One({})", self.value(Kind::Token, effort)),
                _ => {
                    let (a, b) = (self.value(Kind::Token, effort), self.value(Kind::Token, effort));
                    format!("Shape::Two {{ a: {a}, b: {b} }}")
                }
            },
            Kind::Array => {
                let (a, b) = (self.value(Kind::Token, effort), self.value(Kind::Token, effort));
                format!("[{a}, {b}]")
            }
            Kind::Numbers => {
                let (a, b, c) = (self.number(effort), self.number(effort), self.number(0));
                format!("[{a}, {b}, {c}]")
            }
            Kind::BoxedOutcome => format!("Box::new({})", self.value(Kind::Outcome, effort)),
            Kind::Boxed => format!("Box::new({})", self.value(Kind::Token, effort)),
            Kind::List => {
                let (a, b) = (self.value(Kind::Token, effort), self.value(Kind::Token, effort));
                format!("vec![{a}, {b}]")
            }
            Kind::Cell => format!("RefCell::new({})", self.value(Kind::Token, effort)),
            _ => unreachable!("borrowing values are written elsewhere"),
        }
    }

    /// With a `?`.
    fn tried(&mut self, kind: Kind, effort: usize) -> String {
        let value = self.value(kind, effort - 1);
        let fails = self.simple_condition();
        if self.closed {
            return value;
        }
        if self.output.is_fallible() {
            match self.random.below(4) {
                0 if self.suspends() && kind == Kind::Token => format!("kid_fails({fails}, {value}).await?"),
                1 => format!("Ok::<_, Failure>({value})?"),
                _ if self.suspends() => format!("fail({fails}, {value}).await?"),
                _ => value,
            }
        } else if self.output.is_optional() {
            match self.random.below(3) {
                0 if self.suspends() && kind == Kind::Token => format!("kid_maybe({fails}, {value}).await?"),
                _ => format!("({fails}).then_some({value})?"),
            }
        } else if self.suspends() {
            format!("fail(false, {value}).await.unwrap()")
        } else {
            value
        }
    }

    /// By `if` or `match`.
    pub fn choice_of(&mut self, kind: Kind, effort: usize) -> String {
        let matches = self.chance(40);
        let head = if matches { format!("({}) % 3", self.number(effort - 1)) } else { self.condition() };
        let before = self.scope.states();
        let one = self.value(kind, effort - 1);
        let after_one = self.scope.states();
        self.scope.restore(&before);
        let leaves = !self.closed && self.chance(15);
        let other = if leaves { self.way_out() } else { self.value(kind, effort - 1) };
        self.joined(&after_one, false, leaves);
        if matches {
            format!("match {head} {{ 0 => {one}, _ => {other} }}")
        } else {
            format!("if {head} {{ {one} }} else {{ {other} }}")
        }
    }

    /// `return …` as an expression.
    pub fn way_out(&mut self) -> String {
        let value = self.result();
        if value.is_empty() { "return".to_string() } else { format!("return {value}") }
    }

    /// A block with a label, or a loop, that is left with the value.
    fn labelled_value(&mut self, kind: Kind, effort: usize) -> String {
        if self.closed {
            return self.value(kind, effort - 1);
        }
        let label = self.fresh_name("'b");
        let repeats = self.chance(40);
        self.scope.loops += usize::from(repeats);
        self.loops.push(Loop {
            block: !repeats,
            counted: false,
            label: Some(label.clone()),
            value: Some(kind),
            exits: Vec::new(),
        });
        let condition = self.condition();
        let before = self.scope.states();
        let early = self.value(kind, effort - 1);
        let after_early = self.scope.states();
        self.scope.restore(&before);
        let late = self.value(kind, effort - 1);
        self.scope.join(&after_early);
        let ended = self.loops.pop().expect("it was pushed");
        self.scope.loops -= usize::from(repeats);
        for states in ended.exits {
            self.scope.join(&states);
        }
        if repeats {
            format!("{label}: loop {{ if {condition} {{ break {early}; }} break {label} {late}; }}")
        } else {
            format!("{label}: {{ if {condition} {{ break {label} {early}; }} {late} }}")
        }
    }

    /// A token out of something else.
    fn token_of_another(&mut self, effort: usize) -> String {
        match self.random.below(7) {
            0 => match self.changeable(|kind| kind == Kind::List) {
                Some(place) => format!("{}.pop().unwrap_or(T(\"empty\"))", place.receiver()),
                None => self.fresh_token(),
            },
            1 => format!("{}.split().0", self.value(Kind::Pair, 0)),
            2 => {
                let value = self.value(Kind::Boxed, effort - 1);
                format!("*{{ {value} }}")
            }
            3 => format!("RefCell::new({}).into_inner()", self.value(Kind::Token, effort - 1)),
            4 => {
                let (value, other) = (self.value(Kind::Maybe, effort - 1), self.value(Kind::Token, effort - 1));
                format!("({value}).unwrap_or({other})")
            }
            5 => {
                let value = self.value(Kind::Maybe, effort - 1);
                let before = self.scope.states();
                let other = self.value(Kind::Token, effort - 1);
                let one = self.scope.states();
                self.scope.restore(&before);
                self.scope.join(&one);
                format!("match {value} {{ Some(it) => it, None => {other} }}")
            }
            _ => format!("{}.a", self.value(Kind::Pair, 0)),
        }
    }

    /// Made from another kind.
    fn converted(&mut self, kind: Kind, effort: usize) -> String {
        match kind {
            Kind::Maybe => match (self.random.below(4), self.changeable(|kind| kind == Kind::Maybe)) {
                (0 | 1, Some(place)) => format!("{}.take()", place.receiver()),
                (2, _) if self.suspends() => {
                    format!("kid_maybe({}, {}).await", self.simple_condition(), self.value(Kind::Token, effort - 1))
                }
                _ => format!("({}).ok()", self.value(Kind::Outcome, effort - 1)),
            },
            Kind::Outcome if self.suspends() => {
                let child = self.random.pick(&["fail", "kid_fails"]);
                format!("{child}({}, {}).await", self.simple_condition(), self.value(Kind::Token, effort - 1))
            }
            Kind::Outcome => {
                format!("({}).ok_or(Failure(T(\"none\")))", self.value(Kind::Maybe, effort - 1))
            }
            _ => format!("({}).split()", self.value(Kind::Pair, effort - 1)),
        }
    }

    /// Two places to swap: of one kind, and apart.
    pub fn two_places(&mut self, usage: Use, kind: Kind) -> Option<(String, String)> {
        let one = self.scope.places(usage, |other| other == kind);
        let one = self.one_of(one)?;
        let rest = self.holding(vec![one.borrow(true)], |writer| writer.scope.places(usage, |other| other == kind));
        let other = self.one_of(rest)?;
        Some((one.text(), other.text()))
    }
}
