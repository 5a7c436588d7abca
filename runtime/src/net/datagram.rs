//! `create_datagram_endpoint`.

use core::net::SocketAddr;

use super::Network;
use crate::coroutine::Coroutine;
use crate::event_loop::EventLoop;
use crate::protocol::{DatagramProtocol, ProtocolHandle};
use crate::transport::{Connect, DatagramHandle, LineError, datagram_pair};

impl EventLoop {
    /// Opens a datagram endpoint on a network, on `local`, and connected to `remote` if that is given. `RX` bytes is the
    /// longest datagram that can be received (a longer one is [`LineError::TooBig`] in `error_received`), and `TX` bytes are
    /// for those that wait to be sent, each with 25 bytes more. When it returns, `connection_made` has been called.
    /// asyncio's `create_datagram_endpoint`. An example is at [`DatagramProtocol`].
    ///
    /// # Errors
    /// The coroutine's output is the network's error, or [`LineError::Full`] if the pool is full.
    ///
    /// # Cancellation
    /// Closes the endpoint.
    pub fn create_datagram_endpoint<const RX: usize, const TX: usize>(
        &'static self,
        network: impl Network,
        protocol: impl DatagramProtocol + 'static,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> impl Coroutine<Output = Result<(DatagramHandle, ProtocolHandle<dyn DatagramProtocol>), LineError>> + 'static
    {
        Connect::new(self, move |event_loop: &'static EventLoop| {
            let socket = network.bind_datagrams(local, remote)?;
            datagram_pair::<RX, TX>(event_loop, socket, protocol).map_err(LineError::from)
        })
    }
}
