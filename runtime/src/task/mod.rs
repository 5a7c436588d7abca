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
pub(crate) mod completed;
mod create;
mod ensure;
#[cfg(feature = "task-factory")]
mod factory;
pub(crate) mod hooks;
mod named;
pub(crate) mod outcome;
mod place;
pub(crate) mod requests;
pub(crate) mod step;
pub(crate) mod wait;

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::num::NonZeroU16;
use core::ops::Deref;

pub(crate) use awaited::OfHandle;
pub use awaited::{CloneOutput, TakeOutput, WaitForEnd};
pub use create::AllTasks;
pub use ensure::{EnsureFuture, EnsureRefused};
#[cfg(feature = "task-factory")]
pub use factory::{NewTask, TaskFactory, eager_task_factory};
pub use outcome::{InvalidState, ResultError};
pub(crate) use step::Unwinding;

use crate::coroutine::Waker;
use crate::event_loop::{EventLoop, Refused};
use crate::node::NodeRef;
use outcome::FromNode;
use step::never_returns;

/// A task: a coroutine that runs by itself, and the promise of its output. asyncio's `Task`, made by
/// [`EventLoop::create_task`].
///
/// Awaiting it waits for the end and gives the output: `task.await` moves it out, `(&task).await` clones it. A task that has
/// ended costs no turn to await. A task that awaits itself is cancelled there, and the exception handler is told "Task cannot
/// await on itself".
///
/// # Cancellation
/// If the task was cancelled, the awaiting coroutine is cancelled too (which [`catch_cancel`] catches). Cancelling who awaits
/// it cancels the task, unless it stands in a [`shield`](crate::shield()). A task's errors are for who awaits it; an `Err` that
/// nobody has read when the last handle goes is told to the exception handler ("Task exception was never retrieved").
///
/// Dropping the handle detaches the task: it goes on. Unlike in asyncio it cannot vanish: the pool owns it.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// #[segno::coroutine]
/// async fn measure(delay: Duration) -> u8 {
///     sleep(delay).await;
///     7
/// }
///
/// #[segno::coroutine]
/// async fn program(lp: &'static EventLoop) -> u8 {
///     let quick = lp.create_task(measure(1.millis())).unwrap();
///     let slow = lp.create_task(measure(1.secs())).unwrap();
///     let measured = quick.await;
///     slow.cancel();
///     assert_eq!(slow.catch_cancel().await, Err(Cancelled));
///     measured
/// }
///
/// assert_eq!(lp.run_until_complete(program(lp)), Ok(7));
/// ```
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
    /// Whether it has ended, cancelled or not; asyncio's `done`.
    pub fn done(&self) -> bool {
        self.node.header().is_ended()
    }

    /// Whether it has ended because of a cancel request that nobody caught; asyncio's `cancelled`.
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }

    /// Requests that the task be cancelled; false if it has ended. asyncio's `Task.cancel`, without a message.
    ///
    /// At its next step the innermost suspension answers `Cancelled`, and what was to come out of that is lost. A task that
    /// has not started never runs; one that waits for a future or a task cancels what it waits for, at once; one that cancels
    /// itself goes on to its next suspension. The task may [catch](crate::CoroutineExt::catch_cancel) it, clean up, and go on.
    ///
    /// A request is passed on by any number of tasks that wait for one another, in a chain or in a tree. Where it comes back to a
    /// task by which it went, that one is cancelled itself: so ends a ring of tasks that wait for one thing each. (asyncio's ends
    /// with a `RecursionError`.)
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn blink() -> &'static str {
    ///     if sleep(1000.secs()).catch_cancel().await.is_err() {
    ///         sleep(2.secs()).await; // cleans up
    ///     }
    ///     "off"
    /// }
    ///
    /// let task = lp.create_task(blink()).unwrap();
    /// let handle = task.as_any();
    /// lp.call_later(1.secs(), move |_| assert!(handle.cancel())).unwrap();
    /// assert_eq!(lp.run_until_complete(task), Ok("off"));
    /// assert_eq!(lp.time().as_ticks(), 3_000_000);
    /// ```
    pub fn cancel(&self) -> bool {
        self.node.event_loop().cancel_task(self.node.id())
    }

    /// How many cancel requests it has got, less those taken back by [`Task::uncancel`]. asyncio's `cancelling`.
    ///
    /// A task that has more than 6 takes 32 bytes more of the loop's memory (on a 64-bit host, 48) as long as it has. If that is
    /// full, a request beyond the sixth is delivered as any other, and not counted, and the exception handler is told.
    pub fn cancelling(&self) -> u32 {
        self.node.cancelling()
    }

    /// Takes one cancel request back and answers how many are left; at 0, one that has not been delivered is withdrawn: to a
    /// task that runs, is new, or was to be resumed before it came. One that has ended a wait is delivered. For those who catch a cancellation that they requested themselves. asyncio's `uncancel`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn deaf(lp: &'static EventLoop) -> u32 {
    ///     let me = lp.current_task().unwrap();
    ///     me.cancel();
    ///     assert_eq!((me.cancelling(), me.uncancel()), (1, 0));
    ///     sleep(1.secs()).await; // not cancelled
    ///     me.cancelling()
    /// }
    ///
    /// assert_eq!(lp.run_until_complete(lp.create_task(deaf(lp)).unwrap()), Ok(0));
    /// ```
    pub fn uncancel(&self) -> u32 {
        self.node.event_loop().uncancel_task(self.node.id())
    }

    /// Its name: the one that it was [created with](EventLoop::create_task_named), or `Task-` and a number that no other living
    /// task of the loop has. asyncio's `get_name`, whose numbers count up.
    #[doc(alias = "get_name")]
    pub fn name(&self) -> TaskName {
        TaskName::of(&self.node)
    }

    /// A clone of the output, as often as you like; asyncio's `result`. If the output is a `Result`, its `Err` is what asyncio's
    /// `exception` gives.
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
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::ResultError;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn fail() -> Result<u8, &'static str> {
    ///     Err("no sensor")
    /// }
    ///
    /// let task = lp.create_task(fail()).unwrap();
    /// assert_eq!(task.result(), Err(ResultError::Pending));
    /// lp.run_until_complete(sleep(1.millis())).unwrap();
    /// assert!(task.done() && task.with_result(Result::is_err) == Ok(true));
    /// assert_eq!(task.take_result(), Ok(Err("no sensor")));
    /// assert_eq!(task.result(), Err(ResultError::Taken));
    /// ```
    /// # Errors
    /// As [`Task::result`].
    pub fn with_result<R>(&self, f: impl FnOnce(&T) -> R) -> Result<R, ResultError> {
        // SAFETY: TYPED: this handle was made for a node whose output is a `T`.
        unsafe { outcome::with(&self.node, f) }
    }

    /// Moves the output out. For others it is gone then: who awaits the task is cancelled. In asyncio nobody can.
    ///
    /// # Errors
    /// As [`Task::result`]; [`ResultError::Taken`] also inside of [`Task::with_result`].
    pub fn take_result(&self) -> Result<T, ResultError> {
        // SAFETY: TYPED.
        unsafe { outcome::take(&self.node) }
    }

    /// Runs `function(&task, argument)` in the turn after the task ends, or in the next turn if it has ended. Callbacks
    /// and awaiting tasks are served in the order in which they came. asyncio's `add_done_callback`; for an example see
    /// [`Future::add_done_callback`](crate::Future::add_done_callback).
    ///
    /// # Errors
    /// If the pool is full or the loop closed.
    pub fn add_done_callback(&self, function: fn(&Task<T>, usize), argument: usize) -> Result<(), Refused<()>>
    where
        T: 'static,
    {
        wait::add_done_callback(&self.node, function, argument)
    }

    /// Removes all callbacks that were added with the same function pointer and argument, and answers how many; asyncio's
    /// `remove_done_callback`. None is left once the task has ended: they are queued.
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

    /// The loop that it belongs to; asyncio's `get_loop`.
    #[doc(alias = "get_loop")]
    pub fn event_loop(&self) -> &'static EventLoop {
        self.node.event_loop()
    }

    /// The same task, without the type of its output.
    pub fn as_any(&self) -> AnyTask {
        AnyTask { node: self.node.clone() }
    }
}

impl<T, E> Task<Result<T, E>> {
    /// The error that it ended with, or `None` if it ended with an `Ok`; asyncio's `exception`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::ResultError;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn measure() -> Result<u8, &'static str> {
    ///     sleep(1.millis()).await;
    ///     Err("no sensor")
    /// }
    ///
    /// let task = lp.create_task(measure()).unwrap();
    /// assert_eq!(task.exception(), Err(ResultError::Pending));
    /// lp.run_until_complete(sleep(2.millis())).unwrap();
    /// assert_eq!(task.exception(), Ok(Some("no sensor")));
    /// ```
    /// # Errors
    /// As [`Task::result`].
    pub fn exception(&self) -> Result<Option<E>, ResultError>
    where
        E: Clone,
    {
        self.with_result(|result| result.as_ref().err().cloned())
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

/// A task whose output's type is not known: what [`EventLoop::current_task`] and [`EventLoop::all_tasks`] give. asyncio's tasks
/// have no type. An `AnyTask` is equal to the handles of its task.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let task = lp.create_task_named("blink", sleep(1.secs())).unwrap();
/// let any = lp.all_tasks().next().unwrap();
/// assert!(any == task && any.name().to_string() == "blink");
/// assert!(any.set_name("blink slowly"));
/// any.add_done_callback(|task, nth| assert!(task.done() && nth == 1), 1).unwrap();
/// lp.run_until_complete(any.wait()).unwrap();
/// assert!(any.done() && any.name().to_string() == "blink slowly");
/// ```
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
    pub fn cancelling(&self) -> u32 {
        self.node.cancelling()
    }

    /// As [`Task::uncancel`].
    pub fn uncancel(&self) -> u32 {
        self.node.event_loop().uncancel_task(self.node.id())
    }

    /// As [`Task::name`].
    #[doc(alias = "get_name")]
    pub fn name(&self) -> TaskName {
        TaskName::of(&self.node)
    }

    /// Gives another name to a task that was [created with one](EventLoop::create_task_named); false if it was not. asyncio's
    /// `set_name`.
    pub fn set_name(&self, name: &'static str) -> bool {
        self.node.event_loop().name_of(&self.node, Some(name)).is_some()
    }

    /// As [`Task::add_done_callback`].
    ///
    /// # Errors
    /// If the pool is full or the loop closed.
    pub fn add_done_callback(&self, function: fn(&AnyTask, usize), argument: usize) -> Result<(), Refused<()>> {
        wait::add_done_callback(&self.node, function, argument)
    }

    /// As [`Task::remove_done_callback`], of those that were added to an `AnyTask`.
    pub fn remove_done_callback(&self, function: fn(&AnyTask, usize), argument: usize) -> usize {
        wait::remove_done_callbacks(&self.node, function as *const (), argument)
    }

    /// Whether it ended with an error that nobody has read; from now on somebody has.
    pub(crate) fn take_unread(&self) -> bool {
        self.node.header().read_error()
    }

    /// The loop that it belongs to; asyncio's `get_loop`.
    #[doc(alias = "get_loop")]
    pub fn event_loop(&self) -> &'static EventLoop {
        self.node.event_loop()
    }

    /// Names it, to [wake](EventLoop::wake) it. asyncio wakes tasks by the callbacks of futures.
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

/// A task or a future, whose end can be waited for; implemented here alone. What [`wait`](crate::wait()),
/// [`as_completed`](crate::as_completed) and [`shield`](crate::shield()) take.
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

/// A task's name; prints as that, or as `Task-` and a number. What [`Task::name`] gives; a string in asyncio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskName {
    number: u16,
    name: Option<&'static str>,
}

impl TaskName {
    fn of(node: &NodeRef) -> TaskName {
        TaskName { number: node.id(), name: node.event_loop().name_of(node, None) }
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
