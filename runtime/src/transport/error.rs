//! What goes wrong on lines and connections, and why a transport does not accept something.

use core::fmt;

use crate::event_loop::Refused;

/// What went wrong on a line or a connection; asyncio's `OSError` and its subclasses.
///
/// One type for all transports, so that a protocol serves a UART and a socket alike; two bytes, or less, because every
/// read of a driver can answer it. [`ByteStream`](super::ByteStream) is where drivers answer it.
#[doc(alias = "OSError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineError {
    /// The receive buffer was full: bytes, or datagrams, were lost.
    Overrun,
    /// A byte without a stop bit: a wrong baud rate, or noise.
    Framing,
    /// The parity bit was wrong.
    Parity,
    /// The line was held low for longer than a byte: a signal, or a cut wire.
    Break,
    /// There is no line any more. `embedded_hal_nb`'s word for the end of input, too.
    Closed,
    /// Something else.
    Other,
    /// Nobody listens there.
    ConnectionRefused,
    /// The other side has given the connection up.
    ConnectionReset,
    /// This side has: the link is gone, or the stack ended the connection.
    ConnectionAborted,
    /// The other side reads no more.
    BrokenPipe,
    /// There was no answer in time.
    TimedOut,
    /// There is no way to that address.
    Unreachable,
    /// Somebody has that address already.
    AddressInUse,
    /// The address is not one of this machine's.
    AddressNotAvailable,
    /// A datagram is longer than the network, or the buffer for it, allows.
    TooBig,
    /// All sockets, or all memory, are in use.
    Full,
    /// It was not allowed.
    PermissionDenied,
    /// There is no such thing: a program, a name.
    NotFound,
    /// This machine cannot do that at all.
    Unsupported,
    /// The other side does not keep to TLS, or the certificate of one of both is not accepted. asyncio's `SSLError`.
    Tls,
    /// The stream has ended without the farewell by which its protocol tells its end from a cut.
    Truncated,
    /// The protocol itself could not go on; it knows why.
    Protocol,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LineError::Overrun => "overrun: bytes were lost",
            LineError::Framing => "framing error",
            LineError::Parity => "parity error",
            LineError::Break => "break",
            LineError::Closed => "the line is closed",
            LineError::Other => "line error",
            LineError::ConnectionRefused => "connection refused",
            LineError::ConnectionReset => "connection reset by peer",
            LineError::ConnectionAborted => "connection aborted",
            LineError::BrokenPipe => "broken pipe",
            LineError::TimedOut => "timed out",
            LineError::Unreachable => "network or host unreachable",
            LineError::AddressInUse => "address already in use",
            LineError::AddressNotAvailable => "address not available",
            LineError::TooBig => "message too long",
            LineError::Full => "no free socket, or no memory",
            LineError::PermissionDenied => "permission denied",
            LineError::NotFound => "not found",
            LineError::Unsupported => "not supported on this machine",
            LineError::Tls => "TLS has failed",
            LineError::Truncated => "the stream was cut off",
            LineError::Protocol => "the protocol has failed",
        })
    }
}

impl core::error::Error for LineError {}

impl LineError {
    /// Whether it is the end of a connection as it happens every day, which the exception handler is not told of; asyncio's
    /// `BrokenPipeError`, `ConnectionResetError` and `ConnectionAbortedError`.
    pub(crate) fn is_everyday(self) -> bool {
        matches!(self, LineError::BrokenPipe | LineError::ConnectionReset | LineError::ConnectionAborted)
    }
}

/// What the loop could not take, as an error of a connection: [`LineError::Full`] or [`LineError::Closed`].
impl<T> From<Refused<T>> for LineError {
    fn from(refused: Refused<T>) -> LineError {
        match refused {
            Refused::Full(_) => LineError::Full,
            Refused::Closed(_) => LineError::Closed,
        }
    }
}

impl embedded_hal_nb::serial::Error for LineError {
    fn kind(&self) -> embedded_hal_nb::serial::ErrorKind {
        use embedded_hal_nb::serial::ErrorKind;
        match self {
            LineError::Overrun => ErrorKind::Overrun,
            LineError::Framing => ErrorKind::FrameFormat,
            LineError::Parity => ErrorKind::Parity,
            _ => ErrorKind::Other,
        }
    }
}

impl embedded_io::Error for LineError {
    fn kind(&self) -> embedded_io::ErrorKind {
        use embedded_io::ErrorKind;
        match self {
            LineError::Framing | LineError::Parity | LineError::Tls => ErrorKind::InvalidData,
            LineError::Closed | LineError::BrokenPipe => ErrorKind::BrokenPipe,
            LineError::ConnectionRefused => ErrorKind::ConnectionRefused,
            LineError::ConnectionReset => ErrorKind::ConnectionReset,
            LineError::ConnectionAborted => ErrorKind::ConnectionAborted,
            LineError::TimedOut => ErrorKind::TimedOut,
            LineError::AddressInUse => ErrorKind::AddrInUse,
            LineError::AddressNotAvailable => ErrorKind::AddrNotAvailable,
            LineError::TooBig => ErrorKind::InvalidInput,
            LineError::Full => ErrorKind::OutOfMemory,
            LineError::PermissionDenied => ErrorKind::PermissionDenied,
            LineError::NotFound => ErrorKind::NotFound,
            LineError::Unsupported => ErrorKind::Unsupported,
            _ => ErrorKind::Other,
        }
    }
}

/// The host's errors.
#[cfg(feature = "std")]
impl From<std::io::Error> for LineError {
    fn from(error: std::io::Error) -> LineError {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::ConnectionRefused => LineError::ConnectionRefused,
            ErrorKind::ConnectionReset => LineError::ConnectionReset,
            ErrorKind::ConnectionAborted => LineError::ConnectionAborted,
            ErrorKind::BrokenPipe => LineError::BrokenPipe,
            ErrorKind::TimedOut => LineError::TimedOut,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => LineError::Unreachable,
            ErrorKind::AddrInUse => LineError::AddressInUse,
            ErrorKind::AddrNotAvailable => LineError::AddressNotAvailable,
            ErrorKind::PermissionDenied => LineError::PermissionDenied,
            ErrorKind::NotFound => LineError::NotFound,
            ErrorKind::OutOfMemory => LineError::Full,
            ErrorKind::Unsupported => LineError::Unsupported,
            ErrorKind::NotConnected | ErrorKind::UnexpectedEof => LineError::Closed,
            // EMSGSIZE has no kind of its own on stable Rust.
            _ if error.raw_os_error() == Some(90) => LineError::TooBig,
            // EMFILE, ENFILE, ENOBUFS.
            _ if matches!(error.raw_os_error(), Some(23 | 24 | 105)) => LineError::Full,
            _ => LineError::Other,
        }
    }
}

/// Why bytes were not accepted. What [`WriteTransport::write`](super::WriteTransport::write) answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteError {
    /// The buffer is full: the first `written` bytes were accepted, and will be sent.
    Full {
        /// How many bytes were accepted.
        written: usize,
    },
    /// The transport is closing, or closed: nothing was accepted.
    Closed,
    /// `write_eof` was called before: nothing was accepted. asyncio's "Cannot call write() after write_eof()".
    AfterEof,
    /// `write_eof` on a line that has no end of its own in this direction.
    Unsupported,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WriteError::Full { .. } => "the write buffer is full",
            WriteError::Closed => "the transport is closed",
            WriteError::AfterEof => "Cannot call write() after write_eof()",
            WriteError::Unsupported => "the transport cannot end one direction alone",
        })
    }
}

impl core::error::Error for WriteError {}

/// Water marks must satisfy capacity >= high >= low; asyncio's `ValueError`. What
/// [`WriteTransport::set_write_buffer_limits`](super::WriteTransport::set_write_buffer_limits) answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitsError;

impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("high must be >= low, and at most the buffer's capacity")
    }
}

impl core::error::Error for LimitsError {}

/// Why a datagram was not accepted. What [`DatagramTransport::sendto`](super::DatagramTransport::sendto) answers: see
/// [`DatagramProtocol`](crate::DatagramProtocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// The datagrams that wait to be sent leave no room for it: try again after `resume_writing`.
    Full,
    /// It is longer than the endpoint's buffer, and can never be sent.
    TooBig,
    /// The endpoint is closing, or closed.
    Closed,
    /// The endpoint is connected to another address. asyncio's `ValueError`.
    WrongAddress,
    /// The endpoint is not connected, and no address was given.
    NoAddress,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::Full => "the queue of datagrams is full",
            SendError::TooBig => "the datagram is longer than the endpoint's buffer",
            SendError::Closed => "the transport is closed",
            SendError::WrongAddress => "Invalid address: must be None or the connected one",
            SendError::NoAddress => "an address is needed: the endpoint is not connected",
        })
    }
}

impl core::error::Error for SendError {}
