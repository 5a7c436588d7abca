//! Echo: a session on a serial line, written as if it had the chip for itself.
//!
//! Every line is written back. The session ends when the other side ends it (end of input, or Ctrl-D at the start of a
//! line), or when no line has been ended for thirty seconds. [`lines`](crate::lines) is the same service as a protocol.

use embedded_hal_nb::serial::{Error, ErrorKind, Read, Write};
use segno::prelude::*;

use crate::line::{GOODBYE, Input, Line, PATIENCE, PROMPT};

/// Reads until there is something to answer. `line` is the caller's: what a cancelled read has received stays in it.
#[segno::coroutine]
fn read_line<S: Read<u8>>(serial: &mut S, line: &mut Line) -> Result<Input, S::Error> {
    loop {
        // In a coroutine `block!` does not spin: it sleeps until the port's interrupt, and other tasks run.
        let byte = block!(serial.read())?;
        if let Some(input) = line.push(byte) {
            return Ok(input);
        }
    }
}

#[segno::coroutine]
fn print<S: Write<u8>>(serial: &mut S, text: &str) -> Result<(), S::Error> {
    for byte in text.bytes() {
        block!(serial.write(byte))?;
    }
    Ok(())
}

/// Cancels the running task if it goes on to read for too long. Without memory for a timer there is no timeout.
fn start_timeout(lp: &'static EventLoop) -> Option<TimerHandle> {
    let session = lp.current_task()?;
    let give_up = move |_: &EventLoop| {
        session.cancel();
    };
    lp.call_later(PATIENCE.secs(), give_up).ok()
}

/// Answers lines until the input ends (`Ok`) or the port does not work any more (`Err`).
#[segno::coroutine]
async fn serve<S: Read<u8> + Write<u8>>(lp: &'static EventLoop, serial: &mut S) -> Result<(), S::Error> {
    let mut line = Line::new();
    print(serial, PROMPT).await?;
    loop {
        let timeout = start_timeout(lp);
        let input = read_line(serial, &mut line).await;
        if let Some(timeout) = timeout {
            timeout.cancel();
        }
        match input {
            Ok(Input::Answer) => print(serial, line.answer()).await?,
            Ok(Input::End) => return Ok(()),
            Err(error) => match error.kind() {
                // Bytes were lost, and the line goes on.
                ErrorKind::Overrun => print(serial, "error: overrun\n").await?,
                ErrorKind::FrameFormat => print(serial, "error: framing\n").await?,
                ErrorKind::Parity => print(serial, "error: parity\n").await?,
                ErrorKind::Noise => print(serial, "error: noise\n").await?,
                // There is no word for the end of input in embedded-hal: it is one of the other kinds.
                _ => return print(serial, line.finish()).await,
            },
        }
    }
}

#[segno::coroutine]
async fn session<S: Read<u8> + Write<u8>>(lp: &'static EventLoop, mut serial: S) {
    // The timeout cancels this task wherever it waits. Caught here, the cancellation ends there.
    if let Err(Cancelled) = serve(lp, &mut serial).catch_cancel().await {
        print(&mut serial, GOODBYE).await.ok();
    }
    block!(serial.flush()).ok();
    lp.stop();
}

/// Runs one session on `serial` and returns.
pub fn main<S: Read<u8> + Write<u8> + 'static>(lp: &'static EventLoop, serial: S) {
    match lp.create_task(session(lp, serial)) {
        Ok(_) => lp.run_forever().unwrap_or_else(|error| println!("error: {error}")),
        Err(refused) => println!("error: {refused}"),
    }
    lp.close().ok();
}
