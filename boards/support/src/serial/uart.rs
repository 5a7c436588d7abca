//! The program's end of a buffered UART: the traits that it is used by.

use critical_section::CriticalSection;
use segno::Readiness;
use segno::transport::{LineError, Serial};

use super::{BufferedUart, UartHardware};
use crate::arch;

/// The program's end of a [`BufferedUart`]: there is one.
///
/// Non-blocking through [`Serial`] and [`embedded_hal_nb::serial`], which register the running task; blocking, with the
/// processor asleep, through [`embedded_io`], for code that runs before or without a loop.
pub struct Uart<H: 'static, const RECEIVE: usize, const SEND: usize> {
    shared: &'static BufferedUart<H, RECEIVE, SEND>,
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> Uart<H, RECEIVE, SEND> {
    /// The handle. A board makes one; two would steal each other's bytes.
    pub fn new(shared: &'static BufferedUart<H, RECEIVE, SEND>) -> Self {
        Uart { shared }
    }

    /// The device, for [`add_reader`](segno::EventLoop::add_reader) and [`add_writer`](segno::EventLoop::add_writer): their
    /// callbacks use the handle.
    pub fn device(&self) -> &'static BufferedUart<H, RECEIVE, SEND> {
        self.shared
    }

    /// Repeats a step until it gives something, asleep in between. The step runs with interrupts masked, so that the
    /// interrupt that it waits for cannot slip in before the sleep.
    fn wait<T>(&self, mut step: impl FnMut(CriticalSection<'_>) -> Option<T>) -> T {
        loop {
            let outcome = critical_section::with(|cs| {
                let outcome = step(cs);
                #[cfg(not(feature = "cores"))]
                if outcome.is_none() {
                    arch::sleep();
                }
                outcome
            });
            // Not in a critical section, in which the other core could not go on: the end of the handler sets the event.
            #[cfg(feature = "cores")]
            if outcome.is_none() {
                arch::cortex_m::cores::wait_for_event();
            }
            if let Some(value) = outcome {
                return value;
            }
        }
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> Readiness for BufferedUart<H, RECEIVE, SEND> {
    fn id(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    fn is_readable(&self) -> bool {
        critical_section::with(|cs| {
            let readable = !self.rings.borrow_ref(cs).receive.is_empty();
            if !readable {
                self.reader.register_current();
            }
            readable
        })
    }

    fn is_writable(&self) -> bool {
        critical_section::with(|cs| {
            let writable = self.rings.borrow_ref(cs).send.room() > 0;
            if !writable {
                self.writer.register_current();
            }
            writable
        })
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> Serial for Uart<H, RECEIVE, SEND> {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        if buffer.is_empty() {
            return Ok(0);
        }
        critical_section::with(|cs| match self.shared.take_received(cs, buffer) {
            Some(outcome) => outcome.map_err(nb::Error::Other),
            None => {
                self.shared.reader.register_current();
                Err(nb::Error::WouldBlock)
            }
        })
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        critical_section::with(|cs| match self.shared.put(cs, bytes) {
            0 => {
                self.shared.writer.register_current();
                Err(nb::Error::WouldBlock)
            }
            count => Ok(count),
        })
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        critical_section::with(|cs| {
            let queued = !self.shared.rings.borrow_ref(cs).send.is_empty();
            if queued || self.shared.hardware.is_sending() {
                self.shared.writer.register_current();
                if !queued {
                    self.shared.writer.wake(); // no interrupt will: see the module's documentation
                }
                return Err(nb::Error::WouldBlock);
            }
            Ok(())
        })
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_hal_nb::serial::ErrorType
    for Uart<H, RECEIVE, SEND>
{
    type Error = LineError;
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_hal_nb::serial::Read<u8>
    for Uart<H, RECEIVE, SEND>
{
    fn read(&mut self) -> nb::Result<u8, LineError> {
        let mut byte = [0];
        self.try_read(&mut byte).map(|_| byte[0])
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_hal_nb::serial::Write<u8>
    for Uart<H, RECEIVE, SEND>
{
    fn write(&mut self, byte: u8) -> nb::Result<(), LineError> {
        self.try_write(&[byte]).map(|_| ())
    }

    fn flush(&mut self) -> nb::Result<(), LineError> {
        self.try_flush()
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_io::ErrorType for Uart<H, RECEIVE, SEND> {
    type Error = LineError;
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_io::ReadReady for Uart<H, RECEIVE, SEND> {
    fn read_ready(&mut self) -> Result<bool, LineError> {
        Ok(critical_section::with(|cs| !self.shared.rings.borrow_ref(cs).receive.is_empty()))
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_io::Read for Uart<H, RECEIVE, SEND> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, LineError> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.wait(|cs| self.shared.take_received(cs, buffer))
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_io::WriteReady for Uart<H, RECEIVE, SEND> {
    fn write_ready(&mut self) -> Result<bool, LineError> {
        Ok(critical_section::with(|cs| self.shared.rings.borrow_ref(cs).send.room() > 0))
    }
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> embedded_io::Write for Uart<H, RECEIVE, SEND> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, LineError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        Ok(self.wait(|cs| match self.shared.put(cs, bytes) {
            0 => None,
            count => Some(count),
        }))
    }

    fn flush(&mut self) -> Result<(), LineError> {
        self.shared.flush_polling();
        Ok(())
    }
}
