//! Atomics with a point in front of each access.
//!
//! # The problem
//! The loop takes its queue, and clears the links of a batch, without masking interrupts: they may come between any two of
//! these accesses.
//!
//! # The design
//! `core`'s atomics, as far as segno uses them, which call what [`before_each_access`] has set. `AtomicU8` does not: a node's
//! flags are written by the loop alone, in pieces that are not atomic together.
//!
//! # Costs
//! A call for each access.

use std::cell::Cell;
pub use std::sync::atomic::AtomicU8;
use std::sync::atomic::{self, Ordering};

thread_local! {
    static HOOK: Cell<fn()> = const { Cell::new(|| ()) };
}

/// Has this thread call `hook` before each access from here on.
pub fn before_each_access(hook: fn()) {
    HOOK.set(hook);
}

macro_rules! atomics {
    ($($name:ident $(<$parameter:ident>)?, $value:ty;)*) => {$(
        /// That of `core`.
        #[derive(Debug)]
        pub struct $name $(<$parameter>)? (atomic::$name $(<$parameter>)?);

        impl $(<$parameter>)? $name $(<$parameter>)? {
            /// With this value.
            pub const fn new(value: $value) -> Self {
                Self(atomic::$name::new(value))
            }

            /// Loads the value.
            pub fn load(&self, order: Ordering) -> $value {
                HOOK.get()();
                self.0.load(order)
            }

            /// Stores a value.
            pub fn store(&self, value: $value, order: Ordering) {
                HOOK.get()();
                self.0.store(value, order);
            }
        }
    )*};
}

atomics! {
    AtomicBool, bool;
    AtomicU16, u16;
    AtomicPtr<T>, *mut T;
}
