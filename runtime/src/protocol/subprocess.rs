//! What an application does with a child process.

use crate::transport::{LineError, SubprocessTransport};

/// An application's half of a child process; asyncio's `SubprocessProtocol`.
///
/// `connection_made` comes first and `connection_lost` last, after the process has exited and all its pipes are lost.
/// `process_exited` may come before or after the last data. Nothing is received from a pipe that has been lost.
///
/// ```
/// use segno::prelude::*;
/// use segno::process::{NoProcesses, Processes};
/// use segno::protocol::SubprocessProtocol;
///
/// #[derive(Default)]
/// struct Output { bytes: usize, exited: bool }
///
/// impl SubprocessProtocol for Output {
///     fn pipe_data_received(&mut self, fd: u8, data: &[u8]) {
///         if fd == 1 {
///             self.bytes += data.len();
///         }
///     }
///
///     fn process_exited(&mut self) {
///         self.exited = true;
///     }
/// }
///
/// #[segno::coroutine]
/// async fn date(lp: &'static EventLoop, processes: impl Processes) -> Result<Option<usize>, LineError> {
///     let (transport, protocol) = lp.subprocess_exec(&processes, Output::default(), "date", &["-u"])?;
///     transport.wait_closed().await;
///     Ok(protocol.with(|output: &mut Output| output.bytes))
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// assert_eq!(lp.run_until_complete(date(lp, NoProcesses)), Ok(Err(LineError::Unsupported))); // on a chip
/// ```
pub trait SubprocessProtocol {
    /// The process runs, and its pipes are open.
    fn connection_made(&mut self, transport: &mut dyn SubprocessTransport) {
        let _ = transport;
    }

    /// The process has written to one of its outputs: `fd` is 1 or 2.
    fn pipe_data_received(&mut self, fd: u8, data: &[u8]) {
        let _ = (fd, data);
    }

    /// A pipe has been closed: `fd` is 0 for the process's input.
    fn pipe_connection_lost(&mut self, fd: u8, cause: Option<LineError>) {
        let _ = (fd, cause);
    }

    /// The process has exited; the transport knows with which code.
    fn process_exited(&mut self) {}

    /// Nothing more will happen.
    fn connection_lost(&mut self, cause: Option<LineError>) {
        let _ = cause;
    }

    /// As [`Protocol::pause_writing`](super::Protocol::pause_writing), of the process's input.
    fn pause_writing(&mut self) {}

    /// As [`Protocol::resume_writing`](super::Protocol::resume_writing).
    fn resume_writing(&mut self) {}
}
