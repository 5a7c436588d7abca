//! Waiting for something that a primitive has: the leaf that the primitives share.
//!
//! # The problem
//! To wait is to look, to queue up, to be resumed, with or without a reason, to be cancelled before or after having been
//! woken, and to be dropped at any moment. Each primitive has the same chances to get that wrong.
//!
//! # The design
//! [`Wait`] does it once. A [`Source`] says what is waited for, in asyncio's rules: whether it can be had at once; what to
//! do when woken; to whom a wake-up is passed on that came too late.
//!
//! # Costs
//! The waiter and the source in the frame. One critical section for each resume.

use core::fmt;
use core::pin::Pin;

use super::waiters::{Masked, Waiter, Waiters, masked};
use crate::coroutine::{Context, Coroutine, Resume};

/// What can be waited for. All methods are called with interrupts masked.
pub trait Source {
    /// What one gets.
    type Output;

    /// Those who wait for the same thing.
    fn waiters(&self) -> &Waiters;

    /// Takes it, if nobody need wait.
    fn begin(&self, masked: &mut Masked<'_>) -> Option<Self::Output>;

    /// Takes it, having been woken and left the list; `None` to wait again, behind the others.
    fn woken(&self, masked: &mut Masked<'_>) -> Option<Self::Output>;

    /// Takes it, resumed without having been woken, if nobody else is going to be woken for it. That is so when a waiter
    /// was passed over because it was to be cancelled, and then was not.
    fn overlooked(&self, _masked: &mut Masked<'_>, _first: bool) -> Option<Self::Output> {
        None
    }

    /// It was cancelled or dropped while it waited, and has left the list.
    fn abandoned(&self, _masked: &mut Masked<'_>, _woken: bool) {}
}

/// Waits for what a primitive has; made by [`Event::wait`](super::Event::wait), [`Lock::acquire`](super::Lock::acquire) and
/// the like. It costs no turn if there is nothing to wait for.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Wait<S: Source> {
    waiter: Waiter,
    source: S,
}

impl<S: Source> Wait<S> {
    pub(super) const fn new(source: S) -> Wait<S> {
        Wait { waiter: Waiter::new(), source }
    }

    #[inline]
    fn step(&self, masked: &mut Masked<'_>, cx: &mut Context<'_>) -> Resume<S::Output> {
        let waiters = self.source.waiters();
        let taken = if !self.waiter.has_entered() {
            self.source.begin(masked)
        } else if cx.take_cancel() {
            self.abandon(masked);
            return Resume::Cancelled;
        } else if !self.waiter.is_waiting(masked) {
            // SAFETY: it has entered, and this list is the only one that it ever enters.
            unsafe { waiters.leave(masked, &self.waiter) };
            self.source.woken(masked)
        } else {
            let first = waiters.is_first(masked, &self.waiter);
            let taken = self.source.overlooked(masked, first);
            if taken.is_none() {
                self.waiter.renew(masked, cx);
                return Resume::Pending;
            }
            // SAFETY: as above.
            unsafe { waiters.leave(masked, &self.waiter) };
            taken
        };
        match taken {
            Some(output) => Resume::Done(output),
            None => {
                // SAFETY: ENTERED: this is pinned, and leaves when it is dropped.
                unsafe { waiters.enter(masked, &self.waiter, cx) };
                Resume::Pending
            }
        }
    }

    fn abandon(&self, masked: &mut Masked<'_>) {
        // SAFETY: it has entered, and this list is the only one that it ever enters.
        let woken = unsafe { self.source.waiters().leave(masked, &self.waiter) };
        self.source.abandoned(masked, woken);
    }
}

impl<S: Source> Coroutine for Wait<S> {
    type Output = S::Output;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<S::Output> {
        let this = self.into_ref().get_ref();
        masked(|masked| this.step(masked, cx))
    }
}

impl<S: Source> Drop for Wait<S> {
    #[inline]
    fn drop(&mut self) {
        if self.waiter.has_entered() {
            masked(|masked| self.abandon(masked));
        }
    }
}

impl<S: Source> fmt::Debug for Wait<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("waiting", &self.waiter.has_entered()).finish_non_exhaustive()
    }
}
