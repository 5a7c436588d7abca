//! The stack, and the task that works it.
//!
//! # The problem
//! Frames, timers and sockets all want smoltcp to be polled, from within the loop only, and no more often than needed.
//!
//! # The design
//! One task. A step takes a few frames, sends what is to be sent, wakes whoever waits for a socket if anything has changed,
//! and sleeps until smoltcp's next deadline, the controller's interrupt, or a socket's wish.
//!
//! The sockets of each kind are in files of their own.

use core::cell::{Cell, RefCell};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::pin::Pin;

use segno::net::Network;
use segno::{Context, Coroutine, Event, EventLoop, LineError, Refused, Resume, Sleep, Waker, WakerCell};
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, PollResult, Route, SocketHandle, SocketSet};
use smoltcp::phy::{Device, TxToken};
#[cfg(feature = "tcp")]
use smoltcp::socket::tcp;
#[cfg(feature = "udp")]
use smoltcp::socket::udp;
use smoltcp::time::Instant;
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, HardwareAddress, IpAddress,
    IpCidr, IpEndpoint, IpListenEndpoint,
};

use crate::controller::{Controller, Port};
#[cfg(feature = "tcp")]
use crate::tcp::{StackListener, StackStream};
#[cfg(feature = "udp")]
use crate::udp::StackDatagrams;

/// As many frames are taken in one step: no more than datagrams are by a transport in one of its own, so that those of a burst do
/// not pile up in a socket while the rest waits in the controller.
const FRAMES: u8 = 4;

/// The first of the ports that are given out.
const EPHEMERAL: u16 = 49_152;

/// What the stack is called on its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Its address, and how many bits of that name the network; `None` if a server gives it all of this (feature `dhcp`).
    pub address: Option<(Ipv4Addr, u8)>,
    /// Where everything goes that is for no address of the network.
    pub gateway: Option<Ipv4Addr>,
    /// Who knows the addresses of names (feature `dns`).
    pub names: Option<Ipv4Addr>,
    /// Something that differs from start to start: it decides sequence numbers and ports.
    pub seed: u64,
}

impl Settings {
    /// What QEMU's user network gives to its first guest.
    pub const fn of_qemu(seed: u64) -> Settings {
        Settings {
            address: Some((Ipv4Addr::new(10, 0, 2, 15), 24)),
            gateway: Some(Ipv4Addr::new(10, 0, 2, 2)),
            names: Some(Ipv4Addr::new(10, 0, 2, 3)),
            seed,
        }
    }

    /// Whatever a server says: see [`StackHandle::configured`].
    #[cfg(feature = "dhcp")]
    pub const fn dhcp(seed: u64) -> Settings {
        Settings { address: None, gateway: None, names: None, seed }
    }
}

/// What a socket is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Free,
    /// Somebody has it.
    Owned,
    /// It listens, for whoever has the listener of this port.
    #[cfg(feature = "tcp")]
    Listening(u16),
    /// Somebody has it, and it is to be connected by then.
    #[cfg(feature = "tcp")]
    Connecting(Instant),
    /// Nobody has it any more, and it is still to be ended, at the latest at this time.
    #[cfg(feature = "tcp")]
    Ending(Instant),
}

/// A socket, and who waits for it.
pub(crate) struct Slot {
    /// Set at the start.
    pub handle: Cell<Option<SocketHandle>>,
    pub used: Cell<Use>,
    /// The state in which a connection was found last.
    #[cfg(feature = "tcp")]
    pub seen: Cell<tcp::State>,
    pub reader: WakerCell,
    pub writer: WakerCell,
    /// The listener that wants it when it is free.
    #[cfg(feature = "tcp")]
    pub accepting: WakerCell,
}

pub(crate) struct Inner<C> {
    pub interface: Interface,
    pub port: Port<C>,
    pub sockets: SocketSet<'static>,
    #[cfg(any(feature = "dhcp", feature = "dns"))]
    pub services: Services,
    next_port: u16,
}

/// The stack's own sockets.
#[derive(Clone, Copy)]
pub(crate) struct Services {
    /// Unless the address is known.
    #[cfg(feature = "dhcp")]
    pub dhcp: Option<SocketHandle>,
    #[cfg(feature = "dns")]
    pub dns: SocketHandle,
}

impl<C> Inner<C> {
    #[cfg(feature = "tcp")]
    pub fn tcp(&mut self, slot: &Slot) -> Option<&mut tcp::Socket<'static>> {
        Some(self.sockets.get_mut(slot.handle.get()?))
    }

    #[cfg(feature = "udp")]
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
pub struct StackHandle<C: Controller>(pub(crate) &'static Stack<C>);

impl<C: Controller> Clone for StackHandle<C> {
    fn clone(&self) -> StackHandle<C> {
        *self
    }
}

impl<C: Controller> Copy for StackHandle<C> {}

impl<C: Controller> StackHandle<C> {
    /// The stack's address, if it has one.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.0.with(|inner| inner.interface.ipv4_addr())
    }

    /// Waits until the stack has an address. `wait_for` limits how long.
    pub fn configured(&self) -> impl Coroutine<Output = ()> + Future<Output = ()> + use<C> {
        self.0.configured.wait()
    }
}

/// The sockets of one kind, and who waits for them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slots {
    pub udp: &'static [Slot],
    pub tcp: &'static [Slot],
    /// Questions for names.
    pub names: &'static [Slot],
}

/// What a poll has done.
struct Polled {
    /// Sockets have received something.
    received: bool,
    /// Sockets have sent something.
    sent: bool,
    /// There may be more to be received.
    more: bool,
}

/// A network interface with its sockets.
pub(crate) struct Stack<C: Controller> {
    event_loop: &'static EventLoop,
    inner: RefCell<Inner<C>>,
    pub(crate) slots: Slots,
    /// It has an address.
    configured: Event,
    task: Cell<Waker>,
}

impl<C: Controller> Stack<C> {
    pub(crate) fn new(
        event_loop: &'static EventLoop,
        controller: C,
        sockets: SocketSet<'static>,
        services: Services,
        slots: Slots,
        settings: Settings,
    ) -> Stack<C> {
        let address = HardwareAddress::Ethernet(EthernetAddress(controller.hardware_address()));
        let mut port = Port::new(controller);
        let mut config = Config::new(address);
        config.random_seed = settings.seed;
        let interface = Interface::new(config, &mut port, now(event_loop));
        let next_port = EPHEMERAL | (settings.seed as u16 & 0x3fff);
        #[cfg(not(any(feature = "dhcp", feature = "dns")))]
        let Services {} = services;
        let mut inner = Inner {
            interface,
            port,
            sockets,
            #[cfg(any(feature = "dhcp", feature = "dns"))]
            services,
            next_port,
        };
        let configured = Event::new();
        if let Some((address, prefix)) = settings.address {
            inner.configure(now(event_loop), address, prefix, settings.gateway);
            configured.set();
        }
        Stack { event_loop, inner: RefCell::new(inner), slots, configured, task: Cell::new(Waker::NONE) }
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

    /// Frames in, frames out.
    fn poll(&self) -> Polled {
        let now = self.now();
        let mut inner = self.inner.borrow_mut();
        let Inner { interface, port, sockets, .. } = &mut *inner;
        let (mut received, mut more) = (false, true);
        for _ in 0..FRAMES {
            match interface.poll_ingress_single(now, port, sockets) {
                PollIngressSingleResult::None => {
                    more = false;
                    break;
                }
                PollIngressSingleResult::PacketProcessed => {}
                PollIngressSingleResult::SocketStateChanged => received = true,
            }
        }
        interface.poll_maintenance(now);
        let sent = interface.poll_egress(now, port, sockets) == PollResult::SocketStateChanged;
        #[cfg(feature = "dhcp")]
        self.follow_server(now, &mut inner);
        Polled { received, sent, more }
    }

    /// Takes over what the server of addresses says.
    #[cfg(feature = "dhcp")]
    fn follow_server(&self, now: Instant, inner: &mut Inner<C>) {
        use smoltcp::socket::dhcpv4;
        let Some(dhcp) = inner.services.dhcp else { return };
        match inner.sockets.get_mut::<dhcpv4::Socket<'static>>(dhcp).poll() {
            None => {}
            Some(dhcpv4::Event::Configured(config)) => {
                let (address, gateway) = (config.address, config.router);
                #[cfg(feature = "dns")]
                {
                    let names = config.dns_servers.clone();
                    inner.ask(names.into_iter());
                }
                inner.configure(now, address.address(), address.prefix_len(), gateway);
                self.configured.set();
            }
            Some(dhcpv4::Event::Deconfigured) => {
                inner.interface.update_ip_addrs(|addresses| addresses.clear());
                inner.interface.routes_mut().update(|routes| routes.clear());
                self.configured.clear();
            }
        }
    }
}

impl<C: Controller> Inner<C> {
    /// Takes this address, and tells the network.
    fn configure(&mut self, now: Instant, address: Ipv4Addr, prefix: u8, gateway: Option<Ipv4Addr>) {
        // There is room for the first address and the first route.
        self.interface.update_ip_addrs(|addresses| {
            addresses.clear();
            addresses.push(IpCidr::new(IpAddress::Ipv4(address), prefix)).ok();
        });
        self.interface.routes_mut().update(|routes| {
            routes.clear();
            routes.extend(gateway.map(Route::new_ipv4_gateway));
        });
        announce(&mut self.port, now, address);
    }

    /// Asks these for names from now on.
    #[cfg(all(feature = "dhcp", feature = "dns"))]
    fn ask(&mut self, servers: impl Iterator<Item = Ipv4Addr>) {
        let mut list = [IpAddress::Ipv4(Ipv4Addr::UNSPECIFIED); 2];
        let count = list.iter_mut().zip(servers).map(|(place, server)| *place = IpAddress::Ipv4(server)).count();
        let dns = self.sockets.get_mut::<smoltcp::socket::dns::Socket<'static>>(self.services.dns);
        dns.update_servers(&list[..count]);
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
        let Polled { received, sent, more } = stack.poll();
        if received {
            stack.slots.udp.iter().for_each(|slot| slot.reader.wake());
            // What a peer has acknowledged makes room. That a connection's state has changed is seen below.
            for slot in stack.slots.tcp {
                slot.reader.wake();
                slot.writer.wake();
            }
        }
        if sent {
            stack.slots.udp.iter().for_each(|slot| slot.writer.wake());
        }
        // That a question ends without an answer is no change of a socket.
        stack.slots.names.iter().for_each(|slot| slot.reader.wake());
        let mut inner = stack.inner.borrow_mut();
        #[cfg(feature = "tcp")]
        let ending = stack.sweep(&mut inner);
        #[cfg(not(feature = "tcp"))]
        let ending = None;
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

/// There are no sockets of a kind that is left out.
#[cfg(not(all(feature = "tcp", feature = "udp")))]
use segno::net::NoSocket;

impl<C: Controller> Network for StackHandle<C> {
    #[cfg(feature = "udp")]
    type Datagrams = StackDatagrams<C>;
    #[cfg(not(feature = "udp"))]
    type Datagrams = NoSocket;
    #[cfg(feature = "tcp")]
    type Stream = StackStream<C>;
    #[cfg(not(feature = "tcp"))]
    type Stream = NoSocket;
    #[cfg(feature = "tcp")]
    type Listener = StackListener<C>;
    #[cfg(not(feature = "tcp"))]
    type Listener = NoSocket;

    #[cfg(feature = "udp")]
    fn bind_datagrams(
        &self,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<StackDatagrams<C>, LineError> {
        StackDatagrams::bind(self.0, local, remote)
    }

    #[cfg(not(feature = "udp"))]
    fn bind_datagrams(&self, _: Option<SocketAddr>, _: Option<SocketAddr>) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }

    #[cfg(feature = "tcp")]
    fn begin_connect(&self, remote: SocketAddr) -> Result<StackStream<C>, LineError> {
        StackStream::connect(self.0, remote)
    }

    #[cfg(not(feature = "tcp"))]
    fn begin_connect(&self, _: SocketAddr) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }

    #[cfg(feature = "tcp")]
    fn listen(&self, local: SocketAddr, backlog: usize) -> Result<StackListener<C>, LineError> {
        StackListener::listen(self.0, local, backlog)
    }

    #[cfg(not(feature = "tcp"))]
    fn listen(&self, _: SocketAddr, _: usize) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }
}
