//! `as_completed`.
//!
//! # The problem
//! Results are to be handled as they come in, whichever task they are from.
//!
//! # The design
//! An object that remembers which members it has given out, and a coroutine for each question: [`AsCompleted::next`] waits for
//! the members that are left. In between nobody waits: of several members that have ended meanwhile, the first one in the
//! array comes first. (asyncio's callbacks fill a queue; that would take memory of the loop for each member.)
//!
//! As in asyncio, who had to wait is resumed one turn after a callback would run, and who finds one does not wait.
//!
//! # Costs
//! A byte for each member; 28 bytes of frame for each on a 32-bit chip while `next` waits.

use core::fmt;
use core::pin::Pin;

use super::timeout::TimedOut;
use crate::coroutine::{Context, Coroutine, Resume, mode};
use crate::task::Joinable;
use crate::task::wait::Join;
use crate::time::{Duration, Instant};
use crate::timers::{TimerNode, WAKES, WOKEN};

/// Gives the members one by one, as they end; asyncio's `as_completed`.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{as_completed, host::VirtualClock};
/// #[segno::coroutine]
/// async fn order(lp: &'static EventLoop) -> Vec<u64> {
///     let mut order = Vec::new();
///     let tasks = [30, 10, 20].map(|delay| lp.create_task(job(delay)).unwrap());
///     let mut completed = as_completed(&tasks);
///     while let Some(Ok(task)) = completed.next().await {
///         order.push(task.take_result().unwrap());
///     }
///     order
/// }
///
/// #[segno::coroutine]
/// async fn job(delay: u64) -> u64 {
///     sleep(delay.millis()).await;
///     delay
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// assert_eq!(lp.run_until_complete(order(lp)).unwrap(), [10, 20, 30]);
/// ```
/// The members are left alone, whatever happens to who waits.
pub fn as_completed<T: Joinable, const N: usize>(members: &[T; N]) -> AsCompleted<'_, T, N> {
    AsCompleted { members, given: [false; N], left: N, asked: false, delay: None, deadline: None, timed_out: false }
}

/// Made by [`as_completed`].
pub struct AsCompleted<'a, T, const N: usize> {
    members: &'a [T; N],
    given: [bool; N],
    left: usize,
    asked: bool,
    delay: Option<Duration>,
    deadline: Option<Instant>,
    timed_out: bool,
}

impl<'a, T: Joinable, const N: usize> AsCompleted<'a, T, N> {
    /// Waits for `delay` at most for all of them together, from the first question. After that each question for a member
    /// that is left is answered [`TimedOut`], and the members are left alone. asyncio's `as_completed(…, timeout=…)`.
    pub fn timeout(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// The next member that ends, however it ends; `None` after the last one. asyncio's `async for`, which gives the tasks that were
    /// given.
    ///
    /// When cancelled, nothing is lost: the member that had just ended is given next time.
    ///
    /// # Errors
    /// [`TimedOut`] when the time is over, once for each member that is left.
    #[expect(clippy::should_implement_trait, reason = "it has to be awaited")]
    pub fn next(&mut self) -> NextCompleted<'_, 'a, T, N> {
        let joins = core::array::from_fn(|index| {
            (!self.given[index]).then(|| Join::observing(self.members[index].node().clone()))
        });
        NextCompleted { joins, timer: TimerNode::with_state(0, WAKES), stage: Stage::New, all: self }
    }
}

impl<T, const N: usize> fmt::Debug for AsCompleted<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted").field("left", &self.left).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Waiting,
    /// This one has ended, and is given in the next turn.
    Ended(usize),
}

/// Made by [`AsCompleted::next`]; see [`as_completed`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct NextCompleted<'b, 'a, T, const N: usize> {
    joins: [Option<Join>; N],
    timer: TimerNode,
    stage: Stage,
    all: &'b mut AsCompleted<'a, T, N>,
}

impl<'a, T: Joinable, const N: usize> Coroutine for NextCompleted<'_, 'a, T, N> {
    type Output = Option<Result<&'a T, TimedOut>>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: the joins and the timer are structurally pinned: they are never moved, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        let Some(event_loop) = cx.event_loop() else { return Resume::Cancelled };
        if this.stage != Stage::New && cx.take_cancel() {
            return Resume::Cancelled;
        }
        if this.all.left == 0 {
            return Resume::Done(None);
        }
        if let Stage::Ended(index) = this.stage {
            return this.give(index);
        }
        if this.timer.state.get() == WOKEN {
            // The timer came first, whoever has ended since.
            this.joins.iter_mut().for_each(|join| *join = None);
            this.all.timed_out = true;
            return this.time_out();
        }
        let mut ended = None;
        if !this.all.timed_out {
            for (index, join) in this.joins.iter().enumerate() {
                let Some(join) = join else { continue };
                // SAFETY: as above.
                let join = unsafe { Pin::new_unchecked(join) };
                if !matches!(join.resume(&mut cx.child(false, mode::OBSERVER | mode::BY_FAILURE)), Resume::Pending) {
                    ended = ended.or(Some(index));
                }
            }
        }
        let first = !core::mem::replace(&mut this.all.asked, true);
        // asyncio's timer has fired between the questions.
        this.all.timed_out |= this.stage == Stage::New && this.all.deadline.is_some_and(|end| end <= event_loop.time());
        match (ended, this.stage) {
            // asyncio's callbacks have filled the queue, unless this is the first question.
            (Some(index), Stage::New) if !first => return this.give(index),
            (Some(index), Stage::New) => {
                if let Some(join) = &this.joins[index] {
                    // SAFETY: as above.
                    unsafe { Pin::new_unchecked(join) }.fire(cx, true);
                }
            }
            (Some(index), _) => {
                this.stage = Stage::Ended(index);
                this.joins.iter_mut().for_each(|join| *join = None);
                event_loop.wake(cx.waker());
                return Resume::Pending;
            }
            (None, Stage::New) if this.all.timed_out => return this.time_out(),
            (None, _) => {}
        }
        if first && let Some(delay) = this.all.delay {
            this.all.deadline = Some(event_loop.after(delay));
        }
        if this.stage == Stage::New {
            this.stage = Stage::Waiting;
            if let Some(deadline) = this.all.deadline {
                event_loop.use_waiting();
                this.timer.set_timeout(true);
                this.timer.set_ticks(deadline.as_ticks());
                this.timer.set_target(cx.waker().0);
                // SAFETY: ARMED: this is pinned, and disarms the timer when it is dropped.
                unsafe { event_loop.timers.insert(&this.timer) };
            }
        } else if this.timer.is_armed() {
            this.timer.set_target(cx.waker().0);
        } else if this.all.deadline.is_some() {
            this.all.timed_out = true;
            return this.time_out();
        }
        Resume::Pending
    }
}

impl<'a, T: Joinable, const N: usize> NextCompleted<'_, 'a, T, N> {
    fn give(&mut self, index: usize) -> Resume<Option<Result<&'a T, TimedOut>>> {
        self.all.given[index] = true;
        self.all.left -= 1;
        Resume::Done(Some(Ok(&self.all.members[index])))
    }

    fn time_out(&mut self) -> Resume<Option<Result<&'a T, TimedOut>>> {
        self.all.left -= 1;
        Resume::Done(Some(Err(TimedOut)))
    }
}

impl<T, const N: usize> Drop for NextCompleted<'_, '_, T, N> {
    fn drop(&mut self) {
        self.timer.disarm();
    }
}

impl<T, const N: usize> fmt::Debug for NextCompleted<'_, '_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NextCompleted")
    }
}
