//! Opening a stream on a device.

use super::{StreamReader, StreamWriter};
use crate::coroutine::Coroutine;
use crate::event_loop::{EventLoop, Refused};
use crate::transport::{ByteStream, Connect, TransportHandle, make_transport};

/// The transport's own receive buffer is not used: a stream receives into its own.
const RECEIVE: usize = 1;

impl StreamReader {
    /// Makes the transport of a byte stream and a stream that it calls, without waiting; or hands the byte stream back.
    pub(crate) fn start_or_return<S: ByteStream + 'static, const N: usize, const TX: usize>(
        event_loop: &'static EventLoop,
        device: S,
    ) -> Result<(StreamReader, TransportHandle), Refused<S>> {
        match StreamReader::new::<N>(event_loop) {
            Ok(reader) => {
                let transport = make_transport::<_, RECEIVE, TX>(event_loop, device, reader.protocol())?;
                Ok((reader, transport))
            }
            Err(refused) => Err(refused.map(|()| device)),
        }
    }

    /// As above; the byte stream is dropped if there is no room.
    pub(crate) fn start<const N: usize, const TX: usize>(
        event_loop: &'static EventLoop,
        device: impl ByteStream + 'static,
    ) -> Result<(StreamReader, TransportHandle), Refused<()>> {
        StreamReader::start_or_return::<_, N, TX>(event_loop, device).map_err(|refused| refused.map(drop))
    }
}

impl EventLoop {
    /// Opens a stream on a byte stream of any kind, with `N` bytes for what waits to be read and `TX` bytes for what is still
    /// to be sent. asyncio's `open_connection(sock=…)`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn ask(lp: &'static EventLoop, line: impl segno::transport::Serial + 'static) -> [u8; 2] {
    ///     let (reader, writer) = lp.open_stream::<64, 64>(line).await.unwrap();
    ///     writer.write_all(b"version?\n").await.unwrap();
    ///     let mut answer = [0; 2];
    ///     reader.readexactly(&mut answer).await.unwrap();
    ///     answer
    /// }
    ///
    /// let (here, mut there) = segno::host::pair(64); // on a board, a UART
    /// # use segno::transport::ByteStream;
    /// there.try_write(b"v7").unwrap();
    /// assert_eq!(lp.run_until_complete(ask(lp, here)), Ok(*b"v7"));
    /// ```
    /// # Errors
    /// The coroutine's output is an error if the pool is full or the loop closed; the device is dropped then.
    ///
    /// # Cancellation
    /// Aborts the transport, and drops the device.
    pub fn open_stream<const N: usize, const TX: usize>(
        &'static self,
        device: impl ByteStream + 'static,
    ) -> impl Coroutine<Output = Result<(StreamReader, StreamWriter), Refused<()>>> + 'static {
        Connect::new(self, move |event_loop: &'static EventLoop| {
            let (reader, transport) = StreamReader::start::<N, TX>(event_loop, device)?;
            let writer = StreamWriter::new(transport.clone(), reader.clone());
            Ok((transport, (reader, writer)))
        })
    }
}
