//! A future of `core` as a coroutine.
//!
//! # The problem
//! Drivers that are written for `embedded-hal-async` give futures, which want a [`core::task::Waker`] and know nothing of
//! cancel requests.
//!
//! # The design
//! [`FromFuture`] polls the future with a waker of the running task, and takes the task's cancel request itself: as in
//! asyncio the `await` raises `CancelledError`, here by dropping the future in place and answering `Cancelled`.
//!
//! # Costs
//! The future's own bytes. Each poll makes a waker on the stack.

use core::future::Future;
use core::pin::Pin;
use core::task::Poll;

use super::raise::Polling;
use crate::coroutine::{Context, Coroutine, Resume};

/// Awaits a future of `core` in a coroutine. Made by `.await` on anything that is [`IntoFuture`]; made by hand it turns a
/// future into a coroutine, for [`create_task`](crate::EventLoop::create_task), say. asyncio's `wrap_future`.
///
/// A cancel request drops the future in place and answers `Cancelled`.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let task = lp.create_task(FromFuture::new(async { 7 })).unwrap();
/// assert_eq!(lp.run_until_complete(task), Ok(7));
/// ```
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
#[derive(Debug)]
#[repr(transparent)]
pub struct FromFuture<F> {
    future: F,
}

impl<F: Future> FromFuture<F> {
    /// Nothing is polled before the first resume.
    #[inline(always)]
    pub fn new(future: F) -> FromFuture<F> {
        FromFuture { future }
    }
}

impl<F: Future> Coroutine for FromFuture<F> {
    type Output = F::Output;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<F::Output> {
        // The first resume finds no request: whatever was suspended before has taken it.
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        // SAFETY: `future` is structurally pinned: it is never moved out of a pinned `FromFuture`, which has no `Drop`
        // and no other way to reach it.
        cx.poll(unsafe { self.map_unchecked_mut(|this| &mut this.future) })
    }
}

impl Context<'_> {
    /// Polls a future for the running task, from a coroutine written by hand. Take the cancel request first.
    ///
    /// `Cancelled` means that a coroutine in the future was: drop it, and answer the same.
    #[inline]
    pub fn poll<F: Future>(&mut self, future: Pin<&mut F>) -> Resume<F::Output> {
        let waker = self.core_waker();
        let polling = self.event_loop().map(Polling::begin);
        let answer = future.poll(&mut core::task::Context::from_waker(&waker));
        match answer {
            _ if polling.is_some_and(|polling| polling.was_raised()) => Resume::Cancelled,
            Poll::Ready(output) => Resume::Done(output),
            Poll::Pending => Resume::Pending,
        }
    }
}
