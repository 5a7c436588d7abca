//! The two halves of a program of random functions, as text.

use std::collections::BTreeSet;
use std::fmt::Write;

use segno_fuzz::{Function, HELPERS};

/// rustc drops some temporaries at other times in edition 2021.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    Edition2021,
    Edition2024,
}

impl Edition {
    pub fn name(self) -> &'static str {
        match self {
            Edition::Edition2021 => "2021",
            Edition::Edition2024 => "2024",
        }
    }
}

/// A function with its number.
pub type Numbered = (u64, Function);

/// A source, and where each function begins in it.
pub struct Source {
    pub text: String,
    /// The first line of each function, from 1, and its number.
    lines: Vec<(usize, u64)>,
}

impl Source {
    fn new(functions: &[Numbered], left_out: &BTreeSet<u64>, oracle: bool) -> Source {
        let world = if oracle { "future" } else { "coroutine" };
        let mut text = "use segno_fuzz_harness::segno_tests::*;\nuse std::cell::RefCell;\n".to_string();
        text += HELPERS;
        let mut lines = Vec::new();
        for (index, function) in functions.iter().filter(|(index, _)| !left_out.contains(index)) {
            text.push('\n');
            lines.push((text.lines().count() + 1, *index));
            text += &function.text;
            for (i, call) in function.calls.iter().enumerate() {
                let name = &function.name;
                let _ = writeln!(
                    text,
                    "pub fn {name}_{i}(driver: &Driver) {{ segno_fuzz_harness::{world}(driver, {call}); }}"
                );
            }
        }
        if oracle {
            // The lines stay the same.
            text = text.replace("#[segno::coroutine]", "");
        }
        Source { text, lines }
    }

    /// The world of rustc: a library.
    pub fn oracle(functions: &[Numbered], left_out: &BTreeSet<u64>) -> Source {
        Source::new(functions, left_out, true)
    }

    /// The world of segno: a program that runs both, with the name of the other crate.
    pub fn ours(functions: &[Numbered], left_out: &BTreeSet<u64>) -> Source {
        let mut source = Source::new(functions, left_out, false);
        source.text += "\nfn main() {\n    segno_fuzz_harness::main(&[\n";
        for (_, function) in functions.iter().filter(|(index, _)| !left_out.contains(index)) {
            let name = &function.name;
            let calls = (0..function.calls.len()).map(|i| format!("(oracle::{name}_{i}, {name}_{i})"));
            let calls: Vec<String> = calls.collect();
            let _ = writeln!(source.text, "        ({name:?}, &[{}]),", calls.join(", "));
        }
        source.text += "    ]);\n}\n";
        source
    }

    /// Whose text has this line.
    pub fn function_at(&self, line: usize) -> Option<u64> {
        self.lines.iter().rev().find(|(first, _)| *first <= line).map(|(_, index)| *index)
    }
}
