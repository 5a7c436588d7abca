//! A flag that interrupts set, for processors that do not know themselves whether they have served one.

use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;

static SERVED: AtomicBool = AtomicBool::new(true);

/// Tells that an interrupt is being served.
#[inline(always)]
pub fn note_interrupt() {
    SERVED.store(true, Relaxed);
}

/// Tells whether an interrupt was [noted](note_interrupt) since it was started. One loop watches.
#[derive(Debug)]
pub struct Watch(());

impl Watch {
    /// Not started: not [`quiet`](Watch::quiet).
    #[expect(clippy::new_without_default, reason = "it is made in statics, by boards")]
    pub const fn new() -> Watch {
        Watch(())
    }

    /// Watches from here on. What is served between the two is not missed: the caller returns from `idle` now.
    #[inline(always)]
    pub fn start(&self) {
        #[cfg(target_arch = "arm")]
        cortex_m::asm::isb(); // the handlers of what is pending have run before
        SERVED.store(false, Relaxed);
    }

    /// Whether no interrupt was served since [`start`](Watch::start).
    #[inline(always)]
    pub fn quiet(&self) -> bool {
        !SERVED.load(Relaxed)
    }
}
