//! Building a board's firmware with cargo, in the board's own folder: it has its own target, linker script and lock.
//!
//! What is built does not depend on where this repository or cargo's own folder are: their paths are replaced, since those of
//! source files are in the messages of panics.
//!
//! It is built with the toolchain that is running, or with the one that the environment variable
//! `SEGNO_FIRMWARE_TOOLCHAIN` names: where rustup cannot install a target, another toolchain may have it.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::boards::Board;

/// A built program.
pub(crate) struct Firmware {
    pub(crate) program: String,
    pub(crate) elf: PathBuf,
}

/// Builds the program in release mode; answers where the ELF file is.
pub(crate) fn firmware(board: &Board, program: &str) -> Result<PathBuf, String> {
    firmware_with(board, program, &[])
}

/// The same, with features of the board's crate.
pub(crate) fn firmware_with(board: &Board, program: &str, features: &[String]) -> Result<PathBuf, String> {
    let mut what = vec!["--bin", program];
    let needed = board.bin(program).map_or(Vec::new(), |bin| bin.features);
    let features = [&needed[..], features].concat().join(",");
    if !features.is_empty() {
        what.extend(["--features", &features]);
    }
    let built = build(board, &what)?;
    let wanted = built.into_iter().find(|firmware| firmware.program == program);
    wanted.map(|firmware| firmware.elf).ok_or_else(|| format!("cargo built no executable `{program}`"))
}

/// Where a program is when it has been built.
pub(crate) fn built(board: &Board, program: &str) -> PathBuf {
    let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(|| board.folder().join("target"), PathBuf::from);
    folder.join(board.target).join("release").join(program)
}

/// Builds all programs of a board in release mode, those that need features of it each with its own; or only some.
pub(crate) fn all_firmware(board: &Board, only: Option<&[&str]>) -> Result<Vec<Firmware>, String> {
    if let Some(programs) = only {
        return build(board, &programs.iter().flat_map(|name| ["--bin", name]).collect::<Vec<_>>());
    }
    let bins = board.bins();
    let mut all = build(board, &["--bins"])?;
    for bin in bins.iter().filter(|bin| !bin.features.is_empty()) {
        all.push(Firmware { program: bin.name.clone(), elf: firmware(board, &bin.name)? });
    }
    all.sort_by_key(|firmware| bins.iter().position(|bin| bin.name == firmware.program));
    Ok(all)
}

fn build(board: &Board, what: &[&str]) -> Result<Vec<Firmware>, String> {
    let folder = board.folder();
    if !folder.join("Cargo.toml").is_file() {
        return Err(format!("the folder of the board `{}` is missing: boards/{}", board.name, board.name));
    }
    require_target(board, &folder)?;
    let output = tool("CARGO", "cargo")
        .args(["build", "--quiet", "--release", "--message-format=json-render-diagnostics"])
        .args(["--target", board.target])
        .arg("--config")
        .arg(format!("target.{}.rustflags = {}", board.target, Value::from(neutral_paths(&folder))))
        .args(what)
        .env("DEFMT_LOG", env::var_os("DEFMT_LOG").unwrap_or_else(|| "info".into())) // else only errors are let through
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_be_started("cargo", &error))?;
    if !output.status.success() {
        return Err(format!("`{}` does not build for `{}`", what.join(" "), board.name));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let elf = message["executable"].as_str().filter(|_| message["reason"] == "compiler-artifact")?;
        Some(Firmware { program: message["target"]["name"].as_str()?.into(), elf: elf.into() })
    };
    Ok(messages.lines().filter_map(executable).collect())
}

/// The flags by which rustc replaces the paths of this machine.
fn neutral_paths(folder: &Path) -> Vec<String> {
    let repository = folder.parent().and_then(Path::parent).unwrap_or(folder).to_path_buf();
    let home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let registry = env::var_os("CARGO_HOME").map(PathBuf::from).or(home).map(|home| home.join("registry/src"));
    let named = [(Some(repository), "segno"), (registry, "registry")];
    let replace = |(path, name): (Option<PathBuf>, &str)| {
        path.map(|path| format!("--remap-path-prefix={}={name}", path.display()))
    };
    named.into_iter().filter_map(replace).collect()
}

/// The command `name` of the firmware's toolchain. In the running one, `variable` says where it is.
fn tool(variable: &str, name: &str) -> Command {
    match env::var_os("SEGNO_FIRMWARE_TOOLCHAIN").filter(|toolchain| !toolchain.is_empty()) {
        Some(toolchain) => {
            let mut plus = OsString::from("+");
            plus.push(toolchain);
            let mut command = Command::new(name); // rustup's, which knows toolchains
            command.arg(plus).env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTDOC");
            command
        }
        None => Command::new(env::var_os(variable).unwrap_or_else(|| name.into())),
    }
}

/// Why a part of the toolchain does not run.
fn cannot_be_started(name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("{name} is not installed\n help: rustup toolchain install"),
        _ => format!("{name} cannot be started: {error}"),
    }
}

/// Checks that the core library for the board's target is there, in the toolchain that is used in its folder.
fn require_target(board: &Board, folder: &Path) -> Result<(), String> {
    let output = tool("RUSTC", "rustc")
        .args(["--print", "target-libdir", "--target", board.target])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_be_started("rustc", &error))?;
    let (name, target) = (board.name, board.target);
    let toolchain = env::var("SEGNO_FIRMWARE_TOOLCHAIN").ok().filter(|toolchain| !toolchain.is_empty());
    if !output.status.success() {
        let toolchain = toolchain.map_or(String::new(), |toolchain| format!(" {toolchain}"));
        return Err(format!(
            "rustc does not know the target of `{name}`, {target}\n help: rustup toolchain install{toolchain}"
        ));
    }
    if PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).is_dir() {
        return Ok(());
    }
    let toolchain = toolchain.map_or(String::new(), |toolchain| format!(" --toolchain {toolchain}"));
    Err(format!("the target of `{name}` is not installed\n help: rustup target add{toolchain} {target}"))
}
