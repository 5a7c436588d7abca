//! How many cancel requests a task has got, and not taken back.
//!
//! # The problem
//! asyncio counts them on and on, and a header of 8 bytes has three bits for it. Hardly a task has more than one or two at a time.
//!
//! # The design
//! Up to 6 are counted in the header. For a task with more, a node of the pool counts all of them, until 6 are left or the task's
//! node goes; the header says 7 then. The node is found in the loop's list of waits, where it looks like one that is over:
//! nobody waits.
//!
//! If the pool has no room for that node, requests beyond the sixth are delivered, and not counted. The exception handler is
//! told so, but not in the midst of a request that is being passed on, or of timers that fire: the loop remembers that it is to
//! be told.
//!
//! # Costs
//! 32 bytes of the pool, on a 32-bit chip, while a task has more than 6 requests; and a walk through the list of waits for each
//! question about its count.

use core::cell::Cell;
use core::mem;
use core::ptr;

use super::wait::{FIRED, Wait, WaitKind};
use crate::event_loop::{ErrorContext, EventLoop, end_call};
use crate::node::{CANCEL_REQUESTED, Header, Kind, ONE_REQUEST, VTable, granules};

/// The header's count if a node counts.
const ELSEWHERE: u8 = u8::MAX / ONE_REQUEST;

/// The payload of the node that counts.
#[repr(C)]
struct Counter {
    /// Its target is the task.
    wait: Wait,
    count: Cell<u32>,
    id: u16,
}

const VTABLE: VTable =
    VTable { run: |_, _| {}, drop: |_, _, _| {}, granules: granules::<Counter, ()>(), kind: Kind::Requests };

/// Whether a task has got any.
pub(crate) fn any(header: &Header) -> bool {
    in_header(header) > 0
}

/// Whether a node counts them.
pub(crate) fn are_many(header: &Header) -> bool {
    in_header(header) == ELSEWHERE
}

fn in_header(header: &Header) -> u8 {
    header.flags.get() / ONE_REQUEST
}

fn set_in_header(header: &Header, count: u8) {
    header.flags.set(header.flags.get() % ONE_REQUEST + count * ONE_REQUEST);
}

impl EventLoop {
    /// How many a task has got.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's.
    pub(crate) unsafe fn cancelling(&self, id: u16) -> u32 {
        // SAFETY: the caller's promise.
        let count = in_header(unsafe { self.header(id) });
        if count < ELSEWHERE {
            return count.into();
        }
        let counter = self.counter(id);
        // SAFETY: it is there, as the header says.
        unsafe { (*counter).count.get() }
    }

    /// Counts one more.
    ///
    /// # Safety
    /// As for `cancelling`. Nobody walks through the list of waits.
    pub(crate) unsafe fn count_request(&self, id: u16) {
        // SAFETY: the caller's promise.
        let header = unsafe { self.header(id) };
        let count = in_header(header);
        if count == ELSEWHERE {
            // SAFETY: as in `cancelling`.
            let count = unsafe { &(*self.counter(id)).count };
            count.set(count.get().saturating_add(1));
        } else if count + 1 < ELSEWHERE || self.make_counter(id) {
            set_in_header(header, count + 1);
        } else {
            self.remember_uncounted(true);
        }
    }

    /// Counts one less, and answers how many are left.
    ///
    /// # Safety
    /// As for `count_request`.
    pub(crate) unsafe fn uncount_request(&self, id: u16) -> u32 {
        // SAFETY: the caller's promise; as in `cancelling`.
        unsafe {
            let header = self.header(id);
            let left = self.cancelling(id).saturating_sub(1);
            if left >= ELSEWHERE.into() {
                (*self.counter(id)).count.set(left);
                return left;
            }
            if are_many(header) {
                self.drop_counter(id);
            }
            set_in_header(header, left as u8);
            left
        }
    }

    /// Takes a request of the running task back, and answers how many are left.
    ///
    /// # Safety
    /// As for `count_request`.
    pub(crate) unsafe fn uncancel(&self, id: u16) -> u32 {
        // SAFETY: the caller's promise.
        unsafe {
            let left = self.uncount_request(id);
            let header = self.header(id);
            if left == 0 && !header.is_ended() {
                header.clear(CANCEL_REQUESTED);
            }
            left
        }
    }

    /// The node that counts for a task; null if there is none.
    fn counter(&self, id: u16) -> *const Counter {
        let mut link = self.waits.first();
        while !link.is_null() {
            // SAFETY: LINKED and WHOLE: the links in this list are those of `Wait`s, and this kind is those of `Counter`s.
            unsafe {
                let wait = link.cast::<Wait>();
                if (*wait).kind() == WaitKind::Requests && (*wait).target() == id {
                    return link.cast();
                }
                link = self.waits.after(link);
            }
        }
        ptr::null()
    }

    /// Has a node count for a task that gets one more than the header can count; false if there is no room for it.
    #[cold]
    fn make_counter(&self, id: u16) -> bool {
        let Ok(node) = self.make_node(&VTABLE, 0, 0) else { return false };
        let wait = Wait::new(id, 0, WaitKind::Requests);
        wait.set(FIRED, true);
        let counter = self.payload(node.get()).cast::<Counter>();
        // SAFETY: the node is new, and has room for it. LINKED: it stays there until `drop_counter` takes it out; WHOLE: the
        // pointer is to all of it.
        unsafe {
            counter.write(Counter { wait, count: Cell::new(ELSEWHERE.into()), id: node.get() });
            self.waits.push_back(counter.cast());
        }
        true
    }

    /// Frees the node that counts for a task, if there is one.
    #[cold]
    pub(super) fn drop_counter(&self, id: u16) {
        let counter = self.counter(id);
        if !counter.is_null() {
            // SAFETY: it is in this list. NAMED: it is only referred to by the list.
            unsafe {
                self.waits.remove(counter.cast());
                end_call(self, (*counter).id);
            }
        }
    }

    /// Tells the exception handler, if a request was not counted.
    pub(crate) fn tell_uncounted(&self) {
        if self.remember_uncounted(false) {
            self.report("Cancel request was not counted: the loop's memory is full");
        }
    }

    #[cold]
    fn report(&self, message: &'static str) {
        // SAFETY: STARTED: loops are never freed.
        let event_loop: &'static EventLoop = unsafe { &*ptr::from_ref(self) };
        event_loop.call_exception_handler(&ErrorContext::new(message));
    }
}

/// What WHOLE needs.
const _: () = assert!(mem::offset_of!(Counter, wait) == 0);
