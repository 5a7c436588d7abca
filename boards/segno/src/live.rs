//! The machines of QEMU that `cargo segno qemu` runs at this moment, for `cargo segno ps`.
//!
//! Each has a folder in the host's folder for temporary files: the socket of QEMU's gdb stub, on which nobody listens but
//! QEMU, and a file that says which program it runs. A folder whose QEMU has gone is removed by whoever comes across it. A process that has gone is told by its number, which is in the folder's name.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// What the folders' names begin with.
const PREFIX: &str = "segno-qemu-";

/// A machine that runs, or is about to.
pub(crate) struct Machine {
    folder: PathBuf,
    pub(crate) board: String,
    pub(crate) program: String,
    pub(crate) elf: PathBuf,
}

impl Machine {
    /// Makes the folder for a machine of this process.
    pub(crate) fn announce(board: &str, program: &str, elf: &Path) -> io::Result<Announced> {
        let folder = env::temp_dir().join(format!("{PREFIX}{}", process::id()));
        fs::create_dir_all(&folder)?;
        let machine = Machine { folder, board: board.into(), program: program.into(), elf: elf.into() };
        fs::write(machine.description(), format!("{board}\n{program}\n{}\n", elf.display()))?;
        Ok(Announced(machine))
    }

    /// All that run, those last that were started last.
    pub(crate) fn all() -> Vec<Machine> {
        let Ok(entries) = fs::read_dir(env::temp_dir()) else { return Vec::new() };
        let folders = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
        let mut machines: Vec<_> = folders.filter_map(|entry| Machine::read(entry.path())).collect();
        machines.sort_by_key(|machine| fs::metadata(machine.description()).and_then(|file| file.modified()).ok());
        machines
    }

    fn read(folder: PathBuf) -> Option<Machine> {
        let text = fs::read_to_string(folder.join("program")).ok()?;
        let mut lines = text.lines();
        let machine =
            Machine { folder, board: lines.next()?.into(), program: lines.next()?.into(), elf: lines.next()?.into() };
        // Its process did not end as it should have. (To connect would tell, too, but it stops the machine.)
        let process = machine.folder.to_str()?.rsplit('-').next()?.to_owned();
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists() {
            fs::remove_dir_all(&machine.folder).ok();
            return None;
        }
        Some(machine)
    }

    /// Where QEMU's gdb stub listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("gdb")
    }

    fn description(&self) -> PathBuf {
        self.folder.join("program")
    }
}

/// A folder that is removed when the machine has ended.
pub(crate) struct Announced(pub(crate) Machine);

impl Drop for Announced {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0.folder).ok();
    }
}
