//! How long rustc needs for a crate of coroutines, beside the same source as `async fn`: a table of ratios.
//!
//! `cargo run --manifest-path tests/compile-time/Cargo.toml`. Each crate is compiled several times in turn with its twin,
//! and the shortest time counts; what an empty crate needs is subtracted from both. Beside that stands how long rustc runs for a
//! crate with the functions once, from start to end: what a user waits for. The macro is built as cargo builds it
//! for a user who has not said otherwise: without optimisation. `--optimised` builds it with `opt-level = 3`, as
//! `[profile.dev.build-override]` would.
//!
//! `--instructions` counts rustc's instructions instead, the macro's included, with valgrind: the figures do not depend on what
//! else the machine does. `callgrind_annotate` shows where they are spent, in the files that it names.

mod programs;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use programs::{Program, World};

/// How often each crate is compiled.
const ROUNDS: usize = 7;

/// How many copies of its functions a crate has whose compilation is timed: so many that rustc's own time for them can be
/// told from noise.
const COPIES: usize = 10;

/// How many have those whose instructions are counted.
const COUNTED: usize = 2;

/// What is asked of rustc.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// As `cargo check`.
    Check,
    /// As `cargo build`.
    Build,
}

const KINDS: [Kind; 2] = [Kind::Check, Kind::Build];

/// What the crates are linked with, and where they are compiled.
struct Workshop {
    folder: PathBuf,
    dependencies: PathBuf,
    segno: PathBuf,
}

impl Workshop {
    /// Builds segno with cargo.
    fn build(optimised: bool) -> Result<Workshop, String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| manifest.join("target"), PathBuf::from);
        let target = target.join(if optimised { "optimised" } else { "plain" });
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--locked", "-p", "segno", "--features", "std"]);
        cargo.current_dir(manifest.join("../..")).env("CARGO_TARGET_DIR", &target);
        if optimised {
            cargo.args(["--config", "profile.dev.build-override.opt-level=3"]);
        }
        let status = cargo.status().map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err("segno does not compile".into());
        }
        let folder = target.join("crates");
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let debug = target.join("debug");
        Ok(Workshop { folder, dependencies: debug.join("deps"), segno: debug.join("libsegno.rlib") })
    }

    /// How long rustc needs for a crate.
    fn time(&self, program: &Program, world: World, kind: Kind) -> Result<Duration, String> {
        let start = Instant::now();
        self.compile(Command::new("rustc"), program, world, kind)?;
        Ok(start.elapsed())
    }

    /// How many instructions rustc needs for a crate.
    fn count(&self, program: &Program, world: World, kind: Kind) -> Result<f64, String> {
        let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
        let sysroot = Path::new(sysroot.trim());
        let profile =
            self.folder.join(format!("{}-{}-{kind:?}.callgrind", program.name.replace(' ', "-"), world.name()));
        let mut rustc = Command::new("valgrind");
        rustc.args(["--quiet", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", profile.display()));
        // The real binary: what rustup puts before it is another program.
        rustc.arg(sysroot.join("bin/rustc")).arg("--sysroot").arg(sysroot).args(["-C", "codegen-units=1"]);
        rustc.env("LD_LIBRARY_PATH", sysroot.join("lib"));
        self.compile(rustc, program, world, kind)?;
        let text = std::fs::read_to_string(&profile).map_err(|error| format!("{}: {error}", profile.display()))?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: ")).and_then(|total| total.parse().ok());
        total.ok_or_else(|| format!("{}: no total", profile.display()))
    }

    /// Has rustc compile a crate.
    fn compile(&self, mut rustc: Command, program: &Program, world: World, kind: Kind) -> Result<(), String> {
        let file = self.folder.join(format!("{}.rs", world.name()));
        std::fs::write(&file, program.source(world)).map_err(|error| format!("{}: {error}", file.display()))?;
        rustc.arg(&file).args(["--edition", "2024", "--crate-type", "lib", "-C", "debuginfo=2"]);
        rustc.args([
            "--emit",
            match kind {
                Kind::Check => "metadata",
                Kind::Build => "link",
            },
        ]);
        rustc.arg("--out-dir").arg(&self.folder);
        rustc.arg("-L").arg(format!("dependency={}", self.dependencies.display()));
        rustc.arg("--extern").arg(format!("segno={}", self.segno.display()));
        output(&mut rustc).map(drop).map_err(|error| format!("{} of {}: {error}", program.name, world.name()))
    }

    /// The shortest times for both worlds, compiled in turn so that the machine's moods meet both.
    fn shortest(&self, program: &Program, kind: Kind) -> Result<[Duration; 2], String> {
        let mut shortest = [Duration::MAX; 2];
        for _ in 0..ROUNDS {
            for (shortest, world) in shortest.iter_mut().zip([World::Segno, World::Rustc]) {
                *shortest = self.time(program, world, kind)?.min(*shortest);
            }
        }
        Ok(shortest)
    }
}

/// What a program prints.
fn output(program: &mut Command) -> Result<String, String> {
    let name = program.get_program().to_string_lossy().into_owned();
    let output = program.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn table(workshop: &Workshop) -> Result<(), String> {
    println!("{:<48} {:>15} {:>15}", "segno's time / rustc's", "functions alone", "whole run");
    println!("{:<48} {:>7} {:>7} {:>7} {:>7}", "", "check", "build", "check", "build");
    let empty = Program::empty();
    let nothing = [workshop.shortest(&empty, Kind::Check)?, workshop.shortest(&empty, Kind::Build)?];
    for (program, once) in programs::all(COPIES).iter().zip(&programs::all(1)) {
        print!("{:<48}", program.name);
        for (kind, nothing) in KINDS.into_iter().zip(&nothing) {
            let [segno, rustc] = workshop.shortest(program, kind)?;
            let alone = |time: Duration, nothing: Duration| time.saturating_sub(nothing).as_secs_f64();
            print!(" {:>7.1}", alone(segno, nothing[0]) / alone(rustc, nothing[1]));
        }
        for kind in KINDS {
            let [segno, rustc] = workshop.shortest(once, kind)?;
            print!(" {:>7.2}", segno.as_secs_f64() / rustc.as_secs_f64());
        }
        println!();
    }
    println!(
        "alone: {COPIES} copies of the functions, without what an empty crate needs; whole run: one copy, and all of it"
    );
    Ok(())
}

/// Millions of instructions, and their ratio.
fn counts(workshop: &Workshop) -> Result<(), String> {
    println!("{:<48} {:>24} {:>24}", "millions of instructions: segno, rustc", "check", "build");
    let empty = Program::empty();
    for program in programs::all(COUNTED) {
        print!("{:<48}", program.name);
        for kind in KINDS {
            // Beside what an empty crate needs, which links segno if this one does.
            let alone =
                |world| Ok::<_, String>(workshop.count(&program, world, kind)? - workshop.count(&empty, world, kind)?);
            let (segno, rustc) = (alone(World::Segno)? / 1e6, alone(World::Rustc)? / 1e6);
            print!(" {segno:>8.0} {rustc:>8.0} {:>6.1}", segno / rustc);
        }
        println!();
    }
    println!("each with {COUNTED} copies of its functions; profiles: {}", workshop.folder.display());
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_option = |argument: &String| ["--optimised", "--instructions"].contains(&argument.as_str());
    if !arguments.iter().all(is_option) {
        eprintln!("usage: segno-compile-time [--optimised] [--instructions]");
        return ExitCode::from(2);
    }
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    let measure = if has("--instructions") { counts } else { table };
    match Workshop::build(has("--optimised")).and_then(|workshop| measure(&workshop)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
