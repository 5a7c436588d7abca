//! Who talks to a machine, with the standard library's blocking sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

/// How long a machine may take to start.
const START: Duration = Duration::from_secs(60);

/// How long an answer may take, also on a busy host.
const ANSWER: Duration = Duration::from_secs(20);

/// A socket of the host, and a server on a chip.
pub enum Peer {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

/// Bytes in which a shift or a repetition is seen.
fn bytes(count: usize, seed: usize) -> Vec<u8> {
    (0..count).map(|index| (index * 31 + index / 251 + seed * 7) as u8).collect()
}

impl Peer {
    /// Waits until the server answers.
    pub fn meet(kind: &str, address: SocketAddr) -> Peer {
        let start = Instant::now();
        let wait = || assert!(start.elapsed() < START, "no answer at {kind} {address}");
        let mut peer = if kind == "udp" { Peer::meet_udp(address, wait) } else { Peer::meet_tcp(address, wait) };
        // What is found out once, such as who has which address, does not count.
        match &peer {
            Peer::Udp(_) => peer.datagrams(1..=10, 10),
            Peer::Tcp(_) => peer.round_trips(64, 10),
        };
        peer
    }

    fn meet_udp(address: SocketAddr, wait: impl Fn()) -> Peer {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        socket.connect(address).expect("loopback");
        let mut answer = [0; 1];
        let mut met = false;
        while !met {
            wait();
            socket.set_read_timeout(Some(Duration::from_secs(1))).expect("a timeout");
            // QEMU may not have bound its socket yet.
            met = socket.send(&[0]).is_ok() && socket.recv(&mut answer).is_ok();
            if !met {
                thread::sleep(Duration::from_millis(100));
            }
        }
        // Those that were sent before may be answered as well.
        while socket.recv(&mut answer).is_ok() {}
        socket.set_read_timeout(Some(ANSWER)).expect("a timeout");
        Peer::Udp(socket)
    }

    fn meet_tcp(address: SocketAddr, wait: impl Fn()) -> Peer {
        // QEMU asks who has the chip's address before it sends anything there, and forgets a connection for which nobody has said so
        // within a second, without a word. For a datagram it asks as well.
        let knock = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        loop {
            wait();
            knock.send_to(&[0], address).ok();
            thread::sleep(Duration::from_secs(1));
            if let Ok(stream) = Peer::try_connect(address) {
                return Peer::Tcp(stream);
            }
        }
    }

    /// QEMU accepts before the chip does, so there must be an answer.
    fn try_connect(address: SocketAddr) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(&[0])?;
        stream.read_exact(&mut [0; 1])?;
        stream.set_read_timeout(Some(ANSWER))?;
        Ok(stream)
    }

    fn udp(&mut self) -> &mut UdpSocket {
        match self {
            Peer::Udp(socket) => socket,
            Peer::Tcp(_) => panic!("a server of connections"),
        }
    }

    fn tcp(&mut self) -> &mut TcpStream {
        match self {
            Peer::Tcp(stream) => stream,
            Peer::Udp(_) => panic!("a server of datagrams"),
        }
    }

    /// So many datagrams of these sizes in turn, one after the other.
    pub fn datagrams(&mut self, sizes: impl Iterator<Item = usize> + Clone, count: usize) -> usize {
        for (number, size) in sizes.cycle().take(count).enumerate() {
            let datagram = bytes(size, number);
            let socket = self.udp();
            socket.send(&datagram).expect("it listens");
            expect(socket, &datagram);
        }
        count
    }

    /// So many datagrams of a size, of which `window` are under way.
    pub fn window(&mut self, size: usize, window: usize, count: usize) -> usize {
        let socket = self.udp();
        for number in 0..count + window {
            if number < count {
                socket.send(&bytes(size, number)).expect("it listens");
            }
            if let Some(number) = number.checked_sub(window) {
                expect(socket, &bytes(size, number));
            }
        }
        count
    }

    /// So many bytes there and back, so many times.
    pub fn round_trips(&mut self, size: usize, count: usize) -> usize {
        let stream = self.tcp();
        let mut answer = vec![0; size];
        for number in 0..count {
            let message = bytes(size, number);
            stream.write_all(&message).expect("it is connected");
            stream.read_exact(&mut answer).expect("it answers");
            assert_eq!(answer, message, "what was sent comes back");
        }
        count
    }

    /// So many kilobytes there and back, at the same time.
    pub fn stream(&mut self, kilobytes: usize) -> usize {
        let stream = self.tcp();
        let mut sending = stream.try_clone().expect("a second handle");
        let sent = bytes(1000 * kilobytes, kilobytes);
        let mut received = vec![0; sent.len()];
        thread::scope(|scope| {
            scope.spawn(|| sending.write_all(&sent).expect("it is connected"));
            stream.read_exact(&mut received).expect("it answers");
        });
        assert!(sent == received, "what was sent comes back");
        kilobytes
    }
}

/// Receives a datagram, which is to be this one.
fn expect(socket: &UdpSocket, datagram: &[u8]) {
    let mut answer = [0; 2048];
    match socket.recv(&mut answer) {
        Ok(count) => assert!(answer[..count] == *datagram, "a datagram of {} bytes comes back", datagram.len()),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            panic!("a datagram of {} bytes did not come back", datagram.len())
        }
        Err(error) => panic!("{error}"),
    }
}
