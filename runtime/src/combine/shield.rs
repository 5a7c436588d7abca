//! `shield`.
//!
//! # The problem
//! Awaiting a task and cancelling a task are one chain: who waits passes a cancel request on to what it waits for. Work
//! that must not be interrupted is to be waited for without that.
//!
//! # The design
//! Only a task or a future can be shielded: when its waiter goes away, it must have a life of its own. (asyncio makes a
//! task of a coroutine there; so does `create_task`.) asyncio's `shield` is a future that the task's callback completes,
//! and so who awaits it is resumed one turn later than who awaits the task.
//!
//! # Costs
//! The frame of an await, and a byte. Started: the future, and a node for the two callbacks (56 bytes on a 32-bit chip), in the loop's
//! memory.

use core::fmt;
use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume, mode};
use crate::event_loop::{EventLoop, Refused};
use crate::future::Future;
use crate::node::UNREAD;
use crate::task::wait::Join;
use crate::task::{Joinable, OfHandle};

/// Waits for a task or a future, and keeps cancel requests from it; asyncio's `shield`.
///
/// Cancelling who awaits this ends the waiting alone: the task goes on. If the task itself is cancelled, so is who awaits.
/// One that has ended costs no turn. Where this is awaited it begins to wait; asyncio's is a future, which does where it is made:
/// [`Shield::start`] gives that.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{shield, wait_for, TimedOut, host::VirtualClock};
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let task = lp.create_task(sleep(15.millis())).unwrap();
/// assert_eq!(lp.run_until_complete(wait_for(shield(&task), 10.millis())).unwrap(), Err(TimedOut));
/// assert_eq!(lp.run_until_complete(task), Ok(()));
/// ```
/// The work of a coroutine is shielded by making it a task first. Among the children of [`gather`](crate::gather()) a shield that
/// was not started is a coroutine: who gathers learns of its end one turn earlier than in asyncio.
pub fn shield<A: Joinable + IntoCoroutine>(awaited: A) -> Shield<A::Coroutine> {
    let has_ended = awaited.has_ended() == Some(true);
    Shield { ended: None, suspended: false, has_ended, awaited: awaited.into_coroutine() }
}

/// Made by [`shield`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Shield<C: Coroutine> {
    awaited: C,
    suspended: bool,
    /// It had ended when this was made.
    has_ended: bool,
    /// What it has answered, until that is told.
    ended: Option<Resume<C::Output>>,
}

impl<C: Coroutine> Coroutine for Shield<C> {
    type Output = C::Output;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<C::Output> {
        // SAFETY: `awaited` is structurally pinned: it is never moved out of a pinned `Shield`.
        let this = unsafe { self.get_unchecked_mut() };
        if this.suspended && cx.take_cancel() {
            return Resume::Cancelled;
        }
        if let Some(ended) = this.ended.take() {
            return ended;
        }
        // SAFETY: as above.
        let answer = unsafe { Pin::new_unchecked(&mut this.awaited) }.resume(&mut cx.child(false, mode::OBSERVER));
        match (answer, cx.event_loop()) {
            (Resume::Pending, _) => {
                this.suspended = true;
                Resume::Pending
            }
            (answer, Some(event_loop)) if this.suspended => {
                this.ended = Some(answer);
                event_loop.wake(cx.waker());
                Resume::Pending
            }
            (answer, _) => answer,
        }
    }

    fn has_ended(&self) -> Option<bool> {
        Some(self.has_ended)
    }

    fn disregard_error(self: Pin<&mut Self>) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.awaited) }.disregard_error();
    }
}

impl<C: OfHandle + 'static> Shield<C> {
    /// Begins to wait, and gives the future that asyncio's `shield` gives where it is called: it can be kept, asked and cancelled,
    /// which leaves the task alone. When the task has ended, so does this, in the next turn; if it has already, at once.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::shield;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let task = lp.create_task(sleep(3.secs())).unwrap();
    /// let (kept, given_up) = (shield(&task).start(lp).unwrap(), shield(&task).start(lp).unwrap());
    /// assert!(given_up.cancel() && given_up.cancelled() && !task.done());
    /// assert_eq!(lp.run_until_complete(kept), Ok(()));
    /// ```
    /// # Errors
    /// Hands it back if the loop's memory is full or the loop closed.
    pub fn start(self, event_loop: &'static EventLoop) -> Result<Future<C::Output>, Refused<Self>> {
        let outer = match event_loop.create_future() {
            Ok(outer) => outer,
            Err(refused) => return Err(refused.map(|()| self)),
        };
        let watches = Watches { inner: self.awaited, joined: Join::observing(outer.node().clone()), outer };
        let outer = watches.outer.clone();
        match event_loop.create_watcher(watches) {
            Ok(_) => Ok(outer),
            Err(refused) => Err(refused.map(|watches| Shield {
                ended: None,
                suspended: false,
                has_ended: self.has_ended,
                awaited: watches.inner,
            })),
        }
    }
}

/// What asyncio's callbacks do: one of the task, which completes the future, and one of the future, which removes that.
struct Watches<C: OfHandle> {
    inner: C,
    outer: Future<C::Output>,
    joined: Join,
}

impl<C: OfHandle> Coroutine for Watches<C> {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // SAFETY: `inner` and `joined` are structurally pinned: they are never moved out of a pinned `Watches`.
        let (mut inner, outer, joined) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.inner), &this.outer, Pin::new_unchecked(&this.joined))
        };
        let target = inner.target();
        if !matches!(joined.resume(&mut cx.child(false, mode::OBSERVER)), Resume::Pending) {
            target.header().read_error();
            return Resume::Done(());
        }
        let failed = target.header().has(UNREAD);
        match inner.as_mut().resume(&mut cx.child(false, mode::OBSERVER)) {
            Resume::Pending => return Resume::Pending,
            Resume::Done(output) => _ = outer.end(output, if failed { UNREAD } else { 0 }),
            Resume::Cancelled => _ = outer.cancel(),
        }
        Resume::Done(())
    }
}

impl<C: Coroutine> fmt::Debug for Shield<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shield")
    }
}
