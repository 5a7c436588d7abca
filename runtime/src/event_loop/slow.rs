//! Debug mode: steps that take too long.
//!
//! # The problem
//! A step that computes for long delays all others. That the loop is late can be seen; whose fault it was cannot, and a task's
//! name alone says little when its code is a dozen coroutines.
//!
//! # The design
//! In debug mode the loop reads the clock before and after each step. A task is asked before its step where its innermost
//! coroutine stands, because that is gone afterwards, and again after a step that was too long: between the two places is
//! the code that ran. See [`location`](crate::location) for how it answers.
//!
//! # Costs
//! With the feature `debug` this and each machine's answers in flash; in debug mode, for each step, two readings of the clock
//! and a question that goes down the coroutines as a resume does. The question is not in the time that is reported.

use core::num::NonZeroU16;

use super::EventLoop;
use super::error::ErrorContext;
use super::handle::AnyHandle;
use crate::coroutine::Context;
use crate::location::{Location, Locator};
use crate::node::{Header, PAYLOAD};
use crate::time::Instant;

/// A step of which it is not known yet whether it takes too long.
pub(super) struct Watched {
    context: ErrorContext,
    started: Instant,
}

impl EventLoop {
    /// Before a step.
    ///
    /// # Safety
    /// NAMED holds for the number; the node has not ended, and is about to run.
    pub(super) unsafe fn watch(&'static self, id: u16) -> Watched {
        let task = self.current_task();
        // SAFETY: the caller's promise; the number is not 0.
        let (handle, began) = unsafe {
            let handle = task.is_none().then(|| AnyHandle::of(self, NonZeroU16::new_unchecked(id)));
            (handle, self.locate(id))
        };
        let context = ErrorContext { task, handle, began, ..ErrorContext::new("Executing took too long") };
        Watched { context, started: self.time() }
    }

    /// Reports a step that took too long. `id` is its task's number, 0 after its end.
    ///
    /// # Safety
    /// NAMED holds for the number, and the node has not ended.
    pub(super) unsafe fn report_slow(&'static self, watched: Watched, id: u16) {
        let Watched { context, started } = watched;
        let took = self.time() - started;
        if took >= self.slow_callback_duration() {
            // SAFETY: the caller's promise.
            let stopped = if id == 0 { None } else { unsafe { self.locate(id) } };
            self.call_exception_handler(&ErrorContext { took: Some(took), stopped, ..context });
        }
    }

    /// Where a task's innermost coroutine stands, if that is known.
    ///
    /// # Safety
    /// NAMED holds for the number; the node has not ended, and does not run.
    unsafe fn locate(&self, id: u16) -> Option<Location> {
        let node = self.memory().address(id);
        // SAFETY: NAMED. CONTENT: the payload of a task that has not ended is its coroutine.
        unsafe {
            let header = &*node.cast::<Header>();
            if !header.is_shown_as_task() || header.is_ended() {
                return None;
            }
            let mut locator = Locator::default();
            (header.vtable.run)(node.wrapping_add(PAYLOAD), &mut Context::locating(&mut locator));
            locator.found
        }
    }
}
