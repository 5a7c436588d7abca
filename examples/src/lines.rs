//! Lines: the service of [`echo`](crate::echo) as a protocol, which is called when something happens.
//!
//! A protocol does not know where its bytes come from. Whoever connects it decides that: here, a serial port.

use segno::Refused;
use segno::prelude::*;
use segno::protocol::Protocol;
use segno::transport::{LineError, Serial, Transport, TransportHandle};

use crate::line::{ANSWER, GOODBYE, Input, Line, PATIENCE, PROMPT};

/// How many bytes are received at a time.
const RECEIVE: usize = 16;

/// Room for what is to be sent. [`HIGH_MARK`] and one call of `data_received` fit: that call can end a line which began
/// before, and then a line that is not text with every other byte, whose answer has 33 bytes.
const TRANSMIT: usize = HIGH_MARK + ANSWER + RECEIVE / 2 * 33;

/// With more than this to be sent, nothing is received.
const HIGH_MARK: usize = 256;

/// The state of one connection.
#[derive(Default)]
struct Lines {
    line: Line,
    timeout: Option<TimerHandle>,
    transport: Option<TransportHandle>,
}

impl Lines {
    /// Grants the other side its time again.
    fn restart_timeout(&mut self, transport: &dyn Transport) {
        self.cancel_timeout();
        let mut transport = transport.handle();
        let timeout = transport.event_loop().call_later(PATIENCE.secs(), move |_| {
            send(&mut transport, GOODBYE);
            transport.close();
        });
        // Without memory for a timer there is no timeout, and the connection goes on.
        self.timeout = timeout.ok();
    }

    fn cancel_timeout(&mut self) {
        if let Some(timeout) = self.timeout.take() {
            timeout.cancel();
        }
    }
}

/// There is room for whatever is sent here. If there were not: rather no connection than one that loses bytes.
fn send(transport: &mut dyn Transport, text: &str) {
    if transport.write(text.as_bytes()).is_err() {
        transport.abort();
    }
}

impl Protocol for Lines {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        self.transport = Some(transport.handle());
        transport.set_write_buffer_limits(Some(HIGH_MARK), None).ok();
        send(transport, PROMPT);
        self.restart_timeout(transport);
    }

    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        for &byte in data {
            match self.line.push(byte) {
                None => {}
                Some(Input::Answer) => {
                    send(transport, self.line.answer());
                    self.restart_timeout(transport);
                }
                Some(Input::End) => return transport.close(),
            }
        }
    }

    fn eof_received(&mut self, transport: &mut dyn Transport) -> bool {
        send(transport, self.line.finish());
        // The transport sends what is left, and closes itself.
        false
    }

    fn line_error(&mut self, transport: &mut dyn Transport, error: LineError) {
        match error {
            // Bytes were lost, and the line goes on.
            LineError::Overrun => send(transport, "error: overrun\n"),
            LineError::Framing => send(transport, "error: framing\n"),
            LineError::Parity => send(transport, "error: parity\n"),
            LineError::Break => send(transport, "error: break\n"),
            // Nothing more can be read. Whether an answer can be written, the transport will find out.
            _ => {
                self.eof_received(transport);
                return transport.close();
            }
        }
        self.restart_timeout(transport);
    }

    fn pause_writing(&mut self) {
        if let Some(transport) = &mut self.transport {
            transport.pause_reading();
        }
    }

    fn resume_writing(&mut self) {
        if let Some(transport) = &mut self.transport {
            transport.resume_reading();
        }
    }

    fn connection_lost(&mut self, _: Option<LineError>) {
        self.cancel_timeout();
    }
}

#[segno::coroutine]
async fn serve(lp: &'static EventLoop, serial: impl Serial + 'static) -> Result<(), Refused<()>> {
    let (transport, _) = lp.connect_uart::<RECEIVE, TRANSMIT>(serial, Lines::default()).await?;
    transport.wait_closed().await;
    Ok(())
}

/// Serves one connection on `serial` and returns.
pub fn main(lp: &'static EventLoop, serial: impl Serial + 'static) {
    match lp.run_until_complete(serve(lp, serial)) {
        Ok(Ok(())) => {}
        Ok(Err(refused)) => println!("error: {refused}"),
        Err(error) => println!("error: {error}"),
    }
    lp.close().ok();
}
