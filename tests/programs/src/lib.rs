//! Random programs, run by CPython's asyncio and by segno, and compared.
//!
//! # The problem
//! Recorded traces show what somebody thought of. The order of events must also be asyncio's where nobody did.
//!
//! # The design
//! [`program`] makes programs from seeds, [`interpreter`] runs them on segno, `python/programs.py` on CPython. The binary
//! compares; the tests compare with what CPython 3.13 was recorded to say. Programs that were run differently once are in
//! `causes`, as small as they could be made:
//! `python3.13 python/programs.py <causes/NAME.txt >causes/NAME.out` records one.

mod interpreter;
mod kept;
mod parse;
mod program;
mod record;
mod reduce;
mod sync;
mod waits;

pub use interpreter::{run, run_started};
pub use program::{Language, Program};
pub use record::{lines, record};
pub use reduce::smaller;
