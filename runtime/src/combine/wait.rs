//! `wait`, in its three modes.
//!
//! # The problem
//! To wait until all of several tasks have ended, or the first, or the first that failed, or until it has taken too long;
//! without cancelling any of them, and without moving their results.
//!
//! # The design
//! The members are handles in an array of the caller's; a wait for each of them is in the frame. asyncio's `wait` has
//! callbacks that complete a future of its own, so who awaits it is resumed one turn after them; so is who awaits this. Of
//! members that have ended before, asyncio's callbacks run in the next turn.
//!
//! # Costs
//! 28 bytes of frame for each member on a 32-bit chip, 32 for all; no memory of the loop.

use core::array;
use core::fmt;
use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, Resume, mode};
use crate::event_loop::EventLoop;
use crate::future::Future;
use crate::task::wait::Join;
use crate::task::{Joinable, Task};
use crate::time::Duration;
use crate::timers::{TimerNode, WAKES, WOKEN};

/// What may have failed: a task or a future whose output is a `Result`. For [`Wait::first_exception`].
pub trait MayFail: Joinable {
    /// Whether it has ended with an error. A cancellation is none.
    fn has_failed(&self) -> bool;
}

impl<T, E> MayFail for Task<Result<T, E>> {
    fn has_failed(&self) -> bool {
        self.with_result(Result::is_err).unwrap_or(false)
    }
}

impl<T, E> MayFail for Future<Result<T, E>> {
    fn has_failed(&self) -> bool {
        self.with_result(Result::is_err).unwrap_or(false)
    }
}

impl<J: MayFail + ?Sized> MayFail for &J {
    fn has_failed(&self) -> bool {
        (**self).has_failed()
    }
}

/// Waits until all members have ended, however they end; asyncio's `wait`. [`Wait::first_completed`] and
/// [`Wait::first_exception`] are its other modes, [`Wait::timeout`] its limit.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{wait, host::VirtualClock};
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let tasks = [30, 10, 20].map(|delay| lp.create_task(sleep(delay.millis())).unwrap());
/// let ended = lp.run_until_complete(wait(&tasks).first_completed()).unwrap();
/// assert_eq!(ended.done().count(), 1);
/// assert!(tasks[1].done());
/// lp.run_until_complete(wait(&tasks).timeout(15.millis())).unwrap();
/// assert!(!tasks[0].done() && tasks[2].done());
/// ```
/// Members are tasks, futures, [`AnyTask`](crate::AnyTask)s, or references to one of these; what is there twice counts once.
/// Waiting for none does not compile, asyncio's `ValueError`. Members that failed or were cancelled have ended like others.
/// Cancelling who awaits this leaves the members alone.
pub fn wait<T: Joinable, const N: usize>(members: &[T; N]) -> Wait<'_, T, N> {
    const { assert!(N > 0, "Set of Tasks/Futures is empty.") };
    let joins = array::from_fn(|index| {
        let member = once(members, index)?;
        Some(Join::observing(member.node().clone()))
    });
    Wait {
        left: joins.iter().flatten().count(),
        joins,
        timer: TimerNode::with_state(0, NO_TIMEOUT),
        stage: Stage::New,
        enough: Enough::All,
        members,
    }
}

/// The member at `index`, if it is not there before: asyncio's `wait` makes a set of its members.
fn once<T: Joinable>(members: &[T], index: usize) -> Option<&T> {
    let (before, rest) = members.split_at_checked(index)?;
    let member = rest.first()?;
    (!before.iter().any(|other| other.node().is(member.node()))).then_some(member)
}

/// The state of a timer that is not used.
const NO_TIMEOUT: u8 = 0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Waiting,
    /// What was waited for has happened, and is told in the next turn.
    Released,
}

/// What is waited for.
enum Enough<T> {
    All,
    First,
    Failed(fn(&T) -> bool),
}

impl<T> Enough<T> {
    /// Whether the end of this member is enough.
    fn is(&self, member: &T) -> bool {
        match self {
            Enough::All => false,
            Enough::First => true,
            Enough::Failed(has_failed) => has_failed(member),
        }
    }

    /// The same, for the loop.
    fn flags(&self) -> u8 {
        match self {
            Enough::All => mode::COUNTED,
            Enough::First => mode::BY_FAILURE,
            Enough::Failed(_) => mode::COUNTED | mode::BY_FAILURE,
        }
    }
}

/// Made by [`wait`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Wait<'a, T, const N: usize> {
    joins: [Option<Join>; N],
    timer: TimerNode,
    stage: Stage,
    /// How many have not been seen to end.
    left: usize,
    enough: Enough<T>,
    members: &'a [T; N],
}

impl<'a, T: Joinable, const N: usize> Wait<'a, T, N> {
    /// Waits until one member has ended. Several may have, in the same turn. asyncio's `FIRST_COMPLETED`.
    #[doc(alias = "FIRST_COMPLETED")]
    pub fn first_completed(self) -> Self {
        self.until(Enough::First)
    }

    /// Waits until one member has failed, or all have ended. A cancelled one has not failed. asyncio's `FIRST_EXCEPTION`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::wait;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn work(delay: u64) -> Result<u64, &'static str> {
    ///     sleep(delay.millis()).await;
    ///     if delay == 20 { Err("broken") } else { Ok(delay) }
    /// }
    ///
    /// let tasks = [10, 20, 30].map(|delay| lp.create_task(work(delay)).unwrap());
    /// let ended = lp.run_until_complete(wait(&tasks).first_exception()).unwrap();
    /// assert_eq!((ended.done().count(), ended.pending().count()), (2, 1));
    /// assert_eq!(tasks[1].result(), Ok(Err("broken")));
    /// ```
    #[doc(alias = "FIRST_EXCEPTION")]
    pub fn first_exception(self) -> Self
    where
        T: MayFail,
    {
        self.until(Enough::Failed(T::has_failed))
    }

    fn until(mut self, enough: Enough<T>) -> Self {
        // It has not been resumed: nothing is pinned, nothing registered.
        self.enough = enough;
        self
    }

    /// Waits for `delay` at most, from the first resume. That this has passed is no error. asyncio's `wait(…, timeout=…)`.
    pub fn timeout(self, delay: Duration) -> Self {
        self.timer.set_ticks(delay.as_ticks());
        self.timer.state.set(WAKES);
        self
    }

    /// Looks which members have ended since it was last asked, and whether that is enough.
    fn look(self: Pin<&mut Self>, cx: &Context<'_>) -> bool {
        // SAFETY: the joins are structurally pinned: they are never moved out of a pinned `Wait`, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        let mut enough = false;
        let flags = mode::OBSERVER | this.enough.flags();
        for (place, member) in this.joins.iter_mut().zip(this.members) {
            let Some(join) = place else { continue };
            // SAFETY: as above.
            let pinned = unsafe { Pin::new_unchecked(&*join) };
            if !matches!(pinned.resume(&mut cx.child(false, flags)), Resume::Pending) {
                *place = None;
                this.left -= 1;
                enough |= this.enough.is(member);
            }
        }
        enough || this.left == 0
    }

    fn begin(&self, event_loop: &'static EventLoop, cx: &Context<'_>) {
        if self.timer.state.get() == WAKES {
            event_loop.use_waiting();
            self.timer.set_timeout(true);
            self.timer.set_ticks(event_loop.time().as_ticks().saturating_add(self.timer.ticks()));
            self.timer.set_target(cx.waker().0);
            // SAFETY: ARMED: this is pinned, and disarms the timer when it is dropped.
            unsafe { event_loop.timers.insert(&self.timer) };
        }
    }
}

impl<'a, T: Joinable, const N: usize> Coroutine for Wait<'a, T, N> {
    type Output = WaitSets<'a, T>;

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<WaitSets<'a, T>> {
        let sets = WaitSets { members: self.members };
        let Some(event_loop) = cx.require_event_loop() else { return Resume::Done(sets) };
        let stage = self.stage;
        if stage != Stage::New && cx.take_cancel() {
            self.timer.disarm();
            return Resume::Cancelled;
        }
        if stage == Stage::Released {
            return Resume::Done(sets);
        }
        // Members that have ended before, `look` is to find in the next turn.
        if stage == Stage::New {
            self.begin(event_loop, cx);
            let flags = mode::OBSERVER | self.enough.flags();
            for (join, member) in self.joins.iter().flatten().zip(self.members) {
                // SAFETY: as in `look`.
                let pinned = unsafe { Pin::new_unchecked(join) };
                if !matches!(pinned.resume(&mut cx.child(false, flags)), Resume::Pending) {
                    pinned.fire(cx, self.enough.is(member));
                }
            }
            // SAFETY: the stage is not pinned.
            unsafe { self.get_unchecked_mut() }.stage = Stage::Waiting;
            return Resume::Pending;
        }
        if self.timer.state.get() == WOKEN {
            return Resume::Done(sets);
        }
        let enough = self.as_mut().look(cx);
        let too_late = self.timer.state.get() == WAKES && !self.timer.is_armed();
        if self.timer.is_armed() {
            self.timer.set_target(cx.waker().0);
        }
        if enough || too_late {
            self.timer.disarm();
            event_loop.wake(cx.waker());
            // SAFETY: as above. The joins are dropped in place: their ends are no news any more.
            let this = unsafe { self.get_unchecked_mut() };
            this.stage = Stage::Released;
            this.joins.iter_mut().for_each(|join| *join = None);
        }
        Resume::Pending
    }
}

impl<T, const N: usize> Drop for Wait<'_, T, N> {
    fn drop(&mut self) {
        self.timer.disarm();
    }
}

impl<T, const N: usize> fmt::Debug for Wait<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("left", &self.left).finish_non_exhaustive()
    }
}

/// What [`wait`] answers: which members have ended, and which have not. asyncio's two sets, in the order of the members.
/// They are looked at when they are asked for, so that a member may have moved from one to the other since.
#[derive(Debug, Clone, Copy)]
pub struct WaitSets<'a, T> {
    members: &'a [T],
}

impl<'a, T: Joinable> WaitSets<'a, T> {
    /// The members that have ended.
    pub fn done(&self) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.members(true)
    }

    /// The members that have not.
    pub fn pending(&self) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.members(false)
    }

    fn members(&self, ended: bool) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let members = self.members;
        (0..members.len())
            .filter_map(|index| once(members, index))
            .filter(move |member| member.node().header().is_ended() == ended)
    }
}
