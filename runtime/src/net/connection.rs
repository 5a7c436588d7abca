//! `create_connection` and `open_connection`.
//!
//! # The problem
//! A connection is established, or refused, much later than it is asked for, and who waits may be cancelled.
//!
//! # The design
//! A coroutine that asks the socket, then makes the transport as the other `connect_…` calls do. The socket is dropped,
//! and so closed, when the coroutine is.
//!
//! # Costs
//! The socket is moved once more.

use core::mem;
use core::net::SocketAddr;
use core::pin::Pin;

use super::{Connection, Network};
use crate::coroutine::{Context, Coroutine, Resume};
use crate::event_loop::EventLoop;
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::protocol::{Protocol, ProtocolHandle};
use crate::streams::{StreamReader, StreamWriter};
use crate::transport::{ByteStream, Connect, LineError, TransportHandle, blocked, stream_pair};

/// Connects, and gives the connection to `make`, whose coroutine then goes on.
struct Establish<N: Network, M, C> {
    event_loop: &'static EventLoop,
    remote: SocketAddr,
    state: State<N, M, C>,
}

enum State<N: Network, M, C> {
    New(N, M),
    Connecting(N::Stream, M),
    Making(C),
    Ended,
}

impl<N: Network, M, C> Unpin for Establish<N, M, C> {}

impl<N, M, C, T> Coroutine for Establish<N, M, C>
where
    N: Network,
    M: FnOnce(&'static EventLoop, N::Stream) -> C,
    C: Coroutine<Output = Result<T, LineError>> + Unpin,
{
    type Output = Result<T, LineError>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        let this = self.get_mut();
        if let State::Making(making) = &mut this.state {
            return Pin::new(making).resume(cx);
        }
        let (mut stream, make) = match mem::replace(&mut this.state, State::Ended) {
            State::New(network, make) => match network.begin_connect(this.remote) {
                Ok(stream) => (stream, make),
                Err(error) => return Resume::Done(Err(error)),
            },
            State::Connecting(mut stream, make) => {
                if cx.take_cancel() {
                    stream.abort();
                    return Resume::Cancelled;
                }
                (stream, make)
            }
            State::Making(_) | State::Ended => return Resume::Cancelled,
        };
        match stream.try_established() {
            Ok(()) => {
                this.state = State::Making(make(this.event_loop, stream));
                match &mut this.state {
                    State::Making(making) => Pin::new(making).resume(cx),
                    _ => Resume::Cancelled,
                }
            }
            Err(nb::Error::WouldBlock) => {
                blocked(cx);
                this.state = State::Connecting(stream, make);
                Resume::Pending
            }
            Err(nb::Error::Other(error)) => Resume::Done(Err(error)),
        }
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        if let State::Making(making) = &mut self.get_mut().state {
            Pin::new(making).locate(locator);
        }
    }
}

impl EventLoop {
    /// Connects to an address, with `RX` bytes for what is received at a time and `TX` bytes for what is still to be
    /// sent. When it returns, `connection_made` has been called. asyncio's `create_connection`, of one address: for a name, try what
    /// [`getaddrinfo`](EventLoop::getaddrinfo) gives.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::net::NoNetwork;
    /// struct Greet;
    ///
    /// impl Protocol for Greet {
    ///     fn connection_made(&mut self, transport: &mut dyn Transport) {
    ///         transport.write(b"hello").ok();
    ///     }
    ///
    ///     fn data_received(&mut self, transport: &mut dyn Transport, _: &[u8]) {
    ///         transport.close();
    ///     }
    /// }
    ///
    /// #[segno::coroutine]
    /// async fn greet(lp: &'static EventLoop, network: impl Network) -> Result<(), LineError> {
    ///     let server = "192.0.2.1:7".parse().unwrap();
    ///     let (transport, _) = lp.create_connection::<64, 64>(network, Greet, server).await?;
    ///     transport.wait_closed().await;
    ///     Ok(())
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// assert_eq!(lp.run_until_complete(greet(lp, NoNetwork)), Ok(Err(LineError::Unsupported)));
    /// ```
    /// # Errors
    /// The coroutine's output is the network's error, or [`LineError::Full`] if the pool is full.
    ///
    /// # Cancellation
    /// Gives the connection up, established or not.
    pub fn create_connection<const RX: usize, const TX: usize>(
        &'static self,
        network: impl Network,
        protocol: impl Protocol + 'static,
        remote: SocketAddr,
    ) -> impl Coroutine<Output = Result<(TransportHandle, ProtocolHandle), LineError>> + 'static {
        let make = move |event_loop, stream| {
            Connect::new(event_loop, move |event_loop: &'static EventLoop| {
                stream_pair::<RX, TX>(event_loop, stream, protocol).map_err(LineError::from)
            })
        };
        Establish { event_loop: self, remote, state: State::New(network, make) }
    }

    /// Connects to an address, with `N` bytes for what waits to be read and `TX` bytes for what is still to be sent.
    /// asyncio's `open_connection`. An example is at [`Network`].
    ///
    /// # Errors
    /// As [`EventLoop::create_connection`].
    ///
    /// # Cancellation
    /// Gives the connection up, established or not.
    pub fn open_connection<const N: usize, const TX: usize>(
        &'static self,
        network: impl Network,
        remote: SocketAddr,
    ) -> impl Coroutine<Output = Result<(StreamReader, StreamWriter), LineError>> + 'static {
        let make = move |event_loop, stream| {
            Connect::new(event_loop, move |event_loop: &'static EventLoop| {
                let (reader, transport) = StreamReader::start::<N, TX>(event_loop, stream).map_err(LineError::from)?;
                let writer = StreamWriter::new(transport.clone(), reader.clone());
                Ok((transport, (reader, writer)))
            })
        };
        Establish { event_loop: self, remote, state: State::New(network, make) }
    }
}
