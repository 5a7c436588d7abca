//! Starts `segno_examples::udp_echo`: see there.

#![no_std]
#![no_main]

use core::net::{Ipv4Addr, SocketAddr};

use board::{Board, Ethernet, entry, start};
use segno::{LoopMemory, println};
use segno_examples::udp_echo::{PORT, main as serve};
use segno_smoltcp::{Settings, StackMemory};

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<4096> = LoopMemory::new();
    // Four of the longest datagrams may wait in each direction.
    static NETWORK: StackMemory<Ethernet, 1, 6144, 0, 0> = StackMemory::new();
    start(&MEMORY, |lp, board: Board| {
        match NETWORK.start(lp, board.ethernet.start(), Settings::of_qemu(lp.time().as_ticks())) {
            Ok(network) => serve(lp, network, SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), PORT)),
            Err(error) => println!("error: {error}"),
        }
    })
}
