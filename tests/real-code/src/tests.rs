//! What a package's own tests come to.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// How often each test came to what: tests in two files may have one name.
pub type Outcomes = BTreeMap<(String, String), usize>;

/// Runs them all.
///
/// # Errors
/// Cargo does not run, or there is none.
pub fn run(folder: &Path, cargo: &[String]) -> Result<Outcomes, String> {
    let output = Command::new("cargo")
        .args(["test", "--no-fail-fast"])
        .args(cargo)
        .current_dir(folder)
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let mut outcomes = Outcomes::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((name, outcome)) = line.strip_prefix("test ").and_then(|line| line.rsplit_once(" ... ")) else {
            continue;
        };
        *outcomes.entry((name.into(), outcome.into())).or_default() += 1;
    }
    if outcomes.is_empty() {
        return Err(format!("no test ran: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(outcomes)
}

/// Prints how many tests there are, and each that came to something else.
///
/// # Errors
/// One did.
pub fn compare(before: &Outcomes, after: &Outcomes) -> Result<(), String> {
    let passed = |outcomes: &Outcomes| -> usize {
        outcomes.iter().filter(|((_, outcome), _)| outcome == "ok").map(|(_, count)| count).sum()
    };
    println!("tests that pass: {} as they are, {} of coroutines", passed(before), passed(after));
    let mut differ = 0;
    for key @ (name, outcome) in after.keys().chain(before.keys().filter(|key| !after.contains_key(key))) {
        let (was, is) = (before.get(key).unwrap_or(&0), after.get(key).unwrap_or(&0));
        if was != is {
            println!("{name}: {outcome}: {was} as they are, {is} of coroutines");
            differ += 1;
        }
    }
    if differ > 0 { Err("not the same".into()) } else { Ok(()) }
}
