//! The example programs of segno: one source for the host simulator and for every board.
//!
//! Each module is one program. Its `main` takes the loop and the devices that it needs, by the traits of
//! [`embedded_hal`] and [`embedded_hal_nb`], so that nothing in it names a chip. What it prints is in
//! `expected/NAME.out`, and what it is fed in `expected/NAME.in`.

#![no_std]
#![deny(missing_docs)]

pub mod blinky;
pub mod coroutine;
pub mod echo;
pub mod future;
pub mod hello;
pub mod line;
pub mod lines;
pub mod ntp;
pub mod subprocess;
pub mod tasks;
pub mod tcp_shell;
pub mod uart_gateway;
pub mod udp_echo;

/// An example's name, and what it shows in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The module's name.
    pub name: &'static str,
    /// What it shows.
    pub description: &'static str,
}

/// Every example, the simplest first.
pub const EXAMPLES: &[Example] = &[
    Example { name: "hello", description: "a callback prints `Hello World` and stops the loop" },
    Example { name: "future", description: "a coroutine keeps a promise after two seconds" },
    Example { name: "coroutine", description: "coroutines in both spellings, one awaiting the other" },
    Example { name: "tasks", description: "ten tasks in parallel need one second" },
    Example { name: "blinky", description: "a task toggles a pin every half second" },
    Example { name: "echo", description: "a session on a serial line, with an idle timeout" },
    Example { name: "lines", description: "the same service as a protocol on a transport" },
    Example { name: "udp_echo", description: "datagrams go back to where they came from" },
    Example { name: "tcp_shell", description: "a shell for several clients at once, over TCP" },
    Example { name: "uart_gateway", description: "two serial ports behind one UDP socket" },
    Example { name: "ntp", description: "asks a time server over UDP, until there is an answer or no more hope" },
    Example {
        name: "subprocess",
        description: "child processes of the host: their lines, and one that takes too long",
    },
];
