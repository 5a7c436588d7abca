//! Transports: they own the input and output, and call protocols.
//!
//! # The problem
//! Bytes come and go at the hardware's pace, in interrupts; an application wants whole callbacks in turn, and a place to
//! write to that says when it is full.
//!
//! # The design
//! A transport is a task of the loop's pool that owns the device, the protocol and the buffers. What it shares with the
//! outside is a `Core` of cells in its frame: the write buffer, its marks, and what was asked for. A [`TransportHandle`]
//! is a counted reference to the task and a pointer to the core; it implements [`Transport`], for the protocol's callbacks
//! and for everybody else.
//!
//! # Invariants
//! - **FRAME**: while the task has not ended, its frame, with the core, the buffer and the protocol, is there and pinned.
//! - **CALLBACK**: the protocol is only borrowed while the core's `IN_CALLBACK` is set, by whom has set it, and either in
//!   the loop's run or while the loop is occupied: so the task neither is resumed nor ends meanwhile. It stays set when
//!   the task ends, so that destructors do not reach a protocol that has been dropped.
//!
//! # Costs
//! 32 bytes on a 32-bit chip, beside the device, the protocol and the buffers. Writing copies into the buffer.

mod core;
mod serial;
mod uart;

use ::core::any::TypeId;
use ::core::fmt;
use ::core::ptr::NonNull;

use self::core::{Callback, Core};
pub use serial::{LineError, Serial};
pub use uart::ConnectUart;

use crate::event_loop::EventLoop;
use crate::protocol::Protocol;
use crate::task::{AnyTask, WaitForEnd};

/// Why bytes were not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteError {
    /// The buffer is full: the first `written` bytes were accepted, and will be sent.
    Full {
        /// How many bytes were accepted.
        written: usize,
    },
    /// The transport is closing, or closed: nothing was accepted.
    Closed,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WriteError::Full { .. } => "the write buffer is full",
            WriteError::Closed => "the transport is closed",
        })
    }
}

impl ::core::error::Error for WriteError {}

/// Water marks must satisfy capacity >= high >= low.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitsError;

impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("high must be >= low, and at most the buffer's capacity")
    }
}

impl ::core::error::Error for LimitsError {}

/// A byte stream's local end; asyncio's `Transport`.
///
/// After the connection is lost all of it is harmless: `write` answers [`WriteError::Closed`], the others do nothing.
pub trait Transport {
    /// Copies `bytes` into the write buffer, to be sent from the next turn on.
    ///
    /// # Errors
    /// [`WriteError::Full`] says how many were accepted; [`WriteError::Closed`]. No byte is lost in silence.
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError>;

    /// Stops reading, sends what is buffered, then loses the connection with `None`. Idempotent.
    fn close(&mut self);

    /// Drops what is buffered and loses the connection with `None`, in the next turn.
    fn abort(&mut self);

    /// As [`Transport::abort`], with a cause.
    fn abort_with(&mut self, cause: LineError);

    /// Whether it is closing or closed.
    fn is_closing(&self) -> bool;

    /// No `data_received` from now on; bytes stay with the driver, whose buffer may overrun. Idempotent.
    fn pause_reading(&mut self);

    /// The opposite of [`Transport::pause_reading`].
    fn resume_reading(&mut self);

    /// Whether data may be received: neither paused nor closing.
    fn is_reading(&self) -> bool;

    /// Sets the marks of the write buffer: above `high` the protocol is paused, at `low` or below it is resumed. Without
    /// `high` it is four times `low`, but no more than there is room for; without `low` it is a quarter of `high`.
    /// Lowering the high mark may pause at once; raising it resumes at the next drain.
    ///
    /// # Errors
    /// [`LimitsError`]; then the old marks stay.
    fn set_write_buffer_limits(&mut self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError>;

    /// The marks: low, high.
    fn get_write_buffer_limits(&self) -> (usize, usize);

    /// How many bytes are buffered and not yet with the driver.
    fn get_write_buffer_size(&self) -> usize;

    /// The loop that it belongs to.
    fn event_loop(&self) -> &'static EventLoop;

    /// Another reference to it, to be kept.
    fn handle(&self) -> TransportHandle;
}

/// A reference to a transport, for code outside of the protocol's callbacks. Dropping it closes nothing.
#[derive(Clone)]
pub struct TransportHandle {
    task: AnyTask,
    core: NonNull<Core>,
}

impl TransportHandle {
    /// Waits until the connection is lost; asyncio's `wait_closed`. Cancelling who waits changes nothing.
    pub fn wait_closed(&self) -> WaitForEnd {
        self.task.wait()
    }

    /// The core, while it is there.
    fn core(&self) -> Option<&Core> {
        if self.task.done() {
            return None;
        }
        // SAFETY: FRAME; all of the core is cells.
        Some(unsafe { self.core.as_ref() })
    }

    /// The core, as long as something may be asked of it.
    fn open(&self) -> Option<&Core> {
        self.core().filter(|core| !core.is_closing())
    }

    /// Has the task look at the core in the next turn.
    fn wake(&self) {
        self.event_loop().wake(self.task.waker());
    }

    fn lose(&self, cause: Option<LineError>) {
        if let Some(core) = self.core() {
            core.abort(cause);
            self.wake();
        }
    }

    /// Pauses the protocol if the buffer is above its high mark.
    fn check_high(&self) {
        if let Some(core) = self.core() {
            let _occupied = self.event_loop().occupy();
            core.check_high();
        }
    }
}

impl Transport for TransportHandle {
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let Some(core) = self.open() else { return Err(WriteError::Closed) };
        let written = core.push(bytes);
        if written > 0 {
            self.wake();
            self.check_high();
        }
        if written == bytes.len() { Ok(()) } else { Err(WriteError::Full { written }) }
    }

    fn close(&mut self) {
        if let Some(core) = self.open() {
            core.close();
            self.wake();
        }
    }

    fn abort(&mut self) {
        self.lose(None);
    }

    fn abort_with(&mut self, cause: LineError) {
        self.lose(Some(cause));
    }

    fn is_closing(&self) -> bool {
        self.open().is_none()
    }

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

    fn set_write_buffer_limits(&mut self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError> {
        if let Some(core) = self.core() {
            core.set_limits(high, low)?;
            self.check_high();
        }
        Ok(())
    }

    fn get_write_buffer_limits(&self) -> (usize, usize) {
        self.core().map_or((0, 0), Core::limits)
    }

    fn get_write_buffer_size(&self) -> usize {
        self.core().map_or(0, Core::len)
    }

    fn event_loop(&self) -> &'static EventLoop {
        self.task.event_loop()
    }

    fn handle(&self) -> TransportHandle {
        self.clone()
    }
}

impl fmt::Debug for TransportHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportHandle").field("closing", &self.is_closing()).finish_non_exhaustive()
    }
}

/// A reference to the protocol that a transport owns; asyncio's `get_protocol`.
#[derive(Debug, Clone)]
pub struct ProtocolHandle {
    transport: TransportHandle,
    protocol: NonNull<()>,
    protocol_type: TypeId,
}

impl ProtocolHandle {
    /// Runs `f` with the protocol. `None` if it is not a `P`, if the connection is lost, or if one of the protocol's
    /// callbacks is calling. The loop can be neither run nor closed in `f`.
    pub fn with<P: Protocol + 'static, R>(&self, f: impl FnOnce(&mut P) -> R) -> Option<R> {
        if TypeId::of::<P>() != self.protocol_type {
            return None;
        }
        let occupied = self.transport.event_loop().occupy();
        let callback = Callback::begin(self.transport.core()?)?;
        // SAFETY: FRAME, and the type is as it was; CALLBACK.
        let result = f(unsafe { self.protocol.cast::<P>().as_mut() });
        drop(callback);
        self.transport.check_high();
        drop(occupied);
        Some(result)
    }
}

impl EventLoop {
    /// Connects a protocol to a serial port, with `RX` bytes for what is received at a time and `TX` bytes for what is
    /// still to be sent. asyncio's `connect_…`: when it returns, `connection_made` has been called.
    ///
    /// # Errors
    /// The coroutine's output is an error if the pool is full or the loop closed; port and protocol are dropped then.
    ///
    /// # Cancellation
    /// Aborts the transport.
    pub fn connect_uart<const RX: usize, const TX: usize>(
        &'static self,
        serial: impl Serial + 'static,
        protocol: impl Protocol + 'static,
    ) -> ConnectUart<impl Serial + 'static, impl Protocol + 'static, RX, TX> {
        ConnectUart::new(self, serial, protocol)
    }
}
