//! A task's life: what happens before its first resume, around each one, and after its last.
//!
//! # The problem
//! Each coroutine has its own type, and code that is made for each type costs flash.
//!
//! # The design
//! What depends on the type is one function, which resumes the coroutine in its node and puts the output in its place;
//! everything else is done once for all types, by numbers and flags.
//!
//! # Costs
//! For each coroutine type a table of 12 bytes, a resume with the move of the output, and a drop.

use core::marker::PhantomData;
use core::mem;
use core::num::NonZeroU16;
use core::pin::Pin;
use core::sync::atomic::Ordering::Relaxed;

use crate::coroutine::{Context, Coroutine, Expansion, Resume, Resumed};
use crate::event_loop::{ErrorContext, EventLoop};
use crate::future::AnyFuture;
use crate::node::{CANCEL_REQUESTED, CANCELLED, End, Header, Kind, NodeRef, UNDELIVERED, UNREAD, VTable, granules};
use crate::task::AnyTask;
use crate::task::outcome::FromNode;

/// A node that holds a `C`, then its output.
pub(crate) struct TaskNode<C>(PhantomData<C>);

impl<C: Coroutine> TaskNode<C> {
    pub(crate) const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<C, C::Output>(), kind: Kind::Task };
    /// With a granule more, for its [name](super::named).
    pub(crate) const NAMED: VTable =
        VTable { granules: granules::<C, C::Output>() + 1, kind: Kind::NamedTask, ..Self::VTABLE };
    /// Of what is no task.
    pub(crate) const WATCHER: VTable = VTable { kind: Kind::Watcher, ..Self::VTABLE };

    unsafe fn run(payload: *mut u8, cx: &mut Context<'_>) {
        let mut unwinding = Unwinding::new(cx);
        // SAFETY: CONTENT: a task that has not ended holds its coroutine, and it stays there until it is dropped.
        let coroutine = unsafe { Pin::new_unchecked(&mut *payload.cast::<C>()) };
        #[cfg(feature = "debug")]
        if let Some(locator) = cx.locator() {
            coroutine.locate(locator);
            return;
        }
        let answer = coroutine.resume(cx);
        if let Resume::Pending = answer {
            mem::forget(unwinding);
            return;
        }
        unwinding.dropping = true;
        // SAFETY: CONTENT: it has answered, and is not resumed again. The node has room for the output.
        let end = unsafe {
            Expansion::drop_ended(payload.cast::<C>());
            match answer {
                Resume::Done(output) => {
                    let failed = C::is_error(&output);
                    payload.cast::<C::Output>().write(output);
                    if failed { End::Failed } else { End::Done }
                }
                _ => End::Cancelled,
            }
        };
        mem::forget(unwinding);
        // SAFETY: FOR, and NAMED: it runs.
        unsafe {
            let event_loop = cx.running_loop();
            if C::fails_by_cancellation() && end == End::Cancelled {
                event_loop.header(cx.waker().0).end(CANCELLED | UNREAD);
                event_loop.end_task(cx.waker().0);
            } else if never_returns::<C::Output>() {
                event_loop.finish_cancelled(cx.waker().0);
            } else {
                event_loop.finish(cx.waker().0, end);
            }
        }
    }

    unsafe fn drop(payload: *mut u8, output: bool, event_loop: &EventLoop) {
        // SAFETY: CONTENT.
        unsafe {
            if output {
                // Asked first: where outputs are never errors, there is nothing of this in flash.
                if !C::error_is_read() && C::is_error(&*payload.cast::<C::Output>()) && Header::of(payload).has(UNREAD)
                {
                    let message = if C::fails_by_cancellation() {
                        "_GatheringFuture exception was never retrieved"
                    } else if event_loop.is_shutting_down() {
                        SHUTDOWN_ERROR
                    } else {
                        "Task exception was never retrieved"
                    };
                    event_loop.report_unread(event_loop.number(payload), message);
                }
                payload.cast::<C::Output>().drop_in_place();
            } else {
                payload.cast::<C>().drop_in_place();
            }
        }
    }
}

/// Whether a type has no values, as `!` and `Infallible`: a task with this output ends by cancellation, or not at all.
/// (Beside a byte, which has no values to spare, a type that has any needs room for the difference.)
pub(crate) const fn never_returns<T>() -> bool {
    size_of::<Result<T, u8>>() == size_of::<u8>()
}

/// What is said of an error that ends a task while a `Runner` ends all that are left.
pub(crate) const SHUTDOWN_ERROR: &str = "unhandled exception during asyncio.run() shutdown";

/// Ends the running task when its coroutine panics. Forgotten when it does not; nothing where panics abort.
pub(crate) struct Unwinding {
    #[cfg(panic = "unwind")]
    event_loop: Option<&'static EventLoop>,
    #[cfg(panic = "unwind")]
    id: u16,
    /// The payload is being dropped: it must not be dropped again.
    pub(crate) dropping: bool,
}

impl Unwinding {
    #[cfg(panic = "unwind")]
    fn end(&self) {
        let Some(event_loop) = self.event_loop else { return };
        // SAFETY: NAMED: the node runs. Its coroutine is not resumed again.
        unsafe {
            if self.dropping {
                event_loop.header(self.id).end(CANCELLED);
                event_loop.end_task(self.id);
            } else {
                event_loop.abandon(self.id, CANCELLED);
            }
        }
    }

    #[cfg(panic = "unwind")]
    #[inline(always)]
    pub(crate) fn new(cx: &Context<'_>) -> Unwinding {
        Unwinding { event_loop: cx.event_loop(), id: cx.waker().0, dropping: false }
    }

    /// Elsewhere it looks at nothing: rustc would keep what it has read for who reads it later.
    #[cfg(not(panic = "unwind"))]
    #[inline(always)]
    pub(crate) fn new(_: &Context<'_>) -> Unwinding {
        Unwinding { dropping: false }
    }
}

impl Drop for Unwinding {
    #[inline(always)]
    fn drop(&mut self) {
        #[cfg(panic = "unwind")]
        self.end();
    }
}

/// The last thing that happens to a task, also when a destructor panics. NAMED holds for the number, and it has just ended.
struct Ending<'a> {
    event_loop: &'a EventLoop,
    id: u16,
}

impl Drop for Ending<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: what is said above.
        unsafe { self.event_loop.end_task(self.id) };
    }
}

impl EventLoop {
    /// Tells the exception handler of an error that nobody has read, of the task or future with this number.
    #[cold]
    #[inline(never)]
    pub(crate) fn report_unread(&self, id: u16, message: &'static str) {
        // SAFETY: STARTED: loops are never freed.
        let event_loop: &'static EventLoop = unsafe { &*core::ptr::from_ref(self) };
        let mut context = ErrorContext::new(message);
        if let Some(id) = NonZeroU16::new(id) {
            // SAFETY: NAMED: its output is being dropped; until then it is referred to.
            unsafe {
                let node = NodeRef::new(event_loop, id);
                if !node.header().is_shown_as_task() {
                    context.future = Some(AnyFuture::from_node(node));
                } else {
                    context.task = Some(AnyTask::from_node(node));
                }
            }
        }
        event_loop.call_exception_handler(&context);
    }

    /// Makes a node that holds a coroutine a task, and queues its first step.
    ///
    /// # Safety
    /// NAMED holds for the number; the node is `NEW`, and one of its references becomes the loop's.
    pub(crate) unsafe fn begin_task(&self, id: u16) {
        self.shared(|shared, memory| shared.pool.mark_task(memory, id, true));
        // SAFETY: the caller's promise.
        unsafe { self.push(id) };
    }

    /// Makes a node that holds a watcher a task, and has it wait now.
    ///
    /// # Safety
    /// As for `begin_task`; what it waits for has not ended. If a node runs, it can be waited for.
    pub(crate) unsafe fn begin_waiting(&'static self, id: u16) {
        self.shared(|shared, memory| shared.pool.mark_task(memory, id, true));
        // SAFETY: FOR: NAMED.
        let mut cx = unsafe { Context::new(self, Resumed::new(id, false)) };
        // SAFETY: the caller's promise; CONTENT. It only begins to wait; or has ended, if it cannot be waited for: if it is
        // another loop's.
        unsafe { (self.header(id).vtable.run)(self.payload(id), &mut cx) };
    }

    /// Makes a node that holds a coroutine a task, and runs its first step now, inside whatever runs.
    ///
    /// # Safety
    /// NAMED holds for the number; the node is not `NEW`, and one of its references becomes the loop's.
    pub(crate) unsafe fn begin_eagerly(&'static self, id: u16) {
        /// What runs again, also when the step panics.
        struct Outer(&'static EventLoop, Resumed);
        impl Drop for Outer {
            fn drop(&mut self) {
                self.0.set_current(self.1);
            }
        }

        self.shared(|shared, memory| shared.pool.mark_task(memory, id, true));
        let resumed = Resumed::new(id, false);
        let _outer = Outer(self, self.set_current(resumed));
        // SAFETY: FOR: the number is a node's.
        let mut cx = unsafe { Context::new(self, resumed) };
        // SAFETY: the caller's promise; CONTENT.
        unsafe {
            (self.header(id).vtable.run)(self.payload(id), &mut cx);
            if self.is_looked_at() {
                self.tell_suspended(id, false);
            }
        }
    }

    /// Looks at a suspended task that has cancelled itself, or has not taken a request.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended.
    #[cold]
    pub(crate) unsafe fn suspend_cancelled(&self, id: u16, untaken: bool) {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            if header.has(CANCEL_REQUESTED) {
                header.clear(CANCEL_REQUESTED);
                self.deliver_cancel(id);
                self.put_late(id);
            } else if untaken {
                // Nobody was there to take the request: it stays, and if the task is to be resumed anyway, it can be taken back.
                let queued = header.next.load(Relaxed) != 0;
                header.set(if queued { CANCEL_REQUESTED | UNDELIVERED } else { CANCEL_REQUESTED });
            }
        }
    }

    /// Ends the current task, whose step was the last one.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended.
    #[inline(never)]
    pub(crate) unsafe fn finish(&self, id: u16, end: End) {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            // If it has cancelled itself and then ended, the output is lost; not an error, as in asyncio.
            let requested = header.has(CANCEL_REQUESTED) && end != End::Failed;
            header.end(match end {
                End::Cancelled => CANCELLED,
                End::Failed => UNREAD,
                End::Done => 0,
            });
            let _ending = Ending { event_loop: self, id };
            if requested {
                self.drop_payload(id, CANCELLED);
            }
        }
        self.leave_current();
    }

    /// Drops a task's coroutine and ends it; `how` is as for `drop_payload`.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that has not ended and is not being resumed.
    pub(crate) unsafe fn abandon(&self, id: u16, how: u8) {
        // First of all it is no task any more: destructors may close the loop, which ends all tasks.
        self.shared(|shared, memory| shared.pool.mark_task(memory, id, false));
        let _ending = Ending { event_loop: self, id };
        // SAFETY: the caller's promise; the loop's reference is there until the end.
        unsafe { self.drop_payload(id, how) };
    }

    /// Tells everybody that a task has ended, and gives up the loop's reference.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a task's that has just ended.
    pub(crate) unsafe fn end_task(&self, id: u16) {
        // SAFETY: the caller's promise: the loop's reference keeps the node until the last line.
        unsafe {
            let header = self.header(id);
            self.shared(|shared, memory| shared.pool.mark_task(memory, id, false));
            self.tell_waiting(header, id);
            self.release(id);
        }
    }
}
