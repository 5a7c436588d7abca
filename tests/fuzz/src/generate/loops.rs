//! Loops.

use super::kinds::Kind;
use super::patterns::Mode;
use super::scope::{Borrow, Use};
use super::{Loop, Writer};

/// How a loop begins and ends.
struct Head {
    /// Statements before it.
    before: Vec<String>,
    /// Its own line, without its label.
    line: String,
    /// Statements at the beginning of its body.
    within: Vec<String>,
    after: String,
    /// What `break` must carry.
    value: Option<(Kind, String)>,
    /// What it binds, and what that borrows.
    binding: Option<(String, Kind, Vec<Borrow>)>,
    /// Borrowed while it runs.
    held: Vec<Borrow>,
}

impl Writer<'_> {
    pub fn looping(&mut self, depth: usize) {
        let label = if self.chance(50) { Some(self.fresh_name("'l")) } else { None };
        let Some(head) = self.loop_head() else { return };
        for line in &head.before {
            self.line(line);
        }
        let prefix = label.as_ref().map_or(String::new(), |label| format!("{label}: "));
        let line = match &head.value {
            Some((_, name)) => format!("let {name} = {prefix}{}", head.line),
            None => format!("{prefix}{}", head.line),
        };
        let outside = self.scope.variables.len();
        let before = self.scope.states();
        self.line(&line);
        self.scope.loops += 1;
        let value = head.value.as_ref().map(|(kind, _)| *kind);
        self.loops.push(Loop { block: false, counted: true, label, value, exits: vec![before.clone()] });
        self.scope.held.extend(head.held.iter().cloned());
        if let Some((name, kind, borrows)) = head.binding {
            self.scope.declare_borrowing(&name, kind, false, borrows);
        }
        self.indent += 1;
        for line in &head.within {
            self.line(line);
        }
        self.indent -= 1;
        self.block(depth + 1);
        self.scope.leave(outside);
        self.scope.held.truncate(self.scope.held.len() - head.held.len());
        self.scope.loops -= 1;
        self.line(&head.after);
        let ended = self.loops.pop().expect("it was pushed");
        self.scope.restore(&before);
        for states in ended.exits {
            self.scope.join(&states[..states.len().min(outside)].to_vec());
        }
        if let Some((kind, name)) = head.value {
            self.scope.declare(&name, kind, false);
        }
    }

    fn loop_head(&mut self) -> Option<Head> {
        let name = self.fresh_name("i");
        let rounds = 1 + self.random.below(3);
        let plain = |line: String| Head {
            before: Vec::new(),
            line,
            within: Vec::new(),
            after: "}".to_string(),
            value: None,
            binding: None,
            held: Vec::new(),
        };
        let counted = |head: Head, condition: &str| Head {
            before: vec![format!("let mut {name} = 0u32;")],
            within: vec![format!("{name} += 1;")]
                .into_iter()
                .chain((!condition.is_empty()).then(|| condition.to_string()))
                .collect(),
            ..head
        };
        Some(match self.random.below(14) {
            0 | 1 => {
                let range = match self.random.below(3) {
                    0 => format!("(0..{rounds}u32).rev()"),
                    1 => format!("0..{rounds}u32"),
                    _ => format!("0..{} % 4", self.number(1)),
                };
                Head {
                    binding: Some((name.clone(), Kind::Number, Vec::new())),
                    ..plain(format!("for {name} in {range} {{"))
                }
            }
            2 => {
                let (a, b) = (self.value(Kind::Token, 1), self.value(Kind::Token, 1));
                let binding = Some((name.clone(), Kind::Token, Vec::new()));
                Head { binding, ..plain(format!("for {name} in [{a}, {b}] {{")) }
            }
            3 | 4 => {
                let exclusive = self.chance(50);
                let usage = if exclusive { Use::Change } else { Use::Read };
                let places = self.scope.places(usage, |kind| matches!(kind, Kind::Array | Kind::List));
                let place = self.one_of(places)?;
                let kind = Kind::Token.referenced(exclusive)?;
                let place_text = place.text();
                let receiver = place.receiver();
                let over = match (exclusive, self.chance(50)) {
                    (true, true) => format!("{receiver}.iter_mut()"),
                    (true, false) => format!("&mut {place_text}"),
                    (false, true) => format!("{receiver}.iter()"),
                    (false, false) => format!("&{place_text}"),
                };
                let borrow = place.borrow(exclusive);
                Head {
                    binding: Some((name.clone(), kind, Vec::new())),
                    held: vec![borrow],
                    ..plain(format!("for {name} in {over} {{"))
                }
            }
            5 => {
                let kind = if self.chance(50) { Kind::List } else { Kind::Array };
                let place = self.movable(|other| other == kind)?;
                self.scope.moved(&place);
                let binding = Some((name.clone(), Kind::Token, Vec::new()));
                Head { binding, ..plain(format!("for {name} in {} {{", place.text())) }
            }
            6 => {
                let place = self.changeable(|kind| kind == Kind::List)?;
                let binding = Some((name.clone(), Kind::Token, Vec::new()));
                let held = vec![place.borrow(true)];
                Head { binding, held, ..plain(format!("for {name} in {}.drain(..) {{", place.receiver())) }
            }
            7 => counted(plain(format!("while {name} < {rounds} {{")), ""),
            8 if self.suspends() => counted(plain(format!("while child({name}).await < {rounds} {{")), ""),
            9 => {
                let token = self.fresh_token();
                counted(plain(format!("while {token}.o().is_some() && {name} < {rounds} {{")), "")
            }
            10 => {
                let place = self.changeable(|kind| matches!(kind, Kind::Maybe | Kind::List))?;
                let call = if place.kind == Kind::Maybe { "take()" } else { "pop()" };
                let binding = Some((name.clone(), Kind::Token, Vec::new()));
                // What puts something back at each turn would never end.
                let held = vec![place.borrow(false)];
                Head { binding, held, ..plain(format!("while let Some({name}) = {}.{call} {{", place.receiver())) }
            }
            11 => {
                let kind = Kind::Maybe;
                let value = self.value(kind, 1);
                let pattern = self.pattern(kind, Mode::Value, true, 1);
                if value.contains('{') || pattern.bindings.len() != 1 || !pattern.refutable {
                    return None;
                }
                let binding = &pattern.bindings[0];
                let bound = (binding.name.clone(), binding.kind, Vec::new());
                let mut head = counted(plain(format!("while let {} = {value} {{", pattern.text)), "");
                head.within.push(format!("if {name} > {rounds} {{ break; }}"));
                Head { binding: Some(bound), ..head }
            }
            _ => {
                let kind = if self.chance(50) { Some(self.owned_kind()) } else { None };
                let mut head = counted(plain("loop {".to_string()), "");
                match kind {
                    Some(kind) => {
                        let value = self.value(kind, 1);
                        head.within.push(format!("if {name} > {rounds} {{ break {value}; }}"));
                        head.after = "};".to_string();
                        head.value = Some((kind, self.name()));
                    }
                    None => head.within.push(format!("if {name} > {rounds} {{ break; }}")),
                }
                head
            }
        })
    }
}
