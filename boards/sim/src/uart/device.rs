//! The UART as a program has it.

use std::sync::Arc;

use embedded_hal_nb::serial;
use segno::transport::{LineError, Serial};
use segno::{Readiness, WakerCell};

use super::line::{Item, UartState};
use crate::world::{Link, State};

/// A UART of a node: `embedded_hal_nb`'s serial traits and `segno`'s [`Serial`].
///
/// An operation that answers `WouldBlock` has registered the running task with the UART's interrupt. The end of the
/// input is `Ok(0)` of [`Serial::try_read`] and `Err(Other(Closed))` of `embedded_hal_nb`'s `read`. After the world has
/// ended, every line is closed.
pub struct Uart {
    link: Link,
    index: usize,
    reader: Arc<WakerCell>,
    writer: Arc<WakerCell>,
}

impl Uart {
    pub(crate) fn take(link: Link, index: usize) -> Uart {
        let world = link.world.upgrade().expect("a node takes its UARTs while its world exists");
        let mut state = world.lock();
        let uart = state.uart(link.node, index);
        let (taken, reader, writer) = (uart.taken, Arc::clone(&uart.reader), Arc::clone(&uart.writer));
        uart.taken = true;
        let input = state.attached.as_mut().filter(|input| (input.node, input.uart) == (link.node, index));
        if let Some(input) = input.and_then(|input| input.reader.take()) {
            world.inbox.read_from(input);
        }
        drop(state);
        assert!(!taken, "UART {index} is taken already");
        Uart { link, index, reader, writer }
    }

    /// The device, for [`add_reader`](segno::EventLoop::add_reader) and [`add_writer`](segno::EventLoop::add_writer): their
    /// callbacks use the UART itself.
    pub fn device(&self) -> UartDevice {
        let (reader, writer) = (Arc::clone(&self.reader), Arc::clone(&self.writer));
        UartDevice { link: self.link.clone(), index: self.index, reader, writer }
    }

    fn with<R>(&self, work: impl FnOnce(&mut UartState) -> R) -> Option<R> {
        self.link.with(|state, _| work(state.uart(self.link.node, self.index)))
    }
}

/// Says whether a UART is ready: made by [`Uart::device`].
#[derive(Clone)]
pub struct UartDevice {
    link: Link,
    index: usize,
    reader: Arc<WakerCell>,
    writer: Arc<WakerCell>,
}

impl UartDevice {
    /// Also when the world has ended: then the line is closed.
    fn is(&self, ready: impl FnOnce(&UartState) -> bool, waiting: &WakerCell) -> bool {
        let ready = self.link.with(|state, _| ready(state.uart(self.link.node, self.index))).unwrap_or(true);
        if !ready {
            waiting.register_current();
        }
        ready
    }
}

impl Readiness for UartDevice {
    fn id(&self) -> usize {
        Arc::as_ptr(&self.reader).addr()
    }

    fn is_readable(&self) -> bool {
        self.is(|uart| !uart.ring.is_empty(), &self.reader)
    }

    fn is_writable(&self) -> bool {
        self.is(|uart| uart.room() > 0, &self.writer)
    }
}

/// Takes what is at the front of the ring.
fn take_front(uart: &mut UartState, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
    let mut count = 0;
    while let (Some(slot), Some(&Item::Byte(byte))) = (buffer.get_mut(count), uart.ring.front()) {
        *slot = byte;
        count += 1;
        uart.ring.pop_front();
    }
    match uart.ring.front() {
        _ if count > 0 || buffer.is_empty() => Ok(count),
        Some(&Item::Error(error)) => {
            uart.ring.pop_front();
            Err(nb::Error::Other(error))
        }
        Some(_) => Ok(0),
        None => Err(nb::Error::WouldBlock),
    }
}

impl Serial for Uart {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        let read = |state: &mut State, now| {
            let result = take_front(state.uart(self.link.node, self.index), buffer);
            state.let_come(now, self.link.node, self.index);
            result
        };
        let result = self.link.with(read).unwrap_or(Ok(0));
        if matches!(result, Err(nb::Error::WouldBlock)) {
            self.reader.register_current();
        }
        result
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        let write = |state: &mut State, now| {
            let count = state.uart(self.link.node, self.index).room().min(bytes.len());
            state.transmit(now, self.link.node, self.index, &bytes[..count]);
            count
        };
        match self.link.with(write) {
            None => Err(nb::Error::Other(LineError::Closed)),
            Some(0) if !bytes.is_empty() => {
                self.writer.register_current();
                Err(nb::Error::WouldBlock)
            }
            Some(count) => Ok(count),
        }
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        match self.with(|uart| uart.in_flight) {
            None | Some(0) => Ok(()),
            Some(_) => {
                self.writer.register_current();
                Err(nb::Error::WouldBlock)
            }
        }
    }
}

impl serial::ErrorType for Uart {
    type Error = LineError;
}

impl serial::Read<u8> for Uart {
    fn read(&mut self) -> nb::Result<u8, LineError> {
        let mut byte = [0];
        match self.try_read(&mut byte)? {
            0 => Err(nb::Error::Other(LineError::Closed)),
            _ => Ok(byte[0]),
        }
    }
}

impl serial::Write<u8> for Uart {
    fn write(&mut self, byte: u8) -> nb::Result<(), LineError> {
        self.try_write(&[byte]).map(|_| ())
    }

    fn flush(&mut self) -> nb::Result<(), LineError> {
        self.try_flush()
    }
}
