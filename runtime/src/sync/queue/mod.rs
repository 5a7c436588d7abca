//! `Queue`, `LifoQueue`, `PriorityQueue`: values from tasks, callbacks and interrupts to tasks.
//!
//! # The problem
//! A producer and a consumer run at their own speed, and who is faster must wait. On a chip the producer is often an
//! interrupt, which cannot wait, and must be told at once that there is no room.
//!
//! # The design
//! One implementation ([`core`]) of asyncio's rules over one array ([`items`]), in three orders; the three types differ in
//! nothing else, as in asyncio, where two are subclasses. The capacity is part of the type.
//!
//! # Costs
//! On a 32-bit chip 24 bytes and the items; 20 in the frame of who gets or joins, and of who puts 20 and an `Option` of the
//! item. Putting and getting mask interrupts while the item is copied, and for a walk past those who are to be cancelled.

mod core;
mod error;
mod items;

use ::core::cell::Cell;
use ::core::fmt;

pub use self::core::{ForAllDone, ForItem, ForRoom};
pub use self::error::{GetError, PutError, QueueFull, QueueShutDown, TaskDoneTooOften};
pub use self::items::{Fifo, Lifo, Priority};
pub(super) use self::items::{Items, Order};

use self::core::Core;
use super::wait::Wait;

macro_rules! queue {
    ($(#[$doc:meta])* $name:ident, $order:ty $(, $bound:path)?) => {
        $(#[$doc])*
        pub struct $name<T $(: $bound)?, const N: usize> {
            core: Core<T, N, $order>,
        }

        impl<T $(: $bound)?, const N: usize> $name<T, N> {
            /// An empty queue with room for `N` items, from 1 to 65,535.
            pub const fn new() -> Self {
                $name { core: Core::new() }
            }

            /// Waits until there is room, and puts an item; asyncio's `put`. Costs no turn if there is room.
            ///
            /// When cancelled, the item is not put, but dropped; if there was room for it by now, the next who waits gets it.
            ///
            /// # Errors
            /// [`QueueShutDown`] hands the item back if the queue is, or while it waits is, shut down.
            pub const fn put(&self, item: T) -> Wait<ForRoom<'_, T, N, $order>> {
                Wait::new(ForRoom { queue: &self.core, item: Cell::new(Some(item)) })
            }

            /// Puts an item, if there is room; asyncio's `put_nowait`.
            ///
            /// # Errors
            /// [`PutError`] hands the item back.
            pub fn put_nowait(&self, item: T) -> Result<(), PutError<T>> {
                self.core.put_nowait(item)
            }

            /// Waits until there is an item, and takes it; asyncio's `get`. Costs no turn if there is one.
            ///
            /// When cancelled, it takes none; if there was one for it by now, the next who waits gets that.
            ///
            /// # Errors
            /// [`QueueShutDown`] if there is none, and the queue is, or while it waits is, shut down.
            pub const fn get(&self) -> Wait<ForItem<'_, T, N, $order>> {
                Wait::new(ForItem { queue: &self.core })
            }

            /// Takes an item, if there is one; asyncio's `get_nowait`.
            ///
            /// # Errors
            /// [`GetError`] if there is none.
            pub fn get_nowait(&self) -> Result<T, GetError> {
                self.core.get_nowait()
            }

            /// Waits until all items are done: for each one that was put, somebody has called
            /// [`task_done`](Self::task_done). asyncio's `join`. Costs no turn if they are.
            ///
            /// When cancelled, it waits no longer; the queue is as it was.
            pub const fn join(&self) -> Wait<ForAllDone<'_, T, N, $order>> {
                Wait::new(ForAllDone { queue: &self.core })
            }

            /// Says that an item that was taken is done, for [`join`](Self::join); asyncio's `task_done`.
            ///
            /// # Errors
            /// [`TaskDoneTooOften`] if it has been said of all that were put.
            pub fn task_done(&self) -> Result<(), TaskDoneTooOften> {
                self.core.task_done()
            }

            /// Shuts the queue down, for good: from now on, nothing can be put, and whoever waits for room, or for an item when
            /// there is none, ends with [`QueueShutDown`]. `immediate` also drops all items, and counts them as done.
            /// asyncio's `shutdown`, and its `immediate`. What is cancelled and what is shut down are not the same: nobody is
            /// cancelled by this.
            pub fn shutdown(&self, immediate: bool) {
                self.core.shut_down(immediate);
            }

            /// How many items there are; asyncio's `qsize`.
            pub fn qsize(&self) -> usize {
                self.core.len()
            }

            /// Whether there is no item; asyncio's `empty`.
            pub fn empty(&self) -> bool {
                self.qsize() == 0
            }

            /// Whether there is no room; asyncio's `full`.
            pub fn full(&self) -> bool {
                self.qsize() == N
            }

            /// For how many items there is room; asyncio's `maxsize`.
            pub const fn maxsize(&self) -> usize {
                N
            }
        }

        impl<T $(: $bound)?, const N: usize> Default for $name<T, N> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<T $(: $bound)?, const N: usize> fmt::Debug for $name<T, N> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("<", stringify!($name), " {}/{}>"), self.qsize(), N)
            }
        }
    };
}

queue! {
    /// Hands items over, first in, first out; asyncio's `Queue`, with room for `N` items. There are no unbounded queues.
    ///
    /// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
    /// threads.
    ///
    /// ```
    /// use segno::prelude::*;
    /// # use segno::host::VirtualClock;
    ///
    /// #[derive(Debug, PartialEq)]
    /// enum Command {
    ///     Go(u32),
    ///     Stop,
    /// }
    ///
    /// static COMMANDS: Queue<Command, 8> = Queue::new();
    ///
    /// fn interrupt_handler() {
    ///     if COMMANDS.put_nowait(Command::Go(7)).is_err() {
    ///         // There is no room: the command is lost, and this is the place to count that.
    ///     }
    /// }
    ///
    /// #[segno::coroutine]
    /// async fn obey() -> Result<u32, segno::sync::QueueShutDown> {
    ///     let mut way = 0;
    ///     while let Command::Go(distance) = COMMANDS.get().await? {
    ///         way += distance;
    ///     }
    ///     Ok(way)
    /// }
    ///
    /// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
    /// let task = lp.create_task(obey()).unwrap();
    /// # lp.call_soon(|_| {
    /// interrupt_handler();
    /// # COMMANDS.put_nowait(Command::Stop).unwrap();
    /// # }).unwrap();
    /// assert_eq!(lp.run_until_complete(task), Ok(Ok(7)));
    /// ```
    ///
    /// To know when all is done, and to end:
    /// ```
    /// # use segno::prelude::*;
    /// static JOBS: Queue<u64, 4> = Queue::new();
    ///
    /// #[segno::coroutine]
    /// async fn worker() {
    ///     while let Ok(delay) = JOBS.get().await {
    ///         sleep(delay.millis()).await;
    ///         JOBS.task_done().unwrap();
    ///     }
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let workers = [lp.create_task(worker()).unwrap(), lp.create_task(worker()).unwrap()];
    /// [5, 6, 7].into_iter().for_each(|delay| JOBS.put_nowait(delay).unwrap());
    /// assert!(JOBS.qsize() == 3 && JOBS.maxsize() == 4 && !JOBS.empty() && !JOBS.full());
    /// lp.run_until_complete(JOBS.join()).unwrap();
    /// assert_eq!(lp.time().as_ticks(), 12_000);
    /// JOBS.shutdown(false);
    /// lp.run_until_complete(gather!(&workers[0], &workers[1])).unwrap();
    /// ```
    /// A queue without room does not compile:
    /// ```compile_fail,E0080
    /// static NO_ROOM: segno::Queue<u8, 0> = segno::Queue::new();
    /// # fn main() { NO_ROOM.maxsize(); }
    /// ```
    Queue, Fifo
}

queue! {
    /// As [`Queue`], last in, first out; asyncio's `LifoQueue`.
    ///
    /// ```
    /// use segno::prelude::*;
    ///
    /// static STACK: LifoQueue<u8, 4> = LifoQueue::new();
    ///
    /// STACK.put_nowait(1).unwrap();
    /// STACK.put_nowait(2).unwrap();
    /// assert_eq!(STACK.get_nowait(), Ok(2));
    /// assert_eq!(STACK.get_nowait(), Ok(1));
    /// assert_eq!(STACK.get_nowait().unwrap_err().to_string(), "QueueEmpty");
    /// ```
    /// One without room does not compile:
    /// ```compile_fail,E0080
    /// static NO_ROOM: segno::LifoQueue<u8, 0> = segno::LifoQueue::new();
    /// # fn main() { NO_ROOM.maxsize(); }
    /// ```
    LifoQueue, Lifo
}

queue! {
    /// As [`Queue`], the smallest first; asyncio's `PriorityQueue`. Equal items come out in no particular order (the one
    /// of Python's `heapq`): put a number behind the priority, to have one.
    ///
    /// Items are compared with interrupts masked: about log₂ N times to put one, twice that to get one. A comparison that
    /// uses the queue that it compares for finds it full, and empty.
    ///
    /// ```
    /// use segno::prelude::*;
    ///
    /// static JOBS: PriorityQueue<(u8, &str), 4> = PriorityQueue::new();
    ///
    /// JOBS.put_nowait((2, "sweep")).unwrap();
    /// JOBS.put_nowait((1, "extinguish")).unwrap();
    /// assert_eq!(JOBS.get_nowait(), Ok((1, "extinguish")));
    /// ```
    /// One without room does not compile:
    /// ```compile_fail,E0080
    /// static NO_ROOM: segno::PriorityQueue<u8, 0> = segno::PriorityQueue::new();
    /// # fn main() { NO_ROOM.maxsize(); }
    /// ```
    PriorityQueue, Priority, Ord
}
