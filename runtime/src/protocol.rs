//! Protocols: what an application does with a byte stream.
//!
//! # The problem
//! The code that understands bytes should not know where they come from, so that it works on a UART, a socket and a
//! simulated wire, and can be tested without any of them.
//!
//! # The design
//! asyncio's `Protocol` as a trait: the transport calls, and every call is made by the loop, never by an interrupt. The
//! order is `connection_made`, then any of the others, then `connection_lost`, once.
//!
//! # Costs
//! The transport is passed as `&mut dyn Transport`, so a protocol's code exists once for all transports.

use crate::transport::{LineError, Transport};

/// An application's half of a connection; asyncio's `Protocol`.
///
/// Callbacks must return soon: the loop waits for them. What they write is sent after they have returned.
pub trait Protocol {
    /// The connection stands. No data was received before.
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        let _ = transport;
    }

    /// Bytes have arrived, at least one; how many at a time means nothing.
    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]);

    /// The other side has ended its stream. False, the default, closes the transport; with true it may still write.
    fn eof_received(&mut self, transport: &mut dyn Transport) -> bool {
        let _ = transport;
        false
    }

    /// Bytes were lost or damaged, behind those received so far. By default that is the end of the connection, with
    /// the error as its cause. A protocol that can recover does so here, and the connection goes on.
    fn line_error(&mut self, transport: &mut dyn Transport, error: LineError) {
        transport.abort_with(error);
    }

    /// The connection has ended: by `close` or `abort` (`None`), or by an error.
    fn connection_lost(&mut self, cause: Option<LineError>) {
        let _ = cause;
    }

    /// The write buffer has become larger than its high mark: stop writing. Called inside the `write` that made it so,
    /// or, if that was called by one of these callbacks, when the callback has returned.
    fn pause_writing(&mut self) {}

    /// The write buffer has been drained to its low mark: go on writing. Called once for each `pause_writing`.
    fn resume_writing(&mut self) {}
}
