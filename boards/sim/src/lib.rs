//! The host simulator: segno programs on simulated nodes, in virtual or real time, the same run for the same seed.
//!
//! ```
//! use segno_sim::{Duration, Sim};
//!
//! let mut sim = Sim::new(1);
//! let node = sim.node("lamp", |board| {
//!     let lp = board.event_loop();
//!     lp.call_later(Duration::from_millis(500), |lp| {
//!         println!("half a second later");
//!         lp.stop();
//!     })
//!     .unwrap();
//!     lp.run_forever().unwrap();
//! });
//! sim.run_for(Duration::from_secs(3)); // takes microseconds
//! assert!(node.finished());
//! ```
//!
//! # The problem
//! A program for a chip is hard to test on the chip: runs take real time, inputs must be wired, and two runs are never
//! the same. On a host, programs block in `run_forever`, so nothing stands outside to move time; and mock clocks that
//! are moved by hand are global, so tests cannot run in parallel.
//!
//! # The design
//! A world ([`Sim`]) is a value: a seed, a clock, nodes, lines. Every node runs on a thread of its own, but exactly one
//! thread of a world runs at any moment, the one that has the **baton**. A node whose loop has nothing to do hands the
//! baton on in [`Clock::idle`](segno::board::Clock::idle) together with its next deadline; whoever hands it on also
//! decides who is next:
//!
//! 1. everything that the world has scheduled for the present instant happens (a byte arrives, an input ends);
//! 2. each node that was interrupted, or whose deadline has come, runs until it idles, in the order of their making;
//! 3. live input is taken, if there is any;
//! 4. otherwise time jumps to the next instant at which anything is due.
//!
//! A step of a program takes no virtual time, so an edge happens exactly at the deadline that caused it. A program that
//! never idles would stand still in time: every thousandth reading of the clock without an idle in between costs it a
//! microsecond, and gives other nodes their turn.
//!
//! # Time and the outside
//! *Virtual* (the default): as above. If live input is attached ([`Sim::attach_input`]) and the program has taken that
//! UART, time does not jump while the input is open: a pipe or file is read to its end first, one byte at a time and
//! each as soon as no node has anything to do at the present instant, so that the run does not depend on how the bytes
//! were cut into chunks; at a terminal, time goes at the pace of the wall clock until the input ends.
//! *Real time* ([`Sim::realtime`]): virtual time is never ahead of the wall clock. It is behind only while a program
//! computes; deadlines are kept exactly, so a late step does not shift the next.
//!
//! # The end
//! Dropping the world ends its nodes one after the other: their threads unwind from where they idle, so their locals
//! are dropped, and are joined. A panic in a node ends the run and is raised again in the test, with the seed.
//!
//! # Costs
//! A thread per node; about 10 µs when the baton changes threads, below 1 µs when the same node goes on. A node's loop
//! and clock are `'static` and therefore leaked: the loop's memory and about 100 bytes per node and world.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod baton;
mod board;
mod clock;
mod determinism;
mod ethernet;
mod host;
mod input;
mod node;
mod pin;
mod random;
mod schedule;
mod sim;
mod trace;
mod uart;
mod view;
mod world;

pub use board::Board;
pub use determinism::{check_determinism, seed};
pub use ethernet::{Counts, Ethernet, EthernetHandle};
pub use host::{
    HostChild, HostDatagrams, HostDevice, HostListener, HostLookup, HostNetwork, HostPipe, HostProcesses, HostSerial,
    HostSignal, HostStream,
};
pub use input::InputKind;
pub use node::Node;
pub use pin::{Edge, Pin, PinHandle};
pub use random::Random;
pub use segno::{Duration, Instant};
pub use sim::{NodePanic, Outcome, Sim};
pub use uart::{Received, Uart, UartDevice, UartHandle};

/// Seconds with six decimals: `1.500000`.
fn time_text(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
