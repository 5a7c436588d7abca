//! Signals of the operating system as signals of a loop.
//!
//! # The problem
//! A signal handler of the operating system may do almost nothing: not even wake a thread.
//!
//! # The design
//! The crate `signal-hook` has it write into a pipe; a thread reads that, and [fires](segno::Signal::fire).
//!
//! # Costs
//! A thread and a pipe for each signal that is taken; two words that stay.

use std::thread;

use segno::{LineError, Signal};
use signal_hook::consts::FORBIDDEN;
use signal_hook::iterator::{Handle, Signals};

use crate::world::Link;

/// A signal of the operating system: made by [`crate::Board::host_signal`]. When it is dropped, it fires no more; the
/// process goes on to ignore it.
pub struct HostSignal {
    signal: &'static Signal,
    handle: Handle,
    link: Link,
}

impl HostSignal {
    pub(crate) fn new(link: Link, number: i32) -> Result<HostSignal, LineError> {
        if FORBIDDEN.contains(&number) {
            return Err(LineError::Unsupported);
        }
        let signal: &'static Signal = Box::leak(Box::default());
        let mut signals = Signals::new([number])?;
        let handle = signals.handle();
        let work = move || {
            for _ in &mut signals {
                signal.fire();
            }
        };
        thread::Builder::new().name("signals".into()).spawn(work)?;
        // The world waits for what comes from outside, in real time.
        link.with(|state, _| {
            state.realtime = true;
            state.outside += 1;
        });
        Ok(HostSignal { signal, handle, link })
    }

    /// What [`add_signal_handler`](segno::EventLoop::add_signal_handler) takes.
    pub fn signal(&self) -> &'static Signal {
        self.signal
    }
}

impl Drop for HostSignal {
    fn drop(&mut self) {
        self.handle.close();
        self.link.with(|state, _| state.outside -= 1);
    }
}
