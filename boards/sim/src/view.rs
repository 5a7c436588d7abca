//! The live view: what a person sees of a run on a terminal or in a pipe.
//!
//! # The problem
//! Three streams go to one output: the program's lines, the bytes of its UART and the edges of its pins. The bytes must
//! arrive unchanged, an edge is a line of its own, and writing must not dominate a run of simulated hours.
//!
//! # The design
//! Everything goes through one buffered writer in the order in which it happens. An edge that comes in the middle of a
//! line ends that line first. The world flushes before it waits for anything and when it stops. When the reader of the
//! output goes away, the run ends quietly.
//!
//! # Costs
//! One `write` per event into the buffer; a system call per 64 KiB or per wait.

use std::fmt;
use std::io::{BufWriter, Write};

/// An output and what is shown on it.
pub(crate) struct View {
    out: BufWriter<Box<dyn Write + Send>>,
    pins: bool,
    line_open: bool,
    broken: bool,
}

impl View {
    pub(crate) fn new(out: Box<dyn Write + Send>, pins: bool) -> View {
        View { out: BufWriter::with_capacity(64 * 1024, out), pins, line_open: false, broken: false }
    }

    /// Bytes of a UART or of the console, as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            self.line_open = *last != b'\n';
            self.broken |= self.out.write_all(bytes).is_err();
        }
    }

    /// An edge of a pin.
    pub(crate) fn edge(&mut self, pin: &str, level: bool, now: u64) {
        if self.pins {
            if self.line_open {
                self.bytes(b"\n");
            }
            let (level, ms, us) = (u8::from(level), now / 1000, now % 1000);
            self.broken |= writeln!(self.out, "{pin}: {level} at {ms}.{us:03} ms").is_err();
        }
    }

    pub(crate) fn flush(&mut self) {
        self.broken |= self.out.flush().is_err();
    }

    /// Whether nobody reads the output any more.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("pins", &self.pins).field("broken", &self.broken).finish_non_exhaustive()
    }
}
