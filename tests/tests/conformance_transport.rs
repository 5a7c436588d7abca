//! Transports and protocols against asyncio's traces: the order of callbacks, flow control, errors.
#![cfg(feature = "ours")]

use std::net::{Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::transport::{DatagramHandle, ProtocolHandle, SendError};
use segno_tests::conformance::{Repr, cause, conforms, new_loop_of, raised_type, run};
use segno_tests::memtransport::{Udp, Wire, pair};
use segno_tests::{log, say};

/// Lets everything happen that is on its way; asyncio's scenarios sleep as long.
fn settle() -> segno::Sleep {
    sleep(20.millis())
}

mod stream {
    use super::*;

    /// The scenario's protocol.
    struct P {
        tag: &'static str,
        keep_open: bool,
        explodes: bool,
        received: Vec<u8>,
        transport: Option<TransportHandle>,
    }

    impl P {
        fn new(tag: &'static str) -> P {
            P { tag, keep_open: false, explodes: false, received: Vec::new(), transport: None }
        }
    }

    impl Protocol for P {
        fn connection_made(&mut self, transport: &mut dyn Transport) {
            self.transport = Some(transport.handle());
            let (closing, reading) = (transport.is_closing().repr(), transport.is_reading().repr());
            say!("{} connection_made is_closing {closing} reading {reading}", self.tag);
        }

        fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
            if self.explodes {
                // Python's `raise ValueError("x")`.
                let message = "Fatal error: protocol.data_received() call failed.";
                return transport.fatal_error(LineError::Protocol, message);
            }
            self.received.extend(data);
            say!("{} data_received {}", self.tag, data.repr());
        }

        fn eof_received(&mut self, _: &mut dyn Transport) -> bool {
            say!("{} eof_received -> {}", self.tag, self.keep_open.repr());
            self.keep_open
        }

        fn connection_lost(&mut self, reason: Option<LineError>) {
            let closing = self.transport.as_ref().is_none_or(|transport| transport.is_closing());
            say!("{} connection_lost {} is_closing {}", self.tag, cause(reason), closing.repr());
        }
    }

    type Side = (TransportHandle, ProtocolHandle);

    #[segno::coroutine]
    async fn connect(lp: &'static EventLoop, keep_open: bool, explodes: bool) -> (TransportHandle, Side) {
        let (one, other) = pair();
        let (a, _) = lp.connect_stream::<64, 64>(one, P::new("A")).await.unwrap();
        let b = lp.connect_stream::<64, 64>(other, P { keep_open, explodes, ..P::new("B") }).await.unwrap();
        (a, b)
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        say!("--- A writes and closes: B gets data, EOF, then closes itself");
        let (mut a, _) = connect(lp, false, false).await;
        a.write(b"hello").unwrap();
        settle().await;
        a.close();
        say!("A.close() returned; is_closing {} - connection_lost not called yet", a.is_closing().repr());
        a.close();
        settle().await;

        say!("--- half close: B keeps its side open and may still answer");
        let (mut a, (mut b, _)) = connect(lp, true, false).await;
        say!("can_write_eof {}", a.can_write_eof().repr());
        a.write(b"request").unwrap();
        a.write_eof().unwrap();
        if let Err(error) = a.write(b"more") {
            say!("write after write_eof: {}", raised_type(&error));
        }
        settle().await;
        b.write(b"answer after EOF").unwrap();
        settle().await;
        b.close();
        settle().await;

        say!("--- abort: buffered data is dropped, connection_lost(None)");
        let (mut a, _) = connect(lp, false, false).await;
        a.abort();
        settle().await;

        say!("--- pause_reading / resume_reading");
        let (mut a, (mut b, b_protocol)) = connect(lp, false, false).await;
        b.pause_reading();
        say!("B reading {}", b.is_reading().repr());
        a.write(b"one").unwrap();
        a.write(b"two").unwrap();
        settle().await;
        say!("nothing delivered: {}", b_protocol.with(|b: &mut P| b.received.repr()).unwrap());
        b.pause_reading();
        b.resume_reading();
        b.resume_reading();
        settle().await;

        say!("--- set_protocol in mid stream");
        let c = lp.create_protocol(P { transport: Some(b.clone()), ..P::new("C") }).unwrap();
        b.set_protocol(c.clone());
        say!("get_protocol is C: {}", (b.get_protocol() == Some(c)).repr());
        a.write(b"for C").unwrap();
        settle().await;
        a.close();
        settle().await;

        say!("--- an exception in data_received is fatal for the connection, not for the loop");
        lp.set_exception_handler(Some(|_, context| {
            say!("HANDLER {} {}", context.message, raised_type(&context.cause.unwrap()));
        }));
        let (mut a, _) = connect(lp, false, true).await;
        a.write(b"boom").unwrap();
        // The scenario looks at the transport after its end; here it knows its device only while that is there.
        let info =
            [a.get_extra_info("no such").is_none().then_some(()).repr(), a.get_extra_info("socket").is_some().repr()];
        let default = a.get_extra_info("no such").map_or(5, |_| 0);
        settle().await;
        say!("extra info: {} {default} {}", info[0].replace("()", "None"), info[1]);
    }

    #[test]
    fn s31_callbacks_come_in_order_and_once() {
        conforms(include_str!("../traces/31.out"), || run(scenario));
    }
}

mod flow {
    use super::*;

    struct P {
        transport: Option<TransportHandle>,
    }

    impl P {
        fn size(&self) -> usize {
            self.transport.as_ref().map_or(0, |transport| transport.get_write_buffer_size())
        }
    }

    impl Protocol for P {
        fn connection_made(&mut self, transport: &mut dyn Transport) {
            self.transport = Some(transport.handle());
            log!("connection_made");
        }

        fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}

        fn pause_writing(&mut self) {
            log!("  pause_writing, size {}", self.size());
        }

        fn resume_writing(&mut self) {
            log!("  resume_writing, size {}", self.size());
        }

        fn connection_lost(&mut self, reason: Option<LineError>) {
            log!("  connection_lost {}", cause(reason));
        }
    }

    fn write(transport: &mut TransportHandle, count: usize) {
        log!("write {count}");
        transport.write(&vec![b'.'; count]).unwrap();
    }

    /// The hardware takes bytes: an interrupt, which the transport's task answers in the turns after it.
    #[segno::coroutine]
    async fn drain(wire: &Wire, count: usize) {
        log!("hardware takes {count}");
        wire.accept(count);
        for _ in 0..3 {
            sleep(0.millis()).await;
        }
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let wire = Wire::default();
        let (mut tr, _) = lp.connect_stream::<16, 65535>(wire.clone(), P { transport: None }).await.unwrap();
        log!("default limits (low, high) {}", tr.get_write_buffer_limits().repr());
        tr.set_write_buffer_limits(Some(100), None).unwrap();
        log!("high=100 -> {}", tr.get_write_buffer_limits().repr());
        tr.set_write_buffer_limits(None, Some(30)).unwrap();
        log!("low=30 -> {}", tr.get_write_buffer_limits().repr());
        tr.set_write_buffer_limits(Some(10), Some(4)).unwrap();
        for (high, low) in [(3, 5), (5, -1)] {
            // A mark below zero cannot even be said.
            let refused = usize::try_from(low).map(|low| tr.set_write_buffer_limits(Some(high), Some(low)).is_err());
            if refused.unwrap_or(true) {
                log!("ValueError for high, low = {}", format_args!("({high}, {low})"));
            }
        }
        log!("limits kept {}", tr.get_write_buffer_limits().repr());
        write(&mut tr, 10);
        write(&mut tr, 1);
        write(&mut tr, 5);
        drain(&wire, 6).await;
        drain(&wire, 5).await;
        drain(&wire, 1).await;
        drain(&wire, 4).await;
        log!("zero marks: pause whenever non-empty, resume only when empty");
        tr.set_write_buffer_limits(Some(0), None).unwrap();
        log!("{}", tr.get_write_buffer_limits().repr());
        write(&mut tr, 2);
        drain(&wire, 1).await;
        drain(&wire, 1).await;
        log!("lowering high below the current size pauses at once; raising it does not resume");
        tr.set_write_buffer_limits(Some(10), Some(0)).unwrap();
        write(&mut tr, 5);
        tr.set_write_buffer_limits(Some(3), Some(1)).unwrap();
        tr.set_write_buffer_limits(Some(10), Some(9)).unwrap();
        drain(&wire, 1).await;
        log!("close with data pending: connection_lost only after the flush");
        tr.close();
        sleep(1.millis()).await;
        log!("is_closing {} left {}", tr.is_closing().repr(), tr.get_write_buffer_size());
        drain(&wire, 4).await;
        log!("sent {}", wire.sent());
    }

    #[test]
    fn s32_water_marks_are_kept_exactly() {
        conforms(include_str!("../traces/32.out"), || {
            let lp = new_loop_of(256 * 1024);
            lp.run_until_complete(scenario(lp)).unwrap();
            lp.close().unwrap();
        });
    }
}

mod datagram {
    use super::*;

    struct U {
        tag: &'static str,
        /// Who has sent the newest datagram.
        from: Option<SocketAddr>,
    }

    impl DatagramProtocol for U {
        fn connection_made(&mut self, _: &mut dyn DatagramTransport) {
            say!("{} connection_made", self.tag);
        }

        fn datagram_received(&mut self, _: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
            say!("{} datagram_received {} from a loopback port: {}", self.tag, data.repr(), from.ip());
            self.from = Some(from);
        }

        fn error_received(&mut self, _: &mut dyn DatagramTransport, error: LineError) {
            say!("{} error_received {}", self.tag, raised_type(&error));
        }

        fn connection_lost(&mut self, reason: Option<LineError>) {
            say!("{} connection_lost {}", self.tag, cause(reason));
        }
    }

    fn address(transport: &DatagramHandle, name: &str) -> SocketAddr {
        transport.get_extra_info(name).unwrap().address().unwrap()
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let udp = Udp::default();
        let endpoint = U { tag: "server", from: None };
        let (mut server, protocol) = lp.connect_datagram_socket::<64, 256>(udp.socket(None), endpoint).await.unwrap();
        let addr = address(&server, "sockname");
        let endpoint = U { tag: "client", from: None };
        let (mut client, _) = lp.connect_datagram_socket::<64, 256>(udp.socket(Some(addr)), endpoint).await.unwrap();
        say!("client peername is the server: {}", (address(&client, "peername") == addr).repr());
        client.sendto(b"one", None).unwrap();
        client.sendto(b"two", Some(addr)).unwrap();
        settle().await;
        let elsewhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        if let Err(error) = client.sendto(b"x", Some(elsewhere)) {
            assert_eq!(error, SendError::WrongAddress);
            say!("connected client, other address: {}", raised_type(&error));
        }
        say!("boundaries kept; a zero-length datagram is legal");
        client.sendto(b"", None).unwrap();
        settle().await;
        let who = protocol.with(|server: &mut U| server.from).unwrap();
        server.sendto(b"reply", who).unwrap();
        settle().await;
        say!("--- peer gone: the ICMP error comes to error_received, the endpoint stays open");
        server.close();
        say!("close() returned, is_closing {}", server.is_closing().repr());
        settle().await;
        client.sendto(b"to nobody", None).unwrap();
        settle().await;
        say!("client is_closing {}", client.is_closing().repr());
        // What is no bytes does not compile.
        say!("str is refused: TypeError");
        client.abort();
        settle().await;
    }

    #[test]
    fn s35_one_datagram_is_one_call() {
        conforms(include_str!("../traces/35.out"), || run(scenario));
    }
}
