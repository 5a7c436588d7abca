//! loom's atomics, for a program that has them in statics.
//!
//! # The problem
//! loom's atomics belong to one execution of a model and are made in it, at run time. segno's are made at compile time, are
//! part of statics, and may be used without ever having been dropped.
//!
//! # The design
//! An execution begins with a store of loom's atomics, which its first thread has made, and an atomic here takes one of
//! them when the execution first touches it. So each execution finds a static as it was at the start of the program, and
//! initial values are older than all threads. loom runs all threads of a model in one thread, so that none of this is a race.
//! When an execution has failed, loom's atomics cannot be used any more, but destructors run: for them nothing changes.
//!
//! # Invariants
//! - **ONE**: one model is checked at a time, by one thread.
//!
//! # Costs
//! Some words for each atomic; the store is made anew for each execution, in about 20 microseconds.

use std::cell::UnsafeCell;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{self, Relaxed};
use std::thread::panicking;

pub use loom::sync::atomic::fence;

/// The number of the execution.
static EXECUTION: AtomicU64 = AtomicU64::new(0);

/// So many atomics are touched in an execution at most.
const ATOMICS: usize = 48;

static STORE: OfExecution<Vec<loom::sync::atomic::AtomicUsize>> = OfExecution::new();

/// An execution of a model begins: all atomics have their initial values again. To be called first, by its first thread.
pub fn begin() {
    EXECUTION.fetch_add(1, Relaxed);
    STORE.set((0..ATOMICS).map(|_| loom::sync::atomic::AtomicUsize::new(0)).collect());
}

/// What belongs to one execution.
#[derive(Debug)]
pub struct OfExecution<T> {
    made: UnsafeCell<Option<(u64, T)>>,
}

// SAFETY: ONE.
unsafe impl<T> Sync for OfExecution<T> {}
// SAFETY: ONE.
unsafe impl<T> Send for OfExecution<T> {}

impl<T> OfExecution<T> {
    /// Nothing yet.
    pub const fn new() -> OfExecution<T> {
        OfExecution { made: UnsafeCell::new(None) }
    }

    /// Sets this execution's, which has none yet.
    pub fn set(&self, value: T) {
        assert!(self.get().is_none());
        // SAFETY: ONE. What was made in another execution has no users any more.
        unsafe { *self.made.get() = Some((EXECUTION.load(Relaxed), value)) };
    }

    /// This execution's.
    pub fn get(&self) -> Option<&T> {
        // SAFETY: ONE. It stays as long as the execution.
        let made = unsafe { (*self.made.get()).as_ref() };
        made.filter(|(execution, _)| *execution == EXECUTION.load(Relaxed)).map(|(_, made)| made)
    }
}

impl<T> Default for OfExecution<T> {
    fn default() -> OfExecution<T> {
        OfExecution::new()
    }
}

/// A word that an execution takes from the store.
#[derive(Debug)]
struct Word(OfExecution<loom::sync::atomic::AtomicUsize>);

impl Word {
    const fn new() -> Word {
        Word(OfExecution::new())
    }

    fn atomic(&self) -> &loom::sync::atomic::AtomicUsize {
        if self.0.get().is_none() {
            self.0.set(STORE.take_one().expect("the store is too small"));
        }
        self.0.get().expect("it was set")
    }
}

impl OfExecution<Vec<loom::sync::atomic::AtomicUsize>> {
    fn take_one(&self) -> Option<loom::sync::atomic::AtomicUsize> {
        // SAFETY: ONE.
        unsafe { (*self.made.get()).as_mut().and_then(|(_, store)| store.pop()) }
    }
}

macro_rules! atomics {
    ($($name:ident $(<$parameter:ident>)?, $value:ty, $to_word:expr, $from_word:expr;)*) => {$(
        /// That of `core`, as far as segno uses it.
        #[derive(Debug)]
        pub struct $name $(<$parameter>)? {
            initial: $value,
            /// What differs from the initial value, bit by bit.
            changed: Word,
        }

        // SAFETY: ONE. A pointer is a value like any other.
        unsafe impl $(<$parameter>)? Sync for $name $(<$parameter>)? {}
        // SAFETY: as above.
        unsafe impl $(<$parameter>)? Send for $name $(<$parameter>)? {}

        impl $(<$parameter>)? $name $(<$parameter>)? {
            /// With its initial value in each execution.
            pub const fn new(initial: $value) -> Self {
                Self { initial, changed: Word::new() }
            }

            /// Loads the value.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                if panicking() {
                    return self.initial;
                }
                $from_word(self.changed.atomic().load(order) ^ $to_word(self.initial))
            }

            /// Stores a value.
            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                if panicking() {
                    return;
                }
                self.changed.atomic().store($to_word(value) ^ $to_word(self.initial), order);
            }
        }
    )*};
}

atomics! {
    AtomicBool, bool, usize::from, |word| word != 0;
    AtomicU8, u8, usize::from, |word| word as u8;
    AtomicU16, u16, usize::from, |word| word as u16;
    AtomicPtr<T>, *mut T, |pointer: *mut T| pointer.expose_provenance(), std::ptr::with_exposed_provenance_mut;
}
