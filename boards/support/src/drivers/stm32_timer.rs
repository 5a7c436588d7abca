//! A general-purpose timer of ST's STM32 families, of 32 bits, at 1 MHz, as counter and alarm at the same time.
//!
//! Reference manual RM0090 (STM32F405), chapter "General-purpose timers (TIM2 to TIM5)". The counter runs through its 32 bits,
//! 71 minutes, and its update flag tells of the wrap. The alarm is compare channel 1, which drives no pin. QEMU's model has
//! no compare channels: there it is a counter only.
//!
//! The prescaler makes 1 MHz of the timers' clock, which is a number of megahertz.

use crate::arch::cortex_m::interrupt::Irq;
use crate::clock::Alarm;
use crate::registers::Registers;
use crate::timekeeper::Counter;

const CR1: usize = 0x00;
const CR1_ENABLE: u32 = 1 << 0;
const CR1_ONLY_OVERFLOW: u32 = 1 << 2;
const DIER: usize = 0x0C;
const SR: usize = 0x10;
const EGR: usize = 0x14;
const UPDATE: u32 = 1 << 0;
const COMPARE: u32 = 1 << 1;
const CNT: usize = 0x24;
const PSC: usize = 0x28;
const ARR: usize = 0x2C;
const CCR1: usize = 0x34;

/// The timer at `BASE`, with the interrupt line `IRQ`.
#[derive(Debug)]
pub struct Stm32Timer<const BASE: usize, const IRQ: u16> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const IRQ: u16> Stm32Timer<BASE, IRQ> {
    /// # Safety
    /// `BASE` and `IRQ` are those of a timer of 32 bits that nobody else uses, and its clock is switched on before it is
    /// [started](Stm32Timer::start). There may be two values: one for the counter, one for the alarm.
    pub const unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        Stm32Timer { registers: unsafe { Registers::new() } }
    }

    /// Starts it from 0, with the interrupts of the wrap and of the alarm. `clock` is the timers' clock in hertz.
    pub fn start(&self, clock: u32) {
        self.registers.write(CR1, CR1_ONLY_OVERFLOW);
        self.registers.write(PSC, clock / 1_000_000 - 1);
        self.registers.write(ARR, u32::MAX);
        self.registers.write(EGR, UPDATE); // takes the prescaler over; it is no overflow, so its flag is not set
        self.registers.write(SR, 0);
        self.registers.write(DIER, UPDATE | COMPARE);
        self.registers.write(CR1, CR1_ONLY_OVERFLOW | CR1_ENABLE);
    }
}

impl<const BASE: usize, const IRQ: u16> Counter for Stm32Timer<BASE, IRQ> {
    const BITS: u32 = 32;
    const HZ: u32 = 1_000_000;

    #[inline]
    fn position(&self) -> u32 {
        self.registers.read(CNT)
    }

    #[inline]
    fn take_wrap(&self) -> bool {
        let wrapped = self.registers.read(SR) & UPDATE != 0;
        if wrapped {
            self.registers.write(SR, !UPDATE); // writing a zero clears it
        }
        wrapped
    }
}

impl<const BASE: usize, const IRQ: u16> Alarm for Stm32Timer<BASE, IRQ> {
    const HZ: u32 = 1_000_000;

    #[inline]
    fn arm(&self, ticks: u32) {
        let start = self.registers.read(CNT);
        self.registers.write(CCR1, start.wrapping_add(ticks));
        self.registers.write(SR, !COMPARE);
        // Only a position that comes after the register was written is compared.
        if self.registers.read(CNT).wrapping_sub(start) >= ticks {
            Irq(IRQ).pend();
        }
    }

    #[inline]
    fn acknowledge(&self) {
        self.registers.write(SR, !COMPARE);
    }
}
