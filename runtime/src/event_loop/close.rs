//! Closing a loop.
//!
//! # The problem
//! asyncio's `close` forgets what is queued. Here queued things own memory and hardware, and destructors must run.
//!
//! # The design
//! The loop is marked closed first, so that destructors can queue nothing; then callbacks, timers and tasks are dropped.
//! Handles stay valid: what they name has ended, as if cancelled.
//!
//! # Costs
//! A walk through everything that is left.

use core::sync::atomic::Ordering::Relaxed;

use super::error::CloseError;
use super::{CLOSED, EventLoop, OCCUPIED, RUNNING};
use crate::node::CANCELLED;
use crate::ready::pop;
use crate::time::Instant;

impl EventLoop {
    /// Drops all callbacks and timers that have not run and the coroutines of all tasks, whose destructors run here,
    /// in the order of their memory. Idempotent. asyncio's `close`, which leaves pending tasks to the garbage collector.
    ///
    /// Nothing is cancelled: no coroutine cleans up by awaiting, as they do when a [`Runner`](super::Runner) closes. Handles stay
    /// valid, and say that what they name was cancelled.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let task = lp.create_task(sleep(1.secs())).unwrap();
    /// lp.close().unwrap();
    /// assert!(task.cancelled());
    /// assert_eq!(lp.run_forever().unwrap_err().to_string(), "Event loop is closed");
    /// ```
    /// # Errors
    /// [`CloseError`] while the loop is running.
    pub fn close(&'static self) -> Result<(), CloseError> {
        if self.state.get() & (RUNNING | OCCUPIED) != 0 {
            return Err(CloseError);
        }
        self.set_state(CLOSED, true);
        critical_section::with(|_| self.closed.store(true, Relaxed));
        self.drop_callbacks();
        loop {
            let task = self.shared(|shared, memory| shared.pool.next_task(memory, 0));
            if task == 0 {
                break;
            }
            // SAFETY: NAMED: it is in the bitmap. Nothing runs, so nobody uses the coroutine.
            unsafe {
                self.abandon(task, CANCELLED);
            }
        }
        // What ended has queued what waited for it.
        self.drop_callbacks();
        Ok(())
    }

    /// Drops what is queued, parked or pending, but not the tasks themselves.
    fn drop_callbacks(&'static self) {
        loop {
            let timer = self.timers.first();
            if timer.is_null() {
                break;
            }
            // SAFETY: ARMED: it is the first in the heap. NAMED: a call's target is the node that it is in.
            unsafe {
                self.timers.pop_due(timer, Instant::from_ticks(u64::MAX));
                if (*timer).is_call() {
                    let id = (*timer).target();
                    self.drop_payload(id, CANCELLED);
                    self.release(id);
                }
            }
        }
        self.remove_callbacks(|_, _, _| true);
        self.unpark();
        let mut id = self.ready.take();
        while id != 0 {
            // SAFETY: NAMED: it was queued. Nothing runs, so nobody uses a closure.
            unsafe {
                let next = pop(self.memory(), id);
                let header = self.header(id);
                // What is dropped may own the last handle to itself.
                header.retain();
                if !header.is_task() && !header.is_ended() {
                    self.drop_payload(id, CANCELLED);
                }
                self.release(id);
                id = next;
            }
        }
    }
}
