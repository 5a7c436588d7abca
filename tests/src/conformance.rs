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
//! program cannot say is translated by one table, [`TRANSLATED`], or not compared ([`LEFT_OUT`], [`CUT_OFF`]).
//!
//! Some of the programs are written so that chips run them too: those are in the crate `segno_scenarios`, and
//! [`conforms_everywhere`] compares them here.

use std::cell::{Cell, RefCell};
use std::fmt::{Arguments, Write};

use segno::host::VirtualClock;
use segno::prelude::*;
use segno::streams::ReadError;
use segno::sync::{NotAcquired, QueueShutDown, ReleasedTooOften, TaskDoneTooOften, UnacquiredLock};
use segno::task::{InvalidState, ResultError};
use segno::transport::{LimitsError, SendError};
use segno::{CloseError, NoRunningLoop};
use segno_scenarios::{CUT_OFF, LEFT_OUT, TRANSLATED, begin};
pub use segno_scenarios::{Exception, Reraise, catching};

thread_local! {
    static TRACE: RefCell<String> = const { RefCell::new(String::new()) };
    /// How many tasks each [`wait_all`] still waits for.
    static WAITS: RefCell<Vec<(usize, Future<()>)>> = const { RefCell::new(Vec::new()) };
    static NEWEST: Cell<Option<(&'static EventLoop, &'static VirtualClock)>> = const { Cell::new(None) };
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

/// What of a trace of asyncio's is compared, by its number.
pub fn compared(number: &str, asyncio: &str) -> String {
    let of = |named: &str| named == number;
    let mut text = String::new();
    for line in asyncio.lines() {
        if LEFT_OUT.iter().any(|(name, parts)| of(name) && parts.iter().any(|part| line.contains(part))) {
            continue;
        }
        let cut = CUT_OFF.iter().filter(|(name, _)| of(name)).find_map(|(_, begin)| line.find(begin));
        text.push_str(&line[..cut.unwrap_or(line.len())]);
        text.push('\n');
    }
    text
}

/// Runs a scenario that chips run too and compares its trace with asyncio's.
#[track_caller]
pub fn conforms_everywhere(asyncio: &str, scenario: fn(&'static EventLoop)) {
    struct Trace;
    impl Console for Trace {
        fn write_str(&self, text: &str) {
            TRACE.with_borrow_mut(|trace| trace.push_str(text));
        }
    }

    conforms(asyncio, || {
        let lp = new_loop();
        lp.set_console(&Trace);
        begin(lp);
        scenario(lp);
        assert_eq!(lp.all_tasks().count(), 0, "a scenario leaves nothing behind");
        lp.close().expect("it does not run");
    });
}

/// The ticks that a clock has counted when a scenario begins, which the traces call 0: so there is a time before it.
const START: u64 = 1000;

/// A loop with 16 KiB of memory and a clock of its own, at time 0; the one that `t=` and `n=` of the trace are about.
pub fn new_loop() -> &'static EventLoop {
    new_loop_of(16 * 1024)
}

/// As [`new_loop`], with this many bytes of memory.
pub fn new_loop_of(bytes: usize) -> &'static EventLoop {
    let clock = VirtualClock::leaked();
    let lp = segno::new_event_loop(clock, bytes);
    NEWEST.set(Some((lp, clock)));
    advance(START);
    lp
}

fn newest() -> (&'static EventLoop, &'static VirtualClock) {
    NEWEST.get().expect("`new_loop` comes first")
}

/// Lets ticks pass, as a callback that computes does.
pub fn advance(ticks: u64) {
    newest().1.advance(ticks.millis());
}

/// A tick of the newest loop as a moment of its clock; those before 0 are in the past.
pub fn at(tick: i64) -> Instant {
    Instant::from_ticks(1000 * START.checked_add_signed(tick).expect("a moment of the clock"))
}

/// The newest loop's time in ticks.
pub fn now() -> u64 {
    newest().0.time().as_ticks() / 1000 - START
}

/// How many turns the newest loop has begun.
pub fn turn() -> u64 {
    newest().0.turn()
}

/// Runs a coroutine on a loop of its own.
#[track_caller]
pub fn run<C: IntoCoroutine>(coroutine: impl FnOnce(&'static EventLoop) -> C) -> C::Output {
    let lp = new_loop();
    let output = lp.run_until_complete(coroutine(lp)).expect("it runs to its end");
    lp.close().expect("it does not run");
    output
}

/// Writes a line of the trace; what it says is computed before the time that stands in front of it, as in Python.
#[doc(hidden)]
pub fn write(line: Arguments<'_>, prefix: impl FnOnce() -> String) {
    let line = line.to_string();
    TRACE.with_borrow_mut(|trace| writeln!(trace, "{}{line}", prefix()).expect("strings grow"));
}

/// Writes a line of the trace.
#[macro_export]
macro_rules! say {
    ($($format:tt)*) => {
        $crate::conformance::write(format_args!($($format)*), String::new)
    };
}

/// Writes a line of the trace that begins with the loop's time.
#[macro_export]
macro_rules! log {
    ($($format:tt)*) => {
        $crate::conformance::write(format_args!($($format)*), || format!("t={} ", $crate::conformance::now()))
    };
}

/// Writes a line of the trace that begins with the loop's time and turn.
#[macro_export]
macro_rules! logn {
    ($($format:tt)*) => {
        $crate::conformance::write(format_args!($($format)*), || {
            format!("t={} n={} ", $crate::conformance::now(), $crate::conformance::turn())
        })
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
        if self.contains('\'') { format!("\"{self}\"") } else { format!("'{self}'") }
    }
}

impl Repr for String {
    fn repr(&self) -> String {
        self.as_str().repr()
    }
}

/// Bytes; a string has a `Repr` of its own.
impl Repr for &[u8] {
    fn repr(&self) -> String {
        let text = self.escape_ascii().to_string();
        if self.contains(&b'\'') && !self.contains(&b'"') {
            format!("b\"{}\"", text.replace("\\'", "'"))
        } else {
            format!("b'{}'", text.replace("\\\"", "\""))
        }
    }
}

impl Repr for Vec<u8> {
    fn repr(&self) -> String {
        self.as_slice().repr()
    }
}

impl Repr for (usize, usize) {
    fn repr(&self) -> String {
        format!("{self:?}")
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

impl Raised for Exception {
    fn raised(&self) -> String {
        self.to_string()
    }
}

/// What every exception without arguments of its own does: the type's name around the text.
macro_rules! raised {
    ($($error:ty => $name:literal,)*) => {
        $(impl Raised for $error {
            fn raised(&self) -> String {
                format!(concat!($name, "('{}')"), self)
            }
        })*
    };
}

raised! {
    LimitsError => "ValueError",
    NoRunningLoop => "RuntimeError",
    CloseError => "RuntimeError",
    InvalidState => "InvalidStateError",
    NotAcquired => "RuntimeError",
    UnacquiredLock => "RuntimeError",
    ReleasedTooOften => "ValueError",
    TaskDoneTooOften => "ValueError",
}

impl<T> Raised for QueueShutDown<T> {
    fn raised(&self) -> String {
        "QueueShutDown()".into()
    }
}

impl Raised for WriteError {
    fn raised(&self) -> String {
        format!("RuntimeError('{self}')")
    }
}

impl Raised for SendError {
    fn raised(&self) -> String {
        match self {
            SendError::WrongAddress => format!("ValueError('{self}')"),
            error => format!("RuntimeError('{error}')"),
        }
    }
}

impl Raised for ReadError {
    fn raised(&self) -> String {
        match self {
            ReadError::Incomplete { .. } => format!("IncompleteReadError('{self}')"),
            ReadError::LimitOverrun { .. } => format!("LimitOverrunError('{self}')"),
            ReadError::AlreadyReading => format!("RuntimeError('{self}')"),
            ReadError::Lost(error) => error.raised(),
            _ => format!("ValueError('{self}')"),
        }
    }
}

/// What becomes of a connection. Protocols that fail in the traces raise `ValueError('x')`.
impl Raised for LineError {
    fn raised(&self) -> String {
        match self {
            LineError::Protocol => "ValueError('x')".into(),
            LineError::ConnectionRefused => "ConnectionRefusedError(111, 'Connection refused')".into(),
            LineError::NotFound => "ProcessLookupError()".into(),
            error => format!("OSError('{error}')"),
        }
    }
}

/// The type of an exception: Python's `type(e).__name__`.
pub fn raised_type(error: &impl Raised) -> String {
    error.raised().split('(').next().unwrap_or_default().into()
}

/// What a connection was lost for, as Python prints an exception or `None`.
pub fn cause(cause: Option<LineError>) -> String {
    cause.map_or("None".into(), |error| error.raised().split('\'').nth(1).unwrap_or_default().into())
}

impl<T> Raised for Refused<T> {
    fn raised(&self) -> String {
        format!("RuntimeError('{self}')")
    }
}

impl Raised for Cancelled {
    fn raised(&self) -> String {
        "CancelledError()".into()
    }
}

impl Raised for RunError {
    fn raised(&self) -> String {
        match self {
            RunError::Cancelled => Cancelled.raised(),
            error => format!("RuntimeError('{error}')"),
        }
    }
}

impl Raised for ResultError {
    fn raised(&self) -> String {
        match self {
            ResultError::Cancelled => Cancelled.raised(),
            error => format!("InvalidStateError('{error}')"),
        }
    }
}

/// What can be asked for an [`outcome`].
pub trait Outcome {
    /// What it ends with.
    type Output: Ending;

    /// Its `result`.
    fn result(&self) -> Result<Self::Output, ResultError>;
}

impl<T: Ending> Outcome for Future<T> {
    type Output = T;

    fn result(&self) -> Result<T, ResultError> {
        Future::result(self)
    }
}

impl<O: Outcome> Outcome for &O {
    type Output = O::Output;

    fn result(&self) -> Result<O::Output, ResultError> {
        (**self).result()
    }
}

impl<T: Ending> Outcome for Task<T> {
    type Output = T;

    fn result(&self) -> Result<T, ResultError> {
        Task::result(self)
    }
}

/// What a task or a future ends with: a value, or a `Result` whose error is asyncio's exception.
pub trait Ending: Clone {
    /// `value …` or `error …`.
    fn ending(&self) -> String;
}

impl<T: Repr + Clone, E: Raised + Clone> Ending for Result<T, E> {
    fn ending(&self) -> String {
        match self {
            Ok(value) => format!("value {}", value.repr()),
            Err(error) => format!("error {}", error.raised()),
        }
    }
}

macro_rules! ends_with_value {
    ($($value:ty),*) => {
        $(impl Ending for $value {
            fn ending(&self) -> String {
                format!("value {}", self.repr())
            }
        })*
    };
}

ends_with_value!((), i32, &'static str);

/// `pending`, `cancelled`, `error …` or `value …`.
pub fn outcome(of: &impl Outcome) -> String {
    match of.result() {
        Ok(output) => output.ending(),
        Err(ResultError::Pending) => "pending".into(),
        Err(ResultError::Cancelled) => "cancelled".into(),
        Err(ResultError::Taken) => "taken".into(),
    }
}

/// asyncio's `wait(tasks)`, and `gather(*tasks)` while one of them has not ended, in asyncio's turns: the tasks' done
/// callbacks count, and the last one sets a future.
pub fn wait_all<T: 'static>(tasks: &[Task<T>]) -> impl IntoCoroutine<Output = ()> + use<T> {
    let future = newest().0.create_future().expect("room for a future");
    let index = WAITS.with_borrow_mut(|waits| {
        waits.push((tasks.len(), future.clone()));
        waits.len() - 1
    });
    for task in tasks {
        task.add_done_callback(count_down, index).expect("room for a callback");
    }
    future
}

fn count_down<T>(_: &Task<T>, index: usize) {
    WAITS.with_borrow_mut(|waits| {
        let (left, future) = &mut waits[index];
        *left -= 1;
        if *left == 0 {
            future.set_result(()).expect("it is set once");
        }
    });
}
