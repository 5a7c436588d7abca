//! How long rustc needs for a crate of coroutines, beside the same source as `async fn`: a table of ratios.
//!
//! `cargo run --manifest-path tests/compile-time/Cargo.toml`. Each crate is compiled several times in turn with its twin,
//! and the shortest time counts; what an empty crate needs is subtracted from both. The macro is built as cargo builds it
//! for a user who has not said otherwise: without optimisation. `--optimised` builds it with `opt-level = 3`, as
//! `[profile.dev.build-override]` would.

mod programs;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use programs::{Program, World};

/// How often each crate is compiled.
const ROUNDS: usize = 7;

/// What is asked of rustc.
#[derive(Clone, Copy)]
enum Kind {
    /// As `cargo check`.
    Check,
    /// As `cargo build`.
    Build,
}

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
        let file = self.folder.join(format!("{}.rs", world.name()));
        std::fs::write(&file, program.source(world)).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut rustc = Command::new("rustc");
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
        let start = Instant::now();
        let output = rustc.output().map_err(|error| format!("rustc: {error}"))?;
        let took = start.elapsed();
        if output.status.success() {
            return Ok(took);
        }
        Err(format!("{} of {}: {}", program.name, world.name(), String::from_utf8_lossy(&output.stderr)))
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

fn table(workshop: &Workshop) -> Result<(), String> {
    println!("{:<48} {:>7} {:>7}", "segno's time / rustc's", "check", "build");
    let empty = Program::empty();
    let nothing = [workshop.shortest(&empty, Kind::Check)?, workshop.shortest(&empty, Kind::Build)?];
    for program in programs::all() {
        let mut ratios = Vec::new();
        for (kind, nothing) in [Kind::Check, Kind::Build].into_iter().zip(&nothing) {
            let [segno, rustc] = workshop.shortest(&program, kind)?;
            let alone = |time: Duration, nothing: Duration| time.saturating_sub(nothing).as_secs_f64();
            ratios.push(alone(segno, nothing[0]) / alone(rustc, nothing[1]));
        }
        println!("{:<48} {:>7.1} {:>7.1}", program.name, ratios[0], ratios[1]);
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let optimised = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--optimised"] => true,
        _ => {
            eprintln!("usage: segno-compile-time [--optimised]");
            return ExitCode::from(2);
        }
    };
    match Workshop::build(optimised).and_then(|workshop| table(&workshop)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
