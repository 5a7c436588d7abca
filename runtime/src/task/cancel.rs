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
//! So a request goes down a tree of tasks, of any depth, without a stack: the wait by which it came to a task is marked
//! until it goes up again, in the two bytes for the place of a task whose wait is over. Where it comes to a task that is on the way
//! already, which waits for itself by way of others, it is delivered to that one: a ring of tasks that wait for one thing each is
//! broken there. (asyncio's recursion ends with an error.)
//!
//! # Costs
//! Some walks through the list of waits for each task on the way.

use core::sync::atomic::Ordering::Relaxed;

use crate::coroutine::{Resumed, Waker};
use crate::event_loop::EventLoop;
use crate::node::{CANCEL_REQUESTED, CANCELLED, Kind, NEW, RELAYED, UNDELIVERED};
use crate::ready::after;
use crate::task::wait::{FIRED, LATE, Wait, WaitKind};
use crate::timers::{self, DUE, EXPIRING, TimerNode, WAKES, WOKEN};

/// How a task waits that passes a request on: for one task or future alone.
const ONE: u16 = 1;
/// For several, or for one beside other things that are none of the task's.
const SEVERAL: u16 = 2;
/// The same, and it gets the request too.
const ITSELF: u16 = 3;

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
        self.tell_uncounted();
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
    unsafe fn request(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.count_and_mark(id, true) {
                self.pass_on(id, true);
            }
        }
    }

    /// Delivers a request to a task that is suspended, ready or new.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended.
    pub(crate) unsafe fn deliver_cancel(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe { self.pass_on(id, true) };
    }

    /// Counts a request to a task, and answers whether it goes on from there: not if the task runs, which is marked instead, if it
    /// `delivers`.
    ///
    /// # Safety
    /// As for `deliver_cancel`.
    unsafe fn count_and_mark(&self, id: u16, delivers: bool) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.count_request(id) };
        let runs = self.current() == id;
        if runs && delivers {
            // SAFETY: the caller's promise.
            unsafe { self.header(id) }.set(CANCEL_REQUESTED);
            self.look_at_current();
        }
        !runs
    }

    /// Passes a request on to all that a task waits for, in the order in which it began to, and to all that those wait for, and
    /// delivers it to those who wait for nothing. If it does not deliver, it only counts it.
    ///
    /// # Safety
    /// As for `deliver_cancel`.
    unsafe fn pass_on(&self, mut id: u16, delivers: bool) {
        // SAFETY: the caller's promise, and for the others: who is waited for has not ended. No task ends here.
        unsafe {
            loop {
                let mut how = self.begin_telling(id, delivers);
                if how == 0 && delivers && !self.is_left_to_waiter(id) {
                    self.request_at_next_step(id);
                }
                // Telling one may take others out of the list: so all are marked, and the first that is marked is told, until there
                // is none. Then it is the turn of the task by which the request came here.
                loop {
                    let mut down = false;
                    let told = self.find_wait(|wait| {
                        let told = wait.waiter() == id && wait.take_telling();
                        if told && self.header(wait.target()).is_task() {
                            down = !self.is_on_way(wait.target()) && self.current() != wait.target();
                            wait.set_place(if down { how } else { 0 });
                        }
                        told
                    });
                    if let Some(target) = told {
                        if !self.header(target).is_task() {
                            if delivers {
                                self.cancel_future(target);
                            }
                        } else if self.count_and_mark(target, delivers) {
                            if down {
                                id = target;
                                break;
                            }
                            if delivers {
                                self.request_at_next_step(target);
                            }
                        }
                        continue;
                    }
                    if how == ITSELF && delivers {
                        self.request_at_next_step(id);
                    }
                    let mut above = 0;
                    self.find_wait(|wait| {
                        let came = wait.target() == id && self.is_way(wait);
                        if came {
                            (above, how) = (wait.waiter(), wait.place());
                            wait.set_place(0);
                        }
                        came
                    });
                    if above == 0 {
                        return;
                    }
                    id = above;
                }
            }
        }
    }

    /// A `gather` that was started, all of whose members have ended, cannot be cancelled any more. A task that waits for it alone
    /// gets the request when it is resumed, and until then the request can be taken back.
    ///
    /// # Safety
    /// As for `deliver_cancel`; the request has come to the node.
    unsafe fn is_left_to_waiter(&self, id: u16) -> bool {
        // SAFETY: the caller's promise; no list is changed.
        unsafe {
            let mut waiter = 0;
            if self.header(id).vtable.kind == Kind::Watcher {
                self.find_wait(|wait| {
                    let alone = wait.target() == id && wait.kind() == WaitKind::Task && self.is_way(wait);
                    if alone {
                        waiter = wait.waiter();
                    }
                    alone
                });
            }
            if waiter != 0 {
                self.header(waiter).set(CANCEL_REQUESTED | UNDELIVERED);
            }
            waiter != 0
        }
    }

    /// Marks all that a task waits for as about to be told, and answers how it waits; 0 for nothing that would be told.
    ///
    /// # Safety
    /// As for `deliver_cancel`.
    unsafe fn begin_telling(&self, id: u16, delivers: bool) -> u16 {
        let mut how = 0;
        // SAFETY: no list is changed.
        unsafe {
            self.find_wait(|wait| {
                if wait.waiter() == id && self.is_told(wait) {
                    how = match wait.kind() {
                        WaitKind::Branch => ITSELF,
                        WaitKind::Task if how == 0 => ONE,
                        _ => how.max(SEVERAL),
                    };
                    wait.begin_telling();
                }
                false
            });
            if how > ONE && delivers {
                self.find_wait(|wait| {
                    if wait.waiter() == id {
                        wait.tell();
                    }
                    false
                });
            }
        }
        how
    }

    /// Whether a request that is being passed on has come by this wait.
    fn is_way(&self, wait: &Wait) -> bool {
        // SAFETY: the wait is in the list.
        (ONE..=ITSELF).contains(&wait.place()) && !wait.has(FIRED | LATE) && unsafe { self.is_told(wait) }
    }

    /// Whether a request that is being passed on has come by this task.
    ///
    /// # Safety
    /// No list is changed.
    unsafe fn is_on_way(&self, id: u16) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.find_wait(|wait| wait.waiter() == id && self.is_way(wait)) }.is_some()
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
    pub(crate) fn uncancel_task(&self, id: u16) -> u32 {
        // SAFETY: NAMED, by the caller's reference. No list is changed.
        unsafe {
            let header = self.header(id);
            let had = self.cancelling(id) > 0;
            let left = self.uncount_request(id);
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
            if had && left == 0 && self.is_shutting_down() {
                // A `Runner` that closes knows by it for whom it waits.
                self.count_request(id);
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
        // No task runs now: not the one that ran last either, which this may count a request for.
        self.leave_current();
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
    ///   with the request in the turn after this one, as it would be if the loop cancelled it when it comes to it (`FIRED`).
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
            if !self.is_waiting(id) {
                if !pushed && !header.is_relayed() {
                    return;
                }
                header.set(RELAYED | CANCEL_REQUESTED);
                timer.state.set(timers::FIRED);
            } else if pushed {
                timer.state.set(DUE);
                return;
            } else {
                // A second request within the one that the task is about to make: those to whom it is passed on count it too.
                self.pass_on(id, false);
                timer.state.set(EXPIRING);
            }
            self.count_request(id);
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

    /// Whether a task waits for a task or a future that has not ended, and would pass a cancel request on.
    pub(crate) fn is_waiting(&self, id: u16) -> bool {
        // SAFETY: no list is changed.
        unsafe { self.find_wait(|wait| wait.waiter() == id && self.is_told(wait)) }.is_some()
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
