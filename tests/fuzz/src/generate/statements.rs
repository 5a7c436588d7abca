//! Statements: the choice among them, and declarations.

use super::Writer;
use super::kinds::Kind;
use super::patterns::{Mode, Pattern};
use super::scope::{Place, Use};

impl Writer<'_> {
    pub fn statements(&mut self, depth: usize) -> bool {
        let most = if depth == 0 { 14 } else { 4 };
        for _ in 0..1 + self.random.below(most) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            if self.statement(depth) {
                return true;
            }
        }
        false
    }

    /// One statement; whether its end is not reached.
    fn statement(&mut self, depth: usize) -> bool {
        let choice = self.random.below(if depth < 4 { 144 } else { 84 });
        match choice {
            0..=7 => self.pause(),
            8..=9 => {
                let name = self.token_name();
                self.line(&format!("log(\"{name}\");"));
            }
            10..=24 => self.declaration(),
            25..=28 => self.guard(),
            29..=39 => self.usage(),
            40..=47 => self.assignment(),
            48..=51 => self.whole_move(),
            52..=57 => self.taking_apart(),
            58..=61 => self.late_initialisation(),
            62..=63 => {
                let kind = self.owned_kind();
                let value = self.value(kind, 2);
                self.line(&format!("{value};"));
            }
            64..=66 => return self.leaving(),
            67..=69 => self.macro_statement(),
            70..=77 => self.borrow_statement(),
            78..=79 => self.retire(),
            80..=83 => self.let_else(),
            84..=94 => return self.branches(depth),
            95..=102 => return self.matching(depth),
            103..=115 => self.looping(depth),
            116..=120 => return self.borrowed_block(depth),
            121..=123 => {
                self.line("{");
                let diverged = self.block(depth + 1);
                self.line("}");
                return diverged;
            }
            124..=127 => return self.value_block(depth),
            128..=130 => return self.labelled_block(depth),
            131..=134 => self.closure(),
            135..=140 => self.parting(),
            _ => self.iterator(depth),
        }
        false
    }

    fn pause(&mut self) {
        if self.suspends() {
            let text = match self.random.below(8) {
                0 => "ys(0).await;".to_string(),
                1 => "ys(2).await;".to_string(),
                _ => "y().await;".to_string(),
            };
            self.line(&text);
        } else {
            self.line("log(\"-\");");
        }
    }

    fn declaration(&mut self) {
        let kind = match self.random.below(10) {
            0..=2 => Kind::Number,
            3 => [Kind::Spot, Kind::Numbers][self.random.below(2)],
            _ => self.owned_kind(),
        };
        let (word, mutable) = self.keyword();
        let value = self.value(kind, 2);
        let name = if self.chance(10) { "_g".to_string() } else { self.name() };
        let mut typed = String::new();
        if self.chance(20)
            && let Some(spelling) = kind.spelling()
        {
            typed = format!(": {spelling}");
        }
        self.line(&format!("{word} {name}{typed} = {value};"));
        self.scope.declare(&name, kind, mutable);
    }

    /// Something that is only kept, or not even that.
    fn guard(&mut self) {
        let text = match self.random.below(6) {
            0..=2 => {
                let token = self.fresh_token();
                format!("let _g = {token};")
            }
            3 => {
                let kind = self.owned_kind();
                format!("let _ = {};", self.value(kind, 2))
            }
            4 => match self.readable(|kind| !kind.is_copy()) {
                Some(place) => format!("let _ = {};", place.text()),
                None => "let _ = y();".to_string(),
            },
            _ => {
                let kind = self.owned_kind();
                let value = self.value(kind, 1);
                format!("let _g = {value};")
            }
        };
        self.line(&text);
    }

    fn taking_apart(&mut self) {
        let kind =
            [Kind::Duo, Kind::Pair, Kind::Pair, Kind::Trio, Kind::Nest, Kind::Case, Kind::Array][self.random.below(7)];
        let mode = [Mode::Value, Mode::Value, Mode::Value, Mode::Ref, Mode::Mut][self.random.below(5)];
        let usage = match mode {
            Mode::Value => Use::Move,
            Mode::Ref => Use::Read,
            Mode::Mut => Use::Change,
        };
        let places = self.scope.places(usage, |other| other == kind);
        match self.one_of(places) {
            Some(place) if self.chance(80) => {
                let sign = match mode {
                    Mode::Value => "",
                    Mode::Ref => "&",
                    Mode::Mut => "&mut ",
                };
                let pattern = self.pattern(kind, mode, false, 2);
                self.line(&format!("let {} = {sign}{};", pattern.text, place.text()));
                self.bind(&pattern, Some(&place));
            }
            _ => {
                let value = self.value(kind, 1);
                let pattern = self.pattern(kind, Mode::Value, false, 2);
                self.line(&format!("let {} = {value};", pattern.text));
                self.bind(&pattern, None);
            }
        }
    }

    /// Declares what a pattern has bound, of a place or of a temporary.
    pub fn bind(&mut self, pattern: &Pattern, place: Option<&Place>) {
        let mut borrows = Vec::new();
        for binding in &pattern.bindings {
            // Below a variant the parts have no path of their own.
            let inside = binding.path.iter().take_while(|step| **step != super::kinds::Step::Deref);
            let path = place.map(|place| Place {
                path: place.path.iter().chain(inside).copied().collect(),
                kind: binding.kind,
                ..place.clone()
            });
            match (&path, binding.borrows) {
                (Some(path), None) => self.scope.moved(path),
                (Some(path), Some(exclusive)) => borrows.push((binding, vec![path.borrow(exclusive)])),
                _ => {}
            }
            if path.is_none() || binding.borrows.is_none() {
                borrows.push((binding, Vec::new()));
            }
        }
        for (binding, borrows) in borrows {
            self.scope.declare_borrowing(&binding.name, binding.kind, binding.mutable, borrows);
        }
    }

    fn late_initialisation(&mut self) {
        let name = self.fresh_name("l");
        let kind = self.owned_kind();
        let (word, mutable) = self.keyword();
        let typed = if self.chance(30) { kind.spelling().map(|text| format!(": {text}")) } else { None };
        self.line(&format!("{word} {name}{};", typed.unwrap_or_default()));
        let i = self.scope.declare(&name, kind, mutable);
        self.scope.variables[i].gone.push(Vec::new());
        self.scope.variables[i].late = true;
        if self.chance(30) {
            // Assigned by a statement that comes by chance, or never; an assignment tells its type.
            let value = self.value(kind, 1);
            let condition = self.simple_condition();
            self.line(&format!("if {condition} {{ {name} = {value}; }}"));
            self.scope.variables[i].late = false;
            return;
        }
        let condition = self.condition();
        let before = self.scope.states();
        let a = self.value(kind, 1);
        let one = self.scope.states();
        self.scope.restore(&before);
        let leaves = self.chance(20);
        let b = if leaves { self.way_out() } else { format!("{name} = {}", self.value(kind, 1)) };
        self.joined(&one, false, leaves);
        let pause = if self.suspends() { " y().await;" } else { "" };
        if self.chance(70) {
            self.line(&format!("if {condition} {{ {name} = {a};{pause} }} else {{ {b}; }}"));
        } else {
            self.line(&format!("match {condition} {{ true => {{ {name} = {a};{pause} }} false => {{ {b}; }} }}"));
        }
        self.scope.variables[i].late = false;
        self.scope.variables[i].gone.clear();
    }

    fn let_else(&mut self) {
        let kinds = [Kind::Maybe, Kind::Maybe, Kind::MaybePair, Kind::Outcome, Kind::Counted, Kind::Shape];
        let kind = kinds[self.random.below(kinds.len())];
        let place = if self.chance(40) { self.movable(|other| other == kind) } else { None };
        let value = match &place {
            Some(place) => place.text(),
            None => self.value(kind, 1),
        };
        if place.is_none() && (value.ends_with('}') || value.starts_with('|')) {
            return;
        }
        let mut pattern = self.pattern(kind, Mode::Value, true, 2);
        while !pattern.refutable {
            pattern = self.pattern(kind, Mode::Value, true, 2);
        }
        let before = self.scope.states();
        if let (Some(place), true) = (&place, pattern.bindings.iter().any(|binding| binding.borrows.is_none())) {
            self.scope.moved(place);
        }
        let way_out = self.way_out();
        self.scope.restore(&before);
        self.line(&format!("let {} = {value} else {{", pattern.text));
        if self.chance(40) {
            let name = self.token_name();
            let pause = self.suspends();
            self.line(&format!("    log(\"{name}\");"));
            if pause {
                self.line("    y().await;");
            }
        }
        self.line(&format!("    {way_out};"));
        self.line("};");
        self.bind(&pattern, place.as_ref());
    }
}
