//! `Runner` and `run`: a program's main coroutine, and an orderly end for all others.
//!
//! # The problem
//! When `main` has ended, other tasks may still hold hardware and connections. asyncio's `run` cancels them and waits until
//! they have cleaned up. A device cannot wait for ever.
//!
//! # The design
//! Closing cancels all tasks, then runs the loop until those have ended that were cancelled, one after the other, or
//! until a limit has passed; then the loop is closed, which drops whatever is left. What tasks create while they clean up is not
//! waited for, as in asyncio. Whom it waits for it sees by their cancel requests; so while it closes, the last one stays counted
//! of a task that takes it back.
//!
//! # Costs
//! Nothing but code, and the node of `run_until_complete` while it closes.

use core::error::Error;
use core::fmt;
use core::pin::Pin;

use super::error::{ErrorContext, RunError};
use super::{CloseError, EventLoop};
use crate::combine::timeout;
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::task::step::SHUTDOWN_ERROR;
use crate::task::{AnyTask, WaitForEnd};
use crate::time::Duration;

/// How long a [`Runner`] waits at most for tasks that clean up, unless it is told.
const LIMIT: Duration = Duration::from_ticks(10_000_000);

/// Why [`Runner::close`] was not an orderly end. In asyncio there is none that is not, but one without an end. The loop is closed in any case but the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownError {
    /// Some tasks had not ended when the limit had passed: they were dropped.
    TimedOut,
    /// The loop was stopped, or its memory was full: the tasks were cancelled, not waited for, and dropped.
    Dropped,
    /// The loop is running: nothing was done.
    Running,
}

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ShutdownError::TimedOut => "tasks had not ended when the limit had passed",
            ShutdownError::Dropped => "tasks were dropped before they had ended",
            ShutdownError::Running => "Cannot close a running event loop",
        })
    }
}

impl Error for ShutdownError {}

/// Runs coroutines on a loop, and closes it; asyncio's `Runner`. Dropping it closes it too.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{Runner, host::VirtualClock};
/// #[segno::coroutine]
/// async fn background() {
///     if sleep(1000.secs()).catch_cancel().await.is_err() {
///         sleep(7.millis()).await; // cleans up
///     }
/// }
///
/// #[segno::coroutine]
/// async fn program(lp: &'static EventLoop) -> u8 {
///     lp.create_task(background()).unwrap();
///     sleep(5.millis()).await;
///     7
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// let runner = Runner::new(lp);
/// assert_eq!(runner.run(program(lp)), Ok(7));
/// runner.close().unwrap();
/// assert!(lp.is_closed());
/// ```
#[derive(Debug)]
pub struct Runner {
    event_loop: &'static EventLoop,
    limit: Duration,
}

impl Runner {
    /// A runner for a loop that is not running.
    pub const fn new(event_loop: &'static EventLoop) -> Runner {
        Runner { event_loop, limit: LIMIT }
    }

    /// How long [`Runner::close`] waits at most for tasks that clean up; 10 seconds otherwise. asyncio waits for ever.
    pub const fn shutdown_limit(self, limit: Duration) -> Runner {
        let event_loop = self.event_loop;
        core::mem::forget(self);
        Runner { event_loop, limit }
    }

    /// The loop; asyncio's `get_loop`.
    pub fn get_loop(&self) -> &'static EventLoop {
        self.event_loop
    }

    /// Runs a coroutine to its end; can be called again. The other tasks stay. asyncio's `Runner.run`, which also has Ctrl-C
    /// cancel it; nothing does here.
    ///
    /// # Errors
    /// As [`EventLoop::run_until_complete`].
    pub fn run<C: IntoCoroutine>(&self, main: C) -> Result<C::Output, RunError> {
        self.event_loop.run_until_complete(main)
    }

    /// Cancels all tasks, waits until they have ended, and closes the loop; asyncio's `Runner.close`. Idempotent. Each task may
    /// catch its cancellation and clean up, and is dropped when the [limit](Runner::shutdown_limit) has passed. Tasks that end with
    /// an error are told to the exception handler ("unhandled exception during asyncio.run() shutdown"). Tasks that are created
    /// meanwhile are not waited for, but dropped. One that takes the request back is waited for, and `cancelling` goes on to say 1.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::{Runner, ShutdownError};
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn stubborn() {
    ///     loop {
    ///         sleep(1.secs()).catch_cancel().await.ok();
    ///     }
    /// }
    ///
    /// let runner = Runner::new(lp).shutdown_limit(5.secs());
    /// lp.create_task(stubborn()).unwrap();
    /// runner.run(sleep(1.millis())).unwrap();
    /// assert_eq!(runner.close(), Err(ShutdownError::TimedOut));
    /// assert!(lp.is_closed());
    /// ```
    /// # Errors
    /// [`ShutdownError`] if the loop is running, or if tasks had to be dropped.
    pub fn close(&self) -> Result<(), ShutdownError> {
        let event_loop = self.event_loop;
        if event_loop.is_closed() {
            return Ok(());
        }
        if event_loop.check_idle().is_err() {
            return Err(ShutdownError::Running);
        }
        let mut ended = Ok(Ok(()));
        let mut left = false;
        event_loop.begin_shutdown();
        for task in event_loop.all_tasks() {
            left |= task.cancel();
        }
        if left {
            ended = event_loop.run_until_complete(timeout(self.limit, Drain { event_loop, waiting: None }));
        }
        event_loop.close().map_err(|CloseError| ShutdownError::Running)?;
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(ShutdownError::TimedOut),
            Err(_) => Err(ShutdownError::Dropped),
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`.
        let _ = self.close();
    }
}

/// Runs `main` to its end, then ends all other tasks and closes the loop; asyncio's `run`.
///
/// # Errors
/// As [`EventLoop::run_until_complete`]; nothing is run or closed if the loop, or another one, is running.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::host::VirtualClock;
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
/// segno::run(lp, sleep(1.secs())).unwrap();
/// assert!(lp.is_closed());
/// ```
pub fn run<C: IntoCoroutine>(event_loop: &'static EventLoop, main: C) -> Result<C::Output, RunError> {
    event_loop.check_idle()?;
    Runner::new(event_loop).run(main)
}

/// Waits for the end of all tasks that have been cancelled.
struct Drain {
    event_loop: &'static EventLoop,
    waiting: Option<(AnyTask, WaitForEnd)>,
}

impl Coroutine for Drain {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // SAFETY: what waits is structurally pinned: it is never moved out of a pinned `Drain`, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        loop {
            if let Some((task, waiting)) = &mut this.waiting {
                // SAFETY: as above.
                match unsafe { Pin::new_unchecked(waiting) }.resume(cx) {
                    Resume::Done(()) => {}
                    answer => return answer,
                }
                if task.take_unread() {
                    let context = ErrorContext::new(SHUTDOWN_ERROR);
                    this.event_loop.call_exception_handler(&context.with_task(task.clone()));
                }
                this.waiting = None;
            }
            let Some(task) = this.event_loop.all_tasks().find(|task| task.cancelling() > 0) else {
                return Resume::Done(());
            };
            let waiting = task.wait();
            this.waiting = Some((task, waiting));
        }
    }
}
