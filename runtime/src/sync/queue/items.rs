//! The memory of a queue, and the three orders in which items come out.
//!
//! # The problem
//! First in first out, last in first out, smallest first: in an array of `N`, without `Default` or `Copy` items, and without
//! code that can panic.
//!
//! # The design
//! [`Items`] is the array and what is in it. [`Fifo`] uses it as a ring; [`Lifo`] as a stack; [`Priority`] as a heap, by the
//! algorithm of Python's `heapq`, so that equal items come out in Python's order too. (Not `heapless`: its three
//! collections together would be a dependency for what is a page here, and need 8 bytes more.)
//!
//! # Invariants
//! - **FILLED**: the `length` places from `head` on, modulo `N`, hold items; the others hold nothing. `head` is 0 unless
//!   the order is [`Fifo`].
//!
//! # Costs
//! 4 bytes beside the array. [`Priority`] compares about log₂ N times to put an item, twice that to get one, and calls
//! the items' `Ord`: in between all is as FILLED says, so that it may panic.

use core::cmp::Ord;
use core::mem::MaybeUninit;
use core::ptr;

/// Up to `N` items.
pub struct Items<T, const N: usize> {
    array: [MaybeUninit<T>; N],
    head: u16,
    length: u16,
}

impl<T, const N: usize> Items<T, N> {
    pub(in crate::sync) const fn new() -> Items<T, N> {
        const {
            assert!(N > 0, "a queue needs room for an item: there are no unbounded ones");
            assert!(N <= u16::MAX as usize, "a queue has room for 65535 items at most");
        }
        Items { array: [const { MaybeUninit::uninit() }; N], head: 0, length: 0 }
    }

    pub(in crate::sync) fn len(&self) -> usize {
        self.length as usize
    }

    pub(in crate::sync) fn is_full(&self) -> bool {
        self.len() == N
    }

    /// The place of the item that is the `index`th from the head; `index` is at most `N`.
    fn place(&mut self, index: usize) -> *mut T {
        let place = self.head as usize + index;
        self.array.as_mut_ptr().wrapping_add(if place >= N { place - N } else { place }).cast()
    }

    /// Adds an item behind the others.
    ///
    /// # Safety
    /// It is not full.
    unsafe fn append(&mut self, item: T) {
        // SAFETY: FILLED: the place behind the last item, which is there, holds nothing.
        unsafe { self.place(self.len()).write(item) };
        self.length += 1;
    }

    /// Takes the item behind which there is none.
    fn take_last(&mut self) -> Option<T> {
        self.length = self.length.checked_sub(1)?;
        // SAFETY: FILLED: it was an item, and is none now.
        Some(unsafe { self.place(self.len()).read() })
    }

    fn take_first(&mut self) -> Option<T> {
        let length = self.length.checked_sub(1)?;
        // SAFETY: FILLED: it was an item, and is none now.
        let item = unsafe { self.place(0).read() };
        self.length = length;
        self.head = if self.head as usize + 1 == N { 0 } else { self.head + 1 };
        Some(item)
    }
}

impl<T, const N: usize> Drop for Items<T, N> {
    fn drop(&mut self) {
        while self.take_first().is_some() {}
    }
}

/// An order in which items come out.
pub trait Order<T> {
    /// Whether it calls code of users.
    const CALLS: bool;

    /// Adds an item.
    ///
    /// # Safety
    /// It is not full.
    unsafe fn push<const N: usize>(items: &mut Items<T, N>, item: T);

    /// Takes the item whose turn it is.
    fn pop<const N: usize>(items: &mut Items<T, N>) -> Option<T>;
}

/// First in, first out: the order of [`Queue`](super::Queue).
#[derive(Debug)]
pub enum Fifo {}

impl<T> Order<T> for Fifo {
    const CALLS: bool = false;

    unsafe fn push<const N: usize>(items: &mut Items<T, N>, item: T) {
        // SAFETY: the caller's promise.
        unsafe { items.append(item) };
    }

    fn pop<const N: usize>(items: &mut Items<T, N>) -> Option<T> {
        items.take_first()
    }
}

/// Last in, first out: the order of [`LifoQueue`](super::LifoQueue).
#[derive(Debug)]
pub enum Lifo {}

impl<T> Order<T> for Lifo {
    const CALLS: bool = false;

    unsafe fn push<const N: usize>(items: &mut Items<T, N>, item: T) {
        // SAFETY: the caller's promise.
        unsafe { items.append(item) };
    }

    fn pop<const N: usize>(items: &mut Items<T, N>) -> Option<T> {
        items.take_last()
    }
}

/// The smallest first: the order of [`PriorityQueue`](super::PriorityQueue).
#[derive(Debug)]
pub enum Priority {}

impl<T: Ord> Order<T> for Priority {
    const CALLS: bool = true;

    unsafe fn push<const N: usize>(items: &mut Items<T, N>, item: T) {
        let last = items.len();
        // SAFETY: the caller's promise; the item is the last one.
        unsafe {
            items.append(item);
            rise(items.place(0), last);
        }
    }

    fn pop<const N: usize>(items: &mut Items<T, N>) -> Option<T> {
        // The first one changes places with the last one, which then sinks to where it belongs.
        let last = items.len().checked_sub(1)?;
        let guard = TakeLast(items);
        let first = guard.0.place(0);
        // SAFETY: FILLED: both are items, and so are those before the last one.
        unsafe {
            ptr::swap(first, first.add(last));
            sink(first, last);
        }
        guard.take()
    }
}

/// Takes the last item, also if comparing the others panics.
struct TakeLast<'a, T, const N: usize>(&'a mut Items<T, N>);

impl<T, const N: usize> TakeLast<'_, T, N> {
    fn take(self) -> Option<T> {
        let item = self.0.take_last();
        core::mem::forget(self);
        item
    }
}

impl<T, const N: usize> Drop for TakeLast<'_, T, N> {
    fn drop(&mut self) {
        drop(self.0.take_last());
    }
}

/// Moves an item up until its parent is not larger: `heapq._siftdown`.
///
/// # Safety
/// There are items from `first` on up to `index`.
unsafe fn rise<T: Ord>(first: *mut T, mut index: usize) {
    while index > 0 {
        let parent = (index - 1) / 2;
        // SAFETY: the caller's promise.
        unsafe {
            let (item, parent_item) = (first.add(index), first.add(parent));
            if !(*item).cmp(&*parent_item).is_lt() {
                break;
            }
            ptr::swap(item, parent_item);
        }
        index = parent;
    }
}

/// Moves the first item down along the smaller children to a leaf, and then up to its place: `heapq._siftup`.
///
/// # Safety
/// There are `length` items from `first` on.
unsafe fn sink<T: Ord>(first: *mut T, length: usize) {
    let mut index = 0;
    // SAFETY: the caller's promise; all indices are less than `length`.
    unsafe {
        loop {
            let mut child = 2 * index + 1;
            if child >= length {
                break;
            }
            if child + 1 < length && !(*first.add(child)).cmp(&*first.add(child + 1)).is_lt() {
                child += 1;
            }
            ptr::swap(first.add(index), first.add(child));
            index = child;
        }
        if length > 0 {
            rise(first, index);
        }
    }
}
