//! Handles that outlive what they name: the memory is in use again, by something else.

mod common;

use std::cell::Cell;
use std::rc::Rc;

use segno::host::VirtualClock;
use segno::prelude::*;

#[segno::coroutine]
async fn counts(ran: Rc<Cell<usize>>) {
    sleep(1.millis()).await;
    ran.set(ran.get() + 1);
}

/// Fills the loop's memory with tasks.
fn fill(lp: &'static EventLoop, ran: &Rc<Cell<usize>>) -> Vec<Task<()>> {
    let mut tasks = Vec::new();
    while let Ok(task) = lp.create_task(counts(ran.clone())) {
        tasks.push(task);
    }
    assert!(tasks.len() > 5);
    tasks
}

#[test]
fn a_handle_of_what_has_ended_does_not_reach_what_comes_after() {
    let lp = segno::new_event_loop(VirtualClock::leaked(), 2048);
    for _ in 0..10 {
        let call = lp.call_soon(|_| {}).unwrap();
        let timer = lp.call_later(1.millis(), |_| {}).unwrap();
        let task = lp.create_task(sleep(1.millis())).unwrap();
        let cancelled = lp.create_task(sleep(100.millis())).unwrap();
        let (any, waker) = (task.as_any(), task.as_any().waker());
        // No handle keeps these in their places.
        let gone = [lp.create_task(sleep(1.millis())).unwrap(), lp.create_task(sleep(100.millis())).unwrap()];
        let wakers = gone.each_ref().map(|task| task.as_any().waker());
        gone[1].cancel();
        drop(gone);
        cancelled.cancel();
        let future = lp.create_future().unwrap();
        future.set_result(7).unwrap();
        lp.run_until_complete(sleep(2.millis())).unwrap();

        lp.call_later(10.millis(), |lp| lp.stop()).unwrap();
        let ran = Rc::new(Cell::new(0));
        let tasks = fill(lp, &ran);
        call.cancel();
        timer.cancel();
        assert!(!task.cancel() && !any.cancel() && !cancelled.cancel() && !future.cancel());
        assert!(task.done() && !task.cancelled() && cancelled.cancelled());
        assert_eq!((task.result(), future.result()), (Ok(()), Ok(7)));
        assert!(future.set_result(8).is_err());
        for waker in wakers.into_iter().chain([waker]) {
            lp.wake(waker);
            lp.remote().wake(waker);
        }
        lp.run_forever().unwrap();
        assert_eq!(ran.get(), tasks.len(), "each ran once, to its end");
        assert!(tasks.iter().all(|task| task.result() == Ok(())));
    }
    lp.close().unwrap();
}

#[test]
fn a_handle_outlives_its_loop() {
    let lp = common::new_loop();
    let call = lp.call_soon(|_| panic!("never")).unwrap();
    let timer = lp.call_later(1.millis(), |_| panic!("never")).unwrap();
    let task = lp.create_task(sleep(1.millis())).unwrap();
    let future = lp.create_future::<u32>().unwrap();
    let waker = task.as_any().waker();
    lp.close().unwrap();
    call.cancel();
    timer.cancel();
    assert!(task.done() && task.cancelled() && !task.cancel());
    // A future is a thing of its own, as in asyncio.
    future.set_result(1).unwrap();
    assert_eq!(future.result(), Ok(1));
    lp.wake(waker);
    lp.remote().wake(waker);
    assert_eq!(lp.run_forever(), Err(RunError::Closed));
}
