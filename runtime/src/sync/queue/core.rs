//! What the three queues are: items, and those who wait to put one, to get one, or until all are done.
//!
//! # The problem
//! Putting and getting must not lose or double an item, whoever is cancelled when; nor may a wake-up get lost; and a driver
//! wants to put from its interrupt.
//!
//! # The design
//! asyncio's. Putting an item wakes the first who waits for one, and takes it off the list; the item stays in the queue until
//! that one runs, so another may be faster: then it waits again, behind the others. A waiter that is cancelled when it has
//! been woken wakes the next one. Likewise for those who wait for room.
//!
//! # Invariants
//! - **EXCLUSIVE**: `items` is only borrowed in a critical section, for the length of one operation. The one that calls code
//!   of users, the comparison of [`Priority`], marks the queue as *busy*; a busy queue's items are not borrowed: for the
//!   comparison it is full, and empty.
//!
//! [`Priority`]: super::items::Priority
//!
//! # Costs
//! See [`Queue`](super::Queue).

use core::cell::{Cell, UnsafeCell};
use core::marker::PhantomData;

use critical_section::Mutex;

use super::error::{GetError, PutError, QueueShutDown, TaskDoneTooOften};
use super::items::{Items, Order};
use crate::sync::wait::Source;
use crate::sync::waiters::{Masked, Waiters, masked};

/// A queue of up to `N` items in the order `O`.
pub struct Core<T, const N: usize, O> {
    getters: Waiters,
    putters: Waiters,
    joiners: Waiters,
    /// Items that were put, and of which nobody has said that they are done.
    unfinished: Mutex<Cell<u32>>,
    is_shut_down: Mutex<Cell<bool>>,
    busy: Mutex<Cell<bool>>,
    items: UnsafeCell<Items<T, N>>,
    order: PhantomData<O>,
}

// SAFETY: EXCLUSIVE; items are handed from one context to another.
unsafe impl<T: Send, const N: usize, O> Sync for Core<T, N, O> {}
// SAFETY: as above.
unsafe impl<T: Send, const N: usize, O> Send for Core<T, N, O> {}

/// Ends what [`Core::busy`] says, also when a comparison panics.
struct Busy<'a>(Option<&'a Cell<bool>>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(busy) = self.0 {
            busy.set(false);
        }
    }
}

impl<T, const N: usize, O: Order<T>> Core<T, N, O> {
    pub(super) const fn new() -> Core<T, N, O> {
        Core {
            getters: Waiters::new(),
            putters: Waiters::new(),
            joiners: Waiters::new(),
            unfinished: Mutex::new(Cell::new(0)),
            is_shut_down: Mutex::new(Cell::new(false)),
            busy: Mutex::new(Cell::new(false)),
            items: UnsafeCell::new(Items::new()),
            order: PhantomData,
        }
    }

    /// Runs `f` with the items, unless a comparison of them is running.
    fn with_items<R>(&self, masked: &Masked<'_>, f: impl FnOnce(&mut Items<T, N>) -> R) -> Option<R> {
        let busy = O::CALLS.then(|| self.busy.borrow(masked.section));
        if busy.is_some_and(|busy| busy.replace(true)) {
            return None;
        }
        let _busy = Busy(busy);
        // SAFETY: EXCLUSIVE: this is a critical section, and the queue was not busy.
        Some(f(unsafe { &mut *self.items.get() }))
    }

    pub(super) fn len(&self) -> usize {
        masked(|masked| self.with_items(masked, |items| items.len()).unwrap_or(0))
    }

    pub(super) fn put_nowait(&self, item: T) -> Result<(), PutError<T>> {
        masked(|masked| self.put_masked(masked, item))
    }

    fn put_masked(&self, masked: &mut Masked<'_>, item: T) -> Result<(), PutError<T>> {
        if self.is_shut_down.borrow(masked.section).get() {
            return Err(PutError::QueueShutDown(item));
        }
        let mut item = Some(item);
        self.with_items(masked, |items| {
            if !items.is_full()
                && let Some(item) = item.take()
            {
                // SAFETY: it is not full.
                unsafe { O::push(items, item) };
            }
        });
        if let Some(item) = item {
            return Err(PutError::QueueFull(item));
        }
        let unfinished = self.unfinished.borrow(masked.section);
        unfinished.set(unfinished.get().saturating_add(1));
        self.getters.wake_next(masked);
        Ok(())
    }

    pub(super) fn get_nowait(&self) -> Result<T, GetError> {
        masked(|masked| self.get_masked(masked))
    }

    fn get_masked(&self, masked: &mut Masked<'_>) -> Result<T, GetError> {
        match self.with_items(masked, O::pop).flatten() {
            Some(item) => {
                self.putters.wake_next(masked);
                Ok(item)
            }
            None if self.is_shut_down.borrow(masked.section).get() => Err(GetError::QueueShutDown),
            None => Err(GetError::QueueEmpty),
        }
    }

    pub(super) fn task_done(&self) -> Result<(), TaskDoneTooOften> {
        masked(|masked| self.finish_one(masked))
    }

    fn finish_one(&self, masked: &mut Masked<'_>) -> Result<(), TaskDoneTooOften> {
        let unfinished = self.unfinished.borrow(masked.section);
        unfinished.set(unfinished.get().checked_sub(1).ok_or(TaskDoneTooOften)?);
        if unfinished.get() == 0 {
            self.joiners.wake_all(masked);
        }
        Ok(())
    }

    pub(super) fn shut_down(&self, immediate: bool) {
        masked(|masked| self.is_shut_down.borrow(masked.section).set(true));
        // One at a time, for items are dropped with interrupts enabled.
        while immediate
            && let Some(_item) = masked(|masked| {
                let item = self.with_items(masked, O::pop).flatten();
                if item.is_some() {
                    let _ = self.finish_one(masked);
                }
                item
            })
        {}
        masked(|masked| {
            self.getters.wake_all(masked);
            self.putters.wake_all(masked);
        });
    }
}

/// What [`Queue::get`](super::Queue::get) waits for.
pub struct ForItem<'a, T, const N: usize, O> {
    pub(super) queue: &'a Core<T, N, O>,
}

impl<T, const N: usize, O: Order<T>> Source for ForItem<'_, T, N, O> {
    type Output = Result<T, QueueShutDown>;

    fn waiters(&self) -> &Waiters {
        &self.queue.getters
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<Result<T, QueueShutDown>> {
        match self.queue.get_masked(masked) {
            Ok(item) => Some(Ok(item)),
            Err(GetError::QueueShutDown) => Some(Err(QueueShutDown(()))),
            Err(GetError::QueueEmpty) => None,
        }
    }

    fn woken(&self, masked: &mut Masked<'_>) -> Option<Result<T, QueueShutDown>> {
        self.begin(masked)
    }

    fn abandoned(&self, masked: &mut Masked<'_>, woken: bool) {
        if woken && self.queue.with_items(masked, |items| items.len()) != Some(0) {
            self.queue.getters.wake_next(masked);
        }
    }
}

/// What [`Queue::put`](super::Queue::put) waits for.
pub struct ForRoom<'a, T, const N: usize, O> {
    pub(super) queue: &'a Core<T, N, O>,
    pub(super) item: Cell<Option<T>>,
}

impl<T, const N: usize, O: Order<T>> Source for ForRoom<'_, T, N, O> {
    type Output = Result<(), QueueShutDown<T>>;

    fn waiters(&self) -> &Waiters {
        &self.queue.putters
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<Result<(), QueueShutDown<T>>> {
        match self.queue.put_masked(masked, self.item.take()?) {
            Ok(()) => Some(Ok(())),
            Err(PutError::QueueShutDown(item)) => Some(Err(QueueShutDown(item))),
            Err(PutError::QueueFull(item)) => {
                self.item.set(Some(item));
                None
            }
        }
    }

    fn woken(&self, masked: &mut Masked<'_>) -> Option<Result<(), QueueShutDown<T>>> {
        self.begin(masked)
    }

    fn abandoned(&self, masked: &mut Masked<'_>, woken: bool) {
        if woken && self.queue.with_items(masked, |items| items.is_full()) != Some(true) {
            self.queue.putters.wake_next(masked);
        }
    }
}

/// What [`Queue::join`](super::Queue::join) waits for.
pub struct ForAllDone<'a, T, const N: usize, O> {
    pub(super) queue: &'a Core<T, N, O>,
}

impl<T, const N: usize, O> Source for ForAllDone<'_, T, N, O> {
    type Output = ();

    fn waiters(&self) -> &Waiters {
        &self.queue.joiners
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<()> {
        (self.queue.unfinished.borrow(masked.section).get() == 0).then_some(())
    }

    fn woken(&self, _: &mut Masked<'_>) -> Option<()> {
        Some(())
    }
}
