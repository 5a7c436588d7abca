//! The UART of Nordic's nRF51 series, which the nRF52 series has kept beside its UARTE.
//!
//! nRF51 Series Reference Manual, chapter "Universal Asynchronous Receiver/Transmitter (UART)". A receive FIFO of six;
//! what was wrong with received bytes is in a register of its own, which does not say with which. Here it is reported
//! with the next byte; an overrun by itself if there is none. RTS is withdrawn while there is room for four bytes at most.
//!
//! That the transmitter has room is an event, which comes after each byte and not before the first. So the driver
//! remembers whether it waits for one.

use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;

use segno::transport::LineError;

use crate::arch::cortex_m::interrupt::Irq;
use crate::registers::Registers;
use crate::serial::{Received, UartHardware};

const STARTRX: usize = 0x000;
const STOPRX: usize = 0x004;
const STARTTX: usize = 0x008;
const STOPTX: usize = 0x00C;
const RXDRDY: usize = 0x108;
const TXDRDY: usize = 0x11C;
const ERROR: usize = 0x124;
const INTENSET: usize = 0x304;
const INTENCLR: usize = 0x308;
const RECEIVE: u32 = 1 << 2;
const ROOM: u32 = 1 << 7;
const TROUBLE: u32 = 1 << 9;
const ERRORSRC: usize = 0x480;
const ERRORSRC_OVERRUN: u32 = 1 << 0;
const ERRORSRC_PARITY: u32 = 1 << 1;
const ERRORSRC_FRAMING: u32 = 1 << 2;
const ERRORSRC_BREAK: u32 = 1 << 3;
const ENABLE: usize = 0x500;
const ENABLE_UART: u32 = 4;
const PSELRTS: usize = 0x508;
const PSELTXD: usize = 0x50C;
const PSELCTS: usize = 0x510;
const PSELRXD: usize = 0x514;
const DISCONNECTED: u32 = u32::MAX;
const RXD: usize = 0x518;
const TXD: usize = 0x51C;
const BAUDRATE: usize = 0x524;
const BAUDRATE_115200: u32 = 0x01D7_E000;
const CONFIG: usize = 0x56C;
const CONFIG_FLOW: u32 = 1 << 0;

/// The UART at `BASE`, with the interrupt line `IRQ`.
#[derive(Debug)]
pub struct NrfUart<const BASE: usize, const IRQ: u16> {
    registers: Registers<BASE>,
    /// A byte is on its way, and its event has not been seen. Accessed in critical sections.
    sending: AtomicBool,
}

impl<const BASE: usize, const IRQ: u16> NrfUart<BASE, IRQ> {
    /// # Safety
    /// `BASE` and `IRQ` are those of a UART that nobody else uses.
    pub const unsafe fn new() -> NrfUart<BASE, IRQ> {
        // SAFETY: a block of registers, by the contract of this function.
        NrfUart { registers: unsafe { Registers::new() }, sending: AtomicBool::new(false) }
    }

    /// Starts it with 115,200 baud, 8 data bits, no parity, one stop bit and no flow control, on these pins (32 and more
    /// are those of port 1). The pins are set up by the caller: TXD as an output that is high, RXD as an input.
    pub fn start(&self, txd: u32, rxd: u32) {
        self.registers.write(PSELTXD, txd);
        self.registers.write(PSELRXD, rxd);
        self.registers.write(PSELRTS, DISCONNECTED);
        self.registers.write(PSELCTS, DISCONNECTED);
        self.registers.write(BAUDRATE, BAUDRATE_115200);
        self.registers.write(CONFIG, 0);
        self.registers.write(ENABLE, ENABLE_UART);
        for event in [RXDRDY, TXDRDY, ERROR] {
            self.registers.write(event, 0);
        }
        self.registers.write(INTENSET, RECEIVE | TROUBLE);
        self.registers.write(STARTTX, 1);
        self.registers.write(STARTRX, 1);
    }

    /// Has it work RTS and heed CTS on these pins, which are set up by the caller: RTS as an output that is high, CTS as an
    /// input. The pins of a UART that is on cannot be chosen, so it is off for a moment.
    pub fn control_flow(&self, rts: u32, cts: u32) {
        self.registers.write(STOPRX, 1);
        self.registers.write(STOPTX, 1);
        self.registers.write(ENABLE, 0);
        self.registers.write(PSELRTS, rts);
        self.registers.write(PSELCTS, cts);
        self.registers.write(CONFIG, CONFIG_FLOW);
        self.registers.write(ENABLE, ENABLE_UART);
        self.registers.write(STARTTX, 1);
        self.registers.write(STARTRX, 1);
    }

    fn mask(&self, interrupts: u32, on: bool) {
        self.registers.write(if on { INTENSET } else { INTENCLR }, interrupts);
    }
}

impl<const BASE: usize, const IRQ: u16> UartHardware for NrfUart<BASE, IRQ> {
    fn receive(&self) -> Option<Received> {
        let ready = self.registers.read(RXDRDY) != 0;
        let errors = self.registers.read(ERRORSRC);
        if !ready && errors & ERRORSRC_BREAK == 0 {
            self.registers.write(ERRORSRC, errors & ERRORSRC_OVERRUN);
            return (errors & ERRORSRC_OVERRUN != 0).then_some(Received::LOSS);
        }
        self.registers.write(ERRORSRC, errors); // writing ones clears them
        // The event first: reading the byte lets in the next one, with an event of its own.
        self.registers.write(RXDRDY, 0);
        let byte = self.registers.read(RXD) as u8;
        let byte = match errors {
            _ if errors & ERRORSRC_BREAK != 0 => Err(LineError::Break),
            _ if errors & ERRORSRC_FRAMING != 0 => Err(LineError::Framing),
            _ if errors & ERRORSRC_PARITY != 0 => Err(LineError::Parity),
            _ => Ok(byte),
        };
        Some(Received { overrun: errors & ERRORSRC_OVERRUN != 0, byte })
    }

    fn can_send(&self) -> bool {
        if self.registers.read(TXDRDY) != 0 {
            self.registers.write(TXDRDY, 0);
            self.sending.store(false, Relaxed);
        }
        !self.sending.load(Relaxed)
    }

    fn send(&self, byte: u8) {
        self.sending.store(true, Relaxed);
        self.registers.write(TXD, byte.into());
    }

    fn is_sending(&self) -> bool {
        !self.can_send()
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.mask(RECEIVE | TROUBLE, on);
    }

    fn interrupt_on_room(&self, on: bool) {
        self.mask(ROOM, on);
    }

    fn acknowledge(&self) {
        self.registers.write(ERROR, 0);
        self.can_send(); // remembers the event
    }

    fn request_interrupt(&self) {
        Irq(IRQ).pend();
    }
}
