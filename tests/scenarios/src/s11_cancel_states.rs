//! Cancel in every state.

use segno::prelude::*;

use crate::python::{CANCELLED, Repr, Reraise, catching, outcome};
use crate::trace::{next_turn, ticks};

/// Waits for the future or, if there is none, sleeps; says how that ended.
#[segno::coroutine]
async fn body(tag: &'static str, future: Option<Future<&'static str>>, delay: u32) -> &'static str {
    logn!("{tag} start");
    let waited = match future {
        Some(future) => catching(future).await.map(drop),
        None => sleep(ticks(delay)).catch_cancel().await,
    };
    if waited.is_err() {
        logn!("{tag} got {CANCELLED}");
        Reraise.await;
    }
    logn!("{tag} finished normally");
    tag
}

#[segno::coroutine]
async fn selfish(lp: &'static EventLoop) {
    lp.current_task().unwrap().cancel();
    logn!("5 still running after cancel()");
    if sleep(ticks(5)).catch_cancel().await.is_err() {
        logn!("5 cancelled at its next await");
        Reraise.await;
    }
}

#[segno::coroutine]
async fn last_words(lp: &'static EventLoop) -> &'static str {
    lp.current_task().unwrap().cancel();
    "lost"
}

#[segno::coroutine]
async fn no_yield(lp: &'static EventLoop) {
    lp.current_task().unwrap().cancel();
    let future = lp.create_future().unwrap();
    future.set_result(0).unwrap();
    (&future).await;
    logn!("8 passed an await that did not suspend");
    next_turn().await;
    logn!("8 unreachable");
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    // 1. before the first step
    let task = lp.create_task(body("1", None, 10)).unwrap();
    let cancelled = task.cancel();
    logn!("cancel -> {} done: {} cancelled: {}", cancelled.repr(), task.done().repr(), task.cancelled().repr());
    next_turn().await;
    logn!("1: {}", outcome(&task));

    // 2. waiting for a future
    let future = lp.create_future().unwrap();
    let task = lp.create_task(body("2", Some(future.clone()), 0)).unwrap();
    next_turn().await;
    let cancelled = task.cancel();
    logn!("cancel -> {} future now: {} task: {}", cancelled.repr(), outcome(&future), outcome(&task));
    next_turn().await;
    next_turn().await;
    logn!("2: {}", outcome(&task));

    // 3. sleeping
    let task = lp.create_task(body("3", None, 1000)).unwrap();
    next_turn().await;
    task.cancel();
    if catching(&task).await.is_err() {
        logn!("3: awaiting it raises {CANCELLED}");
    }

    // 4. runnable: what it waited for is there, but it has not been resumed
    let future = lp.create_future().unwrap();
    let task = lp.create_task(body("4", Some(future.clone()), 0)).unwrap();
    next_turn().await;
    future.set_result("value that will be lost").unwrap();
    let cancelled = task.cancel();
    logn!("cancel runnable -> {} future: {}", cancelled.repr(), outcome(&future));
    next_turn().await;
    logn!("4: {}", outcome(&task));

    // 5. itself
    let task = lp.create_task(selfish(lp)).unwrap();
    wait(&[&task]).await;
    logn!("5: {}", outcome(&task));

    // 6. itself, and then it returns
    let task = lp.create_task(last_words(lp)).unwrap();
    wait(&[&task]).await;
    logn!("6: {}", outcome(&task));

    // 7. done
    let task = lp.create_task(body("7", None, 1)).unwrap();
    (&task).await;
    let cancelled = task.cancel();
    logn!("cancel done -> {} {}", cancelled.repr(), outcome(&task));

    // 8. itself, and then it awaits what is done
    let task = lp.create_task(no_yield(lp)).unwrap();
    wait(&[&task]).await;
    logn!("8: {}", outcome(&task));
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
