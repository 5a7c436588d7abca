//! Ending the program with a status: QEMU's process exits with it, and a debugger's.
//!
//! Semihosting (Arm's "Semihosting for AArch32 and AArch64", SYS_EXIT_EXTENDED, 0x20) carries a 32-bit code, unlike
//! SYS_EXIT. Without a debugger its breakpoint instruction is a HardFault, so boards that may run without one leave
//! feature `semihosting` out; then the processor stops here.

use cortex_m::asm;

/// Ends the program. What the UART has not sent yet is lost: a board's `exit` sends it first.
pub fn exit(status: u32) -> ! {
    #[cfg(feature = "semihosting")]
    {
        const SYS_EXIT_EXTENDED: u32 = 0x20;
        const ADP_STOPPED_APPLICATION_EXIT: u32 = 0x2_0026;
        let block = [ADP_STOPPED_APPLICATION_EXIT, status];
        // SAFETY: SYS_EXIT_EXTENDED takes the address of two words, which live until the call returns, if it does.
        unsafe { asm::semihosting_syscall(SYS_EXIT_EXTENDED, block.as_ptr() as u32) };
    }
    #[cfg(not(feature = "semihosting"))]
    let _ = status;
    loop {
        asm::wfi();
    }
}
