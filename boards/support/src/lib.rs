//! What segno's boards share: drivers, the clock, sleeping, the start and the end of programs.
//!
//! # The problem
//! A board crate should hold what is true of that board only: addresses, interrupt numbers, clock rates, pins. Keeping
//! time over a counter that wraps, a UART with rings around it, going to sleep without losing a wake-up are the same
//! everywhere, and too easy to get wrong to be written twice.
//!
//! # The design
//! Every driver is a `const`-constructible value over a base address, so a board is a few `static`s and an interrupt
//! table. The parts that reason (and can be wrong) know no hardware and are tested on the host; the parts that know
//! hardware are thin.
//!
//! | file | what it is | hardware |
//! |---|---|---|
//! | [`program`] | the trait of boards; starting and ending a program | none |
//! | [`timekeeper`] | 64-bit microseconds over a counter | none: host tests |
//! | [`ring`] | first-in, first-out buffer | none: host tests |
//! | [`clock`] | the runtime's `Clock`: time, alarm, idle | none |
//! | [`serial`] | buffered, interrupt-driven UART and its traits | none: host tests |
//! | [`drivers`] | counters, alarms, UARTs, pins | one block each |
//! | [`ethernet`](mod@ethernet) | an Ethernet controller that a program starts | none |
//! | [`mps2`](mod@mps2) | Arm's MPS2 boards, but for their addresses | all of it |
//! | [`output_pin`](mod@output_pin) | output pins as `embedded_hal` has them | none |
//! | [`traced_pin`] | an output pin that prints its edges | none |
//! | [`arch`] | sleeping, interrupts, exit, faults | processor |
//! | `urgent` | with feature `urgent`: the clock of a loop that preempts the main one | Cortex-M |
//! | `inspect` | with feature `inspect`: `cargo segno ps` over a UART | none: host tests |
//! | [`watchdog`] | a watchdog that the loop feeds | none |
//! | [`registers`] | volatile access | |
//! | [`fault`] | last words of a panic | none |
//! | `log` | with feature `defmt`: messages to a debugger | none |
//! | [`selftest`] | checks of all of the above, run by each board's `selftest` | all |
//!
//! `build-board.rs` is the build script of every board.

#![cfg_attr(not(test), no_std)]

pub mod arch;
pub mod clock;
pub mod drivers;
#[cfg(not(target_arch = "riscv32"))]
pub mod ethernet;
pub mod fault;
#[cfg(feature = "inspect")]
pub mod inspect;
#[cfg(feature = "defmt")]
pub mod log;
#[cfg(not(target_arch = "riscv32"))]
pub mod mps2;
pub mod output_pin;
pub mod program;
#[cfg(test)]
mod random;
pub mod registers;
pub mod ring;
pub mod selftest;
pub mod serial;
#[cfg(any(not(target_has_atomic = "32"), target_arch = "riscv32"))]
mod served;
pub mod timekeeper;
pub mod traced_pin;
#[cfg(all(feature = "urgent", not(target_arch = "riscv32")))]
pub mod urgent;
pub mod watchdog;

#[cfg(not(target_arch = "riscv32"))]
pub use arch::cortex_m::{exit::exit, interrupt};
#[cfg(target_arch = "riscv32")]
pub use arch::riscv::exit::exit;
pub use program::{Board, Termination, start};
