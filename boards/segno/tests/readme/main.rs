//! What README.md says is true: its commands print what stands under them, and its code is compiled and run elsewhere
//! in this repository.

mod countdown;
mod mirror;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The README's blocks in this language.
fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    let blocks: Vec<String> =
        text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect();
    assert!(!blocks.is_empty(), "no {language} in README.md");
    blocks
}

/// Commands, and what stands under each.
fn sessions() -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for block in blocks("console") {
        for line in block.split_inclusive('\n') {
            match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push((command.trim_end().into(), String::new())),
                (None, Some((_, output))) => output.push_str(line),
                (None, None) => panic!("output without a command: {line}"),
            }
        }
    }
    found
}

/// A last line that has no end has one in the README.
fn closed(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.into() } else { format!("{text}\n") }
}

#[test]
fn commands_print_what_stands_under_them() {
    let mut compared = 0;
    for (command, expected) in sessions() {
        // Firmware is compared with the simulator in `qemu.rs`; other programs are not ours.
        if !command.contains("cargo segno sim") {
            continue;
        }
        let output = Command::new("sh")
            .args(["-c", &command.replace("cargo segno", env!("CARGO_BIN_EXE_segno"))])
            .env_remove("SEED")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(closed(&support::stdout(&output, 0)), expected, "{command}");
        compared += 1;
    }
    assert!(compared > 0);
}

#[test]
fn on_a_board_the_same_stands_under_a_command_as_on_the_simulator() {
    let sessions = sessions();
    for (command, output) in sessions.iter().filter(|(command, _)| command.contains("cargo segno qemu")) {
        let example = command.rsplit(' ').next().unwrap();
        let same = |(other, expected): &(String, String)| {
            other.contains("cargo segno sim") && other.ends_with(example) && output == expected
        };
        assert!(sessions.iter().any(same), "{command}");
    }
}

/// The paragraphs of a source: runs of lines without an empty one, without comments and attributes of the crate.
fn paragraphs(source: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in source.lines().filter(|line| !line.trim_start().starts_with("//") && !line.starts_with("#![")) {
        if line.trim().is_empty() {
            found.push(String::new());
        } else {
            let line = line.split(" //").next().unwrap();
            found.last_mut().unwrap().push_str(&format!("{line}\n"));
        }
    }
    found.retain(|paragraph| !paragraph.is_empty());
    found
}

#[test]
fn code_is_that_of_a_file() {
    let folders = ["examples/src", "boards/segno/tests/readme", "boards/programs"];
    let files = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let files: Vec<_> =
        files.map(|file| paragraphs(&fs::read_to_string(file.unwrap().path()).unwrap()).join("\n")).collect();
    for block in blocks("rust") {
        let block = paragraphs(&block).join("\n");
        assert!(files.iter().any(|file| file.contains(&block)), "in no file:\n{block}");
    }
}
