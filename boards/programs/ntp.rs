//! Starts `segno_examples::ntp`: see there.

#![no_std]
#![no_main]

use core::net::{Ipv4Addr, SocketAddr};

use board::{Board, Ethernet, entry, start};
use segno::{LoopMemory, println};
use segno_examples::ntp::{PORT, main as ask};
use segno_smoltcp::{Settings, StackMemory};

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<4096> = LoopMemory::new();
    static NETWORK: StackMemory<Ethernet, 1, 512, 0, 0> = StackMemory::new();
    start(&MEMORY, |lp, board: Board| {
        // In QEMU, the machine that runs it.
        let server = SocketAddr::new(Ipv4Addr::new(10, 0, 2, 2).into(), PORT);
        match NETWORK.start(lp, board.ethernet.start(), Settings::of_qemu(lp.time().as_ticks())) {
            Ok(network) => ask(lp, network, server),
            Err(error) => println!("error: {error}"),
        }
    })
}
