//! `cargo segno qemu` and `cargo segno size`. Without QEMU or without a target these tests say so and pass; with
//! `SEGNO_REQUIRE_QEMU=1` they fail instead.

mod support;

use std::env;
use std::io::{self, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use support::{BOARDS, expectations, input_of, segno, stderr, stdout};

/// A firmware that hangs fails its test instead of hanging it: its output is not what it should be.
const LIMIT: &str = "60s";

fn required() -> bool {
    env::var("SEGNO_REQUIRE_QEMU").is_ok_and(|value| value == "1")
}

/// Whether a thing is there. If not, says so, or fails if it is required.
fn there(found: bool, missing: &str) -> bool {
    if !found {
        assert!(!required(), "{missing} is missing, and SEGNO_REQUIRE_QEMU=1");
        // Not `eprintln!`: that is captured, and shown only when a test fails.
        writeln!(io::stderr(), "skipped: {missing} is missing").ok();
    }
    found
}

/// In the toolchain that firmware is built with.
fn target_is_there(target: &str) -> bool {
    let toolchain = env::var("SEGNO_FIRMWARE_TOOLCHAIN").ok().filter(|name| !name.is_empty());
    let output = Command::new("rustc")
        .args(toolchain.map(|name| format!("+{name}")))
        .args(["--print", "target-libdir", "--target", target])
        .output()
        .unwrap();
    there(std::path::Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir(), target)
}

fn qemu_is_there() -> bool {
    ["qemu-system-arm", "qemu-system-riscv32"]
        .iter()
        .all(|qemu| there(Command::new(qemu).arg("--version").output().is_ok(), qemu))
}

/// The boards that can be run here.
fn boards() -> Vec<&'static str> {
    if !qemu_is_there() {
        return Vec::new();
    }
    BOARDS.iter().filter(|(_, target)| target_is_there(target)).map(|(board, _)| *board).collect()
}

#[test]
fn every_example_says_on_a_board_what_it_says_on_the_simulator() {
    for board in boards() {
        for (example, expected) in expectations() {
            let input = input_of(&example);
            let mut arguments = vec!["qemu", board, &example, "--for", LIMIT];
            if input.is_empty() {
                arguments.push("--deterministic"); // seconds of sleep take none
            }
            let output = segno(&arguments, &input);
            assert_eq!(stdout(&output, 0).replace("\r\n", "\n"), expected, "{example} on {board}");
        }
    }
}

#[test]
fn a_deterministic_run_is_the_same_twice() {
    for board in boards() {
        let run = || stdout(&segno(&["qemu", board, "tasks", "--deterministic", "--for", LIMIT], ""), 0);
        assert_eq!(run(), run(), "{board}");
    }
}

#[test]
fn a_program_that_reads_input_has_no_deterministic_run() {
    for example in ["echo", "lines"] {
        let output = segno(&["qemu", "lm3s6965evb", example, "--deterministic"], "hello\n");
        assert_eq!(stdout(&output, 2), "");
        let text = stderr(&output);
        assert!(text.contains("which reads input") && text.contains(&format!("cargo segno sim {example}")), "{text}");
    }
}

#[test]
fn a_run_with_a_limit_ends_with_status_0() {
    for board in boards() {
        // Built before the clock is looked at.
        segno(&["size", board, "blinky"], "");
        let start = Instant::now();
        stdout(&segno(&["qemu", board, "blinky", "--for", "1s"], ""), 0);
        let elapsed = start.elapsed();
        assert!(elapsed >= Duration::from_secs(1) && elapsed < Duration::from_secs(30), "{elapsed:?}");
    }
}

#[test]
fn size_counts_flash_and_ram() {
    for (board, target) in BOARDS {
        if !target_is_there(target) {
            continue;
        }
        let text = stdout(&segno(&["size", board, "hello"], ""), 0);
        let total = text.lines().find(|line| line.starts_with("total")).unwrap_or_else(|| panic!("{text}"));
        let numbers: Vec<u64> = total.split_whitespace().skip(1).map(|number| number.parse().unwrap()).collect();
        let [flash, ram] = numbers[..] else { panic!("{text}") };
        assert!((1000..256 * 1024).contains(&flash), "{text}");
        assert!((100..16 * 1024).contains(&ram), "{text}");
        assert!((text.contains(".vector_table") || text.contains(".init")) && text.contains(".text"), "{text}");
        assert!(!text.contains("debug"), "{text}");
    }
}

#[test]
fn a_missing_qemu_is_named_with_the_command_that_helps() {
    let empty = env::temp_dir();
    let output = Command::new(env!("CARGO_BIN_EXE_segno"))
        .args(["qemu", "lm3s6965evb", "hello"])
        .env("PATH", &empty)
        .output()
        .unwrap();
    assert_eq!(stdout(&output, 1), "");
    assert_eq!(stderr(&output), "error: qemu-system-arm is not installed\n help: apt-get install qemu-system-arm\n");
}
