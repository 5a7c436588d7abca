//! Conditions of branches and loops.

use super::Writer;
use super::kinds::Kind;

impl Writer<'_> {
    pub fn condition(&mut self) -> String {
        match self.random.below(16) {
            0..=2 => "c".to_string(),
            3..=5 => "d".to_string(),
            6 => format!("({}) % 2 == 0", self.number(1)),
            7 if self.suspends() => format!("child({}).await > 1", self.random.below(4)),
            8 => format!("{}.o().is_some()", self.fresh_token()),
            9 if self.suspends() => format!("c && child({}).await < 2", self.random.below(4)),
            10 if self.suspends() => format!("{}.a().await == 1 || d", self.fresh_token()),
            11 => match self.readable(|kind| kind == Kind::Maybe) {
                Some(place) => format!("{}.is_some()", place.receiver()),
                None => "!c".to_string(),
            },
            12 if self.suspends() => match self.readable(|kind| kind == Kind::Token) {
                Some(place) => format!("matches!({}.a().await, 1)", place.receiver()),
                None => "!d".to_string(),
            },
            13 => match self.readable(|kind| kind == Kind::Shape) {
                Some(place) => format!("matches!({}, Shape::Zero)", place.text()),
                None => "c != d".to_string(),
            },
            14 if self.suspends() => {
                let (a, b) = (self.random.pick(&["c", "d", "n > 2"]), self.random.pick(&["||", "&&"]));
                format!("!({a} {b} child(1).await == 1) || n < 3")
            }
            _ => format!("{} < {}", self.number(0), self.random.below(4)),
        }
    }

    /// A condition that takes nothing and is evaluated once or more.
    pub fn simple_condition(&mut self) -> &'static str {
        self.random.pick(&["c", "d", "!c", "n > 2", "c && d"])
    }
}
