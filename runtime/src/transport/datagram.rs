//! A datagram socket as a transport.
//!
//! # The problem
//! A datagram is sent and received whole or not at all, each with its address, and its errors are not the endpoint's end.
//!
//! # The design
//! A task, as for streams. `sendto` gives the datagram to the socket at once; if that would block, it is copied into the
//! write buffer, a list of records of header and bytes without gaps: what is sent is taken from the front, and the rest
//! moves up. The marks count the bytes of the records, headers included, and all of them are given back.
//!
//! # Costs
//! 25 bytes for each datagram that waits. Moving the rest is a copy of all of it, but datagrams rarely wait.

use core::cell::{Cell, UnsafeCell};
use core::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use core::pin::Pin;
use core::ptr::NonNull;

use super::core::{Core, ExtraInfo};
use super::step::Step;
use super::stream::blocked;
use super::{
    BaseTransport, DatagramSocket, DatagramTransport, Info, LimitsError, LineError, SendError, TransportHandle,
};
use crate::coroutine::{Context, Coroutine, Resume};
use crate::event_loop::{EventLoop, Refused};
use crate::protocol::{DatagramProtocol, ProtocolHandle};
use crate::task::AnyTask;

/// As many datagrams are received, or sent, in one step.
const CHUNKS: u8 = 4;

/// The bytes in front of a record: the datagram's length (2), kind of address (1), address (16), scope (4), port (2).
const HEADER: usize = 25;

/// No address: to the peer.
const TO_PEER: u8 = 0;
const TO_V4: u8 = 4;
const TO_V6: u8 = 6;

type Endpoint = Core<dyn DatagramProtocol>;

/// A reference to a datagram endpoint, for code outside of the protocol's callbacks. Dropping it closes nothing.
pub type DatagramHandle = TransportHandle<dyn DatagramProtocol>;

type TrySend = unsafe fn(*const Endpoint, &[u8], Option<&SocketAddr>) -> nb::Result<(), LineError>;

/// What a handle can do with the socket; given the core.
pub struct DatagramTable {
    try_send: TrySend,
    check: unsafe fn(*const Endpoint, Option<&SocketAddr>) -> Result<(), SendError>,
    pub(super) extra_info: ExtraInfo<dyn DatagramProtocol>,
}

/// Bytes that begin with a word, so that they are copied by words.
#[repr(align(4))]
struct Aligned<const N: usize>([u8; N]);

/// The task. The core comes first: the table's functions find the frame by it.
#[repr(C)]
struct Transport<S, const RX: usize, const TX: usize> {
    core: Endpoint,
    socket: UnsafeCell<S>,
    /// What a `sendto` has failed with, until the protocol is told.
    failed: Cell<Option<LineError>>,
    transmit: UnsafeCell<[u8; TX]>,
    /// Only borrowed by the task's step.
    receive: UnsafeCell<Aligned<RX>>,
}

impl<S: DatagramSocket, const RX: usize, const TX: usize> Transport<S, RX, TX> {
    const TABLE: DatagramTable =
        DatagramTable { try_send: Self::try_send, check: Self::check, extra_info: Self::extra_info };

    fn new(socket: S, protocol: ProtocolHandle<dyn DatagramProtocol>) -> Self {
        const {
            assert!(RX > 0, "an endpoint needs room for a byte");
            assert!(TX > HEADER && TX <= u16::MAX as usize, "a write buffer has 26 to 65535 bytes");
        }
        Transport {
            core: Core::new(TX as u16, const { &Self::TABLE }, protocol),
            socket: UnsafeCell::new(socket),
            failed: Cell::new(None),
            transmit: UnsafeCell::new([0; TX]),
            receive: UnsafeCell::new(Aligned([0; RX])),
        }
    }

    /// # Safety
    /// `core` begins such a frame; DEVICE.
    unsafe fn try_send(core: *const Endpoint, datagram: &[u8], to: Option<&SocketAddr>) -> nb::Result<(), LineError> {
        // SAFETY: the caller's promise.
        let (socket, failed) = unsafe {
            let this = core.cast::<Self>();
            (&mut *(*this).socket.get(), &(*this).failed)
        };
        if failed.get().is_some() {
            // Errors come in order.
            return Err(nb::Error::WouldBlock);
        }
        let result = socket.try_send(datagram, to.copied());
        if let Err(nb::Error::Other(error)) = result {
            failed.set(Some(error));
        }
        result
    }

    /// Whether a datagram may be sent there.
    ///
    /// # Safety
    /// As above.
    unsafe fn check(core: *const Endpoint, to: Option<&SocketAddr>) -> Result<(), SendError> {
        // SAFETY: the caller's promise.
        let peer = unsafe { (*(*core.cast::<Self>()).socket.get()).peer() };
        match (&peer, to) {
            (Some(peer), Some(to)) if peer != to => Err(SendError::WrongAddress),
            (None, None) => Err(SendError::NoAddress),
            _ => Ok(()),
        }
    }

    /// # Safety
    /// As above.
    unsafe fn extra_info(core: *const Endpoint, name: &str) -> Option<Info> {
        // SAFETY: the caller's promise.
        unsafe { (*(*core.cast::<Self>()).socket.get()).extra_info(name) }
    }

    /// Borrows the socket in the task's step, in which nobody else has.
    fn socket<R>(&self, f: impl FnOnce(&mut S) -> nb::Result<R, LineError>) -> nb::Result<R, LineError> {
        if !self.core.enter_device() {
            return Err(nb::Error::WouldBlock);
        }
        // SAFETY: DEVICE.
        let result = f(unsafe { &mut *self.socket.get() });
        self.core.leave_device();
        result
    }

    fn tell(&self, transport: &mut DatagramHandle, error: LineError) {
        self.core.call(|protocol| protocol.error_received(transport, error));
    }

    /// Receives until there is nothing more. True if there may be more.
    fn receive_all(&self, transport: &mut DatagramHandle, cx: &mut Context<'_>) -> bool {
        for _ in 0..CHUNKS {
            if self.core.is_closing() {
                return false;
            }
            // SAFETY: only the step borrows it.
            let receive = unsafe { &mut (*self.receive.get()).0 };
            match self.socket(|socket| socket.try_receive(receive)) {
                Ok((length, from)) => {
                    let datagram = &receive[..length.min(RX)];
                    self.core.call(|protocol| protocol.datagram_received(transport, datagram, from));
                }
                Err(nb::Error::Other(error)) => self.tell(transport, error),
                Err(nb::Error::WouldBlock) => {
                    blocked(cx);
                    return false;
                }
            }
        }
        true
    }

    /// Sends until the socket takes nothing more. True if it may take more.
    fn send_all(&self, transport: &mut DatagramHandle, cx: &mut Context<'_>) -> bool {
        for _ in 0..CHUNKS {
            if let Some(error) = self.failed.take() {
                self.tell(transport, error);
            }
            if self.core.len() == 0 {
                return false;
            }
            // SAFETY: DEVICE: `records` has borrowed the device.
            let socket = || unsafe { &mut *self.socket.get() };
            let sent = self.core.records(|records, len| {
                let (to, datagram, rest) = first(records);
                let result = socket().try_send(datagram, to);
                if !matches!(result, Err(nb::Error::WouldBlock)) {
                    records.copy_within(rest..*len, 0);
                    *len -= rest;
                }
                result
            });
            match sent {
                Some(Ok(())) => self.core.check_low(),
                Some(Err(nb::Error::Other(error))) => {
                    self.core.check_low();
                    self.tell(transport, error);
                }
                Some(Err(nb::Error::WouldBlock)) | None => {
                    blocked(cx);
                    return false;
                }
            }
        }
        true
    }
}

/// The record at the front: address, datagram, and where the next record begins.
fn first(records: &[u8]) -> (Option<SocketAddr>, &[u8], usize) {
    let length = usize::from(u16::from_le_bytes([records[0], records[1]]));
    let mut octets = [0; 16];
    octets.copy_from_slice(&records[3..19]);
    let scope = u32::from_le_bytes([records[19], records[20], records[21], records[22]]);
    let port = u16::from_le_bytes([records[23], records[24]]);
    let to = match records[2] {
        TO_V4 => Some(SocketAddr::new(IpAddr::from([octets[0], octets[1], octets[2], octets[3]]), port)),
        TO_V6 => Some(SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::from(octets), port, 0, scope))),
        _ => None,
    };
    (to, &records[HEADER..HEADER + length], HEADER + length)
}

/// Appends a record; false if there is no room.
fn append(records: &mut [u8], len: &mut usize, datagram: &[u8], to: Option<SocketAddr>) -> bool {
    let Some(record) = records.get_mut(*len..*len + HEADER + datagram.len()) else { return false };
    // It is in a buffer of at most 65535 bytes.
    record[..2].copy_from_slice(&(datagram.len() as u16).to_le_bytes());
    record[2..HEADER].fill(0);
    record[2] = match to {
        None => TO_PEER,
        Some(SocketAddr::V4(to)) => {
            record[3..7].copy_from_slice(&to.ip().octets());
            TO_V4
        }
        Some(SocketAddr::V6(to)) => {
            record[3..19].copy_from_slice(&to.ip().octets());
            record[19..23].copy_from_slice(&to.scope_id().to_le_bytes());
            TO_V6
        }
    };
    record[23..HEADER].copy_from_slice(&to.map_or(0, |to| to.port()).to_le_bytes());
    record[HEADER..].copy_from_slice(datagram);
    *len += HEADER + datagram.len();
    true
}

impl<S: DatagramSocket, const RX: usize, const TX: usize> Coroutine for Transport<S, RX, TX> {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // As for streams.
        let this = &*self;
        let core = &this.core;
        // SAFETY: as for streams.
        let Some(step) = (unsafe { Step::begin(core, cx) }) else { return Resume::Pending };
        let mut transport = step.transport;
        let mut again = step.connects;
        if step.connects {
            core.call(|protocol| protocol.connection_made(&mut transport));
        } else {
            again |= this.receive_all(&mut transport, cx);
            again |= this.send_all(&mut transport, cx);
        }
        if step.closing && core.len() == 0 && this.failed.get().is_none() {
            let cause = core.cause();
            core.call(|protocol| protocol.connection_lost(cause));
            core.set_protocol(None);
            return if step.cancelled { Resume::Cancelled } else { Resume::Done(()) };
        }
        if again {
            step.event_loop.wake(cx.waker());
        }
        Resume::Pending
    }
}

/// Makes a transport, which calls `connection_made` in the next turn. Hands the socket back if it does not fit.
pub(super) fn start<S: DatagramSocket + 'static, const RX: usize, const TX: usize>(
    event_loop: &'static EventLoop,
    socket: S,
    protocol: ProtocolHandle<dyn DatagramProtocol>,
) -> Result<DatagramHandle, Refused<S>> {
    let transport = Transport::<S, RX, TX>::new(socket, protocol);
    let task = event_loop
        .create_inner_task(transport)
        .map_err(|refused| refused.map(|transport| transport.socket.into_inner()))?;
    let (task, frame): (AnyTask, *mut u8) = task.frame();
    let frame = frame.cast::<Transport<S, RX, TX>>();
    // SAFETY: FRAME: the task has not begun, and this is its frame.
    unsafe {
        let core = &raw mut (*frame).core;
        (*core).start(frame.cast::<Endpoint>(), (&raw mut (*frame).transmit).cast());
        Ok(DatagramHandle::new(task, NonNull::new_unchecked(core)))
    }
}

impl DatagramTransport for DatagramHandle {
    fn sendto(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> Result<(), SendError> {
        let Some(core) = self.open() else { return Err(SendError::Closed) };
        if HEADER + datagram.len() > core.capacity() {
            return Err(SendError::TooBig);
        }
        let (device, pointer) = (core.device(), core.pointer());
        // SAFETY: DEVICE, and the pointer is the frame's.
        core.borrow_device(|| unsafe { (device.check)(pointer, to.as_ref()) }).unwrap_or(Ok(()))?;
        if core.len() == 0 {
            // SAFETY: as above.
            let send = || unsafe { (device.try_send)(pointer, datagram, to.as_ref()) };
            match core.borrow_device_elsewhere(self.event_loop(), send) {
                Some(Ok(())) => return Ok(()),
                Some(Err(nb::Error::Other(_))) => {
                    // It is noted; the protocol is told in the next turn.
                    self.wake();
                    return Ok(());
                }
                Some(Err(nb::Error::WouldBlock)) | None => {}
            }
        }
        let queued = core.records(|records, len| append(records, len, datagram, to)) == Some(true);
        if !queued {
            core.set_refused();
        }
        self.wake();
        self.check_high();
        if queued { Ok(()) } else { Err(SendError::Full) }
    }

    fn abort(&mut self) {
        self.lose(None);
    }

    fn set_write_buffer_limits(&mut self, high: Option<usize>, low: Option<usize>) -> Result<(), LimitsError> {
        self.set_limits(high, low)
    }

    fn get_write_buffer_limits(&self) -> (usize, usize) {
        self.core().map_or((0, 0), Core::limits)
    }

    fn get_write_buffer_size(&self) -> usize {
        self.core().map_or(0, Core::len)
    }

    fn handle(&self) -> DatagramHandle {
        self.clone()
    }
}
