//! Gathers that are cancelled as their members begin and end, and shields, also around a gather, on CPython and here:
//! `tests/traces/programs/shields.py`. Shields inside of a gather: here, that what is behind them goes on; their turns, in
//! `conformance_gather_shields`.
#![cfg(feature = "ours")]

use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::logn;

type Value = Result<&'static str, Exception>;

fn cancelling(lp: &'static EventLoop) -> u32 {
    lp.current_task().expect("a task runs").cancelling()
}

fn text(error: Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, fail: bool) -> Value {
    logn!("{tag} starts");
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled");
        Reraise.await;
    }
    if fail {
        return Err(Exception::Value(tag));
    }
    logn!("{tag} ends");
    Ok(tag)
}

type Tasks = Rc<[Task<Value>; 2]>;

fn jobs(lp: &'static EventLoop, delay: u64, fail: bool) -> Tasks {
    Rc::new(["a", "b"].map(|tag| lp.create_task(job(tag, delay, fail)).unwrap()))
}

#[segno::coroutine]
async fn gathers(lp: &'static EventLoop, tasks: Tasks) -> Value {
    match catching(segno::try_gather(tasks.each_ref())).await {
        Ok(Ok(values)) => logn!("gathered {}", format!("{values:?}").replace('"', "'")),
        Ok(Err(error)) => logn!("gather failed {}", text(error)),
        Err(Cancelled) => {
            logn!("gather cancelled {}", cancelling(lp));
            Reraise.await;
        }
    }
    Ok("over")
}

#[segno::coroutine]
async fn shields(lp: &'static EventLoop, task: Rc<Task<Value>>) -> Value {
    match catching(shield(&*task)).await {
        Ok(Ok(value)) => {
            logn!("shield ends {value}");
            Ok(value)
        }
        Ok(Err(error)) => {
            logn!("shield failed {}", text(error));
            Ok("failed")
        }
        Err(Cancelled) => {
            logn!("shield cancelled {}", cancelling(lp));
            Reraise.await;
            Ok("never")
        }
    }
}

fn show(tasks: &[&Task<Value>]) -> String {
    format!("[{}]", tasks.iter().map(|task| Repr::repr(&&*outcome(*task))).collect::<Vec<_>>().join(", "))
}

#[segno::coroutine]
async fn cancelled<const N: usize>(outer: &Task<Value>, tasks: [&Task<Value>; N]) {
    let cancelled = outer.cancel();
    logn!("cancel {} {}", cancelled.repr(), show(&tasks));
    wait(&[outer]).await;
    logn!("{} {}", outcome(outer), show(&tasks));
    wait(&tasks).await;
    logn!("{}", show(&tasks));
}

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        sleep(0.millis()).await;
    }
}

#[segno::coroutine]
async fn gather_ends(lp: &'static EventLoop) {
    for count in 0..6 {
        logn!("--- gather cancelled after so many turns: {count}");
        let tasks = jobs(lp, 0, false);
        let outer = lp.create_task(gathers(lp, tasks.clone())).unwrap();
        turns(count).await;
        cancelled(&outer, tasks.each_ref()).await;
    }
    logn!("--- two members fail in the same turn");
    let tasks = jobs(lp, 0, true);
    let over = gathers(lp, tasks.clone()).await.unwrap();
    logn!("{over} {}", show(&tasks.each_ref()));
}

#[segno::coroutine]
async fn shield_ends(lp: &'static EventLoop) {
    logn!("--- who waits at a shield is cancelled: before it has begun, while it waits, as the work ends");
    for count in 0..5 {
        let task = Rc::new(lp.create_task(job("a", 0, false)).unwrap());
        let outer = lp.create_task(shields(lp, task.clone())).unwrap();
        turns(count).await;
        cancelled(&outer, [&*task]).await;
    }
    logn!("--- the work is cancelled, the work fails");
    let task = Rc::new(lp.create_task(job("a", 9, false)).unwrap());
    let outer = lp.create_task(shields(lp, task.clone())).unwrap();
    sleep(1.millis()).await;
    let requested = task.cancel();
    logn!("cancel {}", requested.repr());
    wait(&[&outer]).await;
    logn!("{} {}", outcome(&outer), outer.cancelling());
    let failing = Rc::new(lp.create_task(job("a", 1, true)).unwrap());
    let failed = shields(lp, failing).await.unwrap();
    logn!("{failed}");
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    gather_ends(lp).await;
    shield_ends(lp).await;
    logn!("--- a gather at a shield: its members go on");
    let tasks = jobs(lp, 5, false);
    let inner = Rc::new(lp.create_task(gathers(lp, tasks.clone())).unwrap());
    let outer = lp.create_task(shields(lp, inner.clone())).unwrap();
    sleep(1.millis()).await;
    cancelled(&outer, [&tasks[0], &tasks[1], &*inner]).await;
}

#[test]
fn b16_c51_c54_cancelled_as_members_begin_and_end() {
    conforms(include_str!("../traces/programs/shields.out"), || run(main));
}

#[segno::coroutine]
async fn shields_two(tasks: Tasks) -> Value {
    segno::try_gather([shield(&tasks[0]), shield(&tasks[1])]).await.map(|[_, last]| last)
}

#[segno::coroutine]
async fn cancels_one(lp: &'static EventLoop, outer_is_cancelled: bool) {
    let tasks = jobs(lp, 5, false);
    let outer = lp.create_task(shields_two(tasks.clone())).unwrap();
    sleep(1.millis()).await;
    assert!(if outer_is_cancelled { outer.cancel() } else { tasks[0].cancel() });
    wait(&[&outer]).await;
    assert!(outer.cancelled());
    assert_eq!(outer.cancelling(), u32::from(outer_is_cancelled));
    assert_eq!((tasks[0].done(), tasks[1].done()), (!outer_is_cancelled, false));
    wait(&tasks.each_ref()).await;
    assert_eq!(tasks[0].cancelled(), !outer_is_cancelled);
    assert_eq!((tasks[1].result(), tasks[1].cancelling()), (Ok(Ok("b")), 0));
}

/// What is behind the shields goes on, whoever is cancelled.
#[test]
fn c51_shields_in_a_gather() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        cancels_one(lp, true).await;
        cancels_one(lp, false).await;
        let tasks = jobs(lp, 1, false);
        assert_eq!(shields_two(tasks).await, Ok("b"));
        assert_eq!(shields_two(jobs(lp, 1, true)).await, Err(Exception::Value("a")));
    }
    run(main);
}
