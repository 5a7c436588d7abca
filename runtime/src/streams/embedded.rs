//! Streams by the traits of `embedded-io` and `embedded-io-async`, so that other crates read and write through them.
//!
//! # The problem
//! Clients and parsers for chips (MQTT, HTTP, TLS) ask for a `T: Read + Write` of `embedded-io-async`.
//!
//! # The design
//! Both ends have them (feature `embedded-io-async`), and [`Duplex`] is both ends in one. What they answer with are the
//! coroutines of the ends, which are futures too. Whether an end is ready can always be asked, by `embedded-io`. Its blocking `Read` and
//! `Write` are not there: who blocks keeps the loop from filling the stream.
//!
//! | trait | is | errors |
//! |---|---|---|
//! | `Read::read` | [`StreamReader::read`] | [`ReadError`] |
//! | `Write::write` | [`StreamWriter::write_some`] | [`LineError`]; of a [`Duplex`], [`ReadError::Lost`] |
//! | `Write::flush` | [`StreamWriter::drain`]: nothing needs flushing to leave, and who flushes waits for slow readers | the same |
//!
//! # Costs
//! None.

use embedded_io::{ErrorType, ReadReady, WriteReady};

use super::{ReadError, StreamReader, StreamWriter};
use crate::transport::LineError;

/// Both ends of a stream, for those who want one value to read from and write to: the crates around `embedded-io-async`. asyncio
/// has two objects.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::streams::Duplex;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let (here, _there) = segno::host::pair(64);
/// let mut both = Duplex::from(lp.run_until_complete(lp.open_stream::<64, 64>(here)).unwrap().unwrap());
/// assert_eq!(embedded_io::WriteReady::write_ready(&mut both), Ok(true));
/// assert_eq!(both.writer.write(b"hello"), Ok(()));
/// ```
#[derive(Debug, Clone)]
pub struct Duplex {
    /// The reading end.
    pub reader: StreamReader,
    /// The writing end.
    pub writer: StreamWriter,
}

/// What `open_connection` and its like answer with.
impl From<(StreamReader, StreamWriter)> for Duplex {
    fn from((reader, writer): (StreamReader, StreamWriter)) -> Duplex {
        Duplex { reader, writer }
    }
}

impl From<LineError> for ReadError {
    fn from(error: LineError) -> ReadError {
        ReadError::Lost(error)
    }
}

impl ErrorType for StreamReader {
    type Error = ReadError;
}

impl ErrorType for StreamWriter {
    type Error = LineError;
}

impl ErrorType for Duplex {
    type Error = ReadError;
}

impl ReadReady for StreamReader {
    fn read_ready(&mut self) -> Result<bool, ReadError> {
        Ok(self.is_ready())
    }
}

impl ReadReady for Duplex {
    fn read_ready(&mut self) -> Result<bool, ReadError> {
        self.reader.read_ready()
    }
}

impl WriteReady for StreamWriter {
    fn write_ready(&mut self) -> Result<bool, LineError> {
        Ok(self.has_room())
    }
}

impl WriteReady for Duplex {
    fn write_ready(&mut self) -> Result<bool, ReadError> {
        Ok(self.writer.has_room())
    }
}

#[cfg(feature = "embedded-io-async")]
mod traits {
    use core::future::Future;
    use core::pin::Pin;
    use core::task::{Context, Poll};

    use embedded_io_async::{Read, Write};

    use super::{Duplex, LineError, ReadError, StreamReader, StreamWriter};

    /// A future whose errors are the reading end's.
    struct OfDuplex<F>(F);

    impl<T, F: Future<Output = Result<T, LineError>>> Future for OfDuplex<F> {
        type Output = Result<T, ReadError>;

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
            // SAFETY: the only field is structurally pinned.
            let future = unsafe { self.map_unchecked_mut(|this| &mut this.0) };
            future.poll(cx).map_err(ReadError::Lost)
        }
    }

    impl Read for StreamReader {
        fn read(&mut self, buffer: &mut [u8]) -> impl Future<Output = Result<usize, ReadError>> {
            StreamReader::read(self, buffer)
        }
    }

    impl Write for StreamWriter {
        fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<usize, LineError>> {
            self.write_some(bytes)
        }

        fn flush(&mut self) -> impl Future<Output = Result<(), LineError>> {
            self.drain()
        }
    }

    impl Read for Duplex {
        fn read(&mut self, buffer: &mut [u8]) -> impl Future<Output = Result<usize, ReadError>> {
            self.reader.read(buffer)
        }
    }

    impl Write for Duplex {
        fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<usize, ReadError>> {
            OfDuplex(self.writer.write_some(bytes))
        }

        fn flush(&mut self) -> impl Future<Output = Result<(), ReadError>> {
            OfDuplex(self.writer.drain())
        }
    }
}
