//! Ending the program with a status: QEMU's process exits with it, and a debugger's.
//!
//! "RISC-V Semihosting" takes Arm's calls; SYS_EXIT_EXTENDED (0x20) carries a code. Without a debugger its breakpoint is an
//! exception, so boards that may run without one leave feature `semihosting` out; then the processor stops here.

use core::arch::asm;

/// Ends the program. What the UART has not sent yet is lost: a board's `exit` sends it first.
pub fn exit(status: u32) -> ! {
    #[cfg(feature = "semihosting")]
    {
        const SYS_EXIT_EXTENDED: u32 = 0x20;
        const ADP_STOPPED_APPLICATION_EXIT: u32 = 0x2_0026;
        let block = [ADP_STOPPED_APPLICATION_EXIT, status];
        // SAFETY: SYS_EXIT_EXTENDED takes the address of two words, which live until the call returns, if it does. The three
        // instructions are the call's mark: uncompressed, and aligned so that they are in one page.
        unsafe {
            asm!(
                ".option push",
                ".option norvc",
                ".balign 16",
                "slli x0, x0, 0x1f",
                "ebreak",
                "srai x0, x0, 7",
                ".option pop",
                in("a0") SYS_EXIT_EXTENDED,
                in("a1") block.as_ptr(),
                lateout("a0") _,
                options(nostack),
            );
        }
    }
    #[cfg(not(feature = "semihosting"))]
    let _ = status;
    loop {
        // SAFETY: changes nothing.
        unsafe { asm!("wfi", options(nomem, nostack)) };
    }
}
