//! A UART for tests, whose other end is the test.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use super::{Received, UartHardware};

/// What the transmitter takes before the line does.
const TRANSMITTER: usize = 4;

/// A UART with a receiver that has room for everything, and a transmitter of four bytes.
#[derive(Default)]
pub struct Fake(Mutex<Line>);

#[derive(Default)]
pub struct Line {
    received: VecDeque<Received>,
    transmitter: VecDeque<u8>,
    sent: Vec<u8>,
    pub receive_masked: bool,
    pub room_unmasked: bool,
    requested: bool,
}

impl Fake {
    pub fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap()
    }

    /// Calls the handler as long as there is a reason. If the line is `moving`, it takes what the transmitter holds.
    pub fn interrupts(&self, moving: bool, handler: impl Fn()) {
        loop {
            let due = self.line().is_due();
            let sent = moving && self.line().transmit();
            if due {
                handler();
            } else if !sent {
                return;
            }
        }
    }

    /// What has left since this was asked last.
    pub fn sent(&self) -> Vec<u8> {
        std::mem::take(&mut self.line().sent)
    }
}

impl Line {
    pub fn arrive(&mut self, received: impl IntoIterator<Item = Received>) {
        self.received.extend(received);
    }

    /// The line takes what the transmitter holds; false if that is nothing.
    pub fn transmit(&mut self) -> bool {
        let before = self.sent.len();
        self.sent.extend(self.transmitter.drain(..));
        self.sent.len() > before
    }

    fn has_room(&self) -> bool {
        self.transmitter.len() < TRANSMITTER
    }

    /// Whether there is an interrupt. One that was asked for comes once.
    fn is_due(&mut self) -> bool {
        let received = !self.receive_masked && !self.received.is_empty();
        let room = self.room_unmasked && self.has_room();
        std::mem::take(&mut self.requested) || received || room
    }
}

impl UartHardware for Fake {
    fn receive(&self) -> Option<Received> {
        self.line().received.pop_front()
    }

    fn can_send(&self) -> bool {
        self.line().has_room()
    }

    fn send(&self, byte: u8) {
        let mut line = self.line();
        assert!(line.has_room());
        line.transmitter.push_back(byte);
    }

    fn is_sending(&self) -> bool {
        !self.line().transmitter.is_empty()
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.line().receive_masked = !on;
    }

    fn interrupt_on_room(&self, on: bool) {
        self.line().room_unmasked = on;
    }

    fn acknowledge(&self) {}

    fn request_interrupt(&self) {
        self.line().requested = true;
    }
}

/// Bytes as they arrive if nothing is wrong with them.
pub fn good(bytes: &[u8]) -> impl Iterator<Item = Received> {
    bytes.iter().map(|&byte| plain(byte))
}

/// One of them.
pub fn plain(byte: u8) -> Received {
    Received { overrun: false, byte: Ok(byte) }
}
