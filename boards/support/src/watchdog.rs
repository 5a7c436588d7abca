//! A watchdog that the loop feeds.
//!
//! # The problem
//! A watchdog that an interrupt feeds notices nothing; one that the program feeds here and there is fed by the part that
//! still works. What must go on is the loop: whatever keeps it from turning, keeps all tasks from running.
//!
//! # The design
//! A callback that feeds it and calls itself again ([`guard`]). It runs only if the loop turns and its timers work. A
//! callback or a step of a task that takes longer than the watchdog waits ends in a reset; so does a pool so full that there
//! is no room for the next call, and a panic.
//!
//! # Costs
//! One timer's call in the pool, and a wake-up in each period.

use segno::EventLoop;
use segno::time::Duration;

/// How long the boards' watchdogs wait.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Feeds a watchdog now, and again and again after half of its [`PATIENCE`].
pub fn guard(lp: &'static EventLoop, mut feed: impl FnMut() + 'static) {
    feed();
    // No room: not fed again.
    lp.call_later(PATIENCE / 2, move |lp| guard(lp, feed)).ok();
}
