//! `cargo run --release -p segno-programs -- --seed S --count N`: random programs on CPython and on segno.
//!
//! Runs N programs from seed S on, each on both, and compares the traces line by line. Ends with 1 if one differs, with 2 if it
//! could not be run. `--only` runs the program of the seed alone and writes it and both traces out. `--python PATH` names
//! the interpreter: otherwise the newest of `python3.14`, `python3.13` and `python3` that is there. The whole language
//! needs CPython 3.13; an older one is given programs without what it does otherwise. `--reduce` makes each program that
//! differs as small as it can be, and writes that one out. `--started` has each `gather` and `shield` started and then awaited.
//!
//! `--recorded` makes the programs of the test `recorded`, of the part of the language that `recorded.txt` has; `--whole` those of
//! `recorded_whole.txt`.
//! `--record FILE` writes what that test compares with: the hashes of CPython's traces, for machines without it.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

use segno_programs::{Language, Program, record, run, run_started, smaller};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!(
                "{problem}\nusage: segno-programs [--seed S] [--count N] [--only] [--reduce] [--started] [--recorded] [--whole] \
                 [--record FILE] [--python PATH]"
            );
            return ExitCode::from(2);
        }
    };
    match compare(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

struct Options {
    seed: u64,
    count: u64,
    only: bool,
    reduce: bool,
    run: fn(&Program) -> Vec<String>,
    record: Option<String>,
    python: Option<String>,
    language: Language,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
        let language = Language::Further;
        let mut options =
            Options { seed: 1, count: 1000, only: false, reduce: false, run, record: None, python: None, language };
        while let Some(word) = words.next() {
            let mut next = || words.next().ok_or(format!("`{word}` wants a value"));
            let number = |text: String| text.parse::<u64>().map_err(|_| format!("`{text}` is not a number"));
            match word.as_str() {
                "--seed" => options.seed = number(next()?)?,
                "--count" => options.count = number(next()?)?,
                "--only" => options.only = true,
                "--reduce" => options.reduce = true,
                "--started" => options.run = run_started,
                "--recorded" => options.language = Language::Recorded,
                "--whole" => options.language = Language::Whole,
                "--record" => options.record = Some(next()?),
                "--python" => options.python = Some(next()?),
                _ => return Err(format!("`{word}` is not known")),
            }
        }
        if options.only {
            options.count = 1;
        }
        Ok(options)
    }
}

/// The interpreter, and what of the language it is given.
fn interpreter(options: &Options) -> Result<(String, Language), String> {
    let candidates = match &options.python {
        Some(python) => vec![python.as_str()],
        None => vec!["python3.14", "python3.13", "python3"],
    };
    let code = "import sys; print(sys.implementation.name, *sys.version_info[:2])";
    for python in &candidates {
        let Ok(output) = Command::new(python).args(["-c", code]).stderr(Stdio::null()).output() else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = text.split_whitespace();
        if let (Some("cpython"), Some("3"), Some(minor)) = (words.next(), words.next(), words.next())
            && let Ok(minor) = minor.parse::<u32>()
            && minor >= 11
        {
            let language = if minor >= 13 { options.language } else { Language::Old };
            return Ok((python.to_string(), language));
        }
    }
    Err(format!("no CPython 3.11 or newer: tried {}", candidates.join(", ")))
}

/// How many programs differ.
fn compare(options: &Options) -> Result<usize, String> {
    let (python, language) = interpreter(options)?;
    let seeds = options.seed..options.seed + options.count;
    println!("seeds {seeds:?} on {python}, {language:?} language");
    let programs: Vec<Program> = seeds.map(|seed| Program::random(seed, language)).collect();
    let theirs = run_on_python(&python, &programs)?;
    if let Some(file) = &options.record {
        let hashes = programs.iter().zip(&theirs).map(|(program, trace)| record(program, trace));
        std::fs::write(file, hashes.collect::<String>()).map_err(|cause| format!("{file}: {cause}"))?;
    }
    let (mut different, mut lines) = (0, 0);
    for (program, theirs) in programs.iter().zip(&theirs) {
        let ours = (options.run)(program);
        lines += ours.len();
        if options.only {
            println!("{}--- both\n{}", program.text(), ours.join("\n"));
        }
        if record(program, &ours) != record(program, theirs) {
            different += 1;
            if options.reduce {
                let (program, theirs) = reduce(&python, program, options.run)?;
                println!("{}", program.text());
                report(&program, &theirs, &(options.run)(&program));
            } else if different <= 20 {
                report(program, theirs, &ours);
            }
        }
    }
    println!("{} programs, {lines} lines, {different} differ", programs.len());
    Ok(different)
}

fn report(program: &Program, theirs: &[String], ours: &[String]) {
    let same = theirs.iter().zip(ours).take_while(|(theirs, ours)| theirs == ours).count();
    let from = same.saturating_sub(4);
    let show = |trace: &[String]| trace.iter().skip(from).take(9).map(|line| format!("  {line}\n")).collect::<String>();
    println!("seed {} differs at line {}; CPython:\n{}segno:\n{}", program.seed, same + 1, show(theirs), show(ours));
}

/// The smallest program to be found that differs as this one does, and CPython's trace of it.
fn reduce(python: &str, program: &Program, run: fn(&Program) -> Vec<String>) -> Result<(Program, Vec<String>), String> {
    let mut smallest = (program.clone(), run_on_python(python, std::slice::from_ref(program))?.remove(0));
    loop {
        let candidates = smaller(&smallest.0);
        let theirs = run_on_python(python, &candidates)?;
        let different =
            |(program, theirs): &(Program, Vec<String>)| record(program, &run(program)) != record(program, theirs);
        match candidates.into_iter().zip(theirs).find(different) {
            Some(found) => smallest = found,
            None => return Ok(smallest),
        }
    }
}

/// The traces of all programs, in one process.
fn run_on_python(python: &str, programs: &[Program]) -> Result<Vec<Vec<String>>, String> {
    let text: String = programs.iter().map(Program::text).collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/programs.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|cause| format!("{python}: {cause}"))?;
    let mut input = child.stdin.take().ok_or("no pipe")?;
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(|cause| format!("{python}: {cause}"))?;
    // If the script has ended early, its status says so.
    let _ = writer.join();
    if !output.status.success() {
        return Err(format!("{script} failed: {}", output.status));
    }
    let mut traces: Vec<Vec<String>> = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if line.starts_with("program ") {
            traces.push(Vec::new());
        } else if let Some(trace) = traces.last_mut() {
            trace.push(line.to_string());
        }
    }
    if traces.len() != programs.len() {
        return Err(format!("{script} has run {} of {} programs", traces.len(), programs.len()));
    }
    Ok(traces)
}
