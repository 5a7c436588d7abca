//! Protocols: what an application does with what a transport carries.
//!
//! # The problem
//! The code that understands bytes should not know where they come from, so that it works on a UART, a socket and a
//! simulated wire, and can be tested without any of them.
//!
//! # The design
//! asyncio's classes as traits: the transport calls, and every call is made by the loop, never by an interrupt. The
//! order is `connection_made`, then any of the others, then `connection_lost`, once.
//!
//! ```text
//! BaseProtocol        connection_made · pause_writing · resume_writing · connection_lost   for transports that only write
//! Protocol            and data_received · eof_received · line_error                        for byte streams
//! BufferedProtocol    and get_buffer · buffer_updated · eof_received · line_error          the same, into own memory
//! DatagramProtocol    and datagram_received · error_received                               for datagrams
//! SubprocessProtocol  and pipe_data_received · pipe_connection_lost · process_exited       for child processes
//! ```
//! In asyncio the last four inherit the first. Here each states its own four callbacks, with the transport's type, so
//! that one `impl` is all that an application writes.
//!
//! A protocol is an object of the loop's pool: [`ProtocolHandle`] refers to it, and a transport is one of those who do.
//! That is how [`set_protocol`](crate::transport::BaseTransport::set_protocol) can replace it in the middle of a stream.
//!
//! # Errors
//! A callback that fails is fatal to its connection in asyncio, not to the loop. Here a callback that cannot go on calls
//! [`fatal_error`](crate::transport::BaseTransport::fatal_error).
//!
//! # Costs
//! Transports are passed as `&mut dyn`, so a protocol's code exists once for all transports. The object costs 24 bytes
//! beside the protocol (32-bit chip).

mod buffered;
mod handle;
mod subprocess;

use core::net::SocketAddr;

pub(crate) use buffered::NO_ROOM;
pub use buffered::{Buffered, BufferedProtocol};
pub use handle::{AnyProtocol, IntoProtocol, ProtocolHandle};
pub use subprocess::SubprocessProtocol;

use crate::transport::{DatagramTransport, LineError, Transport, WriteTransport};

/// An application's half of a transport that only writes, a pipe for example; asyncio's `BaseProtocol`. Connected by
/// [`connect_write_pipe`](crate::EventLoop::connect_write_pipe), or as [`WriteOnly`].
pub trait BaseProtocol {
    /// The connection stands.
    fn connection_made(&mut self, transport: &mut dyn WriteTransport) {
        let _ = transport;
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

/// A [`BaseProtocol`] as a [`Protocol`].
///
/// ```
/// # use segno::prelude::*;
/// # use segno::protocol::{BaseProtocol, WriteOnly};
/// struct Greeting;
///
/// impl BaseProtocol for Greeting {
///     fn connection_made(&mut self, pipe: &mut dyn WriteTransport) {
///         pipe.write(b"hello").unwrap();
///         pipe.close();
///     }
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, mut there) = segno::host::pair(64);
/// lp.run_until_complete(lp.connect_stream::<1, 64>(here, WriteOnly(Greeting))).unwrap().unwrap();
/// # use segno::transport::ByteStream;
/// assert_eq!(there.try_read(&mut [0; 8]), Ok(5));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOnly<P>(pub P);

impl<P: BaseProtocol> Protocol for WriteOnly<P> {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        self.0.connection_made(transport);
    }

    /// Nothing comes from there.
    fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.0.connection_lost(cause);
    }

    fn pause_writing(&mut self) {
        self.0.pause_writing();
    }

    fn resume_writing(&mut self) {
        self.0.resume_writing();
    }
}

/// An application's half of a connection; asyncio's `Protocol`.
///
/// Callbacks must return soon: the loop waits for them. What they write is sent while they run, as far as the device
/// takes it, and the rest after they have returned.
///
/// ```
/// use segno::prelude::*;
///
/// struct Echo;
///
/// impl Protocol for Echo {
///     fn connection_made(&mut self, transport: &mut dyn Transport) {
///         transport.write(b"> ").ok();
///     }
///
///     fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
///         if transport.write(data).is_err() {
///             transport.close(); // who sends faster than it reads
///         }
///     }
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, there) = segno::host::pair(64); // on a board, its UART
/// let (transport, _) = lp.run_until_complete(lp.connect_uart::<64, 64>(here, Echo)).unwrap().unwrap();
/// let (reader, writer) = lp.run_until_complete(lp.open_stream::<64, 64>(there)).unwrap().unwrap();
/// writer.write(b"hi").unwrap();
/// let mut answer = [0; 4];
/// lp.run_until_complete(reader.readexactly(&mut answer)).unwrap().unwrap();
/// assert_eq!(&answer, b"> hi");
/// writer.close();
/// lp.run_until_complete(transport.wait_closed()).unwrap();
/// ```
pub trait Protocol {
    /// The connection stands. No data was received before.
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        let _ = transport;
    }

    /// Bytes have arrived, at least one; how many at a time means nothing.
    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]);

    /// The other side has ended its stream. False, the default, closes the transport; with true it may still write.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::transport::ByteStream;
    /// /// Counts, and tells the number when all has come.
    /// #[derive(Default)]
    /// struct Count(u8);
    ///
    /// impl Protocol for Count {
    ///     fn data_received(&mut self, _: &mut dyn Transport, data: &[u8]) {
    ///         self.0 += data.len() as u8;
    ///     }
    ///
    ///     fn eof_received(&mut self, transport: &mut dyn Transport) -> bool {
    ///         transport.write(&[self.0]).ok();
    ///         false
    ///     }
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (here, mut there) = segno::host::pair(64);
    /// let connect = lp.connect_stream::<2, 8>(here, Count::default());
    /// let (transport, _) = lp.run_until_complete(connect).unwrap().unwrap();
    /// there.try_write(b"seven b").unwrap();
    /// there.try_write_eof().unwrap();
    /// lp.run_until_complete(transport.wait_closed()).unwrap();
    /// let mut count = [0];
    /// assert_eq!((there.try_read(&mut count), count), (Ok(1), [7]));
    /// ```
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

    /// Where received bytes go, if not to `data_received`: see [`Buffered`].
    #[doc(hidden)]
    fn buffered(&mut self) -> Option<&mut dyn BufferedProtocol> {
        None
    }
}

/// An application's half of a datagram endpoint; asyncio's `DatagramProtocol`.
///
/// ```
/// # use core::net::SocketAddr;
/// use segno::prelude::*;
/// use segno::net::NoNetwork;
///
/// struct Echo;
///
/// impl DatagramProtocol for Echo {
///     fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
///         // If there is no room it is lost, as datagrams may be.
///         transport.sendto(data, Some(from)).ok();
///     }
/// }
///
/// #[segno::coroutine]
/// async fn serve(lp: &'static EventLoop, network: impl Network) -> Result<(), LineError> {
///     let local = "0.0.0.0:7".parse().ok();
///     let (transport, _) = lp.create_datagram_endpoint::<1500, 4096>(network, Echo, local, None).await?;
///     transport.wait_closed().await;
///     Ok(())
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// assert_eq!(lp.run_until_complete(serve(lp, NoNetwork)), Ok(Err(LineError::Unsupported)));
/// ```
pub trait DatagramProtocol {
    /// The endpoint is open. Nothing was received before.
    fn connection_made(&mut self, transport: &mut dyn DatagramTransport) {
        let _ = transport;
    }

    /// One datagram has arrived, whole; it may be empty.
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        let _ = (transport, data, from);
    }

    /// Sending or receiving a datagram has failed. The endpoint stays open.
    fn error_received(&mut self, transport: &mut dyn DatagramTransport, error: LineError) {
        let _ = (transport, error);
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
