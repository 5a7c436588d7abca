//! TIM2 as QEMU has it: an alarm without compare channels.
//!
//! Chapter "General-purpose timers (TIM2 to TIM5)". On a chip, a write to the auto-reload register moves the end of the
//! running period. In QEMU it starts a period of that length, whatever the counter shows, plus what the counter was ahead of
//! QEMU's own time when it was last set: so it is set to that time once, and never again.

use segno_board::clock::Alarm;
use segno_board::registers::Registers;

use crate::clocks::TIMERS;

const CR1: usize = 0x00;
const CR1_ENABLE: u32 = 1 << 0;
const DIER: usize = 0x0C;
const SR: usize = 0x10;
const EGR: usize = 0x14;
const UPDATE: u32 = 1 << 0;
const CNT: usize = 0x24;
const PSC: usize = 0x28;
const ARR: usize = 0x2C;

/// The alarm, at 1 MHz.
#[derive(Debug)]
pub struct QemuAlarm {
    registers: Registers<0x4000_0000>,
}

impl QemuAlarm {
    /// # Safety
    /// Nobody else uses TIM2.
    pub(crate) const unsafe fn new() -> QemuAlarm {
        // SAFETY: a block of registers, which the caller leaves to us.
        QemuAlarm { registers: unsafe { Registers::new() } }
    }

    /// Makes it an alarm, not armed.
    pub(crate) fn start(&self) {
        const DIVISOR: u32 = TIMERS / 1_000_000;
        let time = self.registers.read(CNT);
        self.registers.write(PSC, DIVISOR - 1);
        self.registers.write(EGR, UPDATE);
        self.registers.write(CNT, time / DIVISOR);
        self.registers.write(DIER, UPDATE);
    }
}

impl Alarm for QemuAlarm {
    const HZ: u32 = 1_000_000;

    fn arm(&self, ticks: u32) {
        // Enabled first: an alarm at whose moment it is not enabled is forgotten.
        self.registers.write(CR1, CR1_ENABLE);
        self.registers.write(ARR, ticks);
    }

    fn acknowledge(&self) {
        self.registers.write(CR1, 0);
        self.registers.write(SR, 0);
    }
}
