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

use core::fmt;
use core::ptr;
use core::sync::atomic::Ordering::{Relaxed, SeqCst};
use core::sync::atomic::compiler_fence;

use crate::atomic::{AtomicPtr, AtomicU16};
use crate::coroutine::Waker;
use crate::event_loop::{EventLoop, running};

/// Whether a loop may be woken from where it does not run, but by an interrupt of its own core; and whether that must be told
/// that it was woken, as an urgent one must.
const ELSEWHERE: bool = cfg!(any(feature = "std", feature = "cores", feature = "urgent"));

/// Remembers one task, which an interrupt wakes. In asyncio the selector does that. For an example of a driver see
/// [`ByteStream`](crate::transport::ByteStream).
///
/// Invariant **REGISTERED**: while the waker is not 0, it is the number of a granule of the loop.
pub struct WakerCell {
    event_loop: AtomicPtr<EventLoop>,
    waker: AtomicU16,
}

impl WakerCell {
    /// An empty cell.
    pub const fn new() -> WakerCell {
        WakerCell { event_loop: AtomicPtr::new(ptr::null_mut()), waker: AtomicU16::new(0) }
    }

    /// Remembers the running task, in place of another one, and tells the loop that this step registered its interest:
    /// the task sleeps until [`WakerCell::wake`]. Outside of a loop it does nothing.
    ///
    /// Register, then look at the hardware once more before answering `WouldBlock`; or do both with the interrupt
    /// masked.
    pub fn register_current(&self) {
        let Some(event_loop) = running() else { return };
        let Waker(waker) = event_loop.register_interest();
        let register = || {
            // In this order: an interrupt between two of the stores finds nobody, or the task.
            self.waker.store(0, Relaxed);
            compiler_fence(SeqCst);
            self.event_loop.store(ptr::from_ref(event_loop).cast_mut(), Relaxed);
            compiler_fence(SeqCst);
            self.waker.store(waker, Relaxed);
            compiler_fence(SeqCst);
        };
        // Without threads, a second core or urgent loops there is nobody else but the interrupts of this core.
        if ELSEWHERE { critical_section::with(|_| register()) } else { register() }
    }

    /// Wakes the remembered task, once. Called by interrupt handlers, from anywhere.
    #[inline]
    pub fn wake(&self) {
        let woken = critical_section::with(|_| {
            let waker = self.waker.load(Relaxed);
            self.waker.store(0, Relaxed);
            (waker != 0).then(|| {
                // SAFETY: REGISTERED: there is a loop, and loops are never freed.
                let event_loop = unsafe { &*self.event_loop.load(Relaxed) };
                // SAFETY: this is a critical section; REGISTERED.
                unsafe { event_loop.wake_registered(waker) };
                event_loop
            })
        });
        // Outside, for a clock may have locks of its own. On one core, the interrupt that calls this ends the loop's sleep; but
        // it does not have an urgent loop run.
        if ELSEWHERE && let Some(event_loop) = woken {
            event_loop.clock().wake();
        }
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
