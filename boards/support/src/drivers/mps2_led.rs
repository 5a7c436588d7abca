//! The LED of Arm's MPS2 boards, in the FPGA's system control and I/O block: Application Note AN386, "FPGA system
//! control and I/O".

use crate::output_pin;
use crate::output_pin::Level;
use crate::registers::Registers;

const LED0: usize = 0x000;

const BIT: u32 = 1 << 0;

/// LED 0 of two, of the block at `BASE`: high is lit.
#[derive(Debug)]
pub struct Mps2Led<const BASE: usize> {
    registers: Registers<BASE>,
}

impl<const BASE: usize> Mps2Led<BASE> {
    /// The LED, dark.
    ///
    /// # Safety
    /// `BASE` is the address of the FPGA's system control and I/O block, and nobody else uses its LEDs.
    pub unsafe fn new() -> Mps2Led<BASE> {
        // SAFETY: a block of registers, by the contract of this function.
        let mut led = Mps2Led { registers: unsafe { Registers::new() } };
        led.write(false);
        led
    }
}

impl<const BASE: usize> Level for Mps2Led<BASE> {
    fn write(&mut self, high: bool) {
        let others = self.registers.read(LED0) & !BIT;
        self.registers.write(LED0, if high { others | BIT } else { others });
    }

    fn read(&self) -> bool {
        self.registers.read(LED0) & BIT != 0
    }
}

output_pin! { [const BASE: usize] Mps2Led<BASE> }
