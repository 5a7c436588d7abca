//! `InterruptQueue`: a driver's values, from its interrupt to its task.
//!
//! # The problem
//! An interrupt brings values faster than a task takes them, and cannot wait; what does not fit is lost, and the task must
//! learn of that. Of all that [`Queue`](super::Queue) can do beyond this, a driver needs nothing.
//!
//! # The design
//! A [`Queue`](super::Queue) without those who wait for room, without `join` and `shutdown`, so that getting always gives an
//! item; instead it counts what was refused.
//!
//! # Invariants
//! - **EXCLUSIVE**: `items` is only borrowed in a critical section, for the length of one operation, which calls no code of
//!   users.
//!
//! # Costs
//! 12 bytes on a 32-bit chip and the items; 20 in the frame of who waits. Putting and getting mask interrupts while the item
//! is copied.

use core::cell::{Cell, UnsafeCell};
use core::fmt;

use critical_section::Mutex;

use super::queue::{Fifo, Items, Order, QueueFull};
use super::wait::{Source, Wait};
use super::waiters::{Masked, Waiters, masked};

/// Hands values from interrupts to tasks, first in, first out; with room for `N`. asyncio has nothing like it;
/// MicroPython's counterpart is a ring buffer with a `ThreadSafeFlag`.
///
/// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
/// threads.
///
/// ```
/// use segno::prelude::*;
/// # use segno::host::VirtualClock;
///
/// static RECEIVED: InterruptQueue<u8, 4> = InterruptQueue::new();
///
/// fn interrupt_handler(byte: u8) {
///     // If there is no room, it is counted.
///     let _ = RECEIVED.put_nowait(byte);
/// }
///
/// #[segno::coroutine]
/// async fn receive() -> (u8, u32) {
///     let byte = RECEIVED.get().await;
///     (byte, RECEIVED.take_lost())
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// let task = lp.create_task(receive()).unwrap();
/// # lp.call_later(1.millis(), |_| {
/// for byte in b"hello, world" {
///     interrupt_handler(*byte);
/// }
/// # }).unwrap();
/// assert_eq!(lp.run_until_complete(task), Ok((b'h', 8)));
/// assert!(RECEIVED.qsize() == 3 && RECEIVED.maxsize() == 4 && !RECEIVED.empty() && !RECEIVED.full());
/// ```
/// One without room does not compile:
/// ```compile_fail,E0080
/// static NO_ROOM: segno::InterruptQueue<u8, 0> = segno::InterruptQueue::new();
/// # fn main() { NO_ROOM.maxsize(); }
/// ```
pub struct InterruptQueue<T, const N: usize> {
    getters: Waiters,
    lost: Mutex<Cell<u32>>,
    items: UnsafeCell<Items<T, N>>,
}

// SAFETY: EXCLUSIVE; items are handed from one context to another.
unsafe impl<T: Send, const N: usize> Sync for InterruptQueue<T, N> {}
// SAFETY: as above.
unsafe impl<T: Send, const N: usize> Send for InterruptQueue<T, N> {}

impl<T, const N: usize> InterruptQueue<T, N> {
    /// An empty queue with room for `N` items, from 1 to 65,535.
    pub const fn new() -> InterruptQueue<T, N> {
        InterruptQueue { getters: Waiters::new(), lost: Mutex::new(Cell::new(0)), items: UnsafeCell::new(Items::new()) }
    }

    fn with_items<R>(&self, _: &Masked<'_>, f: impl FnOnce(&mut Items<T, N>) -> R) -> R {
        // SAFETY: EXCLUSIVE: this is a critical section.
        f(unsafe { &mut *self.items.get() })
    }

    /// Puts an item, and wakes the first who waits for one.
    ///
    /// # Errors
    /// [`QueueFull`] hands the item back, which is counted as [lost](InterruptQueue::take_lost).
    #[inline]
    pub fn put_nowait(&self, item: T) -> Result<(), QueueFull<T>> {
        masked(|masked| {
            let refused = self.with_items(masked, |items| {
                if items.is_full() {
                    return Some(item);
                }
                // SAFETY: it is not full.
                unsafe { Fifo::push(items, item) };
                None
            });
            match refused {
                None => {
                    self.getters.wake_next(masked);
                    Ok(())
                }
                Some(item) => {
                    let lost = self.lost.borrow(masked.section);
                    lost.set(lost.get().saturating_add(1));
                    Err(QueueFull(item))
                }
            }
        })
    }

    /// Waits until there is an item, and takes it. Costs no turn if there is one.
    ///
    /// When cancelled, it takes none; if there was one for it by now, the next who waits gets that.
    pub const fn get(&self) -> Wait<ForInterruptItem<'_, T, N>> {
        Wait::new(ForInterruptItem { queue: self })
    }

    /// Takes an item, if there is one.
    #[inline]
    pub fn get_nowait(&self) -> Option<T> {
        masked(|masked| self.with_items(masked, Fifo::pop))
    }

    /// How many items were refused because there was no room, since this was last asked, up to 2³² - 1.
    pub fn take_lost(&self) -> u32 {
        masked(|masked| self.lost.borrow(masked.section).replace(0))
    }

    /// How many items there are.
    pub fn qsize(&self) -> usize {
        masked(|masked| self.with_items(masked, |items| items.len()))
    }

    /// Whether there is no item.
    pub fn empty(&self) -> bool {
        self.qsize() == 0
    }

    /// Whether there is no room.
    pub fn full(&self) -> bool {
        self.qsize() == N
    }

    /// For how many items there is room.
    pub const fn maxsize(&self) -> usize {
        N
    }
}

impl<T, const N: usize> Default for InterruptQueue<T, N> {
    fn default() -> InterruptQueue<T, N> {
        InterruptQueue::new()
    }
}

impl<T, const N: usize> fmt::Debug for InterruptQueue<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<InterruptQueue {}/{N}>", self.qsize())
    }
}

/// What [`InterruptQueue::get`] waits for.
pub struct ForInterruptItem<'a, T, const N: usize> {
    queue: &'a InterruptQueue<T, N>,
}

impl<T, const N: usize> Source for ForInterruptItem<'_, T, N> {
    type Output = T;

    fn waiters(&self) -> &Waiters {
        &self.queue.getters
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<T> {
        self.queue.with_items(masked, Fifo::pop)
    }

    fn woken(&self, masked: &mut Masked<'_>) -> Option<T> {
        self.begin(masked)
    }

    fn abandoned(&self, masked: &mut Masked<'_>, woken: bool) {
        if woken && self.queue.with_items(masked, |items| items.len()) > 0 {
            self.queue.getters.wake_next(masked);
        }
    }
}
