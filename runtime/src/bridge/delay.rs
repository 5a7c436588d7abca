//! `embedded-hal-async`'s delay, on the loop's timer (feature `embedded-hal-async`).

use embedded_hal_async::delay::DelayNs;

use crate::combine::{Sleep, sleep};
use crate::time::Duration;

/// [`DelayNs`] for drivers: the task sleeps on the timer of the running loop, and others run.
///
/// A delay counts from the first poll and is never shorter than asked for: it is rounded up to whole microseconds, and
/// one more is added, because the clock may be about to tick. So the resolution is one microsecond, or one tick of
/// a clock that is coarser; a delay of zero costs one turn. Outside of a running loop it panics, as
/// [`sleep`](crate::sleep) does there. When cancelled, it removes its timer at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Delay;

fn at_least(micros: u64) -> Sleep {
    sleep(Duration::from_ticks(if micros == 0 { 0 } else { micros + 1 }))
}

impl DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) -> impl Future<Output = ()> {
        at_least(u64::from(ns.div_ceil(1000)))
    }

    fn delay_us(&mut self, us: u32) -> impl Future<Output = ()> {
        at_least(u64::from(us))
    }

    fn delay_ms(&mut self, ms: u32) -> impl Future<Output = ()> {
        at_least(u64::from(ms) * 1000)
    }
}
