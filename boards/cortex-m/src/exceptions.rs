//! Whether an exception is being served, and whether one has been.
//!
//! # The problem
//! A task that waits for something which cannot wake it is tried again after each interrupt, so the loop must not sleep
//! if an interrupt was served while it was busy: it could have been the one. The clock would have to be told by every
//! handler, those of the application included, and one that forgets it makes a task hang.
//!
//! # The design
//! The processor knows. Entering and leaving an exception clears its exclusive monitor (ARMv7-M Architecture Reference
//! Manual, A3.4 "Synchronization and semaphores", and `ClearExclusiveLocal` in B1.5.6 "Exception entry behavior").
//! So [`Watch::start`] leaves an exclusive load open, and when the exclusive store in [`Watch::quiet`] succeeds, no
//! exception was served in between. (The event register of WFE would say the same, but cannot be asked without
//! sleeping, and QEMU does not implement it.)
//!
//! Read-modify-write operations on atomics use the monitor too. The compiler closes each exclusive load that it opens,
//! so after one of them the store fails as well: the loop takes one turn too many, and never one too few.
//!
//! # Costs
//! Five instructions for each sleep; nothing in the handlers.

use core::cell::UnsafeCell;

/// The number of the exception that is being served; 0 in thread mode.
#[inline(always)]
pub fn current() -> u32 {
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

/// Tells whether an exception was served since it was started.
#[derive(Debug)]
pub struct Watch {
    /// What the exclusive accesses address. Its value means nothing.
    #[cfg_attr(not(target_os = "none"), expect(dead_code, reason = "a host has no exceptions"))]
    word: UnsafeCell<u32>,
}

// SAFETY: the word is accessed by single instructions only, and its value is never looked at.
unsafe impl Sync for Watch {}

impl Watch {
    /// Not started: not [`quiet`](Watch::quiet).
    pub const fn new() -> Watch {
        Watch { word: UnsafeCell::new(0) }
    }

    /// Watches from here on.
    #[inline(always)]
    pub fn start(&self) {
        #[cfg(target_os = "none")]
        // SAFETY: reads the word, which is aligned and ours.
        unsafe {
            core::arch::asm!("ldrex {}, [{}]", out(reg) _, in(reg) self.word.get(), options(nostack, preserves_flags));
        }
    }

    /// Whether no exception was served since [`start`](Watch::start). Ends the watch.
    #[inline(always)]
    pub fn quiet(&self) -> bool {
        #[cfg(target_os = "none")]
        {
            let failed: u32;
            // SAFETY: writes to the word, which is aligned and ours, or to nothing.
            unsafe {
                core::arch::asm!(
                    "strex {failed}, {value}, [{word}]",
                    failed = out(reg) failed,
                    value = in(reg) 0,
                    word = in(reg) self.word.get(),
                    options(nostack, preserves_flags),
                );
            }
            failed == 0
        }
        #[cfg(not(target_os = "none"))]
        false
    }
}

impl Default for Watch {
    fn default() -> Watch {
        Watch::new()
    }
}
