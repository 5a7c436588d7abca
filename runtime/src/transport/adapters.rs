//! Byte streams over what other crates call a serial port.
//!
//! # The problem
//! A HAL's UART has the traits of [`embedded_io`] or [`embedded_hal_nb`], and a transport wants a [`ByteStream`].
//!
//! # The design
//! [`FromEmbeddedIo`] asks whether the device is ready before it reads or writes, so that neither waits; [`FromNb`] moves a byte at
//! a time. Neither knows whose interrupt to wait for: the transport tries again after every interrupt that is served, also of
//! others. So the device's own interrupt must be enabled, with a handler that does what the device needs. A driver that wakes
//! its task by a [`WakerCell`](crate::WakerCell) implements [`ByteStream`] itself.
//!
//! # Costs
//! A step of the transport's task for each interrupt.

use embedded_hal_nb::serial;
use embedded_io::{Error, ErrorKind};

use super::{ByteStream, LineError};

/// A [`ByteStream`] over a device with the traits of [`embedded_io`]; used as [`FromNb`] is.
///
/// # Limits
/// [`embedded_io::Write::flush`] is called when the transport has been closed, and may wait until everything has left: a few bytes,
/// for a UART.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FromEmbeddedIo<D>(pub D);

/// An error of a device, as one of a line.
fn error(error: impl Error) -> nb::Error<LineError> {
    nb::Error::Other(LineError::from(error.kind()))
}

impl<D> ByteStream for FromEmbeddedIo<D>
where
    D: embedded_io::Read + embedded_io::ReadReady + embedded_io::Write + embedded_io::WriteReady,
{
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        if !self.0.read_ready().map_err(error)? {
            return Err(nb::Error::WouldBlock);
        }
        self.0.read(buffer).map_err(error)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        if !self.0.write_ready().map_err(error)? {
            return Err(nb::Error::WouldBlock);
        }
        self.0.write(bytes).map_err(error)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        self.0.flush().map_err(error)
    }
}

/// A [`ByteStream`] over a serial port with the traits of [`embedded_hal_nb`].
///
/// ```
/// # use segno::prelude::*;
/// # use segno::transport::FromNb;
/// # use embedded_hal_nb::serial::{self, ErrorKind};
/// # struct Uart;
/// # impl serial::ErrorType for Uart { type Error = ErrorKind; }
/// # impl serial::Read for Uart {
/// #     fn read(&mut self) -> nb::Result<u8, ErrorKind> { Ok(b'x') }
/// # }
/// # impl serial::Write for Uart {
/// #     fn write(&mut self, _: u8) -> nb::Result<(), ErrorKind> { Ok(()) }
/// #     fn flush(&mut self) -> nb::Result<(), ErrorKind> { Ok(()) }
/// # }
/// # let uart = Uart; // always receives an `x`
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (reader, _) = lp.run_until_complete(lp.open_stream::<64, 64>(FromNb(uart))).unwrap().unwrap();
/// let mut two = [0; 2];
/// assert_eq!(lp.run_until_complete(reader.readexactly(&mut two)), Ok(Ok(())));
/// assert_eq!(&two, b"xx");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FromNb<D>(pub D);

/// An error of a serial port, as one of a line.
fn serial_error(error: nb::Error<impl serial::Error>) -> nb::Error<LineError> {
    error.map(|error| match error.kind() {
        serial::ErrorKind::Overrun => LineError::Overrun,
        serial::ErrorKind::FrameFormat => LineError::Framing,
        serial::ErrorKind::Parity => LineError::Parity,
        _ => LineError::Other,
    })
}

impl<D: serial::Read<u8> + serial::Write<u8>> ByteStream for FromNb<D> {
    /// One byte: an error behind it is for the next reading.
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        let Some(place) = buffer.first_mut() else { return Ok(0) };
        *place = self.0.read().map_err(serial_error)?;
        Ok(1)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        let mut count = 0;
        for &byte in bytes {
            match self.0.write(byte).map_err(serial_error) {
                Ok(()) => count += 1,
                // The next writing finds it again.
                Err(_) if count > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        self.0.flush().map_err(serial_error)
    }
}

impl From<ErrorKind> for LineError {
    fn from(kind: ErrorKind) -> LineError {
        match kind {
            ErrorKind::ConnectionRefused => LineError::ConnectionRefused,
            ErrorKind::ConnectionReset => LineError::ConnectionReset,
            ErrorKind::ConnectionAborted => LineError::ConnectionAborted,
            ErrorKind::BrokenPipe => LineError::BrokenPipe,
            ErrorKind::TimedOut => LineError::TimedOut,
            ErrorKind::AddrInUse => LineError::AddressInUse,
            ErrorKind::AddrNotAvailable => LineError::AddressNotAvailable,
            ErrorKind::NotFound => LineError::NotFound,
            ErrorKind::PermissionDenied => LineError::PermissionDenied,
            ErrorKind::NotConnected => LineError::Closed,
            ErrorKind::OutOfMemory => LineError::Full,
            ErrorKind::Unsupported => LineError::Unsupported,
            _ => LineError::Other,
        }
    }
}
