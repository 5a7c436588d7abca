//! Serial ports of the host: pseudo-terminals.
//!
//! # The problem
//! A program with several serial ports is to talk to what talks to serial ports: terminals, pyserial, socat.
//!
//! # The design
//! The program has the one side of a pseudo-terminal, everybody else opens the other by its name. It is held open here as well:
//! otherwise the port would be gone with the first who closes it. The terminal changes no byte, and echoes none.
//!
//! # Limits
//! There is no baud rate, and no error. What nobody reads stays in the terminal, a few kilobytes; then the program's
//! writing waits.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use segno::LineError;
use segno::transport::{Info, Serial};

use super::HostNetwork;
use super::poller::Watched;

/// The program's side of a terminal.
struct Terminal {
    file: File,
    _other_side: OwnedFd,
}

impl Source for Terminal {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.file.as_raw_fd()).register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.file.as_raw_fd()).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.file.as_raw_fd()).deregister(registry)
    }
}

/// A serial port whose other end is a terminal of the host.
pub struct HostSerial {
    watched: Watched<Terminal>,
    path: String,
}

fn open_terminal() -> rustix::io::Result<(Terminal, String)> {
    let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
    rustix::pty::grantpt(&ours)?;
    rustix::pty::unlockpt(&ours)?;
    let path = rustix::pty::ptsname(&ours, Vec::new())?;
    let other_side = rustix::fs::open(&*path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    let mut settings = tcgetattr(&other_side)?;
    settings.make_raw();
    tcsetattr(&other_side, OptionalActions::Now, &settings)?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    Ok((Terminal { file: File::from(ours), _other_side: other_side }, path.to_string_lossy().into_owned()))
}

impl HostSerial {
    pub(crate) fn open(network: &HostNetwork) -> Result<HostSerial, LineError> {
        let (terminal, path) = open_terminal().map_err(io::Error::from)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        Ok(HostSerial { watched: Watched::new(network.poller()?, network.link.clone(), terminal, both)?, path })
    }

    /// The name of the terminal at the other end, to be opened: `/dev/pts/3`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Serial for HostSerial {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        self.watched.try_read(|terminal| terminal.file.read(buffer))
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        self.watched.try_write(|terminal| terminal.file.write(bytes))
    }

    /// The terminal has it.
    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        let number = u64::try_from(self.watched.socket.file.as_raw_fd()).ok();
        number.filter(|_| name == "serial").map(Info::Number)
    }
}
