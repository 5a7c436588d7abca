//! Requests to cancel that are counted, withdrawn before and after they come, and what limits and groups make of the count.

use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::logn;

use super::{me, next_turn};

#[segno::coroutine]
async fn runs(tag: &'static str) -> &'static str {
    logn!("{tag} runs {}", me().cancelling());
    sleep(1.millis()).await;
    tag
}

#[segno::coroutine]
async fn gets(tag: &'static str, future: Future<i32>) {
    match catching(future).await {
        Ok(value) => logn!("{tag} got {value}"),
        Err(Cancelled) => {
            logn!("{tag} cancelled {}", me().cancelling());
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn itself(withdraw: bool) {
    me().cancel();
    logn!("cancelling {}", me().cancelling());
    if withdraw {
        logn!("uncancel {}", me().uncancel());
    }
    match catching(sleep(1.millis())).await {
        Ok(()) => logn!("slept"),
        Err(Cancelled) => logn!("caught, cancelling {}", me().cancelling()),
    }
}

#[segno::coroutine]
async fn withdrawn(lp: &'static EventLoop) {
    logn!("--- a task that has not begun: withdrawn");
    let task = lp.create_task(runs("a")).unwrap();
    logn!("{} {} {}", task.cancel().repr(), task.cancel().repr(), task.cancelling());
    logn!("{} {} {}", task.uncancel(), task.uncancel(), task.uncancel());
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
    logn!("--- one of two withdrawn: it comes all the same");
    let task = lp.create_task(runs("b")).unwrap();
    logn!("{} {} {}", task.cancel().repr(), task.cancel().repr(), task.uncancel());
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
    logn!("--- one that waits: too late, what it waits for is cancelled");
    let task = lp.create_task(runs("c")).unwrap();
    next_turn().await;
    logn!("{} {}", task.cancel().repr(), task.uncancel());
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
    logn!("--- one whose future is ready: withdrawn, the result comes");
    let future: Future<i32> = lp.create_future().unwrap();
    let task = lp.create_task(gets("d", future.clone())).unwrap();
    next_turn().await;
    future.set_result(4).unwrap();
    logn!("{} {} {}", task.cancel().repr(), task.uncancel(), task.cancelling());
    wait(&[&task]).await;
    logn!("{}", outcome(&task));
    logn!("--- by itself, before it waits");
    let mut last = None;
    for withdraw in [true, false] {
        let task = lp.create_task(itself(withdraw)).unwrap();
        wait(&[&task]).await;
        logn!("{} {}", outcome(&task), task.cancelling());
        last = Some(task);
    }
    let task = last.unwrap();
    logn!("--- below zero, and when it has ended");
    let below = [task.uncancel(), task.uncancel(), task.cancelling()];
    logn!("{} {} {} {} {}", below[0], below[1], below[2], task.cancel().repr(), task.cancelling());
}

#[segno::coroutine]
async fn limited(withdraw: bool) {
    if catching(sleep(9.millis())).await.is_err() {
        logn!("caught, cancelling {}", me().cancelling());
        if withdraw {
            me().uncancel();
        }
    }
    if timeout(2.millis(), sleep(9.millis())).await.is_err() {
        logn!("TimeoutError, cancelling {}", me().cancelling());
    }
}

#[segno::coroutine]
async fn cleans(withdraw: bool) {
    let body = async {
        if catching(sleep(9.millis())).await.is_err() {
            if catching(sleep(4.millis())).await.is_err() {
                logn!("in the cleanup, cancelling {}", me().cancelling());
                if withdraw {
                    logn!("uncancel {}", me().uncancel());
                }
            }
            Reraise.await;
        }
    };
    match catching(timeout(2.millis(), body)).await {
        Ok(Ok(())) => {}
        Ok(Err(TimedOut)) => logn!("TimeoutError, cancelling {}", me().cancelling()),
        Err(Cancelled) => {
            logn!("CancelledError, cancelling {}", me().cancelling());
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn fails() -> Result<(), Exception> {
    sleep(1.millis()).await;
    Err(Exception::Value("child"))
}

#[segno::coroutine]
async fn groups(lp: &'static EventLoop) {
    me().cancel();
    if catching(next_turn()).await.is_err() {
        logn!("caught, cancelling {}", me().cancelling());
    }
    let group = TaskGroup::<Exception>::new(lp).unwrap();
    let body = async {
        group.create_task(fails()).unwrap();
        sleep(9.millis()).await;
        Ok(())
    };
    if let Err(errors) = group.scope(body).await {
        logn!("errors {} cancelling {}", errors.iter().count(), me().cancelling());
    }
}

#[segno::coroutine]
async fn stubborn(lp: &'static EventLoop, requests: u32) -> Result<(), TimedOut> {
    for _ in 0..requests {
        me().cancel();
        _ = catching(sleep(1.millis())).await;
    }
    logn!("caught, cancelling {}", me().cancelling());
    if timeout(2.millis(), sleep(9.millis())).await.is_err() {
        logn!("TimeoutError, cancelling {}", me().cancelling());
    }
    let group = TaskGroup::<Exception>::new(lp).unwrap();
    let body = async {
        group.create_task(fails()).unwrap();
        sleep(9.millis()).await;
        Ok(())
    };
    if let Err(errors) = group.scope(body).await {
        logn!("errors {} cancelling {}", errors.iter().count(), me().cancelling());
    }
    if catching(next_turn()).await.is_err() {
        logn!("again, cancelling {}", me().cancelling());
    }
    timeout(2.millis(), sleep(9.millis())).await
}

/// Python's `outcome`.
fn ended(task: &Task<Result<(), TimedOut>>) -> String {
    match task.result() {
        Ok(Err(TimedOut)) => "error TimeoutError()".into(),
        Ok(Ok(())) => "value None".into(),
        Err(error) => error.to_string(),
    }
}

#[segno::coroutine]
async fn awaits(inner: std::rc::Rc<Task<Result<(), TimedOut>>>) -> Result<(), TimedOut> {
    (&*inner).await
}

#[segno::coroutine]
async fn many(lp: &'static EventLoop) {
    logn!("--- more than a few: before it has begun, withdrawn, and one by one");
    let task = lp.create_task(runs("e")).unwrap();
    for _ in 0..9 {
        task.cancel();
    }
    let cancelling = task.cancelling();
    logn!("{cancelling} {:?}", [(); 10].map(|()| task.uncancel()));
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
    for requests in [6, 7, 20] {
        let task = lp.create_task(stubborn(lp, requests)).unwrap();
        let it = task.as_any();
        lp.call_later(4.millis(), move |_| {
            let cancelled = it.cancel().repr();
            logn!("cancel {cancelled} {}", it.cancelling());
        })
        .unwrap();
        wait(&[&task]).await;
        logn!("{} {}", ended(&task), task.cancelling());
    }
    logn!("--- through a task that is waited for");
    let inner = std::rc::Rc::new(lp.create_task(stubborn(lp, 6)).unwrap());
    let task = lp.create_task(awaits(inner.clone())).unwrap();
    sleep(1.millis()).await;
    for _ in 0..9 {
        task.cancel();
    }
    logn!("{} {}", task.cancelling(), inner.cancelling());
    wait(&[&task]).await;
    logn!("{} {} {} {}", ended(&task), task.cancelling(), ended(&inner), inner.cancelling());
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    withdrawn(lp).await;
    logn!("--- caught and not withdrawn: a limit inside is one of several; withdrawn, it is the only one");
    for withdraw in [true, false] {
        let task = lp.create_task(limited(withdraw)).unwrap();
        sleep(1.millis()).await;
        task.cancel();
        wait(&[&task]).await;
        logn!("{} {}", outcome(&task), task.cancelling());
    }
    logn!(
        "--- a limit that has passed, and a request that comes while it cleans up: withdrawn, it was the limit alone"
    );
    for withdraw in [true, false] {
        let task = lp.create_task(cleans(withdraw)).unwrap();
        sleep(3.millis()).await;
        task.cancel();
        wait(&[&task]).await;
        logn!("{} {}", outcome(&task), task.cancelling());
    }
    logn!("--- a group whose child fails: the count is as before");
    let task = lp.create_task(groups(lp)).unwrap();
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
    many(lp).await;
}

#[test]
fn requests_that_are_counted() {
    conforms(include_str!("../../traces/programs/uncancels.out"), || run(main));
}
