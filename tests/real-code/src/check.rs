//! Does rustc take what the macro makes of a package's functions?
//!
//! # The problem
//! An error in one function keeps rustc from looking for some of the errors in others, and errors say where they are, not to
//! which function they belong.
//!
//! # The design
//! `cargo check` again and again. First, once, with an attribute twice on every function: rustc warns of those that the
//! chosen features compile. Then with `#[segno::coroutine]` on them: a function to which an error belongs, by the places
//! that it names, is counted and loses the attribute, until there are no errors.
//!
//! Whether the functions still do what they did, the package's own tests say: they run before and after (see [`crate::tests`]).
//! `cargo test` builds then, not `cargo check`, and what the tests call are coroutines too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::copy;
use crate::find::{self, Found};
use crate::report::{self, Failure, Row};
use crate::{tests, time};

/// What is to be checked.
pub struct Plan {
    pub checkout: PathBuf,
    /// Folders of the checkout.
    pub packages: Vec<PathBuf>,
    /// Where the copy goes.
    pub into: PathBuf,
    /// Print rustc's errors as it shows them.
    pub full: bool,
    /// The package's tests are run.
    pub tests: bool,
    /// What cargo does is timed.
    pub time: bool,
    /// Arguments of `cargo check`, or `cargo test`.
    pub cargo: Vec<String>,
}

/// What stands before a function that is tried.
const ATTRIBUTE: &str = "#[segno::coroutine] ";

/// More rounds than that, and something is wrong.
const ROUNDS: usize = 40;

/// Checks, and prints what came of it.
pub fn run(plan: &Plan) -> Result<(), String> {
    let checkout = plan.checkout.canonicalize().map_err(|error| format!("{}: {error}", plan.checkout.display()))?;
    let name = report::name(&checkout);
    let copied = plan.into.join(checkout.file_name().unwrap_or_default());
    copy::copy(&checkout, &copied).map_err(|error| format!("{}: {error}", copied.display()))?;
    let copied = copied.canonicalize().map_err(|error| format!("{}: {error}", copied.display()))?;
    let mut check = Check { plan, copied: copied.clone(), functions: Vec::new(), originals: BTreeMap::new() };
    check.find()?;
    check.depend()?;
    let folder = copied.join(&plan.packages[0]);
    let before = if plan.tests { Some(tests::run(&folder, &plan.cargo)?) } else { None };
    let outcome = check.measure();
    let after = if outcome.is_ok() && plan.tests { Some(tests::run(&folder, &plan.cargo)) } else { None };
    let times = match &outcome {
        Ok(measured) if plan.time => Some(check.times(&measured.accepted)),
        _ => None,
    };
    check.insert(&BTreeSet::new(), "")?;
    let Measured { accepted, failed } = outcome?;
    let packages: Vec<String> = plan.packages.iter().map(|package| package.display().to_string()).collect();
    let title = if packages == ["."] { name.clone() } else { packages.join(", ") };
    let mut row = Row::new(title);
    row.functions = accepted.len() + failed.len();
    let mut failures = Vec::new();
    for (function, error) in &failed {
        let is_refused = error.code.starts_with("SG");
        *(if is_refused { &mut row.refused } else { &mut row.type_errors }) += 1;
        let mut failure = Failure::new(&name, &copied, &check.functions[*function], &error.code, &error.message);
        failure.whole.clone_from(&error.rendered);
        failures.push(failure);
    }
    report::print(&[row], &failures, plan.full);
    if let Some(times) = times {
        println!("cargo {} takes {}", plan.command()[0], times?);
    }
    match (before, after) {
        (Some(before), Some(after)) => tests::compare(&before, &after?),
        _ => Ok(()),
    }
}

impl Plan {
    /// What cargo is asked.
    fn command(&self) -> &'static [&'static str] {
        if self.tests { &["test", "--no-run"] } else { &["check", "--keep-going"] }
    }
}

/// What came of the functions that the chosen features compile.
struct Measured {
    accepted: BTreeSet<usize>,
    /// And what was said against them.
    failed: BTreeMap<usize, Report>,
}

struct Check<'a> {
    plan: &'a Plan,
    copied: PathBuf,
    functions: Vec<Found>,
    /// The files with functions, as they were.
    originals: BTreeMap<PathBuf, Vec<u8>>,
}

/// What rustc says against a function.
#[derive(Clone)]
struct Report {
    code: String,
    message: String,
    rendered: String,
    /// File and line, the most telling first.
    places: Vec<(PathBuf, usize)>,
}

impl Check<'_> {
    fn find(&mut self) -> Result<(), String> {
        for package in &self.plan.packages {
            let folder = self.copied.join(package);
            let files = find::files(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            for file in files {
                // What is not Rust is no part of a package that compiles.
                let Ok(functions) = find::functions(&file) else { continue };
                let counts = |function: &Found| {
                    // `main` has to be a function that another attribute understands.
                    let is_left = if self.plan.tests { function.is_test } else { function.is_in_tests };
                    function.has_body && !is_left && !function.attributes.iter().any(|name| name == "main")
                };
                self.functions.extend(functions.into_iter().filter(counts));
                if let Ok(bytes) = std::fs::read(&file) {
                    self.originals.insert(file, bytes);
                }
            }
        }
        Ok(())
    }

    /// Gives each package segno.
    fn depend(&self) -> Result<(), String> {
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime");
        let runtime = runtime.canonicalize().map_err(|error| format!("{}: {error}", runtime.display()))?;
        // What runs on a host needs its critical section.
        let features = if self.plan.tests { ", features = [\"std\"]" } else { "" };
        let line = format!("[dependencies]\nsegno = {{ path = {:?}{features} }}\n", runtime.display().to_string());
        for package in &self.plan.packages {
            let manifest = self.copied.join(package).join("Cargo.toml");
            let text =
                std::fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
            let text = match text.split_once("[dependencies]\n") {
                Some((before, after)) => format!("{before}{line}{after}"),
                None => format!("{text}\n{line}"),
            };
            copy::write(&manifest, text.as_bytes()).map_err(|error| format!("{}: {error}", manifest.display()))?;
        }
        Ok(())
    }

    fn measure(&self) -> Result<Measured, String> {
        let all: BTreeSet<usize> = (0..self.functions.len()).collect();
        self.insert(&all, "#[warn(unused_attributes)] #[inline] #[inline] ")?;
        let reports = self.cargo()?;
        if let Some(error) = reports.iter().find(|(level, _)| level == "error") {
            return Err(format!("the package does not compile as it is:\n{}", error.1.rendered));
        }
        let warned = reports.iter().filter(|(_, report)| report.code == "unused_attributes");
        let mut active: BTreeSet<usize> = warned.filter_map(|(_, report)| self.owner(report, &all)).collect();
        let mut failed: BTreeMap<usize, Report> = BTreeMap::new();
        for round in 0..ROUNDS {
            self.insert(&active, ATTRIBUTE)?;
            let errors: Vec<_> = self.cargo()?.into_iter().filter(|(level, _)| level == "error").collect();
            eprintln!("round {round}: {} coroutines, {} errors", active.len(), errors.len());
            let mut left_out = BTreeSet::new();
            for (_, report) in &errors {
                if let Some(function) = self.owner(report, &active) {
                    failed.entry(function).or_insert_with(|| report.clone());
                    left_out.insert(function);
                }
            }
            if errors.is_empty() {
                return Ok(Measured { accepted: active, failed });
            }
            if left_out.is_empty() {
                let said: Vec<&str> = errors.iter().map(|(_, report)| report.rendered.as_str()).collect();
                return Err(format!("errors that belong to no coroutine:\n{}", said.join("\n")));
            }
            active.retain(|function| !left_out.contains(function));
        }
        Err(format!("there are errors after {ROUNDS} rounds"))
    }

    /// How long cargo needs after a change of the packages, as they are and with coroutines.
    fn times(&self, accepted: &BTreeSet<usize>) -> Result<time::Shortest, String> {
        let none = BTreeSet::new();
        time::shortest(|coroutines| {
            self.insert(if coroutines { accepted } else { &none }, ATTRIBUTE)?;
            let start = Instant::now();
            self.cargo()?;
            Ok(start.elapsed())
        })
    }

    /// The function that a report belongs to: the innermost at the first of its places that is in one.
    fn owner(&self, report: &Report, among: &BTreeSet<usize>) -> Option<usize> {
        report.places.iter().find_map(|(file, line)| {
            let around = |&&index: &&usize| {
                let function = &self.functions[index];
                function.file == *file && (function.first_line..=function.last_line).contains(line)
            };
            let length = |&&index: &&usize| self.functions[index].last_line - self.functions[index].first_line;
            among.iter().filter(around).min_by_key(length).copied()
        })
    }

    /// Puts `text` before some of the functions, and leaves the others as they were.
    fn insert(&self, functions: &BTreeSet<usize>, text: &str) -> Result<(), String> {
        for (file, original) in &self.originals {
            let mut bytes = original.clone();
            let mut places: Vec<usize> = functions
                .iter()
                .map(|&index| &self.functions[index])
                .filter(|function| function.file == *file)
                .map(|function| function.at)
                .collect();
            places.sort_unstable();
            for at in places.into_iter().rev() {
                bytes.splice(at..at, text.bytes());
            }
            copy::write(file, &bytes).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        Ok(())
    }

    /// What `cargo check`, or `cargo test`, says of the package, by level.
    fn cargo(&self) -> Result<Vec<(String, Report)>, String> {
        let folder = self.copied.join(&self.plan.packages[0]);
        let arguments = self.plan.command();
        let output = Command::new("cargo")
            .args(arguments)
            .arg("--message-format=json")
            .args(&self.plan.cargo)
            .current_dir(&folder)
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_INCREMENTAL", "0")
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let reports: Vec<_> = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["reason"] == "compiler-message")
            .map(|line| self.report(&line))
            .collect();
        if !output.status.success() && !reports.iter().any(|(level, _)| level == "error") {
            return Err(format!("cargo {}: {}", arguments[0], String::from_utf8_lossy(&output.stderr)));
        }
        // "aborting due to …" has no places.
        Ok(reports.into_iter().filter(|(level, report)| level != "error" || !report.places.is_empty()).collect())
    }

    fn report(&self, line: &Value) -> (String, Report) {
        let message = &line["message"];
        let text = message["message"].as_str().unwrap_or_default();
        let manifest = Path::new(line["manifest_path"].as_str().unwrap_or_default());
        let code = report::code(text).or_else(|| message["code"]["code"].as_str()).unwrap_or("error");
        let mut spans = Vec::new();
        spans_of(message, &mut spans);
        spans.sort_by_key(|&(is_primary, ..)| !is_primary);
        let report = Report {
            code: code.into(),
            message: text.lines().next().unwrap_or_default().into(),
            rendered: message["rendered"].as_str().unwrap_or_default().into(),
            places: spans.into_iter().map(|(_, file, line)| (resolve(manifest, &file), line)).collect(),
        };
        (message["level"].as_str().unwrap_or_default().into(), report)
    }
}

/// Files and lines of a message, those of its notes and of the macros around them too.
fn spans_of(message: &Value, found: &mut Vec<(bool, String, usize)>) {
    let empty = Vec::new();
    for span in message["spans"].as_array().unwrap_or(&empty) {
        let is_primary = span["is_primary"] == true;
        let mut span = span;
        while span.is_object() {
            let line = span["line_start"].as_u64().unwrap_or_default();
            found.push((is_primary, span["file_name"].as_str().unwrap_or_default().into(), line as usize));
            span = &span["expansion"]["span"];
        }
    }
    for child in message["children"].as_array().unwrap_or(&empty) {
        let mut inner = Vec::new();
        spans_of(child, &mut inner);
        found.extend(inner.into_iter().map(|(_, file, line)| (false, file, line)));
    }
}

/// rustc names files as cargo does: from the workspace's folder on.
fn resolve(manifest: &Path, file: &str) -> PathBuf {
    let found = manifest.ancestors().skip(1).map(|folder| folder.join(file)).find(|path| path.exists());
    let found = found.unwrap_or_else(|| file.into());
    found.canonicalize().unwrap_or(found)
}
