//! National Semiconductor's 16550, with registers of a byte each.
//!
//! PC16550D data sheet. Two FIFOs of 16, which can be left off: switching them on empties the receiver, and a chip has
//! received nothing before it is started, but QEMU delivers its input from the first moment on.
//!
//! The line status register has the errors of the oldest byte, and reading it clears them; as it is also read before
//! sending, they are kept here until that byte is fetched. An overrun means that bytes after those in the FIFO were lost,
//! so it is reported when that is empty; without FIFOs it is the byte before this one that was lost.
//!
//! All its interrupts but one are levels, and that of the transmitter comes whenever it is switched on and there is room:
//! there is no need to request one.

use core::sync::atomic::AtomicU8;
use core::sync::atomic::Ordering::Relaxed;

use segno::transport::LineError;

use crate::registers::ByteRegisters;
use crate::serial::{Received, UartHardware};

const DATA: usize = 0;
const IER: usize = 1;
const IER_RECEIVE: u8 = 1 << 0;
const IER_ROOM: u8 = 1 << 1;
const IER_TROUBLE: u8 = 1 << 2;
const IIR: usize = 2;
const FCR: usize = 2;
const FCR_ENABLE: u8 = 1 << 0;
const FCR_CLEAR: u8 = 3 << 1;
const LCR: usize = 3;
const LCR_8_BITS: u8 = 3;
const LCR_DIVISOR: u8 = 1 << 7;
const LSR: usize = 5;
const LSR_READY: u8 = 1 << 0;
const LSR_OVERRUN: u8 = 1 << 1;
const LSR_PARITY: u8 = 1 << 2;
const LSR_FRAMING: u8 = 1 << 3;
const LSR_BREAK: u8 = 1 << 4;
const LSR_ROOM: u8 = 1 << 5;
const LSR_IDLE: u8 = 1 << 6;
const LSR_ERRORS: u8 = LSR_OVERRUN | LSR_PARITY | LSR_FRAMING | LSR_BREAK;

/// The 16550 at `BASE`, with or without FIFOs.
#[derive(Debug)]
pub struct Ns16550<const BASE: usize, const FIFOS: bool> {
    registers: ByteRegisters<BASE>,
    /// Errors that were read and not reported. Accessed in critical sections.
    errors: AtomicU8,
}

impl<const BASE: usize, const FIFOS: bool> Ns16550<BASE, FIFOS> {
    /// # Safety
    /// `BASE` is the address of a 16550 that nobody else uses.
    pub const unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        Ns16550 { registers: unsafe { ByteRegisters::new() }, errors: AtomicU8::new(0) }
    }

    /// Starts it with 8 data bits, no parity and one stop bit. `clock / 16 / baud` must be at least 1.
    pub fn start(&self, clock: u32, baud: u32) {
        let divisor = (clock + 8 * baud) / (16 * baud);
        self.registers.write(LCR, LCR_DIVISOR | LCR_8_BITS);
        self.registers.write(DATA, divisor as u8);
        self.registers.write(IER, (divisor >> 8) as u8);
        self.registers.write(LCR, LCR_8_BITS);
        self.registers.write(FCR, if FIFOS { FCR_ENABLE | FCR_CLEAR } else { 0 });
        self.registers.write(IER, IER_RECEIVE | IER_TROUBLE);
    }

    /// The line status, with the errors that earlier readings have cleared.
    fn status(&self) -> u8 {
        let status = self.registers.read(LSR);
        let errors = self.errors.load(Relaxed) | status & LSR_ERRORS;
        self.errors.store(errors, Relaxed);
        status | errors & LSR_ERRORS
    }

    fn mask(&self, interrupts: u8, on: bool) {
        let enabled = self.registers.read(IER);
        self.registers.write(IER, if on { enabled | interrupts } else { enabled & !interrupts });
    }
}

impl<const BASE: usize, const FIFOS: bool> UartHardware for Ns16550<BASE, FIFOS> {
    fn receive(&self) -> Option<Received> {
        let status = self.status();
        let errors = self.errors.load(Relaxed);
        if status & LSR_READY == 0 {
            // The bytes before the gap have been fetched.
            self.errors.store(errors & !LSR_OVERRUN, Relaxed);
            return (errors & LSR_OVERRUN != 0).then_some(Received::LOSS);
        }
        let byte = self.registers.read(DATA);
        self.errors.store(if FIFOS { errors & LSR_OVERRUN } else { 0 }, Relaxed);
        let byte = match errors {
            _ if errors & LSR_BREAK != 0 => Err(LineError::Break),
            _ if errors & LSR_FRAMING != 0 => Err(LineError::Framing),
            _ if errors & LSR_PARITY != 0 => Err(LineError::Parity),
            _ => Ok(byte),
        };
        Some(Received { overrun: !FIFOS && errors & LSR_OVERRUN != 0, byte })
    }

    fn can_send(&self) -> bool {
        self.status() & LSR_ROOM != 0
    }

    fn send(&self, byte: u8) {
        self.registers.write(DATA, byte);
    }

    fn is_sending(&self) -> bool {
        self.status() & LSR_IDLE == 0
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.mask(IER_RECEIVE | IER_TROUBLE, on);
    }

    fn interrupt_on_room(&self, on: bool) {
        self.mask(IER_ROOM, on);
    }

    fn acknowledge(&self) {
        self.registers.read(IIR); // withdraws the transmitter's
        self.status(); // and that of an error
    }

    fn request_interrupt(&self) {}
}
