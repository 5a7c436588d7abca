//! `Timeout`: a timeout that can be asked and moved.
//!
//! # The problem
//! What a timeout guards, or somebody else, moves the deadline while it runs: later, away, sooner, or into the past. asyncio
//! queues a callback then, which cancels the task in the next turn, also if what the task waits for ends until then.
//!
//! # The design
//! A [`Timeout`] points to what guards, while it does. For a deadline in the past a callback is queued, as in asyncio. If the pool
//! has no room for it, the task's own node takes its place, as when a timer fires; then the limit may come a turn later, if what
//! the task waits for ends in the turn in which it was moved. A timeout that is a branch's queues nothing: see
//! [`timeout`](super::timeout()).
//!
//! # Costs
//! On a 32-bit chip 40 bytes where it is, beside the frame of what it guards; 16 in the loop's memory for a turn, when it is moved
//! into the past.

use core::cell::Cell;
use core::error::Error;
use core::fmt;
use core::pin::Pin;
use core::ptr;

use super::timeout::{EXPIRED, FINISHED, NEVER, NEW_AFTER, NEW_AT, NEW_NEVER, PASSED, QUEUED, Scope, TimedOut};
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::event_loop::{EventLoop, Handle};
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::time::{Duration, Instant};
use crate::timers::{DUE, EXPIRING, FIRED};

/// Why a [`Timeout`] refuses what it is asked to do; asyncio's `RuntimeError`, in its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutStateError {
    /// What it guards has not started.
    NotEntered,
    /// It guards something already, or has.
    AlreadyEntered,
    /// What it guarded has ended in time.
    Finished,
    /// It has passed, and what it guards is being cancelled.
    Expiring,
    /// It has passed, and what it guarded has ended.
    Expired,
}

impl fmt::Display for TimeoutStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeoutStateError::NotEntered => "Timeout has not been entered",
            TimeoutStateError::AlreadyEntered => "Timeout has already been entered",
            TimeoutStateError::Finished => "Cannot change state of finished Timeout",
            TimeoutStateError::Expiring => "Cannot change state of expiring Timeout",
            TimeoutStateError::Expired => "Cannot change state of expired Timeout",
        })
    }
}

impl Error for TimeoutStateError {}

/// A timeout that can be asked and moved while it guards something; asyncio's `Timeout` object.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{Timeout, TimedOut, host::VirtualClock};
/// #[segno::coroutine]
/// async fn patient(lp: &'static EventLoop, limit: &Timeout) {
///     sleep(8.millis()).await;
///     limit.reschedule(Some(lp.time() + 10.millis())).unwrap();
///     sleep(8.millis()).await;
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let limit = Timeout::after(10.millis());
/// let outcome = lp.run_until_complete(limit.scope(patient(lp, &limit)).unwrap()).unwrap();
/// assert_eq!(outcome, Ok(()));
/// assert!(!limit.expired());
/// ```
pub struct Timeout {
    ticks: Cell<u64>,
    state: Cell<u8>,
    /// Something was given to it to guard.
    claimed: Cell<bool>,
    /// What guards, while it does: in a pinned frame, which takes itself out of here when it ends or is dropped.
    scope: Cell<*const Scope>,
    event_loop: Cell<Option<&'static EventLoop>>,
    /// asyncio's callback, which was queued for a deadline in the past. It refers to the scope.
    callback: Cell<Option<Handle>>,
}

impl Timeout {
    const fn new(ticks: u64, state: u8) -> Timeout {
        Timeout {
            ticks: Cell::new(ticks),
            state: Cell::new(state),
            claimed: Cell::new(false),
            scope: Cell::new(ptr::null()),
            event_loop: Cell::new(None),
            callback: Cell::new(None),
        }
    }

    /// Passes `delay` after what it guards has started; asyncio's `timeout(delay)`.
    pub const fn after(delay: Duration) -> Timeout {
        Timeout::new(delay.as_ticks(), NEW_AFTER)
    }

    /// Passes at `when`; asyncio's `timeout_at(when)`.
    pub const fn at(when: Instant) -> Timeout {
        Timeout::new(when.as_ticks(), NEW_AT)
    }

    /// Passes when it is told to, by [`Timeout::reschedule`]; asyncio's `timeout(None)`.
    pub const fn never() -> Timeout {
        Timeout::new(0, NEW_NEVER)
    }

    /// Guards `coroutine`, as [`timeout`](super::timeout()) does; asyncio's `async with`. What cancel does to it is described there.
    ///
    /// # Errors
    /// [`TimeoutStateError::AlreadyEntered`] if it was asked to guard something before. The output is [`TimedOut`] as for
    /// [`timeout`](super::timeout()).
    pub fn scope<C: IntoCoroutine>(&self, coroutine: C) -> Result<TimeoutScope<'_, C::Coroutine>, TimeoutStateError> {
        if self.claimed.replace(true) {
            return Err(TimeoutStateError::AlreadyEntered);
        }
        let scope = Scope::new(self.ticks.get(), self.state.get());
        Ok(TimeoutScope { scope, timeout: self, body: coroutine.into_coroutine() })
    }

    /// Moves the deadline; `None` takes it away. One that has passed comes in the next turn, where a callback would run that were
    /// queued now: the guarded coroutine is cancelled then if it has not ended. asyncio's `reschedule`.
    ///
    /// One that is moved into the past in the very turn in which it passes, before the loop has come to it, may come a turn before
    /// asyncio's; and a turn after it if the pool has no room for the callback.
    ///
    /// # Errors
    /// [`TimeoutStateError`] if what it guards has not started, has ended, or is being cancelled because it has passed.
    pub fn reschedule(&self, when: Option<Instant>) -> Result<(), TimeoutStateError> {
        // SAFETY: the scope is there: it takes itself out when it goes away.
        let scope = unsafe { self.scope.get().as_ref() };
        let (Some(scope), Some(event_loop)) = (scope, self.event_loop.get()) else {
            return Err(match self.state.get() {
                FINISHED => TimeoutStateError::Finished,
                EXPIRED => TimeoutStateError::Expired,
                _ => TimeoutStateError::NotEntered,
            });
        };
        let state = scope.state();
        if state == EXPIRING || state == FIRED && !scope.take_back(event_loop) {
            return Err(TimeoutStateError::Expiring);
        }
        self.forget_callback();
        scope.set(event_loop, when.map(|when| when.as_ticks()));
        if scope.state() == PASSED && !self.call_soon(scope, event_loop) && event_loop.current() != scope.timer.target()
        {
            if state == DUE {
                scope.timer.state.set(DUE);
            } else {
                scope.passed(event_loop);
            }
        }
        Ok(())
    }

    /// Queues asyncio's callback; false if there is none.
    fn call_soon(&self, scope: &Scope, event_loop: &'static EventLoop) -> bool {
        if scope.is_local() || !event_loop.is_task(scope.timer.target()) {
            return false;
        }
        let pointer = ptr::from_ref(scope);
        // SAFETY: the scope is pinned, and cancels the callback before it goes away.
        let Ok(callback) = event_loop.call_soon(move |event_loop| unsafe { &*pointer }.expire(event_loop)) else {
            return false;
        };
        self.callback.set(Some(callback));
        scope.timer.state.set(QUEUED);
        true
    }

    fn forget_callback(&self) {
        if let Some(callback) = self.callback.take() {
            callback.cancel();
        }
    }

    /// The deadline; asyncio's `when`. `None` if there is none; and with [`Timeout::after`], until what it guards has started.
    pub fn when(&self) -> Option<Instant> {
        // SAFETY: as in `reschedule`.
        let (ticks, state) = match unsafe { self.scope.get().as_ref() } {
            Some(scope) => (scope.timer.ticks(), scope.state()),
            None => (self.ticks.get(), self.state.get()),
        };
        // Without a deadline a scope says that it is the last moment of all.
        let set = !matches!(state, NEW_AFTER | NEW_NEVER | NEVER) && ticks != u64::MAX;
        set.then(|| Instant::from_ticks(ticks))
    }

    /// Whether it has passed while it guarded something, which was cancelled for it; asyncio's `expired`.
    pub fn expired(&self) -> bool {
        // SAFETY: as in `reschedule`.
        match unsafe { self.scope.get().as_ref() } {
            Some(scope) => match scope.state() {
                EXPIRING => true,
                FIRED => !self.event_loop.get().is_some_and(|event_loop| scope.is_pending(event_loop)),
                _ => false,
            },
            None => self.state.get() == EXPIRED,
        }
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout").field("when", &self.when()).field("expired", &self.expired()).finish()
    }
}

/// Made by [`Timeout::scope`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct TimeoutScope<'a, C> {
    scope: Scope,
    timeout: &'a Timeout,
    body: C,
}

impl<C: Coroutine> Coroutine for TimeoutScope<'_, C> {
    type Output = Result<C::Output, TimedOut>;

    fn is_error(output: &Self::Output) -> bool {
        output.as_ref().map_or(true, C::is_error)
    }

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: `body` is structurally pinned: it is never moved out of a pinned `TimeoutScope`.
        let this = unsafe { self.get_unchecked_mut() };
        this.timeout.scope.set(&raw const this.scope);
        this.timeout.event_loop.set(cx.event_loop());
        if this.scope.state() == QUEUED {
            // Resumed perhaps by another task than before.
            this.scope.timer.set_target(cx.waker().0);
        }
        // SAFETY: as above.
        let answer = this.scope.resume(unsafe { Pin::new_unchecked(&mut this.body) }, cx);
        if !matches!(answer, Resume::Pending) {
            this.leave();
        }
        answer
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.body) }.locate(locator);
    }
}

impl<C> TimeoutScope<'_, C> {
    /// Takes itself out of the timeout, and leaves behind how it ended.
    fn leave(&self) {
        if ptr::eq(self.timeout.scope.get(), &raw const self.scope) {
            self.timeout.scope.set(ptr::null());
            self.timeout.forget_callback();
            let state = match self.scope.state() {
                state @ (FINISHED | EXPIRED) => state,
                EXPIRING | FIRED => EXPIRED,
                _ => FINISHED,
            };
            self.timeout.state.set(state);
            self.timeout.ticks.set(self.scope.timer.ticks());
        }
    }
}

impl<C> Drop for TimeoutScope<'_, C> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<C> fmt::Debug for TimeoutScope<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeoutScope")
    }
}
