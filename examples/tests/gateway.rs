//! `uart_gateway` between simulated serial lines and a simulated network.

use std::net::{Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::println;
use segno_sim::{Board, Node, Random, Sim};

const GATEWAY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 2217);

/// Sends one datagram each millisecond, from the tenth on, and prints those that come.
struct Peer(Vec<Vec<u8>>);

impl DatagramProtocol for Peer {
    fn connection_made(&mut self, transport: &mut dyn DatagramTransport) {
        for (n, datagram) in std::mem::take(&mut self.0).into_iter().enumerate() {
            let mut handle = transport.handle();
            let send = move |_: &EventLoop| handle.sendto(&datagram, None).unwrap();
            transport.event_loop().call_later((10 + n as u64).millis(), send).unwrap();
        }
    }

    fn datagram_received(&mut self, _: &mut dyn DatagramTransport, data: &[u8], _: SocketAddr) {
        println!("{}", data.escape_ascii());
    }
}

/// A gateway, and a node that sends it these datagrams.
fn world(sim: &mut Sim, datagrams: &[&[u8]]) -> (Node, Node) {
    let gateway = sim.node("gateway", |board| {
        let (one, two, network) = (board.uart(1), board.uart(2), board.network());
        segno_examples::uart_gateway::main(board.event_loop(), one, two, network, GATEWAY);
    });
    let datagrams = datagrams.iter().map(|datagram| datagram.to_vec()).collect();
    let peer = sim.node("peer", move |board: Board| {
        let lp = board.event_loop();
        let endpoint = lp.create_datagram_endpoint::<1472, 8192>(board.network(), Peer(datagrams), None, Some(GATEWAY));
        let (transport, _) = lp.run_until_complete(endpoint).unwrap().unwrap();
        lp.run_until_complete(transport.wait_closed()).unwrap();
    });
    (gateway, peer)
}

/// What came from a port, and in how many datagrams.
fn from_port(peer: &Node, name: &str) -> (String, usize) {
    let console = peer.console();
    let datagrams: Vec<_> = console.lines().filter_map(|line| line.strip_prefix(name)).collect();
    (datagrams.concat(), datagrams.len())
}

#[test]
fn bytes_go_both_ways() {
    let mut sim = Sim::new(1);
    let (gateway, peer) = world(&mut sim, &[b"1", b"1hello", b"2", b"2world", b"3lost"]);
    gateway.uart(1).send("one");
    gateway.uart(2).send("two");
    sim.run_for(1.secs());
    assert_eq!(gateway.console(), "uart_gateway on 10.0.0.1:2217\nnet up\n");
    assert_eq!(gateway.uart(1).received(), "hello");
    assert_eq!(gateway.uart(2).received(), "world");
    assert_eq!(peer.console(), "!3 no such port\n1one\n2two\n");
}

#[test]
fn nothing_is_read_before_somebody_is_there() {
    let mut sim = Sim::new(1);
    let (gateway, peer) = world(&mut sim, &[b"1"]);
    // As long as there is no datagram, the line's ring is all the room that there is.
    gateway.uart(1).baud(115_200).rings(32, 64).send("x".repeat(40));
    sim.run_for(1.secs());
    assert_eq!(peer.console(), format!("1{}\n!1 overrun: bytes were lost\n", "x".repeat(32)));
}

#[test]
fn what_comes_without_a_pause_is_packed() {
    let mut sim = Sim::new(1);
    let (gateway, peer) = world(&mut sim, &[b"1"]);
    let text = "0123456789".repeat(1000);
    gateway.uart(1).baud(115_200).send_at(segno_sim::Instant::from_ticks(100_000), &text);
    gateway.uart(2).send_at(segno_sim::Instant::from_ticks(100_000), &text);
    sim.run_for(3.secs());
    let (received, datagrams) = from_port(&peer, "1");
    // A byte takes 87 us, and waits for no more than 5 ms.
    assert_eq!((received == text, datagrams), (true, 10_000_usize.div_ceil(58)));
    // Without a baud rate they are all there at once, and three readings fit into one.
    assert_eq!(from_port(&peer, "2"), (text, 10_000_usize.div_ceil(3 * 64)));
}

#[test]
fn errors_of_the_line_are_told_in_order() {
    let mut sim = Sim::new(1);
    let (gateway, peer) = world(&mut sim, &[b"1"]);
    sim.run_for(100.millis());
    gateway.uart(1).send("before");
    gateway.uart(1).inject(LineError::Framing);
    gateway.uart(1).send("after");
    sim.run_for(1.secs());
    gateway.uart(1).inject(LineError::Other);
    sim.run_for(1.secs());
    assert_eq!(peer.console(), "1before\n!1 framing error\n1after\n!1 line error\n");
}

#[test]
fn what_finds_no_room_is_told() {
    let mut sim = Sim::new(1);
    let text = [b"2".as_slice(), &b"y".repeat(1000)].concat();
    let (gateway, peer) = world(&mut sim, &[&text, &text, &text, &text]);
    gateway.uart(2).baud(9600);
    sim.run_for(10.secs());
    let sent = gateway.uart(2).received().len();
    // The third and the fourth come when two kilobytes wait, and the driver's 64 bytes.
    let console = peer.console();
    let lost: usize = console
        .lines()
        .map(|line| {
            line.strip_prefix("!2 full: ").unwrap().strip_suffix(" bytes lost").unwrap().parse::<usize>().unwrap()
        })
        .sum();
    assert_eq!((sent + lost, lost > 1800), (4000, true), "{console}");
}

/// Lines that are faster than the network: bytes wait, and none is lost, whatever is chosen for both ports.
#[test]
fn a_network_that_takes_nothing_makes_the_ports_wait() {
    for seed in 0..5 {
        let mut sim = Sim::new(seed);
        let (gateway, peer) = world(&mut sim, &[b"1"]);
        let mut random = Random::new(seed, 1);
        let texts = [1, 2].map(|port| {
            let text: String =
                (0..20_000 + random.below(20_000)).map(|_| (b'a' + random.below(26) as u8) as char).collect();
            gateway.uart(port).send_at(segno_sim::Instant::from_ticks(100_000 + random.below(5_000)), &text);
            text
        });
        sim.run_for(10.secs());
        let received = ["1", "2"].map(|name| from_port(&peer, name).0);
        assert!(received == texts, "{:?} of {:?}", received.map(|text| text.len()), texts.map(|text| text.len()));
    }
}
