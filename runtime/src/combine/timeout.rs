//! `timeout` and `timeout_at`. For one that can be moved, see [`movable`](super::movable).
//!
//! # The problem
//! asyncio's timeout is a timer that cancels the task; the block that it guards then turns the cancellation into
//! `TimeoutError`. It needs no second task, so here it can guard a coroutine that borrows from its caller. But it must
//! tell its own cancellation from others', nested timeouts must not mistake each other's, and what the task waits for
//! must be cancelled in the turn in which asyncio does it.
//!
//! # The design
//! The timer is in the pinned frame, as that of `sleep` is. What its firing means depends on who else is in the task:
//!
//! - Alone (the usual case: a chain of awaits), it is asyncio's: the task gets a cancel request, which is counted and
//!   reaches whatever the task waits for, a task or a future at once. At the end the request is taken back; if no more are
//!   left than when the timeout began, a cancellation becomes [`TimedOut`]. The request is made where asyncio's callback
//!   stands in the batch: the task's own node takes that place (`EventLoop::expire`). Only if the task is to be resumed in
//!   that turn anyway, it is, and is cancelled when it is suspended.
//! - Beside others (a child of `gather!` or `select!` whose siblings are resumed in the same task), the task is none of its
//!   business. It is resumed, sees that its timer is gone, and cancels its own child, which is not counted.
//!
//! # Costs
//! 28 bytes of frame on a 32-bit chip beside the guarded coroutine, no memory of the loop. Nothing can be full.

use core::cell::Cell;
use core::error::Error;
use core::fmt;
use core::pin::Pin;
use core::sync::atomic::Ordering::Relaxed;

use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume, mode};
use crate::event_loop::EventLoop;
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::node::CANCEL_REQUESTED;
use crate::time::{Duration, Instant};
use crate::timers::{DUE, EXPIRING, FIRED, TimerNode};

/// It has not been resumed; the timer's ticks are the delay.
pub(super) const NEW_AFTER: u8 = 0;
/// The same, and the ticks are the deadline.
pub(super) const NEW_AT: u8 = 1;
/// The same, and there is no deadline.
pub(super) const NEW_NEVER: u8 = 2;
/// The timer is armed; or it has fired, and nothing has come of it yet.
const ENTERED: u8 = 3;
/// There is no deadline.
pub(super) const NEVER: u8 = 4;
/// The deadline had passed when it was set: when the task is suspended, it is cancelled.
pub(super) const PASSED: u8 = 5;
/// It has ended in time.
pub(super) const FINISHED: u8 = 6;
/// It has ended after the deadline.
pub(super) const EXPIRED: u8 = 7;
/// The deadline was moved into the past, and a callback has been queued for it.
pub(super) const QUEUED: u8 = 8;

/// In place of the count: it is a branch's, see the module.
const LOCAL: u32 = u32::MAX - 1;
/// The same, and its child was cancelled by others too.
const OTHERS: u32 = u32::MAX;

/// The deadline has passed; asyncio's `TimeoutError`. What [`timeout`], [`wait_for`](crate::wait_for()) and
/// [`as_completed`](crate::as_completed) answer.
#[doc(alias = "TimeoutError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("timed out")
    }
}

impl Error for TimedOut {}

/// Cancels `coroutine` when `delay` has passed; asyncio's `async with timeout(delay)`. The delay counts from the first
/// resume.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{timeout, TimedOut, host::VirtualClock};
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let outcome = lp.run_until_complete(timeout(10.millis(), sleep(1.secs()))).unwrap();
/// assert_eq!(outcome, Err(TimedOut));
/// ```
/// The coroutine starts in any case, and a timeout that has passed already comes at the first suspension. (In
/// [`wait_for`](crate::wait_for) it does not start.) It may clean up when it is cancelled, and the timeout waits for that. If
/// it catches the cancellation and ends with a value, that is the answer.
///
/// Cancelling who awaits this cancels the coroutine, and what comes of it is no timeout.
///
/// # Errors
/// [`TimedOut`] if the coroutine was cancelled by this timeout, and by nobody else.
pub fn timeout<C: IntoCoroutine>(delay: Duration, coroutine: C) -> WithTimeout<C::Coroutine> {
    WithTimeout { scope: Scope::new(delay.as_ticks(), NEW_AFTER), body: coroutine.into_coroutine() }
}

/// As [`timeout`], at a moment of the loop's clock; asyncio's `timeout_at`.
///
/// # Errors
/// As [`timeout`].
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{timeout_at, TimedOut, host::VirtualClock};
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let end = lp.time() + 3.millis();
/// assert_eq!(lp.run_until_complete(timeout_at(end, sleep(4.millis()))).unwrap(), Err(TimedOut));
/// ```
pub fn timeout_at<C: IntoCoroutine>(when: Instant, coroutine: C) -> WithTimeout<C::Coroutine> {
    WithTimeout { scope: Scope::new(when.as_ticks(), NEW_AT), body: coroutine.into_coroutine() }
}

/// What is done for a timeout whatever it guards.
pub(super) struct Scope {
    /// Its `state` is this timeout's.
    pub(super) timer: TimerNode,
    /// How many cancel requests the task had when this began; of a branch, which counts none, `LOCAL` or `OTHERS`.
    cancelling: Cell<u32>,
}

impl Scope {
    pub(super) const fn new(ticks: u64, state: u8) -> Scope {
        Scope { timer: TimerNode::with_state(ticks, state), cancelling: Cell::new(0) }
    }

    pub(super) const fn after(delay: Duration) -> Scope {
        Scope::new(delay.as_ticks(), NEW_AFTER)
    }

    pub(super) fn state(&self) -> u8 {
        self.timer.state.get()
    }

    pub(super) fn is_local(&self) -> bool {
        self.cancelling.get() >= LOCAL
    }

    /// Before the body is resumed; answers whether it is to be cancelled by this timeout.
    fn before(&self, cx: &Context<'_>) -> bool {
        if self.state() <= NEW_NEVER {
            self.enter(cx);
            return false;
        }
        if self.timer.is_armed() {
            // Resumed perhaps by another task than before.
            self.timer.set_target(cx.waker().0);
        }
        if !self.is_local() {
            return false;
        }
        if cx.is_cancelling() {
            self.cancelling.set(OTHERS);
            return false;
        }
        let fired = self.state() == ENTERED && !self.timer.is_armed();
        if fired {
            self.timer.state.set(EXPIRING);
        }
        fired
    }

    #[inline(never)]
    fn enter(&self, cx: &Context<'_>) {
        let Some(event_loop) = cx.require_event_loop() else {
            return self.timer.state.set(NEVER);
        };
        self.timer.set_target(cx.waker().0);
        if cx.has(mode::BRANCH) {
            self.cancelling.set(LOCAL);
        } else if event_loop.is_task(cx.waker().0) {
            // SAFETY: NAMED: it is in the bitmap.
            self.cancelling.set(unsafe { event_loop.cancelling(cx.waker().0) });
        }
        let when = match self.state() {
            NEW_NEVER => None,
            NEW_AT => Some(self.timer.ticks()),
            _ => Some(event_loop.time().as_ticks().saturating_add(self.timer.ticks())),
        };
        self.set(event_loop, when);
    }

    /// Sets or moves the deadline.
    pub(super) fn set(&self, event_loop: &'static EventLoop, when: Option<u64>) {
        self.timer.disarm();
        let state = match when {
            None => {
                self.timer.set_ticks(u64::MAX); // what `when` says, also after the end
                NEVER
            }
            Some(when) => {
                self.timer.set_ticks(when);
                if when <= event_loop.time().as_ticks() {
                    PASSED
                } else {
                    event_loop.use_waiting();
                    self.timer.set_timeout(!self.is_local());
                    // SAFETY: ARMED: this is pinned, and disarms the timer when it is dropped.
                    unsafe { event_loop.timers.insert(&self.timer) };
                    ENTERED
                }
            }
        };
        self.timer.state.set(state);
    }

    /// When the body is suspended.
    fn suspended(&self, cx: &Context<'_>) {
        let state = self.state();
        if state == PASSED || state == ENTERED && !self.timer.is_armed() && !self.is_local() {
            self.overdue(cx.event_loop());
        }
    }

    /// The deadline has passed, unnoticed by the loop.
    #[inline(never)]
    fn overdue(&self, event_loop: Option<&'static EventLoop>) {
        let id = self.timer.target();
        let Some(event_loop) = event_loop.filter(|event_loop| event_loop.is_task(id)) else { return };
        let passed = self.state() == PASSED;
        if self.is_local() {
            // It sees that itself when it is resumed.
            self.timer.state.set(ENTERED);
            return event_loop.wake(crate::Waker(id));
        }
        event_loop.use_waiting();
        // SAFETY: NAMED: it is in the bitmap.
        unsafe {
            let header = event_loop.header(id);
            if passed && header.next.load(Relaxed) == 0 && !header.has(CANCEL_REQUESTED) {
                // asyncio's callback would be queued now.
                event_loop.expire(&self.timer);
                return;
            }
            self.timer.state.set(EXPIRING);
            if passed {
                // asyncio's callback would stand before the task in the queue, or be one of two requests.
                event_loop.count_request(id);
                header.set(CANCEL_REQUESTED);
            } else {
                // The task was queued when the timer fired, or because of that, and has just been resumed.
                event_loop.cancel_task(id);
            }
        }
    }

    /// asyncio's callback for a deadline in the past.
    pub(super) fn expire(&self, event_loop: &'static EventLoop) {
        let id = self.timer.target();
        if event_loop.is_task(id) {
            self.timer.state.set(EXPIRING);
            event_loop.cancel_task(id);
        }
    }

    /// Others have moved the deadline into the past. asyncio's callback would be queued now, and there is no room for one.
    pub(super) fn passed(&self, event_loop: &'static EventLoop) {
        let id = self.timer.target();
        if self.is_local() || !event_loop.is_task(id) {
            return self.overdue(Some(event_loop));
        }
        // SAFETY: NAMED: it is in the bitmap.
        unsafe {
            let header = event_loop.header(id);
            if header.next.load(Relaxed) == 0 || header.is_relayed() {
                event_loop.use_waiting();
                event_loop.expire(&self.timer);
            } else {
                // Behind the task, which is queued: it is cancelled if it is suspended again.
                self.timer.state.set(ENTERED);
            }
        }
    }

    /// Whether the request of a timer that has `FIRED` is still to be made where the loop comes to the task.
    pub(super) fn is_pending(&self, event_loop: &'static EventLoop) -> bool {
        let id = self.timer.target();
        // SAFETY: NAMED: it is in the bitmap.
        self.state() == FIRED && event_loop.is_task(id) && unsafe { event_loop.header(id) }.is_relayed()
    }

    /// Takes that request back. If the task has others, the loop goes on with those.
    pub(super) fn take_back(&self, event_loop: &'static EventLoop) -> bool {
        if !self.is_pending(event_loop) {
            return false;
        }
        let id = self.timer.target();
        // SAFETY: NAMED: it is in the bitmap.
        unsafe {
            if event_loop.uncount_request(id) <= self.cancelling.get() {
                event_loop.header(id).clear(CANCEL_REQUESTED);
            }
        }
        true
    }

    /// The body has ended; answers whether that is a timeout, if it was cancelled.
    #[inline(never)]
    fn exit(&self, cx: &mut Context<'_>) -> bool {
        self.timer.disarm();
        if !matches!(self.state(), EXPIRING | FIRED) {
            self.timer.state.set(FINISHED);
            return false;
        }
        self.timer.state.set(EXPIRED);
        if self.is_local() {
            return self.cancelling.get() != OTHERS;
        }
        let id = self.timer.target();
        let Some(event_loop) = cx.event_loop().filter(|event_loop| event_loop.is_task(id)) else { return true };
        // SAFETY: NAMED: it is in the bitmap.
        let left = unsafe { event_loop.uncancel(id) };
        event_loop.tell_uncounted();
        if left == 0 {
            cx.take_cancel();
        }
        left <= self.cancelling.get()
    }

    /// Resumes what is guarded.
    pub(super) fn resume<C: Coroutine>(
        &self,
        body: Pin<&mut C>,
        cx: &mut Context<'_>,
    ) -> Resume<Result<C::Output, TimedOut>> {
        match self.state() {
            DUE => {
                self.overdue(cx.event_loop());
                return Resume::Pending;
            }
            FIRED => self.timer.state.set(EXPIRING),
            _ => {}
        }
        let answer = if self.before(cx) {
            body.resume(&mut cx.child(true, mode::BRANCH | mode::LOCAL))
        } else {
            body.resume(cx)
        };
        match answer {
            Resume::Pending => {
                self.suspended(cx);
                Resume::Pending
            }
            Resume::Done(output) => {
                self.exit(cx);
                Resume::Done(Ok(output))
            }
            Resume::Cancelled if self.exit(cx) => Resume::Done(Err(TimedOut)),
            Resume::Cancelled => Resume::Cancelled,
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.timer.disarm();
    }
}

/// Made by [`timeout`] and [`timeout_at`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct WithTimeout<C> {
    scope: Scope,
    body: C,
}

impl<C: Coroutine> Coroutine for WithTimeout<C> {
    type Output = Result<C::Output, TimedOut>;

    fn is_error(output: &Self::Output) -> bool {
        output.as_ref().map_or(true, C::is_error)
    }

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: `body` is structurally pinned: it is never moved out of a pinned `WithTimeout`.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        this.scope.resume(unsafe { Pin::new_unchecked(&mut this.body) }, cx)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.body) }.locate(locator);
    }
}

impl<C> fmt::Debug for WithTimeout<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithTimeout")
    }
}
