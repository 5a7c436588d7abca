//! What comes of a task group: its errors, and why it creates no task.

use core::error::Error;
use core::fmt;

/// The errors of a group's children, and of its body: the first `M`, in the order in which they came, and how many there
/// were beside them. asyncio's `ExceptionGroup`, with room for `M`. What [`TaskGroup::scope`](crate::TaskGroup::scope) answers.
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorGroup<E, const M: usize = 4> {
    errors: [Option<E>; M],
    dropped: usize,
}

impl<E, const M: usize> ErrorGroup<E, M> {
    pub(super) const fn new() -> ErrorGroup<E, M> {
        ErrorGroup { errors: [const { None }; M], dropped: 0 }
    }

    pub(super) fn push(&mut self, error: E) {
        match self.errors.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(error),
            None => self.dropped += 1,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.dropped == 0 && self.errors.iter().all(Option::is_none)
    }

    /// The errors that were kept.
    pub fn iter(&self) -> impl Iterator<Item = &E> {
        self.errors.iter().flatten()
    }

    /// How many more there were, for which there was no room.
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}

impl<E: fmt::Debug, const M: usize> fmt::Debug for ErrorGroup<E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<E, const M: usize> fmt::Display for ErrorGroup<E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.iter().count() + self.dropped;
        write!(f, "unhandled errors in a TaskGroup ({count} sub-exceptions)")
    }
}

impl<E: fmt::Debug, const M: usize> Error for ErrorGroup<E, M> {}

/// Why a group did not create a task; the coroutine is handed back. asyncio's `RuntimeError`, in its words. What
/// [`TaskGroup::create_task`](crate::TaskGroup::create_task) answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum GroupRefused<T> {
    /// Its scope has not begun.
    NotEntered(T),
    /// Its scope waits for no child any more, or has ended.
    Finished(T),
    /// A child or the body has failed or was cancelled: all children are being cancelled.
    ShuttingDown(T),
    /// As [`Refused::Full`](crate::Refused::Full).
    Full(T),
    /// As [`Refused::Closed`](crate::Refused::Closed).
    Closed(T),
}

impl<T> GroupRefused<T> {
    /// What was handed in.
    pub fn into_inner(self) -> T {
        match self {
            GroupRefused::NotEntered(inner)
            | GroupRefused::Finished(inner)
            | GroupRefused::ShuttingDown(inner)
            | GroupRefused::Full(inner)
            | GroupRefused::Closed(inner) => inner,
        }
    }
}

impl<T> fmt::Display for GroupRefused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GroupRefused::NotEntered(_) => "TaskGroup has not been entered",
            GroupRefused::Finished(_) => "TaskGroup is finished",
            GroupRefused::ShuttingDown(_) => "TaskGroup is shutting down",
            GroupRefused::Full(_) => "Event loop's memory is full",
            GroupRefused::Closed(_) => "Event loop is closed",
        })
    }
}

impl<T> fmt::Debug for GroupRefused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> Error for GroupRefused<T> {}
