//! The FPGA's system control and I/O block: LEDs. Application Note AN386, "FPGA system control and I/O".

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin, StatefulOutputPin};
use segno_cortex_m::registers::Registers;

const LED0: usize = 0x000;

/// LED 0 of two: high is lit.
#[derive(Debug)]
pub struct Led {
    registers: Registers<0x4002_8000>,
}

const BIT: u32 = 1 << 0;

impl Led {
    fn write(&mut self, high: bool) {
        let others = self.registers.read(LED0) & !BIT;
        self.registers.write(LED0, if high { others | BIT } else { others });
    }

    fn read(&self) -> bool {
        self.registers.read(LED0) & BIT != 0
    }
}

impl ErrorType for Led {
    type Error = Infallible;
}

impl OutputPin for Led {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.write(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.write(true);
        Ok(())
    }
}

impl StatefulOutputPin for Led {
    fn is_set_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.read())
    }

    fn is_set_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.read())
    }
}

/// LED 0, dark.
pub(crate) fn led() -> Led {
    // SAFETY: the block is used here only, by `Board::take`, which happens once.
    let mut led = Led { registers: unsafe { Registers::new() } };
    led.write(false);
    led
}
