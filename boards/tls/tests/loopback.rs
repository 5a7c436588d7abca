//! TLS between two nodes of the simulator, on a wire that is good, and one that is not.

mod support;

use std::cell::Cell;
use std::rc::Rc;

use segno::net::Connection;
use segno::prelude::*;
use segno::println;
use segno::transport::ByteStream;
use segno_sim::{Board, Node, Sim};
use segno_tls::{Later, Side, Tls, TlsStream, client_context, last_error, server_context, start_tls};
use support::{AUTHORITY, CHAIN, KEY, SERVER, STRANGER};

/// As `support::echo`, and says how it ends.
#[segno::coroutine(allow_large)]
async fn echo(reader: StreamReader, writer: StreamWriter) {
    let mut buffer = [0; 700];
    loop {
        match reader.read(&mut buffer).await {
            Ok(0) => break println!("the client's end"),
            Ok(count) => {
                if let Err(error) = writer.write_all(&buffer[..count]).await {
                    break println!("{error}");
                }
            }
            Err(error) => break println!("{error}"),
        }
    }
    writer.close();
    let closed = writer.wait_closed().await;
    println!("closed: {closed:?}");
}

/// Echo over TLS; at the end, what is left.
fn server(board: Board) {
    let lp = board.event_loop();
    lp.set_exception_handler(Some(|_, context| println!("{}: {:?}", context.message, context.cause)));
    let network = Tls::server(board.network(), server_context(CHAIN, KEY).unwrap());
    let server = lp.start_server::<2048, 2048>(network, echo, SERVER).unwrap();
    let tasks = lp.all_tasks().count();
    lp.run_until_complete(sleep(200.secs())).unwrap();
    println!("{} connections, {} tasks more", server.connections(), lp.all_tasks().count() - tasks);
}

fn byte_at(place: usize) -> u8 {
    (place.wrapping_mul(0x9E37_79B9) >> 13) as u8
}

#[segno::coroutine]
async fn send_all(writer: StreamWriter, count: usize) {
    let bytes: Vec<u8> = (0..count).map(byte_at).collect();
    for piece in bytes.chunks(3333) {
        writer.write_all(piece).await.unwrap();
    }
}

#[segno::coroutine(allow_large)]
async fn exchange(lp: &'static EventLoop, network: impl Network, count: usize) {
    let (reader, writer) = match lp.open_connection::<3000, 1500>(network, SERVER).await {
        Ok(streams) => streams,
        Err(error) => {
            println!("{error}: {}", last_error().map_or(String::new(), |error| error.to_string()));
            return;
        }
    };
    println!("{:?} {:?}", writer.get_extra_info("version"), writer.can_write_eof());
    let sender = lp.create_task(send_all(writer.clone(), count)).unwrap();
    let (mut place, mut buffer) = (0, [0; 999]);
    while place < count {
        let length = reader.read(&mut buffer).await.unwrap();
        assert!(length > 0, "the end after {place} bytes");
        for byte in &buffer[..length] {
            assert_eq!(*byte, byte_at(place), "byte {place}");
            place += 1;
        }
    }
    sender.await;
    writer.close();
    writer.wait_closed().await.unwrap();
    println!("{place} bytes");
}

fn client(roots: &'static [u8], name: &'static str, count: usize) -> impl FnOnce(Board) + Send {
    move |board| {
        let lp = board.event_loop();
        let network = Tls::client(board.network(), client_context(roots).unwrap(), name).unwrap();
        lp.run_until_complete(exchange(lp, network, count)).unwrap();
    }
}

#[test]
fn megabytes_are_secret_and_whole_on_a_bad_wire() {
    let mut sim = Sim::from_env();
    let server = sim.node("server", server);
    let clients: Vec<Node> =
        (0..3).map(|n| sim.node(&format!("client {n}"), client(AUTHORITY, "localhost", 300_000))).collect();
    sim.ethernet().latency(500.micros(), 3.millis()).lose(30).duplicate(30).corrupt(30);
    sim.run_for(300.secs());
    for client in clients {
        assert_eq!(client.console(), "Some(Text(\"TLSv1_3\")) false\n300000 bytes\n");
    }
    let ends = "the client's end\nclosed: Ok(())\n";
    assert_eq!(server.console(), format!("{ends}{ends}{ends}0 connections, 0 tasks more\n"));
}

#[test]
fn who_is_not_trusted_or_called_otherwise_is_refused_by_both_sides() {
    let mut sim = Sim::new(1);
    let server = sim.node("server", server);
    let stranger = sim.node("stranger", client(STRANGER, "localhost", 1));
    let other = sim.node("other", client(AUTHORITY, "example.org", 1));
    sim.run_for(300.secs());
    assert_eq!(stranger.console(), "TLS has failed: invalid peer certificate: UnknownIssuer\n");
    let console = other.console();
    assert!(
        console.starts_with("TLS has failed: invalid peer certificate: certificate not valid for name"),
        "{console}"
    );
    let refused = "socket.accept() failed: Some(Tls)\n";
    assert_eq!(server.console(), format!("{refused}{refused}0 connections, 0 tasks more\n"));
}

/// In the clear, to a server of TLS: says nothing, or nonsense.
#[segno::coroutine]
async fn clear(lp: &'static EventLoop, network: impl Network, text: &'static [u8]) {
    let (reader, writer) = lp.open_connection::<512, 512>(network, SERVER).await.unwrap();
    writer.write(text).unwrap();
    let mut answer = [0; 100];
    let result = reader.read_to_end(&mut answer).await;
    println!("{result:?} after {} s", lp.time().as_ticks() / 1_000_000);
    writer.close();
}

#[test]
fn nonsense_and_silence_end_in_an_alert_or_after_a_minute() {
    let mut sim = Sim::new(1);
    let server = sim.node("server", server);
    let nonsense = sim.node("nonsense", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(clear(lp, board.network(), b"GET / HTTP/1.0\r\n\r\n")).unwrap();
    });
    let silence = sim.node("silence", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(clear(lp, board.network(), b"")).unwrap();
    });
    // They hold up nobody.
    let good = sim.node("good", client(AUTHORITY, "localhost", 1000));
    sim.run_for(300.secs());
    assert!(good.console().ends_with("1000 bytes\n"));
    // An alert is 7 bytes.
    assert_eq!(nonsense.console(), "Ok(7) after 0 s\n");
    assert_eq!(silence.console(), "Ok(0) after 60 s\n");
    assert!(
        server.console().ends_with("failed: Some(TimedOut)\n0 connections, 0 tasks more\n"),
        "{}",
        server.console()
    );
}

/// A line that can be made to swallow what it is given.
struct Mute<S>(S, Rc<Cell<bool>>);

impl<S: ByteStream> ByteStream for Mute<S> {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        self.0.try_read(buffer)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        if self.1.get() { Ok(bytes.len()) } else { self.0.try_write(bytes) }
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        self.0.try_flush()
    }

    fn abort(&mut self) {
        self.0.abort();
    }
}

/// Says hello, and goes without a farewell: with a reset, or so that it looks like an end.
#[segno::coroutine]
async fn goes(lp: &'static EventLoop, network: impl Network, abort: bool) {
    let mut line = network.begin_connect(SERVER).unwrap();
    block!(line.try_established()).unwrap();
    let mute = Rc::new(Cell::new(false));
    let side = Side::client(client_context(AUTHORITY).unwrap(), "localhost").unwrap();
    let stream = TlsStream::new(Mute(line, mute.clone()), &side).unwrap();
    let (reader, writer) = lp.open_stream::<512, 512>(stream).await.unwrap();
    writer.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    reader.readexactly(&mut answer).await.unwrap();
    mute.set(true);
    if abort {
        writer.transport().clone().abort();
    }
    writer.close();
    writer.wait_closed().await.ok();
    sleep(1.secs()).await;
}

fn server_that_is_left(abort: bool) -> String {
    let mut sim = Sim::new(1);
    let server = sim.node("server", server);
    sim.node("client", move |board| {
        let lp = board.event_loop();
        lp.run_until_complete(goes(lp, board.network(), abort)).unwrap();
    });
    sim.run_for(300.secs());
    server.console()
}

#[test]
fn an_end_without_a_farewell_is_no_end() {
    let reset = "connection reset by peer\nclosed: Err(ConnectionReset)\n";
    assert_eq!(server_that_is_left(true), format!("{reset}0 connections, 0 tasks more\n"));
    let cut = "the stream was cut off\nclosed: Err(Truncated)\n";
    assert_eq!(server_that_is_left(false), format!("{cut}0 connections, 0 tasks more\n"));
}

/// A server that begins in the clear.
#[segno::coroutine]
async fn upgrades(reader: StreamReader, writer: StreamWriter) {
    let mut line = [0; 64];
    let count = reader.readline(&mut line).await.unwrap();
    assert_eq!(&line[..count], b"STARTTLS\n");
    writer.write_all(b"go ahead\n").await.unwrap();
    let side = Side::Server(server_context(CHAIN, KEY).unwrap());
    let started = start_tls(writer.transport(), &side).await;
    println!("{started:?} {:?}", start_tls(writer.transport(), &side).await);
    let count = reader.readline(&mut line).await.unwrap();
    writer.write_all(&line[..count]).await.unwrap();
    writer.close();
}

#[segno::coroutine]
async fn asks_to_upgrade(lp: &'static EventLoop, network: impl Network, roots: &'static [u8]) {
    let (reader, writer) = lp.open_connection::<512, 512>(network, SERVER).await.unwrap();
    writer.write_all(b"STARTTLS\n").await.unwrap();
    let mut line = [0; 64];
    let count = reader.readline(&mut line).await.unwrap();
    assert_eq!(&line[..count], b"go ahead\n");
    let side = Side::client(client_context(roots).unwrap(), "localhost").unwrap();
    let started = start_tls(writer.transport(), &side).await;
    println!("{started:?} {:?}", writer.get_extra_info("version"));
    if started.is_ok() {
        writer.write_all(b"secret\n").await.unwrap();
        let count = reader.readline(&mut line).await.unwrap();
        println!("{}", String::from_utf8_lossy(&line[..count]).trim_end());
    }
    writer.close();
    writer.wait_closed().await.ok();
}

#[test]
fn a_connection_in_the_clear_is_made_secret() {
    let mut sim = Sim::new(1);
    let server = sim.node("server", |board| {
        let lp = board.event_loop();
        let server = lp.start_server::<512, 512>(Later(board.network()), upgrades, SERVER).unwrap();
        lp.run_until_complete(sleep(100.secs())).unwrap();
        println!("{} connections", server.connections());
    });
    let client = sim.node("client", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(asks_to_upgrade(lp, Later(board.network()), AUTHORITY)).unwrap();
    });
    sim.run_for(200.secs());
    assert_eq!(client.console(), "Ok(()) Some(Text(\"TLSv1_3\"))\nsecret\n");
    assert_eq!(server.console(), "Ok(()) Err(Unsupported)\n0 connections\n");
}
