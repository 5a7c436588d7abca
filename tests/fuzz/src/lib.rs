//! Random functions for the differential tests.
//!
//! [`function`] writes one, from a seed: control flow, moves, conditional moves, guards, shadowing, borrows across
//! suspensions, children, `?`. It keeps a rough account of what is moved and borrowed, so that rustc accepts nearly all
//! of them; what rustc refuses is thrown away by the program that runs them (`main.rs`).

mod generate;
mod random;

pub use generate::{Function, HELPERS, function};
pub use random::Random;
