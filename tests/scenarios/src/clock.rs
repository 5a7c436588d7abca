//! A clock that counts whole ticks.

use core::fmt;

use segno::board::{Clock, Idle};
use segno::time::Instant;

use crate::trace::TICK;

/// A board's clock, of which the loop sees whole ticks only, as in the traces. Alarms are the board's own: a deadline is the
/// beginning of a tick, and the loop is awake then.
pub struct TickClock {
    clock: fn() -> &'static dyn Clock,
}

impl TickClock {
    /// Ticks of the clock that `clock` answers with.
    pub const fn new(clock: fn() -> &'static dyn Clock) -> TickClock {
        TickClock { clock }
    }
}

impl fmt::Debug for TickClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TickClock").field("now", &self.now()).finish()
    }
}

impl Clock for TickClock {
    fn now(&self) -> Instant {
        let now = (self.clock)().now().as_ticks();
        Instant::from_ticks(now - now % TICK.as_ticks())
    }

    fn idle(&self, idle: &Idle) {
        (self.clock)().idle(idle);
    }

    fn wake(&self) {
        (self.clock)().wake();
    }

    fn in_interrupt(&self) -> bool {
        (self.clock)().in_interrupt()
    }
}
