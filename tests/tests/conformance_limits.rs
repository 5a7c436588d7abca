//! Limits against errors, cancel requests, busy loops and each other, on CPython and here: `tests/traces/programs/limits.py`.
#![cfg(feature = "ours")]

use segno::prelude::*;
use segno::{Timeout, shield};
use segno_tests::conformance::{Exception, Repr, Reraise, advance, catching, conforms, outcome, run};
use segno_tests::logn;

type Outcome = Result<(), Exception>;

fn me(lp: &'static EventLoop) -> AnyTask {
    lp.current_task().expect("a task runs")
}

fn text(error: Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

#[segno::coroutine]
async fn limited<C: Coroutine<Output = Outcome>>(lp: &'static EventLoop, delay: u64, body: C) {
    let limit = Timeout::after(delay.millis());
    match catching(limit.scope(body).unwrap()).await {
        Ok(Ok(Ok(()))) => logn!("in time {}", limit.expired().repr()),
        Ok(Ok(Err(error))) => logn!("error {} {} {}", text(error), limit.expired().repr(), me(lp).cancelling()),
        Ok(Err(TimedOut)) => logn!("TimeoutError {} {}", limit.expired().repr(), me(lp).cancelling()),
        Err(Cancelled) => {
            logn!("CancelledError {} {}", limit.expired().repr(), me(lp).cancelling());
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn rests(delay: u64) -> Outcome {
    sleep(delay.millis()).await;
    Ok(())
}

#[segno::coroutine]
async fn busy(lp: &'static EventLoop, after: u64) -> Outcome {
    advance(10);
    limited(lp, after, rests(100)).await;
    Ok(())
}

#[segno::coroutine]
async fn busy_inside() -> Outcome {
    advance(10);
    rests(100).await
}

#[segno::coroutine]
async fn both(lp: &'static EventLoop) -> Outcome {
    limited(lp, 4, busy_inside()).await;
    logn!("between");
    rests(100).await
}

#[segno::coroutine]
async fn crashes() -> Outcome {
    match catching(rests(9)).await {
        Ok(rested) => rested,
        Err(Cancelled) => Err(Exception::Value("crash")),
    }
}

#[segno::coroutine]
async fn cancels_itself(lp: &'static EventLoop) -> Outcome {
    let cancelled = me(lp).cancel();
    logn!("cancel {}", cancelled.repr());
    rests(9).await
}

#[segno::coroutine]
async fn cleans_up(lp: &'static EventLoop) -> Outcome {
    let rested = catching(rests(9)).await;
    limited(lp, 3, rests(9)).await;
    if rested.is_err() {
        Reraise.await;
    }
    Ok(())
}

#[segno::coroutine]
async fn after_a_request<C: Coroutine<Output = Outcome>>(lp: &'static EventLoop, delay: u64, body: C) {
    me(lp).cancel();
    if catching(sleep(1.millis())).await.is_err() {
        logn!("caught {}", me(lp).cancelling());
    }
    limited(lp, delay, body).await;
    logn!("left {}", me(lp).cancelling());
}

#[segno::coroutine]
async fn ended<C: Coroutine<Output = ()> + 'static>(lp: &'static EventLoop, coroutine: C) {
    let task = lp.create_task(coroutine).unwrap();
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
}

fn attempt(lp: &'static EventLoop, tag: &str, limit: &Timeout) {
    match limit.reschedule(Some(lp.time() + u64::millis(9))) {
        Ok(()) => logn!("{tag} ok"),
        Err(error) => logn!("{tag} {error}"),
    }
}

#[segno::coroutine]
async fn inside(lp: &'static EventLoop, limit: &Timeout) {
    if let Err(error) = limit.scope(sleep(0.millis())) {
        logn!("inside: {error}");
    }
    if catching(sleep(9.millis())).await.is_err() {
        attempt(lp, "expiring:", limit);
    }
}

#[segno::coroutine]
async fn nothing() {}

#[segno::coroutine]
async fn states(lp: &'static EventLoop) {
    let limit = Timeout::after(2.millis());
    attempt(lp, "not entered:", &limit);
    limit.scope(inside(lp, &limit)).unwrap().await.unwrap();
    logn!("swallowed {} {}", limit.expired().repr(), me(lp).cancelling());
    attempt(lp, "expired:", &limit);
    let limit = Timeout::after(5.millis());
    if limit.scope(sleep(9.millis())).unwrap().await.is_err() {
        attempt(lp, "timed out:", &limit);
    }
    let limit = Timeout::after(5.millis());
    limit.scope(nothing()).unwrap().await.unwrap();
    attempt(lp, "finished:", &limit);
}

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, cleanup: u64) -> &'static str {
    logn!("{tag} starts");
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled");
        if cleanup > 0 {
            sleep(cleanup.millis()).await;
            logn!("{tag} cleaned up");
        }
        Reraise.await;
    }
    logn!("{tag} ends");
    tag
}

#[segno::coroutine]
async fn swallows(tag: &'static str, delay: u64) -> &'static str {
    logn!("{tag} starts");
    match catching(sleep(delay.millis())).await {
        Ok(()) => logn!("{tag} ends"),
        Err(Cancelled) => logn!("{tag} swallows"),
    }
    tag
}

#[segno::coroutine]
async fn waits<C: Coroutine<Output = &'static str> + 'static>(
    lp: &'static EventLoop,
    waiting: segno::combine::WaitFor<C>,
) {
    match catching(waiting).await {
        Ok(Ok(tag)) => logn!("result {tag}"),
        Ok(Err(TimedOut)) => logn!("TimeoutError {}", me(lp).cancelling()),
        Err(Cancelled) => {
            logn!("CancelledError {}", me(lp).cancelling());
            Reraise.await;
        }
    }
}

fn start<C>(lp: &'static EventLoop, awaited: C) -> Task<()>
where
    C: IntoCoroutine<Output = &'static str, Coroutine: 'static>,
{
    lp.create_task(waits(lp, wait_for(awaited, 20.millis()))).unwrap()
}

#[segno::coroutine]
async fn cancels<C>(lp: &'static EventLoop, tag: &'static str, awaited: C)
where
    C: IntoCoroutine<Output = &'static str, Coroutine: 'static>,
{
    let waiting = start(lp, awaited);
    sleep(1.millis()).await;
    let cancelled = waiting.cancel();
    logn!("cancel {tag} {}", cancelled.repr());
    wait(&[&waiting]).await;
    logn!("{}", outcome(&waiting));
}

#[segno::coroutine]
async fn without_time(lp: &'static EventLoop) {
    logn!("--- wait_for without time: of a task that runs, and cleans up");
    let task = lp.create_task(job("a", 9, 3)).unwrap();
    sleep(1.millis()).await;
    waits(lp, wait_for(&task, 0.millis())).await;
    logn!("{}", outcome(&task));
    logn!("--- of one that has not begun, of one that is shielded, of a future");
    let task = lp.create_task(job("b", 9, 0)).unwrap();
    waits(lp, wait_for(&task, 0.millis())).await;
    logn!("{}", outcome(&task));
    let task = lp.create_task(job("c", 9, 0)).unwrap();
    waits(lp, wait_for(shield(&task), 0.millis())).await;
    let before = outcome(&task);
    let tag = (&task).await;
    logn!("{before} {tag}");
    let future: Future<&'static str> = lp.create_future().unwrap();
    waits(lp, wait_for(&future, 0.millis())).await;
    logn!("{}", outcome(&future));
}

#[segno::coroutine]
async fn waits_for(lp: &'static EventLoop) {
    without_time(lp).await;
    logn!("--- who waits is cancelled: with a limit, of a task, of one that swallows it");
    cancels(lp, "d", job("d", 9, 0)).await;
    cancels(lp, "e", lp.create_task(job("e", 9, 2)).unwrap()).await;
    cancels(lp, "f", swallows("f", 9)).await;
    cancels(lp, "g", lp.create_task(swallows("g", 9)).unwrap()).await;
    logn!("--- cancelled about when it ends");
    for turns in 1..6 {
        let waiting = start(lp, lp.create_task(job("h", 0, 0)).unwrap());
        for _ in 0..turns {
            sleep(0.millis()).await;
        }
        let cancelled = waiting.cancel();
        logn!("cancel {turns} {}", cancelled.repr());
        wait(&[&waiting]).await;
        logn!("{}", outcome(&waiting));
    }
    logn!("--- what is awaited is cancelled by others");
    let task = lp.create_task(job("i", 9, 0)).unwrap();
    let cancelled = task.as_any();
    lp.call_later(1.millis(), move |_| _ = cancelled.cancel()).unwrap();
    ended(lp, waits(lp, wait_for(task, 20.millis()))).await;
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    logn!("--- the loop is late: the inner limit has passed, the outer one, both, one after the other");
    limited(lp, 5, busy(lp, 50)).await;
    limited(lp, 50, busy(lp, 5)).await;
    limited(lp, 10, both(lp)).await;
    limited(lp, 12, both(lp)).await;
    logn!("--- errors, and requests by others");
    limited(lp, 2, crashes()).await;
    ended(lp, limited(lp, 20, cancels_itself(lp))).await;
    logn!("--- a limit in the cleanup of what is limited");
    limited(lp, 2, cleans_up(lp)).await;
    logn!("--- after a request that was caught: a limit that has passed, and another request");
    ended(lp, after_a_request(lp, 0, rests(9))).await;
    ended(lp, after_a_request(lp, 20, cancels_itself(lp))).await;
    logn!("--- what may be done when");
    states(lp).await;
    waits_for(lp).await;
}

#[test]
fn c75_to_c78_c80_to_c84_b30() {
    conforms(include_str!("../traces/programs/limits.out"), || run(main));
}
