//! A buffered UART: rings in static memory between the interrupt and the program.
//!
//! # The problem
//! Bytes arrive when they arrive; a program that looks at the receiver once in a while loses them. And a program that
//! waits for the transmitter after each byte does nothing else in the meantime.
//!
//! # The design
//! A [`BufferedUart`] is a `static` of the board. Its interrupt moves what was received into the receive ring and from
//! the transmit ring into the transmitter. The program holds the one [`Uart`] handle, which only touches the rings and
//! asks the interrupt to run when there is something new to do, so one function moves all buffered bytes,
//! [`BufferedUart::on_interrupt`].
//!
//! *Receiving.* Each slot of the receive ring is a byte or an error, so an error is reported where it happened: after
//! the bytes before it. When the ring is full the receiver's interrupt is masked and bytes wait in the hardware, which
//! knows how to hold back the other side ([`flow`]'s RTS, or an emulator's back-pressure) or else to detect an overrun, which is
//! reported when the bytes before it have been read, whether another one follows or not.
//! `boards/README.md` has a table of what that means on each board.
//!
//! *Waking.* An operation that would block registers the running task in the same critical section in which it found
//! the ring empty or full. The interrupt cannot come in between, so no wake-up is lost.
//!
//! *Flushing.* No UART here interrupts when the last stop bit has left. While the ring is empty but the transmitter
//! still shifts (at most a FIFO: 1.4 ms at 115,200 baud), [`try_flush`](segno::transport::Serial::try_flush) wakes its own task, so that
//! the loop turns until it is done, and other tasks run in between.
//!
//! *Console.* [`BufferedUart`] is also the board's [`Console`]: it first sends what is in the transmit ring, so that
//! output stays in order, and then the text, by polling, with interrupts masked for one byte at a time. It works in a
//! panic handler too.
//!
//! # Costs
//! Two bytes of RAM for each slot of the receive ring, one for each slot of the transmit ring, and about 30 bytes.

#[cfg(test)]
pub(crate) mod fake;
pub mod flow;
mod shared;
#[cfg(not(target_arch = "riscv32"))]
mod spare;
mod uart;

#[cfg(test)]
mod tests;

use core::cell::RefCell;

use critical_section::{CriticalSection, Mutex};
use segno::board::{Console, WakerCell};
use segno::transport::LineError;

use crate::program::FlushConsole;
use crate::ring::Ring;

pub use self::flow::FlowPins;
pub use self::shared::{LossyShared, Shared, shared};
pub use self::uart::Uart;

/// What a receiver hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Bytes were lost before this one.
    pub overrun: bool,
    /// The byte, or what was wrong with it.
    pub byte: Result<u8, LineError>,
}

impl Received {
    /// Bytes were lost behind all that came before, and none has come since.
    pub const LOSS: Received = Received { overrun: false, byte: Err(LineError::Overrun) };
}

/// The hardware of a UART, as far as [`BufferedUart`] needs it.
pub trait UartHardware {
    /// The next received byte.
    fn receive(&self) -> Option<Received>;

    /// Whether [`send`](UartHardware::send) may be called.
    fn can_send(&self) -> bool;

    /// Hands a byte to the transmitter, which has room for it.
    fn send(&self, byte: u8);

    /// Whether the transmitter has not sent everything yet.
    fn is_sending(&self) -> bool;

    /// Interrupts, or stops interrupting, while something is received.
    fn interrupt_on_receive(&self, on: bool);

    /// Interrupts, or stops interrupting, when the transmitter has got room.
    fn interrupt_on_room(&self, on: bool);

    /// Withdraws the interrupts, except those for bytes that are still to be received.
    fn acknowledge(&self);

    /// Makes the interrupt handler run as soon as it may: for bytes to be received or sent about which the hardware would
    /// not interrupt by itself.
    fn request_interrupt(&self);

    /// Called when there is a loop.
    #[cfg(feature = "inspect")]
    fn on_loop(&'static self, lp: &'static segno::EventLoop) {
        let _ = lp;
    }

    /// Called when the line has got flow control: what there is no room for waits.
    #[cfg(feature = "inspect")]
    fn on_flow_control(&self) {}
}

/// A received byte or error.
type Slot = Result<u8, LineError>;

#[derive(Debug)]
struct Rings<const RECEIVE: usize, const SEND: usize> {
    receive: Ring<Slot, RECEIVE>,
    send: Ring<u8, SEND>,
    /// The receiver's interrupt is masked, for want of room.
    receiver_held: bool,
}

impl<const RECEIVE: usize, const SEND: usize> Rings<RECEIVE, SEND> {
    /// Appends what was received; there are two free slots.
    fn take(&mut self, received: Received) {
        if received.overrun {
            self.receive.push(Err(LineError::Overrun)).ok();
        }
        self.receive.push(received.byte).ok();
    }
}

/// A UART with rings of `RECEIVE` and `SEND` bytes.
#[derive(Debug)]
pub struct BufferedUart<H, const RECEIVE: usize, const SEND: usize> {
    hardware: H,
    rings: Mutex<RefCell<Rings<RECEIVE, SEND>>>,
    reader: WakerCell,
    writer: WakerCell,
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> BufferedUart<H, RECEIVE, SEND> {
    /// A UART that is not started yet.
    pub const fn new(hardware: H) -> Self {
        const { assert!(RECEIVE >= 2, "an overrun and the byte after it arrive together") };
        BufferedUart {
            hardware,
            rings: Mutex::new(RefCell::new(Rings {
                receive: Ring::new(Ok(0)),
                send: Ring::new(0),
                receiver_held: false,
            })),
            reader: WakerCell::new(),
            writer: WakerCell::new(),
        }
    }

    /// The hardware, to start it.
    pub fn hardware(&self) -> &H {
        &self.hardware
    }

    /// To be called by every interrupt of this UART.
    pub fn on_interrupt(&self) {
        critical_section::with(|cs| {
            self.hardware.acknowledge();
            let rings = &mut *self.rings.borrow_ref_mut(cs);
            self.fill(rings);
            self.drain(rings);
        });
    }

    /// Takes what the receiver has into the ring, and tells the reader.
    fn fill(&self, rings: &mut Rings<RECEIVE, SEND>) {
        let before = rings.receive.len();
        while rings.receive.room() >= 2 {
            let Some(received) = self.hardware.receive() else { break };
            rings.take(received);
        }
        if rings.receive.room() < 2 {
            rings.receiver_held = true;
            self.hardware.interrupt_on_receive(false);
        }
        if rings.receive.len() > before {
            self.reader.wake();
        }
    }

    /// Gives the transmitter what it has room for, and tells the writer. The transmitter interrupts exactly while the
    /// ring is not empty.
    fn drain(&self, rings: &mut Rings<RECEIVE, SEND>) {
        if rings.send.is_empty() {
            return;
        }
        while self.hardware.can_send()
            && let Some(byte) = rings.send.pop()
        {
            self.hardware.send(byte);
        }
        if rings.send.is_empty() {
            self.hardware.interrupt_on_room(false);
        }
        self.writer.wake();
    }

    /// To be called when the hardware is started, with what it had received before, if anything. Lets the interrupt
    /// look at once, for bytes that came while it was being started.
    pub fn begin(&self, early: Option<Received>) {
        if let Some(received) = early {
            critical_section::with(|cs| self.rings.borrow_ref_mut(cs).take(received));
        }
        self.hardware.request_interrupt();
    }

    /// Copies received bytes up to the first error; an error that comes first is taken and returned. `None` when
    /// nothing is there.
    fn take_received(&self, cs: CriticalSection<'_>, buffer: &mut [u8]) -> Option<Result<usize, LineError>> {
        let rings = &mut *self.rings.borrow_ref_mut(cs);
        let mut count = 0;
        while count < buffer.len() {
            match rings.receive.peek() {
                Some(Ok(byte)) => {
                    buffer[count] = byte;
                    count += 1;
                }
                Some(Err(error)) if count == 0 => {
                    rings.receive.pop();
                    self.let_receive(rings);
                    return Some(Err(error));
                }
                _ => break,
            }
            rings.receive.pop();
        }
        self.let_receive(rings);
        (count > 0).then_some(Ok(count))
    }

    /// There is room again: bytes that wait in the hardware are fetched by the interrupt.
    fn let_receive(&self, rings: &mut Rings<RECEIVE, SEND>) {
        if rings.receiver_held && rings.receive.room() >= 2 {
            rings.receiver_held = false;
            self.hardware.interrupt_on_receive(true);
            self.hardware.request_interrupt();
        }
    }

    /// Queues bytes for sending; how many, 0 when there is no room.
    fn put(&self, cs: CriticalSection<'_>, bytes: &[u8]) -> usize {
        let rings = &mut *self.rings.borrow_ref_mut(cs);
        let count = bytes.len().min(rings.send.room());
        for &byte in &bytes[..count] {
            rings.send.push(byte).ok();
        }
        if count > 0 {
            self.hardware.interrupt_on_room(true);
            self.hardware.request_interrupt();
        }
        count
    }

    /// Sends one byte by polling, after all that were queued before it.
    fn send_polling(&self, byte: u8) {
        self.poll(|sent_all| {
            let free = sent_all && self.hardware.can_send();
            if free {
                self.hardware.send(byte);
            }
            free
        });
    }

    /// Waits until everything is sent, by polling.
    pub fn flush_polling(&self) {
        self.poll(|sent_all| sent_all && !self.hardware.is_sending());
    }

    /// Sends what is queued until `step` agrees to end; it is told whether the ring is empty.
    fn poll(&self, mut step: impl FnMut(bool) -> bool) {
        while !critical_section::with(|cs| {
            let rings = &mut *self.rings.borrow_ref_mut(cs);
            self.drain(rings);
            step(rings.send.is_empty())
        }) {}
    }
}

impl<H: UartHardware + Sync, const RECEIVE: usize, const SEND: usize> Console for BufferedUart<H, RECEIVE, SEND> {
    fn write_str(&self, text: &str) {
        text.bytes().for_each(|byte| self.send_polling(byte));
    }
}

impl<H: UartHardware + Sync, const RECEIVE: usize, const SEND: usize> FlushConsole for BufferedUart<H, RECEIVE, SEND> {
    fn flush(&self) {
        self.flush_polling();
    }

    #[cfg(feature = "inspect")]
    fn on_loop(&'static self, lp: &'static segno::EventLoop) {
        self.hardware.on_loop(lp);
    }
}
