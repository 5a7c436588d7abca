//! The event loop against asyncio's traces: order, time, stopping, states.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{
    Raised, Repr, advance, at, compared, conforms, conforms_everywhere, new_loop, now, outcome,
};
use segno_tests::{logn, say};

/// A callback that does nothing but say so.
fn callback(tag: &'static str) -> impl FnOnce(&'static EventLoop) {
    move |_| logn!("run {tag}")
}

#[test]
fn s01_callbacks_run_in_order_and_what_they_add_runs_in_the_next_turn() {
    conforms(include_str!("../traces/01.out"), || {
        let lp = new_loop();
        let c = Rc::new(RefCell::new(None::<Handle>));
        lp.call_soon(|lp| {
            logn!("run A");
            lp.call_soon(|lp| {
                logn!("run A1");
                lp.call_soon(|lp| lp.stop()).unwrap();
                lp.call_soon(callback("after-stop-same-batch")).unwrap();
            })
            .unwrap();
            lp.call_soon(callback("A2")).unwrap();
        })
        .unwrap();
        let to_cancel = c.clone();
        lp.call_soon(move |lp| {
            logn!("run B");
            to_cancel.borrow().as_ref().unwrap().cancel();
            lp.call_soon(callback("B1")).unwrap();
        })
        .unwrap();
        c.replace(Some(lp.call_soon(callback("C")).unwrap()));
        lp.call_soon(callback("D")).unwrap();
        say!("nothing runs before run_forever");
        lp.run_forever().unwrap();
        say!("C cancelled: {}", c.borrow().as_ref().unwrap().cancelled().repr());
        lp.close().unwrap();
    });
}

#[test]
fn s02_timers_run_by_deadline_and_after_what_is_ready() {
    conforms_everywhere(include_str!("../traces/02.out"), segno_scenarios::s02_timers::run);
}

#[test]
fn s03_equal_deadlines_run_in_the_order_in_which_they_were_set() {
    conforms(&compared("03", include_str!("../traces/03.out")), || {
        let lp = new_loop();
        let order = Rc::new(RefCell::new(Vec::new()));
        for (tick, tags) in [(10, "ABCDEF"), (20, "XY")] {
            for tag in tags.chars() {
                let order = order.clone();
                lp.call_at(at(tick), move |_| order.borrow_mut().push((now(), tag))).unwrap();
            }
        }
        lp.call_at(at(30), |lp| lp.stop()).unwrap();
        lp.run_forever().unwrap();
        let tags_at =
            |tick| -> String { order.borrow().iter().filter(|(when, _)| *when == tick).map(|(_, tag)| tag).collect() };
        say!("set at t=10: {}", tags_at(10));
        say!("two equal timers at t=20: {}", tags_at(20));
        lp.close().unwrap();

        let lp = new_loop();
        let first = lp.create_task(sleeper("first")).unwrap();
        let second = lp.create_task(sleeper("second")).unwrap();
        lp.run_until_complete(first).unwrap();
        lp.run_until_complete(second).unwrap();
        lp.close().unwrap();
    });
}

#[segno::coroutine]
async fn sleeper(tag: &'static str) {
    sleep(10.millis()).await;
    segno_tests::log!("woke {tag}");
}

#[test]
fn s05_stop_lets_the_batch_finish() {
    conforms(include_str!("../traces/05.out"), || {
        let lp = new_loop();
        lp.call_soon(callback("before")).unwrap();
        lp.call_soon(|lp| {
            logn!("run stopper: stop()");
            lp.stop();
            lp.stop();
            lp.call_soon(callback("queued-by-stopper")).unwrap();
        })
        .unwrap();
        lp.call_soon(callback("after-in-same-batch")).unwrap();
        lp.call_later(5.millis(), callback("timer5")).unwrap();
        lp.run_forever().unwrap();
        logn!("first run returned; running: {}", lp.is_running().repr());

        lp.stop();
        lp.run_forever().unwrap();
        logn!("second (pre-stopped) run returned");

        lp.stop();
        advance(5);
        lp.run_forever().unwrap();
        logn!("third (pre-stopped) run returned");

        let task = lp.create_task(never(lp)).unwrap();
        logn!("{}", lp.run_until_complete(&task).unwrap_err().raised());
        say!("task {}", outcome(&task));
        task.cancel();
        say!("run_until_complete raises {}", lp.run_until_complete(&task).unwrap_err().raised());
        lp.close().unwrap();
    });
}

#[segno::coroutine]
async fn never(lp: &'static EventLoop) {
    lp.call_soon(|lp| lp.stop()).unwrap();
    sleep(100.millis()).await;
}

/// Says whether an attempt was refused, and in which words.
fn attempt<T, E: Raised>(tag: &str, result: Result<T, E>) {
    match result {
        Ok(_) => say!("{tag} -> ok"),
        Err(error) => say!("{tag} -> {}", error.raised()),
    }
}

#[test]
fn s06_what_a_loop_refuses_in_each_state() {
    conforms(&compared("06", include_str!("../traces/06.out")), || {
        attempt("get_running_loop outside", get_running_loop());
        let lp = new_loop();
        set_event_loop(Some(lp));
        say!("run_until_complete returns {}", lp.run_until_complete(states(lp)).unwrap());
        attempt("run_until_complete raising", lp.run_until_complete(bad()).unwrap());
        say!("running {} closed {}", lp.is_running().repr(), lp.is_closed().repr());
        lp.close().unwrap();
        attempt("close again", lp.close());
        say!("closed {}", lp.is_closed().repr());
        attempt("call_soon closed", lp.call_soon(callback("never")));
        attempt("call_later closed", lp.call_later(1.millis(), callback("never")));
        attempt("run_forever closed", lp.run_forever());
        attempt("create_task closed", lp.create_task(bad()));
        let future = lp.create_future();
        attempt("create_future closed", future.as_ref().map_err(Clone::clone));
        attempt("set_result without callbacks on closed loop", future.unwrap().set_result(1));
    });
}

#[segno::coroutine]
async fn states(lp: &'static EventLoop) -> &'static str {
    let same = |found: Result<&'static EventLoop, _>| std::ptr::eq(found.unwrap(), lp).repr();
    say!(
        "is_running {} get_running_loop is lp {} get_event_loop is lp {}",
        lp.is_running().repr(),
        same(get_running_loop()),
        same(get_event_loop())
    );
    attempt("close while running", lp.close());
    attempt("run_forever while running", lp.run_forever());
    let other = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
    attempt("run another loop inside", other.run_forever());
    other.close().unwrap();
    "R"
}

#[segno::coroutine]
async fn bad() -> Result<(), segno_tests::conformance::Exception> {
    Err(segno_tests::conformance::Exception::Value("boom"))
}
