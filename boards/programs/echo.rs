//! Starts `segno_examples::echo`: see there.

#![no_std]
#![no_main]

use board::{Board, entry, start};
use segno::LoopMemory;

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<4096> = LoopMemory::new();
    start(&MEMORY, |lp, board: Board| segno_examples::echo::main(lp, board.uart0))
}
