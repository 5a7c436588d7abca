//! An output pin that prints its edges, for machines whose LED nobody can see.
//!
//! Each change of level is a line `led: 1 at 500.000 ms` on the console, as the host simulator prints it. Setting the
//! level that the pin has already prints nothing.

use core::fmt::{self, Write};

use embedded_hal::digital::{ErrorType, OutputPin, PinState, StatefulOutputPin};
use segno::board::{Clock, Console};

/// A pin around `P`.
pub struct TracedPin<P> {
    pin: P,
    name: &'static str,
    clock: &'static dyn Clock,
    console: &'static dyn Console,
}

impl<P: StatefulOutputPin> TracedPin<P> {
    /// Prints what happens to `pin` under this name.
    pub fn new(pin: P, name: &'static str, clock: &'static dyn Clock, console: &'static dyn Console) -> TracedPin<P> {
        TracedPin { pin, name, clock, console }
    }
}

impl<P: StatefulOutputPin> ErrorType for TracedPin<P> {
    type Error = P::Error;
}

impl<P: StatefulOutputPin> OutputPin for TracedPin<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        self.set_state(PinState::Low)
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        self.set_state(PinState::High)
    }

    fn set_state(&mut self, state: PinState) -> Result<(), P::Error> {
        let high = state == PinState::High;
        if self.pin.is_set_high()? != high {
            self.pin.set_state(state)?;
            let micros = self.clock.now().as_ticks();
            let (millis, rest) = (micros / 1000, micros % 1000);
            writeln!(Lines(self.console), "{}: {} at {millis}.{rest:03} ms", self.name, u8::from(high)).ok();
        }
        Ok(())
    }
}

impl<P: StatefulOutputPin> StatefulOutputPin for TracedPin<P> {
    fn is_set_high(&mut self) -> Result<bool, P::Error> {
        self.pin.is_set_high()
    }

    fn is_set_low(&mut self) -> Result<bool, P::Error> {
        self.pin.is_set_low()
    }
}

struct Lines(&'static dyn Console);

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(text);
        Ok(())
    }
}
