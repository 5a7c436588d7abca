//! Where a coroutine stands in its source.
//!
//! # The problem
//! Only a machine knows its state; the loop has a task's bytes and a table with its resume.
//!
//! # The design
//! With the feature `debug`, a step can be resumed with a question: a [`Context`](crate::Context) that carries a [`Locator`].
//! The machines that `#[segno::coroutine]` makes with that feature answer it instead of going on: each writes down where it
//! stands, then asks the child that it awaits ([`Coroutine::locate`](crate::Coroutine)). What has one child passes the question on;
//! what has several that are running, or is written by hand, leaves it at that. Whoever is asked changes nothing.
//!
//! Without the feature nothing asks and nothing answers; the types are there, because Cargo may turn the macro's feature on
//! for another build of this crate, one for the host.
//!
//! # Costs
//! With `debug`, a word of each context, and in each machine a comparison, a function and a few strings.

/// Where a coroutine stands: at the suspension of which `state` is the name, or, as `Start`, before its first step. In asyncio
/// the `running at main.py:12` of a coroutine. An example is at [`EventLoop::set_debug`](crate::EventLoop::set_debug).
#[cfg(feature = "debug")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The name of the function that was made a coroutine; `serve::{async}` is an `async` block in it.
    pub coroutine: &'static str,
    /// The name of the state, as in expansions and in `cargo segno machine`: `S2_line47_read_line` is the second suspension,
    /// in line 47, where `read_line` is awaited.
    pub state: &'static str,
    /// The source file, as rustc was given its name.
    pub file: &'static str,
    /// The line in it, from 1.
    pub line: u32,
}

#[cfg(feature = "debug")]
impl core::fmt::Display for Location {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} ({}) at {}:{}", self.coroutine, self.state, self.file, self.line)
    }
}

/// A question where a coroutine stands, and the innermost answer so far.
#[derive(Debug, Default)]
pub struct Locator {
    #[cfg(feature = "debug")]
    pub(crate) found: Option<Location>,
}

impl Locator {
    /// Called by expansions, from the outermost coroutine inwards.
    pub fn at(&mut self, coroutine: &'static str, state: &'static str, file: &'static str, line: u32) {
        #[cfg(feature = "debug")]
        {
            self.found = Some(Location { coroutine, state, file, line });
        }
        #[cfg(not(feature = "debug"))]
        let _ = (coroutine, state, file, line);
    }
}
