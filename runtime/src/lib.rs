//! Python asyncio's programming model for microcontrollers: coroutines, an event loop, tasks, futures, transports and
//! protocols, without a heap and without rustc's `async`.
//!
//! ```
//! use segno::prelude::*;
//! # use segno::host::VirtualClock;
//!
//! # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
//! lp.call_soon(|lp| lp.stop()).unwrap();
//! lp.run_forever().unwrap();
//! lp.close().unwrap();
//! ```
//!
//! A function becomes a coroutine by `#[segno::coroutine]`; [`EventLoop`] is where everything begins. The names are asyncio's
//! where asyncio has one; the documentation of each item says what asyncio has in its place. What says nothing of that, has no
//! counterpart there: types that Rust needs, what drivers and boards implement, what handles memory.
//!
//! # Errors
//! Whatever can fail is a `Result`. What does not fit into the loop's memory is handed back ([`Refused`]).
//!
//! # Cancellation
//! A cancel request ends a coroutine at its innermost suspension, and travels outwards; see [`mod@coroutine`].

#![no_std]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]

#[cfg(feature = "std")]
extern crate std;

mod atomic;
pub mod board;
pub mod bridge;
pub mod combine;
#[doc(hidden)]
pub mod console;
pub mod coroutine;
mod event_loop;
mod future;
#[cfg(feature = "std")]
pub mod host;
mod list;
mod location;
#[doc(hidden)]
pub mod machine;
pub mod net;
mod node;
mod pool;
pub mod process;
pub mod protocol;
#[cfg(all(test, feature = "std"))]
mod random;
mod ready;
mod shared;
#[cfg(feature = "statistics")]
mod statistics;
pub mod streams;
pub mod sync;
pub mod task;
pub mod time;
mod timers;
pub mod transport;
mod waker_cell;

#[cfg(feature = "embedded-hal-async")]
pub use bridge::Delay;
pub use bridge::{Awaitable, BridgeExt, CoreFuture, FromFuture};
pub use combine::{
    Either, Either3, Either4, ErrorGroup, GatheringFuture, Sleep, TaskGroup, TimedOut, Timeout, as_completed, gather,
    select, shield, sleep, sleep_until, timeout, timeout_at, try_gather, wait, wait_for,
};
pub use coroutine::{Cancelled, CatchCancel, Context, Coroutine, CoroutineExt, IntoCoroutine, Resume, Waker};
#[cfg(feature = "urgent")]
pub use event_loop::UrgentLoop;
#[cfg(feature = "std")]
pub use event_loop::new_event_loop;
pub use event_loop::{
    AlreadyStarted, AnyHandle, CloseError, ErrorContext, EventLoop, ExceptionHandler, Handle, LoopMemory,
    NoRunningLoop, Readiness, Refused, Remote, RunError, Runner, ShutdownError, Signal, TimerHandle, get_event_loop,
    get_running_loop, run, set_event_loop,
};
pub use future::{AnyFuture, Future};
#[cfg(feature = "debug")]
pub use location::Location;
pub use nb;
pub use protocol::{DatagramProtocol, Protocol};
/// asyncio's `async def`.
///
/// ```
/// # use segno::prelude::*;
/// #[segno::coroutine]
/// async fn add_up(numbers: &[u64]) -> u64 {
///     let mut sum = 0;
///     for number in numbers {
///         sleep(number.millis()).await;
///         sum += number;
///     }
///     sum
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
/// assert_eq!(lp.run_until_complete(add_up(&[1, 2, 3])), Ok(6));
/// ```
/// A cancel request ends it at the `.await` where it is suspended: what it holds is dropped, as by an early `return`, and so it
/// goes on outwards, until [`catch_cancel`](CoroutineExt::catch_cancel) makes a value of it.
///
#[doc(inline)]
pub use segno_macros::coroutine;
pub use streams::{StreamReader, StreamWriter};
pub use sync::{
    Barrier, BoundedSemaphore, BrokenBarrier, Condition, ConditionGuard, Event, InterruptQueue, LifoQueue, Lock,
    LockGuard, PriorityQueue, Queue, Semaphore, ThreadSafeFlag,
};
pub use task::{AnyTask, InvalidState, ResultError, Task};
pub use time::{Duration, Instant};
pub use transport::{LineError, Transport, TransportHandle};
pub use waker_cell::WakerCell;

/// What programs import: `use segno::prelude::*;`.
///
/// In a crate that uses `std`, `println!` and `print!` are ambiguous after this import: name the one that is meant, by
/// `use segno::println;` or as `std::println!`.
pub mod prelude {
    pub use crate::board::{Clock, Console, Idle};
    pub use crate::bridge::{BridgeExt, FromFuture};
    pub use crate::combine::{
        Either, Either3, Either4, TaskGroup, TimedOut, as_completed, shield, sleep, sleep_until, timeout, timeout_at,
        wait, wait_for,
    };
    pub use crate::coroutine::{Cancelled, Context, Coroutine, CoroutineExt, IntoCoroutine, Resume};
    pub use crate::event_loop::{
        EventLoop, Handle, LoopMemory, Readiness, Refused, Remote, RunError, Signal, TimerHandle, get_event_loop,
        get_running_loop, set_event_loop,
    };
    pub use crate::future::Future;
    pub use crate::net::{Names, Network, Server};
    pub use crate::protocol::{BufferedProtocol, DatagramProtocol, Protocol};
    pub use crate::streams::{ReadError, StreamReader, StreamWriter};
    pub use crate::sync::{
        Barrier, BoundedSemaphore, BrokenBarrier, Condition, ConditionGuard, Event, InterruptQueue, LifoQueue, Lock,
        LockGuard, PriorityQueue, Queue, Semaphore, ThreadSafeFlag,
    };
    pub use crate::task::{AnyTask, Task};
    pub use crate::time::{Duration, ExtU64, Instant};
    pub use crate::transport::{
        BaseTransport, DatagramTransport, LineError, ReadTransport, Transport, TransportHandle, WriteError,
        WriteTransport,
    };
    pub use crate::{coroutine, gather, print, println, select, try_gather};
    pub use nb::{self, block};
}
