//! Hello world: a callback prints its greeting and stops the loop.
//!
//! A loop runs callbacks one after the other, in the order in which they were handed to `call_soon`.

use segno::prelude::*;

/// A callback is any function or closure that takes the loop. It runs once.
fn hello_world(lp: &'static EventLoop) {
    println!("Hello World");
    lp.stop();
}

/// Prints `Hello World` and returns.
pub fn main(lp: &'static EventLoop) {
    // Nothing runs yet. `Err(Full)` when the loop's memory is used up: what does not fit is handed back.
    lp.call_soon(hello_world).unwrap();
    // Runs callbacks, and sleeps between them, until one of them calls `stop`.
    lp.run_forever().unwrap();
    lp.close().unwrap();
}
