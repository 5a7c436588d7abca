//! Where a task is in the next turn that stands for asyncio's callbacks. The same as programs with CPython's traces are in
//! `tests/programs/causes`; here for Miri too.

#![cfg(feature = "std")]

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::new_loop;
use segno::prelude::*;
use segno::{Future, wait};

type Trace = Rc<RefCell<Vec<&'static str>>>;

fn say(lp: &'static EventLoop, trace: &Trace, text: &'static str) {
    let trace = trace.clone();
    lp.call_soon(move |_| trace.borrow_mut().push(text)).unwrap();
}

#[segno::coroutine]
async fn waits_for_both(a: Future<u8>, b: Future<u8>, trace: Trace) {
    let members = [a, b];
    let ended = wait(&members).catch_cancel().await.is_ok();
    trace.borrow_mut().push(if ended { "both" } else { "cancelled" });
}

/// Two futures, a task that waits for both, and a trace. The task waits when `first` is called.
fn scene(
    first: impl FnOnce(&'static EventLoop, &Future<u8>, &Future<u8>, &Task<()>, &Trace) + 'static,
) -> Vec<&'static str> {
    let lp = new_loop();
    let trace = Trace::default();
    let (a, b) = (lp.create_future().unwrap(), lp.create_future().unwrap());
    let task = lp.create_task(waits_for_both(a.clone(), b.clone(), trace.clone())).unwrap();
    let inner = trace.clone();
    lp.call_soon(move |lp| first(lp, &a, &b, &task, &inner)).unwrap();
    lp.call_later(1.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    lp.close().unwrap();
    trace.take()
}

#[test]
fn the_last_member_decides() {
    let trace = scene(|lp, a, b, _, trace| {
        a.set_result(1).unwrap();
        let (b, inner) = (b.clone(), trace.clone());
        lp.call_soon(move |lp| say(lp, &inner, "between")).unwrap();
        b.set_result(2).unwrap();
    });
    assert_eq!(trace, ["between", "both"]);
}

#[test]
fn a_member_ends_when_the_task_is_in_the_batch() {
    let trace = scene(|lp, a, b, _, trace| {
        let (a, b, trace) = (a.clone(), b.clone(), trace.clone());
        lp.call_soon(move |lp| {
            b.set_result(2).unwrap();
            say(lp, &trace, "behind");
        })
        .unwrap();
        a.set_result(1).unwrap();
    });
    // The callback of the second member is in front of what was queued behind it.
    assert_eq!(trace, ["behind", "both"]);
}

#[test]
fn a_cancel_request_comes_where_a_callback_stands() {
    let trace = scene(|lp, a, _, task, trace| {
        let (task, trace) = (task.as_any(), trace.clone());
        lp.call_soon(move |lp| {
            task.cancel();
            say(lp, &trace, "behind");
        })
        .unwrap();
        a.set_result(1).unwrap();
    });
    assert_eq!(trace, ["cancelled", "behind"]);
}

#[test]
fn a_cancel_request_moves_who_is_queued_for_the_next_turn() {
    let trace = scene(|lp, a, _, task, trace| {
        a.set_result(1).unwrap();
        say(lp, trace, "in front");
        task.cancel();
        say(lp, trace, "behind");
    });
    assert_eq!(trace, ["in front", "cancelled", "behind"]);
}

#[segno::coroutine]
async fn sleeps(trace: Trace) {
    let slept = sleep(1.millis()).catch_cancel().await.is_ok();
    trace.borrow_mut().push(if slept { "slept" } else { "cancelled" });
}

#[test]
fn a_sleeper_is_cancelled_in_the_turn_of_its_timer() {
    let lp = new_loop();
    let trace = Trace::default();
    let task = Rc::new(RefCell::new(None::<Task<()>>));
    let cancelled = task.clone();
    lp.call_later(1.millis(), move |_| {
        cancelled.borrow().as_ref().unwrap().cancel();
    })
    .unwrap();
    let first = lp.create_task(sleeps(trace.clone())).unwrap();
    *task.borrow_mut() = Some(lp.create_task(sleeps(trace.clone())).unwrap());
    lp.call_later(2.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert!(first.done());
    assert_eq!(*trace.borrow(), ["cancelled", "slept"]);
    task.take();
    lp.close().unwrap();
}
