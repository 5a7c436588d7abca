//! A gateway between two serial ports and UDP: what a port receives goes out as datagrams, and a datagram's bytes go to the
//! port that it names.
//!
//! A datagram is the number of a port, `1` or `2`, and bytes: `nc -u HOST 2217`, then `1hello`. Whoever has sent the last
//! one, `1` alone for example, receives from both ports, and learns by a datagram that begins with `!` what was lost.
//!
//! Nothing is read from the ports while nobody is there to receive it, nor while the network takes no more: bytes wait in the
//! ports' drivers. In the other direction UDP cannot wait: what finds no room is lost, and the sender is told.

use core::fmt::Write;
use core::net::SocketAddr;

use heapless::{String, Vec};
use segno::prelude::*;
use segno::transport::{DatagramHandle, Serial};

/// The port on a chip.
pub const PORT: u16 = 2217;

/// The longest datagram to the gateway.
const LONGEST: usize = 1024;

/// The longest datagram from it.
const PACKET: usize = 256;

/// How many bytes a serial port receives at a time.
const RECEIVE: usize = 64;

/// Bytes that may wait for a serial port: two of the longest datagrams.
const TRANSMIT: usize = 2 * LONGEST;

/// Room for datagrams that cannot be sent at once: four of the longest, and 25 bytes more with each.
const QUEUE: usize = 4 * (PACKET + 25);

/// A byte waits for no more than so many milliseconds for others to go with it.
const PATIENCE: u64 = 5;

/// Where datagrams go.
type Route = (DatagramHandle, SocketAddr);

/// Tells the peer what went wrong. There may be no room for that either.
fn tell((endpoint, peer): &mut Route, name: u8, problem: core::fmt::Arguments<'_>) {
    let mut text = String::<64>::new();
    write!(text, "!{} {problem}", name as char).ok();
    endpoint.sendto(text.as_bytes(), Some(*peer)).ok();
}

/// A serial port's side.
struct Port {
    name: u8,
    route: Option<Route>,
    /// The next datagram, which begins with the name. There is always room for what is received at a time.
    packet: Vec<u8, PACKET>,
    is_timed: bool,
}

impl Port {
    fn new(name: u8) -> Port {
        Port { name, route: None, packet: [name].into_iter().collect(), is_timed: false }
    }

    /// Sends what has been received. If that cannot be sent, it stays, and [`Gateway::pause_writing`] was called: nothing more
    /// is received before it is tried again.
    fn send(&mut self) {
        if self.packet.len() > 1
            && let Some((endpoint, peer)) = &mut self.route
            && endpoint.sendto(&self.packet, Some(*peer)).is_ok()
        {
            self.packet.truncate(1);
        }
    }

    /// Sends it in a moment; false if there is no memory for a timer.
    fn send_later(&mut self, transport: &dyn Transport) -> bool {
        let protocol = transport.get_protocol();
        let in_time = move |_: &EventLoop| {
            protocol.and_then(|protocol| {
                protocol.with(|port: &mut Port| {
                    port.is_timed = false;
                    port.send();
                })
            });
        };
        self.is_timed = self.is_timed || transport.event_loop().call_later(PATIENCE.millis(), in_time).is_ok();
        self.is_timed
    }
}

impl Protocol for Port {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        transport.pause_reading();
    }

    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        self.packet.extend_from_slice(data).ok();
        if self.packet.len() > PACKET - RECEIVE || !self.send_later(transport) {
            self.send();
        }
    }

    fn eof_received(&mut self, _: &mut dyn Transport) -> bool {
        self.send();
        // What comes from the network is still sent.
        true
    }

    fn line_error(&mut self, transport: &mut dyn Transport, error: LineError) {
        self.send();
        if let Some(route) = &mut self.route {
            tell(route, self.name, format_args!("{error}"));
        }
        // Others than these are for ever.
        if !matches!(error, LineError::Overrun | LineError::Framing | LineError::Parity | LineError::Break) {
            transport.abort_with(error);
        }
    }
}

/// The network's side.
struct Gateway {
    ports: [TransportHandle; 2],
    peer: Option<SocketAddr>,
}

impl Gateway {
    fn for_each_port(&mut self, mut work: impl FnMut(&mut TransportHandle, &mut Port)) {
        for transport in &mut self.ports {
            // A port that has failed has no protocol any more.
            if let Some(protocol) = transport.get_protocol() {
                protocol.with(|port: &mut Port| work(transport, port));
            }
        }
    }

    fn set_peer(&mut self, endpoint: &dyn DatagramTransport, peer: SocketAddr) {
        let is_first = self.peer.replace(peer).is_none();
        self.for_each_port(|transport, port| {
            port.route = Some((endpoint.handle(), peer));
            if is_first {
                transport.resume_reading();
            }
        });
    }
}

impl DatagramProtocol for Gateway {
    fn connection_made(&mut self, endpoint: &mut dyn DatagramTransport) {
        if let Some(address) = endpoint.get_extra_info("sockname").and_then(|info| info.address()) {
            println!("uart_gateway on {address}");
        }
        println!("net up");
    }

    fn datagram_received(&mut self, endpoint: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        if self.peer != Some(from) {
            self.set_peer(endpoint, from);
        }
        let Some((&name, bytes)) = data.split_first() else { return };
        let mut route = (endpoint.handle(), from);
        let Some(port) = self.ports.get_mut(usize::from(name.wrapping_sub(b'1'))) else {
            return tell(&mut route, name, format_args!("no such port"));
        };
        match port.write(bytes) {
            Ok(()) => {}
            Err(WriteError::Full { written }) => {
                tell(&mut route, name, format_args!("full: {} bytes lost", bytes.len() - written));
            }
            Err(error) => tell(&mut route, name, format_args!("{error}")),
        }
    }

    fn error_received(&mut self, _: &mut dyn DatagramTransport, error: LineError) {
        println!("error: {error}");
    }

    fn pause_writing(&mut self) {
        self.ports.iter_mut().for_each(ReadTransport::pause_reading);
    }

    fn resume_writing(&mut self) {
        self.for_each_port(|transport, port| {
            port.send();
            transport.resume_reading();
        });
    }
}

#[segno::coroutine]
async fn serve(
    lp: &'static EventLoop,
    uart1: impl Serial + 'static,
    uart2: impl Serial + 'static,
    network: impl Network,
    local: SocketAddr,
) -> Result<(), LineError> {
    let (one, _) = lp.connect_uart::<RECEIVE, TRANSMIT>(uart1, Port::new(b'1')).await?;
    let (two, _) = lp.connect_uart::<RECEIVE, TRANSMIT>(uart2, Port::new(b'2')).await?;
    let gateway = Gateway { ports: [one, two], peer: None };
    let (endpoint, _) = lp.create_datagram_endpoint::<LONGEST, QUEUE>(network, gateway, Some(local), None).await?;
    endpoint.wait_closed().await;
    Ok(())
}

/// Serves for ever, on `local`.
pub fn main(
    lp: &'static EventLoop,
    uart1: impl Serial + 'static,
    uart2: impl Serial + 'static,
    network: impl Network,
    local: SocketAddr,
) {
    match lp.run_until_complete(serve(lp, uart1, uart2, network, local)) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => println!("error: {error}"),
        Err(error) => println!("error: {error}"),
    }
    lp.close().ok();
}
