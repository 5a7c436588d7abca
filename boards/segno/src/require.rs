//! What is needed of other people's programs.

use std::env;

/// Whether the command `program` is there; if not, the answer says how to get it.
pub(crate) fn require(program: &str, install: &str) -> Result<(), String> {
    let paths = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&paths).any(|folder| folder.join(program).is_file());
    found.then_some(()).ok_or_else(|| format!("{program} is not installed\n help: {install}"))
}
