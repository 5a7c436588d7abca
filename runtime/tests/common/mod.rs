//! What the runtime's tests share: a loop in virtual time, a trace, and coroutines written by hand.

#![allow(dead_code, reason = "each test crate uses its part")]

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::thread::{self, Thread};

use segno::board::{Clock, Idle};
use segno::host::VirtualClock;
use segno::{Context, Coroutine, EventLoop, IntoCoroutine, ResultError, Resume, Task, new_event_loop};

/// A loop in virtual time.
pub fn new_loop() -> &'static EventLoop {
    new_event_loop(VirtualClock::leaked(), 16 * 1024)
}

/// A host's clock: sleeps by parking the loop's thread.
struct HostClock {
    start: std::time::Instant,
    thread: Thread,
}

impl HostClock {
    fn leaked() -> &'static HostClock {
        Box::leak(Box::new(HostClock { start: std::time::Instant::now(), thread: thread::current() }))
    }
}

impl Clock for HostClock {
    fn now(&self) -> segno::time::Instant {
        segno::time::Instant::from_ticks(self.start.elapsed().as_micros() as u64)
    }

    fn idle(&self, idle: &Idle) {
        if idle.pending() {
            return;
        }
        match idle.deadline() {
            None => thread::park(),
            Some(deadline) => {
                let micros = deadline.as_ticks().saturating_sub(self.now().as_ticks());
                thread::park_timeout(std::time::Duration::from_micros(micros));
            }
        }
    }

    fn wake(&self) {
        self.thread.unpark();
    }
}

/// A loop in real time, which other threads can wake.
pub fn new_threaded_loop() -> &'static EventLoop {
    new_event_loop(HostClock::leaked(), 64 * 1024)
}

/// Lines that a test writes and compares.
#[derive(Clone, Default)]
pub struct Trace(Rc<RefCell<Vec<String>>>);

impl Trace {
    pub fn new() -> Trace {
        Trace::default()
    }

    /// A line as it is.
    pub fn say(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    /// A line with the time in milliseconds and the turn.
    pub fn log(&self, lp: &EventLoop, line: impl std::fmt::Display) {
        self.say(format!("t={} n={} {line}", lp.time().as_ticks() / 1000, lp.turn()));
    }

    #[track_caller]
    pub fn expect(&self, expected: &str) {
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let lines = self.0.borrow();
        assert_eq!(*lines, expected, "\n--- got\n{}\n", lines.join("\n"));
    }
}

/// What a `flow!` is doing.
pub enum Next<T> {
    /// Await this, then go on.
    Await(Pin<Box<dyn Coroutine<Output = ()>>>),
    Done(T),
    Cancelled,
}

/// A coroutine written as a function of the step's number, which awaits boxed coroutines: what a macro would write.
/// The function is told whether what it awaited was cancelled.
pub struct Flow<F> {
    awaited: Option<Pin<Box<dyn Coroutine<Output = ()>>>>,
    step: usize,
    next: F,
}

pub fn flow<T, F: FnMut(usize, bool, &mut Context<'_>) -> Next<T> + Unpin>(next: F) -> Flow<F> {
    Flow { awaited: None, step: 0, next }
}

impl<T, F: FnMut(usize, bool, &mut Context<'_>) -> Next<T> + Unpin> Coroutine for Flow<F> {
    type Output = T;

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<T> {
        loop {
            let mut cancelled = false;
            if let Some(awaited) = &mut self.awaited {
                match awaited.as_mut().resume(cx) {
                    Resume::Pending => return Resume::Pending,
                    Resume::Done(()) => {}
                    Resume::Cancelled => cancelled = true,
                }
                self.awaited = None;
            }
            let step = self.step;
            self.step += 1;
            match (self.next)(step, cancelled, cx) {
                Next::Await(awaited) => self.awaited = Some(awaited),
                Next::Done(output) => return Resume::Done(output),
                Next::Cancelled => return Resume::Cancelled,
            }
        }
    }
}

/// Boxes what a flow awaits; `seen` gets its output.
pub fn wait<C: IntoCoroutine<Coroutine: 'static>>(
    awaited: C,
    seen: impl FnMut(C::Output) + Unpin + 'static,
) -> Pin<Box<dyn Coroutine<Output = ()>>> {
    struct Then<C, F>(C, F);
    impl<C: Coroutine, F: FnMut(C::Output) + Unpin> Coroutine for Then<C, F> {
        type Output = ();
        fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
            // SAFETY: the first field is structurally pinned, and the second one is `Unpin`.
            let (inner, seen) = unsafe {
                let this = self.get_unchecked_mut();
                (Pin::new_unchecked(&mut this.0), &mut this.1)
            };
            match inner.resume(cx) {
                Resume::Pending => Resume::Pending,
                Resume::Done(output) => {
                    seen(output);
                    Resume::Done(())
                }
                Resume::Cancelled => Resume::Cancelled,
            }
        }
    }
    Box::pin(Then(awaited.into_coroutine(), seen))
}

/// `Next::Await` of something without an interesting output.
pub fn pause<T, C: IntoCoroutine<Coroutine: 'static>>(awaited: C) -> Next<T> {
    Next::Await(wait(awaited, |_| {}))
}

/// A task's outcome, for a trace.
pub fn outcome<T: Clone + std::fmt::Debug>(task: &Task<T>) -> String {
    match task.result() {
        Ok(value) => format!("value {value:?}"),
        Err(ResultError::Pending) => "pending".into(),
        Err(ResultError::Cancelled) => "cancelled".into(),
        Err(ResultError::Taken) => "taken".into(),
    }
}
