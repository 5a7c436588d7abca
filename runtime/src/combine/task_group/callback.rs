//! What a group knows of its children, whatever their errors are, and what it does when they end.
//!
//! # The problem
//! Groups differ in the type of their errors; the code for the rest is to be in flash once.
//!
//! # The design
//! A struct without type parameters, first in the group's node, whose functions do what asyncio's done callbacks do.
//!
//! # Costs
//! 12 bytes on a 32-bit chip.

use core::cell::Cell;

use super::ChildLink;
use crate::coroutine::Waker;
use crate::event_loop::{ErrorContext, EventLoop};
use crate::list::List;

/// Its scope has begun.
pub(super) const ENTERED: u16 = 1;
/// Its body has ended.
pub(super) const EXITING: u16 = 2;
/// The children are being cancelled.
pub(super) const ABORTING: u16 = 4;
/// The parent was cancelled, because a child has failed.
pub(super) const PARENT_CANCELLED: u16 = 8;
/// A child has failed since the node last ran.
pub(super) const FAILED: u16 = 16;
/// The scope is in a branch: its body is cancelled, not its task.
pub(super) const BRANCH: u16 = 32;
/// The body is to be cancelled.
pub(super) const CANCEL_BODY: u16 = 64;
/// The failure that has set `FAILED` is that of the child that is ending now.
pub(super) const FAILS_NOW: u16 = 128;
/// A child has ended while the node was in the batch of its turn: the node is to run once more.
pub(super) const AGAIN: u16 = 256;
/// One of those has failed.
pub(super) const FAILED_AGAIN: u16 = 512;

/// A child begins eagerly, inside of `create_task`: if it ends there, its end is dealt with there.
#[cfg(feature = "task-factory")]
pub(super) const CREATING: u16 = 1024;

/// What does not depend on the errors' type.
#[repr(C)]
pub(super) struct Core {
    /// The children that have not ended. While the node is queued, there are others whose end it has not seen.
    pub(super) children: List,
    pub(super) parent: Cell<u16>,
    pub(super) flags: Cell<u16>,
    /// Where the node is put when it is to run once more.
    pub(super) place: Cell<u16>,
    /// Behind which node of the same turn it is to run once more, for ends that came after the one that decides; or 0.
    pub(super) later: Cell<u16>,
}

impl Core {
    pub(super) const fn new() -> Core {
        Core {
            children: List::new(),
            parent: Cell::new(0),
            flags: Cell::new(0),
            place: Cell::new(0),
            later: Cell::new(0),
        }
    }

    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags.get() & flag != 0
    }

    pub(super) fn set(&self, flag: u16, on: bool) {
        let flags = self.flags.get();
        self.flags.set(if on { flags | flag } else { flags & !flag });
    }

    /// Whether a flag was set; now it is not.
    pub(super) fn take(&self, flag: u16) -> bool {
        let had = self.has(flag);
        self.set(flag, false);
        had
    }

    /// Whether the failure of another child has decided before: then this end changes nothing.
    pub(super) fn is_decided(&self, failed: u16, late: u16) -> bool {
        self.has(failed) && !self.has(FAILS_NOW | ABORTING | PARENT_CANCELLED | late)
    }

    /// Cancels all children.
    pub(super) fn abort(&self, event_loop: &'static EventLoop) {
        self.set(ABORTING, true);
        let mut link = self.children.first();
        while !link.is_null() {
            // SAFETY: LINKED and WHOLE: the links in this list are those of `Child`s. A cancel request ends no child at once.
            unsafe {
                event_loop.cancel_task((*link.cast::<ChildLink>()).id.get());
                link = self.children.after(link);
            }
        }
    }

    /// What asyncio's done callback does. Answers where it is to be done again, for children that have ended in this turn.
    pub(super) fn children_ended(&self, event_loop: &'static EventLoop) -> Option<u16> {
        let (failed, again) = (self.take(FAILED), self.take(AGAIN));
        let failed_again = self.take(FAILED_AGAIN);
        self.set(FAILED, failed_again);
        if self.children.first().is_null() && !again && self.has(EXITING) {
            event_loop.wake(Waker(self.parent.get()));
        }
        if failed {
            self.child_failed(event_loop);
        }
        again.then(|| self.place.get())
    }

    /// What asyncio's done callback does for a child that has ended inside of `create_task`, which calls it.
    #[cfg(feature = "task-factory")]
    pub(super) fn child_ended_at_once(&self, event_loop: &'static EventLoop) {
        if self.take(FAILS_NOW) {
            self.child_failed(event_loop);
        }
    }

    pub(super) fn child_failed(&self, event_loop: &'static EventLoop) {
        if self.parent.get() == 0 {
            event_loop.call_exception_handler(&ErrorContext::new(
                "Task has errored out but its parent task is already completed",
            ));
        } else if !self.has(ABORTING | PARENT_CANCELLED) {
            self.abort(event_loop);
            self.set(PARENT_CANCELLED, true);
            if self.has(BRANCH) {
                self.set(CANCEL_BODY, true);
                event_loop.wake(Waker(self.parent.get()));
            } else {
                event_loop.cancel_task(self.parent.get());
            }
        }
    }
}
