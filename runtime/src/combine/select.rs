//! `select`: several things at once, and the first that ends.
//!
//! # The problem
//! A button or half a minute, a byte or a cancel command: a program waits for whichever comes first, and the candidates
//! have nothing in common but that. asyncio has `wait(…, return_when=FIRST_COMPLETED)` for it, of tasks.
//!
//! # The design
//! See [`children`](super::children). The first child that ends with a value is the winner. The other coroutines are
//! cancelled, as asyncio's programs do by hand, and waited for, so that a loser may clean up and what it borrows is free.
//! Tasks and futures are only watched: as losers they go on, and cancelling who awaits leaves them alone, as `wait` does.
//!
//! # Costs
//! See [`children`](super::children); no memory of the loop.

use core::fmt;
use core::pin::Pin;

use super::children::{Children, How, STOP, SelectSlots};
use crate::coroutine::{Context, Coroutine, Resume, mode};
#[cfg(feature = "debug")]
use crate::location::Locator;

/// Awaits several children at once until the first of them ends, and gives its output: of a tuple as an
/// [`Either`](crate::Either), `Either3` …, of an array as the index and the output. The macro [`select!`](crate::select!)
/// makes the tuple. asyncio has `wait(…, return_when=FIRST_COMPLETED)` for it, which cancels nobody.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{select, Either, host::VirtualClock};
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let winner = lp.run_until_complete(select((sleep(30.millis()), sleep(20.millis())))).unwrap();
/// assert_eq!(winner, Either::Second(()));
/// let (index, ()) = lp.run_until_complete(select([sleep(3.millis()), sleep(4.millis())])).unwrap();
/// assert_eq!(index, 0);
/// ```
/// Of two that end in the same turn, the one that stands first wins, and the output of the other is lost. The losers
/// among the coroutines are cancelled and waited for; tasks and futures go on.
///
/// A child that ends by cancellation cancels the others and who awaits; `child.catch_cancel()` makes that a value.
/// **Cancelling who awaits** cancels all coroutines, and leaves tasks and futures alone. If one of the coroutines catches
/// that and ends with a value, it is the winner.
pub fn select<C: Children<Slots: SelectSlots>>(children: C) -> Select<C::Slots> {
    Select { slots: children.into_slots(), winner: None, stopping: false, cancelled: false }
}

/// Awaits its arguments at once until the first of them ends: [`select`](crate::select()) of a tuple, where errors, what cancel
/// does, and asyncio's counterpart are described.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
/// #[segno::coroutine]
/// async fn pressed_in_time(button: &Event) -> bool {
///     matches!(select!(button.wait(), sleep(30.secs())).await, Either::First(()))
/// }
///
/// assert_eq!(lp.run_until_complete(pressed_in_time(&Event::new())), Ok(false));
/// ```
#[macro_export]
macro_rules! select {
    ($first:expr, $($child:expr),+ $(,)?) => {
        $crate::select(($first, $($child,)+))
    };
}

/// Made by [`select`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Select<S: SelectSlots> {
    slots: S,
    winner: Option<S::Winner>,
    /// The winner is known, or there will be none.
    stopping: bool,
    /// Who awaits was cancelled.
    cancelled: bool,
}

impl<S: SelectSlots> Coroutine for Select<S> {
    type Output = S::Winner;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<S::Winner> {
        // SAFETY: `slots` is structurally pinned: it is never moved out of a pinned `Select`.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let mut slots = unsafe { Pin::new_unchecked(&mut this.slots) };
        let local = if cx.has(mode::LOCAL) { mode::LOCAL } else { 0 };
        let cancel = cx.take_cancel();
        this.cancelled |= cancel;
        let how = How { cancel, handles: mode::OBSERVER, coroutines: mode::BRANCH | local };
        let mut round = slots.as_mut().resume_all(cx, how);
        if this.winner.is_none() {
            this.winner = slots.as_mut().winner();
        }
        if !this.stopping && (this.winner.is_some() || round.cancelled) {
            this.stopping = true;
            round.running = slots.as_mut().let_go(false);
            // If who awaits is being cancelled, they have been told.
            if round.running && !this.cancelled {
                round = slots.as_mut().resume_all(cx, STOP);
            }
        }
        if round.running {
            return Resume::Pending;
        }
        this.winner.take().map_or(Resume::Cancelled, Resume::Done)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.slots) }.locate(locator);
    }
}

impl<S: SelectSlots> fmt::Debug for Select<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Select")
    }
}
