//! `Event` and `Condition`: set and cleared at once, so many notified, cancelled while waiting.

use core::array::from_ref;

use segno::prelude::*;

use crate::python::{Repr, Reraise, outcome};
use crate::trace::{Turns, next_turn, ticks};

static EVENT: Event = Event::new();
static CONDITION: Condition = Condition::new();
static VALUE: Condition<Lock<i32>> = Condition::with_lock(Lock::with_value(0));

#[segno::coroutine]
async fn waits(tag: &'static str) {
    EVENT.wait().await;
    logn!("{tag} got True is_set {}", EVENT.is_set().repr());
}

#[segno::coroutine]
async fn waits_for_notification(tag: &'static str) {
    let guard = CONDITION.acquire().await;
    let _guard = guard.wait().await;
    logn!("{tag} woke True holds the lock {}", CONDITION.locked().repr());
}

#[segno::coroutine]
async fn waits_for_value() {
    let value = VALUE.wait_for(|value| *value >= 3).await;
    log!("predicate true: value {}", *value);
}

#[segno::coroutine]
async fn cancelled_while_waiting() {
    let guard = CONDITION.acquire().await;
    if let Err((_guard, Cancelled)) = guard.wait().catch_cancel().await {
        log!("cancelled; locked {}", CONDITION.locked().repr());
        Reraise.await;
    }
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let waiter = |tag| lp.create_task(waits(tag)).unwrap();
    EVENT.clear();
    let tasks = ["w0", "w1", "w2"].map(waiter);
    next_turn().await;
    logn!("set, then clear in the same step");
    EVENT.set();
    EVENT.clear();
    let late = waiter("late");
    sleep(ticks(1)).await;
    drop(tasks);
    log!("late {}", outcome(&late));
    EVENT.set();
    (&late).await;
    let turns = Turns::begin(lp);
    EVENT.wait().await;
    log!("wait on a set event costs turns: {}", turns.spent());
    EVENT.clear();
    let cancelled = waiter("cancelled");
    next_turn().await;
    cancelled.cancel();
    EVENT.set();
    wait(from_ref(&cancelled)).await;
    log!("cancelled waiter: {}", outcome(&cancelled));

    log!("--- Condition");
    let tasks = ["c0", "c1", "c2", "c3"].map(|tag| lp.create_task(waits_for_notification(tag)).unwrap());
    next_turn().await;
    {
        let guard = CONDITION.acquire().await;
        guard.notify(2);
        logn!("notified 2; nobody runs until the lock is released");
        sleep(ticks(1)).await;
        logn!("still holding");
    }
    sleep(ticks(1)).await;
    log!("done: {}", tasks.iter().filter(|task| task.done()).count());
    {
        let guard = CONDITION.acquire().await;
        guard.notify_all();
    }
    wait(&tasks).await;
    if let Err(error) = CONDITION.notify(1) {
        log!("notify without lock: RuntimeError('{error}')");
    }
    if let Err(error) = CONDITION.notify_all() {
        log!("notify_all without lock: RuntimeError('{error}')");
    }
    if let Err(error) = CONDITION.wait() {
        log!("wait without lock: RuntimeError('{error}')");
    }
    log!("--- wait_for(predicate)");
    let task = lp.create_task(waits_for_value()).unwrap();
    for _ in 0..4 {
        sleep(ticks(1)).await;
        let mut value = VALUE.acquire().await;
        *value += 1;
        value.notify(1);
    }
    task.await;
    log!("--- cancel inside wait(): the lock is re-acquired before CancelledError comes out");
    let task = lp.create_task(cancelled_while_waiting()).unwrap();
    next_turn().await;
    core::mem::forget(CONDITION.acquire().await);
    task.cancel();
    sleep(ticks(5)).await;
    log!("waiter still blocked on the lock: {}", outcome(&task));
    CONDITION.release().unwrap();
    wait(from_ref(&task)).await;
    log!("{} locked {}", outcome(&task), CONDITION.locked().repr());
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
