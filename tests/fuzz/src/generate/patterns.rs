//! Patterns, and what they bind.

use super::Writer;
use super::kinds::{Kind, Step};
use super::scope::Path;

/// How a pattern meets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By value: bindings move.
    Value,
    /// Through `&`: bindings are shared references.
    Ref,
    /// Through `&mut`.
    Mut,
}

pub struct Binding {
    pub name: String,
    pub kind: Kind,
    pub mutable: bool,
    /// What of the value it took or borrowed.
    pub path: Path,
    /// Borrowed, and whether exclusively.
    pub borrows: Option<bool>,
}

#[derive(Default)]
pub struct Pattern {
    pub text: String,
    pub bindings: Vec<Binding>,
    /// Whether there are values that it does not match.
    pub refutable: bool,
}

impl Writer<'_> {
    /// A pattern for a value of this kind. `refutable`: whether it may be.
    pub fn pattern(&mut self, kind: Kind, mode: Mode, refutable: bool, depth: usize) -> Pattern {
        let mut pattern = Pattern::default();
        pattern.text = self.part(kind, mode, refutable, depth, &mut pattern.refutable, &mut pattern.bindings, &[]);
        pattern
    }

    #[expect(clippy::too_many_arguments, reason = "what is collected on the way down")]
    fn part(
        &mut self,
        kind: Kind,
        mode: Mode,
        refutable: bool,
        depth: usize,
        refuses: &mut bool,
        bindings: &mut Vec<Binding>,
        path: &[Step],
    ) -> String {
        let choice = self.random.below(10);
        if choice == 0 && depth < 2 {
            return "_".to_string();
        }
        let shape = depth > 0 && (choice > 2 || depth == 2);
        let (open, close, parts): (&str, &str, Vec<(&str, Step, Kind)>) = match kind {
            Kind::Pair if shape => {
                let all = vec![
                    ("a", Step::Field("a"), Kind::Token),
                    ("b", Step::Field("b"), Kind::Token),
                    ("n", Step::Field("n"), Kind::Number),
                ];
                ("Pair { ", " }", all)
            }
            Kind::Nest if shape => {
                let all = vec![
                    ("p", Step::Field("p"), Kind::Pair),
                    ("o", Step::Field("o"), Kind::Maybe),
                    ("m", Step::Field("m"), Kind::Number),
                ];
                ("Nest { ", " }", all)
            }
            Kind::Case if shape => {
                let all = vec![
                    ("r", Step::Field("r"), Kind::Outcome),
                    ("s", Step::Field("s"), Kind::Shape),
                    ("t", Step::Field("t"), Kind::Token),
                    ("k", Step::Field("k"), Kind::Counted),
                ];
                ("Case { ", " }", all)
            }
            Kind::Duo if shape => {
                ("(", ")", vec![("", Step::Field("0"), Kind::Token), ("", Step::Field("1"), Kind::Token)])
            }
            Kind::Trio if shape => {
                let all = vec![
                    ("", Step::Field("0"), Kind::Token),
                    ("", Step::Field("1"), Kind::Number),
                    ("", Step::Field("2"), Kind::Token),
                ];
                ("(", ")", all)
            }
            Kind::Array if shape => {
                ("[", "]", vec![("", Step::Index("0"), Kind::Token), ("", Step::Index("1"), Kind::Token)])
            }
            Kind::Maybe if shape && refutable => ("Some(", ")", vec![("", Step::Deref, Kind::Token)]),
            Kind::MaybePair if shape && refutable => ("Some(", ")", vec![("", Step::Deref, Kind::Pair)]),
            Kind::Outcome if shape && refutable => {
                let head = if self.chance(70) { "Ok(" } else { "Err(Failure(" };
                let close = if head == "Ok(" { ")" } else { "))" };
                (head, close, vec![("", Step::Deref, Kind::Token)])
            }
            Kind::Counted if shape && refutable => match self.random.below(3) {
                0 => ("Err(Failure(", "))", vec![("", Step::Deref, Kind::Token)]),
                _ => ("Ok(", ")", vec![("", Step::Deref, Kind::Number)]),
            },
            Kind::Shape if shape && refutable => {
                if self.chance(50) {
                    ("Shape::One(", ")", vec![("", Step::Deref, Kind::Token)])
                } else {
                    let all = vec![("a", Step::Field("a"), Kind::Token), ("b", Step::Field("b"), Kind::Token)];
                    ("Shape::Two { ", " }", all)
                }
            }
            Kind::Number if shape && refutable && choice > 6 => {
                *refuses = true;
                return self.random.pick(&["0", "1 | 2", "0..=2", "3.."]).to_string();
            }
            _ => return self.binding(kind, mode, bindings, path),
        };
        *refuses |= matches!(kind, Kind::Maybe | Kind::MaybePair | Kind::Outcome | Kind::Counted | Kind::Shape);
        let mut written = Vec::new();
        let mut rest = false;
        for (field, step, kind) in parts {
            // What `..` skips stays where it is.
            if !open.ends_with("Some(") && kind != Kind::Number && self.chance(12) && !rest && close != "))" {
                rest = true;
                if field.is_empty() {
                    written.push("..".to_string());
                    break;
                }
                continue;
            }
            let mut path = path.to_vec();
            path.push(step);
            let inner = self.part(kind, mode, refutable, depth - 1, refuses, bindings, &path);
            written.push(if field.is_empty() { inner } else { format!("{field}: {inner}") });
        }
        if rest && written.last().is_none_or(|last| last != "..") {
            written.push("..".to_string());
        }
        format!("{open}{}{close}", written.join(", "))
    }

    fn binding(&mut self, kind: Kind, mode: Mode, bindings: &mut Vec<Binding>, path: &[Step]) -> String {
        let mut name = self.name();
        while bindings.iter().any(|other| other.name == name) {
            name = self.fresh_name("z");
        }
        if self.chance(8) {
            name = format!("_{name}");
            if bindings.iter().any(|other| other.name == name) {
                return "_".to_string();
            }
        }
        let path = path.to_vec();
        let (word, kind, mutable, borrows) = match mode {
            Mode::Ref | Mode::Mut => match kind.referenced(mode == Mode::Mut) {
                Some(reference) => ("", reference, false, Some(mode == Mode::Mut)),
                None => return "_".to_string(),
            },
            Mode::Value => match self.random.below(12) {
                0 => match kind.referenced(false) {
                    Some(reference) => ("ref ", reference, false, Some(false)),
                    None => ("", kind, false, None),
                },
                1..=3 => ("mut ", kind, true, None),
                _ => ("", kind, false, None),
            },
        };
        bindings.push(Binding { name: name.clone(), kind, mutable, path, borrows });
        format!("{word}{name}")
    }
}
