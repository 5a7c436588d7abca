//! Compiles and runs programs: the harness once with cargo, each program directly with rustc.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::program::{Edition, Source};

/// Longer than any program takes from one line of its output to the next.
const SILENCE: Duration = Duration::from_secs(120);
/// The same for Miri, which compiles the program first.
const SILENCE_OF_MIRI: Duration = Duration::from_secs(900);

/// For the sanitizer, whose runtime is linked with programs of a target that is named.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Who looks at the programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    Nobody,
    /// AddressSanitizer with LeakSanitizer.
    Sanitizer,
    /// Miri with Stacked Borrows.
    Stacked,
    /// Miri with Tree Borrows.
    Tree,
}

impl Guard {
    pub fn is_miri(self) -> bool {
        matches!(self, Guard::Stacked | Guard::Tree)
    }
}

/// The built harness.
#[derive(Debug, Clone)]
pub struct Harness {
    folder: PathBuf,
    guard: Guard,
    /// Crates that programs name, and their files.
    crates: Vec<(String, String)>,
}

/// A folder that is removed when it is not needed any more.
#[derive(Debug)]
pub struct Folder(pub PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left there harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An error of rustc.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// 0 if it is about no line.
    pub line: usize,
    /// `E0382`, `SG0012`, `rustc`, or empty.
    pub code: String,
    pub message: String,
}

/// One of Rust's tools: the pinned one, or that of nightly.
fn tool(name: &str, nightly: bool) -> Command {
    let own = std::env::var_os(name.to_uppercase()).filter(|_| !nightly);
    let mut command = Command::new(own.unwrap_or_else(|| name.into()));
    if nightly {
        command.env("RUSTUP_TOOLCHAIN", "nightly");
    }
    command
}

impl Harness {
    /// Builds it, and the macro.
    pub fn build(guard: Guard) -> Result<Harness, String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sanitized = guard == Guard::Sanitizer;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| manifest.join("target"), PathBuf::from);
        let folder = target.join(if sanitized { "sanitized" } else { "programs" });
        let mut cargo = tool("cargo", sanitized);
        cargo.args(["build", "--quiet", "-p", "segno-fuzz-harness", "--message-format", "json-render-diagnostics"]);
        if sanitized {
            cargo.args(["--target", TARGET]).env("RUSTFLAGS", "-Zsanitizer=address");
        }
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
        Ok(Harness { folder, guard, crates })
    }

    pub fn guard(&self) -> Guard {
        self.guard
    }

    /// A folder for one batch at a time, which nobody else uses: several of these programs may run.
    pub fn folder(&self, job: usize) -> Result<Folder, String> {
        let folder = self.folder.join(format!("job-{}-{job}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Folder(folder))
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
        let sanitized = self.guard == Guard::Sanitizer;
        let mut rustc = tool("rustc", sanitized);
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
        let built = self.folder.join("harness");
        let mut search = |folder: PathBuf| {
            rustc.arg("-L").arg(format!("dependency={}", folder.join("debug/deps").display()));
        };
        // Macros are in the first, also if there is a target.
        search(built.clone());
        if sanitized {
            search(built.join(TARGET));
            rustc.args(["--target", TARGET, "-Zsanitizer=address"]);
        }
        let output = rustc.output().map_err(|error| format!("rustc: {error}"))?;
        if output.status.success() {
            return Ok(Vec::new());
        }
        let messages = String::from_utf8_lossy(&output.stderr);
        let mut errors = errors(&messages, &file.display().to_string());
        if errors.is_empty() {
            // The linker, a crash of rustc.
            let first = messages.lines().find(|line| line.contains("error")).unwrap_or("rustc says nothing");
            errors.push(Diagnostic { line: 0, code: "rustc".into(), message: first.into() });
        }
        Ok(errors)
    }

    /// What runs the program that was compiled last in a folder.
    fn program(&self, folder: &Path, edition: Edition, leaks: bool) -> Result<Command, String> {
        if !self.guard.is_miri() {
            let mut program = Command::new(folder.join("ours"));
            program.env("ASAN_OPTIONS", format!("detect_leaks={}", u8::from(leaks)));
            return Ok(program);
        }
        // Interpreted with everything that it is linked with, so it is a package.
        let package = folder.join("miri");
        let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness");
        let segno = harness.join("../../../runtime");
        let manifest = format!(
            "[package]\nname = \"ours\"\nversion = \"0.0.0\"\nedition = \"{}\"\n\n[workspace]\n\n[lib]\nname = \
             \"oracle\"\npath = \"../oracle.rs\"\n\n[[bin]]\nname = \"ours\"\npath = \"../ours.rs\"\n\n\
             [dependencies]\nsegno-fuzz-harness = {{ path = {harness:?} }}\nsegno = {{ path = {segno:?} }}\n",
            edition.name()
        );
        fs::create_dir_all(&package)
            .and_then(|()| fs::write(package.join("Cargo.toml"), manifest))
            // The same versions; cargo takes out what is not needed.
            .and_then(|()| fs::copy(harness.join("../Cargo.lock"), package.join("Cargo.lock")).map(|_| ()))
            .map_err(|error| format!("{}: {error}", package.display()))?;
        let mut cargo = tool("cargo", true);
        let model = if self.guard == Guard::Tree { " -Zmiri-tree-borrows" } else { "" };
        cargo
            .args(["miri", "run", "--quiet", "--"])
            .current_dir(&package)
            .env("CARGO_TARGET_DIR", self.folder.join("interpreted"))
            .env("RUSTFLAGS", "-Awarnings")
            .env("MIRIFLAGS", format!("-Zmiri-ignore-leaks -Zmiri-permissive-provenance{model}"));
        Ok(cargo)
    }

    /// Runs the program of a folder: what it wrote, and how it ended if not well. `leaks`: whatever leaks is a defect.
    pub fn run(
        &self,
        folder: &Path,
        edition: Edition,
        arguments: &[String],
        leaks: bool,
    ) -> Result<(Vec<String>, Option<String>), String> {
        let mut command = self.program(folder, edition, leaks)?;
        let log = fs::File::create(folder.join("stderr")).map_err(|error| format!("stderr of the program: {error}"))?;
        command.args(arguments).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().map_err(|error| format!("the program: {error}"))?;
        let output = child.stdout.take().expect("it is piped");
        let (sender, receiver) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let silence = if self.guard.is_miri() { SILENCE_OF_MIRI } else { SILENCE };
        let mut lines = Vec::new();
        let mut silent = false;
        loop {
            match receiver.recv_timeout(silence) {
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
            Some(format!("ends with {status}{}", self.finding(folder)))
        };
        Ok((lines, end))
    }

    /// What a guard said of the program that ended last.
    fn finding(&self, folder: &Path) -> String {
        let text = fs::read_to_string(folder.join("stderr")).unwrap_or_default();
        let telling = |line: &&str| line.contains("ERROR: ") || line.starts_with("error");
        match text.lines().find(telling) {
            Some(line) if self.guard != Guard::Nobody => {
                let line = line.split_once("ERROR: ").map_or(line, |(_, text)| text);
                format!(", {}", line.split(" on ").next().unwrap_or(line))
            }
            _ => String::new(),
        }
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
