//! How long cargo needs for a package, as it is and with coroutines.

use std::fmt;
use std::time::Duration;

/// How often each of the two is timed.
const ROUNDS: usize = 5;

/// The shortest times.
pub struct Shortest {
    before: Duration,
    after: Duration,
}

/// Times both, in turn so that the machine's moods meet both.
///
/// # Errors
/// Those of `once`, which is told whether it is coroutines that are compiled.
pub fn shortest(once: impl Fn(bool) -> Result<Duration, String>) -> Result<Shortest, String> {
    let mut shortest = Shortest { before: Duration::MAX, after: Duration::MAX };
    for _ in 0..ROUNDS {
        shortest.before = once(false)?.min(shortest.before);
        shortest.after = once(true)?.min(shortest.after);
    }
    Ok(shortest)
}

impl fmt::Display for Shortest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (self.before.as_secs_f64(), self.after.as_secs_f64());
        write!(f, "{:.2} times as long with coroutines ({before:.2} s, {after:.2} s)", after / before)
    }
}
