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
//! # Costs
//! On a 32-bit chip, in bytes; each who waits has the second number in its frame:
//!
//! | primitive | bytes | to wait |
//! |---|---|---|
//! | [`Event`] | 8 | 20 |
//! | [`Lock<T>`](Lock) | 8 and `T` | 20 |
//! | [`Semaphore`] | 8 | 20 |
//! | [`BoundedSemaphore`] | 12 | 20 |

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
    AsLock, CatchWait, Condition, ConditionGuard, ConditionWait, ConditionWaitFor, ForCondition, UnacquiredLock,
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
