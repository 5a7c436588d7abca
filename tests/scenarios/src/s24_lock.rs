//! `Lock`: first come, first served; a wake-up is passed on by a waiter that is cancelled.

use core::mem::forget;

use segno::prelude::*;

use crate::python::{Repr, outcome};
use crate::trace::{next_turn, ticks};

static LOCK: Lock = Lock::new();

/// asyncio's `async with lock:`, so many times.
#[segno::coroutine]
async fn user(tag: &'static str, times: u32) {
    for time in 0..times {
        let _guard = LOCK.acquire().await;
        logn!("{tag} has it {time}");
    }
}

#[segno::coroutine]
async fn holder() {
    let _guard = LOCK.acquire().await;
    sleep(ticks(50)).await;
}

#[segno::coroutine]
async fn other() {
    LOCK.release().unwrap();
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let task = |tag, times| lp.create_task(user(tag, times)).unwrap();
    let locked = || LOCK.locked();

    let before = locked();
    forget(LOCK.acquire().await);
    log!("locked {} acquire -> True locked {}", before.repr(), locked().repr());
    let abc = ["a", "b", "c"].map(|tag| task(tag, 2));
    next_turn().await;
    LOCK.release().unwrap();
    logn!("release; locked after release: {}", locked().repr());
    {
        let _guard = LOCK.acquire().await;
        logn!("main has it");
    }
    wait(&abc).await;

    log!("--- cancel a waiter in the middle");
    forget(LOCK.acquire().await);
    let abc = ["A", "B", "C"].map(|tag| task(tag, 1));
    next_turn().await;
    abc[1].cancel();
    LOCK.release().unwrap();
    wait(&abc).await;
    log!("{} {} {} locked {}", outcome(&abc[0]), outcome(&abc[1]), outcome(&abc[2]), locked().repr());

    log!("--- cancel the waiter that was just woken: the next one must get it");
    forget(LOCK.acquire().await);
    let pq = ["P", "Q"].map(|tag| task(tag, 1));
    next_turn().await;
    LOCK.release().unwrap();
    pq[0].cancel();
    wait(&pq).await;
    log!("{} {} locked {}", outcome(&pq[0]), outcome(&pq[1]), locked().repr());

    log!("--- cancel while holding: async with releases");
    let task = lp.create_task(holder()).unwrap();
    sleep(ticks(1)).await;
    log!("locked {}", locked().repr());
    task.cancel();
    wait(&[task]).await;
    log!("locked {}", locked().repr());

    log!("--- not reentrant; release when unlocked is an error; any task may release");
    forget(LOCK.acquire().await);
    let again = lp.create_task(user("again", 1)).unwrap();
    sleep(ticks(5)).await;
    again.cancel();
    again.as_any().wait().await;
    if again.cancelled() {
        log!("second acquire by the owner blocks");
    }
    lp.create_task(other()).unwrap().await;
    if let Err(error) = LOCK.release() {
        log!("RuntimeError('{error}')");
    }
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
