//! The [`core::task::Waker`] of a segno task.
//!
//! # The problem
//! A core waker is one word of data and a table of functions. It is cloned, sent to other threads, dropped in interrupts,
//! and may outlive its task, and there may be several loops. A [`Waker`] of segno is a number in one loop; the two together
//! are more than a word, and there is no heap.
//!
//! # The design
//! The word is the address of the task's node. It is never followed: the loops that have made such wakers are in a list
//! for ever, and waking finds the one whose memory the address lies in; the node's number is its place there. Then it is a
//! segno waker, and as harmless when it is stale: whether a task starts at that place is looked up in the loop's bitmap.
//! So clones are copies, nothing is counted, and `will_wake` compares addresses.
//!
//! # Invariants
//! - **LISTED**: a loop in the list has been started, and stays there; the links are written inside critical sections, before
//!   the loop can be found.
//!
//! # Costs
//! One word of each loop's memory, and one for the list. Waking walks the list with interrupts masked: one loop, usually.

use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{RawWaker, RawWakerVTable};

use crate::atomic::AtomicPtr;
use crate::coroutine::{Context, Resumed, Waker};
use crate::event_loop::{EventLoop, get_running_loop};

/// A static: it is recognised by its address.
static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, nothing);

/// The first loop of the list.
static LOOPS: AtomicPtr<EventLoop> = AtomicPtr::new(ptr::null_mut());

unsafe fn clone(node: *const ()) -> RawWaker {
    RawWaker::new(node, &VTABLE)
}

unsafe fn nothing(_: *const ()) {}

unsafe fn wake(node: *const ()) {
    let woken = critical_section::with(|_| {
        let (event_loop, waker) = find(node)?;
        // SAFETY: this is a critical section.
        unsafe { event_loop.wake_masked(waker) };
        Some(event_loop)
    });
    if let Some(event_loop) = woken {
        event_loop.clock().wake();
    }
}

/// The loop in whose memory a node is, and its number. In a critical section.
fn find(node: *const ()) -> Option<(&'static EventLoop, Waker)> {
    let mut listed = LOOPS.load(Relaxed).cast_const();
    while !listed.is_null() {
        // SAFETY: LISTED; loops are never freed. Whichever thread this is, it only touches what is shared.
        let event_loop: &'static EventLoop = unsafe { &*listed };
        if let Some(id) = event_loop.number_of(node.addr()) {
            return Some((event_loop, Waker(id)));
        }
        // SAFETY: LISTED.
        let next = unsafe { event_loop.link().read() };
        listed = if ptr::eq(next, listed) { ptr::null() } else { next };
    }
    None
}

/// Puts a loop into the list.
#[cold]
#[inline(never)]
fn list(event_loop: &'static EventLoop) {
    critical_section::with(|_| {
        let first = LOOPS.load(Relaxed).cast_const();
        let this = ptr::from_ref(event_loop);
        // SAFETY: LISTED: this is a critical section.
        unsafe { event_loop.link().write(if first.is_null() { this } else { first }) };
        LOOPS.store(this.cast_mut(), Relaxed);
    });
}

impl EventLoop {
    /// A loop's link: null while it is not in the list, the loop itself at the end.
    fn link(&self) -> *mut *const EventLoop {
        self.memory().word().cast()
    }

    /// The waker of a task, for the world of futures. In the loop's own context.
    fn core_waker(&'static self, waker: Waker) -> core::task::Waker {
        // SAFETY: LISTED: only this context writes it.
        if unsafe { self.link().read().is_null() } {
            list(self);
        }
        let node = self.memory().address(waker.0).cast_const().cast();
        // SAFETY: the functions of the table follow no pointer, so they may be called with any, from anywhere.
        unsafe { core::task::Waker::new(node, &VTABLE) }
    }
}

impl Context<'_> {
    /// The running task's waker for the world of futures; in a foreign executor that one's. Keep clones anywhere, wake and
    /// drop them in interrupts and other threads; one whose task has ended wakes nobody, or another task, once, without
    /// a reason.
    pub fn core_waker(&self) -> core::task::Waker {
        match (self.event_loop(), self.foreign()) {
            (Some(event_loop), _) => event_loop.core_waker(self.waker()),
            (None, Some(foreign)) => {
                foreign.taken.set(true);
                foreign.waker.clone()
            }
            (None, None) => core::task::Waker::noop().clone(),
        }
    }
}

/// The context of the running task, if that is whom a waker wakes.
pub(super) fn running_task<'a>(waker: &core::task::Waker) -> Option<Context<'a>> {
    if !ptr::eq(waker.vtable(), &VTABLE) {
        return None;
    }
    let event_loop = get_running_loop().ok()?;
    let current = event_loop.current();
    let is_current = current != 0 && ptr::addr_eq(waker.data(), event_loop.memory().address(current));
    // SAFETY: FOR: the number is not 0.
    is_current.then(|| unsafe { Context::new(event_loop, Resumed::new(current, false)) })
}
