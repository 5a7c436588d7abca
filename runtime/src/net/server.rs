//! `create_server` and `start_server`.
//!
//! # The problem
//! Connections come at any time, more of them than there is room for, and a server that ends must know when the last one
//! has ended.
//!
//! # The design
//! A task that accepts, and makes a transport of each connection. Each connection is counted in a value that the task,
//! the handle and all connections share. When the pool has no room for one more, the connection waits, the exception
//! handler is told, and it is tried again after a second, as asyncio does, or when another connection has ended.
//!
//! # Costs
//! One task for the server; 12 bytes for each connection, on a 32-bit chip.

use core::cell::Cell;
use core::fmt;
use core::net::SocketAddr;
use core::pin::Pin;

use super::{Listener, Network};
use crate::combine::{Sleep, sleep};
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume, Waker};
use crate::event_loop::{ErrorContext, EventLoop, Refused};
use crate::node::NodeRef;
use crate::protocol::Protocol;
use crate::shared::Shared;
use crate::streams::{StreamReader, StreamWriter};
use crate::task::{AnyTask, WaitForEnd};
use crate::time::ExtU64;
use crate::transport::{ByteStream, Info, LineError, WriteTransport, blocked};

/// As many connections may wait to be accepted; asyncio's default.
const BACKLOG: usize = 100;

/// As many are accepted in one step.
const CHUNKS: u8 = 4;

/// Makes the protocol of each connection of [`EventLoop::create_server`]. Every `FnMut() -> impl Protocol` is one. asyncio's
/// `protocol_factory`.
pub trait ProtocolFactory: 'static {
    /// What it makes.
    type Protocol: Protocol + 'static;

    /// Makes one.
    fn make(&mut self) -> Self::Protocol;
}

impl<F, P> ProtocolFactory for F
where
    F: FnMut() -> P + 'static,
    P: Protocol + 'static,
{
    type Protocol = P;

    fn make(&mut self) -> P {
        self()
    }
}

/// Makes the task of each connection of [`EventLoop::start_server`]. Every `FnMut(StreamReader, StreamWriter) -> impl Coroutine` is
/// one. asyncio's `client_connected_cb`.
pub trait ClientConnected: 'static {
    /// What it makes.
    type Coroutine: IntoCoroutine<Output = ()> + 'static;

    /// Makes one. The task is the loop's: closing the server does not cancel it.
    fn connected(&mut self, reader: StreamReader, writer: StreamWriter) -> Self::Coroutine;
}

impl<F, C> ClientConnected for F
where
    F: FnMut(StreamReader, StreamWriter) -> C + 'static,
    C: IntoCoroutine<Output = ()> + 'static,
{
    type Coroutine = C;

    fn connected(&mut self, reader: StreamReader, writer: StreamWriter) -> C {
        self(reader, writer)
    }
}

/// What a server and its connections share.
struct Count {
    event_loop: &'static EventLoop,
    connections: Cell<usize>,
    closing: Cell<bool>,
    /// A connection waits for room.
    waiting: Cell<bool>,
    server: Cell<Waker>,
}

/// A connection of a server.
struct Counted<S> {
    stream: S,
    count: Shared<Count>,
}

impl<S> Counted<S> {
    fn new(stream: S, count: Shared<Count>) -> Counted<S> {
        count.connections.set(count.connections.get() + 1);
        Counted { stream, count }
    }
}

impl<S> Drop for Counted<S> {
    fn drop(&mut self) {
        self.count.connections.set(self.count.connections.get() - 1);
        if self.count.closing.get() || self.count.waiting.take() {
            self.count.event_loop.wake(self.count.server.get());
        }
    }
}

impl<S: ByteStream> ByteStream for Counted<S> {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        self.stream.try_read(buffer)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        self.stream.try_write(bytes)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        self.stream.try_flush()
    }

    fn has_unsent(&self) -> bool {
        self.stream.has_unsent()
    }

    fn try_close(&mut self) -> nb::Result<(), LineError> {
        self.stream.try_close()
    }

    fn can_write_eof(&self) -> bool {
        self.stream.can_write_eof()
    }

    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        self.stream.try_write_eof()
    }

    fn abort(&mut self) {
        self.stream.abort();
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        self.stream.extra_info(name)
    }
}

/// The task.
struct Serve<L: Listener, F> {
    listener: Option<L>,
    /// Makes a transport of a connection, or hands it back.
    start: F,
    /// What there was no room for.
    waiting: Option<Counted<L::Stream>>,
    retry: Option<Sleep>,
    count: Shared<Count>,
}

impl<L, F> Serve<L, F>
where
    L: Listener,
    F: FnMut(&'static EventLoop, Counted<L::Stream>) -> Result<(), Refused<Counted<L::Stream>>>,
{
    /// Accepts what there is. True if there may be more.
    fn accept(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(listener) = &mut self.listener else { return false };
        let event_loop = self.count.event_loop;
        for _ in 0..CHUNKS {
            let known = self.waiting.is_some();
            let accepted = match self.waiting.take() {
                Some(waiting) => Ok(waiting),
                None => listener.try_accept().map(|stream| Counted::new(stream, self.count.clone())),
            };
            let error = match accepted {
                Ok(connection) => match (self.start)(event_loop, connection) {
                    Ok(()) => continue,
                    Err(Refused::Full(connection)) => {
                        self.waiting = Some(connection);
                        LineError::Full
                    }
                    Err(Refused::Closed(_)) => return false,
                },
                Err(nb::Error::WouldBlock) => {
                    blocked(cx);
                    return false;
                }
                Err(nb::Error::Other(error)) => error,
            };
            let full = error == LineError::Full;
            let message = if full { "socket.accept() out of system resource" } else { "socket.accept() failed" };
            if !known {
                event_loop.call_exception_handler(&ErrorContext::new(message).with_cause(error));
            }
            if full {
                self.count.waiting.set(true);
                self.retry = Some(sleep(1.secs()));
                return true;
            }
        }
        true
    }
}

impl<L, F> Coroutine for Serve<L, F>
where
    L: Listener,
    F: FnMut(&'static EventLoop, Counted<L::Stream>) -> Result<(), Refused<Counted<L::Stream>>>,
{
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // SAFETY: `retry` alone is pinned, and replaced in place.
        let this = unsafe { self.get_unchecked_mut() };
        this.count.server.set(cx.waker());
        if cx.take_cancel() {
            this.count.closing.set(true);
        }
        if this.count.closing.get() {
            this.listener = None;
            this.waiting = None;
            this.retry = None;
            return if this.count.connections.get() == 0 { Resume::Done(()) } else { Resume::Pending };
        }
        if let Some(retry) = &mut this.retry {
            // SAFETY: it is not moved out of the frame.
            let pending = unsafe { Pin::new_unchecked(retry) }.resume(cx) == Resume::Pending;
            // The connection that ends says so by the mark that it takes away.
            if pending && this.count.waiting.get() {
                return Resume::Pending;
            }
            this.retry = None;
        }
        if this.accept(cx) {
            this.count.event_loop.wake(cx.waker());
        }
        Resume::Pending
    }
}

/// A server that accepts connections; asyncio's `Server`. Made by [`EventLoop::create_server`] and [`EventLoop::start_server`].
/// Dropping the handle closes nothing.
#[derive(Clone)]
pub struct Server {
    task: AnyTask,
    count: Shared<Count>,
    address: SocketAddr,
}

impl Server {
    /// Where it listens; asyncio's `sockets[0].getsockname()`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more connections. Those that are accepted go on. asyncio's `close`.
    pub fn close(&self) {
        self.count.closing.set(true);
        self.count.event_loop.wake(self.task.waker());
    }

    /// Whether it accepts connections; asyncio's `is_serving`.
    pub fn is_serving(&self) -> bool {
        !self.count.closing.get() && !self.task.done()
    }

    /// How many of its connections are open. asyncio keeps the number to itself.
    pub fn connections(&self) -> usize {
        self.count.connections.get()
    }

    /// Waits until it is closed and its last connection is lost; asyncio's `wait_closed`. Cancelling who waits changes nothing.
    pub fn wait_closed(&self) -> WaitForEnd {
        self.task.wait()
    }

    /// As [`Server::wait_closed`], but cancelling who waits closes it. asyncio's `serve_forever`.
    pub fn serve_forever(&self) -> ServeForever {
        ServeForever { end: self.wait_closed(), server: self.clone() }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut server = f.debug_struct("Server");
        server.field("address", &self.address).field("connections", &self.connections()).finish_non_exhaustive()
    }
}

/// Made by [`Server::serve_forever`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct ServeForever {
    end: WaitForEnd,
    server: Server,
}

impl Coroutine for ServeForever {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // SAFETY: `end` is structurally pinned, the server is not.
        let (end, server) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.end), &this.server)
        };
        let answer = end.resume(cx);
        if answer == Resume::Cancelled {
            server.close();
        }
        answer
    }
}

/// Keeps room for the task of a client, until it is dropped.
fn room_for_client<F: ClientConnected>(event_loop: &'static EventLoop, _: &F) -> Result<NodeRef, Refused<()>> {
    event_loop.room_for_task::<<F::Coroutine as IntoCoroutine>::Coroutine>()
}

impl EventLoop {
    fn serve<N: Network>(
        &'static self,
        network: N,
        local: SocketAddr,
        start: impl FnMut(
            &'static EventLoop,
            Counted<<N::Listener as Listener>::Stream>,
        ) -> Result<(), Refused<Counted<<N::Listener as Listener>::Stream>>>
        + 'static,
    ) -> Result<Server, LineError> {
        let listener = network.listen(local, BACKLOG)?;
        let address = listener.local_address();
        let count = Count {
            event_loop: self,
            connections: Cell::new(0),
            closing: Cell::new(false),
            waiting: Cell::new(false),
            server: Cell::new(Waker::NONE),
        };
        let count = Shared::new(self, count).map_err(LineError::from)?;
        let serve = Serve { listener: Some(listener), start, waiting: None, retry: None, count: count.clone() };
        let task = self.create_inner_task(serve).map_err(LineError::from)?.as_any();
        Ok(Server { task, count, address })
    }

    /// Serves connections to an address: each gets a protocol that `factory` makes, `RX` bytes for what is received at a time
    /// and `TX` bytes for what is still to be sent. asyncio's `create_server`, which serves at once. It waits for nothing, so it is
    /// no coroutine.
    ///
    /// # Errors
    /// The network's error, or [`LineError::Full`] if the pool is full. A connection for which there is no room later waits until
    /// there is, and the exception handler is told ("socket.accept() out of system resource").
    pub fn create_server<const RX: usize, const TX: usize>(
        &'static self,
        network: impl Network,
        mut factory: impl ProtocolFactory,
        local: SocketAddr,
    ) -> Result<Server, LineError> {
        self.serve(network, local, move |event_loop, connection| {
            let protocol = match event_loop.create_protocol(factory.make()) {
                Ok(protocol) => protocol,
                Err(refused) => return Err(refused.map(|_| connection)),
            };
            crate::transport::make_transport::<_, RX, TX>(event_loop, connection, protocol).map(drop)
        })
    }

    /// Serves connections to an address: each gets a task, which `client_connected` makes, and which is given both ends of
    /// its streams, with `N` bytes for what waits to be read and `TX` bytes for what is still to be sent. The task closes
    /// the writer. asyncio's `start_server`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::net::NoNetwork;
    /// #[segno::coroutine]
    /// async fn echo(reader: StreamReader, writer: StreamWriter) {
    ///     let mut line = [0; 64];
    ///     while let Ok(length @ 1..) = reader.readline(&mut line).await {
    ///         if writer.write_all(&line[..length]).await.is_err() {
    ///             break;
    ///         }
    ///     }
    ///     writer.close();
    /// }
    ///
    /// fn start(lp: &'static EventLoop, network: impl Network) -> Result<Server, LineError> {
    ///     lp.start_server::<128, 128>(network, echo, "0.0.0.0:7".parse().unwrap())
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// assert_eq!(start(lp, NoNetwork).unwrap_err(), LineError::Unsupported);
    /// ```
    /// # Errors
    /// The network's error, or [`LineError::Full`] if the pool is full. A connection for whose streams and task there is no room
    /// later waits until there is, and the exception handler is told ("socket.accept() out of system resource").
    pub fn start_server<const N: usize, const TX: usize>(
        &'static self,
        network: impl Network,
        mut client_connected: impl ClientConnected,
        local: SocketAddr,
    ) -> Result<Server, LineError> {
        self.serve(network, local, move |event_loop, connection| {
            // A connection that has streams cannot be handed back any more, so room for its task is kept before.
            let room = match room_for_client(event_loop, &client_connected) {
                Ok(room) => room,
                Err(refused) => return Err(refused.map(|()| connection)),
            };
            let (reader, mut transport) = StreamReader::start_or_return::<_, N, TX>(event_loop, connection)?;
            let writer = StreamWriter::new(transport.clone(), reader.clone());
            let client = client_connected.connected(reader, writer);
            drop(room);
            // Only a loop that `connected` has closed refuses it.
            if event_loop.create_task(client).is_err() {
                transport.abort();
            }
            Ok(())
        })
    }
}
