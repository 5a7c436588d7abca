//! The ready queue: nodes in the order in which they run.
//!
//! # The problem
//! A wake-up must not fail for lack of room, must cost little, and must be possible in an interrupt.
//!
//! # The design
//! A first-in-first-out list through the nodes' own headers. A node that is in a queue already is not queued twice: its
//! link is not 0, the last one's being [`END`].
//!
//! # Costs
//! Four bytes; no memory for an entry; pushing and popping are a few instructions with interrupts masked.

use crate::node::Header;
use crate::pool::Memory;

/// The link of the last node.
pub(crate) const END: u16 = u16::MAX;

/// A queue of nodes. Its methods are called inside critical sections.
pub(crate) struct Ready {
    head: u16,
    /// Meaningless while `head` is 0.
    tail: u16,
}

impl Ready {
    pub(crate) const fn new() -> Ready {
        Ready { head: 0, tail: 0 }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.head == 0
    }

    /// The last node; 0 for none.
    #[inline]
    pub(crate) fn last(&self) -> u16 {
        if self.head == 0 { 0 } else { self.tail }
    }

    /// Adds a node at the end, unless it is in a queue already; then it answers false.
    ///
    /// # Safety
    /// NAMED holds for the number.
    #[inline]
    pub(crate) unsafe fn push(&mut self, memory: Memory, id: u16) -> bool {
        // SAFETY: NAMED, for the node and for those in the queue, and LINK.
        unsafe {
            let next = link(memory, id);
            if *next != 0 {
                return false;
            }
            *next = END;
            if self.head == 0 {
                self.head = id;
            } else {
                *link(memory, self.tail) = id;
            }
        }
        self.tail = id;
        true
    }

    /// Removes the first node; 0 for none.
    #[inline]
    pub(crate) fn pop(&mut self, memory: Memory) -> u16 {
        let id = self.head;
        if id != 0 {
            // SAFETY: NAMED and LINK.
            unsafe {
                let next = link(memory, id);
                self.head = if *next == END { 0 } else { *next };
                *next = 0;
            }
        }
        id
    }

    /// Moves all of `other` to the end of this queue.
    pub(crate) fn append(&mut self, memory: Memory, other: &mut Ready) {
        if other.head != 0 {
            if self.head == 0 {
                self.head = other.head;
            } else {
                // SAFETY: NAMED and LINK.
                unsafe { *link(memory, self.tail) = other.head };
            }
            self.tail = other.tail;
            other.head = 0;
        }
    }
}

/// # Safety
/// NAMED holds for the number.
#[inline(always)]
unsafe fn link(memory: Memory, id: u16) -> *mut u16 {
    // SAFETY: NAMED; a `Cell` has the layout of what is in it.
    unsafe { (&raw mut (*memory.address(id).cast::<Header>()).next).cast() }
}
