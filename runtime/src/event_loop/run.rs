//! The turn, and running until something happens.
//!
//! # The problem
//! Who runs when is the loop's contract: asyncio's `_run_once`, whose order programs rely on.
//!
//! # The design
//! One turn:
//! 1. if nothing is ready, and `stop` was not called: sleep until the next deadline or an interrupt;
//! 2. append the tasks parked by `resume_after_interrupt` to the ready queue;
//! 3. append every due timer, in the order of deadlines, then of registration;
//! 4. run exactly the nodes that are queued now; what they add runs in the next turn.
//!
//! So callbacks that call `call_soon` starve neither timers nor interrupts; `stop` lets the batch finish; a callback in
//! the batch can still be cancelled by one in front of it; and a timer that is due runs after what was ready before.
//!
//! # Panics
//! On a host a panic in a callback or a coroutine unwinds out of the run. The loop can be run again: what was queued
//! behind it still is. A coroutine that panicked has ended, as if cancelled.
//!
//! # Costs
//! One critical section for each timer that fires; with threads or a second core, one more for each turn. Executed instructions
//! on a Cortex-M4, at `opt-level = "s"` with fat LTO, the coroutine's own included (`tests/footprint/run.sh`):
//!
//! | path | instructions |
//! |---|---|
//! | interrupt, `WakerCell::wake` → the task's code | 78 |
//! | the task's code, `register_current` → `Clock::idle` | 48 |
//! | alarm → the task's code, no other timer / any number of later ones | 117 / 156 |
//! | the task's code, `sleep_until` → `Clock::idle` | 93 / 122 |

use core::hint::black_box;
use core::sync::atomic::Ordering::Relaxed;

use super::current::{running, set_running};
use super::error::RunError;
use super::{EventLoop, OCCUPIED, RUNNING};
use crate::board::Idle;
use crate::coroutine::{Context, Resumed, Waker};
use crate::node::{CANCEL_REQUESTED, ENDED, Header, Kind, NEW, PAYLOAD, RELAYED, TAKEN};
use crate::pool::Memory;
#[cfg(panic = "unwind")]
use crate::ready::Ready;
#[cfg(panic = "unwind")]
use crate::ready::set_after;
use crate::ready::{after, pop};
use crate::timers::TimerNode;

/// Ends a run, also when it unwinds.
struct Running(&'static EventLoop);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.end_run();
        self.0.leave_current();
        #[cfg(panic = "unwind")]
        self.0.put_batch_back();
        set_running(None);
    }
}

impl EventLoop {
    /// Runs until [`stop`](EventLoop::stop); asyncio's `run_forever`. If `stop` was called before, runs exactly one turn, without
    /// sleeping. It can be run again, and goes on where it was.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// lp.call_later(2.secs(), |lp| {
    ///     assert_eq!(lp.run_forever().unwrap_err(), RunError::AlreadyRunning);
    ///     lp.stop();
    /// })
    /// .unwrap();
    /// lp.run_forever().unwrap();
    /// assert_eq!(lp.time().as_ticks(), 2_000_000);
    /// ```
    /// # Errors
    /// [`RunError::Closed`], [`RunError::AlreadyRunning`] or [`RunError::AnotherLoopRunning`]: nothing was run.
    pub fn run_forever(&'static self) -> Result<(), RunError> {
        self.check_idle()?;
        self.set_state(RUNNING, true);
        // What rustc knows of the only loop of a program, it would put into each place that asks for the running one: as an
        // address of 8 bytes, where a register has it already.
        set_running(Some(black_box(self)));
        let running = Running(self);
        self.begin_unusual(true);
        loop {
            self.fire_due_timers();
            self.run_batch();
            if !self.is_unusual() {
                self.begin_turn();
            } else if !self.begin_unusual(false) {
                break;
            }
        }
        drop(running);
        Ok(())
    }

    /// Whether a run may begin.
    pub(crate) fn check_idle(&self) -> Result<(), RunError> {
        if self.is_closed() {
            Err(RunError::Closed)
        } else if self.state.get() & (RUNNING | OCCUPIED) != 0 {
            Err(RunError::AlreadyRunning)
        } else if running().is_some() {
            Err(RunError::AnotherLoopRunning)
        } else {
            Ok(())
        }
    }

    /// Sleeps, if nothing is ready.
    #[inline(always)]
    fn begin_turn(&'static self) {
        #[cfg(feature = "std")]
        self.turns.set(self.turns.get() + 1);
        if self.ready.is_empty() {
            self.clock().idle(Idle::of(self));
        }
    }

    /// Begins the first turn of a run, or one in which there may be more to do than to sleep; false if the run is over.
    #[cold]
    #[inline(never)]
    fn begin_unusual(&'static self, first: bool) -> bool {
        if !self.is_stopping() {
            self.begin_turn();
        } else if !first {
            return false;
        } else {
            #[cfg(feature = "std")]
            self.turns.set(self.turns.get() + 1);
        }
        self.unpark_all();
        true
    }

    /// Runs exactly the nodes that are queued now.
    #[inline(always)]
    pub(super) fn run_batch(&'static self) {
        let mut id = self.ready.take();
        let memory = self.memory();
        while id != 0 {
            // SAFETY: NAMED: it was in the queue.
            unsafe {
                let next = pop(memory, id);
                #[cfg(panic = "unwind")]
                self.batch.set(next);
                self.run_node(memory, id);
                #[cfg(panic = "unwind")]
                let next = self.batch.get();
                id = next;
            }
        }
    }

    /// Takes a node out of what is left of the batch; false if it is not in it.
    #[cfg(panic = "unwind")]
    pub(crate) fn take_from_batch(&self, id: u16) -> bool {
        let memory = self.memory();
        let (mut before, mut at) = (0, self.batch.get());
        while at != 0 && at != id {
            before = at;
            // SAFETY: NAMED: it is in the batch.
            at = unsafe { after(memory, at) };
        }
        if at == 0 {
            return false;
        }
        // SAFETY: NAMED and LINK: the batch is the loop's own.
        unsafe {
            let next = pop(memory, id);
            if before == 0 {
                self.batch.set(next);
            } else {
                set_after(memory, before, next);
            }
        }
        true
    }

    /// Puts a node that was just taken from the batch back, behind another one; false if that one is not in it.
    #[cfg(panic = "unwind")]
    pub(crate) fn put_in_batch(&self, id: u16, before: u16) -> bool {
        let memory = self.memory();
        let mut at = self.batch.get();
        // SAFETY: NAMED and LINK: the batch is the loop's own, and so is the node.
        unsafe {
            while at != before {
                if at == 0 {
                    return false;
                }
                at = after(memory, at);
            }
            if at != 0 {
                set_after(memory, id, after(memory, at));
                set_after(memory, at, id);
            }
        }
        at != 0
    }

    /// Elsewhere the loop does not know its batch.
    #[cfg(not(panic = "unwind"))]
    #[inline(always)]
    pub(crate) fn put_in_batch(&self, _: u16, _: u16) -> bool {
        false
    }

    /// Whether there is something to do without waiting for an interrupt or a deadline.
    #[inline(always)]
    pub(crate) fn is_pending(&self) -> bool {
        !self.ready.is_empty() || self.is_nudged()
    }

    /// Whether a parked task was woken, perhaps.
    #[inline(always)]
    pub(super) fn is_nudged(&self) -> bool {
        self.nudged.load(Relaxed) && !self.parked.is_empty()
    }

    /// Where panics unwind: puts what a panic has left of the batch back, in front of what was queued since.
    #[cfg(panic = "unwind")]
    pub(super) fn put_batch_back(&self) {
        let mut id = self.batch.replace(0);
        if id != 0 {
            let rest = Ready::new();
            // SAFETY: NAMED: it was in the queue. This is the loop's own context.
            self.shared(|_, memory| unsafe {
                while id != 0 {
                    let next = pop(memory, id);
                    rest.push(memory, id);
                    id = next;
                }
                rest.append(memory, &self.ready);
                self.ready.append(memory, &rest);
            });
        }
    }

    /// Queues whatever is due.
    ///
    /// In asyncio a `sleep` waits for a future: its timer sets the future's result in one turn, and the task goes on in
    /// the next one, behind what the callbacks of the first one have queued. Sleeping tasks are therefore queued as
    /// RELAYED. But if they are all that there is to run, then the first of the two turns would do nothing else, and it
    /// is only counted.
    #[inline]
    pub(super) fn fire_due_timers(&self) {
        if self.timers.first().is_null() {
            return;
        }
        let now = self.time();
        let mut relayed = if self.is_stopping() || !self.ready.is_empty() { RELAYED } else { 0 };
        loop {
            let timer = self.timers.first();
            // SAFETY: ARMED: it is the first one in the heap, and its owner is still there when it has left.
            unsafe {
                if timer.is_null() || !self.timers.pop_due(timer, now) {
                    break;
                }
                if (*timer).is_sleeper() {
                    self.fire_sleeper((*timer).target(), relayed);
                } else if let Some(hooks) = self.hooks.get() {
                    relayed = (hooks.due)(self, timer, relayed);
                }
            }
        }
        #[cfg(feature = "std")]
        if relayed == 0 && !self.ready.is_empty() {
            self.turns.set(self.turns.get() + 1);
        }
    }

    /// Queues a call whose timer has fired.
    ///
    /// # Safety
    /// The timer was pending until now, and is a call's.
    pub(crate) unsafe fn fire_call(&self, timer: *const TimerNode, relayed: u8) -> u8 {
        if relayed == 0 {
            self.relay_all();
        }
        // SAFETY: NAMED: the target of a pending timer. It is queued before the loop gives up its reference.
        unsafe {
            let id = (*timer).target();
            self.push(id);
            self.release(id);
        }
        RELAYED
    }

    /// Queues a task whose timer has fired. If it is queued already, it runs when it would have run.
    fn fire_sleeper(&self, id: u16, relayed: u8) {
        let memory = self.memory();
        if !self.is_task(id) {
            return;
        }
        // SAFETY: NAMED: it is in the bitmap, and nobody else takes it out.
        unsafe {
            critical_section::with(|_| {
                if self.ready.push(memory, id) {
                    // Also if that is nothing: to look is no shorter.
                    self.header(id).set(relayed);
                }
            });
        }
    }

    /// Makes all that is queued RELAYED: sleeping tasks that were thought to be alone.
    #[cold]
    pub(crate) fn relay_all(&self) {
        self.shared(|_, memory| {
            let mut id = self.ready.first();
            while id != 0 {
                // SAFETY: NAMED: it is in the queue.
                unsafe {
                    self.header(id).set(RELAYED);
                    id = after(memory, id);
                }
            }
        });
    }

    /// # Safety
    /// NAMED holds for the number, and the node was taken from the queue.
    #[inline(always)]
    unsafe fn run_node(&'static self, memory: Memory, id: u16) {
        // SAFETY: the caller's promise.
        unsafe {
            let node = memory.address(id);
            let header = &*node.cast::<Header>();
            let mut resumed = Resumed::new(id, false);
            if header.has(NEW | ENDED | CANCEL_REQUESTED | RELAYED) {
                resumed = self.prepare_unusual(id);
                if resumed.waker == Waker::NONE {
                    return;
                }
            }
            self.current.set(resumed);
            // FOR: the number is not 0.
            let mut cx = Context::new(self, resumed);
            #[cfg(feature = "debug")]
            let watched = self.debug.get().then(|| self.watch(id));
            #[cfg(feature = "statistics")]
            let began = self.time();
            // CONTENT: the node has not ended, so its payload is what it is for.
            (header.vtable.run)(node.wrapping_add(PAYLOAD), &mut cx);
            #[cfg(feature = "debug")]
            if let Some(watched) = watched {
                self.report_slow(watched, if self.current() == id { id } else { 0 });
            }
            #[cfg(feature = "statistics")]
            if self.current() == id {
                header.statistics.count_step(began, self.time());
            }
            if self.is_looked_at() {
                self.tell_suspended(id, cx.take_cancel());
            }
        }
    }

    /// What to do with a queued node that has ended, is new, relayed, or to be cancelled: how to run it, or `NONE`.
    ///
    /// # Safety
    /// NAMED holds for the number, and the node was taken from the queue.
    #[cold]
    unsafe fn prepare_unusual(&'static self, id: u16) -> Resumed {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            let flags = header.flags.get();
            if flags & (ENDED | TAKEN) == ENDED && header.vtable.kind == Kind::Guest {
                self.stop();
            }
            let cancelled = flags & CANCEL_REQUESTED != 0;
            if flags & ENDED != 0 || cancelled && flags & NEW != 0 {
                // Cancelled before its first step, the body never runs; but this may also mean something else.
                self.leave_current();
                return self.pass(id);
            }
            if flags & RELAYED != 0 {
                header.flags.set(flags & !RELAYED);
                self.push(id);
                return Resumed::NONE;
            }
            header.flags.set(flags & !(NEW | CANCEL_REQUESTED));
            Resumed::new(id, cancelled)
        }
    }
}
