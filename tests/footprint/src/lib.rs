//! What the measured programs share: registers, and markers for the instruction counts.

#![no_std]

/// Reads the register at an address.
#[inline(always)]
pub fn read<T: Copy>(address: usize) -> T {
    // SAFETY: the measured programs are run only where that is memory.
    unsafe { core::ptr::read_volatile(address as *const T) }
}

/// Writes the register at an address.
#[inline(always)]
pub fn write<T>(address: usize, value: T) {
    // SAFETY: as for `read`.
    unsafe { core::ptr::write_volatile(address as *mut T, value) }
}

/// Declares functions that do nothing but can be seen in a trace: two instructions each.
#[macro_export]
macro_rules! marks {
    ($($name:ident $number:literal)*) => {
        $(
            #[unsafe(no_mangle)]
            #[inline(never)]
            extern "C" fn $name() {
                // SAFETY: it writes a register that it says it writes.
                unsafe { core::arch::asm!(concat!("mov r0, #", $number), out("r0") _) }
            }
        )*
    };
}

/// Ends the program under QEMU, through semihosting.
pub fn exit() -> ! {
    // SAFETY: `SYS_EXIT` with `ADP_Stopped_ApplicationExit` reads no memory.
    unsafe { core::arch::asm!("bkpt 0xab", in("r0") 0x18, in("r1") 0x20026) };
    loop {
        cortex_m::asm::nop();
    }
}
