//! Live input: bytes that arrive from outside the world, and the only thing a world ever waits for.
//!
//! # The problem
//! Reading stdin blocks, but a world that runs in real time must also wake up for its next deadline; and a `Remote` of
//! a loop may be called from any thread of the test.
//!
//! # The design
//! One [`Inbox`] a world. A reader thread fills it; the world looks into it between two steps and sleeps on its
//! condition variable. A poke (a loop's `Clock::wake`) ends the sleep too. The reader stops reading while
//! [`HIGH_WATER`] bytes wait, so that the pipe's own back pressure works.
//!
//! # Costs
//! One thread while input is attached. It cannot be ended while it is blocked in `read`; it ends with its reader or
//! with the process.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use segno::LineError;

use crate::host::Poller;

/// Bytes that the reader reads ahead.
const HIGH_WATER: usize = 64 * 1024;

/// Who is at the other end of live input. It decides whether virtual time waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// A pipe or a file. Virtual time stands still until the input has been read to its end.
    Stream,
    /// A person at a terminal. While the input is open, virtual time goes at the pace of the wall clock.
    Terminal,
}

/// What an attached input says when asked for a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    Byte(u8),
    End,
    NothingYet,
}

#[derive(Debug, Default)]
struct Mail {
    bytes: VecDeque<u8>,
    ended: bool,
    poked: bool,
    closed: bool,
    /// Somebody waits for sockets.
    polling: bool,
}

/// Where live input and pokes from other threads arrive.
#[derive(Default)]
pub(crate) struct Inbox {
    mail: Mutex<Mail>,
    changed: Condvar,
    /// The host's sockets, from the first one on.
    sockets: OnceLock<Poller>,
}

impl Inbox {
    /// The host's sockets.
    ///
    /// # Errors
    /// The host has no more of what is needed to wait for them.
    pub(crate) fn poller(&self) -> Result<Poller, LineError> {
        if let Some(poller) = self.sockets.get() {
            return Ok(poller.clone());
        }
        // Only the thread with the baton comes here.
        let poller = Poller::new()?;
        Ok(self.sockets.get_or_init(|| poller).clone())
    }

    /// Somebody is to look.
    fn tell(&self, mail: &Mail) {
        self.changed.notify_all();
        if mail.polling
            && let Some(poller) = self.sockets.get()
        {
            poller.rouse();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the thread that reads `reader` to its end.
    pub(crate) fn read_from(self: &Arc<Inbox>, mut reader: Box<dyn Read + Send>) {
        let inbox = Arc::clone(self);
        let work = move || {
            let mut chunk = [0; 4096];
            loop {
                // A read error is the end of the input: there is nobody to tell.
                let count = reader.read(&mut chunk).unwrap_or(0);
                let mut mail = inbox.lock();
                while mail.bytes.len() > HIGH_WATER && !mail.closed {
                    mail = inbox.changed.wait(mail).unwrap_or_else(PoisonError::into_inner);
                }
                mail.bytes.extend(&chunk[..count]);
                mail.ended = count == 0;
                inbox.tell(&mail);
                if mail.ended || mail.closed {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("input".into()).spawn(work).expect("a thread for the live input");
    }

    /// Takes the next byte, or learns that there is none.
    pub(crate) fn take(&self) -> Arrival {
        let mut mail = self.lock();
        let byte = mail.bytes.pop_front();
        if mail.bytes.len() == HIGH_WATER {
            self.changed.notify_all();
        }
        match byte {
            Some(byte) => Arrival::Byte(byte),
            None if mail.ended => Arrival::End,
            None => Arrival::NothingYet,
        }
    }

    /// Ends the world's sleep: something was queued from another thread.
    pub(crate) fn poke(&self) {
        let mut mail = self.lock();
        mail.poked = true;
        self.tell(&mail);
    }

    /// Looks whether sockets have become ready, without waiting.
    pub(crate) fn look(&self) {
        if let Some(poller) = self.sockets.get() {
            poller.wait(Some(Duration::ZERO), || {});
        }
    }

    /// Sleeps until a poke, until `timeout` has passed, until a socket is ready, or, if `for_input`, until there is a byte or
    /// the end.
    pub(crate) fn sleep(&self, timeout: Option<Duration>, for_input: bool) {
        let mut mail = self.lock();
        let quiet = |mail: &mut Mail| !(mail.poked || for_input && (mail.ended || !mail.bytes.is_empty()));
        if let Some(poller) = self.sockets.get() {
            mail.polling = quiet(&mut mail);
            let timeout = if mail.polling { timeout } else { Some(Duration::ZERO) };
            drop(mail);
            poller.wait(timeout, || self.lock().polling = false);
            mail = self.lock();
        } else {
            mail = match timeout {
                Some(timeout) => {
                    self.changed.wait_timeout_while(mail, timeout, quiet).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait_while(mail, quiet).unwrap_or_else(PoisonError::into_inner),
            };
        }
        mail.poked = false;
    }

    /// The world has ended: the reader need not go on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}
