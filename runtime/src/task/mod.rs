//! Tasks: coroutines that the loop runs.
//!
//! # The problem
//! Coroutines of any type and size are to run side by side, and to be waited for, cancelled and listed, without a heap
//! and without a table of tasks.
//!
//! # The design
//! A task is a node of the pool: 8 bytes of header, then the coroutine, which is pinned there; when it ends, its output
//! takes its place until the last handle goes. The pool owns the task: a task whose handle is dropped goes on.
//! `step` is what happens around a resume, `cancel` is asyncio's cancellation, `wait` is how one waits for the end.
//!
//! # Costs
//! On a 32-bit chip 8 bytes beside the coroutine or its output, whichever is larger, rounded up to 8. Creating one copies
//! the coroutine into the pool.

mod awaited;
pub(crate) mod cancel;
mod create;
#[cfg(feature = "task-factory")]
mod factory;
pub(crate) mod hooks;
mod named;
pub(crate) mod outcome;
mod place;
pub(crate) mod step;
pub(crate) mod wait;

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::num::NonZeroU16;
use core::ops::Deref;

pub use awaited::{CloneOutput, TakeOutput, WaitForEnd};
pub use create::AllTasks;
#[cfg(feature = "task-factory")]
pub use factory::{NewTask, TaskFactory, eager_task_factory};
pub use outcome::{InvalidState, ResultError};
pub(crate) use step::Unwinding;

use crate::coroutine::Waker;
use crate::event_loop::{EventLoop, Refused};
use crate::node::{NodeRef, UNREAD};
use outcome::FromNode;
use step::never_returns;

/// A task: a coroutine that runs by itself, and the promise of its output. asyncio's `Task`.
///
/// Awaiting it waits for the end and gives the output: `task.await` moves it out, `(&task).await` clones it. If the task
/// was cancelled, the awaiting coroutine is cancelled too (which [`catch_cancel`] catches). Cancelling who awaits it
/// cancels the task. A task that has ended costs no turn to await. A task that awaits itself is cancelled there, and the
/// exception handler is told "Task cannot await on itself".
///
/// Dropping the handle detaches the task: it goes on. Unlike in asyncio it cannot vanish: the pool owns it.
///
/// [`catch_cancel`]: crate::CoroutineExt::catch_cancel
pub struct Task<T> {
    node: TaskRef<T>,
}

/// The reference of a [`Task`].
struct TaskRef<T> {
    node: ManuallyDrop<NodeRef>,
    output: PhantomData<T>,
}

impl<T> Deref for TaskRef<T> {
    type Target = NodeRef;

    #[inline(always)]
    fn deref(&self) -> &NodeRef {
        &self.node
    }
}

impl<T> TaskRef<T> {
    fn into_node(self) -> NodeRef {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: it is taken once: `this` is not used again, nor dropped.
        unsafe { ManuallyDrop::take(&mut this.node) }
    }
}

impl<T> Drop for TaskRef<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is given up here, once.
        unsafe {
            if never_returns::<T>() {
                self.node.release_endless();
            } else {
                ManuallyDrop::drop(&mut self.node);
            }
        }
    }
}

impl<T> Task<T> {
    /// Whether it has ended, cancelled or not.
    pub fn done(&self) -> bool {
        self.node.header().is_ended()
    }

    /// Whether it has ended because of a cancel request that nobody caught.
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }

    /// Requests that the task be cancelled: at its next step, the innermost suspension answers `Cancelled`. A task that
    /// has not started never runs; one that waits for a future or a task cancels what it waits for. False if it has
    /// ended. asyncio's `Task.cancel`.
    pub fn cancel(&self) -> bool {
        self.node.event_loop().cancel_task(self.node.id())
    }

    /// How many cancel requests it has got, up to 7, less those taken back by [`Task::uncancel`].
    pub fn cancelling(&self) -> u8 {
        outcome::cancelling(self.node.header())
    }

    /// Takes one cancel request back and answers how many are left; at 0, one that has not been delivered is withdrawn.
    /// For those who catch a cancellation that they requested themselves.
    pub fn uncancel(&self) -> u8 {
        outcome::uncancel(self.node.header())
    }

    /// Its name: the one that it was [created with](EventLoop::create_task_named), while it lives; otherwise `Task-` and a
    /// number that no other living task of the loop has.
    pub fn name(&self) -> TaskName {
        TaskName::of(&self.node)
    }

    /// A clone of the output.
    ///
    /// # Errors
    /// [`ResultError`] if it has not ended, was cancelled, or somebody has taken the output.
    pub fn result(&self) -> Result<T, ResultError>
    where
        T: Clone,
    {
        self.with_result(T::clone)
    }

    /// Runs `f` with the output, where it is.
    ///
    /// # Errors
    /// As [`Task::result`].
    pub fn with_result<R>(&self, f: impl FnOnce(&T) -> R) -> Result<R, ResultError> {
        // SAFETY: TYPED: this handle was made for a node whose output is a `T`.
        unsafe { outcome::with(&self.node, f) }
    }

    /// Moves the output out. For others it is gone then: who awaits the task is cancelled.
    ///
    /// # Errors
    /// As [`Task::result`].
    pub fn take_result(&self) -> Result<T, ResultError> {
        // SAFETY: TYPED.
        unsafe { outcome::take(&self.node) }
    }

    /// Runs `function(&task, argument)` in the turn after the task ends, or in the next turn if it has ended. Callbacks
    /// and awaiting tasks are served in the order in which they came.
    ///
    /// # Errors
    /// If the pool is full or the loop closed.
    pub fn add_done_callback(&self, function: fn(&Task<T>, usize), argument: usize) -> Result<(), Refused<()>>
    where
        T: 'static,
    {
        wait::add_done_callback(&self.node, function, argument)
    }

    /// Removes all callbacks that were added with the same function pointer and argument, and answers how many. None is left
    /// once the task has ended: they are queued.
    pub fn remove_done_callback(&self, function: fn(&Task<T>, usize), argument: usize) -> usize {
        wait::remove_done_callbacks(&self.node, function as *const (), argument)
    }

    pub(crate) fn id(&self) -> u16 {
        self.node.id()
    }

    pub(crate) fn number(&self) -> NonZeroU16 {
        self.node.number()
    }

    /// The task, and where its coroutine is while it has not ended.
    pub(crate) fn frame(&self) -> (AnyTask, *mut u8) {
        (self.as_any(), self.node.payload())
    }

    /// The same task, without the type of its output.
    pub fn as_any(&self) -> AnyTask {
        AnyTask { node: self.node.clone() }
    }
}

impl<T> FromNode for Task<T> {
    unsafe fn from_node(node: NodeRef) -> Task<T> {
        Task { node: TaskRef { node: ManuallyDrop::new(node), output: PhantomData } }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(&self.node, f)
    }
}

fn debug(node: &NodeRef, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let header = node.header();
    let state = match (header.is_ended(), header.is_cancelled()) {
        (false, _) => "pending",
        (true, false) => "done",
        (true, true) => "cancelled",
    };
    write!(f, "<{} {state}>", TaskName::of(node))
}

/// A task whose output's type is not known: what [`EventLoop::current_task`] and [`EventLoop::all_tasks`] give.
#[derive(Clone)]
pub struct AnyTask {
    node: NodeRef,
}

impl FromNode for AnyTask {
    unsafe fn from_node(node: NodeRef) -> AnyTask {
        AnyTask { node }
    }
}

impl AnyTask {
    /// As [`Task::done`].
    pub fn done(&self) -> bool {
        self.node.header().is_ended()
    }

    /// As [`Task::cancelled`].
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }

    /// As [`Task::cancel`].
    pub fn cancel(&self) -> bool {
        self.node.event_loop().cancel_task(self.node.id())
    }

    /// As [`Task::cancelling`].
    pub fn cancelling(&self) -> u8 {
        outcome::cancelling(self.node.header())
    }

    /// As [`Task::uncancel`].
    pub fn uncancel(&self) -> u8 {
        outcome::uncancel(self.node.header())
    }

    /// As [`Task::name`].
    pub fn name(&self) -> TaskName {
        TaskName::of(&self.node)
    }

    /// Gives another name to a task that was [created with one](EventLoop::create_task_named); false if it was not, or has
    /// ended. asyncio's `set_name`.
    pub fn set_name(&self, name: &'static str) -> bool {
        !self.done() && self.node.event_loop().name_of(self.node.id(), Some(name)).is_some()
    }

    /// Whether it ended with an error that nobody has read; from now on somebody has.
    pub(crate) fn take_unread(&self) -> bool {
        let header = self.node.header();
        let unread = header.is_ended() && header.has(UNREAD);
        if unread {
            header.clear(UNREAD);
        }
        unread
    }

    /// The loop that it belongs to.
    pub fn event_loop(&self) -> &'static EventLoop {
        self.node.event_loop()
    }

    /// Names it, to wake it.
    pub fn waker(&self) -> Waker {
        Waker(self.node.id())
    }
}

impl PartialEq for AnyTask {
    fn eq(&self, other: &AnyTask) -> bool {
        self.node.is(&other.node)
    }
}

impl Eq for AnyTask {}

impl<T> PartialEq<Task<T>> for AnyTask {
    fn eq(&self, other: &Task<T>) -> bool {
        self.node.is(&other.node)
    }
}

impl fmt::Debug for AnyTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(&self.node, f)
    }
}

/// A task or a future, whose end can be waited for; implemented here alone.
pub trait Joinable {
    #[doc(hidden)]
    fn node(&self) -> &NodeRef;
}

impl<T> Joinable for Task<T> {
    fn node(&self) -> &NodeRef {
        &self.node
    }
}

impl Joinable for AnyTask {
    fn node(&self) -> &NodeRef {
        &self.node
    }
}

impl<J: Joinable + ?Sized> Joinable for &J {
    fn node(&self) -> &NodeRef {
        (**self).node()
    }
}

/// A task's name; prints as that, or as `Task-` and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskName {
    number: u16,
    name: Option<&'static str>,
}

impl TaskName {
    fn of(node: &NodeRef) -> TaskName {
        let name = if node.header().is_ended() { None } else { node.event_loop().name_of(node.id(), None) };
        TaskName { number: node.id(), name }
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "Task-{}", self.number),
        }
    }
}
