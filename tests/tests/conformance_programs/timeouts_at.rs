//! Limits by the clock: passed, now, moved into the past, met by a request, and limits in each other that pass together.

use segno::Timeout;
use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, at, catching, conforms, now, outcome, run};
use segno_tests::logn;

use super::me;

/// A limit that passes at a tick, or never.
fn limit(when: Option<u64>) -> Timeout {
    when.map_or(Timeout::never(), |when| Timeout::at(at(when as i64)))
}

/// When it passes, as the trace says it.
fn when(limit: &Timeout) -> String {
    limit.when().map(|when| (when.as_ticks() / 1000 - 1000) as i32).repr()
}

#[segno::coroutine]
async fn limited<C: IntoCoroutine>(tag: &'static str, moment: Option<u64>, body: C) -> Option<C::Output> {
    let scope = limit(moment);
    match catching(scope.scope(body).unwrap()).await {
        Ok(Ok(output)) => {
            logn!("{tag} in time {} {}", scope.expired().repr(), when(&scope));
            return Some(output);
        }
        Ok(Err(TimedOut)) => {
            let expired = scope.expired().repr();
            logn!("{tag} TimeoutError {expired} {} {}", when(&scope), me().cancelling());
        }
        Err(Cancelled) => {
            logn!("{tag} CancelledError {} {}", scope.expired().repr(), me().cancelling());
            Reraise.await;
        }
    }
    None
}

#[segno::coroutine]
async fn nothing() {}

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        sleep(0.millis()).await;
    }
}

#[segno::coroutine]
async fn request(moment: u64) {
    limited("request", Some(moment), sleep(9.millis())).await;
}

#[segno::coroutine]
async fn ended(lp: &'static EventLoop, moment: u64, calls: &[u64]) {
    let task = lp.create_task(request(moment)).unwrap();
    for tick in calls {
        let cancelled = task.as_any();
        lp.call_at(at(*tick as i64), move |_| _ = cancelled.cancel()).unwrap();
    }
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
}

#[segno::coroutine]
async fn moved(whens: &[Option<u64>]) -> Result<(), TimedOut> {
    let scope = Timeout::after(9.millis());
    let body = async {
        for moment in whens {
            scope.reschedule(moment.map(|moment| at(moment as i64))).unwrap();
            logn!("moved {}", when(&scope));
            sleep(2.millis()).await;
        }
    };
    scope.scope(body).unwrap().await?;
    logn!("expired {}", scope.expired().repr());
    Ok(())
}

#[segno::coroutine]
async fn alone(lp: &'static EventLoop) {
    logn!("--- passed, now, never: of what does not wait, of what waits a turn, of more");
    sleep(10.millis()).await;
    for moment in [Some(now() - 3), Some(now()), None] {
        limited("nothing", moment, nothing()).await;
        limited("a turn", moment, turns(1)).await;
        limited("two turns", moment, turns(2)).await;
    }
    logn!("--- a sleep until the same moment");
    limited("sleep", Some(now() + 4), sleep(4.millis())).await;
    limited("sleep", Some(now() + 4), sleep(3.millis())).await;
    limited("sleep", Some(now() + 4), sleep(5.millis())).await;
    logn!("--- a request at the same tick, before and after");
    let moment = now() + 3;
    ended(lp, moment, &[moment]).await;
    let moment = now() + 3;
    ended(lp, moment, &[moment - 1]).await;
    let moment = now() + 3;
    ended(lp, moment, &[moment, moment]).await;
    logn!("--- moved: later, into the past, to now, away");
    let moment = now();
    let all: [&[Option<u64>]; 3] =
        [&[Some(moment + 20), None], &[Some(moment - 1)], &[Some(moment + 3), Some(moment + 4)]];
    for whens in all {
        if moved(whens).await.is_err() {
            logn!("TimeoutError");
        }
    }
}

#[segno::coroutine]
async fn nested() {
    logn!("--- three in each other, of which two pass together");
    let moment = now();
    let [a, b, c] = [5, 3, 3].map(|delay| limit(Some(moment + delay)));
    let innermost = async {
        if c.scope(sleep(9.millis())).unwrap().await.is_err() {
            logn!("c");
        }
    };
    let inner = async {
        if b.scope(innermost).unwrap().await.is_err() {
            logn!("b");
            sleep(9.millis()).await;
        }
    };
    if a.scope(inner).unwrap().await.is_err() {
        logn!("a");
    }
    let cancelling = me().cancelling();
    logn!("{} {} {} {cancelling}", a.expired().repr(), b.expired().repr(), c.expired().repr());
}

#[segno::coroutine]
async fn fails(in_time: bool) -> Result<(), Exception> {
    _ = catching(sleep(if in_time { 1.millis() } else { 9.millis() })).await;
    Err(Exception::Value("body"))
}

#[segno::coroutine]
async fn child(tag: &'static str, delay: u64) -> Result<(), Exception> {
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled");
        Reraise.await;
    }
    logn!("{tag} ends");
    Ok(())
}

#[segno::coroutine]
async fn group(lp: &'static EventLoop) {
    let g = TaskGroup::<Exception>::new(lp).unwrap();
    let body = async {
        g.create_task(child("a", 2)).unwrap();
        g.create_task(child("b", 9)).unwrap();
        sleep(1.millis()).await;
        logn!("body ends");
        Ok(())
    };
    g.scope(body).await.unwrap();
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    alone(lp).await;
    nested().await;
    logn!("--- an error of the body, and one in the cleanup");
    for in_time in [true, false] {
        let scope = limit(Some(now() + 2));
        if let Ok(Err(Exception::Value(error))) = scope.scope(fails(in_time)).unwrap().await {
            logn!("error {error} {}", me().cancelling());
        }
    }
    logn!("--- a limit in a task group, and around one");
    limited("group", Some(now() + 4), group(lp)).await;
}

#[test]
fn limits_by_the_clock() {
    conforms(include_str!("../../traces/programs/timeouts_at.out"), || run(main));
}
