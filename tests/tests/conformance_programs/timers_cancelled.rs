//! Callbacks that are cancelled: before their turn, in the batch, by themselves, afterwards; and turns in which nothing is
//! left to run.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use segno::prelude::*;
use segno::{AnyHandle, TimerHandle};
use segno_tests::conformance::{Repr, at, conforms, new_loop_of, now};
use segno_tests::logn;

fn hit(tag: impl ToString) -> impl FnOnce(&'static EventLoop) {
    let tag = tag.to_string();
    move |_| logn!("run {tag}")
}

fn stop_in(lp: &'static EventLoop, delay: u64) {
    lp.call_later(delay.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    logn!("stopped");
}

type Handles = Rc<RefCell<BTreeMap<&'static str, AnyHandle>>>;

fn cancels(
    handles: &Handles,
    tag: &'static str,
    others: &'static [&'static str],
) -> impl FnOnce(&'static EventLoop) + use<> {
    let handles = handles.clone();
    move |_| {
        logn!("{}", [&["", tag, "cancels"][1..], others].concat().join(" "));
        others.iter().for_each(|other| handles.borrow()[other].cancel());
    }
}

fn in_one_turn(lp: &'static EventLoop) {
    let handles = Handles::default();
    let soon = |tag, others| {
        let handle = lp.call_soon(cancels(&handles, tag, others)).unwrap();
        handles.borrow_mut().insert(tag, handle.into());
    };
    let later = |delay: u64, tag, others| {
        let handle = lp.call_later(delay.millis(), cancels(&handles, tag, others)).unwrap();
        handles.borrow_mut().insert(tag, handle.into());
    };
    later(0, "due", &[]);
    soon("a", &["due", "c"]);
    soon("b", &[]);
    soon("c", &[]);
    later(4, "d", &["e", "late"]);
    later(4, "e", &[]);
    later(6, "late", &[]);
    later(4, "f", &["e", "d"]);
    stop_in(lp, 8);
    let cancelled = ["due", "a", "b", "c", "d", "e", "late", "f"]
        .map(|tag| format!("'{tag}': {}", handles.borrow()[tag].cancelled().repr()));
    logn!("{{{}}}", cancelled.join(", "));
}

fn when(handle: &TimerHandle, begin: u64) -> u64 {
    handle.when().as_ticks() / 1000 - 1000 - begin
}

fn by_itself(lp: &'static EventLoop) -> u64 {
    let begin = now();
    let own = Rc::new(RefCell::new(None::<TimerHandle>));
    let itself = own.clone();
    let handle = lp.call_later(2.millis(), move |_| {
        let own = itself.borrow();
        let own = own.as_ref().unwrap();
        logn!("itself {}", own.cancelled().repr());
        own.cancel();
        logn!("itself {} {}", own.cancelled().repr(), when(own, begin));
    });
    own.replace(Some(handle.unwrap()));
    stop_in(lp, 3);
    logn!("{} {}", own.borrow().as_ref().unwrap().cancelled().repr(), when(own.borrow().as_ref().unwrap(), begin));
    begin
}

fn debounce(lp: &'static EventLoop, pending: &Cell<Option<TimerHandle>>, tag: &'static str, begin: u64) {
    if let Some(handle) = pending.take() {
        handle.cancel();
    }
    let handle = lp.call_later(5.millis(), hit(tag)).unwrap();
    logn!("set {tag} {}", when(&handle, begin));
    pending.set(Some(handle));
}

#[test]
fn callbacks_that_are_cancelled() {
    conforms(include_str!("../../traces/programs/timers_cancelled.out"), || {
        let lp = new_loop_of(64 * 1024);
        logn!("--- the only callback is cancelled, and a timer waits");
        let handle = lp.call_soon(hit("never")).unwrap();
        handle.cancel();
        logn!("cancelled {}", handle.cancelled().repr());
        stop_in(lp, 5);
        logn!("--- the head of the timers is cancelled: the clock goes on to the next one");
        let head = lp.call_later(3.millis(), hit("head")).unwrap();
        lp.call_later(7.millis(), hit("next")).unwrap();
        head.cancel();
        stop_in(lp, 9);
        logn!("--- callbacks and timers of one turn cancel each other");
        in_one_turn(lp);
        logn!("--- one cancels itself as it runs, and is asked afterwards");
        let begin = by_itself(lp);
        let ran = lp.call_soon(hit("soon")).unwrap();
        stop_in(lp, 1);
        logn!("ran {}", ran.cancelled().repr());
        ran.cancel();
        ran.cancel();
        logn!("ran {}", ran.cancelled().repr());
        logn!("--- moments that have passed: in their order, behind what is ready");
        let moment = now() as i64;
        for back in [1, 3, 2] {
            lp.call_at(at(moment - back), hit(format!("{back} ago"))).unwrap();
        }
        lp.call_soon(hit("ready")).unwrap();
        lp.call_at(at(moment), hit("now")).unwrap();
        stop_in(lp, 0);
        stop_in(lp, 1);
        logn!("--- set again and again: the last one counts");
        let pending = Rc::new(Cell::new(None));
        for (delay, tag) in [(0, "one"), (3, "two"), (7, "three"), (13, "four")] {
            let pending = pending.clone();
            lp.call_later(u64::millis(delay), move |lp| debounce(lp, &pending, tag, begin)).unwrap();
        }
        stop_in(lp, 20);
        logn!("--- most of many are cancelled");
        let many: Vec<TimerHandle> =
            (0..150).map(|i| lp.call_later(u64::millis(10 + i % 7), hit(i)).unwrap()).collect();
        for (i, handle) in many.iter().enumerate() {
            if i % 50 != 0 {
                handle.cancel();
            }
        }
        stop_in(lp, 30);
        lp.close().unwrap();
    });
}
