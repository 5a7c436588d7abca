//! Servers and clients at the moments at which they may be ended, on the simulator's network and on the host's: what the
//! tests of MicroPython and CPython pin down.

use std::net::{Ipv4Addr, SocketAddr};

use segno::net::Listener;
use segno::prelude::*;
use segno::println;
use segno_sim::{Board, Sim};

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 7);

#[segno::coroutine]
async fn says_hello(reader: StreamReader, writer: StreamWriter) {
    let mut name = [0; 16];
    // A client that goes without a word needs no answer.
    if let Ok(count @ 1..) = reader.readline(&mut name).await {
        writer.write_all(b"hello ").await.ok();
        writer.write_all(&name[..count]).await.ok();
    }
    writer.close();
}

/// Runs a client's coroutine on a node of its own, beside a server.
fn against_a_server(client: impl FnOnce(Board) + Send + 'static) -> String {
    let mut sim = Sim::new(1);
    let server = sim.node("server", |board| {
        let lp = board.event_loop();
        let server = lp.start_server::<512, 512>(board.network(), says_hello, SERVER).unwrap();
        lp.run_until_complete(sleep(100.secs())).unwrap();
        println!("{} connections", server.connections());
    });
    let client = sim.node("client", client);
    sim.run_for(200.secs());
    assert_eq!(server.console(), "0 connections\n");
    client.console()
}

#[segno::coroutine]
async fn reads_in_all_ways(lp: &'static EventLoop, network: impl Network + Copy) {
    // All, to the end; the client's own end comes first.
    let (reader, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
    writer.write_all(b"all").await.unwrap();
    writer.write_eof().unwrap();
    assert_eq!(writer.write(b"more"), Err(WriteError::AfterEof));
    let mut buffer = [0; 32];
    let count = reader.read_to_end(&mut buffer).await.unwrap();
    println!("{}", String::from_utf8_lossy(&buffer[..count]));
    writer.close();
    // Exactly, and more than there is.
    let (reader, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
    writer.write_all(b"exactly\n").await.unwrap();
    reader.readexactly(&mut buffer[..6]).await.unwrap();
    println!("{}", String::from_utf8_lossy(&buffer[..6]));
    println!("{:?}", reader.readexactly(&mut buffer).await);
    writer.close();
    writer.wait_closed().await.unwrap();
}

#[test]
fn readall_readexactly_and_close_write() {
    let console = against_a_server(|board| {
        let lp = board.event_loop();
        lp.run_until_complete(reads_in_all_ways(lp, board.network())).unwrap();
    });
    assert_eq!(console, "hello all\nhello \nErr(Incomplete { partial: 8, expected: Some(32) })\n");
}

#[segno::coroutine]
async fn waits_in_vain(reader: StreamReader) {
    let mut buffer = [0; 32];
    let result = reader.read(&mut buffer).catch_cancel().await;
    println!("{result:?}");
}

#[segno::coroutine]
async fn cancels_a_read(lp: &'static EventLoop, network: impl Network + Copy) {
    let (reader, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
    // Before it has begun, while it waits, and when data has come but it has not run.
    let task = lp.create_task(waits_in_vain(reader.clone())).unwrap();
    task.cancel();
    sleep(1.millis()).await;
    let task = lp.create_task(waits_in_vain(reader.clone())).unwrap();
    sleep(1.millis()).await;
    task.cancel();
    sleep(1.millis()).await;
    // The stream goes on as if nobody had read.
    writer.write_all(b"nobody\n").await.unwrap();
    let mut buffer = [0; 32];
    let count = reader.readline(&mut buffer).await.unwrap();
    println!("{}", String::from_utf8_lossy(&buffer[..count]).trim_end());
    writer.close();
}

#[test]
fn cancel_stream() {
    let console = against_a_server(|board| {
        let lp = board.event_loop();
        lp.run_until_complete(cancels_a_read(lp, board.network())).unwrap();
    });
    assert_eq!(console, "Err(Cancelled)\nhello nobody\n");
}

#[segno::coroutine]
async fn resets(lp: &'static EventLoop, network: impl Network + Copy) {
    let (_, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
    writer.write_all(b"half a li").await.unwrap();
    writer.transport().clone().abort();
    writer.wait_closed().await.unwrap();
    println!("{:?} {:?}", writer.write(b"x"), writer.drain().await);
    // The next one is served.
    let (reader, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
    writer.write_all(b"next\n").await.unwrap();
    let mut buffer = [0; 32];
    let count = reader.readline(&mut buffer).await.unwrap();
    println!("{}", String::from_utf8_lossy(&buffer[..count]).trim_end());
    writer.close();
}

#[test]
fn client_rst() {
    let console = against_a_server(|board| {
        let lp = board.event_loop();
        lp.run_until_complete(resets(lp, board.network())).unwrap();
    });
    assert_eq!(console, "Err(Closed) Err(ConnectionReset)\nhello next\n");
}

#[segno::coroutine]
async fn serves(server: Server, name: &'static str) {
    let ended = server.serve_forever().catch_cancel().await;
    println!("{name}: {ended:?}, serving: {}", server.is_serving());
}

/// A server is ended before it runs, in its first turn, while it waits, with a client, and twice.
#[segno::coroutine(allow_large)]
async fn ends_servers(lp: &'static EventLoop, network: impl Network + Clone, local: SocketAddr) {
    let start = |local| lp.start_server::<64, 64>(network.clone(), says_hello, local);
    let first = start(local).unwrap();
    let local = first.address();
    println!("{:?}", start(local).err());
    // Before it has accepted anybody.
    first.close();
    first.wait_closed().await;
    let server = start(local).unwrap();
    let task = lp.create_task(serves(server, "before it runs")).unwrap();
    task.cancel();
    sleep(1.millis()).await;
    println!("{}", task.done());
    // Its address is free only if it was ended: nobody was cancelled who has not begun.
    let taken = start(local);
    println!("{:?}", taken.err());
}

#[segno::coroutine(allow_large)]
async fn cancels_servers(lp: &'static EventLoop, network: impl Network + Clone, local: SocketAddr) {
    for wait in [0, 1, 5] {
        let server = lp.start_server::<64, 64>(network.clone(), says_hello, local).unwrap();
        let task = lp.create_task(serves(server.clone(), "cancelled")).unwrap();
        sleep(0.millis()).await;
        sleep(wait.millis()).await;
        task.cancel();
        task.cancel();
        sleep(20.millis()).await;
        assert!(task.done() && server.connections() == 0);
    }
}

#[test]
fn start_server_in_use_and_closed_at_once() {
    let expected = "Some(AddressInUse)\ntrue\nSome(AddressInUse)\n";
    let mut sim = Sim::new(1);
    let node = sim.node("server", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(ends_servers(lp, board.network(), SERVER)).unwrap();
    });
    sim.run_for(10.secs());
    assert_eq!(node.console(), expected);
    let mut sim = Sim::new(1);
    let node = sim.node("server", |board| {
        let lp = board.event_loop();
        let local = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        lp.run_until_complete(ends_servers(lp, board.host_network(), local)).unwrap();
    });
    sim.run_for(2.secs());
    assert_eq!(node.console(), expected);
}

#[test]
fn start_server_cancelled_at_several_moments() {
    let mut sim = Sim::new(1);
    let node = sim.node("server", |board| {
        let lp = board.event_loop();
        let before = lp.all_tasks().count();
        let network = board.network();
        lp.run_until_complete(cancels_servers(lp, network, SERVER)).unwrap();
        println!("{} tasks more", lp.all_tasks().count() - before);
    });
    sim.run_for(10.secs());
    let cancelled = "cancelled: Err(Cancelled), serving: false\n";
    // The stack's own task.
    assert_eq!(node.console(), format!("{cancelled}{cancelled}{cancelled}1 tasks more\n"));
}

/// Tells what it is told.
struct Tells;

impl DatagramProtocol for Tells {
    fn datagram_received(&mut self, _: &mut dyn DatagramTransport, data: &[u8], _: SocketAddr) {
        println!("{}", String::from_utf8_lossy(data));
    }

    fn error_received(&mut self, _: &mut dyn DatagramTransport, error: LineError) {
        println!("{error}");
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        println!("lost {cause:?}");
    }
}

#[segno::coroutine]
async fn sends_to_nobody(lp: &'static EventLoop, network: impl Network + Clone) {
    let any = Some(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0));
    let open = |remote| lp.create_datagram_endpoint::<64, 256>(network.clone(), Tells, any, remote);
    let (mut gone, _) = open(None).await.unwrap();
    let address = gone.get_extra_info("sockname").and_then(|info| info.address());
    gone.close();
    gone.wait_closed().await;
    let (mut endpoint, _) = open(address).await.unwrap();
    endpoint.sendto(b"anybody?", None).unwrap();
    sleep(50.millis()).await;
    // It stays open, and works when somebody is there.
    let back = lp.create_datagram_endpoint::<64, 256>(network.clone(), Tells, address, None);
    let (mut back, _) = back.await.unwrap();
    endpoint.sendto(b"now?", address).unwrap();
    sleep(50.millis()).await;
    endpoint.close();
    back.close();
    back.wait_closed().await;
    endpoint.wait_closed().await;
}

#[test]
fn a_datagram_to_nobody_is_an_error_and_no_end() {
    let mut sim = Sim::new(1);
    let node = sim.node("host", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(sends_to_nobody(lp, board.host_network())).unwrap();
    });
    sim.try_run(None).unwrap();
    assert_eq!(node.console(), "lost None\nconnection refused\nnow?\nlost None\nlost None\n");
}

#[segno::coroutine]
async fn busy() {
    loop {
        sleep(0.millis()).await;
    }
}

/// Sends a datagram to itself.
struct Own;

impl DatagramProtocol for Own {
    fn connection_made(&mut self, transport: &mut dyn DatagramTransport) {
        let own = transport.get_extra_info("sockname").and_then(|info| info.address());
        transport.sendto(b"to myself", own).unwrap();
    }

    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], _: SocketAddr) {
        println!("{}", String::from_utf8_lossy(data));
        transport.close();
    }
}

#[segno::coroutine]
async fn hears(lp: &'static EventLoop, network: impl Network) {
    let _busy = lp.create_task(busy()).unwrap();
    let local = Some(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0));
    let (endpoint, _) = lp.create_datagram_endpoint::<64, 256>(network, Own, local, None).await.unwrap();
    endpoint.wait_closed().await;
}

#[test]
fn a_program_that_is_always_busy_hears_of_sockets() {
    let mut sim = Sim::new(1);
    let node = sim.node("host", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(hears(lp, board.host_network())).unwrap();
    });
    sim.run_for(5.secs());
    assert_eq!(node.console(), "to myself\n");
}

struct Quiet;

impl DatagramProtocol for Quiet {}

impl Protocol for Quiet {
    fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
}

/// Until it is refused; what was opened is kept.
#[segno::coroutine]
async fn opens_endpoints(
    lp: &'static EventLoop,
    network: impl Network + Copy,
    open: &mut Vec<TransportHandle<dyn DatagramProtocol>>,
) {
    loop {
        match lp.create_datagram_endpoint::<16, 64>(network, Quiet, None, Some(SERVER)).await {
            Ok((transport, _)) => open.push(transport),
            Err(error) => {
                println!("{} endpoints: {error}", open.len());
                break;
            }
        }
    }
}

/// The same with connections.
#[segno::coroutine]
async fn opens_connections(lp: &'static EventLoop, network: impl Network + Copy, open: &mut Vec<TransportHandle>) {
    loop {
        match lp.create_connection::<16, 16>(network, Quiet, SERVER).await {
            Ok((transport, _)) => open.push(transport),
            Err(error) => {
                println!("{} connections: {error}", open.len());
                break;
            }
        }
    }
}

#[segno::coroutine]
async fn fills_its_sockets(lp: &'static EventLoop, network: impl Network + Copy) {
    let (mut endpoints, mut connections) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        opens_endpoints(lp, network, &mut endpoints).await;
        endpoints.pop().unwrap().close();
        opens_connections(lp, network, &mut connections).await;
        connections.pop().unwrap().close();
        // Its address is kept for a while after the end.
        sleep(20.secs()).await;
    }
    connections.iter_mut().for_each(|connection| connection.close());
    sleep(1.secs()).await;
}

/// A node has four sockets for datagrams, and sixteen for connections. One goes, and there is room for one.
#[test]
fn sockets_at_n_and_n_plus_1() {
    let said = against_a_server(|board| {
        let (lp, network) = (board.event_loop(), board.network());
        lp.run_until_complete(fills_its_sockets(lp, network)).unwrap();
    });
    let round = "4 endpoints: no free socket, or no memory\n16 connections: no free socket, or no memory\n";
    assert_eq!(said, round.repeat(3));
}

/// Listens with a backlog of two, accepts nobody for a while, and then one more each second.
fn accepts_slowly(board: &Board, network: impl Network, local: SocketAddr) -> SocketAddr {
    let lp = board.event_loop();
    let mut listener = network.with_backlog(2).listen(local, 100).unwrap();
    let address = listener.local_address();
    lp.create_task(accepts(lp, move || listener.try_accept().is_ok())).unwrap();
    address
}

#[segno::coroutine]
async fn accepts<F: FnMut() -> bool>(lp: &'static EventLoop, mut accept: F) {
    sleep(2.secs()).await;
    loop {
        if accept() {
            println!("accepted after {} s", lp.time().as_ticks() / 1_000_000);
        }
        sleep(1.secs()).await;
    }
}

/// How long it takes to connect, or why one cannot.
#[segno::coroutine]
async fn connects<N: Network + 'static>(lp: &'static EventLoop, network: N, remote: SocketAddr, number: u32) {
    let begin = lp.time();
    match wait_for(lp.create_connection::<16, 16>(network, Quiet, remote), 1500.millis()).await {
        Ok(Ok((mut transport, _))) => {
            println!("{number}: connected after {} s", (lp.time() - begin).as_secs());
            sleep(10.secs()).await;
            transport.close();
        }
        Ok(Err(error)) => println!("{number}: {error}"),
        Err(error) => println!("{number}: {error}"),
    }
}

/// As many may wait to be accepted as the backlog says: one less, as many, and one more. On a chip's network who is too much is
/// refused, for no socket is left that listens; there is room again when one was accepted.
#[test]
fn a_backlog_of_a_stack_at_n_minus_1_n_and_n_plus_1() {
    let expected = ["connected after 0 s", "connected after 0 s", "connection refused"];
    for clients in 1..=3 {
        let mut sim = Sim::new(1);
        let server = sim.node("server", |board| {
            accepts_slowly(&board, board.network(), SERVER);
            board.event_loop().run_until_complete(sleep(9.secs())).unwrap();
        });
        let client = sim.node("client", move |board| {
            let (lp, network) = (board.event_loop(), board.network());
            for number in 0..clients {
                lp.create_task(connects(lp, network, SERVER, number)).unwrap();
                lp.run_until_complete(sleep(100.millis())).unwrap();
            }
            lp.run_until_complete(sleep(4.secs())).unwrap();
            lp.run_until_complete(connects(lp, network, SERVER, 9)).unwrap();
        });
        sim.run_for(30.secs());
        let numbered = (0..).zip(&expected[..clients as usize]).map(|(n, line)| format!("{n}: {line}\n"));
        assert_eq!(client.console(), numbered.collect::<String>() + "9: connected after 0 s\n");
        assert_eq!(server.console().lines().count(), 1 + clients.min(2) as usize, "{}", server.console());
    }
}

/// On the host, Linux lets one more wait than it was told; who is too much for that waits.
#[test]
fn a_backlog_of_the_host_at_n_minus_1_n_and_n_plus_1() {
    for clients in 2..=4 {
        let mut sim = Sim::new(1);
        let node = sim.node("host", move |board| {
            let (lp, network) = (board.event_loop(), board.host_network());
            let address = accepts_slowly(&board, network.clone(), SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0));
            for number in 0..clients {
                lp.create_task(connects(lp, network.clone(), address, number)).unwrap();
            }
            lp.run_until_complete(sleep(1900.millis())).unwrap();
        });
        sim.run_for(2.secs());
        let console = node.console();
        let connected = console.matches("connected").count();
        assert_eq!(connected, clients.min(3) as usize, "{console}");
        assert_eq!(console.matches("timed out").count(), clients as usize - connected, "{console}");
    }
}
