//! `cargo segno list`, and what happens to wrong names.

mod support;

use support::{BOARDS, HARDWARE, segno, stderr, stdout};

#[test]
fn it_lists_examples_and_boards() {
    let text = stdout(&segno(&["list"], ""), 0);
    let examples = ["hello", "future", "coroutine", "tasks", "blinky", "echo", "lines"];
    for name in examples.into_iter().chain(BOARDS.map(|(board, _)| board)).chain(HARDWARE) {
        let described = |line: &str| line.trim_start().starts_with(name) && line.trim().len() > name.len() + 10;
        assert!(text.lines().any(described), "{name} in {text}");
    }
    for command in ["sim EXAMPLE", "qemu BOARD EXAMPLE", "flash BOARD EXAMPLE"] {
        assert!(text.contains(&format!("cargo segno {command}")), "{command} in {text}");
    }
}

#[test]
fn a_wrong_example_is_answered_with_the_known_ones_and_the_nearest() {
    for arguments in [&["sim", "blinkyy"][..], &["qemu", "lm3s6965evb", "blinkyy"], &["size", "mps2-an386", "blinkyy"]]
    {
        let output = segno(arguments, "");
        assert_eq!(stdout(&output, 2), "");
        let text = stderr(&output);
        assert!(text.contains("invalid value 'blinkyy'"), "{text}");
        assert!(text.contains("hello, future, coroutine, tasks, blinky, echo, lines"), "{text}");
        assert!(text.contains("similar value exists: 'blinky'"), "{text}");
    }
}

#[test]
fn a_wrong_board_is_answered_with_the_known_ones_and_the_nearest() {
    for command in ["qemu", "flash", "size"] {
        let output = segno(&[command, "lm3s6956evb", "hello"], "");
        assert_eq!(stdout(&output, 2), "");
        let text = stderr(&output);
        assert!(text.contains("[possible values: lm3s6965evb, mps2-an386, "), "{text}");
        assert!(text.contains("similar value exists: 'lm3s6965evb'"), "{text}");
    }
}

#[test]
fn a_time_needs_a_unit() {
    let output = segno(&["sim", "blinky", "--for", "5"], "");
    assert_eq!(stdout(&output, 2), "");
    assert!(stderr(&output).contains("as in 250ms"), "{}", stderr(&output));
}
