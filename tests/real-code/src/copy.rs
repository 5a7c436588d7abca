//! A copy of a checkout, of which files are changed only where they differ, so that cargo compiles again only what it has to.

use std::path::Path;

/// Makes `to` say what `from` says, but for cargo's lock files and folders named `target`.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, kind, copied) = (entry.path(), entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            if entry.file_name() != "target" && entry.file_name() != ".git" {
                copy(&path, &copied)?;
            }
        } else if kind.is_symlink() {
            if let Ok(real) = path.canonicalize()
                && real.is_file()
            {
                write(&copied, &std::fs::read(real)?)?;
            }
        } else if kind.is_file() && !(entry.file_name() == "Cargo.lock" && copied.exists()) {
            write(&copied, &std::fs::read(path)?)?;
        }
    }
    Ok(())
}

/// Writes a file, unless that is what it says.
pub fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::read(file).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    std::fs::write(file, bytes)
}
