//! The stack, and the task that works it.
//!
//! # The problem
//! Frames, timers and sockets all want smoltcp to be polled, from within the loop only, and no more often than needed.
//!
//! # The design
//! One task. A step takes a few frames, sends what is to be sent, wakes whoever waits for a socket if anything has changed,
//! and sleeps until smoltcp's next deadline, the controller's interrupt, or a socket's wish.
//!
//! A socket of a connection that was dropped goes on until the other side has agreed to the end, or for a minute at most;
//! then its slot is free again.

use core::cell::{Cell, RefCell};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::pin::Pin;

use segno::net::Network;
use segno::{Context, Coroutine, EventLoop, LineError, Refused, Resume, Sleep, Waker, WakerCell};
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{Device, TxToken};
use smoltcp::socket::{tcp, udp};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, HardwareAddress, IpAddress,
    IpCidr, IpEndpoint, IpListenEndpoint,
};

use crate::controller::{Controller, Port};
use crate::tcp::{StackListener, StackStream};
use crate::udp::StackDatagrams;

/// As many frames are taken in one step: no more than datagrams are by a transport in one of its own, so that those of a burst do
/// not pile up in a socket while the rest waits in the controller.
const FRAMES: u8 = 4;

/// How long a connection that was dropped may take to end.
const LINGER: Duration = Duration::from_secs(60);

/// How long it may take to establish a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How long one that is being accepted may take to be established.
pub(crate) const HANDSHAKE: Duration = PATIENCE;

/// How long a peer may be silent while something waits to be acknowledged: a few times smoltcp's longest pause between two
/// attempts, which is a minute.
const TIMEOUT: Duration = Duration::from_secs(300);

/// The first of the ports that are given out.
const EPHEMERAL: u16 = 49_152;

/// What the stack is called on its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Its address.
    pub address: Ipv4Addr,
    /// How many bits of that name the network.
    pub prefix: u8,
    /// Where everything goes that is for no address of the network.
    pub gateway: Option<Ipv4Addr>,
    /// Something that differs from start to start: it decides sequence numbers and ports.
    pub seed: u64,
}

impl Settings {
    /// What QEMU's user network gives to its first guest.
    pub const fn of_qemu(seed: u64) -> Settings {
        let gateway = Some(Ipv4Addr::new(10, 0, 2, 2));
        Settings { address: Ipv4Addr::new(10, 0, 2, 15), prefix: 24, gateway, seed }
    }
}

/// What a socket is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Free,
    /// Somebody has it.
    Owned,
    /// It listens, for whoever has the listener of this port.
    Listening(u16),
    /// Somebody has it, and it is to be connected by then.
    Connecting(Instant),
    /// Nobody has it any more, and it is still to be ended, at the latest at this time.
    Ending(Instant),
}

/// A socket, and who waits for it.
pub(crate) struct Slot {
    /// Set at the start.
    pub handle: Cell<Option<SocketHandle>>,
    pub used: Cell<Use>,
    /// The state in which a connection was found last.
    pub seen: Cell<tcp::State>,
    pub reader: WakerCell,
    pub writer: WakerCell,
    /// The listener that wants it when it is free.
    pub accepting: WakerCell,
}

pub(crate) struct Inner<C> {
    pub interface: Interface,
    pub port: Port<C>,
    pub sockets: SocketSet<'static>,
    next_port: u16,
}

impl<C> Inner<C> {
    pub fn tcp(&mut self, slot: &Slot) -> Option<&mut tcp::Socket<'static>> {
        Some(self.sockets.get_mut(slot.handle.get()?))
    }

    pub fn udp(&mut self, slot: &Slot) -> Option<&mut udp::Socket<'static>> {
        Some(self.sockets.get_mut(slot.handle.get()?))
    }

    /// A port to be used until it comes round again.
    pub fn ephemeral_port(&mut self) -> u16 {
        let port = self.next_port;
        self.next_port = port.checked_add(1).unwrap_or(EPHEMERAL);
        port
    }
}

/// A [`Network`]: a reference to a stack, to be copied about.
pub struct StackHandle<C: Controller>(&'static Stack<C>);

impl<C: Controller> Clone for StackHandle<C> {
    fn clone(&self) -> StackHandle<C> {
        *self
    }
}

impl<C: Controller> Copy for StackHandle<C> {}

/// A network interface with its sockets.
pub(crate) struct Stack<C: Controller> {
    event_loop: &'static EventLoop,
    inner: RefCell<Inner<C>>,
    pub(crate) udp: &'static [Slot],
    pub(crate) tcp: &'static [Slot],
    task: Cell<Waker>,
}

impl<C: Controller> Stack<C> {
    pub(crate) fn new(
        event_loop: &'static EventLoop,
        controller: C,
        sockets: SocketSet<'static>,
        udp: &'static [Slot],
        tcp: &'static [Slot],
        settings: Settings,
    ) -> Stack<C> {
        let address = HardwareAddress::Ethernet(EthernetAddress(controller.hardware_address()));
        let mut port = Port::new(controller);
        let mut config = Config::new(address);
        config.random_seed = settings.seed;
        let mut interface = Interface::new(config, &mut port, now(event_loop));
        // There is room for the first address and the first route.
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(IpAddress::Ipv4(settings.address), settings.prefix)).ok();
        });
        if let Some(gateway) = settings.gateway {
            interface.routes_mut().add_default_ipv4_route(gateway).ok();
        }
        announce(&mut port, now(event_loop), settings.address);
        let next_port = EPHEMERAL | (settings.seed as u16 & 0x3fff);
        let inner = RefCell::new(Inner { interface, port, sockets, next_port });
        Stack { event_loop, inner, udp, tcp, task: Cell::new(Waker::NONE) }
    }

    pub(crate) fn start(&'static self) -> Result<StackHandle<C>, LineError> {
        match self.event_loop.create_task(Work { stack: self, sleep: None }) {
            Ok(task) => {
                self.task.set(task.as_any().waker());
                Ok(StackHandle(self))
            }
            Err(Refused::Full(_)) => Err(LineError::Full),
            Err(Refused::Closed(_)) => Err(LineError::Closed),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        now(self.event_loop)
    }

    /// Runs `f` with smoltcp. It calls nobody's code.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Inner<C>) -> R) -> R {
        f(&mut self.inner.borrow_mut())
    }

    /// Has smoltcp polled in the next turn.
    pub(crate) fn wake(&self) {
        self.event_loop.wake(self.task.get());
    }

    /// A free socket for a connection, or else one that a listener has in reserve.
    pub(crate) fn free_tcp(&self) -> Option<&'static Slot> {
        self.tcp.iter().find(|slot| slot.used.get() == Use::Free)
    }

    /// The owner has dropped a connection: it ends by itself.
    pub(crate) fn let_end(&self, slot: &'static Slot) {
        slot.used.set(Use::Ending(self.now() + LINGER));
        self.wake();
    }

    /// Frees the sockets that have ended, gives up connecting, and answers when that is to be done next.
    fn sweep(&self, inner: &mut Inner<C>) -> Option<Instant> {
        let now = self.now();
        let mut next: Option<Instant> = None;
        for slot in self.tcp {
            let Some(socket) = inner.tcp(slot) else { continue };
            // Not every change of a socket's state is told by a poll.
            if slot.seen.replace(socket.state()) != socket.state() {
                slot.reader.wake();
                slot.writer.wake();
            }
            let deadline = match slot.used.get() {
                Use::Connecting(deadline) if socket.state() == tcp::State::SynSent => {
                    if now >= deadline {
                        socket.abort();
                        slot.writer.wake();
                        continue;
                    }
                    deadline
                }
                Use::Ending(deadline) => {
                    // What still comes is for nobody.
                    while socket.can_recv() && socket.recv(|data| (data.len(), ())).is_ok() {}
                    if now >= deadline {
                        socket.abort();
                    }
                    if socket.state() == tcp::State::Closed {
                        slot.used.set(Use::Free);
                        slot.accepting.wake();
                        continue;
                    }
                    deadline
                }
                _ => continue,
            };
            next = Some(next.map_or(deadline, |next| next.min(deadline)));
        }
        next
    }

    /// Frames in, frames out. Answers whether sockets have changed, and whether there is more to do.
    fn poll(&self) -> (bool, bool) {
        let now = self.now();
        let mut inner = self.inner.borrow_mut();
        let Inner { interface, port, sockets, .. } = &mut *inner;
        let (mut changed, mut more) = (false, true);
        for _ in 0..FRAMES {
            match interface.poll_ingress_single(now, port, sockets) {
                PollIngressSingleResult::None => {
                    more = false;
                    break;
                }
                PollIngressSingleResult::PacketProcessed => {}
                PollIngressSingleResult::SocketStateChanged => changed = true,
            }
        }
        interface.poll_maintenance(now);
        changed |= interface.poll_egress(now, port, sockets) == PollResult::SocketStateChanged;
        (changed, more)
    }
}

fn now(event_loop: &EventLoop) -> Instant {
    // Microseconds since the start do not reach the sign in 292,000 years.
    Instant::from_micros(event_loop.time().as_ticks() as i64)
}

/// Tells the network who has this address (RFC 5227's announcement), so that what is sent here at once need not be lost while
/// others ask. Without room in the controller nothing is said, and they ask.
fn announce<C: Controller>(port: &mut Port<C>, now: Instant, address: Ipv4Addr) {
    let mac = EthernetAddress(port.controller.hardware_address());
    let arp = ArpRepr::EthernetIpv4 {
        operation: ArpOperation::Request,
        source_hardware_addr: mac,
        source_protocol_addr: address,
        target_hardware_addr: EthernetAddress([0; 6]),
        target_protocol_addr: address,
    };
    if let Some(token) = port.transmit(now) {
        token.consume(EthernetFrame::<&[u8]>::header_len() + arp.buffer_len(), |bytes| {
            let mut frame = EthernetFrame::new_unchecked(bytes);
            frame.set_src_addr(mac);
            frame.set_dst_addr(EthernetAddress::BROADCAST);
            frame.set_ethertype(EthernetProtocol::Arp);
            arp.emit(&mut ArpPacket::new_unchecked(frame.payload_mut()));
        });
    }
}

/// The task.
struct Work<C: Controller> {
    stack: &'static Stack<C>,
    sleep: Option<Sleep>,
}

impl<C: Controller> Coroutine for Work<C> {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // SAFETY: `sleep` alone is pinned: it is replaced in place.
        let this = unsafe { self.get_unchecked_mut() };
        let stack = this.stack;
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        let (changed, more) = stack.poll();
        if changed {
            for slot in stack.udp.iter().chain(stack.tcp) {
                slot.reader.wake();
                slot.writer.wake();
            }
        }
        let mut inner = stack.inner.borrow_mut();
        let ending = stack.sweep(&mut inner);
        let Inner { interface, port, sockets, .. } = &mut *inner;
        // It must listen, whatever else it is that wakes.
        port.controller.listen();
        if more || port.controller.has_received() {
            stack.wake();
        }
        let next = interface.poll_at(stack.now(), sockets);
        drop(inner);
        this.sleep = None;
        if let Some(deadline) = next.into_iter().chain(ending).min() {
            let micros = u64::try_from(deadline.total_micros()).unwrap_or(0);
            let sleep = this.sleep.insert(segno::sleep_until(segno::Instant::from_ticks(micros)));
            // SAFETY: it stays where it is until it has been dropped. It cannot be done at once, nor cancelled.
            let Resume::Pending = unsafe { Pin::new_unchecked(sleep) }.resume(cx) else { return Resume::Pending };
        }
        Resume::Pending
    }
}

/// An address as smoltcp has it.
pub(crate) fn endpoint(address: SocketAddr) -> Result<IpEndpoint, LineError> {
    match address.ip() {
        IpAddr::V4(ip) => Ok(IpEndpoint::new(IpAddress::Ipv4(ip), address.port())),
        IpAddr::V6(_) => Err(LineError::Unreachable),
    }
}

/// An address of this machine, or any, as smoltcp has it.
pub(crate) fn listen_endpoint(address: SocketAddr, port: u16) -> Result<IpListenEndpoint, LineError> {
    let endpoint = endpoint(SocketAddr::new(address.ip(), port)).map_err(|_| LineError::AddressNotAvailable)?;
    let addr = (!endpoint.addr.is_unspecified()).then_some(endpoint.addr);
    Ok(IpListenEndpoint { addr, port })
}

/// An address of smoltcp's.
pub(crate) fn address(endpoint: IpEndpoint) -> SocketAddr {
    let IpAddress::Ipv4(ip) = endpoint.addr;
    SocketAddr::new(IpAddr::V4(ip), endpoint.port)
}

/// A socket as it begins.
pub(crate) fn prepare(socket: &mut tcp::Socket<'_>) {
    socket.set_timeout(Some(TIMEOUT));
    // What is written is sent at once.
    socket.set_nagle_enabled(false);
}

impl<C: Controller> Network for StackHandle<C> {
    type Datagrams = StackDatagrams<C>;
    type Stream = StackStream<C>;
    type Listener = StackListener<C>;

    fn bind_datagrams(
        &self,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<StackDatagrams<C>, LineError> {
        StackDatagrams::bind(self.0, local, remote)
    }

    fn begin_connect(&self, remote: SocketAddr) -> Result<StackStream<C>, LineError> {
        StackStream::connect(self.0, remote)
    }

    fn listen(&self, local: SocketAddr, backlog: usize) -> Result<StackListener<C>, LineError> {
        StackListener::listen(self.0, local, backlog)
    }
}
