//! The place of a task that stands for asyncio's callbacks.
//!
//! # The problem
//! In asyncio, who waits for several tasks or futures has a callback with each of them, and the callback that completes the
//! waiting decides the place of who waits in the next turn. Here the waiting task itself is queued where the callback would
//! be, and it has one link: when a second member ends in the same turn, or a cancel request comes, the task may be queued
//! already, where asyncio has a callback that does nothing.
//!
//! # The design
//! Is the task queued for the next turn, it is moved to the end of the queue, unless it stands for an end that decides. Is
//! it in the batch of this turn, nobody can take it out: its predecessor is not known. So its place in the next turn
//! is written down, in the wait that has ended: behind which node it is. When the loop comes to the task, it is put there.
//!
//! What is queued for the next turn stays queued until the batch is over, so a place is found by a walk through that queue;
//! what is not found there is never touched. A node behind which a task is to be put may be another such task, which has
//! not been put in its place yet: then the place of that one is meant.
//!
//! # Costs
//! Nothing for who waits for one thing: all this is reached when a wait ends whose task is queued. Then a walk through the
//! waits and the queue. No bytes: a wait had two to spare.

use core::ptr;

use crate::coroutine::Waker;
use crate::event_loop::EventLoop;
use crate::node::{CANCEL_REQUESTED, Header, NEW, UNREAD};
use crate::ready;
use crate::task::wait::{BY_CANCELLATION, BY_FAILURE, COUNTED, FIRED, LATE, MEMBER, Wait, WaitKind};

/// The place behind all, when the task is put there: no node's number.
pub(super) const LAST: u16 = ready::END;

impl Wait {
    /// Takes note of how what it waits for has ended: whether that end decides.
    pub(super) fn judge(&self, target: &Header) {
        let decides = target.is_cancelled() && self.has(BY_CANCELLATION) || target.has(UNREAD) && self.has(BY_FAILURE);
        if decides {
            self.set(COUNTED, false);
        }
    }
}

impl EventLoop {
    /// What a wait waits for has ended, and its task is queued.
    pub(super) fn fire_queued(&self, wait: &Wait) {
        let waiter = wait.waiter();
        // If the task is parked, it is resumed.
        self.wake(Waker(waiter));
        let (mut stands, mut decided) = (false, false);
        self.each_of(waiter, |other| {
            if !ptr::eq(other, wait) && other.has(FIRED | LATE) {
                stands = true;
                decided |= !other.has(COUNTED);
            }
        });
        // SAFETY: NAMED: it is queued.
        let header = unsafe { self.header(waiter) };
        let cancelled = wait.kind() == WaitKind::Observer && header.has(CANCEL_REQUESTED);
        decided |= cancelled;
        if wait.has(MEMBER) && decided {
            // That is no news for who waits, unless an end was misjudged.
            wait.set_place(LAST);
            wait.set(LATE, true);
        } else if self.is_ready(waiter) {
            if wait.has(MEMBER) {
                wait.set(FIRED, true);
                if stands {
                    self.move_to_end(waiter);
                } else {
                    // Whatever it is queued for has decided.
                    wait.set(COUNTED, false);
                }
            } else {
                // SAFETY: it is in this list.
                unsafe { self.waits.remove(ptr::from_ref(wait).cast()) };
            }
        } else if cancelled && !header.has(NEW) {
            // The request ends the waiting, where the task is: asyncio's callback finds a future that was cancelled.
            // SAFETY: as above.
            unsafe { self.waits.remove(ptr::from_ref(wait).cast()) };
        } else {
            self.forget_place(waiter);
            wait.set_place(self.place_now());
            wait.set(LATE, true);
        }
    }

    /// Something else than the ends of members decides for a task that is queued for the next turn, now; false if its place
    /// has been decided.
    pub(super) fn overrule(&self, id: u16) -> bool {
        let (mut stands, mut decided, mut pending) = (false, false, false);
        self.each_of(id, |wait| {
            if wait.has(FIRED | LATE) {
                stands = true;
                decided |= !wait.has(COUNTED);
            } else {
                pending |= wait.has(COUNTED);
            }
        });
        // SAFETY: NAMED: the target of a timer that was pending until now.
        decided |= unsafe { self.header(id) }.has(CANCEL_REQUESTED);
        let overruled = stands && !decided && pending && self.is_ready(id);
        if overruled {
            self.each_of(id, |wait| wait.set(FIRED, false));
            self.move_to_end(id);
        }
        overruled
    }

    /// A task that stands for a callback is to get a cancel request in the next turn, at the place where asyncio's would be
    /// queued now. False if it stands for none.
    pub(super) fn request_at_callback(&self, header: &Header, id: u16) -> bool {
        let mut standing: Option<*const Wait> = None;
        let mut moving = false;
        self.each_of(id, |wait| {
            if wait.kind() == WaitKind::Observer && wait.has(FIRED) && (wait.has(LATE) || wait.place() != LAST) {
                moving |= wait.has(LATE);
                standing.get_or_insert(wait);
            }
        });
        let Some(standing) = standing else { return false };
        if moving {
            return true;
        }
        let ready = self.is_ready(id);
        self.forget_place(id);
        // From now on its next step is one.
        self.each_of(id, |wait| wait.set(FIRED | LATE, false));
        if ready {
            self.move_to_end(id);
        } else {
            // SAFETY: LINKED: it is in the list, as nothing was removed.
            let standing = unsafe { &*standing };
            standing.set_place(self.place_now());
            standing.set(FIRED | LATE, true);
            // Has the loop ask, with `put_cancelled`.
            header.set(NEW);
        }
        true
    }

    /// Whether a task that looks as if cancelled before its first step has a place that `request_at_callback` has written
    /// down.
    pub(super) fn is_placed(&self, id: u16) -> bool {
        let mut placed = false;
        self.each_of(id, |wait| placed |= wait.has(FIRED) && wait.has(LATE));
        placed
    }

    /// A wait leaves the list, with which the place of a cancelled task goes.
    pub(super) fn forget_cancelled(&self, wait: &Wait) {
        if wait.has(FIRED) && wait.has(LATE) && self.is_task(wait.waiter()) {
            // SAFETY: NAMED: it is in the bitmap.
            unsafe { self.header(wait.waiter()) }.clear(NEW);
        }
    }

    /// Has a task that the loop has come to, and that looks as if cancelled before its first step, take the place that
    /// `request_at_callback` has written down; false if there is none.
    pub(super) fn put_cancelled(&self, header: &Header, id: u16) -> bool {
        let mut place = None;
        self.each_of(id, |wait| {
            if wait.has(FIRED) && wait.has(LATE) {
                place = Some(wait.place());
                wait.set(LATE, false);
            }
        });
        let Some(place) = place else { return false };
        self.each_of(id, |wait| wait.set(FIRED, false));
        header.clear(NEW);
        self.put(id, place);
        true
    }

    /// Where a callback would be queued now: behind which node. 0 is in front of all.
    pub(crate) fn place_now(&self) -> u16 {
        let mut place = self.ready.last();
        // Tasks that will have been put behind it by then: no more than there are numbers.
        for _ in 0..self.last_number() {
            match self.find_late(|wait| wait.place() == place) {
                Some(wait) => place = wait.waiter(),
                None => break,
            }
        }
        place
    }

    /// Queues a task that gets a cancel request and is not queued. If it has a place, it is because of what it waits for, and
    /// the answer is true: the request has ended no wait. But it ends the waiting of an observer.
    pub(super) fn put_or_wake(&self, id: u16) -> bool {
        let place = self.find_late(|wait| wait.waiter() == id).map_or(LAST, |wait| {
            wait.set(LATE, false);
            if wait.kind() == WaitKind::Observer { LAST } else { wait.place() }
        });
        self.put(id, place);
        place != LAST
    }

    /// Puts a task in its place that has been resumed, but not where it waits.
    pub(super) fn put_late(&self, id: u16) {
        if let Some(wait) = self.find_late(|wait| wait.waiter() == id) {
            wait.set(LATE, false);
            wait.set(FIRED, wait.stands());
            self.put(id, wait.place());
        }
    }

    /// Queues the task that runs, or that was taken from the batch, for the next turn at this place.
    pub(super) fn put(&self, id: u16, mut place: u16) {
        for _ in 0..self.last_number() {
            if place == LAST {
                break;
            }
            let put = self.shared(|_, memory| {
                // SAFETY: NAMED: it is a task that has not ended.
                unsafe {
                    // It may have been woken meanwhile, for something that came later.
                    self.ready.remove(memory, id);
                    self.ready.insert_behind(memory, place, id)
                }
            });
            if put {
                return;
            }
            match self.find_late(|wait| wait.waiter() == place) {
                Some(wait) => place = wait.place(),
                None => break,
            }
        }
        self.wake(Waker(id));
    }

    /// Queues a node for the next turn, at this place if it is still there; false if it is queued already.
    ///
    /// # Safety
    /// NAMED holds for the number.
    pub(crate) unsafe fn insert(&self, id: u16, place: u16) -> bool {
        // SAFETY: the caller's promise.
        let inserted = self
            .shared(|_, memory| unsafe { self.ready.insert_behind(memory, place, id) || self.ready.push(memory, id) });
        // Who is to be put there too has got its place later.
        self.follow(place, id);
        inserted
    }

    /// Moves a node that is queued for the next turn to the end.
    pub(crate) fn move_to_end(&self, id: u16) {
        let before = self.shared(|_, memory| {
            // SAFETY: NAMED: it is queued.
            unsafe {
                let before = self.ready.remove(memory, id);
                self.ready.push(memory, id);
                before
            }
        });
        if let Some(before) = before {
            self.follow(id, before);
        }
    }

    /// A task has been queued at the end for a member, while it runs: it cancels itself, for a timeout, before it has been put
    /// where it was to be for another member. There it will not be put, unless that end decides.
    pub(super) fn outdo_place(&self, id: u16) {
        if self.find_late(|wait| wait.waiter() == id).is_some_and(|wait| wait.has(COUNTED)) {
            self.forget_place(id);
        }
    }

    /// The task will not be put where it was to be: it has got another place, or is queued already.
    fn forget_place(&self, id: u16) {
        while let Some(wait) = self.find_late(|wait| wait.waiter() == id) {
            wait.set(LATE, false);
            wait.set(FIRED, true);
            self.follow(id, wait.place());
            // Nor does it stand for this end where it is.
            wait.set_place(LAST);
        }
    }

    /// Who was to be put behind the node `id` is to be put where that was.
    fn follow(&self, id: u16, before: u16) {
        while let Some(wait) = self.find_late(|wait| wait.place() == id) {
            wait.set_place(before);
        }
    }

    /// The first wait that has a place and of which `which` is true.
    fn find_late(&self, which: impl Fn(&Wait) -> bool) -> Option<&Wait> {
        let mut found = None;
        // SAFETY: no list is changed. LINKED: the wait is in the list, from which nothing is taken while this is used.
        unsafe {
            self.find_wait(|wait| {
                let is = wait.has(LATE) && wait.place() != LAST && which(wait);
                if is {
                    found = Some(&*ptr::from_ref(wait));
                }
                is
            });
        }
        found
    }

    /// Calls `f` with each wait of a task.
    fn each_of(&self, id: u16, mut f: impl FnMut(&Wait)) {
        // SAFETY: no list is changed.
        unsafe {
            self.find_wait(|wait| {
                if wait.waiter() == id {
                    f(wait);
                }
                false
            });
        }
    }
}
