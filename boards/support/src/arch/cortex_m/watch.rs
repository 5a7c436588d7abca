//! Whether an exception has been served.
//!
//! # The problem
//! A task that waits for something which cannot wake it is tried again after each interrupt, so the loop must not sleep
//! if an interrupt was served while it was busy: it could have been the one. The clock would have to be told by every
//! handler, those of the application included, and one that forgets it makes a task hang.
//!
//! # The design
//! From ARMv7-M on, the processor knows. Entering and leaving an exception clears its exclusive monitor (ARMv7-M
//! Architecture Reference Manual, A3.4 "Synchronization and semaphores", and `ClearExclusiveLocal` in B1.5.6 "Exception
//! entry behavior"). So [`Watch::start`] leaves an exclusive load open, and when the exclusive store in [`Watch::quiet`]
//! succeeds, no exception was served in between. (The event register of WFE would say the same, but cannot be asked
//! without sleeping, and QEMU does not implement it.)
//!
//! Read-modify-write operations on atomics use the monitor too. The compiler closes each exclusive load that it opens,
//! so after one of them the store fails as well: the loop takes one turn too many, and never one too few.
//!
//! ARMv6-M (Cortex-M0) has no monitor. There the [table of interrupts](crate::interrupt_table) leads all lines through
//! one function that calls [`note_interrupt`], whoever handles them in the end. Handlers of the processor's own
//! exceptions (SysTick, PendSV) have to call it themselves.
//!
//! # Costs
//! Five instructions for each sleep; nothing in the handlers, or some twelve instructions on ARMv6-M.

#[cfg(target_has_atomic = "32")]
pub use self::monitor::Watch;
#[cfg(not(target_has_atomic = "32"))]
pub use crate::served::{Watch, note_interrupt};

#[cfg(target_has_atomic = "32")]
mod monitor {
    use core::cell::UnsafeCell;

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
        #[expect(clippy::new_without_default, reason = "it is made in statics, by boards")]
        pub const fn new() -> Watch {
            Watch { word: UnsafeCell::new(0) }
        }

        /// Watches from here on.
        #[inline(always)]
        pub fn start(&self) {
            cortex_m::asm::isb(); // the handlers of what is pending have run before
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
}
