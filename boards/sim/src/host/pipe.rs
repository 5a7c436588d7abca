//! Pipes of the host.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;

use mio::Interest;
use mio::unix::pipe::{Receiver, Sender};
use segno::LineError;
use segno::transport::{ByteStream, Info};

use super::poller::{Poller, Watched};
use crate::world::Link;

/// One end of a pipe of the host.
pub struct HostPipe(End);

enum End {
    Reads(Watched<Receiver>),
    Writes(Option<Watched<Sender>>),
}

impl HostPipe {
    pub(super) fn reads(poller: Poller, link: Link, receiver: Receiver) -> Result<HostPipe, LineError> {
        Ok(HostPipe(End::Reads(Watched::new(poller, link, receiver, Interest::READABLE)?)))
    }

    pub(super) fn writes(poller: Poller, link: Link, sender: Sender) -> Result<HostPipe, LineError> {
        Ok(HostPipe(End::Writes(Some(Watched::new(poller, link, sender, Interest::WRITABLE)?))))
    }
}

impl ByteStream for HostPipe {
    /// Of an end that is written to, the end of its input is that nobody reads any more, or its own.
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        match &mut self.0 {
            End::Reads(watched) => watched.try_read(|receiver| receiver.read(buffer)),
            End::Writes(Some(watched)) => {
                if watched.is_hung_up() {
                    Ok(0)
                } else {
                    Err(nb::Error::WouldBlock)
                }
            }
            End::Writes(None) => Ok(0),
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        match &mut self.0 {
            End::Writes(Some(watched)) => watched.try_write(|sender| sender.write(bytes)),
            End::Writes(None) => Err(nb::Error::Other(LineError::BrokenPipe)),
            End::Reads(_) => Err(nb::Error::Other(LineError::Unsupported)),
        }
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }

    fn can_write_eof(&self) -> bool {
        matches!(self.0, End::Writes(_))
    }

    /// Closes it.
    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        match &mut self.0 {
            End::Writes(watched) => {
                *watched = None;
                Ok(())
            }
            End::Reads(_) => Err(nb::Error::Other(LineError::Unsupported)),
        }
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        let fd = match &self.0 {
            End::Reads(watched) => watched.socket.as_raw_fd(),
            End::Writes(watched) => watched.as_ref()?.socket.as_raw_fd(),
        };
        (name == "pipe").then(|| u64::try_from(fd).ok().map(Info::Number)).flatten()
    }
}
