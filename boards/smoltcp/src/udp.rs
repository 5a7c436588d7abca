//! Sockets for datagrams.

use core::net::{Ipv4Addr, SocketAddr};

use segno::LineError;
use segno::transport::{DatagramSocket, Info};
use smoltcp::socket::udp::{BindError, RecvError, SendError};
use smoltcp::wire::IpEndpoint;

use crate::controller::Controller;
use crate::stack::{Slot, Stack, Use, address, endpoint, listen_endpoint};

/// A socket for datagrams of a stack.
pub struct StackDatagrams<C: Controller> {
    stack: &'static Stack<C>,
    slot: &'static Slot,
    local: SocketAddr,
    peer: Option<IpEndpoint>,
}

impl<C: Controller> StackDatagrams<C> {
    pub(crate) fn bind(
        stack: &'static Stack<C>,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<StackDatagrams<C>, LineError> {
        let peer = remote.map(endpoint).transpose()?;
        let slot = stack.slots.udp.iter().find(|slot| slot.used.get() == Use::Free).ok_or(LineError::Full)?;
        let local = local.unwrap_or(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0));
        let port = stack.with(|inner| {
            let in_use = |inner: &mut crate::stack::Inner<C>, port| {
                let mut used = stack.slots.udp.iter().filter(|slot| slot.used.get() == Use::Owned);
                used.any(|slot| inner.udp(slot).is_some_and(|socket| socket.endpoint().port == port))
            };
            let port = match local.port() {
                0 => {
                    let mut port = inner.ephemeral_port();
                    while in_use(inner, port) {
                        port = inner.ephemeral_port();
                    }
                    port
                }
                port if in_use(inner, port) => return Err(LineError::AddressInUse),
                port => port,
            };
            let endpoint = listen_endpoint(local, port)?;
            if endpoint.addr.is_some_and(|addr| !inner.interface.has_ip_addr(addr)) {
                return Err(LineError::AddressNotAvailable);
            }
            match inner.udp(slot).ok_or(LineError::Full)?.bind(endpoint) {
                Ok(()) => Ok(port),
                Err(BindError::InvalidState) => Err(LineError::Full),
                Err(BindError::Unaddressable) => Err(LineError::AddressNotAvailable),
            }
        })?;
        slot.used.set(Use::Owned);
        Ok(StackDatagrams { stack, slot, local: SocketAddr::new(local.ip(), port), peer })
    }
}

impl<C: Controller> DatagramSocket for StackDatagrams<C> {
    fn try_receive(&mut self, buffer: &mut [u8]) -> nb::Result<(usize, SocketAddr), LineError> {
        loop {
            let received = self.stack.with(|inner| {
                let socket = inner.udp(self.slot).ok_or(RecvError::Exhausted)?;
                socket.recv_slice(buffer).map(|(count, metadata)| (count, metadata.endpoint))
            });
            return match received {
                // Who is connected hears nobody else.
                Ok((_, from)) if self.peer.is_some_and(|peer| peer != from) => continue,
                Ok((count, from)) => Ok((count, address(from))),
                Err(RecvError::Truncated) => Err(nb::Error::Other(LineError::TooBig)),
                Err(RecvError::Exhausted) => {
                    self.slot.reader.register_current();
                    Err(nb::Error::WouldBlock)
                }
            };
        }
    }

    fn try_send(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> nb::Result<(), LineError> {
        let to = match to {
            Some(to) => endpoint(to)?,
            None => self.peer.ok_or(LineError::Unreachable)?,
        };
        let sent = self.stack.with(|inner| {
            let socket = inner.udp(self.slot).ok_or(LineError::Closed)?;
            if datagram.len() > socket.payload_send_capacity() {
                return Err(nb::Error::Other(LineError::TooBig));
            }
            socket.send_slice(datagram, to).map_err(|error| match error {
                SendError::BufferFull => nb::Error::WouldBlock,
                SendError::Unaddressable => nb::Error::Other(LineError::Unreachable),
            })
        });
        match sent {
            Ok(()) => self.stack.wake(),
            Err(nb::Error::WouldBlock) => self.slot.writer.register_current(),
            Err(nb::Error::Other(_)) => {}
        }
        sent
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer.map(address)
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        match name {
            "sockname" => Some(Info::Address(self.local)),
            "peername" => self.peer().map(Info::Address),
            _ => None,
        }
    }
}

impl<C: Controller> Drop for StackDatagrams<C> {
    fn drop(&mut self) {
        // What waits to be sent is sent first: a few frames at most.
        self.stack.with(|inner| {
            if let Some(socket) = inner.udp(self.slot) {
                socket.close();
            }
        });
        self.slot.used.set(Use::Free);
    }
}
