//! How a step of a transport's task begins, whatever the transport carries.

use core::ptr::NonNull;

use super::TransportHandle;
use super::core::{Core, Family};
use crate::coroutine::Context;
use crate::event_loop::EventLoop;

/// A step that has begun.
pub(super) struct Step<D: Family + ?Sized> {
    pub(super) event_loop: &'static EventLoop,
    /// The task's own reference to itself, for callbacks.
    pub(super) transport: TransportHandle<D>,
    /// The task was cancelled, and has aborted the transport.
    pub(super) cancelled: bool,
    /// The end was asked for before this step: what asks for it meanwhile is for the next one.
    pub(super) closing: bool,
    /// Nobody has been told of the connection yet. It counts as told now: who connects is resumed before there is data.
    pub(super) connects: bool,
}

impl<D: Family + ?Sized> Step<D> {
    /// Begins a step. `None` if `core` is not that of the running task, or was not started.
    ///
    /// # Safety
    /// FRAME: `core` is that of the frame whose coroutine is being resumed with `cx`.
    pub(super) unsafe fn begin(core: &Core<D>, cx: &mut Context<'_>) -> Option<Step<D>> {
        let event_loop = cx.event_loop()?;
        let task = event_loop.current_task()?;
        let pointer = NonNull::new(core.pointer().cast_mut())?;
        // SAFETY: FRAME: it is this task, by the contract of this function.
        let transport = unsafe { TransportHandle::new(task, pointer) };
        let cancelled = cx.take_cancel();
        if cancelled {
            core.abort(None);
        }
        let (closing, connects) = (core.is_closing(), !core.is_connected());
        core.set_connected();
        Some(Step { event_loop, transport, cancelled, closing, connects })
    }
}
