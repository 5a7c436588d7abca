//! The other end of a UART's line, as a test has it.

use std::fmt;
use std::ops::Deref;

use segno::Instant;
use segno::transport::LineError;

use super::line::{Item, UartState};
use crate::node::Node;
use crate::random::Random;
use crate::world::Event;

/// The other end of a node's UART: scripts what it receives, and shows what it sent.
#[derive(Clone)]
pub struct UartHandle {
    pub(crate) node: Node,
    pub(crate) index: usize,
}

impl UartHandle {
    pub(crate) fn new(node: Node, index: usize) -> UartHandle {
        UartHandle { node, index }
    }

    fn with<R>(&self, work: impl FnOnce(&mut UartState) -> R) -> R {
        work(self.node.world.lock().uart(self.node.index, self.index))
    }

    /// Gives the line this many bits a second, in both directions: bytes take time (ten bits each) and the rings have
    /// their sizes. 0 makes it a pipe again. Call it before bytes are on their way.
    pub fn baud(&self, baud: u32) -> &UartHandle {
        self.with(|uart| uart.set_baud(baud));
        self
    }

    /// The sizes of the receive and the transmit ring in bytes, 64 each at first. They count on a line with a baud rate.
    pub fn rings(&self, receive: usize, transmit: usize) -> &UartHandle {
        assert!(transmit > 0, "a transmit ring without room would never send");
        self.with(|uart| {
            uart.receive_capacity = receive;
            uart.transmit_capacity = transmit;
        });
        self
    }

    /// Whether the other end keeps to RTS and CTS: then it waits while the receive ring is full, and nothing overruns. The other end
    /// is a script, or the UART that this one is connected to. It counts on a line with a baud rate.
    pub fn flow_control(&self, on: bool) -> &UartHandle {
        self.with(|uart| uart.flow_control = on);
        self
    }

    /// Lets one byte in `one_in`, chosen by the seed, arrive as a framing error; 0 for none.
    pub fn noise(&self, one_in: u64) -> &UartHandle {
        let stream = (self.node.index as u64) << 32 | (self.index as u64) << 1 | 1 << 63;
        let random = Random::new(self.node.world.seed, stream);
        self.with(|uart| uart.set_noise(one_in, random));
        self
    }

    /// Sends bytes to the node now, after those that are still on the line.
    pub fn send(&self, bytes: impl AsRef<[u8]>) {
        self.script(0, bytes.as_ref().iter().map(|byte| Item::Byte(*byte)).collect());
    }

    /// Sends bytes to the node at that time, or now if it has passed.
    pub fn send_at(&self, time: Instant, bytes: impl AsRef<[u8]>) {
        self.script(time.as_ticks(), bytes.as_ref().iter().map(|byte| Item::Byte(*byte)).collect());
    }

    /// Lets a line error arrive in the place of a byte.
    pub fn inject(&self, error: LineError) {
        self.script(0, vec![Item::Error(error)]);
    }

    /// Ends the input, after the bytes that are still on the line.
    pub fn close(&self) {
        self.script(0, vec![Item::End]);
    }

    fn script(&self, time: u64, items: Vec<Item>) {
        let world = &self.node.world;
        world.lock().schedule(time.max(world.now()), self.node.index, Event::Script(self.index, items));
    }

    /// Everything that has arrived from the node so far.
    pub fn received(&self) -> Received {
        Received(self.with(|uart| uart.received.iter().map(|(_, byte)| *byte).collect()))
    }

    /// As [`UartHandle::received`], each byte with the time at which its stop bit ended.
    pub fn arrivals(&self) -> Vec<(Instant, u8)> {
        self.with(|uart| uart.received.iter().map(|(time, byte)| (Instant::from_ticks(*time), *byte)).collect())
    }
}

/// Bytes that can be compared with bytes and with text, and that are shown as text.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Received(pub Vec<u8>);

impl Deref for Received {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for Received {
    fn eq(&self, text: &str) -> bool {
        self.0 == text.as_bytes()
    }
}

impl PartialEq<&str> for Received {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for Received {
    fn eq(&self, bytes: &&[u8; N]) -> bool {
        self.0 == *bytes
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}
