//! What a queue refuses: asyncio's `QueueFull`, `QueueEmpty`, `QueueShutDown` and `ValueError`.
//!
//! # The problem
//! An item that was not put must not be lost.
//!
//! # The design
//! One enum for each operation that does not wait; [`QueueShutDown`] for those that do, which nothing else can happen to.
//! Items are handed back. `Debug` does not ask for the items' `Debug`, so that `unwrap` works with any item.
//!
//! # Costs
//! The texts are in flash only if a program prints them.

use core::error::Error;
use core::fmt;

/// An item was not put, and is handed back. What [`Queue::put_nowait`](super::Queue::put_nowait) answers.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::sync::PutError;
/// let queue: Queue<u8, 1> = Queue::new();
/// queue.put_nowait(1).unwrap();
/// assert_eq!(queue.put_nowait(2), Err(PutError::QueueFull(2)));
/// queue.shutdown(false);
/// assert_eq!(queue.put_nowait(3).unwrap_err().into_inner(), 3);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PutError<T> {
    /// There is no room: asyncio's `QueueFull`.
    QueueFull(T),
    /// Nothing can be put any more: asyncio's `QueueShutDown`.
    QueueShutDown(T),
}

impl<T> PutError<T> {
    /// The item.
    pub fn into_inner(self) -> T {
        match self {
            PutError::QueueFull(item) | PutError::QueueShutDown(item) => item,
        }
    }
}

impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PutError::QueueFull(_) => "QueueFull",
            PutError::QueueShutDown(_) => "QueueShutDown",
        })
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<T> Error for PutError<T> {}

/// There is no room, and the item is handed back; asyncio's `QueueFull`. What
/// [`InterruptQueue::put_nowait`](super::super::InterruptQueue::put_nowait) answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QueueFull<T>(pub T);

impl<T> fmt::Debug for QueueFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueueFull")
    }
}

impl<T> fmt::Display for QueueFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<T> Error for QueueFull<T> {}

/// There was no item to be got. What [`Queue::get_nowait`](super::Queue::get_nowait) answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GetError {
    /// There is none: asyncio's `QueueEmpty`.
    QueueEmpty,
    /// There is none, and there will be none: asyncio's `QueueShutDown`.
    QueueShutDown,
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Error for GetError {}

/// The queue was shut down; asyncio's `QueueShutDown`. An item that was to be put is handed back. What
/// [`Queue::get`](super::Queue::get) and [`Queue::put`](super::Queue::put) answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QueueShutDown<T = ()>(pub T);

impl<T> fmt::Debug for QueueShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueueShutDown")
    }
}

impl<T> fmt::Display for QueueShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<T> Error for QueueShutDown<T> {}

/// More items were said to be done than were put; asyncio's `ValueError`. What
/// [`Queue::task_done`](super::Queue::task_done) answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskDoneTooOften;

impl fmt::Display for TaskDoneTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("task_done() called too many times")
    }
}

impl Error for TaskDoneTooOften {}
