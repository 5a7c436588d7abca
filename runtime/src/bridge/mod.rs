//! Between segno's coroutines and the futures of `core`.
//!
//! # The problem
//! Drivers for `embedded-hal-async`, and executors such as Embassy's or tokio, speak [`core::future::Future`].
//!
//! # The design
//! Both ways, and both at once:
//!
//! - `.await` in a coroutine takes any future and anything that becomes one ([`FromFuture`], which `awaited` chooses). It is
//!   polled with a waker that names the task (`waker`): clones may be kept, woken and dropped anywhere, for ever.
//! - What `#[segno::coroutine]` makes is also a future (`as_future`), and so are segno's own leaves, such as
//!   [`sleep`](crate::sleep). Polled in a task of the loop, through any combinator that hands its waker on (`select`, `join`),
//!   it is in its task as if awaited. Polled by another executor, it hands that one's waker to the futures it awaits; what
//!   only a segno loop can end (a sleep, a task, a segno [`Future`](crate::Future)) panics there with a clear message
//!   instead of never ending. [`CoreFuture`] is for combinators with wakers of their own in a task of a loop.
//!
//! - Feature `embedded-hal-async` has its `DelayNs` on the loop's timer. Its `digital::Wait` is a board's; with a
//!   [`ThreadSafeFlag`](crate::sync::ThreadSafeFlag) that the pin's interrupt sets, it is `flag.clear()`, enabling the interrupt
//!   (with a guard that disables it when it is dropped, so also when cancelled), and `flag.wait().await`.
//!
//! # Cancellation
//! A cancel request at an awaited future drops it in place and answers `Cancelled`, as asyncio's `await` raises
//! `CancelledError`. A coroutine that is `Cancelled` inside a future (it waited for a task that was cancelled) raises that
//! through the future (`raise`): the `.await` of the outermost one answers `Cancelled`. Another executor cannot be told:
//! there it is a panic, unless [`catch_cancel`](crate::CoroutineExt::catch_cancel), which is a future too, turns it into a value.
//!
//! # Costs
//! A future that is awaited costs its own bytes. A program that does not use the bridge has nothing of it in flash, and a
//! word of each loop's memory that was padding as a rule. A task that awaits a future which an interrupt wakes took 432
//! bytes of flash more than one with a [`WakerCell`](crate::WakerCell), the future's own code included (thumbv7em,
//! `opt-level = "s"`, fat LTO).

mod as_future;
mod awaited;
mod core_future;
#[cfg(feature = "embedded-hal-async")]
mod delay;
mod from_future;
mod raise;
mod waker;

pub use as_future::Awaitable;
#[doc(hidden)]
pub use as_future::IsFuture;
#[doc(hidden)]
pub use awaited::*;
pub use core_future::{BridgeExt, CoreFuture};
#[cfg(feature = "embedded-hal-async")]
pub use delay::Delay;
pub use from_future::FromFuture;
