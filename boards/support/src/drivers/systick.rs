//! SysTick as a free-running counter: 24 bits, in every Cortex-M that has one.
//!
//! ARMv7-M Architecture Reference Manual, B3.3 "The system timer, SysTick". The counter runs down and is reloaded in
//! the tick after 0; COUNTFLAG is set when it goes from 1 to 0 and cleared when it is read. So the position is the
//! negated count, and position 0 is the tick in which the flag is set, as [`Counter`] wants it.
//!
//! At 12.5 MHz it wraps every 1.34 s.

use crate::registers::Registers;
use crate::timekeeper::Counter;

const CSR: usize = 0x0;
const CSR_ENABLE: u32 = 1 << 0;
const CSR_TICKINT: u32 = 1 << 1;
const CSR_CLKSOURCE_CORE: u32 = 1 << 2;
const CSR_COUNTFLAG: u32 = 1 << 16;
const RVR: usize = 0x4;
const CVR: usize = 0x8;

const MASK: u32 = (1 << 24) - 1;

/// SysTick at the core's clock of `HZ`. Its exception is `SysTick`.
#[derive(Debug)]
pub struct SysTick<const HZ: u32> {
    registers: Registers<0xE000_E010>,
}

impl<const HZ: u32> SysTick<HZ> {
    /// # Safety
    /// Nobody else uses SysTick.
    pub const unsafe fn new() -> SysTick<HZ> {
        // SAFETY: the address is architectural, and the caller leaves it to us.
        SysTick { registers: unsafe { Registers::new() } }
    }

    /// Starts at position 0, with the exception enabled.
    pub fn start(&self) {
        self.registers.write(CSR, CSR_CLKSOURCE_CORE); // stopped
        self.registers.write(RVR, MASK);
        self.registers.write(CVR, 0); // any write clears the counter and COUNTFLAG, and raises no exception
        self.registers.write(CSR, CSR_ENABLE | CSR_TICKINT | CSR_CLKSOURCE_CORE);
    }
}

impl<const HZ: u32> Counter for SysTick<HZ> {
    const BITS: u32 = 24;
    const HZ: u32 = HZ;

    #[inline]
    fn position(&self) -> u32 {
        self.registers.read(CVR).wrapping_neg() & MASK
    }

    #[inline]
    fn take_wrap(&self) -> bool {
        self.registers.read(CSR) & CSR_COUNTFLAG != 0
    }
}
