//! A batch of functions: compiled together, what does not compile taken out, the rest run.

use std::collections::BTreeMap;
use std::path::Path;

use crate::outcome::{Outcome, Result as Of};
use crate::program::{Edition, Numbered, Source};
use crate::workshop::{Diagnostic, Guard, Harness};

/// How often something is taken out before the batch is split.
const ROUNDS: usize = 12;

/// What is done with a batch.
pub struct Batch<'a> {
    pub harness: &'a Harness,
    pub folder: &'a Path,
    pub edition: Edition,
}

impl Batch<'_> {
    /// What came of each function, in order.
    pub fn process(&self, functions: Vec<Numbered>) -> Result<Vec<Of>, String> {
        let mut outcomes: BTreeMap<u64, Outcome> = BTreeMap::new();
        for oracle in [true, false] {
            if let Some(problem) = self.sift(&functions, oracle, &mut outcomes)? {
                return self.split(functions, oracle, &problem);
            }
        }
        let left = functions.iter().filter(|(index, _)| !outcomes.contains_key(index)).cloned().collect::<Vec<_>>();
        self.run(&left, &mut outcomes)?;
        if self.harness.guard() == Guard::Sanitizer {
            self.find_leaks(&left, &mut outcomes)?;
        }
        let of = |(index, function): Numbered| {
            let outcome = outcomes.remove(&index).ok_or(format!("nothing came of function {index}"))?;
            Ok(Of { index, function, outcome })
        };
        functions.into_iter().map(of).collect()
    }

    /// If it is not known which function does not compile: each half by itself.
    fn split(&self, mut functions: Vec<Numbered>, oracle: bool, problem: &Diagnostic) -> Result<Vec<Of>, String> {
        if functions.len() > 1 {
            let rest = functions.split_off(functions.len() / 2);
            let mut results = self.process(functions)?;
            results.extend(self.process(rest)?);
            return Ok(results);
        }
        let alone = functions.into_iter();
        Ok(alone.map(|(index, function)| Of { index, function, outcome: Self::refusal(problem, oracle) }).collect())
    }

    /// Compiles one half, without what has an outcome already, or gets one because it does not compile. Gives an error
    /// that is about none of the functions.
    fn sift(
        &self,
        functions: &[Numbered],
        oracle: bool,
        outcomes: &mut BTreeMap<u64, Outcome>,
    ) -> Result<Option<Diagnostic>, String> {
        for _ in 0..ROUNDS {
            let left_out = outcomes.keys().copied().collect();
            let source = if oracle { Source::oracle(functions, &left_out) } else { Source::ours(functions, &left_out) };
            let errors = self.harness.compile(self.folder, &source, oracle, self.edition)?;
            if errors.is_empty() {
                return Ok(None);
            }
            if let Some(error) = errors.iter().find(|error| error.line == 0) {
                return Ok(Some(error.clone()));
            }
            let mut bad: BTreeMap<u64, Outcome> = BTreeMap::new();
            for error in &errors {
                let Some(index) = source.function_at(error.line) else {
                    return Err(format!("a helper does not compile: line {}: {}", error.line, error.message));
                };
                let outcome = Self::refusal(error, oracle);
                let worst = match bad.remove(&index) {
                    Some(known) => known.worse(outcome),
                    None => outcome,
                };
                bad.insert(index, worst);
            }
            outcomes.extend(bad);
        }
        let message = format!("after {ROUNDS} rounds it still does not compile");
        Ok(Some(Diagnostic { line: 0, code: "rustc".into(), message }))
    }

    fn refusal(error: &Diagnostic, oracle: bool) -> Outcome {
        match Outcome::of(error) {
            Outcome::Uncompiled(class) if oracle => Outcome::Invalid(class),
            outcome => outcome,
        }
    }

    /// Runs the program, again after each function that ends it.
    fn run(&self, functions: &[Numbered], outcomes: &mut BTreeMap<u64, Outcome>) -> Result<(), String> {
        let indices: BTreeMap<&str, u64> =
            functions.iter().map(|(index, function)| (function.name.as_str(), *index)).collect();
        let mut after: Option<String> = None;
        loop {
            let arguments: Vec<String> = after.iter().flat_map(|name| ["--after".to_string(), name.clone()]).collect();
            let (lines, end) = self.harness.run(self.folder, self.edition, &arguments, false)?;
            let mut current: Option<(&str, u64)> = None;
            let mut oracle_alone = true;
            let mut report: Option<String> = None;
            let mut runs = 0;
            for line in &lines {
                let words: Vec<&str> = line.split(' ').collect();
                match words[..] {
                    ["start", name] => {
                        let index = *indices.get(name).ok_or(format!("the program runs an unknown {name}"))?;
                        current = Some((name, index));
                        (oracle_alone, report, runs) = (true, None, 0);
                    }
                    ["oracle", _] => oracle_alone = false,
                    ["same", count] => runs = count.parse().map_err(|_| format!("no count: {line}"))?,
                    ["differs"] => report = Some(String::new()),
                    ["size", segno, rustc] => {
                        let (_, index) = current.take().ok_or("a size of nothing")?;
                        let number = |text: &str| text.parse().map_err(|_| format!("no size: {line}"));
                        let outcome = match report.take() {
                            Some(report) => Outcome::Differs(report),
                            None => Outcome::Same { runs, segno: number(segno)?, rustc: number(rustc)? },
                        };
                        outcomes.insert(index, outcome);
                    }
                    _ => {
                        if let Some(report) = &mut report {
                            report.push_str(line);
                            report.push('\n');
                        }
                    }
                }
            }
            let Some(end) = end else { return Ok(()) };
            let Some((name, index)) = current else {
                return Err(format!("the program {end} outside of any function"));
            };
            let outcome =
                if oracle_alone { Outcome::Invalid(format!("rustc's world {end}")) } else { Outcome::Crashed(end) };
            outcomes.insert(index, outcome);
            after = Some(name.to_string());
        }
    }

    /// Runs the functions that do the same again, without panics: in a panic rustc's world leaks as well, and there the
    /// traces show every token that is lost.
    fn find_leaks(&self, functions: &[Numbered], outcomes: &mut BTreeMap<u64, Outcome>) -> Result<(), String> {
        let no_panics = "--no-panics".to_string();
        if self.harness.run(self.folder, self.edition, std::slice::from_ref(&no_panics), true)?.1.is_none() {
            return Ok(());
        }
        for (index, function) in functions {
            if !matches!(outcomes.get(index), Some(Outcome::Same { .. })) {
                continue;
            }
            let arguments = [no_panics.clone(), "--only".to_string(), function.name.clone()];
            if let (_, Some(end)) = self.harness.run(self.folder, self.edition, &arguments, true)? {
                outcomes.insert(*index, Outcome::Crashed(end));
            }
        }
        Ok(())
    }
}
