//! smoltcp alone: the main function polls it, echoes, and sleeps until an interrupt.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use segno_compare_firmware::*;
use segno_smoltcp::Controller;
use segno_smoltcp::controller::Port;
use segno_smoltcp::smoltcp::iface::{Config, Interface, SocketSet, SocketStorage};
use segno_smoltcp::smoltcp::time::Instant;
use segno_smoltcp::smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr};
use static_cell::StaticCell;

#[path = "../machine.rs"]
mod machine;

/// Waking is enough.
fn on_alarm() {}

fn on_ethernet() {}

fn now() -> Instant {
    Instant::from_micros(machine::micros() as i64)
}

#[cfg(feature = "udp")]
mod echo {
    use super::*;
    use segno_smoltcp::smoltcp::socket::udp::{PacketBuffer, PacketMetadata, Socket};

    pub type Buffer = [u8; LONGEST];

    pub fn socket() -> Socket<'static> {
        static METADATA: StaticCell<[[PacketMetadata; DATAGRAMS]; 2]> = StaticCell::new();
        static BYTES: StaticCell<[[u8; UDP_BYTES]; 2]> = StaticCell::new();
        let [receive_metadata, send_metadata] = METADATA.init_with(|| [[PacketMetadata::EMPTY; DATAGRAMS]; 2]);
        let [receive, send] = BYTES.init_with(|| [[0; UDP_BYTES]; 2]);
        let receive = PacketBuffer::new(&mut receive_metadata[..], &mut receive[..]);
        let mut socket = Socket::new(receive, PacketBuffer::new(&mut send_metadata[..], &mut send[..]));
        socket.bind(PORT).unwrap();
        socket
    }

    /// Answers whether there was anything to do.
    pub fn serve(socket: &mut Socket, buffer: &mut Buffer) -> bool {
        let mut worked = false;
        while socket.can_send()
            && let Ok((count, from)) = socket.recv_slice(buffer)
        {
            socket.send_slice(&buffer[..count], from.endpoint).ok();
            worked = true;
        }
        worked
    }
}

#[cfg(feature = "tcp")]
mod echo {
    use super::*;
    use segno_smoltcp::smoltcp::socket::tcp::{Socket, SocketBuffer, State};

    pub type Buffer = [u8; READ];

    pub fn socket() -> Socket<'static> {
        static BYTES: StaticCell<[[u8; TCP_BYTES]; 2]> = StaticCell::new();
        let [receive, send] = BYTES.init_with(|| [[0; TCP_BYTES]; 2]);
        let mut socket = Socket::new(SocketBuffer::new(&mut receive[..]), SocketBuffer::new(&mut send[..]));
        socket.set_nagle_enabled(false);
        socket
    }

    /// Answers whether there was anything to do.
    pub fn serve(socket: &mut Socket, buffer: &mut Buffer) -> bool {
        if socket.state() == State::Closed {
            socket.listen(PORT).unwrap();
        }
        let mut worked = false;
        while socket.can_send() && socket.can_recv() {
            let room = socket.send_capacity() - socket.send_queue();
            let count = socket.recv_slice(&mut buffer[..READ.min(room)]).unwrap_or(0);
            socket.send_slice(&buffer[..count]).ok();
            worked = true;
        }
        if socket.state() == State::CloseWait && !socket.can_recv() {
            socket.close();
            worked = true;
        }
        worked
    }
}

#[entry]
fn main() -> ! {
    static STORAGE: StaticCell<[SocketStorage<'static>; 1]> = StaticCell::new();
    static DEVICE: StaticCell<Port<machine::Ethernet>> = StaticCell::new();
    static BUFFER: StaticCell<echo::Buffer> = StaticCell::new();
    let ethernet = machine::start();
    let buffer = BUFFER.init([0; _]);
    let address = EthernetAddress(ethernet.hardware_address());
    let port = DEVICE.init(Port::new(ethernet));
    let mut interface = Interface::new(Config::new(HardwareAddress::Ethernet(address)), port, now());
    interface.update_ip_addrs(|addresses| addresses.push(IpCidr::new(ADDRESS.into(), PREFIX)).unwrap());
    interface.routes_mut().add_default_ipv4_route(GATEWAY).unwrap();
    let mut sockets = SocketSet::new(&mut STORAGE.init([SocketStorage::EMPTY])[..]);
    let handle = sockets.add(echo::socket());
    loop {
        interface.poll(now(), port, &mut sockets);
        if echo::serve(sockets.get_mut(handle), buffer) {
            continue;
        }
        port.controller.unmask();
        if let Some(pause) = interface.poll_delay(now(), &sockets) {
            machine::ring_after(pause.total_micros());
        }
        // What comes after the question wakes, for it cannot be served before.
        cortex_m::interrupt::free(|_| {
            if !port.controller.has_received() {
                cortex_m::asm::wfi();
            }
        });
    }
}
