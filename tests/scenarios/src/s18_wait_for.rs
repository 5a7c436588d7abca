//! `wait_for`: in time and not, cleanup, results and errors instead of a timeout, a caller that is cancelled.

use core::fmt::{self, Display};

use segno::prelude::*;

use crate::python::{Exception, Reraise};
use crate::trace::{next_turn, ticks};

#[derive(Clone, Copy, PartialEq)]
enum OnCancel {
    Pass,
    Value,
    Error,
}

/// What a job ends with: its name.
#[derive(Clone, Copy)]
struct Name {
    tag: &'static str,
    late: bool,
}

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.tag, if self.late { "-late" } else { "" })
    }
}

#[segno::coroutine]
async fn job(tag: &'static str, delay: u32, on_cancel: OnCancel, cleanup: u32) -> Result<Name, Exception> {
    log!("{tag} start");
    if sleep(ticks(delay)).catch_cancel().await.is_ok() {
        log!("{tag} ends");
        return Ok(Name { tag, late: false });
    }
    log!("{tag} cancelled");
    if cleanup > 0 {
        sleep(ticks(cleanup)).await;
        log!("{tag} cleanup done");
    }
    match on_cancel {
        OnCancel::Value => return Ok(Name { tag, late: true }),
        OnCancel::Error => return Err(Exception::Value(tag)),
        OnCancel::Pass => Reraise.await,
    };
    Ok(Name { tag: "unreachable", late: true })
}

type Ended = Result<Result<Result<Name, Exception>, TimedOut>, Cancelled>;

/// Says what came of a `wait_for`.
fn report(ended: Ended) {
    match ended {
        Ok(Ok(Ok(result))) => log!("result '{result}'"),
        Ok(Ok(Err(error))) => log!("{error}"),
        Ok(Err(TimedOut)) => log!("TimeoutError"),
        Err(Cancelled) => log!("CancelledError"),
    }
}

#[segno::coroutine]
async fn caller() {
    report(wait_for(job("i", 50, OnCancel::Pass, 3), ticks(40)).catch_cancel().await);
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let simple = |tag, delay| job(tag, delay, OnCancel::Pass, 0);
    log!("--- in time");
    report(wait_for(simple("a", 5), ticks(10)).catch_cancel().await);
    log!("--- timeout");
    report(wait_for(simple("b", 50), ticks(10)).catch_cancel().await);
    log!("--- timeout, slow cleanup");
    report(wait_for(job("c", 50, OnCancel::Pass, 7), ticks(10)).catch_cancel().await);
    log!("--- timeout, inner returns a value instead");
    report(wait_for(job("d", 50, OnCancel::Value, 0), ticks(10)).catch_cancel().await);
    log!("--- timeout, inner raises in cleanup");
    report(wait_for(job("e", 50, OnCancel::Error, 0), ticks(10)).catch_cancel().await);
    log!("--- no timeout");
    let result = simple("f", 5).await.unwrap();
    log!("result '{result}'");
    log!("--- timeout 0: body never starts");
    report(wait_for(simple("g", 5), ticks(0)).catch_cancel().await);
    log!("--- timeout 0 on a finished future");
    let future = lp.create_future().unwrap();
    future.set_result(Ok(Name { tag: "ready", late: false })).unwrap();
    report(wait_for(future, ticks(0)).catch_cancel().await);
    log!("--- plain future: it is cancelled");
    let future: Future<Result<Name, Exception>> = lp.create_future().unwrap();
    report(wait_for(&future, ticks(10)).catch_cancel().await);
    log!("future {}", if future.cancelled() { "cancelled" } else { "left alone" });
    log!("--- shielded: survives the timeout");
    let task = lp.create_task(simple("h", 15)).unwrap();
    report(wait_for(shield(&task), ticks(10)).catch_cancel().await);
    let later = task.await.unwrap();
    log!("h later: {later}");
    log!("--- the caller is cancelled");
    let caller = lp.create_task(caller()).unwrap();
    sleep(ticks(5)).await;
    caller.cancel();
    caller.await;
    log!("--- completion and timeout at the same tick (completion scheduled first)");
    let task = lp.create_task(simple("j", 10)).unwrap();
    next_turn().await;
    report(wait_for(task, ticks(10)).catch_cancel().await);
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
