//! The stack's static memory.
//!
//! # The problem
//! smoltcp borrows the memory of sockets and buffers, for as long as it lives; on a chip that is for ever.
//!
//! # The design
//! A static of a type that names all sizes. The first start takes all of it as `'static`; there is no second one.
//!
//! # Invariants
//! - **TAKEN**: only who has set `taken` refers to the contents.

use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use segno::{EventLoop, LineError};
use smoltcp::iface::{SocketSet, SocketStorage};
#[cfg(feature = "dns")]
use smoltcp::socket::dns;
#[cfg(feature = "tcp")]
use smoltcp::socket::tcp;
#[cfg(feature = "udp")]
use smoltcp::socket::udp;

use crate::controller::Controller;
use crate::stack::{Services, Settings, Slot, Slots, Stack, StackHandle, Use};

/// The stack's own sockets.
const SERVICES: usize = cfg!(feature = "dhcp") as usize + cfg!(feature = "dns") as usize;

/// As many datagrams may be in a socket's buffer, in each direction.
#[cfg(feature = "udp")]
const DATAGRAMS: usize = 8;

/// The buffers of a socket for datagrams.
#[cfg(feature = "udp")]
struct UdpBuffers<const BYTES: usize> {
    metadata: [[udp::PacketMetadata; DATAGRAMS]; 2],
    bytes: [[u8; BYTES]; 2],
}

#[repr(C)]
struct Contents<
    C: Controller,
    const UDP: usize,
    const UDP_BYTES: usize,
    const TCP: usize,
    const TCP_BYTES: usize,
    const NAMES: usize,
> {
    /// The sockets: these three are one array.
    udp_storage: [SocketStorage<'static>; UDP],
    tcp_storage: [SocketStorage<'static>; TCP],
    own_storage: [SocketStorage<'static>; SERVICES],
    #[cfg(feature = "udp")]
    udp_buffers: [UdpBuffers<UDP_BYTES>; UDP],
    #[cfg(feature = "tcp")]
    tcp_buffers: [[[u8; TCP_BYTES]; 2]; TCP],
    #[cfg(feature = "dns")]
    questions: [Option<dns::DnsQuery>; NAMES],
    udp_slots: [Slot; UDP],
    tcp_slots: [Slot; TCP],
    name_slots: [Slot; NAMES],
    stack: MaybeUninit<Stack<C>>,
}

impl<
    C: Controller,
    const UDP: usize,
    const UDP_BYTES: usize,
    const TCP: usize,
    const TCP_BYTES: usize,
    const NAMES: usize,
> Contents<C, UDP, UDP_BYTES, TCP, TCP_BYTES, NAMES>
{
    /// Writes everything in place: it is too large for the stack.
    ///
    /// # Safety
    /// The pointer is valid for writes, and what is there is zero.
    unsafe fn begin(this: *mut Self) {
        // SAFETY: the caller's promise; all fields are written but the buffers of bytes, and zeros are bytes.
        unsafe {
            for index in 0..UDP {
                (&raw mut (*this).udp_storage[index]).write(SocketStorage::EMPTY);
                (&raw mut (*this).udp_slots[index]).write(Slot::new());
                #[cfg(feature = "udp")]
                {
                    let buffers = &raw mut (*this).udp_buffers[index];
                    (&raw mut (*buffers).metadata).write([[udp::PacketMetadata::EMPTY; DATAGRAMS]; 2]);
                }
            }
            for index in 0..TCP {
                (&raw mut (*this).tcp_storage[index]).write(SocketStorage::EMPTY);
                (&raw mut (*this).tcp_slots[index]).write(Slot::new());
            }
            (&raw mut (*this).own_storage).write([SocketStorage::EMPTY; SERVICES]);
            for index in 0..NAMES {
                #[cfg(feature = "dns")]
                (&raw mut (*this).questions[index]).write(None);
                (&raw mut (*this).name_slots[index]).write(Slot::new());
            }
        }
    }
}

/// Memory for a stack: a static. `UDP` sockets for datagrams with `UDP_BYTES` in each direction, and `TCP`
/// connections with `TCP_BYTES` in each direction; those that still end, and those that are listened with, count. `NAMES` names
/// can be asked for at the same time. What a feature is needed for can only be 0 without it.
pub struct StackMemory<
    C: Controller,
    const UDP: usize,
    const UDP_BYTES: usize,
    const TCP: usize,
    const TCP_BYTES: usize,
    const NAMES: usize = 0,
> {
    taken: AtomicBool,
    /// Written at the start, so that it needs no room in flash.
    contents: UnsafeCell<MaybeUninit<Contents<C, UDP, UDP_BYTES, TCP, TCP_BYTES, NAMES>>>,
}

// SAFETY: TAKEN.
unsafe impl<
    C: Controller,
    const UDP: usize,
    const UDP_BYTES: usize,
    const TCP: usize,
    const TCP_BYTES: usize,
    const NAMES: usize,
> Sync for StackMemory<C, UDP, UDP_BYTES, TCP, TCP_BYTES, NAMES>
{
}

impl<
    C: Controller,
    const UDP: usize,
    const UDP_BYTES: usize,
    const TCP: usize,
    const TCP_BYTES: usize,
    const NAMES: usize,
> StackMemory<C, UDP, UDP_BYTES, TCP, TCP_BYTES, NAMES>
{
    /// Memory for a stack.
    pub const fn new() -> Self {
        StackMemory { taken: AtomicBool::new(false), contents: UnsafeCell::new(MaybeUninit::zeroed()) }
    }

    /// Makes the stack, and the task that works it.
    ///
    /// # Errors
    /// [`LineError::Full`] if the loop has no room for the task, or if the stack has been started before.
    /// [`LineError::Unsupported`] for an address that is to come from a server, without the feature `dhcp`.
    pub fn start(
        &'static self,
        event_loop: &'static EventLoop,
        controller: C,
        settings: Settings,
    ) -> Result<StackHandle<C>, LineError> {
        const {
            assert!(UDP == 0 || cfg!(feature = "udp"), "datagrams need the feature `udp`");
            assert!(TCP == 0 || cfg!(feature = "tcp"), "connections need the feature `tcp`");
            assert!(NAMES == 0 || cfg!(feature = "dns"), "names need the feature `dns`");
        }
        if settings.address.is_none() && cfg!(not(feature = "dhcp")) {
            return Err(LineError::Unsupported);
        }
        if self.taken.swap(true, Ordering::Relaxed) {
            return Err(LineError::Full);
        }
        // SAFETY: TAKEN, and this is a static, which begins with zeros.
        let contents: &'static mut Contents<C, UDP, UDP_BYTES, TCP, TCP_BYTES, NAMES> = unsafe {
            let contents = (*self.contents.get()).as_mut_ptr();
            Contents::begin(contents);
            &mut *contents
        };
        let storage: &'static mut [SocketStorage<'static>] = {
            let pointer = (&raw mut contents.udp_storage).cast::<SocketStorage<'static>>();
            // SAFETY: the three arrays are neighbours of the same type in a `repr(C)`, and used by this slice alone.
            unsafe { core::slice::from_raw_parts_mut(pointer, UDP + TCP + SERVICES) }
        };
        let mut sockets = SocketSet::new(storage);
        #[cfg(feature = "udp")]
        for (slot, buffers) in contents.udp_slots.iter().zip(&mut contents.udp_buffers) {
            let [receive_metadata, send_metadata] = &mut buffers.metadata;
            let [receive, send] = &mut buffers.bytes;
            let receive = udp::PacketBuffer::new(&mut receive_metadata[..], &mut receive[..]);
            let send = udp::PacketBuffer::new(&mut send_metadata[..], &mut send[..]);
            slot.handle.set(Some(sockets.add(udp::Socket::new(receive, send))));
        }
        #[cfg(feature = "tcp")]
        for (slot, [receive, send]) in contents.tcp_slots.iter().zip(&mut contents.tcp_buffers) {
            let (receive, send) = (tcp::SocketBuffer::new(&mut receive[..]), tcp::SocketBuffer::new(&mut send[..]));
            slot.handle.set(Some(sockets.add(tcp::Socket::new(receive, send))));
        }
        let services = Services {
            #[cfg(feature = "dhcp")]
            dhcp: settings.address.is_none().then(|| sockets.add(smoltcp::socket::dhcpv4::Socket::new())),
            #[cfg(feature = "dns")]
            dns: sockets.add(dns::Socket::new(settings.names.map(Into::into).as_slice(), &mut contents.questions[..])),
        };
        let slots = Slots { udp: &contents.udp_slots, tcp: &contents.tcp_slots, names: &contents.name_slots };
        let stack = Stack::new(event_loop, controller, sockets, services, slots, settings);
        contents.stack.write(stack).start()
    }
}

impl<
    C: Controller,
    const UDP: usize,
    const UDP_BYTES: usize,
    const TCP: usize,
    const TCP_BYTES: usize,
    const NAMES: usize,
> Default for StackMemory<C, UDP, UDP_BYTES, TCP, TCP_BYTES, NAMES>
{
    fn default() -> Self {
        StackMemory::new()
    }
}

impl Slot {
    const fn new() -> Slot {
        Slot {
            handle: Cell::new(None),
            used: Cell::new(Use::Free),
            #[cfg(feature = "tcp")]
            seen: Cell::new(tcp::State::Closed),
            reader: segno::WakerCell::new(),
            writer: segno::WakerCell::new(),
            #[cfg(feature = "tcp")]
            accepting: segno::WakerCell::new(),
        }
    }
}
