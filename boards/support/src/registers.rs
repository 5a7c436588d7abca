//! Volatile access to one block of memory-mapped registers.
//!
//! All the unsafety of talking to hardware is in [`Registers::new`]: who makes one vouches for the address. What the
//! registers then do cannot break memory safety, since none of the drivers here programs a DMA.

/// The block of 32-bit registers at `BASE`. It takes no memory: the address is in the code.
#[derive(Debug, Clone, Copy)]
pub struct Registers<const BASE: usize>(());

impl<const BASE: usize> Registers<BASE> {
    /// Access to the block.
    ///
    /// # Safety
    /// `BASE` is 4-byte aligned, and every offset that the driver of this block uses is a device register that may be
    /// read and written at any time, by interrupts as well, without effect on memory that Rust knows of.
    pub const unsafe fn new() -> Registers<BASE> {
        Registers(())
    }

    /// Reads the register at `offset`.
    #[inline(always)]
    pub fn read(self, offset: usize) -> u32 {
        // SAFETY: a register of this block, by the contract of `new`.
        unsafe { ((BASE + offset) as *const u32).read_volatile() }
    }

    /// Writes the register at `offset`.
    #[inline(always)]
    pub fn write(self, offset: usize, value: u32) {
        // SAFETY: a register of this block, by the contract of `new`.
        unsafe { ((BASE + offset) as *mut u32).write_volatile(value) }
    }

    /// Sets bits by reading, changing and writing: for registers that no interrupt changes.
    #[inline(always)]
    pub fn set(self, offset: usize, bits: u32) {
        self.write(offset, self.read(offset) | bits);
    }
}

/// The block of 8-bit registers at `BASE`.
#[derive(Debug, Clone, Copy)]
pub struct ByteRegisters<const BASE: usize>(());

impl<const BASE: usize> ByteRegisters<BASE> {
    /// Access to the block.
    ///
    /// # Safety
    /// Every offset that the driver of this block uses is a device register of 8 bits that may be read and written at any
    /// time, by interrupts as well, without effect on memory that Rust knows of.
    pub const unsafe fn new() -> ByteRegisters<BASE> {
        ByteRegisters(())
    }

    /// Reads the register at `offset`.
    #[inline(always)]
    pub fn read(self, offset: usize) -> u8 {
        // SAFETY: a register of this block, by the contract of `new`.
        unsafe { ((BASE + offset) as *const u8).read_volatile() }
    }

    /// Writes the register at `offset`.
    #[inline(always)]
    pub fn write(self, offset: usize, value: u8) {
        // SAFETY: a register of this block, by the contract of `new`.
        unsafe { ((BASE + offset) as *mut u8).write_volatile(value) }
    }
}
