//! `cargo segno qemu` and `cargo segno size`. Without QEMU or without a target these tests say so and pass; with
//! `SEGNO_REQUIRE_QEMU=1` they fail instead.

mod support;

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

/// The lamp's level and the time in microseconds, of a line as `led: 1 at 500.000 ms`.
fn edge(line: &str) -> Option<(u64, u64)> {
    let (level, time) = line.strip_prefix("led: ")?.split_once(" at ")?;
    let (millis, micros) = time.strip_suffix(" ms")?.split_once('.')?;
    Some((level.parse().ok()?, millis.parse::<u64>().ok()? * 1_000 + micros.parse::<u64>().ok()?))
}

#[test]
fn blinky_blinks_on_every_board_until_its_time_is_over() {
    for board in boards() {
        // Built before the clock is looked at.
        segno(&["size", board, "blinky"], "");
        // With two cores, sleeping takes its time in QEMU.
        let limit = if board == "mps2-an521" { 5 } else { 2 };
        let start = Instant::now();
        let arguments = ["qemu", board, "blinky", "--deterministic", "--for", &format!("{limit}s")];
        let text = stdout(&segno(&arguments, ""), 0);
        let elapsed = start.elapsed();
        assert!(elapsed >= Duration::from_secs(limit) && elapsed < Duration::from_secs(30), "{elapsed:?}");
        // It is ended in the middle of anything.
        let (whole, _) = text.rsplit_once('\n').unwrap_or_else(|| panic!("{board}: {text}"));
        assert!(whole.lines().count() >= 2, "{board}: {text}");
        for (number, line) in whole.lines().enumerate() {
            let (level, time) = edge(line.trim_end()).unwrap_or_else(|| panic!("{board}: {line}"));
            let (expected, late) = (500_000 * number as u64, 10_000 * (number as u64 + 1));
            assert_eq!(level, (number as u64 + 1) % 2, "{board}: {line}");
            assert!((expected..expected + late).contains(&time), "{board}: {line}, edge {number}");
        }
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
