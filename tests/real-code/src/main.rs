//! Measures how much of the code that others wrote `#[segno::coroutine]` takes unchanged: see `README.md`.
//!
//! | room | does |
//! |---|---|
//! | [`find`] | finds the async functions of a folder |
//! | [`expand`] | does the compiler crate take them? |
//! | [`check`] | does rustc take what comes out? |
//! | [`tests`] | and do the package's own tests still pass? |
//! | [`time`] | and how much longer does it take to compile? |
//! | [`copy`] | copies a checkout |
//! | [`report`] | prints tables |

mod check;
mod copy;
mod expand;
mod find;
mod report;
mod tests;
mod time;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: segno-real-code expand CHECKOUT...
       segno-real-code check CHECKOUT --package FOLDER... [--into FOLDER] [--full] [--time] [-- ARGUMENTS OF CARGO CHECK]
       segno-real-code test CHECKOUT --package FOLDER... [--into FOLDER] [--full] [--time] [-- ARGUMENTS OF CARGO TEST]";

fn main() -> ExitCode {
    // The compiler is recursive, and functions of others are long.
    let run = std::thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread can be started");
    match run.join() {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Err(_) => ExitCode::FAILURE,
    }
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("expand") => {
            let checkouts: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
            if checkouts.is_empty() {
                return Err(USAGE.into());
            }
            expand::run(&checkouts)
        }
        Some("check") => check::run(&plan(arguments, false)?),
        Some("test") => check::run(&plan(arguments, true)?),
        _ => Err(USAGE.into()),
    }
}

fn plan(mut arguments: impl Iterator<Item = String>, tests: bool) -> Result<check::Plan, String> {
    let mut plan = check::Plan {
        checkout: arguments.next().map(PathBuf::from).ok_or(USAGE)?,
        packages: Vec::new(),
        into: std::env::temp_dir().join("segno-real-code"),
        full: false,
        tests,
        time: false,
        cargo: Vec::new(),
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--package" => plan.packages.push(arguments.next().ok_or(USAGE)?.into()),
            "--into" => plan.into = arguments.next().ok_or(USAGE)?.into(),
            "--full" => plan.full = true,
            "--time" => plan.time = true,
            "--" => plan.cargo = arguments.by_ref().collect(),
            other => return Err(format!("`{other}` is not understood\n{USAGE}")),
        }
    }
    if plan.packages.is_empty() {
        return Err(USAGE.into());
    }
    Ok(plan)
}
