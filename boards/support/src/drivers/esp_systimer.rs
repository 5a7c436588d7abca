//! The system timer of Espressif's ESP32-C3 as counter and alarm: Technical Reference Manual, chapter "System Timer (SYSTIMER)".
//!
//! Unit 0 counts 52 bits at 16 MHz. Its value is latched and then read, so nobody else may latch it in between: this driver
//! is called in critical sections, and the HAL, which reads the same unit, reads until two readings agree. The alarm is
//! comparator 0, which also rings when its time is over already.

use crate::clock::Alarm;
use crate::registers::Registers;
use crate::timekeeper::WideCounter;

const CONF: usize = 0x00;
const CONF_TARGET0: u32 = 1 << 24;
const UNIT0_OP: usize = 0x04;
const UNIT0_OP_VALID: u32 = 1 << 29;
const UNIT0_OP_UPDATE: u32 = 1 << 30;
const TARGET0_HI: usize = 0x1C;
const TARGET0_LO: usize = 0x20;
const TARGET0_CONF: usize = 0x34;
const UNIT0_VALUE_HI: usize = 0x40;
const UNIT0_VALUE_LO: usize = 0x44;
const COMP0_LOAD: usize = 0x50;
const INT_ENA: usize = 0x64;
const INT_CLR: usize = 0x6C;
const TARGET0: u32 = 1 << 0;

/// The system timer at `BASE`.
#[derive(Debug)]
pub struct EspSysTimer<const BASE: usize> {
    registers: Registers<BASE>,
}

impl<const BASE: usize> EspSysTimer<BASE> {
    /// # Safety
    /// `BASE` is the address of a SYSTIMER whose comparator 0 nobody else uses. There may be two values: one for the counter, one
    /// for the alarm.
    pub const unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        EspSysTimer { registers: unsafe { Registers::new() } }
    }

    /// Lets the alarm interrupt.
    pub fn start(&self) {
        self.registers.write(TARGET0_CONF, 0); // unit 0, a time and not a period
        self.acknowledge();
        self.registers.set(INT_ENA, TARGET0);
    }
}

impl<const BASE: usize> WideCounter for EspSysTimer<BASE> {
    const HZ: u32 = 16_000_000;

    fn ticks(&self) -> u64 {
        self.registers.write(UNIT0_OP, UNIT0_OP_UPDATE);
        while self.registers.read(UNIT0_OP) & UNIT0_OP_VALID == 0 {}
        u64::from(self.registers.read(UNIT0_VALUE_HI)) << 32 | u64::from(self.registers.read(UNIT0_VALUE_LO))
    }
}

impl<const BASE: usize> Alarm for EspSysTimer<BASE> {
    const HZ: u32 = 16_000_000;

    fn arm(&self, ticks: u32) {
        let at = self.ticks() + u64::from(ticks);
        let conf = self.registers.read(CONF);
        self.registers.write(CONF, conf & !CONF_TARGET0);
        self.registers.write(INT_CLR, TARGET0);
        self.registers.write(TARGET0_HI, (at >> 32) as u32);
        self.registers.write(TARGET0_LO, at as u32);
        self.registers.write(COMP0_LOAD, 1);
        self.registers.write(CONF, conf | CONF_TARGET0);
    }

    fn acknowledge(&self) {
        let conf = self.registers.read(CONF);
        self.registers.write(CONF, conf & !CONF_TARGET0);
        self.registers.write(INT_CLR, TARGET0);
    }
}
