//! Transports: they own the input and output, and call protocols.
//!
//! # The problem
//! Bytes come and go at the hardware's pace, in interrupts; an application wants whole callbacks in turn, and a place to
//! write to that says when it is full.
//!
//! # The design
//! A transport is a task of the loop's pool that owns the device and the buffers, and refers to the protocol. What it
//! shares with the outside is a `Core` of cells in its frame: the write buffer, its marks, and what was asked for. A
//! [`TransportHandle`] is a counted reference to the task and a pointer to the core; it implements [`Transport`], for the
//! protocol's callbacks and for everybody else. asyncio's classes are traits:
//!
//! ```text
//! BaseTransport ─┬─ ReadTransport ──┬─ Transport          TransportHandle, for a ByteStream
//!                ├─ WriteTransport ─┘
//!                ├─ DatagramTransport                     DatagramHandle, for a DatagramSocket
//!                └─ SubprocessTransport                   SubprocessHandle, on a host
//! ```
//! Whoever writes a driver implements [`ByteStream`] or [`DatagramSocket`]. [`FromEmbeddedIo`] and [`FromNb`] are byte streams over
//! drivers of others.
//!
//! # Invariants
//! - **FRAME**: while the task has not ended, its frame, with the core, the buffer and the device, is there and pinned.
//! - **DEVICE**: the device is only borrowed while the core's `IN_DEVICE` is set, by whom has set it. Who finds it set
//!   does as if the device would block.
//!
//! # Costs
//! 48 bytes on a 32-bit chip, beside the device and the buffers, and what a protocol costs. Writing goes to the device
//! directly while nothing is buffered, and otherwise copies into the buffer.

mod adapters;
mod connect;
mod core;
mod datagram;
mod device;
mod error;
mod handle;
mod step;
mod stream;

pub use adapters::{FromEmbeddedIo, FromNb};
pub(crate) use connect::{Connect, datagram_pair, stream_pair};
pub use datagram::DatagramHandle;
pub use device::{ByteStream, DatagramSocket, Info};
// The name under which drivers of serial ports know it.
pub use device::ByteStream as Serial;
pub use error::{LimitsError, LineError, SendError, WriteError};
pub use handle::{AnyTransport, TransportHandle};
pub(crate) use stream::{blocked, start as make_transport};

use ::core::net::SocketAddr;

use crate::event_loop::EventLoop;
pub use crate::process::SubprocessHandle;
pub use crate::protocol::ProtocolHandle;
use crate::protocol::{DatagramProtocol, Protocol, SubprocessProtocol};

/// What all transports can do; asyncio's `BaseTransport`.
///
/// After the connection is lost all of it is harmless.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::transport::Info;
/// # struct Deaf;
/// # impl Protocol for Deaf {
/// #     fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
/// # }
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, _there) = segno::host::pair(64);
/// let connect = lp.connect_stream::<64, 64>(here, Deaf);
/// let (mut transport, protocol) = lp.run_until_complete(connect).unwrap().unwrap();
/// assert_eq!(transport.get_extra_info("socket"), Some(Info::Text("a pair in memory")));
/// assert!(transport.get_protocol() == Some(protocol));
/// transport.close();
/// assert!(transport.is_closing());
/// lp.run_until_complete(transport.wait_closed()).unwrap();
/// assert!(transport.get_protocol().is_none());
/// ```
pub trait BaseTransport {
    /// The family of protocols that it calls.
    type Protocol: ?Sized;

    /// Stops receiving, sends what is buffered, then loses the connection with `None`. Idempotent. asyncio's `close`.
    fn close(&mut self);

    /// Drops what is buffered and loses the connection with this cause, in the next turn. The first cause counts. In asyncio the
    /// transport itself does this, when its line fails.
    fn abort_with(&mut self, cause: LineError);

    /// As [`BaseTransport::abort_with`], for a callback that cannot go on: the exception handler is told `message`, unless
    /// the cause is an everyday end of a connection. asyncio does this when a callback raises.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::transport::ByteStream;
    /// #[derive(Default)]
    /// struct Digits(Option<LineError>);
    ///
    /// impl Protocol for Digits {
    ///     fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
    ///         if !data.iter().all(u8::is_ascii_digit) {
    ///             transport.fatal_error(LineError::Protocol, "something else than digits");
    ///         }
    ///     }
    ///
    ///     fn connection_lost(&mut self, cause: Option<LineError>) {
    ///         self.0 = cause;
    ///     }
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// lp.set_exception_handler(Some(|_, context| assert_eq!(context.message, "something else than digits")));
    /// let (here, mut there) = segno::host::pair(64);
    /// let connect = lp.connect_stream::<8, 8>(here, Digits::default());
    /// let (transport, protocol) = lp.run_until_complete(connect).unwrap().unwrap();
    /// there.try_write(b"12x").unwrap();
    /// lp.run_until_complete(transport.wait_closed()).unwrap();
    /// assert_eq!(protocol.with(|digits: &mut Digits| digits.0), Some(Some(LineError::Protocol)));
    /// ```
    fn fatal_error(&mut self, cause: LineError, message: &'static str);

    /// Whether it is closing or closed; asyncio's `is_closing`.
    fn is_closing(&self) -> bool;

    /// What is known about the line, by asyncio's names: `sockname`, `peername`, `socket`, or the driver's own.
    fn get_extra_info(&self, name: &str) -> Option<Info>;

    /// From now on calls this protocol: in the middle of the stream, and without telling either. What
    /// [`EventLoop::create_protocol`] makes. asyncio's `set_protocol`.
    fn set_protocol(&mut self, protocol: ProtocolHandle<Self::Protocol>);

    /// The protocol that it calls; `None` after the connection is lost. asyncio's `get_protocol`.
    fn get_protocol(&self) -> Option<ProtocolHandle<Self::Protocol>>;

    /// The loop that it belongs to.
    fn event_loop(&self) -> &'static EventLoop;
}

/// A transport that receives a byte stream; asyncio's `ReadTransport`.
///
/// ```
/// # use segno::prelude::*;
/// /// Takes a piece, and then no more until somebody calls `resume_reading`.
/// #[derive(Default)]
/// struct Pieces(usize);
///
/// impl Protocol for Pieces {
///     fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
///         self.0 += data.len();
///         transport.pause_reading();
///     }
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, mut there) = segno::host::pair(64);
/// # use segno::transport::ByteStream;
/// there.try_write(b"more than fits").unwrap();
/// let connect = lp.connect_stream::<8, 8>(here, Pieces::default());
/// let (mut transport, protocol) = lp.run_until_complete(connect).unwrap().unwrap();
/// lp.run_until_complete(sleep(1.secs())).unwrap();
/// assert_eq!(protocol.with(|pieces: &mut Pieces| pieces.0), Some(8));
/// assert!(!transport.is_reading());
/// transport.resume_reading();
/// lp.run_until_complete(sleep(1.secs())).unwrap();
/// assert_eq!(protocol.with(|pieces: &mut Pieces| pieces.0), Some(14));
/// ```
pub trait ReadTransport: BaseTransport<Protocol = dyn Protocol> {
    /// No `data_received` from now on. What comes meanwhile waits in the driver; when that is full, in the hardware, which holds the
    /// other side back if the line can do that (a connection, a pipe, a serial port with RTS and CTS). On a line that cannot, bytes
    /// are lost then: [`Protocol::line_error`] is told of [`LineError::Overrun`] when reading goes on, behind the bytes that
    /// were kept. Idempotent.
    fn pause_reading(&mut self);

    /// The opposite of [`ReadTransport::pause_reading`].
    fn resume_reading(&mut self);

    /// Whether data may be received: neither paused nor closing.
    fn is_reading(&self) -> bool;
}

/// A transport that sends a byte stream; asyncio's `WriteTransport`.
///
/// ```
/// # use segno::prelude::*;
/// #[derive(Default)]
/// struct Paused(bool);
///
/// impl Protocol for Paused {
///     fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
///     fn pause_writing(&mut self) { self.0 = true }
///     fn resume_writing(&mut self) { self.0 = false }
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, mut there) = segno::host::pair(4);
/// let connect = lp.connect_stream::<8, 16>(here, Paused::default());
/// let (mut transport, protocol) = lp.run_until_complete(connect).unwrap().unwrap();
/// transport.set_write_buffer_limits(Some(8), Some(2)).unwrap();
/// transport.write(b"thirteen byte").unwrap(); // four of them at once
/// assert_eq!(transport.get_write_buffer_size(), 9);
/// assert_eq!(protocol.with(|paused: &mut Paused| paused.0), Some(true));
/// assert_eq!(transport.write(b"not all of this"), Err(WriteError::Full { written: 7 }));
/// # use segno::transport::ByteStream;
/// for _ in 0..4 {
///     there.try_read(&mut [0; 4]).unwrap();
///     lp.run_until_complete(sleep(1.millis())).unwrap();
/// }
/// assert_eq!(protocol.with(|paused: &mut Paused| paused.0), Some(false));
/// ```
pub trait WriteTransport: BaseTransport<Protocol = dyn Protocol> {
    /// Sends `bytes`: at once what the device takes, the rest, which is copied into the write buffer, later. asyncio's `write`, whose
    /// buffer has no end.
    ///
    /// # Errors
    /// [`WriteError::Full`] says how many were accepted; [`WriteError::Closed`] and [`WriteError::AfterEof`] that none
    /// were. No byte is lost in silence, as after the end of a connection in asyncio.
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError>;

    /// As [`WriteTransport::write`] of one piece after the other.
    ///
    /// # Errors
    /// As [`WriteTransport::write`]; `written` counts the bytes of all pieces.
    fn writelines(&mut self, lines: &[&[u8]]) -> Result<(), WriteError> {
        let mut before = 0;
        for line in lines {
            match self.write(line) {
                Ok(()) => before += line.len(),
                Err(WriteError::Full { written }) => return Err(WriteError::Full { written: before + written }),
                // Accepted pieces are accepted, even if it was the sending of them that closed the transport.
                Err(WriteError::Closed) if before > 0 => return Err(WriteError::Full { written: before }),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends what is buffered, then ends this direction of the stream; the other one goes on. Idempotent. asyncio's `write_eof`.
    ///
    /// # Errors
    /// [`WriteError::Unsupported`] if [`WriteTransport::can_write_eof`] is false, [`WriteError::Closed`].
    fn write_eof(&mut self) -> Result<(), WriteError>;

    /// Whether the line has such an end.
    fn can_write_eof(&self) -> bool;

    /// Drops what is buffered and loses the connection with `None`, in the next turn.
    fn abort(&mut self);

    /// Sets the marks of the write buffer: above `high`, or when something did not fit, the protocol is paused, at `low` or
    /// below it is resumed. Without `high` it is four times `low`, but no more than there is room for; without `low` it is a quarter
    /// of `high`. Lowering the high mark may pause at once; raising it resumes at the next drain. asyncio's
    /// `set_write_buffer_limits`, for a buffer of fixed size.
    ///
    /// # Errors
    /// [`LimitsError`]; then the old marks stay.
    fn set_write_buffer_limits(&mut self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError>;

    /// The marks: low, high.
    fn get_write_buffer_limits(&self) -> (usize, usize);

    /// How many bytes are buffered and not yet with the driver.
    fn get_write_buffer_size(&self) -> usize;

    /// Another reference to it, to be kept.
    fn handle(&self) -> TransportHandle;
}

/// A byte stream's local end; asyncio's `Transport`. For an example see [`Protocol`].
pub trait Transport: ReadTransport + WriteTransport {}

/// A datagram endpoint; asyncio's `DatagramTransport`. For an example see [`DatagramProtocol`].
pub trait DatagramTransport: BaseTransport<Protocol = dyn DatagramProtocol> {
    /// Sends one datagram: at once if the socket takes it, later if not. Without an address it goes to the one that the
    /// endpoint is connected to. It may be empty.
    ///
    /// # Errors
    /// [`SendError`]: it was not accepted. That the network could not send one that was is told to `error_received`.
    fn sendto(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> Result<(), SendError>;

    /// Drops what is queued and loses the connection with `None`, in the next turn.
    fn abort(&mut self);

    /// As [`WriteTransport::set_write_buffer_limits`].
    ///
    /// # Errors
    /// [`LimitsError`]; then the old marks stay.
    fn set_write_buffer_limits(&mut self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError>;

    /// The marks: low, high.
    fn get_write_buffer_limits(&self) -> (usize, usize);

    /// How many bytes are queued: the datagrams, and a few bytes with each.
    fn get_write_buffer_size(&self) -> usize;

    /// Another reference to it, to be kept.
    fn handle(&self) -> DatagramHandle;
}

/// A child process; asyncio's `SubprocessTransport`. For an example see [`SubprocessProtocol`].
pub trait SubprocessTransport: BaseTransport<Protocol = dyn SubprocessProtocol> {
    /// The process's number.
    fn get_pid(&self) -> u32;

    /// How it has exited: its code, or the negative number of the signal that ended it. `None` while it runs.
    fn get_returncode(&self) -> Option<i32>;

    /// The transport of a pipe: 0 is the process's input, 1 and 2 are its outputs.
    fn get_pipe_transport(&self, fd: u8) -> Option<TransportHandle>;

    /// Sends it a signal.
    ///
    /// # Errors
    /// [`LineError::NotFound`] when it has exited; asyncio's `ProcessLookupError`.
    fn send_signal(&mut self, signal: i32) -> Result<(), LineError>;

    /// Asks it to end; asyncio's `terminate`.
    ///
    /// # Errors
    /// As [`SubprocessTransport::send_signal`].
    fn terminate(&mut self) -> Result<(), LineError>;

    /// Ends it; asyncio's `kill`.
    ///
    /// # Errors
    /// As [`SubprocessTransport::send_signal`].
    fn kill(&mut self) -> Result<(), LineError>;

    /// Another reference to it, to be kept.
    fn handle(&self) -> SubprocessHandle;
}
