//! What a serial driver is to a transport.
//!
//! # The problem
//! A byte at a time through [`embedded_hal_nb`] is slow, and its errors do not say that a line has ended.
//!
//! # The design
//! [`Serial`]: slices, `nb`, and one error type that maps to those of the ecosystem. Drivers implement both.
//!
//! # Costs
//! None.

use core::fmt;

/// What went wrong on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineError {
    /// The receive buffer was full: bytes were lost.
    Overrun,
    /// A byte without a stop bit: a wrong baud rate, or noise.
    Framing,
    /// The parity bit was wrong.
    Parity,
    /// The line was held low for longer than a byte: a signal, or a cut wire.
    Break,
    /// There is no line any more. `embedded_hal_nb`'s word for the end of input, too.
    Closed,
    /// Something else.
    Other,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LineError::Overrun => "overrun: bytes were lost",
            LineError::Framing => "framing error",
            LineError::Parity => "parity error",
            LineError::Break => "break",
            LineError::Closed => "the line is closed",
            LineError::Other => "line error",
        })
    }
}

impl core::error::Error for LineError {}

impl embedded_hal_nb::serial::Error for LineError {
    fn kind(&self) -> embedded_hal_nb::serial::ErrorKind {
        use embedded_hal_nb::serial::ErrorKind;
        match self {
            LineError::Overrun => ErrorKind::Overrun,
            LineError::Framing => ErrorKind::FrameFormat,
            LineError::Parity => ErrorKind::Parity,
            LineError::Break | LineError::Closed | LineError::Other => ErrorKind::Other,
        }
    }
}

impl embedded_io::Error for LineError {
    fn kind(&self) -> embedded_io::ErrorKind {
        use embedded_io::ErrorKind;
        match self {
            LineError::Framing | LineError::Parity => ErrorKind::InvalidData,
            LineError::Closed => ErrorKind::BrokenPipe,
            _ => ErrorKind::Other,
        }
    }
}

/// A serial port that never waits.
///
/// # For implementers
/// An operation that answers `WouldBlock` has registered the running task (with a [`WakerCell`](crate::WakerCell)) to be
/// woken when it is worth trying again. One that cannot register is tried again after the next interrupt.
pub trait Serial {
    /// Takes received bytes: how many there are, up to the buffer's length. 0 is the end of the input, on lines that have
    /// an end.
    ///
    /// # Errors
    /// Errors come in order: the bytes received before are read first.
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError>;

    /// Accepts bytes to send: how many, at least one.
    ///
    /// # Errors
    /// The line does not work any more.
    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError>;

    /// Whether everything accepted has left.
    ///
    /// # Errors
    /// The line does not work any more.
    fn try_flush(&mut self) -> nb::Result<(), LineError>;
}

impl<S: Serial + ?Sized> Serial for &mut S {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        (**self).try_read(buffer)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        (**self).try_write(bytes)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        (**self).try_flush()
    }
}
