//! The stack on the simulator's Ethernet, among neighbours that send anything at all.

use std::net::{Ipv4Addr, SocketAddr};

use segno::prelude::*;
use segno::println;
use segno_hostile::{EchoDatagrams, Random, bytes, echo, first_segment, packet, room};
use segno_sim::{Board, Ethernet, Node, Sim};
use segno_smoltcp::Controller;

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 7);
const SERVERS_ADDRESS: [u8; 4] = [10, 0, 0, 1];
/// The first node's controller.
const SERVERS_HARDWARE: [u8; 6] = [2, 0, 0, 0, 0, 0];

/// Serves echo over UDP and TCP; says what is left when the time is over.
fn server(seconds: u64) -> impl FnOnce(Board) + Send {
    move |board| {
        let (lp, network) = (board.event_loop(), board.network());
        let local = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 7);
        let endpoint = lp.create_datagram_endpoint::<1472, 8192>(network, EchoDatagrams, Some(local), None);
        let _endpoint = lp.run_until_complete(endpoint).unwrap().unwrap();
        let server = lp.start_server::<512, 512>(network, echo, SERVER).unwrap();
        let (tasks, before) = (lp.all_tasks().count(), room(lp));
        lp.run_until_complete(sleep(seconds.secs())).unwrap();
        assert_eq!((server.connections(), lp.all_tasks().count(), room(lp)), (0, tasks, before));
        println!("nothing is left");
    }
}

fn send(controller: &mut Ethernet, kind: [u8; 2], payload: &[u8]) {
    let frame = [&SERVERS_HARDWARE[..], &[6, 6, 6, 6, 6, 6], &kind, payload].concat();
    // Often shorter than a header.
    controller.send(&frame);
}

#[segno::coroutine]
async fn attack(mut controller: Ethernet, mut random: Random, frames: u32) {
    // When the server is there.
    sleep(1.secs()).await;
    for _ in 0..frames {
        let (kind, payload) = packet(&mut random, SERVERS_ADDRESS);
        send(&mut controller, kind, &payload[..payload.len().min(1500)]);
        if random.below(20) == 0 {
            controller.send(&[&SERVERS_HARDWARE, &*bytes(&mut random, 0, 40)].concat());
        }
        sleep((random.below(2000)).micros()).await;
    }
}

/// A dialogue over a connection, again and again until it has been had `times` times.
#[segno::coroutine(allow_large)]
async fn dialogue(lp: &'static EventLoop, network: impl Network + Copy, mut random: Random, times: u32) {
    let (mut had, mut refused) = (0, 0);
    while had < times {
        let Ok((reader, writer)) = lp.open_connection::<512, 512>(network, SERVER).await else {
            refused += 1;
            sleep(1.secs()).await;
            continue;
        };
        let data = bytes(&mut random, 1, 2000);
        for piece in data.chunks(300) {
            writer.write_all(piece).await.unwrap();
            let mut answer = vec![0; piece.len()];
            reader.readexactly(&mut answer).await.unwrap();
            assert_eq!(answer, piece);
        }
        writer.close();
        writer.wait_closed().await.unwrap();
        had += 1;
        sleep(100.millis()).await;
    }
    println!("{had} dialogues, refused: {}", refused > 0);
}

#[test]
fn malformed_frames_disturb_nobody() {
    let mut sim = Sim::from_env();
    let server = sim.node("server", server(600));
    let attacker = sim.node("attacker", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(attack(board.ethernet(), board.random(), 5_000)).unwrap();
    });
    let client = sim.node("client", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(dialogue(lp, board.network(), board.random(), 80)).unwrap();
    });
    sim.run_for(700.secs());
    assert!(attacker.finished());
    assert!(client.console().starts_with("80 dialogues"), "{}", client.console());
    assert_eq!(server.console(), "nothing is left\n");
}

#[segno::coroutine]
async fn begin(mut controller: Ethernet, mut random: Random) {
    // When the server is there.
    sleep(1.secs()).await;
    for _ in 0..100 {
        send(&mut controller, [0x08, 0x00], &first_segment(&mut random, SERVERS_ADDRESS));
        sleep(10.millis()).await;
    }
}

#[test]
fn connections_that_are_never_established_give_their_places_back() {
    let mut sim = Sim::from_env();
    let server = sim.node("server", server(600));
    sim.node("beginner", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(begin(board.ethernet(), board.random())).unwrap();
    });
    sim.run_for(120.secs());
    // All places but four.
    let clients: Vec<Node> = (0..12)
        .map(|n| {
            sim.node(&format!("client {n}"), |board| {
                let lp = board.event_loop();
                lp.run_until_complete(dialogue(lp, board.network(), board.random(), 10)).unwrap();
            })
        })
        .collect();
    sim.run_for(480.secs());
    for client in clients {
        assert_eq!(client.console(), "10 dialogues, refused: false\n");
    }
    assert_eq!(server.console(), "nothing is left\n");
}
