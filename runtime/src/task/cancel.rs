//! Cancellation, by asyncio's rules.
//!
//! # The problem
//! A cancel request must reach whatever the task is suspended on. If that is a future or a task, asyncio cancels *it*,
//! at once, and the waiting task learns of it as it would of any other end.
//!
//! # The design
//! Who waits for a future or a task is in the loop's list of waits, so what a task waits for is found there. A task that
//! waits for exactly one passes the request on; that task may wait for another, and so on. Any other task (sleeping,
//! waiting for a device, ready, not started) is marked and queued: its next step has the request in its
//! [`Context`](crate::Context). A running task is only marked, and looked at again when it is suspended.
//!
//! # Costs
//! A walk through the list of waits for each task on the way.

use crate::coroutine::Waker;
use crate::event_loop::EventLoop;
use crate::node::{CANCEL_REQUESTED, CANCELLED, Header, ONE_REQUEST};
use crate::task::wait::{Wait, WaitKind};

/// As many tasks are followed: longer chains, and rings, are cancelled where this ends.
const LONGEST_CHAIN: u8 = 100;

impl EventLoop {
    /// Requests that a task be cancelled; false if it has ended. The caller has a reference to it.
    pub(crate) fn cancel_task(&self, id: u16) -> bool {
        // SAFETY: NAMED, by the caller's reference.
        unsafe {
            if self.header(id).is_ended() {
                return false;
            }
            self.use_waiting();
            self.request(id);
        }
        true
    }

    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended.
    unsafe fn request(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            count(header);
            if self.current() == id {
                header.set(CANCEL_REQUESTED);
                self.look_at_current();
            } else {
                self.deliver_cancel(id);
            }
        }
    }

    /// Delivers a request to a task that is suspended, ready or new.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended.
    pub(crate) unsafe fn deliver_cancel(&self, mut id: u16) {
        // SAFETY: the caller's promise, and for the others: who is waited for has not ended.
        unsafe {
            for _ in 0..LONGEST_CHAIN {
                let target = self.waits_for(id);
                if target == 0 {
                    break;
                }
                let header = self.header(target);
                if !header.is_task() {
                    self.cancel_future(target);
                    return;
                }
                count(header);
                if self.current() == target {
                    header.set(CANCEL_REQUESTED);
                    self.look_at_current();
                    return;
                }
                id = target;
            }
            self.header(id).set(CANCEL_REQUESTED);
            self.wake(Waker(id));
        }
    }

    /// The one task or future that a task waits for, to which it passes a cancel request on; 0 if there is none, or
    /// more than one.
    fn waits_for(&self, id: u16) -> u16 {
        let mut target = 0;
        let mut link = self.waits.first();
        while !link.is_null() {
            // SAFETY: LINKED and WHOLE: the links in this list are those of `Wait`s.
            unsafe {
                let wait = link.cast::<Wait>();
                if (*wait).waiter() == id && (*wait).kind() == WaitKind::Task {
                    if target != 0 {
                        return 0;
                    }
                    target = (*wait).target();
                }
                link = self.waits.after(link);
            }
        }
        target
    }

    /// Cancels a future and tells everybody; false if it has ended.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a future's.
    pub(crate) unsafe fn cancel_future(&self, id: u16) -> bool {
        // SAFETY: the caller's promise. A future that is pending has no payload.
        unsafe {
            let header = self.header(id);
            if header.is_ended() {
                return false;
            }
            header.end(CANCELLED);
            self.tell_waiting(header, id);
        }
        true
    }
}

/// Counts a request, up to 7.
fn count(header: &Header) {
    header.flags.set(header.flags.get().checked_add(ONE_REQUEST).unwrap_or(header.flags.get()));
}
