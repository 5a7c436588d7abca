//! What the tests of this folder share: coroutines of segno beside code that has never heard of it.

use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;

use segno::host::VirtualClock;
use segno::prelude::*;

/// A loop in virtual time.
pub fn new_loop() -> &'static EventLoop {
    segno::new_event_loop(VirtualClock::leaked(), 64 * 1024)
}

/// A clock that parks the loop's thread.
struct Parking {
    start: std::time::Instant,
    thread: std::thread::Thread,
}

impl Clock for Parking {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.start.elapsed().as_micros() as u64)
    }

    fn idle(&self, idle: &Idle) {
        if idle.pending() {
            return;
        }
        match idle.deadline() {
            None => std::thread::park(),
            Some(deadline) => {
                let micros = deadline.as_ticks().saturating_sub(self.now().as_ticks());
                std::thread::park_timeout(std::time::Duration::from_micros(micros));
            }
        }
    }

    fn wake(&self) {
        self.thread.unpark();
    }
}

/// A loop in real time, which other threads wake.
pub fn new_threaded_loop() -> &'static EventLoop {
    let clock = Parking { start: std::time::Instant::now(), thread: std::thread::current() };
    segno::new_event_loop(Box::leak(Box::new(clock)), 64 * 1024)
}

/// Lines with the running loop's time in microseconds.
#[derive(Clone, Default)]
pub struct Trace(Rc<RefCell<Vec<String>>>);

impl Trace {
    /// Adds a line.
    pub fn log(&self, line: impl Display) {
        let now = get_event_loop().map_or(0, |lp| lp.time().as_ticks());
        self.0.borrow_mut().push(format!("{now} {line}"));
    }

    /// Compares.
    #[track_caller]
    pub fn expect(&self, lines: &[&str]) {
        assert_eq!(*self.0.borrow(), lines);
    }
}

/// Sleeps, then gives the milliseconds.
#[segno::coroutine]
pub async fn sleeps(millis: u64) -> u64 {
    sleep(millis.millis()).await;
    millis
}
