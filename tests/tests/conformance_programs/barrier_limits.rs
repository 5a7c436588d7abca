//! Barriers with limits, requests and groups around: the last one comes, or it is broken, at the tick of a limit or in the
//! step of a request.

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, at, catching, conforms, now, run};
use segno_tests::logn;

use super::{next_turn, show};

type Shared<const N: usize> = &'static Barrier<N>;

#[segno::coroutine]
async fn waits<const N: usize>(bar: Shared<N>, limit: Option<u64>) -> Result<Result<usize, BrokenBarrier>, TimedOut> {
    match limit {
        Some(limit) => wait_for(bar.wait(), limit.millis()).await,
        None => Ok(bar.wait().await),
    }
}

#[segno::coroutine]
async fn party<const N: usize>(bar: Shared<N>, tag: &'static str, limit: Option<u64>) {
    match catching(waits(bar, limit)).await {
        Ok(Ok(Ok(index))) => logn!("{tag} passes {index} {}", bar.n_waiting()),
        Ok(Ok(Err(error))) => logn!("{tag} {error}"),
        Ok(Err(TimedOut)) => logn!("{tag} TimeoutError {} {}", bar.n_waiting(), bar.broken().repr()),
        Err(Cancelled) => {
            logn!("{tag} cancelled {} {}", bar.n_waiting(), bar.broken().repr());
            Reraise.await;
        }
    }
}

fn start<const N: usize>(lp: &'static EventLoop, bar: Shared<N>, tags: &[&'static str]) -> Vec<Task<()>> {
    tags.iter().map(|tag| lp.create_task(party(bar, tag, None)).unwrap()).collect()
}

fn start_limited<const N: usize>(
    lp: &'static EventLoop,
    bar: Shared<N>,
    tags: &[&'static str],
    limit: u64,
) -> Vec<Task<()>> {
    tags.iter().map(|tag| lp.create_task(party(bar, tag, Some(limit))).unwrap()).collect()
}

fn new<const N: usize>() -> Shared<N> {
    Box::leak(Box::new(Barrier::new()))
}

#[segno::coroutine]
async fn over<const N: usize>(bar: Shared<N>, tasks: &[Task<()>]) {
    wait_all(tasks).await;
    logn!("{} {} {}", show(tasks), bar.n_waiting(), bar.broken().repr());
}

/// asyncio's `wait`, of any number, which costs a turn also if all have ended.
#[segno::coroutine]
async fn wait_all(tasks: &[Task<()>]) {
    segno_tests::conformance::wait_all(tasks).await;
}

#[segno::coroutine]
async fn limits(lp: &'static EventLoop) {
    logn!("--- too late for one, who is not counted any more");
    let bar = new::<3>();
    let mut tasks = start_limited(lp, bar, &["a"], 2);
    tasks.extend(start(lp, bar, &["b"]));
    sleep(3.millis()).await;
    tasks.extend(start(lp, bar, &["c"]));
    sleep(1.millis()).await;
    logn!("{}", bar.n_waiting());
    tasks.extend(start(lp, bar, &["d"]));
    over(bar, &tasks).await;
    logn!("--- the last one comes at the tick of the limit, before and after");
    for early in [true, false] {
        let bar = new::<2>();
        let all = Rc::new(RefCell::new(Vec::new()));
        let when = at(now() as i64 + 3);
        let late = all.clone();
        let comes = move |lp| late.borrow_mut().extend(start(lp, bar, &["z"]));
        if early {
            lp.call_at(when, comes.clone()).unwrap();
        }
        all.borrow_mut().extend(start_limited(lp, bar, &["a"], 3));
        next_turn().await;
        if !early {
            lp.call_at(when, comes).unwrap();
        }
        sleep(5.millis()).await;
        let mut tasks = all.take();
        logn!("{} {}", show(&tasks), bar.n_waiting());
        tasks.extend(start(lp, bar, &["y"]));
        sleep(1.millis()).await;
        if bar.n_waiting() > 0 {
            tasks.extend(start(lp, bar, &["x"]));
        }
        over(bar, &tasks).await;
    }
    logn!("--- it is broken at the tick of the limit, and a little before");
    for change in ["abort", "reset"] {
        for ticks in [3, 2] {
            let bar = new::<3>();
            let tasks = start_limited(lp, bar, &["a", "b"], 3);
            sleep(ticks.millis()).await;
            if change == "abort" {
                bar.abort().await;
            } else {
                bar.reset().await;
            }
            logn!("{change} {} {}", bar.n_waiting(), bar.broken().repr());
            over(bar, &tasks).await;
        }
    }
}

#[segno::coroutine]
async fn cancelled(lp: &'static EventLoop) {
    logn!("--- one is cancelled in the step in which the last one comes, before and after; then another round");
    for early in [true, false] {
        let bar = new::<2>();
        let mut tasks = start(lp, bar, &["a"]);
        sleep(1.millis()).await;
        if early {
            tasks[0].cancel();
        }
        tasks.extend(start(lp, bar, &["b"]));
        next_turn().await;
        if !early {
            tasks[0].cancel();
        }
        sleep(1.millis()).await;
        logn!("{} {}", show(&tasks), bar.n_waiting());
        tasks.extend(start(lp, bar, &["c"]));
        sleep(1.millis()).await;
        logn!("{} {}", show(&tasks), bar.n_waiting());
        if bar.n_waiting() > 0 {
            over(bar, &start(lp, bar, &["d"])).await;
        }
    }
    logn!("--- one that goes is cancelled, while others wait outside");
    let bar = new::<3>();
    let mut tasks = start(lp, bar, &["a", "b", "c", "d", "e"]);
    next_turn().await;
    logn!("cancel {} {}", tasks[0].cancel().repr(), bar.n_waiting());
    sleep(1.millis()).await;
    logn!("{} {}", show(&tasks), bar.n_waiting());
    tasks.extend(start(lp, bar, &["f"]));
    over(bar, &tasks).await;
    logn!("--- reset and a request in one step, both ways; it is as new afterwards");
    for first in ["cancel", "reset"] {
        let bar = new::<3>();
        let tasks = start(lp, bar, &["a", "b"]);
        sleep(1.millis()).await;
        if first == "cancel" {
            tasks[0].cancel();
        }
        bar.reset().await;
        if first != "cancel" {
            tasks[0].cancel();
        }
        logn!("{} {}", bar.n_waiting(), bar.broken().repr());
        over(bar, &tasks).await;
        over(bar, &start(lp, bar, &["c", "d", "e"])).await;
    }
}

#[segno::coroutine]
async fn broken(lp: &'static EventLoop) {
    logn!("--- abort twice, reset while some come, reset twice");
    let bar = new::<2>();
    let mut tasks = start(lp, bar, &["a"]);
    next_turn().await;
    bar.abort().await;
    bar.abort().await;
    tasks.extend(start(lp, bar, &["b"]));
    bar.reset().await;
    tasks.extend(start(lp, bar, &["c"]));
    bar.reset().await;
    sleep(1.millis()).await;
    logn!("{} {} {}", show(&tasks), bar.n_waiting(), bar.broken().repr());
    for task in &tasks {
        task.cancel();
    }
    wait_all(&tasks).await;
    logn!("--- who resets is cancelled, as it must wait for the lock");
    let bar = new::<2>();
    let mut tasks = start(lp, bar, &["a", "b"]);
    next_turn().await;
    let resets = lp.create_task(bar.reset()).unwrap();
    next_turn().await;
    logn!("cancel {}", resets.cancel().repr());
    tasks.push(resets);
    over(bar, &tasks).await;
}

#[segno::coroutine]
async fn takes_part(bar: Shared<3>, tag: &'static str) -> Result<(), Exception> {
    party(bar, tag, None).await;
    Ok(())
}

#[segno::coroutine]
async fn fails() -> Result<(), Exception> {
    sleep(2.millis()).await;
    Err(Exception::Value("x"))
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    limits(lp).await;
    cancelled(lp).await;
    broken(lp).await;
    logn!("--- in a group of which another fails");
    let bar = new::<3>();
    let group = TaskGroup::<Exception>::new(lp).unwrap();
    let body = async {
        for tag in ["a", "b"] {
            group.create_task(takes_part(bar, tag)).unwrap();
        }
        group.create_task(fails()).unwrap();
        Ok(())
    };
    if let Err(errors) = group.scope(body).await {
        logn!("errors {} {} {}", errors.iter().count(), bar.n_waiting(), bar.broken().repr());
    }
    over(bar, &start(lp, bar, &["c", "d", "e"])).await;
}

#[test]
fn barriers_and_limits() {
    conforms(include_str!("../../traces/programs/barrier_limits.out"), || run(main));
}
