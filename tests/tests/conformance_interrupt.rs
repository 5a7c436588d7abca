//! What MicroPython's tests pin down of events that come from outside: `asyncio_event_queue`, `asyncio_iterator_event`,
//! `asyncio_threadsafeflag`.
#![cfg(feature = "ours")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use segno::board::{Clock, Idle};
use segno::prelude::*;
use segno_tests::conformance::{run, turn};

thread_local! {
    /// What happens each time that the processor sleeps.
    static INTERRUPTS: RefCell<VecDeque<fn()>> = const { RefCell::new(VecDeque::new()) };
    static HANDLER_RUNS: Cell<bool> = const { Cell::new(false) };
}

/// A clock whose sleep is ended by the next interrupt.
struct Asleep;

impl Clock for Asleep {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn idle(&self, idle: &Idle) {
        if !idle.pending() {
            let interrupt = INTERRUPTS.with_borrow_mut(VecDeque::pop_front);
            HANDLER_RUNS.set(true);
            interrupt.expect("nothing is ready, and no interrupt is left")();
            HANDLER_RUNS.set(false);
        }
    }

    fn in_interrupt(&self) -> bool {
        HANDLER_RUNS.get()
    }
}

fn new_loop(interrupts: &[fn()]) -> &'static EventLoop {
    INTERRUPTS.set(interrupts.iter().copied().collect());
    segno::new_event_loop(&Asleep, 4096)
}

/// No task is ready, and no timer set: the loop goes on to wait for what comes from outside.
#[test]
fn b13_a_loop_with_nothing_to_do_waits_for_interrupts() {
    static EVENT: Event = Event::new();
    #[segno::coroutine]
    async fn waits() -> &'static str {
        EVENT.wait().await;
        "woken"
    }
    fn nothing() {}
    fn set() {
        EVENT.set();
    }
    let lp = new_loop(&[nothing, nothing, set]);
    assert_eq!(lp.run_until_complete(waits()), Ok("woken"));
    assert!(INTERRUPTS.with_borrow(VecDeque::is_empty));
}

/// asyncio's debug mode refuses a `call_soon` of a foreign thread. An interrupt's handler is not given the loop that it has
/// interrupted; the loop's remote may be used everywhere.
#[test]
fn c15_a_handler_is_not_in_the_loop() {
    thread_local! {
        static REMOTE: Cell<Option<Remote>> = const { Cell::new(None) };
    }
    fn handler() {
        assert!(get_running_loop().is_err() && get_event_loop().is_err());
        REMOTE.get().unwrap().call_soon(|lp| lp.stop()).unwrap();
    }
    let lp = new_loop(&[handler]);
    REMOTE.set(Some(lp.remote()));
    set_event_loop(Some(lp));
    lp.call_soon(|lp| assert!(core::ptr::eq(get_running_loop().unwrap(), lp))).unwrap();
    lp.run_forever().unwrap();
    assert!(core::ptr::eq(get_event_loop().unwrap(), lp));
    set_event_loop(None);
}

/// An iterator that waits for an event, which is set from outside each time.
#[test]
fn b21_an_iterator_over_events() {
    static EVENT: Event = Event::new();
    struct Values(i32);
    impl Values {
        #[segno::coroutine]
        async fn next(&mut self) -> Option<i32> {
            if self.0 == 3 {
                return None;
            }
            EVENT.wait().await;
            EVENT.clear();
            self.0 += 1;
            Some(self.0)
        }
    }
    #[segno::coroutine]
    async fn sum() -> i32 {
        let mut values = Values(0);
        let mut sum = 0;
        while let Some(value) = values.next().await {
            sum += value;
        }
        sum
    }
    fn set() {
        EVENT.set();
    }
    assert_eq!(new_loop(&[set, set, set]).run_until_complete(sum()), Ok(6));
}

type Log = Rc<RefCell<Vec<&'static str>>>;

#[segno::coroutine]
async fn waits(flag: &'static ThreadSafeFlag, log: Log) {
    log.borrow_mut().push("waits");
    flag.wait().await;
    log.borrow_mut().push("woken");
}

#[segno::coroutine]
async fn next_turn() {
    sleep(0.millis()).await;
}

#[test]
fn b29_a_flag_set_from_the_loop_and_before_the_wait() {
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        // Set while it waits.
        let log = Log::default();
        let task = lp.create_task(waits(&FLAG, log.clone())).unwrap();
        next_turn().await;
        FLAG.set();
        log.borrow_mut().push("set");
        task.await;
        assert_eq!(*log.borrow(), ["waits", "set", "woken"]);

        // Set before: it costs no turn, and once only.
        FLAG.set();
        FLAG.set();
        let before = turn();
        FLAG.wait().await;
        assert_eq!(turn(), before);

        // Set, cleared, and set again.
        FLAG.set();
        FLAG.clear();
        let log = Log::default();
        let task = lp.create_task(waits(&FLAG, log.clone())).unwrap();
        next_turn().await;
        next_turn().await;
        assert!(!task.done(), "a stale flag was dropped");
        FLAG.set();
        // Whoever has been woken goes on.
        FLAG.clear();
        task.await;
        assert_eq!(format!("{FLAG:?}"), "<ThreadSafeFlag unset>");
    }
    run(scenario);
}

#[test]
fn b29_a_flag_set_from_an_interrupt() {
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    fn set() {
        FLAG.set();
    }
    let log = Log::default();
    let lp = new_loop(&[set]);
    lp.run_until_complete(waits(&FLAG, log.clone())).unwrap();
    assert_eq!(*log.borrow(), ["waits", "woken"]);
}
