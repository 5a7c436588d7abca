//! A byte stream as a transport.
//!
//! # The problem
//! Interrupts fill and empty the driver's rings; a protocol is to be called for what they did, in order, without losing
//! a byte or an error in silence.
//!
//! # The design
//! One task. A step first reads until the device has nothing more (at most a few chunks, so that others have their turn),
//! then writes until it takes nothing more. What the device would block on registers the task with its interrupt.
//!
//! ```text
//! 1st step   connection_made
//! each step  try_read  -> data_received · eof_received · line_error
//!            try_write <- the write buffer; resume_writing at the low mark; try_write_eof behind it
//! closing    the buffer is written, then flushed; abort: at once
//! last step  connection_lost
//! ```
//! Whatever asks for the end does so before the step that ends it begins: `connection_lost` always comes through the loop.
//!
//! # Costs
//! A step with nothing to do is two calls to the device.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::ptr::NonNull;

use super::core::{Core, ExtraInfo};
use super::step::Step;
use super::{BaseTransport, ByteStream, LineError, TransportHandle};
use crate::coroutine::{Context, Coroutine, Resume};
use crate::event_loop::{EventLoop, Refused};
use crate::protocol::{NO_ROOM, Protocol, ProtocolHandle};
use crate::task::AnyTask;

/// As many chunks are read, or written, in one step.
const CHUNKS: u8 = 4;

type TryWrite = unsafe fn(*const Core<dyn Protocol>, &[u8]) -> nb::Result<usize, LineError>;

/// What a handle can do with the device; given the core.
pub struct StreamTable {
    pub(super) try_write: TryWrite,
    pub(super) can_write_eof: unsafe fn(*const Core<dyn Protocol>) -> bool,
    pub(super) extra_info: ExtraInfo<dyn Protocol>,
}

/// The task. The core comes first: the table's functions find the frame by it.
#[repr(C)]
struct StreamTransport<S, const RX: usize, const TX: usize> {
    core: Core<dyn Protocol>,
    device: UnsafeCell<S>,
    transmit: UnsafeCell<[MaybeUninit<u8>; TX]>,
    /// Only borrowed by the task's step.
    receive: UnsafeCell<[u8; RX]>,
}

impl<S: ByteStream, const RX: usize, const TX: usize> StreamTransport<S, RX, TX> {
    const TABLE: StreamTable =
        StreamTable { try_write: Self::try_write, can_write_eof: Self::can_write_eof, extra_info: Self::extra_info };

    fn new(device: S, protocol: ProtocolHandle) -> Self {
        const {
            assert!(RX > 0 && TX > 0, "a transport needs room for a byte");
            assert!(TX <= u16::MAX as usize, "a write buffer has at most 65535 bytes");
        }
        StreamTransport {
            core: Core::new(TX as u16, const { &Self::TABLE }, protocol),
            device: UnsafeCell::new(device),
            transmit: UnsafeCell::new([MaybeUninit::uninit(); TX]),
            receive: UnsafeCell::new([0; RX]),
        }
    }

    /// # Safety
    /// `core` begins such a frame; DEVICE.
    unsafe fn try_write(core: *const Core<dyn Protocol>, bytes: &[u8]) -> nb::Result<usize, LineError> {
        // SAFETY: the caller's promise.
        let (core, device) = unsafe { (&*core, &mut *(*core.cast::<Self>()).device.get()) };
        let result = device.try_write(bytes);
        if device.has_unsent() {
            core.set_unsent();
        }
        result
    }

    /// # Safety
    /// As above.
    unsafe fn can_write_eof(core: *const Core<dyn Protocol>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { (*(*core.cast::<Self>()).device.get()).can_write_eof() }
    }

    /// # Safety
    /// As above.
    unsafe fn extra_info(core: *const Core<dyn Protocol>, name: &str) -> Option<super::Info> {
        // SAFETY: the caller's promise.
        unsafe { (*(*core.cast::<Self>()).device.get()).extra_info(name) }
    }

    /// Borrows the device in the task's step, in which nobody else has.
    fn device<R>(&self, f: impl FnOnce(&mut S) -> nb::Result<R, LineError>) -> nb::Result<R, LineError> {
        // SAFETY: DEVICE.
        self.core.borrow_device(|| f(unsafe { &mut *self.device.get() })).unwrap_or(Err(nb::Error::WouldBlock))
    }

    fn has_unsent(&self) -> bool {
        // SAFETY: DEVICE.
        self.core.borrow_device(|| unsafe { (*self.device.get()).has_unsent() }) == Some(true)
    }

    /// Reads once, and calls the protocol. False if the device would block.
    fn read(&self, transport: &mut TransportHandle) -> bool {
        let core = &self.core;
        // SAFETY: only the step borrows it.
        let receive = unsafe { &mut *self.receive.get() };
        // A protocol with a buffer of its own is borrowed while the device writes to it; nobody is called meanwhile.
        let read = |protocol: &mut (dyn Protocol + 'static)| match protocol.buffered() {
            None => (self.device(|device| device.try_read(receive)), false),
            Some(protocol) => match protocol.get_buffer(RX) {
                [] => (Err(nb::Error::Other(LineError::Protocol)), true),
                buffer => (self.device(|device| device.try_read(buffer)), true),
            },
        };
        let Some((result, buffered)) = core.protocol().and_then(|protocol| protocol.call(read)) else {
            return false;
        };
        match result {
            Ok(0) => {
                core.set_at_eof();
                if core.call(|protocol| protocol.eof_received(transport)) != Some(true) {
                    transport.close();
                }
            }
            Ok(count) if buffered => {
                core.call(|protocol| {
                    if let Some(protocol) = protocol.buffered() {
                        protocol.buffer_updated(transport, count);
                    }
                });
            }
            Ok(count) => {
                let data = &receive[..count.min(RX)];
                core.call(|protocol| protocol.data_received(transport, data));
            }
            Err(nb::Error::Other(LineError::Protocol)) if buffered => {
                transport.fatal_error(LineError::Protocol, NO_ROOM);
            }
            Err(nb::Error::Other(error)) => {
                core.call(|protocol| protocol.line_error(transport, error));
            }
            Err(nb::Error::WouldBlock) => return false,
        }
        true
    }

    /// Reads until there is nothing more. True if there may be more.
    fn read_all(&self, transport: &mut TransportHandle, cx: &mut Context<'_>) -> bool {
        for _ in 0..CHUNKS {
            if !self.core.wants_to_read() {
                return false;
            }
            if !self.read(transport) {
                blocked(cx);
                return false;
            }
        }
        true
    }

    /// Writes until the device takes nothing more. True if it may take more.
    fn write_all(&self, transport: &mut TransportHandle, cx: &mut Context<'_>) -> bool {
        let core = &self.core;
        for _ in 0..CHUNKS {
            let result = if core.len() > 0 {
                core.pop(|bytes| self.device(|device| device.try_write(bytes)))
            } else if core.wants_to_send_eof() {
                let ended = self.device(ByteStream::try_write_eof);
                if ended.is_ok() {
                    core.set_eof_sent();
                    // That may have been the end of the input too.
                    return true;
                }
                ended
            } else if self.has_unsent() {
                self.device(ByteStream::try_flush)
            } else {
                return false;
            };
            match result {
                Ok(()) => core.check_low(),
                Err(nb::Error::Other(error)) => transport.abort_with(error),
                Err(nb::Error::WouldBlock) => {
                    blocked(cx);
                    return false;
                }
            }
        }
        true
    }

    /// Whether everything was sent, or is not to be.
    fn is_flushed(&self, transport: &mut TransportHandle, cx: &mut Context<'_>) -> bool {
        if self.core.is_aborted() {
            return true;
        }
        if self.core.len() > 0 || self.core.wants_to_send_eof() {
            return false;
        }
        match self.device(ByteStream::try_close) {
            Ok(()) => true,
            Err(nb::Error::WouldBlock) => {
                blocked(cx);
                false
            }
            Err(nb::Error::Other(error)) => {
                transport.abort_with(error);
                true
            }
        }
    }
}

/// The device would block. If it has not registered the task, the task is to be resumed after the next interrupt.
pub(crate) fn blocked(cx: &mut Context<'_>) {
    if !cx.event_loop().is_some_and(EventLoop::take_interest) {
        cx.resume_after_interrupt();
    }
}

impl<S: ByteStream, const RX: usize, const TX: usize> Coroutine for StreamTransport<S, RX, TX> {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // The frame is only used through shared references: handles do so at the same time.
        let this = &*self;
        let core = &this.core;
        // SAFETY: FRAME: it is this frame that is resumed.
        let Some(step) = (unsafe { Step::begin(core, cx) }) else { return Resume::Pending };
        let mut transport = step.transport;
        let mut again = step.connects;
        if step.connects {
            core.call(|protocol| protocol.connection_made(&mut transport));
        } else {
            again |= this.read_all(&mut transport, cx);
            again |= this.write_all(&mut transport, cx);
        }
        if step.closing && this.is_flushed(&mut transport, cx) {
            let cause = core.cause();
            core.call(|protocol| protocol.connection_lost(cause));
            core.set_protocol(None);
            if core.is_aborted() {
                // SAFETY: DEVICE.
                core.borrow_device(|| unsafe { (*this.device.get()).abort() });
            }
            return if step.cancelled { Resume::Cancelled } else { Resume::Done(()) };
        }
        if again {
            step.event_loop.wake(cx.waker());
        }
        Resume::Pending
    }
}

/// Makes a transport, which calls `connection_made` in the next turn. Hands the device back if it does not fit.
pub(crate) fn start<S: ByteStream + 'static, const RX: usize, const TX: usize>(
    event_loop: &'static EventLoop,
    device: S,
    protocol: ProtocolHandle,
) -> Result<TransportHandle, Refused<S>> {
    let transport = StreamTransport::<S, RX, TX>::new(device, protocol);
    let task = event_loop
        .create_inner_task(transport)
        .map_err(|refused| refused.map(|transport| transport.device.into_inner()))?;
    let (task, frame): (AnyTask, *mut u8) = task.frame();
    let frame = frame.cast::<StreamTransport<S, RX, TX>>();
    // SAFETY: FRAME: the task has not begun, and this is its frame.
    unsafe {
        let core = &raw mut (*frame).core;
        (*core).start(frame.cast::<Core<dyn Protocol>>(), (&raw mut (*frame).transmit).cast());
        Ok(TransportHandle::new(task, NonNull::new_unchecked(core)))
    }
}
