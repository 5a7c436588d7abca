//! Compiles and runs programs: the harness once with cargo, each program directly with rustc.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::program::{Edition, Source};

/// Longer than any program takes from one line of its output to the next.
const SILENCE: Duration = Duration::from_secs(60);

/// The built harness.
#[derive(Debug, Clone)]
pub struct Harness {
    folder: PathBuf,
    /// Crates that programs name, and their files.
    crates: Vec<(String, String)>,
}

/// An error of rustc.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub line: usize,
    /// `E0382`, `SG0012`, or empty.
    pub code: String,
    pub message: String,
}

impl Harness {
    /// Builds it, and the macro.
    pub fn build() -> Result<Harness, String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = manifest.join("target/programs");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "-p", "segno-fuzz-harness", "--message-format", "json-render-diagnostics"]);
        let output = cargo
            .current_dir(manifest)
            .env("CARGO_TARGET_DIR", folder.join("harness"))
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        if !output.status.success() {
            return Err("the harness does not compile".into());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let crates = ["segno", "segno_fuzz_harness"].map(|name| {
            let start = format!("lib{name}");
            // A file is `…/libNAME-HASH.rlib`, or `…/libNAME.rlib` for the package itself.
            let mut files = text.split('"').filter(|word| word.ends_with(".rlib"));
            let file = files.find(|file| {
                let stem = file.rsplit('/').next().unwrap_or_default().trim_end_matches(".rlib");
                stem.strip_prefix(&start).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            });
            file.map(|file| (name.to_string(), file.to_string())).ok_or(format!("cargo built no {name}"))
        });
        let crates = crates.into_iter().collect::<Result<_, _>>()?;
        Ok(Harness { folder, crates })
    }

    /// A folder for one batch at a time.
    pub fn folder(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }

    /// Compiles one half in a folder; the errors if there are any. `library`: as a library, else as a program that is
    /// linked with the library `oracle` of the same folder.
    pub fn compile(
        &self,
        folder: &Path,
        source: &Source,
        library: bool,
        edition: Edition,
    ) -> Result<Vec<Diagnostic>, String> {
        let name = if library { "oracle" } else { "ours" };
        let file = folder.join(format!("{name}.rs"));
        fs::write(&file, &source.text).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.arg(&file).args(["--edition", edition.name(), "--crate-name", name, "--cap-lints", "allow"]);
        rustc.args(["--error-format", "short", "-C", "debuginfo=0", "-C", "opt-level=0", "-C", "debug-assertions=on"]);
        rustc.arg("--out-dir").arg(folder);
        rustc.args(if library { ["--crate-type", "lib"] } else { ["--crate-type", "bin"] });
        for (name, file) in &self.crates {
            rustc.arg("--extern").arg(format!("{name}={file}"));
        }
        if !library {
            rustc.arg("--extern").arg(format!("oracle={}", folder.join("liboracle.rlib").display()));
        }
        rustc.arg("-L").arg(format!("dependency={}", self.folder.join("harness/debug/deps").display()));
        let output = rustc.output().map_err(|error| format!("rustc: {error}"))?;
        if output.status.success() {
            return Ok(Vec::new());
        }
        let messages = String::from_utf8_lossy(&output.stderr);
        let errors = errors(&messages, &file.display().to_string());
        if errors.is_empty() { Err(format!("rustc says of no line why it fails:\n{messages}")) } else { Ok(errors) }
    }

    /// Runs the program of a folder: what it wrote, and how it ended if not well.
    pub fn run(&self, folder: &Path, arguments: &[String]) -> Result<(Vec<String>, Option<String>), String> {
        let mut child = Command::new(folder.join("ours"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the program: {error}"))?;
        let output = child.stdout.take().expect("it is piped");
        let (sender, receiver) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut lines = Vec::new();
        let mut silent = false;
        loop {
            match receiver.recv_timeout(SILENCE) {
                Ok(line) => lines.push(line),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    silent = true;
                    child.kill().map_err(|error| format!("the program cannot be ended: {error}"))?;
                    break;
                }
            }
        }
        let status = child.wait().map_err(|error| format!("the program: {error}"))?;
        drop(receiver);
        reader.join().map_err(|_| "the reader of a program's output panicked")?;
        let end = if silent {
            Some("never ends".to_string())
        } else if status.success() && lines.last().is_some_and(|line| line == "end") {
            None
        } else {
            Some(format!("ends with {status}"))
        };
        Ok((lines, end))
    }
}

/// The errors in rustc's short messages that are about lines of a file.
fn errors(messages: &str, file: &str) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    // An error in another file is about the line of ours that a note names.
    let mut elsewhere: Option<Diagnostic> = None;
    for message in messages.lines() {
        let here = message.strip_prefix(file).and_then(|rest| rest.strip_prefix(':'));
        let line = here.and_then(|rest| rest.split(':').next()).and_then(|number| number.parse().ok());
        let error = message.split_once(": error").map(|(_, text)| diagnostic(line.unwrap_or(0), text));
        match (line, error) {
            (Some(_), Some(error)) => found.push(error),
            (None, Some(error)) => elsewhere = Some(error),
            (Some(line), None) => {
                if let Some(error) = elsewhere.take() {
                    found.push(Diagnostic { line, ..error });
                }
            }
            (None, None) => {}
        }
    }
    found
}

/// From what follows `error` in a short message.
fn diagnostic(line: usize, text: &str) -> Diagnostic {
    let own = text.find("[SG").map(|at| text[at + 1..].chars().take_while(char::is_ascii_alphanumeric).collect());
    let rustcs = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).map(String::from);
    Diagnostic { line, code: own.or(rustcs).unwrap_or_default(), message: text.trim_start_matches(": ").to_string() }
}
