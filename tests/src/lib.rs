//! The harness of the differential tests: rustc's `async fn` is the oracle of `#[segno::coroutine]`.
//!
//! # How a test is written
//! ```
//! # mod example {
//! use segno_tests::both_worlds;
//!
//! #[both_worlds]
//! mod lets {
//!     #[segno::coroutine]
//!     async fn guard(a: T) {
//!         let _g = T("g");
//!         y().await;
//!         log("end");
//!     }
//!     case!(guard(T("a")));
//! }
//! # }
//! ```
//! The module is compiled twice ([`both_worlds`]). Each case becomes two tests: `rustc::guard::oracle` shows what the
//! oracle does (`--nocapture`), `ours::guard::same` compares.
//!
//! # What is compared
//! A run leaves a [trace](trace): what was logged, what was dropped, where the function suspended, how it ended.
//! [`compare`] compares the traces of
//! - a run to the end, its result included;
//! - a drop before the first resume, and at every suspension;
//! - for ours, a cancel request at every suspension: it must drop what a drop drops there, and be answered `Cancelled`;
//! - a panic at every operation (a log, and each call and each resume of a leaf);
//! - with `dynamic_drop!` instead of `case!`, also a panic in every drop, at the end and at every suspension.
//!
//! # Without the macro
//! `--no-default-features` compiles the oracle's side alone.

#[cfg(feature = "ours")]
pub mod conformance;
mod drive;
mod leaf;
#[cfg(feature = "ours")]
pub mod memtransport;
mod trace;
pub mod values;

#[cfg(feature = "ours")]
pub use drive::run;
pub use drive::{Driver, Panics, Plan, compare, compare_but_leaks, oracle, same};
pub use leaf::{Failure, Leaf, NotReady, after, child, fail, get, id, temporary, two, y, ys};
pub use segno_tests_worlds::both_worlds;
pub use trace::{T, log};

/// What the world of rustc calls by the names of ours.
pub mod rustc {
    pub use crate::drive::run_future as run;
    pub use crate::{case_of_rustc as case, dynamic_drop_of_rustc as dynamic_drop};

    /// Stands for the crate `segno`.
    pub mod segno {
        pub use segno_tests_worlds::coroutine;
    }

    /// Stands for the crate `nb`, with a `block!` that suspends.
    pub mod nb {
        pub use crate::suspending_block as block;
        pub use ::nb::{Error, Result};
    }
}

/// The names of our world.
#[cfg(feature = "ours")]
pub mod ours {
    pub use crate::{case_of_ours as case, dynamic_drop_of_ours as dynamic_drop};
    pub use {::nb, ::segno};
}

/// What `nb::block!` means in a coroutine, spelt for rustc.
#[macro_export]
macro_rules! suspending_block {
    ($operation:expr) => {
        loop {
            match $operation {
                Ok(value) => break Ok(value),
                Err($crate::rustc::nb::Error::Other(error)) => break Err(error),
                Err($crate::rustc::nb::Error::WouldBlock) => $crate::pause().await,
            }
        }
    };
}

/// The suspension of [`suspending_block`]: unlike [`y`], not an operation that could panic.
pub async fn pause() {
    let mut paused = false;
    core::future::poll_fn(|_| {
        if core::mem::replace(&mut paused, true) { core::task::Poll::Ready(()) } else { core::task::Poll::Pending }
    })
    .await;
}

/// Declares a test: `case!(function(arguments))`, or `case!(name = expression)` under a name of its own.
#[macro_export]
macro_rules! case_of_rustc {
    ($name:ident = $($call:tt)*) => {
        pub mod $name {
            use super::*;

            pub fn run(driver: &$crate::Driver) {
                driver.future($($call)*);
            }

            #[test]
            fn oracle() {
                $crate::oracle(stringify!($name), run);
            }
        }
    };
    ($function:ident $arguments:tt) => {
        case!($function = $function $arguments);
    };
}

/// As [`case_of_rustc`], with panics in drops as well.
#[macro_export]
macro_rules! dynamic_drop_of_rustc {
    ($($case:tt)*) => {
        case!($($case)*);
    };
}

/// As [`case_of_rustc`], for our world.
#[cfg(feature = "ours")]
#[macro_export]
macro_rules! case_of_ours {
    (@ $drops:literal, $name:ident = $($call:tt)*) => {
        pub mod $name {
            use super::*;

            pub fn run(driver: &$crate::Driver) {
                driver.coroutine($($call)*);
            }

            #[test]
            fn same() {
                $crate::same(stringify!($name), $drops, super::super::rustc::$name::run, run);
            }
        }
    };
    (@ $drops:literal, $function:ident $arguments:tt) => {
        case!(@ $drops, $function = $function $arguments);
    };
    ($($case:tt)*) => {
        case!(@ false, $($case)*);
    };
}

/// As [`dynamic_drop_of_rustc`], for our world.
#[cfg(feature = "ours")]
#[macro_export]
macro_rules! dynamic_drop_of_ours {
    ($($case:tt)*) => {
        case!(@ true, $($case)*);
    };
}
