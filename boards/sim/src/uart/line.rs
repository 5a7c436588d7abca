//! The line and its two rings.

use std::collections::VecDeque;
use std::sync::Arc;

use segno::WakerCell;
use segno::transport::LineError;

use crate::random::Random;
use crate::world::{Event, State};

/// Bits of a byte on the line: a start bit, eight data bits, a stop bit.
const BITS: u64 = 10;

/// What arrives on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    Byte(u8),
    Error(LineError),
    End,
}

/// What waits at the other end of a line until the receiver lets it come.
pub(crate) struct Held {
    item: Item,
    /// Whose transmit ring it is still in, if a node sends it.
    from: Option<(usize, usize)>,
}

pub(crate) struct UartState {
    /// The program has it.
    pub(crate) taken: bool,
    /// Nanoseconds of a byte on the line; 0 without a baud rate.
    byte_time: u64,
    /// Capacities of the rings; they count only with a baud rate.
    pub(crate) receive_capacity: usize,
    pub(crate) transmit_capacity: usize,
    /// The receiver holds the sender back while its ring is full.
    pub(crate) flow_control: bool,
    held: VecDeque<Held>,
    /// The first of those is on its way.
    releasing: bool,
    /// One byte in this many arrives with a framing error; 0 for none.
    noise: u64,
    random: Random,
    pub(crate) ring: VecDeque<Item>,
    /// When the line is free again in each direction, in nanoseconds.
    receive_free: u64,
    transmit_free: u64,
    pub(crate) in_flight: usize,
    /// What has arrived at the other end, and when.
    pub(crate) received: Vec<(u64, u8)>,
    pub(crate) peer: Option<(usize, usize)>,
    pub(crate) reader: Arc<WakerCell>,
    pub(crate) writer: Arc<WakerCell>,
}

impl Default for UartState {
    fn default() -> UartState {
        UartState {
            taken: false,
            byte_time: 0,
            receive_capacity: 64,
            transmit_capacity: 64,
            flow_control: false,
            held: VecDeque::new(),
            releasing: false,
            noise: 0,
            random: Random::new(0, 0),
            ring: VecDeque::new(),
            receive_free: 0,
            transmit_free: 0,
            in_flight: 0,
            received: Vec::new(),
            peer: None,
            reader: Arc::new(WakerCell::new()),
            writer: Arc::new(WakerCell::new()),
        }
    }
}

impl UartState {
    pub(crate) fn set_baud(&mut self, baud: u32) {
        self.byte_time = if baud == 0 { 0 } else { BITS * 1_000_000_000 / u64::from(baud) };
    }

    pub(crate) fn set_noise(&mut self, one_in: u64, random: Random) {
        self.noise = one_in;
        self.random = random;
    }

    /// Items that the program has not read.
    pub(crate) fn unread(&self) -> usize {
        self.ring.len()
    }

    /// Bytes that can be written now; `usize::MAX` without a baud rate.
    pub(crate) fn room(&self) -> usize {
        if self.byte_time == 0 { usize::MAX } else { self.transmit_capacity.saturating_sub(self.in_flight) }
    }

    fn is_full(&self) -> bool {
        self.byte_time != 0 && self.ring.len() >= self.receive_capacity
    }

    /// Whether the sender is to wait.
    fn holds_back(&self) -> bool {
        self.flow_control && (self.is_full() || !self.held.is_empty())
    }

    /// Puts an item into the receive ring as the hardware would.
    fn accept(&mut self, mut item: Item) -> Item {
        if matches!(item, Item::Byte(_)) {
            if self.noise != 0 && self.random.below(self.noise) == 0 {
                item = Item::Error(LineError::Framing);
            } else if self.is_full() {
                // The byte is lost; the driver learns it once, after the bytes before it.
                item = Item::Error(LineError::Overrun);
            }
        }
        if item != Item::Error(LineError::Overrun) || self.ring.back() != Some(&item) {
            self.ring.push_back(item);
        }
        item
    }
}

/// Reserves a byte's time on a line that is free from `free` on: when its stop bit ends, in whole microseconds.
fn reserve(free: &mut u64, byte_time: u64, now: u64) -> u64 {
    *free = (*free).max(now.saturating_mul(1000)).saturating_add(byte_time);
    free.div_ceil(1000)
}

impl State {
    /// A script's items go on the line.
    pub(crate) fn start_script(&mut self, now: u64, node: usize, index: usize, items: Vec<Item>) {
        for item in items {
            let uart = self.uart(node, index);
            let byte_time = if item == Item::End { 0 } else { uart.byte_time };
            match reserve(&mut uart.receive_free, byte_time, now) {
                time if time <= now => self.receive(now, node, index, item),
                time => self.schedule(time, node, Event::Receive(index, item)),
            }
        }
    }

    /// An item has arrived at a UART, or would have.
    pub(crate) fn receive(&mut self, now: u64, node: usize, index: usize, item: Item) {
        let uart = self.uart(node, index);
        if uart.holds_back() {
            return uart.held.push_back(Held { item, from: None });
        }
        self.deliver(now, node, index, item);
    }

    /// The program has read: what was held back may come, one after the other.
    pub(crate) fn let_come(&mut self, now: u64, node: usize, index: usize) {
        let uart = self.uart(node, index);
        if !uart.releasing && !uart.held.is_empty() && !uart.is_full() {
            uart.releasing = true;
            let time = now + uart.byte_time.div_ceil(1000).max(1);
            self.schedule(time, node, Event::Release(index));
        }
    }

    /// The first that was held back arrives.
    pub(crate) fn release(&mut self, now: u64, node: usize, index: usize) {
        let uart = self.uart(node, index);
        uart.releasing = false;
        match uart.held.pop_front() {
            Some(Held { item: Item::Byte(byte), from: Some((node, index)) }) => self.leave(now, node, index, byte),
            Some(Held { item, .. }) => self.deliver(now, node, index, item),
            None => {}
        }
        self.let_come(now, node, index);
    }

    /// An item has arrived at a UART: an interrupt for its node.
    fn deliver(&mut self, now: u64, node: usize, index: usize, item: Item) {
        let uart = self.uart(node, index);
        let item = uart.accept(item);
        let reader = Arc::clone(&uart.reader);
        match item {
            Item::Byte(byte) => self.record(now, node, format_args!("uart {index} receives {}", Shown(byte))),
            Item::Error(error) => self.record(now, node, format_args!("uart {index} receives an error: {error:?}")),
            Item::End => self.record(now, node, format_args!("uart {index} is closed")),
        }
        self.interrupt(node, &reader);
    }

    /// The program sends bytes for which there is [`UartState::room`].
    pub(crate) fn transmit(&mut self, now: u64, node: usize, index: usize, bytes: &[u8]) {
        for &byte in bytes {
            let uart = self.uart(node, index);
            uart.in_flight += 1;
            match uart.byte_time {
                0 => self.sent(now, node, index, byte),
                byte_time => {
                    let time = reserve(&mut uart.transmit_free, byte_time, now);
                    self.schedule(time, node, Event::Sent(index, byte));
                }
            }
        }
    }

    /// A byte has left the UART, or would have.
    pub(crate) fn sent(&mut self, now: u64, node: usize, index: usize, byte: u8) {
        if let Some((peer, other)) = self.uart(node, index).peer {
            let uart = self.uart(peer, other);
            if uart.byte_time != 0 && uart.holds_back() {
                return uart.held.push_back(Held { item: Item::Byte(byte), from: Some((node, index)) });
            }
        }
        self.leave(now, node, index, byte);
    }

    /// A byte has left the UART and is at the other end.
    fn leave(&mut self, now: u64, node: usize, index: usize, byte: u8) {
        let recording = self.trace.recording;
        let uart = self.uart(node, index);
        uart.in_flight -= 1;
        if recording {
            uart.received.push((now, byte));
        }
        let (peer, pipe, writer) = (uart.peer, uart.byte_time == 0, Arc::clone(&uart.writer));
        self.record(now, node, format_args!("uart {index} sends {}", Shown(byte)));
        if let (0, Some(view)) = (index, &mut self.view) {
            view.bytes(&[byte]);
        }
        match peer {
            // Without the microsecond, two nodes that answer each other would do so for ever in one instant.
            Some((peer, uart)) if pipe => self.schedule(now + 1, peer, Event::Receive(uart, Item::Byte(byte))),
            Some((peer, uart)) => self.deliver(now, peer, uart, Item::Byte(byte)),
            None => {}
        }
        if !pipe {
            self.interrupt(node, &writer);
        }
    }

    fn interrupt(&mut self, node: usize, waiting: &WakerCell) {
        waiting.wake();
        self.nodes[node].signals.awake.store(true, std::sync::atomic::Ordering::Release);
    }
}

/// A byte in a trace: `0x68 'h'`.
struct Shown(u8);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#04x} '{}'", self.0, self.0.escape_ascii())
    }
}
