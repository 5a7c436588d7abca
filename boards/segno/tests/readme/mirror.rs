//! The README's protocol.

use segno::prelude::*;
use segno::transport::Serial;

/// Sends back what it receives.
struct Mirror;

impl Protocol for Mirror {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        transport.write(b"hello\n").ok();
    }

    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        transport.write(data).ok();
    }
}

#[segno::coroutine]
async fn serve(lp: &'static EventLoop, port: impl Serial + 'static) -> Result<(), Refused<()>> {
    let (transport, _) = lp.connect_uart::<16, 64>(port, Mirror).await?;
    transport.wait_closed().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use segno_sim::Sim;

    #[test]
    fn it_answers() {
        let mut sim = Sim::new(1);
        let node = sim.node("mirror", |board| {
            let lp = board.event_loop();
            lp.run_until_complete(super::serve(lp, board.uart(0))).unwrap().unwrap();
        });
        node.uart(0).send("ping\n");
        node.uart(0).close();
        sim.run_until_idle();
        assert!(node.finished());
        assert_eq!(&node.uart(0).received()[..], b"hello\nping\n");
    }
}
