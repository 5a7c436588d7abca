//! Child processes of the host.
//!
//! # The problem
//! Waiting for a process blocks, and a process that was waited for has no number any more: somebody else may have it.
//!
//! # The design
//! A thread for each process waits until it has exited, and only then, under the lock under which signals are sent, takes
//! note of how. So a signal reaches this process or nobody.
//!
//! # Costs
//! One thread for each process.

use std::process::{self, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mio::unix::pipe::{Receiver, Sender};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use segno::process::{Child, Processes, Program};
use segno::{LineError, WakerCell};

use super::HostNetwork;
use super::pipe::HostPipe;
use super::poller::Poller;
use crate::world::Link;

/// Processes of the host: made by [`crate::Board::host_processes`].
#[derive(Clone)]
pub struct HostProcesses {
    network: HostNetwork,
}

struct Shared {
    child: Mutex<(process::Child, Option<Result<i32, LineError>>)>,
    exited: WakerCell,
}

/// A process of the host.
pub struct HostChild {
    shared: Arc<Shared>,
    pid: u32,
    link: Link,
}

impl HostProcesses {
    pub(crate) fn new(link: Link) -> HostProcesses {
        HostProcesses { network: HostNetwork::new(link) }
    }

    /// A pipe: the end that is read, and the one that is written to.
    ///
    /// # Errors
    /// The host has no more of them.
    pub fn pipe(&self) -> Result<(HostPipe, HostPipe), LineError> {
        let (poller, link) = (self.network.poller()?, self.network.link.clone());
        let (sender, receiver) = mio::unix::pipe::new()?;
        Ok((HostPipe::reads(poller.clone(), link.clone(), receiver)?, HostPipe::writes(poller, link, sender)?))
    }
}

fn pipes(child: &mut process::Child, poller: Poller, link: &Link) -> Result<[HostPipe; 3], LineError> {
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(input), Some(output), Some(errors)) = (input, output, errors) else { return Err(LineError::Other) };
    let input = Sender::from(input);
    input.set_nonblocking(true)?;
    let receivers = [Receiver::from(output), Receiver::from(errors)];
    receivers.iter().try_for_each(|receiver| receiver.set_nonblocking(true))?;
    let [output, errors] = receivers;
    Ok([
        HostPipe::writes(poller.clone(), link.clone(), input)?,
        HostPipe::reads(poller.clone(), link.clone(), output)?,
        HostPipe::reads(poller, link.clone(), errors)?,
    ])
}

impl Processes for HostProcesses {
    type Child = HostChild;
    type Pipe = HostPipe;

    fn spawn(&self, program: Program<'_>) -> Result<(HostChild, [HostPipe; 3]), LineError> {
        let poller = self.network.poller()?;
        let link = self.network.link.clone();
        let mut command = match program {
            Program::Exec(program, arguments) => {
                let mut command = Command::new(program);
                command.args(arguments);
                command
            }
            Program::Shell(line) => {
                let mut command = Command::new("/bin/sh");
                command.args(["-c", line]);
                command
            }
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let pid = child.id();
        let pipes = pipes(&mut child, poller, &link).inspect_err(|_| {
            // It must not go on without its pipes.
            child.kill().and_then(|()| child.wait()).ok();
        })?;
        let shared = Arc::new(Shared { child: Mutex::new((child, None)), exited: WakerCell::new() });
        let waiting = Arc::clone(&shared);
        let wait = move || waiting.wait(pid);
        thread::Builder::new().name("child".into()).spawn(wait).map_err(LineError::from)?;
        link.with(|state, _| state.outside += 1);
        Ok((HostChild { shared, pid, link }, pipes))
    }
}

fn number(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

impl Shared {
    fn wait(&self, pid: u32) {
        if let Some(pid) = number(pid) {
            // Interrupted waits are tried again. What else goes wrong, the wait below finds out too.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while waitid(WaitId::Pid(pid), options).is_err_and(|error| error == rustix::io::Errno::INTR) {}
        }
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let status = child.0.wait().map(|status| {
            use std::os::unix::process::ExitStatusExt;
            status.code().or(status.signal().map(|signal| -signal)).unwrap_or(-1)
        });
        child.1 = Some(status.map_err(LineError::from));
        drop(child);
        self.exited.wake();
    }
}

impl Child for HostChild {
    fn pid(&self) -> u32 {
        self.pid
    }

    fn try_wait(&mut self) -> nb::Result<i32, LineError> {
        self.shared.exited.register_current();
        match self.shared.child.lock().unwrap_or_else(PoisonError::into_inner).1 {
            Some(result) => result.map_err(nb::Error::Other),
            None => Err(nb::Error::WouldBlock),
        }
    }

    fn send_signal(&mut self, signal: i32) -> Result<(), LineError> {
        let child = self.shared.child.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = number(self.pid).filter(|_| child.1.is_none()).ok_or(LineError::NotFound)?;
        let signal = Signal::from_named_raw(signal).ok_or(LineError::Unsupported)?;
        kill_process(pid, signal).map_err(|error| LineError::from(std::io::Error::from(error)))
    }
}

impl Drop for HostChild {
    fn drop(&mut self) {
        self.link.with(|state, _| state.outside -= 1);
    }
}
