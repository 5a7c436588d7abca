//! A process of this host, such as a simulation: its memory, as the kernel shows it.
//!
//! It is not stopped meanwhile. What it does in between may make one reading contradict another: then it is looked at again
//! (see [`snapshot`](crate::snapshot)).

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::{Memory, unreadable};
use crate::Problem;

/// How long the process runs between two looks.
const MOMENT: Duration = Duration::from_millis(5);

/// A process that runs.
pub struct Process {
    number: u32,
    memory: File,
    bias: u64,
}

impl Process {
    /// Opens the memory of the process with this number.
    ///
    /// # Errors
    /// If there is no such process, or its memory is nobody else's business.
    pub fn open(number: u32) -> Result<Process, Problem> {
        let why = |error| {
            Problem::new(format!(
                "the memory of process {number} cannot be opened: {error}\n help: it must be a process of yours; if it is, \
                 the system allows this to nobody but root: `sudo`, or `sysctl kernel.yama.ptrace_scope=0`"
            ))
        };
        let memory = File::open(format!("/proc/{number}/mem")).map_err(why)?;
        let maps = fs::read_to_string(format!("/proc/{number}/maps")).map_err(why)?;
        let program = fs::read_link(format!("/proc/{number}/exe")).map_err(why)?;
        // The first part of the executable is at its beginning.
        let start = maps.lines().find(|line| line.contains(&*program.to_string_lossy()));
        let start = start.and_then(|line| u64::from_str_radix(line.split('-').next()?, 16).ok()).unwrap_or(0);
        Ok(Process { number, memory, bias: start })
    }

    /// The executable, also if another one is now where it was.
    pub fn executable(&self) -> PathBuf {
        format!("/proc/{}/exe", self.number).into()
    }

    /// Where the executable begins in memory.
    pub fn start(&self) -> u64 {
        self.bias
    }
}

impl Memory for Process {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), Problem> {
        let count = buffer.len();
        self.memory.read_exact_at(buffer, address).map_err(|error| {
            let there = fs::read_to_string(format!("/proc/{}/maps", self.number)).is_ok_and(|maps| !maps.is_empty());
            let why = if there { error.to_string() } else { "it has ended".into() };
            unreadable(address, count, &format!("process {}: {why}", self.number))
        })
    }

    fn let_run(&mut self) -> Result<bool, Problem> {
        thread::sleep(MOMENT);
        Ok(true)
    }

    fn goes_on(&self) -> bool {
        true
    }
}
