//! Child processes, on a host.
//!
//! # The problem
//! A process has an end and up to three pipes, which come to their ends in any order; a protocol wants to be told of all
//! of it in an order that it can rely on.
//!
//! # The design
//! asyncio's: each pipe is a transport of its own, with a protocol that passes everything on; a task waits for the
//! process. `connection_lost` comes when the process has exited and all pipes are lost. [`Processes`] starts processes;
//! on a chip it is [`NoProcesses`], which says that it cannot.
//!
//! # Costs
//! Three transports, a task, and about 100 bytes.

use core::cell::Cell;
use core::fmt;
use core::pin::Pin;
use core::ptr::NonNull;

use crate::coroutine::{Context, Coroutine, Resume, Waker};
use crate::event_loop::{ErrorContext, EventLoop, Refused};
use crate::protocol::{IntoProtocol, Protocol, ProtocolHandle, SubprocessProtocol};
use crate::shared::Shared;
use crate::task::{AnyTask, WaitForEnd};
use crate::transport::{
    AnyTransport, BaseTransport, ByteStream, Info, LineError, SubprocessTransport, Transport, TransportHandle, blocked,
};

/// POSIX's number of the signal that ends a process.
const SIGKILL: i32 = 9;
/// POSIX's number of the signal that asks it to end.
const SIGTERM: i32 = 15;

/// Bytes that a pipe receives at a time, and those that may wait to be written to one.
const PIPE: usize = 4096;

/// What is to be started, by [`Processes`]: see [`SubprocessProtocol`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program<'a> {
    /// A program, with its arguments.
    Exec(&'a str, &'a [&'a str]),
    /// A line for the shell.
    Shell(&'a str),
}

/// What starts processes: a board of a host. An example is at [`SubprocessProtocol`]. asyncio has the operating system.
pub trait Processes: 'static {
    /// A process.
    type Child: Child + 'static;
    /// Its end of a pipe.
    type Pipe: ByteStream + 'static;

    /// Starts a process: input, output and errors are pipes.
    ///
    /// # Errors
    /// [`LineError::NotFound`], [`LineError::PermissionDenied`] and others; [`LineError::Unsupported`] where there are no
    /// processes.
    fn spawn(&self, program: Program<'_>) -> Result<(Self::Child, [Self::Pipe; 3]), LineError>;
}

/// A process that was started: what [`Processes`] gives to the transport of [`SubprocessProtocol`]. asyncio's
/// `subprocess.Popen`.
pub trait Child {
    /// Its number.
    fn pid(&self) -> u32;

    /// How it has exited: its code, or the negative number of the signal that ended it.
    ///
    /// # Errors
    /// It cannot be waited for.
    fn try_wait(&mut self) -> nb::Result<i32, LineError>;

    /// Sends it a signal.
    ///
    /// # Errors
    /// [`LineError::NotFound`] when it has exited.
    fn send_signal(&mut self, signal: i32) -> Result<(), LineError>;
}

impl<C: Child + 'static> IntoProtocol<dyn Child> for C {
    fn erase(this: NonNull<C>) -> NonNull<dyn Child> {
        this
    }
}

/// A machine without processes: every start answers [`LineError::Unsupported`]. An example is at [`SubprocessProtocol`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoProcesses;

/// There are none of these: see [`SubprocessProtocol`].
#[derive(Debug)]
pub enum NoChild {}

impl Processes for NoProcesses {
    type Child = NoChild;
    type Pipe = crate::net::NoSocket;

    fn spawn(&self, _: Program<'_>) -> Result<(NoChild, [crate::net::NoSocket; 3]), LineError> {
        Err(LineError::Unsupported)
    }
}

impl Child for NoChild {
    fn pid(&self) -> u32 {
        match *self {}
    }

    fn try_wait(&mut self) -> nb::Result<i32, LineError> {
        match *self {}
    }

    fn send_signal(&mut self, _: i32) -> Result<(), LineError> {
        match *self {}
    }
}

/// What the task, the pipes' protocols and the handles share.
struct Process {
    event_loop: &'static EventLoop,
    /// An object of the pool, as protocols are.
    child: ProtocolHandle<dyn Child>,
    pid: u32,
    protocol: Cell<Option<ProtocolHandle<dyn SubprocessProtocol>>>,
    returncode: Cell<Option<i32>>,
    pipes: [Cell<Option<TransportHandle>>; 3],
    /// How many pipes are not lost.
    open: Cell<u8>,
    made: Cell<bool>,
    closing: Cell<bool>,
    cause: Cell<Option<LineError>>,
    task: Cell<Waker>,
}

impl Process {
    fn tell<R>(&self, f: impl FnOnce(&mut (dyn SubprocessProtocol + 'static)) -> R) -> Option<R> {
        let protocol = self.protocol.take()?;
        self.protocol.set(Some(protocol.clone()));
        protocol.call(f)
    }

    fn pipe(&self, fd: u8) -> Option<TransportHandle> {
        let place = self.pipes.get(usize::from(fd))?;
        let pipe = place.take();
        place.set(pipe.clone());
        pipe
    }

    fn send_signal(&self, signal: i32) -> Result<(), LineError> {
        if self.returncode.get().is_some() {
            return Err(LineError::NotFound);
        }
        self.child.call(|child| child.send_signal(signal)).unwrap_or(Err(LineError::NotFound))
    }

    /// Closes all pipes, and ends a process that has not ended.
    fn close(&self, cause: Option<LineError>) {
        if self.closing.replace(true) {
            return;
        }
        self.cause.set(cause);
        for fd in 0..3 {
            if let Some(mut pipe) = self.pipe(fd) {
                pipe.close();
            }
        }
        // One that has exited in the meantime is not to be ended.
        self.send_signal(SIGKILL).ok();
    }
}

/// The protocol of a pipe.
struct PipeProtocol {
    fd: u8,
    process: Shared<Process>,
}

impl Protocol for PipeProtocol {
    fn data_received(&mut self, _: &mut dyn Transport, data: &[u8]) {
        self.process.tell(|protocol| protocol.pipe_data_received(self.fd, data));
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        let process = &self.process;
        process.pipes[usize::from(self.fd)].set(None);
        process.tell(|protocol| protocol.pipe_connection_lost(self.fd, cause));
        process.open.set(process.open.get() - 1);
        process.event_loop.wake(process.task.get());
    }

    fn pause_writing(&mut self) {
        self.process.tell(|protocol| protocol.pause_writing());
    }

    fn resume_writing(&mut self) {
        self.process.tell(|protocol| protocol.resume_writing());
    }
}

/// A reference to a child process; asyncio's transport object. Dropping it neither closes nor ends anything. Made by
/// [`EventLoop::subprocess_exec`].
#[derive(Clone)]
pub struct SubprocessHandle {
    process: Shared<Process>,
    task: AnyTask,
}

impl SubprocessHandle {
    /// Waits until `connection_lost` has been called. Cancelling who waits changes nothing. asyncio's `Process.wait` returns earlier,
    /// when the process has exited.
    pub fn wait_closed(&self) -> WaitForEnd {
        self.task.wait()
    }
}

impl BaseTransport for SubprocessHandle {
    type Protocol = dyn SubprocessProtocol;

    /// Closes all pipes, and kills the process if it runs.
    fn close(&mut self) {
        self.process.close(None);
    }

    fn abort_with(&mut self, cause: LineError) {
        self.process.close(Some(cause));
    }

    fn fatal_error(&mut self, cause: LineError, message: &'static str) {
        let transport = AnyTransport::new(self.task.clone());
        let protocol = self.get_protocol().map(|protocol| (&protocol).into());
        let context = ErrorContext::new(message).with_cause(cause).with_transport(transport, protocol);
        self.event_loop().call_exception_handler(&context);
        self.abort_with(cause);
    }

    fn is_closing(&self) -> bool {
        self.process.closing.get() || self.task.done()
    }

    fn get_extra_info(&self, name: &str) -> Option<Info> {
        (name == "pid").then_some(Info::Number(self.process.pid.into()))
    }

    fn set_protocol(&mut self, protocol: ProtocolHandle<dyn SubprocessProtocol>) {
        if !self.task.done() {
            drop(self.process.protocol.replace(Some(protocol)));
        }
    }

    fn get_protocol(&self) -> Option<ProtocolHandle<dyn SubprocessProtocol>> {
        let protocol = self.process.protocol.take();
        self.process.protocol.set(protocol.clone());
        protocol
    }

    fn event_loop(&self) -> &'static EventLoop {
        self.process.event_loop
    }
}

impl SubprocessTransport for SubprocessHandle {
    fn get_pid(&self) -> u32 {
        self.process.pid
    }

    fn get_returncode(&self) -> Option<i32> {
        self.process.returncode.get()
    }

    fn get_pipe_transport(&self, fd: u8) -> Option<TransportHandle> {
        self.process.pipe(fd)
    }

    fn send_signal(&mut self, signal: i32) -> Result<(), LineError> {
        self.process.send_signal(signal)
    }

    fn terminate(&mut self) -> Result<(), LineError> {
        self.process.send_signal(SIGTERM)
    }

    fn kill(&mut self) -> Result<(), LineError> {
        self.process.send_signal(SIGKILL)
    }

    fn handle(&self) -> SubprocessHandle {
        self.clone()
    }
}

impl fmt::Debug for SubprocessHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut handle = f.debug_struct("SubprocessHandle");
        handle.field("pid", &self.get_pid()).field("returncode", &self.get_returncode()).finish_non_exhaustive()
    }
}

/// The task that waits for the process.
struct Watch {
    process: Shared<Process>,
}

impl Coroutine for Watch {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        let process = &self.process;
        process.task.set(cx.waker());
        if cx.take_cancel() {
            process.close(None);
        }
        if !process.made.replace(true) {
            let Some(task) = cx.event_loop().and_then(EventLoop::current_task) else { return Resume::Pending };
            let mut handle = SubprocessHandle { process: process.clone(), task };
            process.tell(|protocol| protocol.connection_made(&mut handle));
        }
        if process.returncode.get().is_none() {
            match process.child.call(|child| child.try_wait()) {
                Some(Ok(code)) => {
                    process.returncode.set(Some(code));
                    process.tell(|protocol| protocol.process_exited());
                }
                Some(Err(nb::Error::Other(error))) => {
                    // It cannot be waited for: as if it had ended in an unknown way.
                    process.returncode.set(Some(-1));
                    process.close(Some(error));
                    process.tell(|protocol| protocol.process_exited());
                }
                Some(Err(nb::Error::WouldBlock)) | None => blocked(cx),
            }
        }
        if process.returncode.get().is_none() || process.open.get() > 0 {
            return Resume::Pending;
        }
        process.closing.set(true);
        let cause = process.cause.get();
        process.tell(|protocol| protocol.connection_lost(cause));
        drop(process.protocol.take());
        Resume::Done(())
    }
}

/// What starting a process answers.
type Started = Result<(SubprocessHandle, ProtocolHandle<dyn SubprocessProtocol>), LineError>;

impl EventLoop {
    /// Starts a program with arguments, its input, output and errors as pipes. asyncio's `subprocess_exec`. The
    /// protocol's `connection_made` is called in the next turn, before anything is received. It waits for nothing, so it is no
    /// coroutine. An example is at [`SubprocessProtocol`].
    ///
    /// # Errors
    /// [`LineError::NotFound`], [`LineError::PermissionDenied`], [`LineError::Full`] if the pool is full; and
    /// [`LineError::Unsupported`] on a chip.
    pub fn subprocess_exec(
        &'static self,
        processes: &impl Processes,
        protocol: impl SubprocessProtocol + 'static,
        program: &str,
        arguments: &[&str],
    ) -> Started {
        self.spawn(processes, protocol, Program::Exec(program, arguments))
    }

    /// As [`EventLoop::subprocess_exec`], with a line for the shell. asyncio's `subprocess_shell`.
    ///
    /// # Errors
    /// As [`EventLoop::subprocess_exec`].
    pub fn subprocess_shell(
        &'static self,
        processes: &impl Processes,
        protocol: impl SubprocessProtocol + 'static,
        line: &str,
    ) -> Started {
        self.spawn(processes, protocol, Program::Shell(line))
    }

    fn spawn(
        &'static self,
        processes: &impl Processes,
        protocol: impl SubprocessProtocol + 'static,
        program: Program<'_>,
    ) -> Started {
        let (child, pipes) = processes.spawn(program)?;
        let pid = child.pid();
        let protocol = self.create_protocol(protocol).map_err(LineError::from)?;
        let child = self.create_protocol(child).map_err(LineError::from)?;
        let process = Process {
            event_loop: self,
            child,
            pid,
            protocol: Cell::new(Some(protocol.clone())),
            returncode: Cell::new(None),
            pipes: [const { Cell::new(None) }; 3],
            open: Cell::new(0),
            made: Cell::new(false),
            closing: Cell::new(false),
            cause: Cell::new(None),
            task: Cell::new(Waker::NONE),
        };
        let process = Shared::new(self, process).map_err(LineError::from)?;
        let task = self.create_inner_task(Watch { process: process.clone() }).map_err(LineError::from)?.as_any();
        let mut handle = SubprocessHandle { process: process.clone(), task };
        for (fd, pipe) in (0u8..).zip(pipes) {
            let made = self.create_protocol(PipeProtocol { fd, process: process.clone() }).map_err(LineError::from);
            let made =
                made.and_then(|protocol| self.make_transport::<PIPE, PIPE>(pipe, protocol).map_err(LineError::from));
            match made {
                Ok(transport) => {
                    process.open.set(process.open.get() + 1);
                    process.pipes[usize::from(fd)].set(Some(transport));
                }
                Err(error) => {
                    // Nobody has been told of it yet.
                    drop(process.protocol.take());
                    handle.abort_with(error);
                    return Err(error);
                }
            }
        }
        Ok((handle, protocol))
    }

    /// Connects a protocol to a pipe that is read, with `RX` bytes for what is received at a time. asyncio's
    /// `connect_read_pipe`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// #[derive(Default)]
    /// struct Count(usize);
    ///
    /// impl Protocol for Count {
    ///     fn data_received(&mut self, _: &mut dyn Transport, data: &[u8]) {
    ///         self.0 += data.len();
    ///     }
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (here, mut there) = segno::host::pair(64); // with a host's board, a file
    /// let connect = lp.connect_read_pipe::<16>(here, Count::default());
    /// let (transport, protocol) = lp.run_until_complete(connect).unwrap().unwrap();
    /// # use segno::transport::ByteStream;
    /// there.try_write(b"forty bytes, in three pieces for who reads").unwrap();
    /// drop(there);
    /// lp.run_until_complete(transport.wait_closed()).unwrap();
    /// assert_eq!(protocol.with(|count: &mut Count| count.0), Some(42));
    /// ```
    ///
    /// # Errors
    /// As [`EventLoop::connect_stream`].
    ///
    /// # Cancellation
    /// Closes the pipe.
    pub fn connect_read_pipe<const RX: usize>(
        &'static self,
        pipe: impl ByteStream + 'static,
        protocol: impl Protocol + 'static,
    ) -> impl Coroutine<Output = Result<(TransportHandle, ProtocolHandle), Refused<()>>> + 'static {
        self.connect_stream::<RX, 1>(pipe, protocol)
    }

    /// Connects a protocol to a pipe that is written to, with `TX` bytes for what is still to be written. asyncio's
    /// `connect_write_pipe`.
    ///
    /// # Errors
    /// As [`EventLoop::connect_stream`].
    ///
    /// # Cancellation
    /// Closes the pipe.
    pub fn connect_write_pipe<const TX: usize>(
        &'static self,
        pipe: impl ByteStream + 'static,
        protocol: impl crate::protocol::BaseProtocol + 'static,
    ) -> impl Coroutine<Output = Result<(TransportHandle, ProtocolHandle), Refused<()>>> + 'static {
        self.connect_stream::<1, TX>(pipe, crate::protocol::WriteOnly(protocol))
    }
}
