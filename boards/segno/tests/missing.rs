//! What is missing is named, with the command that installs it.

mod support;

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use support::{HARDWARE, stderr, stdout};

/// A folder for programs of tests.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = env::temp_dir().join(format!("segno-missing-{}-{name}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    /// With a program in it, which is this script.
    fn with(self, program: &str, script: &str) -> Folder {
        let file = self.0.join(program);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// What `segno` says when there are no other programs than those in `folder`.
fn error(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_segno"));
    command.args(arguments).env("PATH", folder).envs(variables.iter().copied());
    command.env_remove("CARGO").env_remove("RUSTC");
    if !variables.iter().any(|(name, _)| *name == "SEGNO_FIRMWARE_TOOLCHAIN") {
        command.env_remove("SEGNO_FIRMWARE_TOOLCHAIN");
    }
    let output = command.output().unwrap();
    assert_eq!(stdout(&output, 1), "");
    stderr(&output)
}

#[test]
fn qemu() {
    let empty = Folder::new("qemu");
    for (board, qemu, package) in [
        ("lm3s6965evb", "qemu-system-arm", "qemu-system-arm"),
        ("riscv-virt", "qemu-system-riscv32", "qemu-system-misc"),
    ] {
        let words = format!("error: {qemu} is not installed\n help: apt-get install {package}\n");
        assert_eq!(error(&empty.0, &["qemu", board, "hello"], &[]), words);
    }
}

#[test]
fn a_flasher() {
    let empty = Folder::new("flasher");
    for board in HARDWARE {
        let (flasher, package) =
            if board == "esp32c3" { ("espflash", "espflash") } else { ("probe-rs", "probe-rs-tools") };
        let words = format!("error: {flasher} is not installed\n help: cargo install {package} --locked\n");
        assert_eq!(error(&empty.0, &["flash", board, "hello"], &[]), words);
    }
}

#[test]
fn a_target() {
    let folder = Folder::new("target").with("rustc", "echo /nowhere");
    let words = "error: the target of `microbit` is not installed\n help: rustup target add thumbv6m-none-eabi\n";
    assert_eq!(error(&folder.0, &["size", "microbit", "hello"], &[]), words);
    let toolchain = [("SEGNO_FIRMWARE_TOOLCHAIN", "another")];
    let words = words.replace("add", "add --toolchain another");
    assert_eq!(error(&folder.0, &["size", "microbit", "hello"], &toolchain), words);
}

#[test]
fn a_compiler() {
    let empty = Folder::new("compiler");
    let text = error(&empty.0, &["size", "microbit", "hello"], &[]);
    assert_eq!(text, "error: rustc is not installed\n help: rustup toolchain install\n");
    let folder = Folder::new("cargo").with("rustc", "echo /");
    let text = error(&folder.0, &["size", "microbit", "hello"], &[]);
    assert_eq!(text, "error: cargo is not installed\n help: rustup toolchain install\n");
}

/// As rustup answers when it does not know a toolchain: it says so itself.
#[test]
fn a_toolchain() {
    let folder = Folder::new("toolchain").with("rustc", "echo \"no toolchain $1\" >&2; exit 1");
    let text = error(&folder.0, &["size", "microbit", "hello"], &[("SEGNO_FIRMWARE_TOOLCHAIN", "another")]);
    let words = "error: rustc does not know the target of `microbit`, thumbv6m-none-eabi\n help: rustup toolchain install another\n";
    assert_eq!(text, format!("no toolchain +another\n{words}"));
}
