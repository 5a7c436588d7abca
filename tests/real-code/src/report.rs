//! Tables.

use std::collections::BTreeMap;
use std::path::Path;

use crate::find::Found;

/// A row of the table: a checkout, or a package.
pub struct Row {
    pub name: String,
    pub functions: usize,
    /// By the macro.
    pub refused: usize,
    /// By rustc.
    pub type_errors: usize,
}

impl Row {
    pub fn new(name: String) -> Row {
        Row { name, functions: 0, refused: 0, type_errors: 0 }
    }

    fn accepted(&self) -> usize {
        self.functions - self.refused - self.type_errors
    }
}

/// A function that was not accepted.
pub struct Failure {
    /// `checkout/file:line name`.
    pub place: String,
    /// `SG0012`, `E0308`, or a word.
    pub code: String,
    /// What was said, in one line.
    pub line: String,
    /// What was said.
    pub whole: String,
}

impl Failure {
    pub fn new(name: &str, checkout: &Path, function: &Found, code: &str, line: &str) -> Failure {
        let file = crate::expand::shown(&function.file, checkout);
        Failure {
            place: format!("{name}/{file}:{} {}", function.line, function.name),
            code: code.into(),
            line: line.into(),
            whole: String::new(),
        }
    }
}

/// What a checkout is called: its folder.
pub fn name(checkout: &Path) -> String {
    let name = checkout.file_name().map(|name| name.to_string_lossy().replace('+', "/"));
    name.unwrap_or_else(|| checkout.display().to_string())
}

/// The code of a refusal, `SG` and four digits.
pub fn code(text: &str) -> Option<&str> {
    let start = text.find("SG0")?;
    text.get(start..start + 6).filter(|code| code[2..].bytes().all(|byte| byte.is_ascii_digit()))
}

fn share(accepted: usize, all: usize) -> String {
    if all == 0 { "-".into() } else { format!("{:.1} %", 100.0 * accepted as f64 / all as f64) }
}

/// Prints the rows, a table of reasons, and the functions that were not accepted.
pub fn print(rows: &[Row], failures: &[Failure], full: bool) {
    println!("| | functions | refused | type errors | accepted | share |\n|---|---:|---:|---:|---:|---:|");
    let mut sum = Row::new("all".into());
    for row in rows {
        print_row(row);
        sum.functions += row.functions;
        sum.refused += row.refused;
        sum.type_errors += row.type_errors;
    }
    if rows.len() > 1 {
        print_row(&sum);
    }
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    failures.iter().for_each(|failure| *codes.entry(&failure.code).or_default() += 1);
    let mut codes: Vec<_> = codes.into_iter().collect();
    codes.sort_by_key(|&(code, count)| (std::cmp::Reverse(count), code));
    if !codes.is_empty() {
        println!("\n| code | functions |\n|---|---:|");
    }
    codes.iter().for_each(|(code, count)| println!("| {code} | {count} |"));
    println!();
    for failure in failures {
        println!("{}: {}: {}", failure.place, failure.code, failure.line);
        if full {
            println!("{}", failure.whole);
        }
    }
}

fn print_row(row: &Row) {
    let (functions, refused, type_errors, accepted) = (row.functions, row.refused, row.type_errors, row.accepted());
    let share = share(accepted, functions);
    println!("| {} | {functions} | {refused} | {type_errors} | {accepted} | {share} |", row.name);
}
