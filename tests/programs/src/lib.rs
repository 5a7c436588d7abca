//! Random programs, run by CPython's asyncio and by segno, and compared.
//!
//! # The problem
//! Recorded traces show what somebody thought of. The order of events must also be asyncio's where nobody did.
//!
//! # The design
//! [`program`] makes programs from seeds, [`interpreter`] runs them on segno, `python/programs.py` on CPython. The binary
//! compares; the test compares with what CPython 3.13 was recorded to say.

mod interpreter;
mod program;
mod record;

pub use interpreter::run;
pub use program::{Language, Program};
pub use record::record;
