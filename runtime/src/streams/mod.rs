//! Streams: reading and writing in coroutines, where a protocol's callbacks are not wanted.
//!
//! # The problem
//! A dialogue ("read a line, answer it, read the next") is a loop in a coroutine, and a state machine in callbacks.
//!
//! # The design
//! asyncio's `StreamReader` and `StreamWriter`, on top of a protocol that collects what is received and pauses the
//! transport when nobody reads it. The buffer is a part of that protocol, received into in place; its size is the
//! user's choice. Both ends are handles, and may be kept by different tasks.
//!
//! ```text
//! transport ── buffer_updated ─▶ Stream: buffer, limit ◀── read · readexactly · readuntil · readline ── StreamReader
//!           ── pause_writing ──▶         who drains    ◀── drain                                    ── StreamWriter
//!           ◀──────────────────────────────────────────── write · close
//! ```
//! # Invariants
//! - **QUIET**: the protocol's callbacks call no code of users. So the stream is never borrowed when a coroutine asks for it.
//!
//! # Costs
//! About 60 bytes beside the buffer, on a 32-bit chip. What is read is copied once more.

mod embedded;
mod error;
mod open;
mod reader;
mod separators;
mod stream;
mod writer;

pub use embedded::Duplex;
pub use error::ReadError;
pub use reader::StreamReader;
pub(crate) use reader::{Reading, Stream};
pub use separators::Separators;
pub use writer::StreamWriter;
pub(crate) use writer::{Drain, WaitClosed, WriteAll, WriteSome};
