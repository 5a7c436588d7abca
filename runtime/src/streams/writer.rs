//! The writing end.

use core::cell::Cell;
use core::fmt;
use core::pin::Pin;

use super::StreamReader;
use super::stream::Drainer;
use crate::coroutine::{Context, Coroutine, Resume, Waker};
use crate::list::Link;
use crate::task::WaitForEnd;
use crate::transport::{BaseTransport, Info, LineError, TransportHandle, WriteError, WriteTransport};

/// The writing end of a stream; asyncio's `StreamWriter`. A clone is another handle to the same end. Dropping it closes
/// nothing.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{gather, host::pair};
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, there) = pair(16);
/// let (_, writer) = lp.run_until_complete(lp.open_stream::<64, 64>(here)).unwrap().unwrap();
/// let (reader, _) = lp.run_until_complete(lp.open_stream::<64, 64>(there)).unwrap().unwrap();
///
/// let (text, mut copy) = ([7; 1000], [0; 1000]);
/// let both = gather((writer.write_all(&text), reader.readexactly(&mut copy)));
/// assert_eq!(lp.run_until_complete(both), Ok((Ok(()), Ok(()))));
/// assert_eq!(text, copy);
///
/// writer.close();
/// assert_eq!(lp.run_until_complete(writer.wait_closed()), Ok(Ok(())));
/// assert_eq!(lp.run_until_complete(reader.read(&mut copy)), Ok(Ok(0)));
/// ```
#[derive(Clone)]
pub struct StreamWriter {
    transport: TransportHandle,
    reader: StreamReader,
}

impl StreamWriter {
    /// Writes to `transport`, whose protocol is the reader's. `open_stream` and `open_connection` do that.
    pub fn new(transport: TransportHandle, reader: StreamReader) -> StreamWriter {
        StreamWriter { transport, reader }
    }

    /// The transport; asyncio's `transport`.
    pub fn transport(&self) -> &TransportHandle {
        &self.transport
    }

    /// Sends bytes, without waiting: see [`WriteTransport::write`]. asyncio's `write`, which never refuses.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (here, mut there) = segno::host::pair(8);
    /// let (_, writer) = lp.run_until_complete(lp.open_stream::<64, 16>(here)).unwrap().unwrap();
    /// // 8 bytes go onto the line, 16 into the buffer.
    /// assert_eq!(writer.write(&[1; 100]), Err(WriteError::Full { written: 24 }));
    /// # use segno::transport::ByteStream;
    /// assert_eq!(there.try_read(&mut [0; 8]), Ok(8));
    /// lp.run_until_complete(sleep(1.millis())).unwrap();
    /// assert_eq!(writer.write(&[2; 8]), Ok(()));
    /// ```
    ///
    /// # Errors
    /// [`WriteError::Full`] says how many were accepted: go on with the others after [`StreamWriter::drain`], as
    /// [`StreamWriter::write_all`] does.
    pub fn write(&self, bytes: &[u8]) -> Result<(), WriteError> {
        self.transport.clone().write(bytes)
    }

    /// As [`StreamWriter::write`] of one piece after the other. asyncio's `writelines`.
    ///
    /// # Errors
    /// As [`WriteTransport::writelines`].
    pub fn writelines(&self, lines: &[&[u8]]) -> Result<(), WriteError> {
        self.transport.clone().writelines(lines)
    }

    /// Waits until the transport may be written to again: not at all unless it has paused its protocol. Any number of
    /// tasks may wait; all go on when the write buffer has been drained to its low mark, in the order in which they came, also
    /// if the first of them have filled it again by then. asyncio's `drain`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::transport::ByteStream;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn log(writer: &StreamWriter) -> Result<(), LineError> {
    ///     for _ in 0..10 {
    ///         if writer.write(b"10 bytes.\n").is_err() {
    ///             continue; // what has no room is left out
    ///         }
    ///         writer.drain().await?;
    ///     }
    ///     Ok(())
    /// }
    ///
    /// let (here, there) = segno::host::pair(20);
    /// let (_, writer) = lp.run_until_complete(lp.open_stream::<64, 32>(here)).unwrap().unwrap();
    /// # let mut there = there;
    /// # lp.call_later(1.secs(), move |_| { there.try_read(&mut [0; 20]).unwrap(); drop(there) }).unwrap();
    /// let lost = lp.run_until_complete(log(&writer)); // the other side reads some, then closes
    /// assert_eq!((lost, lp.time().as_ticks()), (Ok(Err(LineError::BrokenPipe)), 1_000_000));
    /// ```
    ///
    /// # Errors
    /// What the connection was lost for; [`LineError::ConnectionReset`] if it was simply closed.
    ///
    /// # Cancellation
    /// Removes this waiting task only.
    pub fn drain(&self) -> Drain<'_> {
        let drainer = Drainer { link: Link::new(), waker: Cell::new(Waker::NONE) };
        Drain { drainer, writer: self, state: State::New }
    }

    /// Writes all bytes, waiting for room as often as needed. asyncio's `write` and `drain`, for a buffer of fixed size.
    ///
    /// # Errors
    /// As [`StreamWriter::drain`]; [`LineError::BrokenPipe`] after [`StreamWriter::write_eof`].
    ///
    /// # Cancellation
    /// What was written before is sent.
    pub fn write_all<'a>(&'a self, bytes: &'a [u8]) -> WriteAll<'a> {
        WriteAll { rest: bytes, drain: self.drain() }
    }

    /// Writes some bytes, at least one if there are any, waiting for room if there is none, and answers how many. What is written
    /// need not be drained: `write` of [`embedded_io_async`](https://docs.rs/embedded-io-async).
    ///
    /// # Errors
    /// As [`StreamWriter::write_all`].
    ///
    /// # Cancellation
    /// Nothing was written.
    pub fn write_some<'a, 'b>(&'a self, bytes: &'b [u8]) -> WriteSome<'a, 'b> {
        WriteSome { bytes, drain: self.drain() }
    }

    /// Whether something could be written at once: nobody need drain it before.
    pub(super) fn has_room(&self) -> bool {
        self.reader.with(|stream| stream.lost || !stream.writing_paused).unwrap_or(false)
    }

    /// Sends what is buffered, then ends this direction of the stream. asyncio's `write_eof`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (here, there) = segno::host::pair(64);
    /// let (_, writer) = lp.run_until_complete(lp.open_stream::<64, 64>(here)).unwrap().unwrap();
    /// let (reader, answer) = lp.run_until_complete(lp.open_stream::<64, 64>(there)).unwrap().unwrap();
    /// assert!(writer.can_write_eof());
    /// writer.write(b"all").unwrap();
    /// writer.write_eof().unwrap();
    /// assert_eq!(writer.write(b"more"), Err(WriteError::AfterEof));
    /// let mut all = [0; 64];
    /// assert_eq!(lp.run_until_complete(reader.read_to_end(&mut all)), Ok(Ok(3)));
    /// assert_eq!(answer.write(b"thanks"), Ok(())); // the other direction goes on
    /// ```
    ///
    /// # Errors
    /// As [`WriteTransport::write_eof`].
    pub fn write_eof(&self) -> Result<(), WriteError> {
        self.transport.clone().write_eof()
    }

    /// Whether the line has such an end. asyncio's `can_write_eof`.
    pub fn can_write_eof(&self) -> bool {
        self.transport.can_write_eof()
    }

    /// Sends what is buffered, then closes the connection; asyncio's `close`. [`StreamWriter::wait_closed`] waits for that.
    pub fn close(&self) {
        self.transport.clone().close();
    }

    /// Whether it is closing or closed; asyncio's `is_closing`.
    pub fn is_closing(&self) -> bool {
        self.transport.is_closing()
    }

    /// Waits until the connection is lost. asyncio's `wait_closed`.
    ///
    /// # Errors
    /// What it was lost for.
    ///
    /// # Cancellation
    /// Changes nothing: the connection closes, or goes on.
    pub fn wait_closed(&self) -> WaitClosed<'_> {
        WaitClosed { end: self.transport.wait_closed(), writer: self }
    }

    /// As [`BaseTransport::get_extra_info`]; asyncio's `get_extra_info`.
    pub fn get_extra_info(&self, name: &str) -> Option<Info> {
        self.transport.get_extra_info(name)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// One turn, because the transport is closing: so that the loss is seen.
    Yielding,
    Waiting,
}

/// Made by [`StreamWriter::drain`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Drain<'a> {
    drainer: Drainer,
    writer: &'a StreamWriter,
    state: State,
}

impl Drain<'_> {
    fn check(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Result<(), LineError>> {
        // SAFETY: the drainer, which may be listed, is not moved.
        let this = unsafe { self.get_unchecked_mut() };
        let Drain { drainer, writer, state } = this;
        let event_loop = writer.transport.event_loop();
        if *state != State::New && cx.take_cancel() {
            writer.reader.with(|stream| stream.leave(drainer));
            return Resume::Cancelled;
        }
        if *state == State::Waiting && drainer.link.is_linked() {
            // Resumed without a reason.
            drainer.waker.set(cx.waker());
            return Resume::Pending;
        }
        if *state == State::New {
            if let Some(error) = writer.reader.exception() {
                return Resume::Done(Err(error));
            }
            if writer.is_closing() {
                *state = State::Yielding;
                event_loop.wake(cx.waker());
                return Resume::Pending;
            }
        }
        let waited = *state == State::Waiting;
        let outcome = writer.reader.with(|stream| match (stream.error, stream.lost) {
            (Some(error), true) => Some(Err(error)),
            // Who waits when the connection is closed in good order may go on.
            (None, true) if !waited => Some(Err(LineError::ConnectionReset)),
            (_, true) => Some(Ok(())),
            // Who has been told goes on, though others that were may have filled the buffer again.
            _ if waited || !stream.writing_paused => Some(Ok(())),
            _ => {
                drainer.waker.set(cx.waker());
                // SAFETY: it is pinned, in no list, and leaves when it is dropped.
                unsafe { stream.join(drainer) };
                None
            }
        });
        match outcome.unwrap_or(Some(Ok(()))) {
            Some(result) => Resume::Done(result),
            None => {
                *state = State::Waiting;
                Resume::Pending
            }
        }
    }
}

impl Coroutine for Drain<'_> {
    type Output = Result<(), LineError>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        self.check(cx)
    }
}

impl Drop for Drain<'_> {
    fn drop(&mut self) {
        if self.drainer.link.is_linked() {
            self.writer.reader.with(|stream| stream.leave(&self.drainer));
        }
    }
}

/// Made by [`StreamWriter::write_all`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct WriteAll<'a> {
    rest: &'a [u8],
    drain: Drain<'a>,
}

impl Coroutine for WriteAll<'_> {
    type Output = Result<(), LineError>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: `drain` is structurally pinned, the rest is not.
        let (rest, mut drain) = unsafe {
            let this = self.get_unchecked_mut();
            (&mut this.rest, Pin::new_unchecked(&mut this.drain))
        };
        loop {
            if drain.state == State::New {
                match drain.writer.write(rest) {
                    Ok(()) => *rest = &[],
                    Err(WriteError::Full { written }) => *rest = rest.get(written..).unwrap_or_default(),
                    Err(WriteError::AfterEof) => return Resume::Done(Err(LineError::BrokenPipe)),
                    // `drain` finds out why.
                    Err(_) => {}
                }
            }
            match drain.as_mut().check(cx) {
                Resume::Done(Ok(())) if !rest.is_empty() => {
                    // SAFETY: a drain that is done is in no list.
                    unsafe { drain.as_mut().get_unchecked_mut() }.state = State::New;
                }
                answer => return answer,
            }
        }
    }
}

/// Made by [`StreamWriter::write_some`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct WriteSome<'a, 'b> {
    bytes: &'b [u8],
    drain: Drain<'a>,
}

impl Coroutine for WriteSome<'_, '_> {
    type Output = Result<usize, LineError>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: as in `WriteAll`.
        let (bytes, mut drain) = unsafe {
            let this = self.get_unchecked_mut();
            (this.bytes, Pin::new_unchecked(&mut this.drain))
        };
        loop {
            if drain.state == State::New {
                match drain.writer.write(bytes) {
                    Ok(()) => return Resume::Done(Ok(bytes.len())),
                    Err(WriteError::Full { written: written @ 1.. }) => return Resume::Done(Ok(written)),
                    Err(WriteError::AfterEof) => return Resume::Done(Err(LineError::BrokenPipe)),
                    // There is no room, or `drain` finds out why not.
                    Err(_) => {}
                }
            }
            match drain.as_mut().check(cx) {
                Resume::Done(Ok(())) => {
                    // SAFETY: a drain that is done is in no list.
                    unsafe { drain.as_mut().get_unchecked_mut() }.state = State::New;
                }
                Resume::Done(Err(error)) => return Resume::Done(Err(error)),
                Resume::Pending => return Resume::Pending,
                Resume::Cancelled => return Resume::Cancelled,
            }
        }
    }
}

/// Made by [`StreamWriter::wait_closed`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct WaitClosed<'a> {
    end: WaitForEnd,
    writer: &'a StreamWriter,
}

impl Coroutine for WaitClosed<'_> {
    type Output = Result<(), LineError>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: `end` is structurally pinned: it is never moved out.
        let (end, writer) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.end), this.writer)
        };
        match end.resume(cx) {
            Resume::Pending => Resume::Pending,
            Resume::Cancelled => Resume::Cancelled,
            Resume::Done(()) => Resume::Done(writer.reader.exception().map_or(Ok(()), Err)),
        }
    }
}

impl fmt::Debug for StreamWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StreamWriter").field(&self.transport).finish()
    }
}
