//! Waiting for the end of a task or a future: awaiting tasks, and done callbacks.
//!
//! # The problem
//! Any number of tasks may wait for one future, and all are to be resumed in the order in which they came, together with
//! callbacks. A header of 8 bytes has no room for a list of them.
//!
//! # The design
//! All waits of a loop are in one list, in the order in which they began: [`Wait`] says who waits for what. Its memory is
//! that of the one who waits: the awaiting frame, or the callback's node. When a node ends that somebody has waited for,
//! the list is walked and its waits are taken out and queued.
//!
//! Ends and suspensions reach this code through [`hooks`](super::hooks): a program that neither waits nor cancels has
//! nothing of it in its flash.
//!
//! # Costs
//! About 600 bytes of flash when used. 20 bytes in the frame of who awaits, on a 32-bit chip, and no bytes for who is waited for. The end of a task that is
//! waited for costs a walk through all waits of the loop, usually a few.

use core::cell::Cell;
use core::marker::PhantomData;
use core::mem;
use core::num::NonZeroU16;
use core::pin::Pin;
use core::ptr;

use crate::coroutine::{Context, Resume, mode};
use crate::event_loop::{ErrorContext, EventLoop, Refused, end_call};
use crate::list::Link;
use crate::node::{Kind, NodeRef, VTable, WAITED, granules};
use crate::task::outcome::FromNode;

/// How a wait ends, and whether a cancel request to the waiting task is passed on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitKind {
    /// A task is resumed; a cancel request for it goes to what it waits for, instead.
    Task,
    /// A task is resumed; a cancel request goes to all the members for which it waits, instead.
    Member,
    /// A task is resumed; a cancel request goes to what it waits for, and to the task.
    Branch,
    /// A task is resumed; a cancel request is for itself.
    Observer,
    /// A callback's node is queued.
    Callback,
    /// A member of `as_completed` has ended: see [`completed`](super::completed). No task is the waiter.
    Completed,
    /// Nobody waits: the count of the target's cancel requests, see [`requests`](super::requests).
    Requests,
}

/// It has been resumed.
pub(super) const STARTED: u8 = 1;
/// What is waited for has been told of a cancel request to the waiting task.
const TOLD: u8 = 2;
/// What is waited for is about to be told.
const TELLING: u8 = 4;
/// An observer's, or a member's: what was waited for has ended, and the waiting task has been queued where asyncio
/// queues a callback.
pub(super) const FIRED: u8 = 8;
/// What was waited for has ended, but the waiting task is still to be resumed in the same turn, for something else: this
/// is news for it in the next one, for which it has a [`place`](super::place).
pub(super) const LATE: u8 = 16;
/// The end of a member decides nothing, unless it is the last one; taken away when it does decide.
pub(super) const COUNTED: u8 = mode::COUNTED;
/// An end by cancellation decides.
pub(super) const BY_CANCELLATION: u8 = mode::BY_CANCELLATION;
/// An end with an error decides.
pub(super) const BY_FAILURE: u8 = mode::BY_FAILURE;
/// It is one of several. Without `COUNTED`, each end decides.
pub(super) const MEMBER: u8 = COUNTED | BY_CANCELLATION | BY_FAILURE;

/// Who waits for what.
#[repr(C)]
pub(crate) struct Wait {
    pub(super) link: Link,
    target: Cell<u16>,
    waiter: Cell<u16>,
    kind: Cell<WaitKind>,
    flags: Cell<u8>,
    /// With `LATE`: behind which node the task is to be put. `LAST` with `FIRED`: it had such a place, and lost it. Before: how
    /// a cancel request came here that is just being passed on.
    place: Cell<u16>,
}

impl Wait {
    pub(super) const fn new(target: u16, waiter: u16, kind: WaitKind) -> Wait {
        Wait {
            link: Link::new(),
            target: Cell::new(target),
            waiter: Cell::new(waiter),
            kind: Cell::new(kind),
            flags: Cell::new(0),
            place: Cell::new(0),
        }
    }

    pub(super) fn target(&self) -> u16 {
        self.target.get()
    }

    pub(super) fn waiter(&self) -> u16 {
        self.waiter.get()
    }

    pub(super) fn set_waiter(&self, waiter: u16) {
        self.waiter.set(waiter);
    }

    pub(super) fn kind(&self) -> WaitKind {
        self.kind.get()
    }

    pub(super) fn is_linked(&self) -> bool {
        self.link.is_linked()
    }

    pub(super) fn set_kind(&self, kind: WaitKind) {
        self.kind.set(kind);
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags.get() & flag != 0
    }

    pub(super) fn set(&self, flag: u8, on: bool) {
        let flags = self.flags.get();
        self.flags.set(if on { flags | flag } else { flags & !flag });
    }

    /// Whether its task is queued where asyncio queues a callback that completes what the task waits for.
    pub(super) fn stands(&self) -> bool {
        self.kind() == WaitKind::Observer || self.has(MEMBER)
    }

    pub(super) fn set_target(&self, target: u16) {
        self.target.set(target);
    }

    pub(super) fn place(&self) -> u16 {
        self.place.get()
    }

    pub(super) fn set_place(&self, place: u16) {
        self.place.set(place);
    }

    /// Marks what it waits for as about to be told.
    pub(super) fn begin_telling(&self) {
        self.set(TELLING, true);
    }

    /// If that is about to be told, who waits will know that it was.
    pub(super) fn tell(&self) {
        self.set(TOLD, self.has(TELLING | TOLD));
    }

    /// Whether it is still to be told; once.
    pub(super) fn take_telling(&self) -> bool {
        let telling = self.has(TELLING);
        self.set(TELLING, false);
        telling
    }
}

/// The leaf that waits for the end of a node, of which it has a reference.
///
/// A cancel request to a task that waits for exactly one node never comes here: it is passed on to the node. Where a task
/// waits in several places at once, there are two more ways for one to come: from the task, and then the node has been
/// told already; or from a combinator ([`mode::LOCAL`]), and then the node is told here. Either way the wait goes on, and
/// ends as the node does.
pub(crate) struct Join {
    event_loop: &'static EventLoop,
    wait: Wait,
    /// The node is never told.
    observing: bool,
}

impl Join {
    /// Waits; cancelling who waits cancels the node.
    pub(crate) fn new(node: NodeRef) -> Join {
        Join {
            event_loop: node.event_loop(),
            wait: Wait::new(node.into_counted(), 0, WaitKind::Task),
            observing: false,
        }
    }

    /// Waits; cancelling who waits leaves the node alone.
    pub(crate) fn observing(node: NodeRef) -> Join {
        let event_loop = node.event_loop();
        Join { event_loop, wait: Wait::new(node.into_counted(), 0, WaitKind::Observer), observing: true }
    }

    /// Another reference to what is waited for.
    pub(crate) fn target(&self) -> NodeRef {
        // SAFETY: NAMED: this has a reference, and so the number is not 0.
        unsafe { NodeRef::new(self.event_loop, NonZeroU16::new_unchecked(self.wait.target())) }
    }

    /// Done when the node has ended, however that was. Cancelled, and the exception handler told, if it can never end:
    /// a task that waits for itself, or what is another loop's.
    pub(crate) fn resume(self: Pin<&Self>, cx: &mut Context<'_>) -> Resume<()> {
        let this = self.get_ref();
        let wait = &this.wait;
        let started = wait.has(STARTED);
        wait.set(STARTED, true);
        if cx.has(mode::MEMBER) && wait.has(TOLD) {
            cx.answer(mode::TOLD);
        }
        if started && cx.take_cancel() {
            if !this.passes_on(cx) {
                this.leave();
                return Resume::Cancelled;
            }
            if cx.has(mode::LOCAL) {
                // A future ends at once; that is news in the next turn.
                return Resume::Pending;
            }
        }
        // SAFETY: NAMED: this has a reference.
        let header = unsafe { this.event_loop.header(wait.target()) };
        if header.is_ended() {
            this.leave();
            if wait.has(LATE) {
                wait.set(LATE, false);
                let place = wait.place();
                if wait.stands() {
                    self.stand(cx);
                }
                this.event_loop.put(cx.waker().0, place);
                return Resume::Pending;
            }
            return Resume::Done(());
        }
        wait.waiter.set(cx.waker().0);
        if !wait.link.is_linked() {
            if cx.require_event_loop().is_some_and(|event_loop| !ptr::eq(event_loop, this.event_loop)) {
                return refuse(cx, "Task got Future attached to a different loop");
            }
            if wait.waiter == wait.target {
                return refuse(cx, "Task cannot await on itself");
            }
            this.event_loop.use_waiting();
            header.set(WAITED);
            wait.kind.set(this.kind(cx));
            wait.set(cx.flags() & MEMBER, true);
            // SAFETY: LINKED: this is pinned, and leaves when it is dropped; WHOLE: the link is the wait's first field.
            unsafe { this.event_loop.waits.push_back((&raw const this.wait).cast()) };
        }
        Resume::Pending
    }

    /// For what has ended before somebody began to wait: has the task resumed where asyncio queues a callback.
    pub(crate) fn fire(self: Pin<&Self>, cx: &Context<'_>, decides: bool) {
        self.event_loop.use_waiting();
        self.wait.kind.set(WaitKind::Observer);
        self.wait.set(BY_FAILURE, true);
        self.wait.set(COUNTED, !decides);
        self.stand(cx);
        self.event_loop.wake(cx.waker());
    }

    /// What it waits for has ended: its task is about to be queued where asyncio queues a callback.
    fn stand(self: Pin<&Self>, cx: &Context<'_>) {
        let wait = &self.get_ref().wait;
        wait.waiter.set(cx.waker().0);
        wait.set(FIRED, true);
        wait.place.set(0);
        if !wait.link.is_linked() {
            // SAFETY: as in `resume`.
            unsafe { self.event_loop.waits.push_back((&raw const self.get_ref().wait).cast()) };
        }
    }

    fn kind(&self, cx: &Context<'_>) -> WaitKind {
        if self.observing || cx.has(mode::OBSERVER) {
            WaitKind::Observer
        } else if cx.has(mode::BRANCH) {
            WaitKind::Branch
        } else if cx.has(mode::MEMBER) {
            WaitKind::Member
        } else {
            WaitKind::Task
        }
    }

    /// Whether a cancel request is the node's affair, and not this wait's end.
    fn passes_on(&self, cx: &Context<'_>) -> bool {
        if self.wait.has(TOLD) {
            self.wait.set(TOLD, false);
            return true;
        }
        // SAFETY: NAMED: this has a reference.
        !self.observing
            && cx.has(mode::LOCAL)
            && self.wait.link.is_linked()
            && unsafe { self.event_loop.cancel_node(self.wait.target()) }
    }

    /// An error with which the node ends is not told: a callback reads it. It is, if there is no memory for that.
    pub(crate) fn disregard_error(&self) {
        add_done_callback::<NodeRef>(&self.target(), |node, _| _ = node.header().read_error(), 0).ok();
    }

    fn leave(&self) {
        if self.wait.link.is_linked() {
            // SAFETY: it is in this list, the only one that it is ever in.
            unsafe { self.event_loop.waits.remove((&raw const self.wait).cast()) };
            self.event_loop.forget_cancelled(&self.wait);
        }
    }
}

/// What can never end is not waited for. asyncio raises a `RuntimeError`, for which a coroutine has no place here.
#[cold]
#[inline(never)]
pub(crate) fn refuse(cx: &Context<'_>, message: &'static str) -> Resume<()> {
    if let Some(event_loop) = cx.event_loop() {
        let task = event_loop.current_task();
        event_loop.call_exception_handler(&ErrorContext { task, ..ErrorContext::new(message) });
    }
    Resume::Cancelled
}

impl Drop for Join {
    fn drop(&mut self) {
        self.leave();
        // SAFETY: this has a reference, and gives it up.
        unsafe { self.event_loop.release(self.wait.target()) };
    }
}

/// The payload of a done callback.
#[repr(C)]
struct DoneCallback {
    wait: Wait,
    function: *const (),
    argument: usize,
}

struct DoneCallbackOf<H>(PhantomData<H>);

impl<H: FromNode + 'static> DoneCallbackOf<H> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<DoneCallback, ()>(), kind: Kind::DoneCallback };

    unsafe fn run(payload: *mut u8, cx: &mut Context<'_>) {
        let Some(event_loop) = cx.event_loop() else { return };
        // SAFETY: CONTENT; the function was stored by `add_done_callback` for the same `H`. TYPED: the node is the one
        // for which the callback was added, and the callback has a reference to it since it was queued.
        let (function, argument, handle) = unsafe {
            let callback = &*payload.cast::<DoneCallback>();
            let function = mem::transmute::<*const (), fn(&H, usize)>(callback.function);
            let node = NodeRef::from_counted(event_loop, NonZeroU16::new_unchecked(callback.wait.target()));
            (function, callback.argument, H::from_node(node))
        };
        event_loop.leave_current();
        // SAFETY: NAMED: the node runs; its payload needs no drop.
        unsafe { end_call(event_loop, cx.waker().0) };
        function(&handle, argument);
    }

    unsafe fn drop(_: *mut u8, _: bool, _: &EventLoop) {}
}

/// Calls `function` when the node has ended, through the ready queue.
pub(crate) fn add_done_callback<H: FromNode + 'static>(
    node: &NodeRef,
    function: fn(&H, usize),
    argument: usize,
) -> Result<(), Refused<()>> {
    let event_loop = node.event_loop();
    let id = event_loop.make_node(&DoneCallbackOf::<H>::VTABLE, 0, 0)?.get();
    let callback = event_loop.payload(id).cast::<DoneCallback>();
    let wait = Wait::new(node.id(), id, WaitKind::Callback);
    // SAFETY: the node is new, and has room for the callback. LINKED: it stays there while it is in the list, and it is
    // taken out by `fire` or `remove_callbacks`; WHOLE: the pointer is to all of it. NAMED: the node is queued or waits.
    unsafe {
        callback.write(DoneCallback { wait, function: function as *const (), argument });
        if node.header().is_ended() {
            node.header().retain();
            event_loop.push(id);
        } else {
            event_loop.use_waiting();
            node.header().set(WAITED);
            event_loop.waits.push_back(callback.cast());
        }
    }
    Ok(())
}

/// Removes the callbacks that wait for the node with this function and argument, and answers how many.
pub(crate) fn remove_done_callbacks(node: &NodeRef, function: *const (), argument: usize) -> usize {
    node.event_loop().remove_callbacks(|target, callback_function, callback_argument| {
        target == node.id() && callback_function == function && callback_argument == argument
    })
}

impl EventLoop {
    /// What is in the list for a node that is about to go.
    pub(super) fn forget_waits(&self, id: u16) {
        self.remove_callbacks(|target, _, _| target == id);
        self.drop_counter(id);
    }

    /// Queues everybody who waits for a node that has ended.
    ///
    /// # Safety
    /// NAMED holds for the number.
    pub(super) unsafe fn fire(&self, target: u16) {
        // SAFETY: the caller's promise.
        unsafe {
            self.header(target).clear(WAITED);
            self.tell_waits(target, false);
        }
    }

    /// As `fire`; or only for members of `as_completed`, for which a node that has ended was queued.
    ///
    /// # Safety
    /// NAMED holds for the number.
    pub(super) unsafe fn tell_waits(&self, target: u16, queued: bool) {
        // SAFETY: NAMED for the target and for callbacks in the list; LINKED and WHOLE for the list's links, which are
        // those of `Wait`s.
        unsafe {
            let header = self.header(target);
            let mut link = self.waits.first();
            let mut marked = false;
            while !link.is_null() {
                let next = self.waits.after(link);
                let wait = link.cast::<Wait>();
                let completes = (*wait).kind() == WaitKind::Completed;
                if (*wait).target() == target && !(*wait).has(FIRED | LATE) && (completes || !queued) {
                    let waiter = (*wait).waiter();
                    if (*wait).has(COUNTED) {
                        (*wait).judge(header);
                    }
                    if (*wait).kind() == WaitKind::Callback {
                        self.waits.remove(link);
                        // The handle that the callback is called with.
                        header.retain();
                        self.push(waiter);
                    } else if completes {
                        marked |= self.tell_member(link, marked);
                    } else if !self.is_task(waiter) {
                        self.waits.remove(link);
                    } else if !self.push(waiter) {
                        self.fire_queued(&*wait);
                    } else if (*wait).stands() {
                        // It stays until the task is resumed.
                        (*wait).set(FIRED, true);
                        if (*wait).kind() == WaitKind::Member && self.current() == waiter {
                            self.outdo_place(waiter);
                        }
                    } else {
                        self.waits.remove(link);
                    }
                }
                link = next;
            }
        }
    }

    /// Removes the waiting callbacks of which `which(target, function, argument)` is true, and answers how many.
    pub(crate) fn remove_callbacks(&self, mut which: impl FnMut(u16, *const (), usize) -> bool) -> usize {
        let mut removed = 0;
        let mut link = self.waits.first();
        while !link.is_null() {
            // SAFETY: LINKED and WHOLE: the links in this list are those of `Wait`s, and those of callbacks those of
            // `DoneCallback`s. NAMED: the callback's node is only referred to by the list.
            unsafe {
                let next = self.waits.after(link);
                let wait = link.cast::<Wait>();
                if (*wait).kind() == WaitKind::Callback {
                    let callback = link.cast::<DoneCallback>();
                    if which((*wait).target(), (*callback).function, (*callback).argument) {
                        self.waits.remove(link);
                        end_call(self, (*wait).waiter());
                        removed += 1;
                    }
                }
                link = next;
            }
        }
        removed
    }
}

/// What WHOLE needs.
const _: () = assert!(mem::offset_of!(Wait, link) == 0 && mem::offset_of!(DoneCallback, wait) == 0);
