//! A cancellation that passes through futures of `core`.
//!
//! # The problem
//! A coroutine that is polled as a future may end as `Cancelled`, for which [`Poll`](core::task::Poll) has no place.
//!
//! # The design
//! As an exception would: the coroutine notes it in the loop, and says `Pending`; whatever polls it says something, and
//! the [`Context::poll`] in which all of this happens finds the note and answers `Cancelled`. The future is dropped then,
//! whatever it said.
//!
//! # Costs
//! Two bits of the loop's state.

use crate::coroutine::Context;
use crate::event_loop::EventLoop;

/// While a future is polled: whether a coroutine in it was cancelled is asked at the end.
pub(super) struct Polling {
    event_loop: &'static EventLoop,
    outer: u8,
}

impl Polling {
    pub(super) fn begin(event_loop: &'static EventLoop) -> Polling {
        Polling { event_loop, outer: event_loop.set_polling(EventLoop::POLLING) }
    }

    /// Whether a coroutine in the future was cancelled.
    pub(super) fn was_raised(&self) -> bool {
        self.event_loop.polling() & EventLoop::RAISED != 0
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.event_loop.set_polling(self.outer);
    }
}

/// A coroutine that is polled as a future is `Cancelled`.
///
/// # Panics
/// If nobody can be told.
#[cold]
#[inline(never)]
pub(super) fn raise(cx: &Context<'_>) {
    match cx.event_loop() {
        Some(event_loop) if event_loop.polling() != 0 => {
            event_loop.set_polling(EventLoop::POLLING | EventLoop::RAISED);
        }
        _ => panic!("segno: a coroutine that is polled as a future was cancelled: poll its `catch_cancel()` instead"),
    }
}
