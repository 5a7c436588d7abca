//! One half of the dual timer of Arm's Cortex-M System Design Kit as an alarm: 32 bits, one shot.
//!
//! Cortex-M System Design Kit Technical Reference Manual, "APB dual-input timers" (an SP804 with another name). In
//! one-shot mode the counter halts at 0; writing the load register starts it again, so arming is one store. At 25 MHz
//! its range is 171 s. Both halves share one interrupt line.

use crate::clock::Alarm;
use crate::registers::Registers;

const LOAD: usize = 0x00;
const CONTROL: usize = 0x08;
const CONTROL_ONE_SHOT: u32 = 1 << 0;
const CONTROL_32_BITS: u32 = 1 << 1;
const CONTROL_INTERRUPT: u32 = 1 << 5;
const CONTROL_PERIODIC: u32 = 1 << 6;
const CONTROL_ENABLE: u32 = 1 << 7;
const INTCLR: usize = 0x0C;

/// The half of a dual timer at `BASE`, with a clock of `HZ`.
#[derive(Debug)]
pub struct CmsdkDualTimer<const BASE: usize, const HZ: u32> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const HZ: u32> CmsdkDualTimer<BASE, HZ> {
    /// # Safety
    /// `BASE` is the address of one half of a CMSDK dual timer, and nobody else uses this half.
    pub const unsafe fn new() -> CmsdkDualTimer<BASE, HZ> {
        // SAFETY: a block of registers, by the contract of this function.
        CmsdkDualTimer { registers: unsafe { Registers::new() } }
    }

    /// Makes it a 32-bit one-shot timer with an interrupt. It rings for the first time when it is armed.
    pub fn start(&self) {
        self.registers.write(CONTROL, 0);
        // Not periodic means that the counter is reloaded with all ones, whatever was written to LOAD.
        let mode = CONTROL_ONE_SHOT | CONTROL_32_BITS | CONTROL_PERIODIC;
        self.registers.write(CONTROL, mode);
        self.registers.write(LOAD, u32::MAX);
        self.registers.write(INTCLR, 1);
        self.registers.write(CONTROL, mode | CONTROL_INTERRUPT | CONTROL_ENABLE);
    }
}

impl<const BASE: usize, const HZ: u32> Alarm for CmsdkDualTimer<BASE, HZ> {
    const HZ: u32 = HZ;

    #[inline]
    fn arm(&self, ticks: u32) {
        self.registers.write(LOAD, ticks);
    }

    #[inline]
    fn acknowledge(&self) {
        self.registers.write(INTCLR, 1);
    }
}
