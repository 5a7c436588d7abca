//! The APB UART of Arm's Cortex-M System Design Kit.
//!
//! Cortex-M System Design Kit Technical Reference Manual, "APB UART". No FIFOs: one byte in each direction. It detects
//! overruns only, and the byte that is then read is the last one received, behind the gap. Receiving and transmitting
//! have interrupt lines of their own.

use crate::arch::cortex_m::interrupt::Irq;
use crate::registers::Registers;
use crate::serial::{Received, UartHardware};

const DATA: usize = 0x00;
const STATE: usize = 0x04;
const STATE_TRANSMITTER_FULL: u32 = 1 << 0;
const STATE_RECEIVER_FULL: u32 = 1 << 1;
const STATE_RECEIVER_OVERRUN: u32 = 1 << 3;
const CTRL: usize = 0x08;
const CTRL_TRANSMIT: u32 = 1 << 0;
const CTRL_RECEIVE: u32 = 1 << 1;
const CTRL_ROOM_INTERRUPT: u32 = 1 << 2;
const CTRL_RECEIVE_INTERRUPT: u32 = 1 << 3;
const INTCLEAR: usize = 0x0C;
const INTCLEAR_ALL: u32 = 0xF;
const BAUDDIV: usize = 0x10;

/// The CMSDK UART at `BASE`; `IRQ` is one of its interrupt lines.
#[derive(Debug)]
pub struct CmsdkUart<const BASE: usize, const IRQ: u16> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const IRQ: u16> CmsdkUart<BASE, IRQ> {
    /// # Safety
    /// `BASE` and `IRQ` are those of a CMSDK UART that nobody else uses.
    pub const unsafe fn new() -> CmsdkUart<BASE, IRQ> {
        // SAFETY: a block of registers, by the contract of this function.
        CmsdkUart { registers: unsafe { Registers::new() } }
    }

    /// Starts it; 8 data bits, no parity and one stop bit are all it can do. `clock / baud` must be at least 16.
    pub fn start(&self, clock: u32, baud: u32) {
        self.registers.write(BAUDDIV, (clock + baud / 2) / baud);
        self.registers.write(CTRL, CTRL_TRANSMIT | CTRL_RECEIVE | CTRL_RECEIVE_INTERRUPT);
    }

    fn control(&self, bits: u32, on: bool) {
        let control = self.registers.read(CTRL);
        self.registers.write(CTRL, if on { control | bits } else { control & !bits });
    }
}

impl<const BASE: usize, const IRQ: u16> UartHardware for CmsdkUart<BASE, IRQ> {
    fn receive(&self) -> Option<Received> {
        let state = self.registers.read(STATE);
        if state & STATE_RECEIVER_FULL == 0 {
            return None;
        }
        let overrun = state & STATE_RECEIVER_OVERRUN != 0;
        if overrun {
            self.registers.write(STATE, STATE_RECEIVER_OVERRUN); // writing a one clears it
        }
        Some(Received { overrun, byte: Ok(self.registers.read(DATA) as u8) })
    }

    fn can_send(&self) -> bool {
        self.registers.read(STATE) & STATE_TRANSMITTER_FULL == 0
    }

    fn send(&self, byte: u8) {
        self.registers.write(DATA, byte.into());
    }

    fn is_sending(&self) -> bool {
        // The shift register's state cannot be read: it may still hold the last byte.
        !self.can_send()
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.control(CTRL_RECEIVE_INTERRUPT, on);
    }

    fn interrupt_on_room(&self, on: bool) {
        self.control(CTRL_ROOM_INTERRUPT, on);
    }

    fn acknowledge(&self) {
        // The interrupts are latched events: cleared before looking, so that an event after the look is seen.
        self.registers.write(INTCLEAR, INTCLEAR_ALL);
    }

    fn request_interrupt(&self) {
        Irq(IRQ).pend();
    }
}
