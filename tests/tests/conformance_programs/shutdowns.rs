//! Queues that are shut down: who waits, who was woken before, who is cancelled in the same step, joins, limits, twice.

use segno::prelude::*;
use segno::sync::{GetError, PutError, QueueShutDown};
use segno_tests::conformance::{Repr, Reraise, at, catching, conforms, now, outcome, run};
use segno_tests::logn;

use super::{next_turn, show};

type Shared<const N: usize> = &'static Queue<i32, N>;

#[segno::coroutine]
async fn gets<const N: usize>(q: Shared<N>, tag: &'static str) {
    match catching(q.get()).await {
        Ok(Ok(item)) => logn!("{tag} got {item} size {}", q.qsize()),
        Ok(Err(QueueShutDown(()))) => logn!("{tag} QueueShutDown, size {}", q.qsize()),
        Err(Cancelled) => {
            logn!("{tag} cancelled, size {}", q.qsize());
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn puts<const N: usize>(q: Shared<N>, tag: &'static str, items: &'static [i32]) {
    for &item in items {
        match catching(q.put(item)).await {
            Ok(Ok(())) => logn!("{tag} put {item} size {}", q.qsize()),
            Ok(Err(QueueShutDown(_))) => {
                logn!("{tag} QueueShutDown, size {}", q.qsize());
                return;
            }
            Err(Cancelled) => {
                logn!("{tag} cancelled, size {}", q.qsize());
                Reraise.await;
            }
        }
    }
}

#[segno::coroutine]
async fn joins<const N: usize>(q: Shared<N>, tag: &'static str) {
    q.join().await;
    logn!("{tag} joined");
}

#[segno::coroutine]
async fn limited<const N: usize>(q: Shared<N>, limit: u64) {
    match wait_for(q.get(), limit.millis()).await {
        Ok(Ok(item)) => logn!("got {item}"),
        Ok(Err(QueueShutDown(()))) => logn!("QueueShutDown"),
        Err(TimedOut) => logn!("TimeoutError"),
    }
}

fn queue<const N: usize>(items: &[i32]) -> Shared<N> {
    let q: Shared<N> = Box::leak(Box::new(Queue::new()));
    for &item in items {
        q.put_nowait(item).unwrap();
    }
    q
}

fn getters<const N: usize, const M: usize>(
    lp: &'static EventLoop,
    q: Shared<N>,
    tags: [&'static str; M],
) -> [Task<()>; M] {
    tags.map(|tag| lp.create_task(gets(q, tag)).unwrap())
}

fn putters<const N: usize, const M: usize>(
    lp: &'static EventLoop,
    q: Shared<N>,
    tags: [&'static str; M],
) -> [Task<()>; M] {
    tags.map(|tag| lp.create_task(puts(q, tag, &[2])).unwrap())
}

fn done<const N: usize>(q: Shared<N>) {
    match q.task_done() {
        Ok(()) => logn!("done"),
        Err(error) => logn!("ValueError: {error}"),
    }
}

#[segno::coroutine]
async fn over<const N: usize, const M: usize>(q: Shared<N>, tasks: &[Task<()>; M]) {
    wait(tasks).await;
    logn!("{} {} {} {}", show(tasks), q.qsize(), q.empty().repr(), q.full().repr());
}

#[segno::coroutine]
async fn woken(lp: &'static EventLoop, at_once: bool) {
    logn!("--- at once {} : three wait, one was woken in the same step", at_once.repr());
    let q = queue::<4>(&[]);
    let tasks = getters(lp, q, ["a", "b", "c"]);
    next_turn().await;
    q.put_nowait(1).unwrap();
    q.shutdown(at_once);
    over(q, &tasks).await;
    logn!("--- one was woken, and another has got its item");
    let q = queue::<4>(&[]);
    let tasks = getters(lp, q, ["a", "b"]);
    next_turn().await;
    q.put_nowait(1).unwrap();
    logn!("{}", q.get_nowait().unwrap());
    q.shutdown(at_once);
    over(q, &tasks).await;
    logn!("--- full, two wait, one was woken in the same step");
    let q = queue::<2>(&[1, 2]);
    let tasks = [lp.create_task(puts(q, "a", &[3, 4])).unwrap(), lp.create_task(puts(q, "b", &[5])).unwrap()];
    let join = lp.create_task(joins(q, "j")).unwrap();
    next_turn().await;
    logn!("{}", q.get_nowait().unwrap());
    q.shutdown(at_once);
    logn!("size {}", q.qsize());
    over(q, &tasks).await;
    over(q, &getters(lp, q, ["c", "d", "e"])).await;
    for _ in 0..4 {
        logn!("{}", outcome(&join));
        done(q);
        sleep(1.millis()).await;
    }
    join.cancel();
}

#[segno::coroutine]
async fn cancelled(lp: &'static EventLoop, at_once: bool) {
    logn!("--- one that waits is cancelled in the same step, both ways");
    for first in ["cancel", "shutdown"] {
        let q = queue::<1>(&[]);
        let tasks = getters(lp, q, ["a", "b"]);
        next_turn().await;
        if first == "cancel" {
            tasks[0].cancel();
        }
        q.shutdown(at_once);
        if first != "cancel" {
            tasks[0].cancel();
        }
        over(q, &tasks).await;
        let q = queue::<1>(&[1]);
        let tasks = putters(lp, q, ["a", "b"]);
        next_turn().await;
        if first == "cancel" {
            tasks[0].cancel();
        }
        q.shutdown(at_once);
        if first != "cancel" {
            tasks[0].cancel();
        }
        over(q, &tasks).await;
    }
    logn!("--- woken, cancelled and shut down");
    let q = queue::<4>(&[]);
    let tasks = getters(lp, q, ["a", "b", "c"]);
    next_turn().await;
    q.put_nowait(1).unwrap();
    tasks[0].cancel();
    q.shutdown(at_once);
    over(q, &tasks).await;
    let q = queue::<1>(&[1]);
    let tasks = putters(lp, q, ["a", "b", "c"]);
    next_turn().await;
    q.get_nowait().unwrap();
    tasks[0].cancel();
    q.shutdown(at_once);
    over(q, &tasks).await;
}

#[segno::coroutine]
async fn at_the_limit(lp: &'static EventLoop, at_once: bool) {
    logn!("--- at the tick of a limit, before and after");
    for early in [true, false] {
        let q = queue::<1>(&[]);
        let when = at(now() as i64 + 3);
        if early {
            lp.call_at(when, move |_| q.shutdown(at_once)).unwrap();
        }
        let task = lp.create_task(limited(q, 3)).unwrap();
        next_turn().await;
        if !early {
            lp.call_at(when, move |_| q.shutdown(at_once)).unwrap();
        }
        over(q, &[task]).await;
    }
}

#[segno::coroutine]
async fn joined(lp: &'static EventLoop, at_once: bool) {
    logn!("--- joins: of nothing, of what is in it, of what was taken");
    let q = queue::<4>(&[]);
    let tasks = [lp.create_task(joins(q, "a")).unwrap()];
    q.shutdown(at_once);
    over(q, &tasks).await;
    let q = queue::<4>(&[1, 2, 3]);
    let tasks = ["a", "b"].map(|tag| lp.create_task(joins(q, tag)).unwrap());
    next_turn().await;
    let item = q.get().await.unwrap();
    logn!("{item}");
    q.shutdown(at_once);
    sleep(1.millis()).await;
    for _ in 0..3 {
        logn!("{}", show(&tasks));
        done(q);
        sleep(1.millis()).await;
    }
    over(q, &tasks).await;
    logn!("--- twice");
    let mut last = q;
    for again in [false, true] {
        let q = queue::<4>(&[1, 2]);
        let tasks = [lp.create_task(joins(q, "a")).unwrap()];
        next_turn().await;
        q.shutdown(at_once);
        q.shutdown(again);
        over(q, &getters(lp, q, ["b", "c", "d"])).await;
        logn!("{}", show(&tasks));
        tasks[0].cancel();
        last = q;
    }
    logn!("--- refused");
    if let Err(GetError::QueueShutDown) = last.get_nowait() {
        logn!("QueueShutDown");
    }
    if let Err(PutError::QueueShutDown(1)) = last.put_nowait(1) {
        logn!("QueueShutDown");
    }
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    for at_once in [false, true] {
        woken(lp, at_once).await;
        cancelled(lp, at_once).await;
        at_the_limit(lp, at_once).await;
        joined(lp, at_once).await;
    }
}

#[test]
fn queues_that_are_shut_down() {
    conforms(include_str!("../../traces/programs/shutdowns.out"), || run(main));
}
