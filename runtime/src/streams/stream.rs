//! The protocol below a reader and a writer.
//!
//! # The problem
//! What is received must wait for whoever reads it, without growing; what is written must wait for whoever drains it.
//!
//! # The design
//! [`Stream`] has the bytes between `start` and `end` of its buffer. The transport is paused above twice the limit, or when
//! there is no room, and resumed at the limit, or when a reader must wait: asyncio's rule. One task may wait for data;
//! any number may wait until the writer goes on, in an intrusive list.
//!
//! # Costs
//! Bytes move to the front of the buffer when less than half of it is free behind them.

use core::cell::Cell;

use super::ReadError;
use crate::coroutine::Waker;
use crate::event_loop::EventLoop;
use crate::list::{Link, List};
use crate::protocol::BufferedProtocol;
use crate::transport::{LineError, ReadTransport, Transport, TransportHandle};

/// A task that drains: in its frame.
#[repr(C)]
pub(super) struct Drainer {
    pub link: Link,
    pub waker: Cell<Waker>,
}

/// The protocol. `B` is an array, or for its handles a slice.
pub struct Stream<B: ?Sized> {
    event_loop: &'static EventLoop,
    start: usize,
    end: usize,
    limit: usize,
    eof: bool,
    /// The transport was paused by this.
    paused: bool,
    /// `pause_writing` was called.
    pub(super) writing_paused: bool,
    /// `connection_lost` was called.
    pub(super) lost: bool,
    pub(super) error: Option<LineError>,
    /// Who waits for data.
    reader: Option<Waker>,
    /// Something has come for that one, before any error.
    woken: bool,
    drainers: List,
    pub(super) transport: Option<TransportHandle>,
    buffer: B,
}

impl<const N: usize> Stream<[u8; N]> {
    pub(super) fn new(event_loop: &'static EventLoop) -> Stream<[u8; N]> {
        const { assert!(N > 1, "a stream needs room for two bytes") };
        Stream {
            event_loop,
            start: 0,
            end: 0,
            limit: N / 2,
            eof: false,
            paused: false,
            writing_paused: false,
            lost: false,
            error: None,
            reader: None,
            woken: false,
            drainers: List::new(),
            transport: None,
            buffer: [0; N],
        }
    }
}

impl Stream<[u8]> {
    pub(super) fn data(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// False if the limit is none.
    pub(super) fn set_limit(&mut self, limit: usize) -> bool {
        let valid = limit > 0 && limit < self.buffer.len();
        if valid {
            self.limit = limit;
        }
        valid
    }

    pub(super) fn is_full(&self) -> bool {
        self.end - self.start == self.buffer.len()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.eof
    }

    /// The bytes in front have been read.
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.end - self.start <= self.limit {
            self.resume_reading();
        }
    }

    /// Moves the bytes in front to `to`.
    pub(super) fn take(&mut self, to: &mut [u8], count: usize) {
        to[..count].copy_from_slice(&self.data()[..count]);
        self.consume(count);
    }

    fn resume_reading(&mut self) {
        if core::mem::take(&mut self.paused)
            && let Some(transport) = &mut self.transport
        {
            transport.resume_reading();
        }
    }

    /// Free room, at least half of the buffer if there is so much.
    fn room(&mut self) -> &mut [u8] {
        if self.start > 0 && self.buffer.len() - self.end < self.buffer.len() / 2 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        &mut self.buffer[self.end..]
    }

    /// So many bytes have been put into the room.
    fn received(&mut self, count: usize) {
        self.end += count.min(self.buffer.len() - self.end);
        self.woken |= self.error.is_none();
        self.wake_reader();
        if !self.paused
            && (self.data().len() > self.limit.saturating_mul(2) || self.is_full())
            && let Some(transport) = &mut self.transport
        {
            transport.pause_reading();
            self.paused = true;
        }
    }

    /// Copies bytes in, as many as fit.
    pub(super) fn feed(&mut self, data: &[u8]) -> usize {
        let needed = data.len().min(self.buffer.len() - (self.end - self.start));
        if self.buffer.len() - self.end < needed {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        self.buffer[self.end..self.end + needed].copy_from_slice(&data[..needed]);
        if needed > 0 {
            self.received(needed);
        }
        needed
    }

    pub(super) fn feed_eof(&mut self) {
        self.eof = true;
        self.woken |= self.error.is_none();
        self.wake_reader();
    }

    pub(super) fn fail(&mut self, error: LineError) {
        self.error = Some(error);
        self.wake_reader();
    }

    fn wake_reader(&self) {
        if let Some(reader) = self.reader {
            self.event_loop.wake(reader);
        }
    }

    /// The task is to be woken when something has come.
    ///
    /// # Errors
    /// Another task waits already.
    pub(super) fn wait(&mut self, waker: Waker, waiting: bool) -> Result<(), ReadError> {
        if self.reader.is_some() && !waiting {
            return Err(ReadError::AlreadyReading);
        }
        self.reader = Some(waker);
        self.woken = false;
        self.resume_reading();
        Ok(())
    }

    /// Whether the task that waits has been woken by something that came, and not by an error.
    pub(super) fn was_woken(&self) -> bool {
        self.woken
    }

    pub(super) fn stop_waiting(&mut self) {
        self.reader = None;
    }

    /// Lists a task to be woken when the writer may go on.
    ///
    /// # Safety
    /// It is in no list; it is pinned, and [`Stream::leave`] is called before it goes away.
    pub(super) unsafe fn join(&mut self, drainer: &Drainer) {
        // SAFETY: LINKED, by the caller's promise; WHOLE: the link is its first field.
        unsafe { self.drainers.push_back((&raw const *drainer).cast()) };
    }

    pub(super) fn leave(&mut self, drainer: &Drainer) {
        if drainer.link.is_linked() {
            // SAFETY: it is in this list, the only one that it is ever in.
            unsafe { self.drainers.remove((&raw const *drainer).cast()) };
        }
    }

    fn wake_drainers(&mut self) {
        loop {
            let first = self.drainers.first();
            if first.is_null() {
                return;
            }
            // SAFETY: LINKED; WHOLE: it is a drainer's.
            unsafe {
                let waker = (*first.cast::<Drainer>()).waker.get();
                self.drainers.remove(first);
                self.event_loop.wake(waker);
            }
        }
    }
}

impl<const N: usize> Stream<[u8; N]> {
    /// The same, without the size.
    pub(super) fn slice(&mut self) -> &mut Stream<[u8]> {
        self
    }
}

impl<const N: usize> BufferedProtocol for Stream<[u8; N]> {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        self.transport = Some(transport.handle());
    }

    fn get_buffer(&mut self, _: usize) -> &mut [u8] {
        self.slice().room()
    }

    fn buffer_updated(&mut self, _: &mut dyn Transport, count: usize) {
        self.slice().received(count);
    }

    /// Half open: the writer goes on.
    fn eof_received(&mut self, _: &mut dyn Transport) -> bool {
        self.slice().feed_eof();
        true
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.lost = true;
        match cause {
            None => self.slice().feed_eof(),
            Some(error) => self.slice().fail(error),
        }
        self.slice().wake_drainers();
        // The transport refers to this, and this to the transport.
        self.transport = None;
    }

    fn pause_writing(&mut self) {
        self.writing_paused = true;
    }

    fn resume_writing(&mut self) {
        self.writing_paused = false;
        self.slice().wake_drainers();
    }
}
