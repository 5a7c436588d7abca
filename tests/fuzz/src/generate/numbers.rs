//! Expressions that are a `u32`.

use super::Writer;
use super::kinds::Kind;
use super::scope::Use;

impl Writer<'_> {
    fn named_number(&mut self) -> String {
        let found = self.readable(|kind| kind == Kind::Number);
        found.map_or_else(|| self.random.below(5).to_string(), |place| place.text())
    }

    /// A number. `effort`: how deep.
    pub fn number(&mut self, effort: usize) -> String {
        if effort == 0 {
            return match self.random.below(5) {
                0 => self.random.below(5).to_string(),
                1 | 2 => self.named_number(),
                3 if self.suspends() => format!("child({}).await", self.random.below(4)),
                _ => match self.readable(|kind| kind == Kind::Token) {
                    Some(place) => format!("u32::from({}.r())", place.receiver()),
                    None => "2".to_string(),
                },
            };
        }
        let choice = self.random.below(34);
        match choice {
            0..=3 => self.number(0),
            4 | 5 => {
                let (a, b) = (self.number(effort - 1), self.number(effort - 1));
                format!("add({a}, {b})")
            }
            6 => {
                let (a, b) = (self.number(effort - 1), self.number(effort - 1));
                format!("({a}).wrapping_add({b})")
            }
            7 | 8 => {
                let sign = self.random.pick(&["^", "|", "&"]);
                let (a, b) = (self.number(effort - 1), self.number(effort - 1));
                format!("({a} {sign} {b})")
            }
            9..=11 => self.number_of_token(effort),
            12 | 13 => self.number_of_child(effort),
            14 => {
                let value = self.value(Kind::Token, effort - 1);
                format!("eat({value})")
            }
            15 => {
                let value = self.value(Kind::Token, effort - 1);
                if self.suspends() { format!("u32::from({value}.taken().await)") } else { format!("eat({value})") }
            }
            16 => {
                let (name, n) = (self.token_name(), self.number(effort - 1));
                format!("*temporary(\"{name}\", {n})")
            }
            17 | 18 => {
                let value = self.choice_of(Kind::Number, effort);
                format!("({value})")
            }
            19 => match self.readable(|kind| kind == Kind::Number) {
                Some(place) if self.suspends() => format!("get(&{}).await", place.text()),
                _ => self.named_number(),
            },
            20 => match self.readable(|kind| kind == Kind::Numbers) {
                Some(place) => {
                    let index = self.number(effort - 1);
                    format!("{}[({index}) as usize % 3]", place.receiver())
                }
                None => self.named_number(),
            },
            21 => match self.readable(|kind| matches!(kind, Kind::List | Kind::Array | Kind::Slice | Kind::SliceMut)) {
                Some(place) => format!("names(&{}{})", place.text(), self.random.pick(&["", "[..]", "[1..]"])),
                None => self.named_number(),
            },
            22 => match self.changeable(|kind| kind == Kind::Number) {
                Some(place) => {
                    let (place, value) = (place.text(), self.number(0));
                    let held = if value.contains("await") { "7".to_string() } else { value };
                    format!("std::mem::replace(&mut {place}, {held})")
                }
                None => self.named_number(),
            },
            23 => {
                let kind = [Kind::Token, Kind::Pair, Kind::Duo, Kind::Maybe][self.random.below(4)];
                let value = self.value(kind, effort - 1);
                let call = match kind {
                    Kind::Token => "r() as u32",
                    Kind::Pair => "n",
                    Kind::Duo => "1.r() as u32",
                    _ => "map_or(0, |t| t.r() as u32)",
                };
                if value.starts_with(['i', 'm', '{', '\'', 'l']) { self.number(0) } else { format!("({value}).{call}") }
            }
            24 => {
                let value = self.value(Kind::Maybe, effort - 1);
                format!("u32::from(({value}).is_some())")
            }
            25 => {
                // Both are read before the call, the second after the first.
                match (self.changeable(|kind| kind == Kind::Number), self.suspends()) {
                    (Some(place), true) => {
                        let place = place.text();
                        format!("add({place}, {{ {place} = child(2).await; {place} }})")
                    }
                    _ => self.named_number(),
                }
            }
            26 => match self.readable(|kind| kind == Kind::Spot) {
                Some(place) => format!("{}.x", place.receiver()),
                None => self.named_number(),
            },
            27 => match self.readable(|kind| kind == Kind::Token) {
                Some(place) => format!("format!(\"{{}}\", {}.0).len() as u32", place.receiver()),
                None => self.named_number(),
            },
            28 => match self.readable(|kind| kind == Kind::Closure) {
                Some(place) => {
                    let n = self.number(effort - 1);
                    format!("{}({n})", place.text())
                }
                None => self.named_number(),
            },
            29 => match self.changeable(|kind| kind == Kind::ClosureMut) {
                Some(place) => {
                    let held = place.borrow(true);
                    let n = self.holding(vec![held], |writer| writer.number(effort - 1));
                    format!("{}({n})", place.text())
                }
                None => self.named_number(),
            },
            30 if self.output.is_fallible() && !self.closed && self.suspends() => {
                let value = self.value(Kind::Token, 0);
                let fails = self.random.pick(&["c", "d", "c && d"]);
                format!("u32::from(fail({fails}, {value}).await?.r())")
            }
            31 if self.output.is_optional() && !self.closed && self.suspends() => {
                let value = self.value(Kind::Token, 0);
                let some = self.random.pick(&["c", "d", "c || d"]);
                format!("u32::from(kid_maybe({some}, {value}).await?.r())")
            }
            32 => {
                let place = self.readable(|kind| kind == Kind::Cell);
                place.map_or_else(|| "3".to_string(), |place| format!("u32::from({}.borrow().r())", place.receiver()))
            }
            _ => self.named_number(),
        }
    }

    /// A number from a token that stays.
    fn number_of_token(&mut self, effort: usize) -> String {
        let Some(place) = self.readable(|kind| matches!(kind, Kind::Token | Kind::Watch | Kind::Lend)) else {
            return self.number(0);
        };
        let (token, held) = (place.receiver(), place.borrow(false));
        match self.random.below(4) {
            0 | 1 if self.suspends() => format!("u32::from({token}.a().await)"),
            2 if place.kind == Kind::Token && self.suspends() => {
                let other = self.holding(vec![held], |writer| writer.value(Kind::Token, effort - 1));
                format!("u32::from(two(&{}, {other}).await)", place.text())
            }
            _ => format!("u32::from({token}.r())"),
        }
    }

    /// A number from a child.
    fn number_of_child(&mut self, effort: usize) -> String {
        match self.random.below(6) {
            0 | 1 => {
                let Some(place) = self.readable(|kind| kind == Kind::Token) else { return self.number(0) };
                let n = self.holding(vec![place.borrow(false)], |writer| writer.number(effort - 1));
                if self.suspends() { format!("kid_shared(&{}, {n}).await", place.text()) } else { n }
            }
            2 => {
                let (value, n) = (self.value(Kind::Token, 0), self.number(effort - 1));
                if self.suspends() { format!("kid_shared(&{value}, {n}).await") } else { n }
            }
            3 => {
                let place = self.changeable(|kind| matches!(kind, Kind::Array | Kind::List));
                match place {
                    Some(place) if self.suspends() => format!("kid_slice(&mut {}).await", place.text()),
                    _ => self.number(0),
                }
            }
            4 => match self.changeable(|kind| kind == Kind::Nest) {
                Some(place) => {
                    let n = self.holding(vec![place.borrow(true)], |writer| writer.number(effort - 1));
                    if self.suspends() { format!("{}.poke({n}).await", place.receiver()) } else { n }
                }
                None => self.number(0),
            },
            _ => {
                let two = self.scope.places(Use::Read, |kind| kind == Kind::Token);
                match (self.one_of(two.clone()), self.one_of(two)) {
                    (Some(a), Some(b)) if self.suspends() => {
                        format!("u32::from(kid_pick(&{}, &{}, c).await.r())", a.text(), b.text())
                    }
                    _ => self.number(0),
                }
            }
        }
    }
}
