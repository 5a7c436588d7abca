//! Patterns that take parts of a field, or out of a box, of what was borrowed over a suspension before.

use super::Writer;
use super::kinds::Kind;
use super::patterns::Mode;
use super::scope::{Place, Use};

impl Writer<'_> {
    pub fn parting(&mut self) {
        let Some(place) = self.partable() else { return self.whole_to_part() };
        if self.suspends() {
            self.line(&format!("{{ let held = &{}; y().await; drop(held); }}", place.text()));
        }
        let pattern = self.pattern(place.kind, Mode::Value, true, 2);
        let (outside, name) = (self.scope.variables.len(), self.fresh_name("part"));
        let (text, from) = (&pattern.text, place.text());
        let forms = if self.suspends() { 10 } else { 8 };
        let form = self.random.below(forms);
        if form == 0 && !pattern.refutable {
            self.line(&format!("let {text} = {from};"));
            return self.bind(&pattern, Some(&place));
        }
        let log = format!("log(\"{name}\");");
        let word = if self.chance(30) { "move " } else { "" };
        let otherwise = if pattern.refutable { " else { return }" } else { "" };
        let line = match form {
            0 | 1 => format!("if let {text} = {from} {{ {log} }}"),
            2 => format!("if let {text} = {from} {{ {log} }} else {{ log(\"otherwise\"); }}"),
            3 => format!("match {from} {{ {text} => {{ {log} }} _ => log(\"otherwise\") }}"),
            4 => format!("match {from} {{ {text} if c => {{ {log} }} _ => log(\"otherwise\") }}"),
            5 => format!("let {name} = {word}|| {{ let {text} = {from}{otherwise}; {log} }}; {name}();"),
            6 => format!("let {name} = {word}|| match {from} {{ {text} => {{ {log} }} _ => {{}} }}; {name}();"),
            8 => format!("let {name} = async {word}{{ y().await; if let {text} = {from} {{ {log} }} }}; {name}.await;"),
            9 => format!("let {name} = {word}|| if let {text} = {from} {{ {log} }}; {name}(); y().await;"),
            _ => format!("let {name} = {word}|| if let {text} = {from} {{ {log} }}; {name}();"),
        };
        self.line(&line);
        self.bind(&pattern, Some(&place));
        self.scope.leave(outside);
    }

    /// A place of a type that patterns take apart; mostly one that is no variable of its own.
    fn partable(&mut self) -> Option<Place> {
        let has_parts = |kind| {
            matches!(
                kind,
                Kind::Outcome
                    | Kind::Counted
                    | Kind::Shape
                    | Kind::Maybe
                    | Kind::MaybePair
                    | Kind::Pair
                    | Kind::Duo
                    | Kind::Trio
            )
        };
        let mut places = self.scope.places(Use::Move, has_parts);
        let whole = self.chance(20);
        places.retain(|place| whole || !place.path.is_empty());
        self.one_of(places)
    }

    /// A variable that has such places.
    fn whole_to_part(&mut self) {
        let kind = [Kind::Case, Kind::Nest, Kind::BoxedOutcome][self.random.below(3)];
        let (value, name) = (self.value(kind, 1), self.name());
        self.line(&format!("let {name} = {value};"));
        self.scope.declare(&name, kind, false);
    }
}
