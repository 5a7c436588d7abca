//! Statements that use, change and move what is there.

use super::Writer;
use super::kinds::Kind;
use super::scope::Use;

impl Writer<'_> {
    pub fn usage(&mut self) {
        let text = self.usage_text().unwrap_or_else(|| "log(\"=\");".to_string());
        self.line(&text);
    }

    fn usage_text(&mut self) -> Option<String> {
        let suspends = self.suspends();
        Some(match self.random.below(13) {
            0 | 1 => {
                let place = self.readable(|kind| matches!(kind, Kind::Token | Kind::Watch | Kind::Lend))?;
                let call = if suspends { self.random.pick(&["r()", "a().await"]) } else { "r()" };
                format!("{}.{call};", place.receiver())
            }
            2 => {
                let place = self.changeable(|kind| matches!(kind, Kind::Token | Kind::Lend))?;
                let name = self.token_name();
                let call = if suspends { format!("renamed(\"{name}\").await") } else { format!("rename(\"{name}\")") };
                format!("{}.{call};", place.receiver())
            }
            3 => {
                let token = self.changeable(|kind| kind == Kind::Token)?;
                let number =
                    self.holding(vec![token.borrow(true)], |writer| writer.changeable(|kind| kind == Kind::Number))?;
                if !suspends {
                    return None;
                }
                format!("kid_exclusive(&mut {}, &mut {}).await;", token.text(), number.text())
            }
            4 => {
                let place = self.readable(|kind| kind == Kind::Pair)?;
                let call = self.random.pick(&["first().r()", "first().a().await", "n", "b.a().await"]);
                if call.contains("await") && !suspends {
                    return None;
                }
                format!("let _ = {}.{call};", place.receiver())
            }
            5 => {
                let place = self.changeable(|kind| kind == Kind::Pair)?;
                let name = self.token_name();
                if suspends {
                    self.random
                        .pick(&[
                            "PAIR.second().renamed(\"NAME\").await;",
                            "kid_second(&mut PAIR).await.rename(\"NAME\");",
                        ])
                        .replace("PAIR", &place.receiver())
                        .replace("NAME", &name)
                } else {
                    format!("{}.second().rename(\"{name}\");", place.receiver())
                }
            }
            6 => {
                let place = self.readable(|kind| kind == Kind::Maybe)?;
                let call = if suspends { "a().await" } else { "r()" };
                match self.random.below(3) {
                    0 => format!("if let Some(z) = &{} {{ z.{call}; }}", place.text()),
                    1 => format!("match &{} {{ Some(z) => {{ z.{call}; }} None => log(\"none\") }}", place.text()),
                    _ => format!("{}.as_ref().map(|z| z.r());", place.receiver()),
                }
            }
            7 => {
                let place = self.changeable(|kind| kind == Kind::List)?;
                let token = self.holding(vec![place.borrow(true)], |writer| writer.value(Kind::Token, 1));
                format!("{}.push({token});", place.receiver())
            }
            8 => {
                let place = self.readable(|kind| kind == Kind::Cell)?;
                let (cell, name) = (place.receiver(), self.token_name());
                match (self.random.below(3), suspends) {
                    (0, true) => format!("{cell}.borrow_mut().renamed(\"{name}\").await;"),
                    (1, true) => format!("{cell}.borrow().a().await;"),
                    _ => format!("{cell}.borrow_mut().rename(\"{name}\");"),
                }
            }
            9 => {
                let (one, other) = self.two_places(Use::Change, Kind::Token)?;
                format!("std::mem::swap(&mut {one}, &mut {other});")
            }
            10 => {
                let place = self.readable(|kind| kind == Kind::Number)?;
                format!("log(format!(\"{{}}\", {}));", place.text())
            }
            11 => {
                let place = self.changeable(|kind| kind == Kind::Nest)?;
                if !suspends {
                    return None;
                }
                format!("{}.poke(1).await;", place.receiver())
            }
            _ => {
                let place = self.readable(|kind| matches!(kind, Kind::Array | Kind::List))?;
                let call = if suspends { "a().await" } else { "r()" };
                format!("for z in &{} {{ z.{call}; }}", place.text())
            }
        })
    }

    pub fn assignment(&mut self) {
        let kinds = [
            Kind::Token,
            Kind::Token,
            Kind::Token,
            Kind::Number,
            Kind::Number,
            Kind::Maybe,
            Kind::Pair,
            Kind::Duo,
            Kind::Shape,
            Kind::Nest,
            Kind::Case,
            Kind::Boxed,
        ];
        let kind = kinds[self.random.below(kinds.len())];
        if kind == Kind::Number && self.chance(60) {
            let Some(place) = self.changeable(|kind| kind == Kind::Number) else { return };
            let value = self.number(1);
            let sign = self.random.pick(&["^=", "|=", "= 1 ^"]);
            self.line(&format!("{} {sign} {value};", place.text()));
            return;
        }
        if kind == Kind::Duo && self.chance(50) {
            let Some((one, other)) = self.two_places(Use::Change, Kind::Token) else { return };
            let (a, b) = (self.value(Kind::Token, 0), self.value(Kind::Token, 0));
            self.line(&format!("({one}, {other}) = ({a}, {b});"));
            return;
        }
        if self.chance(25) {
            return self.renewal(kind);
        }
        let places = self.scope.assignable(|other| other == kind);
        let Some(place) = self.one_of(places) else { return };
        // The value may move the variable itself.
        let value = self.value(kind, 2);
        self.line(&format!("{} = {value};", place.text()));
        self.scope.assigned(&place);
    }

    /// Gives a place a value that is made of its old one, or comes right behind its last use.
    fn renewal(&mut self, kind: Kind) {
        let place = if self.chance(60) {
            self.movable(|other| other == kind)
                .filter(|place| self.scope.places(Use::Change, |other| other == kind).contains(place))
        } else {
            None
        };
        if let Some(place) = place {
            let name = place.text();
            let value = match (kind, self.random.below(3)) {
                (Kind::Maybe, 0) => format!("{name}.or({})", self.value(Kind::Maybe, 0)),
                (Kind::Pair, 0 | 1) => format!("{}.swapped()", place.receiver()),
                _ => format!("same({name})"),
            };
            let is_conditional = self.chance(20);
            self.line(&match is_conditional {
                true => format!("if n % 2 == 0 {{ {name} = {value}; }}"),
                false => format!("{name} = {value};"),
            });
            return;
        }
        let Some(place) = self.changeable(|other| other == kind) else { return };
        let used = match kind {
            Kind::Token => "r()",
            Kind::Pair => "first().r()",
            Kind::Maybe => "is_some()",
            _ => return,
        };
        self.line(&format!("{}.{used};", place.receiver()));
        let value = self.value(kind, 1);
        self.line(&format!("{} = {value};", place.text()));
        self.scope.assigned(&place);
    }

    pub fn whole_move(&mut self) {
        let Some(place) = self.movable(|kind| !kind.is_copy()) else { return };
        self.scope.moved(&place);
        let name = place.text();
        let suspends = self.suspends();
        match self.random.below(6) {
            0 | 1 => self.line(&format!("drop({name});")),
            2 if suspends => self.line(&format!("id({name}).await;")),
            3 if suspends && place.kind == Kind::Token => self.line(&format!("kid_owned({name}).await.r();")),
            4 => self.line(&format!("let _m = {name};")),
            _ => {
                let (word, mutable) = self.keyword();
                let to = self.name();
                self.line(&format!("{word} {to} = {name};"));
                let borrows = match place.path.is_empty() {
                    true => self.scope.variables[place.variable].borrows.clone(),
                    false => Vec::new(),
                };
                let i = self.scope.declare(&to, place.kind, mutable);
                self.scope.variables[i].borrows = borrows;
            }
        }
    }

    /// Known macros, with suspensions in them.
    pub fn macro_statement(&mut self) {
        let suspends = self.suspends();
        let number = self.number(1);
        let text = match self.random.below(7) {
            0 => format!("assert!({number} < 1_000_000);"),
            1 => format!("assert_eq!({number} & 0, 0, \"zero\");"),
            2 => format!("log(format!(\"{{}}:{{}}\", {number}, n));"),
            3 if suspends => format!("assert!(child(1).await == {}, \"{{}}\", n);", self.random.pick(&["1", "n"])),
            4 if suspends => {
                let token = self.fresh_token();
                format!("assert_ne!({token}.a().await, {});", self.random.pick(&["1", "0"]))
            }
            5 => {
                let (a, b) = (self.value(Kind::Token, 1), self.value(Kind::Token, 1));
                format!("let _g = vec![{a}, {b}];")
            }
            _ => format!("debug_assert!(matches!({number}, 0..), \"{{n}}\");"),
        };
        self.line(&text);
    }
}
