//! Connections, and sockets that accept them.
//!
//! # The problem
//! A socket of smoltcp listens for one connection. When two come at the same time, the second finds nobody.
//!
//! # The design
//! A listener listens with all sockets that are free, up to its backlog. It hands out those that were connected, and takes
//! others in their place as they become free. Who wants to connect elsewhere takes one from a listener if none is free.
//!
//! A socket of a connection that was dropped goes on until the other side has agreed to the end, or for a minute at most;
//! then its slot is free again.

use core::net::SocketAddr;

use segno::LineError;
use segno::net::{Connection, Listener};
use segno::transport::{ByteStream, Info};
use smoltcp::socket::tcp::{self, ConnectError, RecvError, State};
use smoltcp::time::{Duration, Instant};

use crate::controller::Controller;
use crate::stack::{Inner, Slot, Stack, Use, address, endpoint, listen_endpoint};

/// How long a connection that was dropped may take to end.
const LINGER: Duration = Duration::from_secs(60);

/// How long it may take to establish a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long one that is being accepted may take to be established.
const HANDSHAKE: Duration = PATIENCE;

/// How long a peer may be silent while something waits to be acknowledged: a few times smoltcp's longest pause between two
/// attempts, which is a minute.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A socket as it begins.
fn prepare(socket: &mut tcp::Socket<'_>) {
    socket.set_timeout(Some(TIMEOUT));
    // What is written is sent at once.
    socket.set_nagle_enabled(false);
}

impl<C: Controller> Stack<C> {
    /// A free socket for a connection, or else one that a listener has in reserve.
    fn free_tcp(&self) -> Option<&'static Slot> {
        self.slots.tcp.iter().find(|slot| slot.used.get() == Use::Free)
    }

    /// The owner has dropped a connection: it ends by itself.
    fn let_end(&self, slot: &'static Slot) {
        slot.used.set(Use::Ending(self.now() + LINGER));
        self.wake();
    }

    /// Frees the sockets that have ended, gives up connecting, and answers when that is to be done next.
    pub(crate) fn sweep(&self, inner: &mut Inner<C>) -> Option<Instant> {
        let now = self.now();
        let mut next: Option<Instant> = None;
        for slot in self.slots.tcp {
            let Some(socket) = inner.tcp(slot) else { continue };
            // Not every change of a socket's state is told by a poll.
            if slot.seen.replace(socket.state()) != socket.state() {
                slot.reader.wake();
                slot.writer.wake();
            }
            let deadline = match slot.used.get() {
                Use::Connecting(deadline) if socket.state() == tcp::State::SynSent => {
                    if now >= deadline {
                        socket.abort();
                        slot.writer.wake();
                        continue;
                    }
                    deadline
                }
                Use::Ending(deadline) => {
                    // What still comes is for nobody.
                    while socket.can_recv() && socket.recv(|data| (data.len(), ())).is_ok() {}
                    if now >= deadline {
                        socket.abort();
                    }
                    if socket.state() == tcp::State::Closed {
                        slot.used.set(Use::Free);
                        slot.accepting.wake();
                        continue;
                    }
                    deadline
                }
                _ => continue,
            };
            next = Some(next.map_or(deadline, |next| next.min(deadline)));
        }
        next
    }
}

/// A connection of a stack.
pub struct StackStream<C: Controller> {
    stack: &'static Stack<C>,
    slot: &'static Slot,
    /// The other side has ended its stream in good order: seen once, it stays so.
    ended: bool,
}

impl<C: Controller> StackStream<C> {
    pub(crate) fn connect(stack: &'static Stack<C>, remote: SocketAddr) -> Result<StackStream<C>, LineError> {
        let remote = endpoint(remote)?;
        let reserve = || stack.slots.tcp.iter().find(|slot| matches!(slot.used.get(), Use::Listening(_)));
        stack
            .with(|inner| {
                let slot = match stack.free_tcp() {
                    Some(slot) => slot,
                    None => {
                        let idle = |slot: &&Slot| inner.tcp(slot).is_some_and(|socket| socket.state() == State::Listen);
                        let slot = reserve().filter(idle).ok_or(LineError::Full)?;
                        if let Some(socket) = inner.tcp(slot) {
                            socket.abort();
                        }
                        slot
                    }
                };
                let port = inner.ephemeral_port();
                let Inner { interface, sockets, .. } = inner;
                let handle = slot.handle.get().ok_or(LineError::Full)?;
                let socket = sockets.get_mut::<smoltcp::socket::tcp::Socket<'static>>(handle);
                socket.connect(interface.context(), remote, port).map_err(|error| match error {
                    ConnectError::InvalidState => LineError::Full,
                    ConnectError::Unaddressable => LineError::Unreachable,
                })?;
                prepare(socket);
                slot.used.set(Use::Connecting(stack.now() + PATIENCE));
                Ok(StackStream { stack, slot, ended: false })
            })
            .inspect(|stream: &StackStream<C>| stream.stack.wake())
    }
}

impl<C: Controller> Connection for StackStream<C> {
    fn try_established(&mut self) -> nb::Result<(), LineError> {
        let state = self.stack.with(|inner| inner.tcp(self.slot).map(|socket| socket.state()));
        match state {
            Some(State::SynSent | State::SynReceived) => {
                self.slot.writer.register_current();
                Err(nb::Error::WouldBlock)
            }
            None | Some(State::Closed) => Err(nb::Error::Other(match self.slot.used.get() {
                Use::Connecting(deadline) if self.stack.now() >= deadline => LineError::TimedOut,
                _ => LineError::ConnectionRefused,
            })),
            Some(_) => {
                self.slot.used.set(Use::Owned);
                Ok(())
            }
        }
    }
}

impl<C: Controller> ByteStream for StackStream<C> {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let received = self.stack.with(|inner| match inner.tcp(self.slot) {
            Some(socket) => socket.recv_slice(buffer),
            None => Err(RecvError::InvalidState),
        });
        match received {
            Ok(0) => {
                self.slot.reader.register_current();
                Err(nb::Error::WouldBlock)
            }
            Ok(count) => {
                // There is room again, which the other side is to know.
                self.stack.wake();
                Ok(count)
            }
            Err(RecvError::Finished) => {
                self.ended = true;
                Ok(0)
            }
            Err(RecvError::InvalidState) => Err(nb::Error::Other(LineError::ConnectionReset)),
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        let sent = self.stack.with(|inner| match inner.tcp(self.slot) {
            Some(socket) => socket.send_slice(bytes).map_err(|_| LineError::ConnectionReset),
            None => Err(LineError::Closed),
        })?;
        if sent == 0 && !bytes.is_empty() {
            self.slot.writer.register_current();
            return Err(nb::Error::WouldBlock);
        }
        self.stack.wake();
        Ok(sent)
    }

    /// The stack has it, and goes on sending it.
    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }

    fn can_write_eof(&self) -> bool {
        true
    }

    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        self.stack.with(|inner| {
            if let Some(socket) = inner.tcp(self.slot) {
                socket.close();
            }
        });
        self.stack.wake();
        Ok(())
    }

    fn abort(&mut self) {
        self.stack.with(|inner| {
            if let Some(socket) = inner.tcp(self.slot) {
                socket.abort();
            }
        });
        self.stack.wake();
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        let endpoint = self.stack.with(|inner| {
            let socket = inner.tcp(self.slot)?;
            match name {
                "sockname" => socket.local_endpoint(),
                "peername" => socket.remote_endpoint(),
                _ => None,
            }
        });
        endpoint.map(|endpoint| Info::Address(address(endpoint)))
    }
}

impl<C: Controller> Drop for StackStream<C> {
    fn drop(&mut self) {
        self.stack.with(|inner| {
            if let Some(socket) = inner.tcp(self.slot) {
                socket.close();
            }
        });
        self.stack.let_end(self.slot);
    }
}

/// A socket of a stack that accepts connections.
pub struct StackListener<C: Controller> {
    stack: &'static Stack<C>,
    local: SocketAddr,
    backlog: usize,
}

impl<C: Controller> StackListener<C> {
    pub(crate) fn listen(
        stack: &'static Stack<C>,
        local: SocketAddr,
        backlog: usize,
    ) -> Result<StackListener<C>, LineError> {
        let port = stack.with(|inner| match local.port() {
            0 => Ok(inner.ephemeral_port()),
            port if stack.slots.tcp.iter().any(|slot| slot.used.get() == Use::Listening(port)) => {
                Err(LineError::AddressInUse)
            }
            port => Ok(port),
        })?;
        if let Some(addr) = listen_endpoint(local, port)?.addr
            && !stack.with(|inner| inner.interface.has_ip_addr(addr))
        {
            return Err(LineError::AddressNotAvailable);
        }
        let listener = StackListener { stack, local: SocketAddr::new(local.ip(), port), backlog: backlog.max(1) };
        if listener.take_sockets() == 0 { Err(LineError::Full) } else { Ok(listener) }
    }

    fn is_mine(&self, slot: &Slot) -> bool {
        slot.used.get() == Use::Listening(self.local.port())
    }

    /// Listens with what is free, and answers with how many that is.
    fn take_sockets(&self) -> usize {
        let Ok(endpoint) = listen_endpoint(self.local, self.local.port()) else { return 0 };
        let mut count = self.stack.slots.tcp.iter().filter(|slot| self.is_mine(slot)).count();
        while count < self.backlog
            && let Some(slot) = self.stack.free_tcp()
        {
            let listens = self.stack.with(|inner| {
                inner.tcp(slot).is_some_and(|socket| {
                    // Who has only knocked does not keep the place.
                    socket.set_timeout(Some(HANDSHAKE));
                    socket.listen(endpoint).is_ok()
                })
            });
            if !listens {
                break;
            }
            slot.used.set(Use::Listening(self.local.port()));
            count += 1;
        }
        count
    }
}

impl<C: Controller> Listener for StackListener<C> {
    type Stream = StackStream<C>;

    fn try_accept(&mut self) -> nb::Result<StackStream<C>, LineError> {
        self.take_sockets();
        let stack = self.stack;
        for slot in stack.slots.tcp.iter().filter(|slot| self.is_mine(slot)) {
            let state = stack.with(|inner| inner.tcp(slot).map(|socket| socket.state()));
            match state {
                Some(State::Listen | State::SynReceived) | None => {
                    // All of them are waited for.
                    slot.reader.register_current();
                }
                // It was reset before it was accepted: it listens again.
                Some(State::Closed) => {
                    slot.used.set(Use::Free);
                    self.take_sockets();
                    slot.reader.register_current();
                }
                Some(_) => {
                    stack.with(|inner| inner.tcp(slot).map(prepare));
                    slot.used.set(Use::Owned);
                    self.take_sockets();
                    return Ok(StackStream { stack, slot, ended: false });
                }
            }
        }
        // One that becomes free is to be listened with.
        stack.slots.tcp.iter().filter(|slot| !self.is_mine(slot)).for_each(|slot| slot.accepting.register_current());
        Err(nb::Error::WouldBlock)
    }

    fn local_address(&self) -> SocketAddr {
        self.local
    }
}

impl<C: Controller> Drop for StackListener<C> {
    fn drop(&mut self) {
        for slot in self.stack.slots.tcp.iter().filter(|slot| self.is_mine(slot)) {
            self.stack.with(|inner| inner.tcp(slot).map(|socket| socket.abort()));
            slot.used.set(Use::Free);
        }
        self.stack.wake();
    }
}
