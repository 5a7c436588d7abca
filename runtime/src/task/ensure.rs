//! `ensure_future`.
//!
//! # The problem
//! Code that is given something to await, and is also to cancel it, to ask it, or to add a callback to it, needs a handle. A task
//! and a future are handles; of a coroutine a task has to be made.
//!
//! # The design
//! Which of these it is, is known from its type: [`EnsureFuture`] gives handles back as they are, and makes a task of every
//! coroutine. What is none of them does not compile, where asyncio raises `TypeError`.
//!
//! # Costs
//! Those of `create_task`, or none.

use core::error::Error;
use core::fmt;
use core::ptr;

use crate::combine::GatheringFuture;
use crate::coroutine::Coroutine;
use crate::event_loop::{EventLoop, Refused};
use crate::future::Future;
use crate::task::Task;

/// What [`EventLoop::ensure_future`] takes: every coroutine that can be a task, and tasks and futures, also borrowed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no coroutine that can be a task, no task and no future",
    label = "of this no task can be made"
)]
pub trait EnsureFuture: Sized {
    /// A task of the coroutine; of a task or a future its own type.
    type Ensured;

    /// What [`EventLoop::ensure_future`] does.
    #[doc(hidden)]
    fn ensure(self, event_loop: &'static EventLoop) -> Result<Self::Ensured, EnsureRefused<Self>>;
}

impl<C: Coroutine + 'static> EnsureFuture for C {
    type Ensured = Task<C::Output>;

    fn ensure(self, event_loop: &'static EventLoop) -> Result<Task<C::Output>, EnsureRefused<C>> {
        event_loop.create_task(self).map_err(|refused| match refused {
            Refused::Full(coroutine) => EnsureRefused::Full(coroutine),
            Refused::Closed(coroutine) => EnsureRefused::Closed(coroutine),
        })
    }
}

macro_rules! handles {
    ($($handle:ty),+) => {
        $(impl<T> EnsureFuture for $handle {
            type Ensured = Self;

            fn ensure(self, event_loop: &'static EventLoop) -> Result<Self, EnsureRefused<Self>> {
                if ptr::eq(self.event_loop(), event_loop) { Ok(self) } else { Err(EnsureRefused::AnotherLoop(self)) }
            }
        })+
    };
}

handles!(Task<T>, &Task<T>, Future<T>, &Future<T>, GatheringFuture<T>, &GatheringFuture<T>);

/// Why there is no task or future of this loop; what was given is handed back. What [`EventLoop::ensure_future`] answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum EnsureRefused<T> {
    /// As [`Refused::Full`].
    Full(T),
    /// As [`Refused::Closed`].
    Closed(T),
    /// The task or future belongs to another loop; asyncio's `ValueError`.
    AnotherLoop(T),
}

impl<T> EnsureRefused<T> {
    /// What was handed in.
    pub fn into_inner(self) -> T {
        match self {
            EnsureRefused::Full(inner) | EnsureRefused::Closed(inner) | EnsureRefused::AnotherLoop(inner) => inner,
        }
    }
}

impl<T> fmt::Display for EnsureRefused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EnsureRefused::Full(_) => "Event loop's memory is full",
            EnsureRefused::Closed(_) => "Event loop is closed",
            EnsureRefused::AnotherLoop(_) => "The future belongs to a different loop",
        })
    }
}

impl<T> fmt::Debug for EnsureRefused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> Error for EnsureRefused<T> {}

impl EventLoop {
    /// Makes a task of a coroutine, as [`EventLoop::create_task`] does, and gives a task or a future back as it is; asyncio's
    /// `ensure_future`. For code that takes any of them and needs a handle.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// use segno::task::EnsureFuture;
    ///
    /// fn give_up_after<A: EnsureFuture<Ensured = Task<()>>>(lp: &'static EventLoop, delay: Duration, work: A) {
    ///     let Ok(task) = lp.ensure_future(work) else { return };
    ///     lp.call_later(delay, move |_| _ = task.cancel()).unwrap();
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let task = lp.create_task(sleep(9.secs())).unwrap();
    /// let any = task.as_any();
    /// give_up_after(lp, 1.secs(), task); // a task stays the same
    /// give_up_after(lp, 1.secs(), sleep(9.secs())); // a coroutine becomes one
    /// lp.run_until_complete(sleep(2.secs())).unwrap();
    /// assert!(any.cancelled());
    /// assert_eq!(lp.all_tasks().count(), 0);
    /// ```
    /// # Errors
    /// [`EnsureRefused`] hands it back: a coroutine if the pool is full or the loop closed; a task or a future if it is another
    /// loop's.
    pub fn ensure_future<A: EnsureFuture>(&'static self, awaitable: A) -> Result<A::Ensured, EnsureRefused<A>> {
        awaitable.ensure(self)
    }
}
