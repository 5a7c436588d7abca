//! `cargo segno flash`: builds the firmware, writes it into a board's flash, starts it, and shows what it says to the debug
//! probe.
//!
//! That is what `cargo run` does in the board's folder, with the paths of this machine left out of the firmware, and with words for
//! what is missing. The board's UART is the business of a terminal program: the board's README says where it is.

use std::process::{Command, ExitCode};

use crate::Ending;
use crate::arguments::{self, FlashOptions};
use crate::boards::{Board, Hardware};
use crate::build;
use crate::programs;
use crate::require::require;

/// Runs the flasher to its end, which is the user's to say.
pub(crate) fn run(options: &FlashOptions) -> Ending {
    let (board, example) = (Board::named(&options.board), &options.example);
    let name = board.name;
    let Some(Hardware { flasher, chip, .. }) = board.hardware() else {
        return Err(format!(
            "`{name}` is emulated, and has no flash to write\n help: cargo segno qemu {name} {example}"
        ));
    };
    if !board.has(example) {
        arguments::refuse(&programs::missing(example, name));
    }
    require(flasher.program, flasher.install)?;
    let elf = build::firmware_with(board, example, &options.features)?;
    let mut command = Command::new(flasher.program);
    command.args(flasher.arguments).arg(chip).args(&options.flasher_options).arg(elf);
    let status = command.status().map_err(|error| format!("{} cannot be started: {error}", flasher.program))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
