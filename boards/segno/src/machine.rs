//! `cargo segno machine`: the states of a source file's coroutines, as the compiler sees them.
//!
//! The file goes through the compiler's analyses, which need no types; it need not build. What is made by other macros is
//! not seen.

use std::fs;
use std::io::Write;
use std::process::ExitCode;

use segno_compiler::source::{Source, coroutines, within};
use segno_compiler::view::states::Machine;
use segno_compiler::view::{dot, mermaid, svg, text};

use crate::Ending;
use crate::arguments::{Form, MachineOptions};

/// Shows one coroutine or all. What is wrong with one does not keep the others from being shown.
pub(crate) fn show(options: &MachineOptions) -> Ending {
    let file = options.file.display();
    let code = fs::read_to_string(&options.file).map_err(|error| format!("{file}: {error}"))?;
    let parsed = syn::parse_file(&code).map_err(|error| problem(options, &error))?;
    let mut shown = Vec::new();
    let mut problems = Vec::new();
    for Source { attribute, item, .. } in chosen(coroutines(&parsed), options)? {
        match within(&options.file, || segno_compiler::machines(attribute, item)) {
            Ok(machines) => shown.extend(machines.iter().map(|machine| form(machine, &options.form))),
            Err(errors) => problems.extend(errors.iter().map(|error| problem(options, error))),
        }
    }
    std::io::stdout().write_all(shown.join("\n").as_bytes()).ok();
    if problems.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(problems.join("\nerror: ")) }
}

fn chosen(mut all: Vec<Source>, options: &MachineOptions) -> Result<Vec<Source>, String> {
    let file = options.file.display();
    if all.is_empty() {
        return Err(format!("{file}: there is no function under `#[segno::coroutine]`"));
    }
    let Some(wanted) = &options.function else { return Ok(all) };
    let names: Vec<String> = all.iter().map(|source| source.path.clone()).collect();
    all.retain(|source| source.path == *wanted || source.path.ends_with(&format!("::{wanted}")));
    if all.is_empty() {
        return Err(format!("{file}: there is no coroutine `{wanted}`; there are: {}", names.join(", ")));
    }
    Ok(all)
}

fn form(machine: &Machine, form: &Form) -> String {
    match form {
        Form { dot: true, .. } => dot::dot(machine),
        Form { mermaid: true, .. } => mermaid::mermaid(machine),
        Form { svg: true, .. } => svg::svg(machine) + "\n",
        _ => text::text(machine),
    }
}

fn problem(options: &MachineOptions, error: &syn::Error) -> String {
    let place = error.span().start();
    format!("{}:{}:{}: {error}", options.file.display(), place.line, place.column + 1)
}
