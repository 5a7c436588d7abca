//! The core-local interruptor of RISC-V: a 64-bit counter, an alarm, and a software interrupt, for hart 0.
//!
//! SiFive's "Core Local Interruptor (CLINT)"; "The RISC-V Instruction Set Manual, Volume II", section "Machine Timer
//! Registers". The timer's interrupt is pending while the time is not less than the comparator, so an alarm that is already
//! due rings at once.

use crate::clock::Alarm;
use crate::registers::Registers;
use crate::timekeeper::WideCounter;

const MSIP: usize = 0x0000;
const MTIMECMP: usize = 0x4000;
const MTIME: usize = 0xBFF8;

/// The CLINT at `BASE`, whose time runs at `HZ`.
#[derive(Debug)]
pub struct Clint<const BASE: usize, const HZ: u32> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const HZ: u32> Clint<BASE, HZ> {
    /// # Safety
    /// `BASE` is the address of a CLINT that nobody else uses. There may be several values, for counter, alarm and software
    /// interrupt.
    pub const unsafe fn new() -> Clint<BASE, HZ> {
        // SAFETY: a block of registers, by the contract of this function.
        Clint { registers: unsafe { Registers::new() } }
    }

    /// Requests, or withdraws, the software interrupt.
    pub fn software_interrupt(&self, on: bool) {
        self.registers.write(MSIP, on.into());
    }

    /// Sets the comparator: never earlier in between than at both ends, as the halves are written one by one.
    fn compare(&self, at: u64) {
        self.registers.write(MTIMECMP + 4, u32::MAX);
        self.registers.write(MTIMECMP, at as u32);
        self.registers.write(MTIMECMP + 4, (at >> 32) as u32);
    }
}

impl<const BASE: usize, const HZ: u32> WideCounter for Clint<BASE, HZ> {
    const HZ: u32 = HZ;

    #[inline]
    fn ticks(&self) -> u64 {
        loop {
            let high = self.registers.read(MTIME + 4);
            let low = self.registers.read(MTIME);
            if self.registers.read(MTIME + 4) == high {
                return u64::from(high) << 32 | u64::from(low);
            }
        }
    }
}

impl<const BASE: usize, const HZ: u32> Alarm for Clint<BASE, HZ> {
    const HZ: u32 = HZ;

    #[inline]
    fn arm(&self, ticks: u32) {
        self.compare(self.ticks() + u64::from(ticks));
    }

    #[inline]
    fn acknowledge(&self) {
        self.compare(u64::MAX);
    }
}
