//! Task factories (feature `task-factory`, which `std` includes).
//!
//! # The problem
//! asyncio's loop can be given a function that makes its tasks: to start them eagerly, to count or to log them, to wrap
//! them. Here a task is its coroutine's memory in the pool, whose size only `create_task` knows: a function for all
//! coroutines cannot make it.
//!
//! # The design
//! The pool makes the task; the factory is handed it before its first step, and decides how it begins. A wrapper of each
//! coroutine is a function of the program: `lp.create_task(logged(work()))`.
//!
//! | asyncio's factory | here |
//! |---|---|
//! | is given the coroutine, and returns a task | is given the task ([`NewTask`]) |
//! | `eager_task_factory` | [`eager_task_factory`] |
//! | may be any callable | is a function, as the exception handler is |
//! | sees `run_until_complete`'s coroutine too | as there; not what is no task in asyncio: transports, servers |
//!
//! # Costs
//! A word in the loop; a load and a comparison for each task that is created. Nothing without the feature.

use core::num::NonZeroU16;

use super::AnyTask;
use crate::event_loop::EventLoop;
use crate::node::{CANCEL_REQUESTED, NEW, NodeRef};
use crate::task::outcome::FromNode;

/// Decides how a task begins: see [`EventLoop::set_task_factory`].
pub type TaskFactory = fn(&'static EventLoop, NewTask);

/// A task that has been created and has not begun: what a factory is handed. When this is dropped, its first step is queued. In
/// asyncio a factory makes the task.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::task::NewTask;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// fn eager_if_named(_: &'static EventLoop, new: NewTask) {
///     if new.task().name().to_string() == "urgent" {
///         new.start_eagerly();
///     } // the others begin when `new` is dropped, here
/// }
///
/// lp.set_task_factory(Some(eager_if_named));
/// let (first, second) = (lp.create_task(sleep(1.secs())), lp.create_task(sleep(2.secs())));
/// assert_eq!(lp.run_until_complete(second.unwrap()), Ok(()));
/// assert!(first.unwrap().done());
/// ```
#[derive(Debug)]
pub struct NewTask {
    task: AnyTask,
}

impl NewTask {
    /// The task.
    pub fn task(&self) -> &AnyTask {
        &self.task
    }

    /// Runs the first step now, inside of `create_task`; asyncio's `eager_start=True`. If the loop does not run, or the task has
    /// been cancelled, it is queued.
    pub fn start_eagerly(self) {
        let node = &self.task.node;
        if node.event_loop().is_running() && node.header().has(NEW) && !node.header().has(CANCEL_REQUESTED) {
            node.header().clear(NEW);
            // SAFETY: NAMED, by the reference; it is not new any more, and has the loop's reference.
            unsafe { node.event_loop().begin_eagerly(node.id()) };
        }
    }
}

impl Drop for NewTask {
    fn drop(&mut self) {
        let node = &self.task.node;
        // The factory may have closed the loop, which ends it, or started it.
        if !node.header().is_ended() && node.header().has(NEW) {
            // SAFETY: NAMED, by the reference; it is new, and has the loop's reference.
            unsafe { node.event_loop().begin_task(node.id()) };
        }
    }
}

/// Starts every task at once; asyncio's `eager_task_factory`.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::task::eager_task_factory;
/// #[segno::coroutine]
/// async fn quick() -> u8 {
///     5
/// }
///
/// #[segno::coroutine]
/// async fn program(lp: &'static EventLoop) {
///     lp.set_task_factory(Some(eager_task_factory));
///     assert!(lp.create_task(quick()).unwrap().done());
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
/// lp.run_until_complete(program(lp)).unwrap();
/// ```
pub fn eager_task_factory(_: &'static EventLoop, task: NewTask) {
    task.start_eagerly();
}

impl EventLoop {
    /// Has `factory` decide how each task that is created from now on begins; `None` for the default, which queues its first
    /// step. asyncio's `set_task_factory`.
    ///
    /// It is called inside of `create_task`, may look at the task, cancel it, wait for its end by a task of its own, and
    /// [start it eagerly](NewTask::start_eagerly).
    pub fn set_task_factory(&self, factory: Option<TaskFactory>) {
        self.task_factory.set(factory);
    }

    /// Who decides how tasks begin; `None` for the default. asyncio's `get_task_factory`.
    pub fn get_task_factory(&self) -> Option<TaskFactory> {
        self.task_factory.get()
    }

    /// Tells the factory of a task.
    ///
    /// # Safety
    /// As for `begin_task`.
    pub(super) unsafe fn tell_factory(&'static self, id: NonZeroU16, factory: TaskFactory) {
        self.shared(|shared, memory| shared.pool.mark_task(memory, id.get(), true));
        // SAFETY: NAMED: the caller's promise.
        let task = unsafe { AnyTask::from_node(NodeRef::new(self, id)) };
        factory(self, NewTask { task });
    }
}
