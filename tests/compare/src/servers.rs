//! The servers that are written in Rust. Each prints its port.

use std::net::{Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno_sim::{Board, Sim};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Bytes that are read at a time.
const READ: usize = 32 * 1024;

struct Tcp(Option<TransportHandle>);

impl Protocol for Tcp {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        // Behind the mark there is room for one more read.
        let (_, mark) = transport.get_write_buffer_limits();
        transport.set_write_buffer_limits(Some(mark / 2), None).expect("a mark within the buffer");
        self.0 = Some(transport.handle());
    }

    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        transport.write(data).expect("it was paused before");
    }

    fn pause_writing(&mut self) {
        self.0.iter_mut().for_each(ReadTransport::pause_reading);
    }

    fn resume_writing(&mut self) {
        self.0.iter_mut().for_each(ReadTransport::resume_reading);
    }

    fn connection_lost(&mut self, _: Option<LineError>) {
        // The transport refers to this, and this to the transport.
        self.0 = None;
    }
}

struct Udp;

impl DatagramProtocol for Udp {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        transport.sendto(data, Some(from)).expect("room for a window");
    }
}

fn serve_tcp<const RX: usize, const TX: usize>(board: Board) {
    let lp = board.event_loop_of(1024 * 1024);
    let server = lp.create_server::<RX, TX>(board.host_network(), || Tcp(None), LOCAL);
    let server = server.expect("it listens");
    std::println!("{}", server.address().port());
    lp.run_until_complete(server.serve_forever()).expect("it serves for ever");
}

fn serve_udp(board: Board) {
    let lp = board.event_loop_of(1024 * 1024);
    let endpoint = lp.create_datagram_endpoint::<2048, 40_000>(board.host_network(), Udp, Some(LOCAL), None);
    let (transport, _) = lp.run_until_complete(endpoint).expect("it runs").expect("a socket");
    let address = transport.get_extra_info("sockname").and_then(|info| info.address()).expect("an address");
    std::println!("{}", address.port());
    lp.run_until_complete(transport.wait_closed()).expect("it serves for ever");
}

/// segno on the host's sockets.
pub fn segno(kind: &str) {
    let mut sim = Sim::new(0);
    sim.record(false);
    let program: fn(Board) = match kind {
        "tcp" => serve_tcp::<READ, { 2 * READ - 1 }>,
        // All buffers are in the loop's mebibyte.
        "many" => serve_tcp::<2048, 8192>,
        _ => serve_udp,
    };
    sim.node("server", program);
    sim.try_run(None).expect("it serves for ever");
}

/// tokio's current-thread runtime.
pub fn tokio(kind: &str) -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    runtime.block_on(async {
        if kind == "udp" {
            let socket = tokio::net::UdpSocket::bind(LOCAL).await.expect("a socket");
            std::println!("{}", socket.local_addr().expect("an address").port());
            let mut buffer = [0; 2048];
            loop {
                let (count, from) = socket.recv_from(&mut buffer).await.expect("a datagram");
                socket.send_to(&buffer[..count], from).await.expect("room for a datagram");
            }
        }
        let listener = tokio::net::TcpListener::bind(LOCAL).await.expect("it listens");
        std::println!("{}", listener.local_addr().expect("an address").port());
        let local = tokio::task::LocalSet::new();
        local
            .run_until(async move {
                loop {
                    let (mut stream, _) = listener.accept().await.expect("a connection");
                    stream.set_nodelay(true).expect("a socket without delay");
                    tokio::task::spawn_local(async move {
                        let mut buffer = vec![0; READ];
                        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                            if stream.write_all(&buffer[..count]).await.is_err() {
                                break;
                            }
                        }
                    });
                }
            })
            .await
    })
}
