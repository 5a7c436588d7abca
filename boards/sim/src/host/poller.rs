//! Waiting for all sockets of a world.
//!
//! # The problem
//! Sockets tell that they are ready to whoever waits for them all; a program's step for each is a few microseconds, and should
//! not cost several times as much for changing threads.
//!
//! # The design
//! Where a world waits, it waits here, on the thread that has the baton (see `World::settle`): so a program in real time is one
//! thread, as its loop on a chip is. What other threads want to tell ends the wait.
//!
//! What is known of a socket's readiness is kept, and an operation that cannot succeed is not tried. Readiness only changes
//! where the world waits, so nothing slips in between an attempt and the registration of who is to be woken.
//!
//! # Costs
//! A system call for each wait, and one for each attempt.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mio::event::{Event, Source};
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use segno::{LineError, WakerCell};

use crate::world::Link;

/// Ends a wait.
const WAKE: Token = Token(usize::MAX);

/// One direction of a socket.
struct Direction {
    /// An attempt may succeed.
    ready: AtomicBool,
    /// It will never block again: its end can be read, or its error.
    ended: AtomicBool,
    task: WakerCell,
}

impl Direction {
    const fn new() -> Direction {
        Direction { ready: AtomicBool::new(true), ended: AtomicBool::new(false), task: WakerCell::new() }
    }

    fn happened(&self, ended: bool) {
        if ended {
            self.ended.store(true, Ordering::Release);
        }
        self.ready.store(true, Ordering::Release);
        self.task.wake();
    }

    /// There is nothing more, until something happens.
    fn exhaust(&self) {
        if !self.ended.load(Ordering::Acquire) {
            self.ready.store(false, Ordering::Release);
        }
    }
}

/// Who waits for a socket.
struct Waiting {
    reader: Direction,
    writer: Direction,
    /// The other side is gone.
    hung_up: AtomicBool,
}

impl Waiting {
    fn happened(&self, event: &Event) {
        let gone = event.is_write_closed() || event.is_error();
        if gone {
            self.hung_up.store(true, Ordering::Release);
        }
        if event.is_readable() || event.is_read_closed() || gone {
            self.reader.happened(event.is_read_closed() || gone);
        }
        if event.is_writable() || gone {
            self.writer.happened(gone);
        }
    }
}

struct Shared {
    registry: Registry,
    waker: Waker,
    /// Whoever waits has it.
    poll: Mutex<(Poll, Events)>,
    next: AtomicUsize,
    waiting: Mutex<HashMap<Token, Arc<Waiting>>>,
}

/// All sockets of a world; clones are the same.
#[derive(Clone)]
pub(crate) struct Poller(Arc<Shared>);

impl Poller {
    pub(crate) fn new() -> Result<Poller, LineError> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = Waker::new(poll.registry(), WAKE)?;
        let poll = Mutex::new((poll, Events::with_capacity(128)));
        Ok(Poller(Arc::new(Shared { registry, waker, poll, next: AtomicUsize::new(0), waiting: Mutex::default() })))
    }

    /// Waits until a socket is ready, or until somebody ends it; then calls `awake`, and wakes whom that concerns.
    pub(crate) fn wait(&self, timeout: Option<Duration>, awake: impl FnOnce()) {
        let (poll, events) = &mut *self.0.poll.lock().unwrap_or_else(PoisonError::into_inner);
        let polled = poll.poll(events, timeout);
        awake();
        // Who waits looks at everything afterwards, and waits again if it was interrupted.
        if polled.is_err() {
            return;
        }
        for event in &*events {
            let waiting = self.0.lock().get(&event.token()).cloned();
            if let Some(waiting) = waiting {
                waiting.happened(event);
            }
        }
    }

    /// Ends a wait, from any thread.
    pub(crate) fn rouse(&self) {
        // It cannot fail but for want of memory in the kernel: then what else happens ends the wait.
        self.0.waker.wake().ok();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Token, Arc<Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that is waited for. Dropping it closes it.
pub(crate) struct Watched<S: Source> {
    pub(crate) socket: S,
    token: Token,
    waiting: Arc<Waiting>,
    poller: Poller,
    link: Link,
}

impl<S: Source> Watched<S> {
    pub(crate) fn new(poller: Poller, link: Link, mut socket: S, interest: Interest) -> Result<Watched<S>, LineError> {
        let token = Token(poller.0.next.fetch_add(1, Ordering::Relaxed));
        let waiting =
            Arc::new(Waiting { reader: Direction::new(), writer: Direction::new(), hung_up: AtomicBool::new(false) });
        poller.0.lock().insert(token, Arc::clone(&waiting));
        if let Err(error) = poller.0.registry.register(&mut socket, token, interest) {
            poller.0.lock().remove(&token);
            return Err(error.into());
        }
        // The world waits for what comes from outside.
        link.with(|state, _| state.outside += 1);
        Ok(Watched { socket, token, waiting, poller, link })
    }

    /// Tries to receive, if that may succeed.
    pub(crate) fn try_read<R>(&mut self, operation: impl FnMut(&mut S) -> io::Result<R>) -> nb::Result<R, LineError> {
        attempt(&mut self.socket, &self.waiting.reader, operation)
    }

    /// Of a stream less was received than there was room for: so there is nothing more at present.
    pub(crate) fn exhaust_reader(&self) {
        self.waiting.reader.exhaust();
    }

    /// Whether the other side is gone: known without reading, and registered for if not.
    pub(crate) fn is_hung_up(&self) -> bool {
        self.waiting.reader.task.register_current();
        self.waiting.hung_up.load(Ordering::Acquire)
    }

    /// Has the running task woken when it becomes ready to be read from.
    pub(crate) fn register_reader(&self) {
        self.waiting.reader.task.register_current();
    }

    /// Has the running task woken when it becomes ready to be written to.
    pub(crate) fn register_writer(&self) {
        self.waiting.writer.task.register_current();
    }

    /// Tries to send, if that may succeed.
    pub(crate) fn try_write<R>(&mut self, operation: impl FnMut(&mut S) -> io::Result<R>) -> nb::Result<R, LineError> {
        attempt(&mut self.socket, &self.waiting.writer, operation)
    }
}

fn attempt<S, R>(
    socket: &mut S,
    direction: &Direction,
    mut operation: impl FnMut(&mut S) -> io::Result<R>,
) -> nb::Result<R, LineError> {
    while direction.ready.load(Ordering::Acquire) {
        match operation(socket) {
            Ok(result) => return Ok(result),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                direction.ready.store(false, Ordering::Release);
            }
            Err(error) => return Err(nb::Error::Other(error.into())),
        }
    }
    direction.task.register_current();
    Err(nb::Error::WouldBlock)
}

impl<S: Source> Drop for Watched<S> {
    fn drop(&mut self) {
        // A socket that cannot be deregistered is closed nevertheless.
        self.poller.0.registry.deregister(&mut self.socket).ok();
        self.poller.0.lock().remove(&self.token);
        self.link.with(|state, _| state.outside -= 1);
    }
}
