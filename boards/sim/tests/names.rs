//! Addresses from a server, and addresses of names: over wires that are good or bad, and of the host.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::println;
use segno_sim::{Board, Node, Sim};
use segno_smoltcp::Settings;
use segno_smoltcp::smoltcp::wire::{DhcpMessageType, DhcpPacket, DhcpRepr, EthernetAddress};

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// A server of names: `one.test` has an address, `three`, `four` and `five` have as many, `many.test` has six; all others have none,
/// but `silent.test` is not answered.
struct NameServer;

impl DatagramProtocol for NameServer {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        let (header, question) = data.split_at(12);
        let name = question.split(|byte| *byte == 0).next().unwrap();
        println!("asked for {}", name.escape_ascii());
        let (code, count) = match name {
            b"\x03one\x04test" => (0, 1),
            b"\x05three\x04test" => (0, 3),
            b"\x04four\x04test" => (0, 4),
            b"\x04five\x04test" => (0, 5),
            b"\x04many\x04test" => (0, 6),
            b"\x06silent\x04test" => return,
            _ => (3, 0),
        };
        let mut answer = [&header[..2], &[0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0], question].concat();
        for last in 1..=count {
            // The name as in the question, an address of the Internet, for a minute.
            answer.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, last]);
        }
        transport.sendto(&answer, Some(from)).unwrap();
    }
}

/// A server of addresses, which gives everybody the same for an hour, or refuses what it has not offered.
struct AddressServer;

impl DatagramProtocol for AddressServer {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], _: SocketAddr) {
        let packet = DhcpPacket::new_checked(data).unwrap();
        let request = DhcpRepr::parse(&packet).unwrap();
        println!("{:?}", request.message_type);
        let answer = DhcpRepr {
            message_type: match request.message_type {
                DhcpMessageType::Discover => DhcpMessageType::Offer,
                _ => DhcpMessageType::Ack,
            },
            your_ip: Ipv4Addr::new(10, 0, 7, 7),
            server_ip: SERVER,
            server_identifier: Some(SERVER),
            subnet_mask: Some(Ipv4Addr::new(255, 255, 0, 0)),
            router: Some(SERVER),
            lease_duration: Some(3600),
            dns_servers: Some([SERVER].into_iter().collect()),
            parameter_request_list: None,
            requested_ip: None,
            client_identifier: None,
            max_size: None,
            broadcast: true,
            client_hardware_address: EthernetAddress(request.client_hardware_address.0),
            ..request
        };
        let mut bytes = vec![0; answer.buffer_len()];
        answer.emit(&mut DhcpPacket::new_unchecked(&mut bytes)).unwrap();
        transport.sendto(&bytes, Some(SocketAddr::new(Ipv4Addr::BROADCAST.into(), 68))).unwrap();
    }
}

fn servers(board: Board) {
    let (lp, network) = (board.event_loop(), board.network());
    let local = |port| Some(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port));
    let names = lp.create_datagram_endpoint::<1472, 4096>(network, NameServer, local(53), None);
    let (transport, _) = lp.run_until_complete(names).unwrap().unwrap();
    let addresses = lp.create_datagram_endpoint::<1472, 4096>(network, AddressServer, local(67), None);
    lp.run_until_complete(addresses).unwrap().unwrap();
    lp.run_until_complete(transport.wait_closed()).unwrap();
}

/// Asks for a name, and says how long that took.
#[segno::coroutine]
async fn ask<N: Names>(lp: &'static EventLoop, network: &N, name: &str) {
    let start = lp.time();
    let answer = lp.getaddrinfo(network, name, 80).await;
    let seconds = (lp.time() - start).as_secs();
    match answer {
        Ok(addresses) => println!("{name} after {seconds} s: {:?}", &*addresses),
        Err(error) => println!("{name} after {seconds} s: {error}"),
    }
}

/// A world with both servers, and a node that asks for names with these settings.
fn world(sim: &mut Sim, settings: fn(&mut Settings), names: &'static [&'static str]) -> (Node, Node) {
    let servers = sim.node("servers", servers);
    let client = sim.node("client", move |board: Board| {
        let (lp, network) = (board.event_loop(), board.network_of(settings));
        println!("{:?}", network.address());
        match lp.run_until_complete(wait_for(network.configured(), 60.secs())).unwrap() {
            Ok(()) => println!("{}", network.address().unwrap()),
            Err(error) => return println!("{error}"),
        }
        for name in names {
            lp.run_until_complete(ask(lp, &network, name)).unwrap();
        }
    });
    (servers, client)
}

fn static_address(settings: &mut Settings) {
    settings.names = Some(SERVER);
}

fn from_server(settings: &mut Settings) {
    *settings = Settings::dhcp(settings.seed);
}

#[test]
fn names_are_asked_for() {
    let mut sim = Sim::new(1);
    let names = &["one.test", "many.test.", "none.test", "silent.test", "192.0.2.9", "::1", "", "a..test", "-.-"];
    let (servers, client) = world(&mut sim, static_address, names);
    sim.run_for(60.secs());
    assert_eq!(
        client.console(),
        "Some(10.0.0.2)\n\
         10.0.0.2\n\
         one.test after 0 s: [192.0.2.1:80]\n\
         many.test. after 0 s: [192.0.2.1:80, 192.0.2.2:80, 192.0.2.3:80, 192.0.2.4:80]\n\
         none.test after 0 s: not found\n\
         silent.test after 15 s: not found\n\
         192.0.2.9 after 0 s: [192.0.2.9:80]\n\
         ::1 after 0 s: [[::1]:80]\n \
         after 0 s: not found\n\
         a..test after 0 s: not found\n\
         -.- after 0 s: not found\n"
    );
    // What is no name, and what is an address, is not asked for.
    let asked: Vec<_> = servers.console().lines().map(String::from).collect();
    assert_eq!(asked.iter().filter(|line| line.contains("silent")).count(), 4, "{asked:?}");
    assert_eq!(asked.len(), 3 + 4 + 1, "{asked:?}");
}

/// A name has four addresses at most; those behind them are left out.
#[test]
fn addresses_of_a_name_at_n_minus_1_n_and_n_plus_1() {
    let mut sim = Sim::new(1);
    let (_, client) = world(&mut sim, static_address, &["three.test", "four.test", "five.test", "one.test"]);
    sim.run_for(10.secs());
    let three = "192.0.2.1:80, 192.0.2.2:80, 192.0.2.3:80";
    assert_eq!(
        client.console(),
        format!(
            "Some(10.0.0.2)\n10.0.0.2\n\
             three.test after 0 s: [{three}]\n\
             four.test after 0 s: [{three}, 192.0.2.4:80]\n\
             five.test after 0 s: [{three}, 192.0.2.4:80]\n\
             one.test after 0 s: [192.0.2.1:80]\n"
        )
    );
}

#[test]
fn an_address_comes_from_a_server_and_is_kept() {
    let mut sim = Sim::new(1);
    let (servers, client) = world(&mut sim, from_server, &["one.test"]);
    sim.run_for(10.secs());
    assert_eq!(client.console(), "None\n10.0.7.7\none.test after 0 s: [192.0.2.1:80]\n");
    assert_eq!(servers.console(), "Discover\nRequest\nasked for \\x03one\\x04test\n");
}

#[test]
fn a_lease_is_renewed() {
    let mut sim = Sim::new(1);
    let servers = sim.node("servers", servers);
    sim.node("client", |board: Board| {
        let (lp, network) = (board.event_loop(), board.network_of(from_server));
        lp.run_until_complete(network.configured()).unwrap();
        lp.run_until_complete(sleep(7000.secs())).unwrap();
        assert_eq!(network.address(), Some(Ipv4Addr::new(10, 0, 7, 7)));
    });
    sim.run_for(7100.secs());
    // After half of the hour that it lasts.
    assert_eq!(servers.console(), "Discover\nRequest\nRequest\nRequest\nRequest\n");
}

#[test]
fn without_a_server_there_is_no_address() {
    let mut sim = Sim::new(1);
    let (servers, client) = world(&mut sim, from_server, &[]);
    sim.ethernet().cut(&servers, &client, true);
    sim.run_for(61.secs());
    assert_eq!(client.console(), "None\ntimed out\n");
}

#[test]
fn a_bad_wire_makes_it_late() {
    for seed in 0..20 {
        let mut sim = Sim::new(seed);
        let (_, client) = world(&mut sim, from_server, &["one.test"]);
        sim.ethernet().latency(1.millis(), 100.millis()).lose(5).duplicate(5);
        sim.run_for(200.secs());
        let said = client.console();
        assert!(said.starts_with("None\n10.0.7.7\n") && said.ends_with("[192.0.2.1:80]\n"), "seed {seed}: {said}");
    }
}

/// A node that can ask for four names at the same time.
#[test]
fn questions_are_forgotten_with_who_asks() {
    let mut sim = Sim::new(1);
    sim.node("servers", servers);
    let client = sim.node("client", |board: Board| {
        let (lp, network) = (board.event_loop(), board.network_of(static_address));
        for _ in 0..3 {
            let tasks: Vec<_> = (0..5).map(|_| lp.create_task(ask_silent(lp, network)).unwrap()).collect();
            lp.run_until_complete(sleep(1.secs())).unwrap();
            tasks.iter().for_each(|task| {
                task.cancel();
            });
            lp.run_until_complete(sleep(1.millis())).unwrap();
        }
        lp.run_until_complete(ask(lp, &network, "one.test")).unwrap();
    });
    sim.run_for(10.secs());
    let full = "no free socket, or no memory\n".repeat(3);
    assert_eq!(client.console(), format!("{full}one.test after 0 s: [192.0.2.1:80]\n"));
}

#[segno::coroutine]
async fn ask_silent<N: Names + 'static>(lp: &'static EventLoop, network: N) {
    if let Err(error) = lp.getaddrinfo(&network, "silent.test", 80).await {
        println!("{error}");
    }
}

#[test]
fn the_host_knows_names() {
    let mut sim = Sim::new(1);
    let client = sim.node("client", |board: Board| {
        let (lp, network) = (board.event_loop(), board.host_network());
        let addresses = lp.run_until_complete(lp.getaddrinfo(&network, "localhost", 80)).unwrap().unwrap();
        assert!(addresses.iter().all(|address| address.ip().is_loopback() && address.port() == 80), "{addresses:?}");
        let error = lp.run_until_complete(lp.getaddrinfo(&network, "no such name", 80)).unwrap();
        assert_eq!(error, Err(LineError::NotFound));
        let address = lp.run_until_complete(lp.getaddrinfo(&network, "192.0.2.9", 80)).unwrap().unwrap().first();
        assert_eq!(address, SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)), 80));
        assert_eq!(
            lp.run_until_complete(lp.getaddrinfo(&segno::net::NoNetwork, "localhost", 80)).unwrap(),
            Err(LineError::Unsupported)
        );
    });
    sim.run_for(30.secs());
    assert!(client.finished());
}
