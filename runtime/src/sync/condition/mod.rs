//! `Condition`: waiting until what a lock protects has changed.
//!
//! # The problem
//! Who waits for a change must let go of the lock in the same moment in which it begins to wait, and have it again when it
//! goes on, also if it goes on because it was cancelled: the code around it still believes that it holds the lock.
//!
//! # The design
//! asyncio's. [`ConditionGuard::wait`] takes the guard and gives it back. While it waits, it is in the condition's list, then
//! in the lock's, with the same node. A cancel request ends the first wait but not the second one: it goes on with the
//! lock, and a notification that it may have had is passed on to another, which may therefore find nothing changed.
//!
//! # Costs
//! 12 bytes on a 32-bit chip beside what the lock protects, 28 in the frame of who waits, 8 for a guard. `notify` masks
//! interrupts for a walk through those it wakes, and those who are woken or to be cancelled but did not run yet.

mod wait_for;

use core::cell::Cell;
use core::error::Error;
use core::fmt;
use core::mem;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;

use super::lock::{Lock, LockGuard, NotAcquired};
use super::wait::{Source, Wait};
use super::waiters::{Masked, Waiter, Waiters, masked};
use crate::coroutine::{Cancelled, Context, Coroutine, Resume};
pub use wait_for::{CatchWaitFor, ConditionWaitFor, GuardWaitFor};

/// A lock, and a list of those who wait for what it protects to change; asyncio's `Condition`.
///
/// It has a lock of its own, `Condition::with_lock(Lock::with_value(…))`, or shares one with others,
/// `Condition::with_lock(&LOCK)`.
///
/// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
/// threads.
///
/// ```
/// use segno::prelude::*;
/// # use segno::host::VirtualClock;
///
/// static LEVEL: Condition<Lock<u32>> = Condition::with_lock(Lock::with_value(0));
///
/// #[segno::coroutine]
/// async fn wait_until_full() -> u32 {
///     let level = LEVEL.wait_for(|level| *level >= 3).await;
///     *level
/// }
///
/// #[segno::coroutine]
/// async fn fill() {
///     for _ in 0..3 {
///         sleep(1.millis()).await;
///         let mut level = LEVEL.acquire().await;
///         *level += 1;
///         level.notify_all();
///     }
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// let task = lp.create_task(wait_until_full()).unwrap();
/// lp.create_task(fill()).unwrap();
/// assert_eq!(lp.run_until_complete(task), Ok(3));
/// ```
pub struct Condition<L = Lock> {
    lock: L,
    waiters: Waiters,
}

/// The lock of a [`Condition`]: a [`Lock`], or a reference to one; asyncio's `Condition(lock)`.
pub trait AsLock {
    /// What it protects.
    type Value;

    /// The lock.
    fn as_lock(&self) -> &Lock<Self::Value>;
}

impl<T> AsLock for Lock<T> {
    type Value = T;

    #[inline(always)]
    fn as_lock(&self) -> &Lock<T> {
        self
    }
}

impl<T> AsLock for &Lock<T> {
    type Value = T;

    #[inline(always)]
    fn as_lock(&self) -> &Lock<T> {
        self
    }
}

impl Condition {
    /// A condition with a lock of its own, which protects whatever its users agree upon.
    pub const fn new() -> Condition {
        Condition::with_lock(Lock::new())
    }
}

impl<L> Condition<L> {
    /// A condition of this lock: a [`Lock`], or a reference to one.
    pub const fn with_lock(lock: L) -> Condition<L> {
        Condition { lock, waiters: Waiters::new() }
    }
}

impl<L: AsLock> Condition<L> {
    /// As [`Lock::acquire`], cancelled too; the guard can also wait and notify. asyncio's `acquire`.
    pub fn acquire(&self) -> Wait<ForCondition<'_, L::Value>> {
        Wait::new(ForCondition { lock: self.lock.as_lock(), waiters: &self.waiters })
    }

    /// As [`Lock::acquire_nowait`].
    pub fn acquire_nowait(&self) -> Option<ConditionGuard<'_, L::Value>> {
        let guard = self.lock.as_lock().acquire_nowait()?;
        Some(ConditionGuard { guard, waiters: &self.waiters })
    }

    /// As [`Lock::locked`].
    pub fn locked(&self) -> bool {
        self.lock.as_lock().locked()
    }

    /// Acquires the lock, and waits until `predicate` is true of what it protects: asyncio's `async with condition: await
    /// condition.wait_for(predicate)`. Costs no turn if nobody has the lock and it is true. The predicate is only called with
    /// the lock. It gives the guard, where asyncio's gives what the predicate has answered.
    ///
    /// When cancelled, as [`Lock::acquire`] or [`ConditionGuard::wait`].
    pub fn wait_for<F>(&self, predicate: F) -> ConditionWaitFor<'_, L::Value, F>
    where
        F: FnMut(&mut L::Value) -> bool,
    {
        let wait = ConditionWait::new(self.lock.as_lock(), &self.waiters, Stage::New);
        ConditionWaitFor::new(wait, predicate)
    }

    /// As [`ConditionGuard::notify`], for who has no guard at hand.
    ///
    /// # Errors
    /// [`UnacquiredLock::Notify`] if the lock is not locked, by whomever.
    pub fn notify(&self, count: usize) -> Result<(), UnacquiredLock> {
        masked(|masked| {
            if !self.lock.as_lock().is_locked(masked) {
                return Err(UnacquiredLock::Notify);
            }
            self.waiters.wake(masked, count);
            Ok(())
        })
    }

    /// As [`ConditionGuard::notify_all`], for who has no guard at hand.
    ///
    /// # Errors
    /// As [`Condition::notify`].
    pub fn notify_all(&self) -> Result<(), UnacquiredLock> {
        self.notify(usize::MAX)
    }
}

impl<L> Condition<L> {
    /// As [`Condition::notify_all`], without a look at the lock.
    pub(super) fn wake_all(&self) {
        masked(|masked| self.waiters.wake(masked, usize::MAX));
    }
}

impl<L: AsLock<Value = ()>> Condition<L> {
    /// As [`Lock::release`], for those who have forgotten the guard.
    ///
    /// # Errors
    /// [`NotAcquired`] if it is not locked.
    pub fn release(&self) -> Result<(), NotAcquired> {
        self.lock.as_lock().release()
    }

    /// As [`ConditionGuard::wait`], for those who have forgotten the guard; it gives them one again.
    ///
    /// # Errors
    /// [`UnacquiredLock::Wait`] if the lock is not locked, by whomever.
    pub fn wait(&self) -> Result<ConditionWait<'_, ()>, UnacquiredLock> {
        let lock = self.lock.as_lock();
        if lock.locked() {
            Ok(ConditionWait::new(lock, &self.waiters, Stage::Holding))
        } else {
            Err(UnacquiredLock::Wait)
        }
    }
}

impl<L: Default> Default for Condition<L> {
    fn default() -> Condition<L> {
        Condition::with_lock(L::default())
    }
}

impl<L: AsLock> fmt::Debug for Condition<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.locked() { "<Condition locked>" } else { "<Condition unlocked>" })
    }
}

/// What needs a lock was asked of a condition whose lock is not locked; asyncio's `RuntimeError`. What
/// [`Condition::notify`] and [`Condition::wait`] answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnacquiredLock {
    /// To wait.
    Wait,
    /// To notify.
    Notify,
}

impl fmt::Display for UnacquiredLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UnacquiredLock::Wait => "cannot wait on un-acquired lock",
            UnacquiredLock::Notify => "cannot notify on un-acquired lock",
        })
    }
}

impl Error for UnacquiredLock {}

/// The condition's lock is locked, and released when this is dropped; made by [`Condition::acquire`]. Gives access to what
/// the lock protects. asyncio's `async with condition` block.
///
/// ```
/// # use segno::prelude::*;
/// static LEVEL: Condition<Lock<u32>> = Condition::with_lock(Lock::with_value(0));
///
/// #[segno::coroutine]
/// async fn wait_for_a_change() -> u32 {
///     let mut level = LEVEL.acquire().await;
///     let before = *level;
///     while *level == before {
///         level = level.wait().await; // without the lock; then with it again
///     }
///     *level
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let task = lp.create_task(wait_for_a_change()).unwrap();
/// lp.run_until_complete(sleep(1.millis())).unwrap();
/// let mut level = LEVEL.acquire_nowait().unwrap();
/// *level = 7;
/// level.notify(1);
/// drop(level);
/// assert_eq!(lp.run_until_complete(task), Ok(7));
/// ```
#[must_use = "a guard that is dropped at once releases the lock at once"]
pub struct ConditionGuard<'a, T = ()> {
    guard: LockGuard<'a, T>,
    waiters: &'a Waiters,
}

impl<'a, T> ConditionGuard<'a, T> {
    /// Releases the lock, waits for a notification, and acquires the lock again; asyncio's `wait`.
    ///
    /// It may also end without a reason: look at what the lock protects, or use [`ConditionGuard::wait_for`].
    ///
    /// When cancelled, it stops waiting for a notification, but still acquires the lock before the cancellation goes on; then
    /// the guard is dropped. To go on with the lock, [catch the cancellation here](ConditionWait::catch_cancel).
    #[must_use = "a coroutine does nothing until it is awaited or made a task"]
    pub fn wait(self) -> ConditionWait<'a, T> {
        let wait = ConditionWait::new(self.guard.lock(), self.waiters, Stage::Holding);
        mem::forget(self.guard);
        wait
    }

    /// Waits until `predicate` is true of what the lock protects; at once if it is. asyncio's `wait_for`. The predicate is
    /// only called with the lock. Called as `ConditionGuard::wait_for(guard, …)`.
    ///
    /// When cancelled, as [`ConditionGuard::wait`]; and so [it can be caught](GuardWaitFor::catch_cancel).
    pub fn wait_for<F: FnMut(&mut T) -> bool>(this: Self, predicate: F) -> GuardWaitFor<'a, T, F> {
        GuardWaitFor::new(ConditionWaitFor::new(this.wait(), predicate))
    }

    /// Wakes those who wait, at most so many, in the order in which they came; asyncio's `notify`, with 1 for its default.
    /// They go on when they have the lock again.
    pub fn notify(&self, count: usize) {
        masked(|masked| self.waiters.wake(masked, count));
    }

    /// Wakes all who wait; asyncio's `notify_all`.
    pub fn notify_all(&self) {
        self.notify(usize::MAX);
    }
}

impl<T> Deref for ConditionGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for ConditionGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T: fmt::Debug> fmt::Debug for ConditionGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConditionGuard").field(&**self).finish()
    }
}

/// What [`Condition::acquire`] waits for.
pub struct ForCondition<'a, T> {
    lock: &'a Lock<T>,
    waiters: &'a Waiters,
}

impl<'a, T> ForCondition<'a, T> {
    fn guard(&self, locked: bool) -> Option<ConditionGuard<'a, T>> {
        locked.then(|| ConditionGuard { guard: LockGuard::new(self.lock), waiters: self.waiters })
    }
}

impl<'a, T> Source for ForCondition<'a, T> {
    type Output = ConditionGuard<'a, T>;

    fn waiters(&self) -> &Waiters {
        self.lock.waiters()
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<ConditionGuard<'a, T>> {
        self.guard(self.lock.try_lock(masked))
    }

    fn woken(&self, masked: &mut Masked<'_>) -> Option<ConditionGuard<'a, T>> {
        self.guard(self.lock.lock_free(masked))
    }

    fn overlooked(&self, masked: &mut Masked<'_>, first: bool) -> Option<ConditionGuard<'a, T>> {
        self.guard(first && self.lock.lock_free(masked))
    }

    fn abandoned(&self, masked: &mut Masked<'_>, _: bool) {
        self.lock.pass_on(masked);
    }
}

/// Where a [`ConditionWait`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It has not begun to wait for the lock.
    New,
    /// It is in the lock's list, for the first time.
    Acquiring,
    /// It has the lock: it has not begun to wait, or has ended.
    Holding,
    /// It is in the condition's list.
    Waiting,
    /// It is in the lock's list, to have the lock again.
    Locking,
    /// A guard has the lock.
    Over,
}

/// Waits for a notification; made by [`ConditionGuard::wait`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct ConditionWait<'a, T> {
    waiter: Waiter,
    lock: &'a Lock<T>,
    waiters: &'a Waiters,
    stage: Cell<Stage>,
    cancelled: Cell<bool>,
}

impl<'a, T> ConditionWait<'a, T> {
    /// With `Holding`, takes over the lock, which is locked; else with `New`.
    fn new(lock: &'a Lock<T>, waiters: &'a Waiters, stage: Stage) -> ConditionWait<'a, T> {
        ConditionWait { waiter: Waiter::new(), lock, waiters, stage: Cell::new(stage), cancelled: Cell::new(false) }
    }

    /// As [`CoroutineExt::catch_cancel`](crate::CoroutineExt::catch_cancel), but the error has the guard in it: Python's
    /// `try: await condition.wait() except CancelledError:`, in which the lock is held.
    ///
    /// ```
    /// use segno::prelude::*;
    /// # use {segno::host::VirtualClock, segno::println};
    ///
    /// static CONDITION: Condition = Condition::new();
    ///
    /// #[segno::coroutine]
    /// async fn clean_up_with_the_lock() {
    ///     let guard = CONDITION.acquire().await;
    ///     match guard.wait().catch_cancel().await {
    ///         Ok(_guard) => println!("notified"),
    ///         Err((_guard, Cancelled)) => assert!(CONDITION.locked()),
    ///     }
    /// }
    /// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
    /// # let task = lp.create_task(clean_up_with_the_lock()).unwrap();
    /// # let cancelled = task.as_any();
    /// # lp.call_later(1.millis(), move |_| assert!(cancelled.cancel())).unwrap();
    /// # lp.run_until_complete(task).unwrap();
    /// ```
    ///
    /// # Errors
    /// The guard, and [`Cancelled`], if it was cancelled.
    pub fn catch_cancel(self) -> CatchWait<'a, T> {
        CatchWait { wait: self }
    }

    /// Goes on until it holds the lock: then it was notified or cancelled.
    fn step(&self, masked: &mut Masked<'_>, cx: &mut Context<'_>) -> Resume<()> {
        let waiter = &self.waiter;
        let stage = self.stage.get();
        let locked = match stage {
            Stage::New => self.lock.try_lock(masked),
            Stage::Holding => {
                // If somebody else has released it already, there is nothing left to do.
                let _ = self.lock.unlock(masked);
                self.stage.set(Stage::Waiting);
                // SAFETY: ENTERED: this is pinned, and leaves when it is dropped.
                unsafe { self.waiters.enter(masked, waiter, cx) };
                return Resume::Pending;
            }
            Stage::Waiting => {
                if cx.take_cancel() {
                    self.cancelled.set(true);
                } else if waiter.is_waiting(masked) {
                    waiter.renew(masked, cx);
                    return Resume::Pending;
                }
                // SAFETY: it has entered this list.
                unsafe { self.waiters.leave(masked, waiter) };
                self.lock.try_lock(masked)
            }
            Stage::Acquiring | Stage::Locking => {
                let cancel = cx.take_cancel();
                let turn = !waiter.is_waiting(masked) || self.lock.waiters().is_first(masked, waiter);
                let locked = !cancel && turn && self.lock.lock_free(masked);
                if !cancel && !locked && waiter.is_waiting(masked) {
                    waiter.renew(masked, cx);
                    return Resume::Pending;
                }
                // SAFETY: it has entered this list.
                unsafe { self.lock.waiters().leave(masked, waiter) };
                if cancel {
                    self.lock.pass_on(masked);
                    if stage == Stage::Acquiring {
                        self.stage.set(Stage::Over);
                        return Resume::Cancelled;
                    }
                    self.cancelled.set(true);
                    self.lock.try_lock(masked)
                } else {
                    locked
                }
            }
            Stage::Over => return Resume::Pending,
        };
        if !locked {
            let first = matches!(stage, Stage::New | Stage::Acquiring);
            self.stage.set(if first { Stage::Acquiring } else { Stage::Locking });
            // SAFETY: ENTERED: this is pinned, and leaves when it is dropped; it has left the list in which it was.
            unsafe { self.lock.waiters().enter(masked, waiter, cx) };
            return Resume::Pending;
        }
        self.stage.set(Stage::Holding);
        if self.cancelled.get() {
            self.waiters.wake(masked, 1);
            return Resume::Cancelled;
        }
        Resume::Done(())
    }

    /// Hands the lock to a guard.
    fn guard(&self) -> ConditionGuard<'a, T> {
        self.stage.set(Stage::Over);
        ConditionGuard { guard: LockGuard::new(self.lock), waiters: self.waiters }
    }

    fn abandon(&self, masked: &mut Masked<'_>) {
        match self.stage.replace(Stage::Over) {
            Stage::Holding => {
                let _ = self.lock.unlock(masked);
            }
            Stage::Waiting => {
                // SAFETY: it has entered this list.
                if unsafe { self.waiters.leave(masked, &self.waiter) } {
                    self.waiters.wake(masked, 1);
                }
            }
            stage @ (Stage::Acquiring | Stage::Locking) => {
                // SAFETY: it has entered this list.
                unsafe { self.lock.waiters().leave(masked, &self.waiter) };
                self.lock.pass_on(masked);
                if stage == Stage::Locking {
                    self.waiters.wake(masked, 1);
                }
            }
            Stage::New | Stage::Over => {}
        }
    }
}

impl<'a, T> Coroutine for ConditionWait<'a, T> {
    type Output = ConditionGuard<'a, T>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<ConditionGuard<'a, T>> {
        let this = self.into_ref().get_ref();
        match masked(|masked| this.step(masked, cx)) {
            Resume::Pending => Resume::Pending,
            Resume::Done(()) => Resume::Done(this.guard()),
            Resume::Cancelled => Resume::Cancelled,
        }
    }
}

impl<T> Drop for ConditionWait<'_, T> {
    fn drop(&mut self) {
        if !matches!(self.stage.get(), Stage::New | Stage::Over) {
            masked(|masked| self.abandon(masked));
        }
    }
}

impl<T> fmt::Debug for ConditionWait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionWait").field("stage", &self.stage.get()).finish_non_exhaustive()
    }
}

/// Made by [`ConditionWait::catch_cancel`].
#[derive(Debug)]
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct CatchWait<'a, T> {
    wait: ConditionWait<'a, T>,
}

impl<'a, T> Coroutine for CatchWait<'a, T> {
    type Output = Result<ConditionGuard<'a, T>, (ConditionGuard<'a, T>, Cancelled)>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        let wait = &self.into_ref().get_ref().wait;
        match masked(|masked| wait.step(masked, cx)) {
            Resume::Pending => Resume::Pending,
            Resume::Done(()) => Resume::Done(Ok(wait.guard())),
            Resume::Cancelled => Resume::Done(Err((wait.guard(), Cancelled))),
        }
    }
}
