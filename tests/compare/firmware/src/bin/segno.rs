//! segno: its loop, its board, its network.

#![no_std]
#![no_main]

use core::net::{Ipv4Addr, SocketAddr};

use board::{Board, Ethernet, entry, start};
use segno::LoopMemory;
use segno::prelude::*;
use segno_compare_firmware::*;
use segno_smoltcp::{Settings, StackMemory};

const LOCAL: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT);

#[cfg(feature = "udp")]
mod echo {
    use super::*;

    pub static MEMORY: LoopMemory<4096> = LoopMemory::new();
    pub static NETWORK: StackMemory<Ethernet, 1, UDP_BYTES, 0, 0> = StackMemory::new();

    struct Echo;

    impl DatagramProtocol for Echo {
        fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
            transport.sendto(data, Some(from)).ok();
        }
    }

    /// Room for an answer that the stack has no room for, and 25 bytes more.
    const QUEUE: usize = LONGEST + 25;

    #[segno::coroutine]
    pub async fn serve(lp: &'static EventLoop, network: impl Network) {
        let endpoint = lp.create_datagram_endpoint::<LONGEST, QUEUE>(network, Echo, Some(LOCAL), None).await;
        if let Ok((transport, _)) = endpoint {
            transport.wait_closed().await;
        }
    }
}

#[cfg(feature = "tcp")]
mod echo {
    use super::*;

    pub static MEMORY: LoopMemory<4096> = LoopMemory::new();
    pub static NETWORK: StackMemory<Ethernet, 0, 0, 1, TCP_BYTES> = StackMemory::new();

    struct Echo(Option<TransportHandle>);

    impl Protocol for Echo {
        fn connection_made(&mut self, transport: &mut dyn Transport) {
            // Behind the mark there is room for one more read.
            transport.set_write_buffer_limits(Some(READ / 2), None).ok();
            self.0 = Some(transport.handle());
        }

        fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
            transport.write(data).ok();
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

    #[segno::coroutine]
    pub async fn serve(lp: &'static EventLoop, network: impl Network) {
        if let Ok(server) = lp.create_server::<READ, { READ + READ / 2 }>(network, || Echo(None), LOCAL) {
            server.serve_forever().await;
        }
    }
}

#[entry]
fn main() -> ! {
    start(&echo::MEMORY, |lp, board: Board| {
        let settings = Settings::of_qemu(lp.time().as_ticks());
        if let Ok(network) = echo::NETWORK.start(lp, board.ethernet.start(), settings) {
            lp.run_until_complete(echo::serve(lp, network)).ok();
        }
    })
}
