//! What MicroPython's tests of asyncio pin down about the loop, tasks and combinators; those of cancelling, locks, events and
//! interrupts are elsewhere. Named after the tests, `asyncio_…`. Where it and CPython differ, CPython counts.
#![cfg(feature = "ours")]

mod micropython;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use micropython::{Log, Outcome, fails, say, value};
use segno::prelude::*;
use segno::{gather, try_gather};
use segno_tests::conformance::{at, new_loop, now, run};

#[test]
fn b02_awaiting_gives_the_value() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) -> (i32, i32) {
        (value(1, 7).await, lp.create_task(value(1, 8)).unwrap().await)
    }
    assert_eq!(run(main), (7, 8));
}

#[test]
fn b03_durations_add_up() {
    #[segno::coroutine]
    async fn main(_: &'static EventLoop) {
        sleep(20.millis()).await;
        sleep(0.millis()).await;
        segno::sleep_until(at(-5)).await;
        assert_eq!(now(), 20);
        sleep(40.millis()).await;
        assert_eq!(now(), 60);
    }
    run(main);
}

#[test]
fn b04_b26_the_end_of_main_ends_the_run_and_other_loops_run_their_own_tasks() {
    let lp = new_loop();
    let forever = lp.create_task(value(10_000, 0)).unwrap();
    assert_eq!(lp.run_until_complete(value(1, 42)), Ok(42));
    assert!(!forever.done());
    let other = new_loop();
    assert_eq!(other.run_until_complete(value(20_000, 1)), Ok(1));
    assert!(!forever.done(), "another loop does not run it");
    assert_eq!(other.all_tasks().count(), 0);
    assert_eq!(lp.run_until_complete(&forever), Ok(0));
}

#[test]
fn b10_the_current_task() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        let this = lp.current_task().unwrap();
        let task = lp.create_task(is_not(lp, this.clone())).unwrap();
        assert!(this != task);
        assert!(task.await);
        assert!(lp.current_task() == Some(this));
        let mixed = [(); 2].map(|()| lp.create_task(is_itself(lp)).unwrap());
        assert_eq!(gather(mixed).await, [3, 3]);
    }
    /// Another one runs between each two of its steps.
    #[segno::coroutine]
    async fn is_itself(lp: &'static EventLoop) -> i32 {
        let mut times = 0;
        let this = lp.current_task();
        while lp.current_task() == this && times < 3 {
            sleep(0.millis()).await;
            times += 1;
        }
        times
    }
    #[segno::coroutine]
    async fn is_not(lp: &'static EventLoop, other: AnyTask) -> bool {
        lp.current_task() != Some(other)
    }
    let lp = new_loop();
    assert!(lp.current_task().is_none());
    lp.run_until_complete(main(lp)).unwrap();
    assert!(lp.current_task().is_none());
}

#[test]
fn b14_errors_come_out_where_they_are_awaited() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) -> Outcome {
        let task = lp.create_task(fails(1, "task")).unwrap();
        assert_eq!(task.await, Err("task"));
        fails(0, "main").await
    }
    assert_eq!(run(main), Err("main"));
    // A task that has not begun is no matter: it begins in the turn behind the end, as CPython has it, and waits for the next run.
    #[segno::coroutine]
    async fn at_once(lp: &'static EventLoop, left: Rc<Cell<u32>>) -> Outcome {
        lp.create_task(ticks(1, 1, left)).unwrap();
        Err("at once")
    }
    let (lp, left) = (new_loop(), Rc::new(Cell::new(0)));
    assert_eq!(lp.run_until_complete(at_once(lp, left.clone())), Ok(Err("at once")));
    assert_eq!((left.get(), lp.all_tasks().count()), (0, 1));
    lp.run_until_complete(sleep(2.millis())).unwrap();
    assert_eq!((left.get(), lp.all_tasks().count()), (1, 0));
}

#[segno::coroutine]
async fn ticks(delay: u64, times: u32, count: Rc<Cell<u32>>) {
    for _ in 0..times {
        sleep(delay.millis()).await;
        count.set(count.get() + 1);
    }
}

#[test]
fn b15_loops_without_delay_and_timed_ones() {
    let lp = new_loop();
    let counts: [Rc<Cell<u32>>; 3] = Default::default();
    for (delay, count) in [0, 2, 5].into_iter().zip(&counts) {
        lp.create_task(ticks(delay, 1000, count.clone())).unwrap();
    }
    lp.run_until_complete(sleep(100.millis())).unwrap();
    // At 100 all timers are at the same tick, main's in front; one more turn runs after its end. As CPython counts.
    assert_eq!(counts.each_ref().map(|count| count.get()), [1000, 50, 20]);
}

#[test]
fn b16_gather() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        assert_eq!(gather([value(2, 1), value(1, 2), value(3, 3)]).await, [1, 2, 3]);
        let none: [Task<i32>; 0] = [];
        assert_eq!(gather(none).await, [0; 0]);
        let victim = lp.create_task(value(9, 1)).unwrap();
        let good = lp.create_task(value(2, 2)).unwrap();
        victim.cancel();
        let ends = gather([&victim, &good]).return_exceptions().await;
        assert_eq!(ends, [Err(Cancelled), Ok(2)]);
        let (bad, late) = (lp.create_task(fails(1, "bad")).unwrap(), lp.create_task(fails(3, "late")).unwrap());
        assert_eq!(try_gather([&bad, &late]).await, Err("bad"));
        assert!(!late.done(), "the other one goes on");
        assert_eq!(late.await, Err("late"));
    }
    run(main);
}

/// As many combinations of members that have ended, of errors and of the policy as MicroPython's test has.
#[test]
fn b17_gathering_what_has_ended() {
    #[segno::coroutine]
    async fn member(fails: bool, delay: u64) -> Outcome {
        if delay > 0 {
            sleep(delay.millis()).await;
        }
        if fails { Err("error") } else { Ok(1) }
    }
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        for case in 0..8 {
            let (running, failing, all) = (case & 1 != 0, case & 2 != 0, case & 4 != 0);
            let one = lp.create_task(member(failing, 0)).unwrap();
            let other = lp.create_task(member(false, if running { 2 } else { 0 })).unwrap();
            sleep(1.millis()).await;
            assert!(one.done());
            if all {
                let first = if failing { Err("error") } else { Ok(1) };
                assert_eq!(gather([&one, &other]).await, [first, Ok(1)]);
            } else {
                let expected = if failing { Err("error") } else { Ok([1, 1]) };
                assert_eq!(try_gather([&one, &other]).await, expected);
            }
            other.await.unwrap();
        }
    }
    run(main);
}

/// MicroPython refuses it; with a list of those who wait it works, as in CPython.
#[test]
fn b18_a_task_may_be_gathered_and_awaited() {
    #[segno::coroutine]
    async fn waits(task: Rc<Task<i32>>) -> i32 {
        (&*task).await
    }
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        let task = Rc::new(lp.create_task(value(1, 3)).unwrap());
        let other = lp.create_task(waits(task.clone())).unwrap();
        assert_eq!(gather([&*task, &*task]).await, [3, 3]);
        assert_eq!(other.await, 3);
    }
    run(main);
}

#[test]
fn b19_the_loop_that_is_set_runs() {
    let lp = new_loop();
    set_event_loop(Some(lp));
    assert_eq!(get_event_loop().unwrap().run_until_complete(value(1, 4)), Ok(4));
    set_event_loop(None);
    assert!(get_event_loop().is_err());
}

#[segno::coroutine]
async fn stops(lp: &'static EventLoop, log: Log) {
    for step in 0..3 {
        say(&log, format!("stop {step}"));
        lp.stop();
        lp.stop();
        sleep(1.millis()).await;
    }
}

#[test]
fn b24_runs_resume_where_they_stopped() {
    let (lp, log) = (new_loop(), Log::default());
    lp.create_task(stops(lp, log.clone())).unwrap();
    for runs in 1..=3 {
        lp.run_forever().unwrap();
        assert_eq!(log.borrow().len(), runs);
    }
    lp.stop();
    let task = lp.create_task(value(0, 1)).unwrap();
    lp.run_forever().unwrap();
    assert!(!task.done(), "one turn");
    lp.stop();
    lp.run_forever().unwrap();
    assert_eq!(task.result(), Ok(1), "which was its first one");
    assert_eq!(*log.borrow(), ["stop 0", "stop 1", "stop 2"]);
}

/// A duration is 64 bits of microseconds here: what MicroPython refuses is only very long.
#[test]
fn b25_a_sleep_beyond_all_clocks() {
    let lp = new_loop();
    let task = lp.create_task(sleep(Duration::from_ticks(u64::MAX))).unwrap();
    lp.run_until_complete(sleep(1.secs())).unwrap();
    assert!(!task.done());
    task.cancel();
    lp.run_until_complete(sleep(0.secs())).unwrap();
    assert!(task.cancelled());
}

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes whose error it is.
fn tell(_: &'static EventLoop, context: &segno::ErrorContext) {
    let task = context.task.as_ref().expect("a task has failed");
    TOLD.with_borrow_mut(|told| told.push(format!("{}: {}", task.name(), context.message)));
}

#[test]
fn b27_unawaited_errors_go_to_the_handler_in_their_order() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        assert!(lp.get_exception_handler().is_none());
        lp.set_exception_handler(Some(tell));
        assert!(lp.get_exception_handler().is_some());
        // No handle is kept.
        let lost = [2, 0, 1].map(|delay| lp.create_task(fails(delay, "lost")).unwrap().name().to_string());
        sleep(3.millis()).await;
        let [last, first, second] = lost.map(|name| format!("{name}: Task exception was never retrieved"));
        assert_eq!(TOLD.take(), [first, second, last]);
        // Awaited when it has failed already.
        let seen = lp.create_task(fails(0, "seen")).unwrap();
        sleep(2.millis()).await;
        assert!(seen.done());
        assert!(seen.await.is_err());
        sleep(2.millis()).await;
        assert_eq!(TOLD.take(), [""; 0]);
    }
    run(main);
}

#[test]
fn b28_done_before_during_and_after() {
    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        let (good, bad) = (lp.create_task(value(2, 1)).unwrap(), lp.create_task(fails(2, "bad")).unwrap());
        assert!(!good.done() && !bad.done());
        sleep(1.millis()).await;
        assert!(!good.done() && !bad.done());
        sleep(2.millis()).await;
        assert!(good.done() && bad.done());
        assert_eq!((good.await, bad.await), (1, Err("bad")));
    }
    run(main);
}
