//! The lines of a trace, and its time.

use core::fmt::Arguments;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use segno::time::{Duration, Instant};
use segno::{EventLoop, Task, get_event_loop, println, sleep};

/// How long a tick is.
///
/// Longer than it takes a chip to do whatever a scenario does at the same time: for the longest, 15 lines.
pub const TICK: Duration = Duration::from_ticks(20_000);

/// The ticks that must have passed when a scenario begins: some of its moments are before its beginning.
pub const LEAD: u32 = 10;

/// The tick that the trace calls 0. A chip has one loop; on a host, where there may be many at once, all begin in the same
/// tick of their own clocks.
static START: AtomicU32 = AtomicU32::new(0);

/// Prepares the loop for a scenario, which begins now: its trace goes to the console of `lp`, which is also made the loop
/// that is set.
pub fn begin(lp: &'static EventLoop) {
    segno::set_event_loop(Some(lp));
    // Errors that nobody sees are not in the traces.
    lp.set_exception_handler(Some(|_, _| {}));
    START.store(tick(lp), Relaxed);
}

fn tick(lp: &EventLoop) -> u32 {
    (lp.time().as_ticks() / TICK.as_ticks()) as u32
}

fn current() -> &'static EventLoop {
    get_event_loop().expect("`begin` has set it")
}

/// How many ticks ago the scenario began.
pub(crate) fn now() -> u32 {
    tick(current()) - START.load(Relaxed)
}

/// So many ticks.
pub(crate) fn ticks(count: u32) -> Duration {
    TICK * count
}

/// A tick of the scenario as a moment of the loop's clock; those before 0 are in the past.
pub(crate) fn at(tick: i32) -> Instant {
    Instant::from_ticks(TICK.as_ticks() * u64::from(START.load(Relaxed).strict_add_signed(tick)))
}

/// The next turn of the loop; asyncio's `sleep(0)`.
pub(crate) fn next_turn() -> segno::Sleep {
    sleep(ticks(0))
}

/// What stands in front of a line.
pub(crate) enum Prefix {
    Nothing,
    Time,
    TimeAndTurn,
}

/// Writes a line; what it says is computed before the time that stands in front of it, as in Python.
pub(crate) fn write(line: Arguments<'_>, prefix: Prefix) {
    match prefix {
        Prefix::Nothing => println!("{line}"),
        #[cfg(feature = "std")]
        Prefix::TimeAndTurn => println!("t={} n={} {line}", now(), current().turn()),
        _ => println!("t={} {line}", now()),
    }
}

/// Writes a line of the trace.
macro_rules! say {
    ($($format:tt)*) => {
        $crate::trace::write(format_args!($($format)*), $crate::trace::Prefix::Nothing)
    };
}

/// Writes a line of the trace that begins with the time.
macro_rules! log {
    ($($format:tt)*) => {
        $crate::trace::write(format_args!($($format)*), $crate::trace::Prefix::Time)
    };
}

/// Writes a line of the trace that begins with the time and, where loops count them, with the turn.
macro_rules! logn {
    ($($format:tt)*) => {
        $crate::trace::write(format_args!($($format)*), $crate::trace::Prefix::TimeAndTurn)
    };
}

/// Counts turns of the loop where loops do not: by tasks of which each ends one turn after the one before it.
pub(crate) struct Turns([Task<()>; 3]);

#[segno::coroutine]
async fn ends_after(turns: u32) {
    for _ in 0..turns {
        next_turn().await;
    }
}

impl Turns {
    pub(crate) fn begin(lp: &'static EventLoop) -> Turns {
        Turns([0, 1, 2].map(|turns| lp.create_task(ends_after(turns)).unwrap()))
    }

    /// How many turns have begun since, if they are fewer than four.
    pub(crate) fn spent(self) -> usize {
        let spent = self.0.iter().filter(|task| task.done()).count();
        self.0.iter().for_each(|task| _ = task.cancel());
        spent
    }
}
