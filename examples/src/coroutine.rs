//! Coroutines: functions that can wait without keeping anybody else waiting. They are written in either spelling.

use segno::prelude::*;

/// The first spelling: `async fn`.
#[segno::coroutine]
async fn add(a: u32, b: u32) -> u32 {
    println!("Computing {a} + {b} ...");
    sleep(1.secs()).await;
    a + b
}

/// The second spelling: the attribute alone makes a coroutine of a function.
#[segno::coroutine]
fn print_sum(a: u32, b: u32) {
    // Awaiting a coroutine is a call: it starts at once, and goes on in this line when it has ended.
    let sum = add(a, b).await;
    println!("{a} + {b} = {sum}");
}

/// Prints what is computed, waits a second, prints the sum and returns.
pub fn main(lp: &'static EventLoop) {
    // Calling a coroutine only makes a value: nothing has been printed after this line.
    let coroutine = print_sum(1, 2);
    lp.run_until_complete(coroutine).unwrap();
    lp.close().unwrap();
}
