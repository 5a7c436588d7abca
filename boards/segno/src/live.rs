//! The programs that `cargo segno qemu` and `cargo segno sim` run at this moment, for `cargo segno ps`.
//!
//! Each has a folder in the host's folder for temporary files: a file that says which program it is, and the socket of QEMU's
//! gdb stub, to which nobody is connected. A folder whose process has gone is removed by whoever comes across it: the
//! process's number is in its name.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// The name of the socket.
const SOCKET: &str = "gdb";

/// The longest path that a socket may have anywhere, in bytes.
const LONGEST: usize = 100;

/// What the folders' names begin with.
const PREFIX: &str = "segno-run-";

/// What stands for a board, of a program on the simulator.
pub(crate) const SIMULATOR: &str = "sim";

/// A program that runs, or is about to.
pub(crate) struct Live {
    folder: PathBuf,
    /// The board, or [`SIMULATOR`].
    pub(crate) board: String,
    pub(crate) program: String,
    pub(crate) elf: PathBuf,
}

impl Live {
    /// Makes the folder for a program of this process.
    pub(crate) fn announce(board: &str, program: &str, elf: &Path) -> io::Result<Announced> {
        let folder = env::temp_dir().join(format!("{PREFIX}{}", process::id()));
        // Of a process with the same number, which did not end as it should have.
        fs::remove_dir_all(&folder).ok();
        let socket = folder.join(SOCKET);
        if socket.as_os_str().len() > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidFilename, "too long for a socket"));
        }
        fs::create_dir(&folder)?;
        let live = Live { folder, board: board.into(), program: program.into(), elf: elf.into() };
        fs::write(live.description(), format!("{board}\n{program}\n{}\n", elf.display()))?;
        Ok(Announced(live))
    }

    /// All that run, those last that were started last.
    pub(crate) fn all() -> Vec<Live> {
        let Ok(entries) = fs::read_dir(env::temp_dir()) else { return Vec::new() };
        let folders = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
        let mut lives: Vec<_> = folders.filter_map(|entry| Live::read(entry.path())).collect();
        lives.sort_by_key(|live| fs::metadata(live.description()).and_then(|file| file.modified()).ok());
        lives
    }

    fn read(folder: PathBuf) -> Option<Live> {
        let text = fs::read_to_string(folder.join("program")).ok()?;
        let mut lines = text.lines();
        let live =
            Live { folder, board: lines.next()?.into(), program: lines.next()?.into(), elf: lines.next()?.into() };
        // Its process did not end as it should have. (To connect to QEMU would tell, too, but it stops the machine.)
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(live.process()?.to_string()).exists() {
            fs::remove_dir_all(&live.folder).ok();
            return None;
        }
        Some(live)
    }

    /// The number of the process that runs it.
    pub(crate) fn process(&self) -> Option<u32> {
        self.folder.to_str()?.rsplit('-').next()?.parse().ok()
    }

    /// Where QEMU's gdb stub listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(SOCKET)
    }

    fn description(&self) -> PathBuf {
        self.folder.join("program")
    }
}

/// A folder that is removed when the program has ended.
pub(crate) struct Announced(pub(crate) Live);

impl Drop for Announced {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0.folder).ok();
    }
}
