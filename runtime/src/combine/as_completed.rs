//! `as_completed`.
//!
//! # The problem
//! Results are to be handled as they come in, whichever task they are from; also those that come in while another one is
//! handled, in their order.
//!
//! # The design
//! An object that asks all members once, at the first question, and a coroutine for each question: [`AsCompleted::next`].
//! Between the questions the members are still asked, so the object is pinned: `pin!` in a coroutine keeps it in the frame.
//! [`completed`](crate::task::completed) is how they answer.
//!
//! As in asyncio, who had to wait is resumed one turn after a callback would run, and who finds one does not wait.
//!
//! # Costs
//! On a 32-bit chip 20 bytes of frame for each member, and 48 for all; 8 while `next` waits. No memory of the loop.

use core::fmt;
use core::pin::Pin;
use core::ptr;

use super::timeout::TimedOut;
use crate::coroutine::{Context, Coroutine, Resume, Waker};
use crate::event_loop::EventLoop;
use crate::task::Joinable;
use crate::task::completed::{Member, Members};
use crate::task::wait::refuse;
use crate::time::Duration;

/// Gives the members one by one, as they end; asyncio's `as_completed`.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{as_completed, host::VirtualClock};
/// #[segno::coroutine]
/// async fn order(lp: &'static EventLoop) -> Vec<u64> {
///     let mut order = Vec::new();
///     let tasks = [30, 10, 20].map(|delay| lp.create_task(job(delay)).unwrap());
///     let mut completed = pin!(as_completed(&tasks));
///     while let Some(Ok(task)) = completed.next().await {
///         order.push(task.take_result().unwrap());
///     }
///     order
/// }
///
/// #[segno::coroutine]
/// async fn job(delay: u64) -> u64 {
///     sleep(delay.millis()).await;
///     delay
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// assert_eq!(lp.run_until_complete(order(lp)).unwrap(), [10, 20, 30]);
/// ```
/// A member that is named twice is given once. The members are left alone, whatever happens to who waits.
pub fn as_completed<T: Joinable, const N: usize>(members: &[T; N]) -> AsCompleted<'_, T, N> {
    AsCompleted { asked: [const { Member::new() }; N], all: Members::new(), members }
}

/// Made by [`as_completed`].
pub struct AsCompleted<'a, T, const N: usize> {
    asked: [Member; N],
    all: Members,
    members: &'a [T; N],
}

impl<'a, T: Joinable, const N: usize> AsCompleted<'a, T, N> {
    /// Waits for `delay` at most for all of them together, from the first question. After that each question for a member
    /// that is left is answered [`TimedOut`], and the members are left alone. asyncio's `as_completed(…, timeout=…)`.
    pub fn timeout(self, delay: Duration) -> Self {
        self.all.set_delay(delay);
        self
    }

    /// The next member that ends, however it ends; `None` after the last one. asyncio's `async for`, which gives the tasks that were
    /// given. The first question asks all members: the order is that in which they end from then on, behind those that
    /// have ended before, in the order of the array.
    ///
    /// When cancelled, nothing is lost: the member that had just ended is given next time. If a member belongs to another
    /// loop, the exception handler is told, and who waits is cancelled.
    ///
    /// # Errors
    /// [`TimedOut`] when the time is over, once for each member that is left.
    pub fn next<'b>(self: &'b mut Pin<&mut Self>) -> NextCompleted<'b, 'a, T, N> {
        NextCompleted { completed: self.as_ref().get_ref(), waiting: false }
    }

    /// Asks all members; false if that cannot be.
    ///
    /// # Safety
    /// This is pinned.
    unsafe fn ask(&self, event_loop: &'static EventLoop, waker: Waker) -> bool {
        let nodes = || self.members.iter().map(Joinable::node);
        if !nodes().all(|node| ptr::eq(node.event_loop(), event_loop)) {
            return false;
        }
        self.all.begin(event_loop);
        for (index, (node, asked)) in nodes().zip(&self.asked).enumerate() {
            if !nodes().take(index).any(|other| other.is(node)) {
                // SAFETY: the caller's promise; each leaves when this is dropped.
                unsafe { asked.ask(&self.all, node, waker) };
            }
        }
        // SAFETY: the caller's promise; it is disarmed when this is dropped.
        unsafe { self.all.start(event_loop) };
        true
    }
}

impl<T, const N: usize> Drop for AsCompleted<'_, T, N> {
    fn drop(&mut self) {
        self.all.timer.disarm();
        self.asked.iter().for_each(Member::leave);
    }
}

impl<T, const N: usize> fmt::Debug for AsCompleted<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = if self.all.is_asked() { self.all.left().into() } else { N };
        f.debug_struct("AsCompleted").field("left", &left).finish_non_exhaustive()
    }
}

/// Made by [`AsCompleted::next`]; see [`as_completed`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct NextCompleted<'b, 'a, T, const N: usize> {
    /// Pinned.
    completed: &'b AsCompleted<'a, T, N>,
    waiting: bool,
}

impl<'a, T: Joinable, const N: usize> Coroutine for NextCompleted<'_, 'a, T, N> {
    type Output = Option<Result<&'a T, TimedOut>>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        let this = self.get_mut();
        let completed = this.completed;
        let Some(event_loop) = cx.require_event_loop() else { return Resume::Cancelled };
        if this.waiting && cx.take_cancel() {
            return Resume::Cancelled;
        }
        // SAFETY: it is pinned, as is said where it is kept.
        if !completed.all.is_asked() && !unsafe { completed.ask(event_loop, cx.waker()) } {
            let _ = refuse(cx, "Task got Future attached to a different loop");
            return Resume::Cancelled;
        }
        if completed.all.left() == 0 {
            return Resume::Done(None);
        }
        if this.waiting && completed.all.call_back(&completed.asked) {
            event_loop.wake(cx.waker());
            return Resume::Pending;
        }
        if let Some(number) = completed.all.take() {
            let index = completed.asked.iter().position(|member| member.is(number));
            return Resume::Done(index.map(|index| Ok(&completed.members[index])));
        }
        if completed.all.is_over() {
            completed.all.time_out();
            return Resume::Done(Some(Err(TimedOut)));
        }
        this.waiting = true;
        completed.all.set_waiter(cx.waker());
        Resume::Pending
    }
}

impl<T, const N: usize> Drop for NextCompleted<'_, '_, T, N> {
    fn drop(&mut self) {
        if self.waiting {
            self.completed.all.set_waiter(Waker::NONE);
            self.completed.all.call_back(&self.completed.asked);
        }
    }
}

impl<T, const N: usize> fmt::Debug for NextCompleted<'_, '_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NextCompleted")
    }
}
