//! Tasks against asyncio's traces: when they start, and what cancels them.
#![cfg(feature = "ours")]

use segno::prelude::*;
use segno_tests::conformance::{at, conforms_everywhere, new_loop, now};

#[test]
fn s09_a_task_starts_in_the_next_turn_and_what_is_done_costs_none() {
    conforms_everywhere(include_str!("../traces/09.out"), segno_scenarios::s09_task_start::run);
}

#[test]
fn s11_cancel_in_every_state() {
    conforms_everywhere(include_str!("../traces/11.out"), segno_scenarios::s11_cancel_states::run);
}

#[test]
fn a_cancel_at_the_tick_of_the_timer_is_a_cancel() {
    for cancel_is_set_first in [true, false] {
        let lp = new_loop();
        let victim = lp.create_task(sleep(10.millis())).unwrap();
        let victim_of_callback = victim.as_any();
        let cancel = move |_: &EventLoop| assert!(victim_of_callback.cancel());
        if cancel_is_set_first {
            lp.call_at(at(10), cancel).unwrap();
        } else {
            // Runs when the victim sleeps.
            lp.call_soon(move |lp| drop(lp.call_at(at(10), cancel).unwrap())).unwrap();
        }
        assert_eq!(lp.run_until_complete(&victim), Err(RunError::Cancelled));
        assert_eq!(now(), 10);
        lp.close().unwrap();
    }
}

#[test]
#[should_panic(expected = "no timer is set")]
fn a_cancelled_sleep_leaves_no_timer() {
    let lp = new_loop();
    let task = lp.create_task(sleep(1000.millis())).unwrap();
    lp.call_soon(move |_| assert!(task.cancel())).unwrap();
    lp.run_forever().unwrap();
}

#[test]
fn s12_a_cancellation_can_be_caught_and_counted() {
    conforms_everywhere(include_str!("../traces/12.out"), segno_scenarios::s12_cancel_caught::run);
}
