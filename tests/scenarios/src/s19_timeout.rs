//! `timeout`: expiry, another deadline, one in the past, nesting, misuse.

use segno::Timeout;
use segno::combine::{TimeoutStateError, WithTimeout};
use segno::prelude::*;

use crate::python::{Exception, Repr, Reraise};
use crate::trace::{TICK, at, ticks};

#[segno::coroutine]
async fn sleep_loudly() {
    if sleep(ticks(50)).catch_cancel().await.is_err() {
        log!("inside the block it is CancelledError");
        Reraise.await;
    }
}

#[segno::coroutine]
async fn reschedules(lp: &'static EventLoop, limit: &Timeout) {
    sleep(ticks(20)).await;
    limit.reschedule(Some(lp.time() + ticks(10))).unwrap();
    log!("rescheduled to {}", tick(limit.when()));
    sleep(ticks(5)).await;
    limit.reschedule(Some(lp.time() + ticks(10))).unwrap();
    sleep(ticks(9)).await;
}

fn tick(when: Option<Instant>) -> u64 {
    (when.unwrap() - at(0)).as_ticks() / TICK.as_ticks()
}

#[segno::coroutine]
async fn no_await() {}

fn past<C: IntoCoroutine>(awaited: C) -> WithTimeout<C::Coroutine> {
    timeout_at(at(-1), awaited)
}

#[segno::coroutine]
async fn inner_then_sleep() {
    if timeout(ticks(10), sleep(ticks(100))).await.is_err() {
        log!("inner timed out, outer still armed");
    }
    sleep(ticks(100)).await;
}

#[segno::coroutine]
async fn inside(inner: &Timeout) {
    if inner.scope(sleep(ticks(100))).unwrap().await.is_err() {
        log!("wrong: inner converted");
    }
}

#[segno::coroutine]
async fn raises() -> Result<(), Exception> {
    Err(Exception::Key("k"))
}

fn refused<T>(tag: &str, result: Result<T, TimeoutStateError>) {
    log!("{tag} -> RuntimeError('{}')", result.err().expect("it is refused"));
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let limit = Timeout::after(ticks(10));
    limit.scope(sleep(ticks(5))).unwrap().await.unwrap();
    log!("in time: expired {} when {}", limit.expired().repr(), tick(limit.when()));

    let limit = Timeout::after(ticks(10));
    if limit.scope(sleep_loudly()).unwrap().await == Err(TimedOut) {
        let me = lp.current_task().unwrap();
        // The cause of the error is the cancellation, which there is no object of.
        log!(
            "outside it is TimeoutError, cause CancelledError expired {} cancelling {}",
            limit.expired().repr(),
            me.cancelling()
        );
    }

    let limit = Timeout::never();
    limit.scope(reschedules(lp, &limit)).unwrap().await.unwrap();
    log!("survived thanks to reschedule");

    if past(no_await()).await.is_ok() {
        log!("past deadline, no await -> no timeout");
    }
    if past(sleep(ticks(0))).await.is_err() {
        log!("past deadline, sleep(0) -> TimeoutError");
    }

    if timeout(ticks(30), inner_then_sleep()).await.is_err() {
        log!("outer timed out");
    }

    let outer = Timeout::after(ticks(10));
    let inner = Timeout::after(ticks(30));
    if outer.scope(inside(&inner)).unwrap().await.is_err() {
        log!("outer fired: outer.expired {} inner.expired {}", outer.expired().repr(), inner.expired().repr());
    }

    if let Ok(Err(error)) = timeout(ticks(10), raises()).await {
        log!("foreign {error}");
    }

    let limit = Timeout::after(ticks(5));
    refused("reschedule before enter", limit.reschedule(Some(at(1))));
    limit.scope(no_await()).unwrap().await.unwrap();
    refused("reschedule after exit", limit.reschedule(Some(at(1))));
    refused("enter twice", limit.scope(no_await()));

    if timeout_at(lp.time() + ticks(3), sleep(ticks(4))).await.is_err() {
        log!("timeout_at fired");
    }
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
