//! Datagram sockets of the host.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;

use mio::Interest;
use mio::net::UdpSocket;
use segno::LineError;
use segno::transport::{DatagramSocket, Info};

use super::poller::{Poller, Watched};
use crate::world::Link;

/// The longest datagram that there is.
const LONGEST: usize = 65_535;

/// A datagram socket of the host.
pub struct HostDatagrams {
    watched: Watched<UdpSocket>,
    peer: Option<SocketAddr>,
    /// Of any length, so that a datagram which is too long for the transport is known to be.
    buffer: Box<[u8]>,
}

impl HostDatagrams {
    pub(super) fn bind(
        poller: Poller,
        link: Link,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<HostDatagrams, LineError> {
        let any = match remote {
            Some(SocketAddr::V6(_)) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            _ => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        };
        let socket = UdpSocket::bind(local.unwrap_or(any))?;
        if let Some(remote) = remote {
            socket.connect(remote)?;
        }
        let watched = Watched::new(poller, link, socket, Interest::READABLE | Interest::WRITABLE)?;
        Ok(HostDatagrams { watched, peer: remote, buffer: vec![0; LONGEST].into() })
    }
}

impl DatagramSocket for HostDatagrams {
    fn try_receive(&mut self, buffer: &mut [u8]) -> nb::Result<(usize, SocketAddr), LineError> {
        let whole = &mut self.buffer;
        let (count, from) = self.watched.try_read(|socket| socket.recv_from(whole))?;
        let datagram = &whole[..count];
        buffer.get_mut(..count).ok_or(LineError::TooBig)?.copy_from_slice(datagram);
        Ok((count, from))
    }

    fn try_send(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> nb::Result<(), LineError> {
        let connected = self.peer.is_some();
        self.watched.try_write(|socket| match to {
            Some(to) if !connected => socket.send_to(datagram, to),
            _ => socket.send(datagram),
        })?;
        Ok(())
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        match name {
            "sockname" => self.watched.socket.local_addr().ok().map(Info::Address),
            "peername" => self.peer.map(Info::Address),
            "socket" => u64::try_from(self.watched.socket.as_raw_fd()).ok().map(Info::Number),
            _ => None,
        }
    }
}
