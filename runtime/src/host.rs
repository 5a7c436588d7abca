//! A clock for tests on a host (feature `std`).
//!
//! # The problem
//! A test that waits for real time is slow, and different each time.
//!
//! # The design
//! A [`VirtualClock`] stands still while the loop works and jumps to the next deadline when it idles.
//!
//! # Costs
//! None.

use core::sync::atomic::{AtomicU64, Ordering};
use std::boxed::Box;

use crate::board::{Clock, Idle};
use crate::time::{Duration, Instant};

/// Time that passes only while the loop sleeps, and then at once.
///
/// # Panics
/// Idling without a deadline panics: "deadlock: nothing is ready and no timer is set". The panic comes out of the run.
#[derive(Debug, Default)]
pub struct VirtualClock {
    now: AtomicU64,
}

impl VirtualClock {
    /// A clock at zero.
    pub const fn new() -> VirtualClock {
        VirtualClock { now: AtomicU64::new(0) }
    }

    /// A clock at zero, leaked.
    pub fn leaked() -> &'static VirtualClock {
        Box::leak(Box::new(VirtualClock::new()))
    }

    /// Lets time pass, as a long computation would.
    pub fn advance(&self, duration: Duration) {
        self.now.fetch_add(duration.as_ticks(), Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.now.load(Ordering::Relaxed))
    }

    fn idle(&self, idle: &Idle) {
        if !idle.pending() {
            let deadline = idle.deadline().expect("deadlock: nothing is ready and no timer is set");
            self.now.fetch_max(deadline.as_ticks(), Ordering::Relaxed);
        }
    }
}
