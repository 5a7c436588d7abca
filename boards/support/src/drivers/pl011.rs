//! Arm's PrimeCell UART (PL011), as the Stellaris family has it.
//!
//! PrimeCell UART (PL011) Technical Reference Manual, chapter 3 "Programmers Model"; LM3S6965 data sheet, chapter
//! "Universal Asynchronous Receivers/Transmitters". Two FIFOs of 16; a received byte carries its own error bits. The
//! overrun bit comes with the first byte after the gap; that there is a gap is known before, and reported when the bytes in front
//! of it have been read. RTS is withdrawn at half a FIFO, where those of the Stellaris have
//! neither RTS nor CTS.

use core::sync::atomic::AtomicU8;
use core::sync::atomic::Ordering::Relaxed;

use segno::transport::LineError;

use crate::arch::cortex_m::interrupt::Irq;
use crate::registers::Registers;
use crate::serial::{Received, UartHardware};

const DR: usize = 0x00;
const DR_FRAMING: u32 = 1 << 8;
const DR_PARITY: u32 = 1 << 9;
const DR_BREAK: u32 = 1 << 10;
const DR_OVERRUN: u32 = 1 << 11;
const FR: usize = 0x18;
const FR_BUSY: u32 = 1 << 3;
const FR_RECEIVER_EMPTY: u32 = 1 << 4;
const FR_TRANSMITTER_FULL: u32 = 1 << 5;
const IBRD: usize = 0x24;
const FBRD: usize = 0x28;
const LCRH: usize = 0x2C;
const LCRH_FIFOS: u32 = 1 << 4;
const LCRH_8_BITS: u32 = 3 << 5;
const CR: usize = 0x30;
const CR_ENABLE: u32 = 1 << 0;
const CR_TRANSMIT: u32 = 1 << 8;
const CR_RECEIVE: u32 = 1 << 9;
const CR_RTS: u32 = 1 << 14;
const CR_CTS: u32 = 1 << 15;
const IFLS: usize = 0x34;
const IFLS_HALVES: u32 = 2 << 3 | 2;
const IMSC: usize = 0x38;
const RIS: usize = 0x3C;
const ICR: usize = 0x44;
const RECEIVE: u32 = 1 << 4;
const ROOM: u32 = 1 << 5;
const RECEIVE_TIMEOUT: u32 = 1 << 6;
const OVERRUN: u32 = 1 << 10;

/// In [`Pl011::gaps`]: the last gap has been reported, and the byte that will say so has not come.
const REPORTED: u8 = 1 << 7;

/// The PL011 at `BASE`, with the interrupt line `IRQ`.
#[derive(Debug)]
pub struct Pl011<const BASE: usize, const IRQ: u16> {
    registers: Registers<BASE>,
    /// How many gaps there are in or behind the receiver's FIFO, a byte between any two. Accessed in critical sections.
    gaps: AtomicU8,
}

impl<const BASE: usize, const IRQ: u16> Pl011<BASE, IRQ> {
    /// # Safety
    /// `BASE` and `IRQ` are those of a PL011 that nobody else uses, and its clock is switched on before it is touched.
    pub const unsafe fn new() -> Pl011<BASE, IRQ> {
        // SAFETY: a block of registers, by the contract of this function.
        Pl011 { registers: unsafe { Registers::new() }, gaps: AtomicU8::new(0) }
    }

    /// Starts it with 8 data bits, no parity, one stop bit and FIFOs, and returns what was received before.
    ///
    /// A chip receives nothing before, but QEMU delivers its input from the first moment on. There can be one byte as
    /// long as there are no FIFOs. Switching them on empties the receiver, yet the data register still shows the byte;
    /// reading it first would let in the next one, which would then be lost.
    pub fn start(&self, clock: u32, baud: u32) -> Option<Received> {
        let divisor = (clock * 4 + baud / 2) / baud; // clock / 16 / baud, in 64ths
        self.registers.write(CR, 0);
        self.registers.write(IBRD, divisor / 64);
        self.registers.write(FBRD, divisor % 64);
        let early = self.registers.read(FR) & FR_RECEIVER_EMPTY == 0;
        self.registers.write(LCRH, LCRH_8_BITS | LCRH_FIFOS); // also latches the divisor
        let early = early.then(|| decode(self.registers.read(DR)));
        self.registers.write(ICR, RECEIVE | ROOM | RECEIVE_TIMEOUT | OVERRUN);
        self.registers.write(IMSC, RECEIVE | RECEIVE_TIMEOUT);
        self.registers.write(CR, CR_ENABLE | CR_TRANSMIT | CR_RECEIVE);
        early
    }

    /// Has it work its RTS and heed its CTS, whose pins are connected.
    pub fn control_flow(&self) {
        self.registers.write(IFLS, IFLS_HALVES);
        self.registers.set(CR, CR_RTS | CR_CTS);
    }

    fn mask(&self, interrupts: u32, on: bool) {
        let mask = self.registers.read(IMSC);
        self.registers.write(IMSC, if on { mask | interrupts } else { mask & !interrupts });
    }
}

/// What a reading of the data register means.
fn decode(data: u32) -> Received {
    let byte = match data {
        _ if data & DR_BREAK != 0 => Err(LineError::Break), // a break is a framing error too
        _ if data & DR_FRAMING != 0 => Err(LineError::Framing),
        _ if data & DR_PARITY != 0 => Err(LineError::Parity),
        _ => Ok(data as u8),
    };
    Received { overrun: data & DR_OVERRUN != 0, byte }
}

impl<const BASE: usize, const IRQ: u16> UartHardware for Pl011<BASE, IRQ> {
    fn receive(&self) -> Option<Received> {
        let mut gaps = self.gaps.load(Relaxed);
        // Before anything is read: there can be another gap only when there has been room since this one.
        if self.registers.read(RIS) & OVERRUN != 0 {
            self.registers.write(ICR, OVERRUN);
            gaps += u8::from(gaps & !REPORTED < 16);
        }
        let received = if self.registers.read(FR) & FR_RECEIVER_EMPTY != 0 {
            let loss = gaps & !REPORTED != 0;
            gaps = if loss { REPORTED } else { gaps };
            loss.then_some(Received::LOSS)
        } else {
            let mut received = decode(self.registers.read(DR));
            if received.overrun {
                received.overrun = gaps & REPORTED == 0;
                gaps = if received.overrun { gaps.saturating_sub(1) } else { gaps & !REPORTED };
            }
            Some(received)
        };
        self.gaps.store(gaps, Relaxed);
        received
    }

    fn can_send(&self) -> bool {
        self.registers.read(FR) & FR_TRANSMITTER_FULL == 0
    }

    fn send(&self, byte: u8) {
        self.registers.write(DR, byte.into());
    }

    fn is_sending(&self) -> bool {
        self.registers.read(FR) & FR_BUSY != 0
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.mask(RECEIVE | RECEIVE_TIMEOUT, on);
    }

    fn interrupt_on_room(&self, on: bool) {
        self.mask(ROOM, on);
    }

    fn acknowledge(&self) {
        // Reading the FIFO withdraws RECEIVE. Clearing it here could silence a FIFO that is not empty.
        self.registers.write(ICR, ROOM | RECEIVE_TIMEOUT);
    }

    fn request_interrupt(&self) {
        Irq(IRQ).pend();
    }
}
