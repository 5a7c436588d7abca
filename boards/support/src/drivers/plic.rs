//! The platform-level interrupt controller of RISC-V, for hart 0 in machine mode: "RISC-V Platform-Level Interrupt
//! Controller Specification", where that is context 0. No priorities are made use of.

use crate::registers::Registers;

const PRIORITY: usize = 0x00_0000;
const ENABLE: usize = 0x00_2000;
const THRESHOLD: usize = 0x20_0000;
const CLAIM: usize = 0x20_0004;

/// The PLIC at `BASE`.
#[derive(Debug)]
pub struct Plic<const BASE: usize> {
    registers: Registers<BASE>,
}

impl<const BASE: usize> Plic<BASE> {
    /// # Safety
    /// `BASE` is the address of a PLIC that nobody else uses.
    pub const unsafe fn new() -> Plic<BASE> {
        // SAFETY: a block of registers, by the contract of this function.
        Plic { registers: unsafe { Registers::new() } }
    }

    /// Lets the interrupts of a source (1 to 1023) through.
    pub fn enable(&self, source: u16) {
        let source = usize::from(source);
        self.registers.write(PRIORITY + 4 * source, 1);
        self.registers.set(ENABLE + 4 * (source / 32), 1 << (source % 32));
        self.registers.write(THRESHOLD, 0);
    }

    /// Calls `handler` with each source that interrupts.
    #[inline]
    pub fn dispatch(&self, mut handler: impl FnMut(u16)) {
        loop {
            let source = self.registers.read(CLAIM);
            if source == 0 {
                return;
            }
            handler(source as u16);
            self.registers.write(CLAIM, source); // completed
        }
    }
}
