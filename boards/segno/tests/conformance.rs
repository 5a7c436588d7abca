//! asyncio's scenarios on every board that QEMU emulates, by the board's own clock and alarm: the traces are those of the
//! host, which are those of CPython.

mod support;

use std::fs;
use std::path::Path;

use segno_scenarios::{SCENARIOS, TRANSLATED};
use support::{boards, segno, stdout};

/// By how many ticks a line may be later than asyncio's. None may be earlier.
const LATE: u64 = 1;

/// A line of a trace: the tick, if it begins with one, and what it says. The turn is left out.
fn parse(line: &str) -> (Option<u64>, &str) {
    let prefixed = |line, prefix| -> Option<(u64, &str)> {
        let (number, rest) = str::strip_prefix(line, prefix)?.split_once(' ')?;
        Some((number.parse().ok()?, rest))
    };
    let Some((tick, rest)) = prefixed(line, "t=") else { return (None, line) };
    (Some(tick), prefixed(rest, "n=").map_or(rest, |(_, rest)| rest))
}

/// The first difference between a trace and asyncio's.
fn difference(trace: &str, asyncio: &str) -> Option<String> {
    let mut theirs = asyncio.lines();
    for line in trace.lines() {
        let Some(expected) = theirs.next() else { return Some(format!("one line too many: {line}")) };
        let ((tick, text), (earliest, expected_text)) = (parse(line), parse(expected));
        let problem = match (tick, earliest) {
            _ if text != expected_text => "other words",
            (Some(tick), Some(earliest)) if tick < earliest => "early",
            (Some(tick), Some(earliest)) if tick > earliest + LATE => "late",
            (Some(_), Some(_)) | (None, None) => continue,
            _ => "a time, or none",
        };
        return Some(format!("{problem}: `{line}`, and asyncio says `{expected}`"));
    }
    theirs.next().map(|line| format!("a line is missing: {line}"))
}

/// asyncio's trace with this number, as it is expected here.
fn asyncio(number: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/traces").join(number).with_extension("out");
    let trace = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    TRANSLATED.iter().fold(trace, |text, (theirs, ours)| text.replace(theirs, ours))
}

#[test]
fn every_board_does_what_asyncio_does_and_never_early() {
    // With two cores, sleeping takes its time in QEMU also with `-icount`, and the program three hours.
    for board in boards().into_iter().filter(|&board| board != "mps2-an521") {
        let output = segno(&["qemu", board, "conformance", "--deterministic", "--for", "60s"], "");
        let text = stdout(&output, 0).replace("\r\n", "\n");
        let (traces, long_sleep) =
            text.split_once("sleeping for 3 hours\n").unwrap_or_else(|| panic!("{board}: {text}"));
        let mut traces = traces.split("scenario ").skip(1);
        for scenario in SCENARIOS {
            let trace = traces.next().unwrap_or_else(|| panic!("{board} ends before {}: {text}", scenario.number));
            let (number, trace) = trace.split_once('\n').unwrap();
            assert_eq!(number, scenario.number, "{board}");
            let difference = difference(trace, &asyncio(number));
            assert_eq!(difference, None, "{board}, scenario {number}:\n{trace}");
        }
        assert_eq!(traces.next(), None, "{board}");
        assert_eq!(long_sleep, "late by 0 ticks\n", "{board}");
    }
}

#[test]
fn what_differs_is_found() {
    let asyncio = "before\nt=5 n=3 a\nt=10 b\nafter";
    let right =
        ["before\nt=5 a\nt=10 b\nafter\n", "before\nt=6 a\nt=11 b\nafter\n", "before\nt=5 n=9 a\nt=10 b\nafter\n"];
    for trace in right {
        assert_eq!(difference(trace, asyncio), None);
    }
    let wrong = [
        ("before\nt=4 a\nt=10 b\nafter", "early"),
        ("before\nt=7 a\nt=10 b\nafter", "late"),
        ("before\nt=5 a\nt=9 b\nafter", "early"),
        ("before\nt=10 b\nt=5 a\nafter", "other words"),
        ("before\nt=5 a\nb\nafter", "a time, or none"),
        ("t=0 before\nt=5 a\nt=10 b\nafter", "a time, or none"),
        ("before\nt=5 a\nt=10 b", "a line is missing"),
        ("before\nt=5 a\nt=10 b\nafter\nafter", "one line too many"),
        ("before\nt=5 a\nt=10 c\nafter", "other words"),
    ];
    for (trace, problem) in wrong {
        let found = difference(trace, asyncio).expect(problem);
        assert!(found.starts_with(problem), "{found}");
    }
}
