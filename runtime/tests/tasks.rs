//! Tasks: when they start, what waiting costs, and asyncio's cancel matrix.

mod common;

use std::pin::Pin;
use std::rc::Rc;

use common::{Next, Trace, flow, new_loop, pause, wait};
use segno::time::{Duration, ExtU64};
use segno::{Context, Coroutine, EventLoop, Refused, ResultError, Resume, RunError, Task, sleep};

const ZERO: Duration = Duration::from_ticks(0);

fn outcome<T: Clone + std::fmt::Debug>(task: &Task<T>) -> String {
    match task.result() {
        Ok(value) => format!("value {value:?}"),
        Err(ResultError::Pending) => "pending".into(),
        Err(ResultError::Cancelled) => "cancelled".into(),
        Err(ResultError::Taken) => "taken".into(),
    }
}

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

#[test]
fn creating_a_task_does_not_start_it_and_done_ones_cost_no_turn() {
    let lp = new_loop();
    let trace = Trace::new();
    let child = |tag: &'static str| {
        let trace = trace.clone();
        lp.create_task(flow(move |step, _, _| match step {
            0 => {
                trace.log(lp, format!("{tag} start"));
                pause(sleep(ZERO))
            }
            _ => {
                trace.log(lp, format!("{tag} after sleep(0)"));
                Next::Done(tag.to_uppercase())
            }
        }))
        .unwrap()
    };
    let log = trace.clone();
    let mut tasks = None;
    lp.run_until_complete(flow(|step, _, _| {
        let trace = log.clone();
        match step {
            0 => {
                trace.log(lp, "main start");
                let (a, b) = (child("a"), child("b"));
                trace.log(lp, format!("nothing has run: {} {}", outcome(&a), outcome(&b)));
                tasks = Some((a, b));
                trace.log(lp, "main sleep(0)");
                pause(sleep(ZERO))
            }
            1 => {
                trace.log(lp, "main again");
                Next::Await(wait(&tasks.as_ref().unwrap().0, move |value| trace.log(lp, format!("await a -> {value}"))))
            }
            2 => {
                Next::Await(wait(&tasks.as_ref().unwrap().1, move |value| trace.log(lp, format!("await b -> {value}"))))
            }
            3 => Next::Await(wait(tasks.take().unwrap().0, move |value| trace.log(lp, format!("a again -> {value}")))),
            4 => {
                let future = lp.create_future().unwrap();
                future.set_result("ready").unwrap();
                Next::Await(wait(future, move |value| trace.log(lp, format!("await done future -> {value}"))))
            }
            5 => pause(sleep(ZERO)),
            _ => {
                trace.log(lp, "sleep(0) costs a turn");
                Next::Done(())
            }
        }
    }))
    .unwrap();
    trace.expect(
        "t=0 n=1 main start
         t=0 n=1 nothing has run: pending pending
         t=0 n=1 main sleep(0)
         t=0 n=2 a start
         t=0 n=2 b start
         t=0 n=2 main again
         t=0 n=3 a after sleep(0)
         t=0 n=3 b after sleep(0)
         t=0 n=4 await a -> A
         t=0 n=4 await b -> B
         t=0 n=4 a again -> A
         t=0 n=4 await done future -> ready
         t=0 n=5 sleep(0) costs a turn",
    );
    assert_eq!(lp.turn(), 6);
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
    assert_eq!(task.cancelling(), 7);
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Cancelled));
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

#[test]
fn a_stopped_run_leaves_a_task_pending_but_drops_a_borrowing_coroutine() {
    let lp = new_loop();
    let task = lp.create_task(sleep(100.millis())).unwrap();
    lp.call_later(1.millis(), |lp| lp.stop()).unwrap();
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Stopped));
    assert!(!task.done());
    task.cancel();
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Cancelled));
    // It borrows from here, and is dropped before the run returns.
    let counted = Rc::new(());
    let borrowed = &counted;
    lp.call_later(1.millis(), |lp| lp.stop()).unwrap();
    let stopped = lp.run_until_complete(flow(|step, _, _| {
        let held = borrowed.clone();
        match step {
            0 => Next::Await(wait(sleep(100.millis()), move |()| drop(held.clone()))),
            _ => Next::Done(Rc::strong_count(borrowed)),
        }
    }));
    assert_eq!(stopped, Err(RunError::Stopped));
    assert_eq!(Rc::strong_count(&counted), 1);
    assert_eq!(lp.all_tasks().count(), 0);
    // Nothing of the two stops the next run.
    let turn = lp.turn();
    lp.call_later(1.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert_eq!(lp.turn(), turn + 1);
}

#[test]
fn memory_returns_when_tasks_end_and_a_full_pool_hands_the_coroutine_back() {
    let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
    struct Counted(Rc<()>);
    impl Coroutine for Counted {
        type Output = Rc<()>;
        fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<Rc<()>> {
            Resume::Done(self.0.clone())
        }
    }
    let counted = Rc::new(());
    for _ in 0..if cfg!(miri) { 3 } else { 100 } {
        let mut tasks = Vec::new();
        let refused = loop {
            match lp.create_task(Counted(counted.clone())) {
                Ok(task) => tasks.push(task),
                Err(refused) => break refused,
            }
        };
        assert!(matches!(refused, Refused::Full(Counted(_))));
        drop(refused);
        assert!(tasks.len() > 15);
        assert_eq!(lp.all_tasks().count(), tasks.len());
        let detached = tasks.len() / 2;
        tasks.truncate(detached);
        lp.stop();
        lp.run_forever().unwrap();
        assert_eq!(Rc::strong_count(&counted), 1 + tasks.len());
        for task in tasks {
            drop(task.take_result().unwrap());
            assert!(matches!(task.take_result(), Err(ResultError::Taken)));
        }
        assert_eq!(Rc::strong_count(&counted), 1);
    }
}

#[test]
fn close_drops_everything() {
    let lp = new_loop();
    struct Guard(Rc<()>, &'static EventLoop);
    impl Drop for Guard {
        fn drop(&mut self) {
            assert!(self.1.is_closed());
            assert!(self.1.call_soon(|_| {}).is_err());
        }
    }
    let counted = Rc::new(());
    let guard = || Guard(counted.clone(), lp);
    let (in_soon, in_later, in_task, in_new_task) = (guard(), guard(), guard(), guard());
    let started = lp
        .create_task(flow(move |_, _, _| {
            let _ = &in_task.0;
            pause::<(), _>(sleep(1.secs()))
        }))
        .unwrap();
    let future = lp.create_future::<u32>().unwrap();
    let waiting = lp.create_task(future.clone()).unwrap();
    let ended = lp.create_task(flow(|_, _, _| Next::Done(5))).unwrap();
    future.add_done_callback(|_, _| unreachable!(), 0).unwrap();
    lp.stop();
    lp.run_forever().unwrap();
    let soon = lp.call_soon(move |_| drop(in_soon)).unwrap();
    let later = lp.call_later(1.secs(), move |_| drop(in_later)).unwrap();
    let new = lp
        .create_task(flow(move |_, _, _| {
            let _ = &in_new_task.0;
            Next::Done(())
        }))
        .unwrap();
    assert_eq!(Rc::strong_count(&counted), 5);
    lp.close().unwrap();
    lp.close().unwrap();
    assert_eq!(Rc::strong_count(&counted), 1);
    assert!(started.cancelled() && waiting.cancelled() && new.cancelled());
    assert!(soon.cancelled() && later.cancelled());
    assert_eq!(ended.result(), Ok(5));
    assert_eq!(lp.all_tasks().count(), 0);
    future.set_result(1).unwrap();
    later.cancel();
    soon.cancel();
}

#[test]
fn a_panicking_coroutine_ends_and_the_loop_goes_on() {
    let lp = new_loop();
    let counted = Rc::new(());
    let held = counted.clone();
    let task = lp
        .create_task(flow(move |step, _, _| {
            let _ = &held;
            match step {
                0 => pause::<(), _>(sleep(ZERO)),
                _ => panic!("in a coroutine"),
            }
        }))
        .unwrap();
    let run = std::panic::AssertUnwindSafe(|| lp.run_until_complete(sleep(1.millis())));
    assert!(std::panic::catch_unwind(run).is_err());
    assert!(task.cancelled());
    assert_eq!(Rc::strong_count(&counted), 1);
    assert_eq!(lp.all_tasks().count(), 0);
    lp.run_until_complete(sleep(1.millis())).unwrap();
    let run = std::panic::AssertUnwindSafe(|| lp.run_until_complete(flow(|_, _, _| -> Next<()> { panic!("guest") })));
    assert!(std::panic::catch_unwind(run).is_err());
    assert_eq!(lp.all_tasks().count(), 0);
    lp.run_until_complete(sleep(1.millis())).unwrap();
}

#[test]
fn a_parked_task_is_resumed_after_the_clock_has_idled() {
    struct Poll(u32);
    impl Coroutine for Poll {
        type Output = u32;
        fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<u32> {
            if cx.take_cancel() {
                return Resume::Cancelled;
            }
            self.0 += 1;
            if cx.event_loop().unwrap().time().as_ticks() >= 3000 {
                return Resume::Done(self.0);
            }
            cx.resume_after_interrupt();
            Resume::Pending
        }
    }
    let lp = new_loop();
    for millis in 1..10 {
        lp.call_later(millis.millis(), |_| {}).unwrap();
    }
    let task = lp.create_task(Poll(0)).unwrap();
    // At the start, and after 1, 2 and 3 ms.
    assert_eq!(lp.run_until_complete(&task), Ok(4));
    let lp = new_loop();
    let parked = lp.create_task(Poll(0)).unwrap();
    let handle = parked.as_any();
    lp.call_later(1.millis(), move |_| assert!(handle.cancel())).unwrap();
    // Cancelled without another interrupt: the virtual clock would panic.
    assert_eq!(lp.run_until_complete(&parked), Err(RunError::Cancelled));
}

#[test]
fn names_and_lists() {
    let lp = new_loop();
    assert!(lp.current_task().is_none());
    let first = lp.create_task(sleep(1.millis())).unwrap();
    let second = lp.create_task(sleep(1.millis())).unwrap();
    assert_ne!(first.name(), second.name());
    assert!(first.name().to_string().starts_with("Task-"));
    assert_eq!(format!("{first:?}"), format!("<{} pending>", first.name()));
    assert!(lp.all_tasks().any(|task| task == first) && lp.all_tasks().any(|task| task == second));
    lp.call_soon(|lp| assert!(lp.current_task().is_none())).unwrap();
    lp.run_until_complete(flow(|_, _, _| {
        assert_eq!(lp.all_tasks().count(), 3);
        assert!(lp.all_tasks().any(|task| Some(task) == lp.current_task()));
        Next::Done(())
    }))
    .unwrap();
}

#[test]
fn one_whole_turn_runs_after_the_end_of_what_a_run_waits_for() {
    // As in asyncio: whether a coroutine is run or a task, its done callback stops the loop.
    for as_task in [false, true] {
        let lp = new_loop();
        let trace = Trace::new();
        let log = trace.clone();
        let main = flow(move |step, _, _| match step {
            0 => pause(sleep(ZERO)),
            _ => {
                log.log(lp, "end");
                let log = log.clone();
                lp.call_soon(move |lp| {
                    log.log(lp, "behind the end");
                    lp.call_soon(|_| unreachable!()).unwrap();
                })
                .unwrap();
                Next::Done(())
            }
        });
        if as_task {
            let task = lp.create_task(main).unwrap();
            lp.run_until_complete(&task).unwrap();
            let turn = lp.turn();
            lp.close().unwrap();
            assert_eq!((task.result(), turn), (Ok(()), 3));
        } else {
            lp.run_until_complete(main).unwrap();
            assert_eq!(lp.turn(), 3);
            lp.close().unwrap();
        }
        trace.expect("t=0 n=2 end\nt=0 n=3 behind the end");
    }
    // What has ended already takes one turn.
    let lp = new_loop();
    let task = lp.create_task(flow(|_, _, _| Next::Done(1))).unwrap();
    lp.run_until_complete(&task).unwrap();
    assert_eq!(lp.turn(), 2);
    assert_eq!(lp.run_until_complete(task), Ok(1));
    assert_eq!(lp.turn(), 3);
}

#[test]
fn destructors_may_close_the_loop() {
    struct Closes(&'static EventLoop, Rc<()>);
    impl Drop for Closes {
        fn drop(&mut self) {
            let _ = self.0.close();
        }
    }
    let counted = Rc::new(());
    let closes = |lp| Closes(lp, counted.clone());
    let hold = |guard: Closes| {
        flow(move |_, _, _| {
            let _ = &guard.1;
            pause::<(), _>(sleep(1.secs()))
        })
    };
    // While it is being closed.
    let lp = new_loop();
    for _ in 0..3 {
        lp.create_task(hold(closes(lp))).unwrap();
        let guard = closes(lp);
        lp.call_soon(move |_| drop(guard)).unwrap();
        let guard = closes(lp);
        lp.call_later(1.secs(), move |_| drop(guard)).unwrap();
    }
    lp.close().unwrap();
    assert_eq!(Rc::strong_count(&counted), 1);
    // While a stopped run is being left.
    let lp = new_loop();
    lp.create_task(hold(closes(lp))).unwrap();
    lp.stop();
    assert_eq!(lp.run_until_complete(hold(closes(lp))), Err(RunError::Stopped));
    assert!(lp.is_closed());
    assert_eq!(Rc::strong_count(&counted), 1);
}
