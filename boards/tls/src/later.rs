//! `start_tls`: a connection that begins in the clear, and is made secret when both sides have said so.
//!
//! # The problem
//! A transport owns its stream; who wants to make it secret has a handle of the transport.
//!
//! # The design
//! An [`Upgradable`] stream has a number, which is what `get_extra_info("upgradable")` answers; [`start_tls`] finds the
//! stream by it, in a list of the thread's.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};

use segno::net::{Connection, Listener, Network};
use segno::prelude::*;
use segno::transport::{ByteStream, Info};
use segno::{LineError, WakerCell};

use crate::context::Side;
use crate::stream::TlsStream;

/// What an upgradable stream is at present.
enum Mode<S> {
    Clear(S),
    Secret(Box<TlsStream<S>>),
    /// Its context was refused: there is no line any more.
    Broken,
}

struct Shared<S> {
    mode: RefCell<Mode<S>>,
    /// Who waits for the handshake.
    upgrading: WakerCell,
}

/// Whose type [`start_tls`] does not know.
trait Upgrade {
    fn begin(&self, side: &Side) -> Result<(), LineError>;
    fn try_upgraded(&self) -> nb::Result<(), LineError>;
}

impl<S: ByteStream> Upgrade for Shared<S> {
    fn begin(&self, side: &Side) -> Result<(), LineError> {
        let mode = &mut *self.mode.borrow_mut();
        match std::mem::replace(mode, Mode::Broken) {
            Mode::Clear(line) => *mode = Mode::Secret(Box::new(TlsStream::new(line, side)?)),
            other => {
                *mode = other;
                return Err(LineError::Unsupported);
            }
        }
        Ok(())
    }

    /// The transport's task does the handshake; here somebody waits for it.
    fn try_upgraded(&self) -> nb::Result<(), LineError> {
        match &mut *self.mode.borrow_mut() {
            Mode::Secret(stream) if stream.is_handshaking() => {
                self.upgrading.register_current();
                Err(nb::Error::WouldBlock)
            }
            Mode::Secret(stream) => match stream.try_handshake() {
                // What is left to be sent is the transport's.
                Err(nb::Error::WouldBlock) => Ok(()),
                result => result,
            },
            _ => Err(nb::Error::Other(LineError::Closed)),
        }
    }
}

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(0) };
    static STREAMS: RefCell<HashMap<u64, Weak<dyn Upgrade>>> = RefCell::default();
}

/// A byte stream that is in the clear until [`start_tls`] makes it secret.
pub struct Upgradable<S> {
    number: u64,
    shared: Rc<Shared<S>>,
}

impl<S: ByteStream + 'static> Upgradable<S> {
    /// In the clear.
    pub fn new(line: S) -> Upgradable<S> {
        let shared = Rc::new(Shared { mode: RefCell::new(Mode::Clear(line)), upgrading: WakerCell::new() });
        let number = NEXT.replace(NEXT.get() + 1);
        let upgrade: Rc<dyn Upgrade> = shared.clone();
        STREAMS.with_borrow_mut(|streams| streams.insert(number, Rc::downgrade(&upgrade)));
        Upgradable { number, shared }
    }

    fn with<R>(&self, work: impl FnOnce(&mut dyn ByteStream) -> nb::Result<R, LineError>) -> nb::Result<R, LineError> {
        let mode = &mut *self.shared.mode.borrow_mut();
        let (stream, handshaking): (&mut dyn ByteStream, bool) = match mode {
            Mode::Clear(line) => (line, false),
            Mode::Secret(stream) => {
                let handshaking = stream.is_handshaking();
                (&mut **stream, handshaking)
            }
            Mode::Broken => return Err(nb::Error::Other(LineError::Closed)),
        };
        let result = work(stream);
        if handshaking {
            // It may be done, or have failed.
            self.shared.upgrading.wake();
        }
        result
    }
}

impl<S> Drop for Upgradable<S> {
    fn drop(&mut self) {
        STREAMS.with_borrow_mut(|streams| streams.remove(&self.number));
        self.shared.upgrading.wake();
    }
}

impl<S: ByteStream + 'static> ByteStream for Upgradable<S> {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        self.with(|stream| stream.try_read(buffer))
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        self.with(|stream| stream.try_write(bytes))
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        self.with(|stream| stream.try_flush())
    }

    fn has_unsent(&self) -> bool {
        self.with(|stream| Ok(stream.has_unsent())).unwrap_or(false)
    }

    fn try_close(&mut self) -> nb::Result<(), LineError> {
        self.with(|stream| stream.try_close())
    }

    /// As long as it is in the clear.
    fn can_write_eof(&self) -> bool {
        self.with(|stream| Ok(stream.can_write_eof())).unwrap_or(false)
    }

    fn try_write_eof(&mut self) -> nb::Result<(), LineError> {
        self.with(|stream| stream.try_write_eof())
    }

    fn abort(&mut self) {
        self.with(|stream| {
            stream.abort();
            Ok(())
        })
        .ok();
    }

    fn extra_info(&self, name: &str) -> Option<Info> {
        if name == "upgradable" {
            return Some(Info::Number(self.number));
        }
        self.with(|stream| Ok(stream.extra_info(name))).unwrap_or(None)
    }
}

impl<S: Connection + 'static> Connection for Upgradable<S> {
    fn try_established(&mut self) -> nb::Result<(), LineError> {
        match &mut *self.shared.mode.borrow_mut() {
            Mode::Clear(line) => line.try_established(),
            Mode::Secret(stream) => stream.try_established(),
            Mode::Broken => Err(nb::Error::Other(LineError::Closed)),
        }
    }
}

/// A network whose connections are [`Upgradable`].
#[derive(Debug, Clone, Copy)]
pub struct Later<N>(pub N);

impl<N: Network> Network for Later<N> {
    type Datagrams = N::Datagrams;
    type Stream = Upgradable<N::Stream>;
    type Listener = Later<N::Listener>;

    fn bind_datagrams(&self, local: Option<SocketAddr>, remote: Option<SocketAddr>) -> Result<N::Datagrams, LineError> {
        self.0.bind_datagrams(local, remote)
    }

    fn begin_connect(&self, remote: SocketAddr) -> Result<Self::Stream, LineError> {
        self.0.begin_connect(remote).map(Upgradable::new)
    }

    fn listen(&self, local: SocketAddr, backlog: usize) -> Result<Self::Listener, LineError> {
        self.0.listen(local, backlog).map(Later)
    }
}

impl<L: Listener> Listener for Later<L> {
    type Stream = Upgradable<L::Stream>;

    fn try_accept(&mut self) -> nb::Result<Self::Stream, LineError> {
        self.0.try_accept().map(Upgradable::new)
    }

    fn local_address(&self) -> SocketAddr {
        self.0.local_address()
    }
}

/// Makes an [`Upgradable`] connection secret: what was written before is sent in the clear, then there is a handshake.
/// The transport stays the same, as do streams on it. asyncio's `StreamWriter.start_tls`.
///
/// Both sides must have agreed to it, and the other one must have said nothing since then: what has come before the
/// call is taken to have been in the clear.
///
/// # Errors
/// [`LineError::Unsupported`] if the connection is not upgradable, or secret already; else those of a handshake, which are
/// also the end of the connection.
///
/// # Cancellation
/// The handshake goes on.
#[segno::coroutine]
pub async fn start_tls(transport: &TransportHandle, side: &Side) -> Result<(), LineError> {
    let mut transport = transport.clone();
    let number = match transport.get_extra_info("upgradable") {
        Some(Info::Number(number)) => number,
        _ => return Err(LineError::Unsupported),
    };
    while transport.get_write_buffer_size() > 0 {
        sleep(1.millis()).await;
    }
    let stream = STREAMS.with_borrow(|streams| streams.get(&number).and_then(Weak::upgrade));
    let Some(stream) = stream else { return Err(LineError::Closed) };
    stream.begin(side)?;
    // The transport's task does the handshake while it reads.
    transport.resume_reading();
    let upgraded = block!(stream.try_upgraded());
    upgraded
}
