//! Drivers whose registers are a test.
//!
//! `SEED` and `CASES` in the environment choose other runs, and how many; a failure says its seed: see [`crate::random`].

mod held_senders;
mod lines;
mod time;
