//! Between segno's coroutines and the futures of `core`.
//!
//! # The problem
//! Drivers for `embedded-hal-async`, and executors such as Embassy's, speak [`core::future::Future`].
//!
//! # The design
//! Both ways: `.await` in a coroutine takes any future ([`FromFuture`], which `awaited` chooses); the future's waker names
//! the task (`waker`).

mod awaited;
mod from_future;
mod waker;

#[doc(hidden)]
pub use awaited::*;
pub use from_future::FromFuture;
