//! A coroutine as a future that any waker may poll in a task of the loop.
//!
//! # The problem
//! Some combinators poll their futures with wakers of their own, to learn which of many has to be polled again. A sleep
//! wakes a task of the loop, not such a waker.
//!
//! # The design
//! A [`CoreFuture`] that is polled with such a waker creates a *relay*, a task that wakes the waker whenever it is resumed,
//! and resumes the coroutine as if for that task.
//!
//! # Costs
//! The relay is in the pool, 40 bytes on a 32-bit chip, from the first poll with a foreign waker until the future is
//! dropped. Polled with the task's own waker, or where no loop runs, there is none.

use core::future::Future;
use core::pin::Pin;
use core::task::Poll;

use super::as_future::suspended;
use super::waker::running_task;
use crate::coroutine::{Cancelled, Context, Coroutine, Foreign, Resume};
use crate::event_loop::{ErrorContext, EventLoop, get_running_loop};
use crate::task::Task;

/// Methods of every coroutine, for the world of futures. asyncio has one world.
pub trait BridgeExt: Coroutine + Sized {
    /// The coroutine as a future, for combinators in a task of a loop that have wakers of their own, such as
    /// `FuturesUnordered`; and for coroutines written by hand. (Where the task's waker is handed on, as by `select` and
    /// `join`, a coroutine is a future as it is.)
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let rustc = async {
    ///     let slept = sleep(1.millis()).into_core_future().await;
    ///     slept.map(|()| 7)
    /// };
    /// assert_eq!(lp.run_until_complete(FromFuture::new(rustc)), Ok(Ok(7)));
    /// ```
    /// # Errors
    /// The output is `Err(Cancelled)` if the coroutine was cancelled, or if the pool has no room for the relay that wakes
    /// the waker; of that the exception handler is told.
    ///
    /// # Cancellation
    /// A cancel request to the task that awaits the outermost future drops that, and this with it.
    fn into_core_future(self) -> CoreFuture<Self> {
        CoreFuture { coroutine: self, relay: None }
    }
}

impl<C: Coroutine> BridgeExt for C {}

/// Made by [`BridgeExt::into_core_future`].
#[must_use = "futures do nothing unless polled"]
pub struct CoreFuture<C> {
    coroutine: C,
    relay: Option<Relay>,
}

/// A task that stands for a waker.
struct Relay {
    waker: core::task::Waker,
    task: Task<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.cancel();
    }
}

/// The relay's coroutine. Its first step is made at once, so that every other one has been asked for.
struct Wakes {
    waker: core::task::Waker,
    begun: bool,
}

impl Coroutine for Wakes {
    type Output = ();

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        if core::mem::replace(&mut self.begun, true) {
            self.waker.wake_by_ref();
        }
        Resume::Pending
    }
}

impl Relay {
    /// `None` if there is no room for it.
    fn new(event_loop: &'static EventLoop, waker: &core::task::Waker) -> Option<Relay> {
        match event_loop.create_waiting_task(Wakes { waker: waker.clone(), begun: false }) {
            Ok(task) => Some(Relay { waker: waker.clone(), task }),
            Err(_) => {
                let task = event_loop.current_task();
                let message = "no memory for the relay of a coroutine that is polled as a future";
                event_loop.call_exception_handler(&ErrorContext { task, ..ErrorContext::new(message) });
                None
            }
        }
    }
}

impl<C: Coroutine> Future for CoreFuture<C> {
    type Output = Result<C::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut core::task::Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `coroutine` is structurally pinned: it is never moved out of a pinned `CoreFuture`, which has no `Drop`
        // and no other way to reach it. `relay` is not pinned.
        let (coroutine, relay) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.coroutine), &mut this.relay)
        };
        let foreign = Foreign::new(cx.waker());
        let answer = if let Some(mut context) = running_task(cx.waker()) {
            coroutine.resume(&mut context)
        } else if let Ok(event_loop) = get_running_loop() {
            if !relay.as_ref().is_some_and(|relay| relay.waker.will_wake(cx.waker()) && !relay.task.done()) {
                *relay = Relay::new(event_loop, cx.waker());
            }
            match relay {
                Some(relay) => event_loop.step_as(&relay.task, |context| coroutine.resume(context)),
                None => Resume::Cancelled,
            }
        } else {
            let mut context = Context::of_foreign(&foreign);
            let answer = coroutine.resume(&mut context);
            if matches!(answer, Resume::Pending) {
                suspended(&context);
            }
            answer
        };
        match answer {
            Resume::Done(output) => Poll::Ready(Ok(output)),
            Resume::Cancelled => Poll::Ready(Err(Cancelled)),
            Resume::Pending => Poll::Pending,
        }
    }
}
