//! Starts `segno_examples::coroutine`: see there.

#![no_std]
#![no_main]

use segno::{LoopMemory, set_event_loop};
use segno_mps2_an386::{Board, entry, exit};

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<4096> = LoopMemory::new();
    let board = Board::take().unwrap();
    let lp = MEMORY.start(board.clock).unwrap();
    lp.set_console(board.console);
    set_event_loop(Some(lp));
    segno_examples::coroutine::main(lp);
    exit(0)
}
