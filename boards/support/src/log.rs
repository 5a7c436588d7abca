//! Messages of `defmt`: a debugger takes them from a ring in RAM (RTT), with the board's time in microseconds.
//!
//! A program uses `defmt`'s macros; here is what they need, and what the board itself has to say. `DEFMT_LOG=info` in the
//! environment of the build lets more than errors through.

use core::cell::Cell;
use core::fmt;

use critical_section::Mutex;
use defmt_rtt as _;

use crate::clock::Sleep;

static CLOCK: Mutex<Cell<Option<&'static dyn Sleep>>> = Mutex::new(Cell::new(None));

defmt::timestamp!("{=u64:us}", micros());

fn micros() -> u64 {
    critical_section::with(|cs| CLOCK.borrow(cs).get()).map_or(0, |clock| clock.now().as_ticks())
}

/// Says that the board has started. Messages have its time from here on.
pub(crate) fn start(clock: &'static dyn Sleep) {
    critical_section::with(|cs| CLOCK.borrow(cs).set(Some(clock)));
    defmt::info!("the board has started");
}

/// Says what a panic or a fault says on the console.
pub(crate) fn last_words(words: &fmt::Arguments<'_>) {
    defmt::error!("{}", defmt::Display2Format(words));
}
