//! What the compiler says about wrong coroutines, and about right ones that `#[segno::coroutine]` refuses.
//!
//! `TRYBUILD=overwrite cargo test -p segno-tests --test ui` blesses the `.stderr` files in `ui/` and `refused/`.

#![cfg(feature = "ours")]

use std::collections::HashSet;
use std::path::Path;

/// One set, because of `pass`: it makes trybuild build instead of check, and some refusals are constant assertions
/// in the runtime, which only a build evaluates. (So `trybuild=NAME`, which leaves `pass` out, does not show those.)
#[test]
fn errors() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/*.rs");
    cases.compile_fail("refused/*.rs");
}

/// Those of `ui/` of which something is reported twice at one place, in the words of the twin and in those of the machine.
const TWICE: &[&str] =
    &["closures_capture", "operators_do_not_fit", "task_borrows", "temporary_does_not_live", "through_a_reference"];

/// How many errors, or warnings, there are at most for one place.
fn reports(text: &str) -> usize {
    let mut places: Vec<(&str, &str)> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.split(':').next().filter(|kind| kind.starts_with("error") || kind.starts_with("warning"))
        else {
            continue;
        };
        if let Some(place) = lines.by_ref().take_while(|line| !line.is_empty()).find(|line| line.contains("--> ui/")) {
            places.push((kind, place.trim()));
        }
    }
    let once: HashSet<_> = places.iter().copied().collect();
    once.into_iter().map(|place| places.iter().filter(|other| **other == place).count()).max().unwrap_or_default()
}

#[test]
fn an_error_is_reported_once() {
    let mut twice = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let text = std::fs::read_to_string(&path).unwrap();
            if reports(&text) > 1 {
                twice.push(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    twice.sort();
    assert_eq!(twice, TWICE);
}
