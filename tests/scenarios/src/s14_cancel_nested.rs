//! A cancellation goes through tasks that await each other.

use segno::prelude::*;

use crate::python::{Exception, Reraise, catching, outcome};
use crate::trace::ticks;

type Outcome = Result<&'static str, Exception>;

#[segno::coroutine]
async fn inner(mode: &'static str) -> Outcome {
    if sleep(ticks(50)).catch_cancel().await.is_ok() {
        return Ok("inner result");
    }
    logn!("inner cancelled, mode {mode}");
    match mode {
        "swallow" => return Ok("swallowed"),
        "error" => return Err(Exception::Value("inner failed in cleanup")),
        "slow" => {
            sleep(ticks(8)).await;
            logn!("inner cleanup finished");
        }
        _ => {}
    }
    Reraise.await;
    Ok("unreachable")
}

#[segno::coroutine]
async fn outer(lp: &'static EventLoop, mode: &'static str) -> Outcome {
    let task = lp.create_task(inner(mode)).unwrap();
    match catching(task).await {
        Ok(Ok(result)) => {
            logn!("outer continues with {result}");
            Ok(result)
        }
        Ok(Err(error)) => {
            logn!("outer sees {error}");
            Err(error)
        }
        Err(Cancelled) => {
            logn!("outer sees CancelledError");
            Reraise.await;
            Ok("unreachable")
        }
    }
}

#[segno::coroutine]
async fn survivor(lp: &'static EventLoop, inner: Task<Outcome>) -> &'static str {
    if catching(&inner).await.is_err() {
        logn!("outer: caught, own cancelling() = {}", lp.current_task().unwrap().cancelling());
    }
    "outer survived"
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    for mode in ["pass", "swallow", "error", "slow"] {
        let task = lp.create_task(outer(lp, mode)).unwrap();
        sleep(ticks(1)).await;
        logn!("--- cancel outer, {mode}");
        task.cancel();
        wait(&[&task]).await;
        logn!("outer: {} cancelling {}", outcome(&task), task.cancelling());
    }
    logn!("--- cancel inner only");
    let inner_task = lp.create_task(inner("pass")).unwrap();
    let cancelled = inner_task.as_any();
    let task = lp.create_task(survivor(lp, inner_task)).unwrap();
    sleep(ticks(1)).await;
    cancelled.cancel();
    let survived = task.await;
    logn!("outer: {survived}");
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
