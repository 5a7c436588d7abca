//! `ntp` against a simulated server, over wires that lose, and against servers that one should not believe.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::println;
use segno_examples::ntp;
use segno_sim::{Board, Node, Sim};

const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), ntp::PORT);

/// The server's time when the simulation starts, in seconds since 1900: 2026-11-26, 12:00.
const NOON: u64 = 4_004_640_000 + 86_400 / 2;

/// What a server does with a request, given its number from 1 and the right answer.
type Answers = fn(u32, [u8; 48]) -> Vec<Vec<u8>>;

struct Server {
    asked: u32,
    answers: Answers,
    since_1900: u64,
}

impl DatagramProtocol for Server {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        self.asked += 1;
        println!("asked at {} ms", transport.event_loop().time().as_ticks() / 1000);
        let micros = transport.event_loop().time().as_ticks();
        let timestamp = ((self.since_1900 + micros / 1_000_000) << 32) | (((micros % 1_000_000) << 32) / 1_000_000);
        let mut answer = [0; 48];
        answer[..2].copy_from_slice(&[4 << 3 | 4, 2]);
        answer[24..32].copy_from_slice(&data[40..48]);
        answer[32..40].copy_from_slice(&timestamp.to_be_bytes());
        answer[40..48].copy_from_slice(&timestamp.to_be_bytes());
        for answer in (self.answers)(self.asked, answer) {
            transport.sendto(&answer, Some(from)).unwrap();
        }
    }
}

/// A server, and a client that starts a second later; what both say.
fn run(sim: &mut Sim, since_1900: u64, answers: Answers) -> (Node, Node) {
    let server = sim.node("server", move |board: Board| {
        let lp = board.event_loop();
        let protocol = Server { asked: 0, answers, since_1900 };
        let endpoint = lp.create_datagram_endpoint::<1472, 1472>(board.network(), protocol, Some(SERVER), None);
        let (transport, _) = lp.run_until_complete(endpoint).unwrap().unwrap();
        lp.run_until_complete(transport.wait_closed()).unwrap();
    });
    let client = sim.node("client", |board: Board| {
        let lp = board.event_loop();
        let network = board.network();
        lp.run_until_complete(sleep(1.secs())).unwrap();
        ntp::main(lp, network, "10.0.0.1", ntp::PORT);
    });
    sim.run_for(60.secs());
    assert!(client.finished());
    (server, client)
}

fn said(since_1900: u64, answers: Answers) -> String {
    run(&mut Sim::new(1), since_1900, answers).1.console()
}

fn right(_: u32, answer: [u8; 48]) -> Vec<Vec<u8>> {
    vec![answer.to_vec()]
}

#[test]
fn it_says_the_time() {
    // A request, and the question who has that address before: that is not counted, as the server asks nobody.
    assert_eq!(said(NOON, right), "2026-11-26 12:00:01.000 UTC, 400 us away, stratum 2, requests: 1\n");
}

#[test]
fn the_calendar_is_right() {
    let day = |days: u64| 2_208_988_800 + days * 86_400;
    for (since_1900, date) in [
        (day(0), "1970-01-01"),
        (day(11_015), "2000-02-28"),
        (day(11_016), "2000-02-29"),
        (day(11_017), "2000-03-01"),
        (day(20_453), "2025-12-31"),
        (day(24_165), "2036-02-29"),
        (day(47_540), "2100-02-28"),
        (day(47_541), "2100-03-01"),
    ] {
        let text = said(since_1900, right);
        assert!(text.starts_with(&format!("{date} 00:00:01.000 UTC")), "{text} instead of {date}");
    }
}

#[test]
fn it_asks_again_and_later_each_time() {
    let mut sim = Sim::new(1);
    let third = |asked, answer| if asked < 3 { vec![] } else { right(asked, answer) };
    let (server, client) = run(&mut sim, NOON, third);
    assert_eq!(server.console(), "asked at 1000 ms\nasked at 1500 ms\nasked at 2500 ms\n");
    assert_eq!(client.console(), "2026-11-26 12:00:02.500 UTC, 200 us away, stratum 2, requests: 3\n");
}

#[test]
fn nobody_answers() {
    let mut sim = Sim::new(1);
    let (server, client) = run(&mut sim, NOON, |_, _| vec![]);
    assert_eq!(server.console().lines().count(), 4);
    assert_eq!(client.console(), "error: no answer to 4 requests\n");
    assert_eq!(sim.now().as_ticks(), 60_000_000);
}

#[test]
fn answers_that_are_none_are_not_believed() {
    let text = said(NOON, |asked, answer| {
        let with = |at: usize, byte: u8| {
            let mut answer = answer.to_vec();
            answer[at] = byte;
            answer
        };
        match asked {
            // Not to this request, not from a server, from one that has lost its clock, too short, empty.
            1 => vec![
                with(24, 0xFF),
                with(0, 4 << 3 | 3),
                with(0, 0b11 << 6 | 4 << 3 | 4),
                answer[..47].to_vec(),
                vec![],
            ],
            2 => vec![vec![0xFF; 100]],
            // Twice, and longer than it must be.
            _ => vec![[answer.as_slice(), &[0; 20]].concat(), answer.to_vec()],
        }
    });
    assert_eq!(text, "2026-11-26 12:00:02.500 UTC, 200 us away, stratum 2, requests: 3\n");
}

#[test]
fn a_server_may_refuse() {
    let text = said(NOON, |_, mut answer| {
        answer[1] = 0;
        answer[12..16].copy_from_slice(b"RATE");
        vec![answer.to_vec()]
    });
    assert_eq!(text, "error: the server refuses: RATE\n");
}

/// Whatever the wire does to it, the answer is right by half of the time that it took, or there is none.
#[test]
fn a_bad_wire_makes_it_late_but_not_wrong() {
    let (mut answers, mut retries) = (0, 0);
    for seed in 0..60 {
        let mut sim = Sim::new(seed);
        sim.ethernet().latency(1.millis(), 30.millis()).lose(3).duplicate(5).corrupt(10);
        let (_, client) = run(&mut sim, NOON, right);
        let text = client.console();
        if let Some(rest) = text.strip_prefix("2026-11-26 12:00:") {
            let (time, rest) = rest.split_once(" UTC, ").unwrap();
            let (delay, rest) = rest.split_once(" us away, stratum 2, requests: ").unwrap();
            let requests: u32 = rest.trim().parse().unwrap();
            // Requests are sent at 1, 1.5, 2.5 and 4.5 seconds, a question for the server's address perhaps before.
            let sent = [1.0, 1.5, 2.5, 4.5][requests as usize - 1];
            let (time, delay) = (time.parse::<f64>().unwrap(), delay.parse::<f64>().unwrap() / 1e6);
            let wrong = (time - (sent + delay)).abs();
            assert!(wrong <= delay / 2.0 + 0.001, "seed {seed}: {text}");
            answers += 1;
            retries += requests - 1;
        } else {
            assert_eq!(text, "error: no answer to 4 requests\n", "seed {seed}");
        }
    }
    assert!(answers > 30 && retries > 20, "{answers} answers, {retries} retries");
}
