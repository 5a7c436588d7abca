//! Volatile access to one block of memory-mapped registers.
//!
//! All the unsafety of talking to hardware is in [`Registers::new`]: who makes one vouches for the address. What the
//! registers then do cannot break memory safety, since none of the drivers here programs a DMA.

/// The address of a block of registers as PACs have it: a pointer that was made of a number. A pointer to something of Rust
/// does not compile in a constant.
#[expect(clippy::not_unsafe_ptr_arg_deref, reason = "it is not followed")]
pub const fn address<T>(block: *const T) -> usize {
    // SAFETY: a pointer is as large as a number, and this one is not used as a pointer again.
    #[expect(ptr_to_integer_transmute_in_consts, reason = "pointers that were made of numbers may be")]
    unsafe {
        core::mem::transmute(block)
    }
}

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
        unsafe { access::read::<u32>(BASE, offset) }
    }

    /// Writes the register at `offset`.
    #[inline(always)]
    pub fn write(self, offset: usize, value: u32) {
        // SAFETY: a register of this block, by the contract of `new`.
        unsafe { access::write(BASE, offset, value) }
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
        unsafe { access::read::<u8>(BASE, offset) }
    }

    /// Writes the register at `offset`.
    #[inline(always)]
    pub fn write(self, offset: usize, value: u8) {
        // SAFETY: a register of this block, by the contract of `new`.
        unsafe { access::write(BASE, offset, value) }
    }
}

/// Access to the hardware.
#[cfg(not(test))]
mod access {
    /// # Safety
    /// There is such a register.
    #[inline(always)]
    pub unsafe fn read<T>(base: usize, offset: usize) -> T {
        // SAFETY: the caller's promise.
        unsafe { ((base + offset) as *const T).read_volatile() }
    }

    /// # Safety
    /// There is such a register.
    #[inline(always)]
    pub unsafe fn write<T>(base: usize, offset: usize, value: T) {
        // SAFETY: the caller's promise.
        unsafe { ((base + offset) as *mut T).write_volatile(value) }
    }
}

/// Access to what a test takes for hardware.
#[cfg(test)]
mod access {
    use super::fake::BLOCK;

    pub unsafe fn read<T: TryFrom<u32>>(_: usize, offset: usize) -> T {
        let value = BLOCK.with_borrow_mut(|block| block.as_mut().expect("a fake block").read(offset));
        T::try_from(value).unwrap_or_else(|_| panic!("{value:#x} at {offset:#x} does not fit the register"))
    }

    pub unsafe fn write<T: Into<u32>>(_: usize, offset: usize, value: T) {
        BLOCK.with_borrow_mut(|block| block.as_mut().expect("a fake block").write(offset, value.into()));
    }
}

/// A block of registers that is a test: the one of its thread, wherever the driver takes it to be.
#[cfg(test)]
pub mod fake {
    use std::cell::{Cell, RefCell};

    thread_local! {
        static PENDING: Cell<bool> = const { Cell::new(false) };
    }

    /// Any interrupt is requested by hand.
    pub fn pend() {
        PENDING.set(true);
    }

    /// Whether one was requested by hand since this was last asked.
    pub fn take_pending() -> bool {
        PENDING.replace(false)
    }

    /// What registers do.
    pub trait Block {
        fn read(&mut self, offset: usize) -> u32;
        fn write(&mut self, offset: usize, value: u32);
    }

    thread_local! {
        pub(super) static BLOCK: RefCell<Option<Box<dyn Block>>> = const { RefCell::new(None) };
    }

    /// From now on, drivers on this thread have these registers.
    pub fn install(block: impl Block + 'static) {
        BLOCK.set(Some(Box::new(block)));
    }
}
