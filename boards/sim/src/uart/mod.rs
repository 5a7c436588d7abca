//! UARTs: the device that a program has, the line, and the other end that a test has.
//!
//! # The problem
//! A driver that works with instant, perfect bytes fails on a wire: bytes take time, rings are small, and lines err.
//!
//! # The design
//! Without a baud rate a line is a pipe: bytes take no time, and nothing is ever lost. With one
//! ([`UartHandle::baud`]) every byte takes ten bits (8N1), the receive ring has a size and overruns, the transmit ring
//! fills up and makes the writer wait; with [`UartHandle::flow_control`] the receive ring does, too. Bytes that follow each other keep the line's exact rhythm, in nanoseconds; each
//! arrives in the microsecond in which its stop bit has ended. Errors are items of the line like bytes
//! ([`UartHandle::inject`]), so that they are reported in order.
//!
//! # Costs
//! One scheduled event a byte with a baud rate, none without.

mod device;
mod handle;
mod line;

pub use device::{Uart, UartDevice};
pub use handle::{Received, UartHandle};
pub(crate) use line::{Item, UartState};
