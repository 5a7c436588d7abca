//! What a driver is to a transport.
//!
//! # The problem
//! A byte at a time through [`embedded_hal_nb`] is slow, and its errors do not say that a line has ended; a socket's
//! stream has ends, addresses and resets as well.
//!
//! # The design
//! [`ByteStream`] and [`DatagramSocket`]: slices, `nb`, and one error type that maps to those of the ecosystem. What a
//! plain line does not have is provided: a UART's driver writes three functions.
//!
//! # Costs
//! None.

use core::net::SocketAddr;

use super::LineError;

/// A byte stream that never waits: a UART, a TCP connection, a pipe. Drivers of serial ports know it as `Serial`. asyncio has
/// non-blocking sockets.
///
/// # For implementers
/// An operation that answers `WouldBlock` has registered the running task (with a [`WakerCell`](crate::WakerCell)) to be
/// woken when it is worth trying again. One that cannot register is tried again after the next interrupt. Dropping the
/// stream closes it.
///
/// ```
/// use segno::prelude::*;
/// use segno::transport::ByteStream;
/// use segno::WakerCell;
///
/// static RECEIVED: InterruptQueue<u8, 64> = InterruptQueue::new();
/// static READER: WakerCell = WakerCell::new();
///
/// fn receive_interrupt(byte: u8) {
///     RECEIVED.put_nowait(byte).ok(); // what is lost is counted there
///     READER.wake();
/// }
///
/// struct Uart;
///
/// impl ByteStream for Uart {
///     fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
///         READER.register_current();
///         let received = core::iter::from_fn(|| RECEIVED.get_nowait());
///         match buffer.iter_mut().zip(received).map(|(place, byte)| *place = byte).count() {
///             _ if RECEIVED.take_lost() > 0 => Err(nb::Error::Other(LineError::Overrun)),
///             0 => Err(nb::Error::WouldBlock),
///             count => Ok(count),
///         }
///     }
///
///     fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
///         Ok(bytes.len().min(1)) // into the data register
///     }
///
///     fn try_flush(&mut self) -> nb::Result<(), LineError> {
///         Ok(())
///     }
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (reader, _) = lp.run_until_complete(lp.open_stream::<64, 64>(Uart)).unwrap().unwrap();
/// lp.call_later(1.millis(), |_| b"hi\n".iter().for_each(|byte| receive_interrupt(*byte))).unwrap();
/// let mut line = [0; 8];
/// assert_eq!(lp.run_until_complete(reader.readline(&mut line)), Ok(Ok(3)));
/// ```
pub trait ByteStream {
    /// Takes received bytes: how many there are, up to the buffer's length. 0 is the end of the input, on lines that have
    /// an end.
    ///
    /// # Errors
    /// Errors come in order: the bytes received before are read first.
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError>;

    /// Accepts bytes to send: how many, at least one.
    ///
    /// # Errors
    /// The line does not work any more.
    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError>;

    /// Whether everything accepted has left.
    ///
    /// # Errors
    /// The line does not work any more.
    fn try_flush(&mut self) -> nb::Result<(), LineError>;

    /// Whether something that it has accepted is still with it, because what is below it blocked: for streams that change
    /// what they are given, before they pass it on. Then the transport calls [`ByteStream::try_flush`] until it is gone.
    fn has_unsent(&self) -> bool {
        false
    }

    /// As [`ByteStream::try_flush`], for the last time: a stream that has a farewell of its own says it. It is dropped next.
    ///
    /// # Errors
    /// The line does not work any more.
    fn try_close(&mut self) -> nb::Result<(), LineError> {
        self.try_flush()
    }

    /// Whether [`ByteStream::try_write_eof`] works.
    fn can_write_eof(&self) -> bool {
        false
    }

    /// Tells the other side that nothing more will be sent, while its bytes are still received. Everything accepted
    /// leaves before.
    ///
    /// # Errors
    /// [`LineError::Unsupported`] on a line that has no such end.
    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        Err(nb::Error::Other(LineError::Unsupported))
    }

    /// The connection is given up: whatever has not left need not leave. The stream is dropped next.
    fn abort(&mut self) {}

    /// What is known about the line, by asyncio's names: `sockname`, `peername`, or the driver's own.
    fn extra_info(&self, name: &str) -> Option<Info> {
        let _ = name;
        None
    }
}

impl<S: ByteStream + ?Sized> ByteStream for &mut S {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        (**self).try_read(buffer)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        (**self).try_write(bytes)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        (**self).try_flush()
    }

    fn has_unsent(&self) -> bool {
        (**self).has_unsent()
    }

    fn try_close(&mut self) -> nb::Result<(), LineError> {
        (**self).try_close()
    }

    fn can_write_eof(&self) -> bool {
        (**self).can_write_eof()
    }

    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        (**self).try_write_eof()
    }

    fn abort(&mut self) {
        (**self).abort();
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        (**self).extra_info(name)
    }
}

/// A socket for datagrams that never waits; asyncio's non-blocking UDP socket.
///
/// # For implementers
/// As for [`ByteStream`].
pub trait DatagramSocket {
    /// Takes one datagram: its length and where it comes from. It may be empty.
    ///
    /// # Errors
    /// [`LineError::TooBig`] for one that is longer than the buffer, which is gone then; [`LineError::Overrun`] if
    /// datagrams were lost for lack of room; or what the network has answered to one that was sent.
    fn try_receive(&mut self, buffer: &mut [u8]) -> nb::Result<(usize, SocketAddr), LineError>;

    /// Accepts one datagram whole; without an address it is for the one that the socket is connected to.
    ///
    /// # Errors
    /// This datagram was not sent; the socket may still work.
    fn try_send(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> nb::Result<(), LineError>;

    /// The only address that this socket exchanges datagrams with, if there is one.
    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    /// As [`ByteStream::extra_info`].
    fn extra_info(&self, name: &str) -> Option<Info> {
        let _ = name;
        None
    }
}

/// What [`get_extra_info`](super::BaseTransport::get_extra_info) knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Info {
    /// An address: `sockname`, `peername`.
    Address(SocketAddr),
    /// A number: the slot or the file descriptor of a `socket`, a `pid`, a baud rate.
    Number(u64),
    /// A text.
    Text(&'static str),
}

impl Info {
    /// The address, if it is one.
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            Info::Address(address) => Some(address),
            _ => None,
        }
    }
}
