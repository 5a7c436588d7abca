//! `Lock`: one task at a time, in the order in which they came.
//!
//! # The problem
//! Who releases a lock and asks for it again at once would always get it, and the others starve. And a waiter that is
//! cancelled in the moment in which it gets the lock must not keep the next one from it.
//!
//! # The design
//! asyncio's. Releasing does not hand the lock over: it wakes the first who waits, and the lock is free until that one runs.
//! But nobody else takes it meanwhile, because a lock that somebody waits for is not to be had at once. A waiter that is
//! cancelled or dropped wakes the next one, if the lock is free then.
//!
//! What the lock protects may be inside of it, as Rust has it: then it can only be reached through the guard.
//!
//! # Invariants
//! - **HELD**: a `LockGuard` exists only while the lock is locked; two of them at the same time only if the lock protects
//!   `()`: for every other type, only a guard can release it.
//!
//! # Costs
//! 8 bytes on a 32-bit chip beside what it protects, 20 in the frame of who waits, 4 for a guard.

use core::cell::{Cell, UnsafeCell};
use core::error::Error;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use critical_section::Mutex;

use super::wait::{Source, Wait};
use super::waiters::{Masked, Waiters, masked};

/// Lets one task at a time go on; asyncio's `Lock`. Fair: first come, first served, without exception. Not reentrant.
///
/// `lock.acquire().await` gives a guard, which releases the lock when it is dropped, as `async with lock:` does. What the
/// guard gives access to is what the lock was made with, if anything.
///
/// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
/// threads.
///
/// ```
/// use segno::prelude::*;
/// # use segno::host::VirtualClock;
///
/// static COUNT: Lock<u32> = Lock::with_value(0);
///
/// #[segno::coroutine]
/// async fn increment() {
///     let mut count = COUNT.acquire().await;
///     let before = *count;
///     sleep(1.millis()).await;
///     *count = before + 1;
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// for _ in 0..10 {
///     lp.create_task(increment()).unwrap();
/// }
/// # #[segno::coroutine]
/// # async fn all() {
/// sleep(10.millis()).await;
/// assert_eq!(*COUNT.acquire().await, 10);
/// # }
/// # lp.run_until_complete(all()).unwrap();
/// ```
///
/// # Without guards
/// A lock that protects nothing by itself can be used as in asyncio: forget the guard, and call [`Lock::release`], in any
/// task.
/// ```
/// # use segno::prelude::*;
/// # static LOCK: Lock = Lock::new();
/// # #[segno::coroutine]
/// # async fn example() {
/// core::mem::forget(LOCK.acquire().await);
/// assert!(LOCK.locked());
/// LOCK.release().unwrap();
/// assert_eq!(LOCK.release().unwrap_err().to_string(), "Lock is not acquired.");
/// # }
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// # lp.run_until_complete(example()).unwrap();
/// ```
pub struct Lock<T = ()> {
    locked: Mutex<Cell<bool>>,
    waiters: Waiters,
    value: UnsafeCell<T>,
}

// SAFETY: HELD: the value is reached by one guard at a time, wherever that is; the rest may be touched in any context.
unsafe impl<T: Send> Sync for Lock<T> {}

impl Lock {
    /// A lock that is free, and protects whatever its users agree upon.
    pub const fn new() -> Lock {
        Lock::with_value(())
    }

    /// Releases the lock, whoever has acquired it: for those who have forgotten the guard. Wakes the first who waits.
    /// asyncio's `release`.
    ///
    /// # Errors
    /// [`NotAcquired`] if it is not locked.
    pub fn release(&self) -> Result<(), NotAcquired> {
        masked(|masked| self.unlock(masked))
    }
}

impl<T> Lock<T> {
    /// A lock that is free, and protects `value`.
    pub const fn with_value(value: T) -> Lock<T> {
        Lock { locked: Mutex::new(Cell::new(false)), waiters: Waiters::new(), value: UnsafeCell::new(value) }
    }

    /// Waits until the lock is free, and locks it; asyncio's `acquire`. Costs no turn if it is free and nobody waits.
    ///
    /// When cancelled, it waits no longer; if it was its turn, it is the next one's.
    pub const fn acquire(&self) -> Wait<ForLock<'_, T>> {
        Wait::new(ForLock { lock: self })
    }

    /// Locks it, if it is free and nobody waits. asyncio has no such call: what does not wait needs no lock there, having one
    /// thread.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// static SHARED: Lock<u32> = Lock::with_value(0);
    ///
    /// let mut shared = SHARED.acquire_nowait().unwrap();
    /// *shared += 1;
    /// assert!(SHARED.acquire_nowait().is_none());
    /// drop(shared);
    /// assert!(!SHARED.locked());
    /// ```
    pub fn acquire_nowait(&self) -> Option<LockGuard<'_, T>> {
        masked(|masked| self.try_lock(masked)).then(|| LockGuard::new(self))
    }

    /// Whether it is locked; asyncio's `locked`. A lock that has been released is not, even if somebody waits who is about
    /// to lock it.
    pub fn locked(&self) -> bool {
        masked(|masked| self.is_locked(masked))
    }

    /// What it protects: nobody else can have it while it is borrowed mutably.
    pub const fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// What it protects.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    #[inline]
    pub(super) fn is_locked(&self, masked: &Masked<'_>) -> bool {
        self.locked.borrow(masked.section).get()
    }

    pub(super) fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    /// Locks it, if it is free and nobody waits, and answers whether it did.
    pub(super) fn try_lock(&self, masked: &Masked<'_>) -> bool {
        !self.is_locked(masked) && self.waiters.nobody(masked) && self.lock_free(masked)
    }

    /// Locks it, if it is free: for the one whose turn it is. Answers whether it did.
    #[inline]
    pub(super) fn lock_free(&self, masked: &Masked<'_>) -> bool {
        !self.locked.borrow(masked.section).replace(true)
    }

    pub(super) fn unlock(&self, masked: &mut Masked<'_>) -> Result<(), NotAcquired> {
        if !self.locked.borrow(masked.section).replace(false) {
            return Err(NotAcquired);
        }
        self.waiters.wake_first(masked);
        Ok(())
    }

    /// Somebody has left who perhaps was the one that was going to lock it.
    pub(super) fn pass_on(&self, masked: &mut Masked<'_>) {
        if !self.is_locked(masked) {
            self.waiters.wake_first(masked);
        }
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Lock<T> {
        Lock::with_value(T::default())
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.locked() { "<Lock locked>" } else { "<Lock unlocked>" })
    }
}

/// A lock that is not locked cannot be released; asyncio's `RuntimeError`. What [`Lock::release`] answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAcquired;

impl fmt::Display for NotAcquired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock is not acquired.")
    }
}

impl Error for NotAcquired {}

/// The lock is locked, and released when this is dropped, also because its holder is cancelled; made by [`Lock::acquire`].
/// Gives access to what it protects. asyncio's `async with` block.
#[must_use = "a guard that is dropped at once releases the lock at once"]
pub struct LockGuard<'a, T = ()> {
    lock: &'a Lock<T>,
    /// It may be shared and sent as the value may.
    value: PhantomData<&'a mut T>,
}

impl<'a, T> LockGuard<'a, T> {
    /// For who has just locked it: HELD.
    #[inline(always)]
    pub(super) fn new(lock: &'a Lock<T>) -> LockGuard<'a, T> {
        LockGuard { lock, value: PhantomData }
    }

    pub(super) fn lock(&self) -> &'a Lock<T> {
        self.lock
    }
}

impl<T> Deref for LockGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: HELD.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for LockGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: HELD.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for LockGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // If somebody else has released it already, there is nothing left to do.
        let _ = masked(|masked| self.lock.unlock(masked));
    }
}

impl<T: fmt::Debug> fmt::Debug for LockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LockGuard").field(&**self).finish()
    }
}

/// What [`Lock::acquire`] waits for.
#[derive(Debug)]
pub struct ForLock<'a, T> {
    lock: &'a Lock<T>,
}

impl<'a, T> ForLock<'a, T> {
    fn guard(&self, locked: bool) -> Option<LockGuard<'a, T>> {
        locked.then(|| LockGuard::new(self.lock))
    }
}

impl<'a, T> Source for ForLock<'a, T> {
    type Output = LockGuard<'a, T>;

    fn waiters(&self) -> &Waiters {
        &self.lock.waiters
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<LockGuard<'a, T>> {
        self.guard(self.lock.try_lock(masked))
    }

    fn woken(&self, masked: &mut Masked<'_>) -> Option<LockGuard<'a, T>> {
        self.guard(self.lock.lock_free(masked))
    }

    fn overlooked(&self, masked: &mut Masked<'_>, first: bool) -> Option<LockGuard<'a, T>> {
        self.guard(first && self.lock.lock_free(masked))
    }

    fn abandoned(&self, masked: &mut Masked<'_>, _: bool) {
        self.lock.pass_on(masked);
    }
}
