//! Ending the program with a status: QEMU's process exits with it.
//!
//! Semihosting (Arm's "Semihosting for AArch32 and AArch64", SYS_EXIT_EXTENDED, 0x20) carries a 32-bit code, unlike
//! SYS_EXIT. On a board without a debugger the breakpoint instruction becomes a HardFault and the processor stops there.

use cortex_m::asm;

const SYS_EXIT_EXTENDED: u32 = 0x20;
const ADP_STOPPED_APPLICATION_EXIT: u32 = 0x2_0026;

/// The status of a program that has panicked or faulted: what Rust programs on a host exit with.
pub const FAILED: u32 = 101;

/// Ends the program. What the UART has not sent yet is lost: a board's `exit` sends it first.
pub fn exit(status: u32) -> ! {
    let block = [ADP_STOPPED_APPLICATION_EXIT, status];
    // SAFETY: SYS_EXIT_EXTENDED takes the address of two words, which live until the call returns, if it does.
    unsafe { asm::semihosting_syscall(SYS_EXIT_EXTENDED, block.as_ptr() as u32) };
    loop {
        asm::wfi();
    }
}
