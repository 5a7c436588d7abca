//! Programs of our own on CPython and here, written line by line as the Python of the same name in `tests/traces/programs`.
#![cfg(feature = "ours")]

mod barrier_limits;
mod branches;
mod completes;
mod condition_races;
mod costs;
mod drains;
mod eager;
mod gathers;
mod group_children;
mod kept;
mod moved_limits;
mod moved_turns;
mod permits;
mod queue_orders;
mod readers;
mod relocks;
mod runs;
mod shutdown;
mod shutdowns;
mod timeouts_at;
mod timers_cancelled;
mod uncancels;
mod wait_for_races;

use segno::prelude::*;
use segno_tests::conformance::{Outcome, Repr, outcome};

/// Python's `[outcome(task) for task in tasks]`.
fn show<'a, O: Outcome + 'a>(tasks: impl IntoIterator<Item = &'a O>) -> String {
    list(tasks.into_iter().map(|task| outcome(task)))
}

/// Python's list of strings.
fn list(texts: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", texts.into_iter().map(|text| text.as_str().repr()).collect::<Vec<_>>().join(", "))
}

/// Python's `asyncio.current_task()`.
fn me() -> AnyTask {
    get_running_loop().expect("a loop runs").current_task().expect("a task runs")
}

/// The next turn; Python's `asyncio.sleep(0)`.
fn next_turn() -> segno::Sleep {
    sleep(0.millis())
}
