//! asyncio's scenarios as programs that run anywhere: on a host's virtual clock, and on a chip's alarm.
//!
//! # The problem
//! The traces of `tests/traces` are compared on a host, where time is a number. A chip has a counter that wraps, an alarm
//! that is late, and interrupts; what is true of the loop on a host is to be seen there as well.
//!
//! # The design
//! Each module is the Python program of one trace, written once: the host's test calls it, and so does the firmware
//! `conformance` of every board. A scenario needs a loop and nothing else: it writes its trace to the loop's console, takes
//! its memory from the loop or from statics, and leaves neither tasks nor timers behind, so that the next one can follow on
//! the same loop. [`begin`] comes before it.
//!
//! Time is in ticks, as in the traces. The loop's clock is to count whole ticks ([`TickClock`]): in the traces, work takes
//! no time, and what is due in the same tick is due at once. On a chip whatever is done in a tick must be done before the
//! next one; what takes longer makes the rest of the trace late, never early.
//!
//! # Costs
//! None to what is tested. A line takes a chip some thousand instructions to format, so a tick is [long](TICK).

#![no_std]
#![deny(missing_docs)]

use segno::EventLoop;

#[macro_use]
mod trace;
mod clock;
mod python;

pub mod s02_timers;
pub mod s08_done_callbacks;
pub mod s09_task_start;
pub mod s11_cancel_states;
pub mod s12_cancel_caught;
pub mod s14_cancel_nested;
pub mod s15_gather;
pub mod s18_wait_for;
pub mod s19_timeout;
pub mod s22_task_group;
pub mod s24_lock;
pub mod s25_event_condition;
pub mod s27_barrier;
pub mod s28_queue;

pub use clock::TickClock;
pub use python::{Exception, Reraise, catching};
pub use trace::{LEAD, TICK, begin};

/// A scenario: the number of its trace, and the program.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// The name of its file in `tests/traces`.
    pub number: &'static str,
    /// Runs it on a loop, after [`begin`].
    pub run: fn(&'static EventLoop),
}

/// All of them.
pub const SCENARIOS: [Scenario; 14] = [
    Scenario { number: "02", run: s02_timers::run },
    Scenario { number: "08", run: s08_done_callbacks::run },
    Scenario { number: "09", run: s09_task_start::run },
    Scenario { number: "11", run: s11_cancel_states::run },
    Scenario { number: "12", run: s12_cancel_caught::run },
    Scenario { number: "14", run: s14_cancel_nested::run },
    Scenario { number: "15", run: s15_gather::run },
    Scenario { number: "18", run: s18_wait_for::run },
    Scenario { number: "19", run: s19_timeout::run },
    Scenario { number: "22", run: s22_task_group::run },
    Scenario { number: "24", run: s24_lock::run },
    Scenario { number: "25", run: s25_event_condition::run },
    Scenario { number: "27", run: s27_barrier::run },
    Scenario { number: "28", run: s28_queue::run },
];

/// What asyncio's traces say, and what is expected instead.
pub const TRANSLATED: &[(&str, &str)] = &[
    // Cancellation carries no message.
    ("CancelledError('why')", "CancelledError()"),
    ("CancelledError('msg')", "CancelledError()"),
    ("CancelledError('first')", "CancelledError()"),
    ("CancelledError('second')", "CancelledError()"),
    ("CancelledError('a')", "CancelledError()"),
    // How many timers are left cannot be asked.
    (" timers left: 0", ""),
    // Default water marks follow from the buffer's size, which is the user's choice: here 65535 bytes.
    ("default limits (low, high) (16384, 65536)", "default limits (low, high) (12288, 49152)"),
    // One answer to both questions.
    ("Exception is not set.", "Result is not set."),
];

/// Lines of asyncio's traces that are not compared: by the number of the trace, those that contain one of these.
pub const LEFT_OUT: &[(&str, &[&str])] = &[
    // asyncio leaves the order of equal deadlines undefined, and its heap shuffles them. Here they run as they were set.
    ("03", &["heap", "FIFO"]),
    // Python's `None` for a number is no value of the type here.
    ("06", &["(None)"]),
    // A handler is a function, which cannot raise; the default one writes to the console.
    ("30", &["LOG", "handler raises", "not callable"]),
    // What asyncio refuses at run time here, callbacks that are none and loops of other threads, does not compile.
    ("38", &["TypeError", "another thread"]),
    // Stacks are shown by other means.
    ("41", &["stack", "frames ["]),
];

/// The same of ends of lines: what begins with this.
pub const CUT_OFF: &[(&str, &str)] = &[
    // What an exception handler is told beside the message has names of its own: `runtime/tests/error_context.rs`.
    ("30", " | "),
];
