//! `cargo run --manifest-path tests/fuzz/Cargo.toml -- --seed S --count N`: random functions against rustc's `async fn`.
//!
//! Writes batches of functions into a crate under the target folder, throws away what rustc itself refuses, notes what
//! `#[coroutine]` refuses, and runs the rest through the harness of the tests. Ends with 1 if a trace differs, with 2
//! if it could not be run. `--only I` runs the I-th function of a seed alone, `--print` writes it out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use segno_fuzz::{Function, HELPERS, Random, function};

/// How many functions a crate has.
const BATCH: u64 = 100;
/// How often refused functions are taken out of a batch before it is given up.
const ROUNDS: usize = 40;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\nusage: segno-fuzz [--seed S] [--count N] [--only I] [--print]");
            return ExitCode::from(2);
        }
    };
    if options.print {
        for (_, function) in options.functions(0..options.count) {
            print!("{}", function.text);
        }
        return ExitCode::SUCCESS;
    }
    match fuzz(&options) {
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
    only: Option<u64>,
    print: bool,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options { seed: 1, count: 100, only: None, print: false };
        while let Some(word) = words.next() {
            let mut number = || {
                let text = words.next().ok_or(format!("`{word}` wants a number"))?;
                text.parse::<u64>().map_err(|_| format!("`{text}` is not a number"))
            };
            match word.as_str() {
                "--seed" => options.seed = number()?,
                "--count" => options.count = number()?,
                "--only" => options.only = Some(number()?),
                "--print" => options.print = true,
                _ => return Err(format!("`{word}` is not known")),
            }
        }
        Ok(options)
    }

    fn functions(&self, range: std::ops::Range<u64>) -> Vec<(u64, Function)> {
        range
            .filter(|index| self.only.is_none_or(|only| only == *index))
            .map(|index| (index, function(&mut Random::new(self.seed, index), &format!("f{index}"))))
            .collect()
    }
}

/// Runs all batches; how many functions differ.
fn fuzz(options: &Options) -> Result<usize, String> {
    let count = options.only.map_or(options.count, |only| only + 1);
    let mut refused: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let (mut generated, mut invalid, mut cases, mut differing) = (0, 0, 0, 0);
    let home = Crate::new()?;
    for start in (0..count).step_by(usize::try_from(BATCH).expect("it is small")) {
        let mut functions = options.functions(start..count.min(start + BATCH));
        if functions.is_empty() {
            continue;
        }
        generated += functions.len();
        let whole = functions.len();
        home.reduce(&mut functions, false, |_, _, _| ())?;
        invalid += whole - functions.len();
        home.reduce(&mut functions, true, |index, code, line| {
            eprintln!("f{index} is refused: {code}: {}", line.trim());
            refused.entry(code.to_string()).or_default().push(index);
        })?;
        let (same, reports) = home.run(&functions)?;
        cases += same + reports.values().map(Vec::len).sum::<usize>();
        for (index, reports) in reports {
            differing += 1;
            println!("== seed {}, f{index}: the traces differ", options.seed);
            if let Some((_, function)) = functions.iter().find(|(other, _)| *other == index) {
                println!("{}\n{}", function.text, reports.join("\n"));
            }
        }
        eprintln!("{generated} functions, {cases} cases compared, {differing} differ");
    }
    println!("seed {}: {generated} functions generated, {invalid} of them refused by rustc itself", options.seed);
    for (code, functions) in &refused {
        let some: Vec<String> = functions.iter().take(8).map(|index| format!("f{index}")).collect();
        println!("  {:4} refused by #[coroutine]: {code} ({})", functions.len(), some.join(", "));
    }
    let all: usize = refused.values().map(Vec::len).sum();
    println!("{} functions compared in {cases} cases, {all} refused, {differing} differ", generated - invalid - all);
    Ok(differing)
}

/// The crate that the functions are compiled in.
struct Crate {
    folder: PathBuf,
}

impl Crate {
    fn new() -> Result<Self, String> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in `tests`");
        let workspace = tests.parent().expect("the tests are in the workspace");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        let folder = target.join("segno-fuzz");
        let manifest = format!(
            "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[features]\nours = \
             [\"segno-tests/ours\"]\n\n[dependencies]\nsegno-tests = {{ path = {tests:?}, default-features = false \
             }}\nsegno = {{ path = {:?} }}\n",
            workspace.join("runtime")
        );
        let io = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder.join("src")).map_err(io)?;
        fs::write(folder.join("Cargo.toml"), manifest).map_err(io)?;
        if !folder.join("Cargo.lock").exists() {
            // The same versions as the workspace's; cargo takes out what is not needed.
            let _ = fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"));
        }
        Ok(Crate { folder })
    }

    /// Writes the functions; gives the first line of each.
    fn write(&self, functions: &[(u64, Function)]) -> Result<Vec<(usize, u64)>, String> {
        let mut text = "use segno_tests::both_worlds;\n\n#[both_worlds]\nmod generated {\n".to_string();
        text += HELPERS;
        let mut lines = Vec::new();
        for (index, function) in functions {
            text.push('\n');
            lines.push((text.lines().count() + 1, *index));
            text += &function.text;
        }
        text += "}\n";
        fs::write(self.folder.join("src/lib.rs"), text).map_err(|error| error.to_string())?;
        Ok(lines)
    }

    /// A line of what was written last.
    fn line(&self, number: usize) -> String {
        let text = fs::read_to_string(self.folder.join("src/lib.rs")).unwrap_or_default();
        text.lines().nth(number - 1).unwrap_or_default().to_string()
    }

    fn cargo(&self, ours: bool) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg("test").arg("--lib").current_dir(&self.folder).env("RUST_BACKTRACE", "0");
        command.env("CARGO_TARGET_DIR", self.folder.join("target")).env("RUSTFLAGS", "--cap-lints allow");
        if ours {
            command.args(["--features", "ours"]);
        }
        command
    }

    /// Builds, and takes out what does not compile until the rest does.
    fn reduce(
        &self,
        functions: &mut Vec<(u64, Function)>,
        ours: bool,
        mut refused: impl FnMut(u64, &str, &str),
    ) -> Result<(), String> {
        for _ in 0..ROUNDS {
            let lines = self.write(functions)?;
            let output = self
                .cargo(ours)
                .args(["--no-run", "--message-format", "short"])
                .output()
                .map_err(|error| format!("cargo: {error}"))?;
            if output.status.success() {
                return Ok(());
            }
            let messages = String::from_utf8_lossy(&output.stderr).into_owned();
            let mut bad: BTreeMap<u64, (String, String)> = BTreeMap::new();
            let mut assertion = None;
            for message in messages.lines() {
                if message.contains("error[E0080]") {
                    assertion = Some(code_of(message));
                }
                let ours_to_blame = message.contains(": error") || message.contains("the above error");
                let line = message.strip_prefix("src/lib.rs:").and_then(|rest| rest.split(':').next()?.parse().ok());
                let (true, Some(line)) = (ours_to_blame, line) else { continue };
                let Some((_, index)) = lines.iter().rev().find(|(first, _): &&(usize, u64)| *first <= line) else {
                    return Err(format!("a helper does not compile:\n{messages}"));
                };
                let code = match (&assertion, message.contains("the above error")) {
                    (Some(code), true) => code.clone(),
                    _ => code_of(message),
                };
                let text = self.line(line);
                bad.entry(*index).or_insert((code, text));
            }
            if bad.is_empty() {
                return Err(format!("the generated crate does not compile:\n{messages}"));
            }
            for (index, (code, line)) in &bad {
                refused(*index, code, line);
            }
            functions.retain(|(index, _)| !bad.contains_key(index));
        }
        Err(format!("after {ROUNDS} rounds the batch still does not compile"))
    }

    /// Runs the cases: how many are the same, and the reports of the others.
    fn run(&self, functions: &[(u64, Function)]) -> Result<(usize, BTreeMap<u64, Vec<String>>), String> {
        self.write(functions)?;
        let output = self.cargo(true).args(["--", "ours"]).output().map_err(|error| format!("cargo: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let same = text.lines().filter(|line| line.ends_with("::same ... ok")).count();
        let mut reports: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for section in text.split("\n---- ").skip(1) {
            let name = section.split("::").nth(2).unwrap_or_default();
            let index = name.trim_start_matches('f').split('_').next().and_then(|digits| digits.parse().ok());
            let end = section.find("\nfailures:").unwrap_or(section.len());
            reports.entry(index.unwrap_or(u64::MAX)).or_default().push(section[..end].to_string());
        }
        if !output.status.success() && reports.is_empty() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(format!("the run ended early:\n{}\n{stderr}", &text[text.len().saturating_sub(3000)..]));
        }
        Ok((same, reports))
    }
}

/// `SG0012` or `E0382: …`, from a short message.
fn code_of(message: &str) -> String {
    if let Some(at) = message.find("SG0") {
        return message[at..].chars().take(6).collect();
    }
    let text = message.split_once("error").map_or(message, |(_, text)| text);
    text.trim_start_matches(['[', ':', ' ']).replace(']', "").chars().take(90).collect()
}
