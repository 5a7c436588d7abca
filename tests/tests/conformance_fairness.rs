//! Whose turn it is, and when: `tests/traces/programs/fairness.py`.
#![cfg(feature = "ours")]

use std::cell::Cell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{Repr, advance, at, catching, conforms, new_loop, now, outcome};
use segno_tests::logn;

fn says(text: String) -> impl FnOnce(&'static EventLoop) {
    move |_| logn!("{text}")
}

fn spin(lp: &'static EventLoop, spins: Rc<Cell<u32>>) {
    spins.set(spins.get() + 1);
    advance(1);
    if spins.get() < 12 {
        lp.call_soon(move |lp| spin(lp, spins)).unwrap();
    }
}

fn drifts(lp: &'static EventLoop, begin: u64, left: u32) {
    logn!("later {}", now() - begin);
    advance(3);
    if left > 0 {
        lp.call_later(10.millis(), move |lp| drifts(lp, begin, left - 1)).unwrap();
    }
}

fn keeps(lp: &'static EventLoop, begin: u64, left: u32, when: u64) {
    logn!("at {}", now() - begin);
    advance(2);
    if left > 0 {
        lp.call_at(at((when + 10) as i64), move |lp| keeps(lp, begin, left - 1, when + 10)).unwrap();
    }
}

#[segno::coroutine]
async fn ends(lp: &'static EventLoop) -> i32 {
    lp.call_soon(says("soon, queued before the end".into())).unwrap();
    lp.call_later(0.millis(), says("due at once".into())).unwrap();
    lp.create_task(other()).unwrap();
    1
}

#[segno::coroutine]
async fn other() {
    logn!("other begins");
    sleep(0.millis()).await;
    logn!("other goes on");
}

fn called(_: &Task<i32>, _: usize) {
    logn!("callback");
    get_running_loop().unwrap().call_soon(says("queued by the callback".into())).unwrap();
}

#[segno::coroutine]
async fn uncancels(lp: &'static EventLoop) -> &'static str {
    let me = lp.current_task().unwrap();
    me.cancel();
    me.cancel();
    logn!("cancelling {} uncancel {} {} {}", me.cancelling(), me.uncancel(), me.uncancel(), me.uncancel());
    sleep(1.millis()).await;
    logn!("not cancelled");
    me.cancel();
    if catching(sleep(1.millis())).await.is_err() {
        logn!("caught {} {}", me.cancelling(), me.uncancel());
    }
    sleep(1.millis()).await;
    "ends"
}

#[segno::coroutine]
async fn after(delay: u64) -> i32 {
    sleep(delay.millis()).await;
    delay as i32
}

#[segno::coroutine]
async fn completes(lp: &'static EventLoop) {
    let start = |delay| lp.create_task(after(delay)).unwrap();
    let tasks = [start(3), start(1), start(9), start(1)];
    let mut completed = pin!(as_completed(&tasks).timeout(5.millis()));
    loop {
        match completed.next().await {
            None => break,
            Some(Ok(task)) => {
                let index = tasks.iter().position(|one| std::ptr::eq(one, task)).unwrap();
                let value = task.await;
                logn!("completed {index} {value}");
            }
            Some(Err(TimedOut)) => {
                let ends: Vec<String> = tasks.iter().map(|task| format!("'{}'", outcome(task))).collect();
                logn!("TimeoutError [{}]", ends.join(", "));
                break;
            }
        }
    }
}

#[test]
fn who_has_the_turn_and_when() {
    conforms(include_str!("../traces/programs/fairness.out"), || {
        let lp = new_loop();
        logn!("--- call_soon for ever does not starve timers");
        let spins = Rc::new(Cell::new(0));
        let first = spins.clone();
        lp.call_soon(move |lp| spin(lp, first)).unwrap();
        for delay in [3, 5, 5] {
            let spins = spins.clone();
            lp.call_later(u64::millis(delay), move |_| logn!("timer {delay} spins {}", spins.get())).unwrap();
        }
        lp.call_later(8.millis(), |lp| lp.stop()).unwrap();
        lp.run_forever().unwrap();
        logn!("spins {}", spins.get());

        logn!("--- an overdue batch runs once, in the order of the deadlines, in one turn");
        for when in [30, 10, 20] {
            lp.call_later(u64::millis(when), says(format!("due {when}"))).unwrap();
        }
        lp.call_soon(|_| {
            advance(50);
            logn!("late");
        })
        .unwrap();
        lp.call_later(60.millis(), |lp| lp.stop()).unwrap();
        lp.run_forever().unwrap();

        logn!("--- periodic: call_later drifts, call_at does not");
        let begin = now();
        lp.call_later(10.millis(), move |lp| drifts(lp, begin, 3)).unwrap();
        lp.call_at(at((begin + 10) as i64), move |lp| keeps(lp, begin, 3, begin + 10)).unwrap();
        lp.call_later(70.millis(), |lp| lp.stop()).unwrap();
        lp.run_forever().unwrap();

        logn!("--- one more whole turn after the end of a run");
        let task = lp.create_task(ends(lp)).unwrap();
        task.add_done_callback(called, 0).unwrap();
        let returned = lp.run_until_complete(&task).unwrap();
        logn!("returns {returned}");
        lp.run_until_complete(sleep(0.millis())).unwrap();
        logn!("end");

        logn!("--- uncancel");
        let ended = lp.run_until_complete(uncancels(lp)).unwrap();
        logn!("{ended}");

        logn!("--- as_completed with a limit");
        lp.run_until_complete(completes(lp)).unwrap();
        assert_eq!(lp.is_running().repr(), "False");
        lp.close().unwrap();
    });
}
