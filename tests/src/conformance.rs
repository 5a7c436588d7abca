//! The harness of the conformance tests: traces of CPython's asyncio, reproduced line by line.
//!
//! # The problem
//! "Like asyncio" is a claim about order: which callback runs in which turn of the loop, and what every call answers.
//!
//! # The design
//! Each file of `tests/traces` is what one small Python program printed on CPython's own loop, with a clock that counts
//! whole ticks and jumps to the next timer. The test of the same number is that program in Rust; here a tick is a
//! millisecond. It writes its trace with [`say!`], [`log!`] and [`logn!`], and [`conforms`] compares them as text.
//!
//! Values are written as Python writes them ([`Repr`]), errors by asyncio's name for them ([`Raised`]). What the Rust
//! program cannot say is translated by one table, `TRANSLATED`.

use std::cell::{Cell, RefCell};
use std::fmt::{Arguments, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use segno::board::Clock;
use segno::prelude::*;

/// What asyncio's traces say, and what is expected instead.
const TRANSLATED: &[(&str, &str)] = &[
    // Cancellation carries no message.
    ("CancelledError('why')", "CancelledError()"),
    ("CancelledError('msg')", "CancelledError()"),
    ("CancelledError('first')", "CancelledError()"),
    ("CancelledError('second')", "CancelledError()"),
    ("CancelledError('a')", "CancelledError()"),
];

thread_local! {
    static TRACE: RefCell<String> = const { RefCell::new(String::new()) };
    static NEWEST: Cell<Option<&'static EventLoop>> = const { Cell::new(None) };
}

/// Runs `scenario` and compares its trace with asyncio's.
#[track_caller]
pub fn conforms(asyncio: &str, scenario: impl FnOnce()) {
    let expected = TRANSLATED.iter().fold(asyncio.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours));
    TRACE.take();
    scenario();
    let trace = TRACE.take();
    if trace != expected {
        let same = trace.lines().zip(expected.lines()).take_while(|(ours, theirs)| ours == theirs).count();
        panic!("line {} differs from asyncio's.\n--- asyncio\n{expected}--- segno\n{trace}", same + 1);
    }
}

/// A clock that jumps to the next deadline. It begins at [`START`], so that there is a time before it.
struct VirtualClock(AtomicU64);

/// The ticks that a clock has counted when a scenario begins, which the traces call 0.
const START: u64 = 1000;

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.0.load(Ordering::Relaxed))
    }

    fn idle(&self, deadline: Option<Instant>, pending: &dyn Fn() -> bool) {
        if pending() {
            return;
        }
        let deadline = deadline.expect("deadlock: no ready callback, no timer, no interrupt");
        self.0.fetch_max(deadline.ticks(), Ordering::Relaxed);
    }
}

thread_local! {
    static CLOCK: Cell<Option<&'static VirtualClock>> = const { Cell::new(None) };
}

/// A loop with 16 KiB of memory and a clock of its own, at time 0; the one that `t=` and `n=` of the trace are about.
pub fn new_loop() -> &'static EventLoop {
    new_loop_of(16 * 1024)
}

/// As [`new_loop`], with this many bytes of memory.
pub fn new_loop_of(bytes: usize) -> &'static EventLoop {
    let clock: &'static VirtualClock = Box::leak(Box::new(VirtualClock(AtomicU64::new(START * 1000))));
    let lp = segno::new_event_loop(clock, bytes);
    CLOCK.set(Some(clock));
    NEWEST.set(Some(lp));
    lp
}

/// Lets time pass while a callback computes.
pub fn advance(ticks: u64) {
    CLOCK.get().expect("a loop").0.fetch_add(ticks * 1000, Ordering::Relaxed);
}

/// A tick of the newest loop as a moment of its clock; those before 0 are in the past.
pub fn at(tick: i64) -> Instant {
    Instant::from_ticks(START.checked_add_signed(tick).expect("not before the clock") * 1000)
}

/// The newest loop's time in ticks.
pub fn now() -> u64 {
    NEWEST.get().expect("a loop").time().ticks() / 1000 - START
}

/// The newest loop's turns.
pub fn turn() -> usize {
    NEWEST.get().expect("a loop").turn() as usize
}

/// Runs a coroutine on a loop of its own.
#[track_caller]
pub fn run<C: IntoCoroutine>(coroutine: impl FnOnce(&'static EventLoop) -> C) -> C::Output {
    let lp = new_loop();
    let output = lp.run_until_complete(coroutine(lp)).expect("it runs to its end");
    lp.close().expect("it does not run");
    output
}

#[doc(hidden)]
pub fn write(prefix: String, line: Arguments<'_>) {
    TRACE.with_borrow_mut(|trace| writeln!(trace, "{prefix}{line}").expect("strings grow"));
}

/// Writes a line of the trace.
#[macro_export]
macro_rules! say {
    ($($format:tt)*) => {
        $crate::conformance::write(String::new(), format_args!($($format)*))
    };
}

/// Writes a line of the trace that begins with the loop's time.
#[macro_export]
macro_rules! log {
    ($($format:tt)*) => {
        $crate::conformance::write(format!("t={} ", $crate::conformance::now()), format_args!($($format)*))
    };
}

/// Writes a line of the trace that begins with the loop's time and turn.
#[macro_export]
macro_rules! logn {
    ($($format:tt)*) => {
        $crate::conformance::write(
            format!("t={} n={} ", $crate::conformance::now(), $crate::conformance::turn()),
            format_args!($($format)*),
        )
    };
}

/// A value as Python's `repr` writes it.
pub trait Repr {
    /// Writes it.
    fn repr(&self) -> String;
}

impl Repr for () {
    fn repr(&self) -> String {
        "None".into()
    }
}

impl Repr for bool {
    fn repr(&self) -> String {
        if *self { "True".into() } else { "False".into() }
    }
}

impl Repr for i32 {
    fn repr(&self) -> String {
        self.to_string()
    }
}

impl Repr for &str {
    fn repr(&self) -> String {
        format!("'{self}'")
    }
}

impl<T: Repr> Repr for Option<T> {
    fn repr(&self) -> String {
        self.as_ref().map_or("None".into(), Repr::repr)
    }
}

/// An error by the name and the arguments of the exception that asyncio raises.
pub trait Raised {
    /// Writes it.
    fn raised(&self) -> String;
}

/// The exceptions that Python programs raise themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// `KeyError`.
    Key(&'static str),
    /// `ValueError`.
    Value(&'static str),
    /// `ValueError` without a message.
    EmptyValue,
    /// `ZeroDivisionError`.
    ZeroDivision(&'static str),
}

impl Raised for Exception {
    fn raised(&self) -> String {
        match self {
            Exception::Key(text) => format!("KeyError('{text}')"),
            Exception::Value(text) => format!("ValueError('{text}')"),
            Exception::EmptyValue => "ValueError()".into(),
            Exception::ZeroDivision(text) => format!("ZeroDivisionError('{text}')"),
        }
    }
}
