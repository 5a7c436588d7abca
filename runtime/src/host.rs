//! For tests on a host (feature `std`): a clock, and a line.
//!
//! # The problem
//! A test that waits for real time is slow, and different each time; and one of a protocol wants the other end of its line.
//!
//! # The design
//! A [`VirtualClock`] stands still while the loop works and jumps to the next deadline when it idles. A [`pair`] is a line in
//! memory, whose ends are devices like any other. What more there is to a machine, the simulator has.
//!
//! # Costs
//! None on a chip.

use core::sync::atomic::{AtomicU64, Ordering};
use std::boxed::Box;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::board::{Clock, Idle};
use crate::time::{Duration, Instant};
use crate::transport::{ByteStream, Info, LineError};
use crate::waker_cell::WakerCell;

/// Time that passes only while the loop sleeps, and then at once. asyncio has nothing like it.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::host::VirtualClock;
/// static CLOCK: VirtualClock = VirtualClock::new();
///
/// let lp = segno::new_event_loop(&CLOCK, 1024);
/// lp.run_until_complete(sleep(100_000.secs())).unwrap(); // takes no time
/// CLOCK.advance(5.secs());
/// assert_eq!(lp.time(), Instant::from_ticks(100_005_000_000));
/// ```
///
/// # Panics
/// Idling without a deadline panics: "deadlock: nothing is ready and no timer is set". The panic comes out of the run.
#[derive(Debug, Default)]
pub struct VirtualClock {
    now: AtomicU64,
}

impl VirtualClock {
    /// A clock at zero.
    pub const fn new() -> VirtualClock {
        VirtualClock { now: AtomicU64::new(0) }
    }

    /// A clock at zero, leaked.
    pub fn leaked() -> &'static VirtualClock {
        Box::leak(Box::new(VirtualClock::new()))
    }

    /// Lets time pass, as a long computation would.
    pub fn advance(&self, duration: Duration) {
        self.now.fetch_add(duration.as_ticks(), Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.now.load(Ordering::Relaxed))
    }

    fn idle(&self, idle: &Idle) {
        if !idle.pending() {
            let deadline = idle.deadline().expect("deadlock: nothing is ready and no timer is set");
            self.now.fetch_max(deadline.as_ticks(), Ordering::Relaxed);
        }
    }
}

/// One direction of a pair.
#[derive(Debug, Default)]
struct Direction {
    bytes: VecDeque<u8>,
    capacity: usize,
    ended: bool,
    /// The reader is gone.
    broken: bool,
    reader: WakerCell,
    writer: WakerCell,
}

/// Makes a line in memory: what is written to one end can be read from the other. As many bytes as `capacity` says wait in each
/// direction; then the writer must. What asyncio's tests use `socket.socketpair()` for.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, there) = segno::host::pair(64);
/// let (_, writer) = lp.run_until_complete(lp.open_stream::<64, 64>(here)).unwrap().unwrap();
/// let (reader, _) = lp.run_until_complete(lp.open_stream::<64, 64>(there)).unwrap().unwrap();
/// writer.write(b"hello").unwrap();
/// let mut buffer = [0; 8];
/// assert_eq!(lp.run_until_complete(reader.read(&mut buffer)), Ok(Ok(5)));
/// ```
pub fn pair(capacity: usize) -> (PairEnd, PairEnd) {
    let direction = || Rc::new(RefCell::new(Direction { capacity, ..Direction::default() }));
    let (one, other) = (direction(), direction());
    (PairEnd { input: one.clone(), output: other.clone() }, PairEnd { input: other, output: one })
}

/// One end of a [`pair`]. Dropping it ends both directions.
#[derive(Debug)]
pub struct PairEnd {
    input: Rc<RefCell<Direction>>,
    output: Rc<RefCell<Direction>>,
}

impl ByteStream for PairEnd {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        let mut input = self.input.borrow_mut();
        if input.bytes.is_empty() && !input.ended {
            input.reader.register_current();
            return Err(nb::Error::WouldBlock);
        }
        let count = buffer.len().min(input.bytes.len());
        buffer.iter_mut().zip(input.bytes.drain(..count)).for_each(|(slot, byte)| *slot = byte);
        input.writer.wake();
        Ok(count)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        let mut output = self.output.borrow_mut();
        if output.broken {
            return Err(nb::Error::Other(LineError::BrokenPipe));
        }
        let count = bytes.len().min(output.capacity.saturating_sub(output.bytes.len()));
        if count == 0 && !bytes.is_empty() {
            output.writer.register_current();
            return Err(nb::Error::WouldBlock);
        }
        output.bytes.extend(&bytes[..count]);
        output.reader.wake();
        Ok(count)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }

    fn can_write_eof(&self) -> bool {
        true
    }

    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        let mut output = self.output.borrow_mut();
        output.ended = true;
        output.reader.wake();
        Ok(())
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        (name == "socket").then_some(Info::Text("a pair in memory"))
    }
}

impl Drop for PairEnd {
    fn drop(&mut self) {
        let mut input = self.input.borrow_mut();
        input.broken = true;
        input.writer.wake();
        let mut output = self.output.borrow_mut();
        output.ended = true;
        output.reader.wake();
    }
}
