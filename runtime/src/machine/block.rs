//! What `block!` becomes: tries with suspensions between them.

use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, Resume};

/// What one try of `block!`'s operation gave.
pub enum Attempt<R> {
    /// It would block: try again when woken.
    Blocked,
    /// It ended.
    Finished(R),
}

/// Sorts the answer of a non-blocking operation.
#[inline(always)]
pub fn attempt<T, E>(answer: nb::Result<T, E>) -> Attempt<Result<T, E>> {
    match answer {
        Ok(value) => Attempt::Finished(Ok(value)),
        Err(nb::Error::Other(error)) => Attempt::Finished(Err(error)),
        Err(nb::Error::WouldBlock) => Attempt::Blocked,
    }
}

/// The suspension of `block!`: woken by whatever the operation registered with, or else after the next interrupt.
pub fn blocked() -> Blocked {
    Blocked { suspended: false }
}

/// Made by [`blocked`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Blocked {
    suspended: bool,
}

impl Coroutine for Blocked {
    type Output = ();

    #[inline]
    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        if self.suspended {
            return if cx.take_cancel() { Resume::Cancelled } else { Resume::Done(()) };
        }
        self.suspended = true;
        if !cx.event_loop().is_some_and(|event_loop| event_loop.take_interest()) {
            cx.resume_after_interrupt();
        }
        Resume::Pending
    }
}
