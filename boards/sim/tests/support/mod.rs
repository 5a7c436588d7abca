//! Programs for the simulator's own tests, written by hand, without the macro.
#![allow(dead_code)]

use std::pin::Pin as StdPin;

use embedded_hal::digital::StatefulOutputPin;
use embedded_hal_nb::serial::{Read, Write};
use segno::EventLoop;
use segno::transport::{LineError, Serial};
use segno::{Context, Coroutine, Resume};
use segno_sim::{Board, Duration, Pin, Uart};

/// Toggles `led` every `period`, for ever.
pub fn blink(lp: &'static EventLoop, mut led: Pin, period: Duration) {
    let toggle = move |lp| {
        led.toggle().unwrap();
        blink(lp, led, period);
    };
    lp.call_later(period, toggle).ok().unwrap();
}

/// A node that only blinks.
pub fn blinker(period: Duration) -> impl FnOnce(Board) + Send + 'static {
    move |board: Board| {
        let lp = board.event_loop();
        blink(lp, board.pin("led"), period);
        lp.run_forever().unwrap();
    }
}

/// Sends every byte back, `!` for an error, until the input ends; answers how many bytes there were.
pub struct Echo {
    serial: Uart,
    answer: Option<u8>,
    count: usize,
}

impl Echo {
    pub fn new(serial: Uart) -> Echo {
        Echo { serial, answer: None, count: 0 }
    }
}

impl Coroutine for Echo {
    type Output = usize;

    fn resume(mut self: StdPin<&mut Self>, _: &mut Context<'_>) -> Resume<usize> {
        loop {
            if let Some(byte) = self.answer {
                match self.serial.write(byte) {
                    Err(nb::Error::WouldBlock) => return Resume::Pending,
                    Err(nb::Error::Other(error)) => panic!("the line failed: {error:?}"),
                    Ok(()) => self.answer = None,
                }
            }
            match self.serial.read() {
                Ok(byte) => {
                    self.answer = Some(byte);
                    self.count += 1;
                }
                Err(nb::Error::WouldBlock) => return Resume::Pending,
                Err(nb::Error::Other(LineError::Closed)) => return Resume::Done(self.count),
                Err(nb::Error::Other(_)) => self.answer = Some(b'!'),
            }
        }
    }
}

/// A node that echoes on UART 0, with a blinking LED beside it, and prints the count at the end.
pub fn echoer(board: Board) {
    let lp = board.event_loop();
    blink(lp, board.pin("led"), Duration::from_millis(500));
    let count = lp.run_until_complete(Echo::new(board.uart(0))).unwrap();
    segno::println!("{} bytes", count);
}

/// Sends bytes and waits until the last one has left.
pub struct Say {
    serial: Uart,
    bytes: Vec<u8>,
    sent: usize,
}

impl Say {
    pub fn new(serial: Uart, bytes: Vec<u8>) -> Say {
        Say { serial, bytes, sent: 0 }
    }
}

impl Coroutine for Say {
    type Output = ();

    fn resume(mut self: StdPin<&mut Self>, _: &mut Context<'_>) -> Resume<()> {
        let Say { serial, bytes, sent } = &mut *self;
        while *sent < bytes.len() {
            match serial.try_write(&bytes[*sent..]) {
                Err(nb::Error::WouldBlock) => return Resume::Pending,
                result => *sent += result.unwrap(),
            }
        }
        match serial.try_flush() {
            Err(nb::Error::WouldBlock) => Resume::Pending,
            Err(nb::Error::Other(error)) => panic!("the line failed: {error:?}"),
            Ok(()) => Resume::Done(()),
        }
    }
}
