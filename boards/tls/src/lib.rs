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
//! the traits of `embedded-io-async`: `TlsConnection::new(Duplex::from(streams), …)`. `chip/client.rs` is such a client. It runs on
//! the simulator (`tests/embedded.rs`) and as firmware on QEMU's mps2-an386, over smoltcp, where Python's `ssl` and `openssl
//! s_server` answer it (`cargo segno qemu mps2-an386 tls_client`, `boards/segno/tests/net.rs`). It has not run on a real chip.
//!
//! *Trust.* The firmware trusts one authority, whose certificate it has in flash (`chip/authority.der`, that of the tests): the server's
//! certificate must be signed by it with ECDSA over P-256 and be for the name that was asked for. Dates are not checked, since
//! no board here knows the day; one that asks a time server can give embedded-tls a clock in the place of `NoClock`.
//!
//! *Random numbers.* Whoever can guess them can read along. The mps2-an386 has no hardware for them, so `tls_client` begins with the
//! time since the start, **which is no secret**. Of the boards here:
//!
//! | board | source |
//! |---|---|
//! | `microbit-v2`, `microbit` | nRF5's RNG |
//! | `pico2` | RP2350's TRNG |
//! | `esp32c3` | its RNG, which is one while the radio or the ADC runs |
//! | `pico` | the ring oscillator's bit, which needs whitening; no generator for keys |
//! | `stm32f4` (F411), MPS2 boards, `lm3s6965evb`, `riscv-virt` | none: a seed in flash, secret, and replaced by a new one at each start |
//! | `netduinoplus2` (F405) | the chip has an RNG, QEMU has not |
//!
//! *What is missing.* Servers on a chip, and TLS below a transport there: embedded-tls is asynchronous inside, and wants to own its stream.
//!
//! *Costs.* `tls_client` on mps2-an386, with network, loop and everything: 152,664 bytes of flash, 35,924 bytes of static RAM (two
//! buffers of 20,736 bytes together among them), and 57,868 bytes of stack at the deepest, in the handshake, which takes 0.2 to
//! 0.3 s on QEMU.
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
