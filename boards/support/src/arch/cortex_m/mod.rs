//! Cortex-M, from the M0 on. On a host, where only tests run, there are no exceptions.

#[cfg(feature = "cores")]
pub mod cores;
pub mod exit;
pub mod fault;
pub mod interrupt;
mod watch;

use cortex_m::asm;

pub use self::watch::Watch;
#[cfg(not(target_has_atomic = "32"))]
pub use self::watch::note_interrupt;

/// Sleeps until an interrupt is pending. Interrupts are masked: WFI wakes for every exception that *would* be taken if
/// PRIMASK were clear (ARMv7-M Architecture Reference Manual, B1.5.19 "Wait For Interrupt").
#[inline(always)]
pub fn sleep() {
    asm::dsb(); // the write to the alarm has arrived before the processor sleeps
    asm::wfi();
}

/// Masks interrupts for ever.
pub fn mask_interrupts() {
    cortex_m::interrupt::disable();
}

/// Whether an exception is being served.
#[inline(always)]
pub fn in_interrupt() -> bool {
    exception() != 0
}

/// The number of the exception that is being served; 0 in thread mode.
#[inline(always)]
pub fn exception() -> u32 {
    #[cfg(target_os = "none")]
    {
        let ipsr: u32;
        // SAFETY: reads a special register.
        unsafe { core::arch::asm!("mrs {}, IPSR", out(reg) ipsr, options(nomem, nostack, preserves_flags)) };
        ipsr
    }
    #[cfg(not(target_os = "none"))]
    0
}
