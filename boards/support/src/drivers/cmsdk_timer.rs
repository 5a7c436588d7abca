//! The APB timer of Arm's Cortex-M System Design Kit as a free-running counter of up to 30 bits, or as an alarm.
//!
//! Cortex-M System Design Kit Technical Reference Manual, "APB timer". The counter runs down and is reloaded in the tick
//! after 0, in which the interrupt status is set; so the position is the negated count, as [`Counter`] wants it. The
//! reload value makes the period a power of two that is small enough for 32-bit arithmetic: `BITS` is at most 30, which
//! at 25 MHz is a wrap every 43 s.

use crate::clock::Alarm;
use crate::registers::Registers;
use crate::timekeeper::Counter;

const CTRL: usize = 0x0;
const CTRL_ENABLE: u32 = 1 << 0;
const CTRL_INTERRUPT: u32 = 1 << 3;
const VALUE: usize = 0x4;
const RELOAD: usize = 0x8;
const INTCLEAR: usize = 0xC;
const INTSTATUS: usize = 0xC;

/// The APB timer at `BASE`, with a clock of `HZ` and a period of `1 << BITS` ticks.
#[derive(Debug)]
pub struct CmsdkTimer<const BASE: usize, const HZ: u32, const BITS: u32> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const HZ: u32, const BITS: u32> CmsdkTimer<BASE, HZ, BITS> {
    const MASK: u32 = (1 << BITS) - 1;

    /// # Safety
    /// `BASE` is the address of a CMSDK APB timer that nobody else uses.
    pub const unsafe fn new() -> CmsdkTimer<BASE, HZ, BITS> {
        // SAFETY: a block of registers, by the contract of this function.
        CmsdkTimer { registers: unsafe { Registers::new() } }
    }

    /// Starts at `position`, less than `1 << BITS`, with the wrap interrupt enabled.
    pub fn start_at(&self, position: u32) {
        self.registers.write(CTRL, 0);
        self.registers.write(RELOAD, Self::MASK);
        self.registers.write(VALUE, position.wrapping_neg() & Self::MASK);
        self.registers.write(INTCLEAR, 1);
        self.registers.write(CTRL, CTRL_ENABLE | CTRL_INTERRUPT);
    }
}

impl<const BASE: usize, const HZ: u32, const BITS: u32> Counter for CmsdkTimer<BASE, HZ, BITS> {
    const BITS: u32 = BITS;
    const HZ: u32 = HZ;

    #[inline]
    fn position(&self) -> u32 {
        self.registers.read(VALUE).wrapping_neg() & Self::MASK
    }

    #[inline]
    fn take_wrap(&self) -> bool {
        let wrapped = self.registers.read(INTSTATUS) != 0;
        if wrapped {
            self.registers.write(INTCLEAR, 1);
        }
        wrapped
    }
}

/// The APB timer at `BASE`, with a clock of `HZ`, as an alarm: at 25 MHz its range is 171 s. It rings again a range later, for the
/// counter has no end; that costs one turn of a loop.
#[derive(Debug)]
pub struct CmsdkTimerAlarm<const BASE: usize, const HZ: u32> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const HZ: u32> CmsdkTimerAlarm<BASE, HZ> {
    /// # Safety
    /// `BASE` is the address of a CMSDK APB timer that nobody else uses.
    pub const unsafe fn new() -> CmsdkTimerAlarm<BASE, HZ> {
        // SAFETY: a block of registers, by the contract of this function.
        CmsdkTimerAlarm { registers: unsafe { Registers::new() } }
    }

    /// Stops it. It rings for the first time when it is armed.
    pub fn start(&self) {
        self.registers.write(CTRL, 0);
        self.registers.write(RELOAD, u32::MAX);
        self.registers.write(INTCLEAR, 1);
    }
}

impl<const BASE: usize, const HZ: u32> Alarm for CmsdkTimerAlarm<BASE, HZ> {
    const HZ: u32 = HZ;

    #[inline]
    fn arm(&self, ticks: u32) {
        self.registers.write(CTRL, 0);
        self.registers.write(VALUE, ticks);
        self.registers.write(CTRL, CTRL_ENABLE | CTRL_INTERRUPT);
    }

    #[inline]
    fn acknowledge(&self) {
        self.registers.write(INTCLEAR, 1);
    }
}
