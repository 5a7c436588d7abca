//! Is the same seed the same run?

use crate::sim::Sim;

/// The seed that the environment variable `SEED` asks for; 0 without it, so that a test is the same test every day.
///
/// # Panics
/// When `SEED` is not a number from 0 to 2^64 - 1.
pub fn seed() -> u64 {
    match std::env::var("SEED") {
        Ok(text) => text.trim().parse().unwrap_or_else(|_| panic!("SEED must be a number, not `{text}`")),
        Err(_) => 0,
    }
}

/// Runs `scenario` twice in worlds with the same seed and compares the traces. What leaks into a run from outside (hash
/// maps, statics, the wall clock, addresses) shows here. Gives the trace.
///
/// # Panics
/// When the traces differ, with the first line that does, and when `scenario` panics.
pub fn check_determinism(seed: u64, scenario: impl Fn(&mut Sim)) -> String {
    let run = || {
        let mut sim = Sim::new(seed);
        scenario(&mut sim);
        sim.trace()
    };
    let (first, second) = (run(), run());
    if first != second {
        let line = first.lines().zip(second.lines()).take_while(|(one, other)| one == other).count();
        let show = |trace: &str| trace.lines().nth(line).unwrap_or("(the end)").to_owned();
        panic!(
            "two runs differ from line {} of their traces on\n first: {}\nsecond: {}\nreproduce: SEED={seed}",
            line + 1,
            show(&first),
            show(&second)
        );
    }
    first
}
