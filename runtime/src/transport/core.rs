//! What a transport's task and its handles share: the write buffer, its marks, the protocol, and what was asked for.
//!
//! # The problem
//! A handle's `write` may be called from anywhere in the loop's context, also from inside a callback of the protocol, while
//! the task is in the middle of a step.
//!
//! # The design
//! Everything is cells, behind shared references. The device can only be borrowed by one at a time; who comes second
//! does as if it would block. What is to be told to the protocol while that is borrowed is found again by `check_high`
//! and `check_low`, which compare the buffer with its marks whenever a callback has returned.
//!
//! # Costs
//! 40 bytes on a 32-bit chip.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;

use super::{Info, LimitsError, LineError};
use crate::event_loop::EventLoop;
use crate::protocol::{DatagramProtocol, Protocol, ProtocolHandle};

/// `close` or `abort` was called.
const CLOSING: u16 = 1;
/// `abort` was called.
const ABORTED: u16 = 2;
/// `pause_reading` was called.
const READING_PAUSED: u16 = 4;
/// `pause_writing` was called, and `resume_writing` not yet.
const WRITING_PAUSED: u16 = 8;
/// Somebody has borrowed the device.
const IN_DEVICE: u16 = 16;
/// `connection_made` has been called.
const CONNECTED: u16 = 32;
/// The input has ended.
const AT_EOF: u16 = 64;
/// `write_eof` was called.
const EOF_ASKED: u16 = 128;
/// The device has ended its output.
const EOF_SENT: u16 = 256;
/// Something did not fit into the buffer: as if it were above its high mark, wherever that is.
const REFUSED: u16 = 512;
/// The device has something that it could not pass on, outside of the task's step.
const UNSENT: u16 = 1024;

/// What is known about a device, given the core.
pub type ExtraInfo<D> = unsafe fn(*const Core<D>, &str) -> Option<Info>;

/// A family of protocols, and what its transports' devices can do.
pub trait Family {
    /// Functions that reach the device, given the core, which begins the frame.
    type Device: 'static;

    /// The device's function of this name.
    fn extra_info(device: &Self::Device) -> ExtraInfo<Self>;

    /// The protocol's callback of this name.
    fn pause_writing(&mut self);

    /// The protocol's callback of this name.
    fn resume_writing(&mut self);
}

impl Family for dyn Protocol {
    type Device = super::stream::StreamTable;

    fn extra_info(device: &Self::Device) -> ExtraInfo<Self> {
        device.extra_info
    }

    fn pause_writing(&mut self) {
        Protocol::pause_writing(self);
    }

    fn resume_writing(&mut self) {
        Protocol::resume_writing(self);
    }
}

impl Family for dyn DatagramProtocol {
    type Device = super::datagram::DatagramTable;

    fn extra_info(device: &Self::Device) -> ExtraInfo<Self> {
        device.extra_info
    }

    fn pause_writing(&mut self) {
        DatagramProtocol::pause_writing(self);
    }

    fn resume_writing(&mut self) {
        DatagramProtocol::resume_writing(self);
    }
}

pub struct Core<D: Family + ?Sized> {
    /// The write buffer, in the frame; set when that is pinned.
    buffer: Cell<*mut u8>,
    /// The pointer to the whole frame.
    frame: Cell<*const Core<D>>,
    device: &'static D::Device,
    protocol: Cell<Option<ProtocolHandle<D>>>,
    capacity: u16,
    head: Cell<u16>,
    len: Cell<u16>,
    high: Cell<u16>,
    low: Cell<u16>,
    state: Cell<u16>,
    cause: Cell<Option<LineError>>,
    _pinned: PhantomPinned,
}

impl<D: Family + ?Sized> Core<D> {
    pub(super) const fn new(capacity: u16, device: &'static D::Device, protocol: ProtocolHandle<D>) -> Core<D> {
        let high = capacity - capacity / 4;
        Core {
            buffer: Cell::new(ptr::null_mut()),
            frame: Cell::new(ptr::null()),
            device,
            protocol: Cell::new(Some(protocol)),
            capacity,
            head: Cell::new(0),
            len: Cell::new(0),
            high: Cell::new(high),
            low: Cell::new(high / 4),
            state: Cell::new(0),
            cause: Cell::new(None),
            _pinned: PhantomPinned,
        }
    }

    /// Makes the buffer usable.
    ///
    /// # Safety
    /// `buffer` is valid for `capacity` bytes, and `frame` for the whole frame, as long as the core is; the buffer is used by
    /// nobody else.
    pub(super) unsafe fn start(&self, frame: *const Core<D>, buffer: *mut u8) {
        self.frame.set(frame);
        self.buffer.set(buffer);
    }

    /// The pointer that handles have; null before the start.
    pub(super) fn pointer(&self) -> *const Core<D> {
        self.frame.get()
    }

    pub(super) fn device(&self) -> &'static D::Device {
        self.device
    }

    fn has(&self, flag: u16) -> bool {
        self.state.get() & flag != 0
    }

    fn set(&self, flag: u16, on: bool) {
        let state = self.state.get();
        self.state.set(if on { state | flag } else { state & !flag });
    }

    pub(super) fn is_closing(&self) -> bool {
        self.has(CLOSING)
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.has(ABORTED)
    }

    pub(super) fn is_connected(&self) -> bool {
        self.has(CONNECTED)
    }

    pub(super) fn set_connected(&self) {
        self.set(CONNECTED, true);
    }

    pub(super) fn set_at_eof(&self) {
        self.set(AT_EOF, true);
    }

    /// Whether the task is to read.
    pub(super) fn wants_to_read(&self) -> bool {
        !self.has(CLOSING | READING_PAUSED | AT_EOF)
    }

    pub(super) fn is_reading(&self) -> bool {
        !self.has(CLOSING | READING_PAUSED)
    }

    pub(super) fn set_reading(&self, reading: bool) {
        self.set(READING_PAUSED, !reading);
    }

    pub(super) fn close(&self) {
        self.set(CLOSING, true);
    }

    pub(super) fn ask_eof(&self) {
        self.set(EOF_ASKED, true);
    }

    pub(super) fn is_eof_asked(&self) -> bool {
        self.has(EOF_ASKED)
    }

    pub(super) fn set_eof_sent(&self) {
        self.set(EOF_SENT, true);
    }

    /// Whether the output is to be ended now.
    pub(super) fn wants_to_send_eof(&self) -> bool {
        self.state.get() & (EOF_ASKED | EOF_SENT | ABORTED) == EOF_ASKED && self.len() == 0
    }

    /// Drops what is buffered. The first cause counts.
    pub(super) fn abort(&self, cause: Option<LineError>) {
        if !self.is_aborted() {
            self.set(CLOSING | ABORTED, true);
            self.len.set(0);
            self.cause.set(cause);
        }
    }

    pub(super) fn cause(&self) -> Option<LineError> {
        self.cause.get()
    }

    pub(super) fn set_protocol(&self, protocol: Option<ProtocolHandle<D>>) {
        // The old one is dropped when the new one is in place.
        drop(self.protocol.replace(protocol));
    }

    pub(super) fn protocol(&self) -> Option<ProtocolHandle<D>> {
        let protocol = self.protocol.take();
        self.protocol.set(protocol.clone());
        protocol
    }

    pub(super) fn len(&self) -> usize {
        self.len.get().into()
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity.into()
    }

    pub(super) fn limits(&self) -> (usize, usize) {
        (self.low.get().into(), self.high.get().into())
    }

    pub(super) fn set_limits(&self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError> {
        let capacity = self.capacity();
        let high = match (high, low) {
            (Some(high), _) => high,
            (None, Some(low)) => low.saturating_mul(4).min(capacity),
            (None, None) => capacity - capacity / 4,
        };
        let low = low.unwrap_or(high / 4);
        if high > capacity || low > high {
            return Err(LimitsError);
        }
        // Both are at most the capacity, which is a `u16`.
        self.high.set(high as u16);
        self.low.set(low as u16);
        Ok(())
    }

    /// Copies bytes into the buffer, which is a ring, and answers how many.
    pub(super) fn push(&self, bytes: &[u8]) -> usize {
        if self.has(IN_DEVICE | ABORTED) {
            return 0;
        }
        let capacity = self.capacity();
        let head = usize::from(self.head.get());
        let len = self.len();
        let count = bytes.len().min(capacity - len);
        let tail = if head + len < capacity { head + len } else { head + len - capacity };
        let first = count.min(capacity - tail);
        // SAFETY: FRAME: the ring is valid for `capacity` bytes, and nobody holds a reference to those that are free.
        unsafe {
            self.buffer.get().add(tail).copy_from_nonoverlapping(bytes.as_ptr(), first);
            self.buffer.get().copy_from_nonoverlapping(bytes.as_ptr().add(first), count - first);
        }
        self.len.set((len + count) as u16);
        count
    }

    /// Has `send`, in which the device is borrowed, take bytes from the front of the ring; it answers how many.
    pub(super) fn pop<E>(&self, send: impl FnOnce(&[u8]) -> Result<usize, E>) -> Result<(), E> {
        let capacity = self.capacity();
        let head = usize::from(self.head.get());
        let front = self.len().min(capacity - head);
        // SAFETY: FRAME: these bytes are in the ring and written, and not written to while the device is borrowed.
        let sent = send(unsafe { core::slice::from_raw_parts(self.buffer.get().add(head), front) })?.min(front);
        let head = head + sent;
        self.head.set(if head < capacity { head as u16 } else { 0 });
        self.len.set(self.len.get().saturating_sub(sent as u16));
        Ok(())
    }

    /// Runs `f` with the buffer, which is no ring but a list of records: all of it, and how much of it is in use. It
    /// answers how much is then. `None` while somebody else does.
    pub(super) fn records<R>(&self, f: impl FnOnce(&mut [u8], &mut usize) -> R) -> Option<R> {
        if self.has(IN_DEVICE) {
            return None;
        }
        self.set(IN_DEVICE, true);
        // SAFETY: FRAME, and the buffer is initialised from the start; DEVICE: nobody else has a reference to it.
        let buffer = unsafe { core::slice::from_raw_parts_mut(self.buffer.get(), self.capacity()) };
        let mut len = self.len();
        let result = f(buffer, &mut len);
        self.set(IN_DEVICE, false);
        if !self.is_aborted() {
            self.len.set(len as u16);
        }
        Some(result)
    }

    /// Runs `f`, which may borrow the device. `None` if somebody has.
    pub(super) fn borrow_device<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        if !self.enter_device() {
            return None;
        }
        let result = f();
        self.leave_device();
        Some(result)
    }

    /// Borrows the device, until [`Core::leave_device`]: for results that are too large to be handed through. False if somebody has.
    pub(super) fn enter_device(&self) -> bool {
        let free = !self.has(IN_DEVICE);
        self.set(IN_DEVICE, true);
        free
    }

    pub(super) fn leave_device(&self) {
        self.set(IN_DEVICE, false);
    }

    /// As [`Core::borrow_device`], outside of the transport's own step: what the device registers is somebody else's
    /// interest, which must not count. The transport's task is to be woken if the device would block.
    pub(super) fn borrow_device_elsewhere<R>(&self, event_loop: &EventLoop, f: impl FnOnce() -> R) -> Option<R> {
        let interest = event_loop.take_interest();
        let result = self.borrow_device(f);
        event_loop.take_interest();
        if interest {
            event_loop.register_interest();
        }
        result
    }

    /// The device could not pass everything on: the task is to have it try again.
    pub(super) fn set_unsent(&self) {
        self.set(UNSENT, true);
    }

    pub(super) fn take_unsent(&self) -> bool {
        let unsent = self.has(UNSENT);
        self.set(UNSENT, false);
        unsent
    }

    /// Something did not fit into the buffer.
    pub(super) fn set_refused(&self) {
        self.set(REFUSED, true);
    }

    /// Pauses the protocol if the buffer is above its high mark. While the protocol is borrowed, nothing happens: who has
    /// borrowed it calls this afterwards.
    pub(super) fn check_high(&self) {
        if (self.len.get() > self.high.get() || self.has(REFUSED)) && !self.has(WRITING_PAUSED | ABORTED) {
            self.call_flow(true);
        }
    }

    /// Resumes the protocol if the buffer is at its low mark or below.
    pub(super) fn check_low(&self) {
        if self.len.get() <= self.low.get() && self.has(WRITING_PAUSED) {
            self.call_flow(false);
            // It may have written in that callback.
            self.check_high();
        }
    }

    fn call_flow(&self, pause: bool) {
        if self.is_connected()
            && let Some(protocol) = self.protocol()
        {
            protocol.call(|protocol| {
                self.set(WRITING_PAUSED, pause);
                self.set(REFUSED, false);
                if pause { protocol.pause_writing() } else { protocol.resume_writing() }
            });
        }
    }

    /// Calls the protocol, then tells it of what it wrote. Once in the loop's run: nobody else has borrowed it then.
    pub(super) fn call<R>(&self, f: impl FnOnce(&mut D) -> R) -> Option<R> {
        let result = self.protocol()?.call(f);
        self.check_high();
        result
    }
}
