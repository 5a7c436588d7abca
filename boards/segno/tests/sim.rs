//! `cargo segno sim`.

mod support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{expectations, input_of, segno, stdout};

#[test]
fn every_example_says_what_it_should() {
    for (example, expected) in expectations() {
        let output = segno(&["sim", &example, "--quiet"], &input_of(&example));
        assert_eq!(stdout(&output, 0), expected, "{example}");
    }
}

#[test]
fn an_hour_of_blinky_takes_less_than_a_second_and_is_the_same_twice() {
    let arguments = ["sim", "blinky", "--virtual", "--for", "3600s"];
    let start = Instant::now();
    let first = stdout(&segno(&arguments, ""), 0);
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
    assert_eq!(first, stdout(&segno(&arguments, ""), 0));
    let expected: String = (0..=7200).map(|n| format!("led: {} at {}.000 ms\n", (n + 1) % 2, n * 500)).collect();
    assert_eq!(first, expected);
}

#[test]
fn a_pipe_that_stays_open_does_not_hold_blinky_up() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_segno"))
        .args(["sim", "blinky", "--for", "1s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let _open = child.stdin.take();
    let text = stdout(&child.wait_with_output().unwrap(), 0);
    assert_eq!(text, "led: 1 at 0.000 ms\nled: 0 at 500.000 ms\nled: 1 at 1000.000 ms\n");
}

#[test]
fn realtime_takes_real_seconds() {
    let start = Instant::now();
    let text = stdout(&segno(&["sim", "blinky", "--realtime", "--for", "1s"], ""), 0);
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(text, "led: 1 at 0.000 ms\nled: 0 at 500.000 ms\nled: 1 at 1000.000 ms\n");
}

#[test]
fn quiet_shows_no_edges() {
    assert_eq!(stdout(&segno(&["sim", "blinky", "--for", "10s", "--quiet"], ""), 0), "");
}

#[test]
fn the_end_of_a_last_line_without_a_newline_is_answered_too() {
    for example in ["echo", "lines"] {
        let output = segno(&["sim", example, "--virtual"], "hello\nworld");
        let text = stdout(&output, 0);
        assert!(text.contains("hello\n") && text.contains("world"), "{example}: {text}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_segno"))
        .args(["sim", "blinky"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(support::stderr(&output), "");
}
