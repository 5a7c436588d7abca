//! The event loop: asyncio's, in memory that is reserved at compile time.
//!
//! # The problem
//! Callbacks, timers and tasks of a program take turns on one processor. asyncio's rules for whose turn it is are known,
//! simple and fair; a chip adds that there is no heap, that interrupts queue things too, and that sleeping saves power.
//!
//! # The design
//! A loop is a `&'static EventLoop`. Callbacks, tasks and futures are nodes of its pool ([`pool`](crate::pool)); what is
//! to run is in the ready queue, what is to run later is in the heap of timers. `run` has the turn. What interrupts and
//! other threads may touch, the pool and the queue, is in `Shared`, behind a critical section, and reached from outside
//! through a [`Remote`] only: `EventLoop` itself is neither `Send` nor `Sync`.
//!
//! # Invariants
//! - **EXCLUSIVE**: `Shared` is only borrowed inside a critical section, for the length of one closure that calls no
//!   code of users.
//! - **LOCAL**: everything else is only touched in the loop's own context, which is one thread, or one core outside of
//!   interrupts.
//!
//! - **STARTED**: a loop is handed out, and gets memory to queue anything, when it has been started: it has a clock.
//!
//! # Costs
//! 56 bytes on a 32-bit chip beside the pool, and a word for the running loop. `call_soon` allocates the closure's size plus 8 bytes.

mod attention;
mod close;
mod complete;
mod current;
mod error;
mod handle;
mod memory;
mod remote;
mod run;
mod runner;
#[cfg(feature = "debug")]
mod slow;
mod source;
#[cfg(feature = "urgent")]
mod urgent;

use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::sync::atomic::Ordering::Relaxed;

pub(crate) use current::running;
pub use current::{get_event_loop, get_running_loop, set_event_loop};
pub use error::{AlreadyStarted, CloseError, ErrorContext, ExceptionHandler, NoRunningLoop, Refused, RunError};
pub(crate) use handle::end_call;
pub use handle::{AnyHandle, Handle, TimerHandle};
pub use memory::LoopMemory;
#[cfg(feature = "std")]
pub use memory::new_event_loop;
pub use remote::Remote;
pub use runner::{Runner, ShutdownError, run};
pub use source::{Readiness, Signal};
#[cfg(feature = "urgent")]
pub use urgent::UrgentLoop;

use crate::atomic::AtomicBool;
use crate::board::{Clock, Console};
#[cfg(feature = "debug")]
use crate::console;
use crate::coroutine::{Context, Resumed, Waker, mode};
use crate::list::List;
use crate::node::{CANCEL_REQUESTED, PAYLOAD};
use crate::pool::{GRANULE, Memory, Pool};
use crate::ready::Ready;
use crate::task::Task;
use crate::task::hooks::Hooks;
use crate::time::Instant;
use crate::timers::Timers;

/// What is only touched inside critical sections.
pub(crate) struct Shared {
    pub(crate) pool: Pool,
}

/// The loop is between the beginning and the end of a `run_…`.
const RUNNING: u8 = 1;
/// `close` was called.
const CLOSED: u8 = 4;
/// Outside of a run, code of users has borrowed something that a task owns: nothing may run, and nothing be closed.
const OCCUPIED: u8 = 8;
/// [`EventLoop::POLLING`] and [`EventLoop::RAISED`], which end with the run.
const POLLED: u8 = EventLoop::POLLING | EventLoop::RAISED;

/// See [`EventLoop::occupy`].
pub(crate) struct Occupied {
    event_loop: &'static EventLoop,
    state: u8,
}

impl Drop for Occupied {
    fn drop(&mut self) {
        self.event_loop.set_state(OCCUPIED, self.state & OCCUPIED != 0);
    }
}

/// An event loop; asyncio's, with asyncio's names.
///
/// Made by [`LoopMemory::start`]; on a host by `new_event_loop` too. Everything is done through a `&'static EventLoop`.
/// It belongs to the context that made it: interrupts and other threads use [`EventLoop::remote`].
///
/// ```
/// use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
///
/// fn tick(lp: &'static EventLoop) {
///     if lp.time() < Instant::from_ticks(3_000_000) {
///         lp.call_later(1.secs(), tick).unwrap();
///     } else {
///         lp.stop();
///     }
/// }
///
/// lp.call_soon(tick).unwrap();
/// lp.run_forever().unwrap();
/// assert!(lp.time().as_ticks() == 3_000_000 && !lp.is_running());
/// lp.close().unwrap();
/// assert!(lp.is_closed() && lp.call_soon(tick).is_err());
/// ```
/// # Errors
/// Callbacks give no result, and coroutines give theirs to whoever awaits them: asyncio's "Exception in callback" does not
/// exist. A panic, on a host, unwinds out of the run, and the loop can be run again.
///
/// # Not there
/// asyncio's executors (`run_in_executor`, `to_thread`) and what shuts down async generators: there are no such things.
pub struct EventLoop {
    /// Never changes after the start, so that it may be read in any context.
    memory: Cell<Memory>,
    shared: UnsafeCell<Shared>,
    pub(crate) ready: Ready,
    /// What is left of the turn's batch, for when it panics.
    #[cfg(panic = "unwind")]
    batch: Cell<u16>,
    /// Tasks to be resumed after an interrupt.
    parked: Ready,
    /// Something was woken that was in a list already: perhaps a parked task.
    nudged: AtomicBool,
    /// The node that runs, or that ran last and has not ended; 0 while code of users runs that is no task's.
    current: Cell<Resumed>,
    state: Cell<u8>,
    /// `close` was called: for other contexts, in critical sections. (In `Shared` it would take two bytes.)
    closed: AtomicBool,
    /// See [`attention`].
    attention: Cell<u8>,
    pub(crate) timers: Timers,
    /// All who wait for a task or a future, in the order in which they came.
    pub(crate) waits: List,
    /// What the first timer, wait or cancel request of a program brings along.
    pub(crate) hooks: Cell<Option<&'static Hooks>>,
    clock: Cell<Option<&'static dyn Clock>>,
    console: Cell<Option<&'static dyn Console>>,
    exception_handler: Cell<Option<ExceptionHandler>>,
    #[cfg(feature = "task-factory")]
    pub(crate) task_factory: Cell<Option<crate::task::TaskFactory>>,
    #[cfg(feature = "std")]
    turns: Cell<u64>,
    #[cfg(feature = "debug")]
    debug: Cell<bool>,
    /// One tick more than what was set; 0 if nothing was: a loop's memory starts as zeros.
    #[cfg(feature = "debug")]
    slow: Cell<u64>,
}

impl EventLoop {
    /// A loop without memory and clock; nothing but zeros.
    const fn new() -> EventLoop {
        EventLoop {
            memory: Cell::new(Memory::NONE),
            shared: UnsafeCell::new(Shared { pool: Pool::new() }),
            ready: Ready::new(),
            #[cfg(panic = "unwind")]
            batch: Cell::new(0),
            parked: Ready::new(),
            nudged: AtomicBool::new(false),
            current: Cell::new(Resumed::NONE),
            state: Cell::new(0),
            closed: AtomicBool::new(false),
            attention: Cell::new(0),
            timers: Timers::new(),
            waits: List::new(),
            hooks: Cell::new(None),
            clock: Cell::new(None),
            console: Cell::new(None),
            exception_handler: Cell::new(None),
            #[cfg(feature = "task-factory")]
            task_factory: Cell::new(None),
            #[cfg(feature = "std")]
            turns: Cell::new(0),
            #[cfg(feature = "debug")]
            debug: Cell::new(false),
            #[cfg(feature = "debug")]
            slow: Cell::new(0),
        }
    }

    #[inline(always)]
    pub(crate) fn memory(&self) -> Memory {
        self.memory.get()
    }

    /// The number of the node that has this payload.
    pub(crate) fn number(&self, payload: *mut u8) -> u16 {
        let bytes = payload as usize - PAYLOAD - self.memory().address(0) as usize;
        (bytes / GRANULE) as u16
    }

    /// Runs `f` with what is shared, in a critical section. `f` calls no code of users.
    #[inline(always)]
    pub(crate) fn shared<R>(&self, f: impl FnOnce(&mut Shared, Memory) -> R) -> R {
        // SAFETY: EXCLUSIVE.
        critical_section::with(|_| f(unsafe { &mut *self.shared.get() }, self.memory()))
    }

    /// Whether a live task has this number, whichever it is. In the loop's own context, which alone writes the bitmap.
    #[inline(always)]
    pub(crate) fn is_task(&self, id: u16) -> bool {
        // SAFETY: LOCAL.
        unsafe { Pool::is_task_of(self.memory(), self.last_number(), id) }
    }

    /// The largest number that a node can have: there are fewer nodes.
    #[inline(always)]
    pub(crate) fn last_number(&self) -> u16 {
        // SAFETY: the number of the last granule does not change after the start.
        unsafe { (&raw const (*self.shared.get()).pool.last).read() }
    }

    /// Queues a node, unless it is in a list already; then it answers false.
    ///
    /// # Safety
    /// NAMED holds for the number.
    #[inline(never)]
    pub(crate) unsafe fn push(&self, id: u16) -> bool {
        // SAFETY: the caller's promise.
        self.shared(|_, memory| unsafe { self.ready.push(memory, id) })
    }

    /// Queues the task that a waker names, if it is still there: it is resumed in the next turn. Waking twice is waking
    /// once. For coroutines written by hand, in the loop's own context; interrupts use [`Remote::wake`]. In asyncio a future's
    /// callback does this.
    #[inline(never)]
    pub fn wake(&self, waker: Waker) {
        // SAFETY: NAMED: it is in the bitmap, and nobody else takes it out.
        if self.is_task(waker.0) && !unsafe { self.push(waker.0) } {
            self.nudged.store(true, Relaxed);
        }
    }

    /// As `wake`, of the task that runs.
    ///
    /// # Safety
    /// NAMED holds for the number.
    pub(crate) unsafe fn wake_running(&self, waker: Waker) {
        // SAFETY: the caller's promise.
        if !unsafe { self.push(waker.0) } {
            self.nudged.store(true, Relaxed);
        }
    }

    /// As [`EventLoop::wake`], in any context.
    ///
    /// # Safety
    /// In a critical section.
    pub(crate) unsafe fn wake_masked(&self, waker: Waker) {
        // SAFETY: EXCLUSIVE; and as is checked.
        unsafe {
            if (*self.shared.get()).pool.contains(waker.0) {
                self.wake_registered(waker.0);
            }
        }
    }

    /// As [`EventLoop::wake`].
    ///
    /// # Safety
    /// In a critical section, and the number is that of a granule of this loop.
    #[inline]
    pub(crate) unsafe fn wake_registered(&self, waker: u16) {
        let memory = self.memory();
        // SAFETY: EXCLUSIVE, and the caller's promise. NAMED: it is in the bitmap.
        unsafe {
            if Pool::is_marked(memory, waker) && !self.ready.push(memory, waker) {
                self.nudged.store(true, Relaxed);
            }
        }
    }

    /// The number of the granule at an address; `None` if it is not in this loop's memory. In a critical section.
    pub(crate) fn number_of(&self, address: usize) -> Option<u16> {
        // SAFETY: EXCLUSIVE; the number of the last granule does not change after the start.
        unsafe { (*self.shared.get()).pool.number_of(self.memory(), address) }
    }

    /// Whether a task is queued in order to be cancelled: it takes the request as soon as it runs.
    ///
    /// # Safety
    /// As for `wake_registered`.
    pub(crate) unsafe fn is_being_cancelled(&self, task: u16) -> bool {
        // SAFETY: EXCLUSIVE, and the caller's promise. NAMED: it is in the bitmap.
        unsafe {
            Pool::is_marked(self.memory(), task) && {
                let header = self.header(task);
                header.has(CANCEL_REQUESTED) && header.next.load(Relaxed) != 0
            }
        }
    }

    /// As `wake_registered`, unless the task is queued in order to be cancelled: then it answers false.
    ///
    /// # Safety
    /// As for `wake_registered`.
    #[inline]
    pub(crate) unsafe fn wake_unless_cancelled(&self, task: u16) -> bool {
        let memory = self.memory();
        // SAFETY: EXCLUSIVE, and the caller's promise. NAMED: it is in the bitmap.
        unsafe {
            if Pool::is_marked(memory, task) && !self.ready.push(memory, task) {
                if self.header(task).has(CANCEL_REQUESTED) {
                    return false;
                }
                self.nudged.store(true, Relaxed);
            }
        }
        true
    }

    /// Whether something has registered the current task's interest in this step, since this was last asked: used by
    /// expansions of `block!`.
    #[doc(hidden)]
    pub fn take_interest(&self) -> bool {
        let current = self.current.get();
        self.current.set(Resumed { mode: 0, ..current });
        current.mode != 0
    }

    /// Names the running task, and notes that something will wake it.
    #[doc(hidden)]
    pub fn register_interest(&self) -> Waker {
        let current = self.current.get();
        self.current.set(Resumed { mode: current.mode | mode::INTEREST, ..current });
        current.waker
    }

    /// A `Runner` ends all tasks that are left.
    const SHUTTING_DOWN: u8 = 64;

    pub(crate) fn is_shutting_down(&self) -> bool {
        self.state.get() & Self::SHUTTING_DOWN != 0
    }

    pub(crate) fn begin_shutdown(&self) {
        self.state.set(self.state.get() | Self::SHUTTING_DOWN);
    }

    /// Remembers whether the exception handler is to be told that a cancel request was not counted; answers whether it was.
    pub(crate) fn remember_uncounted(&self, on: bool) -> bool {
        const UNCOUNTED: u8 = 128;
        let uncounted = self.state.get() & UNCOUNTED != 0;
        self.set_state(UNCOUNTED, on);
        uncounted
    }

    /// A future of `core` is being polled by who looks for `RAISED` afterwards.
    pub(crate) const POLLING: u8 = 16;
    /// A coroutine in that future was cancelled.
    pub(crate) const RAISED: u8 = 32;

    /// `POLLING` and `RAISED`.
    pub(crate) fn polling(&self) -> u8 {
        self.state.get() & POLLED
    }

    /// Sets `POLLING` and `RAISED`, and answers what they were.
    pub(crate) fn set_polling(&self, polling: u8) -> u8 {
        let state = self.state.get();
        self.state.set(state & !POLLED | polling);
        state & POLLED
    }

    /// Runs `step` as if for another task than the one that runs. If it cancels that, the one that runs is meant.
    pub(crate) fn step_as<R>(&'static self, task: &Task<()>, step: impl FnOnce(&mut Context<'_>) -> R) -> R {
        struct Back(&'static EventLoop, Resumed);
        impl Drop for Back {
            fn drop(&mut self) {
                let stood_in = self.0.current.replace(self.1);
                if stood_in.is_cancelled() && self.0.is_task(self.1.waker.0) {
                    self.0.cancel_task(self.1.waker.0);
                }
            }
        }
        let resumed = Resumed::new(task.id(), false);
        let _back = Back(self, self.current.replace(resumed));
        // SAFETY: FOR: no node's number is 0.
        step(&mut unsafe { Context::new(self, resumed) })
    }

    /// Has another node run; answers which one did.
    pub(crate) fn set_current(&self, current: Resumed) -> Resumed {
        self.current.replace(current)
    }

    /// Whether the task that runs is to be looked at when it is suspended.
    pub(crate) fn is_looked_at(&self) -> bool {
        // SAFETY: LOCAL. All four bytes would be loaded, and compared with a mask.
        unsafe { (&raw const (*self.current.as_ptr()).cancel).read() != 0 }
    }

    pub(crate) fn current(&self) -> u16 {
        self.current.get().waker.0
    }

    /// Has the task that runs looked at when it is suspended: it has cancelled itself.
    pub(crate) fn look_at_current(&self) {
        self.current.set(self.current.get().cancelled());
    }

    /// From here on no node runs, but code that is no task's: another node may take the place of the one that ran.
    #[inline(always)]
    pub(crate) fn leave_current(&self) {
        self.current.set(Resumed::NONE);
    }

    /// The time of the loop's clock; asyncio's `time`. It moves on within a turn.
    pub fn time(&self) -> Instant {
        self.clock().now()
    }

    /// The loop's clock.
    #[inline(always)]
    pub(crate) fn clock(&self) -> &'static dyn Clock {
        // SAFETY: STARTED.
        unsafe { self.clock.get().unwrap_unchecked() }
    }

    /// Ends the run when this turn's callbacks are done; asyncio's `stop`. Idempotent.
    ///
    /// What they add stays queued, and tasks stay as they are: nothing is cancelled. If the loop is not running, the next run
    /// ends after one turn.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// lp.stop();
    /// lp.run_forever().unwrap(); // what is ready runs, and nobody sleeps
    /// assert_eq!(lp.turn(), 1);
    /// ```
    pub fn stop(&self) {
        self.ask_to_stop();
    }

    /// Whether the loop is running: asked by its own callbacks, yes. asyncio's `is_running`.
    pub fn is_running(&self) -> bool {
        self.state.get() & RUNNING != 0
    }

    /// Whether the loop has been closed; asyncio's `is_closed`.
    pub fn is_closed(&self) -> bool {
        self.state.get() & CLOSED != 0
    }

    /// As `is_closed`, in any context, inside a critical section.
    pub(crate) fn is_closed_masked(&self) -> bool {
        self.closed.load(Relaxed)
    }

    fn set_state(&self, flag: u8, on: bool) {
        let state = self.state.get();
        self.state.set(if on { state | flag } else { state & !flag });
    }

    /// Until the answer is dropped, the loop can be neither run nor closed.
    pub(crate) fn occupy(&'static self) -> Occupied {
        let state = self.state.get();
        self.set_state(OCCUPIED, true);
        Occupied { event_loop: self, state }
    }

    /// How many turns the loop has begun. For tests and traces; asyncio does not count them.
    #[cfg(feature = "std")]
    pub fn turn(&self) -> u64 {
        self.turns.get()
    }

    /// The door for other contexts: interrupts and threads. asyncio's `call_soon_threadsafe` is [`Remote::call_soon`].
    pub fn remote(&'static self) -> Remote {
        Remote::new(self)
    }

    /// Where `println!` of the prelude writes while this loop runs. Without a console it writes nowhere. asyncio's programs
    /// have standard output.
    pub fn set_console(&self, console: &'static dyn Console) {
        self.console.set(Some(console));
    }

    pub(crate) fn console(&self) -> Option<&'static dyn Console> {
        self.console.get()
    }

    /// In debug mode (feature `debug`) a step of a task or a callback that takes as long as
    /// [`slow_callback_duration`](EventLoop::slow_callback_duration), or longer, is reported to the exception handler:
    /// "Executing took too long", with how long, and with the handle, or the task and the [places](crate::Location) where its step
    /// began and where it stopped. They are the innermost coroutine's; where more than one child of a
    /// [`gather`](crate::gather()) or a [`select`](crate::select()) runs, the place of who awaits it.
    ///
    /// Without a handler of its own, the loop writes it to its console. asyncio's `set_debug`, which also looks for calls from
    /// foreign threads; those do not compile here.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # static CLOCK: segno::host::VirtualClock = segno::host::VirtualClock::new();
    /// #[segno::coroutine]
    /// async fn receive(count: usize) {
    ///     for _ in 0..count {
    ///         sleep(1.secs()).await;
    ///     }
    ///     CLOCK.advance(30.millis()); // computes for so long
    /// }
    ///
    /// #[segno::coroutine]
    /// async fn serve() {
    ///     receive(2).await;
    ///     sleep(1.millis()).await;
    /// }
    ///
    /// # let lp = segno::new_event_loop(&CLOCK, 4096);
    /// lp.set_exception_handler(Some(|lp, context| {
    ///     // Executing took too long: task radio, 0.030 s, from receive (S1_line6_sleep) at src/main.rs:6
    ///     // to serve (S2_line14_sleep) at src/main.rs:14
    ///     segno::println!("{context}");
    ///     assert_eq!(context.took, Some(30.millis()));
    ///     let (began, stopped) = (context.began.unwrap(), context.stopped.unwrap());
    ///     assert_eq!((began.coroutine, stopped.coroutine), ("receive", "serve"));
    ///     assert!(began.state.starts_with("S1_line") && began.state.ends_with("_sleep"));
    ///     lp.stop();
    /// }));
    /// lp.set_slow_callback_duration(20.millis());
    /// lp.set_debug(true);
    /// lp.create_task_named("radio", serve()).unwrap();
    /// lp.run_forever().unwrap();
    /// ```
    #[cfg(feature = "debug")]
    pub fn set_debug(&self, debug: bool) {
        self.debug.set(debug);
    }

    /// Whether the loop is in debug mode; asyncio's `get_debug`.
    #[cfg(feature = "debug")]
    pub fn get_debug(&self) -> bool {
        self.debug.get()
    }

    /// How long a step may take in debug mode; 100 ms, unless it was set. asyncio's `slow_callback_duration`.
    #[cfg(feature = "debug")]
    pub fn slow_callback_duration(&self) -> crate::time::Duration {
        crate::time::Duration::from_ticks(self.slow.get().checked_sub(1).unwrap_or(100_000))
    }

    /// Sets how long a step may take in debug mode; after zero, every step is reported. In asyncio an attribute.
    #[cfg(feature = "debug")]
    pub fn set_slow_callback_duration(&self, duration: crate::time::Duration) {
        self.slow.set(duration.as_ticks().saturating_add(1));
    }

    /// Who is told of errors; `None` for the default. asyncio's `get_exception_handler`.
    pub fn get_exception_handler(&self) -> Option<ExceptionHandler> {
        self.exception_handler.get()
    }

    /// Who is told of errors that nobody else was told of; `None` for the default, which writes the message to the
    /// console, and with the feature `debug` the [whole context](ErrorContext). asyncio's `set_exception_handler`. A handler has
    /// no way to fail; one that panics, on a host, unwinds like a callback.
    pub fn set_exception_handler(&self, handler: Option<ExceptionHandler>) {
        self.exception_handler.set(handler);
    }

    /// Tells the exception handler, inside of this call; asyncio's `call_exception_handler`, and without a handler its
    /// `default_exception_handler`. An example is at [`ErrorContext`].
    pub fn call_exception_handler(&'static self, context: &ErrorContext) {
        match (self.exception_handler.get(), self.console.get()) {
            (Some(handler), _) => handler(self, context),
            (None, Some(console)) => {
                #[cfg(feature = "debug")]
                console::write_to(console, format_args!("{context}"));
                #[cfg(not(feature = "debug"))]
                console.write_str(context.message);
                console.write_str("\n");
            }
            (None, None) => {}
        }
    }
}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop").field("running", &self.is_running()).field("closed", &self.is_closed()).finish()
    }
}
