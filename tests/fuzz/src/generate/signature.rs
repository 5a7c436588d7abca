//! Heads of functions: parameters, outputs, methods; and calls of them.

use super::kinds::Kind;
use super::scope::Scope;
use super::{Function, Output, Writer};
use crate::Random;

/// Writes the function `name`.
pub fn function(random: &mut Random, name: &str) -> Function {
    use Output::{Fallible, FallibleToken, Number, Optional, OptionalToken, Token, Unit};
    let outputs = [Number, Number, Number, Unit, Token, Fallible, Fallible, FallibleToken, Optional, OptionalToken];
    let output = outputs[random.below(outputs.len())];
    // Mostly small ones, which are compiled quickly; sometimes one in which everything meets.
    let (budget, suspensions) = match random.below(10) {
        0..=5 => (4 + random.below(8), 3 + random.below(5)),
        6..=8 => (8 + random.below(12), 5 + random.below(8)),
        _ => (14 + random.below(24), 10 + random.below(14)),
    };
    let mut writer = Writer {
        random,
        text: String::new(),
        indent: 1,
        scope: Scope::default(),
        loops: Vec::new(),
        tokens: 0,
        labels: 0,
        output,
        budget,
        suspensions,
        closed: false,
    };
    let (parameters, arguments, receiver) = writer.parameters();
    let diverged = writer.statements(0);
    if !diverged {
        // Behind the last suspension a field can be taken out of a variable that lives in a slot.
        if writer.chance(30) {
            writer.parting();
            writer.suspensions = 0;
            if writer.chance(50) {
                writer.parting();
            }
            writer.line("log(\"last\");");
        }
        let value = writer.result();
        if !value.is_empty() {
            writer.line(&value);
        }
    }
    let output = output.spelling();
    let body = writer.text;
    let head = format!("#[segno::coroutine]\nasync fn {name}({parameters}){output} {{\n{body}}}\n");
    let (text, path) = match receiver {
        Some(_) => (format!("impl Pair {{\n{head}}}\n"), format!("Pair::{name}")),
        None => (head, name.to_string()),
    };
    let calls = arguments.iter().map(|arguments| format!("{path}({arguments})")).collect();
    Function { name: name.to_string(), text, calls }
}

impl Output {
    fn spelling(self) -> &'static str {
        match self {
            Output::Unit => "",
            Output::Number => " -> u32",
            Output::Token => " -> T",
            Output::Fallible => " -> Result<u32, Failure>",
            Output::FallibleToken => " -> Result<T, Failure>",
            Output::Optional => " -> Option<u32>",
            Output::OptionalToken => " -> Option<T>",
        }
    }

    pub fn is_fallible(self) -> bool {
        matches!(self, Output::Fallible | Output::FallibleToken)
    }

    pub fn is_optional(self) -> bool {
        matches!(self, Output::Optional | Output::OptionalToken)
    }
}

impl Writer<'_> {
    /// Declares parameters: how they are written, three times arguments for them, and the receiver if there is one.
    fn parameters(&mut self) -> (String, [String; 3], Option<Kind>) {
        let mut written = Vec::new();
        let mut arguments: Vec<String> = Vec::new();
        let receiver = match self.random.below(12) {
            0 => Some(("self", Kind::Pair, false)),
            1 => Some(("mut self", Kind::Pair, true)),
            2 => Some(("&self", Kind::Pair.referenced(false).expect("there is one"), false)),
            3 => Some(("&mut self", Kind::Pair.referenced(true).expect("there is one"), false)),
            _ => None,
        };
        if let Some((text, kind, mutable)) = receiver {
            written.push(text.to_string());
            let sign = text.split("self").next().expect("there is a part").replace("mut self", "");
            let sign = if sign.starts_with('&') { sign } else { String::new() };
            arguments.push(format!("{sign}Pair {{ a: T(\"sa\"), b: T(\"sb\"), n: 4 }}"));
            self.scope.declare("self", kind, mutable);
        }
        for flag in ["c", "d"] {
            written.push(format!("{flag}: bool"));
            arguments.push(flag.to_string());
        }
        let mutable = self.chance(50);
        let word = if mutable { "mut " } else { "" };
        written.push(format!("{word}n: u32"));
        arguments.push("n".to_string());
        self.scope.declare("n", Kind::Number, mutable);
        for name in ["p", "q", "o"] {
            if self.chance(35) {
                continue;
            }
            let mutable = self.chance(50);
            let word = if mutable { "mut " } else { "" };
            let kinds = [
                Kind::Token,
                Kind::Token,
                Kind::Token,
                Kind::Pair,
                Kind::Maybe,
                Kind::Duo,
                Kind::Array,
                Kind::Nest,
                Kind::Case,
                Kind::BoxedOutcome,
                Kind::Outcome,
                Kind::Counted,
                Kind::Shape,
            ];
            let kind = kinds[self.random.below(kinds.len())];
            let value = self.argument(kind, name);
            match self.random.below(10) {
                0 => {
                    written.push(format!("_: {}", kind.spelling().expect("it can be written")));
                    arguments.push(value);
                }
                1 => {
                    let pattern = self.pattern(kind, super::patterns::Mode::Value, false, 2);
                    written.push(format!("{}: {}", pattern.text, kind.spelling().expect("it can be written")));
                    for binding in &pattern.bindings {
                        self.scope.declare(&binding.name, binding.kind, binding.mutable);
                    }
                    arguments.push(value);
                }
                2 | 3 => {
                    let exclusive = self.chance(60);
                    let kind = kind.referenced(exclusive).expect("there is one");
                    written.push(format!("{name}: {}", kind.spelling().expect("it can be written")));
                    arguments.push(format!("{}{value}", if exclusive { "&mut " } else { "&" }));
                    self.scope.declare(name, kind, false);
                }
                _ => {
                    written.push(format!("{word}{name}: {}", kind.spelling().expect("it can be written")));
                    arguments.push(value);
                    self.scope.declare(name, kind, mutable);
                }
            }
        }
        let calls = [("true", "false", "3"), ("false", "true", "2"), ("false", "false", "0")].map(|(c, d, n)| {
            let each = arguments.iter().map(|argument| match argument.as_str() {
                "c" => c,
                "d" => d,
                "n" => n,
                other => other,
            });
            each.collect::<Vec<_>>().join(", ")
        });
        (written.join(", "), calls, receiver.map(|(_, kind, _)| kind))
    }

    /// A value for a parameter.
    fn argument(&mut self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::Token => format!("T(\"{name}\")"),
            Kind::Pair => format!("Pair {{ a: T(\"{name}a\"), b: T(\"{name}b\"), n: 7 }}"),
            Kind::Maybe if self.chance(30) => "None".to_string(),
            Kind::Maybe => format!("Some(T(\"{name}\"))"),
            Kind::Duo => format!("(T(\"{name}0\"), T(\"{name}1\"))"),
            Kind::Array => format!("[T(\"{name}0\"), T(\"{name}1\")]"),
            Kind::Nest => format!(
                "Nest {{ p: {}, o: Some(T(\"{name}o\")), m: 5 }}",
                self.argument(Kind::Pair, &format!("{name}p"))
            ),
            Kind::Case => {
                let (r, s) = (self.argument(Kind::Outcome, name), self.argument(Kind::Shape, name));
                let k = self.argument(Kind::Counted, &format!("{name}k"));
                format!("Case {{ r: {r}, s: {s}, t: T(\"{name}t\"), k: {k} }}")
            }
            Kind::BoxedOutcome => format!("Box::new({})", self.argument(Kind::Outcome, name)),
            Kind::Counted if self.chance(60) => format!("Err(Failure(T(\"{name}\")))"),
            Kind::Counted => "Ok(6)".to_string(),
            Kind::Outcome if self.chance(40) => format!("Err(Failure(T(\"{name}\")))"),
            Kind::Outcome => format!("Ok(T(\"{name}\"))"),
            _ => [
                "Shape::Zero".to_string(),
                format!("Shape::One(T(\"{name}\"))"),
                format!("Shape::Two {{ a: T(\"{name}a\"), b: T(\"{name}b\") }}"),
            ][self.random.below(3)]
            .clone(),
        }
    }

    /// What the function gives in the end, or what `return` carries; empty if that is nothing.
    pub fn result(&mut self) -> String {
        let output = self.output;
        match output {
            Output::Unit => String::new(),
            Output::Number => self.number(2),
            Output::Token => self.value(Kind::Token, 2),
            Output::Fallible if self.chance(25) => format!("Err(Failure({}))", self.value(Kind::Token, 1)),
            Output::Fallible => format!("Ok({})", self.number(2)),
            Output::FallibleToken if self.chance(40) => self.value(Kind::Outcome, 2),
            Output::FallibleToken => format!("Ok({})", self.value(Kind::Token, 2)),
            Output::Optional if self.chance(25) => "None".to_string(),
            Output::Optional => format!("Some({})", self.number(2)),
            Output::OptionalToken if self.chance(40) => self.value(Kind::Maybe, 2),
            Output::OptionalToken => format!("Some({})", self.value(Kind::Token, 2)),
        }
    }
}
