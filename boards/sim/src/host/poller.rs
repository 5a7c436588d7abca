//! The thread that waits for all sockets of a world.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mio::event::Source;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use segno::{LineError, WakerCell};

use crate::world::Link;

/// Ends the thread's wait.
const WAKE: Token = Token(usize::MAX);

/// Who waits for a socket.
#[derive(Default)]
struct Waiting {
    reader: WakerCell,
    writer: WakerCell,
    /// The other side is gone.
    hung_up: AtomicBool,
}

struct Shared {
    registry: Registry,
    waker: Waker,
    closing: AtomicBool,
    next: AtomicUsize,
    waiting: Mutex<HashMap<Token, Arc<Waiting>>>,
}

/// A handle to the thread.
#[derive(Clone)]
pub(crate) struct Poller(Arc<Shared>);

impl Poller {
    pub(crate) fn start() -> Result<Poller, LineError> {
        let mut poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = Waker::new(poll.registry(), WAKE)?;
        let shared = Arc::new(Shared {
            registry,
            waker,
            closing: AtomicBool::new(false),
            next: AtomicUsize::new(0),
            waiting: Mutex::default(),
        });
        let poller = Poller(Arc::clone(&shared));
        let work = move || {
            let mut events = Events::with_capacity(128);
            while !shared.closing.load(Ordering::Acquire) {
                // Interrupted waits are tried again.
                if poll.poll(&mut events, None).is_err() {
                    continue;
                }
                for event in &events {
                    let waiting = shared.lock().get(&event.token()).cloned();
                    let Some(waiting) = waiting else { continue };
                    if event.is_write_closed() || event.is_error() {
                        waiting.hung_up.store(true, Ordering::Release);
                    }
                    if event.is_readable() || event.is_read_closed() || event.is_write_closed() || event.is_error() {
                        waiting.reader.wake();
                    }
                    if event.is_writable() || event.is_write_closed() || event.is_error() {
                        waiting.writer.wake();
                    }
                }
            }
        };
        thread::Builder::new().name("sockets".into()).spawn(work).map_err(LineError::from)?;
        Ok(poller)
    }

    /// Ends the thread.
    pub(crate) fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        // If the thread cannot be woken, it ends with the process.
        self.0.waker.wake().ok();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Token, Arc<Waiting>>> {
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
        let waiting = Arc::<Waiting>::default();
        poller.0.lock().insert(token, Arc::clone(&waiting));
        if let Err(error) = poller.0.registry.register(&mut socket, token, interest) {
            poller.0.lock().remove(&token);
            return Err(error.into());
        }
        // The world waits for what comes from outside.
        link.with(|state, _| state.outside += 1);
        Ok(Watched { socket, token, waiting, poller, link })
    }

    /// Tries to receive, twice: what comes between the first time and the registration is not lost.
    pub(crate) fn try_read<R>(&mut self, operation: impl FnMut(&mut S) -> io::Result<R>) -> nb::Result<R, LineError> {
        attempt(&mut self.socket, &self.waiting.reader, operation)
    }

    /// Whether the other side is gone: known without reading, and registered for if not.
    pub(crate) fn is_hung_up(&self) -> bool {
        self.waiting.reader.register_current();
        self.waiting.hung_up.load(Ordering::Acquire)
    }

    /// Has the running task woken when it becomes ready to be read from.
    pub(crate) fn register_reader(&self) {
        self.waiting.reader.register_current();
    }

    /// Has the running task woken when it becomes ready to be written to.
    pub(crate) fn register_writer(&self) {
        self.waiting.writer.register_current();
    }

    /// Tries to send, as above.
    pub(crate) fn try_write<R>(&mut self, operation: impl FnMut(&mut S) -> io::Result<R>) -> nb::Result<R, LineError> {
        attempt(&mut self.socket, &self.waiting.writer, operation)
    }
}

fn attempt<S, R>(
    socket: &mut S,
    waiting: &WakerCell,
    mut operation: impl FnMut(&mut S) -> io::Result<R>,
) -> nb::Result<R, LineError> {
    let mut registered = false;
    loop {
        match operation(socket) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if registered {
                    return Err(nb::Error::WouldBlock);
                }
                waiting.register_current();
                registered = true;
            }
            Ok(result) => return Ok(result),
            Err(error) => return Err(nb::Error::Other(error.into())),
        }
    }
}

impl<S: Source> Drop for Watched<S> {
    fn drop(&mut self) {
        // A socket that cannot be deregistered is closed nevertheless.
        self.poller.0.registry.deregister(&mut self.socket).ok();
        self.poller.0.lock().remove(&self.token);
        self.link.with(|state, _| state.outside -= 1);
    }
}
