//! A network for segno on a chip: smoltcp's stack, without a heap.
//!
//! # The problem
//! [smoltcp] is to be polled: when a frame has come, when something is to be sent, when a time has come. A
//! program wants to sleep meanwhile, and to use [`segno::net`] as on a host.
//!
//! # The design
//! [`StackMemory`] is a static with room for a number of sockets, which are types: so many for datagrams, so many for
//! connections, and the bytes of each one's buffers. [`StackMemory::start`] makes a
//! [`StackHandle`] of it, which is a [`Network`](segno::net::Network), and a task that polls smoltcp when the controller's interrupt,
//! a timer or a socket wants it. A driver of a controller is a [`Controller`]: frames in and out, and an interrupt.
//!
//! ```text
//! interrupt ─▶ task of the stack ── smoltcp ──▶ wakes sockets ──▶ transports' tasks
//!                    ▲                                                  │ write, close
//!                    └──────────────────────────────────────────────────┘
//! ```
//!
//! Its address is known, or a server gives it ([`Settings`]). Names are asked for by [`getaddrinfo`](segno::EventLoop::getaddrinfo).
//!
//! | feature | what it has | without it |
//! |---|---|---|
//! | `udp`, `tcp` (default) | datagrams; connections | [`LineError::Unsupported`](segno::LineError::Unsupported) |
//! | `dhcp` | [`Settings::dhcp`]: an address from a server | the address must be known |
//! | `dns` | addresses of names | no [`Names`](segno::net::Names) |
//!
//! # Limits
//! IPv4 only. Another address is an error that says so: [`Unreachable`](segno::LineError::Unreachable) for connections and
//! datagrams, [`AddressNotAvailable`](segno::LineError::AddressNotAvailable) for listening. Of IPv6, smoltcp has what is needed (`proto-ipv6`); the drivers
//! would have to let its multicasts in, and [`Settings`] to have its addresses.
//!
//! smoltcp drops datagrams for which a socket's buffer has no room, and does not say so; and it does not tell a
//! datagram socket that nobody listens at the other end. A connection that comes while all sockets are in use is refused; so is
//! one that is not established within half a minute, which gives its place back. One in which both sides write and neither
//! reads for five minutes is given up.
//!
//! # Costs
//! As the type says, and about 500 bytes for each socket and 2.5 KiB for the stack, on a 32-bit chip: a frame of 1.5 KiB
//! is part of it. After a poll that has received something, every socket that somebody waits for is tried again; one for datagrams
//! of which somebody waits for room, after a poll that has sent something.

#![no_std]
#![deny(missing_docs)]

#[cfg(not(any(feature = "tcp", feature = "udp")))]
compile_error!("a stack is for datagrams or connections, or both: features `udp` and `tcp`");

pub mod controller;
pub mod lan9118;
mod memory;
#[cfg(feature = "dns")]
mod names;
pub mod registers;
mod stack;
pub mod stellaris;
#[cfg(feature = "tcp")]
mod tcp;
#[cfg(feature = "udp")]
mod udp;

pub use controller::Controller;
pub use memory::StackMemory;
#[cfg(feature = "dns")]
pub use names::StackLookup;
pub use smoltcp;
pub use stack::{Settings, StackHandle};
#[cfg(feature = "tcp")]
pub use tcp::{StackListener, StackStream};
#[cfg(feature = "udp")]
pub use udp::StackDatagrams;
