//! A loop that runs in an interrupt handler and preempts the others (feature `urgent`, which `std` includes).
//!
//! # The problem
//! Tasks of one loop take turns: while one computes for 10 ms, no other runs. What must react at once can be done in an
//! interrupt handler; but what must react at once and then waits, sleeps and goes on is a coroutine, too.
//!
//! # The design
//! An [`UrgentLoop`] is a loop of its own, with its own memory, whose turns run in the handler of an interrupt that only
//! software requests (PendSV of a Cortex-M). Its [`Clock`] has the interrupt pend when something is queued
//! ([`Clock::wake`]), and in [`Clock::idle`] does not sleep, but sets an alarm whose interrupt pends it, too. So the main
//! loop is interrupted in the midst of a step, and goes on where it was when all urgent tasks wait.
//!
//! ```text
//!  main loop     ── step of a task ──┐                             ┌── the same step goes on ──
//!                                    │ wake, or an alarm: pend     │ nothing is ready: idle, alarm
//!  urgent loop                       └── turn ── turn ── turn ─────┘
//! ```
//!
//! How urgent it is, is the priority of its interrupt. Drivers' interrupts stay above it, so PendSV with the lowest
//! priority is enough. There may be several urgent loops, each with an interrupt of its own.
//!
//! # What the loops share
//! Nothing but what is made for sharing: [`Remote`], [`Signal`](super::Signal), the primitives of [`sync`](crate::sync) in
//! statics, atomics. Tasks, futures and handles are not `Send`: the compiler keeps them where they are. Whatever goes into an urgent loop goes through a
//! `Remote`, whose callbacks are `Send`, and so does the way back.
//!
//! # Invariants
//! - **BUSY**: the loop's own context is whoever has set `busy`. On a host that is always the same thread; on a chip, one
//!   core's handlers and threads, of which one runs at a time.
//!
//! # Costs
//! A loop and its memory, and a byte. The feature makes [`WakerCell`](crate::WakerCell) register in a critical section, and wake through the
//! clock. A program without the feature has nothing of it.

use core::fmt;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::current::{running, set_running};
use super::error::{AlreadyStarted, RunError};
use super::memory::LoopMemory;
use super::{EventLoop, RUNNING, Remote};
use crate::atomic::AtomicBool;
use crate::board::{Clock, Idle};

/// The memory of a loop that runs in an interrupt handler, for a `static`. `BYTES` is as for [`LoopMemory`]. asyncio has no
/// priorities; a loop in a second thread is what comes near.
///
/// ```
/// # use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
/// # use segno::board::{Clock, Idle};
/// # use segno::{Event, EventLoop, Instant, UrgentLoop};
/// # struct Pends(AtomicBool);
/// # impl Clock for Pends {
/// #     fn now(&self) -> Instant { Instant::from_ticks(0) }
/// #     fn idle(&self, _: &Idle) {}
/// #     fn wake(&self) { self.0.store(true, Relaxed) }
/// # }
/// # static CLOCK: Pends = Pends(AtomicBool::new(false));
/// # static STOPPED: Event = Event::new();
/// static URGENT: UrgentLoop<1024> = UrgentLoop::new();
/// static ALARM: Event = Event::new(); // set by an interrupt, or by the main loop
///
/// /// The handler of the interrupt that the clock pends.
/// fn pend_sv() {
///     URGENT.serve().unwrap();
/// }
///
/// #[segno::coroutine]
/// async fn emergency_stop() {
///     ALARM.wait().await;
///     STOPPED.set();
/// }
///
/// let urgent = URGENT.start(&CLOCK).unwrap();
/// urgent.call_soon(|lp| drop(lp.create_task(emergency_stop()).unwrap())).unwrap();
/// # pend_sv();
/// ALARM.set();
/// # pend_sv();
/// assert!(STOPPED.is_set());
/// ```
pub struct UrgentLoop<const BYTES: usize> {
    memory: LoopMemory<BYTES>,
    started: AtomicBool,
    busy: AtomicBool,
    #[cfg(feature = "std")]
    thread: std::sync::OnceLock<std::thread::ThreadId>,
}

impl<const BYTES: usize> UrgentLoop<BYTES> {
    /// Memory for a loop that is yet to be started.
    pub const fn new() -> UrgentLoop<BYTES> {
        UrgentLoop {
            memory: LoopMemory::new(),
            started: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            #[cfg(feature = "std")]
            thread: std::sync::OnceLock::new(),
        }
    }

    /// Starts the loop, and gives the door to it: what is handed in there, runs in the handler.
    ///
    /// The clock's `wake` makes the handler's interrupt pend; its `idle` sets an alarm for the deadline, whose interrupt
    /// does the same, and returns at once; its `in_interrupt` answers whether another handler than that one has
    /// interrupted the caller.
    ///
    /// # Errors
    /// [`AlreadyStarted`] the second time.
    pub fn start(&'static self, clock: &'static dyn Clock) -> Result<Remote, AlreadyStarted> {
        let remote = self.memory.start(clock)?.remote();
        self.started.store(true, Release);
        Ok(remote)
    }

    /// Runs turns until nothing is ready. To be called by the interrupt's handler, and by nobody else; before the start it does
    /// nothing.
    ///
    /// Tasks that wait without having registered with anything (`nb::block!` on a driver without interrupts) are tried once
    /// in each call. A task that never waits keeps everything below from running. `stop` ends the call after the batch.
    ///
    /// # Errors
    /// [`RunError::AlreadyRunning`] from inside the loop, or, on a host, from another thread than the first time; what is to
    /// be done is done by who runs the loop.
    pub fn serve(&'static self) -> Result<(), RunError> {
        if !self.started.load(Acquire) {
            return Ok(());
        }
        #[cfg(feature = "std")]
        if *self.thread.get_or_init(|| std::thread::current().id()) != std::thread::current().id() {
            return Err(RunError::AlreadyRunning);
        }
        let busy = critical_section::with(|_| {
            let busy = self.busy.load(Relaxed);
            self.busy.store(true, Relaxed);
            busy
        });
        if busy {
            return Err(RunError::AlreadyRunning);
        }
        // BUSY.
        let event_loop = self.memory.event_loop();
        let mut serving = Serving { event_loop, busy: &self.busy, outer: running() };
        event_loop.set_state(RUNNING, true);
        set_running(Some(event_loop));
        serving.run();
        Ok(())
    }
}

impl<const BYTES: usize> Default for UrgentLoop<BYTES> {
    fn default() -> Self {
        UrgentLoop::new()
    }
}

impl<const BYTES: usize> fmt::Debug for UrgentLoop<BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrgentLoop").field("running", &self.busy.load(Relaxed)).finish_non_exhaustive()
    }
}

/// Ends a call, also when it unwinds: the loop that was interrupted runs again.
struct Serving {
    event_loop: &'static EventLoop,
    busy: &'static AtomicBool,
    outer: Option<&'static EventLoop>,
}

impl Serving {
    fn run(&mut self) {
        let event_loop = self.event_loop;
        // An interrupt has come.
        event_loop.unpark();
        loop {
            if event_loop.ready.is_empty() {
                // Sets the alarm.
                event_loop.clock().idle(Idle::of(event_loop));
            }
            if event_loop.is_nudged() {
                event_loop.unpark();
            }
            event_loop.fire_due_timers();
            if event_loop.ready.is_empty() {
                // What is queued from here on has the interrupt pend again.
                break;
            }
            #[cfg(feature = "std")]
            event_loop.turns.set(event_loop.turns.get() + 1);
            event_loop.run_batch();
            if event_loop.is_stopping() {
                break;
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.event_loop.end_run();
        self.event_loop.leave_current();
        #[cfg(panic = "unwind")]
        self.event_loop.put_batch_back();
        set_running(self.outer);
        critical_section::with(|_| self.busy.store(false, Relaxed));
    }
}
