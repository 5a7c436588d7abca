//! Conditions whose waiters need the lock again: cancelled twice and limited meanwhile, notified by one that goes on with the
//! lock.
//!
//! Who catches a cancellation in a wait gets the lock's guard with it; that a limit was the reason is to be asked then, as the
//! count of requests is.

use segno::Timeout;
use segno::prelude::*;
use segno_tests::conformance::{Repr, Reraise, at, conforms, now, outcome, run};
use segno_tests::logn;

use super::{me, next_turn};

type Waiter = Task<&'static str>;

static COND: Condition = Condition::new();

#[segno::coroutine]
async fn waits(cond: &'static Condition, tag: &'static str, limit: Option<u64>) -> &'static str {
    let guard = cond.acquire().await;
    let scope = limit.map_or(Timeout::never(), |limit| Timeout::after(limit.millis()));
    let _guard = match scope.scope(guard.wait().catch_cancel()).unwrap().await {
        Ok(Ok(guard)) => {
            logn!("{tag} woke True");
            guard
        }
        Ok(Err((guard, Cancelled))) => {
            let limited = scope.expired() && me().cancelling() == 0;
            let reason = if limited { "TimeoutError" } else { "cancelled" };
            logn!("{tag} {reason}, locked {} {}", cond.locked().repr(), me().cancelling());
            if !limited {
                Reraise.await;
            }
            guard
        }
        Err(TimedOut) => return "the wait ends with a value",
    };
    sleep(1.millis()).await;
    tag
}

fn start<const N: usize>(lp: &'static EventLoop, tags: [&'static str; N], limit: Option<u64>) -> [Waiter; N] {
    tags.map(|tag| lp.create_task(waits(&COND, tag, limit)).unwrap())
}

fn show<'a>(tasks: impl IntoIterator<Item = &'a Waiter>) -> String {
    let ends = tasks.into_iter().map(|task| format!("({}, {})", outcome(task).repr(), task.cancelling()));
    format!("[{}]", ends.collect::<Vec<_>>().join(", "))
}

#[segno::coroutine]
async fn notify_all() {
    let guard = COND.acquire().await;
    guard.notify_all();
}

#[segno::coroutine]
async fn cancelled(lp: &'static EventLoop) {
    logn!("--- cancelled twice and thrice while it waits for the lock");
    for count in [2, 3] {
        let tasks = start(lp, ["a", "b"], None);
        next_turn().await;
        {
            let cond = COND.acquire().await;
            cond.notify(1);
            for _ in 0..count {
                sleep(1.millis()).await;
                logn!("cancel {}", tasks[0].cancel().repr());
            }
        }
        sleep(3.millis()).await;
        logn!("{} {}", show(&tasks), COND.locked().repr());
        notify_all().await;
        wait(&tasks).await;
    }
    logn!("--- cancelled before it was notified, and again while it waits for the lock");
    let tasks = start(lp, ["a", "b", "c"], None);
    next_turn().await;
    {
        let cond = COND.acquire().await;
        logn!("cancel {}", tasks[0].cancel().repr());
        sleep(1.millis()).await;
        cond.notify(1);
        logn!("cancel {}", tasks[0].cancel().repr());
        sleep(1.millis()).await;
    }
    sleep(3.millis()).await;
    logn!("{} {}", show(&tasks), COND.locked().repr());
    notify_all().await;
    wait(&tasks).await;
}

#[segno::coroutine]
async fn notifies() {
    let guard = COND.acquire().await;
    guard.notify(1);
    logn!("notified");
}

#[segno::coroutine]
async fn limited(lp: &'static EventLoop) {
    logn!("--- a limit passes while it waits for the lock; and then it is cancelled");
    for cancels in [false, true] {
        let tasks = start(lp, ["a", "b"], Some(2));
        next_turn().await;
        {
            let cond = COND.acquire().await;
            cond.notify(1);
            sleep(3.millis()).await;
            if cancels {
                logn!("cancel {}", tasks[0].cancel().repr());
            }
            sleep(1.millis()).await;
        }
        wait(&tasks).await;
        logn!("{} {}", show(&tasks), COND.locked().repr());
    }
    logn!("--- a limit passes in the turn of the notification, before and after");
    for early in [true, false] {
        let when = at(now() as i64 + 2);
        let soon = |lp: &'static EventLoop| drop(lp.create_task(notifies()).unwrap());
        if early {
            lp.call_at(when, soon).unwrap();
        }
        let tasks = start(lp, ["a", "b"], Some(2));
        next_turn().await;
        if !early {
            lp.call_at(when, soon).unwrap();
        }
        wait(&tasks).await;
        logn!("{} {}", show(&tasks), COND.locked().repr());
    }
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    cancelled(lp).await;
    limited(lp).await;
    logn!("--- who has notified takes the lock again at once: the others were first");
    let tasks = start(lp, ["a", "b"], None);
    next_turn().await;
    notify_all().await;
    {
        let _cond = COND.acquire().await;
        logn!("again {}", show(&tasks));
    }
    wait(&tasks).await;
    logn!("--- without the lock");
    for refused in [COND.notify(1), COND.notify_all()] {
        logn!("RuntimeError: {}", refused.unwrap_err());
    }
    logn!("--- the lock is released by others while it waits for it, and taken by one more");
    let tasks = start(lp, ["a", "b"], None);
    next_turn().await;
    std::mem::forget(COND.acquire().await);
    COND.notify(2).unwrap();
    sleep(1.millis()).await;
    let more = start(lp, ["c"], None);
    sleep(1.millis()).await;
    COND.release().unwrap();
    sleep(5.millis()).await;
    logn!("{} {}", show(tasks.iter().chain(&more)), COND.locked().repr());
    {
        let cond = COND.acquire().await;
        cond.notify(1);
    }
    wait(&more).await;
    logn!("{}", show(&more));
}

#[test]
fn conditions_that_take_the_lock_again() {
    conforms(include_str!("../../traces/programs/relocks.out"), || run(main));
}
