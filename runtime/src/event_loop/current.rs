//! Which loop is running, and which was set to be got.
//!
//! # The problem
//! `println!`, drivers and library code need the running loop without being handed it.
//!
//! # The design
//! asyncio's three functions. With feature `std` the answer is the thread's; otherwise a chip's single core has one
//! static for each of the two, and with feature `cores` each core has its own. An interrupt handler gets none: the loop that it
//! interrupted is busy ([`Clock::in_interrupt`](crate::board::Clock::in_interrupt)).
//!
//! # Costs
//! Two words; with `cores` four, and a call that asks for the core.

use super::error::NoRunningLoop;
use super::{Cell, EventLoop};

type Slot = Cell<Option<&'static EventLoop>>;

#[cfg(feature = "std")]
mod place {
    use super::{Cell, Slot};

    std::thread_local! {
        static RUNNING: Slot = const { Cell::new(None) };
        static SET: Slot = const { Cell::new(None) };
    }

    pub fn running<R>(f: impl FnOnce(&Slot) -> R) -> R {
        RUNNING.with(f)
    }

    pub fn set<R>(f: impl FnOnce(&Slot) -> R) -> R {
        SET.with(f)
    }
}

#[cfg(not(feature = "std"))]
mod place {
    use super::{Cell, Slot};

    const CORES: usize = if cfg!(feature = "cores") { 2 } else { 1 };

    /// What each core has.
    struct OfCores([Slot; CORES]);

    // SAFETY: a slot is a core's own. It is written in the loop's own context only, and one aligned word is read in one
    // piece by interrupts of the same core.
    unsafe impl Sync for OfCores {}

    static RUNNING: OfCores = OfCores([const { Cell::new(None) }; CORES]);
    static SET: OfCores = OfCores([const { Cell::new(None) }; CORES]);

    impl OfCores {
        /// The slot of the core that this runs on.
        #[cfg(not(feature = "cores"))]
        fn own(&self) -> &Slot {
            &self.0[0]
        }

        /// The slot of the core that this runs on.
        #[cfg(feature = "cores")]
        fn own(&self) -> &Slot {
            unsafe extern "Rust" {
                safe fn _segno_core_number() -> usize;
            }
            &self.0[usize::from(_segno_core_number() != 0)]
        }
    }

    pub fn running<R>(f: impl FnOnce(&Slot) -> R) -> R {
        f(RUNNING.own())
    }

    pub fn set<R>(f: impl FnOnce(&Slot) -> R) -> R {
        f(SET.own())
    }
}

/// With feature `cores`: which of the chip's cores this runs on, 0 or 1. A board says it once, with the path of a
/// `fn() -> usize` that only reads a register.
///
/// # Safety
/// The function tells the truth: each core is alone with its number. That is what keeps a loop from being reached from
/// two cores.
#[cfg(feature = "cores")]
#[macro_export]
macro_rules! core_number {
    (unsafe $number:path) => {
        // SAFETY: no other crate has this name.
        #[unsafe(no_mangle)]
        fn _segno_core_number() -> usize {
            $number()
        }
    };
}

/// The running loop, also in an interrupt; for what is safe there.
pub(crate) fn running() -> Option<&'static EventLoop> {
    place::running(Cell::get)
}

pub(super) fn set_running(event_loop: Option<&'static EventLoop>) {
    place::running(|slot| slot.set(event_loop));
}

fn outside_interrupts(event_loop: Option<&'static EventLoop>) -> Result<&'static EventLoop, NoRunningLoop> {
    match event_loop {
        Some(event_loop) if !event_loop.clock().in_interrupt() => Ok(event_loop),
        _ => Err(NoRunningLoop),
    }
}

/// The loop that is running right now; asyncio's `get_running_loop`.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// lp.call_soon(|lp| {
///     assert!(core::ptr::eq(get_running_loop().unwrap(), lp));
///     lp.stop();
/// })
/// .unwrap();
/// lp.run_forever().unwrap();
/// assert_eq!(get_running_loop().unwrap_err().to_string(), "no running event loop");
/// ```
///
/// # Errors
/// [`NoRunningLoop`] outside of callbacks and coroutines, and in interrupt handlers.
pub fn get_running_loop() -> Result<&'static EventLoop, NoRunningLoop> {
    outside_interrupts(running())
}

/// The running loop, or else the one that was set; asyncio's `get_event_loop`, except that none is made.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// assert!(get_event_loop().is_err());
/// set_event_loop(Some(lp));
/// assert!(core::ptr::eq(get_event_loop().unwrap(), lp));
/// # set_event_loop(None);
/// ```
/// # Errors
/// [`NoRunningLoop`] if there is neither, and in interrupt handlers.
pub fn get_event_loop() -> Result<&'static EventLoop, NoRunningLoop> {
    outside_interrupts(running().or_else(|| place::set(Cell::get)))
}

/// Sets the loop that [`get_event_loop`] gives while none is running, or none; asyncio's `set_event_loop`. With feature `std`
/// it is the thread's, with `cores` the core's.
pub fn set_event_loop(event_loop: Option<&'static EventLoop>) {
    place::set(|slot| slot.set(event_loop));
}
