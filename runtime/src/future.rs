//! Futures: results that one part of a program promises and others wait for.
//!
//! # The problem
//! A callback has a result; a task waits for it; the two know nothing of each other but a common handle.
//!
//! # The design
//! A future is a node of the pool with a state and room for the result. Whoever has a handle may set it, once, wait for
//! it or cancel it. Waiting tasks and callbacks are queued when it ends, in the order in which they came. It has nothing
//! to do with `core::future::Future`.
//!
//! # Costs
//! 8 bytes beside the result (32-bit chip), rounded up to 8.

use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;

use crate::coroutine::{Context, IntoCoroutine};
use crate::event_loop::{EventLoop, Refused};
use crate::node::{Header, Kind, NodeRef, UNREAD, VTable, granules};
use crate::task::outcome::{self, FromNode};
use crate::task::{CloneOutput, InvalidState, Joinable, ResultError, wait};

/// The promise of a result; asyncio's `Future`. Made by [`EventLoop::create_future`]; clones are handles to the same.
///
/// `(&future).await` and `future.clone().await` give a clone of the result. If the future is cancelled, so is who awaits
/// it; and cancelling a task that awaits it cancels it, for everybody, as in asyncio: [`shield`](crate::shield()) keeps that
/// from it. Awaiting one that has ended costs no turn.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// #[segno::coroutine]
/// async fn twice(measured: Future<u32>) -> u32 {
///     (&measured).await * 2
/// }
///
/// let measured: Future<u32> = lp.create_future().unwrap();
/// let task = lp.create_task(twice(measured.clone())).unwrap();
/// let interrupt = measured.clone();
/// lp.call_later(5.millis(), move |_| interrupt.set_result(21).unwrap()).unwrap();
/// assert_eq!(lp.run_until_complete(task), Ok(42));
/// assert_eq!(measured.result(), Ok(21));
/// assert!(measured.set_result(3).is_err());
/// ```
///
/// A future for something long-lived is not one for something short-lived, which could be set from elsewhere:
/// ```compile_fail,E0597
/// # use segno::Future;
/// fn set(long: Future<&'static str>) {
///     let text = String::from("short");
///     let short: Future<&str> = long.clone();
///     short.set_result(&text);
/// }
/// ```
pub struct Future<T> {
    node: NodeRef,
    /// Invariant in `T`, as a cell is: the result is written through a shared handle.
    result: PhantomData<Cell<T>>,
}

struct FutureNode<T>(PhantomData<T>);

impl<T> FutureNode<T> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<(), T>(), kind: Kind::Future };

    /// Futures are never queued.
    unsafe fn run(_: *mut u8, _: &mut Context<'_>) {}

    unsafe fn drop(payload: *mut u8, output: bool, event_loop: &EventLoop) {
        if output {
            // SAFETY: CONTENT.
            if unsafe { Header::of(payload) }.has(UNREAD) {
                event_loop.report_unread(event_loop.number(payload), "Future exception was never retrieved");
            }
            // SAFETY: CONTENT.
            unsafe { payload.cast::<T>().drop_in_place() };
        }
    }
}

impl<T> Future<T> {
    /// Sets the result; asyncio's `set_result`. Waiting tasks and callbacks run in the next turn, never inside this call. An `Err`
    /// that is set here is a result like others: only [`Future::set_exception`] has it reported if nobody reads it.
    ///
    /// # Errors
    /// [`InvalidState`] if it has a result or was cancelled; then `result` is dropped.
    pub fn set_result(&self, result: T) -> Result<(), InvalidState> {
        self.end(result, 0)
    }

    /// `how` is 0 or `UNREAD`.
    pub(crate) fn end(&self, result: T, how: u8) -> Result<(), InvalidState> {
        if self.done() {
            return Err(InvalidState);
        }
        // SAFETY: TYPED and CONTENT: a pending future has room for its result, and none yet.
        unsafe {
            self.node.payload().cast::<T>().write(result);
            self.node.header().end(how);
            self.node.event_loop().tell_waiting(self.node.header(), self.node.id());
        }
        Ok(())
    }

    /// A clone of the result, as often as you like; asyncio's `result`.
    ///
    /// # Errors
    /// [`ResultError`] if it is pending, was cancelled, or somebody has taken the result.
    pub fn result(&self) -> Result<T, ResultError>
    where
        T: Clone,
    {
        self.with_result(T::clone)
    }

    /// Runs `f` with the result, where it is: asyncio's `result`, without a clone.
    ///
    /// # Errors
    /// As [`Future::result`].
    pub fn with_result<R>(&self, f: impl FnOnce(&T) -> R) -> Result<R, ResultError> {
        // SAFETY: TYPED.
        unsafe { outcome::with(&self.node, f) }
    }

    /// Moves the result out. For others it is gone then: who awaits the future is cancelled. In asyncio nobody can.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::ResultError;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let future: Future<String> = lp.create_future().unwrap();
    /// future.set_result("only once".into()).unwrap();
    /// assert_eq!(future.with_result(String::len), Ok(9));
    /// assert_eq!(future.take_result().unwrap(), "only once");
    /// assert_eq!(future.take_result(), Err(ResultError::Taken));
    /// ```
    /// # Errors
    /// As [`Future::result`]; [`ResultError::Taken`] also inside of [`Future::with_result`].
    pub fn take_result(&self) -> Result<T, ResultError> {
        // SAFETY: TYPED.
        unsafe { outcome::take(&self.node) }
    }

    /// Cancels it, for all who wait for it, who learn of it in the next turn; false if it has ended. asyncio's `cancel`, without
    /// a message.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let future: Future<u8> = lp.create_future().unwrap();
    /// assert!(future.cancel());
    /// assert!(future.cancelled() && future.done() && !future.cancel());
    /// assert_eq!(lp.run_until_complete(future), Err(RunError::Cancelled));
    /// ```
    pub fn cancel(&self) -> bool {
        // SAFETY: NAMED, by this reference.
        unsafe { self.node.event_loop().cancel_future(self.node.id()) }
    }

    /// Whether it has a result or was cancelled; asyncio's `done`.
    pub fn done(&self) -> bool {
        self.node.header().is_ended()
    }

    /// Whether it was cancelled; asyncio's `cancelled`.
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }

    /// Runs `function(&future, argument)` in the turn after it ends, or in the next turn if it has ended. Callbacks and
    /// awaiting tasks are served in the order in which they came. Dropped if all handles are dropped before. asyncio's
    /// `add_done_callback`, with an argument in place of what Python's callables capture.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// static SUM: AtomicUsize = AtomicUsize::new(0);
    ///
    /// fn add(future: &Future<usize>, factor: usize) {
    ///     SUM.fetch_add(future.result().unwrap() * factor, Relaxed);
    /// }
    ///
    /// let add: fn(&Future<usize>, usize) = add; // once: the address of a function may differ from place to place
    /// let future: Future<usize> = lp.create_future().unwrap();
    /// for factor in [1, 10, 100, 100] {
    ///     future.add_done_callback(add, factor).unwrap();
    /// }
    /// assert_eq!(future.remove_done_callback(add, 100), 2);
    /// future.set_result(7).unwrap();
    /// lp.run_until_complete(sleep(1.millis())).unwrap();
    /// assert_eq!(SUM.load(Relaxed), 77);
    /// ```
    /// # Errors
    /// If the pool is full or the loop closed.
    pub fn add_done_callback(&self, function: fn(&Future<T>, usize), argument: usize) -> Result<(), Refused<()>>
    where
        T: 'static,
    {
        wait::add_done_callback(&self.node, function, argument)
    }

    /// Removes all callbacks that were added with the same function pointer and argument, and answers how many; asyncio's
    /// `remove_done_callback`. None is left once it has ended: they are queued.
    pub fn remove_done_callback(&self, function: fn(&Future<T>, usize), argument: usize) -> usize {
        wait::remove_done_callbacks(&self.node, function as *const (), argument)
    }

    /// The loop that it belongs to; asyncio's `get_loop`.
    #[doc(alias = "get_loop")]
    pub fn event_loop(&self) -> &'static EventLoop {
        self.node.event_loop()
    }

    /// The same future, without the type of its result.
    pub fn as_any(&self) -> AnyFuture {
        AnyFuture { node: self.node.clone() }
    }
}

/// A future whose result's type is not known: what [`Future::as_any`] gives, and an [`ErrorContext`](crate::ErrorContext) has.
/// asyncio's futures have no type.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (number, text) = (lp.create_future::<u8>().unwrap(), lp.create_future::<&str>().unwrap());
/// number.set_result(1).unwrap();
/// let given_up = [number.as_any(), text.as_any()].map(|future| future.cancel());
/// assert_eq!((given_up, text.cancelled()), ([false, true], true));
/// ```
#[derive(Clone)]
pub struct AnyFuture {
    node: NodeRef,
}

impl AnyFuture {
    /// As [`Future::cancel`].
    pub fn cancel(&self) -> bool {
        // SAFETY: NAMED, by this reference.
        unsafe { self.node.event_loop().cancel_future(self.node.id()) }
    }

    /// As [`Future::done`].
    pub fn done(&self) -> bool {
        self.node.header().is_ended()
    }

    /// As [`Future::cancelled`].
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }
}

impl FromNode for AnyFuture {
    unsafe fn from_node(node: NodeRef) -> AnyFuture {
        AnyFuture { node }
    }
}

impl PartialEq for AnyFuture {
    fn eq(&self, other: &AnyFuture) -> bool {
        self.node.is(&other.node)
    }
}

impl Eq for AnyFuture {}

impl<T> PartialEq<Future<T>> for AnyFuture {
    fn eq(&self, other: &Future<T>) -> bool {
        self.node.is(&other.node)
    }
}

impl fmt::Debug for AnyFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(&self.node, f)
    }
}

fn describe(node: &NodeRef, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(match (node.header().is_ended(), node.header().is_cancelled()) {
        (false, _) => "<Future pending>",
        (true, false) => "<Future finished>",
        (true, true) => "<Future cancelled>",
    })
}

impl<T, E> Future<Result<T, E>> {
    /// Sets `Err(error)` as the result; asyncio's `set_exception`. If the last handle goes before anybody has read it, the
    /// exception handler is told "Future exception was never retrieved".
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let future: Future<Result<u8, &str>> = lp.create_future().unwrap();
    /// future.set_exception("no sensor").unwrap();
    /// assert_eq!(future.exception(), Ok(Some("no sensor")));
    /// assert_eq!(lp.run_until_complete(future), Ok(Err("no sensor")));
    /// ```
    /// # Errors
    /// As [`Future::set_result`].
    pub fn set_exception(&self, error: E) -> Result<(), InvalidState> {
        self.end(Err(error), UNREAD)
    }

    /// The error, or `None` if the result is `Ok`; asyncio's `exception`.
    ///
    /// # Errors
    /// As [`Future::result`].
    pub fn exception(&self) -> Result<Option<E>, ResultError>
    where
        E: Clone,
    {
        self.with_result(|result| result.as_ref().err().cloned())
    }
}

impl<T> Clone for Future<T> {
    fn clone(&self) -> Future<T> {
        Future { node: self.node.clone(), result: PhantomData }
    }
}

impl<T> Joinable for Future<T> {
    fn node(&self) -> &NodeRef {
        &self.node
    }
}

impl<T> FromNode for Future<T> {
    unsafe fn from_node(node: NodeRef) -> Future<T> {
        Future { node, result: PhantomData }
    }
}

impl<T> fmt::Debug for Future<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(&self.node, f)
    }
}

impl<T: Clone> IntoCoroutine for &Future<T> {
    type Output = T;
    type Coroutine = CloneOutput<T>;

    fn into_coroutine(self) -> CloneOutput<T> {
        CloneOutput::new(self.node.clone())
    }

    fn has_ended(&self) -> Option<bool> {
        Some(self.done())
    }
}

impl<T: Clone> IntoCoroutine for Future<T> {
    type Output = T;
    type Coroutine = CloneOutput<T>;

    fn into_coroutine(self) -> CloneOutput<T> {
        CloneOutput::new(self.node)
    }

    fn has_ended(&self) -> Option<bool> {
        Some(self.done())
    }
}

impl EventLoop {
    /// Makes a future; asyncio's `create_future`. It can be made on a closed loop too. An example is at [`Future`].
    ///
    /// # Errors
    /// [`Refused::Full`] if the pool is full.
    pub fn create_future<T: 'static>(&'static self) -> Result<Future<T>, Refused<()>> {
        let id = self.make_node(&FutureNode::<T>::VTABLE, 0, 1)?;
        // SAFETY: NAMED: just made, with one reference, which the handle takes. TYPED: it is a `T`'s.
        Ok(unsafe { Future::from_node(NodeRef::from_counted(self, id)) })
    }
}
