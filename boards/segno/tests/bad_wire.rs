//! Firmware on a bad wire: raw frames between QEMU and a stack of this process, whose faults are smoltcp's.
//!
//! The faults begin when both sides know each other's hardware address: a question for that has no checksum but the frame's, which
//! this wire does not have.

mod support;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use segno_examples::{tcp_shell, udp_echo};
use segno_smoltcp::smoltcp;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::phy::{Device, DeviceCapabilities, FaultInjector, Medium, RxToken, TxToken};
use smoltcp::socket::{tcp, udp};
use smoltcp::time::Instant as StackTime;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use support::served::{LIMIT, Served, networked_boards};

const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
const FIRMWARE: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);

/// Of a hundred frames, as many are lost, and as many have a bit flipped, in each direction.
const FAULTS: u8 = 5;

/// A frame is a datagram on loopback.
struct Frames {
    socket: UdpSocket,
    to: SocketAddr,
}

struct Received(Vec<u8>);

struct Sending<'a>(&'a Frames);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = vec![0; length];
        let result = f(&mut frame);
        self.0.socket.send_to(&frame, self.0.to).ok();
        result
    }
}

impl Device for Frames {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: StackTime) -> Option<(Received, Sending<'_>)> {
        let mut frame = vec![0; 2000];
        let count = self.socket.recv(&mut frame).ok()?;
        frame.truncate(count);
        Some((Received(frame), Sending(self)))
    }

    fn transmit(&mut self, _: StackTime) -> Option<Sending<'_>> {
        Some(Sending(self))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = 1514;
        capabilities.medium = Medium::Ethernet;
        capabilities
    }
}

/// Firmware in QEMU, and a stack at the other end of its wire.
struct World {
    /// Ends with this.
    _firmware: Served,
    interface: Interface,
    device: FaultInjector<Frames>,
    sockets: SocketSet<'static>,
    start: Instant,
}

impl World {
    fn start(board: &str, program: &str) -> World {
        let free = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let socket = free();
        socket.set_nonblocking(true).expect("it can");
        let here = socket.local_addr().expect("it is bound");
        let to = free().local_addr().expect("it is bound");
        let nic = format!("socket,udp={here},localaddr={to}");
        let firmware = Served::start(&["qemu", board, program, "--for", LIMIT, "--nic", &nic]);
        let mut device = FaultInjector::new(Frames { socket, to }, 1);
        let address = EthernetAddress([2, 0, 0, 0, 0, 1]);
        let mut interface = Interface::new(Config::new(address.into()), &mut device, StackTime::ZERO);
        interface.update_ip_addrs(|addresses| addresses.push(IpCidr::new(IpAddress::Ipv4(HOST), 24)).expect("room"));
        let storage = Box::leak(Box::new([SocketStorage::EMPTY; 1]));
        World {
            _firmware: firmware,
            interface,
            device,
            sockets: SocketSet::new(&mut storage[..]),
            start: Instant::now(),
        }
    }

    /// Lets frames go and come, for a moment.
    fn poll(&mut self) {
        let now = StackTime::from_micros(self.start.elapsed().as_micros() as i64);
        self.interface.poll(now, &mut self.device, &mut self.sockets);
        std::thread::sleep(Duration::from_micros(200));
    }

    fn begin_faults(&mut self) {
        self.device.set_drop_chance(FAULTS);
        self.device.set_corrupt_chance(FAULTS);
    }
}

fn leak<T: Clone>(value: T, count: usize) -> &'static mut [T] {
    vec![value; count].leak()
}

/// A datagram that says its number.
fn datagram(number: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..4 + number % 1468).map(|place| (place * 7 + number) as u8).collect();
    bytes[..4].copy_from_slice(&(number as u32).to_le_bytes());
    bytes
}

/// Sends it again and again until its own answer has come; answers how often.
fn ask(world: &mut World, handle: SocketHandle, number: usize) -> u32 {
    let question = datagram(number);
    let mut sent = 0;
    loop {
        let socket = world.sockets.get_mut::<udp::Socket>(handle);
        socket.send_slice(&question, (FIRMWARE, udp_echo::PORT)).expect("room for one");
        sent += 1;
        let limit = Instant::now() + Duration::from_millis(30);
        while Instant::now() < limit {
            world.poll();
            let socket = world.sockets.get_mut::<udp::Socket>(handle);
            while let Ok((answer, _)) = socket.recv() {
                let count = u32::from_le_bytes(answer[..4].try_into().expect("at least four bytes")) as usize;
                assert_eq!(answer, datagram(count), "an answer that nobody had asked for");
                if count == number {
                    return sent;
                }
            }
        }
        assert!(sent < 2000, "no answer to datagram {number}");
    }
}

#[test]
fn datagrams_are_echoed_unharmed_or_not_at_all() {
    for board in networked_boards() {
        let mut world = World::start(board, "udp_echo");
        let buffer = || udp::PacketBuffer::new(leak(udp::PacketMetadata::EMPTY, 8), leak(0, 16_384));
        let mut socket = udp::Socket::new(buffer(), buffer());
        socket.bind(5000).expect("a free port");
        let handle = world.sockets.add(socket);
        ask(&mut world, handle, 0);
        world.begin_faults();
        let sent: u32 = (1..=1000).map(|number| ask(&mut world, handle, number)).sum();
        assert!(sent > 1050, "{sent} sent: the wire is good");
        println!("{board}: 1000 answers, {sent} sent");
    }
}

#[test]
fn a_stream_loses_and_doubles_nothing() {
    for board in networked_boards() {
        let mut world = World::start(board, "tcp_shell");
        let mut socket = tcp::Socket::new(tcp::SocketBuffer::new(leak(0, 4096)), tcp::SocketBuffer::new(leak(0, 4096)));
        socket.set_timeout(Some(smoltcp::time::Duration::from_secs(60)));
        let handle = world.sockets.add(socket);
        let socket = world.sockets.get_mut::<tcp::Socket>(handle);
        socket.connect(world.interface.context(), (FIRMWARE, tcp_shell::PORT), 5000).expect("it may");
        let mut said = Vec::new();
        let begin = Instant::now();
        let mut asked = false;
        loop {
            world.poll();
            let socket = world.sockets.get_mut::<tcp::Socket>(handle);
            if let Ok(count) = socket.recv(|bytes| {
                said.extend_from_slice(bytes);
                (bytes.len(), bytes.len())
            }) && count > 0
                && !asked
            {
                // Its prompt: they know each other.
                asked = true;
                socket.send_slice(b"count 5000\necho the end\nquit\n").expect("it is connected");
                world.begin_faults();
                continue;
            }
            if asked && !socket.may_recv() {
                break;
            }
            assert!(begin.elapsed() < Duration::from_secs(55), "{} bytes, {:?}", said.len(), socket.state());
        }
        let numbers: String = (1..=5000).map(|number| format!("{number}\n")).collect();
        assert_eq!(String::from_utf8_lossy(&said), format!("> {numbers}> the end\n> "));
        println!("{board}: {} bytes in {:?}", said.len(), begin.elapsed());
    }
}
