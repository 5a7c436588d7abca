//! A file with what was in a chip's memory.

use std::fs;
use std::path::Path;

use super::{Memory, unreadable};
use crate::Problem;

/// The contents of a part of a memory.
pub struct Dump {
    start: u64,
    bytes: Vec<u8>,
}

impl Dump {
    /// Reads a raw file, whose first byte was at `start`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path, start: u64) -> Result<Dump, Problem> {
        match fs::read(path) {
            Ok(bytes) => Ok(Dump { start, bytes }),
            Err(error) => Err(Problem::new(format!("{}: {error}", path.display()))),
        }
    }
}

impl Memory for Dump {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), Problem> {
        let found = address.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let found = found.and_then(|at| self.bytes.get(at..at.checked_add(buffer.len())?));
        let end = self.start.saturating_add(self.bytes.len() as u64);
        let why = || unreadable(address, buffer.len(), &format!("the dump is of {:#010x} to {end:#010x}", self.start));
        let found = found.ok_or_else(why)?;
        buffer.copy_from_slice(found);
        Ok(())
    }
}
