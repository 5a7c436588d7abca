//! The client, with the standard library's blocking sockets.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
    stream.set_nodelay(true).expect("a socket without delay");
    stream
}

fn per_second(count: usize, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

/// One after the other, after some that do not count.
pub fn tcp_round_trips(port: u16) -> f64 {
    let mut stream = connect(port);
    let mut exchange = |count: usize| {
        let mut buffer = [7; 64];
        for _ in 0..count {
            stream.write_all(&buffer).expect("it listens");
            stream.read_exact(&mut buffer).expect("it answers");
        }
    };
    exchange(500);
    let start = Instant::now();
    exchange(5000);
    per_second(5000, start)
}

/// To all of them, then from all of them.
pub fn tcp_many(port: u16) -> f64 {
    const CLIENTS: usize = 50;
    let mut streams: Vec<TcpStream> = (0..CLIENTS).map(|_| connect(port)).collect();
    let mut exchange = |count: usize| {
        let mut buffer = [7; 64];
        for _ in 0..count {
            streams.iter_mut().for_each(|stream| stream.write_all(&buffer).expect("it listens"));
            streams.iter_mut().for_each(|stream| stream.read_exact(&mut buffer).expect("it answers"));
        }
    };
    exchange(10);
    let start = Instant::now();
    exchange(200);
    per_second(200 * CLIENTS, start)
}

/// Megabytes there and back.
pub fn tcp_stream(port: u16) -> f64 {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 1600;
    let mut stream = connect(port);
    let mut sending = stream.try_clone().expect("a second handle");
    let start = Instant::now();
    let sender = thread::spawn(move || {
        let piece = vec![7; PIECE];
        (0..PIECES).for_each(|_| sending.write_all(&piece).expect("it listens"));
    });
    let mut buffer = vec![0; PIECE];
    (0..PIECES).for_each(|_| stream.read_exact(&mut buffer).expect("it answers"));
    sender.join().expect("everything was sent");
    per_second(PIECE * PIECES, start) / 1e6
}

fn datagrams(port: u16) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.connect((Ipv4Addr::LOCALHOST, port)).expect("loopback");
    // None is lost as long as no queue is full; if one is, the round is not worth much, but ends.
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    socket
}

/// One after the other, after some that do not count.
pub fn udp_round_trips(port: u16) -> f64 {
    let socket = datagrams(port);
    let mut buffer = [7; 64];
    let mut exchange = |count: usize| {
        for _ in 0..count {
            socket.send(&buffer).expect("it listens");
            socket.recv(&mut buffer).ok();
        }
    };
    exchange(500);
    let start = Instant::now();
    exchange(5000);
    per_second(5000, start)
}

/// As many as come back are sent again.
pub fn udp_window(port: u16) -> f64 {
    let socket = datagrams(port);
    let mut buffer = [7; 1000];
    for _ in 0..16 {
        socket.send(&buffer).expect("it listens");
    }
    let start = Instant::now();
    for _ in 0..20_000 {
        socket.recv(&mut buffer).ok();
        socket.send(&buffer).expect("it listens");
    }
    per_second(20_000, start)
}
