//! Groups, limits and cancel requests that overlap, as CPython's own tests have them: `tests/traces/programs/overlaps.py`.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::ErrorGroup;
use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, at, catching, conforms, now, outcome, run};
use segno_tests::logn;

type Group = TaskGroup<Exception>;
type Outcome = Result<(), Exception>;

fn cancelling(lp: &'static EventLoop) -> u32 {
    lp.current_task().expect("a task runs").cancelling()
}

fn text(error: &Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

fn show(errors: &ErrorGroup<Exception>) -> String {
    format!("[{}]", errors.iter().map(|error| format!("'{}'", text(error))).collect::<Vec<_>>().join(", "))
}

type Text = Option<&'static str>;

#[segno::coroutine]
async fn sleeps(delay: u64, fail: Text, cleanup: Text) -> Outcome {
    if catching(sleep(delay.millis())).await.is_err() {
        if let Some(cleanup) = cleanup {
            return Err(Exception::Value(cleanup));
        }
        Reraise.await;
    }
    fail.map_or(Ok(()), |fail| Err(Exception::Value(fail)))
}

#[segno::coroutine]
async fn body(group: Group, fail: Text, cleanup: Text) -> Outcome {
    group.create_task(sleeps(5, fail, cleanup)).unwrap();
    sleep(9.millis()).await;
    Ok(())
}

/// What an awaited thing may raise.
enum Raised {
    TimedOut,
    Errors(ErrorGroup<Exception>),
    Error(Exception),
}

#[segno::coroutine]
async fn grouped(lp: &'static EventLoop, fail: Text, cleanup: Text) -> Result<(), Raised> {
    let group = Group::new(lp).unwrap();
    group.scope(body(group.clone(), fail, cleanup)).await.map_err(Raised::Errors)
}

#[segno::coroutine]
async fn caught<C: Coroutine<Output = Result<(), Raised>>>(lp: &'static EventLoop, awaited: C) {
    match catching(awaited).await {
        Ok(Ok(())) => logn!("ends"),
        Ok(Err(Raised::TimedOut)) => logn!("TimeoutError {}", cancelling(lp)),
        Ok(Err(Raised::Errors(errors))) => logn!("errors {} {}", show(&errors), cancelling(lp)),
        Ok(Err(Raised::Error(error))) => logn!("error {} {}", text(&error), cancelling(lp)),
        Err(Cancelled) => {
            logn!("CancelledError {}", cancelling(lp));
            Reraise.await;
        }
    }
}

type Slot = Rc<RefCell<Option<AnyTask>>>;

fn cancel_at(lp: &'static EventLoop, tick: u64, task: &Slot) {
    let task = task.clone();
    lp.call_at(at(tick as i64), move |_| {
        let cancelled = task.borrow().as_ref().unwrap().cancel();
        logn!("cancel {}", cancelled.repr());
    })
    .unwrap();
}

#[segno::coroutine]
async fn children(lp: &'static EventLoop) {
    logn!("--- errors of children that are being cancelled from outside win");
    let task = lp.create_task(caught(lp, grouped(lp, None, Some("cleanup")))).unwrap();
    sleep(1.millis()).await;
    task.cancel();
    wait(&[&task]).await;
    logn!("{}", outcome(&task));
    logn!("--- cancelled from outside in the turn in which a child fails, before and after");
    for early in [true, false] {
        let (when, slot) = (now() + 5, Slot::default());
        if early {
            cancel_at(lp, when, &slot);
        }
        let task = lp.create_task(caught(lp, grouped(lp, Some("child"), None))).unwrap();
        slot.replace(Some(task.as_any()));
        sleep(0.millis()).await;
        sleep(0.millis()).await;
        if !early {
            cancel_at(lp, when, &slot);
        }
        wait(&[&task]).await;
        logn!("{} {}", outcome(&task), task.cancelling());
    }
}

#[segno::coroutine]
async fn converting_body(group: Group) -> Outcome {
    group.create_task(sleeps(1, Some("child"), None)).unwrap();
    if catching(sleep(9.millis())).await.is_err() {
        return Err(Exception::Value("body"));
    }
    Ok(())
}

#[segno::coroutine]
async fn converts(lp: &'static EventLoop) -> Result<(), Raised> {
    let group = Group::new(lp).unwrap();
    group.scope(converting_body(group.clone())).await.map_err(Raised::Errors)
}

#[segno::coroutine]
async fn waits_for(lp: &'static EventLoop) -> Result<(), Raised> {
    wait_for(grouped(lp, None, Some("late")), 2.millis()).await.unwrap_or(Err(Raised::TimedOut))
}

#[segno::coroutine]
async fn limited(lp: &'static EventLoop) -> Result<(), Raised> {
    timeout(2.millis(), grouped(lp, None, Some("late"))).await.unwrap_or(Err(Raised::TimedOut))
}

#[segno::coroutine]
async fn too_long() -> Result<(), Raised> {
    wait_for(sleep(9.millis()), 2.millis()).await.map_err(|TimedOut| Raised::TimedOut)
}

#[segno::coroutine]
async fn caught_before(lp: &'static EventLoop) {
    if catching(sleep(9.millis())).await.is_err() {
        logn!("caught {}", cancelling(lp));
    }
    caught(lp, too_long()).await;
    logn!("left {}", cancelling(lp));
}

#[segno::coroutine]
async fn instead() -> Result<(), Raised> {
    match wait_for(sleeps(9, None, Some("instead")), 2.millis()).await {
        Ok(ended) => ended.map_err(Raised::Error),
        Err(TimedOut) => Err(Raised::TimedOut),
    }
}

#[segno::coroutine]
async fn for_a_future(future: Future<i32>) -> Result<(), Raised> {
    wait_for(future, 50.millis()).await.map(drop).map_err(|TimedOut| Raised::TimedOut)
}

#[segno::coroutine]
async fn limits(lp: &'static EventLoop) {
    logn!("--- the body makes an error of its cancellation");
    caught(lp, converts(lp)).await;
    logn!("--- a limit around a group whose child fails in its cleanup");
    caught(lp, waits_for(lp)).await;
    caught(lp, limited(lp)).await;
    logn!("--- a limit that passes after an earlier request was caught");
    let task = lp.create_task(caught_before(lp)).unwrap();
    sleep(1.millis()).await;
    task.cancel();
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
    logn!("--- wait_for: what is cancelled fails instead");
    caught(lp, instead()).await;
    logn!("--- wait_for: cancelled in the turn in which the future is done");
    let future: Future<i32> = lp.create_future().unwrap();
    let task = lp.create_task(caught(lp, for_a_future(future.clone()))).unwrap();
    sleep(1.millis()).await;
    future.set_result(1).unwrap();
    logn!("cancel {}", task.cancel().repr());
    wait(&[&task]).await;
    logn!("{}", outcome(&task));
}

#[segno::coroutine]
async fn ends_another(other: Future<i32>) {
    sleep(2.millis()).await;
    other.set_result(1).unwrap();
}

fn third(_: &Future<i32>, _: usize) {
    logn!("third");
}

fn first(future: &Future<i32>, _: usize) {
    logn!("first, removes {}", future.remove_done_callback(third, 0));
    future.add_done_callback(fourth, 0).unwrap();
}

fn fourth(_: &Future<i32>, _: usize) {
    logn!("fourth");
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    children(lp).await;
    limits(lp).await;
    logn!("--- wait: what is done is seen when the waiter runs");
    let other: Future<i32> = lp.create_future().unwrap();
    let one = lp.create_task(ends_another(other.clone())).unwrap();
    let members: [&dyn segno::task::Joinable; 2] = [&one, &other];
    let sets = wait(&members).first_completed().await;
    logn!("done {} pending {}", sets.done().count(), sets.pending().count());
    logn!("--- callbacks that add and remove callbacks");
    let future: Future<i32> = lp.create_future().unwrap();
    future.add_done_callback(first, 0).unwrap();
    future.add_done_callback(third, 0).unwrap();
    future.add_done_callback(third, 0).unwrap();
    future.set_result(1).unwrap();
    logn!("removed {}", future.remove_done_callback(third, 0));
    sleep(1.millis()).await;
}

#[test]
fn c34_c48_c65_to_c69_c78_c79_c82_c83() {
    conforms(include_str!("../traces/programs/overlaps.out"), || run(main));
}
