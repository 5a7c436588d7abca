//! Two loops, one on each core: the second core looks for prime numbers, while the first one blinks and prints what it is told.
//! Neither keeps the other waiting. For boards with a second core: feature `cores`.

#![no_std]
#![no_main]

use board::{Board, entry, start};
use segno::prelude::*;
use segno::{LoopMemory, Remote};

fn is_prime(number: u32) -> bool {
    (2..).take_while(|divisor| divisor * divisor <= number).all(|divisor| !number.is_multiple_of(divisor))
}

/// Has the loop that is `there` look for the next prime number, and the loop that is `here` print it, for ever.
fn ask(here: Remote, there: Remote, after: u32) {
    let look = move |_: &'static EventLoop| {
        let prime = (after + 1..).find(|number| is_prime(*number)).unwrap_or(2);
        let tell = move |lp: &'static EventLoop| {
            println!("{prime}");
            lp.call_later(500.millis(), move |_| ask(here, there, prime)).unwrap();
        };
        here.call_soon(tell).unwrap();
    };
    there.call_soon(look).unwrap();
}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<4096> = LoopMemory::new();
    static MEMORY1: LoopMemory<1024> = LoopMemory::new();
    start(&MEMORY, |lp, board: Board| {
        let core1 = board.core1.start(&MEMORY1, |lp| lp.run_forever().unwrap()).unwrap();
        ask(lp.remote(), core1, 1_000_000_000);
        segno_examples::blinky::main(lp, board.led);
    })
}
