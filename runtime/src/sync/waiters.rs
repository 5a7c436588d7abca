//! Who waits for a primitive: the one list, and the one kind of node, that all primitives share.
//!
//! # The problem
//! Any number of tasks may wait for one lock, in order, without memory to allocate. What they wait for may come from an
//! interrupt, from a loop of another priority, or on a host from another thread. And asyncio's fairness depends on more
//! than who is in the list: whether a waiter has been woken, and whether it has been cancelled, though it did not run yet.
//!
//! # The design
//! A [`Waiter`] is a node in the frame of who waits; [`Waiters`] is the list of them, the whole of what a primitive knows
//! about who waits. Everything in a primitive is touched with interrupts masked: by code that has a [`Masked`], which
//! [`masked`] makes. It wakes, too; what a clock must be told of that, it is told when interrupts are enabled again.
//!
//! asyncio's waiter is a future, which is pending, has a result, or is cancelled. Here it is *waiting*, *woken*, or
//! *cancelled*, which is its task's own mark: a cancel request has been made, and the task is queued to take it. As in
//! asyncio, a waiter stays in the list until its task runs; so a lock can see that somebody is about to take it.
//!
//! Each waiter knows its loop, so tasks of several loops may wait for one primitive: asyncio's are bound to the first.
//!
//! # Invariants
//! - **MASKED**: nodes and lists are only touched inside a critical section, but for [`Waiter`]'s `entered`, which
//!   belongs to who waits.
//! - **ENTERED**: a waiter that has entered a list is pinned, and leaves it before it goes away; its owner knows the list.
//! - **NUMBERED**: a waiter with a loop has the number of a granule of that loop.
//!
//! # Costs
//! On a 32-bit chip 16 bytes in the frame of who waits, and 4 in the primitive. Interrupts are masked for a few
//! instructions; for a walk through all who wait where it says so.

use core::cell::Cell;
use core::ptr;

use critical_section::CriticalSection;

use crate::coroutine::Context;
use crate::event_loop::EventLoop;
use crate::list::{Link, List};

/// Interrupts are masked; and how one wakes while they are.
pub struct Masked<'a> {
    pub(super) section: CriticalSection<'a>,
    /// Loops that were woken but do not run here: their clocks are to end their sleep.
    #[cfg(feature = "std")]
    elsewhere: &'a mut std::vec::Vec<&'static EventLoop>,
}

/// Runs `f` with interrupts masked.
#[inline]
pub(super) fn masked<R>(f: impl FnOnce(&mut Masked<'_>) -> R) -> R {
    #[cfg(feature = "std")]
    {
        let mut elsewhere = std::vec::Vec::new();
        let result = critical_section::with(|section| f(&mut Masked { section, elsewhere: &mut elsewhere }));
        // Outside, for a clock may have locks of its own.
        for event_loop in elsewhere {
            event_loop.clock().wake();
        }
        result
    }
    // On one core, an interrupt that wakes ends the loop's sleep. With several, `Masked::wake` tells the clock.
    #[cfg(not(feature = "std"))]
    critical_section::with(|section| f(&mut Masked { section }))
}

impl Masked<'_> {
    /// Wakes a waiter, unless it is woken or to be cancelled already; answers whether it did.
    #[inline(never)]
    fn wake(&mut self, waiter: &Waiter) -> bool {
        if waiter.woken.get() {
            return false;
        }
        if let Some(event_loop) = waiter.event_loop.get() {
            // SAFETY: this is a critical section; NUMBERED.
            if !unsafe { event_loop.wake_unless_cancelled(waiter.task.get()) } {
                return false;
            }
            // A core's clock has no locks: it has an instruction for this.
            #[cfg(all(feature = "cores", not(feature = "std")))]
            event_loop.clock().wake();
            #[cfg(feature = "std")]
            if !crate::event_loop::running().is_some_and(|running| ptr::eq(running, event_loop)) {
                self.elsewhere.push(event_loop);
            }
            // An urgent loop: its clock has the interrupt pend, which is served when this section ends.
            #[cfg(all(feature = "urgent", not(feature = "std")))]
            if !crate::event_loop::running().is_some_and(|running| ptr::eq(running, event_loop)) {
                event_loop.clock().wake();
            }
        }
        waiter.woken.set(true);
        true
    }
}

/// One who waits: in a pinned frame.
#[repr(C)]
pub(super) struct Waiter {
    link: Link,
    event_loop: Cell<Option<&'static EventLoop>>,
    task: Cell<u16>,
    woken: Cell<bool>,
    /// Whether there is anything to leave. Only the owner's.
    entered: Cell<bool>,
}

impl Waiter {
    pub(super) const fn new() -> Waiter {
        Waiter {
            link: Link::new(),
            event_loop: Cell::new(None),
            task: Cell::new(0),
            woken: Cell::new(false),
            entered: Cell::new(false),
        }
    }

    /// Whether it has entered a list that it has not left. For the owner, who need not mask interrupts to ask.
    #[inline(always)]
    pub(super) fn has_entered(&self) -> bool {
        self.entered.get()
    }

    /// Whether it goes on waiting. If not, it was woken, or it was passed over because it was to be cancelled.
    #[inline(always)]
    pub(super) fn is_waiting(&self, _: &Masked<'_>) -> bool {
        self.link.is_linked() && !self.woken.get()
    }

    /// Remembers who resumes it: the task may be another one than before.
    #[inline(always)]
    pub(super) fn renew(&self, _: &Masked<'_>, cx: &Context<'_>) {
        self.event_loop.set(cx.require_event_loop());
        self.task.set(cx.waker().0);
    }

    /// asyncio's `cancelled()` of the waiter's future: its task has a request, which it is about to take.
    fn is_cancelled(&self) -> bool {
        !self.woken.get()
            && self.event_loop.get().is_some_and(|event_loop| {
                // SAFETY: MASKED; NUMBERED.
                unsafe { event_loop.is_being_cancelled(self.task.get()) }
            })
    }
}

/// All who wait for one thing, in the order in which they came.
pub struct Waiters {
    list: List,
}

// SAFETY: MASKED.
unsafe impl Send for Waiters {}
// SAFETY: MASKED.
unsafe impl Sync for Waiters {}

impl Waiters {
    pub(super) const fn new() -> Waiters {
        Waiters { list: List::new() }
    }

    /// Adds a waiter at the end.
    ///
    /// # Safety
    /// It has not entered another list, and ENTERED holds for it from now on.
    pub(super) unsafe fn enter(&self, masked: &Masked<'_>, waiter: &Waiter, cx: &Context<'_>) {
        waiter.renew(masked, cx);
        waiter.woken.set(false);
        waiter.entered.set(true);
        // SAFETY: LINKED, by ENTERED; WHOLE: the link is the waiter's first field.
        unsafe { self.list.push_back(ptr::from_ref(waiter).cast()) };
    }

    /// Takes a waiter out, if it is still there, and answers whether it had been woken.
    ///
    /// # Safety
    /// It has entered this list.
    pub(super) unsafe fn leave(&self, _: &Masked<'_>, waiter: &Waiter) -> bool {
        if waiter.link.is_linked() {
            // SAFETY: the caller's promise.
            unsafe { self.list.remove(ptr::from_ref(waiter).cast()) };
        }
        waiter.entered.set(false);
        waiter.woken.get()
    }

    /// Whether the waiter is the first.
    pub(super) fn is_first(&self, _: &Masked<'_>, waiter: &Waiter) -> bool {
        ptr::eq(self.list.first(), &waiter.link)
    }

    /// Whether nobody waits, but for those who are to be cancelled. Walks through those.
    pub(super) fn nobody(&self, _: &Masked<'_>) -> bool {
        self.iter().all(Waiter::is_cancelled)
    }

    /// Wakes the first waiter, unless that one is woken or to be cancelled already: it will then see to the others.
    pub(super) fn wake_first(&self, masked: &mut Masked<'_>) {
        if let Some(waiter) = self.iter().next() {
            masked.wake(waiter);
        }
    }

    /// Wakes those who are neither woken nor to be cancelled, at most so many, and answers how many. Walks through the
    /// others before them.
    pub(super) fn wake(&self, masked: &mut Masked<'_>, most: usize) -> usize {
        self.iter().filter(|waiter| masked.wake(waiter)).take(most).count()
    }

    /// Takes waiters out, up to the first who is neither woken nor to be cancelled, and wakes that one.
    pub(super) fn wake_next(&self, masked: &mut Masked<'_>) {
        while let Some(waiter) = self.iter().next() {
            // SAFETY: it is in this list.
            unsafe { self.list.remove(ptr::from_ref(waiter).cast()) };
            if masked.wake(waiter) {
                return;
            }
        }
    }

    /// Wakes all, also those who are to be cancelled: it does not matter to them. Walks through them.
    pub(super) fn wake_all(&self, masked: &mut Masked<'_>) {
        self.iter().for_each(|waiter| {
            masked.wake(waiter);
            waiter.woken.set(true);
        });
    }

    /// With interrupts masked.
    fn iter(&self) -> Iter<'_> {
        Iter { list: &self.list, link: self.list.first() }
    }
}

struct Iter<'a> {
    list: &'a List,
    link: *const Link,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Waiter;

    #[inline]
    fn next(&mut self) -> Option<&'a Waiter> {
        if self.link.is_null() {
            return None;
        }
        // SAFETY: LINKED and WHOLE: the links of these lists are those of waiters. Nobody leaves while interrupts are
        // masked and this walks.
        unsafe {
            let waiter = &*self.link.cast::<Waiter>();
            self.link = self.list.after(self.link);
            Some(waiter)
        }
    }
}

/// What WHOLE needs.
const _: () = assert!(core::mem::offset_of!(Waiter, link) == 0);
