//! Runs the built `segno` and compares.
#![allow(dead_code)]

pub mod served;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Every board that QEMU emulates, with its target.
pub const BOARDS: [(&str, &str); 9] = [
    ("lm3s6965evb", "thumbv7m-none-eabi"),
    ("mps2-an386", "thumbv7em-none-eabi"),
    ("mps2-an505", "thumbv8m.main-none-eabi"),
    ("microbit", "thumbv6m-none-eabi"),
    ("netduinoplus2", "thumbv7em-none-eabi"),
    ("riscv-virt", "riscv32imac-unknown-none-elf"),
    ("mps2-an500", "thumbv7em-none-eabi"),
    ("mps2-an521", "thumbv8m.main-none-eabi"),
    ("template", "thumbv7m-none-eabi"),
];

/// Every board that is hardware.
pub const HARDWARE: [&str; 5] = ["microbit-v2", "stm32f4", "pico", "pico2", "esp32c3"];

/// Runs `segno` with these arguments and this input.
pub fn segno(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_segno"))
        .args(arguments)
        .env_remove("SEED")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may have ended.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    child.wait_with_output().unwrap()
}

/// What it wrote to stdout; it must have ended with `status`.
pub fn stdout(output: &Output, status: i32) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(status), "stdout: {text}\nstderr: {}", stderr(output));
    text
}

/// What it wrote to stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn expected_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/expected")
}

/// What an example is fed: nothing, if it has no such file.
pub fn input_of(example: &str) -> String {
    fs::read_to_string(expected_folder().join(format!("{example}.in"))).unwrap_or_default()
}

/// Every example with the output that it must have.
pub fn expectations() -> Vec<(String, String)> {
    let files = fs::read_dir(expected_folder()).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "out"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().into(), fs::read_to_string(&path).unwrap()))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Whether tests that cannot run fail.
fn required() -> bool {
    env::var("SEGNO_REQUIRE_QEMU").is_ok_and(|value| value == "1")
}

/// Whether a thing is there. If not, says so, or fails if it is required.
pub fn there(found: bool, missing: &str) -> bool {
    if !found {
        assert!(!required(), "{missing} is missing, and SEGNO_REQUIRE_QEMU=1");
        // Not `eprintln!`: that is captured, and shown only when a test fails.
        writeln!(io::stderr(), "skipped: {missing} is missing").ok();
    }
    found
}

/// Whether a program of this machine is there.
pub fn program_is_there(name: &str) -> bool {
    let found =
        env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    there(found, name)
}

/// In the toolchain that firmware is built with.
fn target_is_there(target: &str) -> bool {
    let toolchain = env::var("SEGNO_FIRMWARE_TOOLCHAIN").ok().filter(|name| !name.is_empty());
    let output = Command::new("rustc")
        .args(toolchain.map(|name| format!("+{name}")))
        .args(["--print", "target-libdir", "--target", target])
        .output()
        .unwrap();
    there(Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir(), target)
}

/// Whether firmware can be built for these targets.
pub fn targets_are_there(targets: &[&str]) -> bool {
    targets.iter().all(|target| target_is_there(target))
}

fn qemu_is_there() -> bool {
    ["qemu-system-arm", "qemu-system-riscv32"]
        .iter()
        .all(|qemu| there(Command::new(qemu).arg("--version").output().is_ok(), qemu))
}

/// The boards that can be run here, or the one that `BOARD` in the environment names.
pub fn boards() -> Vec<&'static str> {
    if !qemu_is_there() {
        return Vec::new();
    }
    let only = env::var("BOARD").ok();
    let wanted = BOARDS.iter().filter(|(board, _)| only.as_ref().is_none_or(|only| only == board));
    wanted.filter(|(_, target)| target_is_there(target)).map(|(board, _)| *board).collect()
}
