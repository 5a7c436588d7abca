//! Where the bytes of a program's memory come from.

mod dump;
mod line;
mod process;
mod qemu;

pub use dump::Dump;
pub use line::{Line, Port};
pub use process::Process;
pub use qemu::Qemu;

use crate::Problem;

/// The memory of a program that runs, or ran.
pub trait Memory {
    /// Fills `buffer` with what is at `address` and behind it.
    ///
    /// # Errors
    /// If not all of it can be read.
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), Problem>;

    /// Lets the program go on for a moment, and stops it again; false if it does not run.
    ///
    /// # Errors
    /// If it cannot be reached any more.
    fn let_run(&mut self) -> Result<bool, Problem> {
        Ok(false)
    }

    /// How many bytes are best read at a time: a power of two.
    fn block(&self) -> u64 {
        256
    }

    /// Whether the program goes on while it is read, so that two readings may be of two moments.
    fn goes_on(&self) -> bool {
        false
    }
}

/// What there is to say of an address at which nothing can be read.
pub(crate) fn unreadable(address: u64, count: usize, why: &str) -> Problem {
    Problem::new(format!("{count} bytes at {address:#010x} cannot be read: {why}"))
}
