//! An output pin that prints its edges, for machines whose LED nobody can see.
//!
//! Each change of level is a line `led: 1 at 500.000 ms` on the console, as the host simulator prints it. Setting the
//! level that the pin has already prints nothing. The level is remembered here: not every machine lets it be read.

use core::fmt::{self, Write};

use embedded_hal::digital::{ErrorType, OutputPin, PinState, StatefulOutputPin};
use segno::board::{Clock, Console};

use crate::output_pin;
use crate::output_pin::Level;

/// How a board hands out an output pin: with feature `trace-pins`, one that prints its edges.
#[cfg(feature = "trace-pins")]
pub type Shown<P> = TracedPin<P>;
/// How a board hands out an output pin: with feature `trace-pins`, one that prints its edges.
#[cfg(not(feature = "trace-pins"))]
pub type Shown<P> = P;

/// Wraps `pin`, which is low, as feature `trace-pins` says.
pub fn shown<P: OutputPin>(
    pin: P,
    name: &'static str,
    clock: &'static dyn Clock,
    console: &'static dyn Console,
) -> Shown<P> {
    #[cfg(feature = "trace-pins")]
    let pin = TracedPin::new(pin, name, clock, console);
    #[cfg(not(feature = "trace-pins"))]
    let _ = (name, clock, console);
    pin
}

/// A pin around `P`.
pub struct TracedPin<P> {
    pin: P,
    high: bool,
    name: &'static str,
    clock: &'static dyn Clock,
    console: &'static dyn Console,
}

impl<P: OutputPin> TracedPin<P> {
    /// Prints what happens to `pin`, which is low, under this name.
    pub fn new(pin: P, name: &'static str, clock: &'static dyn Clock, console: &'static dyn Console) -> TracedPin<P> {
        TracedPin { pin, high: false, name, clock, console }
    }
}

impl<P: OutputPin> ErrorType for TracedPin<P> {
    type Error = P::Error;
}

impl<P: OutputPin> OutputPin for TracedPin<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        self.set_state(PinState::Low)
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        self.set_state(PinState::High)
    }

    fn set_state(&mut self, state: PinState) -> Result<(), P::Error> {
        let high = state == PinState::High;
        if self.high != high {
            self.pin.set_state(state)?;
            self.high = high;
            let micros = self.clock.now().as_ticks();
            let (millis, rest) = (micros / 1000, micros % 1000);
            writeln!(Lines(self.console), "{}: {} at {millis}.{rest:03} ms", self.name, u8::from(high)).ok();
        }
        Ok(())
    }
}

impl<P: OutputPin> StatefulOutputPin for TracedPin<P> {
    fn is_set_high(&mut self) -> Result<bool, P::Error> {
        Ok(self.high)
    }

    fn is_set_low(&mut self) -> Result<bool, P::Error> {
        Ok(!self.high)
    }
}

/// A pin that is not there, for machines without any: behind a [`TracedPin`] it can be seen.
#[derive(Debug, Default)]
pub struct NoPin {
    high: bool,
}

impl Level for NoPin {
    fn write(&mut self, high: bool) {
        self.high = high;
    }

    fn read(&self) -> bool {
        self.high
    }
}

output_pin! { [] NoPin }

struct Lines(&'static dyn Console);

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(text);
        Ok(())
    }
}
