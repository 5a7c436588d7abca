//! The clock of an urgent loop, which runs in PendSV and preempts the main loop (feature `urgent`).
//!
//! # The problem
//! [`UrgentLoop`](segno::UrgentLoop) wants a clock that has an interrupt pend when something is queued or due.
//!
//! # The design
//! The interrupt is PendSV, which every Cortex-M has and no device uses, at the lowest priority: it preempts the program, and
//! all other interrupts preempt it. An alarm of its own has it pend at the next deadline; the time is the board's. A program
//! has the loop, the clock and two handlers:
//! ```text
//! static URGENT: UrgentLoop<1024> = UrgentLoop::new();
//! static CLOCK: UrgentClock<Gptm<…>> = UrgentClock::new(|| Board::clock().now(), Gptm::new());
//!
//! #[exception]
//! fn PendSV() { URGENT.serve().unwrap(); }
//!
//! #[unsafe(no_mangle)]
//! extern "C" fn TIMER1A() { CLOCK.on_alarm(); }
//!
//! CLOCK.alarm().start();
//! CLOCK.start();
//! let urgent = URGENT.start(&CLOCK).unwrap();
//! urgent.call_soon(|lp| …)?;
//! ```
//!
//! # Costs
//! An alarm. From the wake-up to the handler, what the processor needs for an exception: 12 cycles on a Cortex-M4.

use cortex_m::peripheral::SCB;
use cortex_m::peripheral::scb::SystemHandler;
use segno::board::{Clock, Idle};
use segno::time::Instant;

use crate::arch::cortex_m::exception;
use crate::clock::{Alarm, ticks_until};

/// The number of PendSV among the exceptions.
const PEND_SV: u32 = 14;

/// The clock of an [`UrgentLoop`](segno::UrgentLoop) whose `serve` is called by `PendSV`.
#[derive(Debug)]
pub struct UrgentClock<A> {
    now: fn() -> Instant,
    alarm: A,
}

impl<A: Alarm> UrgentClock<A> {
    /// A clock with the board's time, and an alarm that nobody else uses.
    pub const fn new(now: fn() -> Instant, alarm: A) -> UrgentClock<A> {
        UrgentClock { now, alarm }
    }

    /// The alarm, to start it.
    pub fn alarm(&self) -> &A {
        &self.alarm
    }

    /// Gives PendSV the lowest priority. Before the loop is started.
    pub fn start(&self) {
        critical_section::with(|_| {
            // SAFETY: nobody else changes the priorities of system handlers; and no critical section relies on them.
            unsafe { cortex_m::Peripherals::steal().SCB.set_priority(SystemHandler::PendSV, u8::MAX) };
        });
    }

    /// To be called by the interrupt of the alarm.
    pub fn on_alarm(&self) {
        self.alarm.acknowledge();
        SCB::set_pendsv();
    }
}

impl<A: Alarm + Sync> Clock for UrgentClock<A> {
    fn now(&self) -> Instant {
        (self.now)()
    }

    /// Sets the alarm. If the deadline has passed meanwhile, the loop finds it due.
    fn idle(&self, idle: &Idle) {
        if let Some(ticks) = idle.deadline().and_then(|deadline| ticks_until::<A>(deadline, self.now())) {
            self.alarm.arm(ticks);
        }
    }

    fn wake(&self) {
        SCB::set_pendsv();
    }

    fn in_interrupt(&self) -> bool {
        exception() != PEND_SV
    }
}
