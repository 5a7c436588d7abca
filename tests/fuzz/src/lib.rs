//! Random functions for the differential tests.
//!
//! [`function`] writes one, from a seed: control flow, moves, conditional moves, guards, shadowing, borrows across
//! suspensions, children, `?`. It keeps a rough account of what is moved and borrowed, so that rustc accepts most of
//! them; what rustc refuses is thrown away by the program that runs them (`main.rs`).

mod generate;
mod random;

pub use generate::{Function, function};
pub use random::Random;

/// What the functions call, besides the leaves of the tests' harness.
pub const HELPERS: &str = include_str!("../helpers.rs");
