//! Timers' drivers, whose registers are the test: time that passes at each access, over wraps of the counter, and alarms whose
//! moment may be over before the register is written.
//!
//! What the registers do is what the data sheets say that the drivers name. QEMU has none of these compare registers but the
//! nRF51's.

use std::cell::RefCell;
use std::rc::Rc;

use crate::clock::Alarm;
use crate::drivers::esp_systimer::EspSysTimer;
use crate::drivers::nrf_timer::NrfTimer;
use crate::drivers::rp_timer::{RP2040, RpTimer};
use crate::drivers::stm32_timer::Stm32Timer;
use crate::random::{Random, cases};
use crate::registers::fake::{Block, install, take_pending};
use crate::timekeeper::{Counter, TimeSource, Timekeeper, Wide, WideCounter};

/// The comparator of a timer.
#[derive(Clone, Copy, PartialEq)]
enum Compare {
    /// It compares nothing.
    Off,
    /// It compares 32 bits, for as long as it is not written again.
    Equal(u32),
    /// The same, until it has been equal.
    EqualOnce(u32),
    /// A time that is over counts as well.
    Reached(u64),
}

/// A counter with a comparator.
struct Time {
    ticks: u64,
    /// How many ticks an access may take.
    slowness: u32,
    random: Random,
    compare: Compare,
    /// When it was equal for the first time since this was cleared.
    rang: Option<u64>,
    wrapped: bool,
}

impl Time {
    /// The first tick after this one in which the comparator rings.
    fn next_ring(&self) -> Option<u64> {
        match self.compare {
            Compare::Off => None,
            Compare::Equal(low) | Compare::EqualOnce(low) => {
                Some(self.ticks + 1 + u64::from(low.wrapping_sub(self.ticks as u32).wrapping_sub(1)))
            }
            Compare::Reached(at) => Some(at.max(self.ticks)),
        }
    }

    fn run_to(&mut self, ticks: u64) {
        if let Some(at) = self.next_ring().filter(|at| *at <= ticks) {
            self.rang.get_or_insert(at);
            if matches!(self.compare, Compare::EqualOnce(_)) {
                self.compare = Compare::Off;
            }
        }
        self.wrapped |= ticks >> 32 != self.ticks >> 32;
        self.ticks = ticks;
    }

    /// What an access takes.
    fn pass(&mut self) {
        let ticks = self.ticks + u64::from(self.random.below(self.slowness + 1));
        self.run_to(ticks);
    }
}

type Shared = Rc<RefCell<Time>>;

/// Registers 0 to 2: the alarm, what was captured, and 0, which is the wrap.
struct NrfBlock(Shared, u32);

impl Block for NrfBlock {
    fn read(&mut self, offset: usize) -> u32 {
        let time = &mut *self.0.borrow_mut();
        time.pass();
        match offset {
            0x140 => time.rang.is_some().into(),
            0x148 => time.wrapped.into(),
            0x544 => self.1,
            _ => panic!("{offset:#x}"),
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        let time = &mut *self.0.borrow_mut();
        time.pass();
        match offset {
            0x044 => self.1 = time.ticks as u32,
            0x140 => time.rang = None,
            0x148 => time.wrapped = false,
            0x540 => time.compare = Compare::Equal(value),
            _ => panic!("{offset:#x}"),
        }
    }
}

/// Bits of the status are cleared by zeros.
struct Stm32Block(Shared);

impl Block for Stm32Block {
    fn read(&mut self, offset: usize) -> u32 {
        let time = &mut *self.0.borrow_mut();
        time.pass();
        match offset {
            0x10 => u32::from(time.wrapped) | u32::from(time.rang.is_some()) << 1,
            0x24 => time.ticks as u32,
            _ => panic!("{offset:#x}"),
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        let time = &mut *self.0.borrow_mut();
        time.pass();
        match offset {
            0x10 => {
                time.wrapped &= value & 1 << 0 != 0;
                time.rang = time.rang.filter(|_| value & 1 << 1 != 0);
            }
            0x34 => time.compare = Compare::Equal(value),
            _ => panic!("{offset:#x}"),
        }
    }
}

/// Alarm 1; an alarm that has rung is disarmed.
struct RpBlock(Shared);

impl Block for RpBlock {
    fn read(&mut self, offset: usize) -> u32 {
        let time = &mut *self.0.borrow_mut();
        time.pass();
        match offset {
            0x24 => (time.ticks >> 32) as u32,
            0x28 => time.ticks as u32,
            _ => panic!("{offset:#x}"),
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        let time = &mut *self.0.borrow_mut();
        time.pass();
        match offset {
            0x14 => time.compare = Compare::EqualOnce(value),
            0x20 if value == 1 << 1 => time.compare = Compare::Off,
            0x34 if value == 1 << 1 => time.rang = None,
            _ => panic!("{offset:#x} = {value:#x}"),
        }
    }
}

/// The counter is latched, and the comparator takes its target when it is told to.
struct EspBlock {
    time: Shared,
    latch: u64,
    target: [u32; 2],
    loaded: u64,
    conf: u32,
}

impl Block for EspBlock {
    fn read(&mut self, offset: usize) -> u32 {
        self.time.borrow_mut().pass();
        match offset {
            0x00 => self.conf,
            0x04 => 1 << 29,
            0x40 => (self.latch >> 32) as u32,
            0x44 => self.latch as u32,
            _ => panic!("{offset:#x}"),
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        let time = &mut *self.time.borrow_mut();
        time.pass();
        match offset {
            0x00 => {
                self.conf = value;
                time.compare = if value & 1 << 24 != 0 { Compare::Reached(self.loaded) } else { Compare::Off };
            }
            0x04 => self.latch = time.ticks,
            0x1C => self.target[1] = value,
            0x20 => self.target[0] = value,
            0x50 => self.loaded = u64::from(self.target[1]) << 32 | u64::from(self.target[0]),
            0x6C => time.rang = None,
            _ => panic!("{offset:#x}"),
        }
    }
}

/// Some time, at any distance from a wrap.
fn time(random: &mut Random, start: u64) -> Shared {
    let slowness = [0, 1, 3, 40][random.below(4) as usize];
    Rc::new(RefCell::new(Time {
        ticks: start,
        slowness,
        random: random.clone(),
        compare: Compare::Off,
        rang: None,
        wrapped: false,
    }))
}

fn near_a_wrap(random: &mut Random) -> u64 {
    let low = match random.below(3) {
        0 => random.below(u32::MAX),
        1 => random.below(100),
        _ => u32::MAX - random.below(100),
    };
    u64::from(random.below(3)) << 32 | u64::from(low)
}

/// `look` reads the time, as others do while an alarm is armed.
fn no_alarm_is_early_or_lost<A: Alarm, B: Block + 'static>(
    alarm: impl Fn() -> A,
    look: impl Fn(&A),
    block: impl Fn(Shared) -> B,
) {
    cases(2_000, |mut random| {
        let start = near_a_wrap(&mut random);
        let time = time(&mut random, start);
        install(block(time.clone()));
        let alarm = alarm();
        let mut replaces_another = false;
        for _ in 0..10 {
            let ticks = match random.below(4) {
                0 => 1 + random.below(5),
                1 => 1 + random.below(300),
                2 => 1 + random.below(u32::MAX - 1),
                _ => u32::MAX - 1 - random.below(300),
            };
            let before = time.borrow().ticks;
            take_pending();
            alarm.arm(ticks);
            let after = time.borrow().ticks;
            let by_hand = take_pending().then_some(after);
            let abandoned = random.below(4) == 0;
            if abandoned {
                let wait = random.below(ticks);
                time.borrow_mut().run_to(after + u64::from(wait));
            } else {
                let deadline = after + u64::from(ticks);
                let shortly_before = after.max(deadline.saturating_sub(random.below(100).into()));
                time.borrow_mut().run_to(shortly_before);
                (0..random.below(10)).for_each(|_| look(&alarm));
                let end = deadline.max(time.borrow().ticks);
                time.borrow_mut().run_to(end);
                let rang = time.borrow().rang.or(by_hand);
                let rang = rang.unwrap_or_else(|| panic!("lost: {ticks} ticks from {before:#x} or {after:#x}"));
                assert!(rang <= deadline, "{rang:#x} is later than {deadline:#x}");
                // One that was armed before may still ring while this one is armed.
                assert!(replaces_another || rang >= before + u64::from(ticks), "{ticks} from {before:#x}: {rang:#x}");
                alarm.acknowledge();
            }
            replaces_another = abandoned;
        }
    });
}

/// Checks a time against the truth: between that before and that after it was read.
fn time_is_exact<T: TimeSource>(random: &mut Random, truth: &Shared, start: u64, ticks_per_micro: u64, time: &T) {
    let micros = || (truth.borrow().ticks - start) / ticks_per_micro;
    let mut last = 0;
    for _ in 0..50 {
        let early = micros();
        let now = time.micros();
        let late = micros();
        assert!(early <= now && now <= late, "{early} <= {now} <= {late}");
        assert!(last <= now, "{now} after {last}");
        last = now;
        let ticks = truth.borrow().ticks;
        let next_wrap = ((ticks >> 32) + 1) << 32;
        let to = match random.below(3) {
            0 => ticks + u64::from(random.below(1_000)),
            1 => ticks + u64::from(random.below(0xE000_0000)),
            // A wrap interrupts, so that the time is read soon after it.
            _ if truth.borrow().wrapped => ticks,
            _ => next_wrap - u64::from(random.below(100)),
        };
        truth.borrow_mut().run_to(to.max(ticks));
    }
}

fn counts_every_wrap<C: Counter, B: Block + 'static>(counter: impl Fn() -> C, block: impl Fn(Shared) -> B) {
    cases(1_000, |mut random| {
        let start = u64::from(random.below(u32::MAX));
        let truth = time(&mut random, start);
        install(block(truth.clone()));
        let time = Timekeeper::starting_at(counter(), start as u32);
        time_is_exact(&mut random, &truth, start, u64::from(C::HZ / 1_000_000), &time);
    });
}

fn reads_halves_that_belong_together<C: WideCounter, B: Block + 'static>(
    counter: impl Fn() -> C,
    block: impl Fn(Shared) -> B,
) {
    cases(1_000, |mut random| {
        let start = near_a_wrap(&mut random);
        let truth = time(&mut random, start);
        truth.borrow_mut().slowness = 0;
        install(block(truth.clone()));
        let time = Wide::new(counter());
        time.start();
        truth.borrow_mut().slowness = [1, 3, 40][random.below(3) as usize];
        time_is_exact(&mut random, &truth, start, u64::from(C::HZ / 1_000_000), &time);
    });
}

fn nrf() -> NrfTimer<0, 0, 32> {
    // SAFETY: its registers are a test's.
    unsafe { NrfTimer::new() }
}

fn stm32() -> Stm32Timer<0, 0> {
    // SAFETY: its registers are a test's.
    unsafe { Stm32Timer::new() }
}

fn rp() -> RpTimer<0, 0, RP2040, 1> {
    // SAFETY: its registers are a test's.
    unsafe { RpTimer::new() }
}

fn esp() -> EspSysTimer<0> {
    // SAFETY: its registers are a test's.
    unsafe { EspSysTimer::new() }
}

fn esp_block(time: Shared) -> EspBlock {
    EspBlock { time, latch: 0, target: [0; 2], loaded: 0, conf: 0 }
}

fn read_counter(counter: &impl Counter) {
    counter.position();
    counter.take_wrap();
}

#[test]
fn alarms_are_never_early_and_never_lost() {
    no_alarm_is_early_or_lost(nrf, read_counter, |time| NrfBlock(time, 0));
    no_alarm_is_early_or_lost(stm32, read_counter, Stm32Block);
    no_alarm_is_early_or_lost(rp, |timer| _ = timer.ticks(), RpBlock);
    no_alarm_is_early_or_lost(esp, |timer| _ = timer.ticks(), esp_block);
}

#[test]
fn time_goes_on_over_wraps_of_32_bits() {
    counts_every_wrap(nrf, |time| NrfBlock(time, 0));
    counts_every_wrap(stm32, Stm32Block);
    reads_halves_that_belong_together(rp, RpBlock);
    reads_halves_that_belong_together(esp, esp_block);
}
