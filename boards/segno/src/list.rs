//! `cargo segno list`.

use std::io::Write;
use std::process::ExitCode;

use crate::Ending;
use crate::boards::BOARDS;
use crate::programs;

/// Shows what there is. A reader that goes away early is no error.
pub(crate) fn list() -> Ending {
    let mut text = String::from("Examples:\n");
    let mut line = |name: &str, about: &str| text.push_str(&format!("  {name:<14} {about}\n"));
    for example in programs::examples() {
        line(example.name, example.description);
    }
    text.push_str("\nBoards:\n");
    let mut line = |name: &str, about: &str| text.push_str(&format!("  {name:<14} {about}\n"));
    line("sim", "the host simulator, in virtual or real time: cargo segno sim EXAMPLE");
    for board in BOARDS {
        line(board.name, board.description);
    }
    std::io::stdout().write_all(text.as_bytes()).ok();
    Ok(ExitCode::SUCCESS)
}
