//! Transports and protocols beyond asyncio's traces: own receive buffers, queues that fill up, what fails inside a call.
#![cfg(feature = "ours")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use segno::prelude::*;
use segno::protocol::{Buffered, BufferedProtocol};
use segno::transport::{ByteStream, DatagramSocket, ProtocolHandle, SendError};
use segno::{ErrorContext, WakerCell};
use segno_tests::conformance::{new_loop, new_loop_of};
use segno_tests::memtransport::{Udp, Wire, pair};

fn settle(lp: &'static EventLoop) {
    lp.run_until_complete(sleep(1.millis())).unwrap();
}

fn connect(
    lp: &'static EventLoop,
    stream: impl ByteStream + 'static,
    protocol: impl Protocol + 'static,
) -> (TransportHandle, ProtocolHandle) {
    lp.run_until_complete(lp.connect_stream::<8, 8>(stream, protocol)).unwrap().unwrap()
}

/// Collects what it receives.
#[derive(Default)]
struct Sink {
    received: Vec<u8>,
    lost: Option<Option<LineError>>,
}

impl Protocol for Sink {
    fn data_received(&mut self, _: &mut dyn Transport, data: &[u8]) {
        self.received.extend(data);
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.lost = Some(cause);
    }
}

fn received(sink: &ProtocolHandle) -> Vec<u8> {
    sink.with(|sink: &mut Sink| sink.received.clone()).unwrap()
}

fn lost(sink: &ProtocolHandle) -> Option<Option<LineError>> {
    sink.with(|sink: &mut Sink| sink.lost).unwrap()
}

/// Frames of four bytes, received in place.
#[derive(Default)]
struct Frames {
    frame: [u8; 4],
    filled: usize,
    frames: Vec<[u8; 4]>,
    no_room: bool,
    ended: bool,
}

impl BufferedProtocol for Frames {
    fn get_buffer(&mut self, _: usize) -> &mut [u8] {
        if self.no_room { &mut [] } else { &mut self.frame[self.filled..] }
    }

    fn buffer_updated(&mut self, _: &mut dyn Transport, count: usize) {
        self.filled += count;
        if self.filled == 4 {
            self.filled = 0;
            self.frames.push(self.frame);
        }
    }

    fn eof_received(&mut self, _: &mut dyn Transport) -> bool {
        self.ended = true;
        false
    }
}

thread_local! {
    static TOLD: Cell<Option<(&'static str, Option<LineError>)>> = const { Cell::new(None) };
}

fn tell(_: &'static EventLoop, context: &ErrorContext) {
    TOLD.set(Some((context.message, context.cause)));
}

#[test]
fn a_buffered_protocol_receives_in_place() {
    let (lp, (one, other)) = (new_loop(), pair());
    let (mut one, _) = connect(lp, one, Sink::default());
    let (_, frames) = connect(lp, other, Buffered(Frames::default()));
    one.write(b"abcdef").unwrap();
    settle(lp);
    one.write(b"ghi").unwrap();
    one.write_eof().unwrap();
    settle(lp);
    frames
        .with(|Buffered(frames): &mut Buffered<Frames>| {
            assert_eq!((frames.frames.as_slice(), frames.filled), ([*b"abcd", *b"efgh"].as_slice(), 1));
            assert!(frames.ended);
        })
        .unwrap();
    assert!(one.is_closing());
}

#[test]
fn a_buffer_without_room_is_fatal() {
    let (lp, (one, other)) = (new_loop(), pair());
    lp.set_exception_handler(Some(tell));
    let (mut one, _) = connect(lp, one, Sink::default());
    let (other, _) = connect(lp, other, Buffered(Frames { no_room: true, ..Frames::default() }));
    one.write(b"x").unwrap();
    settle(lp);
    assert!(other.is_closing());
    let message = "Fatal error: protocol.buffer_updated() call failed.";
    assert_eq!(TOLD.take(), Some((message, Some(LineError::Protocol))));
}

#[test]
fn protocols_of_both_kinds_replace_each_other() {
    let (lp, (one, other)) = (new_loop(), pair());
    let (mut one, _) = connect(lp, one, Sink::default());
    let (mut other, sink) = connect(lp, other, Sink::default());
    one.write(b"plain").unwrap();
    settle(lp);
    let frames = lp.create_protocol(Buffered(Frames::default())).unwrap();
    other.set_protocol(frames.clone());
    one.write(b"four").unwrap();
    settle(lp);
    other.set_protocol(sink.clone());
    one.write(b" again").unwrap();
    settle(lp);
    assert_eq!(received(&sink), b"plain again");
    let frames = frames.with(|Buffered(frames): &mut Buffered<Frames>| frames.frames.clone());
    assert_eq!(frames.unwrap(), [*b"four"]);
}

/// Replaces itself by the protocol that it holds.
struct Upgrade(Option<ProtocolHandle>, Rc<()>);

impl Protocol for Upgrade {
    fn data_received(&mut self, transport: &mut dyn Transport, _: &[u8]) {
        let next = self.0.take().unwrap();
        transport.set_protocol(next);
        // This one goes on living while it is borrowed, whoever has let go of it.
        assert_eq!(Rc::strong_count(&self.1), 2);
    }
}

#[test]
fn a_protocol_may_replace_itself() {
    let (lp, (one, other)) = (new_loop(), pair());
    let (mut one, _) = connect(lp, one, Sink::default());
    let sink = lp.create_protocol(Sink::default()).unwrap();
    let alive = Rc::new(());
    let (_, upgrade) = connect(lp, other, Upgrade(Some(sink.clone()), alive.clone()));
    drop(upgrade);
    one.write(b"upgrade").unwrap();
    settle(lp);
    assert_eq!(Rc::strong_count(&alive), 1);
    one.write(b"after").unwrap();
    settle(lp);
    assert_eq!(received(&sink), b"after");
}

#[test]
fn what_the_device_takes_is_sent_within_the_call() {
    let (lp, wire) = (new_loop(), Wire::default());
    let (mut transport, _) = connect(lp, wire.clone(), Sink::default());
    wire.accept(5);
    transport.write(b"1234567").unwrap();
    assert_eq!((wire.sent(), transport.get_write_buffer_size()), (5, 2));
    // What waits is sent first.
    wire.accept(1);
    transport.write(b"8").unwrap();
    assert_eq!((wire.sent(), transport.get_write_buffer_size()), (5, 3));
    assert_eq!(transport.writelines(&[b"90", b"abcd", b"e"]), Err(WriteError::Full { written: 5 }));
    settle(lp);
    assert_eq!((wire.sent(), transport.get_write_buffer_size()), (6, 7));
    assert_eq!(transport.write_eof(), Err(WriteError::Unsupported));
    wire.accept(100);
    settle(lp);
    assert_eq!(wire.sent(), 13);
    transport.close();
    assert_eq!(transport.writelines(&[b"x"]), Err(WriteError::Closed));
}

#[test]
fn the_end_of_the_output_comes_after_what_was_written() {
    let (lp, (one, other)) = (new_loop(), pair());
    let (mut one, one_sink) = connect(lp, one, Sink::default());
    let (_, other_sink) = connect(lp, other, Sink::default());
    one.write(&[7; 8]).unwrap();
    one.write_eof().unwrap();
    one.write_eof().unwrap();
    assert_eq!(one.write(b"x"), Err(WriteError::AfterEof));
    settle(lp);
    assert_eq!(received(&other_sink), [7; 8]);
    assert_eq!((lost(&one_sink), lost(&other_sink)), (Some(None), Some(None)));
    assert_eq!(one.write_eof(), Err(WriteError::Closed));
}

#[test]
fn a_line_that_breaks_inside_write_is_lost_through_the_loop() {
    let (lp, (one, other)) = (new_loop(), pair());
    let (mut one, sink) = connect(lp, one, Sink::default());
    one.pause_reading();
    drop(other);
    assert_eq!(one.write(b"x"), Ok(()));
    assert_eq!(lost(&sink), None);
    assert_eq!(one.write(b"y"), Err(WriteError::Closed));
    settle(lp);
    assert_eq!(lost(&sink), Some(Some(LineError::BrokenPipe)));
}

#[test]
fn a_refused_byte_pauses_the_protocol_wherever_the_mark_is() {
    #[derive(Default)]
    struct Flow(Vec<&'static str>);
    impl Protocol for Flow {
        fn data_received(&mut self, transport: &mut dyn Transport, _: &[u8]) {
            assert_eq!(transport.write(&[0; 9]), Err(WriteError::Full { written: 8 }));
            self.0.push("refused in a callback");
        }

        fn pause_writing(&mut self) {
            self.0.push("pause");
        }

        fn resume_writing(&mut self) {
            self.0.push("resume");
        }
    }
    let (lp, wire) = (new_loop(), Wire::default());
    let (mut transport, flow) = connect(lp, wire.clone(), Flow::default());
    let log = || flow.with(|flow: &mut Flow| std::mem::take(&mut flow.0)).unwrap();
    transport.set_write_buffer_limits(Some(8), Some(0)).unwrap();
    transport.write(&[0; 8]).unwrap();
    assert_eq!(log(), [""; 0]);
    assert_eq!(transport.write(&[0]), Err(WriteError::Full { written: 0 }));
    assert_eq!(log(), ["pause"]);
    wire.accept(8);
    settle(lp);
    assert_eq!(log(), ["resume"]);
    wire.receive();
    settle(lp);
    assert_eq!(log(), ["refused in a callback", "pause"]);
}

#[test]
fn everyday_ends_are_not_told_to_the_exception_handler() {
    for (cause, told) in [(LineError::ConnectionReset, false), (LineError::Protocol, true)] {
        let (lp, (one, _other)) = (new_loop(), pair());
        lp.set_exception_handler(Some(tell));
        let (mut one, sink) = connect(lp, one, Sink::default());
        one.fatal_error(cause, "it broke");
        one.fatal_error(LineError::Other, "twice");
        settle(lp);
        assert_eq!(lost(&sink), Some(Some(cause)));
        assert_eq!(TOLD.take(), told.then_some(("it broke", Some(cause))));
    }
}

#[test]
fn the_protocol_of_another_type_or_in_a_callback_is_not_lent() {
    struct Nosy(Option<ProtocolHandle>);
    impl Protocol for Nosy {
        fn data_received(&mut self, transport: &mut dyn Transport, _: &[u8]) {
            let own = transport.get_protocol().unwrap();
            assert!(own.with(|_: &mut Nosy| ()).is_none());
            self.0 = Some(own);
        }
    }
    let (lp, (one, other)) = (new_loop(), pair());
    let (mut one, sink) = connect(lp, one, Sink::default());
    let (_, nosy) = connect(lp, other, Nosy(None));
    assert!(sink.with(|_: &mut Nosy| ()).is_none());
    one.write(b"x").unwrap();
    settle(lp);
    let own = nosy.with(|nosy: &mut Nosy| nosy.0.take()).unwrap();
    assert!(own == Some(nosy) && own != Some(sink));
}

#[test]
fn protocols_that_do_not_fit_are_handed_back() {
    let lp = new_loop_of(256);
    let kept = Rc::new(());
    let big = (kept.clone(), [0u8; 512]);
    struct Big(#[expect(dead_code, reason = "it only takes room")] (Rc<()>, [u8; 512]));
    impl Protocol for Big {
        fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
    }
    let refused = lp.create_protocol::<dyn Protocol, _>(Big(big)).map(drop).unwrap_err();
    assert_eq!(Rc::strong_count(&kept), 2);
    drop(refused.into_inner());
    assert_eq!(Rc::strong_count(&kept), 1);
    lp.close().unwrap();
    assert!(matches!(lp.create_protocol::<dyn Protocol, _>(Sink::default()), Err(Refused::Closed(_))));
}

/// A socket that takes a number of datagrams, and fails as it is told to.
#[derive(Default)]
struct Script {
    room: usize,
    failures: VecDeque<LineError>,
    sent: Vec<(Vec<u8>, Option<SocketAddr>)>,
    writer: WakerCell,
}

#[derive(Clone, Default)]
struct ScriptSocket(Rc<RefCell<Script>>);

impl ScriptSocket {
    fn accept(&self, count: usize) {
        let mut script = self.0.borrow_mut();
        script.room += count;
        script.writer.wake();
    }
}

impl DatagramSocket for ScriptSocket {
    fn try_receive(&mut self, _: &mut [u8]) -> nb::Result<(usize, SocketAddr), LineError> {
        WakerCell::new().register_current();
        Err(nb::Error::WouldBlock)
    }

    fn try_send(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> nb::Result<(), LineError> {
        let mut script = self.0.borrow_mut();
        if script.room == 0 {
            script.writer.register_current();
            return Err(nb::Error::WouldBlock);
        }
        script.room -= 1;
        match script.failures.pop_front() {
            Some(error) => Err(nb::Error::Other(error)),
            None => {
                script.sent.push((datagram.to_vec(), to));
                Ok(())
            }
        }
    }
}

#[derive(Default)]
struct Log(Vec<String>);

impl DatagramProtocol for Log {
    fn error_received(&mut self, _: &mut dyn DatagramTransport, error: LineError) {
        self.0.push(format!("{error:?}"));
    }

    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        transport.sendto(data, Some(from)).unwrap();
        self.0.push(format!("{} bytes", data.len()));
    }

    fn pause_writing(&mut self) {
        self.0.push("pause".into());
    }

    fn resume_writing(&mut self) {
        self.0.push("resume".into());
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.0.push(format!("lost {cause:?}"));
    }
}

fn take_log(protocol: &ProtocolHandle<dyn DatagramProtocol>) -> Vec<String> {
    protocol.with(|log: &mut Log| std::mem::take(&mut log.0)).unwrap()
}

#[test]
fn datagrams_that_wait_are_sent_whole_in_order_and_give_their_room_back() {
    let (lp, socket) = (new_loop(), ScriptSocket::default());
    let connecting = lp.connect_datagram_socket::<64, 200>(socket.clone(), Log::default());
    let (mut endpoint, log) = lp.run_until_complete(connecting).unwrap().unwrap();
    let v4 = SocketAddr::from((Ipv4Addr::new(10, 0, 2, 2), 7));
    let v6: SocketAddr = "[fe80::1%3]:65535".parse().unwrap();
    endpoint.set_write_buffer_limits(Some(60), Some(30)).unwrap();
    assert_eq!(endpoint.sendto(b"x", None), Err(SendError::NoAddress));
    for round in 0..50 {
        endpoint.sendto(b"", Some(v4)).unwrap();
        endpoint.sendto(b"two", Some(v6)).unwrap();
        assert_eq!(endpoint.get_write_buffer_size(), 25 + 28);
        endpoint.sendto(&[round; 100], Some(v4)).unwrap();
        assert_eq!(endpoint.sendto(b"no room", Some(v4)), Err(SendError::Full));
        assert_eq!(endpoint.sendto(&[0; 176], Some(v4)), Err(SendError::TooBig));
        assert_eq!(take_log(&log), ["pause"]);
        socket.accept(2);
        settle(lp);
        assert_eq!(take_log(&log), [""; 0]);
        socket.accept(1);
        settle(lp);
        assert_eq!(take_log(&log), ["resume"]);
        assert_eq!(endpoint.get_write_buffer_size(), 0);
        let sent = std::mem::take(&mut socket.0.borrow_mut().sent);
        assert_eq!(sent, [(vec![], Some(v4)), (b"two".to_vec(), Some(v6)), (vec![round; 100], Some(v4))]);
    }
    endpoint.sendto(b"last", Some(v4)).unwrap();
    endpoint.close();
    assert_eq!(endpoint.sendto(b"more", Some(v4)), Err(SendError::Closed));
    settle(lp);
    assert_eq!(take_log(&log), [""; 0]);
    socket.accept(1);
    settle(lp);
    assert_eq!(take_log(&log), ["lost None"]);
    assert_eq!(socket.0.borrow().sent.len(), 1);
}

/// Each datagram that waits takes its own bytes and 25 more.
#[test]
fn datagrams_at_n_minus_1_n_and_n_plus_1() {
    let (lp, socket) = (new_loop(), ScriptSocket::default());
    let connecting = lp.connect_datagram_socket::<64, 200>(socket.clone(), Log::default());
    let (mut endpoint, _) = lp.run_until_complete(connecting).unwrap().unwrap();
    let to = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 7)));
    let send_all = |socket: &ScriptSocket, count| {
        socket.accept(count);
        settle(lp);
        assert_eq!(std::mem::take(&mut socket.0.borrow_mut().sent).len(), count);
    };
    for _ in 0..3 {
        // One datagram.
        for (length, fits) in [(174, true), (175, true), (176, false)] {
            assert_eq!(endpoint.sendto(&vec![0; length], to), if fits { Ok(()) } else { Err(SendError::TooBig) });
            send_all(&socket, usize::from(fits));
        }
        // Eight of no bytes.
        (0..8).for_each(|_| endpoint.sendto(b"", to).unwrap());
        assert_eq!(endpoint.sendto(b"", to), Err(SendError::Full));
        send_all(&socket, 1);
        endpoint.sendto(b"", to).unwrap();
        assert_eq!(endpoint.sendto(b"", to), Err(SendError::Full));
        send_all(&socket, 8);
    }
}

/// What does not go out at once waits in the buffer: as many bytes as it has, and no more.
#[test]
fn bytes_at_n_minus_1_n_and_n_plus_1() {
    let lp = new_loop();
    for length in [7, 8, 9] {
        let wire = Wire::default();
        let (mut transport, _) = connect(lp, wire.clone(), Sink::default());
        let written = length.min(8);
        let answer = if length > 8 { Err(WriteError::Full { written }) } else { Ok(()) };
        assert_eq!((transport.write(&vec![7; length]), transport.get_write_buffer_size()), (answer, written));
        assert_eq!(transport.write(&[7; 8]), Err(WriteError::Full { written: 8 - written }));
        wire.accept(100);
        settle(lp);
        assert_eq!((wire.sent(), transport.get_write_buffer_size()), (8, 0));
        transport.close();
        settle(lp);
    }
}

#[test]
fn every_datagram_that_fails_is_told() {
    let (lp, socket) = (new_loop(), ScriptSocket::default());
    let connecting = lp.connect_datagram_socket::<64, 200>(socket.clone(), Log::default());
    let (mut endpoint, log) = lp.run_until_complete(connecting).unwrap().unwrap();
    let to = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 7)));
    let failures = [LineError::Unreachable, LineError::TooBig, LineError::Full];
    socket.0.borrow_mut().failures.extend(failures);
    socket.accept(4);
    for _ in 0..4 {
        endpoint.sendto(b"x", to).unwrap();
    }
    settle(lp);
    assert_eq!(take_log(&log), ["Unreachable", "TooBig", "Full"]);
    assert_eq!(socket.0.borrow().sent.len(), 1);
    endpoint.sendto(b"dropped", to).unwrap();
    endpoint.abort();
    settle(lp);
    assert_eq!(take_log(&log), ["lost None"]);
}

#[test]
fn a_datagram_that_is_too_long_for_the_buffer_is_an_error_and_not_a_piece() {
    let (lp, udp) = (new_loop(), Udp::default());
    let server = lp.connect_datagram_socket::<16, 100>(udp.socket(None), Log::default());
    let (server, log) = lp.run_until_complete(server).unwrap().unwrap();
    let address = server.get_extra_info("sockname").unwrap().address();
    let client = lp.connect_datagram_socket::<100, 100>(udp.socket(address), Log::default());
    let (mut client, client_log) = lp.run_until_complete(client).unwrap().unwrap();
    for length in [16, 17, 0] {
        client.sendto(&vec![1; length], None).unwrap();
    }
    // Once there is an echo, the echo of the echo would never end.
    client.set_protocol(lp.create_protocol(Quiet).unwrap());
    settle(lp);
    assert_eq!(take_log(&log), ["16 bytes", "TooBig", "0 bytes"]);
    assert_eq!(take_log(&client_log), [""; 0]);
}

struct Quiet;

impl DatagramProtocol for Quiet {}
