//! What a loop refuses, and in which words.
//!
//! # The problem
//! asyncio raises `RuntimeError` with a text. A program on a chip wants to know which of a few reasons it was, and
//! wants back what did not fit.
//!
//! # The design
//! One enum for each question that a caller may have. `Display` says what asyncio says, where asyncio says something.
//! `Debug` of [`Refused`] does not ask for `Debug` of what is handed back, so that `unwrap` works with any coroutine.
//!
//! # Costs
//! The texts are in flash only if a program prints them.

use core::error::Error;
use core::fmt;

use super::handle::AnyHandle;
use crate::future::{AnyFuture, Future};
#[cfg(feature = "debug")]
use crate::location::Location;
use crate::protocol::AnyProtocol;
use crate::task::AnyTask;
use crate::transport::{AnyTransport, LineError};

/// What was not accepted is handed back. asyncio has no such limit; a closed loop raises `RuntimeError` there.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 512);
/// let refused = lp.create_task(sleep(1.secs())).map(drop);
/// assert!(refused.is_ok());
/// let large = [7_u8; 4096];
/// let refused = lp.call_soon(move |_| assert_eq!(large[0], 7)).unwrap_err();
/// assert!(refused.is_full());
/// let callback = refused.into_inner(); // try again later, or do without
/// lp.close().unwrap();
/// assert_eq!(lp.call_soon(callback).unwrap_err().to_string(), "Event loop is closed");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refused<T> {
    /// The loop's memory is used up.
    Full(T),
    /// The loop is closed.
    Closed(T),
}

impl<T> Refused<T> {
    /// What was handed in.
    pub fn into_inner(self) -> T {
        match self {
            Refused::Full(inner) | Refused::Closed(inner) => inner,
        }
    }

    /// The same refusal of something else.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Refused<U> {
        match self {
            Refused::Full(inner) => Refused::Full(f(inner)),
            Refused::Closed(inner) => Refused::Closed(f(inner)),
        }
    }

    /// Whether the reason was lack of memory, which may pass, or that the loop is closed, which does not.
    pub fn is_full(&self) -> bool {
        matches!(self, Refused::Full(_))
    }
}

impl<T> fmt::Debug for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "Full" } else { "Closed" })
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "Event loop's memory is full" } else { "Event loop is closed" })
    }
}

impl<T> Error for Refused<T> {}

/// Why a loop did not run, or did not run to the end; asyncio's `RuntimeError` and `CancelledError`, in their words.
/// What [`EventLoop::run_until_complete`](crate::EventLoop::run_until_complete) answers.
#[doc(alias = "RuntimeError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunError {
    /// The loop is closed.
    Closed,
    /// It is running already: run from inside one of its own callbacks.
    AlreadyRunning,
    /// Another loop is running: run from inside one of its callbacks.
    AnotherLoopRunning,
    /// `run_until_complete`: the loop was stopped before.
    Stopped,
    /// `run_until_complete`: what was awaited was cancelled.
    Cancelled,
    /// `run_until_complete`: there is no memory for the task that waits.
    Full,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RunError::Closed => "Event loop is closed",
            RunError::AlreadyRunning => "This event loop is already running",
            RunError::AnotherLoopRunning => "Cannot run the event loop while another loop is running",
            RunError::Stopped => "Event loop stopped before Future completed.",
            RunError::Cancelled => "cancelled",
            RunError::Full => "Event loop's memory is full",
        })
    }
}

impl Error for RunError {}

/// A running loop cannot be closed; asyncio's `RuntimeError`. What [`EventLoop::close`](crate::EventLoop::close) answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseError;

impl fmt::Display for CloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cannot close a running event loop")
    }
}

impl Error for CloseError {}

/// There is no loop to be got: none is running, and none has been set. asyncio's `RuntimeError`, for
/// [`get_event_loop`](crate::get_event_loop) and [`get_running_loop`](crate::get_running_loop).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRunningLoop;

impl fmt::Display for NoRunningLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no running event loop")
    }
}

impl Error for NoRunningLoop {}

/// A [`LoopMemory`](crate::LoopMemory) makes one loop. Nothing that asyncio knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyStarted;

impl fmt::Display for AlreadyStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the loop has been started already")
    }
}

impl Error for AlreadyStarted {}

/// What an exception handler is told; asyncio's context dictionary.
///
/// asyncio's `exception` is the `cause` of a lost connection. The error of a task or a future has a type of its own, which
/// only those know who have a handle with that type: compare it with what is told here.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::ErrorContext;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
/// lp.set_exception_handler(Some(|_, context| {
///     let known = matches!(context.message, "Future exception was never retrieved" | "my message");
///     assert!(known && context.future.is_some() != context.handle.is_some());
/// }));
/// let future: Future<Result<(), u8>> = lp.create_future().unwrap();
/// future.set_exception(1).unwrap();
/// drop(future); // its error was never read
///
/// let handle = lp.call_soon(|lp| lp.stop()).unwrap();
/// lp.call_exception_handler(&ErrorContext::new("my message").with_handle(&handle));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ErrorContext {
    /// What happened, in asyncio's words where it has some.
    pub message: &'static str,
    /// The task that it happened to.
    pub task: Option<AnyTask>,
    /// The future whose error nobody has read.
    pub future: Option<AnyFuture>,
    /// The callback that it happened in: of a slow one, and where a program says so.
    pub handle: Option<AnyHandle>,
    /// The transport that it happened to.
    pub transport: Option<AnyTransport>,
    /// That transport's protocol.
    pub protocol: Option<AnyProtocol>,
    /// What a connection was lost for.
    pub cause: Option<LineError>,
    /// How long a step took that was too long.
    #[cfg(feature = "debug")]
    pub took: Option<crate::time::Duration>,
    /// Of such a step of a task: where its innermost coroutine stood before. `None` where that is not known, as of a
    /// coroutine that is written by hand.
    #[cfg(feature = "debug")]
    pub began: Option<Location>,
    /// Where the task's innermost coroutine stands now; `None` if the task has ended.
    #[cfg(feature = "debug")]
    pub stopped: Option<Location>,
}

impl ErrorContext {
    /// A context with nothing but a message.
    pub fn new(message: &'static str) -> ErrorContext {
        ErrorContext {
            message,
            task: None,
            future: None,
            handle: None,
            transport: None,
            protocol: None,
            cause: None,
            #[cfg(feature = "debug")]
            took: None,
            #[cfg(feature = "debug")]
            began: None,
            #[cfg(feature = "debug")]
            stopped: None,
        }
    }

    /// Adds the task that it happened to.
    pub fn with_task(self, task: AnyTask) -> ErrorContext {
        ErrorContext { task: Some(task), ..self }
    }

    /// Adds the future that it happened to.
    pub fn with_future<T>(self, future: &Future<T>) -> ErrorContext {
        ErrorContext { future: Some(future.as_any()), ..self }
    }

    /// Adds the callback that it happened in; of [`EventLoop::call_soon`](crate::EventLoop::call_soon) or of a timer.
    pub fn with_handle(self, handle: impl Into<AnyHandle>) -> ErrorContext {
        ErrorContext { handle: Some(handle.into()), ..self }
    }

    /// Adds the transport that it happened to, and its protocol.
    pub fn with_transport(self, transport: AnyTransport, protocol: Option<AnyProtocol>) -> ErrorContext {
        ErrorContext { transport: Some(transport), protocol, ..self }
    }

    /// Adds what a connection was lost for.
    pub fn with_cause(self, cause: LineError) -> ErrorContext {
        ErrorContext { cause: Some(cause), ..self }
    }
}

/// The message, whom it is about, and of a slow step how long it took, where it began and where it stopped: what asyncio writes to
/// its log. There is no line end in it.
impl fmt::Display for ErrorContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)?;
        let mut separator = ": ";
        let mut write = |text: fmt::Arguments<'_>| {
            f.write_str(core::mem::replace(&mut separator, ", "))?;
            f.write_fmt(text)
        };
        if let Some(task) = &self.task {
            write(format_args!("task {}", task.name()))?;
        }
        if self.future.is_some() {
            write(format_args!("a future"))?;
        }
        if self.handle.is_some() {
            write(format_args!("a callback"))?;
        }
        if let Some(cause) = &self.cause {
            write(format_args!("{cause}"))?;
        }
        #[cfg(feature = "debug")]
        if let Some(took) = self.took {
            write(format_args!("{}.{:03} s", took.as_secs(), took.as_millis() % 1000))?;
        }
        #[cfg(feature = "debug")]
        match (&self.began, &self.stopped) {
            (Some(began), Some(stopped)) => write(format_args!("from {began} to {stopped}"))?,
            (Some(began), None) => write(format_args!("from {began} to its end"))?,
            (None, Some(stopped)) => write(format_args!("to {stopped}"))?,
            (None, None) => {}
        }
        Ok(())
    }
}

/// Is told what nobody else was: see [`EventLoop::set_exception_handler`](crate::EventLoop::set_exception_handler), and for an
/// example [`ErrorContext`].
pub type ExceptionHandler = fn(&'static crate::EventLoop, &ErrorContext);
