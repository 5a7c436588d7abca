//! Done callbacks run in the next turn, in their order.

use segno::ErrorContext;
use segno::prelude::*;

use crate::python::outcome;
use crate::trace::at;

/// The names that callbacks are told apart by: their arguments.
const TAGS: [&str; 5] = ["one", "dup", "two", "last", "late"];
const ONE: usize = 0;
const DUP: usize = 1;
const TWO: usize = 2;
const LAST: usize = 3;
const LATE: usize = 4;

fn callback(future: &Future<i32>, tag: usize) {
    logn!("callback {} {}", TAGS[tag], outcome(future));
}

/// Callbacks cannot raise; they tell the exception handler.
fn bad(future: &Future<i32>, _: usize) {
    logn!("callback bad raises");
    future.event_loop().call_exception_handler(&ErrorContext::new("ZeroDivisionError('in callback')"));
}

fn nested(future: &Future<i32>, _: usize) {
    logn!("callback nested adds another");
    future.add_done_callback(callback, LATE).unwrap();
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.set_exception_handler(Some(|_, context| logn!("HANDLER {}", context.message)));
    let future = lp.create_future().unwrap();
    future.add_done_callback(callback, ONE).unwrap();
    future.add_done_callback(callback, DUP).unwrap();
    future.add_done_callback(callback, TWO).unwrap();
    future.add_done_callback(callback, DUP).unwrap();
    let removed = future.remove_done_callback(callback, DUP);
    say!("removed dup: {removed} again: {}", future.remove_done_callback(callback, DUP));
    future.add_done_callback(bad, 0).unwrap();
    future.add_done_callback(nested, 0).unwrap();
    future.add_done_callback(callback, LAST).unwrap();

    lp.call_soon(move |_| {
        logn!("set_result begins");
        future.set_result(1).unwrap();
        logn!("set_result returned, no callback has run");
        say!("removing after the fact: {} (already scheduled)", future.remove_done_callback(callback, TWO));
    })
    .unwrap();
    lp.call_soon(|_| logn!("queued before the callbacks")).unwrap();
    lp.call_at(at(1), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
}
