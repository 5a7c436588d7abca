//! Building a board's firmware with cargo, in the board's own folder: it has its own target, linker script and lock.
//!
//! It is built with the toolchain that is running, or with the one that the environment variable
//! `SEGNO_FIRMWARE_TOOLCHAIN` names: where rustup cannot install a target, another toolchain may have it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::boards::Board;

/// Builds the example in release mode; answers where the ELF file is.
pub(crate) fn firmware(board: &Board, example: &str) -> Result<PathBuf, String> {
    let folder = board.folder();
    if !folder.join("Cargo.toml").is_file() {
        return Err(format!("the folder of the board `{}` is missing: boards/{}", board.name, board.name));
    }
    require_target(board, &folder)?;
    let output = tool("CARGO", "cargo")
        .args(["build", "--quiet", "--release", "--message-format=json-render-diagnostics", "--bin", example])
        .args(["--target", board.target])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{example}` does not build for `{}`", board.name));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let wanted = message["reason"] == "compiler-artifact" && message["target"]["name"] == example;
        message["executable"].as_str().filter(|_| wanted).map(PathBuf::from)
    };
    messages.lines().find_map(executable).ok_or_else(|| format!("cargo built no executable `{example}`"))
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

/// Checks that the core library for the board's target is there, in the toolchain that is used in its folder.
fn require_target(board: &Board, folder: &Path) -> Result<(), String> {
    let output = tool("RUSTC", "rustc")
        .args(["--print", "target-libdir", "--target", board.target])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("rustc cannot be started: {error}"))?;
    let library = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && library.is_dir() {
        return Ok(());
    }
    let target = board.target;
    Err(format!("the target of `{}` is not installed\n help: rustup target add {target}", board.name))
}
