//! TLS for segno's transports, on a host: [rustls] over any byte stream.
//!
//! # The problem
//! asyncio's `create_connection(…, ssl=context)` gives a transport like any other, whose bytes are secret on the wire. A
//! protocol must not notice, except that it learns of what TLS adds: handshakes that fail, ends that are cuts.
//!
//! # The design
//! TLS is a device on a device: [`TlsStream`] is a [`ByteStream`](segno::transport::ByteStream) over another one. So transports, streams, flow control and
//! `close` are those that there are; what a stream holds back when the line below it blocks, its transport passes on.
//! [`Tls`] is a [`Network`](segno::net::Network) over another one, which does the handshake before a connection counts as one:
//!
//! | asyncio | here |
//! |---|---|
//! | `create_connection(P, host, port, ssl=context)` | `lp.create_connection(Tls::client(network, context, "host")?, P, address)` |
//! | `open_connection(…, ssl=context)` | `lp.open_connection(Tls::client(network, context, "host")?, address)` |
//! | `create_server(P, …, ssl=context)`, `start_server` | `lp.create_server(Tls::server(network, context), P, address)` |
//! | `loop.start_tls(transport, …)`, `writer.start_tls(context)` | [`start_tls`]`(&transport, side)`, on a connection of [`Later`] |
//! | `ssl.create_default_context(cafile=…)` | [`client_context`]`(pem)` |
//! | `context.load_cert_chain(cert, key)` | [`server_context`]`(pem, key)` |
//! | `ssl_handshake_timeout`, `ssl_shutdown_timeout` | [`HANDSHAKE`] (60 s), [`FAREWELL`] (30 s): asyncio's defaults |
//!
//! Everything else is configured by rustls' own types: client certificates, ALPN, versions, where roots come from.
//!
//! # Ends and errors
//! - The other side's `close_notify` is the end of its input: `eof_received`, or reads of length 0.
//! - `close` sends what is buffered, then `close_notify`, then waits for the other one's, for 30 seconds at most, while
//!   everything that still comes is dropped. `abort` does none of it.
//! - An end without `close_notify` is [`LineError::Truncated`](segno::LineError::Truncated): asyncio takes it for a good end, and somebody who cuts the
//!   wire for the peer.
//! - What is wrong with TLS itself is [`LineError::Tls`](segno::LineError::Tls), also a certificate that is not trusted; [`last_error`] says what it
//!   was. The other side is told by an alert.
//! - `can_write_eof` is false, as in asyncio.
//!
//! # On a chip
//! rustls needs a heap. [embedded-tls](https://crates.io/crates/embedded-tls), which Embassy's developers maintain, needs none: TLS 1.3, clients
//! only, with a buffer of 16,640 bytes for servers that send records of full length. It goes over segno's streams as it is, by
//! the traits of `embedded-io-async`: `TlsConnection::new(Duplex::from(streams), …)`. `tests/embedded.rs` is such a client,
//! on the simulator; it has not run on a chip. Servers, and TLS below a transport, are not there for chips.
//!
//! # Costs
//! rustls's: some 50 KiB of heap for a connection with full buffers, and two copies of every byte.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod context;
mod later;
mod network;
mod stream;

pub use context::{ContextError, Side, client_context, last_error, server_context};
pub use later::{Later, Upgradable, start_tls};
pub use network::{Tls, TlsListener};
pub use rustls;
pub use stream::{FAREWELL, HANDSHAKE, TlsStream};
