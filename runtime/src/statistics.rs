//! What is counted of each task, for `cargo segno ps` (feature `statistics`).
//!
//! # The problem
//! Where a task waits is in its frame; how often it has been woken, and how long its steps take, is nowhere.
//!
//! # The design
//! Counters in the node's header, which the loop keeps. The program itself does not read them: the host tool does.
//!
//! # Costs
//! 20 bytes for each node on a 32-bit chip, and a reading of the clock before and after each step. Without the feature
//! none.

use core::cell::Cell;

use crate::time::Instant;

/// What is counted of a node. A counter that is full stays at its end.
#[derive(Default)]
pub(crate) struct Statistics {
    /// How often it was queued. Only touched in critical sections.
    wakes: Cell<u32>,
    /// How often it was resumed, and has then gone on to wait.
    polls: Cell<u32>,
    /// The longest of these steps, in microseconds.
    longest: Cell<u32>,
    /// When the last of them ended, in microseconds: two halves, since a `u64` would align the header to 8 bytes.
    since_low: Cell<u32>,
    since_high: Cell<u32>,
}

impl Statistics {
    /// It has been queued. In a critical section.
    pub(crate) fn count_wake(&self) {
        self.wakes.set(self.wakes.get().saturating_add(1));
    }

    /// It has been resumed, and waits again.
    pub(crate) fn count_step(&self, began: Instant, ended: Instant) {
        let took = ended.as_ticks().saturating_sub(began.as_ticks());
        self.polls.set(self.polls.get().saturating_add(1));
        self.longest.set(self.longest.get().max(u32::try_from(took).unwrap_or(u32::MAX)));
        self.since_low.set(ended.as_ticks() as u32);
        self.since_high.set((ended.as_ticks() >> 32) as u32);
    }
}
