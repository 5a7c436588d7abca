//! Protocols that bring their own receive buffer.
//!
//! # The problem
//! A stream's bytes are copied twice: from the device into the transport's buffer, from there to where the protocol
//! wants them. A frame of known length could be received in place, by a DMA channel for example.
//!
//! # The design
//! asyncio's `BufferedProtocol`: the transport asks for memory and says how many bytes it has put there. [`Buffered`]
//! makes a [`Protocol`] of it, so that everything that takes the one takes the other, `set_protocol` included.
//!
//! # Costs
//! One more call for each piece that is received.

use super::Protocol;
use crate::transport::{LineError, Transport};

/// A [`Protocol`] that receives into its own memory; asyncio's `BufferedProtocol`. Connect it as [`Buffered`].
///
/// ```
/// # use segno::prelude::*;
/// # use segno::protocol::Buffered;
/// /// Adds numbers of four bytes.
/// #[derive(Default)]
/// struct Sum { number: [u8; 4], filled: usize, sum: u32 }
///
/// impl BufferedProtocol for Sum {
///     fn get_buffer(&mut self, _: usize) -> &mut [u8] {
///         &mut self.number[self.filled..]
///     }
///
///     fn buffer_updated(&mut self, _: &mut dyn Transport, count: usize) {
///         self.filled = (self.filled + count) % 4;
///         if self.filled == 0 {
///             self.sum += u32::from_be_bytes(self.number);
///         }
///     }
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, mut there) = segno::host::pair(64);
/// # use segno::transport::ByteStream;
/// there.try_write(&[0, 0, 0, 3, 0, 0, 0, 4]).unwrap();
/// let connect = lp.connect_stream::<8, 8>(here, Buffered(Sum::default()));
/// let (_, protocol) = lp.run_until_complete(connect).unwrap().unwrap();
/// lp.run_until_complete(sleep(1.millis())).unwrap();
/// assert_eq!(protocol.with(|Buffered(sum): &mut Buffered<Sum>| sum.sum), Some(7));
/// ```
pub trait BufferedProtocol {
    /// As [`Protocol::connection_made`].
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        let _ = transport;
    }

    /// Where the next bytes are to be put. `size_hint` is how many the transport would receive at a time. A buffer
    /// without room is fatal to the connection, as in asyncio.
    fn get_buffer(&mut self, size_hint: usize) -> &mut [u8];

    /// The first `count` bytes of the buffer, at least one, have been received.
    fn buffer_updated(&mut self, transport: &mut dyn Transport, count: usize);

    /// As [`Protocol::eof_received`].
    fn eof_received(&mut self, transport: &mut dyn Transport) -> bool {
        let _ = transport;
        false
    }

    /// As [`Protocol::line_error`].
    fn line_error(&mut self, transport: &mut dyn Transport, error: LineError) {
        transport.abort_with(error);
    }

    /// As [`Protocol::connection_lost`].
    fn connection_lost(&mut self, cause: Option<LineError>) {
        let _ = cause;
    }

    /// As [`Protocol::pause_writing`].
    fn pause_writing(&mut self) {}

    /// As [`Protocol::resume_writing`].
    fn resume_writing(&mut self) {}
}

/// A [`BufferedProtocol`] as a [`Protocol`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Buffered<P>(pub P);

impl<P: BufferedProtocol> Protocol for Buffered<P> {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        self.0.connection_made(transport);
    }

    /// Only for those who feed a protocol by hand: copies, piece by piece.
    fn data_received(&mut self, transport: &mut dyn Transport, mut data: &[u8]) {
        while !data.is_empty() && !transport.is_closing() {
            let buffer = self.0.get_buffer(data.len());
            let count = buffer.len().min(data.len());
            if count == 0 {
                return transport.fatal_error(LineError::Protocol, NO_ROOM);
            }
            let (piece, rest) = data.split_at(count);
            buffer[..count].copy_from_slice(piece);
            data = rest;
            self.0.buffer_updated(transport, count);
        }
    }

    fn eof_received(&mut self, transport: &mut dyn Transport) -> bool {
        self.0.eof_received(transport)
    }

    fn line_error(&mut self, transport: &mut dyn Transport, error: LineError) {
        self.0.line_error(transport, error);
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.0.connection_lost(cause);
    }

    fn pause_writing(&mut self) {
        self.0.pause_writing();
    }

    fn resume_writing(&mut self) {
        self.0.resume_writing();
    }

    fn buffered(&mut self) -> Option<&mut dyn BufferedProtocol> {
        Some(&mut self.0)
    }
}

/// What the exception handler is told about a buffer of length 0.
pub(crate) const NO_ROOM: &str = "Fatal error: protocol.buffer_updated() call failed.";
