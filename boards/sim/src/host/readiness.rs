//! Files of the host as devices of a loop: what `add_reader` and `add_writer` take.
//!
//! # The problem
//! The world's thread learns that a file *has become* ready; a reader is called as long as it *is*.
//!
//! # The design
//! The file is asked with `poll`, which does not wait. If it is not ready, the thread wakes whoever has asked.
//!
//! # Costs
//! A file descriptor, and one system call for each question, two for a "no".

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use segno::{LineError, Readiness};

use super::poller::{Poller, Watched};
use crate::world::Link;

/// A pipe, socket or terminal of the host, for [`add_reader`](segno::EventLoop::add_reader) and
/// [`add_writer`](segno::EventLoop::add_writer): made by [`crate::Board::host_device`]. Its clones are the same device.
#[derive(Clone)]
pub struct HostDevice {
    watched: Arc<Watched<Descriptor>>,
}

/// A duplicate, so that it stays open while it is watched.
struct Descriptor(OwnedFd);

impl mio::event::Source for Descriptor {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}

impl Descriptor {
    /// Whether it is ready; also when it cannot be asked, so that the operation itself tells why.
    fn is(&self, ready: PollFlags) -> bool {
        let mut question = [PollFd::new(&self.0, ready)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        loop {
            match poll(&mut question, Some(&now)) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(0) => return false,
                Ok(_) | Err(_) => return true,
            }
        }
    }
}

impl HostDevice {
    pub(super) fn new(poller: Poller, link: Link, file: &impl AsFd) -> Result<HostDevice, LineError> {
        let descriptor = Descriptor(file.as_fd().try_clone_to_owned()?);
        let watched = Watched::new(poller, link, descriptor, Interest::READABLE | Interest::WRITABLE)?;
        Ok(HostDevice { watched: Arc::new(watched) })
    }
}

impl Readiness for HostDevice {
    fn id(&self) -> usize {
        Arc::as_ptr(&self.watched).addr()
    }

    fn is_readable(&self) -> bool {
        let readable = || self.watched.socket.is(PollFlags::IN);
        readable() || {
            self.watched.register_reader();
            readable()
        }
    }

    fn is_writable(&self) -> bool {
        let writable = || self.watched.socket.is(PollFlags::OUT);
        writable() || {
            self.watched.register_writer();
            writable()
        }
    }
}
