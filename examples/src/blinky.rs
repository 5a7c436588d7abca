//! Blinky: a lamp on any pin of any chip.

use embedded_hal::digital::StatefulOutputPin;
use segno::prelude::*;

/// Blinks for ever: one second is one period.
#[segno::coroutine]
async fn blinky(mut led: impl StatefulOutputPin) -> ! {
    loop {
        // A pin of a chip cannot fail; one behind a bus can, and then is tried again half a second later.
        led.toggle().ok();
        sleep(500.millis()).await;
    }
}

/// Blinks `led` for ever.
pub fn main(lp: &'static EventLoop, led: impl StatefulOutputPin + 'static) {
    // The task owns the lamp. Between two edges the loop sleeps, and with it the chip.
    lp.create_task(blinky(led)).unwrap();
    lp.run_forever().unwrap();
}
