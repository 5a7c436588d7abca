//! What a transport's task and its handles share: the write buffer, its marks, and what was asked for.
//!
//! # The problem
//! A handle's `write` may be called from anywhere in the loop's context, also from inside a callback of the protocol, while
//! the task is in the middle of a step.
//!
//! # The design
//! Everything is cells, behind shared references. The protocol itself can only be borrowed by one at a time
//! ([`Callback`]); who comes second leaves a note.
//!
//! # Costs
//! 24 bytes on a 32-bit chip.

use core::cell::Cell;
use core::ptr;

use super::{LimitsError, LineError};

/// `close` or `abort` was called.
const CLOSING: u8 = 1;
/// `abort` was called.
const ABORTED: u8 = 2;
/// `pause_reading` was called.
const READING_PAUSED: u8 = 4;
/// `pause_writing` was called, and `resume_writing` not yet.
const WRITING_PAUSED: u8 = 8;
/// Somebody has borrowed the protocol.
const IN_CALLBACK: u8 = 16;
/// `connection_made` has been called.
const CONNECTED: u8 = 32;
/// The input has ended.
const AT_EOF: u8 = 64;
/// The port is reading the buffer: nobody may write to it.
const SENDING: u8 = 128;

/// Calls the protocol's `pause_writing` (true) or `resume_writing`, given the core, which begins the frame.
pub(super) type CallFlow = unsafe fn(*const Core, bool);

pub(crate) struct Core {
    /// The write buffer, in the frame; set when that is pinned.
    ring: Cell<*mut u8>,
    /// The pointer to the whole frame.
    frame: Cell<*const Core>,
    call_flow: CallFlow,
    capacity: u16,
    head: Cell<u16>,
    len: Cell<u16>,
    high: Cell<u16>,
    low: Cell<u16>,
    state: Cell<u8>,
    cause: Cell<Option<LineError>>,
}

impl Core {
    pub(super) const fn new(capacity: u16, call_flow: CallFlow) -> Core {
        let high = capacity - capacity / 4;
        Core {
            ring: Cell::new(ptr::null_mut()),
            frame: Cell::new(ptr::null()),
            call_flow,
            capacity,
            head: Cell::new(0),
            len: Cell::new(0),
            high: Cell::new(high),
            low: Cell::new(high / 4),
            state: Cell::new(0),
            cause: Cell::new(None),
        }
    }

    /// Makes the buffer usable.
    ///
    /// # Safety
    /// `ring` is valid for `capacity` bytes, and `frame` for the whole frame, as long as the core is; both only used by it.
    pub(super) unsafe fn start(&self, frame: *const Core, ring: *mut u8) {
        self.frame.set(frame);
        self.ring.set(ring);
    }

    /// The pointer that handles have; null before the start.
    pub(super) fn pointer(&self) -> *const Core {
        self.frame.get()
    }

    fn has(&self, flag: u8) -> bool {
        self.state.get() & flag != 0
    }

    fn set(&self, flag: u8, on: bool) {
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

    pub(super) fn len(&self) -> usize {
        self.len.get().into()
    }

    pub(super) fn limits(&self) -> (usize, usize) {
        (self.low.get().into(), self.high.get().into())
    }

    pub(super) fn set_limits(&self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError> {
        let capacity = usize::from(self.capacity);
        let high = match (high, low) {
            (Some(high), _) => high,
            (None, Some(low)) => low.saturating_mul(4).min(capacity),
            (None, None) => usize::from(self.capacity - self.capacity / 4),
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

    /// Copies bytes into the buffer, and answers how many.
    pub(super) fn push(&self, bytes: &[u8]) -> usize {
        if self.has(SENDING) {
            return 0;
        }
        let capacity = usize::from(self.capacity);
        let head = usize::from(self.head.get());
        let len = usize::from(self.len.get());
        let count = bytes.len().min(capacity - len);
        let tail = if head + len < capacity { head + len } else { head + len - capacity };
        let first = count.min(capacity - tail);
        // SAFETY: FRAME: the ring is valid for `capacity` bytes, and nobody holds a reference to those that are free.
        unsafe {
            self.ring.get().add(tail).copy_from_nonoverlapping(bytes.as_ptr(), first);
            self.ring.get().copy_from_nonoverlapping(bytes.as_ptr().add(first), count - first);
        }
        self.len.set((len + count) as u16);
        count
    }

    /// Has `send` take bytes from the front of the buffer; it answers how many.
    pub(super) fn pop<E>(&self, send: impl FnOnce(&[u8]) -> Result<usize, E>) -> Result<(), E> {
        let capacity = usize::from(self.capacity);
        let head = usize::from(self.head.get());
        let front = self.len().min(capacity - head);
        self.set(SENDING, true);
        // SAFETY: FRAME: these bytes are in the ring and written, and not written to while SENDING is set.
        let sent = send(unsafe { core::slice::from_raw_parts(self.ring.get().add(head), front) });
        self.set(SENDING, false);
        let sent = sent?.min(front);
        let head = head + sent;
        self.head.set(if head < capacity { head as u16 } else { 0 });
        self.len.set(self.len.get().saturating_sub(sent as u16));
        Ok(())
    }

    /// Pauses the protocol if the buffer is above its high mark. While the protocol is borrowed, nothing happens: who has
    /// borrowed it calls this afterwards.
    pub(super) fn check_high(&self) {
        if self.len.get() > self.high.get() && !self.has(WRITING_PAUSED | ABORTED) {
            self.call_flow(true);
        }
    }

    /// Resumes the protocol if the buffer is at its low mark or below.
    pub(super) fn check_low(&self) {
        if self.len.get() <= self.low.get() && self.has(WRITING_PAUSED) {
            self.call_flow(false);
        }
    }

    fn call_flow(&self, pause: bool) {
        if self.is_connected()
            && let Some(callback) = Callback::begin(self)
        {
            self.set(WRITING_PAUSED, pause);
            // SAFETY: CALLBACK; `start` has set the pointer to the whole frame.
            unsafe { (self.call_flow)(self.frame.get(), pause) };
            drop(callback);
        }
    }
}

/// The permission to borrow the protocol.
pub(super) struct Callback<'a>(&'a Core);

impl Callback<'_> {
    /// `None` if somebody has borrowed it.
    pub(super) fn begin(core: &Core) -> Option<Callback<'_>> {
        if core.has(IN_CALLBACK) {
            return None;
        }
        core.set(IN_CALLBACK, true);
        Some(Callback(core))
    }
}

impl Drop for Callback<'_> {
    fn drop(&mut self) {
        self.0.set(IN_CALLBACK, false);
    }
}
