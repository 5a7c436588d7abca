//! The USART of ST's STM32F1, F2 and F4 families.
//!
//! Reference manual RM0090 (STM32F405), chapter "Universal synchronous asynchronous receiver transmitter (USART)". No FIFOs:
//! one byte in each direction, and a shift register. An overrun loses what came after the byte in the data register, so it
//! is reported behind that. RTS is withdrawn while there is a byte in the data register.

use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;

use segno::transport::LineError;

use crate::arch::cortex_m::interrupt::Irq;
use crate::registers::Registers;
use crate::serial::{Received, UartHardware};

const SR: usize = 0x00;
const SR_PARITY: u32 = 1 << 0;
const SR_FRAMING: u32 = 1 << 1;
const SR_NOISE: u32 = 1 << 2;
const SR_OVERRUN: u32 = 1 << 3;
const SR_RECEIVED: u32 = 1 << 5;
const SR_SENT: u32 = 1 << 6;
const SR_ROOM: u32 = 1 << 7;
const DR: usize = 0x04;
const BRR: usize = 0x08;
const CR1: usize = 0x0C;
const CR1_RECEIVE: u32 = 1 << 2;
const CR1_TRANSMIT: u32 = 1 << 3;
const CR1_RECEIVE_INTERRUPT: u32 = 1 << 5;
const CR1_ROOM_INTERRUPT: u32 = 1 << 7;
const CR1_ENABLE: u32 = 1 << 13;
const CR3: usize = 0x14;
const CR3_RTS: u32 = 1 << 8;
const CR3_CTS: u32 = 1 << 9;

/// The USART at `BASE`, with the interrupt line `IRQ`.
#[derive(Debug)]
pub struct Stm32Usart<const BASE: usize, const IRQ: u16> {
    registers: Registers<BASE>,
    /// Bytes were lost behind the one that was read last. Accessed in critical sections.
    gap: AtomicBool,
}

impl<const BASE: usize, const IRQ: u16> Stm32Usart<BASE, IRQ> {
    /// # Safety
    /// `BASE` and `IRQ` are those of a USART that nobody else uses, and its clock is switched on before it is touched.
    pub const unsafe fn new() -> Stm32Usart<BASE, IRQ> {
        // SAFETY: a block of registers, by the contract of this function.
        Stm32Usart { registers: unsafe { Registers::new() }, gap: AtomicBool::new(false) }
    }

    /// Starts it with 8 data bits, no parity and one stop bit. `clock` is that of its bus, in hertz; `clock / baud` is at
    /// least 16.
    pub fn start(&self, clock: u32, baud: u32) {
        self.registers.write(CR1, 0);
        self.registers.write(BRR, (clock + baud / 2) / baud);
        self.registers.write(CR1, CR1_ENABLE | CR1_TRANSMIT | CR1_RECEIVE | CR1_RECEIVE_INTERRUPT);
    }

    /// Has it work its RTS and heed its CTS, whose pins are connected.
    pub fn control_flow(&self) {
        self.registers.set(CR3, CR3_RTS | CR3_CTS);
    }

    fn control(&self, bits: u32, on: bool) {
        let control = self.registers.read(CR1);
        self.registers.write(CR1, if on { control | bits } else { control & !bits });
    }
}

impl<const BASE: usize, const IRQ: u16> UartHardware for Stm32Usart<BASE, IRQ> {
    fn receive(&self) -> Option<Received> {
        if self.gap.load(Relaxed) {
            self.gap.store(false, Relaxed);
            return Some(Received::LOSS);
        }
        let status = self.registers.read(SR);
        if status & (SR_RECEIVED | SR_OVERRUN) == 0 {
            return None;
        }
        let data = self.registers.read(DR); // after the status: so the errors are cleared
        if status & SR_RECEIVED == 0 {
            return Some(Received::LOSS);
        }
        self.gap.store(status & SR_OVERRUN != 0, Relaxed);
        let byte = match status {
            // A break is a frame of zeros without a stop bit.
            _ if status & SR_FRAMING != 0 && data & 0xFF == 0 => Err(LineError::Break),
            _ if status & SR_FRAMING != 0 => Err(LineError::Framing),
            _ if status & SR_PARITY != 0 => Err(LineError::Parity),
            _ if status & SR_NOISE != 0 => Err(LineError::Other),
            _ => Ok(data as u8),
        };
        Some(Received { overrun: false, byte })
    }

    fn can_send(&self) -> bool {
        self.registers.read(SR) & SR_ROOM != 0
    }

    fn send(&self, byte: u8) {
        self.registers.write(DR, byte.into());
    }

    fn is_sending(&self) -> bool {
        self.registers.read(SR) & SR_SENT == 0
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.control(CR1_RECEIVE_INTERRUPT, on);
    }

    fn interrupt_on_room(&self, on: bool) {
        self.control(CR1_ROOM_INTERRUPT, on);
    }

    fn acknowledge(&self) {} // both are levels

    fn request_interrupt(&self) {
        Irq(IRQ).pend();
    }
}
