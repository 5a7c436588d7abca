//! Datagrams and connections between nodes, over a wire that is good, and one that is not.

use std::net::{Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::println;
use segno_sim::{Board, Node, Random, Sim, check_determinism};

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 7);

/// Bytes that follow from their place.
fn byte_at(place: usize) -> u8 {
    (place.wrapping_mul(0x9E37_79B9) >> 13) as u8
}

struct Echo;

impl DatagramProtocol for Echo {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        transport.sendto(data, Some(from)).unwrap();
    }
}

fn datagram_server(board: Board) {
    let lp = board.event_loop();
    let local = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 7);
    let endpoint = lp.create_datagram_endpoint::<1472, 8192>(board.network(), Echo, Some(local), None);
    let (transport, _) = lp.run_until_complete(endpoint).unwrap().unwrap();
    lp.run_until_complete(transport.wait_closed()).unwrap();
}

/// Sends numbered datagrams, one after the other, each again every 50 ms until its answer has come.
struct Client {
    number: usize,
    count: usize,
    sent: usize,
    doubled: usize,
    retry: Option<TimerHandle>,
}

impl Client {
    fn datagram(&self) -> Vec<u8> {
        let mut datagram: Vec<u8> = (0..8 + self.number % 1465).map(|place| byte_at(place + self.number)).collect();
        datagram[..8].copy_from_slice(&self.number.to_le_bytes());
        datagram
    }

    fn send(&mut self, transport: &mut dyn DatagramTransport) {
        transport.sendto(&self.datagram(), None).unwrap();
        self.sent += 1;
        let handle = transport.handle();
        let again = move |_: &EventLoop| {
            let protocol = handle.get_protocol().unwrap();
            protocol.with(|client: &mut Client| client.send(&mut handle.clone()));
        };
        self.retry = transport.event_loop().call_later(50.millis(), again).ok();
    }
}

impl DatagramProtocol for Client {
    fn connection_made(&mut self, transport: &mut dyn DatagramTransport) {
        self.send(transport);
    }

    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        assert_eq!(from, SERVER);
        if data != self.datagram() {
            // An answer that has come before: its number says so.
            assert!(usize::from_le_bytes(data[..8].try_into().unwrap()) < self.number);
            self.doubled += 1;
            return;
        }
        self.retry.take().unwrap().cancel();
        self.number += 1;
        if self.number == self.count {
            transport.close();
        } else {
            self.send(transport);
        }
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        assert_eq!(cause, None);
        println!("{} answers, {} sent, {} doubled", self.number, self.sent, self.doubled);
    }
}

fn datagram_client(count: usize) -> impl FnOnce(Board) + Send {
    move |board| {
        let lp = board.event_loop();
        let client = Client { number: 0, count, sent: 0, doubled: 0, retry: None };
        let endpoint = lp.create_datagram_endpoint::<1472, 8192>(board.network(), client, None, Some(SERVER));
        let (transport, _) = lp.run_until_complete(endpoint).unwrap().unwrap();
        lp.run_until_complete(transport.wait_closed()).unwrap();
    }
}

#[test]
fn datagrams_of_all_sizes_are_echoed() {
    let mut sim = Sim::new(1);
    sim.node("server", datagram_server);
    let client = sim.node("client", datagram_client(1465));
    sim.run_until_idle();
    assert_eq!(client.console(), "1465 answers, 1465 sent, 0 doubled\n");
}

fn bad_wire(sim: &Sim) {
    sim.ethernet().latency(500.micros(), 3.millis()).lose(20).duplicate(20).corrupt(20);
}

#[test]
fn lost_datagrams_are_sent_again_and_damaged_ones_are_noticed() {
    let mut sim = Sim::from_env();
    sim.node("server", datagram_server);
    let client = sim.node("client", datagram_client(20_000));
    bad_wire(&sim);
    sim.run_until_idle();
    let console = client.console();
    assert!(console.starts_with("20000 answers, 2"), "{console}");
    let counts = sim.ethernet().counts();
    assert!(counts.lost > 1000 && counts.repeated > 1000 && counts.damaged > 1000, "{counts:?}");
}

#[segno::coroutine(allow_large)]
async fn echo_stream(reader: StreamReader, writer: StreamWriter) {
    let mut buffer = [0; 700];
    loop {
        let count = reader.read(&mut buffer).await;
        match count {
            Ok(count) if count > 0 => {
                if writer.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
            _ => break,
        }
    }
    writer.close();
}

fn stream_server(board: Board) {
    let lp = board.event_loop_of(512 * 1024);
    let server = lp.start_server::<2048, 2048>(board.network(), echo_stream, SERVER).unwrap();
    lp.run_until_complete(server.serve_forever()).unwrap();
}

#[segno::coroutine]
async fn send_all(writer: StreamWriter, count: usize) {
    let mut place = 0;
    while place < count {
        let piece: Vec<u8> = (place..count.min(place + 1 + place % 3000)).map(byte_at).collect();
        writer.write_all(&piece).await.unwrap();
        place += piece.len();
    }
    writer.write_eof().unwrap();
}

#[segno::coroutine(allow_large)]
async fn exchange(lp: &'static EventLoop, network: impl Network, count: usize) {
    let (reader, writer) = lp.open_connection::<3000, 1500>(network, SERVER).await.unwrap();
    let sender = lp.create_task(send_all(writer.clone(), count)).unwrap();
    let mut place = 0;
    let mut buffer = [0; 999];
    loop {
        let length = reader.read(&mut buffer).await.unwrap();
        if length == 0 {
            break;
        }
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

fn stream_client(count: usize) -> impl Fn(Board) + Send + Copy {
    move |board| {
        let lp = board.event_loop();
        lp.run_until_complete(exchange(lp, board.network(), count)).unwrap();
    }
}

#[test]
fn megabytes_go_through_a_good_wire() {
    let mut sim = Sim::new(1);
    sim.node("server", stream_server);
    let client = sim.node("client", stream_client(2_000_000));
    sim.run_for(3600.secs());
    assert_eq!(client.console(), "2000000 bytes\n");
}

#[test]
fn a_bad_wire_loses_and_doubles_nothing_of_a_stream() {
    let mut sim = Sim::from_env();
    sim.node("server", stream_server);
    let clients: Vec<Node> = (0..3).map(|n| sim.node(&format!("client {n}"), stream_client(300_000))).collect();
    bad_wire(&sim);
    sim.run_for(36000.secs());
    for client in clients {
        assert_eq!(client.console(), "300000 bytes\n", "{:?}", sim.ethernet().counts());
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    check_determinism(7, |sim| {
        sim.node("server", stream_server);
        let client = sim.node("client", stream_client(20_000));
        bad_wire(sim);
        sim.run_for(600.secs());
        assert_eq!(client.console(), "20000 bytes\n");
    });
}

#[segno::coroutine]
async fn connects(lp: &'static EventLoop, network: impl Network, remote: SocketAddr) {
    let result = lp.open_connection::<64, 64>(network, remote).await.map(drop);
    println!("{result:?} after {} s", lp.time().as_ticks() / 1_000_000);
}

#[test]
fn who_is_not_there_refuses_or_is_not_reached() {
    let mut sim = Sim::new(1);
    let server = sim.node("server", stream_server);
    let refused = sim.node("refused", |board| {
        let lp = board.event_loop();
        let elsewhere = SocketAddr::new(SERVER.ip(), 8);
        lp.run_until_complete(connects(lp, board.network(), elsewhere)).unwrap();
    });
    let cut = sim.node("cut", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(connects(lp, board.network(), SERVER)).unwrap();
    });
    sim.ethernet().cut(&server, &cut, true);
    sim.run_for(100.secs());
    assert_eq!(refused.console(), "Err(ConnectionRefused) after 0 s\n");
    assert_eq!(cut.console(), "Err(TimedOut) after 30 s\n");
}

/// What an endpoint is told.
struct Errors;

impl DatagramProtocol for Errors {
    fn error_received(&mut self, transport: &mut dyn DatagramTransport, error: LineError) {
        println!("{error:?}");
        transport.close();
    }
}

/// The stack for chips has none: each call says so in its own way.
#[test]
fn an_address_of_ipv6_is_a_named_error() {
    let mut sim = Sim::new(1);
    let node = sim.node("node", |board| {
        let (lp, network) = (board.event_loop(), board.network());
        let address = SocketAddr::new("fe80::1".parse().unwrap(), 7);
        lp.run_until_complete(connects(lp, network, address)).unwrap();
        println!("{:?}", lp.start_server::<64, 64>(network, echo_stream, address).map(drop));
        let bound = lp.create_datagram_endpoint::<64, 256>(network, Errors, Some(address), None);
        println!("{:?}", lp.run_until_complete(bound).unwrap().map(drop));
        let endpoint = lp.create_datagram_endpoint::<64, 256>(network, Errors, None, None);
        let (mut transport, _) = lp.run_until_complete(endpoint).unwrap().unwrap();
        transport.sendto(b"hello", Some(address)).unwrap();
        lp.run_until_complete(transport.wait_closed()).unwrap();
    });
    sim.run_until_idle();
    let [unreachable, unavailable] = ["Unreachable", "AddressNotAvailable"];
    let expected = format!("Err({unreachable}) after 0 s\nErr({unavailable})\nErr({unavailable})\n{unreachable}\n");
    assert_eq!(node.console(), expected);
}

#[test]
fn a_cut_that_is_mended_in_time_costs_nothing_but_time() {
    let mut sim = Sim::new(1);
    let server = sim.node("server", stream_server);
    let client = sim.node("client", stream_client(200_000));
    for _ in 0..5 {
        sim.run_for(20.millis());
        sim.ethernet().cut(&server, &client, true);
        sim.run_for(3.secs());
        sim.ethernet().cut(&server, &client, false);
    }
    sim.run_for(100.secs());
    assert_eq!(client.console(), "200000 bytes\n");
}

#[segno::coroutine]
async fn lost(lp: &'static EventLoop, network: impl Network) {
    let (reader, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
    writer.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    reader.readexactly(&mut answer).await.unwrap();
    println!("connected");
    sleep(1.secs()).await;
    writer.write_all(b"anybody?").await.unwrap();
    let result = reader.read(&mut answer).await;
    println!("{result:?} after {} s", lp.time().as_ticks() / 1_000_000);
    let closed = writer.wait_closed().await;
    println!("{closed:?}");
}

#[test]
fn a_lost_link_ends_connections() {
    let mut sim = Sim::new(1);
    let server = sim.node("server", stream_server);
    let client = sim.node("client", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(lost(lp, board.network())).unwrap();
    });
    sim.run_for(500.millis());
    sim.ethernet().cut(&server, &client, true);
    sim.run_for(400.secs());
    assert_eq!(client.console(), "connected\nErr(Lost(ConnectionReset)) after 301 s\nErr(ConnectionReset)\n");
}

/// Connects, says something or not, and goes away in one of several ways, each second.
#[segno::coroutine]
async fn visits(lp: &'static EventLoop, network: impl Network + Copy, mut random: Random, times: usize) {
    let mut buffer = [0; 100];
    for n in 0..times {
        match lp.open_connection::<256, 256>(network, SERVER).await {
            Ok((reader, writer)) => {
                let way = random.below(5);
                if way > 0 {
                    writer.write_all(&[n as u8; 100]).await.unwrap();
                }
                if way > 1 {
                    reader.readexactly(&mut buffer).await.unwrap();
                    assert_eq!(buffer, [n as u8; 100]);
                }
                match way {
                    2 => writer.transport().clone().abort(),
                    3 => {
                        writer.write_eof().unwrap();
                        assert_eq!(reader.read(&mut buffer).await, Ok(0));
                        writer.close();
                    }
                    _ => writer.close(),
                }
                writer.wait_closed().await.ok();
            }
            Err(error) => println!("{error}"),
        }
        sleep(1.secs()).await;
    }
    println!("{times} visits");
}

#[test]
fn an_hour_of_visits_leaves_nothing_behind() {
    let mut sim = Sim::from_env();
    sim.record(false);
    let server = sim.node("server", |board| {
        let lp = board.event_loop();
        let server = lp.start_server::<512, 512>(board.network(), echo_stream, SERVER).unwrap();
        let empty = lp.all_tasks().count();
        lp.call_later(3800.secs(), move |lp| {
            assert_eq!((server.connections(), lp.all_tasks().count()), (0, empty));
            lp.stop();
        })
        .unwrap();
        lp.run_forever().unwrap();
    });
    let visitors: Vec<Node> = (0..3)
        .map(|n| {
            sim.node(&format!("visitor {n}"), |board| {
                let lp = board.event_loop();
                lp.run_until_complete(visits(lp, board.network(), board.random(), 3600)).unwrap();
            })
        })
        .collect();
    sim.run_for(3900.secs());
    assert!(server.finished() && visitors.iter().all(Node::finished));
}

/// Never reads.
#[segno::coroutine]
async fn hoards(lp: &'static EventLoop, network: impl Network) {
    let (_reader, writer) = lp.open_connection::<64, 2048>(network, SERVER).await.unwrap();
    let result = writer.write_all(&[1; 100_000]).await;
    println!("{result:?}");
}

#[test]
fn clients_that_never_read_hold_up_nobody_and_more_than_there_is_room_for_are_refused() {
    let mut sim = Sim::new(1);
    sim.node("server", stream_server);
    let hoarders: Vec<Node> = (0..20)
        .map(|n| {
            sim.node(&format!("hoarder {n}"), |board| {
                let lp = board.event_loop();
                let result = lp.create_task(hoards(lp, board.network())).unwrap();
                lp.call_later(2000.secs(), |lp| lp.stop()).unwrap();
                lp.run_forever().unwrap();
                drop(result);
            })
        })
        .take(15)
        .collect();
    sim.run_for(1.secs());
    let client = sim.node("client", stream_client(50_000));
    sim.run_for(20.secs());
    assert_eq!(client.console(), "50000 bytes\n");
    // The client's program has ended, and nobody acknowledges the end of its connection: until the stack gives it up.
    let full = sim.node("too early", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(connects(lp, board.network(), SERVER)).unwrap();
    });
    sim.run_for(80.secs());
    assert_eq!(full.console(), "Err(ConnectionRefused) after 21 s\n");
    let next = sim.node("next", stream_client(1));
    sim.run_for(20.secs());
    assert_eq!(next.console(), "1 bytes\n");
    assert!(hoarders.iter().all(|hoarder| hoarder.console().is_empty()));
}
