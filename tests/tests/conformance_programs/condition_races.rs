//! Conditions: who was notified and is cancelled, who is notified in vain, how often, and what is done with the lock.

use segno::prelude::*;
use segno_tests::conformance::{Repr, Reraise, conforms, run};
use segno_tests::logn;

use super::{next_turn, show};

type Waiter = Task<&'static str>;

static COND: Condition = Condition::new();

#[segno::coroutine]
async fn waits(cond: &'static Condition, tag: &'static str) -> &'static str {
    let guard = cond.acquire().await;
    match guard.wait().catch_cancel().await {
        Ok(_guard) => logn!("{tag} woke True"),
        Err((_guard, Cancelled)) => {
            logn!("{tag} cancelled, locked {}", cond.locked().repr());
            Reraise.await;
        }
    }
    tag
}

fn start<const N: usize>(lp: &'static EventLoop, tags: [&'static str; N]) -> [Waiter; N] {
    tags.map(|tag| lp.create_task(waits(&COND, tag)).unwrap())
}

#[segno::coroutine]
async fn notify(counts: &[usize]) {
    let guard = COND.acquire().await;
    for count in counts {
        guard.notify(*count);
    }
    let words: Vec<String> = counts.iter().map(usize::to_string).collect();
    logn!("notified {}", words.join(" "));
}

#[segno::coroutine]
async fn notified(lp: &'static EventLoop) {
    logn!("--- one by one, two at once, more than there are, nobody");
    let tasks = start(lp, ["a", "b", "c", "d", "e", "f"]);
    next_turn().await;
    let all: [&[usize]; 4] = [&[1], &[1, 1], &[9], &[1]];
    for counts in all {
        notify(counts).await;
        sleep(1.millis()).await;
        logn!("{}", show(&tasks));
    }
    let late = start(lp, ["g"]);
    sleep(1.millis()).await;
    logn!("nothing is remembered {}", show(&late));
    late[0].cancel();
    wait(&late).await;
}

#[segno::coroutine]
async fn cancelled(lp: &'static EventLoop) {
    logn!("--- notified and cancelled, in the same step, both ways: the next one is told");
    for first in ["notify", "cancel"] {
        let tasks = start(lp, ["a", "b", "c"]);
        next_turn().await;
        {
            let cond = COND.acquire().await;
            if first == "notify" {
                cond.notify(1);
            }
            logn!("cancel {}", tasks[0].cancel().repr());
            if first != "notify" {
                cond.notify(1);
            }
        }
        sleep(1.millis()).await;
        logn!("{} locked {}", show(&tasks), COND.locked().repr());
        {
            let cond = COND.acquire().await;
            cond.notify_all();
        }
        wait(&tasks).await;
        logn!("{}", show(&tasks));
    }
    logn!("--- notified, and cancelled while it waits for the lock");
    let tasks = start(lp, ["a", "b", "c"]);
    next_turn().await;
    {
        let cond = COND.acquire().await;
        cond.notify(1);
        sleep(1.millis()).await;
        logn!("cancel {}", tasks[0].cancel().repr());
        sleep(1.millis()).await;
        logn!("still without the lock {}", show(&tasks));
    }
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), COND.locked().repr());
    notify(&[5]).await;
    wait(&tasks).await;
    logn!("--- the only one is cancelled after it was notified: nobody is told");
    let tasks = start(lp, ["a"]);
    next_turn().await;
    {
        let cond = COND.acquire().await;
        cond.notify(1);
        tasks[0].cancel();
    }
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), COND.locked().repr());
    logn!("--- all are notified, one of them is cancelled");
    let tasks = start(lp, ["a", "b", "c"]);
    next_turn().await;
    {
        let cond = COND.acquire().await;
        cond.notify_all();
        tasks[1].cancel();
    }
    wait(&tasks).await;
    logn!("{} locked {}", show(&tasks), COND.locked().repr());
}

#[segno::coroutine]
async fn until(cond: &'static Condition<Lock<u32>>, tag: &'static str, least: u32) {
    let guard = cond.acquire().await;
    match ConditionGuard::wait_for(guard, move |level| *level >= least).catch_cancel().await {
        Ok(_guard) => logn!("{tag} True"),
        Err((_guard, Cancelled)) => {
            logn!("{tag} cancelled, locked {}", cond.locked().repr());
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn limits(lp: &'static EventLoop) {
    logn!("--- cancelled while it waits to begin with");
    std::mem::forget(COND.acquire().await);
    let tasks = start(lp, ["a", "b"]);
    sleep(1.millis()).await;
    tasks[0].cancel();
    COND.release().unwrap();
    sleep(1.millis()).await;
    logn!("{} locked {}", show(&tasks), COND.locked().repr());
    notify(&[1]).await;
    wait(&tasks).await;
    logn!("--- a limit: the lock is there again when it comes out");
    {
        let guard = COND.acquire().await;
        match wait_for(guard.wait().catch_cancel(), 3.millis()).await {
            Ok(Err((_guard, Cancelled))) => logn!("TimeoutError, locked {}", COND.locked().repr()),
            Ok(Ok(_guard)) => logn!("notified"),
            Err(TimedOut) => logn!("TimeoutError without the lock"),
        }
    }
    logn!("locked {}", COND.locked().repr());
    logn!("--- until something is so: told too early, told in time, cancelled, too late");
    static LEVEL: Condition<Lock<u32>> = Condition::with_lock(Lock::with_value(0));
    let tasks = [("three", 3), ("one", 1), ("nine", 9), ("zero", 0)]
        .map(|(tag, least)| lp.create_task(until(&LEVEL, tag, least)).unwrap());
    for _ in 0..3 {
        sleep(1.millis()).await;
        let now = {
            let mut level = LEVEL.acquire().await;
            *level += 1;
            level.notify_all();
            *level
        };
        sleep(1.millis()).await;
        logn!("{now} {}", show(&tasks));
    }
    tasks[2].cancel();
    wait(&tasks).await;
    if wait_for(until(&LEVEL, "late", 9), 2.millis()).await.is_err() {
        logn!("TimeoutError, locked {}", LEVEL.locked().repr());
    }
}

#[segno::coroutine]
async fn waits_of<L: segno::sync::AsLock<Value = ()>>(cond: &Condition<L>, tag: &'static str) -> &'static str {
    let guard = cond.acquire().await;
    let _guard = guard.wait().await;
    logn!("{tag} woke True");
    tag
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    notified(lp).await;
    cancelled(lp).await;
    limits(lp).await;
    logn!("--- two conditions of one lock");
    static LOCK: Lock = Lock::new();
    static FULL: Condition<&Lock> = Condition::with_lock(&LOCK);
    static EMPTY: Condition<&Lock> = Condition::with_lock(&LOCK);
    let tasks = [lp.create_task(waits_of(&FULL, "f")).unwrap(), lp.create_task(waits_of(&EMPTY, "e")).unwrap()];
    next_turn().await;
    {
        let _lock = LOCK.acquire().await;
        EMPTY.notify(1).unwrap();
    }
    sleep(1.millis()).await;
    logn!("{}", show(&tasks));
    {
        let full = FULL.acquire().await;
        full.notify(1);
        logn!("locked {} {}", EMPTY.locked().repr(), LOCK.locked().repr());
    }
    wait(&tasks).await;
    logn!("{}", show(&tasks));
}

#[test]
fn conditions_and_requests() {
    conforms(include_str!("../../traces/programs/condition_races.out"), || run(main));
}
