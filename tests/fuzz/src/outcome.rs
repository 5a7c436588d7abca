//! What came of a function, and of all of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use segno_fuzz::Function;

use crate::workshop::Diagnostic;

/// What came of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// rustc refuses it as an `async fn`: not a function.
    Invalid(String),
    /// Its traces are the same.
    Same { runs: usize, segno: usize, rustc: usize },
    /// Refused by the macro, with this code.
    Refused(String),
    /// The macro's machine does not compile; the class of the error.
    Uncompiled(String),
    /// The traces differ.
    Differs(String),
    /// The program ended early, or never.
    Crashed(String),
}

impl Outcome {
    pub fn of(diagnostic: &Diagnostic) -> Outcome {
        if diagnostic.code.starts_with("SG") {
            Outcome::Refused(diagnostic.code.clone())
        } else {
            Outcome::Uncompiled(class(diagnostic))
        }
    }

    /// How bad it is: the worst of several is what came of a function.
    fn weight(&self) -> u8 {
        match self {
            Outcome::Same { .. } => 0,
            Outcome::Invalid(_) => 1,
            Outcome::Uncompiled(_) => 2,
            Outcome::Refused(_) => 3,
            Outcome::Crashed(_) => 4,
            Outcome::Differs(_) => 5,
        }
    }

    pub fn worse(self, other: Outcome) -> Outcome {
        if other.weight() > self.weight() { other } else { self }
    }

    /// One word for what kind of failure it is; two functions with the same one may fail for the same reason.
    pub fn class(&self) -> Option<String> {
        match self {
            Outcome::Same { .. } | Outcome::Invalid(_) => None,
            Outcome::Refused(code) => Some(code.clone()),
            Outcome::Uncompiled(class) => Some(class.clone()),
            Outcome::Differs(_) => Some("differs".into()),
            Outcome::Crashed(how) => Some(format!("crash: {how}")),
        }
    }

    /// Whether it is a defect of the machine.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Outcome::Differs(_) | Outcome::Crashed(_))
    }
}

/// `E0382: borrow of moved value: _`: the code and the message, without names and places.
fn class(diagnostic: &Diagnostic) -> String {
    let message = diagnostic.message.trim_start_matches(|c| c != ']').trim_start_matches("]: ");
    let message = if message.is_empty() { diagnostic.message.as_str() } else { message };
    let mut text = String::new();
    for (i, part) in message.split('`').enumerate() {
        text.push_str(if i % 2 == 0 { part } else { "_" });
    }
    // What follows the message proper are labels.
    let end = text.match_indices(": ").map(|(at, _)| at).find(|&at| at > 12).unwrap_or(text.len());
    let text: String = text[..end].chars().take(90).collect();
    format!("{}: {text}", diagnostic.code)
}

/// A function, and what came of it.
#[derive(Debug, Clone)]
pub struct Result {
    pub index: u64,
    pub function: Function,
    pub outcome: Outcome,
}

/// All results, counted.
#[derive(Debug, Default)]
pub struct Tally {
    pub generated: usize,
    pub invalid: usize,
    pub same: usize,
    pub runs: usize,
    pub refused: BTreeMap<String, Vec<u64>>,
    pub uncompiled: BTreeMap<String, Vec<u64>>,
    pub wrong: BTreeMap<String, Vec<u64>>,
    /// Why rustc refuses functions, to keep the generator honest.
    pub reasons: BTreeMap<String, usize>,
    /// Functions whose frame is larger than rustc's: number, segno's bytes, rustc's bytes.
    pub larger: Vec<(u64, usize, usize)>,
    pub smaller: usize,
    /// Bytes of all frames, segno's and rustc's.
    pub bytes: (usize, usize),
}

impl Tally {
    pub fn add(&mut self, result: &Result) {
        self.generated += 1;
        let index = result.index;
        let class = result.outcome.class().unwrap_or_default();
        match &result.outcome {
            Outcome::Invalid(reason) => {
                self.invalid += 1;
                *self.reasons.entry(reason.clone()).or_default() += 1;
            }
            Outcome::Same { runs, segno, rustc } => {
                self.same += 1;
                self.runs += runs;
                self.bytes.0 += segno;
                self.bytes.1 += rustc;
                self.smaller += usize::from(segno < rustc);
                if segno > rustc {
                    self.larger.push((index, *segno, *rustc));
                }
            }
            Outcome::Refused(_) => self.refused.entry(class).or_default().push(index),
            Outcome::Uncompiled(_) => self.uncompiled.entry(class).or_default().push(index),
            Outcome::Differs(_) | Outcome::Crashed(_) => self.wrong.entry(class).or_default().push(index),
        }
    }

    fn count(of: &BTreeMap<String, Vec<u64>>) -> usize {
        of.values().map(Vec::len).sum()
    }

    pub fn wrong(&self) -> usize {
        Self::count(&self.wrong)
    }

    pub fn uncompiled(&self) -> usize {
        Self::count(&self.uncompiled)
    }

    /// Classes that no line of `limits` names, of what does not compile.
    pub fn unexpected(&self, limits: &str) -> Vec<&str> {
        let known: Vec<&str> = limits.lines().map(str::trim).collect();
        let all = self.refused.keys().chain(self.uncompiled.keys());
        all.map(String::as_str).filter(|class| !known.contains(class)).collect()
    }

    /// The table.
    pub fn table(&self, frames: bool) -> String {
        let mut text = String::new();
        let valid = self.generated - self.invalid;
        let rows = [
            ("written", self.generated),
            ("refused by rustc as `async fn`", self.invalid),
            ("compared, the same", self.same),
            ("compared, different or crashed", self.wrong()),
            ("refused by the macro, with a code", Self::count(&self.refused)),
            ("machine refused by rustc", self.uncompiled()),
        ];
        for (name, count) in rows {
            let share = if name.starts_with("ref") && name.contains("async") || name == "written" {
                String::new()
            } else {
                format!("  {:5.1} %", 100.0 * count as f64 / valid.max(1) as f64)
            };
            let _ = writeln!(text, "{count:8} {name}{share}");
        }
        for classes in [&self.wrong, &self.refused, &self.uncompiled] {
            let mut sorted: Vec<_> = classes.iter().collect();
            sorted.sort_by_key(|(_, all)| std::cmp::Reverse(all.len()));
            for (class, all) in sorted {
                let some: Vec<String> = all.iter().take(6).map(u64::to_string).collect();
                let _ = writeln!(text, "    {:5} {class} ({})", all.len(), some.join(" "));
            }
        }
        let _ = writeln!(text, "{:8} runs compared", self.runs);
        let (segno, rustc) = self.bytes;
        let _ = writeln!(
            text,
            "frames: {} smaller than rustc's, {} equal, {} larger; {segno} bytes for rustc's {rustc}",
            self.smaller,
            self.same - self.smaller - self.larger.len(),
            self.larger.len()
        );
        if frames {
            let mut larger = self.larger.clone();
            larger.sort_by_key(|(_, segno, rustc)| std::cmp::Reverse(segno - rustc));
            for (index, segno, rustc) in larger {
                let _ = writeln!(text, "    {index:8}: {segno} bytes, rustc {rustc}");
            }
        }
        text
    }
}
