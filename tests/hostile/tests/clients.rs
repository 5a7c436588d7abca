//! Clients that misbehave, of servers on the simulator's network and on the host's.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use segno::prelude::*;
use segno::println;
use segno_hostile::{Random, cases, echo, room};
use segno_sim::{Board, Node, Sim};

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 7);

/// Serves until nobody is connected after so long, and says what is left then.
fn server(seconds: u64) -> impl FnOnce(Board) + Send {
    move |board| {
        let (lp, network) = (board.event_loop(), board.network());
        let server = lp.start_server::<512, 512>(network, echo, SERVER).unwrap();
        let (tasks, before) = (lp.all_tasks().count(), room(lp));
        lp.run_until_complete(sleep(seconds.secs())).unwrap();
        assert_eq!((server.connections(), lp.all_tasks().count(), room(lp)), (0, tasks, before));
        println!("nothing is left");
    }
}

/// Goes through a dialogue of 1,000 bytes each way, and ends it at some point in some way.
#[segno::coroutine(allow_large)]
async fn leaves_at_a_point(lp: &'static EventLoop, network: impl Network + Copy, mut random: Random) {
    let mut times = 0;
    while times < 200 {
        let (reader, writer) = match lp.open_connection::<512, 512>(network, SERVER).await {
            Ok(streams) => streams,
            // All places are taken, by connections that still end.
            Err(error) => {
                assert!(matches!(error, LineError::ConnectionRefused | LineError::Full), "{error}");
                sleep(1.secs()).await;
                continue;
            }
        };
        times += 1;
        let (mut sent, point) = (0, random.below(1001) as usize);
        while sent < point {
            let piece = vec![7; (point - sent).min(1 + random.below(300) as usize)];
            writer.write_all(&piece).await.unwrap();
            sent += piece.len();
            // What is not read is still on its way when the connection ends.
            if random.below(2) == 0 {
                let mut answer = vec![0; piece.len()];
                reader.readexactly(&mut answer).await.unwrap();
            }
            if random.below(4) == 0 {
                sleep(random.below(1000).micros()).await;
            }
        }
        match random.below(4) {
            0 => writer.close(),
            1 => writer.write_eof().unwrap(),
            _ => writer.transport().clone().abort(),
        }
        if random.below(2) == 0 {
            let mut rest = vec![0; 2000];
            reader.read_to_end(&mut rest).await.ok();
        }
        writer.close();
        writer.wait_closed().await.ok();
    }
    println!("200 times");
}

#[test]
fn a_client_may_leave_at_any_point() {
    cases(2, |random| {
        let mut sim = Sim::new(random.next_u64());
        let server = sim.node("server", server(500));
        let clients: Vec<Node> = (0..3)
            .map(|n| {
                sim.node(&format!("client {n}"), |board| {
                    let lp = board.event_loop();
                    lp.run_until_complete(leaves_at_a_point(lp, board.network(), board.random())).unwrap();
                })
            })
            .collect();
        sim.run_for(501.secs());
        for client in clients {
            assert_eq!(client.console(), "200 times\n");
        }
        assert_eq!(server.console(), "nothing is left\n");
    });
}

/// Says its line, reads what is answered, and stays for half a second.
#[segno::coroutine(allow_large)]
async fn says_hello(lp: &'static EventLoop, network: impl Network + Copy) {
    let (reader, writer) = lp.open_connection::<64, 64>(network, SERVER).await.unwrap();
    writer.write_all(b"hello\n").await.unwrap();
    let mut answer = [0; 6];
    reader.readexactly(&mut answer).await.unwrap();
    assert_eq!(&answer, b"hello\n");
    sleep(500.millis()).await;
    writer.close();
    writer.wait_closed().await.unwrap();
    println!("answered");
}

/// Whatever the next connection finds no room for, its stream, its transport or its task: it waits.
#[test]
fn who_is_accepted_is_served_however_little_room_there_is() {
    for bytes in (4 * 1024..6 * 1024).step_by(64) {
        let mut sim = Sim::new(0);
        sim.node("server", move |board| {
            let lp = board.event_loop_of(bytes);
            let _server = lp.start_server::<256, 256>(board.network(), echo, SERVER).unwrap();
            lp.run_forever().unwrap();
        });
        let clients: Vec<Node> = (0..6)
            .map(|n| {
                sim.node(&format!("client {n}"), |board| {
                    let lp = board.event_loop();
                    lp.run_until_complete(says_hello(lp, board.network())).unwrap();
                })
            })
            .collect();
        sim.run_for(20.secs());
        for client in clients {
            assert_eq!(client.console(), "answered\n", "with {bytes} bytes");
        }
    }
}

/// A server on the host's loopback with room for few, until somebody connects to it and says `end`.
fn host_server(bytes: usize, addresses: mpsc::Sender<SocketAddr>) -> impl FnOnce(Board) + Send {
    move |board| {
        let lp = board.event_loop_of(bytes);
        let local = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        let ending = move |reader: StreamReader, writer: StreamWriter| session(lp, reader, writer);
        let server = lp.start_server::<256, 256>(board.host_network(), ending, local).unwrap();
        let (tasks, before) = (lp.all_tasks().count(), room(lp));
        addresses.send(server.address()).unwrap();
        lp.run_forever().unwrap();
        // The others' connections have ended, or end now.
        lp.run_until_complete(sleep(100.millis())).unwrap();
        assert_eq!((server.connections(), lp.all_tasks().count(), room(lp)), (0, tasks, before));
        println!("nothing is left");
    }
}

#[segno::coroutine(allow_large)]
async fn session(lp: &'static EventLoop, reader: StreamReader, writer: StreamWriter) {
    let mut line = [0; 100];
    while let Ok(count @ 1..) = reader.readline(&mut line).await {
        match &line[..count] {
            b"end\n" => lp.stop(),
            // More than anybody's buffers take, if it is not read.
            b"flood\n" => {
                for _ in 0..100_000 {
                    if writer.write_all(&[b'x'; 200]).await.is_err() {
                        break;
                    }
                }
            }
            line => {
                if writer.write_all(line).await.is_err() {
                    break;
                }
            }
        }
    }
    writer.close();
}

/// Ends the server when it is dropped, also by a panic.
struct Ending(SocketAddr);

impl Drop for Ending {
    fn drop(&mut self) {
        // Also when all places are taken: the others have gone.
        let ended = TcpStream::connect(self.0).and_then(|mut last| last.write_all(b"end\n"));
        assert!(thread::panicking() || ended.is_ok(), "{ended:?}");
    }
}

/// Runs a server with so many bytes for its loop, and `clients` against it.
fn serve(bytes: usize, clients: impl FnOnce(SocketAddr) + Send + 'static) {
    let mut sim = Sim::new(0);
    let (sender, receiver) = mpsc::channel();
    let node = sim.node("server", host_server(bytes, sender));
    let clients = thread::spawn(move || {
        let ending = Ending(receiver.recv().unwrap());
        clients(ending.0);
    });
    sim.run_for(600.secs()); // at most: a slow machine needs more than the six that are usual
    clients.join().unwrap();
    assert!(node.console().ends_with("nothing is left\n"), "{}", node.console());
}

fn connect(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    client
}

fn is_answered(client: &mut TcpStream, patience: Duration) -> bool {
    client.set_read_timeout(Some(patience)).unwrap();
    let mut answer = [0; 6];
    match client.read_exact(&mut answer) {
        Ok(()) => {
            assert_eq!(&answer, b"hello\n");
            true
        }
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
            false
        }
    }
}

#[test]
fn who_comes_when_the_pool_is_full_waits_until_somebody_leaves() {
    serve(8 * 1024, |address| {
        let mut clients: Vec<TcpStream> = (0..20).map(|_| connect(address)).collect();
        clients.iter_mut().for_each(|client| client.write_all(b"hello\n").unwrap());
        let patience = Duration::from_millis(300);
        let (served, waiting): (Vec<_>, Vec<_>) =
            clients.into_iter().map(|mut client| (is_answered(&mut client, patience), client)).partition(|(is, _)| *is);
        assert!(!served.is_empty() && !waiting.is_empty(), "{} of 20 are served", served.len());
        drop(served);
        let mut rounds = 0;
        let mut waiting: Vec<TcpStream> = waiting.into_iter().map(|(_, client)| client).collect();
        while !waiting.is_empty() {
            waiting.retain_mut(|client| !is_answered(client, patience));
            rounds += 1;
            assert!(rounds < 20, "{} are never served", waiting.len());
        }
    });
}

#[test]
fn clients_that_never_read_or_reset_leave_nothing_behind() {
    serve(64 * 1024, |address| {
        for round in 0..10 {
            let mut hoarder = connect(address);
            hoarder.write_all(b"flood\n").unwrap();
            for point in 0..10 {
                let mut client = connect(address);
                client.write_all(&b"hello\nhello\n"[..(round + point) % 12]).unwrap();
                // What was received and not read resets the connection when it is dropped.
                if point % 2 == 0 {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            let mut good = connect(address);
            good.write_all(b"hello\n").unwrap();
            assert!(is_answered(&mut good, Duration::from_secs(5)));
        }
    });
}
