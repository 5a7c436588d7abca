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
use smoltcp::socket::{tcp, udp};

use crate::controller::Controller;
use crate::stack::{Settings, Slot, Stack, StackHandle, Use};

/// As many datagrams may be in a socket's buffer, in each direction.
const DATAGRAMS: usize = 8;

/// The buffers of a socket for datagrams.
struct UdpBuffers<const BYTES: usize> {
    metadata: [[udp::PacketMetadata; DATAGRAMS]; 2],
    bytes: [[u8; BYTES]; 2],
}

#[repr(C)]
struct Contents<C: Controller, const UDP: usize, const UDP_BYTES: usize, const TCP: usize, const TCP_BYTES: usize> {
    /// The sockets: these two are one array.
    udp_storage: [SocketStorage<'static>; UDP],
    tcp_storage: [SocketStorage<'static>; TCP],
    udp_buffers: [UdpBuffers<UDP_BYTES>; UDP],
    tcp_buffers: [[[u8; TCP_BYTES]; 2]; TCP],
    udp_slots: [Slot; UDP],
    tcp_slots: [Slot; TCP],
    stack: MaybeUninit<Stack<C>>,
}

impl<C: Controller, const UDP: usize, const UDP_BYTES: usize, const TCP: usize, const TCP_BYTES: usize>
    Contents<C, UDP, UDP_BYTES, TCP, TCP_BYTES>
{
    /// Writes everything in place: it is too large for the stack.
    ///
    /// # Safety
    /// The pointer is valid for writes.
    unsafe fn begin(this: *mut Self) {
        // SAFETY: the caller's promise; all fields are written, and buffers of zeros are buffers.
        unsafe {
            for index in 0..UDP {
                (&raw mut (*this).udp_storage[index]).write(SocketStorage::EMPTY);
                (&raw mut (*this).udp_slots[index]).write(Slot::new());
                let buffers = &raw mut (*this).udp_buffers[index];
                (&raw mut (*buffers).metadata).write([[udp::PacketMetadata::EMPTY; DATAGRAMS]; 2]);
                (&raw mut (*buffers).bytes).write_bytes(0, 1);
            }
            for index in 0..TCP {
                (&raw mut (*this).tcp_storage[index]).write(SocketStorage::EMPTY);
                (&raw mut (*this).tcp_slots[index]).write(Slot::new());
                (&raw mut (*this).tcp_buffers[index]).write_bytes(0, 1);
            }
        }
    }
}

/// Memory for a stack: a static. `UDP` sockets for datagrams with `UDP_BYTES` in each direction, and `TCP`
/// connections with `TCP_BYTES` in each direction; those that still end, and those that are listened with, count.
pub struct StackMemory<
    C: Controller,
    const UDP: usize,
    const UDP_BYTES: usize,
    const TCP: usize,
    const TCP_BYTES: usize,
> {
    taken: AtomicBool,
    /// Written at the start, so that it needs no room in flash.
    contents: UnsafeCell<MaybeUninit<Contents<C, UDP, UDP_BYTES, TCP, TCP_BYTES>>>,
}

// SAFETY: TAKEN.
unsafe impl<C: Controller, const UDP: usize, const UDP_BYTES: usize, const TCP: usize, const TCP_BYTES: usize> Sync
    for StackMemory<C, UDP, UDP_BYTES, TCP, TCP_BYTES>
{
}

impl<C: Controller, const UDP: usize, const UDP_BYTES: usize, const TCP: usize, const TCP_BYTES: usize>
    StackMemory<C, UDP, UDP_BYTES, TCP, TCP_BYTES>
{
    /// Memory for a stack.
    pub const fn new() -> Self {
        StackMemory { taken: AtomicBool::new(false), contents: UnsafeCell::new(MaybeUninit::uninit()) }
    }

    /// Makes the stack, and the task that works it.
    ///
    /// # Errors
    /// [`LineError::Full`] if the loop has no room for the task, or if the stack has been started before.
    pub fn start(
        &'static self,
        event_loop: &'static EventLoop,
        controller: C,
        settings: Settings,
    ) -> Result<StackHandle<C>, LineError> {
        if self.taken.swap(true, Ordering::Relaxed) {
            return Err(LineError::Full);
        }
        // SAFETY: TAKEN, and this is a static.
        let contents: &'static mut Contents<C, UDP, UDP_BYTES, TCP, TCP_BYTES> = unsafe {
            let contents = (*self.contents.get()).as_mut_ptr();
            Contents::begin(contents);
            &mut *contents
        };
        let storage: &'static mut [SocketStorage<'static>] = {
            let pointer = (&raw mut contents.udp_storage).cast::<SocketStorage<'static>>();
            // SAFETY: the two arrays are neighbours of the same type in a `repr(C)`, and used by this slice alone.
            unsafe { core::slice::from_raw_parts_mut(pointer, UDP + TCP) }
        };
        let mut sockets = SocketSet::new(storage);
        for (slot, buffers) in contents.udp_slots.iter().zip(&mut contents.udp_buffers) {
            let [receive_metadata, send_metadata] = &mut buffers.metadata;
            let [receive, send] = &mut buffers.bytes;
            let receive = udp::PacketBuffer::new(&mut receive_metadata[..], &mut receive[..]);
            let send = udp::PacketBuffer::new(&mut send_metadata[..], &mut send[..]);
            slot.handle.set(Some(sockets.add(udp::Socket::new(receive, send))));
        }
        for (slot, [receive, send]) in contents.tcp_slots.iter().zip(&mut contents.tcp_buffers) {
            let (receive, send) = (tcp::SocketBuffer::new(&mut receive[..]), tcp::SocketBuffer::new(&mut send[..]));
            slot.handle.set(Some(sockets.add(tcp::Socket::new(receive, send))));
        }
        let stack = Stack::new(event_loop, controller, sockets, &contents.udp_slots, &contents.tcp_slots, settings);
        contents.stack.write(stack).start()
    }
}

impl<C: Controller, const UDP: usize, const UDP_BYTES: usize, const TCP: usize, const TCP_BYTES: usize> Default
    for StackMemory<C, UDP, UDP_BYTES, TCP, TCP_BYTES>
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
            seen: Cell::new(tcp::State::Closed),
            reader: segno::WakerCell::new(),
            writer: segno::WakerCell::new(),
            accepting: segno::WakerCell::new(),
        }
    }
}
