//! Event sources: signals that interrupts fire, and devices that say whether they are ready.
#![cfg(feature = "std")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use segno::WakerCell;
use segno::host::VirtualClock;
use segno::prelude::*;

mod common;
use common::{new_loop, new_threaded_loop};

type Log = Rc<RefCell<Vec<&'static str>>>;

/// A callback that leaves a word.
fn says<T>(log: &Log, word: &'static str) -> impl FnMut(T) + 'static + use<T> {
    let log = log.clone();
    move |_| log.borrow_mut().push(word)
}

fn one_turn(lp: &'static EventLoop) {
    lp.stop();
    lp.run_forever().unwrap();
}

fn leaked() -> &'static Signal {
    Box::leak(Box::default())
}

#[test]
fn a_signal_calls_its_handler_once_a_turn_in_the_order_of_firing() {
    let (lp, log) = (new_loop(), Log::default());
    let [first, second] = [leaked(), leaked()];
    assert!(!first.fire(), "nobody handles it");
    lp.add_signal_handler(first, says(&log, "first")).unwrap();
    lp.add_signal_handler(second, says(&log, "second")).unwrap();
    lp.call_soon(says(&log, "before")).unwrap();
    assert!(second.fire() && first.fire() && second.fire());
    lp.call_soon(says(&log, "behind")).unwrap();
    assert!(log.borrow().is_empty(), "never inside of `fire`");
    one_turn(lp);
    assert_eq!(*log.borrow(), ["before", "second", "first", "behind"]);
    one_turn(lp);
    assert_eq!(log.borrow().len(), 4);
    second.fire();
    one_turn(lp);
    assert_eq!(log.borrow()[4..], ["second"]);
}

#[test]
fn what_a_handler_fires_runs_in_the_next_turn() {
    let (lp, turns) = (new_loop(), Rc::new(RefCell::new(Vec::new())));
    let signal = leaked();
    let noted = turns.clone();
    lp.add_signal_handler(signal, move |lp| {
        noted.borrow_mut().push(lp.turn());
        if noted.borrow().len() < 3 { assert!(signal.fire()) } else { lp.stop() }
    })
    .unwrap();
    signal.fire();
    lp.run_forever().unwrap();
    assert_eq!(*turns.borrow(), [1, 2, 3]);
}

#[test]
fn a_handler_is_replaced_and_removed() {
    let (lp, log) = (new_loop(), Log::default());
    let signal = leaked();
    lp.add_signal_handler(signal, says(&log, "old")).unwrap();
    signal.fire();
    lp.add_signal_handler(signal, says(&log, "new")).unwrap();
    signal.fire();
    one_turn(lp);
    assert_eq!(*log.borrow(), ["new"]);
    assert_eq!(Rc::strong_count(&log), 2, "the old closure is dropped");
    signal.fire();
    assert!(lp.remove_signal_handler(signal));
    assert!(!lp.remove_signal_handler(signal));
    assert!(!signal.fire());
    one_turn(lp);
    assert_eq!(*log.borrow(), ["new"]);
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn a_handler_may_remove_and_replace_itself() {
    let (lp, log) = (new_loop(), Log::default());
    let signal = leaked();
    let inner = log.clone();
    lp.add_signal_handler(signal, move |lp| {
        inner.borrow_mut().push("old");
        lp.add_signal_handler(signal, says(&inner, "new")).unwrap();
        inner.borrow_mut().push("still there");
    })
    .unwrap();
    signal.fire();
    one_turn(lp);
    signal.fire();
    one_turn(lp);
    assert_eq!(*log.borrow(), ["old", "still there", "new"]);

    let inner = log.clone();
    lp.add_signal_handler(signal, move |lp| {
        assert!(lp.remove_signal_handler(signal));
        assert!(!lp.remove_signal_handler(signal));
        inner.borrow_mut().push("removed");
    })
    .unwrap();
    signal.fire();
    one_turn(lp);
    assert!(!signal.fire());
    assert_eq!(log.borrow()[3..], ["removed"]);
    assert_eq!(Rc::strong_count(&log), 1, "both closures are dropped");
}

#[test]
fn another_loop_takes_a_signal_over() {
    let (lp, other, log) = (new_loop(), new_loop(), Log::default());
    let signal = leaked();
    lp.add_signal_handler(signal, says(&log, "one")).unwrap();
    signal.fire();
    other.add_signal_handler(signal, says(&log, "other")).unwrap();
    assert!(!lp.remove_signal_handler(signal), "it is no longer its own");
    signal.fire();
    one_turn(lp);
    assert_eq!(Rc::strong_count(&log), 2, "the first loop has dropped its handler");
    one_turn(other);
    assert_eq!(*log.borrow(), ["other"]);
}

#[test]
fn handlers_are_no_tasks_and_go_with_their_loop() {
    let (lp, log) = (new_loop(), Log::default());
    let signal = leaked();
    let device = Device::leaked(1);
    let inner = log.clone();
    lp.add_signal_handler(signal, move |lp| {
        assert_eq!(lp.current_task(), None);
        inner.borrow_mut().push("called");
    })
    .unwrap();
    lp.add_reader(device, says(&log, "reader")).unwrap();
    lp.add_writer(device, says(&log, "writer")).unwrap();
    assert!(lp.all_tasks().next().is_none());
    signal.fire();
    one_turn(lp);
    assert_eq!(*log.borrow(), ["called", "reader", "writer"]);
    assert_eq!(Rc::strong_count(&log), 4);
    signal.fire();
    lp.close().unwrap();
    assert_eq!(Rc::strong_count(&log), 1);
    assert!(!signal.fire());
    let refused = lp.add_signal_handler(signal, |_| {}).map_err(|refused| refused.is_full());
    assert_eq!(refused, Err(false));
    let (reader, writer) = (says(&log, "reader"), says(&log, "writer"));
    assert!(matches!(lp.add_reader(device, reader), Err(Refused::Closed(_))));
    assert!(matches!(lp.add_writer(device, writer), Err(Refused::Closed(_))));
    assert!(!lp.remove_reader(device) && !lp.remove_writer(device) && !lp.remove_signal_handler(signal));
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn a_full_pool_hands_the_handler_back() {
    static MORE: [Signal; 32] = [const { Signal::new() }; 32];
    let lp = segno::new_event_loop(VirtualClock::leaked(), 256);
    let signal = leaked();
    let log = Log::default();
    lp.add_signal_handler(signal, says(&log, "first")).unwrap();
    let add = |signal| lp.add_signal_handler(signal, says(&log, "another")).err();
    let refused = MORE.iter().find_map(add).expect("the pool has an end");
    assert!(refused.is_full());
    refused.into_inner()(lp);
    let replaced = lp.add_signal_handler(signal, says(&log, "second"));
    assert!(replaced.is_err(), "the new one is made before the old one goes");
    signal.fire();
    one_turn(lp);
    assert_eq!(*log.borrow(), ["another", "first"]);
    assert!(lp.remove_signal_handler(&MORE[0]));
    lp.add_signal_handler(signal, says(&log, "second")).unwrap();
}

#[test]
fn a_handler_that_panics_is_removed() {
    let lp = new_loop();
    let signal = leaked();
    let dropped = Rc::new(());
    let inner = dropped.clone();
    lp.add_signal_handler(signal, move |_| {
        let _ = &inner;
        std::panic::resume_unwind(Box::new("no matter"));
    })
    .unwrap();
    signal.fire();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| one_turn(lp))).is_err());
    assert!(!signal.fire());
    assert_eq!(Rc::strong_count(&dropped), 1);
    one_turn(lp);
}

#[test]
fn a_signal_ends_a_sleep_from_another_thread() {
    static SIGNAL: Signal = Signal::new();
    let lp = new_threaded_loop();
    let calls = Rc::new(Cell::new(0));
    let count = calls.clone();
    lp.add_signal_handler(&SIGNAL, move |lp| {
        count.set(count.get() + 1);
        lp.stop();
    })
    .unwrap();
    for call in 1..=5 {
        let thread = std::thread::spawn(|| SIGNAL.fire());
        lp.run_forever().unwrap();
        assert!(thread.join().unwrap());
        assert_eq!(calls.get(), call);
    }
}

/// So many bytes are there to be read, and so much room to write.
struct Device {
    bytes: Cell<u32>,
    room: Cell<u32>,
    asked: Cell<u32>,
    reader: WakerCell,
    writer: WakerCell,
}

impl Device {
    fn leaked(bytes: u32) -> &'static Device {
        Box::leak(Box::new(Device {
            bytes: Cell::new(bytes),
            room: Cell::new(bytes),
            asked: Cell::new(0),
            reader: WakerCell::new(),
            writer: WakerCell::new(),
        }))
    }

    fn receive(&self, bytes: u32) {
        self.bytes.set(self.bytes.get() + bytes);
        self.reader.wake();
    }
}

impl Readiness for Device {
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn is_readable(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.reader.register_current();
        self.bytes.get() > 0
    }

    fn is_writable(&self) -> bool {
        self.writer.register_current();
        self.room.get() > 0
    }
}

#[test]
fn a_reader_is_called_once_in_each_turn_while_there_is_something() {
    let (lp, turns) = (new_loop(), Rc::new(RefCell::new(Vec::new())));
    let device = Device::leaked(0);
    let noted = turns.clone();
    lp.add_reader(device, move |lp| {
        noted.borrow_mut().push(lp.turn());
        device.bytes.set(device.bytes.get() - 1);
    })
    .unwrap();
    one_turn(lp);
    assert_eq!(*turns.borrow(), [], "nothing is there");
    lp.call_later(5.millis(), |_| device.receive(3)).unwrap();
    lp.call_later(10.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert_eq!(*turns.borrow(), [3, 4, 5], "and the loop slept from then on");
    assert_eq!(lp.turn(), 6);
}

/// As in asyncio, whose selector is asked at the beginning of a turn, before the timers.
#[test]
fn a_reader_runs_behind_what_was_queued_and_before_timers() {
    let (lp, log) = (new_loop(), Log::default());
    let device = Device::leaked(2);
    let inner = log.clone();
    lp.add_reader(device, move |lp| {
        inner.borrow_mut().push("read");
        device.bytes.set(device.bytes.get() - 1);
        lp.call_soon(says(&inner, "soon")).unwrap();
        lp.call_later(0.millis(), says(&inner, "later")).unwrap();
    })
    .unwrap();
    lp.call_soon(says(&log, "behind")).unwrap();
    for _ in 0..3 {
        one_turn(lp);
    }
    assert_eq!(*log.borrow(), ["behind", "read", "soon", "read", "later", "soon", "later"]);
}

#[test]
fn readers_and_writers_are_replaced_and_removed_by_their_device() {
    let (lp, log) = (new_loop(), Log::default());
    let [device, other] = [Device::leaked(1), Device::leaked(1)];
    lp.add_reader(device, says(&log, "old")).unwrap();
    lp.add_reader(other, says(&log, "other")).unwrap();
    lp.add_reader(device, says(&log, "new")).unwrap();
    lp.add_writer(device, says(&log, "writer")).unwrap();
    one_turn(lp);
    assert_eq!(*log.borrow(), ["other", "new", "writer"]);
    assert!(lp.remove_reader(other) && !lp.remove_reader(other) && !lp.remove_writer(other));
    assert!(lp.remove_writer(device) && !lp.remove_writer(device));
    one_turn(lp);
    assert_eq!(log.borrow()[3..], ["new"]);
    assert!(lp.remove_reader(device) && !lp.remove_reader(device));
    one_turn(lp);
    assert_eq!(log.borrow().len(), 4);
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn a_reader_may_remove_itself_while_there_is_more() {
    let (lp, log) = (new_loop(), Log::default());
    let device = Device::leaked(9);
    let inner = log.clone();
    lp.add_reader(device, move |lp| {
        inner.borrow_mut().push("once");
        assert!(lp.remove_reader(device) && !lp.remove_reader(device));
    })
    .unwrap();
    for _ in 0..3 {
        one_turn(lp);
    }
    assert_eq!(*log.borrow(), ["once"]);
    assert_eq!(Rc::strong_count(&log), 1);
}

/// A device without interrupts is asked again whenever the loop's sleep ends, and not in between.
#[test]
fn a_device_that_registers_nothing_is_asked_after_interrupts() {
    struct Mute(&'static Device);
    impl Readiness for Mute {
        fn id(&self) -> usize {
            self.0.id()
        }
        fn is_readable(&self) -> bool {
            self.0.asked.set(self.0.asked.get() + 1);
            self.0.bytes.get() > 0
        }
        fn is_writable(&self) -> bool {
            false
        }
    }
    let (lp, log) = (new_loop(), Log::default());
    let device = Device::leaked(0);
    let inner = log.clone();
    lp.add_reader(Mute(device), move |lp| {
        device.bytes.set(0);
        inner.borrow_mut().push("read");
        lp.stop();
    })
    .unwrap();
    for later in 1..=3u64 {
        lp.call_later(later.millis(), move |_| device.bytes.set(u32::from(later == 3))).unwrap();
    }
    lp.call_later(4.millis(), |_| {}).unwrap();
    lp.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["read"]);
    assert!(device.asked.get() < 10, "asked {} times", device.asked.get());
}
