//! The runtime's clock: a counter for the time, an alarm for the next deadline, and sleeping in between.
//!
//! # The problem
//! The event loop wants to sleep until its next deadline or until an interrupt has woken a task. An interrupt that
//! arrives after the loop has looked at its queue and before the processor sleeps must not be slept through, and an
//! alarm must not ring before its deadline, or the loop turns without anything to do.
//!
//! # The design
//! [`Clock::idle`] masks interrupts and then asks `pending`, programs the alarm and sleeps:
//!
//! - What an interrupt queued before the mask, `pending` sees.
//! - What becomes pending after the mask stays pending, since its handler cannot run, and the processor does not sleep
//!   while an enabled interrupt is pending (see [`arch`]). This includes the alarm itself, should it ring before.
//!
//! There is no gap between the two, so no wake-up is lost. The handlers run when the mask is lifted, before `idle`
//! returns or shortly after; the loop looks at its queue and its clock again in either case.
//!
//! An interrupt that was served while the loop was busy, and woke nobody, may still be what a task waits for; after one,
//! `idle` returns at once (see [`Watch`]).
//!
//! The alarm counts from after the moment at which `now` was read, rounded down, and its ticks are rounded up: it rings
//! at or after the deadline by the same oscillator that `now` is read from. A deadline beyond the alarm's range is
//! reached in pieces: the loop finds its deadline still in the future and calls `idle` again. An alarm that was armed
//! and is no longer wanted is left running; it costs one turn of the loop at most.
//!
//! With feature `cores` the other core must go on while this one sleeps, so there is no critical section around the sleep.
//! Interrupts are masked on this core only, and what comes after the mask, from an interrupt or from the other core
//! ([`Clock::wake`]), sets the event that WFE waits for: see [`arch::cortex_m::cores`]. The end of an exception sets it as well,
//! so the flag or monitor of [`Watch`] is not needed, and after each interrupt the loop takes one turn more.
//!
//! # Costs
//! Tickless: the processor wakes for deadlines, for devices, and once in each period of the counter.

use segno::board::{Clock, Idle};
use segno::time::{Duration, Instant};

use crate::arch;
#[cfg(not(feature = "cores"))]
use crate::arch::Watch;
use crate::timekeeper::{Rate, TimeSource};

/// A hardware timer that interrupts once.
pub trait Alarm {
    /// Ticks in a second.
    const HZ: u32;

    /// Interrupts `ticks` ticks from now, or earlier if that is out of its range, and forgets an earlier request. `ticks` is at
    /// least 1.
    fn arm(&self, ticks: u32);

    /// Withdraws the interrupt: to be called by its handler.
    fn acknowledge(&self);
}

/// What an alarm is armed with, to ring at `deadline`, or as near before as it can. `None` when that has passed.
#[inline]
pub(crate) fn ticks_until<A: Alarm>(deadline: Instant, now: Instant) -> Option<u32> {
    let rate = const { Rate::of(A::HZ) };
    let distance = deadline.as_ticks().checked_sub(now.as_ticks()).filter(|distance| *distance > 0)?;
    let distance = u32::try_from(distance).unwrap_or(u32::MAX).min(const { reach(A::HZ) });
    // What fits 32 bits at every rate: whole units of the rate, and the rest of one.
    let (units, rest) = (distance / rate.micros, distance % rate.micros);
    Some(units * rate.ticks + (rest * rate.ticks).div_ceil(rate.micros))
}

/// The longest sleep in one piece, in microseconds: its ticks fit 32 bits, and so does it itself. At 1 MHz and below that is 71
/// minutes.
const fn reach(hz: u32) -> u32 {
    let rate = Rate::of(hz);
    assert!(
        (rate.micros as u64) * (rate.ticks as u64) <= u32::MAX as u64,
        "the ratio of an alarm's rate and 1 MHz does not fit 32 bits"
    );
    let micros = (u32::MAX / rate.ticks - 1) as u64 * rate.micros as u64;
    if micros < u32::MAX as u64 { micros as u32 } else { u32::MAX }
}

/// A [`Clock`] made of a [time](crate::timekeeper) and an alarm. A board has one in a `static`, starts both timers, and
/// calls [`on_wrap`](HardwareClock::on_wrap) and [`on_alarm`](HardwareClock::on_alarm) from their interrupts.
#[derive(Debug)]
pub struct HardwareClock<T, A> {
    time: T,
    alarm: A,
    /// Started when `idle` returns.
    #[cfg(not(feature = "cores"))]
    watch: Watch,
}

impl<T: TimeSource, A: Alarm> HardwareClock<T, A> {
    /// A clock over timers that are not started yet.
    pub const fn new(time: T, alarm: A) -> HardwareClock<T, A> {
        HardwareClock {
            time,
            alarm,
            #[cfg(not(feature = "cores"))]
            watch: Watch::new(),
        }
    }

    /// The time, to start its counter.
    pub fn time(&self) -> &T {
        &self.time
    }

    /// The alarm, to start it.
    pub fn alarm(&self) -> &A {
        &self.alarm
    }

    /// To be called by the interrupt of the counter's wrap, so that the time is read in every period.
    pub fn on_wrap(&self) {
        self.time.micros();
    }

    /// To be called by the interrupt of the alarm. Nothing else is to be done: the loop reads the clock when it wakes.
    pub fn on_alarm(&self) {
        self.alarm.acknowledge();
    }

    /// Microseconds since the board was started.
    pub fn micros(&self) -> u64 {
        self.time.micros()
    }

    /// Arms the alarm for `deadline`, or for as long as it reaches. False when the deadline has passed.
    fn arm(&self, deadline: Instant) -> bool {
        let ticks = ticks_until::<A>(deadline, Instant::from_ticks(self.time.micros()));
        if let Some(ticks) = ticks {
            self.alarm.arm(ticks);
        }
        ticks.is_some()
    }

    /// Sleeps until an interrupt or until `deadline`, unless the answer of `pending` is true.
    #[cfg(feature = "cores")]
    #[inline(always)]
    fn sleep_unless(&self, deadline: Option<Instant>, pending: impl Fn() -> bool) {
        arch::cortex_m::cores::masked_here(|| {
            if !pending() && deadline.is_none_or(|deadline| self.arm(deadline)) {
                arch::cortex_m::cores::wait_for_event();
            }
        });
    }

    /// Sleeps until an interrupt or until `deadline`, unless the answer of `pending` is true.
    #[cfg(not(feature = "cores"))]
    #[inline(always)]
    fn sleep_unless(&self, deadline: Option<Instant>, pending: impl Fn() -> bool) {
        critical_section::with(|_| {
            if self.watch.quiet() && !pending() && deadline.is_none_or(|deadline| self.arm(deadline)) {
                arch::sleep();
            }
        });
        self.watch.start(); // the handlers of what is pending run before
    }
}

/// How a [`HardwareClock`] sleeps, for a self-test that knows neither counter nor alarm.
pub trait Sleep: Clock {
    /// What [`Clock::idle`] does, with a deadline and a question of the caller's.
    fn sleep(&self, deadline: Option<Instant>, pending: &dyn Fn() -> bool);

    /// How often the clock's own interrupt ends a sleep; `None` if never.
    fn period(&self) -> Option<Duration>;
}

impl<T: TimeSource + Sync, A: Alarm + Sync> Sleep for HardwareClock<T, A> {
    fn sleep(&self, deadline: Option<Instant>, pending: &dyn Fn() -> bool) {
        self.sleep_unless(deadline, pending);
    }

    fn period(&self) -> Option<Duration> {
        T::PERIOD.map(Duration::from_ticks)
    }
}

impl<T: TimeSource + Sync, A: Alarm + Sync> Clock for HardwareClock<T, A> {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.time.micros())
    }

    fn idle(&self, idle: &Idle) {
        self.sleep_unless(idle.deadline(), || idle.pending());
    }

    #[cfg(feature = "cores")]
    fn wake(&self) {
        arch::cortex_m::cores::send_event();
    }

    fn in_interrupt(&self) -> bool {
        arch::in_interrupt()
    }
}

#[cfg(test)]
mod tests;
