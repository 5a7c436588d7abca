//! What CPython's own tests of transports, protocols and streams pin down, and asyncio's traces here do not show.
//!
//! | CPython's test | here |
//! |---|---|
//! | `test_transports`: `flowcontrol_mixin_set_write_limits` | trace 32 |
//! | `get_extra_info`, `not_implemented`; `test_protocols`: defaults | `what_a_protocol_leaves_out_does_nothing` |
//! | `SelectorSocketTransport`: `pause_resume_reading`, `read_ready_eof(_keep_open)`, `abort` | `runtime/tests/uart.rs`, trace 31 |
//! | `pause_reading_connection_made` | `reading_may_be_paused_before_it_begins` |
//! | `data_received_error`, `read_eof_received_error` | `a_callback_that_cannot_go_on_ends_its_connection_only` |
//! | `write_partial`, `write_tryagain` | trace 32, `transports.rs` |
//! | `write_ready_closing`, `close_write_buffer`, `force_close` | `close_sends_what_is_buffered_and_abort_does_not` |
//! | `write_eof`, `write_eof_buffer` | `transports.rs` |
//! | `BufferedProtocol`: `get_buffer_zerosized`, `proto_type_switch` | `transports.rs` |
//! | `get_buffer_error`, `buffer_updated_error` | `a_callback_that_cannot_go_on_ends_its_connection_only` |
//! | `_SelectorDatagramTransport`: `sendto*`, `sendto_ready*`, `sendto_error_received*` | trace 35, `transports.rs` |
//! | `sendto_closing`, `close` with a queue | `a_datagram_endpoint_that_closes_sends_its_queue_and_takes_no_more` |
//! | `test_streams`: `readline*`, `readuntil*`, `readexactly*`, `read_until_eof` | trace 34; against a model: `tests/hostile` |
//! | `exception_waiter`, `exception_cancel` | `who_reads_is_told_of_an_error_and_may_be_cancelled` |
//! | `multiple_drain`, `drain_raises` | `conformance_streams.rs`, `conformance_programs/drains.rs` |
//! | `wait_closed_on_close(_with_unread_data)`, `eof_feed_when_closing_writer` | `a_writer_that_closes_ends_its_reader` |
//! | `UnixReadPipeTransport`, `UnixWritePipeTransport`, `test_subprocess` | trace 36, `boards/sim/tests/processes.rs` |
//! | `test_events`: `create_datagram_endpoint`, `datagram_send_to_non_listening_address` | `boards/sim/tests/servers.rs` |
//! | MicroPython: `readall`, `readexactly`, `close_write`, `cancel_stream`, `start_server`, `client_rst` | `boards/sim/tests/servers.rs` |
//!
//! `readuntil` with several separators is in `conformance_streams.rs`. A terminal is a serial port (`HostSerial`), and no pipe.
#![cfg(feature = "ours")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use segno::ErrorContext;
use segno::prelude::*;
use segno::protocol::{Buffered, BufferedProtocol};
use segno::transport::SendError;
use segno_tests::conformance::{new_loop, run};
use segno_tests::memtransport::{Udp, Wire, pair};

fn settle(lp: &'static EventLoop) {
    lp.run_until_complete(sleep(1.millis())).unwrap();
}

type Log = Rc<RefCell<Vec<String>>>;

/// Notes what it is told, and does what it is asked to.
#[derive(Default)]
struct Noting {
    log: Log,
    pause_at_once: bool,
    fail_on: &'static [u8],
    fail_at_eof: bool,
}

impl Protocol for Noting {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        if self.pause_at_once {
            transport.pause_reading();
        }
        self.log.borrow_mut().push("made".into());
    }

    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        self.log.borrow_mut().push(String::from_utf8_lossy(data).into());
        if data == self.fail_on {
            transport.fatal_error(LineError::Protocol, "Fatal error: protocol.data_received() call failed.");
        }
    }

    fn eof_received(&mut self, transport: &mut dyn Transport) -> bool {
        self.log.borrow_mut().push("eof".into());
        if self.fail_at_eof {
            transport.fatal_error(LineError::Protocol, "Fatal error: protocol.eof_received() call failed.");
        }
        true
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.log.borrow_mut().push(format!("lost {cause:?}"));
    }
}

fn took(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.borrow_mut())
}

/// Leaves out all that it may.
struct Silent;

impl Protocol for Silent {
    fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
}

impl DatagramProtocol for Silent {}

#[test]
fn what_a_protocol_leaves_out_does_nothing() {
    let (lp, (one, other)) = (new_loop(), pair());
    let (mut silent, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(one, Silent)).unwrap().unwrap();
    let (mut other, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(other, Silent)).unwrap().unwrap();
    assert_eq!((silent.get_extra_info("no such thing"), silent.get_extra_info("peername")), (None, None));
    silent.set_write_buffer_limits(Some(0), None).unwrap();
    silent.write(b"abc").unwrap();
    // Without a word of its own, the end of the input ends the connection.
    other.write_eof().unwrap();
    settle(lp);
    assert!(silent.is_closing() && silent.get_protocol().is_none());
    settle(lp);
    assert!(other.is_closing());
    assert_eq!(lp.all_tasks().count(), 0);
}

#[test]
fn reading_may_be_paused_before_it_begins() {
    let (lp, (one, other)) = (new_loop(), pair());
    let log = Log::default();
    let noting = Noting { log: log.clone(), pause_at_once: true, ..Noting::default() };
    let (mut other, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(other, Silent)).unwrap().unwrap();
    other.write(b"early").unwrap();
    let (mut one, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(one, noting)).unwrap().unwrap();
    settle(lp);
    assert_eq!((took(&log), one.is_reading()), (vec!["made".to_owned()], false));
    one.resume_reading();
    settle(lp);
    assert_eq!((took(&log), one.is_reading()), (vec!["early".to_owned()], true));
    // Paused, and resumed before the loop turns: nothing is lost, nothing comes twice.
    one.pause_reading();
    other.write(b"late").unwrap();
    one.resume_reading();
    one.resume_reading();
    settle(lp);
    assert_eq!(took(&log), ["late"]);
}

thread_local! {
    static TOLD: Cell<Option<(&'static str, Option<LineError>)>> = const { Cell::new(None) };
}

fn tell(_: &'static EventLoop, context: &ErrorContext) {
    TOLD.set(Some((context.message, context.cause)));
}

/// Has room, and cannot go on with what came.
struct Picky(Log, [u8; 4]);

impl BufferedProtocol for Picky {
    fn get_buffer(&mut self, _: usize) -> &mut [u8] {
        &mut self.1
    }

    fn buffer_updated(&mut self, transport: &mut dyn Transport, count: usize) {
        self.0.borrow_mut().push(format!("{count} bytes"));
        transport.fatal_error(LineError::Protocol, "Fatal error: protocol.buffer_updated() call failed.");
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.0.borrow_mut().push(format!("lost {cause:?}"));
    }
}

/// Cannot go on with anything.
struct Unable(Log);

impl BufferedProtocol for Unable {
    fn get_buffer(&mut self, _: usize) -> &mut [u8] {
        &mut []
    }

    fn buffer_updated(&mut self, _: &mut dyn Transport, _: usize) {
        panic!("there was no buffer");
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.0.borrow_mut().push(format!("lost {cause:?}"));
    }
}

#[test]
fn a_callback_that_cannot_go_on_ends_its_connection_only() {
    let lp = new_loop();
    lp.set_exception_handler(Some(tell));
    let fails = |fail_on: &'static [u8], fail_at_eof| {
        let (one, other) = pair();
        let log = Log::default();
        let noting = Noting { log: log.clone(), fail_on, fail_at_eof, ..Noting::default() };
        let (one, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(one, noting)).unwrap().unwrap();
        let (mut other, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(other, Silent)).unwrap().unwrap();
        other.write(b"bad").unwrap();
        settle(lp);
        // Unless it has lost the connection already.
        other.write_eof().ok();
        settle(lp);
        settle(lp);
        assert!(one.is_closing());
        (took(&log), TOLD.take())
    };
    let failed = |name| Some((name, Some(LineError::Protocol)));
    let lost = "lost Some(Protocol)".to_owned();
    let (log, told) = fails(b"bad", false);
    assert_eq!(log, ["made".into(), "bad".into(), lost.clone()]);
    assert_eq!(told, failed("Fatal error: protocol.data_received() call failed."));
    let (log, told) = fails(b"", true);
    assert_eq!(log, ["made".into(), "bad".into(), "eof".into(), lost.clone()]);
    assert_eq!(told, failed("Fatal error: protocol.eof_received() call failed."));
    // The same, with a buffer of its own; what comes behind it is not delivered.
    let (one, other) = pair();
    let log = Log::default();
    let picky = Buffered(Picky(log.clone(), [0; 4]));
    let (one, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(one, picky)).unwrap().unwrap();
    let (mut other, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(other, Silent)).unwrap().unwrap();
    other.write(b"abcdefg").unwrap();
    settle(lp);
    assert!(one.is_closing());
    assert_eq!(took(&log), ["4 bytes".into(), lost.clone()]);
    assert_eq!(TOLD.take(), failed("Fatal error: protocol.buffer_updated() call failed."));
    // The one that has no buffer, among others that have.
    let (one, other) = pair();
    let log = Log::default();
    let unable = Buffered(Unable(log.clone()));
    let (_one, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(one, unable)).unwrap().unwrap();
    let (mut other, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(other, Silent)).unwrap().unwrap();
    // It is asked for one before it is known whether something has come.
    other.write(b"x").ok();
    settle(lp);
    assert_eq!(took(&log), [lost]);
    assert!(TOLD.take().is_some());
}

#[test]
fn close_sends_what_is_buffered_and_abort_does_not() {
    for abort in [false, true] {
        let (lp, wire, log) = (new_loop(), Wire::default(), Log::default());
        let noting = Noting { log: log.clone(), ..Noting::default() };
        let (mut one, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(wire.clone(), noting)).unwrap().unwrap();
        one.write(b"12345").unwrap();
        wire.accept(2);
        settle(lp);
        one.close();
        assert_eq!(one.write(b"6"), Err(WriteError::Closed));
        wire.receive();
        settle(lp);
        // Nothing is received any more, and it is not lost before everything has left.
        assert_eq!((took(&log), wire.sent()), (vec!["made".to_owned()], 2));
        if abort {
            one.abort();
            assert_eq!((took(&log), one.get_write_buffer_size()), (vec![], 0));
        } else {
            one.close();
            wire.accept(3);
        }
        settle(lp);
        assert_eq!((took(&log), wire.sent()), (vec!["lost None".to_owned()], if abort { 2 } else { 5 }));
    }
}

/// Collects datagrams.
#[derive(Default)]
struct Collects(Vec<Vec<u8>>);

impl DatagramProtocol for Collects {
    fn datagram_received(&mut self, _: &mut dyn DatagramTransport, data: &[u8], _: std::net::SocketAddr) {
        self.0.push(data.to_vec());
    }
}

#[test]
fn a_datagram_endpoint_that_closes_sends_its_queue_and_takes_no_more() {
    let (lp, udp) = (new_loop(), Udp::default());
    let receiver = lp.connect_datagram_socket::<16, 64>(udp.socket(None), Collects::default());
    let (receiver, collects) = lp.run_until_complete(receiver).unwrap().unwrap();
    let address = receiver.get_extra_info("sockname").and_then(|info| info.address());
    let sender = lp.connect_datagram_socket::<16, 64>(udp.socket(address), Silent);
    let (mut sender, _) = lp.run_until_complete(sender).unwrap().unwrap();
    sender.sendto(b"one", None).unwrap();
    sender.sendto(b"", address).unwrap();
    sender.close();
    assert_eq!(sender.sendto(b"three", None), Err(SendError::Closed));
    settle(lp);
    assert_eq!(sender.sendto(b"four", None), Err(SendError::Closed));
    collects.with(|collects: &mut Collects| assert_eq!(collects.0, [&b"one"[..], b""])).unwrap();
}

#[segno::coroutine]
async fn reads(reader: StreamReader, log: Log) {
    let mut buffer = [0; 8];
    let result = reader.read(&mut buffer).catch_cancel().await;
    log.borrow_mut().push(format!("{result:?}"));
}

#[segno::coroutine]
async fn errors_and_cancels(lp: &'static EventLoop, log: Log) {
    let reader = StreamReader::new::<16>(lp).unwrap();
    let task = lp.create_task(reads(reader.clone(), log.clone())).unwrap();
    sleep(1.millis()).await;
    task.cancel();
    sleep(1.millis()).await;
    // The place of who waits is free again, and nothing was taken.
    let task = lp.create_task(reads(reader.clone(), log.clone())).unwrap();
    sleep(1.millis()).await;
    reader.feed_data(b"abc").unwrap();
    task.await;
    let task = lp.create_task(reads(reader.clone(), log.clone())).unwrap();
    sleep(1.millis()).await;
    reader.set_exception(LineError::Parity);
    task.await;
    reads(reader.clone(), log.clone()).await;
    assert_eq!(reader.exception(), Some(LineError::Parity));
}

#[test]
fn who_reads_is_told_of_an_error_and_may_be_cancelled() {
    let log = Log::default();
    run(|lp| errors_and_cancels(lp, log.clone()));
    let lost = "Ok(Err(Lost(Parity)))";
    assert_eq!(took(&log), ["Err(Cancelled)", "Ok(Ok(3))", lost, lost]);
}

#[segno::coroutine]
async fn closes(lp: &'static EventLoop, log: Log) {
    let (one, other) = pair();
    let (reader, writer) = lp.open_stream::<16, 16>(one).await.unwrap();
    let (_, far) = lp.open_stream::<16, 16>(other).await.unwrap();
    far.write_all(b"unread").await.unwrap();
    sleep(1.millis()).await;
    writer.close();
    writer.wait_closed().await.unwrap();
    // What was received before is still there, then comes the end.
    reads(reader.clone(), log.clone()).await;
    reads(reader.clone(), log.clone()).await;
    assert!(reader.at_eof() && writer.is_closing());
    // Who waits for data that cannot come any more is told so.
    let (one, _other) = pair();
    let (reader, writer) = lp.open_stream::<16, 16>(one).await.unwrap();
    let task = lp.create_task(reads(reader, log.clone())).unwrap();
    sleep(1.millis()).await;
    writer.close();
    task.await;
}

#[test]
fn a_writer_that_closes_ends_its_reader() {
    let log = Log::default();
    run(|lp| closes(lp, log.clone()));
    assert_eq!(took(&log), ["Ok(Ok(6))", "Ok(Ok(0))", "Ok(Ok(0))"]);
}
