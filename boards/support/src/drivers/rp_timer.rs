//! The timer of Raspberry Pi's RP2040 and RP2350, as counter and alarm at the same time: 64 bits that count microseconds.
//!
//! RP2040 Datasheet, section "Timer"; RP2350 Datasheet, section "System timers". The alarm compares 32 bits, so it reaches 71
//! minutes. There are four alarms, with an interrupt line each: a core has one of its own.

use crate::arch::cortex_m::interrupt::Irq;
use crate::clock::Alarm;
use crate::registers::Registers;
use crate::timekeeper::WideCounter;

const ALARMS: usize = 0x10;
const ARMED: usize = 0x20;
const TIMERAWH: usize = 0x24;
const TIMERAWL: usize = 0x28;

/// Where the interrupt registers of the RP2040's timer begin.
pub const RP2040: usize = 0x34;
/// Where the interrupt registers of the RP2350's timers begin.
pub const RP2350: usize = 0x3C;

/// Alarm `ALARM` (0 to 3) of the timer at `BASE`, whose alarms have the interrupt lines from `IRQ` on, and whose interrupt
/// registers begin at `INTR`.
#[derive(Debug)]
pub struct RpTimer<const BASE: usize, const IRQ: u16, const INTR: usize, const ALARM: u16> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const IRQ: u16, const INTR: usize, const ALARM: u16> RpTimer<BASE, IRQ, INTR, ALARM> {
    const INTE: usize = INTR + 4;
    const BIT: u32 = 1 << ALARM;

    /// # Safety
    /// `BASE`, `IRQ` and `INTR` are those of a timer of which nobody else uses this alarm, and which is out of reset and ticks
    /// before it is touched. There may be two values: one for the counter, one for the alarm.
    pub const unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        RpTimer { registers: unsafe { Registers::new() } }
    }

    /// Lets the alarm interrupt. Nobody else starts an alarm of the same timer meanwhile.
    pub fn start(&self) {
        self.acknowledge();
        self.registers.set(Self::INTE, Self::BIT);
    }

    #[inline]
    fn low(&self) -> u32 {
        self.registers.read(TIMERAWL)
    }
}

impl<const BASE: usize, const IRQ: u16, const INTR: usize, const ALARM: u16> WideCounter
    for RpTimer<BASE, IRQ, INTR, ALARM>
{
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

impl<const BASE: usize, const IRQ: u16, const INTR: usize, const ALARM: u16> Alarm for RpTimer<BASE, IRQ, INTR, ALARM> {
    const HZ: u32 = 1_000_000;

    #[inline]
    fn arm(&self, ticks: u32) {
        let start = self.low();
        self.registers.write(ALARMS + 4 * usize::from(ALARM), start.wrapping_add(ticks)); // arms it
        // Only a time that comes after the register was written is compared.
        if self.low().wrapping_sub(start) >= ticks {
            Irq(IRQ + ALARM).pend();
        }
    }

    #[inline]
    fn acknowledge(&self) {
        self.registers.write(ARMED, Self::BIT); // disarms it, if it was late
        self.registers.write(INTR, Self::BIT);
    }
}
