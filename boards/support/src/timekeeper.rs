//! 64-bit microseconds over a hardware counter that wraps.
//!
//! # The problem
//! A 24-bit counter at 12.5 MHz starts again every 1.3 seconds. Counting the wraps in an interrupt is not enough: who
//! asks for the time with interrupts masked, just after a wrap, sees the new count and the old number of wraps, and
//! time has run backwards by a whole period. And turning ticks into microseconds by a 64-bit division costs a few
//! hundred instructions each time.
//!
//! # The design
//! The hardware keeps a flag that is set at each wrap until it is taken. Whoever reads the time, interrupt or not, does
//! the whole work inside a critical section ([`Timekeeper::now`]):
//!
//! ```text
//!   before = position      wraps = take flag      after = position      if after < before: wraps += take flag
//! ```
//!
//! If `after >= before`, the counter did not wrap between the two readings, so the flag that was taken between them
//! belongs to wraps before both. If `after < before`, it did: the flag of that wrap was either seen by the first taking
//! or is there for the second. So each wrap is counted exactly once, and `after` is a position behind all the counted
//! wraps. The elapsed ticks since the last reading are then added to the microseconds, and the ticks that do not make
//! a whole microsecond are kept as a remainder, so nothing is ever rounded away.
//!
//! The only duty is that somebody reads the time at least once in each period: the wrap interrupt does it.
//!
//! An emulator may show the position zero a moment before it sets the flag (QEMU's `ptimer` does when its main loop is
//! late). Then the position seems to be behind the last reading, without a wrap: time stands still until the flag
//! comes, and never runs backwards.
//!
//! Where the hardware has a counter that never wraps, [`Wide`] keeps the time: it only turns ticks into microseconds, from
//! the last reading on, so that the division is one of 32 bits unless a long time has passed.
//!
//! # Costs
//! One 32-bit division and one 64-bit addition for each reading; 16 bytes of state (24 for [`Wide`]). No division at 1 MHz. A
//! counter of more than some 26 to 30 bits that does not count microseconds divides 64 bits.
//! The resolution is one microsecond; the error does not accumulate.

use core::cell::Cell;

use critical_section::{CriticalSection, Mutex};

/// A free-running hardware counter with a wrap flag.
pub trait Counter {
    /// The counter's period is 2 to this power, in ticks.
    const BITS: u32;
    /// Ticks in a second.
    const HZ: u32;

    /// Ticks since the last wrap, less than `1 << BITS`. The position is 0 in the tick in which the flag is set.
    fn position(&self) -> u32;

    /// Whether the counter has wrapped since this was last asked. Asking clears the flag.
    fn take_wrap(&self) -> bool;
}

/// What a clock is made of: the time, from whatever hardware.
pub trait TimeSource {
    /// After so many microseconds its hardware interrupts, so that the time is read; `None` if it need not.
    const PERIOD: Option<u64>;

    /// Microseconds since the start, rounded down. Monotonic. From threads and interrupts alike, at least once in each
    /// period.
    fn micros(&self) -> u64;
}

const fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The ratio of ticks and microseconds in lowest terms: [`Rate::ticks`] ticks last [`Rate::micros`] microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) ticks: u32,
    pub(crate) micros: u32,
}

impl Rate {
    pub(crate) const fn of(hz: u32) -> Rate {
        let divisor = greatest_common_divisor(1_000_000, hz);
        Rate { ticks: hz / divisor, micros: 1_000_000 / divisor }
    }
}

/// What was true when the time was last read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    micros: u64,
    /// What has passed since `micros`, in microseconds / `Rate::ticks`.
    remainder: u32,
    position: u32,
}

/// Reads a [`Counter`] as microseconds since it was at position 0 for the first time.
#[derive(Debug)]
pub struct Timekeeper<C> {
    counter: C,
    last: Mutex<Cell<Reading>>,
}

impl<C: Counter> Timekeeper<C> {
    const RATE: Rate = Rate::of(C::HZ);

    /// Three periods and a remainder fit 32 bits, so that not even a wrap that was noticed late can overflow.
    const FITS: bool = (3u64 << C::BITS) * Self::RATE.micros as u64 + Self::RATE.ticks as u64 <= 1 << 32;

    /// Time begins at 0, with the counter at position 0.
    pub const fn new(counter: C) -> Timekeeper<C> {
        Timekeeper::starting_at(counter, 0)
    }

    /// Time begins at 0, with the counter at `position`.
    pub const fn starting_at(counter: C, position: u32) -> Timekeeper<C> {
        const { assert!(C::BITS <= 32) };
        Timekeeper { counter, last: Mutex::new(Cell::new(Reading { micros: 0, remainder: 0, position })) }
    }

    /// The counter, to start it.
    pub fn counter(&self) -> &C {
        &self.counter
    }

    fn advance(&self, cs: CriticalSection<'_>) -> u64 {
        let last = self.last.borrow(cs);
        let mut reading = last.get();

        let before = self.counter.position();
        let mut wraps = u32::from(self.counter.take_wrap());
        let position = self.counter.position();
        if position < before {
            wraps += u32::from(self.counter.take_wrap());
        }
        if wraps == 0 && position < reading.position {
            return reading.micros; // the flag of this wrap is not there yet
        }

        if Self::FITS {
            let elapsed = (wraps << C::BITS).wrapping_add(position).wrapping_sub(reading.position);
            let scaled = elapsed * Self::RATE.micros + reading.remainder;
            reading.micros += u64::from(scaled / Self::RATE.ticks);
            reading.remainder = scaled % Self::RATE.ticks;
        } else {
            let elapsed = (u64::from(wraps) << C::BITS) + u64::from(position) - u64::from(reading.position);
            let scaled = elapsed * u64::from(Self::RATE.micros) + u64::from(reading.remainder);
            reading.micros += scaled / u64::from(Self::RATE.ticks);
            reading.remainder = (scaled % u64::from(Self::RATE.ticks)) as u32;
        }
        reading.position = position;
        last.set(reading);
        reading.micros
    }
}

impl<C: Counter> TimeSource for Timekeeper<C> {
    const PERIOD: Option<u64> = Some((1u64 << C::BITS) * 1_000_000 / C::HZ as u64);

    fn micros(&self) -> u64 {
        critical_section::with(|cs| self.advance(cs))
    }
}

/// A free-running hardware counter that does not wrap in the life of a program.
pub trait WideCounter {
    /// Ticks in a second; at most 16 MHz or so keep the division short.
    const HZ: u32;

    /// Ticks so far. In a critical section.
    fn ticks(&self) -> u64;
}

/// Reads a [`WideCounter`] as microseconds since [`start`](Wide::start).
#[derive(Debug)]
pub struct Wide<C> {
    counter: C,
    last: Mutex<Cell<WideReading>>,
}

/// A moment at which a whole microsecond began.
#[derive(Debug, Clone, Copy)]
struct WideReading {
    micros: u64,
    ticks: u64,
}

impl<C: WideCounter> Wide<C> {
    const RATE: Rate = Rate::of(C::HZ);

    /// A time that is not started yet.
    pub const fn new(counter: C) -> Wide<C> {
        Wide { counter, last: Mutex::new(Cell::new(WideReading { micros: 0, ticks: 0 })) }
    }

    /// The counter.
    pub fn counter(&self) -> &C {
        &self.counter
    }

    /// Time begins at 0, now.
    pub fn start(&self) {
        critical_section::with(|cs| self.last.borrow(cs).set(WideReading { micros: 0, ticks: self.counter.ticks() }));
    }
}

impl<C: WideCounter> TimeSource for Wide<C> {
    const PERIOD: Option<u64> = None;

    fn micros(&self) -> u64 {
        critical_section::with(|cs| {
            let last = self.last.borrow(cs);
            let WideReading { micros, ticks } = last.get();
            let elapsed = self.counter.ticks() - ticks;
            // Whole units of the rate, so that nothing remains to be kept but the ticks that were not counted.
            let (unit, per_unit) = (Self::RATE.ticks, Self::RATE.micros);
            let units = match u32::try_from(elapsed) {
                Ok(elapsed) => u64::from(elapsed / unit),
                Err(_) => elapsed / u64::from(unit),
            };
            let micros = micros + units * u64::from(per_unit);
            let ticks = ticks + units * u64::from(unit);
            last.set(WideReading { micros, ticks });
            if per_unit == 1 {
                return micros;
            }
            // Between two units that last several microseconds.
            let rest = (elapsed - units * u64::from(unit)) * u64::from(per_unit);
            micros + rest / u64::from(unit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A counter that moves on by an arbitrary number of ticks at each access, as if other code ran in between.
    struct Moving<const HZ: u32> {
        ticks: Cell<u64>,
        wraps_taken: Cell<u64>,
        /// How many ticks the flag comes late after the counter shows 0: an emulator's fault.
        flag_delay: u64,
        seed: Cell<u64>,
        largest_step: u64,
    }

    impl<const HZ: u32> Moving<HZ> {
        fn new(largest_step: u64, flag_delay: u64) -> Self {
            Moving {
                ticks: Cell::new(0),
                wraps_taken: Cell::new(0),
                flag_delay,
                seed: Cell::new(largest_step | 1),
                largest_step,
            }
        }

        fn random(&self) -> u64 {
            let x = self.seed.get().wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            self.seed.set(x);
            x >> 33
        }

        fn step(&self) {
            let ticks = self.ticks.get() + self.random() % (self.largest_step + 1);
            self.ticks.set(ticks);
        }
    }

    impl<const HZ: u32> Counter for Moving<HZ> {
        const BITS: u32 = 8;
        const HZ: u32 = HZ;

        fn position(&self) -> u32 {
            self.step();
            let position = self.ticks.get() % 256;
            // Frozen at 0 until the flag comes, as QEMU's timers are.
            if self.ticks.get() >= 256 && position < self.flag_delay { 0 } else { position as u32 }
        }

        fn take_wrap(&self) -> bool {
            self.step();
            let wraps = self.ticks.get().saturating_sub(self.flag_delay) / 256;
            let taken = self.wraps_taken.replace(wraps);
            assert!(wraps - taken <= 1, "the test itself let a whole period pass");
            wraps > taken
        }
    }

    fn micros<const HZ: u32>(ticks: u64) -> u64 {
        (ticks as u128 * 1_000_000 / HZ as u128) as u64
    }

    fn exact<const HZ: u32>(largest_step: u64, pause: u64) {
        let time = Timekeeper::new(Moving::<HZ>::new(largest_step, 0));
        let mut last = 0;
        for _ in 0..100_000 {
            let early = micros::<HZ>(time.counter.ticks.get());
            let now = time.micros();
            let late = micros::<HZ>(time.counter.ticks.get());
            assert!(early <= now && now <= late, "{early} <= {now} <= {late}");
            assert!(now >= last);
            last = now;
            let rest = time.counter.random() % (pause + 1);
            time.counter.ticks.set(time.counter.ticks.get() + rest);
        }
        assert!(time.counter.ticks.get() > 256 * 100);
    }

    #[test]
    fn every_wrap_is_counted_once_wherever_it_falls() {
        exact::<12_500_000>(1, 0);
        exact::<12_500_000>(3, 200);
        exact::<12_500_000>(20, 100);
        exact::<25_000_000>(1, 250);
        exact::<32_768>(2, 100);
        exact::<1_000_000>(5, 100);
    }

    #[test]
    fn a_flag_that_comes_late_never_turns_time_back_and_is_made_up_for() {
        let time = Timekeeper::new(Moving::<25_000_000>::new(2, 6));
        let mut last = 0;
        for _ in 0..200_000 {
            let now = time.micros();
            let late = micros::<25_000_000>(time.counter.ticks.get());
            assert!(last <= now && now <= late);
            last = now;
            let rest = time.counter.random() % 100;
            time.counter.ticks.set(time.counter.ticks.get() + rest);
        }
        // Away from a wrap, nothing is missing.
        time.counter.ticks.set(time.counter.ticks.get().next_multiple_of(256) + 100);
        time.micros();
        let early = micros::<25_000_000>(time.counter.ticks.get());
        assert!(time.micros() >= early);
    }

    /// 32 bits that are nearly used up, in all the rates that boards have.
    struct Late<const HZ: u32>(Cell<u64>);

    impl<const HZ: u32> Counter for Late<HZ> {
        const BITS: u32 = 32;
        const HZ: u32 = HZ;

        fn position(&self) -> u32 {
            self.0.get() as u32
        }

        fn take_wrap(&self) -> bool {
            let ticks = self.0.get();
            self.0.set(ticks & 0xFFFF_FFFF);
            ticks > 0xFFFF_FFFF
        }
    }

    fn late<const HZ: u32>() {
        let time = Timekeeper::new(Late::<HZ>(Cell::new(0)));
        let step = 0xF000_0001;
        for n in 1..100 {
            time.counter.0.set(time.counter.0.get() + step);
            assert_eq!(time.micros(), micros::<HZ>(n * step));
        }
    }

    #[test]
    fn a_counter_of_32_bits_is_kept_as_exactly() {
        late::<1_000_000>();
        late::<16_000_000>();
        late::<84_000_000>();
    }

    struct Long<const HZ: u32>(Cell<u64>);

    impl<const HZ: u32> WideCounter for Long<HZ> {
        const HZ: u32 = HZ;

        fn ticks(&self) -> u64 {
            self.0.get()
        }
    }

    fn wide<const HZ: u32>() {
        let start = 12_345;
        let time = Wide::new(Long::<HZ>(Cell::new(start)));
        time.start();
        let mut ticks = 0;
        let mut seed = 1u64;
        for n in 0..10_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ticks += if n % 100 == 0 { seed >> 24 } else { seed >> 55 };
            time.counter.0.set(start + ticks);
            assert_eq!(time.micros(), micros::<HZ>(ticks));
        }
    }

    #[test]
    fn a_counter_that_does_not_wrap_is_kept_exactly() {
        wide::<1_000_000>();
        wide::<10_000_000>();
        wide::<16_000_000>();
        wide::<32_768>();
        wide::<12_500_000>();
    }

    #[test]
    fn rates_are_in_lowest_terms() {
        assert_eq!((Rate::of(12_500_000).ticks, Rate::of(12_500_000).micros), (25, 2));
        assert_eq!((Rate::of(25_000_000).ticks, Rate::of(25_000_000).micros), (25, 1));
        assert_eq!((Rate::of(32_768).ticks, Rate::of(32_768).micros), (512, 15_625));
    }
}
