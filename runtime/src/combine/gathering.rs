//! A `gather` that is kept: asyncio's future.
//!
//! # The problem
//! asyncio's `gather` is a future: it begins where it is called, several tasks may wait for it, a callback may be added to it, and
//! who holds it may cancel it, which cancels the members. A `gather` that is awaited here has no node of its own for that.
//!
//! # The design
//! The gather is moved into a node, which waits for the members from then on. As asyncio's future it is no task: it ends in the
//! step in which asyncio's callback completes the future, so that who waits for it is resumed in the same turn; and a
//! cancellation of it is an exception, as in asyncio: it is not `cancelled()`.
//!
//! # Costs
//! The gather's frame, or what it answers if that is larger, and 8 bytes (32-bit chip), in the loop's memory.

use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::pin::Pin;

use super::children::{HandleSlots, TrySlots};
use super::gather::{Gather, GatherEnds, TryGather};
use super::wait::MayFail;
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::event_loop::{EventLoop, Refused};
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::node::NodeRef;
use crate::task::outcome::{self, FromNode};
use crate::task::{CloneOutput, Joinable, ResultError, TakeOutput, wait};

/// A `gather`, awaited or started.
pub trait Gathers: Coroutine {
    /// As `resume`; if it was `started`, the node that it is in ends where asyncio's future does.
    fn advance(self: Pin<&mut Self>, cx: &mut Context<'_>, started: bool) -> Resume<Self::Output>;
}

/// A `gather` that was started.
pub(crate) struct StartedGather<G>(G);

impl<G: Gathers> StartedGather<G> {
    fn gather(self: Pin<&mut Self>) -> Pin<&mut G> {
        // SAFETY: it is structurally pinned: it is never moved out of a pinned `StartedGather`.
        unsafe { self.map_unchecked_mut(|this| &mut this.0) }
    }
}

impl<G: Gathers> Coroutine for StartedGather<G> {
    type Output = G::Output;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<G::Output> {
        self.gather().advance(cx, true)
    }

    fn is_error(output: &G::Output) -> bool {
        G::is_error(output)
    }

    fn fails_by_cancellation() -> bool {
        true
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        self.gather().locate(locator);
    }
}

fn start<G: Gathers + 'static>(
    gather: G,
    event_loop: &'static EventLoop,
) -> Result<GatheringFuture<G::Output>, Refused<G>> {
    match event_loop.create_watcher(StartedGather(gather)) {
        // SAFETY: TYPED: its output is a `G::Output`.
        Ok(node) => Ok(unsafe { GatheringFuture::from_node(node) }),
        Err(refused) => Err(refused.map(|started| started.0)),
    }
}

impl<S: HandleSlots + 'static> Gather<S> {
    /// Begins to wait for all of them, and gives what asyncio's `gather` gives where it is called: a future, which can be kept,
    /// awaited by several, asked, and cancelled. For tasks and futures alone; a coroutine is to be made a task, and a shield
    /// [started](crate::combine::Shield::start), before.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::{ResultError, gather};
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let tasks = [1, 9].map(|delay| lp.create_task(sleep(u64::secs(delay))).unwrap());
    /// let gathered = gather(tasks.each_ref()).start(lp).unwrap();
    /// lp.run_until_complete(sleep(2.secs())).unwrap();
    /// assert!(!gathered.done() && gathered.cancel());
    /// assert_eq!(lp.run_until_complete(&gathered), Err(RunError::Cancelled));
    /// assert!(!tasks[0].cancelled() && tasks[1].cancelled());
    /// assert_eq!((gathered.cancelled(), gathered.result()), (false, Err(ResultError::Cancelled)));
    /// ```
    /// # Errors
    /// Hands it back if the loop's memory is full or the loop closed.
    pub fn start(self, event_loop: &'static EventLoop) -> Result<GatheringFuture<S::Outputs>, Refused<Self>> {
        start(self, event_loop)
    }
}

impl<S: HandleSlots + 'static> GatherEnds<S> {
    /// As [`Gather::start`].
    ///
    /// # Errors
    /// As [`Gather::start`].
    pub fn start(self, event_loop: &'static EventLoop) -> Result<GatheringFuture<S::Ends>, Refused<Self>> {
        start(self, event_loop)
    }
}

impl<E: 'static, S: TrySlots<E> + HandleSlots + 'static> TryGather<S, E> {
    /// As [`Gather::start`].
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::{try_gather, wait};
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (voltage, current) = (lp.create_future::<Result<u8, &str>>().unwrap(), lp.create_future().unwrap());
    /// let both = try_gather!(&voltage, &current).start(lp).unwrap();
    /// voltage.set_result(Ok(3)).unwrap();
    /// current.set_result(Ok(2)).unwrap();
    /// lp.run_until_complete(wait(&[&both])).unwrap();
    /// assert_eq!((both.exception(), both.result()), (Ok(None), Ok(Ok((3, 2)))));
    /// ```
    /// # Errors
    /// As [`Gather::start`].
    pub fn start(self, event_loop: &'static EventLoop) -> Result<GatheringFuture<Result<S::Values, E>>, Refused<Self>> {
        start(self, event_loop)
    }
}

/// What [`Gather::start`] gives; asyncio's future of the same name. Clones are handles to the same.
///
/// `(&gathered).await` gives a clone of the results, `gathered.await` takes them. If a member was cancelled, so is who awaits; and
/// cancelling a task that awaits it cancels all members, as [`GatheringFuture::cancel`] does. Awaiting one that has ended costs
/// no turn.
///
/// One difference is left: where a task that awaits it beside other things (in another gather, say) is cancelled in the turn
/// between the end of the last member and its own, it ends as if it were cancelled, and asyncio's has the results then.
pub struct GatheringFuture<T> {
    node: NodeRef,
    /// As in a [`Future`](crate::Future).
    results: PhantomData<Cell<T>>,
}

impl<T> GatheringFuture<T> {
    /// Whether it has ended; asyncio's `done`.
    pub fn done(&self) -> bool {
        self.node.header().is_ended()
    }

    /// False: a cancellation is its exception, as in asyncio.
    pub fn cancelled(&self) -> bool {
        false
    }

    /// Cancels all members that have not ended, and answers whether there were any. Then it ends as `cancelled`: when the first of
    /// them has, or with [`Gather::return_exceptions`] when all have. asyncio's `cancel`.
    pub fn cancel(&self) -> bool {
        let (event_loop, id) = (self.node.event_loop(), self.node.id());
        !self.done() && event_loop.is_waiting(id) && event_loop.cancel_task(id)
    }

    /// A clone of the results, as often as you like; asyncio's `result`.
    ///
    /// # Errors
    /// [`ResultError`]; if it was cancelled, or a member, [`ResultError::Cancelled`].
    pub fn result(&self) -> Result<T, ResultError>
    where
        T: Clone,
    {
        self.with_result(T::clone)
    }

    /// Runs `f` with the results, where they are.
    ///
    /// # Errors
    /// As [`GatheringFuture::result`].
    pub fn with_result<R>(&self, f: impl FnOnce(&T) -> R) -> Result<R, ResultError> {
        // SAFETY: TYPED.
        unsafe { outcome::with(&self.node, f) }
    }

    /// Moves the results out. For others they are gone then.
    ///
    /// # Errors
    /// As [`GatheringFuture::result`]; [`ResultError::Taken`] also inside of [`GatheringFuture::with_result`].
    pub fn take_result(&self) -> Result<T, ResultError> {
        // SAFETY: TYPED.
        unsafe { outcome::take(&self.node) }
    }

    /// Runs `function(&gathered, argument)` in the turn after it ends, or in the next turn if it has ended; asyncio's
    /// `add_done_callback`. For an example see [`Future::add_done_callback`](crate::Future::add_done_callback).
    ///
    /// # Errors
    /// If the pool is full or the loop closed.
    pub fn add_done_callback(&self, function: fn(&Self, usize), argument: usize) -> Result<(), Refused<()>>
    where
        T: 'static,
    {
        wait::add_done_callback(&self.node, function, argument)
    }

    /// Removes all callbacks that were added with the same function pointer and argument, and answers how many; asyncio's
    /// `remove_done_callback`.
    pub fn remove_done_callback(&self, function: fn(&Self, usize), argument: usize) -> usize {
        wait::remove_done_callbacks(&self.node, function as *const (), argument)
    }

    /// The loop that it belongs to; asyncio's `get_loop`.
    #[doc(alias = "get_loop")]
    pub fn event_loop(&self) -> &'static EventLoop {
        self.node.event_loop()
    }
}

impl<T, E> GatheringFuture<Result<T, E>> {
    /// The first error, or `None` if there are results; asyncio's `exception`.
    ///
    /// # Errors
    /// As [`GatheringFuture::result`]: asyncio's is a `CancelledError` where this answers [`ResultError::Cancelled`].
    pub fn exception(&self) -> Result<Option<E>, ResultError>
    where
        E: Clone,
    {
        self.with_result(|result| result.as_ref().err().cloned())
    }
}

impl<T> Clone for GatheringFuture<T> {
    fn clone(&self) -> Self {
        GatheringFuture { node: self.node.clone(), results: PhantomData }
    }
}

impl<T> FromNode for GatheringFuture<T> {
    unsafe fn from_node(node: NodeRef) -> Self {
        GatheringFuture { node, results: PhantomData }
    }
}

impl<T> Joinable for GatheringFuture<T> {
    fn node(&self) -> &NodeRef {
        &self.node
    }
}

/// A cancellation is a failure of it.
impl<T, E> MayFail for GatheringFuture<Result<T, E>> {
    fn has_failed(&self) -> bool {
        self.with_result(Result::is_err).unwrap_or_else(|error| error == ResultError::Cancelled)
    }
}

impl<T> IntoCoroutine for GatheringFuture<T> {
    type Output = T;
    type Coroutine = TakeOutput<T>;

    fn into_coroutine(self) -> TakeOutput<T> {
        TakeOutput::new(self.node)
    }

    fn has_ended(&self) -> Option<bool> {
        Some(self.done())
    }
}

impl<T: Clone> IntoCoroutine for &GatheringFuture<T> {
    type Output = T;
    type Coroutine = CloneOutput<T>;

    fn into_coroutine(self) -> CloneOutput<T> {
        CloneOutput::new(self.node.clone())
    }

    fn has_ended(&self) -> Option<bool> {
        Some(self.done())
    }
}

impl<T> fmt::Debug for GatheringFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.done() { "<_GatheringFuture finished>" } else { "<_GatheringFuture pending>" })
    }
}
