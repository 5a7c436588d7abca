//! `Barrier`: so many tasks wait for each other.
//!
//! # The problem
//! The last one to come lets all go on; the next round may begin only when all have gone, though some are still waiting
//! for their turn to go, and others come already.
//!
//! # The design
//! asyncio's, upon a [`Condition`]: a count and a state, which change only with the lock, and of which all changes are
//! notified. While the barrier is *draining* or *resetting*, those who come wait outside. Everything happens in the turns
//! in which it happens in asyncio.
//!
//! # Costs
//! 20 bytes on a 32-bit chip, 44 in the frame of who waits. Letting N go masks interrupts for a walk through N.

use core::cell::Cell;
use core::error::Error;
use core::fmt;
use core::pin::Pin;

use critical_section::Mutex;

use super::condition::{Condition, ConditionGuard, ConditionWait, ForCondition};
use super::wait::Wait;
use super::waiters::masked;
use crate::coroutine::{Context, Coroutine, Resume};

/// Holds tasks back until `PARTIES` of them have come; asyncio's `Barrier`. It can be used again and again.
///
/// A barrier for nobody does not compile:
/// ```compile_fail,E0080
/// static NOBODY: segno::Barrier<0> = segno::Barrier::new();
/// # fn main() { NOBODY.parties(); }
/// ```
///
/// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
/// threads.
///
/// ```
/// use segno::prelude::*;
/// # use segno::host::VirtualClock;
///
/// static START: Barrier<3> = Barrier::new();
///
/// #[segno::coroutine]
/// async fn runner(delay: Duration) -> Result<usize, BrokenBarrier> {
///     sleep(delay).await;
///     START.wait().await
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// let early = lp.create_task(runner(1.secs())).unwrap();
/// lp.create_task(runner(2.secs())).unwrap();
/// lp.create_task(runner(3.secs())).unwrap();
/// assert_eq!(lp.run_until_complete(early), Ok(Ok(0)));
/// assert_eq!(lp.time().as_ticks(), 3_000_000);
/// ```
pub struct Barrier<const PARTIES: usize> {
    shared: Shared,
}

/// What does not depend on the number of parties.
struct Shared {
    condition: Condition,
    state: Mutex<Cell<State>>,
}

#[derive(Clone, Copy)]
struct State {
    phase: Phase,
    /// How many have come and not gone.
    count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Filling,
    Draining,
    Resetting,
    Broken,
}

impl<const PARTIES: usize> Barrier<PARTIES> {
    /// A barrier for `PARTIES` tasks, which must not be 0.
    pub const fn new() -> Barrier<PARTIES> {
        const { assert!(PARTIES > 0, "parties must be > 0") };
        let state = Mutex::new(Cell::new(State { phase: Phase::Filling, count: 0 }));
        Barrier { shared: Shared { condition: Condition::new(), state } }
    }

    /// Waits until `PARTIES` tasks wait, and tells how many were there when this one came; asyncio's `wait`. The last one,
    /// which is told `PARTIES - 1`, goes on first.
    ///
    /// When cancelled, it does not count any more. Those who came after it keep their numbers, so that two may have the
    /// same.
    ///
    /// # Errors
    /// [`BrokenBarrier`] if the barrier is broken, or is reset while this waits.
    pub fn wait(&self) -> BarrierWait<'_> {
        BarrierWait {
            barrier: &self.shared,
            parties: PARTIES,
            index: 0,
            stage: Stage::Acquiring(self.shared.condition.acquire()),
        }
    }

    /// Makes those who wait end with [`BrokenBarrier`]; afterwards the barrier is as new. asyncio's `reset`.
    ///
    /// Like the other ends of a wait it takes its turn: await it. When cancelled before that, it does nothing.
    pub fn reset(&self) -> BarrierReset<'_> {
        self.change(false)
    }

    /// Makes those who wait end with [`BrokenBarrier`], and all who come, until [`Barrier::reset`]; asyncio's `abort`.
    ///
    /// Like `reset` it takes its turn: await it. When cancelled before that, it does nothing.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// static START: Barrier<2> = Barrier::new();
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let early = lp.create_task(START.wait()).unwrap();
    /// lp.run_until_complete(sleep(1.secs())).unwrap();
    /// assert_eq!(START.n_waiting(), 1);
    /// lp.run_until_complete(START.abort()).unwrap();
    /// assert_eq!(lp.run_until_complete(early), Ok(Err(BrokenBarrier::WhileWaiting)));
    /// assert!(START.broken());
    /// lp.run_until_complete(START.reset()).unwrap();
    /// assert!(!START.broken());
    /// ```
    pub fn abort(&self) -> BarrierReset<'_> {
        self.change(true)
    }

    fn change(&self, abort: bool) -> BarrierReset<'_> {
        BarrierReset { barrier: &self.shared, acquire: self.shared.condition.acquire(), abort }
    }

    /// How many tasks the barrier is for; asyncio's `parties`.
    pub const fn parties(&self) -> usize {
        PARTIES
    }

    /// How many wait for others to come; asyncio's `n_waiting`.
    pub fn n_waiting(&self) -> usize {
        let state = self.shared.state();
        if state.phase == Phase::Filling { state.count } else { 0 }
    }

    /// Whether it has been aborted, and not been reset since; asyncio's `broken`.
    pub fn broken(&self) -> bool {
        self.shared.state().phase == Phase::Broken
    }
}

impl<const PARTIES: usize> Default for Barrier<PARTIES> {
    fn default() -> Barrier<PARTIES> {
        Barrier::new()
    }
}

impl<const PARTIES: usize> fmt::Debug for Barrier<PARTIES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiters = self.n_waiting();
        match self.shared.state().phase {
            Phase::Filling => write!(f, "<Barrier filling, waiters:{waiters}/{PARTIES}>"),
            Phase::Draining => write!(f, "<Barrier draining, waiters:{waiters}/{PARTIES}>"),
            Phase::Resetting => write!(f, "<Barrier resetting, waiters:{waiters}/{PARTIES}>"),
            Phase::Broken => f.write_str("<Barrier broken>"),
        }
    }
}

/// The barrier let nobody through; asyncio's `BrokenBarrierError`. What [`Barrier::wait`] answers.
#[doc(alias = "BrokenBarrierError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenBarrier {
    /// It was broken already.
    Aborted,
    /// It was aborted or reset while the task waited.
    WhileWaiting,
}

impl fmt::Display for BrokenBarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BrokenBarrier::Aborted => "Barrier aborted",
            BrokenBarrier::WhileWaiting => "Abort or reset of barrier",
        })
    }
}

impl Error for BrokenBarrier {}

impl Shared {
    fn state(&self) -> State {
        masked(|masked| self.state.borrow(masked.section).get())
    }

    fn change<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        masked(|masked| {
            let cell = self.state.borrow(masked.section);
            let mut state = cell.get();
            let result = f(&mut state);
            cell.set(state);
            result
        })
    }

    /// One of those who have come goes.
    fn leave(&self) {
        let last = self.change(|state| {
            state.count -= 1;
            if state.count == 0 && matches!(state.phase, Phase::Draining | Phase::Resetting) {
                state.phase = Phase::Filling;
            }
            state.count == 0
        });
        if last {
            self.condition.wake_all();
        }
    }
}

/// Waits for the other parties; made by [`Barrier::wait`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct BarrierWait<'a> {
    barrier: &'a Shared,
    parties: usize,
    index: usize,
    stage: Stage<'a>,
}

/// Where a [`BarrierWait`] is.
enum Stage<'a> {
    /// It waits for the lock.
    Acquiring(Wait<ForCondition<'a, ()>>),
    /// It waits for the last round to be over.
    Outside(ConditionWait<'a, ()>),
    /// It has come, and waits for others.
    Inside(ConditionWait<'a, ()>),
    /// It has gone.
    Over,
}

impl<'a> BarrierWait<'a> {
    /// It has the lock, and has not come yet: it waits, or has an answer.
    fn come(&mut self, guard: ConditionGuard<'a>) -> Option<Result<usize, BrokenBarrier>> {
        let parties = self.parties;
        let (phase, index) = self.barrier.change(|state| {
            let before = (state.phase, state.count);
            if state.phase == Phase::Filling {
                state.count += 1;
                if state.count == parties {
                    state.phase = Phase::Draining;
                }
            }
            before
        });
        match phase {
            Phase::Broken => return Some(Err(BrokenBarrier::Aborted)),
            Phase::Draining | Phase::Resetting => self.stage = Stage::Outside(guard.wait()),
            Phase::Filling if index + 1 == parties => {
                guard.notify_all();
                self.barrier.leave();
                return Some(Ok(index));
            }
            Phase::Filling => {
                self.index = index;
                self.stage = Stage::Inside(guard.wait());
            }
        }
        None
    }

    /// It has the lock, and was notified: it waits on, or goes.
    fn go(&mut self, guard: ConditionGuard<'a>) -> Option<Result<usize, BrokenBarrier>> {
        let answer = match self.barrier.state().phase {
            Phase::Filling => {
                self.stage = Stage::Inside(guard.wait());
                return None;
            }
            Phase::Draining => Ok(self.index),
            Phase::Resetting | Phase::Broken => Err(BrokenBarrier::WhileWaiting),
        };
        self.stage = Stage::Over;
        self.barrier.leave();
        drop(guard);
        Some(answer)
    }
}

impl Coroutine for BarrierWait<'_> {
    type Output = Result<usize, BrokenBarrier>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: what a stage waits with is not moved: a stage is replaced by one that has not begun to wait.
        let this = unsafe { self.get_unchecked_mut() };
        loop {
            // SAFETY: as is said above, these are pinned.
            let answer = unsafe {
                match &mut this.stage {
                    Stage::Acquiring(acquire) => Pin::new_unchecked(acquire).resume(cx),
                    Stage::Outside(wait) | Stage::Inside(wait) => Pin::new_unchecked(wait).resume(cx),
                    Stage::Over => return Resume::Pending,
                }
            };
            let inside = matches!(this.stage, Stage::Inside(_));
            let ended = match answer {
                Resume::Pending => return Resume::Pending,
                Resume::Cancelled => {
                    if inside {
                        // It still holds the lock, until the stage is dropped.
                        this.barrier.leave();
                    }
                    this.stage = Stage::Over;
                    return Resume::Cancelled;
                }
                Resume::Done(guard) if inside => this.go(guard),
                Resume::Done(guard) => this.come(guard),
            };
            if let Some(answer) = ended {
                this.stage = Stage::Over;
                return Resume::Done(answer);
            }
        }
    }
}

impl Drop for BarrierWait<'_> {
    fn drop(&mut self) {
        if let Stage::Inside(_) = self.stage {
            self.barrier.leave();
        }
    }
}

impl fmt::Debug for BarrierWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BarrierWait")
    }
}

/// Resets or aborts a barrier; made by [`Barrier::reset`] and [`Barrier::abort`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct BarrierReset<'a> {
    barrier: &'a Shared,
    acquire: Wait<ForCondition<'a, ()>>,
    abort: bool,
}

impl Coroutine for BarrierReset<'_> {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        let (barrier, abort) = (self.barrier, self.abort);
        // SAFETY: `acquire` is structurally pinned: it is never moved out of a pinned `BarrierReset`.
        match unsafe { self.map_unchecked_mut(|this| &mut this.acquire) }.resume(cx) {
            Resume::Pending => Resume::Pending,
            Resume::Cancelled => Resume::Cancelled,
            Resume::Done(guard) => {
                barrier.change(|state| {
                    state.phase = match state.count {
                        _ if abort => Phase::Broken,
                        0 => Phase::Filling,
                        _ => Phase::Resetting,
                    };
                });
                guard.notify_all();
                Resume::Done(())
            }
        }
    }
}

impl fmt::Debug for BarrierReset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BarrierReset")
    }
}
