//! Checks of a board on the machine itself: what its `selftest` program runs.
//!
//! The arithmetic of time and of the rings is tested on the host. What is left for the machine is whether the hardware
//! does what the drivers believe: that a wrap sets its flag in the tick of position 0, that an alarm is never early,
//! that the processor wakes for an interrupt that came a moment before it slept, that bytes pass the UART.

mod echo;

use core::cell::Cell;
use core::fmt::{self, Write};

use segno::EventLoop;
use segno::board::Console;
use segno::time::{Duration, Instant};
use segno::transport::Serial;

use self::echo::Session;
use crate::clock::Sleep;
use crate::program::{Board, Statics};
use crate::timekeeper::{Counter, TimeSource, Timekeeper};

/// What a check found wrong.
pub type Outcome = Result<(), &'static str>;

/// The board's parts that are checked.
pub struct Bench {
    /// The clock.
    pub clock: &'static dyn Sleep,
    /// Where the report goes.
    pub console: &'static dyn Console,
    /// Makes an interrupt pending whose handler calls [`count_spare_interrupt`].
    pub spare: fn(),
}

/// All checks of a board, and the verdict on its console; the status to exit with.
///
/// One line is received from `uart` within three seconds, and sent back. Whether one comes is not judged, since nobody may be
/// there to send it; whether it comes back is for who sent it to compare, and is printed with a checksum.
pub fn run<B: Board>(lp: &'static EventLoop, uart: &mut impl Serial) -> u32 {
    let bench = {
        let Statics { clock, console, request_spare_interrupt } = B::statics();
        Bench { clock, console, spare: request_spare_interrupt }
    };
    let outcome = bench.all(lp, uart).and_then(|()| B::check(&bench));
    bench.verdict(outcome)
}

static SPARE: critical_section::Mutex<Cell<u32>> = critical_section::Mutex::new(Cell::new(0));

/// To be called by the handler of the interrupt that [`Bench::spare`] requests.
pub fn count_spare_interrupt() {
    critical_section::with(|cs| SPARE.borrow(cs).set(SPARE.borrow(cs).get() + 1));
}

fn spare_interrupts() -> u32 {
    critical_section::with(|cs| SPARE.borrow(cs).get())
}

fn expect(condition: bool, otherwise: &'static str) -> Outcome {
    if condition { Ok(()) } else { Err(otherwise) }
}

impl Write for &Bench {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.console.write_str(text);
        Ok(())
    }
}

impl Bench {
    /// Everything that can be checked on every board.
    fn all(&self, lp: &'static EventLoop, uart: &mut impl Serial) -> Outcome {
        let period = self.clock.period();
        self.report(format_args!("selftest: waiting for a line"));
        // With interrupts masked for longer than a period, a clock may lose one.
        let longest_mask = Duration::from_millis(900);
        let masked = period.map_or(longest_mask, |period| longest_mask.min(period * 2 / 3));
        self.echoes(lp, uart, Duration::from_secs(3))?;
        self.no_wake_up_is_lost()?;
        self.clock_runs(Duration::from_secs(4), masked)?;
        self.alarm_is_never_early(200, if period.is_some() { 2 } else { 0 })?;
        self.long_sleep(Duration::from_secs(5))
    }

    /// Prints a line about a check that has passed.
    pub fn report(&self, what: fmt::Arguments<'_>) {
        let mut to = self;
        writeln!(to, "{what}").ok();
    }

    /// Prints the verdict; the exit status.
    pub fn verdict(&self, outcome: Outcome) -> u32 {
        match outcome {
            Ok(()) => self.report(format_args!("selftest: ok")),
            Err(why) => self.report(format_args!("selftest: FAILED: {why}")),
        }
        u32::from(outcome.is_err())
    }

    /// The clock read over and over for `span`, which should hold a few wraps; in the middle of it, for `masked`, with
    /// interrupts masked.
    pub fn clock_runs(&self, span: Duration, masked: Duration) -> Outcome {
        let start = self.clock.now();
        let mut last = start;
        let mut poll_until = |end: Instant| {
            while last < end {
                let now = self.clock.now();
                expect(now >= last, "the clock ran backwards")?;
                expect(now < last + Duration::from_secs(1), "the clock leapt")?;
                last = now;
            }
            Ok(())
        };
        poll_until(start + (span - masked) / 2)?;
        critical_section::with(|_| poll_until(start + (span + masked) / 2))?;
        poll_until(start + span)?;
        self.report(format_args!("clock: monotonic for {} ms", span.as_millis()));
        Ok(())
    }

    /// Two clocks over different hardware, one of them with a short period, must agree.
    ///
    /// The short one may stand still for a moment at a wrap when an emulator sets the flag late, so it is enough that
    /// it is never ahead and has caught up in the end.
    pub fn clocks_agree<C: Counter>(&self, short: &Timekeeper<C>, span: Duration) -> Outcome {
        /// Both starts are rounded down, and nothing is read at the same moment.
        const TOLERANCE: u64 = 20;
        while short.micros() == 0 {} // an emulator may be late with the first tick as well
        let (start, start_of_short) = loop {
            let readings = (self.clock.now(), short.micros());
            if (self.clock.now() - readings.0).as_micros() < TOLERANCE / 2 {
                break readings; // the emulator did not pause in between
            }
        };
        let mut behind = false;
        while behind || self.clock.now() - start < span {
            let least = (self.clock.now() - start).as_micros();
            let measured = short.micros() - start_of_short;
            let most = (self.clock.now() - start).as_micros();
            behind = measured + TOLERANCE < least;
            expect(measured <= most + TOLERANCE, "the short counter is ahead")?;
            expect(most < 2 * span.as_micros(), "the short counter is behind")?;
        }
        let wraps = ((short.micros() - start_of_short) * u64::from(C::HZ / 1_000_000)) >> C::BITS;
        expect(wraps > 0, "no wrap was met")?;
        self.report(format_args!("counter: right over {wraps} wraps"));
        Ok(())
    }

    /// Sleeps of 1 µs to 5 ms. Only `wraps` of them may end early: by the interrupt of a wrap. Input that arrives while
    /// they last ends sleeps too, so there are a few rounds.
    pub fn alarm_is_never_early(&self, sleeps: u32, wraps: u32) -> Outcome {
        let mut seed = 1;
        for _ in 0..5 {
            let (early, latest) = self.sleep_often(sleeps, &mut seed);
            if cfg!(feature = "cores") {
                // A sleep there may end for no reason.
                self.report(format_args!("alarm: {sleeps} sleeps, the latest by {latest} us"));
                return Ok(());
            }
            if early <= wraps {
                self.report(format_args!("alarm: {sleeps} sleeps, none ended early, the latest by {latest} us"));
                return Ok(());
            }
        }
        Err("the alarm was early")
    }

    /// How many sleeps ended early, and by how many microseconds one was late at most.
    fn sleep_often(&self, sleeps: u32, seed: &mut u32) -> (u32, u64) {
        let (mut early, mut latest) = (0, 0);
        for _ in 0..sleeps {
            *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let deadline = self.clock.now() + Duration::from_micros(1 + u64::from(*seed >> 16) % 5_000);
            loop {
                self.clock.sleep(Some(deadline), &|| false);
                let now = self.clock.now();
                if now >= deadline {
                    latest = latest.max((now - deadline).as_micros());
                    break;
                }
                early += 1;
            }
        }
        (early, latest)
    }

    /// A sleep longer than the counter's period, and longer than the alarm's range when that is short.
    pub fn long_sleep(&self, span: Duration) -> Outcome {
        let deadline = self.clock.now() + span;
        let mut pieces = 0u32;
        while self.clock.now() < deadline {
            self.clock.sleep(Some(deadline), &|| false);
            pieces += 1;
        }
        expect(self.clock.now() - deadline < Duration::from_secs(1), "a long sleep was too long")?;
        self.report(format_args!("alarm: slept {} ms in {pieces} pieces", span.as_millis()));
        Ok(())
    }

    /// What must not sleep does not, and an interrupt that comes after the loop has looked is not slept through.
    pub fn no_wake_up_is_lost(&self) -> Outcome {
        /// No sleep is as short as this, and no emulator's pause as long.
        const LIMIT: Duration = Duration::from_millis(100);
        let far = self.clock.now() + Duration::from_hours(1000);
        let at_once = |deadline, pending: &dyn Fn() -> bool| {
            let start = self.clock.now();
            self.clock.sleep(deadline, pending);
            expect(self.clock.now() - start < LIMIT, "a wake-up was slept through")
        };
        at_once(None, &|| true)?;
        at_once(Some(self.clock.now()), &|| false)?;
        at_once(Some(Instant::from_ticks(0)), &|| false)?;
        for deadline in [None, Some(far)] {
            let count = spare_interrupts();
            // Served while the loop is busy.
            (self.spare)();
            at_once(deadline, &|| false)?;
            // Pending when the loop has looked and goes to sleep. It does not look after another interrupt.
            let looked = Cell::new(false);
            while !looked.get() {
                at_once(deadline, &|| {
                    looked.set(true);
                    (self.spare)();
                    false
                })?;
            }
            expect(spare_interrupts() == count + 2, "the interrupt's handler did not run")?;
        }
        expect(!self.clock.in_interrupt(), "thread mode was taken for an interrupt")?;
        self.report(format_args!("idle: no wake-up lost"));
        Ok(())
    }

    /// Receives a line through the event loop and sends it back: see the session in `echo.rs`. Waits for it until `patience` is over.
    pub fn echoes<U: Serial>(&self, lp: &'static EventLoop, uart: &mut U, patience: Duration) -> Outcome {
        let session = Session::new(self, uart, self.clock.now() + patience);
        lp.run_until_complete(session).map_err(|_| "the loop did not run the session to its end")?
    }
}
