//! What MicroPython's tests of asyncio pin down about cancelling tasks and waiting for them. Named after the tests, `asyncio_…`.
//! Where it and CPython differ, CPython counts.
#![cfg(feature = "ours")]

mod micropython;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use micropython::{Log, fails, say, value};
use segno::RunError;
use segno::prelude::*;
use segno_tests::conformance::{Reraise, catching, new_loop, now, run};

#[segno::coroutine]
async fn ticks(delay: u64, times: u32, count: Rc<Cell<u32>>) {
    for _ in 0..times {
        sleep(delay.millis()).await;
        count.set(count.get() + 1);
    }
}

/// Cancels the other one each time that it runs, and goes on when it is cancelled.
#[segno::coroutine]
async fn duel(own: usize, tasks: Rc<RefCell<Vec<Task<()>>>>, times: Rc<Cell<u32>>) {
    while times.get() < 50 {
        catching(sleep(0.millis())).await.ok();
        times.set(times.get() + 1);
        let others = tasks.borrow();
        others[1 - own].cancel();
        drop(others);
    }
}

#[segno::coroutine]
async fn counts(times: Rc<Cell<u32>>) -> u32 {
    for _ in 0..5 {
        sleep(0.millis()).await;
    }
    times.get()
}

#[test]
fn b05_tasks_that_cancel_each_other_let_others_run() {
    let lp = new_loop();
    let (tasks, times) = (Rc::new(RefCell::new(Vec::new())), Rc::new(Cell::new(0)));
    for own in 0..2 {
        let task = lp.create_task(duel(own, tasks.clone(), times.clone())).unwrap();
        tasks.borrow_mut().push(task);
    }
    let seen = lp.run_until_complete(counts(times.clone())).unwrap();
    assert!(seen < 20, "{seen}");
}

/// Sleeps without a delay until it is cancelled, so many times.
#[segno::coroutine]
async fn hunted(times: u32, log: Log) {
    for _ in 0..times {
        while catching(sleep(0.millis())).await.is_ok() {
            say(&log, "sleeps");
        }
        say(&log, "cancelled");
    }
}

#[segno::coroutine]
async fn hunts(name: u32, hunted: Rc<Task<()>>, log: Log) {
    while hunted.cancel() {
        say(&log, format!("hunter {name}"));
        sleep(0.millis()).await;
    }
    say(&log, format!("over {name}"));
}

#[test]
fn b06_a_task_that_others_cancel_again_and_again_runs() {
    let (lp, log) = (new_loop(), Log::default());
    let task = Rc::new(lp.create_task(hunted(3, log.clone())).unwrap());
    for name in 0..3 {
        lp.create_task(hunts(name, task.clone(), log.clone())).unwrap();
    }
    lp.run_until_complete(&*task).unwrap();
    // In each turn it is cancelled by all three, and then has its own.
    let round = ["hunter 0", "hunter 1", "hunter 2", "cancelled"];
    let expected = [&round[..], &round, &round, &["over 0", "over 1", "over 2"]].concat();
    assert_eq!(*log.borrow(), expected);
}

#[test]
fn b07_a_task_may_cancel_itself() {
    #[segno::coroutine]
    async fn selfish(lp: &'static EventLoop, log: Log) {
        assert!(lp.current_task().unwrap().cancel());
        say(&log, "goes on to the next suspension");
        sleep(1.millis()).await;
        say(&log, "never");
    }
    let (lp, log) = (new_loop(), Log::default());
    let task = lp.create_task(selfish(lp, log.clone())).unwrap();
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Cancelled));
    assert!(task.cancelled());
    assert_eq!(*log.borrow(), ["goes on to the next suspension"]);
}

/// Sleeps, and tells how often it was cancelled.
#[segno::coroutine]
async fn sleeps(log: Log) {
    if catching(sleep(10.millis())).await.is_err() {
        say(&log, "cancelled");
        sleep(1.millis()).await;
        say(&log, "not cancelled again");
        Reraise.await;
    }
}

#[segno::coroutine]
async fn awaits_another(lp: &'static EventLoop, log: Log) {
    let inner = lp.create_task(cleans(log.clone())).unwrap();
    if catching(inner).await.is_err() {
        say(&log, "outer cancelled");
        Reraise.await;
    }
}

#[segno::coroutine]
async fn swallows(log: Log) -> i32 {
    if catching(sleep(10.millis())).await.is_err() {
        say(&log, "inner swallows");
    }
    5
}

#[segno::coroutine]
async fn outer(lp: &'static EventLoop, log: Log) -> i32 {
    let inner = lp.create_task(swallows(log.clone())).unwrap();
    let got = inner.await;
    say(&log, "outer goes on");
    got
}

#[test]
fn b08_cancelling_before_after_and_again() {
    let (lp, log) = (new_loop(), Log::default());
    let task = lp.create_task(sleeps(log.clone())).unwrap();
    assert!(task.cancel() && task.cancel(), "before it has started");
    lp.run_until_complete(sleep(2.millis())).unwrap();
    assert!(task.cancelled() && !task.cancel(), "after the end");
    assert!(log.borrow().is_empty(), "it never began");
    let task = lp.create_task(sleeps(log.clone())).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!((0..4).all(|_| task.cancel()), "four times");
    lp.run_until_complete(sleep(2.millis())).unwrap();
    assert!(task.cancelled() && lp.run_until_complete(&task) == Err(RunError::Cancelled));
    assert_eq!(log.take(), ["cancelled", "not cancelled again"]);
    let task = lp.create_task(value(1, 1)).unwrap();
    assert_eq!((lp.run_until_complete(&task), task.cancel(), task.cancelled()), (Ok(1), false, false));
    // A request goes to the task that it awaits.
    let task = lp.create_task(awaits_another(lp, log.clone())).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(task.cancel());
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(task.cancelled());
    assert_eq!(log.take(), ["inner cancelled", "outer cancelled"]);
    // The one that is awaited does not allow it: who awaits goes on.
    let task = lp.create_task(outer(lp, log.clone())).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(task.cancel());
    assert_eq!(lp.run_until_complete(&task), Ok(5));
    assert_eq!(*log.borrow(), ["inner swallows", "outer goes on"]);
}

/// What was to be delivered is lost.
#[test]
fn b09_cancelled_in_the_turn_in_which_the_awaited_task_ends() {
    #[segno::coroutine]
    async fn waits(inner: Task<i32>, log: Log) -> i32 {
        match catching(inner).await {
            Ok(_) => say(&log, "has a value"),
            Err(Cancelled) => {
                say(&log, "cancelled");
                Reraise.await;
            }
        }
        0
    }
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop, log: Log) {
        let inner = lp.create_task(value(0, 1)).unwrap();
        let ended = inner.as_any();
        let task = lp.create_task(waits(inner, log.clone())).unwrap();
        sleep(0.millis()).await;
        sleep(0.millis()).await;
        assert!(ended.done() && !task.done(), "it has ended, and nobody has learned of it");
        assert!(task.cancel());
        assert_eq!(catching(task).await, Err(Cancelled));
        assert!(!ended.cancelled());
    }
    let log = Log::default();
    run(|lp| main(lp, log.clone()));
    assert_eq!(*log.borrow(), ["cancelled"]);
}

#[test]
fn b30_wait_for() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        assert_eq!(wait_for(value(1, 1), 5.millis()).await, Ok(1));
        assert_eq!(wait_for(value(9, 1), 5.millis()).await, Err(TimedOut));
        assert_eq!(wait_for(fails(1, "bad"), 5.millis()).await, Ok(Err("bad")));
        // As CPython: what is cancelled and ends with a value all the same gives it.
        let log = Log::default();
        assert_eq!(wait_for(lp.create_task(swallows(log.clone())).unwrap(), 5.millis()).await, Ok(5));
        assert_eq!(*log.borrow(), ["inner swallows"]);
        // Without time nothing starts.
        let started = Rc::new(Cell::new(0));
        assert_eq!(wait_for(ticks(1, 1, started.clone()), 0.millis()).await, Err(TimedOut));
        let task = lp.create_task(value(9, 1)).unwrap();
        task.cancel();
        assert_eq!(catching(wait_for(task, 5.millis())).await, Err(Cancelled), "by somebody else");
    }
    run(main);
}

#[segno::coroutine]
async fn cleans(log: Log) {
    if catching(sleep(9.millis())).await.is_err() {
        say(&log, "inner cancelled");
        Reraise.await;
    }
}

#[segno::coroutine]
async fn limited(lp: &'static EventLoop, log: Log) {
    let inner = lp.create_task(cleans(log.clone())).unwrap();
    if catching(wait_for(inner, 20.millis())).await.is_err() {
        say(&log, "outer cancelled");
        Reraise.await;
    }
}

/// As CPython: the inner one ends first.
#[test]
fn b31_a_cancel_request_to_wait_for_is_forwarded() {
    let (lp, log) = (new_loop(), Log::default());
    let task = lp.create_task(limited(lp, log.clone())).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    task.cancel();
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Cancelled));
    assert_eq!(*log.borrow(), ["inner cancelled", "outer cancelled"]);
}

/// Each task awaits the one before it; some are awaited by others, too.
#[test]
fn b32_chains_of_tasks() {
    type Chain = Rc<Vec<Task<i32>>>;
    #[segno::coroutine]
    async fn link(before: Option<Rc<RefCell<Vec<Task<i32>>>>>, index: usize) -> i32 {
        let Some(tasks) = before else { return value(10, 0).await };
        let before = tasks.borrow()[index - 1].as_any();
        wait_for(before.wait(), 1.secs()).await.unwrap();
        value(10, index as i32).await
    }
    #[segno::coroutine]
    async fn awaits(chain: Chain) -> (i32, i32) {
        ((&chain[0]).await, (&chain[2]).await)
    }
    fn plan(lp: &'static EventLoop) -> Chain {
        let tasks = Rc::new(RefCell::new(vec![]));
        for index in 0..3 {
            let task = lp.create_task(link((index > 0).then(|| tasks.clone()), index)).unwrap();
            tasks.borrow_mut().push(task);
        }
        lp.run_until_complete(sleep(0.millis())).unwrap();
        Rc::new(tasks.take())
    }
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(awaits(plan(lp))), Ok((0, 2)));
    assert_eq!(now(), 30);
    let chain = plan(lp);
    assert_eq!((lp.run_until_complete(&chain[0]), now()), (Ok(0), 40));
    assert_eq!((lp.run_until_complete(&chain[2]), now()), (Ok(2), 60));
    // With their values, and each within the limit of the one behind it.
    #[segno::coroutine]
    async fn after(task: Task<i32>) -> i32 {
        wait_for(task, 1.secs()).await.unwrap() + 1
    }
    let mut task = lp.create_task(value(1, 0)).unwrap();
    for _ in 0..5 {
        task = lp.create_task(after(task)).unwrap();
    }
    assert_eq!(lp.run_until_complete(task), Ok(5));
}

#[test]
fn b33_waiting_for_a_task() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        let task = lp.create_task(value(2, 6)).unwrap();
        assert_eq!((&task).await, 6, "while it runs");
        assert_eq!(((&task).await, (&task).await), (6, 6), "when it has ended, twice");
        let task = lp.create_task(fails(1, "bad")).unwrap();
        assert_eq!((&task).await, Err("bad"));
        sleep(5.millis()).await;
        assert_eq!(task.await, Err("bad"), "late");
    }
    run(main);
}
