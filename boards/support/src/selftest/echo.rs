//! A coroutine written by hand that receives a line and sends it back: the drivers, the wakers and the loop together,
//! without the macro.

use core::pin::Pin;

use segno::time::{Duration, Instant};
use segno::transport::Serial;
use segno::{Context, Coroutine, Resume, TimerHandle};

use super::{Bench, Outcome};

/// How many bytes of a line are sent back. All of them are counted.
const KEPT: usize = 256;

/// How long the session waits before it looks at the time. Short, because an emulator whose time leaps while the
/// processor sleeps delivers its input at the pace of the host, however long the sleep.
const STEP: Duration = Duration::from_millis(1);

/// What the session does next. Each phase ends with an operation that may have to wait.
#[derive(Clone, Copy)]
enum Phase {
    Receive,
    /// The next byte to send.
    Send(usize),
    Flush,
}

pub(super) struct Session<'a, U> {
    bench: &'a Bench,
    uart: &'a mut U,
    deadline: Instant,
    look_again: Option<TimerHandle>,
    phase: Phase,
    line: [u8; KEPT],
    /// How many bytes were received, and a checksum of them.
    received: usize,
    sum: u32,
}

impl<'a, U: Serial> Session<'a, U> {
    pub(super) fn new(bench: &'a Bench, uart: &'a mut U, deadline: Instant) -> Session<'a, U> {
        Session { bench, uart, deadline, look_again: None, phase: Phase::Receive, line: [0; KEPT], received: 0, sum: 0 }
    }

    /// One byte more: the next phase.
    fn take(&mut self, byte: u8) -> Phase {
        if let Some(place) = self.line.get_mut(self.received) {
            *place = byte;
        }
        if byte == b'\n' {
            return Phase::Send(0);
        }
        self.received += 1;
        self.sum = self.sum.wrapping_mul(31).wrapping_add(byte.into());
        Phase::Receive
    }

    /// Goes on for as long as nothing has to wait.
    fn run(&mut self) -> nb::Result<Outcome, segno::transport::LineError> {
        loop {
            self.phase = match self.phase {
                Phase::Receive => {
                    let mut byte = [0];
                    match self.uart.try_read(&mut byte) {
                        Ok(_) => self.take(byte[0]),
                        Err(nb::Error::Other(error)) => {
                            self.bench.report(format_args!("uart: {error} after {} bytes", self.received));
                            Phase::Receive
                        }
                        Err(nb::Error::WouldBlock) => return Err(nb::Error::WouldBlock),
                    }
                }
                Phase::Send(next) => {
                    let length = KEPT.min(self.received + 1);
                    match &self.line[next..length] {
                        [] => Phase::Flush,
                        rest => Phase::Send(next + self.uart.try_write(rest)?),
                    }
                }
                Phase::Flush => {
                    self.uart.try_flush()?;
                    self.bench.report(format_args!("uart: {} bytes, sum {:#010x}", self.received, self.sum));
                    return Ok(Ok(()));
                }
            }
        }
    }
}

impl<U: Serial> Coroutine for Session<'_, U> {
    type Output = Outcome;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Outcome> {
        let this = self.get_mut();
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        match this.run() {
            Ok(outcome) => Resume::Done(outcome),
            Err(nb::Error::Other(_)) => Resume::Done(Err("the UART cannot send")),
            Err(nb::Error::WouldBlock) if this.bench.clock.now() >= this.deadline => {
                this.bench.report(format_args!("uart: no line received, {} bytes", this.received));
                Resume::Done(Ok(()))
            }
            Err(nb::Error::WouldBlock) => {
                let Some(lp) = cx.event_loop() else { return Resume::Done(Err("there is no loop")) };
                if this.look_again.as_ref().is_none_or(|timer| timer.when() <= lp.time()) {
                    let waker = cx.waker();
                    match lp.call_later(STEP, move |lp| lp.remote().wake(waker)) {
                        Ok(timer) => this.look_again = Some(timer),
                        Err(_) => return Resume::Done(Err("the loop's memory is full")),
                    }
                }
                Resume::Pending
            }
        }
    }
}
