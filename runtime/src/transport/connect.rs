//! Connecting a protocol to a device.
//!
//! # The problem
//! When a `connect_…` returns, `connection_made` must have been called, and no data received.
//!
//! # The design
//! A coroutine that makes the transport, then lets one turn pass, in which the transport has its first step.
//!
//! # Costs
//! Device and protocol are moved twice: into the coroutine, then into the pool.

use core::mem;
use core::pin::Pin;

use super::core::Family;
use super::{ByteStream, DatagramHandle, DatagramSocket, ProtocolHandle, Serial, TransportHandle};
use super::{datagram, stream};
use crate::coroutine::{Context, Coroutine, Resume};
use crate::event_loop::{EventLoop, Refused};
use crate::protocol::{DatagramProtocol, IntoProtocol, Protocol};

/// A transport and its protocol.
type Pair<D> = (TransportHandle<D>, ProtocolHandle<D>);

/// Makes a transport, waits until it has called `connection_made`, and gives what belongs to it.
pub(crate) struct Connect<D: Family + ?Sized, T, F> {
    event_loop: &'static EventLoop,
    state: State<D, T, F>,
}

enum State<D: Family + ?Sized, T, F> {
    New(F),
    Connecting(TransportHandle<D>, T),
    Ended,
}

impl<D: Family + ?Sized, T, F> Connect<D, T, F> {
    pub(crate) fn new<E>(event_loop: &'static EventLoop, make: F) -> Self
    where
        F: FnOnce(&'static EventLoop) -> Result<(TransportHandle<D>, T), E>,
    {
        Connect { event_loop, state: State::New(make) }
    }
}

// What is to be moved into the pool is not pinned before.
impl<D: Family + ?Sized, T, F> Unpin for Connect<D, T, F> {}

impl<D, T, F, E> Coroutine for Connect<D, T, F>
where
    D: Family + ?Sized,
    F: FnOnce(&'static EventLoop) -> Result<(TransportHandle<D>, T), E>,
{
    type Output = Result<T, E>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        let this = self.get_mut();
        match mem::replace(&mut this.state, State::Ended) {
            State::New(make) => match make(this.event_loop) {
                Ok((transport, made)) => this.state = State::Connecting(transport, made),
                Err(error) => return Resume::Done(Err(error)),
            },
            State::Connecting(transport, made) => {
                if cx.take_cancel() {
                    transport.lose(None);
                    return Resume::Cancelled;
                }
                if transport.core().is_none_or(|core| core.is_connected()) {
                    return Resume::Done(Ok(made));
                }
                this.state = State::Connecting(transport, made);
            }
            State::Ended => return Resume::Cancelled,
        }
        // The transport's first step comes before ours, in the next turn.
        this.event_loop.wake(cx.waker());
        Resume::Pending
    }
}

/// A transport, and what a `connect_…` answers.
type Made<D> = Result<(TransportHandle<D>, Pair<D>), Refused<()>>;

/// Makes a protocol, and the transport that calls it.
fn make_pair<D: Family + ?Sized, S>(
    event_loop: &'static EventLoop,
    protocol: impl IntoProtocol<D>,
    transport: impl FnOnce(ProtocolHandle<D>) -> Result<TransportHandle<D>, Refused<S>>,
) -> Made<D> {
    let protocol = event_loop.create_protocol(protocol).map_err(|refused| refused.map(drop))?;
    let transport = transport(protocol.clone()).map_err(|refused| refused.map(drop))?;
    Ok((transport.clone(), (transport, protocol)))
}

/// The transport of a byte stream, with its protocol.
pub(crate) fn stream_pair<const RX: usize, const TX: usize>(
    event_loop: &'static EventLoop,
    stream: impl ByteStream + 'static,
    protocol: impl Protocol + 'static,
) -> Made<dyn Protocol> {
    make_pair(event_loop, protocol, |protocol| stream::start::<_, RX, TX>(event_loop, stream, protocol))
}

/// The transport of a datagram socket, with its protocol.
pub(crate) fn datagram_pair<const RX: usize, const TX: usize>(
    event_loop: &'static EventLoop,
    socket: impl DatagramSocket + 'static,
    protocol: impl DatagramProtocol + 'static,
) -> Made<dyn DatagramProtocol> {
    make_pair(event_loop, protocol, |protocol| datagram::start::<_, RX, TX>(event_loop, socket, protocol))
}

impl EventLoop {
    /// Connects a protocol to a serial port, with `RX` bytes for what is received at a time and `TX` bytes for what is
    /// still to be sent. When it returns, `connection_made` has been called. asyncio's `connect_…`; for an example see [`Protocol`].
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
    ) -> impl Coroutine<Output = Result<(TransportHandle, ProtocolHandle), Refused<()>>> + 'static {
        self.connect_stream::<RX, TX>(serial, protocol)
    }

    /// As [`EventLoop::connect_uart`], for any byte stream; asyncio's `connect_accepted_socket`. For an example see
    /// [`WriteTransport`](super::WriteTransport).
    ///
    /// # Errors
    /// As [`EventLoop::connect_uart`].
    ///
    /// # Cancellation
    /// Aborts the transport.
    pub fn connect_stream<const RX: usize, const TX: usize>(
        &'static self,
        stream: impl ByteStream + 'static,
        protocol: impl Protocol + 'static,
    ) -> impl Coroutine<Output = Result<(TransportHandle, ProtocolHandle), Refused<()>>> + 'static {
        Connect::new(self, move |event_loop: &'static EventLoop| stream_pair::<RX, TX>(event_loop, stream, protocol))
    }

    /// Connects a protocol to a socket for datagrams: `RX` bytes is the longest datagram that can be received, and `TX` bytes
    /// are for those that wait to be sent, each with 25 bytes more. asyncio's `create_datagram_endpoint(sock=…)`.
    ///
    /// # Errors
    /// As [`EventLoop::connect_uart`].
    ///
    /// # Cancellation
    /// Aborts the transport.
    pub fn connect_datagram_socket<const RX: usize, const TX: usize>(
        &'static self,
        socket: impl DatagramSocket + 'static,
        protocol: impl DatagramProtocol + 'static,
    ) -> impl Coroutine<Output = Result<(DatagramHandle, ProtocolHandle<dyn DatagramProtocol>), Refused<()>>> + 'static
    {
        Connect::new(self, move |event_loop: &'static EventLoop| datagram_pair::<RX, TX>(event_loop, socket, protocol))
    }

    /// Makes a transport between a byte stream and a protocol, without waiting: `connection_made` is called in the next
    /// turn. For those who accept connections. asyncio's transports are made like this inside of its loop.
    ///
    /// # Errors
    /// Hands the stream back if the pool is full or the loop closed.
    pub fn make_transport<const RX: usize, const TX: usize>(
        &'static self,
        stream: impl ByteStream + 'static,
        protocol: ProtocolHandle,
    ) -> Result<TransportHandle, Refused<impl ByteStream + 'static>> {
        stream::start::<_, RX, TX>(self, stream, protocol)
    }
}
