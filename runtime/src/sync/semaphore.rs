//! `Semaphore` and `BoundedSemaphore`: so many at a time, in the order in which they came.
//!
//! # The problem
//! As for a lock: no barging, and a permit that was given to a waiter that is cancelled must reach the next one.
//!
//! # The design
//! asyncio's. Unlike a lock, a semaphore hands its permit to the first who waits, in [`Semaphore::release`]; a waiter that
//! is cancelled after that gives it back. Nobody gets one at once while others wait, even if there are some; so whoever
//! stops waiting wakes as many others as there are permits for.
//!
//! # Costs
//! 8 bytes on a 32-bit chip, 12 if bounded; 20 in the frame of who waits, 4 for a guard. `acquire` and `release` mask
//! interrupts for a walk through those who are woken or to be cancelled but did not run yet.

use core::cell::Cell;
use core::error::Error;
use core::fmt;

use critical_section::Mutex;

use super::wait::{Source, Wait};
use super::waiters::{Masked, Waiters, masked};

/// Lets a number of tasks go on at the same time; asyncio's `Semaphore`. Fair, as [`Lock`](super::Lock) is.
///
/// `semaphore.acquire().await` gives a guard, which releases the permit when it is dropped, as `async with semaphore:` does.
/// Or forget the guard, and call [`Semaphore::release`]: in any task, and more often than permits were acquired.
///
/// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
/// threads.
///
/// ```
/// use segno::prelude::*;
/// # use segno::host::VirtualClock;
///
/// static DMA_CHANNELS: Semaphore = Semaphore::new(2);
///
/// #[segno::coroutine]
/// async fn transfer() {
///     let _channel = DMA_CHANNELS.acquire().await;
///     sleep(10.millis()).await;
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// # #[segno::coroutine]
/// # async fn example(lp: &'static EventLoop) {
/// let transfers = [transfer(), transfer(), transfer()].map(|transfer| lp.create_task(transfer).unwrap());
/// let begin = lp.time();
/// for transfer in transfers {
///     transfer.await;
/// }
/// assert_eq!(lp.time() - begin, 20.millis::<1, 1_000_000>());
/// # }
/// # lp.run_until_complete(example(lp)).unwrap();
/// ```
pub struct Semaphore {
    permits: Permits<Unbounded>,
}

impl Semaphore {
    /// A semaphore with this many permits.
    pub const fn new(value: usize) -> Semaphore {
        Semaphore { permits: Permits::new(value, Unbounded) }
    }

    /// Waits for a permit, and takes it; asyncio's `acquire`. Costs no turn if there is one and nobody waits.
    ///
    /// When cancelled, it waits no longer; if it had been given a permit, the next one gets it.
    pub const fn acquire(&self) -> Wait<ForPermit<'_, Unbounded>> {
        Wait::new(ForPermit { permits: &self.permits })
    }

    /// Takes a permit, if there is one and nobody waits. asyncio has no such call.
    pub fn acquire_nowait(&self) -> Option<SemaphoreGuard<'_, Unbounded>> {
        masked(|masked| self.permits.take_at_once(masked))
    }

    /// Adds a permit, for the first who waits, if anybody does; asyncio's `release`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// static ITEMS: Semaphore = Semaphore::new(0);
    ///
    /// #[segno::coroutine]
    /// async fn take_two() {
    ///     for _ in 0..2 {
    ///         core::mem::forget(ITEMS.acquire().await); // used up: it is not given back
    ///     }
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let task = lp.create_task(take_two()).unwrap();
    /// lp.call_later(1.millis(), |_| (0..3).for_each(|_| ITEMS.release())).unwrap();
    /// lp.run_until_complete(task).unwrap();
    /// assert!(ITEMS.acquire_nowait().is_some());
    /// ```
    pub fn release(&self) {
        masked(|masked| self.permits.add(masked));
    }

    /// Whether [`Semaphore::acquire`] would have to wait; asyncio's `locked`.
    pub fn locked(&self) -> bool {
        masked(|masked| self.permits.is_locked(masked))
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.permits.debug("Semaphore", f)
    }
}

/// As [`Semaphore`], with never more permits than in the beginning; asyncio's `BoundedSemaphore`.
///
/// ```
/// use segno::prelude::*;
///
/// static SLOTS: BoundedSemaphore = BoundedSemaphore::new(1);
///
/// let slot = SLOTS.acquire_nowait().unwrap();
/// assert!(SLOTS.acquire_nowait().is_none());
/// drop(slot);
/// assert_eq!(SLOTS.release().unwrap_err().to_string(), "BoundedSemaphore released too many times");
/// ```
pub struct BoundedSemaphore {
    permits: Permits<Bounded>,
}

impl BoundedSemaphore {
    /// A semaphore with this many permits, and never more.
    pub const fn new(value: usize) -> BoundedSemaphore {
        BoundedSemaphore { permits: Permits::new(value, Bounded(value)) }
    }

    /// As [`Semaphore::acquire`].
    pub const fn acquire(&self) -> Wait<ForPermit<'_, Bounded>> {
        Wait::new(ForPermit { permits: &self.permits })
    }

    /// As [`Semaphore::acquire_nowait`].
    pub fn acquire_nowait(&self) -> Option<SemaphoreGuard<'_, Bounded>> {
        masked(|masked| self.permits.take_at_once(masked))
    }

    /// Adds a permit, for the first who waits, if anybody does; asyncio's `release`.
    ///
    /// # Errors
    /// [`ReleasedTooOften`] if there are as many permits as in the beginning: nothing is added.
    pub fn release(&self) -> Result<(), ReleasedTooOften> {
        masked(|masked| self.permits.add_within_bound(masked))
    }

    /// As [`Semaphore::locked`].
    pub fn locked(&self) -> bool {
        masked(|masked| self.permits.is_locked(masked))
    }
}

impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.permits.debug("BoundedSemaphore", f)
    }
}

/// A bounded semaphore has all its permits back already; asyncio's `ValueError`. What [`BoundedSemaphore::release`] answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleasedTooOften;

impl fmt::Display for ReleasedTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoundedSemaphore released too many times")
    }
}

impl Error for ReleasedTooOften {}

/// How many permits there may be: any number, or those of the beginning.
pub trait Bound {
    /// The most permits.
    fn most(&self) -> usize;
}

/// The bound of [`Semaphore`]: none.
#[derive(Debug, Clone, Copy)]
pub struct Unbounded;

/// The bound of [`BoundedSemaphore`].
#[derive(Debug, Clone, Copy)]
pub struct Bounded(usize);

impl Bound for Unbounded {
    #[inline(always)]
    fn most(&self) -> usize {
        usize::MAX
    }
}

impl Bound for Bounded {
    #[inline(always)]
    fn most(&self) -> usize {
        self.0
    }
}

/// What both semaphores are.
struct Permits<B> {
    value: Mutex<Cell<usize>>,
    waiters: Waiters,
    bound: B,
}

impl<B: Bound> Permits<B> {
    const fn new(value: usize, bound: B) -> Permits<B> {
        Permits { value: Mutex::new(Cell::new(value)), waiters: Waiters::new(), bound }
    }

    fn is_locked(&self, masked: &Masked<'_>) -> bool {
        self.value.borrow(masked.section).get() == 0 || !self.waiters.nobody(masked)
    }

    fn take_at_once(&self, masked: &Masked<'_>) -> Option<SemaphoreGuard<'_, B>> {
        if self.is_locked(masked) { None } else { self.take(masked) }
    }

    /// Takes a permit if there is one, whoever waits.
    fn take(&self, masked: &Masked<'_>) -> Option<SemaphoreGuard<'_, B>> {
        let value = self.value.borrow(masked.section);
        value.set(value.get().checked_sub(1)?);
        Some(SemaphoreGuard { permits: self })
    }

    fn add(&self, masked: &mut Masked<'_>) {
        let value = self.value.borrow(masked.section);
        if self.waiters.wake(masked, 1) == 0 {
            value.set(value.get().saturating_add(1));
        }
    }

    fn add_within_bound(&self, masked: &mut Masked<'_>) -> Result<(), ReleasedTooOften> {
        if self.value.borrow(masked.section).get() >= self.bound.most() {
            return Err(ReleasedTooOften);
        }
        self.add(masked);
        Ok(())
    }

    /// Somebody does not wait any more: others may have come, and had to wait because of that one.
    fn hand_out(&self, masked: &mut Masked<'_>) {
        let value = self.value.borrow(masked.section);
        if value.get() != 0 {
            value.set(value.get() - self.waiters.wake(masked, value.get()));
        }
    }

    fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (locked, value) = masked(|masked| (self.is_locked(masked), self.value.borrow(masked.section).get()));
        if locked { write!(f, "<{name} locked>") } else { write!(f, "<{name} unlocked, value:{value}>") }
    }
}

/// A permit, which is released when this is dropped, also because its holder is cancelled; made by [`Semaphore::acquire`] and
/// [`BoundedSemaphore::acquire`]. asyncio's `async with` block.
#[must_use = "a guard that is dropped at once releases the permit at once"]
pub struct SemaphoreGuard<'a, B: Bound = Unbounded> {
    permits: &'a Permits<B>,
}

impl<B: Bound> Drop for SemaphoreGuard<'_, B> {
    #[inline]
    fn drop(&mut self) {
        // If somebody else has released it already, there is nothing left to do.
        let _ = masked(|masked| self.permits.add_within_bound(masked));
    }
}

impl<B: Bound> fmt::Debug for SemaphoreGuard<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SemaphoreGuard")
    }
}

/// What [`Semaphore::acquire`] waits for.
pub struct ForPermit<'a, B> {
    permits: &'a Permits<B>,
}

impl<'a, B: Bound> Source for ForPermit<'a, B> {
    type Output = SemaphoreGuard<'a, B>;

    fn waiters(&self) -> &Waiters {
        &self.permits.waiters
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<SemaphoreGuard<'a, B>> {
        self.permits.take_at_once(masked)
    }

    fn woken(&self, masked: &mut Masked<'_>) -> Option<SemaphoreGuard<'a, B>> {
        self.permits.hand_out(masked);
        Some(SemaphoreGuard { permits: self.permits })
    }

    fn overlooked(&self, masked: &mut Masked<'_>, first: bool) -> Option<SemaphoreGuard<'a, B>> {
        if first { self.permits.take(masked) } else { None }
    }

    fn abandoned(&self, masked: &mut Masked<'_>, woken: bool) {
        if woken {
            let value = self.permits.value.borrow(masked.section);
            value.set(value.get().saturating_add(1));
        }
        self.permits.hand_out(masked);
    }
}
