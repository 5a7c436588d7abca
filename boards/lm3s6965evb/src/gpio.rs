//! Pins: chapter "General-Purpose Input/Outputs (GPIOs)".

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin, StatefulOutputPin};
use segno_cortex_m::registers::Registers;

const DIR: usize = 0x400;
const AFSEL: usize = 0x420;
const DEN: usize = 0x51C;

/// A pin that drives a level.
#[derive(Debug)]
pub struct Output {
    port: Registers,
    bit: u32,
}

impl Output {
    /// # Safety
    /// `port` is a GPIO port whose clock is on, and nobody else uses its pin `number` (0 to 7).
    unsafe fn new(port: Registers, number: u32) -> Output {
        let mut pin = Output { port, bit: 1 << number };
        pin.write(false);
        port.set(DIR, pin.bit);
        port.set(DEN, pin.bit);
        pin
    }

    /// The data register shows only the bits that the address selects, so that a write changes this pin alone: section
    /// "Data Register Operation".
    fn data(&self) -> usize {
        (self.bit << 2) as usize
    }

    fn write(&mut self, high: bool) {
        self.port.write(self.data(), if high { self.bit } else { 0 });
    }

    fn read(&self) -> bool {
        self.port.read(self.data()) != 0
    }
}

impl ErrorType for Output {
    type Error = Infallible;
}

impl OutputPin for Output {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.write(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.write(true);
        Ok(())
    }
}

impl StatefulOutputPin for Output {
    fn is_set_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.read())
    }

    fn is_set_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.read())
    }
}

/// Pin F0, where the board has its status LED: low is dark.
pub(crate) fn led() -> Output {
    // SAFETY: port F is used here only, by `Board::take`, which has switched its clock on and happens once.
    unsafe { Output::new(Registers::new(0x4002_5000), 0) }
}

/// Gives pins A0 and A1 to UART0.
pub(crate) fn serial_pins() {
    // SAFETY: port A is used here only, by `Board::take`, which has switched its clock on and happens once.
    let port = unsafe { Registers::new(0x4000_4000) };
    port.set(AFSEL, 0b11);
    port.set(DEN, 0b11);
}
