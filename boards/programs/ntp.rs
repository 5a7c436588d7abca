//! Starts `segno_examples::ntp`: see there.

#![no_std]
#![no_main]

use board::{Board, Ethernet, entry, start};
use segno::prelude::*;
use segno_examples::ntp::{PORT, main as ask};
use segno_smoltcp::{Settings, StackMemory};

/// In QEMU's user network, the machine that runs it.
const SERVER: &str = "10.0.2.2";

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<4096> = LoopMemory::new();
    static NETWORK: StackMemory<Ethernet, 1, 512, 0, 0, 1> = StackMemory::new();
    start(&MEMORY, |lp, board: Board| {
        match NETWORK.start(lp, board.ethernet.start(), Settings::dhcp(lp.time().as_ticks())) {
            Ok(network) => match lp.run_until_complete(wait_for(network.configured(), 20.secs())) {
                Ok(Ok(())) => ask(lp, network, SERVER, PORT),
                _ => println!("error: no address"),
            },
            Err(error) => println!("error: {error}"),
        }
    })
}
