//! Why a read does not give what was asked for.

use core::fmt;

use crate::transport::LineError;

/// Why a read of a [`StreamReader`](super::StreamReader) failed; asyncio's exceptions are named with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The input has ended before all was there: the first `partial` bytes of the buffer are what came, and all of it.
    /// asyncio's `IncompleteReadError`.
    Incomplete {
        /// How many bytes came.
        partial: usize,
        /// How many were asked for; `None` if it was a separator.
        expected: Option<usize>,
    },
    /// The separator was not found within the limit. The bytes are still in the stream. asyncio's `LimitOverrunError`.
    LimitOverrun {
        /// How many bytes in front of the separator, or without one, there are at least.
        consumed: usize,
    },
    /// `readline` has found a line that is longer than the limit: it is gone, or as much of it as there was. asyncio's
    /// `ValueError`.
    LineTooLong,
    /// The separator is empty. asyncio's `ValueError`.
    EmptySeparator,
    /// What was found does not fit the buffer that was given, and is still in the stream.
    BufferTooSmall {
        /// The bytes that are needed.
        needed: usize,
    },
    /// Another task waits for data. asyncio's `RuntimeError`.
    AlreadyReading,
    /// The connection was lost. Every later read answers the same.
    Lost(LineError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Incomplete { partial, expected: Some(expected) } => {
                write!(f, "{partial} bytes read on a total of {expected} expected bytes")
            }
            ReadError::Incomplete { partial, expected: None } => {
                write!(f, "{partial} bytes read on a total of undefined expected bytes")
            }
            ReadError::LimitOverrun { .. } => f.write_str("Separator is not found within the limit"),
            ReadError::LineTooLong => f.write_str("the line is longer than the limit"),
            ReadError::EmptySeparator => f.write_str("Separator should be at least one-byte string"),
            ReadError::BufferTooSmall { needed } => write!(f, "the buffer has no room for {needed} bytes"),
            ReadError::AlreadyReading => {
                f.write_str("read() called while another coroutine is already waiting for incoming data")
            }
            ReadError::Lost(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ReadError {}

impl embedded_io::Error for ReadError {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            ReadError::Lost(error) => error.kind(),
            ReadError::LineTooLong | ReadError::LimitOverrun { .. } => embedded_io::ErrorKind::InvalidData,
            ReadError::EmptySeparator | ReadError::BufferTooSmall { .. } => embedded_io::ErrorKind::InvalidInput,
            ReadError::Incomplete { .. } | ReadError::AlreadyReading => embedded_io::ErrorKind::Other,
        }
    }
}
