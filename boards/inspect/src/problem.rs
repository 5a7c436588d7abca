//! What went wrong, in words for the user.

use std::fmt;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
    pub(crate) fn new(words: String) -> Problem {
        Problem(words)
    }

    /// Nothing in the ELF file says what types are.
    pub(crate) fn no_dwarf(nothing_at_all: bool) -> Problem {
        let found = if nothing_at_all { "it has no debug information" } else { "its debug information has no types" };
        Problem(format!(
            "{found}, which is where the names of states are\n help: add `debug = 2` to `[profile.release]` in Cargo.toml \
             and build again; it costs no flash, since it is not loaded into the chip"
        ))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl From<gimli::Error> for Problem {
    fn from(error: gimli::Error) -> Problem {
        Problem(format!("the debug information is damaged: {error}"))
    }
}
