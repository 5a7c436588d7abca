//! TLS over a byte stream.
//!
//! # The problem
//! Records go both ways whatever the program does: a read may have to write (a handshake, an answer to a renewal of keys),
//! and what was accepted to be written may be held up by the line below.
//!
//! # The design
//! Every operation first passes on what there is to be sent, then does its own part. What cannot be passed on is told by
//! `has_unsent`, and the transport comes back.

use std::io::{self, Read, Write};
use std::rc::Rc;

use nb::Error::{Other, WouldBlock};
use rustls::Connection as Session;
use segno::net::Connection;
use segno::transport::{ByteStream, Info};
use segno::{Duration, Instant, LineError, TimerHandle, WakerCell};

use crate::context::{Side, remember};

/// How long a handshake may take; asyncio's `ssl_handshake_timeout`.
pub const HANDSHAKE: Duration = Duration::from_ticks(60_000_000);

/// How long the other side may take to say farewell; asyncio's `ssl_shutdown_timeout`.
pub const FAREWELL: Duration = Duration::from_ticks(30_000_000);

/// As much plaintext is accepted before the handshake is done, and behind a line that blocks.
const UNSENT: usize = 64 * 1024;

/// As much is accepted at a time: what fits into a record.
const RECORD: usize = 16 * 1024;

/// The moment at which something is given up.
struct Deadline {
    at: Instant,
    timer: Rc<WakerCell>,
    handle: Option<TimerHandle>,
}

impl Deadline {
    fn after(patience: Duration) -> Deadline {
        let timer = Rc::<WakerCell>::default();
        // Outside of a loop there is no deadline.
        let Ok(event_loop) = segno::get_running_loop() else {
            return Deadline { at: Instant::from_ticks(u64::MAX), timer, handle: None };
        };
        let (at, woken) = (event_loop.time() + patience, Rc::clone(&timer));
        // If the loop is full, it is looked at when something comes.
        let handle = event_loop.call_at(at, move |_| woken.wake()).ok();
        Deadline { at, timer, handle }
    }

    /// Whether it has passed; if not, the running task is woken then.
    fn has_passed(&self) -> bool {
        self.timer.register_current();
        segno::get_running_loop().is_ok_and(|event_loop| event_loop.time() >= self.at)
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.cancel();
        }
    }
}

/// A byte stream that is secret on the one below it.
pub struct TlsStream<S> {
    line: S,
    session: Session,
    /// The line's input has ended.
    line_ended: bool,
    /// The other side has said farewell.
    peer_closed: bool,
    /// That it has not was told.
    truncation_told: bool,
    failed: Option<LineError>,
    /// Until it is done.
    handshake: Option<Deadline>,
    farewell: Option<Deadline>,
    /// Who waits for the handshake to go on.
    task: WakerCell,
}

/// The line as rustls wants it.
struct Line<'a, S> {
    line: &'a mut S,
    error: Option<LineError>,
}

impl<S> Line<'_, S> {
    fn answer(&mut self, result: nb::Result<usize, LineError>) -> io::Result<usize> {
        result.map_err(|error| match error {
            WouldBlock => io::ErrorKind::WouldBlock.into(),
            Other(error) => {
                self.error = Some(error);
                io::ErrorKind::Other.into()
            }
        })
    }

    fn error(self, error: &io::Error) -> nb::Error<LineError> {
        match self.error {
            Some(error) => Other(error),
            None if error.kind() == io::ErrorKind::WouldBlock => WouldBlock,
            None => Other(LineError::Other),
        }
    }
}

impl<S: ByteStream> Read for Line<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.line.try_read(buffer);
        self.answer(result)
    }
}

impl<S: ByteStream> Write for Line<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.line.try_write(bytes);
        self.answer(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<S: ByteStream> TlsStream<S> {
    /// TLS over `line`, as this side of it. The handshake begins with the first operation.
    ///
    /// # Errors
    /// [`LineError::Tls`] if the context does not allow it.
    pub fn new(line: S, side: &Side) -> Result<TlsStream<S>, LineError> {
        let mut session = side.connection().map_err(|error| {
            remember(error);
            LineError::Tls
        })?;
        session.set_buffer_limit(Some(UNSENT));
        Ok(TlsStream {
            line,
            session,
            line_ended: false,
            peer_closed: false,
            truncation_told: false,
            failed: None,
            handshake: Some(Deadline::after(HANDSHAKE)),
            farewell: None,
            task: WakerCell::new(),
        })
    }

    /// Passes on what is to be sent.
    fn push(&mut self) -> nb::Result<(), LineError> {
        while self.session.wants_write() {
            let mut line = Line { line: &mut self.line, error: None };
            if let Err(error) = self.session.write_tls(&mut line) {
                return Err(line.error(&error));
            }
        }
        Ok(())
    }

    /// Takes what the line has.
    fn pull(&mut self) -> nb::Result<(), LineError> {
        let mut line = Line { line: &mut self.line, error: None };
        match self.session.read_tls(&mut line) {
            Ok(count) => self.line_ended |= count == 0,
            Err(error) => return Err(line.error(&error)),
        }
        match self.session.process_new_packets() {
            Ok(state) => self.peer_closed |= state.peer_has_closed(),
            Err(error) => {
                remember(error);
                self.failed = Some(LineError::Tls);
                // The other side is told why, if it can be.
                self.push().ok();
                return Err(Other(LineError::Tls));
            }
        }
        Ok(())
    }

    /// Whether the handshake is done.
    ///
    /// # Errors
    /// [`LineError::Tls`], [`LineError::TimedOut`], [`LineError::Truncated`], or what the line has.
    pub fn try_handshake(&mut self) -> nb::Result<(), LineError> {
        loop {
            if let Some(error) = self.failed {
                return Err(Other(error));
            }
            let pushed = self.push();
            if !self.session.is_handshaking() {
                return pushed;
            }
            if let Err(Other(error)) = pushed {
                return Err(Other(error));
            }
            if self.line_ended {
                return Err(Other(LineError::Truncated));
            }
            if self.is_late() {
                continue;
            }
            self.pull()?;
        }
    }

    /// Gives a handshake up that takes too long.
    fn is_late(&mut self) -> bool {
        if !self.session.is_handshaking() {
            self.handshake = None;
        }
        let late = self.handshake.as_ref().is_some_and(Deadline::has_passed);
        if late {
            self.failed = Some(LineError::TimedOut);
        }
        late
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.session.is_handshaking()
    }

    /// Whether there is nothing to wait for behind our farewell.
    fn has_parted(&self) -> bool {
        self.peer_closed || self.line_ended || self.failed.is_some() || self.session.is_handshaking()
    }
}

impl<S: ByteStream> ByteStream for TlsStream<S> {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        loop {
            // A line that takes nothing more may still give something: `try_write` tells.
            self.push().ok();
            match self.session.reader().read(buffer) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) if std::mem::replace(&mut self.truncation_told, true) => return Ok(0),
                Err(_) => return Err(Other(LineError::Truncated)),
            }
            if let Some(error) = self.failed {
                return Err(Other(error));
            }
            if self.is_late() {
                continue;
            }
            self.task.register_current();
            self.pull()?;
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        if let Some(error) = self.failed {
            return Err(Other(error));
        }
        self.push()?;
        let bytes = &bytes[..bytes.len().min(RECORD)];
        match self.session.writer().write(bytes) {
            Ok(0) if !bytes.is_empty() => {
                self.task.register_current();
                Err(WouldBlock)
            }
            Ok(count) => match self.push() {
                Err(Other(error)) => Err(Other(error)),
                _ => Ok(count),
            },
            Err(_) => Err(Other(LineError::Other)),
        }
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        self.push()?;
        self.line.try_flush()
    }

    fn has_unsent(&self) -> bool {
        self.session.wants_write() || self.line.has_unsent()
    }

    /// Says farewell, and waits for the other side's.
    fn try_close(&mut self) -> nb::Result<(), LineError> {
        if self.farewell.is_none() {
            self.session.send_close_notify();
            self.farewell = Some(Deadline::after(FAREWELL));
        }
        match self.push() {
            // Nobody is there to be told.
            Err(Other(_)) => return Ok(()),
            pushed => pushed?,
        }
        // What still comes is for nobody.
        let mut dropped = [0; 1024];
        while !self.has_parted() && !self.farewell.as_ref().is_some_and(Deadline::has_passed) {
            match self.pull() {
                Ok(()) => while self.session.reader().read(&mut dropped).is_ok_and(|count| count > 0) {},
                Err(WouldBlock) => return Err(WouldBlock),
                Err(Other(_)) => break,
            }
        }
        self.line.try_close()
    }

    fn abort(&mut self) {
        self.line.abort();
    }

    /// Beside what the line knows: `cipher` and `version`, once the handshake is done.
    fn extra_info(&self, name: &str) -> Option<Info> {
        match name {
            "cipher" => self.session.negotiated_cipher_suite()?.suite().as_str().map(Info::Text),
            "version" => self.session.protocol_version()?.as_str().map(Info::Text),
            _ => self.line.extra_info(name),
        }
    }
}

impl<S: Connection> Connection for TlsStream<S> {
    fn try_established(&mut self) -> nb::Result<(), LineError> {
        // A line that is established says so again.
        self.line.try_established()?;
        self.try_handshake()
    }
}
