//! `wait_for`: its limit, its end and a cancel request, in the same tick and about it.

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, at, catching, conforms, now, outcome, run};
use segno_tests::logn;

use super::{me, next_turn};

type Value = Result<String, Exception>;

#[segno::coroutine]
async fn waits<C>(tag: &'static str, awaitable: C, limit: Option<u64>) -> &'static str
where
    C: IntoCoroutine<Output = Value>,
{
    let waited = async {
        match limit {
            Some(limit) => wait_for(awaitable, limit.millis()).await,
            None => Ok(awaitable.await),
        }
    };
    match catching(waited).await {
        Ok(Ok(Ok(value))) => {
            logn!("{tag} result {value}");
            "result"
        }
        Ok(Ok(Err(error))) => {
            logn!("{tag} error {} cancelling {}", text(error), me().cancelling());
            "failed"
        }
        Ok(Err(TimedOut)) => {
            logn!("{tag} TimeoutError, cancelling {}", me().cancelling());
            "late"
        }
        Err(Cancelled) => {
            logn!("{tag} CancelledError, cancelling {}", me().cancelling());
            Reraise.await;
            "never"
        }
    }
}

fn text(error: Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

#[derive(Clone, Copy, Default)]
struct Options {
    cleanup: u64,
    swallow: bool,
    fail: Option<&'static str>,
}

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, options: Options) -> Value {
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled");
        if options.cleanup > 0 {
            sleep(options.cleanup.millis()).await;
        }
        if let Some(fail) = options.fail {
            return Err(Exception::Value(fail));
        }
        if options.swallow {
            return Ok(format!("{tag} all the same"));
        }
        Reraise.await;
    }
    Ok(tag.into())
}

const NONE: Options = Options { cleanup: 0, swallow: false, fail: None };

#[segno::coroutine]
async fn ended(task: Task<&'static str>) {
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
}

fn sets(future: Future<Value>) -> impl FnOnce(&'static EventLoop) {
    move |_| {
        if future.done() {
            logn!("too late {}", outcome(&future));
        } else {
            future.set_result(Ok("two".into())).unwrap();
            logn!("set");
        }
    }
}

fn cancels(task: Rc<RefCell<Option<AnyTask>>>) -> impl FnOnce(&'static EventLoop) {
    move |_| {
        let cancelled = task.borrow().as_ref().unwrap().cancel();
        logn!("cancel {}", cancelled.repr());
    }
}

#[segno::coroutine]
async fn futures(lp: &'static EventLoop) {
    logn!("--- a future is set and who waits is cancelled, in the same step, both ways");
    for first in ["set", "cancel"] {
        let future: Future<Value> = lp.create_future().unwrap();
        let task = lp.create_task(waits("w", future.clone(), Some(9))).unwrap();
        sleep(1.millis()).await;
        if first == "set" {
            future.set_result(Ok("one".into())).unwrap();
        }
        logn!("cancel {} {}", task.cancel().repr(), outcome(&future));
        if first != "set" && future.set_result(Ok("one".into())).is_err() {
            logn!("InvalidStateError");
        }
        ended(task).await;
    }
    logn!("--- a future is set at the tick of the limit, before it and after it");
    for before in [true, false] {
        let future: Future<Value> = lp.create_future().unwrap();
        let when = now() as i64 + 5;
        if before {
            lp.call_at(at(when), sets(future.clone())).unwrap();
        }
        let task = lp.create_task(waits("w", future.clone(), Some(5))).unwrap();
        next_turn().await;
        if !before {
            lp.call_at(at(when), sets(future.clone())).unwrap();
        }
        ended(task).await;
        logn!("{}", outcome(&future));
    }
}

#[segno::coroutine]
async fn at_the_limit(lp: &'static EventLoop) {
    logn!("--- a task that ends at the tick of the limit");
    let inner = lp.create_task(job("a", 5, NONE)).unwrap();
    ended(lp.create_task(waits("w", inner, Some(5))).unwrap()).await;
    let inner = lp.create_task(job("b", 5, NONE)).unwrap();
    next_turn().await;
    ended(lp.create_task(waits("w", inner, Some(5))).unwrap()).await;
    ended(lp.create_task(waits("w", job("c", 5, NONE), Some(5))).unwrap()).await;
    logn!("--- cancelled at the tick of the limit, before it and after it");
    for before in [true, false] {
        let when = now() as i64 + 5;
        let task = Rc::new(RefCell::new(None::<AnyTask>));
        if before {
            lp.call_at(at(when), cancels(task.clone())).unwrap();
        }
        let waiting = lp.create_task(waits("w", job("d", 9, NONE), Some(5))).unwrap();
        task.replace(Some(waiting.as_any()));
        next_turn().await;
        if !before {
            lp.call_at(at(when), cancels(task)).unwrap();
        }
        ended(waiting).await;
    }
}

#[segno::coroutine]
async fn cleanups(lp: &'static EventLoop) {
    logn!("--- cancelled while what is too late cleans up");
    let long = Options { cleanup: 5, ..NONE };
    let task = lp.create_task(waits("w", job("e", 9, long), Some(2))).unwrap();
    sleep(4.millis()).await;
    logn!("cancel {}", task.cancel().repr());
    ended(task).await;
    let inner = Rc::new(lp.create_task(job("f", 9, long)).unwrap());
    let task = lp.create_task(waits_for_shared("w", inner.clone(), 2)).unwrap();
    sleep(4.millis()).await;
    logn!("cancel {}", task.cancel().repr());
    ended(task).await;
    logn!("{}", outcome(&*inner));
    logn!("--- too late: what it waits for swallows that, fails, takes long");
    let swallow = Options { swallow: true, ..NONE };
    let fail = Options { fail: Some("x"), ..NONE };
    let both = Options { cleanup: 4, swallow: true, fail: None };
    for options in [swallow, fail, Options { cleanup: 4, ..NONE }, both] {
        ended(lp.create_task(waits("w", job("g", 9, options), Some(2))).unwrap()).await;
        let inner = lp.create_task(job("h", 9, options)).unwrap();
        ended(lp.create_task(waits("w", inner, Some(2))).unwrap()).await;
    }
    logn!("--- cancelled: what it waits for swallows that, fails");
    for options in [swallow, fail] {
        let inner = lp.create_task(job("i", 9, options)).unwrap();
        let task = lp.create_task(waits("w", inner, Some(20))).unwrap();
        sleep(1.millis()).await;
        task.cancel();
        ended(task).await;
    }
}

/// As `waits`, of a task that others have too.
#[segno::coroutine]
async fn waits_for_shared(tag: &'static str, task: Rc<Task<Value>>, limit: u64) -> &'static str {
    waits(tag, &*task, Some(limit)).await
}

#[segno::coroutine]
async fn shielded(tag: &'static str, task: Rc<Task<Value>>, limit: u64) -> &'static str {
    waits(tag, shield(&*task), Some(limit)).await
}

#[segno::coroutine]
async fn inner_limit(delay: u64) -> Value {
    let waited = waits("inner", job("m", 9, NONE), Some(delay)).await;
    Ok(waited.into())
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    futures(lp).await;
    at_the_limit(lp).await;
    cleanups(lp).await;
    logn!("--- a shield: the work goes on");
    let inner = Rc::new(lp.create_task(job("j", 5, NONE)).unwrap());
    ended(lp.create_task(shielded("w", inner.clone(), 2)).unwrap()).await;
    let before = outcome(&*inner);
    let value = (&*inner).await.unwrap();
    logn!("{before} {value}");
    logn!("--- without a limit");
    ended(lp.create_task(waits("w", job("k", 5, NONE), None)).unwrap()).await;
    let task = lp.create_task(waits("w", job("l", 5, NONE), None)).unwrap();
    sleep(1.millis()).await;
    task.cancel();
    ended(task).await;
    logn!("--- one in another: the inner one is too late, the outer one, both");
    for (inner, outer) in [(2, 5), (5, 2), (3, 3)] {
        ended(lp.create_task(waits("outer", inner_limit(inner), Some(outer))).unwrap()).await;
    }
}

#[test]
fn limits_ends_and_requests() {
    conforms(include_str!("../../traces/programs/wait_for_races.out"), || run(main));
}
