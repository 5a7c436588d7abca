//! Tasks that never return: they end by cancellation only, and cost less code; what they hold is freed all the same.

mod common;

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;

use common::new_loop;
use segno::time::ExtU64;
use segno::{Context, Coroutine, EventLoop, Refused, Resume, Task, new_event_loop, sleep};

#[segno::coroutine]
async fn endless(held: Rc<()>) -> ! {
    let _held = held;
    loop {
        sleep(1.millis()).await;
    }
}

#[segno::coroutine]
async fn wait_for(lp: &'static EventLoop, millis: u64) {
    let _ = lp;
    sleep(millis.millis()).await;
}

/// How many endless tasks fit into what is free.
fn room(lp: &'static EventLoop) -> usize {
    let mut tasks: Vec<Task<_>> = Vec::new();
    let count = loop {
        match lp.create_task(endless(Rc::new(()))) {
            Ok(task) => tasks.push(task),
            Err(Refused::Full(_)) => break tasks.len(),
            Err(Refused::Closed(_)) => panic!("closed"),
        }
    };
    for task in &tasks {
        assert!(task.cancel());
    }
    drop(tasks);
    // One turn, which takes no room.
    lp.stop();
    lp.run_forever().unwrap();
    assert_eq!(lp.all_tasks().count(), 0);
    count
}

fn small_loop() -> &'static EventLoop {
    new_event_loop(segno::host::VirtualClock::leaked(), 1024)
}

#[test]
fn a_cancelled_one_ends_and_its_memory_comes_back() {
    let lp = small_loop();
    let empty = room(lp);
    assert!(empty > 2);
    for keeps_handle in [false, true] {
        let held = Rc::new(());
        let task = lp.create_task(endless(held.clone())).unwrap();
        let any = task.as_any();
        let handle = keeps_handle.then_some(task);
        lp.run_until_complete(wait_for(lp, 5)).unwrap();
        assert_eq!(Rc::strong_count(&held), 2);
        assert!(!any.done() && any.cancel());
        lp.run_until_complete(wait_for(lp, 5)).unwrap();
        assert!(any.done() && any.cancelled());
        assert_eq!(Rc::strong_count(&held), 1);
        drop(any);
        drop(handle);
        assert_eq!(room(lp), empty);
    }
}

#[test]
fn one_that_was_cancelled_before_its_first_step_never_runs() {
    let lp = small_loop();
    let empty = room(lp);
    let held = Rc::new(());
    let task = lp.create_task(endless(held.clone())).unwrap();
    assert!(task.cancel());
    lp.run_until_complete(wait_for(lp, 1)).unwrap();
    assert!(task.cancelled());
    assert_eq!(Rc::strong_count(&held), 1);
    drop(task);
    assert_eq!(room(lp), empty);
}

#[test]
fn closing_the_loop_drops_it() {
    let lp = small_loop();
    let held = Rc::new(());
    let task = lp.create_task(endless(held.clone())).unwrap();
    lp.run_until_complete(wait_for(lp, 5)).unwrap();
    lp.close().unwrap();
    assert!(task.cancelled());
    assert_eq!(Rc::strong_count(&held), 1);
}

/// Answers `Cancelled` without having been asked to, which it should not.
struct Rude(Rc<()>);

impl Coroutine for Rude {
    type Output = Infallible;

    fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<Infallible> {
        assert_eq!(Rc::strong_count(&self.0), 2);
        Resume::Cancelled
    }
}

#[test]
fn one_that_cancels_itself_without_a_request_is_not_run_again() {
    let lp = new_loop();
    let held = Rc::new(());
    let task = lp.create_task(Rude(held.clone())).unwrap();
    lp.call_soon(|lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert!(task.cancelled());
    assert_eq!(Rc::strong_count(&held), 1);
    lp.wake(task.as_any().waker());
    lp.run_until_complete(wait_for(lp, 1)).unwrap();
    assert_eq!(lp.all_tasks().count(), 0);
    lp.close().unwrap();
}
