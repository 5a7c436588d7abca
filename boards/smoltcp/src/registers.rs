//! A controller's registers.

use core::ptr;

/// Access to a controller's registers of 32 bits, by their offsets. Reading may change them: a FIFO gives its next word.
pub trait Registers: Sync + 'static {
    /// Reads one.
    fn read(&self, offset: usize) -> u32;

    /// Writes one.
    fn write(&self, offset: usize, value: u32);
}

/// Registers in memory, from the address `BASE` on.
#[derive(Debug)]
pub struct Mapped<const BASE: usize>(());

impl<const BASE: usize> Mapped<BASE> {
    /// # Safety
    /// There are such registers at the address: reading and writing those that the driver knows touches no memory that
    /// Rust knows of.
    pub const unsafe fn new() -> Mapped<BASE> {
        Mapped(())
    }
}

impl<const BASE: usize> Registers for Mapped<BASE> {
    #[inline(always)]
    fn read(&self, offset: usize) -> u32 {
        // SAFETY: a register, by the promise of `new`.
        unsafe { ptr::read_volatile((BASE + offset) as *const u32) }
    }

    #[inline(always)]
    fn write(&self, offset: usize, value: u32) {
        // SAFETY: as above.
        unsafe { ptr::write_volatile((BASE + offset) as *mut u32, value) }
    }
}
