//! `run_until_complete`.
//!
//! # The problem
//! The coroutine may borrow from its caller, so it cannot live in the pool; tasks do.
//!
//! # The design
//! It is pinned on the caller's stack; a small *guest* task in the pool points to it. When it ends, the guest is queued
//! once more, and stops the loop: that is asyncio's done callback, and why one more whole turn runs after the end.
//! Before this function returns or unwinds, the guest has ended and the coroutine is dropped.
//!
//! Given a task or a future, asyncio adds the callback to that. So does this, in effect: the guest waits from the beginning
//! (it is a [`Kind::Watcher`]), and stops the loop in the step in which it learns of the end.
//!
//! # Costs
//! 16 bytes of the pool on a 32-bit chip while it runs.

use core::marker::PhantomData;
use core::mem;
use core::num::NonZeroU16;
use core::pin::{Pin, pin};

use super::EventLoop;
use super::error::{Refused, RunError};
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::node::{CANCELLED, ENDED, End, Kind, NEW, NodeRef, TAKEN, UNREAD, VTable, granules};

/// What is on the stack.
struct Host<C: Coroutine> {
    event_loop: &'static EventLoop,
    id: u16,
    /// Until it has answered.
    coroutine: Option<C>,
    output: Option<C::Output>,
}

impl<C: Coroutine> Host<C> {
    /// The coroutine has ended: what asyncio's done callback does, which was registered before all others.
    ///
    /// # Safety
    /// NAMED holds for the guest's number.
    unsafe fn stop(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.event_loop.stop_for(self.id) };
    }
}

/// A node whose payload is a pointer to a `Host<C>`.
struct Guest<C>(PhantomData<C>);

impl<C: Coroutine> Guest<C> {
    const VTABLE: VTable = Self::vtable(Kind::Guest);
    const WATCHER: VTable = Self::vtable(Kind::Watcher);

    const fn vtable(kind: Kind) -> VTable {
        VTable { run: Self::run, drop: Self::drop, granules: granules::<*mut Host<C>, ()>(), kind }
    }

    unsafe fn run(payload: *mut u8, cx: &mut Context<'_>) {
        let unwinding = crate::task::Unwinding::new(cx);
        // SAFETY: CONTENT: a guest that has not ended points to its host, which is pinned.
        let (host, end) = unsafe {
            let host = *payload.cast::<*mut Host<C>>();
            #[cfg(feature = "debug")]
            if let Some(locator) = cx.locator() {
                if let Some(coroutine) = &mut (*host).coroutine {
                    Pin::new_unchecked(coroutine).locate(locator);
                }
                return;
            }
            let answer = match &mut (*host).coroutine {
                Some(coroutine) => Pin::new_unchecked(coroutine).resume(cx),
                None => Resume::Cancelled,
            };
            let end = match answer {
                Resume::Pending => {
                    mem::forget(unwinding);
                    return;
                }
                Resume::Done(output) => {
                    let failed = C::is_error(&output);
                    (*host).output = Some(output);
                    if failed { End::Failed } else { End::Done }
                }
                Resume::Cancelled => End::Cancelled,
            };
            if (*host).coroutine.is_some() {
                (*host).coroutine = None;
                (*host).stop();
            }
            (host, end)
        };
        mem::forget(unwinding);
        // SAFETY: NAMED: it runs. The host is there until the guest has ended.
        unsafe { (*host).event_loop.finish(cx.waker().0, end) };
    }

    unsafe fn drop(payload: *mut u8, output: bool, _: &EventLoop) {
        if !output {
            // SAFETY: CONTENT, as above. An `Option`'s content may be dropped where it is pinned.
            unsafe {
                let host = *payload.cast::<*mut Host<C>>();
                (*host).coroutine = None;
                (*host).stop();
            }
        }
    }
}

/// Ends the guest, also when the run unwinds: nothing points to the stack any more.
struct Ending {
    node: NodeRef,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let (event_loop, id) = (self.node.event_loop(), self.node.id());
        if !self.node.header().is_ended() {
            // SAFETY: NAMED, by the reference; nothing runs, so nobody uses the coroutine.
            unsafe {
                event_loop.abandon(id, CANCELLED | TAKEN);
            }
        }
        // If it is still queued, it is not to stop the next run.
        self.node.header().set(TAKEN);
        self.node.header().clear(UNREAD);
    }
}

impl EventLoop {
    /// Runs until `coroutine` has ended, and answers with its output; asyncio's `run_until_complete`.
    ///
    /// It may borrow from the caller. Given a task or a future, it waits for that. One whole turn more runs after the
    /// end. Other tasks are suspended until the next run.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn fill(buffer: &mut [u8; 2]) -> usize {
    ///     sleep(1.millis()).await;
    ///     buffer[1] = 7;
    ///     1
    /// }
    ///
    /// let mut buffer = [0; 2];
    /// assert_eq!(lp.run_until_complete(fill(&mut buffer)), Ok(1));
    /// assert_eq!(buffer, [0, 7]);
    /// lp.call_later(1.millis(), |lp| lp.stop()).unwrap();
    /// assert_eq!(lp.run_until_complete(sleep(1.secs())), Err(RunError::Stopped));
    /// ```
    /// # Errors
    /// [`RunError::Cancelled`] if it was cancelled; [`RunError::Stopped`] if `stop` was called before it ended: the
    /// coroutine is dropped then, where asyncio's task stays pending, as does a task or future that was waited for. The other
    /// errors say why nothing was run.
    pub fn run_until_complete<C: IntoCoroutine>(&'static self, coroutine: C) -> Result<C::Output, RunError> {
        self.check_idle()?;
        let ended = coroutine.has_ended();
        let vtable = if ended.is_none() { &Guest::<C::Coroutine>::VTABLE } else { &Guest::<C::Coroutine>::WATCHER };
        let waits = ended == Some(false);
        let id = self.make_node(vtable, if waits { 0 } else { NEW }, 2).map_err(|refused| match refused {
            Refused::Full(()) => RunError::Full,
            Refused::Closed(()) => RunError::Closed,
        })?;
        let mut host =
            pin!(Host { event_loop: self, id: id.get(), coroutine: Some(coroutine.into_coroutine()), output: None });
        // SAFETY: the host is not moved out of.
        let host: *mut Host<C::Coroutine> = unsafe { host.as_mut().get_unchecked_mut() };
        // SAFETY: the node is new, and has room for the pointer, which is valid until `run_guest` returns or unwinds.
        unsafe {
            self.payload(id.get()).cast::<*mut Host<C::Coroutine>>().write(host);
            self.run_guest(id, waits)?;
            (*host).output.take().ok_or(RunError::Cancelled)
        }
    }

    /// A guest's coroutine has ended: stops the loop, or queues the guest once more, which does.
    ///
    /// # Safety
    /// NAMED holds for the number, which is a guest's.
    unsafe fn stop_for(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            if header.has(ENDED) && header.has(TAKEN) {
                // The run has ended before.
            } else if header.vtable.kind == Kind::Watcher {
                self.stop();
            } else {
                self.push(id);
            }
        }
    }

    /// Runs until a guest has ended.
    ///
    /// # Safety
    /// `id` names a new node, a guest's; with `waits`, it is a watcher of something that has not ended.
    unsafe fn run_guest(&'static self, id: NonZeroU16, waits: bool) -> Result<(), RunError> {
        // SAFETY: NAMED: the caller's promise. One reference becomes the loop's, the other one is ours.
        let ending = unsafe {
            let node = NodeRef::from_counted(self, id);
            if waits {
                self.begin_waiting(id.get());
            } else {
                self.start_task(id);
            }
            Ending { node }
        };
        self.run_forever()?;
        let ended = ending.node.header().is_ended();
        drop(ending);
        if ended { Ok(()) } else { Err(RunError::Stopped) }
    }
}
