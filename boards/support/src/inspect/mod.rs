//! Answers `cargo segno ps` on a UART: what is in the RAM, for a board without a debug probe.
//!
//! # The problem
//! A board in the field does nothing, and has a serial port, but no debugger. What its tasks do is in its memory, and the
//! program that could tell is the one that is stuck.
//!
//! # The design
//! [`Answering`] stands between a UART's driver and its [`BufferedUart`](crate::serial::BufferedUart). It has every byte
//! first, in the interrupt: so it answers while a task does not yield. Bytes that are a request
//! ([`segno_inspect_protocol`]) are answered and gone; all others go on to the program, in their order, with their errors.
//! An answer goes out in one piece, between two bytes of the program's.
//!
//! | file | what it is | hardware |
//! |---|---|---|
//! | `answering` | the UART that answers, shared or for this alone | none: host tests |
//! | `responder` | finds requests among bytes, makes answers | none: host tests |
//! | `memory` | what may be read, and reading it | host tests, Miri |
//!
//! *What is held back.* Bytes that may be the beginning of a request wait until it is clear that they are not: the first of
//! them is 0xF5, which is in no UTF-8 text. If nothing follows them, they go on after [`HELD`], by a timer of the loop; if
//! the loop does not turn any more, nobody waits for them; if it has no memory for the timer, they wait for the next byte.
//! So a program that is asked may be woken, some ten times a second, and has a call and a timer more. A UART for this alone
//! leaves the loop in peace.
//!
//! *When the program does not read.* A receive ring that is full takes no more. What comes next is looked at all the same: a
//! request is answered. A byte of the program's waits in the driver, and what is behind it with it: no answer then. On a
//! line on which that is lost anyway if it is not fetched (no flow control, and not QEMU's), it is [`Losing`]: then it is lost
//! here, reported as the overrun that it is, and requests behind it are answered. A UART for this alone ([`Answering::on_interrupt`]) answers always.
//!
//! *What may be read.* RAM, from its beginning to its end by the linker script, in whole words; never a peripheral. Who can
//! write to the line can read all of it: keys and passwords too.
//!
//! *What is one moment's.* The words of one answer, up to 32: they are copied in the interrupt. Between two answers the
//! program goes on.
//!
//! *What is not answered.* While interrupts are masked: in a long critical section, after a panic or a fault. While a handler
//! of the same or a higher priority does not return.
//!
//! # Costs
//! Nothing without the feature `inspect`. With it, beside the same program without it, by `cargo segno size` in bytes:
//!
//! | board | program | on | flash | RAM |
//! |---|---|---|---|---|
//! | `lm3s6965evb` | `echo` | UART 0, shared | 3,464 | 192 |
//! | `lm3s6965evb` | `trouble`, which has no `call_later` otherwise | UART 0, shared | 4,108 | 192 |
//! | `lm3s6965evb` | `trouble` | UART 1, alone | 3,880 | 192 |
//! | `stm32f4` | `echo` | UART 0, shared | 3,420 | 188 |
//! | `esp32c3` | `echo` | UART 0, shared | 4,402 | 216 |
//!
//! The linker's build id, 24 bytes of flash, is in these numbers; on `esp32c3` it is 28, of RAM too.

mod answering;
mod memory;
mod responder;

#[cfg(test)]
mod tests;

use segno::time::Duration;

pub use self::answering::{Answering, Keeping, Losing, Policy};
pub use self::memory::Readable;

/// How long bytes that may be the beginning of a request are held back at most: longer than a host pauses in the middle
/// of one.
pub const HELD: Duration = Duration::from_millis(100);
