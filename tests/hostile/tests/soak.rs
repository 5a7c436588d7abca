//! A long time on a bad wire: connections and resets each second, loss, repetition, disorder, damage and cuts; at the end,
//! nothing is left anywhere.
//!
//! ```console
//! $ HOURS=24 SEED=1 cargo test --release -p segno-hostile --test soak -- --nocapture
//! ```

use std::net::{Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::println;
use segno_hostile::{EchoDatagrams, Random, bytes, echo, one_of, room};
use segno_sim::{Board, Node, Sim};

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 7);

/// When all is over, connections that the other side has forgotten take so long to be given up, in seconds.
const AFTERMATH: u64 = 400;

/// What a loop holds: its tasks, and its room.
fn holds(lp: &'static EventLoop) -> (usize, usize) {
    (lp.all_tasks().count(), room(lp))
}

fn server(seconds: u64) -> impl FnOnce(Board) + Send {
    move |board| {
        let (lp, network) = (board.event_loop(), board.network());
        let local = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 7);
        let endpoint = lp.create_datagram_endpoint::<1472, 8192>(network, EchoDatagrams, Some(local), None);
        let _endpoint = lp.run_until_complete(endpoint).unwrap().unwrap();
        let server = lp.start_server::<512, 512>(network, echo, SERVER).unwrap();
        let before = holds(lp);
        lp.run_until_complete(sleep((seconds + AFTERMATH).secs())).unwrap();
        assert_eq!((server.connections(), holds(lp)), (0, before));
        println!("nothing is left");
        // For those who come last.
        lp.run_until_complete(sleep(100.secs())).unwrap();
    }
}

/// What has happened to a visitor.
#[derive(Debug, Default)]
struct Visits {
    done: u64,
    refused: u64,
    lost: u64,
    bytes: u64,
}

/// One visit: a dialogue that ends at some point in some way. Whatever comes is what was sent.
#[segno::coroutine(allow_large)]
async fn visit(
    lp: &'static EventLoop,
    network: impl Network,
    random: &mut Random,
    visits: &mut Visits,
) -> Result<(), LineError> {
    let (reader, writer) = match lp.open_connection::<512, 512>(network, SERVER).await {
        Ok(streams) => streams,
        Err(error) => {
            visits.refused += 1;
            return Err(error);
        }
    };
    let data = bytes(random, 0, one_of(&mut random.clone(), &[10, 500, 5000]));
    let way = random.below(6);
    let mut had = Ok(());
    for piece in data.chunks(400) {
        let mut answer = vec![0; piece.len()];
        had = match writer.write_all(piece).await {
            Ok(()) if way == 5 => Ok(()),
            Ok(()) => match reader.readexactly(&mut answer).await {
                Ok(()) => {
                    assert_eq!(answer, piece);
                    visits.bytes += piece.len() as u64;
                    Ok(())
                }
                Err(_) => Err(LineError::ConnectionReset),
            },
            Err(error) => Err(error),
        };
        if had.is_err() || random.below(20) == 0 {
            break;
        }
    }
    match way {
        0 => writer.transport().clone().abort(),
        1 if had.is_ok() => {
            writer.write_eof().ok();
            let mut rest = [0];
            had = match reader.read(&mut rest).await {
                Ok(count) => {
                    assert_eq!(count, 0, "everything was answered");
                    Ok(())
                }
                Err(_) => Err(LineError::ConnectionReset),
            };
        }
        _ => {}
    }
    writer.close();
    writer.wait_closed().await.ok();
    visits.lost += u64::from(had.is_err());
    visits.done += 1;
    had
}

#[segno::coroutine(allow_large)]
async fn visits(lp: &'static EventLoop, network: impl Network + Copy, mut random: Random, seconds: u64) {
    let mut visits = Visits::default();
    let end = lp.time() + seconds.secs();
    while lp.time() < end {
        visit(lp, network, &mut random, &mut visits).await.ok();
        sleep((500_000 + random.below(1_000_000)).micros()).await;
    }
    println!("{visits:?}");
    assert!(visits.done - visits.lost > seconds / 10, "{visits:?}");
}

fn visitor(seconds: u64) -> impl FnOnce(Board) + Send {
    move |board| {
        let (lp, network) = (board.event_loop(), board.network());
        let before = holds(lp);
        lp.run_until_complete(visits(lp, network, board.random(), seconds)).unwrap();
        assert_eq!(holds(lp), before);
    }
}

/// Sends numbered datagrams, each again until its answer has come.
struct Caller {
    number: u64,
    doubled: u64,
    answered: bool,
}

impl DatagramProtocol for Caller {
    fn datagram_received(&mut self, _: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        assert_eq!(from, SERVER);
        let number = u64::from_le_bytes(data[..8].try_into().unwrap());
        assert!(number <= self.number);
        assert!(data[8..].iter().all(|byte| *byte == number as u8) && data.len() == 8 + number as usize % 1400);
        if number < self.number || std::mem::replace(&mut self.answered, true) {
            self.doubled += 1;
        }
    }
}

#[segno::coroutine]
async fn calls(lp: &'static EventLoop, network: impl Network, seconds: u64) {
    let caller = Caller { number: 0, doubled: 0, answered: false };
    let endpoint = lp.create_datagram_endpoint::<1472, 8192>(network, caller, None, Some(SERVER));
    let (transport, protocol) = endpoint.await.unwrap();
    let mut transport = transport;
    let end = lp.time() + seconds.secs();
    let (mut sent, mut answered) = (0_u64, 0_u64);
    while lp.time() < end {
        let mut datagram = vec![answered as u8; 8 + answered as usize % 1400];
        datagram[..8].copy_from_slice(&answered.to_le_bytes());
        transport.sendto(&datagram, None).unwrap();
        sent += 1;
        sleep(200.millis()).await;
        protocol.with(|caller: &mut Caller| {
            if std::mem::take(&mut caller.answered) {
                answered += 1;
                caller.number = answered;
            }
        });
    }
    transport.close();
    transport.wait_closed().await;
    println!("{answered} datagrams answered, {sent} sent");
    assert!(answered > seconds);
}

fn caller(seconds: u64) -> impl FnOnce(Board) + Send {
    move |board| {
        let (lp, network) = (board.event_loop(), board.network());
        let before = holds(lp);
        lp.run_until_complete(calls(lp, network, seconds)).unwrap();
        assert_eq!(holds(lp), before);
    }
}

/// As many connections at the same time as the stack has places.
#[segno::coroutine(allow_large)]
async fn fill(lp: &'static EventLoop, network: impl Network + Copy) {
    let mut open = Vec::new();
    for n in 0..16_u8 {
        let (reader, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
        writer.write_all(&[n]).await.unwrap();
        let mut answer = [0];
        reader.readexactly(&mut answer).await.unwrap();
        assert_eq!(answer, [n]);
        open.push(writer);
    }
    println!("{} places", open.len());
}

#[test]
fn a_long_time_on_a_bad_wire_leaves_nothing_behind() {
    let hours: f64 = std::env::var("HOURS").map_or(0.1, |hours| hours.parse().expect("HOURS is a number"));
    let seconds = (hours * 3600.0) as u64;
    let mut sim = Sim::from_env();
    let server = sim.node("server", server(seconds));
    let visitors: Vec<Node> = (0..3).map(|n| sim.node(&format!("visitor {n}"), visitor(seconds))).collect();
    let caller = sim.node("caller", caller(seconds));
    let mut random = sim.random();
    let mut passed = 0;
    while passed < seconds {
        // Each few minutes another kind of weather.
        let (wire, chance) = (sim.ethernet(), [0, 0, 10, 50, 200]);
        wire.lose(one_of(&mut random, &chance)).duplicate(one_of(&mut random, &chance));
        wire.corrupt(one_of(&mut random, &chance));
        wire.latency((100 + random.below(20_000)).micros(), one_of(&mut random, &[0, 1000, 30_000]).micros());
        let spell = (60 + random.below(300)).min(seconds - passed);
        // What they say at the end; all of it would be gigabytes.
        sim.record(passed + spell == seconds);
        let cut = random.below(120).min(spell);
        let victim = &visitors[random.below(3) as usize];
        wire.cut(&server, victim, true);
        sim.run_for(cut.secs());
        wire.cut(&server, victim, false);
        sim.run_for((spell - cut).secs());
        passed += spell;
    }
    sim.ethernet().lose(0).duplicate(0).corrupt(0).latency(100.micros(), 0.micros());
    sim.run_for((AFTERMATH + 1).secs());
    for node in visitors.iter().chain([&caller, &server]) {
        std::println!("{}: {}", node.name(), node.console().trim_end());
    }
    std::println!("{:?}", sim.ethernet().counts());
    assert!(visitors.iter().chain([&caller]).all(Node::finished));
    assert_eq!(server.console(), "nothing is left\n");
    let last = sim.node("last", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(fill(lp, board.network())).unwrap();
    });
    sim.run_for(10.secs());
    assert_eq!(last.console(), "16 places\n");
}
