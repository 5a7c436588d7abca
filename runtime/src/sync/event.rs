//! `Event`: a flag that tasks wait for.
//!
//! # The problem
//! One thing happens, and everybody who waits for it is to know; also if it is over again before they run.
//!
//! # The design
//! asyncio's: a flag and those who wait. [`Event::set`] wakes all who wait at that moment; whoever is woken goes on, even if
//! the flag has been cleared meanwhile.
//!
//! # Costs
//! 8 bytes on a 32-bit chip, 20 in the frame of who waits. `set` masks interrupts while it wakes: for a walk through all
//! who wait.

use core::cell::Cell;
use core::fmt;

use critical_section::Mutex;

use super::wait::{Source, Wait};
use super::waiters::{Masked, Waiters, masked};

/// A flag that can be waited for; asyncio's `Event`. Starts cleared.
///
/// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
/// threads.
///
/// ```
/// use segno::prelude::*;
/// # use segno::host::VirtualClock;
///
/// static READY: Event = Event::new();
///
/// #[segno::coroutine]
/// async fn wait_and_say() -> &'static str {
///     READY.wait().await;
///     "ready"
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// let task = lp.create_task(wait_and_say()).unwrap();
/// lp.call_later(10.millis(), |_| READY.set()).unwrap();
/// assert_eq!(lp.run_until_complete(task), Ok("ready"));
/// ```
pub struct Event {
    set: Mutex<Cell<bool>>,
    waiters: Waiters,
}

impl Event {
    /// An event that is not set.
    pub const fn new() -> Event {
        Event { set: Mutex::new(Cell::new(false)), waiters: Waiters::new() }
    }

    /// Sets the flag, and wakes all who wait. If it is set already, does nothing. asyncio's `set`.
    pub fn set(&self) {
        masked(|masked| {
            if !self.set.borrow(masked.section).replace(true) {
                self.waiters.wake_all(masked);
            }
        });
    }

    /// Clears the flag: who waits from now on waits for the next [`Event::set`]. Whoever has been woken goes on. asyncio's
    /// `clear`.
    pub fn clear(&self) {
        masked(|masked| self.set.borrow(masked.section).set(false));
    }

    /// Whether the flag is set; asyncio's `is_set`.
    pub fn is_set(&self) -> bool {
        masked(|masked| self.set.borrow(masked.section).get())
    }

    /// Waits until the flag is set; at once if it is. asyncio's `wait`, which always gives `True`.
    ///
    /// When cancelled, it waits no longer; the event is as it was.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::{host::VirtualClock, wait_for};
    /// static DOOR_OPEN: Event = Event::new();
    /// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
    /// assert_eq!(lp.run_until_complete(wait_for(DOOR_OPEN.wait(), 5.secs())), Ok(Err(TimedOut)));
    /// DOOR_OPEN.set();
    /// assert_eq!(lp.run_until_complete(DOOR_OPEN.wait()), Ok(()));
    /// DOOR_OPEN.clear();
    /// assert!(!DOOR_OPEN.is_set());
    /// ```
    pub const fn wait(&self) -> Wait<ForEvent<'_>> {
        Wait::new(ForEvent { event: self })
    }
}

impl Default for Event {
    fn default() -> Event {
        Event::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "<Event set>" } else { "<Event unset>" })
    }
}

/// What [`Event::wait`] waits for.
#[derive(Debug)]
pub struct ForEvent<'a> {
    event: &'a Event,
}

impl Source for ForEvent<'_> {
    type Output = ();

    fn waiters(&self) -> &Waiters {
        &self.event.waiters
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<()> {
        self.event.set.borrow(masked.section).get().then_some(())
    }

    fn woken(&self, _: &mut Masked<'_>) -> Option<()> {
        Some(())
    }
}
