//! The door for other contexts: interrupt handlers, and on a host other threads.
//!
//! # The problem
//! What happens outside must be brought into the loop, and the loop may be asleep, or in the middle of anything.
//!
//! # The design
//! A [`Remote`] reaches nothing but what is shared: it makes a node and queues it, inside critical sections, and has the
//! clock end the loop's sleep.
//!
//! # Costs
//! One word. Calls mask interrupts for a few instructions, or while the pool looks for memory.

use core::fmt;

use super::EventLoop;
use super::error::Refused;
use super::handle::end_call;
use crate::coroutine::Waker;

/// Queues things for a loop from any context; asyncio's `call_soon_threadsafe`. Copies may be kept in statics.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::board::{Clock, Idle};
/// # struct Spins;
/// # impl Clock for Spins {
/// #     fn now(&self) -> Instant { Instant::from_ticks(0) }
/// #     fn idle(&self, _: &Idle) { std::thread::yield_now() }
/// # }
/// # let lp = segno::new_event_loop(&Spins, 1024);
/// let remote = lp.remote();
/// std::thread::spawn(move || remote.call_soon(|lp| lp.stop()).unwrap());
/// lp.run_forever().unwrap();
/// ```
#[derive(Clone, Copy)]
pub struct Remote {
    event_loop: &'static EventLoop,
}

// SAFETY: LOCAL and EXCLUSIVE: the methods touch what is shared, in critical sections, the memory's base pointer and
// the clock, which do not change after the start, and nodes that they have just made. The clock is `Sync`.
unsafe impl Send for Remote {}
// SAFETY: as above.
unsafe impl Sync for Remote {}

impl Remote {
    pub(super) fn new(event_loop: &'static EventLoop) -> Remote {
        Remote { event_loop }
    }

    /// Runs `callback` in the loop's next turn. Callbacks of one context run in the order in which they were handed in. It ends
    /// the loop's sleep. There is no handle to cancel it by.
    ///
    /// # Errors
    /// Hands the callback back if the pool is full or the loop closed.
    #[doc(alias = "call_soon_threadsafe")]
    pub fn call_soon<F>(&self, callback: F) -> Result<(), Refused<F>>
    where
        F: FnOnce(&'static EventLoop) + Send + 'static,
    {
        let id = self.event_loop.make_call(callback)?.get();
        // SAFETY: NAMED: the node has just been made, and nobody else knows it. It has no handle.
        let queued = self.event_loop.shared(|_, memory| unsafe {
            self.event_loop.header(id).references.set(0);
            // The loop may have been closed since the node was made.
            let open = !self.event_loop.is_closed_masked();
            if open {
                self.event_loop.ready.push(memory, id);
            }
            open
        });
        if queued {
            self.wake_clock();
            return Ok(());
        }
        // SAFETY: NAMED and CONTENT: nobody else knows the node, and it holds the closure.
        unsafe {
            let callback = self.event_loop.payload(id).cast::<F>().read();
            end_call(self.event_loop, id);
            Err(Refused::Closed(callback))
        }
    }

    /// Wakes a task. A waker whose task has ended is harmless.
    pub fn wake(&self, waker: Waker) {
        // SAFETY: this is a critical section.
        critical_section::with(|_| unsafe { self.event_loop.wake_masked(waker) });
        self.wake_clock();
    }

    fn wake_clock(&self) {
        self.event_loop.clock().wake();
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remote")
    }
}
