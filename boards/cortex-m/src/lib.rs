//! What segno's Cortex-M machines share: drivers, the clock, sleeping, panicking and exiting.
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
//! | [`timekeeper`] | 64-bit microseconds over a wrapping counter | none: host tests |
//! | [`ring`] | first-in, first-out buffer | none: host tests |
//! | [`clock`] | the runtime's `Clock`: time, alarm, idle | WFI |
//! | [`serial`] | buffered, interrupt-driven UART and its traits | none |
//! | [`systick`], [`gptm`], [`cmsdk_timer`], [`cmsdk_dual_timer`] | counters and alarms | one block each |
//! | [`pl011`], [`cmsdk_uart`] | UARTs | one block each |
//! | [`traced_pin`] | an output pin that prints its edges | none |
//! | [`interrupt`], [`exceptions`] | interrupt numbers and table; whether an interrupt was served | NVIC, processor |
//! | [`registers`] | volatile access | |
//! | [`exit`], [`fault`] | exit status, panic and HardFault | semihosting |
//! | [`selftest`] | checks of all of the above, run by each board's `selftest` | all |

#![cfg_attr(not(test), no_std)]

pub mod clock;
pub mod cmsdk_dual_timer;
pub mod cmsdk_timer;
pub mod cmsdk_uart;
pub mod exceptions;
pub mod exit;
pub mod fault;
pub mod gptm;
pub mod interrupt;
pub mod pl011;
pub mod registers;
pub mod ring;
pub mod selftest;
pub mod serial;
pub mod systick;
pub mod timekeeper;
pub mod traced_pin;
