//! Who runs when: asyncio's traces of callbacks, timers and `stop`.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{Trace, new_loop};
use segno::board::{Clock, Idle};
use segno::host::VirtualClock;
use segno::time::{Duration, ExtU64, Instant};
use segno::{EventLoop, Handle, RunError, new_event_loop};

fn at(millis: u64) -> Instant {
    Instant::from_ticks(millis * 1000)
}

#[test]
fn callbacks_run_in_order_and_those_that_they_add_in_the_next_turn() {
    let lp = new_loop();
    let trace = Trace::new();
    let cancelled: Rc<RefCell<Option<Handle>>> = Rc::default();
    fn callback(
        trace: &Trace,
        cancelled: &Rc<RefCell<Option<Handle>>>,
        tag: &'static str,
    ) -> impl FnOnce(&'static EventLoop) + 'static {
        let (trace, cancelled) = (trace.clone(), cancelled.clone());
        move |lp| {
            trace.log(lp, tag);
            let add = |tag| drop(lp.call_soon(boxed(&trace, &cancelled, tag)).unwrap());
            match tag {
                "A" => {
                    add("A1");
                    add("A2");
                }
                "B" => {
                    cancelled.borrow().as_ref().unwrap().cancel();
                    add("B1");
                }
                "A1" => {
                    lp.call_soon(|lp| lp.stop()).unwrap();
                    add("after-stop-same-batch");
                }
                _ => {}
            }
        }
    }
    fn boxed(
        trace: &Trace,
        cancelled: &Rc<RefCell<Option<Handle>>>,
        tag: &'static str,
    ) -> Box<dyn FnOnce(&'static EventLoop)> {
        Box::new(callback(trace, cancelled, tag))
    }
    lp.call_soon(callback(&trace, &cancelled, "A")).unwrap();
    lp.call_soon(callback(&trace, &cancelled, "B")).unwrap();
    let c = lp.call_soon(callback(&trace, &cancelled, "C")).unwrap();
    *cancelled.borrow_mut() = Some(c);
    lp.call_soon(callback(&trace, &cancelled, "D")).unwrap();
    trace.say("nothing runs before run_forever");
    lp.run_forever().unwrap();
    trace.say(format!("C cancelled: {}", cancelled.borrow().as_ref().unwrap().cancelled()));
    lp.close().unwrap();
    trace.expect(
        "nothing runs before run_forever
         t=0 n=1 A
         t=0 n=1 B
         t=0 n=1 D
         t=0 n=2 A1
         t=0 n=2 A2
         t=0 n=2 B1
         t=0 n=3 after-stop-same-batch
         C cancelled: true",
    );
}

#[test]
fn due_timers_run_behind_what_was_ready() {
    let lp = new_loop();
    let trace = Trace::new();
    let log = |tag: &'static str| {
        let trace = trace.clone();
        move |lp: &'static EventLoop| trace.log(lp, tag)
    };
    lp.call_later(30.millis(), log("later30")).unwrap();
    lp.call_later(10.millis(), log("later10")).unwrap();
    lp.call_later(20.millis(), log("later20")).unwrap();
    lp.call_later(Duration::from_ticks(0), log("later0")).unwrap();
    lp.call_soon(log("soon")).unwrap();
    lp.call_at(at(15), log("at15")).unwrap();
    let (chain_later, chain_soon, chain) = (log("chain-later0"), log("chain-soon"), log("chain"));
    lp.call_at(at(25), move |lp| {
        chain(lp);
        lp.call_later(Duration::from_ticks(0), chain_later).unwrap();
        lp.call_soon(chain_soon).unwrap();
    })
    .unwrap();
    lp.call_at(at(40), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert_eq!(lp.time(), at(40));
    trace.expect(
        "t=0 n=1 soon
         t=0 n=1 later0
         t=10 n=2 later10
         t=15 n=3 at15
         t=20 n=4 later20
         t=25 n=5 chain
         t=25 n=6 chain-soon
         t=25 n=6 chain-later0
         t=30 n=7 later30",
    );
}

#[test]
fn equal_deadlines_run_in_the_order_of_registration() {
    let lp = new_loop();
    let trace = Trace::new();
    for tag in ["A", "B", "C", "D", "E", "F"] {
        let trace = trace.clone();
        lp.call_at(at(10), move |_| trace.say(tag)).unwrap();
    }
    lp.call_at(at(30), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    trace.expect("A\nB\nC\nD\nE\nF");
}

#[test]
fn stop_lets_the_batch_finish_and_a_stopped_loop_runs_one_turn() {
    let clock = VirtualClock::leaked();
    let lp = new_event_loop(clock, 4096);
    let trace = Trace::new();
    let log = |tag: &'static str| {
        let trace = trace.clone();
        move |lp: &'static EventLoop| trace.log(lp, tag)
    };
    lp.call_soon(log("before")).unwrap();
    let (stopper, queued) = (log("stopper"), log("queued-by-stopper"));
    lp.call_soon(move |lp| {
        stopper(lp);
        lp.stop();
        lp.stop();
        lp.call_soon(queued).unwrap();
    })
    .unwrap();
    lp.call_soon(log("after-in-same-batch")).unwrap();
    lp.call_later(5.millis(), log("timer5")).unwrap();
    lp.run_forever().unwrap();
    assert!(!lp.is_running());
    lp.stop();
    lp.run_forever().unwrap();
    lp.stop();
    clock.advance(5.millis());
    lp.run_forever().unwrap();
    trace.expect(
        "t=0 n=1 before
         t=0 n=1 stopper
         t=0 n=1 after-in-same-batch
         t=0 n=2 queued-by-stopper
         t=5 n=3 timer5",
    );
}

#[test]
fn a_loop_in_the_wrong_state_refuses() {
    let lp = new_loop();
    assert!(segno::get_running_loop().is_err());
    let other = new_loop();
    lp.call_soon(move |lp| {
        assert!(lp.is_running());
        assert!(std::ptr::eq(segno::get_running_loop().unwrap(), lp));
        assert!(std::ptr::eq(segno::get_event_loop().unwrap(), lp));
        assert_eq!(lp.close().unwrap_err().to_string(), "Cannot close a running event loop");
        assert_eq!(lp.run_forever().unwrap_err().to_string(), "This event loop is already running");
        assert_eq!(
            other.run_forever().unwrap_err().to_string(),
            "Cannot run the event loop while another loop is running"
        );
        assert!(std::ptr::eq(segno::get_running_loop().unwrap(), lp));
        lp.stop();
    })
    .unwrap();
    lp.run_forever().unwrap();
    assert!(segno::get_event_loop().is_err());
    segno::set_event_loop(Some(other));
    assert!(std::ptr::eq(segno::get_event_loop().unwrap(), other));
    segno::set_event_loop(None);
    lp.close().unwrap();
    lp.close().unwrap();
    assert!(lp.is_closed());
    assert_eq!(lp.call_soon(|_| {}).unwrap_err().to_string(), "Event loop is closed");
    assert_eq!(lp.call_later(1.millis(), |_| {}).unwrap_err().to_string(), "Event loop is closed");
    assert_eq!(lp.run_forever().unwrap_err(), RunError::Closed);
    assert!(lp.create_task(segno::sleep(1.millis())).is_err());
    lp.create_future::<u32>().unwrap().set_result(1).unwrap();
}

/// Each thread runs a loop of its own, and knows that one alone.
#[test]
fn each_thread_has_its_running_loop() {
    let both_run = std::sync::Arc::new(std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let both_run = both_run.clone();
            scope.spawn(move || {
                assert!(segno::get_event_loop().is_err());
                let lp = new_loop();
                segno::set_event_loop(Some(lp));
                lp.call_soon(move |lp| {
                    both_run.wait();
                    assert!(std::ptr::eq(segno::get_running_loop().unwrap(), lp));
                    both_run.wait();
                    lp.stop();
                })
                .unwrap();
                lp.run_forever().unwrap();
                assert!(segno::get_running_loop().is_err());
                assert!(std::ptr::eq(segno::get_event_loop().unwrap(), lp));
                lp.close().unwrap();
            });
        }
    });
    assert!(segno::get_event_loop().is_err());
}

#[test]
fn timers_can_be_cancelled() {
    let lp = new_loop();
    let trace = Trace::new();
    let log = |tag: &'static str| {
        let trace = trace.clone();
        move |_: &'static EventLoop| trace.say(tag)
    };
    let early = lp.call_later(5.millis(), log("early")).unwrap();
    let late = lp.call_later(10.millis(), log("late")).unwrap();
    let fired = lp.call_later(6.millis(), log("fired")).unwrap();
    early.cancel();
    early.cancel();
    assert!(early.cancelled() && !late.cancelled());
    assert_eq!(early.when(), at(5));
    // Both are due in one turn, and the first one cancels the second one.
    let second = Rc::new(RefCell::new(None));
    let cell = second.clone();
    lp.call_at(at(20), move |_| cell.borrow().as_ref().map(segno::TimerHandle::cancel).unwrap()).unwrap();
    *second.borrow_mut() = Some(lp.call_at(at(20), log("second")).unwrap());
    lp.call_later(30.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert!(second.borrow().as_ref().unwrap().cancelled());
    fired.cancel();
    assert!(fired.cancelled(), "it is marked");
    assert_eq!(fired.when(), at(6));
    trace.expect("fired\nlate");
}

/// The loop sleeps until the first timer that has not been cancelled, and not at all if it has been asked to stop.
#[test]
fn a_cancelled_timer_is_not_slept_for() {
    thread_local! {
        static SLEPT: RefCell<Vec<Option<u64>>> = const { RefCell::new(Vec::new()) };
    }
    struct Watched(&'static VirtualClock);
    impl Clock for Watched {
        fn now(&self) -> Instant {
            self.0.now()
        }
        fn idle(&self, idle: &Idle) {
            let deadline = idle.deadline().map(|deadline| deadline.as_ticks() / 1000);
            SLEPT.with_borrow_mut(|slept| slept.push(deadline));
            self.0.idle(idle);
        }
    }
    let lp = new_event_loop(Box::leak(Box::new(Watched(VirtualClock::leaked()))), 4096);
    let cancelled = [1, 2, 3].map(|delay: u64| lp.call_later(delay.millis(), |_| unreachable!()).unwrap());
    lp.call_later(4.millis(), |_| {}).unwrap();
    cancelled.iter().for_each(segno::TimerHandle::cancel);
    let last = lp.call_later(9.millis(), |_| unreachable!()).unwrap();
    lp.call_later(5.millis(), move |_| last.cancel()).unwrap();
    lp.call_later(12.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert_eq!(SLEPT.take(), [Some(4), Some(5), Some(12)]);
    assert_eq!(lp.turn(), 3, "no turn for those that were cancelled");
    lp.call_later(1.millis(), |_| unreachable!()).unwrap();
    lp.stop();
    lp.run_forever().unwrap();
    assert_eq!((SLEPT.take(), lp.time()), (vec![], at(12)), "a stopped loop does not sleep");
}

#[test]
fn a_callback_that_panics_leaves_the_loop_usable() {
    let lp = new_loop();
    let trace = Trace::new();
    let log = |tag: &'static str| {
        let trace = trace.clone();
        move |_: &'static EventLoop| trace.say(tag)
    };
    lp.call_soon(|_| panic!("in a callback")).unwrap();
    lp.call_soon(log("behind it")).unwrap();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lp.run_forever())).is_err());
    assert!(!lp.is_running());
    assert!(segno::get_running_loop().is_err());
    // Nothing of it stops the next run.
    lp.call_later(5.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert_eq!(lp.time(), at(5));
    trace.expect("behind it");
}

#[test]
fn a_sleeping_task_runs_in_the_turn_behind_its_timer() {
    // As in asyncio: the sleep's timer sets a future in one turn, the task goes on in the next one.
    let lp = new_loop();
    let trace = Trace::new();
    let sleeper = |tag: &'static str| {
        let trace = trace.clone();
        lp.create_task(common::flow(move |step, _, _| match step {
            0 => common::pause(segno::sleep(10.millis())),
            _ => {
                trace.log(lp, tag);
                common::Next::Done(())
            }
        }))
        .unwrap();
    };
    let call = |tag: &'static str| {
        let trace = trace.clone();
        lp.call_at(at(10), move |lp| {
            trace.log(lp, tag);
            let trace = trace.clone();
            lp.call_soon(move |lp| trace.log(lp, format!("{tag}'s callback"))).unwrap();
        })
        .unwrap();
    };
    sleeper("sleeper 1");
    sleeper("sleeper 2");
    lp.stop();
    lp.run_forever().unwrap();
    call("timer A");
    sleeper("sleeper 3");
    lp.stop();
    lp.run_forever().unwrap();
    call("timer B");
    lp.call_later(20.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    trace.expect(
        "t=10 n=3 timer A
         t=10 n=3 timer B
         t=10 n=4 sleeper 1
         t=10 n=4 sleeper 2
         t=10 n=4 timer A's callback
         t=10 n=4 sleeper 3
         t=10 n=4 timer B's callback",
    );
}

#[test]
fn sleeping_tasks_alone_are_counted_as_two_turns() {
    let lp = new_loop();
    lp.run_until_complete(segno::sleep(10.millis())).unwrap();
    // The first step, the timer, the second step, and the turn behind the end.
    assert_eq!(lp.turn(), 4);
    // A stopped loop runs one turn, in which the timer does no more than fire.
    let clock = VirtualClock::leaked();
    let lp = new_event_loop(clock, 4096);
    let task = lp.create_task(segno::sleep(10.millis())).unwrap();
    for turn in 1..=3 {
        lp.stop();
        lp.run_forever().unwrap();
        clock.advance(10.millis());
        assert_eq!((task.done(), lp.turn()), (turn == 3, turn));
    }
}
