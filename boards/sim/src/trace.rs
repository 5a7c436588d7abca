//! What happened, in order: one line an event.
//!
//! # The problem
//! "The same seed is the same run" is only a claim until two runs are compared. Comparing final states misses what
//! happened in between.
//!
//! # The design
//! Everything that crosses the border of a node (its timers that fire, bytes, line errors, edges, console lines, its
//! start and its end) becomes a line of text with its time and the node's name. Text, because a difference must be
//! readable: [`crate::check_determinism`] shows the first line that differs.
//!
//! # Costs
//! About 40 bytes an event. A run of many hours can switch recording off: [`crate::Sim::record`].

use std::fmt::{self, Write};

use crate::time_text;

/// The lines so far.
#[derive(Debug)]
pub(crate) struct Trace {
    text: String,
    pub(crate) recording: bool,
}

impl Default for Trace {
    fn default() -> Trace {
        Trace { text: String::new(), recording: true }
    }
}

impl Trace {
    /// Appends one event.
    pub(crate) fn event(&mut self, now: u64, node: &str, what: fmt::Arguments<'_>) {
        if self.recording {
            writeln!(self.text, "{} {node}: {what}", time_text(now)).expect("a String takes everything");
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
