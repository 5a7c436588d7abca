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
//! A task in which a combinator resumes several coroutines may wait for several nodes, and for other things beside them.
//! All those nodes are told at once; the task itself is marked and queued too, if it waits for anything else.
//!
//! # Costs
//! A walk through the list of waits for each task on the way: in a ring of tasks that wait for one another, as many walks as
//! the loop's memory has granules. (asyncio's recursion ends with an error there.)

use core::sync::atomic::Ordering::Relaxed;

use crate::coroutine::{Resumed, Waker};
use crate::event_loop::EventLoop;
use crate::node::{CANCEL_REQUESTED, CANCELLED, Header, NEW, ONE_REQUEST, RELAYED, UNDELIVERED};
use crate::ready::after;
use crate::task::outcome::uncount_request;
use crate::task::wait::{Wait, WaitKind};
use crate::timers::{DUE, EXPIRING, TimerNode, WAKES, WOKEN};

/// So deep may tasks that wait for several others wait for each other: each level is one more call on the stack. Deeper
/// ones are cancelled where this ends.
const DEEPEST_TREE: u8 = 8;

/// What a task waits for, as far as a cancel request is concerned.
enum WaitsFor {
    /// Nothing, or something that is no task and no future.
    Nothing,
    /// One task or future alone.
    One(u16),
    /// Several, or one beside other things.
    Several,
}

impl EventLoop {
    /// Requests that a task be cancelled; false if it has ended. The caller has a reference to it.
    pub(crate) fn cancel_task(&self, id: u16) -> bool {
        // SAFETY: NAMED, by the caller's reference.
        unsafe {
            if self.header(id).is_ended() {
                return false;
            }
            self.use_waiting();
            self.request(id, 0);
        }
        true
    }

    /// Requests that a task or a future be cancelled; false if it has ended. The caller has a reference to it.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's or a future's.
    pub(crate) unsafe fn cancel_node(&self, id: u16) -> bool {
        // SAFETY: the caller's promise.
        unsafe { if self.header(id).is_task() { self.cancel_task(id) } else { self.cancel_future(id) } }
    }

    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended.
    unsafe fn request(&self, id: u16, depth: u8) {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            count_request(header);
            if self.current() == id {
                header.set(CANCEL_REQUESTED);
                self.look_at_current();
            } else {
                self.deliver(id, depth);
            }
        }
    }

    /// Delivers a request to a task that is suspended, ready or new.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended.
    pub(crate) unsafe fn deliver_cancel(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe { self.deliver(id, 0) };
    }

    /// # Safety
    /// As for `deliver_cancel`.
    unsafe fn deliver(&self, mut id: u16, depth: u8) {
        // SAFETY: the caller's promise, and for the others: who is waited for has not ended.
        unsafe {
            // A chain has no more tasks than there are numbers; a ring is left after as many.
            for _ in 0..self.last_number() {
                let target = match self.waits_for(id) {
                    WaitsFor::Nothing => break,
                    WaitsFor::One(target) => target,
                    WaitsFor::Several if depth == DEEPEST_TREE => break,
                    WaitsFor::Several => return self.deliver_to_all(id, depth + 1),
                };
                let header = self.header(target);
                if !header.is_task() {
                    self.cancel_future(target);
                    return;
                }
                count_request(header);
                if self.current() == target {
                    header.set(CANCEL_REQUESTED);
                    self.look_at_current();
                    return;
                }
                id = target;
            }
            self.request_at_next_step(id);
        }
    }

    /// The task's next step gets the request.
    ///
    /// A task in the current batch that is queued where asyncio has a callback, which would complete the future for which
    /// the task waits, does not get it in this turn: asyncio cancels that future, and the task is resumed in the next turn.
    ///
    /// # Safety
    /// As for `deliver_cancel`.
    unsafe fn request_at_next_step(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            let again = header.has(CANCEL_REQUESTED);
            header.set(CANCEL_REQUESTED);
            if header.next.load(Relaxed) == 0 {
                if self.put_or_wake(id) {
                    header.set(UNDELIVERED);
                }
                return;
            }
            // Also if it is queued: it may be parked until the next interrupt.
            self.wake(Waker(id));
            // RELAYED, it is resumed in the next turn anyway.
            if header.is_relayed() {
                if self.requeue(id) {
                    header.clear(RELAYED);
                }
            } else if !again && !self.request_at_callback(header, id) && !header.has(NEW) {
                header.set(UNDELIVERED);
            }
        }
    }

    /// Takes a request back and answers how many are left; at none, one that has not been delivered is withdrawn: to a task
    /// that runs, has not started, or was queued before it came. Any other request has ended a wait, as it cancels a
    /// future in asyncio. The caller has a reference to the task.
    pub(crate) fn uncancel_task(&self, id: u16) -> u8 {
        // SAFETY: NAMED, by the caller's reference. No list is changed.
        unsafe {
            let header = self.header(id);
            let left = uncount_request(header);
            if left == 0 && !header.is_ended() && header.has(CANCEL_REQUESTED) {
                if header.has(NEW) {
                    if header.has(RELAYED) {
                        header.clear(UNDELIVERED | CANCEL_REQUESTED);
                    } else if !self.is_placed(id) {
                        header.clear(CANCEL_REQUESTED);
                    }
                } else if self.current() == id || header.next.load(Relaxed) == 0 {
                    header.clear(CANCEL_REQUESTED);
                }
            }
            left
        }
    }

    /// Queues a task where asyncio's callback, which runs now, does it. RELAYED, it is in the batch for something that comes
    /// later in this turn.
    ///
    /// # Safety
    /// NAMED holds for the number of a task that has not ended.
    pub(super) unsafe fn wake_at_callback(&self, id: u16) {
        if !self.is_task(id) {
            return;
        }
        // SAFETY: NAMED: it is in the bitmap.
        unsafe {
            let header = self.header(id);
            if !self.push(id) && header.is_relayed() && self.requeue(id) {
                header.clear(RELAYED);
            }
        }
    }

    /// Has a node of the batch run in the next turn instead, at the place where asyncio's callback would be queued now. Only
    /// where the loop knows its batch, because of panics; elsewhere its place is that of when the loop comes to it.
    fn requeue(&self, id: u16) -> bool {
        #[cfg(panic = "unwind")]
        // SAFETY: NAMED: it was in the batch.
        return self.take_from_batch(id) && unsafe { self.push(id) };
        #[cfg(not(panic = "unwind"))]
        {
            let _ = id;
            false
        }
    }

    /// What the loop does with a task that was cancelled, and is NEW: how to run it, or `NONE`.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that was taken from the queue.
    pub(super) unsafe fn cancel_new(&self, id: u16) -> Resumed {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            if header.has(RELAYED) {
                header.clear(UNDELIVERED | CANCEL_REQUESTED);
                return Resumed::new(id, true);
            }
            if !self.put_cancelled(header, id) {
                self.abandon(id, CANCELLED);
            }
        }
        Resumed::NONE
    }

    /// Whether a node is queued for the next turn.
    pub(crate) fn is_ready(&self, id: u16) -> bool {
        self.shared(|_, memory| {
            let mut ready = self.ready.first();
            while ready != 0 && ready != id {
                // SAFETY: NAMED: it is in the queue.
                ready = unsafe { after(memory, ready) };
            }
            ready == id
        })
    }

    /// A timeout's timer has fired. asyncio's callback cancels the task when its turn comes in the batch. Here the task's own
    /// node takes that place.
    ///
    /// # Safety
    /// The timer was pending until now, and is a timeout's.
    pub(super) unsafe fn fire_timeout(&self, timer: *const TimerNode, relayed: u8) -> u8 {
        // SAFETY: ARMED: it was in the heap, and its owner is still there.
        let timer = unsafe { &*timer };
        if !self.is_task(timer.target()) {
            return relayed;
        }
        if relayed == 0 {
            self.relay_all();
        }
        // SAFETY: NAMED: it is in the bitmap, and nobody else takes it out.
        unsafe {
            if timer.state.get() == WAKES {
                self.wake_relayed(timer);
            } else {
                self.expire(timer);
            }
        }
        RELAYED
    }

    /// The timer of `wait`: the task is resumed in the turn after this one. If it is to be resumed in this one, it sees that
    /// its timer is gone.
    ///
    /// # Safety
    /// As for `expire`.
    unsafe fn wake_relayed(&self, timer: &TimerNode) {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(timer.target());
            if self.push(timer.target()) || header.is_relayed() || self.overrule(timer.target()) {
                header.set(RELAYED);
                timer.state.set(WOKEN);
            }
        }
    }

    /// Has the task cancelled, for which a timeout's timer stands, when the loop comes to it.
    ///
    /// - It waits for a task or a future, which must not be told before: the task is resumed, and cancels itself then
    ///   (`DUE`). If it is queued, it is so because of another timeout.
    /// - It waits for anything else, and is not queued, or only relayed: it is relayed and marked, so that it is resumed
    ///   with the request in the turn after this one, as it would be if the loop cancelled it when it comes to it.
    /// - It is queued and will be resumed, for what it waited for is there: the timeout sees in that step that its timer
    ///   is gone, and that nobody has cancelled the task for it.
    ///
    /// # Safety
    /// NAMED holds for the timer's target, which is a task that has not ended.
    pub(crate) unsafe fn expire(&self, timer: &TimerNode) {
        let id = timer.target();
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            let pushed = self.push(id);
            if matches!(self.waits_for(id), WaitsFor::Nothing) {
                if !pushed && !header.is_relayed() {
                    return;
                }
                header.set(RELAYED | CANCEL_REQUESTED);
            } else if pushed {
                timer.state.set(DUE);
                return;
            } else {
                self.count_again(id, 0);
            }
            count_request(header);
            timer.state.set(EXPIRING);
        }
    }

    /// A second request within the one that a task is about to make: those to whom it is passed on count it too.
    ///
    /// # Safety
    /// As for `expire`.
    unsafe fn count_again(&self, id: u16, depth: u8) {
        if depth == DEEPEST_TREE {
            return;
        }
        // SAFETY: the caller's promise, and for the others: who is waited for has not ended. No list is changed.
        unsafe {
            self.find_wait(|wait| {
                if wait.waiter() == id && self.is_told(wait) && self.header(wait.target()).is_task() {
                    count_request(self.header(wait.target()));
                    self.count_again(wait.target(), depth + 1);
                }
                false
            });
        }
    }

    /// Passes a request on to all that a task waits for, in the order in which it began to, and to the task itself, if it
    /// waits for something else beside them.
    ///
    /// # Safety
    /// As for `deliver_cancel`.
    unsafe fn deliver_to_all(&self, id: u16, depth: u8) {
        let mut itself = false;
        // Telling one may take others out of the list: first all are marked, then the first that is marked is told, until
        // there is none.
        // SAFETY: LINKED and WHOLE: the links in this list are those of `Wait`s. NAMED: the caller's promise, and for the
        // others: who is waited for has not ended.
        unsafe {
            self.find_wait(|wait| {
                if wait.waiter() == id && self.is_told(wait) {
                    wait.begin_telling();
                    itself |= wait.kind() == WaitKind::Branch;
                }
                false
            });
            while let Some(target) = self.find_wait(|wait| wait.waiter() == id && wait.take_telling()) {
                if self.header(target).is_task() {
                    self.request(target, depth);
                } else {
                    self.cancel_future(target);
                }
            }
            let header = self.header(id);
            if itself && !header.is_ended() {
                self.request_at_next_step(id);
            }
        }
    }

    /// What the first wait of which `which` is true waits for.
    ///
    /// # Safety
    /// `which` changes no list.
    pub(super) unsafe fn find_wait(&self, mut which: impl FnMut(&Wait) -> bool) -> Option<u16> {
        let mut link = self.waits.first();
        while !link.is_null() {
            // SAFETY: LINKED and WHOLE: the links in this list are those of `Wait`s.
            unsafe {
                let wait = &*link.cast::<Wait>();
                if which(wait) {
                    return Some(wait.target());
                }
                link = self.waits.after(link);
            }
        }
        None
    }

    /// Whether a cancel request to who waits is passed on.
    ///
    /// # Safety
    /// The wait is in the list.
    unsafe fn is_told(&self, wait: &Wait) -> bool {
        matches!(wait.kind(), WaitKind::Task | WaitKind::Member | WaitKind::Branch)
            // SAFETY: NAMED: who waits like this has a reference.
            && !unsafe { self.header(wait.target()) }.is_ended()
    }

    /// To whom a task passes a cancel request on.
    fn waits_for(&self, id: u16) -> WaitsFor {
        let mut found = WaitsFor::Nothing;
        // SAFETY: no list is changed.
        unsafe {
            self.find_wait(|wait| {
                if wait.waiter() == id && self.is_told(wait) {
                    found = match (wait.kind(), &found) {
                        (WaitKind::Task, WaitsFor::Nothing) => WaitsFor::One(wait.target()),
                        _ => WaitsFor::Several,
                    };
                }
                false
            });
        }
        found
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
pub(crate) fn count_request(header: &Header) {
    header.flags.set(header.flags.get().checked_add(ONE_REQUEST).unwrap_or(header.flags.get()));
}
