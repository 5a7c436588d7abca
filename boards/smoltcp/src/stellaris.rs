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

use crate::controller::{Controller, Frame, LONGEST};
use crate::registers::{Mapped, Registers};

/// The bytes of a check sequence, and of the length in front of a frame.
const CHECK: usize = 4;
const LENGTH: usize = 2;

/// The bytes of a frame's header, which the length of one that is sent does not count.
const HEADER: usize = 14;

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
        StellarisControllerOn { hardware: self, address: [a, b, c, d, e, f] }
    }

    /// The interrupt's handler.
    pub fn on_interrupt(&self) {
        self.write(IM, 0);
        self.interrupt.wake();
    }

    fn has_room(&self) -> bool {
        self.read(TR) & 1 == 0
    }
}

/// The controller as the stack has it.
pub type StellarisController<const BASE: usize> = StellarisControllerOn<Mapped<BASE>>;

/// The controller as the stack has it, with these registers.
pub struct StellarisControllerOn<R: 'static> {
    hardware: &'static StellarisOn<R>,
    address: [u8; 6],
}

impl<R: Registers> Controller for StellarisControllerOn<R> {
    fn hardware_address(&self) -> [u8; 6] {
        self.address
    }

    fn has_received(&mut self) -> bool {
        self.hardware.read(NP) & 0x3f != 0
    }

    fn has_room(&mut self) -> bool {
        self.hardware.has_room()
    }

    /// The first word begins with the length of all of it.
    fn receive(&mut self, frame: &mut Frame) -> usize {
        let [low, high, first @ ..] = self.hardware.read(DATA).to_le_bytes();
        let total = usize::from(u16::from_le_bytes([low, high]));
        frame[..2].copy_from_slice(&first);
        let words = total.div_ceil(4).saturating_sub(1);
        let (places, _) = frame[first.len()..].as_chunks_mut();
        let fits = words.min(places.len());
        places[..fits].iter_mut().for_each(|place| *place = self.hardware.read(DATA).to_le_bytes());
        // What does not fit belongs to the check sequence.
        for _ in fits..words {
            self.hardware.read(DATA);
        }
        let length = total.saturating_sub(LENGTH + CHECK);
        if (HEADER..=LONGEST).contains(&length) { length } else { 0 }
    }

    fn send(&mut self, frame: &[u8]) {
        // smoltcp sends no frame without a header.
        let Some((first, rest)) = frame.split_first_chunk::<2>() else { return };
        let [low, high] = (frame.len().saturating_sub(HEADER) as u16).to_le_bytes();
        self.hardware.write(DATA, u32::from_le_bytes([low, high, first[0], first[1]]));
        let (words, rest) = rest.as_chunks();
        words.iter().for_each(|word| self.hardware.write(DATA, u32::from_le_bytes(*word)));
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            self.hardware.write(DATA, u32::from_le_bytes(word));
        }
        self.hardware.write(TR, 1);
    }

    fn listen(&mut self) {
        let hardware = self.hardware;
        hardware.interrupt.register_current();
        hardware.write(RIS, RECEIVED | SENT);
        hardware.write(IM, if hardware.has_room() { RECEIVED } else { RECEIVED | SENT });
    }
}
