//! `docs/conformance.md` says which test shows what: every test that it names is there, and every row that there is to be.
#![cfg(feature = "ours")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = include_str!("../../docs/conformance.md");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is in a folder of the repository")
}

/// The cells of the tables below a heading, row by row, without the heads.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let part = DOCUMENT.split("\n## ").find(|part| part.starts_with(heading)).expect(heading);
    let rows = part.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// A test's file, by the name that the document gives it.
fn file_of(name: &str) -> Option<PathBuf> {
    let name = match name {
        "cm" => "conformance_micropython",
        "cc" => "conformance_cancel",
        name => name,
    };
    let found = if name.contains('/') {
        root().join(name)
    } else if name.starts_with("conformance") {
        let folder = root().join("tests/tests").join(name);
        if folder.is_dir() { folder.join("main.rs") } else { folder.with_extension("rs") }
    } else {
        root().join("runtime/tests").join(name).with_extension("rs")
    };
    found.exists().then_some(found)
}

fn has_item(file: &Path, name: &str) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    ["fn", "mod"].iter().any(|kind| text.contains(&format!("{kind} {name}")))
}

/// `a/{b,c}.rs` is two names.
fn expand(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else { return vec![name.into()] };
    let (choices, after) = rest.split_once('}').expect("a brace that closes");
    choices.split(',').map(|choice| format!("{before}{choice}{after}")).collect()
}

/// Names in a cell that are no test's: what does not compile, or what the cell speaks of.
const WORDS: [&str; 3] = ["EventLoop", "Sync", "core"];

/// What is wrong with the names in backticks.
fn problems(cell: &'static str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut last = None;
    for quoted in cell.split('`').skip(1).step_by(2) {
        if WORDS.contains(&quoted) || is_number(quoted) {
            continue;
        }
        let (name, item) = quoted.split_once("::").map_or((quoted, None), |(name, item)| (name, Some(item)));
        for name in expand(name) {
            let file = if name == "…" { last.clone() } else { file_of(&name) };
            match (&file, item) {
                (None, _) => wrong.push(format!("no file is `{name}`")),
                (Some(file), Some(item)) if !has_item(file, item) => wrong.push(format!("`{name}` has no `{item}`")),
                _ => {}
            }
            last = file.or(last);
        }
    }
    wrong
}

/// Whether it is one of the numbers with which tests' names begin: `s01`, `b05_b06`.
fn is_number(word: &str) -> bool {
    let part = |part: &str| {
        part.strip_prefix(['s', 'b', 'c', 'e']).is_some_and(|rest| rest.parse::<u32>().is_ok() && rest.len() <= 2)
    };
    word.split('_').all(part)
}

/// The numbers in a cell; from `s01` to `s03` are three.
fn numbers(cell: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let plain = cell.replace('`', "");
    for word in plain.split([' ', ',', ';', '(', ')']) {
        let ends: Vec<&str> = word.split('–').collect();
        match ends[..] {
            [first, last] if is_number(first) && is_number(last) => {
                let number = |end: &str| end[1..].parse::<u32>().expect("it is a number");
                found.extend((number(first)..=number(last)).map(|number| format!("{}{number:02}", &first[..1])));
            }
            [one] if is_number(one) => found.extend(one.split('_').map(String::from)),
            _ => {}
        }
    }
    found
}

/// The numbers with which tests' names begin, in all of the folders with tests of conformance.
fn numbers_of_tests() -> BTreeSet<String> {
    let files = ["tests/tests", "boards/sim/tests"].iter().flat_map(|folder| {
        let entries = fs::read_dir(root().join(folder)).expect("a folder of tests");
        entries.map(|entry| entry.expect("it can be listed").path())
    });
    let mut found = BTreeSet::new();
    for text in files.filter_map(|file| fs::read_to_string(file).ok()) {
        for name in text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next()) {
            found.extend(name.split('_').take_while(|part| is_number(part)).map(String::from));
        }
    }
    found
}

#[test]
fn every_test_that_is_named_is_there() {
    let tests = numbers_of_tests();
    let mut wrong = Vec::new();
    let mut check = |cell: &'static str| {
        wrong.extend(problems(cell).into_iter().map(|problem| format!("{problem}: {cell}")));
        let missing = numbers(cell).into_iter().filter(|number| !tests.contains(number));
        wrong.extend(missing.map(|number| format!("no test begins with {number}: {cell}")));
    };
    for row in rows("MicroPython's tests") {
        check(row[1]);
        check(row[3]);
    }
    for row in rows("CPython's test_asyncio") {
        check(row[2]);
    }
    assert_eq!(wrong, [""; 0]);
}

/// Each trace is named once, with the test that has it, and with a star if chips run it too.
#[test]
fn every_trace_is_compared() {
    let mut named = BTreeSet::new();
    for row in rows("asyncio's scenarios") {
        for (traces, test) in [(row[0], row[1]), (row[2], row[3])] {
            let text = fs::read_to_string(file_of(test.trim_matches('`')).expect(test)).expect(test);
            for trace in traces.split(", ") {
                let number = trace.trim_end_matches("\\*");
                assert!(text.contains(&format!("traces/{number}.out")), "{test} has no trace {number}");
                let on_chips = segno_scenarios::SCENARIOS.iter().any(|scenario| scenario.number == number);
                assert_eq!(trace != number, on_chips, "{trace}");
                assert!(named.insert(number), "{number} is there twice");
            }
        }
    }
    let files =
        fs::read_dir(root().join("tests/traces")).expect("the traces").map(|entry| entry.expect("a file").path());
    let traces = files.filter(|file| file.extension().is_some_and(|extension| extension == "out"));
    let there: BTreeSet<String> =
        traces.map(|file| file.file_stem().expect("a name").to_string_lossy().into()).collect();
    assert!(there.iter().map(String::as_str).eq(named));
}

/// MicroPython has 33 tests; of CPython's, 104 entries were chosen.
#[test]
fn no_row_is_missing() {
    let names =
        rows("MicroPython's tests").into_iter().flat_map(|row| [row[0], row[2]]).flat_map(|cell| cell.split(", "));
    assert_eq!(names.collect::<BTreeSet<_>>().len(), 33);
    let mut there = BTreeSet::new();
    for row in rows("CPython's test_asyncio") {
        for part in row[0].split(", ") {
            let (first, last) = part.split_once('–').unwrap_or((part, part));
            let number = |text: &str| text.parse::<u32>().expect(part);
            there.extend(number(first)..=number(last));
        }
    }
    assert!(there.into_iter().eq(1..=104));
}
