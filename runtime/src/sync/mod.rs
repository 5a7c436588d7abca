//! Synchronisation: asyncio's primitives, usable in statics and from interrupts.
//!
//! # The problem
//! Tasks share devices, wait for each other, and hand values over. asyncio's primitives do that by queues of futures on the
//! heap, in one thread. On a chip there is no heap, what tasks share is in statics, and half of what they wait for
//! happens in interrupts.
//!
//! # The design
//! Each primitive is a value with a `const fn new`, for a static or a frame. Those who wait are linked through their own
//! frames (`waiters`), so that any number can wait and no wake-up can fail. The rules, whose turn it is and in which turn
//! of the loop, are those of CPython 3.13.
//!
//! All state is touched with interrupts masked, for a few instructions at a time: so every method may be called in every
//! context, and no type has to say which. (Only to *wait* takes a task.) Unlike in asyncio, tasks of several loops may
//! use the same primitive.
//!
//! A lost wake-up, a barging newcomer, a permit that leaks: [`Wait`] and its list see to that for all of them, when a
//! waiter is woken, cancelled, dropped, or all of these.
//!
//! # Costs
//! On a 32-bit chip, in bytes, the second number in the frame of who waits; then executed instructions on a Cortex-M4 from
//! an interrupt that gives what is waited for to the task's code, and from there to `Clock::idle`, with the next wait begun
//! (`tests/footprint/run.sh`, `opt-level = "s"`; with a [`WakerCell`](crate::WakerCell) by hand it is 101 and 62):
//!
//! | primitive | bytes | to wait | to resume | to idle |
//! |---|---|---|---|---|
//! | [`Event`] | 8 | 20 | 160 | 76 |
//! | [`Lock<T>`](Lock) | 8 and `T` | 20 | 159 | 72 |
//! | [`Condition`] | 12 and `T` | 28 | | |
//! | [`Semaphore`] / [`BoundedSemaphore`] | 8 / 12 | 20 | | |
//! | [`Barrier`] | 20 | 44 | | |
//! | [`Queue`], [`LifoQueue`], [`PriorityQueue`] | 24 and `N` items | 20; to put, and an `Option` of the item | 209 | 81 |
//! | [`ThreadSafeFlag`] | 8 | 20 | 160 | 85 |
//! | [`InterruptQueue`] | 12 and `N` items | 20 | 186 | 75 |

mod barrier;
mod condition;
mod event;
mod interrupt_queue;
mod lock;
mod queue;
mod semaphore;
mod thread_safe_flag;
mod wait;
mod waiters;

pub use barrier::{Barrier, BarrierReset, BarrierWait, BrokenBarrier};
pub use condition::{
    AsLock, CatchWait, CatchWaitFor, Condition, ConditionGuard, ConditionWait, ConditionWaitFor, ForCondition,
    GuardWaitFor, UnacquiredLock,
};
pub use event::{Event, ForEvent};
pub use interrupt_queue::{ForInterruptItem, InterruptQueue};
pub use lock::{ForLock, Lock, LockGuard, NotAcquired};
pub use queue::{
    Fifo, ForAllDone, ForItem, ForRoom, GetError, Lifo, LifoQueue, Priority, PriorityQueue, PutError, Queue, QueueFull,
    QueueShutDown, TaskDoneTooOften,
};
pub use semaphore::{Bounded, BoundedSemaphore, ForPermit, ReleasedTooOften, Semaphore, SemaphoreGuard, Unbounded};
pub use thread_safe_flag::{ForFlag, ThreadSafeFlag};
pub(crate) use wait::Source;
pub use wait::Wait;

/// What the table says.
#[cfg(target_pointer_width = "32")]
const _: () = {
    assert!(size_of::<Event>() == 8 && size_of::<Wait<ForEvent<'static>>>() == 20);
    assert!(size_of::<Lock>() == 8 && size_of::<Wait<ForLock<'static, ()>>>() == 20);
    assert!(size_of::<Condition>() == 12 && size_of::<ConditionWait<'static, ()>>() == 28);
    assert!(size_of::<Semaphore>() == 8 && size_of::<BoundedSemaphore>() == 12);
    assert!(size_of::<Barrier<3>>() == 20 && size_of::<BarrierWait<'static>>() == 44);
    assert!(size_of::<Queue<u32, 8>>() == 24 + 32 && size_of::<PriorityQueue<u32, 8>>() == 24 + 32);
    assert!(size_of::<Wait<ForRoom<'static, u32, 8, Fifo>>>() == 20 + 8);
    assert!(size_of::<ThreadSafeFlag>() == 8 && size_of::<InterruptQueue<u32, 8>>() == 12 + 32);
};
