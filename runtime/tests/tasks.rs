//! Tasks: when they start, what waiting costs, and what becomes of them.

mod common;

use std::pin::Pin;
use std::rc::Rc;

use common::{Next, Trace, flow, new_loop, outcome, pause, wait};
use segno::time::{Duration, ExtU64};
use segno::{Context, Coroutine, EventLoop, Refused, ResultError, Resume, RunError, sleep};

const ZERO: Duration = Duration::from_ticks(0);

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
    // Nor does the end of a task that a stopped run has waited for.
    let task = lp.create_task(sleep(5.millis())).unwrap();
    lp.call_later(1.millis(), |lp| lp.stop()).unwrap();
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Stopped));
    let begin = lp.time();
    lp.call_later(10.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert!(task.done());
    assert_eq!((lp.time() - begin).as_millis(), 10);
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
    // While it is being cancelled, it is not only cancelled.
    let task = lp
        .create_task(flow(move |step, cancelled, _| match step {
            0 => pause::<(), _>(sleep(1.secs())),
            _ => panic!("in a cleanup, cancelled: {cancelled}"),
        }))
        .unwrap();
    let victim = task.as_any();
    lp.call_later(1.millis(), move |_| assert!(victim.cancel())).unwrap();
    let run = std::panic::AssertUnwindSafe(|| lp.run_until_complete(&task));
    let payload = std::panic::catch_unwind(run).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "in a cleanup, cancelled: true");
    assert!(task.done());
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
