//! Servers of addresses and of names that answer anything at all: nothing of it ends the program or a question's time.

use std::net::{Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::println;
use segno_hostile::{Random, bytes, cases, one_of};
use segno_sim::{Board, Sim};
use segno_smoltcp::Settings;
use segno_smoltcp::smoltcp::wire::{DhcpMessageType, DhcpPacket, DhcpRepr, EthernetAddress};

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// A good answer, or what has become of it: cut, lengthened, with other bytes in it, or only noise.
fn spoil(random: &mut Random, mut answer: Vec<u8>) -> Vec<u8> {
    match random.below(6) {
        0 => bytes(random, 0, 600),
        1 => {
            answer.truncate(random.below(answer.len() as u64 + 1) as usize);
            answer
        }
        2 => {
            answer.extend(bytes(random, 0, 300));
            answer
        }
        3 | 4 => {
            for _ in 0..1 + random.below(8) {
                let place = random.below(answer.len() as u64) as usize;
                // Of lengths, pointers and kinds, the ends of their ranges are what may mislead.
                answer[place] = one_of(random, &[0, 1, 4, 12, 53, 0x3f, 0x40, 0xc0, 0xff]);
            }
            answer
        }
        _ => answer,
    }
}

/// Answers every question for a name, rightly or wrongly.
struct NameServer(Random);

impl DatagramProtocol for NameServer {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        let Some((header, question)) = data.split_at_checked(12) else { return };
        let count = self.0.below(4) as u8;
        let mut answer = [&header[..2], &[0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0], question].concat();
        for last in 0..count {
            // An address, or a name in its place that leads to itself.
            answer.extend(match self.0.below(3) {
                0 => vec![0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 12],
                _ => vec![0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, last],
            });
        }
        let answer = spoil(&mut self.0, answer);
        transport.sendto(&answer, Some(from)).ok();
    }
}

/// Gives addresses, or something else.
struct AddressServer(Random);

impl DatagramProtocol for AddressServer {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], _: SocketAddr) {
        let Ok(packet) = DhcpPacket::new_checked(data) else { return };
        let Ok(request) = DhcpRepr::parse(&packet) else { return };
        let random = &mut self.0;
        let fitting = match request.message_type {
            DhcpMessageType::Discover => DhcpMessageType::Offer,
            _ => DhcpMessageType::Ack,
        };
        let any = one_of(random, &[fitting, fitting, fitting, DhcpMessageType::Nak, DhcpMessageType::Discover]);
        let lease = one_of(random, &[0, 1, 60, 3600, u32::MAX]);
        let answer = DhcpRepr {
            message_type: any,
            your_ip: one_of(random, &[Ipv4Addr::new(10, 0, 7, 7), Ipv4Addr::BROADCAST, Ipv4Addr::UNSPECIFIED]),
            server_ip: SERVER,
            server_identifier: Some(SERVER),
            subnet_mask: Some(Ipv4Addr::from(random.next_u64() as u32)),
            router: Some(SERVER),
            lease_duration: Some(lease),
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
        let bytes = spoil(random, bytes);
        transport.sendto(&bytes, Some(SocketAddr::new(Ipv4Addr::BROADCAST.into(), 68))).ok();
    }
}

fn servers(board: Board) {
    let (lp, network) = (board.event_loop(), board.network());
    let local = |port| Some(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port));
    let names = NameServer(Random::new(board.random().next_u64(), 1));
    let names = lp.create_datagram_endpoint::<1472, 4096>(network, names, local(53), None);
    let (transport, _) = lp.run_until_complete(names).unwrap().unwrap();
    let addresses = AddressServer(Random::new(board.random().next_u64(), 2));
    let addresses = lp.create_datagram_endpoint::<1472, 4096>(network, addresses, local(67), None);
    lp.run_until_complete(addresses).unwrap().unwrap();
    lp.run_until_complete(transport.wait_closed()).unwrap();
}

/// Asks for names for an hour. Every question has an end, in its time.
#[segno::coroutine]
async fn ask<N: Names>(lp: &'static EventLoop, network: &N) {
    let (mut answered, mut asked) = (0, 0);
    while lp.time().as_ticks() < 3_600_000_000 {
        let begin = lp.time();
        let answer = lp.getaddrinfo(network, "one.test", 80).await;
        assert!((lp.time() - begin).as_secs() <= 60, "{} s", (lp.time() - begin).as_secs());
        asked += 1;
        answered += u32::from(answer.is_ok());
        sleep(10.secs()).await;
    }
    println!("{}", asked > 50 && answered > 0);
}

/// With an address that is known, and with one from that server.
#[test]
fn answers_of_servers_may_be_anything() {
    cases(8, |random| {
        let mut sim = Sim::new(random.next_u64());
        sim.node("servers", servers);
        let known = sim.node("known", |board| {
            let (lp, network) = (board.event_loop(), board.network_of(|settings| settings.names = Some(SERVER)));
            lp.run_until_complete(ask(lp, &network)).unwrap();
        });
        let given = sim.node("given", |board| {
            let lp = board.event_loop();
            let network = board.network_of(|settings| *settings = Settings::dhcp(settings.seed));
            // It may never come, and go again when it has.
            lp.run_until_complete(wait_for(network.configured(), 600.secs())).unwrap().ok();
            lp.run_until_complete(sleep(3000.secs())).unwrap();
            println!("goes on");
        });
        sim.run_for(3_700.secs());
        assert_eq!((&*known.console(), &*given.console()), ("true\n", "goes on\n"));
    });
}
