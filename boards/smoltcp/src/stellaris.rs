//! The Ethernet controller of TI's Stellaris (LM3S6965).
//!
//! # The problem
//! The controller gives and takes frames through one register, word by word, with their length in front.
//!
//! # The design
//! As for the [LAN9118](crate::lan9118): the interrupt's handler masks and wakes, the stack's task takes frames and unmasks.
//!
//! Registers are those of the LM3S6965's data sheet, chapter "Ethernet Controller".
//!
//! # Costs
//! As for the LAN9118.

use segno::WakerCell;
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

use crate::controller::Controller;
use crate::registers::{Mapped, Registers};

/// The largest frame, without its check sequence.
const LONGEST: usize = 1514;

/// The bytes of a check sequence, and of the length in front of a frame.
const CHECK: usize = 4;
const LENGTH: usize = 2;

/// The bytes of a frame's header, which the length of one that is sent does not count.
const HEADER: usize = 14;

/// A multiple of words that holds a frame and everything around it.
const BUFFER: usize = 1520;

/// Reading: raw interrupt status; writing: acknowledge.
const RIS: usize = 0x00;
const IM: usize = 0x04;
const RCTL: usize = 0x08;
const TCTL: usize = 0x0c;
const DATA: usize = 0x10;
const IA0: usize = 0x14;
const IA1: usize = 0x18;
const NP: usize = 0x34;
const TR: usize = 0x38;

/// A frame has come; one has been sent.
const RECEIVED: u32 = 1 << 0;
const SENT: u32 = 1 << 2;

/// A controller at address `BASE`: a static, for the interrupt's handler and the program.
pub type Stellaris<const BASE: usize> = StellarisOn<Mapped<BASE>>;

/// A controller with these registers.
pub struct StellarisOn<R> {
    registers: R,
    interrupt: WakerCell,
}

impl<const BASE: usize> StellarisOn<Mapped<BASE>> {
    /// # Safety
    /// There is such a controller at the address, with its clock enabled when it is started, and nobody else uses it.
    pub const unsafe fn new() -> Self {
        // SAFETY: the caller's promise.
        StellarisOn::on(unsafe { Mapped::new() })
    }
}

impl<R: Registers> StellarisOn<R> {
    /// A controller with these registers, which nobody else uses.
    pub const fn on(registers: R) -> Self {
        StellarisOn { registers, interrupt: WakerCell::new() }
    }

    /// The registers.
    pub const fn registers(&self) -> &R {
        &self.registers
    }

    fn read(&self, register: usize) -> u32 {
        self.registers.read(register)
    }

    fn write(&self, register: usize, value: u32) {
        self.registers.write(register, value);
    }

    /// Resets the controller's FIFO and starts it. The program enables the interrupt; call it once.
    pub fn start(&'static self) -> StellarisControllerOn<R> {
        self.write(IM, 0);
        self.write(RCTL, 1 << 4);
        // Receiver on, multicast too, damaged frames not.
        self.write(RCTL, 0x0b);
        // Transmitter on, with padding and check sequence, full duplex.
        self.write(TCTL, 0x17);
        let [a, b, c, d] = self.read(IA0).to_le_bytes();
        let [e, f, ..] = self.read(IA1).to_le_bytes();
        StellarisControllerOn { hardware: self, address: [a, b, c, d, e, f], received: [0; BUFFER] }
    }

    /// The interrupt's handler.
    pub fn on_interrupt(&self) {
        self.write(IM, 0);
        self.interrupt.wake();
    }

    fn has_received(&self) -> bool {
        self.read(NP) & 0x3f != 0
    }

    fn has_room(&self) -> bool {
        self.read(TR) & 1 == 0
    }

    /// Takes the frame at the front, with its length in front; answers how long it is, 0 for one that is longer than any.
    fn receive(&self, buffer: &mut [u8; BUFFER]) -> usize {
        let first = self.read(DATA).to_le_bytes();
        let total = usize::from(u16::from_le_bytes([first[0], first[1]]));
        buffer[..4].copy_from_slice(&first);
        for index in 1..total.div_ceil(4) {
            let word = self.read(DATA).to_le_bytes();
            if let Some(place) = buffer.get_mut(4 * index..4 * index + 4) {
                place.copy_from_slice(&word);
            }
        }
        let length = total.saturating_sub(LENGTH + CHECK);
        if (HEADER..=LONGEST).contains(&length) { length } else { 0 }
    }

    fn send(&self, buffer: &mut [u8; BUFFER], length: usize) {
        let counted = (length - HEADER) as u16;
        buffer[..LENGTH].copy_from_slice(&counted.to_le_bytes());
        for word in buffer[..LENGTH + length].chunks(4) {
            let mut bytes = [0; 4];
            bytes[..word.len()].copy_from_slice(word);
            self.write(DATA, u32::from_le_bytes(bytes));
        }
        self.write(TR, 1);
    }
}

/// The controller as the stack has it.
pub type StellarisController<const BASE: usize> = StellarisControllerOn<Mapped<BASE>>;

/// The controller as the stack has it, with these registers.
pub struct StellarisControllerOn<R: 'static> {
    hardware: &'static StellarisOn<R>,
    address: [u8; 6],
    received: [u8; BUFFER],
}

impl<R: Registers> Controller for StellarisControllerOn<R> {
    fn hardware_address(&self) -> [u8; 6] {
        self.address
    }

    fn register_current(&mut self) -> bool {
        let hardware = self.hardware;
        hardware.interrupt.register_current();
        hardware.write(RIS, RECEIVED | SENT);
        hardware.write(IM, if hardware.has_room() { RECEIVED } else { RECEIVED | SENT });
        hardware.has_received()
    }
}

/// A frame that has come.
#[derive(Debug)]
pub struct Received<'a>(&'a [u8]);

/// Room for a frame to be sent.
pub struct Sending<R: 'static>(&'static StellarisOn<R>);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

impl<R: Registers> TxToken for Sending<R> {
    fn consume<T, F: FnOnce(&mut [u8]) -> T>(self, len: usize, f: F) -> T {
        let mut buffer = [0; BUFFER];
        // smoltcp keeps to the `max_transmission_unit`, and sends no frame without a header.
        let length = len.clamp(HEADER, LONGEST);
        let result = f(&mut buffer[LENGTH..LENGTH + length]);
        self.0.send(&mut buffer, length);
        result
    }
}

impl<R: Registers> Device for StellarisControllerOn<R> {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<R>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sending<R>)> {
        let hardware = self.hardware;
        while hardware.has_received() && hardware.has_room() {
            let length = hardware.receive(&mut self.received);
            if length > 0 {
                return Some((Received(&self.received[LENGTH..LENGTH + length]), Sending(hardware)));
            }
        }
        None
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<R>> {
        self.hardware.has_room().then_some(Sending(self.hardware))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = LONGEST;
        capabilities.medium = Medium::Ethernet;
        capabilities
    }
}
