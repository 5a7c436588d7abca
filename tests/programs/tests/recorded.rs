//! Thousands of random programs against what CPython 3.13 was recorded to do with them (made with `--record`).

use segno_programs::{Language, Program, record, run, run_started};

fn check(recorded: &str, language: Language) {
    let mut different = Vec::new();
    for theirs in recorded.lines() {
        let seed = theirs.split(' ').next().and_then(|seed| seed.parse().ok()).expect("a line begins with a seed");
        let program = Program::random(seed, language);
        for run in [run, run_started] {
            if record(&program, &run(&program)).trim_end() != theirs {
                different.push(seed);
            }
        }
    }
    let shown = "`cargo run -p segno-programs -- --only --seed SEED` shows one";
    assert_eq!(different, [0; 0], "the seeds of those that differ in the {language:?} language; {shown}");
}

#[test]
fn random_programs_do_what_cpython_does() {
    check(include_str!("../recorded.txt"), Language::Recorded);
}

#[test]
fn random_programs_of_the_whole_language_do_what_cpython_does() {
    check(include_str!("../recorded_whole.txt"), Language::Whole);
}

#[test]
fn random_programs_of_the_further_language_do_what_cpython_does() {
    check(include_str!("../recorded_further.txt"), Language::Further);
}
