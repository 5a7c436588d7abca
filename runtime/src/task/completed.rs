//! What `as_completed` asks its members: in which order they end.
//!
//! # The problem
//! asyncio's `as_completed` adds a callback to each member, once, which puts the member into a queue when it ends. The
//! order is that of the ends, also while whoever asks is busy with another member; and who waits for the queue is resumed
//! one turn after the callback. All that without a node for the callbacks and without memory for the queue.
//!
//! # The design
//! Each [`Member`] is in the list of waits from the first question to the last, in the pinned frame of who asks. When what it
//! waits for ends, the node that has ended is itself queued where asyncio queues the callback: for the loop a node that
//! has ended and is taken from the queue is nothing but that, so nobody is resumed for it. When the loop comes to it, the
//! member gets the next number, which is its place in the queue, and who waits for a member is queued.
//!
//! Of members that have ended before the first question, asyncio queues the callbacks at once, one behind the other. There
//! the task that asks is queued itself, as it is where it [stands for callbacks](super::place), for it does nothing else.
//!
//! A timer that fires takes the members that have not ended by then out of the question; for those that have, the callback
//! stands in front of the timer's.
//!
//! A node that has ended can be queued once. If others ask about it too, the task of each stands for the callback, if it
//! waits and no other member is about to call it back; otherwise it is called back where the first one is.
//!
//! # Costs
//! 20 bytes for each member on a 32-bit chip, 44 for all of them.

use core::cell::Cell;
use core::mem;
use core::ptr;

use crate::coroutine::Waker;
use crate::event_loop::EventLoop;
use crate::list::Link;
use crate::node::{NodeRef, WAITED};
use crate::task::wait::{FIRED, STARTED, Wait, WaitKind};
use crate::time::Duration;
use crate::timers::{TimerNode, WAKES};

/// The state of a timer that is not used.
const NO_TIMEOUT: u8 = 0;
/// It has ended, and gets its number from the task that stands for its callback.
const BEFORE: u8 = 2;

/// A member.
#[repr(C)]
pub(crate) struct Member {
    wait: Wait,
    /// What it has in common with the others, in the same frame; null before the first question.
    all: Cell<*const Members>,
}

/// What the members have in common.
pub(crate) struct Members {
    event_loop: Cell<Option<&'static EventLoop>>,
    /// For all questions; armed from the first one on.
    pub(crate) timer: TimerNode,
    /// The task that waits for a member; 0 for none.
    waiter: Cell<u16>,
    /// How many there are, less those that were told to be too late.
    count: Cell<u16>,
    /// How many have ended, and the nodes that are queued for them have not been taken from the queue.
    queued: Cell<u16>,
    /// The last number that was given to a member.
    ended: Cell<u16>,
    /// The number of the member that was given last to who asks.
    given: Cell<u16>,
    /// The task is queued where asyncio queues callbacks.
    stands: Cell<bool>,
    /// [`EventLoop::member_ended`]: the loop knows it from here, so programs without `as_completed` do not have its code.
    ended_by: unsafe fn(&EventLoop, *const Link, bool) -> bool,
}

impl Members {
    pub(crate) const fn new() -> Members {
        Members {
            event_loop: Cell::new(None),
            timer: TimerNode::with_state(0, NO_TIMEOUT),
            waiter: Cell::new(0),
            count: Cell::new(0),
            queued: Cell::new(0),
            ended: Cell::new(0),
            given: Cell::new(0),
            stands: Cell::new(false),
            ended_by: EventLoop::member_ended,
        }
    }

    /// Whether the first question has been asked.
    pub(crate) fn is_asked(&self) -> bool {
        self.event_loop.get().is_some()
    }

    pub(crate) fn begin(&self, event_loop: &'static EventLoop) {
        event_loop.use_waiting();
        self.event_loop.set(Some(event_loop));
    }

    /// To be called before it is pinned.
    pub(crate) fn set_delay(&self, delay: Duration) {
        self.timer.set_ticks(delay.as_ticks());
        self.timer.state.set(WAKES);
    }

    /// Starts the timer, if there is one.
    ///
    /// # Safety
    /// This is pinned, and the timer disarmed when it is dropped.
    pub(crate) unsafe fn start(&self, event_loop: &'static EventLoop) {
        if self.timer.state.get() != NO_TIMEOUT {
            self.timer.set_timeout(true);
            self.timer.set_ticks(event_loop.time().as_ticks().saturating_add(self.timer.ticks()));
            // SAFETY: ARMED: the caller's promise.
            unsafe { event_loop.timers.insert(&self.timer) };
        }
    }

    /// Whether the time is over for those that have no number. (The timer is disarmed when all have one.)
    pub(crate) fn is_over(&self) -> bool {
        self.timer.state.get() != NO_TIMEOUT && !self.timer.is_armed()
    }

    /// How many are still to be given, or told to be too late; none before the first question.
    pub(crate) fn left(&self) -> u16 {
        self.count.get() - self.given.get()
    }

    /// One is told to be too late.
    pub(crate) fn time_out(&self) {
        self.count.set(self.count.get() - 1);
    }

    /// Takes the next number from the queue: [`Member::is`] tells whose it is.
    pub(crate) fn take(&self) -> Option<u16> {
        let next = self.given.get() + 1;
        (next <= self.ended.get()).then(|| {
            self.given.set(next);
            next
        })
    }

    /// The callbacks run for which the task stands; false if it stands for none.
    pub(crate) fn call_back(&self, members: &[Member]) -> bool {
        let stood = self.stands.replace(false);
        if stood {
            for member in members.iter().filter(|member| member.wait.has(BEFORE)) {
                member.wait.set(BEFORE, false);
                self.unlink(&member.wait);
                self.number(&member.wait);
            }
        }
        stood
    }

    /// Gives a member the next number.
    fn number(&self, wait: &Wait) {
        let number = self.ended.get() + 1;
        self.ended.set(number);
        wait.set_place(number);
        if number == self.count.get() {
            self.timer.disarm();
        }
    }

    fn unlink(&self, wait: &Wait) {
        if let Some(event_loop) = self.event_loop.get()
            && wait.is_linked()
        {
            // SAFETY: it is in this list, the only one that it is ever in.
            unsafe { event_loop.waits.remove(ptr::from_ref(wait).cast()) };
            event_loop.forget_cancelled(wait);
        }
    }

    /// Who is to be resumed when a member ends or the time is over.
    pub(crate) fn set_waiter(&self, waker: Waker) {
        self.waiter.set(waker.0);
        self.timer.set_target(waker.0);
    }
}

impl Member {
    pub(crate) const fn new() -> Member {
        Member { wait: Wait::new(0, 0, WaitKind::Completed), all: Cell::new(ptr::null()) }
    }

    /// Begins to wait for the end of a node of this loop, for the running task.
    ///
    /// # Safety
    /// This and `all` are pinned in one frame, and this [leaves](Member::leave) when it is dropped. `all` has begun.
    pub(crate) unsafe fn ask(&self, all: &Members, node: &NodeRef, waker: Waker) {
        let event_loop = node.event_loop();
        self.all.set(all);
        self.wait.set_target(node.clone().into_counted());
        all.count.set(all.count.get() + 1);
        // SAFETY: NAMED, by the reference. LINKED: the caller's promise; WHOLE: the pointer is to all of it.
        unsafe {
            if !node.header().is_ended() {
                node.header().set(WAITED);
            } else {
                self.wait.set(BEFORE, true);
                if all.stands.replace(true) {
                    return;
                }
                self.stand(waker.0);
                event_loop.wake(waker);
            }
            event_loop.waits.push_back(ptr::from_ref(self).cast());
        }
    }

    /// Has the task stand where this is called back.
    fn stand(&self, waiter: u16) {
        self.wait.set_kind(WaitKind::Observer);
        self.wait.set_waiter(waiter);
        self.wait.set(FIRED, true);
    }

    /// Whether it has this number.
    pub(crate) fn is(&self, number: u16) -> bool {
        self.wait.place() == number
    }

    /// Waits no more.
    pub(crate) fn leave(&self) {
        // SAFETY: it is null, or points into the frame in which this is.
        let all = unsafe { self.all.replace(ptr::null()).as_ref() };
        if let Some(all) = all
            && let Some(event_loop) = all.event_loop.get()
        {
            all.unlink(&self.wait);
            // SAFETY: it has a reference, and gives it up.
            unsafe { event_loop.release(self.wait.target()) };
        }
    }
}

impl EventLoop {
    /// Tells a member that what it waits for has ended: [`EventLoop::member_ended`].
    ///
    /// # Safety
    /// As for `member_ended`.
    pub(super) unsafe fn tell_member(&self, link: *const Link, queued: bool) -> bool {
        // SAFETY: WHOLE, by the caller's promise; `all` is in the same frame.
        unsafe { ((*(*link.cast::<Member>()).all.get()).ended_by)(self, link, queued) }
    }

    /// What a member waits for has ended, or the node that was queued for that is taken from the queue. Answers whether the
    /// node was queued; `queued` says that it was, for another member.
    ///
    /// # Safety
    /// The link is a [`Member`]'s, in the list of waits.
    unsafe fn member_ended(&self, link: *const Link, queued: bool) -> bool {
        // SAFETY: LINKED and WHOLE. NAMED: the member has a reference. `all` is in the same frame.
        unsafe {
            let member = &*link.cast::<Member>();
            let all = &*member.all.get();
            let (wait, target) = (&member.wait, member.wait.target());
            if !wait.has(STARTED) {
                if all.is_over() {
                    self.waits.remove(link);
                    return false;
                }
                let waiter = all.waiter.get();
                if queued && all.queued.get() == 0 && self.is_task(waiter) && self.push(waiter) {
                    wait.set(BEFORE, true);
                    all.stands.set(true);
                    member.stand(waiter);
                    return true;
                }
                wait.set(STARTED, true);
                all.queued.set(all.queued.get() + 1);
                if !queued && !self.push(target) {
                    // For something that is over.
                    self.move_to_end(target);
                }
                return true;
            }
            self.waits.remove(link);
            all.queued.set(all.queued.get() - 1);
            all.number(wait);
            self.wake_at_callback(all.waiter.get());
        }
        false
    }
}

/// What WHOLE needs.
const _: () = assert!(mem::offset_of!(Member, wait) == 0);
