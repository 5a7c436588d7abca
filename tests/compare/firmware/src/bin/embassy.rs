//! Embassy: its executor, its time with a driver for the board's timers, its network with a driver over the same controller.
//!
//! The executor's own main function for Cortex-M sleeps by WFE, which QEMU does not: it would go round and round, and its
//! instructions could not be counted. So the executor is worked here, and sleeps by WFI, as segno does.

#![no_std]
#![no_main]

use core::cell::RefCell;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Waker};

use cortex_m_rt::entry;
use critical_section::Mutex;
use embassy_executor::raw::Executor;
use embassy_net::{Config, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
use embassy_sync::waitqueue::AtomicWaker;
use embassy_time_queue_utils::Queue;
use segno_compare_firmware::*;
use segno_smoltcp::Controller;
use segno_smoltcp::controller::{Frame, Place};
use static_cell::StaticCell;

#[path = "../machine.rs"]
mod machine;

struct Time(Mutex<RefCell<Queue>>);

impl Time {
    /// Arms the alarm for whoever is next.
    fn arm(&self, queue: &mut Queue) {
        let now = machine::micros();
        let next = queue.next_expiration(now);
        if next != u64::MAX {
            machine::ring_after(next.saturating_sub(now));
        }
    }
}

impl embassy_time_driver::Driver for Time {
    fn now(&self) -> u64 {
        machine::micros()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            let mut queue = self.0.borrow(cs).borrow_mut();
            if queue.schedule_wake(at, waker) {
                self.arm(&mut queue);
            }
        });
    }
}

embassy_time_driver::time_driver_impl!(static TIME: Time = Time(Mutex::new(RefCell::new(Queue::new()))));

fn on_alarm() {
    critical_section::with(|cs| TIME.arm(&mut TIME.0.borrow(cs).borrow_mut()));
}

static RECEIVED: AtomicWaker = AtomicWaker::new();

fn on_ethernet() {
    RECEIVED.wake();
}

/// The controller as embassy-net has it.
struct Port {
    controller: machine::Ethernet,
    place: Place,
}

struct Received<'a>(&'a mut [u8]);

struct Sending<'a> {
    controller: &'a mut machine::Ethernet,
    /// Where to make it, unless the frame that it answers is still there.
    frame: Option<&'a mut Frame>,
}

impl embassy_net_driver::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

impl embassy_net_driver::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut own;
        let frame = match self.frame {
            Some(frame) => frame,
            None => {
                own = [0; _];
                &mut own
            }
        };
        let frame = &mut frame[..len];
        let result = f(frame);
        self.controller.send(frame);
        result
    }
}

impl Driver for Port {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received<'_>, Sending<'_>)> {
        loop {
            while self.controller.has_received() && self.controller.has_room() {
                let length = self.controller.receive(&mut self.place.frame);
                if length > 0 {
                    let answer = Sending { controller: &mut self.controller, frame: None };
                    return Some((Received(&mut self.place.frame[..length]), answer));
                }
            }
            RECEIVED.register(cx.waker());
            self.controller.unmask();
            // One that came meanwhile need not interrupt.
            if !(self.controller.has_received() && self.controller.has_room()) {
                return None;
            }
        }
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Sending<'_>> {
        if !self.controller.has_room() {
            RECEIVED.register(cx.waker());
            self.controller.unmask();
            if !self.controller.has_room() {
                return None;
            }
        }
        Some(Sending { controller: &mut self.controller, frame: Some(&mut self.place.frame) })
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = segno_smoltcp::controller::LONGEST;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.controller.hardware_address())
    }
}

#[embassy_executor::task]
async fn net_task(mut runner: Runner<'static, Port>) -> ! {
    runner.run().await
}

#[cfg(feature = "udp")]
#[embassy_executor::task]
async fn echo(stack: Stack<'static>) {
    use embassy_net::udp::{PacketMetadata, UdpSocket};
    static METADATA: StaticCell<[[PacketMetadata; DATAGRAMS]; 2]> = StaticCell::new();
    static BYTES: StaticCell<[[u8; UDP_BYTES]; 2]> = StaticCell::new();
    static DATAGRAM: StaticCell<[u8; LONGEST]> = StaticCell::new();
    let [receive_metadata, send_metadata] = METADATA.init_with(|| [[PacketMetadata::EMPTY; DATAGRAMS]; 2]);
    let [receive, send] = BYTES.init_with(|| [[0; UDP_BYTES]; 2]);
    let datagram = DATAGRAM.init_with(|| [0; LONGEST]);
    let mut socket = UdpSocket::new(stack, receive_metadata, receive, send_metadata, send);
    socket.bind(PORT).unwrap();
    loop {
        if let Ok((count, from)) = socket.recv_from(datagram).await {
            socket.send_to(&datagram[..count], from).await.ok();
        }
    }
}

#[cfg(feature = "tcp")]
#[embassy_executor::task]
async fn echo(stack: Stack<'static>) {
    use embassy_net::tcp::TcpSocket;
    static BYTES: StaticCell<[[u8; TCP_BYTES]; 2]> = StaticCell::new();
    static PIECE: StaticCell<[u8; READ]> = StaticCell::new();
    let [receive, send] = BYTES.init_with(|| [[0; TCP_BYTES]; 2]);
    let piece = PIECE.init_with(|| [0; READ]);
    loop {
        let mut socket = TcpSocket::new(stack, receive, send);
        socket.set_nagle_enabled(false);
        if socket.accept(PORT).await.is_err() {
            continue;
        }
        'connection: while let Ok(count @ 1..) = socket.read(piece).await {
            let mut rest = &piece[..count];
            while !rest.is_empty() {
                match socket.write(rest).await {
                    Ok(count) => rest = &rest[count..],
                    Err(_) => break 'connection,
                }
            }
        }
        socket.close();
        socket.flush().await.ok();
    }
}

static PENDING: AtomicBool = AtomicBool::new(false);

#[unsafe(export_name = "__pender")]
fn pend(_: *mut ()) {
    PENDING.store(true, Ordering::Relaxed);
}

#[entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    static RESOURCES: StaticCell<StackResources<1>> = StaticCell::new();
    let executor: &'static Executor = EXECUTOR.init(Executor::new(core::ptr::null_mut()));
    let spawner = executor.spawner();
    let port = Port { controller: machine::start(), place: Place::new() };
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(ADDRESS, PREFIX),
        gateway: Some(GATEWAY),
        dns_servers: Default::default(),
    });
    let (stack, runner) = embassy_net::new(port, config, RESOURCES.init(StackResources::new()), machine::micros());
    spawner.spawn(net_task(runner).unwrap());
    spawner.spawn(echo(stack).unwrap());
    loop {
        PENDING.store(false, Ordering::Relaxed);
        // SAFETY: nobody else polls it, and a task does not.
        unsafe { executor.poll() };
        // What comes after the question wakes, for it cannot be served before.
        cortex_m::interrupt::free(|_| {
            if !PENDING.load(Ordering::Relaxed) {
                cortex_m::asm::wfi();
            }
        });
    }
}
