//! A pin of Nordic's nRF51 series: nRF51 Series Reference Manual, chapter "General-Purpose Input/Output (GPIO)".

use core::convert::Infallible;

use embedded_hal::digital::InputPin;

use crate::output_pin;
use crate::output_pin::Level;
use crate::registers::Registers;

const OUT: usize = 0x504;
const OUTSET: usize = 0x508;
const OUTCLR: usize = 0x50C;
const IN: usize = 0x510;
const PIN_CNF: usize = 0x700;
const PIN_CNF_OUTPUT: u32 = 1 << 0;
const PIN_CNF_NO_INPUT: u32 = 1 << 1;
const PIN_CNF_PULL_UP: u32 = 3 << 2;

/// Pin `NUMBER` of the port at `BASE`.
#[derive(Debug)]
pub struct NrfPin<const BASE: usize, const NUMBER: u32> {
    port: Registers<BASE>,
}

impl<const BASE: usize, const NUMBER: u32> NrfPin<BASE, NUMBER> {
    const BIT: u32 = 1 << NUMBER;

    /// # Safety
    /// `BASE` is the address of a GPIO port, and nobody else uses this pin.
    unsafe fn configured(bits: u32) -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        let port = unsafe { Registers::<BASE>::new() };
        port.write(PIN_CNF + 4 * NUMBER as usize, bits);
        NrfPin { port }
    }

    /// Drives the pin, at first with this level.
    ///
    /// # Safety
    /// `BASE` is the address of a GPIO port, and nobody else uses this pin.
    pub unsafe fn output(high: bool) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            Registers::<BASE>::new().write(if high { OUTSET } else { OUTCLR }, Self::BIT);
            Self::configured(PIN_CNF_OUTPUT | PIN_CNF_NO_INPUT)
        }
    }

    /// Reads the pin.
    ///
    /// # Safety
    /// `BASE` is the address of a GPIO port, and nobody else uses this pin.
    pub unsafe fn input(pull_up: bool) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Self::configured(if pull_up { PIN_CNF_PULL_UP } else { 0 }) }
    }
}

impl<const BASE: usize, const NUMBER: u32> Level for NrfPin<BASE, NUMBER> {
    fn write(&mut self, high: bool) {
        self.port.write(if high { OUTSET } else { OUTCLR }, Self::BIT);
    }

    fn read(&self) -> bool {
        self.port.read(OUT) & Self::BIT != 0
    }
}

output_pin! { [const BASE: usize, const NUMBER: u32] NrfPin<BASE, NUMBER> }

impl<const BASE: usize, const NUMBER: u32> InputPin for NrfPin<BASE, NUMBER> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.port.read(IN) & Self::BIT != 0)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.port.read(IN) & Self::BIT == 0)
    }
}
