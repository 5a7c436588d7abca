//! What waits, and what combines coroutines; one file each.

mod sleep;

pub use sleep::{Sleep, sleep, sleep_until};
