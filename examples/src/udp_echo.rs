//! UDP echo: every datagram goes back to where it came from.

use core::net::SocketAddr;

use segno::prelude::*;

/// The port of the echo service.
pub const PORT: u16 = 7;

/// The longest datagram: what fits into one frame of an Ethernet.
const LONGEST: usize = 1472;

/// Room for an answer that the network has no room for, and 25 bytes more.
const QUEUE: usize = LONGEST + 25;

struct Echo;

impl DatagramProtocol for Echo {
    fn connection_made(&mut self, transport: &mut dyn DatagramTransport) {
        if let Some(address) = transport.get_extra_info("sockname").and_then(|info| info.address()) {
            // An address in words takes 3 KiB of flash.
            println!("udp_echo on port {}", address.port());
        }
        println!("net up");
    }

    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        // There is room for some. UDP may lose datagrams, but not without a word.
        if let Err(error) = transport.sendto(data, Some(from)) {
            println!("error: {} bytes that came: {error}", data.len());
        }
    }

    fn error_received(&mut self, _: &mut dyn DatagramTransport, error: LineError) {
        println!("error: {error}");
    }
}

#[segno::coroutine]
async fn serve(lp: &'static EventLoop, network: impl Network, local: SocketAddr) -> Result<(), LineError> {
    let (transport, _) = lp.create_datagram_endpoint::<LONGEST, QUEUE>(network, Echo, Some(local), None).await?;
    transport.wait_closed().await;
    Ok(())
}

/// Serves for ever, on `local`.
pub fn main(lp: &'static EventLoop, network: impl Network, local: SocketAddr) {
    match lp.run_until_complete(serve(lp, network, local)) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => println!("error: {error}"),
        Err(error) => println!("error: {error}"),
    }
    lp.close().ok();
}
