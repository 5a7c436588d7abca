//! The critical section while one core is used: its interrupts are masked. With feature `cores` it is the HAL's.
//!
//! It is here because features only add up, and `cortex-m`'s would stand beside the HAL's.

use critical_section::RawRestoreState;

struct OneCore;
critical_section::set_impl!(OneCore);

// SAFETY: while interrupts are masked, nobody else runs: the second core is asleep.
unsafe impl critical_section::Impl for OneCore {
    unsafe fn acquire() -> RawRestoreState {
        let were_enabled = cortex_m::register::primask::read().is_active();
        cortex_m::interrupt::disable();
        u8::from(were_enabled)
    }

    unsafe fn release(were_enabled: RawRestoreState) {
        if were_enabled != 0 {
            // SAFETY: they were when the outermost section began.
            unsafe { cortex_m::interrupt::enable() };
        }
    }
}
