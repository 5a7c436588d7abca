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
//! A critical section for the look at the queue, one for each node, one for the end of the batch.

use super::current::{running, set_running};
use super::error::RunError;
use super::{EventLoop, RUNNING, STOPPING};
use crate::coroutine::{Context, Waker};
use crate::node::{CANCEL_REQUESTED, CANCELLED, ENDED, Kind, RELAYED, STARTED, Step, TAKEN};
use crate::ready::Ready;

/// Ends a run, also when it unwinds.
struct Running(&'static EventLoop);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.set_state(RUNNING | STOPPING, false);
        self.0.current.set(0);
        set_running(None);
    }
}

impl EventLoop {
    /// Runs until `stop`; asyncio's `run_forever`. If `stop` was called before, runs exactly one turn, without sleeping.
    ///
    /// # Errors
    /// [`RunError::Closed`], [`RunError::AlreadyRunning`] or [`RunError::AnotherLoopRunning`]: nothing was run.
    pub fn run_forever(&'static self) -> Result<(), RunError> {
        self.check_idle()?;
        self.set_state(RUNNING, true);
        set_running(Some(self));
        let running = Running(self);
        loop {
            self.run_turn();
            if self.is_stopping() {
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
        } else if self.is_running() {
            Err(RunError::AlreadyRunning)
        } else if running().is_some() {
            Err(RunError::AnotherLoopRunning)
        } else {
            Ok(())
        }
    }

    fn run_turn(&'static self) {
        #[cfg(feature = "std")]
        self.turns.set(self.turns.get() + 1);
        let mut parked = self.take_parked();
        let pending = || self.shared(|shared, _| !shared.ready.is_empty() || shared.nudged && !parked.is_empty());
        if !self.is_stopping()
            && !pending()
            && let Some(clock) = self.clock()
        {
            clock.idle(self.timers.next_deadline(), &pending);
        }
        if !parked.is_empty() {
            self.shared(|shared, memory| shared.ready.append(memory, &mut parked));
        }
        if !self.timers.is_empty() {
            self.fire_due_timers();
        }
        let last = self.shared(|shared, _| {
            shared.nudged = false;
            shared.ready.last()
        });
        if last == 0 {
            return;
        }
        loop {
            let id = self.shared(|shared, memory| shared.ready.pop(memory));
            if id == 0 {
                break;
            }
            // SAFETY: NAMED: it was in the queue.
            unsafe { self.run_node(id) };
            if id == last {
                break;
            }
        }
        self.current.set(0);
    }

    /// Queues whatever is due.
    ///
    /// In asyncio a `sleep` waits for a future: its timer sets the future's result in one turn, and the task goes on in
    /// the next one, behind what the callbacks of the first one have queued. Sleeping tasks are therefore queued as
    /// RELAYED. But if they are all that there is to run, then the first of the two turns would do nothing else, and it
    /// is only counted.
    fn fire_due_timers(&self) {
        let now = self.time();
        let mut relaying = self.is_stopping() || self.shared(|shared, _| !shared.ready.is_empty());
        let mut sleepers = false;
        loop {
            let timer = self.timers.pop_due(now);
            if timer.is_null() {
                break;
            }
            // SAFETY: ARMED: it was in the heap, and its owner is still there.
            let (target, is_call) = unsafe { ((*timer).target(), (*timer).is_call()) };
            if is_call {
                if !relaying {
                    self.relay_all();
                    relaying = true;
                }
                // SAFETY: NAMED: a pending timer's target. It is queued before the loop gives up its reference.
                unsafe {
                    self.push(target);
                    self.release(target);
                }
            } else {
                sleepers = true;
                self.fire_sleeper(target, relaying);
            }
        }
        #[cfg(feature = "std")]
        if sleepers && !relaying {
            self.turns.set(self.turns.get() + 1);
        }
        #[cfg(not(feature = "std"))]
        let _ = sleepers;
    }

    /// Queues a task whose timer has fired. If it is queued already, it runs when it would have run.
    fn fire_sleeper(&self, id: u16, relayed: bool) {
        self.shared(|shared, memory| {
            if shared.pool.is_task(memory, id) {
                // SAFETY: NAMED: it is in the bitmap.
                unsafe {
                    if shared.ready.push(memory, id) && relayed {
                        self.header(id).set(RELAYED);
                    }
                }
            }
        });
    }

    /// Makes all that is queued RELAYED: sleeping tasks that were thought to be alone.
    #[cold]
    fn relay_all(&self) {
        self.shared(|shared, memory| {
            let mut all = Ready::new();
            loop {
                let id = shared.ready.pop(memory);
                if id == 0 {
                    break;
                }
                // SAFETY: NAMED: it was in the queue.
                unsafe {
                    if shared.pool.is_task(memory, id) {
                        self.header(id).set(RELAYED);
                    }
                    all.push(memory, id);
                }
            }
            shared.ready.append(memory, &mut all);
        });
    }

    /// # Safety
    /// NAMED holds for the number, and the node was taken from the queue.
    #[inline]
    unsafe fn run_node(&'static self, id: u16) {
        // SAFETY: the caller's promise.
        let header = unsafe { self.header(id) };
        let flags = header.flags.get();
        if flags & (ENDED | CANCEL_REQUESTED | RELAYED) != 0 {
            // SAFETY: the caller's promise.
            let runs = unsafe { self.prepare_unusual(id) };
            if !runs {
                return;
            }
        }
        header.flags.set((flags | STARTED) & !CANCEL_REQUESTED);
        self.current.set(id);
        let mut cx = Context::new(self, Waker(id), flags & CANCEL_REQUESTED != 0);
        // SAFETY: CONTENT: the node has not ended, so its payload is what it is for.
        let step = unsafe { (header.vtable.run)(self.payload(id), &mut cx) };
        if step == Step::Called {
            return;
        }
        // SAFETY: NAMED: a task that has not ended has the loop's reference.
        unsafe { self.after_step(id, step, cx.take_cancel()) };
    }

    /// What to do with a queued node that has ended, or that is to be cancelled. True if it is to be run all the same.
    ///
    /// # Safety
    /// NAMED holds for the number, and the node was taken from the queue.
    #[cold]
    unsafe fn prepare_unusual(&'static self, id: u16) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            if header.is_ended() {
                if header.vtable.kind == Kind::Guest && !header.has(TAKEN) {
                    self.stop();
                }
                if header.references.get() == 0 {
                    self.free_unless_queued(id);
                }
                return false;
            }
            if header.has(RELAYED) {
                header.clear(RELAYED);
                self.push(id);
                return false;
            }
            if header.has(STARTED) {
                return true;
            }
            // Cancelled before its first step: the body never runs.
            self.drop_payload(id, CANCELLED);
            self.end_task(id);
            false
        }
    }
}
