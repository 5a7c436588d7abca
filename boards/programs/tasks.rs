//! Starts `segno_examples::tasks`: see there.

#![no_std]
#![no_main]

use board::{Board, entry, start};
use segno::LoopMemory;

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<4096> = LoopMemory::new();
    start(&MEMORY, |lp, _: Board| segno_examples::tasks::main(lp))
}
