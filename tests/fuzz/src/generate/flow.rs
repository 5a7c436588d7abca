//! Branches, blocks, and what leaves them.

use std::fmt::Write;

use super::kinds::Kind;
use super::patterns::Mode;
use super::scope::Use;
use super::{Loop, Writer};

impl Writer<'_> {
    /// `return`, `break`, `continue`, a panic: mostly behind a condition.
    pub fn leaving(&mut self) -> bool {
        let condition = if self.chance(85) { Some(self.condition()) } else { None };
        let before = self.scope.states();
        let jump = self.random.below(6);
        let mut text = String::new();
        if jump != 0 && self.chance(30) {
            // Variables from outside of a loop as well: this path does not come back to them.
            self.scope.leaves = true;
            let place = self.movable(|kind| kind == Kind::Token);
            self.scope.leaves = false;
            if let Some(place) = place {
                self.scope.moved(&place);
                let _ = write!(text, "drop({}); ", place.text());
            }
        }
        if jump < 3 && !self.loops.is_empty() {
            let at = if self.chance(70) { self.loops.len() - 1 } else { self.random.below(self.loops.len()) };
            // What a `break` without a label leaves.
            let innermost = !self.loops[at].block && self.loops[at + 1..].iter().all(|inner| inner.block);
            if let (false, None) = (innermost, &self.loops[at].label) {
                self.scope.restore(&before);
                return false;
            }
            let label = self.loops[at].label.clone();
            let label = match label {
                Some(label) if !innermost || self.chance(50) => format!(" {label}"),
                _ => String::new(),
            };
            if jump == 0 && self.loops[at].counted {
                let _ = write!(text, "continue{label};");
            } else {
                let value = match self.loops[at].value {
                    Some(kind) => format!(" {}", self.value(kind, 1)),
                    None => String::new(),
                };
                let _ = write!(text, "break{label}{value};");
                let states = self.scope.states();
                self.loops[at].exits.push(states);
            }
        } else if jump == 4 && self.chance(40) {
            let panics =
                ["panic!(\"planned\");", "unreachable!();", "None::<u32>.unwrap();", "[0u32; 2][n as usize + 2];"];
            text.push_str(self.random.pick(&panics));
        } else {
            let way_out = self.way_out();
            let _ = write!(text, "{way_out};");
        }
        match condition {
            Some(condition) => {
                self.scope.restore(&before);
                self.line(&format!("if {condition} {{ {text} }}"));
                false
            }
            None => {
                // Nothing may follow in this block: some statements after it would be refused for their types.
                self.line(&text);
                true
            }
        }
    }

    pub fn branches(&mut self, depth: usize) -> bool {
        let outside = self.scope.variables.len();
        let (head, bound) = self.head("if");
        self.line(&format!("if {head} {{"));
        let before = self.scope.states();
        let one_diverged = self.bound_block(depth, bound);
        let one = self.scope.states();
        let before = before[..outside.min(before.len())].to_vec();
        self.scope.restore(&before);
        let mut other_diverged = false;
        match self.random.below(10) {
            0..=3 => {}
            4..=7 => {
                self.line("} else {");
                other_diverged = self.block(depth + 1);
            }
            _ => {
                let (head, bound) = self.head("if");
                self.line(&format!("}} else if {head} {{"));
                let start = self.scope.states();
                let second_diverged = self.bound_block(depth, bound);
                let second = self.scope.states();
                self.scope.restore(&start[..outside].to_vec());
                self.line("} else {");
                other_diverged = self.block(depth + 1);
                self.joined(&second, second_diverged, other_diverged);
                other_diverged &= second_diverged;
            }
        }
        self.line("}");
        self.joined(&one, one_diverged, other_diverged);
        one_diverged && other_diverged
    }

    /// A block whose first variables a pattern has bound already, from `outside` on.
    fn bound_block(&mut self, depth: usize, outside: usize) -> bool {
        let diverged = self.block(depth + 1);
        self.scope.leave(outside);
        diverged
    }

    /// What follows `if` or `while`: a condition, a `let`, a chain. Also how many variables there were before it.
    pub fn head(&mut self, word: &str) -> (String, usize) {
        let outside = self.scope.variables.len();
        if word == "if" && self.chance(65) {
            return (self.condition(), outside);
        }
        let first = match self.random.below(4) {
            0 => format!("{} && ", self.simple_condition()),
            1 if self.suspends() => "child(1).await == 1 && ".to_string(),
            _ => String::new(),
        };
        let mut text = format!("{first}{}", self.let_condition(word));
        match self.random.below(8) {
            0 => text = format!("{text} && {}", self.let_condition(word)),
            1 => {
                let condition = self.condition();
                if !condition.contains("||") {
                    text = format!("{text} && {condition}");
                }
            }
            _ => {}
        }
        (text, outside)
    }

    /// `let PATTERN = …`, of a place or a temporary.
    fn let_condition(&mut self, word: &str) -> String {
        let kinds = [
            Kind::Maybe,
            Kind::Maybe,
            Kind::MaybePair,
            Kind::Outcome,
            Kind::Counted,
            Kind::Shape,
            Kind::Nest,
            Kind::Case,
        ];
        let kind = kinds[self.random.below(kinds.len())];
        let mode = [Mode::Value, Mode::Value, Mode::Ref, Mode::Mut][self.random.below(4)];
        let (usage, sign) = match mode {
            Mode::Value => (Use::Move, ""),
            Mode::Ref => (Use::Read, "&"),
            Mode::Mut => (Use::Change, "&mut "),
        };
        let places = self.scope.places(usage, |other| other == kind);
        let place = self.one_of(places);
        match place {
            Some(place) if word == "if" && self.chance(75) => {
                let pattern = self.pattern(kind, mode, true, 2);
                self.bind(&pattern, Some(&place));
                format!("let {} = {sign}{}", pattern.text, place.text())
            }
            _ => {
                let value = self.value(kind, 1);
                // What a brace would end too early.
                let value = if value.contains('{') { format!("({value})") } else { value };
                let sign = if word == "if" { sign } else { "" };
                let pattern = self.pattern(kind, if sign.is_empty() { Mode::Value } else { mode }, true, 2);
                self.bind(&pattern, None);
                format!("let {} = {sign}{value}", pattern.text)
            }
        }
    }

    /// `let w = { … };`
    pub fn value_block(&mut self, depth: usize) -> bool {
        let kind = if self.chance(50) { Kind::Number } else { self.owned_kind() };
        let name = self.name();
        self.line(&format!("let {name} = {{"));
        let outside = self.scope.variables.len();
        self.indent += 1;
        let diverged = self.statements(depth + 1);
        if !diverged {
            let value = self.value(kind, 2);
            self.line(&value);
        }
        self.indent -= 1;
        self.scope.leave(outside);
        self.line("};");
        self.scope.declare(&name, kind, false);
        diverged
    }

    pub fn labelled_block(&mut self, depth: usize) -> bool {
        let label = self.fresh_name("'l");
        let kind = if self.chance(50) { Some(self.owned_kind()) } else { None };
        let name = self.name();
        let outside = self.scope.variables.len();
        match kind {
            Some(_) => self.line(&format!("let {name} = {label}: {{")),
            None => self.line(&format!("{label}: {{")),
        }
        self.loops.push(Loop { block: true, counted: false, label: Some(label), value: kind, exits: Vec::new() });
        self.indent += 1;
        let diverged = self.statements(depth + 1);
        if !diverged && let Some(kind) = kind {
            let value = self.value(kind, 1);
            self.line(&value);
        }
        self.indent -= 1;
        self.scope.leave(outside);
        let ended = self.loops.pop().expect("it was pushed");
        let left = !ended.exits.is_empty();
        for (i, states) in ended.exits.into_iter().enumerate() {
            let states = states[..outside].to_vec();
            if diverged && i == 0 { self.scope.restore(&states) } else { self.scope.join(&states) }
        }
        self.line(if kind.is_some() { "};" } else { "}" });
        if let Some(kind) = kind {
            self.scope.declare(&name, kind, false);
        }
        diverged && !left
    }
}
