//! `as_completed`: in which order, twice the same, errors, a limit, left early, and what is done with those that have not
//! ended.

use segno::prelude::*;
use segno::task::Joinable;
use segno_tests::conformance::{Exception, Outcome, conforms, outcome, run};
use segno_tests::logn;

use super::show;

type Value = Result<&'static str, Exception>;

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, fail: bool) -> Value {
    sleep(delay.millis()).await;
    if fail {
        return Err(Exception::Value(tag));
    }
    Ok(tag)
}

/// Python's `tasks.index(task)`.
fn index<T>(tasks: &[T], task: &T) -> usize {
    tasks.iter().position(|other| std::ptr::eq(other, task)).unwrap()
}

#[segno::coroutine]
async fn tells<T, const N: usize>(tasks: &[T; N], limit: Option<u64>)
where
    T: Joinable + Outcome<Output = Value>,
{
    let all = as_completed(tasks);
    let all = match limit {
        Some(limit) => all.timeout(limit.millis()),
        None => all,
    };
    let mut completed = pin!(all);
    loop {
        match completed.next().await {
            Some(Ok(task)) => match task.result() {
                Ok(Ok(value)) => logn!("completed {} {value}", index(tasks, task)),
                Ok(Err(error)) => logn!("failed {} {}", index(tasks, task), text(error)),
                Err(_) => logn!("cancelled {}", index(tasks, task)),
            },
            Some(Err(TimedOut)) => {
                logn!("TimeoutError {}", show(tasks));
                return;
            }
            None => break,
        }
    }
    logn!("all");
}

fn text(error: Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

#[segno::coroutine]
async fn tells_all<T, const N: usize>(tasks: std::rc::Rc<[T; N]>)
where
    T: Joinable + Outcome<Output = Value>,
{
    tells(&tasks, None).await;
}

#[segno::coroutine]
async fn ends(lp: &'static EventLoop) {
    let start = |tag, delay, fail| lp.create_task(job(tag, delay, fail)).unwrap();
    logn!("--- as they end; two in the same tick; one that fails; one that has ended before; one that is cancelled");
    let tasks = [
        start("a", 5, false),
        start("b", 2, false),
        start("c", 2, false),
        start("d", 4, true),
        start("e", 0, false),
        start("f", 9, false),
    ];
    sleep(1.millis()).await;
    let cancelled = tasks[5].as_any();
    lp.call_later(7.millis(), move |_| _ = cancelled.cancel()).unwrap();
    tells(&tasks, None).await;
    logn!("--- one that is there twice");
    let tasks = [start("a", 2, false), start("b", 1, false)];
    tells(&[&tasks[0], &tasks[1], &tasks[0]], None).await;
    logn!("--- of nothing");
    let nothing: [Task<Value>; 0] = [];
    tells(&nothing, None).await;
    logn!("--- a limit: those that have not ended go on");
    let tasks = [start("a", 1, false), start("b", 9, false), start("c", 3, false)];
    tells(&tasks, Some(3)).await;
    wait(&tasks).await;
    logn!("{}", show(&tasks));
    logn!("--- the last one ends at the tick of the limit");
    tells(&[start("a", 1, false), start("b", 3, false)], Some(3)).await;
    logn!("--- no time at all: what has ended, and what has not");
    let tasks = [start("a", 0, false), start("b", 9, false)];
    sleep(1.millis()).await;
    tells(&tasks, Some(0)).await;
    tasks[1].cancel();
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    ends(lp).await;
    let start = |tag, delay| lp.create_task(job(tag, delay, false)).unwrap();
    logn!("--- left early: the others go on");
    let tasks = [start("a", 2), start("b", 1), start("c", 3)];
    {
        let mut completed = pin!(as_completed(&tasks));
        if let Some(Ok(task)) = completed.next().await {
            let value = task.await.unwrap();
            logn!("first {} {value}", index(&tasks, task));
        }
    }
    wait(&tasks).await;
    logn!("{}", show(&tasks));
    logn!("--- the one that asks is busy: they are told in the order in which they ended");
    let tasks = [start("a", 3), start("b", 1), start("c", 2)];
    {
        let mut completed = pin!(as_completed(&tasks));
        while let Some(Ok(task)) = completed.next().await {
            logn!("completed {}", index(&tasks, task));
            sleep(5.millis()).await;
        }
    }
    logn!("--- cancelled while it waits: they go on");
    let tasks = std::rc::Rc::new([start("a", 3), start("b", 9)]);
    let asks = lp.create_task(tells_all(tasks.clone())).unwrap();
    sleep(5.millis()).await;
    asks.cancel();
    wait(&[&asks]).await;
    logn!("{} {}", outcome(&asks), show(tasks.iter()));
    wait(&tasks).await;
    logn!("--- futures");
    let futures: std::rc::Rc<[Future<Value>; 3]> = std::rc::Rc::new([(); 3].map(|()| lp.create_future().unwrap()));
    let asks = lp.create_task(tells_all(futures.clone())).unwrap();
    sleep(1.millis()).await;
    futures[2].set_result(Ok("third")).unwrap();
    futures[0].set_result(Ok("first")).unwrap();
    sleep(1.millis()).await;
    futures[1].cancel();
    asks.await;
}

#[test]
fn as_they_end() {
    conforms(include_str!("../../traces/programs/completes.out"), || run(main));
}
