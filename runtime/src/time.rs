//! Time: microseconds in 64 bits, since the clock's own beginning.
//!
//! # The problem
//! Hardware counters are narrow, tick at odd rates and wrap; programs that add a delay to such a count hang when it
//! does. asyncio's loop has one monotonic clock without a wrap.
//!
//! # The design
//! [`fugit`]'s types with one time base for the whole API. A board's [`Clock`](crate::board::Clock) turns its ticks
//! into it, and widens them to 64 bits; at one microsecond a tick they last for 584,000 years.
//!
//! # Costs
//! Eight bytes for an instant. Literals such as `10.millis()` are converted by the compiler.

pub use fugit::ExtU64;

/// A moment of a loop's clock; asyncio's float seconds of `loop.time()`.
pub type Instant = fugit::Instant<u64, 1, 1_000_000, fugit::kind::Monotonic>;

/// A span of time; asyncio's float seconds. `10.millis()` makes one, with [`ExtU64`] in scope.
pub type Duration = fugit::Duration<u64, 1, 1_000_000>;
