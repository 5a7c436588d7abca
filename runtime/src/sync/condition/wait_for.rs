//! `wait_for`: waiting at a condition, until something is true of what its lock protects.
//!
//! # The problem
//! A notification says that something has changed, not that it is as it should be: who waits must look, with the lock, and
//! wait again.
//!
//! # The design
//! The wait of a condition in a loop, with the predicate called whenever it holds the lock. There are two types, for what
//! cancel does differs: who begins with the lock has it again when it is cancelled, who begins without may never have it.
//!
//! # Costs
//! The wait, and what the predicate captures.

use core::fmt;
use core::mem;
use core::pin::Pin;

use super::super::waiters::masked;
use super::{ConditionGuard, ConditionWait, Stage};
use crate::coroutine::{Cancelled, Context, Coroutine, Resume};

/// Made by [`Condition::wait_for`](super::Condition::wait_for).
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct ConditionWaitFor<'a, T, F> {
    wait: ConditionWait<'a, T>,
    predicate: F,
}

impl<'a, T, F> ConditionWaitFor<'a, T, F> {
    pub(super) const fn new(wait: ConditionWait<'a, T>, predicate: F) -> ConditionWaitFor<'a, T, F> {
        ConditionWaitFor { wait, predicate }
    }
}

impl<'a, T, F: FnMut(&mut T) -> bool> Coroutine for ConditionWaitFor<'a, T, F> {
    type Output = ConditionGuard<'a, T>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<ConditionGuard<'a, T>> {
        // SAFETY: `wait` is not moved; `predicate` is never pinned.
        let this = unsafe { self.get_unchecked_mut() };
        loop {
            if this.wait.stage.get() == Stage::Holding {
                // If the predicate panics, the guard releases the lock.
                let mut guard = this.wait.guard();
                if (this.predicate)(&mut guard) {
                    return Resume::Done(guard);
                }
                mem::forget(guard);
                this.wait.stage.set(Stage::Holding);
            }
            match masked(|masked| this.wait.step(masked, cx)) {
                Resume::Pending => return Resume::Pending,
                Resume::Done(()) => {}
                Resume::Cancelled => return Resume::Cancelled,
            }
        }
    }
}

impl<T, F> fmt::Debug for ConditionWaitFor<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionWaitFor").field("wait", &self.wait).finish_non_exhaustive()
    }
}

/// Made by [`ConditionGuard::wait_for`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct GuardWaitFor<'a, T, F> {
    inner: ConditionWaitFor<'a, T, F>,
}

impl<'a, T, F> GuardWaitFor<'a, T, F> {
    pub(super) const fn new(inner: ConditionWaitFor<'a, T, F>) -> GuardWaitFor<'a, T, F> {
        GuardWaitFor { inner }
    }

    /// As [`ConditionWait::catch_cancel`]: the error has the guard in it. Python's
    /// `try: await condition.wait_for(predicate) except CancelledError:`, in which the lock is held.
    ///
    /// ```
    /// use segno::prelude::*;
    ///
    /// static LEVEL: Condition<Lock<u32>> = Condition::with_lock(Lock::with_value(0));
    ///
    /// #[segno::coroutine]
    /// async fn fill_at_last() -> u32 {
    ///     let guard = LEVEL.acquire().await;
    ///     match ConditionGuard::wait_for(guard, |level| *level > 0).catch_cancel().await {
    ///         Ok(level) => *level,
    ///         Err((mut level, Cancelled)) => {
    ///             *level = 9;
    ///             *level
    ///         }
    ///     }
    /// }
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// # let task = lp.create_task(fill_at_last()).unwrap();
    /// # let cancelled = task.as_any();
    /// # lp.call_later(1.millis(), move |_| assert!(cancelled.cancel())).unwrap();
    /// # assert_eq!(lp.run_until_complete(task), Ok(9));
    /// # assert!(!LEVEL.locked());
    /// ```
    ///
    /// # Errors
    /// The guard, and [`Cancelled`], if it was cancelled.
    pub fn catch_cancel(self) -> CatchWaitFor<'a, T, F> {
        CatchWaitFor { inner: self.inner }
    }
}

impl<'a, T, F: FnMut(&mut T) -> bool> Coroutine for GuardWaitFor<'a, T, F> {
    type Output = ConditionGuard<'a, T>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<ConditionGuard<'a, T>> {
        // SAFETY: `inner` is structurally pinned: it is never moved out of a pinned `GuardWaitFor`.
        unsafe { self.map_unchecked_mut(|this| &mut this.inner) }.resume(cx)
    }
}

impl<T, F> fmt::Debug for GuardWaitFor<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardWaitFor").field("wait", &self.inner.wait).finish_non_exhaustive()
    }
}

/// Made by [`GuardWaitFor::catch_cancel`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct CatchWaitFor<'a, T, F> {
    inner: ConditionWaitFor<'a, T, F>,
}

impl<'a, T, F: FnMut(&mut T) -> bool> Coroutine for CatchWaitFor<'a, T, F> {
    type Output = Result<ConditionGuard<'a, T>, (ConditionGuard<'a, T>, Cancelled)>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: as in `GuardWaitFor`.
        let mut inner = unsafe { self.map_unchecked_mut(|this| &mut this.inner) };
        match inner.as_mut().resume(cx) {
            Resume::Pending => Resume::Pending,
            Resume::Done(guard) => Resume::Done(Ok(guard)),
            // Who began with the lock is cancelled when it has it again.
            Resume::Cancelled => Resume::Done(Err((inner.wait.guard(), Cancelled))),
        }
    }
}

impl<T, F> fmt::Debug for CatchWaitFor<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchWaitFor").field("wait", &self.inner.wait).finish_non_exhaustive()
    }
}
