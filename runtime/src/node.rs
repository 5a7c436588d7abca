//! What can be queued: the header that tasks, callbacks and futures have in common.
//!
//! # The problem
//! A ready queue of many kinds of things, without a heap, needs one small shape for all of them. Handles must be able
//! to outlive what they name, without ever naming something else.
//!
//! # The design
//! A node is an allocation of the pool: a [`Header`], then the payload. The payload is what the node is for (a
//! coroutine, a closure) and, after its end, what has become of it (the output). Two bytes name a node, its granule's
//! number. Handles count themselves in the header ([`NodeRef`]); a pending task or timer counts as one more. The memory
//! is freed when the count is zero and the node is not queued.
//!
//! ```text
//! flags   pending          NEW? · CANCEL_REQUESTED? · WAITED?
//!         to be cancelled  CANCEL_REQUESTED · UNDELIVERED if the request can be taken back
//!         ended            ENDED, and the payload is the output
//!         taken            ENDED · TAKEN: no payload
//!         cancelled        ENDED · CANCELLED: no payload
//! of a task       RELAYED? · the upper three bits count its cancel requests, up to 6; 7 if a node does that
//! ```
//!
//! # Invariants
//! - **NAMED**: a number that is in the ready queue, in the list of parked tasks, in a `NodeRef` or in the pool's
//!   bitmap, or that a pending timer has as its target, is that of a node whose header has been written.
//! - **LINK**: see [`ready`](crate::ready).
//! - **CONTENT**: the payload is what the flags and the vtable say.
//!
//! # Costs
//! A header is 8 bytes on a 32-bit chip; the size in memory is rounded up to a granule.

use core::cell::Cell;
use core::mem;
use core::num::NonZeroU16;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use crate::atomic::{AtomicU8, AtomicU16};
use crate::coroutine::Context;
use crate::event_loop::{EventLoop, Refused};
use crate::pool::{GRANULE, LAST_GRANULE};
use crate::task::requests;

/// A task that has not been resumed yet; or, with `CANCEL_REQUESTED`, perhaps one that is to be put in another place.
pub(crate) const NEW: u8 = 1;
/// With `ENDED`: the output has been moved away.
pub(crate) const TAKEN: u8 = 1;
/// Nothing more will happen.
pub(crate) const ENDED: u8 = 2;
/// A cancel request is to be delivered at the next step.
pub(crate) const CANCEL_REQUESTED: u8 = 4;
/// With `ENDED`: cancelled.
pub(crate) const CANCELLED: u8 = 4;
/// With `ENDED`: the output is an error that nobody has read. With `CANCELLED` too: an exception, which is `CancelledError`.
pub(crate) const UNREAD: u8 = 16;
/// Somebody waits, or has waited, for the end.
pub(crate) const WAITED: u8 = 8;
/// A sleeping task whose timer has fired: when the loop comes to it, it is queued again, and runs in the next turn.
pub(crate) const RELAYED: u8 = 16;
/// With `CANCEL_REQUESTED`: the task was queued before the request came, which has ended no wait and can be taken back. Each
/// of the two alone means something else.
pub(crate) const UNDELIVERED: u8 = NEW | RELAYED;
/// One cancel request: the upper three bits [count](crate::task::requests) them.
pub(crate) const ONE_REQUEST: u8 = 32;

/// A node that is referred to so often stays for ever: the count has no room.
const UNCOUNTED: u8 = u8::MAX;

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Its output is now the payload.
    Done,
    /// The same, and the output is an error.
    Failed,
    /// By cancellation; there is no payload.
    Cancelled,
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A coroutine of `create_task`.
    Task,
    /// The same, with a name in the node's last granule.
    NamedTask,
    /// The coroutine of `run_until_complete`, which is on the stack; when it has ended it is queued once more, to stop
    /// the loop.
    Guest,
    /// What waits for the end of tasks or futures where asyncio has callbacks: a guest, which stops the loop when it learns of
    /// it; a `gather` or a `shield` that was started.
    Watcher,
    /// The handler of a signal.
    Signal,
    /// The callback for a device that can be read from.
    Reader,
    /// The callback for a device that can be written to.
    Writer,
    /// A future.
    Future,
    /// A closure of `call_soon`.
    Call,
    /// A closure of `call_later`, behind its timer.
    TimerCall,
    /// A callback that waits for a future or a task.
    DoneCallback,
    /// Counts the cancel requests of a task.
    Requests,
    /// A task group.
    Group,
    /// A protocol.
    Object,
}

/// What can be done with a node of one type.
pub(crate) struct VTable {
    /// Runs the node, whose number is the context's waker, and which is the loop's current one. It is no more if it ends: then
    /// nothing is left to do when this returns, and the node may be gone.
    pub run: unsafe fn(*mut u8, &mut Context<'_>),
    /// Drops the payload: the output if the flag is set, otherwise what the node is for.
    pub drop: unsafe fn(*mut u8, bool, &EventLoop),
    /// The node's size.
    pub granules: u16,
    /// What it is.
    pub kind: Kind,
}

/// What every node begins with.
#[repr(C)]
pub(crate) struct Header {
    pub vtable: &'static VTable,
    /// The node behind it in its queue, [`END`](crate::ready::END) for the last one; 0 when it is in no queue.
    pub next: AtomicU16,
    pub flags: Flags,
    /// Handles, and one for the loop while it needs the node.
    pub references: Cell<u8>,
    #[cfg(feature = "statistics")]
    pub statistics: crate::statistics::Statistics,
}

/// A node's flags: written in the loop's own context only, in pieces that are not atomic together; read in any.
pub(crate) struct Flags(AtomicU8);

impl Flags {
    #[inline(always)]
    pub fn get(&self) -> u8 {
        self.0.load(Relaxed)
    }

    #[inline(always)]
    pub fn set(&self, flags: u8) {
        self.0.store(flags, Relaxed);
    }
}

/// The bytes in front of the payload.
pub(crate) const PAYLOAD: usize = size_of::<Header>().next_multiple_of(GRANULE);

/// The granules of a node with payload `P`, which may be replaced by an `O`.
pub(crate) const fn granules<P, O>() -> u16 {
    const {
        assert!(
            align_of::<P>() <= GRANULE && align_of::<O>() <= GRANULE,
            "what a loop stores is aligned to two words at most"
        );
        let payload = if size_of::<P>() > size_of::<O>() { size_of::<P>() } else { size_of::<O>() };
        larger_than_any_loops_memory((PAYLOAD + payload).div_ceil(GRANULE))
    }
}

/// What is, does not compile: of an index that is out of bounds rustc says both numbers, and so by how many granules.
#[expect(clippy::no_effect, reason = "the effect is rustc's error")]
const fn larger_than_any_loops_memory(granules: usize) -> u16 {
    const GRANULES: [(); LAST_GRANULE + 1] = [(); LAST_GRANULE + 1];
    GRANULES[granules];
    granules as u16
}

impl Header {
    /// The header of the node that has this payload.
    ///
    /// # Safety
    /// It is a payload, and the header's node stays while the reference is used.
    pub(crate) unsafe fn of<'a>(payload: *mut u8) -> &'a Header {
        // SAFETY: the caller's promise.
        unsafe { &*payload.wrapping_sub(PAYLOAD).cast::<Header>() }
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags.get() & flag != 0
    }

    pub(crate) fn set(&self, flag: u8) {
        self.flags.set(self.flags.get() | flag);
    }

    pub(crate) fn clear(&self, flag: u8) {
        self.flags.set(self.flags.get() & !flag);
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.has(ENDED)
    }

    /// Whether it is `RELAYED`, and not `UNDELIVERED`.
    pub(crate) fn is_relayed(&self) -> bool {
        self.flags.get() & UNDELIVERED == RELAYED
    }

    /// Whether it ended by being cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.flags.get() & (ENDED | CANCELLED) == ENDED | CANCELLED
    }

    /// Whether it ended, and its output is there.
    pub(crate) fn has_output(&self) -> bool {
        self.flags.get() & (ENDED | CANCELLED | TAKEN) == ENDED
    }

    /// Whether it ended with an error that nobody has read; from now on somebody has.
    pub(crate) fn read_error(&self) -> bool {
        let unread = self.is_ended() && self.has(UNREAD);
        if unread {
            self.clear(UNREAD);
        }
        unread
    }

    /// Ends it: `how` is 0, `UNREAD`, `TAKEN` or `CANCELLED`. The count of cancel requests stays.
    pub(crate) fn end(&self, how: u8) {
        self.flags.set(self.flags.get() & !(NEW | CANCEL_REQUESTED | RELAYED) | ENDED | how);
    }

    /// Whether it is marked in the pool's bitmap while it has not ended.
    pub(crate) fn is_task(&self) -> bool {
        use Kind::{Guest, NamedTask, Reader, Signal, Task, Watcher, Writer};
        matches!(self.vtable.kind, Task | NamedTask | Guest | Watcher | Signal | Reader | Writer)
    }

    /// Whether it is a task for asyncio, too; the others that are marked stand for callbacks.
    pub(crate) fn is_shown_as_task(&self) -> bool {
        matches!(self.vtable.kind, Kind::Task | Kind::NamedTask | Kind::Guest)
    }

    /// Counts one reference less; answers whether that was the last one.
    fn uncount(&self) -> bool {
        let count = self.references.get();
        if count != UNCOUNTED {
            self.references.set(count - 1);
        }
        count == 1
    }

    /// Counts one more reference.
    pub(crate) fn retain(&self) {
        self.references.set(self.references.get().saturating_add(1));
    }
}

impl EventLoop {
    /// The header of a node.
    ///
    /// # Safety
    /// NAMED holds for the number, and goes on to hold while the reference is used.
    #[inline(always)]
    pub(crate) unsafe fn header(&self, id: u16) -> &'static Header {
        // SAFETY: NAMED.
        unsafe { &*self.memory().address(id).cast::<Header>() }
    }

    /// Where a node's payload is.
    #[inline(always)]
    pub(crate) fn payload(&self, id: u16) -> *mut u8 {
        self.memory().address(id).wrapping_add(PAYLOAD)
    }

    /// Allocates a node and writes its header; the caller writes the payload.
    pub(crate) fn make_node(
        &self,
        vtable: &'static VTable,
        flags: u8,
        references: u8,
    ) -> Result<NonZeroU16, Refused<()>> {
        let allocated = self.shared(|shared, memory| {
            // A future may be made on a closed loop, as in asyncio: nothing of it is ever queued.
            if self.is_closed_masked() && vtable.kind != Kind::Future {
                return Err(Refused::Closed(()));
            }
            NonZeroU16::new(shared.pool.allocate(memory, vtable.granules)).ok_or(Refused::Full(()))
        });
        if let Ok(id) = allocated {
            let header = Header {
                vtable,
                next: AtomicU16::new(0),
                flags: Flags(AtomicU8::new(flags)),
                references: Cell::new(references),
                #[cfg(feature = "statistics")]
                statistics: Default::default(),
            };
            // SAFETY: OWNED: the allocation is ours, large and aligned enough for a header.
            unsafe { self.memory().address(id.get()).cast::<Header>().write(header) };
        }
        allocated
    }

    /// Drops what a node holds, once.
    ///
    /// # Safety
    /// NAMED holds for the number; nobody uses the payload.
    pub(crate) unsafe fn drop_payload(&self, id: u16, how: u8) {
        // SAFETY: NAMED.
        let header = unsafe { self.header(id) };
        let output = header.is_ended();
        let full = !output || header.has_output();
        // What an error was for nobody has read is still to be told.
        header.end(if output { how | header.flags.get() & UNREAD } else { how });
        if full {
            // SAFETY: CONTENT: before the end it is what the node is for, after it, with these flags, the output.
            unsafe { (header.vtable.drop)(self.payload(id), output, self) };
        }
    }

    /// Counts one reference less, and frees the node if it was the last.
    ///
    /// # Safety
    /// The caller has a reference, and gives it up.
    pub(crate) unsafe fn release(&self, id: u16) {
        // SAFETY: NAMED, by the caller's reference, after which there may be none left.
        unsafe {
            if self.header(id).uncount() {
                self.dispose(id);
            }
        }
    }

    /// Frees a node without references. If it is still queued, the loop does that when it comes to it.
    ///
    /// # Safety
    /// NAMED holds for the number, and nobody refers to it.
    #[inline(never)]
    pub(crate) unsafe fn dispose(&self, id: u16) {
        // SAFETY: NAMED and LINK: nobody wakes it, so that it is not queued meanwhile.
        unsafe {
            let header = self.header(id);
            if !header.is_ended() {
                if header.next.load(Relaxed) != 0 {
                    // A call, which is still to be made.
                    return;
                }
                if header.has(WAITED) {
                    // A future: nobody can set its result any more.
                    self.tell_forgotten(id);
                }
            }
            // There are no references, so nobody uses the payload. Its destructor may have the loop look at its queue, which
            // is not to free the node under it: it is referred to meanwhile.
            header.references.set(1);
            self.drop_payload(id, TAKEN);
            if !header.uncount() {
                // Somebody has got a handle: an exception handler that was told of an error in it.
                return;
            }
            if header.next.load(Relaxed) != 0 {
                self.use_endings();
            } else {
                if requests::are_many(header) {
                    self.tell_forgotten(id);
                }
                let granules = header.vtable.granules;
                self.shared(|shared, memory| shared.pool.free(memory, id, granules));
            }
        }
    }
}

/// A counted reference to a node.
pub struct NodeRef {
    event_loop: &'static EventLoop,
    id: NonZeroU16,
}

impl NodeRef {
    /// # Safety
    /// The caller has a reference, and gives it to the result.
    pub(crate) unsafe fn from_counted(event_loop: &'static EventLoop, id: NonZeroU16) -> NodeRef {
        NodeRef { event_loop, id }
    }

    /// Counts one more reference to a node.
    ///
    /// # Safety
    /// NAMED holds for the number.
    pub(crate) unsafe fn new(event_loop: &'static EventLoop, id: NonZeroU16) -> NodeRef {
        // SAFETY: NAMED.
        unsafe { event_loop.header(id.get()).retain() };
        NodeRef { event_loop, id }
    }

    /// The reference's number; the caller takes over the count.
    pub(crate) fn into_counted(self) -> u16 {
        let id = self.id();
        mem::forget(self);
        id
    }

    pub(crate) fn event_loop(&self) -> &'static EventLoop {
        self.event_loop
    }

    pub(crate) fn id(&self) -> u16 {
        self.id.get()
    }

    pub(crate) fn number(&self) -> NonZeroU16 {
        self.id
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> &Header {
        // SAFETY: NAMED, by this reference.
        unsafe { self.event_loop.header(self.id.get()) }
    }

    pub(crate) fn payload(&self) -> *mut u8 {
        self.event_loop.payload(self.id.get())
    }

    /// How many cancel requests a task has got.
    pub(crate) fn cancelling(&self) -> u32 {
        // SAFETY: NAMED, by this reference.
        unsafe { self.event_loop.cancelling(self.id.get()) }
    }

    /// Gives up the reference to a task that ends by cancellation, or not at all.
    ///
    /// # Safety
    /// As if this were dropped.
    #[inline]
    pub(crate) unsafe fn release_endless(&self) {
        // SAFETY: NAMED, by this reference, which is given up.
        unsafe {
            if self.header().uncount() {
                self.event_loop.pass(self.id());
            }
        }
    }

    /// Whether both name the same node.
    pub(crate) fn is(&self, other: &NodeRef) -> bool {
        self.id == other.id && ptr::eq(self.event_loop, other.event_loop)
    }
}

impl Clone for NodeRef {
    fn clone(&self) -> NodeRef {
        self.header().retain();
        NodeRef { ..*self }
    }
}

impl Drop for NodeRef {
    fn drop(&mut self) {
        // SAFETY: the reference is given up here.
        unsafe { self.event_loop.release(self.id.get()) };
    }
}
