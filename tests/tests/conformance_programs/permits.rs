//! Semaphores: whose turn it is, who comes too late, who is cancelled before and after a permit was given, and the bound.

use std::mem::forget;

use segno::prelude::*;
use segno_tests::conformance::{Repr, Reraise, catching, conforms, outcome, run, turn};
use segno_tests::logn;

use super::{next_turn, show};

/// A semaphore for a scene.
fn semaphore(value: usize) -> &'static Semaphore {
    Box::leak(Box::new(Semaphore::new(value)))
}

#[segno::coroutine]
async fn worker(sem: &'static Semaphore, tag: &'static str, delay: u64) {
    logn!("{tag} asks, locked {}", sem.locked().repr());
    {
        let _permit = sem.acquire().await;
        logn!("{tag} works, locked {}", sem.locked().repr());
        sleep(delay.millis()).await;
    }
    logn!("{tag} is done, locked {}", sem.locked().repr());
}

#[segno::coroutine]
async fn takes(sem: &'static Semaphore, tag: &'static str) -> &'static str {
    match catching(sem.acquire()).await {
        Ok(permit) => {
            forget(permit);
            logn!("{tag} takes True");
        }
        Err(Cancelled) => {
            logn!("{tag} cancelled");
            Reraise.await;
        }
    }
    tag
}

#[segno::coroutine]
async fn takes_of_bounded(sem: &'static BoundedSemaphore, tag: &'static str) -> &'static str {
    match catching(sem.acquire()).await {
        Ok(permit) => {
            forget(permit);
            logn!("{tag} takes True");
        }
        Err(Cancelled) => {
            logn!("{tag} cancelled");
            Reraise.await;
        }
    }
    tag
}

fn start(lp: &'static EventLoop, sem: &'static Semaphore) -> [Task<&'static str>; 3] {
    ["a", "b", "c"].map(|tag| lp.create_task(takes(sem, tag)).unwrap())
}

#[segno::coroutine]
async fn in_order(lp: &'static EventLoop) {
    logn!("--- two at a time, first come, first served");
    let sem = semaphore(2);
    let tasks = [("a", 3), ("b", 1), ("c", 2), ("d", 1), ("e", 1)]
        .map(|(tag, delay)| lp.create_task(worker(sem, tag, delay)).unwrap());
    wait(&tasks).await;
    logn!("locked {}", sem.locked().repr());
    logn!("--- free: no turn is spent; without a permit to begin with");
    let n = turn();
    forget(sem.acquire().await);
    forget(sem.acquire().await);
    logn!("turns {} locked {}", turn() - n, sem.locked().repr());
    let sem = semaphore(0);
    sem.release();
    sem.release();
    forget(sem.acquire().await);
    logn!("locked {}", sem.locked().repr());
    forget(sem.acquire().await);
    logn!("locked {}", sem.locked().repr());
    logn!("--- a permit is given to who waits: who comes between does not get it");
    let sem = semaphore(1);
    forget(sem.acquire().await);
    let first = lp.create_task(takes(sem, "first")).unwrap();
    next_turn().await;
    sem.release();
    logn!("released, locked {}", sem.locked().repr());
    let tasks = [first, lp.create_task(takes(sem, "late")).unwrap()];
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), sem.locked().repr());
    sem.release();
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), sem.locked().repr());
    sem.release();
    logn!("locked {}", sem.locked().repr());
    logn!("--- released as often as some wait, and once more");
    let sem = semaphore(0);
    let tasks = start(lp, sem);
    next_turn().await;
    for _ in 0..4 {
        sem.release();
        logn!("locked {}", sem.locked().repr());
    }
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), sem.locked().repr());
}

#[segno::coroutine]
async fn cancelled(lp: &'static EventLoop) {
    logn!("--- cancelled while it waits: the next one gets it");
    let sem = semaphore(0);
    let tasks = start(lp, sem);
    next_turn().await;
    logn!("cancel {}", tasks[0].cancel().repr());
    sem.release();
    sleep(1.millis()).await;
    logn!("{}", show(&tasks));
    sem.release();
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), sem.locked().repr());
    logn!("--- cancelled after it was given one: it is passed on");
    let sem = semaphore(0);
    let tasks = start(lp, sem);
    next_turn().await;
    sem.release();
    logn!("cancel {}", tasks[0].cancel().repr());
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), sem.locked().repr());
    sem.release();
    sem.release();
    logn!("cancel {}", tasks[2].cancel().repr());
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), sem.locked().repr());
    logn!("--- the only one is cancelled: the permit is free again");
    let sem = semaphore(0);
    let task = lp.create_task(takes(sem, "only")).unwrap();
    next_turn().await;
    sem.release();
    logn!("locked {}", sem.locked().repr());
    task.cancel();
    sleep(1.millis()).await;
    logn!("{} locked {}", outcome(&task), sem.locked().repr());
    logn!("--- cancelled while it works: async with gives it back");
    let sem = semaphore(1);
    let tasks = ["a", "b"].map(|tag| lp.create_task(worker(sem, tag, 9)).unwrap());
    sleep(1.millis()).await;
    tasks[0].cancel();
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), sem.locked().repr());
    wait(&tasks).await;
}

#[segno::coroutine]
async fn limited(lp: &'static EventLoop) {
    logn!("--- limited waits: in time and too late");
    let sem = semaphore(1);
    forget(sem.acquire().await);
    lp.call_later(3.millis(), |_| sem.release()).unwrap();
    let taken = wait_for(sem.acquire(), 5.millis()).await;
    forget(taken.unwrap());
    logn!("True");
    if wait_for(sem.acquire(), 5.millis()).await.is_err() {
        logn!("TimeoutError, locked {}", sem.locked().repr());
    }
    lp.call_later(5.millis(), |_| sem.release()).unwrap();
    match wait_for(sem.acquire(), 5.millis()).await {
        Ok(permit) => {
            forget(permit);
            logn!("in time, locked {}", sem.locked().repr());
        }
        Err(TimedOut) => logn!("TimeoutError, locked {}", sem.locked().repr()),
    }
}

#[segno::coroutine]
async fn bounded(lp: &'static EventLoop) {
    logn!("--- a bound");
    static BOUNDED: BoundedSemaphore = BoundedSemaphore::new(2);
    forget(BOUNDED.acquire().await);
    BOUNDED.release().unwrap();
    if let Err(error) = BOUNDED.release() {
        logn!("ValueError: {error}");
    }
    forget(BOUNDED.acquire().await);
    forget(BOUNDED.acquire().await);
    logn!("locked {}", BOUNDED.locked().repr());
    let tasks = ["a", "b"].map(|tag| lp.create_task(takes_of_bounded(&BOUNDED, tag)).unwrap());
    next_turn().await;
    BOUNDED.release().unwrap();
    tasks[0].cancel();
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), BOUNDED.locked().repr());
    BOUNDED.release().unwrap();
    BOUNDED.release().unwrap();
    if let Err(error) = BOUNDED.release() {
        logn!("ValueError: {error} locked {}", BOUNDED.locked().repr());
    }
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    in_order(lp).await;
    cancelled(lp).await;
    limited(lp).await;
    bounded(lp).await;
}

#[test]
fn semaphores() {
    conforms(include_str!("../../traces/programs/permits.out"), || run(main));
}
