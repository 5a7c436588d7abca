//! The ready queue: nodes in the order in which they run.
//!
//! # The problem
//! A wake-up must not fail for lack of room, must cost little, and must be possible in an interrupt.
//!
//! # The design
//! A first-in-first-out list through the nodes' own headers. A node that is in a list already is not queued twice: its
//! link is not 0, the last one's being [`END`]. The loop takes the whole list at once, the *batch* of its turn, and then
//! owns it: waking a node of the batch that has not run yet does nothing, as its link is still set.
//!
//! # Invariants
//! - **LINK**: in the ready queue, links are written inside critical sections only. The links of a batch are cleared
//!   by the loop, one by one, outside of critical sections: whoever finds a link set before that is right not to queue
//!   the node, for it is about to run, and will see what the wake-up was for (between threads and cores, by two fences).
//!
//! # Costs
//! Four bytes; no memory for an entry; pushing is a few instructions with interrupts masked. Taking a batch is two, without.

use core::sync::atomic::Ordering::{Relaxed, SeqCst};
use core::sync::atomic::compiler_fence;

use crate::atomic::AtomicU16;
use crate::node::Header;
use crate::pool::Memory;

/// The link of the last node: no node's number, for the first granule is the bitmap's. "None or the end" is one comparison.
pub(crate) const END: u16 = 1;

/// A queue of nodes.
pub(crate) struct Ready {
    head: AtomicU16,
    /// Meaningless while `head` is 0.
    tail: AtomicU16,
}

impl Ready {
    pub(crate) const fn new() -> Ready {
        Ready { head: AtomicU16::new(0), tail: AtomicU16::new(0) }
    }

    /// Whether it is empty; for the loop's own decisions, outside of critical sections too.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.head.load(Relaxed) == 0
    }

    /// The first node; 0 for none.
    pub(crate) fn first(&self) -> u16 {
        self.head.load(Relaxed)
    }

    /// Adds a node at the end, unless it is in a list already; then it answers false.
    ///
    /// # Safety
    /// In a critical section, unless the queue belongs to the loop alone. NAMED holds for the number.
    #[inline]
    pub(crate) unsafe fn push(&self, memory: Memory, id: u16) -> bool {
        // SAFETY: NAMED, for the node and for those in the queue, and LINK.
        unsafe {
            let next = link(memory, id);
            overtake_nothing();
            if next.load(Relaxed) != 0 {
                return false;
            }
            next.store(END, Relaxed);
            #[cfg(feature = "statistics")]
            (*memory.address(id).cast::<Header>()).statistics.count_wake();
            self.join(memory, id, id);
        }
        true
    }

    /// The last node; 0 for none. In a critical section, or before anything is taken from the queue.
    pub(crate) fn last(&self) -> u16 {
        if self.is_empty() { 0 } else { self.tail.load(Relaxed) }
    }

    /// Takes a node out; answers which one was in front of it, 0 for none, or `None` if it is not in this queue.
    ///
    /// # Safety
    /// As for `push`.
    pub(crate) unsafe fn remove(&self, memory: Memory, id: u16) -> Option<u16> {
        let (mut before, mut at) = (0, self.first());
        // SAFETY: NAMED, for those in the queue, and LINK.
        unsafe {
            while at != id {
                if at == 0 {
                    return None;
                }
                before = at;
                at = after(memory, at);
            }
            let next = pop(memory, id);
            if before == 0 {
                self.head.store(next, Relaxed);
            } else {
                link(memory, before).store(next.max(END), Relaxed);
            }
            if next == 0 {
                self.tail.store(before, Relaxed);
            }
        }
        Some(before)
    }

    /// Adds a node behind another one, or in front of all for 0; answers false if that one is not in this queue, or the node is
    /// in a list already.
    ///
    /// # Safety
    /// As for `push`.
    pub(crate) unsafe fn insert_behind(&self, memory: Memory, before: u16, id: u16) -> bool {
        // SAFETY: NAMED, for the node and for those in the queue, and LINK.
        unsafe {
            if link(memory, id).load(Relaxed) != 0 {
                return false;
            }
            let next = if before == 0 {
                let first = self.first();
                self.head.store(id, Relaxed);
                first
            } else {
                let mut at = self.first();
                while at != before {
                    if at == 0 {
                        return false;
                    }
                    at = after(memory, at);
                }
                let next = after(memory, before);
                link(memory, before).store(id, Relaxed);
                next
            };
            link(memory, id).store(next.max(END), Relaxed);
            if next == 0 {
                self.tail.store(id, Relaxed);
            }
        }
        true
    }

    /// Adds a list that begins with `first` and ends with `last`.
    ///
    /// # Safety
    /// As for `push`.
    #[inline]
    unsafe fn join(&self, memory: Memory, first: u16, last: u16) {
        let before = if self.is_empty() {
            &self.head
        } else {
            // SAFETY: NAMED: it is in the queue.
            unsafe { link(memory, self.tail.load(Relaxed)) }
        };
        before.store(first, Relaxed);
        self.tail.store(last, Relaxed);
    }

    /// Moves all of `other` to the end of this queue: what a panic has left.
    ///
    /// # Safety
    /// In a critical section; `other` belongs to the loop alone.
    #[cfg(panic = "unwind")]
    pub(crate) unsafe fn append(&self, memory: Memory, other: &Ready) {
        if !other.is_empty() {
            // SAFETY: as for `push`.
            unsafe { self.join(memory, other.first(), other.tail.load(Relaxed)) };
            other.head.store(0, Relaxed);
        }
    }

    /// Takes all nodes, as a batch that begins with the answer; 0 for none. By the loop alone. It needs a critical section only
    /// where others than interrupts of the same core add nodes: one that is added between the two accesses is the last
    /// of the batch.
    #[inline(always)]
    pub(crate) fn take(&self) -> u16 {
        let take = || {
            let first = self.head.load(Relaxed);
            if first != 0 {
                self.head.store(0, Relaxed);
                // From here on nobody writes the batch's links.
                compiler_fence(SeqCst);
            }
            first
        };
        if cfg!(any(feature = "std", feature = "cores")) { critical_section::with(|_| take()) } else { take() }
    }
}

/// The node behind `id` in its list; 0 for none.
///
/// # Safety
/// NAMED holds for the number, and the node is in a list.
#[inline(always)]
pub(crate) unsafe fn after(memory: Memory, id: u16) -> u16 {
    // SAFETY: NAMED.
    let next = unsafe { link(memory, id).load(Relaxed) };
    if next > END { next } else { 0 }
}

/// Has `next`, or nothing if that is 0, be behind the node `id` in a batch.
///
/// # Safety
/// NAMED holds for the numbers, and the nodes are in the batch.
#[cfg(panic = "unwind")]
pub(crate) unsafe fn set_after(memory: Memory, id: u16, next: u16) {
    // SAFETY: NAMED and LINK.
    unsafe { link(memory, id).store(next.max(END), Relaxed) };
}

/// Takes the first node, which is `id`, from a batch, and answers with the one behind it; 0 for none.
///
/// # Safety
/// NAMED holds for the number.
#[inline(always)]
pub(crate) unsafe fn pop(memory: Memory, id: u16) -> u16 {
    // SAFETY: NAMED and LINK.
    unsafe {
        let next = after(memory, id);
        link(memory, id).store(0, Relaxed);
        overtake_nothing();
        next
    }
}

/// Between the store that a wake-up announces and its look at the link, and between the clearing of the link and what
/// the task looks at. Without it each could overtake the other, and both threads, or cores, overlook what the other one did.
/// Interrupts of the same core see all that was done before them.
#[inline(always)]
fn overtake_nothing() {
    #[cfg(any(feature = "std", feature = "cores"))]
    crate::atomic::fence(core::sync::atomic::Ordering::SeqCst);
}

/// # Safety
/// NAMED holds for the number.
#[inline(always)]
unsafe fn link<'a>(memory: Memory, id: u16) -> &'a AtomicU16 {
    // SAFETY: NAMED.
    unsafe { &(*memory.address(id).cast::<Header>()).next }
}
