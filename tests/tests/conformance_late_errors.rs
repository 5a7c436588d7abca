//! Errors that come when nobody asks any more, on CPython and here: `tests/traces/programs/late_errors.py`.
#![cfg(feature = "ours")]

use std::cell::RefCell;

use segno::prelude::*;
use segno::{Future, as_completed};
use segno_tests::conformance::{Exception, Reraise, catching, conforms, run};
use segno_tests::log;

type Value = Result<(), Exception>;

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn tell(_: &'static EventLoop, context: &segno::ErrorContext) {
    let name = context.task.as_ref().map_or("no task".into(), |task| task.name().to_string());
    TOLD.with_borrow_mut(|told| told.push(format!("{}: {name}", context.message)));
}

#[segno::coroutine]
async fn fail(tag: &'static str, delay: u64, deaf: bool) -> Value {
    if catching(sleep(delay.millis())).await.is_err() {
        if !deaf {
            Reraise.await;
        }
        sleep(3.millis()).await;
    }
    log!("{tag} fails");
    Err(Exception::Value(tag))
}

fn fails<const N: usize>(lp: &'static EventLoop, delays: [u64; N], deaf: usize) -> [Task<Value>; N] {
    std::array::from_fn(|index| {
        let tag = ["a", "b", "c"][index];
        lp.create_task_named(tag, fail(tag, delays[index], deaf == index)).unwrap()
    })
}

const NONE: usize = usize::MAX;

#[segno::coroutine]
async fn gathers<A: IntoCoroutine<Output = Value>, const N: usize>(members: [A; N]) -> Value {
    match catching(segno::try_gather(members)).await {
        Ok(Ok(_)) => {}
        Ok(Err(Exception::Value(text))) => log!("gather failed {text}"),
        Ok(Err(error)) => panic!("{error:?}"),
        Err(Cancelled) => {
            log!("gather cancelled");
            Reraise.await;
        }
    }
    Ok(())
}

#[segno::coroutine]
async fn gathers_plainly(a: Task<Value>, b: Task<Value>) -> Value {
    if catching(segno::gather!(&a, b)).await.is_err() {
        log!("gather cancelled");
        Reraise.await;
    }
    Ok(())
}

fn begin(lp: &'static EventLoop, plainly: bool, a: Task<Value>, b: Task<Value>) -> Task<Value> {
    if plainly { lp.create_task(gathers_plainly(a, b)).unwrap() } else { lp.create_task(gathers([a, b])).unwrap() }
}

#[segno::coroutine]
async fn shields(task: Task<Value>) -> Value {
    if catching(shield(task)).await.is_err() {
        log!("shield cancelled");
    }
    Ok(())
}

#[segno::coroutine]
async fn after(what: &'static str) {
    sleep(20.millis()).await;
    let told: String = TOLD.take().iter().map(|told| format!(" {told}")).collect();
    log!("--- {what}:{told}");
}

#[segno::coroutine]
async fn of_gathers(lp: &'static EventLoop, plainly: bool) {
    gathers(fails(lp, [1, 2, 3], NONE)).await.unwrap();
    after("of a gather, the second and the third").await;
    gathers(fails(lp, [1, 1], NONE)).await.unwrap();
    after("of a gather, in one turn with the first").await;
    let [a, b] = fails(lp, [5, 5], 1);
    let outer = begin(lp, plainly, a, b);
    sleep(1.millis()).await;
    outer.cancel();
    wait(&[outer]).await;
    after("of a gather that was cancelled, of a task that was deaf to that").await;
    let [a, b] = fails(lp, [5, 5], 0);
    let second = b.as_any();
    let outer = begin(lp, plainly, a, b);
    sleep(1.millis()).await;
    second.cancel();
    wait(&[outer]).await;
    drop(second);
    after("of a gather of which a task was cancelled, of the other one").await;
    let ends = segno::gather(fails(lp, [5, 6], NONE)).return_exceptions().await;
    assert!(ends.iter().all(|end| matches!(end, Ok(Err(_)))));
    after("of a gather that returns errors").await;
    let [a, b, c] = fails(lp, [1, 3, 4], NONE).map(std::rc::Rc::new);
    let twice = [(); 2].map(|()| lp.create_task(gathers_again(a.clone(), b.clone())).unwrap());
    wait(&twice).await;
    drop((a, b));
    gathers([&*c]).await.unwrap();
    drop(c);
    after("of two gathers of the same tasks").await;
}

#[segno::coroutine]
async fn gathers_again(a: std::rc::Rc<Task<Value>>, b: std::rc::Rc<Task<Value>>) -> Value {
    gathers([&*a, &*b]).await
}

#[segno::coroutine]
async fn of_others(lp: &'static EventLoop) {
    let [a] = fails(lp, [2], NONE);
    let outer = lp.create_task(shields(a)).unwrap();
    sleep(1.millis()).await;
    outer.cancel();
    wait(&[outer]).await;
    after("of a task whose shield was cancelled").await;
    gathers(fails(lp, [2, 3], NONE).map(shield)).await.unwrap();
    after("of a gather of shields, the second").await;
    {
        let tasks = fails(lp, [2, 3], NONE);
        wait(&tasks).first_exception().await;
    }
    after("of a wait for the first error, both").await;
    {
        let tasks = fails(lp, [2, 3], NONE);
        let mut completed = std::pin::pin!(as_completed(&tasks));
        let first = completed.as_mut().next().await.unwrap().unwrap();
        if let Ok(Err(Exception::Value(text))) = first.result() {
            log!("first {text}");
        }
    }
    after("of as_completed, the second").await;
    drop(fails(lp, [1], NONE));
    after("of a task for which nobody waits").await;
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop, plainly: bool) {
    lp.set_exception_handler(Some(tell));
    of_gathers(lp, plainly).await;
    of_others(lp).await;
}

#[test]
fn c55_errors_that_come_when_nobody_asks_any_more() {
    conforms(include_str!("../traces/programs/late_errors.out"), || run(|lp| main(lp, false)));
}

/// A `gather` whose outputs are `Result`s is asyncio's of the same tasks, too.
#[test]
fn c55_errors_behind_a_cancellation_are_not_told_by_a_gather_of_outputs() {
    conforms(include_str!("../traces/programs/late_errors.out"), || run(|lp| main(lp, true)));
}

/// Where there is no memory for the callback that reads a late error, the error is told.
#[test]
fn a_late_error_is_told_if_the_memory_is_full() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        lp.set_exception_handler(Some(tell));
        let [a, b] = fails(lp, [1, 2], NONE);
        let mut futures: Vec<Future<u8>> = Vec::new();
        while let Ok(future) = lp.create_future() {
            futures.push(future);
        }
        assert_eq!(segno::try_gather!(&a, b).await, Err(Exception::Value("a")));
        sleep(5.millis()).await;
        drop(futures);
        assert_eq!(TOLD.take(), ["Task exception was never retrieved: b"]);
    }
    run(main);
}
