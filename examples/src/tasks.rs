//! Tasks: ten coroutines that run in parallel. Together they need one second, not ten.

use segno::prelude::*;

#[segno::coroutine]
async fn work(n: u32) {
    sleep(1.secs()).await;
    println!("Processing {n}");
}

/// Creates the ten tasks. None of them starts before this coroutine waits.
#[segno::coroutine]
async fn run_all(lp: &'static EventLoop) {
    for n in 0..10 {
        // The handle is not kept: a task goes on by itself, and its memory returns when it ends.
        lp.create_task(work(n)).unwrap();
    }
    sleep(2.secs()).await;
    println!("Tasks Completed");
}

/// Prints `Processing 0` to `Processing 9` after one second, `Tasks Completed` after two, and returns.
pub fn main(lp: &'static EventLoop) {
    lp.run_until_complete(run_all(lp)).unwrap();
    lp.close().unwrap();
}
