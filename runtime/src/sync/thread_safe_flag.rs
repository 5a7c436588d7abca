//! `ThreadSafeFlag`: an interrupt says that there is something to do.
//!
//! # The problem
//! An interrupt comes before its task waits for it, while it waits, or several times before it runs. Each time the task is to
//! look, once, and never to miss one that came after it looked. With an `Event`, the task would have to clear it in the right
//! moment.
//!
//! # The design
//! MicroPython's. The flag is cleared when a wait for it ends, in the same moment. Setting it again before that changes
//! nothing. MicroPython has one waiter; here each time that the flag is set lets one go on, in the order in which they
//! came.
//!
//! # Costs
//! 8 bytes on a 32-bit chip, 20 in the frame of who waits.

use core::cell::Cell;
use core::fmt;

use critical_section::Mutex;

use super::wait::{Source, Wait};
use super::waiters::{Masked, Waiters, masked};

/// A flag that an interrupt sets and a task waits for, which clears it; MicroPython's `ThreadSafeFlag`.
///
/// All methods may be called in any context: in tasks, in callbacks, in interrupt handlers, and on a host in other
/// threads.
///
/// ```
/// use segno::prelude::*;
/// # use segno::host::VirtualClock;
///
/// static DATA_READY: ThreadSafeFlag = ThreadSafeFlag::new();
///
/// fn interrupt_handler() {
///     DATA_READY.set();
/// }
///
/// #[segno::coroutine]
/// async fn read_sensor() {
///     DATA_READY.wait().await;
///     // … and read all that there is: several interrupts may have been one wake-up.
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// # lp.call_soon(|_| interrupt_handler()).unwrap();
/// lp.run_until_complete(read_sensor()).unwrap();
/// ```
pub struct ThreadSafeFlag {
    set: Mutex<Cell<bool>>,
    waiters: Waiters,
}

impl ThreadSafeFlag {
    /// A flag that is not set.
    pub const fn new() -> ThreadSafeFlag {
        ThreadSafeFlag { set: Mutex::new(Cell::new(false)), waiters: Waiters::new() }
    }

    /// Sets the flag, and wakes the first who waits for it. MicroPython's `set`.
    #[inline]
    pub fn set(&self) {
        masked(|masked| {
            if !self.set.borrow(masked.section).replace(true) {
                self.waiters.wake(masked, 1);
            }
        });
    }

    /// Clears the flag, which may be a stale one: who waits from now on waits for the next [`ThreadSafeFlag::set`]. Whoever
    /// has been woken goes on. MicroPython's `clear`.
    pub fn clear(&self) {
        masked(|masked| self.set.borrow(masked.section).set(false));
    }

    /// Waits until the flag is set, and clears it; at once if it is and nobody waits. MicroPython's `wait`.
    ///
    /// When cancelled, it waits no longer; if it had been woken, the next one is, or the flag stays set.
    pub const fn wait(&self) -> Wait<ForFlag<'_>> {
        Wait::new(ForFlag { flag: self })
    }
}

impl Default for ThreadSafeFlag {
    fn default() -> ThreadSafeFlag {
        ThreadSafeFlag::new()
    }
}

impl fmt::Debug for ThreadSafeFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = masked(|masked| self.set.borrow(masked.section).get());
        f.write_str(if set { "<ThreadSafeFlag set>" } else { "<ThreadSafeFlag unset>" })
    }
}

/// What [`ThreadSafeFlag::wait`] waits for.
#[derive(Debug)]
pub struct ForFlag<'a> {
    flag: &'a ThreadSafeFlag,
}

impl ForFlag<'_> {
    fn take(&self, masked: &Masked<'_>) -> Option<()> {
        self.flag.set.borrow(masked.section).replace(false).then_some(())
    }
}

impl Source for ForFlag<'_> {
    type Output = ();

    fn waiters(&self) -> &Waiters {
        &self.flag.waiters
    }

    fn begin(&self, masked: &mut Masked<'_>) -> Option<()> {
        if self.flag.waiters.nobody(masked) { self.take(masked) } else { None }
    }

    fn woken(&self, masked: &mut Masked<'_>) -> Option<()> {
        // It may have been cleared meanwhile.
        self.take(masked);
        Some(())
    }

    fn overlooked(&self, masked: &mut Masked<'_>, first: bool) -> Option<()> {
        if first { self.take(masked) } else { None }
    }

    fn abandoned(&self, masked: &mut Masked<'_>, woken: bool) {
        if woken && self.flag.set.borrow(masked.section).get() {
            self.flag.waiters.wake(masked, 1);
        }
    }
}
