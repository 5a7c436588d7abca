//! TLS over all connections of a network.

use std::net::SocketAddr;
use std::sync::Arc;

use nb::Error::{Other, WouldBlock};
use rustls::{ClientConfig, ServerConfig};
use segno::LineError;
use segno::net::{Connection, Listener, Network};

use crate::context::{ContextError, Side};
use crate::stream::TlsStream;

/// As many handshakes of a server are under way at a time.
const HANDSHAKES: usize = 100;

/// A network whose connections are secret: as client of one server, or as server.
#[derive(Debug, Clone)]
pub struct Tls<N> {
    network: N,
    side: Side,
}

impl<N: Network> Tls<N> {
    /// For connections to a server that must have a certificate for this name, or address.
    ///
    /// # Errors
    /// [`ContextError::Name`].
    pub fn client(network: N, context: Arc<ClientConfig>, server: &str) -> Result<Tls<N>, ContextError> {
        Ok(Tls { network, side: Side::client(context, server)? })
    }

    /// For servers.
    pub fn server(network: N, context: Arc<ServerConfig>) -> Tls<N> {
        Tls { network, side: Side::Server(context) }
    }
}

/// Datagrams are not secured, and so not opened; nor is a client's network listened on, or a server's used to connect: all
/// of that is [`LineError::Unsupported`].
impl<N: Network> Network for Tls<N> {
    type Datagrams = N::Datagrams;
    type Stream = TlsStream<N::Stream>;
    type Listener = TlsListener<N::Listener>;

    fn bind_datagrams(&self, _: Option<SocketAddr>, _: Option<SocketAddr>) -> Result<N::Datagrams, LineError> {
        Err(LineError::Unsupported)
    }

    fn begin_connect(&self, remote: SocketAddr) -> Result<Self::Stream, LineError> {
        match &self.side {
            Side::Client(..) => TlsStream::new(self.network.begin_connect(remote)?, &self.side),
            Side::Server(_) => Err(LineError::Unsupported),
        }
    }

    fn listen(&self, local: SocketAddr, backlog: usize) -> Result<Self::Listener, LineError> {
        match &self.side {
            Side::Client(..) => Err(LineError::Unsupported),
            Side::Server(_) => {
                let listener = self.network.listen(local, backlog)?;
                Ok(TlsListener { listener, side: self.side.clone(), shaking: Vec::new() })
            }
        }
    }
}

/// Accepts connections when their handshake is done. Several go on at the same time.
pub struct TlsListener<L: Listener> {
    listener: L,
    side: Side,
    shaking: Vec<TlsStream<L::Stream>>,
}

impl<L: Listener> TlsListener<L> {
    /// A connection whose handshake has come to an end.
    fn shaken(&mut self) -> Option<Result<TlsStream<L::Stream>, LineError>> {
        for index in 0..self.shaking.len() {
            match self.shaking[index].try_handshake() {
                Ok(()) => return Some(Ok(self.shaking.swap_remove(index))),
                Err(Other(error)) => {
                    self.shaking.swap_remove(index);
                    return Some(Err(error));
                }
                Err(WouldBlock) => {}
            }
        }
        None
    }
}

impl<L: Listener> Listener for TlsListener<L>
where
    L::Stream: Connection,
{
    type Stream = TlsStream<L::Stream>;

    fn try_accept(&mut self) -> nb::Result<Self::Stream, LineError> {
        loop {
            if let Some(shaken) = self.shaken() {
                return shaken.map_err(Other);
            }
            if self.shaking.len() == HANDSHAKES {
                return Err(WouldBlock);
            }
            let line = self.listener.try_accept()?;
            self.shaking.push(TlsStream::new(line, &self.side)?);
        }
    }

    fn local_address(&self) -> SocketAddr {
        self.listener.local_address()
    }
}
