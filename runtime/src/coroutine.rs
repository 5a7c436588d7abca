//! What a coroutine is: a value that is resumed until it answers.
//!
//! # The problem
//! asyncio's coroutines end in one of three ways: with a value, with an exception, or with `CancelledError`.
//! The first two are one `Result` in Rust. The third is none of the function's business: it is raised at the innermost
//! suspension and travels outwards through code that never mentions it.
//!
//! # The design
//! [`Coroutine::resume`] therefore has three answers ([`Resume`]). A cancel request is a flag of the task, shown to the
//! coroutine by [`Context::take_cancel`]; the leaf that is suspended (a `sleep`, a wait on a future) takes it,
//! deregisters itself and answers [`Resume::Cancelled`]; each coroutine above drops what it holds, in the order in
//! which an early `return` would, and answers `Cancelled` too, unless [`CatchCancel`] turns it into a value.
//!
//! # Costs
//! A [`Waker`] is two bytes. Resuming passes one pointer; the answer is an enum around the output.

use core::cell::Cell;
use core::marker::PhantomData;
use core::ops::DerefMut;
use core::pin::Pin;
use core::ptr;

use crate::event_loop::EventLoop;
use crate::location::Locator;

/// The answer of [`Coroutine::resume`]. In asyncio a coroutine's `send` returns, raises `StopIteration`, or `CancelledError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a coroutine that answered `Pending` must be resumed again"]
pub enum Resume<T> {
    /// Suspended: whatever it waits for wakes the task.
    Pending,
    /// Ended with this value. The coroutine must not be resumed again.
    Done(T),
    /// Ended by a cancel request that nobody caught. The coroutine must not be resumed again.
    Cancelled,
}

/// What expansions of `#[segno::coroutine]` call with it keeps the promises that are named there: see
/// [`machine::EXPANSION`](crate::machine::EXPANSION).
///
/// Nobody outside of this crate can name it, so that no other code says of a coroutine how it is resumed in a machine or
/// dropped there: it must not have pinned values forgotten.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Expansion(());

impl Expansion {
    pub(crate) const NEW: Expansion = Expansion(());

    /// Drops a coroutine that has ended, where it is.
    ///
    /// # Safety
    /// As for [`ptr::drop_in_place`]; it has ended.
    #[inline(always)]
    pub(crate) unsafe fn drop_ended<C: Coroutine>(ended: *mut C) {
        C::conclude(ended, ptr::dangling_mut::<()>(), (), Expansion::NEW);
    }
}

/// A computation that can be suspended: asyncio's coroutine object.
///
/// Inert until it is awaited or made a task (asyncio: "coroutine was never awaited"). `#[segno::coroutine]` writes the
/// implementations; write one by hand for a leaf, which waits for hardware or for a data structure.
///
/// # For implementers
/// - Before answering [`Resume::Pending`], make sure that [`Context::waker`] will be woken.
/// - When resumed again after `Pending`, call [`Context::take_cancel`] first: if it is true, deregister and answer
///   [`Resume::Cancelled`], even if what was waited for is there (asyncio's rule: the result is lost).
/// - Being resumed without a reason must be harmless.
/// - Dropping a suspended coroutine is the hard stop: deregister in `Drop`.
///
/// ```
/// use core::pin::Pin;
/// use segno::prelude::*;
///
/// /// Suspends for so many turns.
/// struct Turns(u32);
///
/// impl Coroutine for Turns {
///     type Output = &'static str;
///
///     fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<&'static str> {
///         if cx.take_cancel() {
///             return Resume::Cancelled;
///         }
///         let Some(left) = self.0.checked_sub(1) else { return Resume::Done("over") };
///         self.0 = left;
///         if let Some(event_loop) = cx.event_loop() {
///             event_loop.wake(cx.waker());
///         }
///         Resume::Pending
///     }
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// assert_eq!(lp.run_until_complete(Turns(3)), Ok("over"));
/// ```
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a coroutine",
    label = "not a coroutine",
    note = "mark the function that makes it with `#[segno::coroutine]`"
)]
pub trait Coroutine {
    /// The value that it ends with; asyncio's exceptions are the `Err` of a `Result`.
    type Output;

    /// Runs to the next suspension or to the end.
    ///
    /// # Panics
    /// A coroutine made by `#[segno::coroutine]` that is resumed after its end panics, as a Rust future may. Event loops
    /// never do that.
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output>;

    /// Of what stands for a future in asyncio, whether it has ended: `wait_for` without time asks.
    #[doc(hidden)]
    fn has_ended(&self) -> Option<bool> {
        None
    }

    /// Whether an output is an error: a task reports one that nobody reads, and keeps one although it has cancelled
    /// itself. Coroutines made by `#[segno::coroutine]` say so of every `Err`.
    #[doc(hidden)]
    fn is_error(output: &Self::Output) -> bool
    where
        Self: Sized,
    {
        let _ = output;
        false
    }

    /// Whether somebody reads each error of it, as a task group does: none is reported.
    #[doc(hidden)]
    fn error_is_read() -> bool
    where
        Self: Sized,
    {
        false
    }

    /// Whether a cancellation of it is an exception as others are: that of asyncio's `gather`, which is no task.
    #[doc(hidden)]
    fn fails_by_cancellation() -> bool
    where
        Self: Sized,
    {
        false
    }

    /// Of a wait that is about to be dropped: the error with which its task or future may still end is read, and not told.
    #[doc(hidden)]
    fn disregard_error(self: Pin<&mut Self>)
    where
        Self: Sized,
    {
    }

    /// Resumes it in the state of a machine. A machine needs nothing then that drops what it holds while a panic unwinds:
    /// the machine around it, or what that is in, drops it.
    #[doc(hidden)]
    #[inline]
    fn resume_child(&mut self, cx: &mut Context<'_>, _: Expansion) -> Resume<Self::Output>
    where
        Self: Sized,
    {
        // SAFETY: `Expansion`: PINNED. A `Pin` is what it points with, also in memory; `new_unchecked` would be one more
        // function for each child.
        Self::resume(unsafe { core::mem::transmute::<&mut Self, Pin<&mut Self>>(self) }, cx)
    }

    /// Drops it when it has ended, where it is, and replaces the state of a machine that holds it, also if the destructor
    /// panics. Of what leaves nothing when it has ended, only this crate knows: there is no code for the drop then.
    #[doc(hidden)]
    #[inline]
    fn conclude<S>(ended: *mut Self, state: *mut S, next: S, _: Expansion)
    where
        Self: Sized,
    {
        crate::machine::abandon(ended, state, next);
    }

    /// Says where it stands, see [`location`](crate::location). Nothing of it changes.
    #[cfg(feature = "debug")]
    #[doc(hidden)]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        let _ = locator;
    }
}

impl<C: Coroutine + ?Sized> Coroutine for &mut C
where
    C: Unpin,
{
    type Output = C::Output;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<C::Output> {
        Pin::new(&mut **self.get_mut()).resume(cx)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        Pin::new(&mut **self.get_mut()).locate(locator);
    }
}

impl<P: DerefMut<Target: Coroutine>> Coroutine for Pin<P> {
    type Output = <P::Target as Coroutine>::Output;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        self.as_deref_mut().resume(cx)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        self.as_deref_mut().locate(locator);
    }
}

/// Whatever may stand before `.await` in a coroutine: a coroutine, a task, a future. asyncio's awaitables.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// fn start<A: IntoCoroutine + 'static>(lp: &'static EventLoop, awaitable: A) -> Task<A::Output> {
///     lp.create_task(awaitable).unwrap()
/// }
///
/// let future = lp.create_future::<u8>().unwrap();
/// let task = start(lp, start(lp, future.clone())); // a task that waits for a task, which waits for a future
/// future.set_result(7).unwrap();
/// assert_eq!(lp.run_until_complete(task), Ok(7));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited",
    label = "neither a coroutine nor a task nor a future",
    note = "mark the function that makes it with `#[segno::coroutine]`, or remove the `.await`"
)]
pub trait IntoCoroutine {
    /// What awaiting gives.
    type Output;
    /// The coroutine that is resumed in place.
    type Coroutine: Coroutine<Output = Self::Output>;

    /// Called once, where the `.await` stands.
    fn into_coroutine(self) -> Self::Coroutine;

    /// Of a task or a future, whether it has ended: `run_until_complete` waits for one as a done callback would.
    #[doc(hidden)]
    fn has_ended(&self) -> Option<bool> {
        None
    }

    /// As [`Coroutine::has_ended`].
    #[doc(hidden)]
    fn is_future(&self) -> Option<bool> {
        self.has_ended()
    }
}

impl<C: Coroutine> IntoCoroutine for C {
    type Output = C::Output;
    type Coroutine = C;

    #[inline(always)]
    fn into_coroutine(self) -> C {
        self
    }

    fn is_future(&self) -> Option<bool> {
        Coroutine::has_ended(self)
    }
}

/// Names a task of one loop, to wake it: two bytes. asyncio wakes tasks by the callbacks of futures. For an example see
/// [`Coroutine`].
///
/// Stale wakers are harmless: waking a task that has ended, or another that has taken its place, costs at most one
/// resume without a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Waker(pub(crate) u16);

impl Waker {
    /// Wakes nobody.
    pub const NONE: Waker = Waker(0);
}

/// What a coroutine is told when it is resumed: who it runs for, and whether it is to be cancelled. asyncio's coroutines ask
/// for the running loop, and are thrown `CancelledError`. For an example see [`Coroutine`].
///
/// Invariant **FOR**: with a waker, `runs_for` is a `&'static EventLoop`; without one, it is null or a `&'a Foreign`.
pub struct Context<'a> {
    runs_for: *const (),
    resumed: Resumed,
    step: PhantomData<&'a mut ()>,
    /// Nothing is to be done, but this question to be answered.
    #[cfg(feature = "debug")]
    locator: Option<&'a mut Locator>,
}

/// A foreign executor, which resumes a coroutine by polling it.
pub(crate) struct Foreign<'a> {
    pub waker: &'a core::task::Waker,
    /// Somebody has taken the waker, and will wake it.
    pub taken: Cell<bool>,
    /// Something waits that only a loop can end.
    pub requires_event_loop: Cell<bool>,
}

impl<'a> Foreign<'a> {
    pub fn new(waker: &'a core::task::Waker) -> Foreign<'a> {
        Foreign { waker, taken: Cell::new(false), requires_event_loop: Cell::new(false) }
    }
}

/// Who is resumed, and whether to be cancelled: one word, written at once.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(4))]
pub(crate) struct Resumed {
    pub waker: Waker,
    /// A cancel request is to be taken. In the loop's own copy: the task is to be looked at when it is suspended.
    pub cancel: u8,
    /// What combinators tell their children, see [`mode`]. In the loop's own copy, [`mode::INTEREST`] or nothing.
    pub mode: u8,
}

/// Flags of a resume.
pub(crate) mod mode {
    /// In the loop's own copy: something has registered the task's interest in this step.
    pub const INTEREST: u8 = 1;
    /// Other coroutines are resumed beside this one, in the same task.
    pub const BRANCH: u8 = 1;
    /// The cancel request comes from a combinator, not from the task: what this coroutine awaits has not been told.
    pub const LOCAL: u8 = 2;
    /// What is awaited is a member of a group that has nothing but tasks and futures.
    pub const MEMBER: u8 = 4;
    /// What is awaited is left alone by a cancel request.
    pub const OBSERVER: u8 = 8;
    /// The answer of a member: it has been told of a cancel request to the task.
    pub const TOLD: u8 = 16;
    /// What is awaited is one of several, whose end decides nothing unless it is the last one.
    pub const COUNTED: u8 = 32;
    /// With `COUNTED`: but an end by cancellation decides.
    pub const BY_CANCELLATION: u8 = 64;
    /// With `COUNTED`: but an end with an error decides. Without, each end does.
    pub const BY_FAILURE: u8 = 128;
}

impl Resumed {
    pub(crate) const NONE: Resumed = Resumed::new(0, false);

    #[inline(always)]
    pub(crate) const fn new(id: u16, cancel: bool) -> Resumed {
        let word = id as u32 | (cancel as u32) << 16;
        // SAFETY: all values are valid. Field by field, it would be three stores.
        unsafe { core::mem::transmute::<u32, Resumed>(word.to_le()) }
    }

    #[inline(always)]
    pub(crate) fn is_cancelled(self) -> bool {
        self.cancel != 0
    }

    pub(crate) fn cancelled(self) -> Resumed {
        Resumed { cancel: 1, ..self }
    }
}

impl<'a> Context<'a> {
    /// A context without a loop, for resuming a coroutine by hand: wake-ups go nowhere.
    ///
    /// ```
    /// # use core::pin::pin;
    /// # use segno::prelude::*;
    /// #[segno::coroutine]
    /// async fn measure(flag: &Event) -> u8 {
    ///     flag.wait().await;
    ///     7
    /// }
    ///
    /// let flag = Event::new();
    /// let mut coroutine = pin!(measure(&flag));
    /// assert_eq!(coroutine.as_mut().resume(&mut Context::detached()), Resume::Pending);
    /// flag.set();
    /// assert_eq!(coroutine.as_mut().resume(&mut Context::detached()), Resume::Done(7));
    /// ```
    pub fn detached() -> Context<'a> {
        Context {
            runs_for: ptr::null(),
            resumed: Resumed::NONE,
            step: PhantomData,
            #[cfg(feature = "debug")]
            locator: None,
        }
    }

    /// As [`Context::detached`], with a cancel request to be delivered.
    pub fn detached_cancelling() -> Context<'a> {
        Context { resumed: Resumed::new(0, true), ..Context::detached() }
    }

    /// Asks where a coroutine stands: for what is known to answer.
    #[cfg(feature = "debug")]
    pub(crate) fn locating(locator: &'a mut Locator) -> Context<'a> {
        Context { locator: Some(locator), ..Context::detached() }
    }

    /// The question that stands for a resume. Expansions ask for it.
    #[doc(hidden)]
    #[inline(always)]
    pub fn locator(&mut self) -> Option<&mut Locator> {
        #[cfg(feature = "debug")]
        return self.locator.as_deref_mut();
        #[cfg(not(feature = "debug"))]
        None
    }

    pub(crate) fn of_foreign(foreign: &'a Foreign<'a>) -> Context<'a> {
        Context { runs_for: ptr::from_ref(foreign).cast(), ..Context::detached() }
    }

    /// # Safety
    /// FOR: the number of `resumed` is not 0.
    #[inline(always)]
    pub(crate) unsafe fn new(event_loop: &'static EventLoop, resumed: Resumed) -> Context<'a> {
        Context {
            runs_for: ptr::from_ref(event_loop).cast(),
            resumed,
            step: PhantomData,
            #[cfg(feature = "debug")]
            locator: None,
        }
    }

    /// As `event_loop`.
    ///
    /// # Safety
    /// A task of a loop is being resumed.
    #[inline(always)]
    pub(crate) unsafe fn running_loop(&self) -> &'static EventLoop {
        // SAFETY: FOR, and the caller's promise.
        unsafe { &*self.runs_for.cast() }
    }

    /// The loop that resumes this coroutine; `None` when it is resumed by hand, or polled by a foreign executor.
    #[inline(always)]
    pub fn event_loop(&self) -> Option<&'static EventLoop> {
        if self.resumed.waker == Waker::NONE {
            return None;
        }
        // SAFETY: FOR. The hint saves a comparison.
        unsafe {
            core::hint::assert_unchecked(!self.runs_for.is_null());
            Some(&*self.runs_for.cast())
        }
    }

    /// The foreign executor that polls this coroutine.
    pub(crate) fn foreign(&self) -> Option<&'a Foreign<'a>> {
        // SAFETY: FOR.
        if self.resumed.waker == Waker::NONE { unsafe { self.runs_for.cast::<Foreign<'a>>().as_ref() } } else { None }
    }

    /// As [`Context::event_loop`], for what cannot wait without a loop, such as a timer: a foreign executor that polls this
    /// coroutine panics, instead of never hearing of it again.
    #[inline(always)]
    pub fn require_event_loop(&self) -> Option<&'static EventLoop> {
        let event_loop = self.event_loop();
        if event_loop.is_none()
            && let Some(foreign) = self.foreign()
        {
            foreign.requires_event_loop.set(true);
        }
        event_loop
    }

    /// Names the task to wake.
    pub fn waker(&self) -> Waker {
        self.resumed.waker
    }

    /// What a combinator resumes a child with: the same task, perhaps a cancel request, and flags of its own.
    pub(crate) fn child(&self, cancel: bool, mode: u8) -> Context<'_> {
        let resumed = Resumed { waker: self.resumed.waker, cancel: u8::from(cancel), mode };
        Context {
            runs_for: self.runs_for,
            resumed,
            step: PhantomData,
            #[cfg(feature = "debug")]
            locator: None,
        }
    }

    pub(crate) fn has(&self, mode: u8) -> bool {
        self.resumed.mode & mode != 0
    }

    /// All flags of [`mode`].
    pub(crate) fn flags(&self) -> u8 {
        self.resumed.mode
    }

    pub(crate) fn answer(&mut self, mode: u8) {
        self.resumed.mode |= mode;
    }

    /// Whether a cancel request is pending.
    pub(crate) fn is_cancelling(&self) -> bool {
        self.resumed.cancel != 0
    }

    /// Takes the pending cancel request: true at most once per request. Whoever gets `true` must deregister and
    /// answer [`Resume::Cancelled`].
    #[inline]
    pub fn take_cancel(&mut self) -> bool {
        let cancel = self.resumed.cancel != 0;
        // Nothing is written where nothing is requested, which is nearly always.
        if cancel {
            self.resumed.cancel = 0;
        }
        cancel
    }

    /// Asks for a resume after the next interrupt, for a wait that cannot register with anything. The loop sleeps
    /// until then; with other tasks busy, the resume comes in the next turn. A foreign executor is asked to poll again.
    pub fn resume_after_interrupt(&mut self) {
        if let Some(event_loop) = self.event_loop() {
            event_loop.resume_after_interrupt(self.waker());
        } else if let Some(foreign) = self.foreign() {
            foreign.taken.set(true);
            foreign.waker.wake_by_ref();
        }
    }
}

/// asyncio's `CancelledError`, as the value that [`catch_cancel`](CoroutineExt::catch_cancel) gives. It has no message.
#[doc(alias = "CancelledError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cancelled;

impl core::fmt::Display for Cancelled {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("cancelled")
    }
}

impl core::error::Error for Cancelled {}

/// Methods of whatever can be awaited. Python has a statement for this one.
pub trait CoroutineExt: IntoCoroutine + Sized {
    /// asyncio's `try: … except CancelledError`: a cancel request that reaches what is awaited ends it and becomes
    /// `Err(Cancelled)`. The code after it goes on and may itself await, for cleanup.
    ///
    /// The request is delivered once, though [`Task::cancelling`](crate::Task::cancelling) still counts it: the task goes on, and
    /// ends with a value, unless it is cancelled again. A second request, during the cleanup, interrupts that.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn session() -> Result<(), &'static str> {
    ///     let outcome = sleep(1000.secs()).catch_cancel().await;
    ///     sleep(3.millis()).await; // closes the valve, in any case
    ///     outcome.map_err(|Cancelled| "cancelled")
    /// }
    ///
    /// let task = lp.create_task(session()).unwrap();
    /// let handle = task.as_any();
    /// lp.call_later(1.millis(), move |_| assert!(handle.cancel())).unwrap();
    /// assert_eq!(lp.run_until_complete(task), Ok(Err("cancelled")));
    /// assert_eq!(lp.time().as_ticks(), 4_000);
    /// ```
    /// # Errors
    /// The output is `Err(Cancelled)` if it was cancelled, by whomever.
    fn catch_cancel(self) -> CatchCancel<Self::Coroutine> {
        CatchCancel { inner: self.into_coroutine() }
    }
}

impl<A: IntoCoroutine> CoroutineExt for A {}

/// Made by [`CoroutineExt::catch_cancel`].
#[derive(Debug)]
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct CatchCancel<C> {
    inner: C,
}

impl<C: Coroutine> Coroutine for CatchCancel<C> {
    type Output = Result<C::Output, Cancelled>;

    #[inline(always)]
    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "`Expansion` is the promise")]
    fn conclude<S>(ended: *mut Self, state: *mut S, next: S, token: Expansion) {
        // SAFETY: `Expansion`: it is there.
        C::conclude(unsafe { &raw mut (*ended).inner }, state, next, token);
    }

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: `inner` is structurally pinned: it is never moved out of a pinned `CatchCancel`, which has no
        // `Drop` and no other way to reach it.
        let inner = unsafe { self.map_unchecked_mut(|this| &mut this.inner) };
        match inner.resume(cx) {
            Resume::Pending => Resume::Pending,
            Resume::Done(value) => Resume::Done(Ok(value)),
            Resume::Cancelled => Resume::Done(Err(Cancelled)),
        }
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.inner) }.locate(locator);
    }
}
