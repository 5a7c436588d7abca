//! What the tasks of a segno program are doing: `ps` and `pstree` for a chip.
//!
//! # The problem
//! A firmware does nothing, and nobody knows why. Its loop knows which tasks there are; what each of them waits for, in
//! which line, through which chain of coroutines, is in the memory of the chip, as bytes.
//!
//! # The design
//! A coroutine is an `enum` whose variants are called for the line and for what is awaited there (`S2_line47_read_line`),
//! and the compiler describes it in the ELF file's DWARF, which is not loaded into the chip. So all that a program carries
//! for this is nothing: [`Image`] reads the DWARF, a [`Memory`] the bytes, and [`snapshot`] follows the one through the
//! other.
//!
//! | module | what it knows |
//! |---|---|
//! | [`image`] | ELF and DWARF: types, statics, functions |
//! | [`memory`] | where bytes come from: a dump, QEMU, a process, a serial line |
//! | `value` | a place in memory with its type |
//! | `walk` | the runtime's own structures: loops, tasks, frames, waits |
//! | [`report`] | what a user sees |
//!
//! # Costs
//! None in the firmware. The host reads a few kilobytes of the target's memory.

#![forbid(unsafe_code)]

pub mod image;
pub mod memory;
mod problem;
pub mod report;
mod value;
mod walk;

pub use image::Image;
pub use memory::Memory;
pub use problem::Problem;
pub use walk::model::{Frame, Loop, Snapshot, State, Task, Waits};
pub use walk::snapshot;
