//! `sleep`.
//!
//! # The problem
//! Waiting for time to pass is what most tasks do most of the time. It must not allocate, and must not fail.
//!
//! # The design
//! The timer's node is in the sleeping frame, which is pinned while it is in the heap.
//!
//! # Costs
//! 24 bytes of frame on a 32-bit chip.

use core::fmt;
use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, Expansion, Resume};
use crate::time::{Duration, Instant};
use crate::timers::TimerNode;

/// It has not been resumed; the node's ticks are the delay.
const NEW: u8 = 0;
/// The same, and the ticks are the deadline.
const NEW_UNTIL: u8 = 1;
/// It waits for its timer, or just for the next turn.
const SLEEPING: u8 = 2;

/// Suspends for `delay`; asyncio's `sleep`. The delay counts from the first resume. Without a delay it costs exactly one
/// turn. A `Sleep` never ends early, and needs no memory of the loop: it cannot fail.
///
/// When cancelled, it removes its timer at once.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// lp.run_until_complete(sleep(1500.millis())).unwrap();
/// assert_eq!(lp.time().as_ticks(), 1_500_000);
/// ```
#[inline(always)]
pub const fn sleep(delay: Duration) -> Sleep {
    Sleep::new(delay.as_ticks(), NEW)
}

/// Suspends until `deadline`; if that has passed, for exactly one turn. A loop that adds its period to
/// the deadline does not drift. asyncio has `call_at`, and no coroutine for it.
///
/// When cancelled, as [`sleep`].
///
/// ```
/// # use segno::prelude::*;
/// # static CLOCK: segno::host::VirtualClock = segno::host::VirtualClock::new();
/// # let lp = segno::new_event_loop(&CLOCK, 4096);
/// #[segno::coroutine]
/// async fn periodic(lp: &'static EventLoop) {
///     let mut next = lp.time();
///     for _ in 0..10 {
///         next += 1.secs();
///         sleep_until(next).await;
///         # CLOCK.advance(20.millis());
///     }
/// }
///
/// lp.run_until_complete(periodic(lp)).unwrap();
/// assert_eq!(lp.time().as_ticks(), 10_020_000); // though each round computes for 20 ms
/// ```
#[inline(always)]
pub const fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(deadline.as_ticks(), NEW_UNTIL)
}

/// Made by [`sleep`] and [`sleep_until`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Sleep {
    timer: TimerNode,
}

impl Sleep {
    #[inline(always)]
    const fn new(ticks: u64, state: u8) -> Sleep {
        Sleep { timer: TimerNode::of_sleep(ticks, state) }
    }
}

impl Coroutine for Sleep {
    type Output = ();

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        let this = self.into_ref().get_ref();
        // All that is written into each coroutine that sleeps.
        if this.timer.is_over() && !cx.is_cancelling() {
            Resume::Done(())
        } else if wait(&this.timer, cx) {
            Resume::Cancelled
        } else {
            Resume::Pending
        }
    }

    // It ends out of the heap.
    #[inline(always)]
    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "`Expansion` is the promise")]
    fn conclude<S>(_: *mut Self, state: *mut S, next: S, _: Expansion) {
        // SAFETY: `Expansion`: the state is there, and nothing else is left in it.
        unsafe { core::ptr::write(state, next) }
    }
}

/// Every step but the last one; answers whether it was cancelled.
#[inline(never)]
fn wait(timer: &TimerNode, cx: &mut Context<'_>) -> bool {
    let state = timer.state.replace(SLEEPING);
    if state != SLEEPING {
        begin(timer, state, cx);
        return false;
    }
    if cx.take_cancel() {
        timer.disarm();
        return true;
    }
    // Resumed without a reason, perhaps by another task than before.
    timer.set_target(cx.waker().0);
    false
}

fn begin(timer: &TimerNode, state: u8, cx: &mut Context<'_>) {
    timer.be_over();
    let Some(event_loop) = cx.require_event_loop() else { return };
    let now = event_loop.time().as_ticks();
    let ticks = timer.ticks();
    let deadline = if state == NEW { now.saturating_add(ticks) } else { ticks };
    if deadline <= now {
        // SAFETY: NAMED: it runs.
        return unsafe { event_loop.wake_running(cx.waker()) };
    }
    timer.set_ticks(deadline);
    timer.set_target(cx.waker().0);
    // SAFETY: ARMED: this is pinned, and disarms the timer when it is dropped.
    unsafe { event_loop.timers.insert(timer) };
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        if self.timer.state.get() == SLEEPING {
            self.timer.disarm();
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sleeps = self.timer.state.get() == SLEEPING && !self.timer.is_over();
        f.debug_struct("Sleep").field("armed", &sleeps).finish_non_exhaustive()
    }
}
