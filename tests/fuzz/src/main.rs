//! `cargo run --manifest-path tests/fuzz/Cargo.toml -- --seed S --count N`: random functions against rustc's `async fn`.
//!
//! Functions are compiled in batches, each twice: as `async fn`s in a library, and by `#[segno::coroutine]` in a program
//! that is linked with it. What rustc refuses as `async fn` is thrown away; what the macro refuses, or makes no
//! compiling machine of, is counted; the rest is run and compared by the harness of the tests. Ends with 1 if a trace
//! differs (with `--limits` also if a machine does not compile and is not known not to), with 2 if it could not be run.

mod batch;
mod options;
mod outcome;
mod program;
mod reduce;
mod workshop;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use segno_fuzz::{Function, Random, function};

use batch::Batch;
use options::{Options, USAGE};
use outcome::{Outcome, Result as Of, Tally};
use program::Numbered;
use workshop::Harness;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}{USAGE}");
            return ExitCode::from(2);
        }
    };
    if options.print {
        for index in options.from..options.from + options.count {
            println!("{}", random_function(&options, index).text);
        }
        return ExitCode::SUCCESS;
    }
    match fuzz(&options).and_then(|tally| verdict(&options, &tally)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

/// Whether nothing is wrong. Says what does not compile and should.
fn verdict(options: &Options, tally: &Tally) -> Result<bool, String> {
    let Some(file) = &options.limits else { return Ok(tally.wrong() == 0) };
    let limits = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let unexpected = tally.unexpected(&limits);
    for class in &unexpected {
        println!("does not compile, and {} does not say so: {class}", file.display());
    }
    Ok(tally.wrong() == 0 && unexpected.is_empty())
}

fn random_function(options: &Options, index: u64) -> Function {
    function(&mut Random::new(options.seed, index), &format!("f{index}"))
}

fn functions(options: &Options, from: u64, count: u64) -> Result<Vec<Numbered>, String> {
    match &options.again {
        Some(file) => Ok(vec![(from, kept_function(file)?)]),
        None => Ok((from..from + count).map(|index| (index, random_function(options, index))).collect()),
    }
}

/// What [`keep`] wrote.
fn kept_function(file: &Path) -> Result<Function, String> {
    let all = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = |comments: bool| all.lines().filter(move |line| line.starts_with("//") == comments);
    let calls: Vec<String> = lines(true).filter_map(|line| line.strip_prefix("// call: ")).map(String::from).collect();
    let text: String = lines(false).map(|line| format!("{line}\n")).collect();
    let name = calls.first().and_then(|call| call.split('(').next()?.rsplit("::").next());
    let name = name.ok_or(format!("{} has no line `// call: …`", file.display()))?.trim().to_string();
    Ok(Function { name, text, calls })
}

/// Runs all batches.
fn fuzz(options: &Options) -> Result<Tally, String> {
    println!("seed {}, functions {} to {}", options.seed, options.from, options.from + options.count - 1);
    let harness = Harness::build(options.guard)?;
    let start = Instant::now();
    let end = options.from + options.count;
    let next = Mutex::new(options.from);
    let tally = Mutex::new(Tally::default());
    let work = |job: usize| -> Result<(), String> {
        let folder = harness.folder(job)?;
        loop {
            let first = {
                let mut next = next.lock().map_err(|_| "another job panicked")?;
                let first = *next;
                *next += options.batch;
                first
            };
            if first >= end {
                return Ok(());
            }
            let all = functions(options, first, options.batch.min(end - first))?;
            let batch = Batch { harness: &harness, folder: &folder.0, edition: options.edition_of(first) };
            let results = batch.process(all).map_err(|problem| format!("batch of function {first}: {problem}"))?;
            let mut tally = tally.lock().map_err(|_| "another job panicked")?;
            for result in &results {
                tally.add(result);
                tell(options, &batch, result)?;
            }
            if !options.quiet {
                let minutes = start.elapsed().as_secs_f64() / 60.0;
                let rate = tally.generated as f64 / minutes;
                eprintln!(
                    "{} written, {} the same, {} wrong, {rate:.0} a minute",
                    tally.generated,
                    tally.same,
                    tally.wrong()
                );
            }
        }
    };
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..options.jobs).map(|job| scope.spawn(move || work(job))).collect();
        jobs.into_iter().try_for_each(|job| job.join().map_err(|_| "a job panicked".to_string())?)
    })?;
    let tally = tally.into_inner().map_err(|_| "a job panicked")?;
    print!("{}", tally.table(options.frames));
    Ok(tally)
}

/// Shows a function that fails, and keeps it if asked for.
fn tell(options: &Options, batch: &Batch<'_>, result: &Of) -> Result<(), String> {
    let Some(class) = result.outcome.class() else { return Ok(()) };
    let edition = batch.edition.name();
    let again = match &options.again {
        Some(file) => format!("--again {} --edition {edition}", file.display()),
        None => format!("--seed {} --only {} --edition {edition}", options.seed, result.index),
    };
    let report = match &result.outcome {
        Outcome::Differs(report) => report.as_str(),
        _ => "",
    };
    if result.outcome.is_wrong() {
        println!("== {again}: {class}\n{}\n{report}", result.function.text);
    }
    let reduced;
    let (result, report) = if options.reduce {
        let size = result.function.text.len();
        reduced = reduce::reduce(batch, result, |left| eprintln!("  {left} of {size} bytes"))?;
        let report = if let Outcome::Differs(report) = &reduced.outcome { report.as_str() } else { "" };
        println!("== {again}: {class}\n{}\n{report}", reduced.function.text);
        (&Of { index: result.index, ..reduced.clone() }, report)
    } else {
        (result, report)
    };
    if let Some(folder) = &options.keep {
        // A file that is run again keeps its name.
        let stem = options.again.as_ref().and_then(|file| file.file_stem()?.to_str());
        let name = stem.map_or_else(|| format!("s{}_f{}", options.seed, result.index), String::from);
        keep(folder, &class, &name, &again, result, report)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(())
}

fn keep(folder: &Path, class: &str, name: &str, again: &str, result: &Of, report: &str) -> std::io::Result<()> {
    let word: String = class.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
    let folder = folder.join(word);
    fs::create_dir_all(&folder)?;
    let mut text = format!("// {class}\n// {again}\n");
    for line in report.lines() {
        text += &format!("// {line}\n");
    }
    text += &result.function.text;
    for call in &result.function.calls {
        text += &format!("// call: {call}\n");
    }
    let file = folder.join(format!("{name}.rs"));
    fs::write(&file, text)?;
    // Reduced functions are one line; what cannot be formatted stays one.
    std::process::Command::new("rustfmt").args(["--edition", "2024"]).arg(&file).status().map(|_| ())
}
