//! `cargo segno qemu` and `cargo segno size`. Without QEMU or without a target these tests say so and pass; with
//! `SEGNO_REQUIRE_QEMU=1` they fail instead.

mod support;

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use support::{boards, expectations, input_of, segno, stderr, stdout};

/// A firmware that hangs fails its test instead of hanging it: its output is not what it should be.
const LIMIT: &str = "60s";

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
    for board in boards() {
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
fn two_cores_have_a_loop_each_and_call_each_other() {
    for board in boards().into_iter().filter(|board| *board == "mps2-an521") {
        let text = stdout(&segno(&["qemu", board, "two_cores", "--for", "20s"], ""), 0);
        let (edges, primes): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with("led"));
        assert!(primes.starts_with(&["1000000007", "1000000009", "1000000021", "1000000033"]), "{text}");
        assert!(edges.len() >= 4, "{text}");
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
