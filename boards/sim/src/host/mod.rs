//! The host itself: its network, its processes and pipes, for programs in real time.
//!
//! # The problem
//! A program that was tested on simulated wires is to talk to real peers, without a change.
//!
//! # The design
//! [`HostNetwork`] is a [`Network`] whose sockets never wait. The world waits for all of them, and wakes whom a
//! socket's interrupt would: the tasks that found it not ready. Taking it binds the world to the wall clock, and keeps
//! the world from ending while a socket is open.
//!
//! # Costs
//! One system call for each operation, and one for each time that there is nothing to do. From the first socket on, timers
//! are late by up to a millisecond: the operating system waits for sockets no more exactly.

mod names;
mod pipe;
mod poller;
mod process;
mod readiness;
mod serial;
mod signal;
mod tcp;
mod udp;

use std::net::SocketAddr;
use std::os::fd::AsFd;

pub use names::HostLookup;
pub use pipe::HostPipe;
pub(crate) use poller::Poller;
pub use process::{HostChild, HostProcesses};
pub use readiness::HostDevice;
use segno::LineError;
use segno::net::Network;
pub use serial::HostSerial;
pub use signal::HostSignal;
pub use tcp::{HostListener, HostStream};
pub use udp::HostDatagrams;

use crate::world::Link;

/// The host's network, as a node has it: made by [`crate::Board::host_network`].
#[derive(Clone)]
pub struct HostNetwork {
    link: Link,
}

impl HostNetwork {
    pub(crate) fn new(link: Link) -> HostNetwork {
        link.with(|state, _| state.realtime = true);
        HostNetwork { link }
    }

    pub(crate) fn device(&self, file: &impl AsFd) -> Result<HostDevice, LineError> {
        HostDevice::new(self.poller()?, self.link.clone(), file)
    }

    fn poller(&self) -> Result<Poller, LineError> {
        self.link.world.upgrade().ok_or(LineError::Closed)?.inbox.poller()
    }
}

impl Network for HostNetwork {
    type Datagrams = HostDatagrams;
    type Stream = HostStream;
    type Listener = HostListener;

    fn bind_datagrams(
        &self,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> Result<HostDatagrams, LineError> {
        HostDatagrams::bind(self.poller()?, self.link.clone(), local, remote)
    }

    fn begin_connect(&self, remote: SocketAddr) -> Result<HostStream, LineError> {
        HostStream::connect(self.poller()?, self.link.clone(), remote)
    }

    fn listen(&self, local: SocketAddr, backlog: usize) -> Result<HostListener, LineError> {
        HostListener::listen(self.poller()?, self.link.clone(), local, backlog)
    }
}
