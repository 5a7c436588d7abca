//! The timers of a loop: a pairing heap whose nodes live in the frames of those who sleep.
//!
//! # The problem
//! A `sleep` must not run out of timers, so its timer's memory must be its own. Timers must fire in the order of their
//! deadlines, equal ones in the order in which they were set (CPython leaves that undefined, and shuffles them). A
//! cancelled timer must be gone at once, and the next deadline be known at once.
//!
//! # The design
//! A pairing heap: inserting compares with the root; removing the root pairs its children, from left to right, and
//! joins the pairs from right to left; removing any other node puts its joined children in its place.
//!
//! First in, first out needs no sequence number here, because the heap keeps an order of its own: of two siblings, all
//! that is under the left one was inserted before all that is under the right one. Two trees are only ever joined as
//! left and right neighbours, or with a new node as the right one. The left one wins a tie; the loser becomes the
//! winner's last child if it comes from the right, and its first child if it comes from the left. Both keep the order.
//!
//! A node is removed without knowing its heap: the first sibling's `previous` is the last one, and the last one's `next`
//! is the parent, for which the heap itself stands in at the root.
//!
//! # Invariants
//! - **ARMED**: a node that is in a heap is pinned, and its owner removes it before it goes away; the heap is in a loop,
//!   which is `'static`. So every pointer in a heap is valid.
//! - **CHILD FIRST**: [`TimerNode`] and [`Timers`] are `repr(C)` and start with the pointer to the first child, so that a
//!   parent may be either, as long as only that field is touched.
//! - Only the loop's own context touches the heap.
//!
//! # Costs
//! 24 bytes for each timer on a 32-bit chip. Inserting takes constant time, removing O(log n) amortised; a periodic
//! timer that is the next to fire among any number of later ones is removed and set again in constant time.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;

use crate::time::Instant;

/// The last of its siblings: its `next` is the parent.
const LAST: u8 = 1;
/// It belongs to a node of the pool, which is its target; without this and the next one, to a sleeping task.
const CALL: u8 = 2;
/// It is a timeout of the task that is its target.
const TIMEOUT: u8 = 4;

/// The state of a timeout's timer that has fired, and whose task has got a cancel request for it.
pub(crate) const EXPIRING: u8 = 0x80;
/// The state of a timeout's timer that only wakes the task, as a sleeper's does.
pub(crate) const WAKES: u8 = 0x20;
/// The state of such a timer that has fired, and for which the task is resumed.
pub(crate) const WOKEN: u8 = 0x21;
/// The state of a timeout's timer that has fired: the task is queued, and is to cancel itself when it is resumed.
pub(crate) const DUE: u8 = 0x40;
/// The state of a timeout's timer that has fired: the task is relayed, with a cancel request for it. Until the loop comes to the
/// task, where asyncio's callback makes the request, this can be taken back.
pub(crate) const FIRED: u8 = 0x41;

/// A timer: a deadline, and whom to make ready then.
#[repr(C)]
pub(crate) struct TimerNode {
    child: Cell<*const TimerNode>,
    next: Cell<*const TimerNode>,
    /// Null when it is in no heap.
    previous: Cell<*const TimerNode>,
    /// The two halves of the deadline: a `u64` would align the node to 8 bytes, and make it 8 bytes longer.
    low: Cell<u32>,
    high: Cell<u32>,
    target: Cell<u16>,
    flags: Cell<u8>,
    /// Free for the owner.
    pub(crate) state: Cell<u8>,
    pinned: PhantomPinned,
}

impl TimerNode {
    /// The timer of a sleeping task; `ticks` is free for the owner until the timer is inserted.
    #[inline(always)]
    pub(crate) const fn with_state(ticks: u64, state: u8) -> TimerNode {
        TimerNode { state: Cell::new(state), ..TimerNode::new(ticks) }
    }

    /// The timer of a `sleep` that has not begun, and is neither armed nor over: `is_armed` is not to be asked, and
    /// `be_over` to be called before it is inserted.
    #[inline(always)]
    pub(crate) const fn of_sleep(ticks: u64, state: u8) -> TimerNode {
        TimerNode { previous: Cell::new(ptr::dangling()), ..TimerNode::with_state(ticks, state) }
    }

    /// Whether it is in no heap; of a `sleep`, also that it has begun.
    #[inline(always)]
    pub(crate) fn is_over(&self) -> bool {
        self.previous.get().is_null()
    }

    pub(crate) fn be_over(&self) {
        self.previous.set(ptr::null());
    }

    #[inline(always)]
    const fn new(ticks: u64) -> TimerNode {
        TimerNode {
            child: Cell::new(ptr::null()),
            next: Cell::new(ptr::null()),
            previous: Cell::new(ptr::null()),
            low: Cell::new(ticks as u32),
            high: Cell::new((ticks >> 32) as u32),
            target: Cell::new(0),
            flags: Cell::new(0),
            state: Cell::new(0),
            pinned: PhantomPinned,
        }
    }

    /// The timer of a callback, in whose node it is.
    pub(crate) const fn for_call(deadline: Instant, node: u16) -> TimerNode {
        TimerNode { flags: Cell::new(CALL), target: Cell::new(node), ..TimerNode::new(deadline.as_ticks()) }
    }

    pub(crate) fn ticks(&self) -> u64 {
        u64::from(self.high.get()) << 32 | u64::from(self.low.get())
    }

    pub(crate) fn set_ticks(&self, ticks: u64) {
        self.low.set(ticks as u32);
        self.high.set((ticks >> 32) as u32);
    }

    pub(crate) fn target(&self) -> u16 {
        self.target.get()
    }

    pub(crate) fn set_target(&self, target: u16) {
        self.target.set(target);
    }

    pub(crate) fn is_call(&self) -> bool {
        self.flags.get() & CALL != 0
    }

    pub(crate) fn is_sleeper(&self) -> bool {
        self.flags.get() & (CALL | TIMEOUT) == 0
    }

    /// Makes it a timeout's, or a sleeper's: while it is in no heap.
    pub(crate) fn set_timeout(&self, timeout: bool) {
        let flags = self.flags.get() & !TIMEOUT;
        self.flags.set(if timeout { flags | TIMEOUT } else { flags });
    }

    /// Whether it is in a heap.
    pub(crate) fn is_armed(&self) -> bool {
        !self.previous.get().is_null()
    }

    fn is_last(&self) -> bool {
        self.flags.get() & LAST != 0
    }

    fn set_last(&self, last: bool) {
        self.flags.set(self.flags.get() & !LAST | last as u8);
    }

    /// Removes it from its heap, if it is in one.
    #[inline(always)]
    pub(crate) fn disarm(&self) {
        if self.is_armed() {
            self.remove();
        }
    }

    /// Removes it from the heap that it is in.
    fn remove(&self) {
        // SAFETY: ARMED, for this node and all that it is linked to.
        unsafe {
            let tree = join_all(self.child.get());
            let next = self.next.get();
            let previous = self.previous.get();
            let first = (*previous).is_last();
            let last = self.is_last();
            let parent = if last { next } else { (*previous).next.get() };
            if !tree.is_null() {
                // `tree` takes this node's place.
                let alone = first && last;
                (*tree).next.set(next);
                (*tree).previous.set(if alone { tree } else { previous });
                (*tree).set_last(last);
                if first {
                    (*parent).child.set(tree);
                } else {
                    (*previous).next.set(tree);
                }
                if !last {
                    (*next).previous.set(tree);
                } else if !alone {
                    (*(*parent).child.get()).previous.set(tree);
                }
            } else if first && last {
                (*parent).child.set(ptr::null());
            } else {
                if first {
                    (*parent).child.set(next);
                } else {
                    (*previous).next.set(next);
                    (*previous).set_last(last);
                }
                let behind = if last { (*parent).child.get() } else { next };
                (*behind).previous.set(previous);
            }
        }
        self.previous.set(ptr::null());
    }
}

/// The heap.
#[repr(C)]
pub(crate) struct Timers {
    root: Cell<*const TimerNode>,
}

impl Timers {
    pub(crate) const fn new() -> Timers {
        Timers { root: Cell::new(ptr::null()) }
    }

    /// The next timer that fires; null for none.
    #[inline(always)]
    pub(crate) fn first(&self) -> *const TimerNode {
        self.root.get()
    }

    /// When the next timer fires.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let root = self.root.get();
        // SAFETY: ARMED.
        (!root.is_null()).then(|| Instant::from_ticks(unsafe { (*root).ticks() }))
    }

    /// Inserts a node, whose deadline and target are set.
    ///
    /// # Safety
    /// It is in no heap, and ARMED holds for it from now on; `self` is in a `'static` loop.
    pub(crate) unsafe fn insert(&self, node: *const TimerNode) {
        let root = self.root.get();
        // SAFETY: ARMED.
        unsafe {
            (*node).child.set(ptr::null());
            self.set_root(if root.is_null() { node } else { join(root, node) });
        }
    }

    /// Removes the first timer if its deadline is not after `now`; false if it is.
    ///
    /// # Safety
    /// It is the first one.
    #[inline]
    pub(crate) unsafe fn pop_due(&self, first: *const TimerNode, now: Instant) -> bool {
        // SAFETY: ARMED.
        unsafe {
            let due = (*first).ticks() <= now.as_ticks();
            if due {
                let children = (*first).child.get();
                // A timer without others behind it costs nothing.
                if children.is_null() {
                    self.root.set(children);
                } else {
                    self.set_root_of(children);
                }
                (*first).previous.set(ptr::null());
            }
            due
        }
    }

    /// # Safety
    /// As for `join_all`.
    #[inline(never)]
    unsafe fn set_root_of(&self, siblings: *const TimerNode) {
        // SAFETY: the caller's promise.
        unsafe { self.set_root(join_all(siblings)) };
    }

    /// # Safety
    /// `root` is a tree of which ARMED holds, or null.
    unsafe fn set_root(&self, root: *const TimerNode) {
        self.root.set(root);
        if !root.is_null() {
            // SAFETY: ARMED; CHILD FIRST for the pointer to `self`.
            unsafe {
                (*root).previous.set(root);
                (*root).next.set(ptr::from_ref(self).cast());
                (*root).set_last(true);
            }
        }
    }
}

/// Joins two trees; all that is in `older` was inserted before all that is in `newer`. Of the root that it returns,
/// the caller sets the links.
///
/// # Safety
/// ARMED holds for both.
unsafe fn join(older: *const TimerNode, newer: *const TimerNode) -> *const TimerNode {
    // SAFETY: ARMED.
    unsafe {
        let swap = (*newer).ticks() < (*older).ticks();
        let (parent, node) = if swap { (newer, older) } else { (older, newer) };
        let first = (*parent).child.get();
        if first.is_null() {
            (*parent).child.set(node);
            (*node).previous.set(node);
            (*node).next.set(parent);
            (*node).set_last(true);
        } else {
            let last = (*first).previous.get();
            (*first).previous.set(node);
            (*node).previous.set(last);
            (*node).set_last(!swap);
            if swap {
                (*parent).child.set(node);
                (*node).next.set(first);
            } else {
                (*last).next.set(node);
                (*last).set_last(false);
                // The first sibling's `previous` is `node` already, and `node`'s is the former last one.
                (*node).next.set(parent);
            }
        }
        parent
    }
}

/// Joins a node and all its siblings behind it to one tree; null if there is none. Of the root, the caller sets the
/// links.
///
/// # Safety
/// ARMED holds for the siblings.
#[inline(never)]
unsafe fn join_all(mut rest: *const TimerNode) -> *const TimerNode {
    // SAFETY: ARMED.
    unsafe {
        // From left to right: pairs, on a stack that is linked by `previous`.
        let mut pairs: *const TimerNode = ptr::null();
        while !rest.is_null() {
            let left = rest;
            rest = if (*left).is_last() { ptr::null() } else { (*left).next.get() };
            let pair = if rest.is_null() {
                left
            } else {
                let right = rest;
                rest = if (*right).is_last() { ptr::null() } else { (*right).next.get() };
                join(left, right)
            };
            (*pair).previous.set(pairs);
            pairs = pair;
        }
        // From right to left: one tree.
        let mut tree: *const TimerNode = ptr::null();
        while !pairs.is_null() {
            let pair = pairs;
            pairs = (*pair).previous.get();
            tree = if tree.is_null() { pair } else { join(pair, tree) };
        }
        tree
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
