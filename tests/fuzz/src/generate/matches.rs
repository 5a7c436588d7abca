//! `match`.

use super::Writer;
use super::kinds::Kind;
use super::patterns::Mode;
use super::scope::{Place, States, Use};

impl Writer<'_> {
    pub fn matching(&mut self, depth: usize) -> bool {
        let kinds = [
            Kind::Maybe,
            Kind::Outcome,
            Kind::Counted,
            Kind::Shape,
            Kind::MaybePair,
            Kind::Nest,
            Kind::Case,
            Kind::Number,
            Kind::Duo,
        ];
        let kind = kinds[self.random.below(kinds.len())];
        let mode = [Mode::Value, Mode::Value, Mode::Ref, Mode::Mut][self.random.below(4)];
        let (usage, sign) = match mode {
            Mode::Value => (Use::Move, ""),
            Mode::Ref => (Use::Read, "&"),
            Mode::Mut => (Use::Change, "&mut "),
        };
        let places = self.scope.places(usage, |other| other == kind);
        let place = if self.chance(55) { self.one_of(places) } else { None };
        let (head, mode) = match &place {
            Some(place) => (format!("{sign}{}", place.text()), mode),
            None => {
                let value = self.value(kind, 2);
                let value = if value.contains('{') { format!("({value})") } else { value };
                match mode {
                    Mode::Value => (value, mode),
                    _ if kind == Kind::Number => (value, Mode::Value),
                    _ => (format!("{sign}{value}"), mode),
                }
            }
        };
        let value = if self.chance(35) { Some(self.owned_kind()) } else { None };
        let result = self.name();
        match value {
            Some(_) => self.line(&format!("let {result} = match {head} {{")),
            None => self.line(&format!("match {head} {{")),
        }
        let diverged = self.arms(depth, kind, mode, place.as_ref(), value);
        self.line(if value.is_some() { "};" } else { "}" });
        if let Some(kind) = value {
            self.scope.declare(&result, kind, false);
        }
        diverged
    }

    fn arms(&mut self, depth: usize, kind: Kind, mode: Mode, place: Option<&Place>, value: Option<Kind>) -> bool {
        let before = self.scope.states();
        let outside = before.len();
        let mut joined: Option<States> = None;
        let count = 1 + self.random.below(3);
        self.indent += 1;
        for arm in 0..=count {
            self.scope.restore(&before);
            let last = arm == count;
            if last {
                let name = self.fresh_name("rest");
                let (pattern, bound) = match self.random.below(3) {
                    0 if mode == Mode::Value => (name.clone(), true),
                    _ => ("_".to_string(), false),
                };
                self.line(&format!("{pattern} => {{"));
                if bound {
                    if let Some(place) = place {
                        self.scope.moved(place);
                    }
                    self.scope.declare(&name, kind, false);
                }
            } else {
                let pattern = self.pattern(kind, mode, true, 2);
                let mut text = pattern.text.clone();
                if self.chance(10) && pattern.bindings.is_empty() && text.starts_with("Some") {
                    text = format!("{text} | None");
                }
                let guard = match self.random.below(10) {
                    0 => " if c",
                    1 => " if { log(\"guard\"); d || n > 2 }",
                    2 => " if n % 2 == 1",
                    _ if !pattern.refutable => " if d",
                    _ => "",
                };
                self.line(&format!("{text}{guard} => {{"));
                self.bind(&pattern, place);
            }
            self.indent += 1;
            let mut diverged = self.statements(depth + 1);
            if !diverged && let Some(kind) = value {
                if self.chance(12) {
                    let way_out = self.way_out();
                    self.line(&format!("{way_out};"));
                    diverged = true;
                } else {
                    let value = self.value(kind, 1);
                    self.line(&value);
                }
            }
            self.indent -= 1;
            self.scope.leave(outside);
            self.line("}");
            if !diverged {
                if let Some(states) = &joined {
                    self.scope.join(states);
                }
                joined = Some(self.scope.states());
            }
        }
        self.indent -= 1;
        match joined {
            Some(states) => {
                self.scope.restore(&states);
                false
            }
            None => {
                self.scope.restore(&before);
                true
            }
        }
    }
}
