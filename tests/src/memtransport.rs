//! Lines and networks in memory, for the conformance tests of transports.
//!
//! # The problem
//! asyncio's scenarios run over sockets of the operating system, or over a "wire" that takes a limited number of bytes.
//! A trace must not depend on either.
//!
//! # The design
//! Each device is a queue in the test's own thread: [`pair`] is a socket pair, [`Wire`] a line that takes what it is
//! told to, [`Udp`] a host's loopback. They wake who waits for them exactly as drivers do.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use segno::host::PairEnd;
use segno::transport::{ByteStream, DatagramSocket, Info};
use segno::{LineError, WakerCell};

/// A socket pair, which takes whatever is written.
pub fn pair() -> (PairEnd, PairEnd) {
    segno::host::pair(usize::MAX)
}

#[derive(Default)]
struct WireState {
    sent: Vec<u8>,
    room: usize,
    incoming: usize,
    error: Option<LineError>,
    reader: WakerCell,
    writer: WakerCell,
}

/// A line that takes as many bytes as it is told to, and from which a byte comes when that is said. Clones are the same
/// line.
#[derive(Clone, Default)]
pub struct Wire(Rc<RefCell<WireState>>);

impl Wire {
    /// The hardware can take so many bytes more.
    pub fn accept(&self, count: usize) {
        let mut wire = self.0.borrow_mut();
        wire.room += count;
        wire.writer.wake();
    }

    /// A byte arrives.
    pub fn receive(&self) {
        let mut wire = self.0.borrow_mut();
        wire.incoming += 1;
        wire.reader.wake();
    }

    /// It breaks.
    pub fn fail(&self, error: LineError) {
        let mut wire = self.0.borrow_mut();
        wire.error = Some(error);
        wire.reader.wake();
        wire.writer.wake();
    }

    /// What it has taken.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.borrow().sent.clone()
    }

    /// How many bytes it has taken.
    pub fn sent(&self) -> usize {
        self.0.borrow().sent.len()
    }
}

impl ByteStream for Wire {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        let mut wire = self.0.borrow_mut();
        if let Some(error) = wire.error {
            return Err(nb::Error::Other(error));
        }
        if wire.incoming == 0 {
            wire.reader.register_current();
            return Err(nb::Error::WouldBlock);
        }
        wire.incoming -= 1;
        buffer[0] = b'.';
        Ok(1)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        let mut wire = self.0.borrow_mut();
        if let Some(error) = wire.error {
            return Err(nb::Error::Other(error));
        }
        let count = wire.room.min(bytes.len());
        if count == 0 {
            wire.writer.register_current();
            return Err(nb::Error::WouldBlock);
        }
        wire.room -= count;
        wire.sent.extend(&bytes[..count]);
        Ok(count)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }
}

/// What has arrived at a socket.
type Arrival = Result<(Vec<u8>, SocketAddr), LineError>;

#[derive(Default)]
struct Inbox {
    arrivals: VecDeque<Arrival>,
    reader: WakerCell,
}

/// A host's loopback for datagrams. Clones are the same one.
#[derive(Clone, Default)]
pub struct Udp(Rc<RefCell<BTreeMap<u16, Inbox>>>);

impl Udp {
    /// A socket on a free port, connected to `peer` if there is one.
    pub fn socket(&self, peer: Option<SocketAddr>) -> UdpSocket {
        let mut ports = self.0.borrow_mut();
        let port = ports.last_key_value().map_or(50_000, |(port, _)| port + 1);
        ports.insert(port, Inbox::default());
        UdpSocket { host: self.clone(), port, peer }
    }

    fn deliver(&self, port: u16, arrival: Arrival) -> bool {
        match self.0.borrow_mut().get_mut(&port) {
            Some(inbox) => {
                inbox.arrivals.push_back(arrival);
                inbox.reader.wake();
                true
            }
            None => false,
        }
    }
}

/// A socket of [`Udp`].
pub struct UdpSocket {
    host: Udp,
    port: u16,
    peer: Option<SocketAddr>,
}

impl UdpSocket {
    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

impl DatagramSocket for UdpSocket {
    fn try_receive(&mut self, buffer: &mut [u8]) -> nb::Result<(usize, SocketAddr), LineError> {
        let mut ports = self.host.0.borrow_mut();
        let inbox = ports.get_mut(&self.port).expect("an open socket has an inbox");
        match inbox.arrivals.pop_front() {
            Some(Ok((datagram, from))) => match buffer.get_mut(..datagram.len()) {
                Some(buffer) => {
                    buffer.copy_from_slice(&datagram);
                    Ok((datagram.len(), from))
                }
                None => Err(nb::Error::Other(LineError::TooBig)),
            },
            Some(Err(error)) => Err(nb::Error::Other(error)),
            None => {
                inbox.reader.register_current();
                Err(nb::Error::WouldBlock)
            }
        }
    }

    fn try_send(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> nb::Result<(), LineError> {
        let to = to.or(self.peer).ok_or(LineError::Unreachable)?;
        // As the host's: nobody is there, which only a connected socket is told, and later.
        if !self.host.deliver(to.port(), Ok((datagram.to_vec(), self.address()))) && self.peer.is_some() {
            self.host.deliver(self.port, Err(LineError::ConnectionRefused));
        }
        Ok(())
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        match name {
            "sockname" => Some(Info::Address(self.address())),
            "peername" => self.peer.map(Info::Address),
            _ => None,
        }
    }
}

impl Drop for UdpSocket {
    fn drop(&mut self) {
        self.host.0.borrow_mut().remove(&self.port);
    }
}
