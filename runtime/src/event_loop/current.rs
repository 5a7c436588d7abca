//! Which loop is running, and which was set to be got.
//!
//! # The problem
//! `println!`, drivers and library code need the running loop without being handed it.
//!
//! # The design
//! asyncio's three functions. With feature `std` the answer is the thread's; otherwise a chip's single core has one
//! static for each of the two. An interrupt handler gets none: the loop that it interrupted is busy
//! ([`Clock::in_interrupt`](crate::board::Clock::in_interrupt)).
//!
//! # Costs
//! Two words.

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

    struct SingleCore(Slot);

    // SAFETY: a slot is written in the loop's own context only, and one aligned word is read in one piece by
    // interrupts of the same core.
    unsafe impl Sync for SingleCore {}

    static RUNNING: SingleCore = SingleCore(Cell::new(None));
    static SET: SingleCore = SingleCore(Cell::new(None));

    pub fn running<R>(f: impl FnOnce(&Slot) -> R) -> R {
        f(&RUNNING.0)
    }

    pub fn set<R>(f: impl FnOnce(&Slot) -> R) -> R {
        f(&SET.0)
    }
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
/// # Errors
/// [`NoRunningLoop`] outside of callbacks and coroutines, and in interrupt handlers.
pub fn get_running_loop() -> Result<&'static EventLoop, NoRunningLoop> {
    outside_interrupts(running())
}

/// The running loop, or else the one that was set; asyncio's `get_event_loop`.
///
/// # Errors
/// [`NoRunningLoop`] if there is neither, and in interrupt handlers.
pub fn get_event_loop() -> Result<&'static EventLoop, NoRunningLoop> {
    outside_interrupts(running().or_else(|| place::set(Cell::get)))
}

/// Sets the loop that [`get_event_loop`] gives while none is running; asyncio's `set_event_loop`. With feature `std` it
/// is the thread's.
pub fn set_event_loop(event_loop: Option<&'static EventLoop>) {
    place::set(|slot| slot.set(event_loop));
}
