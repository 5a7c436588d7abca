//! A cancellation can be caught, and requests are counted.

use segno::prelude::*;

use crate::python::{CANCELLED, Exception, Repr, Reraise, outcome};
use crate::trace::{next_turn, ticks};

#[segno::coroutine]
async fn stubborn(lp: &'static EventLoop) -> &'static str {
    let me = lp.current_task().unwrap();
    if sleep(ticks(100)).catch_cancel().await.is_err() {
        log!("caught {CANCELLED} cancelling {}", me.cancelling());
    }
    sleep(ticks(5)).await;
    log!("still alive after suppressing");
    if sleep(ticks(100)).catch_cancel().await.is_err() {
        log!("caught {CANCELLED} cancelling {}", me.cancelling());
        let (first, second, third) = (me.uncancel(), me.uncancel(), me.uncancel());
        log!("uncancel -> {first} {second} {third}");
    }
    "done"
}

/// Python's `try: … finally: …`.
#[segno::coroutine]
async fn cleanup() {
    let ended = sleep(ticks(100)).catch_cancel().await;
    log!("cleanup begins");
    sleep(ticks(7)).await;
    log!("cleanup ends");
    if ended.is_err() {
        Reraise.await;
    }
}

#[segno::coroutine]
async fn replaces() -> Result<(), Exception> {
    sleep(ticks(100)).catch_cancel().await.map_err(|Cancelled| Exception::Value("instead"))
}

/// Sets `seen` to how many cancellations it has caught.
#[segno::coroutine]
async fn counter(seen: Future<u32>) -> &'static str {
    let mut caught = 0;
    if sleep(ticks(100)).catch_cancel().await.is_err() {
        caught += 1;
    }
    if sleep(ticks(1)).catch_cancel().await.is_err() {
        caught += 1;
    }
    seen.set_result(caught).unwrap();
    "survived"
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let task = lp.create_task(stubborn(lp)).unwrap();
    sleep(ticks(1)).await;
    log!("cancel {}", task.cancel().repr());
    sleep(ticks(10)).await;
    log!("cancel {} state {}", task.cancel().repr(), outcome(&task));
    let result = (&task).await;
    log!("result {result} cancelled {} cancelling {}", task.cancelled().repr(), task.cancelling());

    let task = lp.create_task(cleanup()).unwrap();
    sleep(ticks(1)).await;
    task.cancel();
    wait(&[&task]).await;
    log!("cleanup task {}", outcome(&task));

    let task = lp.create_task(cleanup()).unwrap();
    sleep(ticks(1)).await;
    task.cancel();
    sleep(ticks(2)).await;
    log!("cancel again during cleanup");
    task.cancel();
    wait(&[&task]).await;
    log!("cleanup task {}", outcome(&task));

    let task = lp.create_task(replaces()).unwrap();
    sleep(ticks(1)).await;
    task.cancel();
    wait(&[&task]).await;
    log!("replaces {}", outcome(&task));

    // Several requests before the task runs are one cancellation.
    let seen = lp.create_future().unwrap();
    let task = lp.create_task(counter(seen.clone())).unwrap();
    next_turn().await;
    for _ in 0..3 {
        task.cancel();
    }
    wait(&[&task]).await;
    assert_eq!(seen.result(), Ok(1));
    log!("three cancels: [\"{CANCELLED}\"] {} cancelling {}", outcome(&task), task.cancelling());
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
