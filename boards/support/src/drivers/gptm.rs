//! A general-purpose timer of the Stellaris family as an alarm: 32 bits, one shot.
//!
//! LM3S6965 data sheet, chapter "General-Purpose Timers", sections "32-Bit One-Shot/Periodic Timer Mode" and
//! "Register Descriptions". With GPTMCFG = 0 the two halves of a block are one 32-bit timer, controlled by half A.
//! At 12.5 MHz its range is 343 s.
//!
//! Its count is not used: QEMU does not implement reading GPTMTAR, so the time comes from another counter.

use crate::clock::Alarm;
use crate::registers::Registers;

const GPTMCFG: usize = 0x00;
const GPTMTAMR: usize = 0x04;
const GPTMTAMR_ONE_SHOT: u32 = 1;
const GPTMCTL: usize = 0x0C;
const GPTMCTL_TAEN: u32 = 1 << 0;
const GPTMIMR: usize = 0x18;
const GPTMICR: usize = 0x24;
const TIME_OUT_A: u32 = 1 << 0;
const GPTMTAILR: usize = 0x28;

/// The timer block at `BASE`, with a clock of `HZ`.
#[derive(Debug)]
pub struct Gptm<const BASE: usize, const HZ: u32> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const HZ: u32> Gptm<BASE, HZ> {
    /// # Safety
    /// `BASE` is the address of a GPTM block that nobody else uses, and its clock is switched on before
    /// [`start`](Gptm::start).
    pub const unsafe fn new() -> Gptm<BASE, HZ> {
        // SAFETY: a block of registers, by the contract of this function.
        Gptm { registers: unsafe { Registers::new() } }
    }

    /// Makes it a 32-bit one-shot timer with an interrupt, not running.
    pub fn start(&self) {
        self.registers.write(GPTMCTL, 0);
        self.registers.write(GPTMCFG, 0);
        self.registers.write(GPTMTAMR, GPTMTAMR_ONE_SHOT);
        self.registers.write(GPTMICR, TIME_OUT_A);
        self.registers.write(GPTMIMR, TIME_OUT_A);
    }
}

impl<const BASE: usize, const HZ: u32> Alarm for Gptm<BASE, HZ> {
    const HZ: u32 = HZ;

    #[inline]
    fn arm(&self, ticks: u32) {
        // The interval is loaded when the timer is enabled: it has to be off first.
        self.registers.write(GPTMCTL, 0);
        self.registers.write(GPTMTAILR, ticks);
        self.registers.write(GPTMCTL, GPTMCTL_TAEN);
    }

    #[inline]
    fn acknowledge(&self) {
        self.registers.write(GPTMICR, TIME_OUT_A);
    }
}
