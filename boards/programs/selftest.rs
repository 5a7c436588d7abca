//! Checks the board on the machine, and exits with 0 when all is well: see `segno_board::selftest`.

#![no_std]
#![no_main]

use board::{Board, entry, start};
use segno::LoopMemory;
use segno_board::selftest;

#[cfg(target_arch = "arm")]
#[board::exception]
unsafe fn DefaultHandler(_: i16) {
    selftest::count_spare_interrupt();
}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<1024> = LoopMemory::new();
    start(&MEMORY, |lp, mut board: Board| selftest::run::<Board>(lp, &mut board.uart0))
}
