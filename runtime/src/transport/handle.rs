//! The handle of a transport.
//!
//! # The problem
//! Callbacks, tasks and timers use a transport that lives in its task, and may outlive it.
//!
//! # The design
//! A reference to the task keeps the frame's memory, and tells whether the frame is still in it.
//!
//! # Costs
//! 12 bytes on a 32-bit chip.

use core::fmt;
use core::ptr::NonNull;

use super::core::{Core, Family};
use super::{BaseTransport, Info, LimitsError, LineError, ReadTransport, Transport, WriteError, WriteTransport};
use crate::event_loop::{ErrorContext, EventLoop};
use crate::protocol::{Protocol, ProtocolHandle};
use crate::task::{AnyTask, WaitForEnd};

/// A reference to a transport, for code outside of the protocol's callbacks; asyncio's transport object. Dropping it closes
/// nothing. What can be done with it are the traits [`BaseTransport`], [`ReadTransport`], [`WriteTransport`].
///
/// `D` is the family of protocols that the transport calls: see [`DatagramHandle`](super::DatagramHandle).
pub struct TransportHandle<D: Family + ?Sized = dyn Protocol> {
    task: AnyTask,
    core: NonNull<Core<D>>,
}

impl<D: Family + ?Sized> TransportHandle<D> {
    /// # Safety
    /// FRAME: the task is a transport's, and `core` points to all of its frame.
    pub(super) unsafe fn new(task: AnyTask, core: NonNull<Core<D>>) -> TransportHandle<D> {
        TransportHandle { task, core }
    }

    /// Waits until the connection is lost; asyncio's `wait_closed`. Cancelling who waits changes nothing.
    pub fn wait_closed(&self) -> WaitForEnd {
        self.task.wait()
    }

    /// The core, while it is there.
    pub(super) fn core(&self) -> Option<&Core<D>> {
        if self.task.done() {
            return None;
        }
        // SAFETY: FRAME; all of the core is cells.
        Some(unsafe { self.core.as_ref() })
    }

    /// The core, as long as something may be asked of it.
    pub(super) fn open(&self) -> Option<&Core<D>> {
        self.core().filter(|core| !core.is_closing())
    }

    /// Has the task look at the core in the next turn.
    pub(super) fn wake(&self) {
        self.event_loop().wake(self.task.waker());
    }

    pub(super) fn lose(&self, cause: Option<LineError>) {
        if let Some(core) = self.core() {
            core.abort(cause);
            self.wake();
        }
    }

    pub(super) fn set_limits(&self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError> {
        if let Some(core) = self.core() {
            core.set_limits(high, low)?;
            self.check_high();
        }
        Ok(())
    }

    /// Pauses the protocol if the buffer is above its high mark.
    pub(super) fn check_high(&self) {
        if let Some(core) = self.core() {
            let _occupied = self.event_loop().occupy();
            core.check_high();
        }
    }
}

/// A transport of any kind, for an [`ErrorContext`]: compare it with the handles that the program has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnyTransport {
    task: AnyTask,
}

impl AnyTransport {
    pub(crate) fn new(task: AnyTask) -> AnyTransport {
        AnyTransport { task }
    }
}

impl<D: Family + ?Sized> From<&TransportHandle<D>> for AnyTransport {
    fn from(handle: &TransportHandle<D>) -> AnyTransport {
        AnyTransport::new(handle.task.clone())
    }
}

impl<D: Family + ?Sized> PartialEq<TransportHandle<D>> for AnyTransport {
    fn eq(&self, other: &TransportHandle<D>) -> bool {
        self.task == other.task
    }
}

impl<D: Family + ?Sized> BaseTransport for TransportHandle<D> {
    type Protocol = D;

    fn close(&mut self) {
        if let Some(core) = self.open() {
            core.close();
            self.wake();
        }
    }

    fn abort_with(&mut self, cause: LineError) {
        self.lose(Some(cause));
    }

    fn fatal_error(&mut self, cause: LineError, message: &'static str) {
        if self.core().is_some_and(|core| !core.is_aborted()) && !cause.is_everyday() {
            let protocol = self.get_protocol().map(|protocol| (&protocol).into());
            let context = ErrorContext::new(message).with_cause(cause).with_transport((&*self).into(), protocol);
            self.event_loop().call_exception_handler(&context);
        }
        self.lose(Some(cause));
    }

    fn is_closing(&self) -> bool {
        self.open().is_none()
    }

    fn get_extra_info(&self, name: &str) -> Option<Info> {
        let core = self.core()?;
        // SAFETY: DEVICE, and the pointer is the frame's.
        core.borrow_device(|| unsafe { D::extra_info(core.device())(core.pointer(), name) })?
    }

    fn set_protocol(&mut self, protocol: ProtocolHandle<D>) {
        if let Some(core) = self.core() {
            core.set_protocol(Some(protocol));
        }
    }

    fn get_protocol(&self) -> Option<ProtocolHandle<D>> {
        self.core()?.protocol()
    }

    fn event_loop(&self) -> &'static EventLoop {
        self.task.event_loop()
    }
}

impl ReadTransport for TransportHandle {
    fn pause_reading(&mut self) {
        if let Some(core) = self.open() {
            core.set_reading(false);
        }
    }

    fn resume_reading(&mut self) {
        if let Some(core) = self.open() {
            core.set_reading(true);
            self.wake();
        }
    }

    fn is_reading(&self) -> bool {
        self.open().is_some_and(Core::is_reading)
    }
}

impl TransportHandle {
    /// Gives the device what it takes at once, and answers how much. A line that does not work any more takes everything:
    /// what becomes of it, `connection_lost` tells.
    fn send_now(&self, core: &Core<dyn Protocol>, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() {
            // SAFETY: DEVICE, and the pointer is the frame's.
            let send = || unsafe { (core.device().try_write)(core.pointer(), rest) };
            match core.borrow_device_elsewhere(self.event_loop(), send) {
                Some(Ok(count)) => rest = rest.get(count..).unwrap_or_default(),
                Some(Err(nb::Error::Other(error))) => {
                    self.lose(Some(error));
                    return bytes.len();
                }
                Some(Err(nb::Error::WouldBlock)) | None => break,
            }
        }
        bytes.len() - rest.len()
    }
}

impl WriteTransport for TransportHandle {
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let Some(core) = self.open() else { return Err(WriteError::Closed) };
        if core.is_eof_asked() {
            return Err(WriteError::AfterEof);
        }
        let mut written = if core.len() == 0 { self.send_now(core, bytes) } else { 0 };
        written += core.push(bytes.get(written..).unwrap_or_default());
        let refused = written < bytes.len();
        if refused {
            core.set_refused();
        }
        if core.take_unsent() {
            self.wake();
        }
        if core.len() > 0 {
            self.wake();
            self.check_high();
        }
        if refused { Err(WriteError::Full { written }) } else { Ok(()) }
    }

    fn write_eof(&mut self) -> Result<(), WriteError> {
        let Some(core) = self.open() else { return Err(WriteError::Closed) };
        if !self.can_write_eof() {
            return Err(WriteError::Unsupported);
        }
        core.ask_eof();
        self.wake();
        Ok(())
    }

    fn can_write_eof(&self) -> bool {
        self.core().is_some_and(|core| {
            // SAFETY: DEVICE, and the pointer is the frame's.
            core.borrow_device(|| unsafe { (core.device().can_write_eof)(core.pointer()) }) == Some(true)
        })
    }

    fn abort(&mut self) {
        self.lose(None);
    }

    fn set_write_buffer_limits(&mut self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError> {
        self.set_limits(high, low)
    }

    fn get_write_buffer_limits(&self) -> (usize, usize) {
        self.core().map_or((0, 0), Core::limits)
    }

    fn get_write_buffer_size(&self) -> usize {
        self.core().map_or(0, Core::len)
    }

    fn handle(&self) -> TransportHandle {
        self.clone()
    }
}

impl Transport for TransportHandle {}

impl<D: Family + ?Sized> Clone for TransportHandle<D> {
    fn clone(&self) -> TransportHandle<D> {
        TransportHandle { task: self.task.clone(), core: self.core }
    }
}

/// Two handles are equal if they refer to the same transport.
impl<D: Family + ?Sized> PartialEq for TransportHandle<D> {
    fn eq(&self, other: &TransportHandle<D>) -> bool {
        self.task == other.task
    }
}

impl<D: Family + ?Sized> Eq for TransportHandle<D> {}

impl<D: Family + ?Sized> fmt::Debug for TransportHandle<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportHandle").field("closing", &self.open().is_none()).finish_non_exhaustive()
    }
}
