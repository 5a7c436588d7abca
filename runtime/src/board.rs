//! What a board gives to a loop: a clock, and perhaps a console.
//!
//! # The problem
//! The loop must know the time, sleep until a deadline or an interrupt, and must not sleep through an interrupt that
//! comes between its last look at the ready queue and the sleep.
//!
//! # The design
//! One trait, [`Clock`]. The loop calls [`Clock::idle`] with an [`Idle`]: its next deadline and a question, `pending`, which
//! the clock asks with interrupts masked, immediately before it sleeps. An alarm interrupt needs no handler that knows the
//! loop: it is enough that it ends the sleep, for the loop reads the clock again afterwards.
//!
//! # Costs
//! Two words in the loop for each of the two; one indirect call for each reading of the time and each sleep.

use core::fmt;

use crate::event_loop::EventLoop;
use crate::time::Instant;
pub use crate::waker_cell::WakerCell;

/// The loop's only view of the hardware: time, and sleeping. asyncio's selector and `time.monotonic`.
///
/// # For implementers
/// A clock lives in a `static` and is shared with interrupts, hence `Sync`.
///
/// ```
/// use segno::board::{Clock, Idle};
/// use segno::prelude::*;
///
/// static BEGIN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
///
/// /// Real time on a host; on a chip `now` reads a timer, and `idle` sets an alarm and executes WFI.
/// struct RealTime;
///
/// impl Clock for RealTime {
///     fn now(&self) -> Instant {
///         Instant::from_ticks(BEGIN.elapsed().as_micros() as u64)
///     }
///
///     fn idle(&self, idle: &Idle) {
///         while !idle.pending() && idle.deadline().is_none_or(|deadline| self.now() < deadline) {
///             std::thread::yield_now();
///         }
///     }
/// }
///
/// let lp = segno::new_event_loop(&RealTime, 1024);
/// let before = lp.time();
/// lp.run_until_complete(sleep(2.millis())).unwrap();
/// assert!(lp.time() - before >= 2.millis::<1, 1_000_000>());
/// ```
pub trait Clock: Sync {
    /// The time. It never goes back. Called in the loop's own context.
    fn now(&self) -> Instant;

    /// Sleeps until an interrupt, or until `idle.deadline()`, whichever comes first.
    ///
    /// Returns at once if the deadline has passed or if `idle.pending()` is true. Call `pending` with interrupts masked, and
    /// sleep so that an interrupt that arrives after the call ends the sleep (WFI does that while they are masked).
    /// Returning early is harmless.
    ///
    /// Tasks that wait without having registered with anything ([`Context::resume_after_interrupt`]) are tried again
    /// when this returns. So it must also return at once if an interrupt was served since it last returned: WFE does
    /// (a Cortex-M sets the event when an exception ends), and WFI after a look at a flag that the handlers set.
    ///
    /// [`Context::resume_after_interrupt`]: crate::Context::resume_after_interrupt
    fn idle(&self, idle: &Idle);

    /// Called after something was queued from outside the loop (by [`Remote`](crate::Remote) or
    /// [`WakerCell`]): ends a sleep that an interrupt would not end. SEV where there are two cores (feature
    /// `cores`: it may be called in a critical section), `unpark` on a host; nothing, which is the default, on one core that sleeps in WFI.
    fn wake(&self) {}

    /// Whether the caller is an interrupt handler. Boards with interrupts must say so truthfully: it keeps
    /// [`get_running_loop`](crate::get_running_loop) from handing the loop to a handler that interrupted it. Handlers
    /// use a [`Remote`](crate::Remote) or a [`WakerCell`].
    fn in_interrupt(&self) -> bool {
        false
    }
}

/// What a loop that has nothing to do tells its clock: see [`Clock::idle`]. asyncio's timeout of the selector.
#[repr(transparent)]
pub struct Idle {
    event_loop: EventLoop,
}

impl Idle {
    #[inline(always)]
    pub(crate) fn of(event_loop: &EventLoop) -> &Idle {
        // SAFETY: it is the same thing under another name (`repr(transparent)`).
        unsafe { &*core::ptr::from_ref(event_loop).cast() }
    }

    /// The next deadline; `None` if only an interrupt can bring something to do. The same as long as the clock idles.
    #[inline]
    pub fn deadline(&self) -> Option<Instant> {
        self.event_loop.timers.next_deadline()
    }

    /// Whether there is something to do after all: an interrupt, or another thread, has queued it.
    #[inline]
    pub fn pending(&self) -> bool {
        self.event_loop.is_pending()
    }
}

impl fmt::Debug for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle").field("deadline", &self.deadline()).field("pending", &self.pending()).finish()
    }
}

/// Where `println!` of the prelude writes: a UART, semihosting, a debug probe, or standard output. asyncio's programs have
/// `print`.
///
/// ```
/// # use segno::board::Console;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// struct StandardError;
///
/// impl Console for StandardError {
///     fn write_str(&self, text: &str) {
///         std::eprint!("{text}");
///     }
/// }
///
/// lp.set_console(&StandardError);
/// lp.call_soon(|lp| {
///     segno::println!("{}", lp.time());
///     lp.stop();
/// })
/// .unwrap();
/// lp.run_forever().unwrap();
/// ```
pub trait Console: Sync {
    /// Writes all of `text`, waiting if it must. There is nobody to report an error to.
    fn write_str(&self, text: &str);
}
