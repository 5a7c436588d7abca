//! `Event`: what CPython's `test_locks` and MicroPython's `asyncio_event*.py` pin down.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{run, turn, wait_all};

type Log = Rc<RefCell<Vec<String>>>;

#[segno::coroutine]
async fn waiter(event: &'static Event, name: &'static str, log: Log) {
    let line = match event.wait().catch_cancel().await {
        Ok(()) => format!("{name} {}", event.is_set()),
        Err(Cancelled) => format!("x{name}"),
    };
    log.borrow_mut().push(line);
}

fn start(lp: &'static EventLoop, event: &'static Event, names: &[&'static str], log: &Log) -> Vec<Task<()>> {
    names.iter().map(|name| lp.create_task(waiter(event, name, log.clone())).unwrap()).collect()
}

#[segno::coroutine]
async fn next_turn() {
    sleep(0.millis()).await;
}

#[test]
fn c87_all_who_wait_are_woken_in_order() {
    static EVENT: Event = Event::new();
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        let tasks = start(lp, &EVENT, &["1", "2", "3"], &log);
        next_turn().await;
        assert!(!EVENT.is_set() && log.borrow().is_empty());
        EVENT.set();
        EVENT.set();
        let before = turn();
        wait_all(&tasks).await;
        assert_eq!(turn() - before, 3);
        assert_eq!(*log.borrow(), ["1 true", "2 true", "3 true"]);
    }
    run(scenario);
}

#[test]
fn c87_waiting_for_a_set_event_costs_no_turn() {
    static EVENT: Event = Event::new();
    #[segno::coroutine]
    async fn scenario(_: &'static EventLoop) {
        EVENT.set();
        let before = turn();
        EVENT.wait().await;
        EVENT.wait().await;
        assert_eq!(turn(), before);
        assert_eq!(format!("{EVENT:?}"), "<Event set>");
        EVENT.clear();
        EVENT.clear();
        assert_eq!(format!("{EVENT:?}"), "<Event unset>");
    }
    run(scenario);
}

#[test]
fn c87_who_waits_is_woken_although_the_event_is_cleared_at_once() {
    static EVENT: Event = Event::new();
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        let tasks = start(lp, &EVENT, &["1", "2"], &log);
        next_turn().await;
        EVENT.set();
        EVENT.clear();
        let late = start(lp, &EVENT, &["late"], &log);
        wait_all(&tasks).await;
        assert_eq!(*log.borrow(), ["1 false", "2 false"]);
        EVENT.set();
        wait_all(&late).await;
        assert_eq!(*log.borrow(), ["1 false", "2 false", "late true"]);
    }
    run(scenario);
}

#[test]
fn c87_b11_cancelled_before_and_after_the_event_is_set() {
    static EVENT: Event = Event::new();
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        for cancel_first in [true, false] {
            EVENT.clear();
            let log = Log::default();
            let tasks = start(lp, &EVENT, &["1", "2", "3"], &log);
            next_turn().await;
            if cancel_first {
                tasks[1].cancel();
            }
            EVENT.set();
            if !cancel_first {
                tasks[1].cancel();
            }
            wait_all(&tasks).await;
            let mut lines = log.borrow().clone();
            lines.sort();
            assert_eq!(lines, ["1 true", "3 true", "x2"]);
            // Whoever is queued first runs first.
            assert_eq!(log.borrow()[0], if cancel_first { "x2" } else { "1 true" });
        }
    }
    run(scenario);
}

#[test]
fn b11_an_event_with_a_limit() {
    static EVENT: Event = Event::new();
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let begin = lp.time();
        let passed = || (lp.time() - begin).as_millis();
        lp.call_later(10.millis(), |_| EVENT.set()).unwrap();
        assert_eq!((wait_for(EVENT.wait(), 100.millis()).await, passed()), (Ok(()), 10));
        EVENT.clear();
        lp.call_later(100.millis(), |_| EVENT.set()).unwrap();
        assert_eq!((wait_for(EVENT.wait(), 10.millis()).await, passed()), (Err(TimedOut), 20));
        // Nothing is left of that wait, and a new one works.
        assert!(!EVENT.is_set());
        EVENT.wait().await;
        assert_eq!((EVENT.is_set(), passed()), (true, 110));
    }
    run(scenario);
}

/// MicroPython's `asyncio_event_fair`: tasks that pass an event around in a ring let others run.
#[test]
fn b12_a_ring_of_events_is_fair() {
    static RING: [Event; 3] = [Event::new(), Event::new(), Event::new()];
    type Counts = Rc<RefCell<[u32; 4]>>;
    #[segno::coroutine]
    async fn passes_on(index: usize, counts: Counts) {
        loop {
            RING[index].wait().await;
            RING[index].clear();
            counts.borrow_mut()[index] += 1;
            RING[(index + 1) % 3].set();
        }
    }
    #[segno::coroutine]
    async fn bystander(counts: Counts) {
        loop {
            next_turn().await;
            counts.borrow_mut()[3] += 1;
        }
    }
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let counts = Counts::default();
        for index in 0..3 {
            lp.create_task(passes_on(index, counts.clone())).unwrap();
        }
        lp.create_task(bystander(counts.clone())).unwrap();
        next_turn().await;
        RING[0].set();
        for _ in 0..30 {
            next_turn().await;
        }
        assert_eq!(*counts.borrow(), [10, 10, 10, 30]);
    }
    run(scenario);
}
