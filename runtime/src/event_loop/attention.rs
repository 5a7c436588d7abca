//! What the loop has to do beside a turn like most: to stop, or to queue the tasks that are parked.
//!
//! # The design
//! One byte says so, and is looked at once in each turn. Only the loop's own context writes it.

use core::sync::atomic::Ordering::Relaxed;

use super::{EventLoop, POLLED, RUNNING};
use crate::coroutine::Waker;
use crate::ready::pop;

/// `stop` was called.
const STOPPING: u8 = 1;
/// Tasks are parked.
const PARKED: u8 = 2;

impl EventLoop {
    /// The run ends with the turn at hand.
    pub(super) fn ask_to_stop(&self) {
        self.attention.set(self.attention.get() | STOPPING);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.attention.get() & STOPPING != 0
    }

    /// Whether the next turn may be the last one, or one with more to do than most.
    #[inline(always)]
    pub(super) fn is_unusual(&self) -> bool {
        self.attention.get() != 0
    }

    /// The run is over, and so is what ends with it.
    #[inline]
    pub(super) fn end_run(&self) {
        self.set_state(RUNNING | POLLED, false);
        self.attention.set(self.attention.get() & !STOPPING);
    }

    /// Has the task resumed after the next interrupt, or in the next turn if the loop does not sleep.
    pub(crate) fn resume_after_interrupt(&self, waker: Waker) {
        self.shared(|shared, memory| {
            if shared.pool.is_task(memory, waker.0) {
                // SAFETY: NAMED: it is in the bitmap. If it is queued already, it is resumed anyway.
                unsafe { self.parked.push(memory, waker.0) };
                self.attention.set(self.attention.get() | PARKED);
                self.use_parking();
            }
        });
    }

    /// Queues all parked tasks, if there are any.
    pub(super) fn unpark_all(&self) {
        if self.attention.get() & PARKED != 0
            && let Some(hooks) = self.hooks.get()
        {
            (hooks.unpark)(self);
        }
    }

    /// The same, where programs that park no task may have it too.
    #[cold]
    pub(crate) fn unpark(&self) {
        self.nudged.store(false, Relaxed);
        self.attention.set(self.attention.get() & !PARKED);
        let mut id = self.parked.take();
        while id != 0 {
            // SAFETY: NAMED: it was parked. Whoever wakes it between the two has queued it.
            unsafe {
                let next = pop(self.memory(), id);
                self.push(id);
                id = next;
            }
        }
    }
}
