//! A `gather` and a `shield` that were started: nodes of the loop that are no tasks, with what they hold, and how long.
//!
//! What they do is compared with asyncio's in `tests/tests/conformance_programs/kept.rs`.

mod common;

use std::cell::Cell;
use std::rc::Rc;

use common::new_loop;
use segno::host::VirtualClock;
use segno::prelude::*;
use segno::{ResultError, gather, shield, wait};

/// How many futures of 8 bytes there is room for.
fn room(lp: &'static EventLoop) -> usize {
    let mut futures = Vec::new();
    while let Ok(future) = lp.create_future::<u64>() {
        futures.push(future);
    }
    futures.len()
}

#[test]
fn they_are_no_tasks() {
    let lp = new_loop();
    let future = lp.create_future::<u8>().unwrap();
    let gathered = gather!(&future).start(lp).unwrap();
    let shielded = shield(&future).start(lp).unwrap();
    assert_eq!(lp.all_tasks().count(), 0);
    future.set_result(1).unwrap();
    lp.run_until_complete(wait(&[&gathered])).unwrap();
    assert_eq!((gathered.result(), shielded.result()), (Ok((1,)), Ok(1)));
    let again = lp.ensure_future(gathered.clone()).unwrap();
    assert_eq!((again.take_result(), gathered.result()), (Ok((1,)), Err(ResultError::Taken)));
}

#[test]
fn each_is_gone_when_it_has_ended_and_its_handles_are_dropped() {
    let lp = new_loop();
    let before = room(lp);
    let dropped = Rc::new(Cell::new(0));
    struct Counts(Rc<Cell<u32>>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    for keeps in [false, true] {
        let futures = [(); 2].map(|()| lp.create_future::<Rc<Counts>>().unwrap());
        let gathered = gather(futures.each_ref()).start(lp).unwrap();
        let shielded = futures.each_ref().map(|future| shield(future).start(lp).unwrap());
        let kept = keeps.then_some((gathered, shielded));
        for future in futures {
            future.set_result(Rc::new(Counts(dropped.clone()))).unwrap();
        }
        lp.run_until_complete(sleep(1.millis())).unwrap();
        assert_eq!(dropped.get(), 2, "those of the first round, which nobody keeps");
        drop(kept);
    }
    assert_eq!((dropped.get(), room(lp)), (4, before));
}

/// As asyncio's, which takes its callback away from the task.
#[test]
fn a_shield_that_is_given_up_holds_nothing_while_its_task_goes_on() {
    let lp = new_loop();
    let task = lp.create_task(sleep(1.secs())).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    let before = room(lp);
    for _ in 0..100 {
        let shielded = shield(&task).start(lp).unwrap();
        assert!(shielded.cancel());
        drop(shielded);
        lp.run_until_complete(sleep(1.millis())).unwrap();
    }
    assert_eq!(room(lp), before);
}

#[test]
fn without_room_they_are_handed_back() {
    let lp = segno::new_event_loop(VirtualClock::leaked(), 512);
    let future = lp.create_future::<u64>().unwrap();
    let mut fill = Vec::new();
    while let Ok(filler) = lp.create_future::<u64>() {
        fill.push(filler);
    }
    let before = fill.len();
    let mut gathered = gather([&future]);
    let mut shielded = shield(&future);
    let started = loop {
        gathered = match gathered.start(lp) {
            Ok(started) => break started,
            Err(refused) => refused.into_inner(),
        };
        fill.pop().expect("with all of it there is room");
    };
    let outer = loop {
        // It is refused for the future, and then for what waits beside it.
        shielded = match shielded.start(lp) {
            Ok(outer) => break outer,
            Err(refused) => refused.into_inner(),
        };
        fill.pop().expect("with all of it there is room");
    };
    assert!(before > fill.len() + 3, "both were refused");
    future.set_result(5).unwrap();
    drop(fill);
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert_eq!((started.result(), outer.result()), (Ok([5]), Ok(5)));
    lp.close().unwrap();
    assert!(gather([&future]).start(lp).unwrap_err().to_string().contains("closed"));
}

/// What is left when its loop is closed is dropped with it.
#[test]
fn close_drops_them() {
    let lp = new_loop();
    let held = Rc::new(());
    let future = lp.create_future::<Rc<()>>().unwrap();
    let gathered = gather!(&future).start(lp).unwrap();
    let shielded = shield(&future).start(lp).unwrap();
    lp.close().unwrap();
    assert!(gathered.done() && !gathered.cancelled() && !shielded.done());
    _ = future.set_result(held.clone());
    drop((gathered, shielded, future));
    assert_eq!(Rc::strong_count(&held), 1);
}
