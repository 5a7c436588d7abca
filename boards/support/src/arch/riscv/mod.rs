//! RISC-V, one hart in machine mode.
//!
//! The processor does not tell whether a handler is running or has run, so handlers tell it: each runs inside [`serve`].
//! Those of a board do. An application's own do too, or else a task that waits without having registered with anything is
//! not tried again after them, and [`segno::get_running_loop`] gives them the loop that they interrupted.

pub mod exit;
pub mod fault;

use core::arch::asm;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;

pub use crate::served::Watch;
use crate::served::note_interrupt;

static SERVING: AtomicBool = AtomicBool::new(false);

/// Runs an interrupt handler.
#[inline(always)]
pub fn serve(handler: impl FnOnce()) {
    note_interrupt();
    SERVING.store(true, Relaxed);
    handler();
    SERVING.store(false, Relaxed);
}

/// Whether a handler is running.
#[inline(always)]
pub fn in_interrupt() -> bool {
    SERVING.load(Relaxed)
}

/// Sleeps until an interrupt is pending. Interrupts are masked: WFI wakes for every interrupt that is enabled on its own,
/// whether `mstatus.MIE` lets it be taken or not (The RISC-V Instruction Set Manual, Volume II, "Wait for Interrupt").
#[inline(always)]
pub fn sleep() {
    // SAFETY: changes nothing. As it may touch memory, what was written before is written.
    unsafe { asm!("fence", "wfi", options(nostack)) };
}

/// Masks interrupts for ever.
pub fn mask_interrupts() {
    // SAFETY: clears mstatus.MIE.
    unsafe { asm!("csrci mstatus, 8", options(nostack)) };
}
