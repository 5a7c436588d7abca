//! `cargo segno machine`: what it shows of `machine/port.rs`, as files; `UPDATE=1` writes them anew.

mod support;

use std::path::{Path, PathBuf};

use support::{segno, stderr, stdout};

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machine").join(file)
}

fn machine(file: &str, arguments: &[&str]) -> std::process::Output {
    let file = path(file);
    let all: Vec<&str> = ["machine", file.to_str().unwrap()].iter().chain(arguments).copied().collect();
    segno(&all, "")
}

fn compare(arguments: &[&str], expected: &str) {
    let text = stdout(&machine("port.rs", arguments), 0);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path(expected), &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path(expected)).unwrap(), "{expected}");
}

#[test]
fn tables() {
    compare(&[], "port.txt");
    compare(&["--text"], "port.txt");
}

#[test]
fn diagrams() {
    compare(&["--dot"], "port.dot");
    compare(&["--mermaid"], "port.mmd");
    compare(&["read", "--svg"], "read.svg");
}

#[test]
fn fields_of_a_structure_of_the_file() {
    let text = stdout(&machine("parted.rs", &[]), 0);
    let holds: Vec<&str> = text.lines().filter(|line| line.contains("yield_now")).collect();
    assert!(holds[0].contains("message_text, topic ") && !holds[1].contains("message_text"), "{text}");
}

#[test]
fn one_of_them() {
    let all = stdout(&machine("port.rs", &[]), 0);
    let one = stdout(&machine("port.rs", &["text"]), 0);
    assert!(one.starts_with("text\n") && all.contains(&one) && one.len() < all.len() / 2, "{one}");
    assert!(stdout(&machine("port.rs", &["Port::read"]), 0).starts_with("read\n"));
    assert_eq!(stdout(&machine("port.rs", &["Source::next"]), 0), "");
}

#[test]
fn a_wrong_name_is_answered_with_the_known_ones() {
    let text = stderr(&machine("port.rs", &["write"]));
    assert!(text.contains("there is no coroutine `write`; there are: port::Port::read, Source::next, text"), "{text}");
}

#[test]
fn what_is_refused_is_told_with_its_place_and_the_rest_is_shown() {
    let output = machine("wrong.rs", &[]);
    assert!(stdout(&output, 1).starts_with("right\n"));
    let text = stderr(&output);
    assert!(text.contains("wrong.rs:3:49: [SG0013]") && text.contains("wrong.rs:4:22: [SG0012]"), "{text}");
}

#[test]
fn files_without_coroutines() {
    assert!(stderr(&machine("../machine.rs", &[])).contains("there is no function under `#[segno::coroutine]`"));
    assert!(stderr(&machine("absent.rs", &[])).contains("absent.rs: No such file"));
    assert!(stderr(&machine("port.txt", &[])).contains("port.txt:4:42: "));
}
