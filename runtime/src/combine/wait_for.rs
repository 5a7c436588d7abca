//! `wait_for`.
//!
//! # The problem
//! To wait for one thing, but not for ever: asyncio's `wait_for`, as CPython has it since 3.12. What is not there in
//! time is cancelled, and waited for until it has ended; only then comes the timeout.
//!
//! # The design
//! A [`timeout`](crate::timeout()) around an await, except that without any time left nothing is started: a coroutine is
//! dropped as it is, a task or a future that has not ended is cancelled, and its end waited for, from outside, as asyncio
//! does, whose waiting task is resumed one turn after it learns of the end.
//!
//! # Costs
//! As `timeout`.

use core::fmt;
use core::pin::Pin;

use super::timeout::{Scope, TimedOut};
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume, mode};
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::time::Duration;

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It waits under a timeout.
    Waiting,
    /// There is no time: what it waits for is not to be started.
    NotStarted,
    /// There is no time: the task or future is to be cancelled.
    ToCancel,
    /// It has been cancelled, and is waited for.
    Cancelling,
    /// It has ended, and this is queued once more, as asyncio waits for the end through a future of its own.
    Ended,
}

/// Waits for `awaited`, for `delay` at most; asyncio's `wait_for`. The delay counts from the first resume. To wait without a
/// limit (asyncio's `None`), await it.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{wait_for, TimedOut, host::VirtualClock};
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// assert_eq!(lp.run_until_complete(wait_for(sleep(1.millis()), 5.millis())).unwrap(), Ok(()));
/// assert_eq!(lp.run_until_complete(wait_for(sleep(9.millis()), 5.millis())).unwrap(), Err(TimedOut));
/// ```
/// A coroutine may borrow from its caller; it is no task. When the time is over it is cancelled, and may clean up; so is
/// a task or a future, for all who wait for it, unless it stands in a [`shield`](crate::shield). If it catches that and
/// ends with a value, that is the answer. Without a delay nothing is started: only what has ended already has a result.
///
/// Cancelling who awaits this cancels what is awaited, and what comes of it is no timeout.
///
/// # Errors
/// [`TimedOut`] if it has not ended in time.
pub fn wait_for<C: IntoCoroutine>(awaited: C, delay: Duration) -> WaitFor<C::Coroutine> {
    let stage = match awaited.is_future() {
        _ if delay.as_ticks() != 0 => Stage::Waiting,
        Some(true) => Stage::Waiting,
        Some(false) => Stage::ToCancel,
        None => Stage::NotStarted,
    };
    WaitFor { scope: Scope::after(delay), stage, body: Body::Running(awaited.into_coroutine()) }
}

/// Made by [`wait_for`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct WaitFor<C: Coroutine> {
    scope: Scope,
    stage: Stage,
    body: Body<C>,
}

enum Body<C: Coroutine> {
    Running(C),
    /// What it has answered, until that is told.
    Ended(Resume<C::Output>),
}

impl<C: Coroutine> Coroutine for WaitFor<C> {
    type Output = Result<C::Output, TimedOut>;

    fn is_error(output: &Self::Output) -> bool {
        output.as_ref().map_or(true, C::is_error)
    }

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: `body` is structurally pinned: it is never moved out of a pinned `WaitFor`, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        match &mut this.body {
            // SAFETY: as above.
            Body::Running(body) if this.stage == Stage::Waiting => unsafe {
                this.scope.resume(Pin::new_unchecked(body), cx)
            },
            _ => this.resume_without_time(cx),
        }
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        if let Body::Running(body) = unsafe { &mut self.get_unchecked_mut().body } {
            // SAFETY: as in `resume`.
            unsafe { Pin::new_unchecked(body) }.locate(locator);
        }
    }
}

impl<C: Coroutine> WaitFor<C> {
    /// Has this resumed in the next turn.
    fn again(&self, cx: &Context<'_>) -> Resume<Result<C::Output, TimedOut>> {
        match cx.event_loop() {
            Some(event_loop) => {
                event_loop.wake(cx.waker());
                Resume::Pending
            }
            None => Resume::Done(Err(TimedOut)),
        }
    }

    /// This is pinned.
    #[cold]
    fn resume_without_time(&mut self, cx: &mut Context<'_>) -> Resume<Result<C::Output, TimedOut>> {
        if self.stage == Stage::NotStarted {
            self.body = Body::Ended(Resume::Cancelled);
            return Resume::Done(Err(TimedOut));
        }
        if cx.take_cancel() {
            self.body = Body::Ended(Resume::Cancelled);
            return Resume::Cancelled;
        }
        match &mut self.body {
            Body::Running(body) => {
                // SAFETY: it is in a pinned `WaitFor`, as above.
                let mut body = unsafe { Pin::new_unchecked(body) };
                let mut answer = body.as_mut().resume(&mut cx.child(false, mode::OBSERVER));
                if self.stage == Stage::ToCancel && matches!(answer, Resume::Pending) {
                    self.stage = Stage::Cancelling;
                    answer = body.resume(&mut cx.child(true, mode::OBSERVER | mode::LOCAL));
                    if matches!(answer, Resume::Pending) {
                        return Resume::Pending;
                    }
                    // It is a future, which ends at once: the callback that is told of it comes in the next turn.
                } else if matches!(answer, Resume::Pending) {
                    return Resume::Pending;
                } else if self.stage == Stage::Cancelling {
                    self.stage = Stage::Ended;
                } else {
                    self.body = Body::Ended(answer);
                    return self.resume_without_time(cx);
                }
                self.body = Body::Ended(answer);
                self.again(cx)
            }
            Body::Ended(_) if self.stage == Stage::Cancelling => {
                self.stage = Stage::Ended;
                self.again(cx)
            }
            Body::Ended(answer) => match core::mem::replace(answer, Resume::Cancelled) {
                Resume::Done(output) => Resume::Done(Ok(output)),
                _ => Resume::Done(Err(TimedOut)),
            },
        }
    }
}

impl<C: Coroutine> fmt::Debug for WaitFor<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitFor")
    }
}
