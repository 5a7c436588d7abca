//! A future: a result that one part of a program promises and another waits for.

use segno::prelude::*;

/// Keeps its promise after two seconds.
#[segno::coroutine]
async fn slow_operation(future: Future<&'static str>) {
    sleep(2.secs()).await;
    // `Err(InvalidState)` if somebody else has set a result, or cancelled the future, in the meantime.
    future.set_result("Future is done!").unwrap();
}

/// Prints `Future is done!` after two seconds and returns.
pub fn main(lp: &'static EventLoop) {
    let future = lp.create_future().unwrap();
    // A clone is a second handle to the same future.
    lp.create_task(slow_operation(future.clone())).unwrap();
    lp.run_until_complete(&future).unwrap();
    println!("{}", future.result().unwrap());
    lp.close().unwrap();
}
