//! A pin of ST's STM32F2 and F4 families: reference manual RM0090 (STM32F405), chapter "General-purpose I/Os (GPIO)".

use crate::output_pin;
use crate::output_pin::Level;
use crate::registers::Registers;

const MODER: usize = 0x00;
const ODR: usize = 0x14;
const BSRR: usize = 0x18;
const AFRL: usize = 0x20;

const OUTPUT: u32 = 1;
const ALTERNATE: u32 = 2;

fn set_mode<const PORT: usize>(port: Registers<PORT>, number: u32, mode: u32) {
    let others = port.read(MODER) & !(3 << (2 * number));
    port.write(MODER, others | mode << (2 * number));
}

/// Gives pin `number` of the port at `PORT` to a peripheral.
///
/// # Safety
/// `PORT` is the address of a GPIO port whose clock is on, and nobody else uses this pin. No interrupt sets up a pin of
/// this port.
pub unsafe fn alternate<const PORT: usize>(number: u32, function: u32) {
    // SAFETY: a block of registers, by the contract of this function.
    let port = unsafe { Registers::<PORT>::new() };
    let register = AFRL + 4 * (number / 8) as usize;
    let shift = 4 * (number % 8);
    port.write(register, port.read(register) & !(0xF << shift) | function << shift);
    set_mode(port, number, ALTERNATE);
}

/// A pin that drives a level: `NUMBER` (0 to 15) of the port at `PORT`.
#[derive(Debug)]
pub struct Stm32Output<const PORT: usize, const NUMBER: u32> {
    port: Registers<PORT>,
}

impl<const PORT: usize, const NUMBER: u32> Stm32Output<PORT, NUMBER> {
    /// Drives the pin, low at first.
    ///
    /// # Safety
    /// As for [`alternate`].
    pub unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        let port = unsafe { Registers::new() };
        let mut pin = Stm32Output { port };
        pin.write(false);
        set_mode(port, NUMBER, OUTPUT);
        pin
    }
}

impl<const PORT: usize, const NUMBER: u32> Level for Stm32Output<PORT, NUMBER> {
    fn write(&mut self, high: bool) {
        self.port.write(BSRR, if high { 1 << NUMBER } else { 1 << (NUMBER + 16) });
    }

    fn read(&self) -> bool {
        self.port.read(ODR) & 1 << NUMBER != 0
    }
}

output_pin! { [const PORT: usize, const NUMBER: u32] Stm32Output<PORT, NUMBER> }
