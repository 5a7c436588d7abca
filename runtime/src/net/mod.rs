//! Networks: datagram endpoints, connections and servers.
//!
//! # The problem
//! An application says "connect to that address" and wants the same callbacks, whether a stack on the chip, the host's
//! sockets or a simulated wire does it.
//!
//! # The design
//! [`Network`] opens sockets, which are devices as any other ([`ByteStream`], [`DatagramSocket`]); the loop's
//! `create_…` calls make transports of them. A program takes `impl Network`, and its board passes one.
//!
//! ```text
//! create_datagram_endpoint   bind_datagrams                     transport of datagrams
//! create_connection          begin_connect · try_established    transport          open_connection   streams
//! create_server              listen · try_accept, for ever      transports         start_server      streams and tasks
//! getaddrinfo                begin_lookup · try_addresses       addresses
//! ```
//!
//! # Costs
//! Buffers of sockets are the network's, those of transports the loop's pool's.

mod connection;
mod datagram;
mod names;
mod server;

use core::net::SocketAddr;

pub use names::{Addresses, GetAddrInfo, Lookup, Names, NoLookup};
pub use server::{ClientConnected, ProtocolFactory, Server};

use crate::transport::{ByteStream, DatagramSocket, LineError};

/// Where sockets come from. Handles to a stack implement it, to be copied about. asyncio has the operating system's sockets.
///
/// A program takes an `impl Network`, and its board passes one:
/// ```
/// # use segno::prelude::*;
/// use segno::net::NoNetwork;
///
/// #[segno::coroutine]
/// async fn fetch(lp: &'static EventLoop, network: impl Network, page: &mut [u8]) -> Result<usize, LineError> {
///     let server = "192.0.2.1:80".parse().unwrap();
///     let (reader, writer) = lp.open_connection::<512, 512>(network, server).await?;
///     writer.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
///     reader.read_to_end(page).await.map_err(|_| LineError::Truncated)
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let outcome = lp.run_until_complete(fetch(lp, NoNetwork, &mut [0; 512])).unwrap();
/// assert_eq!(outcome, Err(LineError::Unsupported)); // this machine has none
/// ```
pub trait Network: 'static {
    /// A socket for datagrams.
    type Datagrams: DatagramSocket + 'static;
    /// A connection.
    type Stream: Connection + 'static;
    /// A socket that accepts connections.
    type Listener: Listener<Stream = Self::Stream> + 'static;

    /// Opens a socket for datagrams, on an address of this machine (port 0, or `None`, for any free one), and connected to
    /// `remote` if that is given: then it exchanges datagrams with nobody else.
    ///
    /// # Errors
    /// [`LineError::AddressInUse`], [`LineError::AddressNotAvailable`], [`LineError::Full`] and others of the network.
    fn bind_datagrams(
        &self,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<Self::Datagrams, LineError>;

    /// Begins to connect: see [`Connection::try_established`].
    ///
    /// # Errors
    /// As [`Network::bind_datagrams`].
    fn begin_connect(&self, remote: SocketAddr) -> Result<Self::Stream, LineError>;

    /// Listens for connections; `backlog` of them may wait to be accepted, if the network can choose.
    ///
    /// # Errors
    /// As [`Network::bind_datagrams`].
    fn listen(&self, local: SocketAddr, backlog: usize) -> Result<Self::Listener, LineError>;

    /// The same network for a server of which so many connections may wait to be accepted; asyncio's `create_server(…, backlog=…)`,
    /// 100 otherwise. What is too much for that the network refuses or leaves waiting, by its own rules: a stack on a chip has a
    /// socket for each that waits, and refuses where none is left; Linux lets one more wait than it was told.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # #[segno::coroutine]
    /// # async fn echo(reader: StreamReader, writer: StreamWriter) {}
    /// fn start(lp: &'static EventLoop, network: impl Network) -> Result<Server, LineError> {
    ///     lp.start_server::<128, 128>(network.with_backlog(2), echo, "0.0.0.0:7".parse().unwrap())
    /// }
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// # assert_eq!(start(lp, segno::net::NoNetwork).unwrap_err(), LineError::Unsupported);
    /// ```
    fn with_backlog(self, backlog: usize) -> WithBacklog<Self>
    where
        Self: Sized,
    {
        WithBacklog { network: self, backlog }
    }
}

/// A network with another backlog for its servers. Made by [`Network::with_backlog`].
#[derive(Debug, Clone, Copy)]
pub struct WithBacklog<N> {
    network: N,
    backlog: usize,
}

impl<N: Network> Network for WithBacklog<N> {
    type Datagrams = N::Datagrams;
    type Stream = N::Stream;
    type Listener = N::Listener;

    fn bind_datagrams(
        &self,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<Self::Datagrams, LineError> {
        self.network.bind_datagrams(local, remote)
    }

    fn begin_connect(&self, remote: SocketAddr) -> Result<Self::Stream, LineError> {
        self.network.begin_connect(remote)
    }

    fn listen(&self, local: SocketAddr, _: usize) -> Result<Self::Listener, LineError> {
        self.network.listen(local, self.backlog)
    }
}

impl<N: Network + ?Sized> Network for &'static N {
    type Datagrams = N::Datagrams;
    type Stream = N::Stream;
    type Listener = N::Listener;

    fn bind_datagrams(
        &self,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<Self::Datagrams, LineError> {
        (**self).bind_datagrams(local, remote)
    }

    fn begin_connect(&self, remote: SocketAddr) -> Result<Self::Stream, LineError> {
        (**self).begin_connect(remote)
    }

    fn listen(&self, local: SocketAddr, backlog: usize) -> Result<Self::Listener, LineError> {
        (**self).listen(local, backlog)
    }
}

/// A byte stream of a [`Network`] that must be established first: a socket that asyncio's `sock_connect` waits for.
pub trait Connection: ByteStream {
    /// Whether it is established.
    ///
    /// # Errors
    /// [`LineError::ConnectionRefused`], [`LineError::TimedOut`] and others: it will never be.
    fn try_established(&mut self) -> nb::Result<(), LineError>;
}

/// A socket of a [`Network`] that accepts connections; asyncio's listening socket.
pub trait Listener {
    /// What it accepts.
    type Stream: ByteStream + 'static;

    /// Accepts a connection, which is established.
    ///
    /// # Errors
    /// [`LineError::Full`] if there is no room for one more at present: it is tried again. Others concern one connection.
    fn try_accept(&mut self) -> nb::Result<Self::Stream, LineError>;

    /// Where it listens.
    fn local_address(&self) -> SocketAddr;
}

/// A machine without a network: every call answers [`LineError::Unsupported`]. An example is at [`Network`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoNetwork;

/// There are none of these: see [`Network`].
#[derive(Debug)]
pub enum NoSocket {}

impl Network for NoNetwork {
    type Datagrams = NoSocket;
    type Stream = NoSocket;
    type Listener = NoSocket;

    fn bind_datagrams(&self, _: Option<SocketAddr>, _: Option<SocketAddr>) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }

    fn begin_connect(&self, _: SocketAddr) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }

    fn listen(&self, _: SocketAddr, _: usize) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }
}

impl ByteStream for NoSocket {
    fn try_read(&mut self, _: &mut [u8]) -> nb::Result<usize, LineError> {
        match *self {}
    }

    fn try_write(&mut self, _: &[u8]) -> nb::Result<usize, LineError> {
        match *self {}
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        match *self {}
    }
}

impl DatagramSocket for NoSocket {
    fn try_receive(&mut self, _: &mut [u8]) -> nb::Result<(usize, SocketAddr), LineError> {
        match *self {}
    }

    fn try_send(&mut self, _: &[u8], _: Option<SocketAddr>) -> nb::Result<(), LineError> {
        match *self {}
    }
}

impl Connection for NoSocket {
    fn try_established(&mut self) -> nb::Result<(), LineError> {
        match *self {}
    }
}

impl Listener for NoSocket {
    type Stream = NoSocket;

    fn try_accept(&mut self) -> nb::Result<NoSocket, LineError> {
        match *self {}
    }

    fn local_address(&self) -> SocketAddr {
        match *self {}
    }
}
