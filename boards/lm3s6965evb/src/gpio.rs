//! Pins: chapter "General-Purpose Input/Outputs (GPIOs)".

use segno_board::output_pin;
use segno_board::output_pin::Level;
use segno_board::registers::Registers;

const DIR: usize = 0x400;
const AFSEL: usize = 0x420;
const DEN: usize = 0x51C;

/// A pin that drives a level: `NUMBER` (0 to 7) of the port at `PORT`.
#[derive(Debug)]
pub struct Output<const PORT: usize, const NUMBER: u32> {
    port: Registers<PORT>,
}

impl<const PORT: usize, const NUMBER: u32> Output<PORT, NUMBER> {
    const BIT: u32 = 1 << NUMBER;

    /// The data register shows only the bits that the address selects, so that a write changes this pin alone: section
    /// "Data Register Operation".
    const DATA: usize = (Self::BIT << 2) as usize;

    /// # Safety
    /// `PORT` is the address of a GPIO port whose clock is on, and nobody else uses this pin.
    unsafe fn new() -> Output<PORT, NUMBER> {
        // SAFETY: a block of registers, by the contract of this function.
        let mut pin = Output { port: unsafe { Registers::new() } };
        pin.write(false);
        pin.port.set(DIR, Self::BIT);
        pin.port.set(DEN, Self::BIT);
        pin
    }
}

impl<const PORT: usize, const NUMBER: u32> Level for Output<PORT, NUMBER> {
    fn write(&mut self, high: bool) {
        self.port.write(Self::DATA, if high { Self::BIT } else { 0 });
    }

    fn read(&self) -> bool {
        self.port.read(Self::DATA) != 0
    }
}

output_pin! { [const PORT: usize, const NUMBER: u32] Output<PORT, NUMBER> }

/// Pin F0, where the board has its status LED: low is dark.
pub type Led = Output<0x4002_5000, 0>;

pub(crate) fn led() -> Led {
    // SAFETY: port F is used here only, by `Board::take`, which has switched its clock on and happens once.
    unsafe { Output::new() }
}

/// Gives pins A0 and A1 to UART0.
pub(crate) fn serial_pins() {
    // SAFETY: port A is used here only, by `Board::take`, which has switched its clock on and happens once.
    let port = unsafe { Registers::<0x4000_4000>::new() };
    port.set(AFSEL, 0b11);
    port.set(DEN, 0b11);
}

/// Gives pins D2 and D3 to UART1.
pub(crate) fn uart1_pins() {
    // SAFETY: port D is used here only, by the start of UART1, which has switched its clock on and happens once.
    let port = unsafe { Registers::<0x4000_7000>::new() };
    port.set(AFSEL, 0b1100);
    port.set(DEN, 0b1100);
}

/// Gives pins G0 and G1 to UART2.
pub(crate) fn uart2_pins() {
    // SAFETY: port G is used here only, by the start of UART2, which has switched its clock on and happens once.
    let port = unsafe { Registers::<0x4002_6000>::new() };
    port.set(AFSEL, 0b11);
    port.set(DEN, 0b11);
}
