//! The timer of Raspberry Pi's RP2040 and RP2350, as counter and alarm at the same time: 64 bits that count microseconds.
//!
//! RP2040 Datasheet, section "Timer"; RP2350 Datasheet, section "System timers". The alarm compares 32 bits, so it reaches 71
//! minutes. Each of the two cores could have an alarm of its own; this driver uses alarm 0.

use crate::arch::cortex_m::interrupt::Irq;
use crate::clock::Alarm;
use crate::registers::Registers;
use crate::timekeeper::WideCounter;

const ALARM0: usize = 0x10;
const ARMED: usize = 0x20;
const TIMERAWH: usize = 0x24;
const TIMERAWL: usize = 0x28;
const ALARM: u32 = 1 << 0;

/// Where the interrupt registers of the RP2040's timer begin.
pub const RP2040: usize = 0x34;
/// Where the interrupt registers of the RP2350's timers begin.
pub const RP2350: usize = 0x3C;

/// The timer at `BASE`, whose alarm 0 has the interrupt line `IRQ`, and whose interrupt registers begin at `INTR`.
#[derive(Debug)]
pub struct RpTimer<const BASE: usize, const IRQ: u16, const INTR: usize> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const IRQ: u16, const INTR: usize> RpTimer<BASE, IRQ, INTR> {
    const INTE: usize = INTR + 4;

    /// # Safety
    /// `BASE`, `IRQ` and `INTR` are those of a timer whose alarm 0 nobody else uses, and which is out of reset and ticks
    /// before it is touched. There may be two values: one for the counter, one for the alarm.
    pub const unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        RpTimer { registers: unsafe { Registers::new() } }
    }

    /// Lets alarm 0 interrupt.
    pub fn start(&self) {
        self.registers.write(ARMED, ALARM);
        self.registers.write(INTR, ALARM);
        self.registers.write(Self::INTE, ALARM);
    }

    #[inline]
    fn low(&self) -> u32 {
        self.registers.read(TIMERAWL)
    }
}

impl<const BASE: usize, const IRQ: u16, const INTR: usize> WideCounter for RpTimer<BASE, IRQ, INTR> {
    const HZ: u32 = 1_000_000;

    #[inline]
    fn ticks(&self) -> u64 {
        // Not the pair of registers that latch each other: that has only one latch for both cores.
        loop {
            let high = self.registers.read(TIMERAWH);
            let low = self.low();
            if self.registers.read(TIMERAWH) == high {
                return u64::from(high) << 32 | u64::from(low);
            }
        }
    }
}

impl<const BASE: usize, const IRQ: u16, const INTR: usize> Alarm for RpTimer<BASE, IRQ, INTR> {
    const HZ: u32 = 1_000_000;

    #[inline]
    fn arm(&self, ticks: u32) {
        let start = self.low();
        self.registers.write(ALARM0, start.wrapping_add(ticks)); // arms it
        // Only a time that comes after the register was written is compared.
        if self.low().wrapping_sub(start) >= ticks {
            Irq(IRQ).pend();
        }
    }

    #[inline]
    fn acknowledge(&self) {
        self.registers.write(ARMED, ALARM); // disarms it, if it was late
        self.registers.write(INTR, ALARM);
    }
}
