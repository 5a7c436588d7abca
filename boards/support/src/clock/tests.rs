//! The whole loop over a counter that wraps: a chip's timer, whose time passes while code runs and while the processor
//! sleeps.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use segno::board::{Clock, Idle};
use segno::prelude::*;

use super::{Alarm, HardwareClock, reach, ticks_until};
use crate::timekeeper::{Counter, Timekeeper};

const NEVER: u64 = u64::MAX;

/// A counter of `BITS` bits with a flag for its wraps, and an alarm.
struct Timer<const BITS: u32, const HZ: u32> {
    ticks: AtomicU64,
    wrapped: AtomicBool,
    alarm: AtomicU64,
    alarm_rings: AtomicBool,
    wrap_rings: AtomicBool,
}

impl<const BITS: u32, const HZ: u32> Timer<BITS, HZ> {
    fn leaked(position: u32) -> &'static Self {
        Box::leak(Box::new(Timer {
            ticks: AtomicU64::new(position.into()),
            wrapped: AtomicBool::new(false),
            alarm: AtomicU64::new(NEVER),
            alarm_rings: AtomicBool::new(false),
            wrap_rings: AtomicBool::new(false),
        }))
    }

    fn next_wrap(&self) -> u64 {
        ((self.ticks.load(Relaxed) >> BITS) + 1) << BITS
    }

    fn advance_to(&self, ticks: u64) {
        if ticks >= self.next_wrap() {
            self.wrapped.store(true, Relaxed);
            self.wrap_rings.store(true, Relaxed);
        }
        if ticks >= self.alarm.load(Relaxed) {
            self.alarm.store(NEVER, Relaxed);
            self.alarm_rings.store(true, Relaxed);
        }
        self.ticks.store(ticks, Relaxed);
    }
}

impl<const BITS: u32, const HZ: u32> Counter for &'static Timer<BITS, HZ> {
    const BITS: u32 = BITS;
    const HZ: u32 = HZ;

    /// Code takes time: a tick for each reading.
    fn position(&self) -> u32 {
        self.advance_to(self.ticks.load(Relaxed) + 1);
        (self.ticks.load(Relaxed) & ((1 << BITS) - 1)) as u32
    }

    fn take_wrap(&self) -> bool {
        self.wrapped.swap(false, Relaxed)
    }
}

impl<const BITS: u32, const HZ: u32> Alarm for &'static Timer<BITS, HZ> {
    const HZ: u32 = HZ;

    fn arm(&self, ticks: u32) {
        assert!(ticks >= 1);
        self.alarm.store(self.ticks.load(Relaxed) + u64::from(ticks), Relaxed);
    }

    fn acknowledge(&self) {
        self.alarm_rings.store(false, Relaxed);
    }
}

/// A board's clock, but for the processor's own sleep.
struct Chip<const BITS: u32, const HZ: u32> {
    timer: &'static Timer<BITS, HZ>,
    start: u64,
    clock: HardwareClock<Timekeeper<&'static Timer<BITS, HZ>>, &'static Timer<BITS, HZ>>,
    sleeps: AtomicU32,
}

impl<const BITS: u32, const HZ: u32> Chip<BITS, HZ> {
    fn leaked(position: u32) -> &'static Self {
        let timer = Timer::leaked(position);
        Box::leak(Box::new(Chip {
            timer,
            start: position.into(),
            clock: HardwareClock::new(Timekeeper::starting_at(timer, position), timer),
            sleeps: AtomicU32::new(0),
        }))
    }

    /// What a stop watch shows.
    fn micros(&self) -> u64 {
        let ticks = self.timer.ticks.load(Relaxed) - self.start;
        (u128::from(ticks) * 1_000_000 / u128::from(HZ)) as u64
    }

    /// Until an interrupt is pending, whose handlers run.
    fn sleep(&self) {
        self.sleeps.fetch_add(1, Relaxed);
        let pending = self.timer.alarm_rings.load(Relaxed) || self.timer.wrap_rings.load(Relaxed);
        if !pending {
            self.timer.advance_to(self.timer.next_wrap().min(self.timer.alarm.load(Relaxed)));
        }
        if self.timer.wrap_rings.swap(false, Relaxed) {
            self.clock.on_wrap();
        }
        if self.timer.alarm_rings.load(Relaxed) {
            self.clock.on_alarm();
        }
    }
}

impl<const BITS: u32, const HZ: u32> Clock for Chip<BITS, HZ> {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn idle(&self, idle: &Idle) {
        if !idle.pending() && idle.deadline().is_none_or(|deadline| self.clock.arm(deadline)) {
            self.sleep();
        }
    }
}

/// How long `ticks` ticks last, in microseconds.
const fn micros(ticks: u64, hz: u32) -> u64 {
    (ticks as u128 * 1_000_000 / hz as u128) as u64
}

/// Sleeps of all lengths, on a counter that wraps soon after its start.
fn sleeps<const BITS: u32, const HZ: u32>() {
    let range = 1u64 << BITS;
    // A tick, and some in which the loop runs.
    let late = micros(100, HZ) + 1;
    for before_the_wrap in [0, 1, 2, 50, 1_000_000] {
        let chip = Chip::<BITS, HZ>::leaked((range - 1 - before_the_wrap) as u32);
        let lp = segno::new_event_loop(chip, 16 * 1024);
        let woken = Rc::new(RefCell::new(Vec::new()));
        let lengths = [1, 30, 60, 1_000, 2_000_000, range / 2 - 1, range / 2, range / 2 + 1, 3 * range / 4, range - 1]
            .into_iter()
            .chain([range, range + 1, 2 * range, 3 * range + 12_345]);
        let mut deadlines: Vec<u64> = lengths.map(|ticks| micros(ticks, HZ)).collect();
        for &deadline in &deadlines {
            let woken = woken.clone();
            let note = move |lp: &'static EventLoop| woken.borrow_mut().push((deadline, chip.micros(), lp.time()));
            lp.call_at(Instant::from_ticks(deadline), note).unwrap();
        }
        let end = *deadlines.last().unwrap();
        lp.run_until_complete(sleep_until(Instant::from_ticks(end + 1_000_000))).unwrap();
        deadlines.sort_unstable();
        let woken = woken.borrow();
        assert_eq!(woken.iter().map(|(deadline, ..)| *deadline).collect::<Vec<_>>(), deadlines, "in their order");
        for &(deadline, truth, time) in woken.iter() {
            assert!(truth >= deadline, "early: {truth} us instead of {deadline}");
            assert!(truth <= deadline + late, "late: {truth} us instead of {deadline}");
            assert!(time.as_ticks().abs_diff(truth) <= late, "the loop's time is {time}, and it is {truth} us");
        }
        // Each deadline is one sleep, each wrap another, and what is longer than the alarm reaches is slept in pieces.
        let most = 2 * (deadlines.len() as u64 + end / micros(range, HZ) + end / u64::from(reach(HZ)) + 2);
        assert!(u64::from(chip.sleeps.load(Relaxed)) <= most, "{} sleeps", chip.sleeps.load(Relaxed));
    }
}

/// In ticks that last more than a microsecond, or less, or no whole number of them: never early, and by less than a tick late.
#[test]
fn an_alarm_is_armed_with_the_first_tick_at_or_after_the_deadline() {
    fn check<const HZ: u32>(reaches: u64) {
        assert_eq!(u64::from(reach(HZ)), reaches, "{HZ} Hz");
        let mut distance = 1;
        while distance <= 3 * reaches {
            let ticks = ticks_until::<&Timer<32, HZ>>(Instant::from_ticks(7 + distance), Instant::from_ticks(7));
            let exact = |distance: u64| (u128::from(distance) * u128::from(HZ)).div_ceil(1_000_000);
            assert_eq!(ticks.map(u128::from), Some(exact(distance.min(reaches))), "{distance} us at {HZ} Hz");
            distance += 1 + distance / 7;
        }
    }
    check::<32_768>(u64::from(u32::MAX));
    check::<1_000_000>(u64::from(u32::MAX) - 1);
    check::<12_500_000>(343_597_380);
    check::<16_000_000>(268_435_454);
    check::<84_000_000>(51_130_562);
}

#[test]
fn a_loop_sleeps_over_the_wraps_of_a_32_bit_counter() {
    sleeps::<32, 1_000_000>();
    sleeps::<32, 16_000_000>();
    sleeps::<32, 84_000_000>();
    sleeps::<32, 32_768>();
}

#[test]
fn a_loop_sleeps_over_the_wraps_of_a_short_counter() {
    sleeps::<24, 12_500_000>();
    sleeps::<24, 25_000_000>();
    sleeps::<24, 32_768>();
}

/// A period that does not divide the counter's, over three wraps: no step is lost or doubled.
#[test]
fn a_periodic_task_keeps_its_period_over_wraps() {
    const HZ: u32 = 1_000_000;
    const PERIOD: u64 = 7_000_003;
    let chip = Chip::<32, HZ>::leaked(u32::MAX - 10_000_000);
    let lp = segno::new_event_loop(chip, 1024);
    #[segno::coroutine]
    async fn periodic(chip: &'static Chip<32, HZ>, steps: u64) {
        let late = 20;
        for step in 1..=steps {
            sleep_until(Instant::from_ticks(PERIOD * step)).await;
            let truth = chip.micros();
            assert!((PERIOD * step..=PERIOD * step + late).contains(&truth), "step {step} at {truth} us");
        }
    }
    lp.run_until_complete(periodic(chip, 3 * (1 << 32) / PERIOD)).unwrap();
}
