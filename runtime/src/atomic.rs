//! The atomics of what interrupts, other cores and other threads touch.
//!
//! # The problem
//! Whether a wake-up can be lost between two of these accesses is not to be seen by running them: it is checked by loom, which
//! has atomics of its own, and with interrupts at each of them.
//!
//! # The design
//! `core`'s under their own names, unless `tests/loom` or `tests/interrupts` builds this source, under a manifest of its own.
//!
//! # Costs
//! None.

#[cfg(not(loom))]
pub(crate) use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU16};

#[cfg(all(not(loom), any(feature = "std", feature = "cores")))]
pub(crate) use core::sync::atomic::fence;

#[cfg(loom)]
pub(crate) use segno_loom_atomics::{AtomicBool, AtomicPtr, AtomicU8, AtomicU16};

#[cfg(all(loom, any(feature = "std", feature = "cores")))]
pub(crate) use segno_loom_atomics::fence;
