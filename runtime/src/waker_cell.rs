//! How a driver's interrupt wakes the task that waits for it.
//!
//! # The problem
//! An interrupt handler knows nothing of tasks. A driver's `read` that answers `WouldBlock` must leave behind whom to
//! wake, in a place that the handler can reach.
//!
//! # The design
//! A [`WakerCell`] in a static: the driver registers the running task, the handler wakes it. The waker is two bytes and
//! checked when it is used, so nothing must be undone when the task ends before.
//!
//! # Costs
//! Two words; registering and waking mask interrupts for a few instructions.

use core::cell::Cell;
use core::fmt;

use crate::coroutine::Waker;
use crate::event_loop::{EventLoop, running};

/// Remembers one task, which an interrupt wakes.
pub struct WakerCell {
    event_loop: Cell<Option<&'static EventLoop>>,
    waker: Cell<Waker>,
}

// SAFETY: the cells are only touched in critical sections, and of the loop only what is shared and its clock (LOCAL).
unsafe impl Sync for WakerCell {}
// SAFETY: as above.
unsafe impl Send for WakerCell {}

impl WakerCell {
    /// An empty cell.
    pub const fn new() -> WakerCell {
        WakerCell { event_loop: Cell::new(None), waker: Cell::new(Waker::NONE) }
    }

    /// Remembers the running task, in place of another one, and tells the loop that this step registered its interest:
    /// the task sleeps until [`WakerCell::wake`]. Outside of a loop it does nothing.
    ///
    /// Register, then look at the hardware once more before answering `WouldBlock`; or do both with the interrupt
    /// masked.
    pub fn register_current(&self) {
        let Some(event_loop) = running() else { return };
        let waker = event_loop.register_interest();
        critical_section::with(|_| {
            self.event_loop.set(Some(event_loop));
            self.waker.set(waker);
        });
    }

    /// Wakes the remembered task, once. Called by interrupt handlers, from anywhere.
    #[inline]
    pub fn wake(&self) {
        let woken = critical_section::with(|_| {
            let waker = self.waker.replace(Waker::NONE);
            let woken = self.event_loop.get().filter(|_| waker != Waker::NONE);
            if let Some(event_loop) = woken {
                // SAFETY: this is a critical section.
                unsafe { event_loop.wake_masked(waker) };
            }
            woken
        });
        // Outside, for a clock may have locks of its own. On one core, the interrupt that calls this ends the loop's sleep.
        #[cfg(feature = "std")]
        if let Some(clock) = woken.map(EventLoop::clock) {
            clock.wake();
        }
        #[cfg(not(feature = "std"))]
        let _ = woken;
    }
}

impl Default for WakerCell {
    fn default() -> WakerCell {
        WakerCell::new()
    }
}

impl fmt::Debug for WakerCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WakerCell")
    }
}
