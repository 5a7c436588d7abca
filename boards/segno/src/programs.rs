//! The examples as programs of a simulated node. Names and descriptions are those of the examples' own crate.

use segno_examples::{EXAMPLES, Example};
use segno_sim::Board;

/// What runs on a simulated board.
pub(crate) type Program = fn(Board);

/// How to start each example on a simulated board.
const PROGRAMS: &[(&str, Program)] = &[
    ("hello", |board| segno_examples::hello::main(board.event_loop())),
    ("future", |board| segno_examples::future::main(board.event_loop())),
    ("coroutine", |board| segno_examples::coroutine::main(board.event_loop())),
    ("tasks", |board| segno_examples::tasks::main(board.event_loop())),
    ("blinky", |board| segno_examples::blinky::main(board.event_loop(), board.pin("led"))),
    ("echo", |board| segno_examples::echo::main(board.event_loop(), board.uart(0))),
    ("lines", |board| segno_examples::lines::main(board.event_loop(), board.uart(0))),
];

/// Every example that can be run.
pub(crate) fn examples() -> impl Iterator<Item = &'static Example> {
    EXAMPLES.iter().filter(|example| program(example.name).is_some())
}

/// The program with this name.
pub(crate) fn program(name: &str) -> Option<Program> {
    PROGRAMS.iter().find(|(found, _)| *found == name).map(|(_, program)| *program)
}

#[cfg(test)]
mod tests {
    use super::{EXAMPLES, PROGRAMS};

    #[test]
    fn every_example_can_be_run() {
        let examples: Vec<_> = EXAMPLES.iter().map(|example| example.name).collect();
        let programs: Vec<_> = PROGRAMS.iter().map(|(name, _)| *name).collect();
        assert_eq!(examples, programs);
    }
}
