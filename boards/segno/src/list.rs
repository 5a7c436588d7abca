//! `cargo segno list`.

use std::io::Write;
use std::process::ExitCode;

use crate::Ending;
use crate::boards::{BOARDS, Hardware};
use crate::programs;

/// Shows what there is. A reader that goes away early is no error.
pub(crate) fn list() -> Ending {
    let mut text = String::from("Examples:\n");
    let mut line = |name: &str, about: &str| text.push_str(&format!("  {name:<14} {about}\n"));
    for example in programs::examples() {
        line(example.name, example.description);
    }
    text.push_str("\nThe host simulator, in virtual or real time: cargo segno sim EXAMPLE\n");
    text.push_str("\nBoards that QEMU emulates: cargo segno qemu BOARD EXAMPLE\n");
    let mut line = |name: &str, about: &str| text.push_str(&format!("  {name:<14} {about}\n"));
    for board in BOARDS.iter().filter(|board| board.machine().is_some()) {
        line(board.name, board.description);
    }
    text.push_str("\nBoards of hardware: cargo segno flash BOARD EXAMPLE\n");
    let mut line = |name: &str, about: &str| text.push_str(&format!("  {name:<14} {about}\n"));
    for board in BOARDS {
        if let Some(Hardware { parts, .. }) = board.hardware() {
            line(board.name, board.description);
            line("", parts);
        }
    }
    std::io::stdout().write_all(text.as_bytes()).ok();
    Ok(ExitCode::SUCCESS)
}
