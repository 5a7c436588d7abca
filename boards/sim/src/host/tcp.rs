//! Connections of the host.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsRawFd;

use mio::Interest;
use mio::net::{TcpListener, TcpStream};
use segno::LineError;
use segno::net::{Connection, Listener};
use segno::transport::{ByteStream, Info};

use super::poller::{Poller, Watched};
use crate::world::Link;

/// A connection of the host.
pub struct HostStream {
    watched: Watched<TcpStream>,
}

impl HostStream {
    pub(super) fn connect(poller: Poller, link: Link, remote: SocketAddr) -> Result<HostStream, LineError> {
        HostStream::watch(poller, link, TcpStream::connect(remote)?)
    }

    fn watch(poller: Poller, link: Link, stream: TcpStream) -> Result<HostStream, LineError> {
        // As asyncio: what is written is sent at once. A socket that cannot do it works nevertheless.
        stream.set_nodelay(true).ok();
        let watched = Watched::new(poller, link, stream, Interest::READABLE | Interest::WRITABLE)?;
        Ok(HostStream { watched })
    }
}

impl Connection for HostStream {
    fn try_established(&mut self) -> nb::Result<(), LineError> {
        self.watched.try_write(|socket| match socket.take_error()? {
            Some(error) => Err(error),
            None => match socket.peer_addr() {
                Err(error) if error.kind() == std::io::ErrorKind::NotConnected => {
                    Err(std::io::ErrorKind::WouldBlock.into())
                }
                result => result.map(drop),
            },
        })
    }
}

impl ByteStream for HostStream {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        let count = self.watched.try_read(|socket| socket.read(buffer))?;
        if count < buffer.len() {
            self.watched.exhaust_reader();
        }
        Ok(count)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        self.watched.try_write(|socket| socket.write(bytes))
    }

    /// The operating system has it.
    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }

    fn can_write_eof(&self) -> bool {
        true
    }

    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        self.watched.try_write(|socket| socket.shutdown(Shutdown::Write))
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        let socket = &self.watched.socket;
        match name {
            "sockname" => socket.local_addr().ok().map(Info::Address),
            "peername" => socket.peer_addr().ok().map(Info::Address),
            "socket" => u64::try_from(socket.as_raw_fd()).ok().map(Info::Number),
            _ => None,
        }
    }
}

/// A socket of the host that accepts connections.
pub struct HostListener {
    watched: Watched<TcpListener>,
    local: SocketAddr,
    poller: Poller,
    link: Link,
}

impl HostListener {
    pub(super) fn listen(
        poller: Poller,
        link: Link,
        local: SocketAddr,
        backlog: usize,
    ) -> Result<HostListener, LineError> {
        let listener = TcpListener::bind(local)?;
        // It listens already, with a backlog that is mio's.
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        rustix::net::listen(&listener, backlog).map_err(std::io::Error::from)?;
        let local = listener.local_addr()?;
        let watched = Watched::new(poller.clone(), link.clone(), listener, Interest::READABLE)?;
        Ok(HostListener { watched, local, poller, link })
    }
}

impl Listener for HostListener {
    type Stream = HostStream;

    fn try_accept(&mut self) -> nb::Result<HostStream, LineError> {
        let (stream, _) = self.watched.try_read(|listener| listener.accept())?;
        Ok(HostStream::watch(self.poller.clone(), self.link.clone(), stream)?)
    }

    fn local_address(&self) -> SocketAddr {
        self.local
    }
}
