//! Sleeping where there are two cores.
//!
//! # The problem
//! What ends a core's sleep may come from the other core, which sends no interrupt; and who sleeps in a critical section keeps the
//! other core from entering one.
//!
//! # The design
//! Each core has an event register (ARMv6-M and ARMv7-M Architecture Reference Manuals, "Wait For Event and Send Event"): WFE
//! sleeps until it is set, and clears it. It is set by SEV on either core, by the end of an exception, and, with SEVONPEND, when
//! an interrupt becomes pending, also while it is masked. So whatever comes between the last look and the sleep ends the sleep.
//!
//! # Costs
//! A sleep may end without a reason: SEV is for both cores, and an interrupt sets the event twice.

use cortex_m::asm;
use cortex_m::peripheral::SCB;

/// To be called once on each core, before it sleeps: interrupts that become pending while they are masked set the event.
pub fn start() {
    const SEVONPEND: u32 = 1 << 4;
    // SAFETY: the System Control Block of this core; nobody else writes this register, and the bit changes no memory.
    unsafe { (*SCB::PTR).scr.modify(|control| control | SEVONPEND) };
}

/// Runs `f` with the interrupts of this core masked. The other core goes on.
#[inline(always)]
pub fn masked_here(f: impl FnOnce()) {
    let were_enabled = cortex_m::register::primask::read().is_active();
    cortex_m::interrupt::disable();
    f();
    if were_enabled {
        // SAFETY: they were before; a critical section that has begun before this would have masked them.
        unsafe { cortex_m::interrupt::enable() };
    }
}

/// Sleeps until the event is set, and clears it.
#[inline(always)]
pub fn wait_for_event() {
    asm::dsb(); // the write to the alarm has arrived before the processor sleeps
    asm::wfe();
}

/// Sets the event on both cores.
#[inline(always)]
pub fn send_event() {
    asm::dsb(); // what was written before is there for the other core
    asm::sev();
}
