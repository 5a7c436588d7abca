//! The reading end.
//!
//! # The problem
//! Reads wait for bytes that may never come, and are cancelled; none may be lost, and none be read by two tasks.
//!
//! # The design
//! A read is an attempt on the stream, repeated each time when something has come. Bytes are moved out when the attempt
//! succeeds, and not before.
//!
//! # Costs
//! An attempt that looks for a separator looks at each byte once.

use core::fmt;
use core::pin::Pin;
use core::ptr::NonNull;

pub(crate) use super::stream::Stream;
use super::{ReadError, Separators};
use crate::coroutine::{Context, Coroutine, Resume};
use crate::event_loop::{EventLoop, Refused};
use crate::protocol::{Buffered, ProtocolHandle};
use crate::transport::{LimitsError, LineError, WriteError};

/// The reading end of a stream; asyncio's `StreamReader`. A clone is another handle to the same end.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let reader = StreamReader::new::<64>(lp).unwrap(); // or of `open_stream`, `open_connection`, …
/// reader.feed_data(b"one\ntwo").unwrap();
/// reader.feed_eof();
/// let mut line = [0; 16];
/// assert_eq!(lp.run_until_complete(reader.readline(&mut line)), Ok(Ok(4)));
/// assert_eq!(&line[..4], b"one\n");
/// assert_eq!(lp.run_until_complete(reader.readline(&mut line)), Ok(Ok(3)));
/// assert!(reader.at_eof());
/// ```
/// # Cancellation
/// A read that is cancelled, or dropped, has taken nothing out of the stream. (A `readexactly` of more than the stream's
/// buffer holds has: what it had moved to the caller. So has `read_to_end`.)
#[derive(Clone)]
pub struct StreamReader {
    protocol: ProtocolHandle,
    /// In the protocol's object.
    stream: NonNull<Stream<[u8]>>,
}

impl StreamReader {
    /// A stream with a buffer of `N` bytes, at least 2, and a limit of half of that. It reads what is fed to it, by hand or
    /// by the transport that gets its [`StreamReader::protocol`]. asyncio's `StreamReader(limit=…)`, whose buffer may grow to twice
    /// the limit.
    ///
    /// # Errors
    /// If the pool is full or the loop closed.
    pub fn new<const N: usize>(event_loop: &'static EventLoop) -> Result<StreamReader, Refused<()>> {
        let protocol = event_loop
            .create_protocol(Buffered(Stream::<[u8; N]>::new(event_loop)))
            .map_err(|refused| refused.map(drop))?;
        // It was made with this type just now.
        let object = protocol.pointer::<Buffered<Stream<[u8; N]>>>().ok_or(Refused::Closed(()))?;
        // SAFETY: the handle keeps the object.
        let stream = unsafe { NonNull::new_unchecked(&raw mut (*object.as_ptr()).0) };
        Ok(StreamReader { protocol, stream })
    }

    /// What a transport calls; asyncio's `StreamReaderProtocol`.
    pub fn protocol(&self) -> ProtocolHandle {
        self.protocol.clone()
    }

    /// Borrows the stream.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Stream<[u8]>) -> R) -> Option<R> {
        // SAFETY: the handle keeps the object, in which the stream does not move; nobody else refers to it (BORROWED).
        self.protocol.exclusively(|| f(unsafe { &mut *self.stream.as_ptr() }))
    }

    fn reading<'a, T, F>(&'a self, attempt: F) -> Reading<'a, F>
    where
        F: FnMut(&mut Stream<[u8]>) -> Option<Result<T, ReadError>>,
    {
        Reading { reader: self, attempt, waiting: false }
    }

    /// Reads what there is, at least one byte and at most the buffer's length; 0 at the end of the input, or if the buffer has no
    /// length. It costs no turn if there is something. asyncio's `read(n)`.
    ///
    /// When cancelled, it has read nothing.
    ///
    /// # Errors
    /// [`ReadError::Lost`], [`ReadError::AlreadyReading`].
    pub fn read<'a, 'b>(
        &'a self,
        buffer: &'b mut [u8],
    ) -> impl Coroutine<Output = Result<usize, ReadError>> + Future<Output = Result<usize, ReadError>> + Unpin + use<'a, 'b>
    {
        self.reading(move |stream| {
            let count = buffer.len().min(stream.data().len());
            if count == 0 && !buffer.is_empty() && !stream.is_at_end() {
                return None;
            }
            stream.take(buffer, count);
            Some(Ok(count))
        })
    }

    /// Reads until the input ends or the buffer is full, and answers how much. asyncio's `read(-1)`.
    ///
    /// # Errors
    /// [`ReadError::Lost`], [`ReadError::AlreadyReading`].
    ///
    /// # Cancellation
    /// What had come is in the buffer, and lost to the stream.
    pub fn read_to_end<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Coroutine<Output = Result<usize, ReadError>> + Future<Output = Result<usize, ReadError>> + Unpin + use<'a>
    {
        let mut filled = 0;
        self.reading(move |stream| {
            filled += fill(stream, &mut buffer[filled..]);
            (filled == buffer.len() || stream.is_at_end()).then_some(Ok(filled))
        })
    }

    /// Reads until the buffer is full. asyncio's `readexactly`.
    ///
    /// When cancelled, it has read nothing, unless the buffer is longer than the stream's.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let reader = StreamReader::new::<64>(lp).unwrap();
    /// reader.feed_data(b"abcde").unwrap();
    /// reader.feed_eof();
    /// let mut three = [0; 3];
    /// assert_eq!(lp.run_until_complete(reader.readexactly(&mut three)), Ok(Ok(())));
    /// let incomplete = ReadError::Incomplete { partial: 2, expected: Some(3) };
    /// assert_eq!(lp.run_until_complete(reader.readexactly(&mut three)), Ok(Err(incomplete)));
    /// assert_eq!(&three[..2], b"de");
    /// ```
    /// # Errors
    /// [`ReadError::Incomplete`] if the input ends before; the others as for [`StreamReader::read`].
    pub fn readexactly<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Coroutine<Output = Result<(), ReadError>> + Future<Output = Result<(), ReadError>> + Unpin + use<'a> {
        let mut filled = 0;
        self.reading(move |stream| {
            let missing = buffer.len() - filled;
            let ended = stream.is_at_end();
            // What can be there at once is moved at once.
            if ended || stream.data().len() >= missing || missing > stream.capacity() {
                filled += fill(stream, &mut buffer[filled..]);
            }
            match buffer.len() {
                expected if expected == filled => Some(Ok(())),
                expected if ended => Some(Err(ReadError::Incomplete { partial: filled, expected: Some(expected) })),
                _ => None,
            }
        })
    }

    /// Reads up to the separator, and with it, and answers how many bytes that is. Of several [separators](Separators) the one that
    /// ends first. asyncio's `readuntil`.
    ///
    /// When cancelled, it has read nothing.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let reader = StreamReader::new::<16>(lp).unwrap(); // so the limit is 8
    /// reader.feed_data(b"a;b\r\n1234567890").unwrap();
    /// let mut part = [0; 16];
    /// assert_eq!(lp.run_until_complete(reader.readuntil(b";", &mut part)), Ok(Ok(2)));
    /// assert_eq!(lp.run_until_complete(reader.readuntil((b";", b"\r\n"), &mut part)), Ok(Ok(3)));
    /// let overrun = lp.run_until_complete(reader.readuntil(b";", &mut part)).unwrap();
    /// assert!(matches!(overrun, Err(ReadError::LimitOverrun { .. })));
    /// assert_eq!(lp.run_until_complete(reader.read(&mut part)), Ok(Ok(10))); // it is all there
    /// ```
    /// # Errors
    /// [`ReadError::Incomplete`] if the input ends before; [`ReadError::LimitOverrun`] if the separator does not come
    /// within the limit, [`ReadError::BufferTooSmall`], after both of which all bytes are still there;
    /// [`ReadError::EmptySeparator`]; the others as for [`StreamReader::read`].
    pub fn readuntil<'a, S: Separators + 'a>(
        &'a self,
        separators: S,
        buffer: &'a mut [u8],
    ) -> impl Coroutine<Output = Result<usize, ReadError>> + Future<Output = Result<usize, ReadError>> + Unpin + use<'a, S>
    {
        let mut offset = 0;
        self.reading(move |stream| until(stream, &separators, buffer, &mut offset))
    }

    /// Reads a line and its `\n`; at the end of the input what is left, then nothing. asyncio's `readline`.
    ///
    /// When cancelled, it has read nothing.
    ///
    /// # Errors
    /// [`ReadError::LineTooLong`] if it is longer than the limit: then it is gone. [`ReadError::BufferTooSmall`]: then it is
    /// still there. The others as for [`StreamReader::read`].
    pub fn readline<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Coroutine<Output = Result<usize, ReadError>> + Future<Output = Result<usize, ReadError>> + Unpin + use<'a>
    {
        let mut offset = 0;
        self.reading(move |stream| match until(stream, &b"\n".as_slice(), buffer, &mut offset)? {
            Err(ReadError::Incomplete { partial, .. }) => Some(Ok(partial)),
            Err(ReadError::LimitOverrun { consumed }) => {
                let dropped =
                    if stream.data().get(consumed) == Some(&b'\n') { consumed + 1 } else { stream.data().len() };
                stream.consume(dropped);
                Some(Err(ReadError::LineTooLong))
            }
            result => Some(result),
        })
    }

    /// Whether the input has ended and everything of it was read. asyncio's `at_eof`.
    pub fn at_eof(&self) -> bool {
        self.with(|stream| stream.is_at_end() && stream.data().is_empty()).unwrap_or(false)
    }

    /// Whether [`StreamReader::read`] would answer at once.
    pub(super) fn is_ready(&self) -> bool {
        self.with(|stream| stream.error.is_some() || stream.is_at_end() || !stream.data().is_empty()).unwrap_or(true)
    }

    /// Why the connection was lost. asyncio's `exception`.
    pub fn exception(&self) -> Option<LineError> {
        self.with(|stream| stream.error).flatten()
    }

    /// How long a line may be, and half of what may wait to be read: at first half of the buffer. asyncio's `limit`, which is
    /// chosen when the stream is opened.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let reader = StreamReader::new::<64>(lp).unwrap();
    /// reader.set_limit(4).unwrap();
    /// reader.feed_data(b"too long\nfine\n").unwrap();
    /// let mut line = [0; 64];
    /// assert_eq!(lp.run_until_complete(reader.readline(&mut line)), Ok(Err(ReadError::LineTooLong)));
    /// assert_eq!(lp.run_until_complete(reader.readline(&mut line)), Ok(Ok(5)));
    /// ```
    ///
    /// # Errors
    /// It must be at least 1 and less than the buffer's length.
    pub fn set_limit(&self, limit: usize) -> Result<(), LimitsError> {
        self.with(|stream| stream.set_limit(limit)).filter(|valid| *valid).map(drop).ok_or(LimitsError)
    }

    /// Appends to what waits to be read, as a transport does. asyncio's `feed_data`, whose buffer has no end.
    ///
    /// # Errors
    /// [`WriteError::Full`] says how many bytes had room.
    pub fn feed_data(&self, data: &[u8]) -> Result<(), WriteError> {
        let written = self.with(|stream| stream.feed(data)).unwrap_or(0);
        if written == data.len() { Ok(()) } else { Err(WriteError::Full { written }) }
    }

    /// Ends the input; asyncio's `feed_eof`.
    pub fn feed_eof(&self) {
        self.with(Stream::feed_eof);
    }

    /// Every read fails from now on; asyncio's `set_exception`. One that waits gets what has come before, if that is enough for it.
    pub fn set_exception(&self, error: LineError) {
        self.with(|stream| stream.fail(error));
    }
}

/// Moves what there is, as much as fits.
fn fill(stream: &mut Stream<[u8]>, buffer: &mut [u8]) -> usize {
    let count = buffer.len().min(stream.data().len());
    stream.take(buffer, count);
    count
}

/// One attempt of `readuntil`. No separator ends before `offset`, or begins before it and ends behind it.
fn until(
    stream: &mut Stream<[u8]>,
    separators: &impl Separators,
    buffer: &mut [u8],
    offset: &mut usize,
) -> Option<Result<usize, ReadError>> {
    let (shortest, longest) = separators.lengths();
    if shortest == 0 {
        return Some(Err(ReadError::EmptySeparator));
    }
    let data = stream.data();
    let (count, ended) = match separators.find(data.get(*offset..)?) {
        Some((start, end)) => {
            if *offset + start > stream.limit() {
                return Some(Err(ReadError::LimitOverrun { consumed: *offset + start }));
            }
            (*offset + end, false)
        }
        None => {
            *offset = (data.len() + 1).saturating_sub(longest).max(*offset);
            if *offset > stream.limit() || stream.is_full() {
                return Some(Err(ReadError::LimitOverrun { consumed: *offset }));
            }
            if !stream.is_at_end() {
                return None;
            }
            (data.len(), true)
        }
    };
    if count > buffer.len() {
        return Some(Err(ReadError::BufferTooSmall { needed: count }));
    }
    stream.take(buffer, count);
    Some(if ended { Err(ReadError::Incomplete { partial: count, expected: None }) } else { Ok(count) })
}

/// A read: an attempt that is repeated.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Reading<'a, F> {
    reader: &'a StreamReader,
    attempt: F,
    waiting: bool,
}

// Nothing in it is ever pinned.
impl<F> Unpin for Reading<'_, F> {}

impl<T, F> Coroutine for Reading<'_, F>
where
    F: FnMut(&mut Stream<[u8]>) -> Option<Result<T, ReadError>>,
{
    type Output = Result<T, ReadError>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        let this = self.get_mut();
        if this.waiting && cx.take_cancel() {
            this.stop();
            return Resume::Cancelled;
        }
        let (attempt, waiting) = (&mut this.attempt, this.waiting);
        let result = this.reader.with(|stream| {
            if let Some(error) = stream.error {
                // What came before the error is for the one who waited for it.
                let read = if waiting && stream.was_woken() { attempt(stream) } else { None };
                return Some(read.unwrap_or(Err(ReadError::Lost(error))));
            }
            attempt(stream).or_else(|| stream.wait(cx.waker(), waiting).err().map(Err))
        });
        // QUIET.
        match result.unwrap_or(Some(Err(ReadError::AlreadyReading))) {
            Some(result) => {
                this.stop();
                Resume::Done(result)
            }
            None => {
                this.waiting = true;
                Resume::Pending
            }
        }
    }
}

impl<F> Reading<'_, F> {
    fn stop(&mut self) {
        if core::mem::take(&mut self.waiting) {
            self.reader.with(Stream::stop_waiting);
        }
    }
}

impl<F> Drop for Reading<'_, F> {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader").field("at_eof", &self.at_eof()).finish_non_exhaustive()
    }
}
