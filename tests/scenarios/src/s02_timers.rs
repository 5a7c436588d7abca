//! Timers run by deadline, and after what is ready.

use segno::prelude::*;

use crate::trace::{at, now, ticks};

fn callback(tag: &'static str) -> impl FnOnce(&'static EventLoop) {
    move |_| logn!("run {tag}")
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.call_later(ticks(30), callback("later30")).unwrap();
    lp.call_later(ticks(10), callback("later10")).unwrap();
    lp.call_later(ticks(20), callback("later20")).unwrap();
    lp.call_later(ticks(0), callback("later0")).unwrap();
    // Delays are not negative here; moments can be in the past.
    lp.call_at(at(-5), callback("later-5")).unwrap();
    lp.call_soon(callback("soon")).unwrap();
    lp.call_at(at(15), callback("at15")).unwrap();
    lp.call_at(at(25), |lp| {
        logn!("run chain; now call_later(0) and call_soon");
        lp.call_later(ticks(0), callback("chain-later0")).unwrap();
        lp.call_soon(callback("chain-soon")).unwrap();
    })
    .unwrap();
    lp.call_at(at(40), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    say!("end time {}", now());
}
