//! Futures and done callbacks: asyncio's state machine and order.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{Next, Trace, flow, new_loop, pause, wait};
use segno::task::EnsureRefused;
use segno::time::ExtU64;
use segno::{EventLoop, Future, InvalidState, Refused, ResultError, RunError, sleep};

thread_local! {
    static TRACE: Trace = Trace::new();
}

fn trace() -> Trace {
    TRACE.with(Trace::clone)
}

#[test]
fn a_future_ends_once() {
    let lp = new_loop();
    let future: Future<Result<u32, &'static str>> = lp.create_future().unwrap();
    assert!(!future.done() && !future.cancelled());
    assert_eq!(future.result(), Err(ResultError::Pending));
    assert_eq!(future.exception(), Err(ResultError::Pending));
    future.set_result(Ok(7)).unwrap();
    assert!(future.done() && !future.cancelled());
    assert_eq!(future.result(), Ok(Ok(7)));
    assert_eq!(future.exception(), Ok(None));
    assert_eq!(future.set_result(Ok(8)), Err(InvalidState));
    assert_eq!(future.set_exception("x"), Err(InvalidState));
    assert!(!future.cancel());
    let future: Future<Result<u32, &'static str>> = lp.create_future().unwrap();
    future.set_exception("k").unwrap();
    assert_eq!(future.result(), Ok(Err("k")));
    assert_eq!(future.exception(), Ok(Some("k")));
    assert!(!future.cancel());
    let future: Future<u32> = lp.create_future().unwrap();
    assert!(future.cancel());
    assert!(!future.cancel());
    assert!(future.done() && future.cancelled());
    assert_eq!(future.result(), Err(ResultError::Cancelled));
    assert_eq!(future.set_result(1), Err(InvalidState));
    assert_eq!(format!("{future:?}"), "<Future cancelled>");
}

#[test]
fn a_result_is_read_many_times_or_taken_once() {
    let lp = new_loop();
    let counted = Rc::new(());
    let future = lp.create_future::<Rc<()>>().unwrap();
    future.set_result(counted.clone()).unwrap();
    let other = future.clone();
    let nested = future.with_result(|result| {
        // While it is borrowed it may be borrowed again, but not taken.
        assert!(matches!(other.take_result(), Err(ResultError::Taken)));
        assert_eq!(other.with_result(Rc::strong_count), Ok(2));
        assert!(matches!(other.take_result(), Err(ResultError::Taken)));
        result.clone()
    });
    assert_eq!(Rc::strong_count(&counted), 3);
    drop(nested);
    drop(future.take_result().unwrap());
    assert_eq!(Rc::strong_count(&counted), 1);
    assert_eq!(future.result(), Err(ResultError::Taken));
    // A result that nobody takes is dropped with the last handle.
    let future = lp.create_future::<Rc<()>>().unwrap();
    future.set_result(counted.clone()).unwrap();
    let clone = future.clone();
    drop(future);
    assert_eq!(Rc::strong_count(&counted), 2);
    drop(clone);
    assert_eq!(Rc::strong_count(&counted), 1);
}

#[test]
fn callbacks_run_through_the_queue_in_the_order_of_registration() {
    const TAGS: [&str; 8] = ["one", "two", "dup", "nested", "last", "late", "", ""];
    fn log(future: &Future<u32>, tag: usize) {
        trace().log(future.event_loop(), format!("callback {} {:?}", TAGS[tag], future.result()));
        if TAGS[tag] == "nested" {
            future.add_done_callback(log, 5).unwrap();
        }
    }
    // One pointer: a function has no address of its own, so naming it twice may give two.
    let log: fn(&Future<u32>, usize) = log;
    let lp = new_loop();
    let future = lp.create_future::<u32>().unwrap();
    for tag in [0, 2, 1, 2] {
        future.add_done_callback(log, tag).unwrap();
    }
    assert_eq!(future.remove_done_callback(log, 2), 2);
    assert_eq!(future.remove_done_callback(log, 2), 0);
    future.add_done_callback(log, 3).unwrap();
    future.add_done_callback(log, 4).unwrap();
    let setter = future.clone();
    lp.call_soon(move |lp| {
        trace().log(lp, "set_result begins");
        setter.set_result(1).unwrap();
        trace().log(lp, "no callback has run");
        assert_eq!(setter.remove_done_callback(log, 1), 0);
    })
    .unwrap();
    lp.call_soon(|lp| trace().log(lp, "queued before the callbacks")).unwrap();
    lp.call_later(1.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    lp.close().unwrap();
    trace().expect(
        "t=0 n=1 set_result begins
         t=0 n=1 no callback has run
         t=0 n=1 queued before the callbacks
         t=0 n=2 callback one Ok(1)
         t=0 n=2 callback two Ok(1)
         t=0 n=2 callback nested Ok(1)
         t=0 n=2 callback last Ok(1)
         t=0 n=3 callback late Ok(1)",
    );
}

#[test]
fn waiting_tasks_and_callbacks_are_served_in_the_order_in_which_they_came() {
    let lp = new_loop();
    let trace = Trace::new();
    let future = lp.create_future::<u32>().unwrap();
    let waiter = |tag: &'static str| {
        let (trace, future) = (trace.clone(), future.clone());
        lp.create_task(flow(move |step, _, _| match step {
            0 => {
                let trace = trace.clone();
                Next::Await(wait(&future, move |value| trace.say(format!("{tag} {value}"))))
            }
            _ => Next::Done(()),
        }))
        .unwrap()
    };
    thread_local!(static CALLBACK: RefCell<Option<Trace>> = const { RefCell::new(None) });
    CALLBACK.set(Some(trace.clone()));
    drop(waiter("first"));
    let adder = future.clone();
    lp.call_soon(move |_| {
        adder
            .add_done_callback(|_, _| CALLBACK.with_borrow(|trace| trace.as_ref().unwrap().say("callback")), 0)
            .unwrap();
    })
    .unwrap();
    drop(waiter("second"));
    lp.call_later(1.millis(), move |_| future.set_result(5).unwrap()).unwrap();
    lp.run_until_complete(sleep(2.millis())).unwrap();
    trace.expect("first 5\ncallback\nsecond 5");
}

#[test]
fn a_dropped_future_drops_its_callbacks_and_gives_its_memory_back() {
    let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 512);
    for _ in 0..if cfg!(miri) { 30 } else { 1000 } {
        let future = lp.create_future::<u64>().unwrap();
        future.add_done_callback(|_, _| unreachable!(), 0).unwrap();
        let twice = lp.create_future::<u64>().unwrap();
        twice.add_done_callback(|_, _| {}, 0).unwrap();
        twice.set_result(1).unwrap();
        drop((future, twice));
        lp.stop();
        lp.run_forever().unwrap();
    }
    // Full is an error, and nothing is lost.
    let mut futures = Vec::new();
    let full = loop {
        match lp.create_future::<u64>() {
            Ok(future) => futures.push(future),
            Err(refused) => break refused,
        }
    };
    assert_eq!(full, Refused::Full(()));
    while lp.call_soon(|_| {}).is_ok() {}
    assert_eq!(lp.call_soon(|_| {}).unwrap_err().to_string(), "Event loop's memory is full");
    assert_eq!(lp.run_until_complete(sleep(1.millis())), Err(RunError::Full));
    let last = futures.pop().unwrap();
    assert!(matches!(last.add_done_callback(|_, _| {}, 0), Err(Refused::Full(()))));
    let count = futures.len();
    futures.clear();
    drop(last);
    for _ in 0..=count {
        futures.push(lp.create_future().unwrap());
    }
}

#[test]
fn run_until_complete_takes_a_future() {
    let lp: &'static EventLoop = new_loop();
    let future = lp.create_future::<&'static str>().unwrap();
    let setter = future.clone();
    lp.create_task(flow(move |step, _, _| match step {
        0 => pause(sleep(2.secs())),
        _ => {
            setter.set_result("Future is done!").unwrap();
            Next::Done(())
        }
    }))
    .unwrap();
    assert_eq!(lp.run_until_complete(&future), Ok("Future is done!"));
    assert_eq!(future.result(), Ok("Future is done!"));
    let cancelled = lp.create_future::<u32>().unwrap();
    cancelled.cancel();
    assert_eq!(lp.run_until_complete(cancelled), Err(RunError::Cancelled));
}

/// Of a coroutine a task is made, handles are given back, and what is refused too.
#[test]
fn whatever_can_be_awaited_becomes_a_handle() {
    let (lp, other) = (new_loop(), new_loop());
    let task = lp.ensure_future(sleep(1.millis())).unwrap();
    assert_eq!(lp.all_tasks().count(), 1);
    assert!(std::ptr::eq(lp.ensure_future(&task).unwrap(), &task));
    let any = task.as_any();
    assert!(any == lp.ensure_future(task).unwrap());
    let future = lp.create_future::<u8>().unwrap();
    assert!(std::ptr::eq(lp.ensure_future(&future).unwrap(), &future));
    assert!(lp.ensure_future(future.clone()).unwrap().as_any() == future);
    assert_eq!(lp.all_tasks().count(), 1, "nothing more was made");
    assert_eq!((lp.run_until_complete(any.wait()), any.done()), (Ok(()), true));
    // Of another loop.
    let refused = other.ensure_future(future.clone()).unwrap_err();
    assert_eq!(refused.to_string(), "The future belongs to a different loop");
    assert!(refused.into_inner().as_any() == future);
    let theirs = other.create_task(sleep(1.millis())).unwrap();
    assert!(matches!(lp.ensure_future(theirs), Err(EnsureRefused::AnotherLoop(_))));
    // Without room, and on a closed loop: the coroutine is whole.
    let small = segno::new_event_loop(segno::host::VirtualClock::leaked(), 128);
    while small.call_soon(|_| {}).is_ok() {}
    let refused = small.ensure_future(sleep(1.millis())).unwrap_err();
    assert!(matches!(refused, EnsureRefused::Full(_)));
    lp.run_until_complete(refused.into_inner()).unwrap();
    small.close().unwrap();
    let refused = small.ensure_future(sleep(1.millis())).unwrap_err();
    assert_eq!(refused.to_string(), "Event loop is closed");
    lp.run_until_complete(refused.into_inner()).unwrap();
}
