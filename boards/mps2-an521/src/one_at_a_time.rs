//! The critical section of two cores: the interrupts of its own are masked, and the other one waits.

use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use critical_section::RawRestoreState;

use crate::core1::number;

/// One more than the number of the core that is in a critical section; 0 for none.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// The section is in another one: nothing to restore.
const NESTED: RawRestoreState = 2;

struct OneAtATime;
critical_section::set_impl!(OneAtATime);

// SAFETY: only the core that owns the lock is in a critical section, and its interrupts are masked.
unsafe impl critical_section::Impl for OneAtATime {
    unsafe fn acquire() -> RawRestoreState {
        let were_enabled = cortex_m::register::primask::read().is_active();
        let this = number() as u32 + 1;
        cortex_m::interrupt::disable();
        if OWNER.load(Relaxed) == this {
            return NESTED;
        }
        while OWNER.compare_exchange_weak(0, this, Acquire, Relaxed).is_err() {}
        u8::from(were_enabled)
    }

    unsafe fn release(state: RawRestoreState) {
        if state == NESTED {
            return;
        }
        OWNER.store(0, Release);
        if state != 0 {
            // SAFETY: they were when the outermost section began.
            unsafe { cortex_m::interrupt::enable() };
        }
    }
}
