//! `gather`: several things at once, and all their results.
//!
//! # The problem
//! asyncio's `gather` runs its arguments side by side, as tasks, and gives their results in the order of the arguments. The
//! first exception comes out at once, while the others go on; with `return_exceptions` exceptions are results like others.
//!
//! # The design
//! Exceptions are `Result`s here, and so there are three questions to ask, of the same children (see [`children`]
//! (super::children)): all outputs ([`gather`]), all values or the first error ([`try_gather`]), and all ends, cancellations
//! included ([`Gather::return_exceptions`]).
//!
//! asyncio's `gather` is a future, which tasks' callbacks complete: whoever awaits it is resumed one turn after the
//! last callback. With tasks, futures and shields among the children, so is who awaits this; when all of them have ended
//! before, at once.
//!
//! # Costs
//! See [`children`](super::children). No memory of the loop, but for tasks and futures that are let go, each of which gets a done
//! callback until it ends.

use core::fmt;
use core::pin::Pin;

use super::children::{Children, How, Round, STOP, Slots, TrySlots};
use super::gathering::Gathers;
use crate::coroutine::{Context, Coroutine, Resume, mode};
#[cfg(feature = "debug")]
use crate::location::Locator;

/// Awaits all children at once, and gives their outputs: a tuple's as a tuple, an array's as an array. asyncio's `gather`.
/// The macro [`gather!`](crate::gather!) makes the tuple.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{gather, host::VirtualClock};
/// #[segno::coroutine]
/// async fn after(delay: Duration, value: u8) -> u8 {
///     sleep(delay).await;
///     value
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let both = gather((after(2.millis(), 1), after(1.millis(), 2)));
/// assert_eq!(lp.run_until_complete(both).unwrap(), (1, 2));
/// let all = gather([after(1.millis(), 3), after(1.millis(), 4)]);
/// assert_eq!(lp.run_until_complete(all).unwrap(), [3, 4]);
/// ```
/// Coroutines run in the frame of who awaits, and may borrow from it: they are no tasks, and in a turn they are resumed in
/// the order of the arguments. Tasks and futures are waited for.
///
/// **If a child is cancelled** by somebody else, so is who awaits, at once: the other tasks and futures go on; coroutines
/// are cancelled, and waited for, first. **Cancelling who awaits** cancels all children, and comes out when the first of them
/// has ended by it, or when all have ended otherwise; of coroutines, when all have ended.
///
/// asyncio's is a future, which can be kept, asked and cancelled: [`Gather::start`] makes that, of tasks and futures.
pub fn gather<C: Children>(children: C) -> Gather<C::Slots> {
    Gather { core: Core::new(children) }
}

/// As [`gather`], of children whose outputs are `Result`s with the same error: gives their values, or the first error at
/// once. The other tasks and futures go on, as in asyncio; coroutines are cancelled, and waited for, first. The macro
/// [`try_gather!`](crate::try_gather!) makes the tuple.
///
/// An error with which another task ends later is nobody's, and is not told, as if it had been read, which asyncio's `gather`
/// does. Each task that is let go gets a done callback for that; where the loop has no memory for one, the exception handler is
/// told ("Task exception was never retrieved"). What cancel does is as for [`gather`].
///
/// # Errors
/// The first error; of coroutines' that come in the same turn, the first one in the order of the arguments. A child that was
/// cancelled counts as one that has failed, there.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{try_gather, host::VirtualClock};
/// #[segno::coroutine]
/// async fn fail(delay: Duration) -> Result<u8, &'static str> {
///     sleep(delay).await;
///     Err("late")
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// assert_eq!(lp.run_until_complete(try_gather([fail(1.millis()), fail(1.secs())])).unwrap(), Err("late"));
/// ```
pub fn try_gather<E, C: Children<Slots: TrySlots<E>>>(children: C) -> TryGather<C::Slots, E> {
    TryGather { core: Core::new(children), error: None }
}

/// Awaits all of its arguments at once, and gives their outputs as a tuple: [`gather`](crate::gather()) of a tuple, where what
/// cancel does is described. asyncio's `gather`.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
/// #[segno::coroutine]
/// async fn fill(place: &mut u8, value: u8) {
///     sleep(1.millis()).await;
///     *place = value;
/// }
///
/// #[segno::coroutine]
/// async fn both() -> [u8; 2] {
///     let (mut a, mut b) = (0, 0);
///     gather!(fill(&mut a, 1), fill(&mut b, 2)).await; // they borrow: no tasks are made
///     [a, b]
/// }
///
/// assert_eq!(lp.run_until_complete(both()), Ok([1, 2]));
/// ```
#[macro_export]
macro_rules! gather {
    ($($child:expr),+ $(,)?) => {
        $crate::gather(($($child,)+))
    };
}

/// Awaits all of its arguments at once, and gives their values as a tuple, or the first error:
/// [`try_gather`](crate::try_gather()) of a tuple. asyncio's `gather` of coroutines that raise.
#[macro_export]
macro_rules! try_gather {
    ($($child:expr),+ $(,)?) => {
        $crate::try_gather(($($child,)+))
    };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Running,
    /// What is left is being cancelled: the answer is known.
    Stopping,
    /// All is known, and is told in the next turn.
    Ended,
}

/// How it ends.
enum End {
    /// All children have ended.
    All,
    /// A child has ended such that the others do not count.
    Early,
    /// A cancel request has come when everything was known, and not yet told: what was to be told is lost.
    Cancelled,
}

struct Core<S> {
    slots: S,
    stage: Stage,
    /// A cancel request has come.
    cancelled: bool,
    /// One has come when no member could be told any more: what has become of them is lost.
    lost: bool,
    early: bool,
}

impl<S: Slots> Core<S> {
    fn new<C: Children<Slots = S>>(children: C) -> Core<S> {
        Core { slots: children.into_slots(), stage: Stage::New, cancelled: false, lost: false, early: false }
    }

    fn slots(self: Pin<&mut Self>) -> Pin<&mut S> {
        // SAFETY: `slots` is structurally pinned: it is never moved out of a pinned `Core`.
        unsafe { self.map_unchecked_mut(|this| &mut this.slots) }
    }

    fn state(self: Pin<&mut Self>) -> &mut Core<S> {
        // SAFETY: what is written through this is not pinned.
        unsafe { self.get_unchecked_mut() }
    }

    /// Resumes the children; `is_early` tells from a round whether one has ended such that the others do not count. If this was
    /// `started`, the node that it is in stands for asyncio's future, and ends where asyncio's callback completes that.
    fn drive(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        started: bool,
        decides: u8,
        is_early: impl FnOnce(Pin<&mut S>, &Round) -> bool,
    ) -> Option<End> {
        let (any_future, all_handles) = self.slots.handles();
        let stage = self.stage;
        let is_branch = cx.has(mode::BRANCH);
        let local = cx.has(mode::LOCAL);
        // Alone with tasks and futures, a request comes here only if all of them have ended; or from a combinator.
        let members = all_handles && !is_branch;
        // Until what is known is told, it can be taken back: it is left to the next step.
        let left = members && !local && !started && stage == Stage::Running && cx.is_cancelling();
        let mut cancel = !left && cx.take_cancel();
        if stage == Stage::Ended {
            return Some(if cancel { End::Cancelled } else { self.end() });
        }
        let flags = if members { mode::MEMBER | mode::COUNTED | decides } else { mode::BRANCH }
            | if local { mode::LOCAL } else { 0 };
        let how = How {
            cancel: cancel && (!members || local),
            handles: flags,
            coroutines: mode::BRANCH | flags & mode::LOCAL,
        };
        let mut round = self.as_mut().slots().resume_all(cx, how);
        if left && round.running {
            cancel = cx.take_cancel();
        }
        self.as_mut().state().cancelled |= cancel || round.told;
        self.as_mut().state().lost |= cancel && members && !local;
        if stage != Stage::Stopping {
            self.as_mut().state().stage = Stage::Running;
            if is_early(self.as_mut().slots(), &round) {
                self.as_mut().state().early = true;
                self.as_mut().state().stage = Stage::Stopping;
                round.running = self.as_mut().slots().let_go(true);
                // If who awaits is being cancelled, they have been told.
                if round.running && !self.cancelled {
                    round = self.as_mut().slots().resume_all(cx, STOP);
                }
            }
        }
        if round.running {
            return None;
        }
        if any_future
            && !started
            && stage != Stage::New
            && let Some(event_loop) = cx.event_loop()
        {
            self.state().stage = Stage::Ended;
            event_loop.wake(cx.waker());
            return None;
        }
        Some(self.end())
    }

    fn end(&self) -> End {
        if self.lost {
            End::Cancelled
        } else if self.early {
            End::Early
        } else {
            End::All
        }
    }
}

/// Made by [`gather`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Gather<S> {
    core: Core<S>,
}

impl<S: Slots> Gather<S> {
    /// asyncio's `return_exceptions=True`, as far as it is about cancellation, errors being outputs anyhow: waits for all
    /// children, and gives for each `Ok` of its output, or `Err(Cancelled)`. Cancelling who awaits cancels all children, and
    /// comes out when all have ended.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::gather;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (short, long) = (lp.create_task(sleep(1.secs())).unwrap(), lp.create_task(sleep(2.secs())).unwrap());
    /// let cancelled = short.as_any();
    /// lp.call_later(10.millis(), move |_| assert!(cancelled.cancel())).unwrap();
    /// let ends = lp.run_until_complete(gather((short, long)).return_exceptions());
    /// assert_eq!(ends, Ok((Err(Cancelled), Ok(()))));
    /// ```
    pub fn return_exceptions(self) -> GatherEnds<S> {
        GatherEnds { core: self.core }
    }
}

impl<S: Slots> Coroutine for Gather<S> {
    type Output = S::Outputs;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<S::Outputs> {
        self.advance(cx, false)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.core.slots) }.locate(locator);
    }
}

impl<S: Slots> Gathers for Gather<S> {
    #[inline(always)]
    fn advance(self: Pin<&mut Self>, cx: &mut Context<'_>, started: bool) -> Resume<S::Outputs> {
        // SAFETY: `core` is structurally pinned: it is never moved out of a pinned `Gather`.
        let mut core = unsafe { self.map_unchecked_mut(|this| &mut this.core) };
        match core.as_mut().drive(cx, started, mode::BY_CANCELLATION, |_, round| round.cancelled) {
            None => Resume::Pending,
            Some(End::All) if !core.cancelled => core.slots().outputs().map_or(Resume::Cancelled, Resume::Done),
            Some(_) => Resume::Cancelled,
        }
    }
}

impl<S> fmt::Debug for Gather<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gather")
    }
}

/// Made by [`Gather::return_exceptions`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct GatherEnds<S> {
    core: Core<S>,
}

impl<S: Slots> Coroutine for GatherEnds<S> {
    type Output = S::Ends;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<S::Ends> {
        self.advance(cx, false)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.core.slots) }.locate(locator);
    }
}

impl<S: Slots> Gathers for GatherEnds<S> {
    #[inline(always)]
    fn advance(self: Pin<&mut Self>, cx: &mut Context<'_>, started: bool) -> Resume<S::Ends> {
        // SAFETY: as in `Gather`.
        let mut core = unsafe { self.map_unchecked_mut(|this| &mut this.core) };
        match core.as_mut().drive(cx, started, 0, |_, _| false) {
            None => Resume::Pending,
            Some(End::All) if !core.cancelled => core.slots().ends().map_or(Resume::Cancelled, Resume::Done),
            Some(_) => Resume::Cancelled,
        }
    }
}

impl<S> fmt::Debug for GatherEnds<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GatherEnds")
    }
}

/// Made by [`try_gather`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct TryGather<S, E> {
    core: Core<S>,
    error: Option<E>,
}

impl<E, S: TrySlots<E>> Coroutine for TryGather<S, E> {
    type Output = Result<S::Values, E>;

    fn is_error(output: &Self::Output) -> bool {
        output.is_err()
    }

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        self.advance(cx, false)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.core.slots) }.locate(locator);
    }
}

impl<E, S: TrySlots<E>> Gathers for TryGather<S, E> {
    #[inline(always)]
    fn advance(self: Pin<&mut Self>, cx: &mut Context<'_>, started: bool) -> Resume<Self::Output> {
        // SAFETY: `core` is structurally pinned, as in `Gather`; `error` is not.
        let (mut core, error) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.core), &mut this.error)
        };
        let end = core.as_mut().drive(cx, started, mode::BY_CANCELLATION | mode::BY_FAILURE, |slots, round| {
            *error = slots.error();
            error.is_some() || round.cancelled
        });
        match end {
            None => return Resume::Pending,
            Some(End::Cancelled) => return Resume::Cancelled,
            Some(_) => {}
        }
        if let Some(error) = error.take() {
            return Resume::Done(Err(error));
        }
        if core.cancelled || core.early {
            return Resume::Cancelled;
        }
        core.slots().values().map_or(Resume::Cancelled, |values| Resume::Done(Ok(values)))
    }
}

impl<S, E> fmt::Debug for TryGather<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TryGather")
    }
}
