//! The UART of Espressif's ESP32-C3: Technical Reference Manual, chapter "UART Controller (UART)". Two FIFOs of 128; RTS is
//! withdrawn when the receiver's is half full.
//!
//! Errors are interrupt flags, which do not say with which byte: they are reported with the next one. An overrun loses what
//! comes after the bytes in the FIFO, so it is reported when that has been emptied.

use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;

use segno::transport::LineError;

use crate::registers::Registers;
use crate::serial::{Received, UartHardware};

const FIFO: usize = 0x00;
const INT_RAW: usize = 0x04;
const INT_ENA: usize = 0x0C;
const INT_CLR: usize = 0x10;
const RECEIVED: u32 = 1 << 0;
const ROOM: u32 = 1 << 1;
const PARITY: u32 = 1 << 2;
const FRAMING: u32 = 1 << 3;
const OVERFLOW: u32 = 1 << 4;
const BREAK: u32 = 1 << 7;
const TIMEOUT: u32 = 1 << 8;
const ERRORS: u32 = PARITY | FRAMING | OVERFLOW | BREAK;
const STATUS: usize = 0x1C;
const FSM_STATUS: usize = 0x6C;
const CONF0: usize = 0x20;
const CONF0_CTS: u32 = 1 << 15;
const CONF1: usize = 0x24;
const CONF1_RECEIVED_AT_1: u32 = 1;
const CONF1_ROOM_BELOW_64: u32 = 64 << 9;
const CONF1_RTS: u32 = 1 << 20;
const MEM_CONF: usize = 0x60;
const MEM_CONF_RTS_MARK: u32 = 0x1FF << 7;
const MEM_CONF_RTS_AT_64: u32 = 64 << 7;
const ID: usize = 0x80;
const ID_AUTOMATIC: u32 = 1 << 30;
const ID_UPDATE: u32 = 1 << 31;
const CAPACITY: u32 = 128;

/// The UART at `BASE`.
#[derive(Debug)]
pub struct EspUart<const BASE: usize> {
    registers: Registers<BASE>,
    /// Errors that were taken from the flags and not reported. Accessed in critical sections.
    errors: AtomicU32,
}

impl<const BASE: usize> EspUart<BASE> {
    /// # Safety
    /// `BASE` is the address of a UART that nobody else uses, except to set it up before it is [started](EspUart::start).
    pub const unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        EspUart { registers: unsafe { Registers::new() }, errors: AtomicU32::new(0) }
    }

    /// Lets it interrupt for each received byte. Baud rate, frame and pins are set up already.
    pub fn start(&self) {
        self.registers.write(INT_ENA, 0);
        let others = self.registers.read(CONF1) & !0x3_FFFF;
        self.registers.write(CONF1, others | CONF1_RECEIVED_AT_1 | CONF1_ROOM_BELOW_64);
        self.registers.write(INT_CLR, u32::MAX);
        self.registers.write(INT_ENA, RECEIVED | TIMEOUT | ERRORS);
    }

    /// Has it work its RTS and heed its CTS, whose pins are connected.
    pub fn control_flow(&self) {
        let others = self.registers.read(MEM_CONF) & !MEM_CONF_RTS_MARK;
        self.registers.write(MEM_CONF, others | MEM_CONF_RTS_AT_64);
        self.registers.set(CONF0, CONF0_CTS);
        self.registers.set(CONF1, CONF1_RTS);
        // The part that has a clock of its own is told.
        let id = self.registers.read(ID) & !ID_AUTOMATIC;
        self.registers.write(ID, id | ID_UPDATE);
        while self.registers.read(ID) & ID_UPDATE != 0 {}
    }

    fn mask(&self, interrupts: u32, on: bool) {
        let enabled = self.registers.read(INT_ENA);
        self.registers.write(INT_ENA, if on { enabled | interrupts } else { enabled & !interrupts });
    }

    /// Takes the errors from the flags.
    fn collect(&self) -> u32 {
        let flags = self.registers.read(INT_RAW) & ERRORS;
        self.registers.write(INT_CLR, flags);
        let errors = self.errors.load(Relaxed) | flags;
        self.errors.store(errors, Relaxed);
        errors
    }
}

impl<const BASE: usize> UartHardware for EspUart<BASE> {
    fn receive(&self) -> Option<Received> {
        let errors = self.collect();
        if self.registers.read(STATUS) & 0x3FF == 0 {
            self.errors.store(errors & !OVERFLOW, Relaxed);
            return (errors & OVERFLOW != 0).then_some(Received::LOSS);
        }
        let byte = self.registers.read(FIFO) as u8;
        self.errors.store(errors & OVERFLOW, Relaxed);
        let byte = match errors {
            _ if errors & BREAK != 0 => Err(LineError::Break),
            _ if errors & FRAMING != 0 => Err(LineError::Framing),
            _ if errors & PARITY != 0 => Err(LineError::Parity),
            _ => Ok(byte),
        };
        Some(Received { overrun: false, byte })
    }

    fn can_send(&self) -> bool {
        self.registers.read(STATUS) >> 16 & 0x3FF < CAPACITY - 1
    }

    fn send(&self, byte: u8) {
        self.registers.write(FIFO, byte.into());
    }

    fn is_sending(&self) -> bool {
        self.registers.read(STATUS) >> 16 & 0x3FF != 0 || self.registers.read(FSM_STATUS) & 0xF0 != 0
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.mask(RECEIVED | TIMEOUT | ERRORS, on);
    }

    fn interrupt_on_room(&self, on: bool) {
        self.mask(ROOM, on);
    }

    fn acknowledge(&self) {
        self.collect();
        // While there are bytes to receive, or there is room, the flags are set again at once.
        self.registers.write(INT_CLR, RECEIVED | TIMEOUT | ROOM);
    }

    fn request_interrupt(&self) {} // both are levels
}
