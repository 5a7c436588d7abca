//! Cancellation of tasks: asyncio's cancel matrix.

mod common;

use std::rc::Rc;

use common::{Next, Trace, flow, new_loop, outcome, pause, wait};
use segno::sync::Event;
use segno::time::{Duration, ExtU64};
use segno::{Context, Coroutine, CoroutineExt, EventLoop, RunError, Task, sleep};

const ZERO: Duration = Duration::from_ticks(0);

/// Logs, awaits, logs, and ends with its tag, or cancelled if it was.
fn body<C>(trace: &Trace, tag: &'static str, awaited: C) -> impl Coroutine<Output = &'static str> + 'static
where
    C: segno::IntoCoroutine<Coroutine: 'static> + 'static,
{
    let trace = trace.clone();
    let mut awaited = Some(wait(awaited, |_| {}));
    flow(move |step, cancelled, cx: &mut Context<'_>| {
        let lp = cx.event_loop().unwrap();
        match step {
            0 => {
                trace.log(lp, format!("{tag} start"));
                Next::Await(awaited.take().unwrap())
            }
            _ if cancelled => {
                trace.log(lp, format!("{tag} got Cancelled"));
                Next::Cancelled
            }
            _ => {
                trace.log(lp, format!("{tag} finished normally"));
                Next::Done(tag)
            }
        }
    })
}

/// Runs a flow as the main task; it has to leave nothing behind.
fn run_main(lp: &'static EventLoop, main: impl FnMut(usize, bool, &mut Context<'_>) -> Next<()> + Unpin) {
    lp.run_until_complete(flow(main)).unwrap();
    assert_eq!(lp.all_tasks().count(), 0);
    lp.close().unwrap();
}

#[test]
fn cancel_before_the_start_and_on_a_future() {
    let lp = new_loop();
    let trace = Trace::new();
    let mut task: Option<Task<&'static str>> = None;
    let future = lp.create_future::<u32>().unwrap();
    let log = trace.clone();
    run_main(lp, move |step, _, _| {
        match step {
            0 => {
                let new = lp.create_task(body(&log, "1", sleep(10.millis()))).unwrap();
                log.log(lp, format!("cancel {} done {} cancelled {}", new.cancel(), new.done(), new.cancelled()));
                task = Some(new);
            }
            1 => {
                log.log(lp, format!("1: {}", outcome(task.as_ref().unwrap())));
                task = Some(lp.create_task(body(&log, "2", future.clone())).unwrap());
            }
            2 => {
                let cancelled = task.as_ref().unwrap().cancel();
                let state = future.cancelled();
                log.log(
                    lp,
                    format!("cancel {cancelled} future cancelled {state} task {}", outcome(task.as_ref().unwrap())),
                );
            }
            3 => {}
            _ => {
                log.log(lp, format!("2: {}", outcome(task.as_ref().unwrap())));
                return Next::Done(());
            }
        }
        pause(sleep(ZERO))
    });
    trace.expect(
        "t=0 n=1 cancel true done false cancelled false
         t=0 n=2 1: cancelled
         t=0 n=3 2 start
         t=0 n=3 cancel true future cancelled true task pending
         t=0 n=4 2 got Cancelled
         t=0 n=5 2: cancelled",
    );
}

#[test]
fn cancel_while_sleeping_ready_and_done() {
    let lp = new_loop();
    let trace = Trace::new();
    let mut task: Option<Task<&'static str>> = None;
    let future = lp.create_future::<u32>().unwrap();
    let log = trace.clone();
    run_main(lp, move |step, cancelled, _| {
        match step {
            0 => task = Some(lp.create_task(body(&log, "3", sleep(1000.millis()))).unwrap()),
            1 => {
                task.as_ref().unwrap().cancel();
                return pause(task.as_ref().unwrap());
            }
            2 => {
                log.log(lp, format!("3: awaiting it cancels {cancelled}"));
                task = Some(lp.create_task(body(&log, "4", future.clone())).unwrap());
            }
            3 => {
                future.set_result(5).unwrap();
                let task = task.as_ref().unwrap();
                log.log(lp, format!("cancel runnable {} future {:?}", task.cancel(), future.result()));
            }
            4 => {
                log.log(lp, format!("4: {}", outcome(task.as_ref().unwrap())));
                task = Some(lp.create_task(body(&log, "7", sleep(1.millis()))).unwrap());
                return pause(task.as_ref().unwrap());
            }
            _ => {
                let task = task.as_ref().unwrap();
                log.log(lp, format!("cancel done {} {}", task.cancel(), outcome(task)));
                return Next::Done(());
            }
        }
        pause(sleep(ZERO))
    });
    trace.expect(
        "t=0 n=2 3 start
         t=0 n=3 3 got Cancelled
         t=0 n=4 3: awaiting it cancels true
         t=0 n=5 4 start
         t=0 n=5 cancel runnable true future Ok(5)
         t=0 n=6 4 got Cancelled
         t=0 n=6 4: cancelled
         t=0 n=7 7 start
         t=1 n=9 7 finished normally
         t=1 n=10 cancel done false value \"7\"",
    );
}

#[test]
fn a_task_that_cancels_itself_is_cancelled_at_its_next_suspension() {
    let lp = new_loop();
    let trace = Trace::new();
    let myself = move || assert!(lp.current_task().unwrap().cancel());
    let log = trace.clone();
    let mut task: Option<Task<u32>> = None;
    run_main(lp, move |step, _, _| {
        match step {
            0 => {
                let log = log.clone();
                let selfish = flow(move |step, cancelled, _| match step {
                    0 => {
                        myself();
                        log.log(lp, "5 still running after cancel()");
                        pause(sleep(5.millis()))
                    }
                    _ => {
                        log.log(lp, format!("5 cancelled at its next await: {cancelled}"));
                        if cancelled { Next::Cancelled } else { Next::Done(0) }
                    }
                });
                task = Some(lp.create_task(selfish).unwrap());
            }
            1 => {
                log.log(lp, format!("5: {}", outcome(task.as_ref().unwrap())));
                let last_words = flow(move |_, _, _| {
                    myself();
                    Next::Done(1)
                });
                task = Some(lp.create_task(last_words).unwrap());
            }
            2 => {
                log.log(lp, format!("6: {}", outcome(task.as_ref().unwrap())));
                let log = log.clone();
                let no_yield = flow(move |step, cancelled, _| match step {
                    0 => {
                        myself();
                        let done = lp.create_future().unwrap();
                        done.set_result(0).unwrap();
                        pause(done)
                    }
                    1 => {
                        log.log(lp, "8 passed an await that did not suspend");
                        pause(sleep(ZERO))
                    }
                    _ => {
                        assert!(cancelled);
                        Next::Cancelled
                    }
                });
                task = Some(lp.create_task(no_yield).unwrap());
            }
            _ => {
                log.log(lp, format!("8: {}", outcome(task.as_ref().unwrap())));
                return Next::Done(());
            }
        }
        Next::Await(wait(task.as_ref().unwrap().as_any().wait(), |_| {}))
    });
    trace.expect(
        "t=0 n=2 5 still running after cancel()
         t=0 n=3 5 cancelled at its next await: true
         t=0 n=4 5: cancelled
         t=0 n=6 6: cancelled
         t=0 n=7 8 passed an await that did not suspend
         t=0 n=9 8: cancelled",
    );
}

#[test]
fn a_cancel_request_may_be_swallowed_and_counted() {
    let lp = new_loop();
    let trace = Trace::new();
    let log = trace.clone();
    let stubborn = lp
        .create_task(flow(move |step, cancelled, _| {
            let me = lp.current_task().unwrap();
            match step {
                0 => pause(sleep(100.millis())),
                1 => {
                    log.log(lp, format!("caught {cancelled} cancelling {}", me.cancelling()));
                    pause(sleep(5.millis()))
                }
                2 => {
                    log.log(lp, format!("still alive, cancelled {cancelled}"));
                    pause(sleep(100.millis()))
                }
                _ => {
                    log.log(lp, format!("caught {cancelled} cancelling {}", me.cancelling()));
                    let left = (me.uncancel(), me.uncancel(), me.uncancel());
                    log.log(lp, format!("uncancel {left:?}"));
                    Next::Done("done")
                }
            }
        }))
        .unwrap();
    let handle = stubborn.as_any();
    lp.call_later(1.millis(), move |_| assert!(handle.cancel() && handle.cancel() && handle.uncancel() == 1)).unwrap();
    let handle = stubborn.as_any();
    lp.call_later(11.millis(), move |_| assert!(handle.cancel())).unwrap();
    assert_eq!(lp.run_until_complete(&stubborn), Ok("done"));
    assert!(!stubborn.cancelled());
    trace.expect(
        "t=1 n=3 caught true cancelling 1
         t=6 n=5 still alive, cancelled false
         t=11 n=7 caught true cancelling 2
         t=11 n=7 uncancel (1, 0, 0)",
    );
}

#[test]
fn uncancel_withdraws_a_request_that_was_not_delivered() {
    let lp = new_loop();
    let task = lp.create_task(sleep(1.millis())).unwrap();
    task.cancel();
    assert_eq!((task.cancelling(), task.uncancel(), task.uncancel()), (1, 0, 0));
    lp.run_until_complete(&task).unwrap();
    for _ in 0..20 {
        assert!(!task.cancel());
    }
    let task = lp.create_task(sleep(1.millis())).unwrap();
    for _ in 0..20 {
        assert!(task.cancel());
    }
    assert_eq!(task.cancelling(), 20);
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Cancelled));
}

#[segno::coroutine]
async fn waits_and_counts(lp: &'static EventLoop, event: Rc<Event>) -> (bool, u32) {
    let cancelled = event.wait().catch_cancel().await.is_err();
    (cancelled, lp.current_task().unwrap().cancelling())
}

#[segno::coroutine]
async fn turn_and_counts(lp: &'static EventLoop, _: Rc<Event>) -> (bool, u32) {
    let cancelled = sleep(0.millis()).catch_cancel().await.is_err();
    (cancelled, lp.current_task().unwrap().cancelling())
}

/// What the task says that is cancelled in its first suspension and whose request is taken back in the same callback, after
/// `before` was called. By then an event has been waited for, or a turn is waited for.
fn taken_back<C: Coroutine<Output = (bool, u32)> + 'static>(
    make: fn(&'static EventLoop, Rc<Event>) -> C,
    before: fn(&Event),
) -> (bool, u32) {
    let lp = new_loop();
    let event = Rc::new(Event::new());
    let task = lp.create_task(make(lp, event.clone())).unwrap();
    let handle = task.as_any();
    lp.call_soon(move |_| {
        before(&event);
        assert!(handle.cancel());
        assert_eq!((handle.cancelling(), handle.uncancel(), handle.cancelling()), (1, 0, 0));
        event.set();
    })
    .unwrap();
    lp.run_until_complete(task).unwrap()
}

#[test]
fn uncancel_leaves_a_request_that_has_ended_a_wait() {
    assert_eq!(taken_back(waits_and_counts, |_| {}), (true, 0));
}

#[test]
fn uncancel_withdraws_a_request_to_who_is_queued_already() {
    assert_eq!(taken_back(waits_and_counts, Event::set), (false, 0), "the event was set before");
    assert_eq!(taken_back(turn_and_counts, |_| {}), (false, 0), "nothing is waited for but the turn");
}

/// A second request does not make the first one one that can be taken back; nor is the second one lost with the first.
#[test]
fn uncancel_counts_requests_of_both_kinds() {
    for queued in [false, true] {
        let lp = new_loop();
        let event = Rc::new(Event::new());
        let task = lp.create_task(waits_and_counts(lp, event.clone())).unwrap();
        let handle = task.as_any();
        lp.call_soon(move |_| {
            if queued {
                event.set();
            }
            assert!(handle.cancel() && handle.cancel());
            assert_eq!((handle.uncancel(), handle.cancelling()), (1, 1));
        })
        .unwrap();
        assert_eq!(lp.run_until_complete(task), Ok((true, 1)), "queued: {queued}");
    }
}

/// asyncio's scenario of an outer task that awaits an inner one.
fn nested(mode: &'static str) -> Trace {
    let lp = new_loop();
    let trace = Trace::new();
    let log = trace.clone();
    let mut inner = Some(
        lp.create_task(flow(move |step, cancelled, _| match (step, mode) {
            (0, _) => pause(sleep(50.millis())),
            (1, "slow") => {
                log.log(lp, format!("inner cancelled {cancelled}"));
                pause(sleep(8.millis()))
            }
            (1, "swallow") => {
                log.log(lp, format!("inner cancelled {cancelled}"));
                Next::Done("swallowed")
            }
            (1, _) => {
                log.log(lp, format!("inner cancelled {cancelled}"));
                Next::Cancelled
            }
            _ => {
                log.log(lp, format!("inner cleanup finished, cancelled {cancelled}"));
                Next::Cancelled
            }
        }))
        .unwrap(),
    );
    let log = trace.clone();
    let outer = lp
        .create_task(flow(move |step, cancelled, _| match step {
            0 => {
                let log = log.clone();
                let inner = inner.take().unwrap();
                Next::Await(wait(inner, move |value| log.log(lp, format!("outer continues with {value}"))))
            }
            _ if cancelled => {
                log.log(lp, "outer sees Cancelled");
                Next::Cancelled
            }
            _ => Next::Done("outer"),
        }))
        .unwrap();
    let (handle, log) = (outer.as_any(), trace.clone());
    lp.call_later(1.millis(), move |lp| {
        log.log(lp, "cancel outer");
        handle.cancel();
    })
    .unwrap();
    lp.run_until_complete(outer.as_any().wait()).unwrap();
    trace.log(lp, format!("outer: {} cancelling {}", outcome(&outer), outer.cancelling()));
    trace
}

#[test]
fn cancelling_who_awaits_a_task_cancels_the_task() {
    nested("pass").expect(
        "t=1 n=2 cancel outer
         t=1 n=3 inner cancelled true
         t=1 n=4 outer sees Cancelled
         t=1 n=6 outer: cancelled cancelling 1",
    );
    nested("swallow").expect(
        "t=1 n=2 cancel outer
         t=1 n=3 inner cancelled true
         t=1 n=4 outer continues with swallowed
         t=1 n=6 outer: value \"outer\" cancelling 1",
    );
    nested("slow").expect(
        "t=1 n=2 cancel outer
         t=1 n=3 inner cancelled true
         t=9 n=5 inner cleanup finished, cancelled false
         t=9 n=6 outer sees Cancelled
         t=9 n=8 outer: cancelled cancelling 1",
    );
}

#[test]
fn tasks_that_await_each_other_can_be_cancelled() {
    let lp = new_loop();
    let slot: Rc<std::cell::RefCell<Option<Task<()>>>> = Rc::default();
    let other = slot.clone();
    let first = lp
        .create_task(flow(move |step, cancelled, _| match step {
            0 => pause(other.borrow_mut().take().unwrap()),
            _ => {
                if cancelled {
                    Next::Cancelled
                } else {
                    Next::Done(())
                }
            }
        }))
        .unwrap();
    let handle = first.as_any();
    let mut first = Some(first);
    let second = lp
        .create_task(flow(move |step, cancelled, _| match step {
            0 => pause(first.take().unwrap()),
            _ => {
                if cancelled {
                    Next::Cancelled
                } else {
                    Next::Done(())
                }
            }
        }))
        .unwrap();
    *slot.borrow_mut() = Some(second);
    let ended = handle.clone();
    lp.call_later(1.millis(), move |_| assert!(handle.cancel())).unwrap();
    lp.run_until_complete(ended.wait()).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert_eq!(lp.all_tasks().count(), 0);
}
