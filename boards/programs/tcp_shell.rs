//! Starts `segno_examples::tcp_shell`: see there.

#![no_std]
#![no_main]

use core::net::{Ipv4Addr, SocketAddr};

use board::{Board, Ethernet, entry, start};
use segno::{LoopMemory, println};
use segno_examples::tcp_shell::{PORT, main as serve};
use segno_smoltcp::{Settings, StackMemory};

#[entry]
fn main() -> ! {
    // For a dozen clients.
    static MEMORY: LoopMemory<20480> = LoopMemory::new();
    static NETWORK: StackMemory<Ethernet, 0, 0, 12, 768> = StackMemory::new();
    start(&MEMORY, |lp, board: Board| {
        match NETWORK.start(lp, board.ethernet.start(), Settings::of_qemu(lp.time().as_ticks())) {
            Ok(network) => serve(lp, network, SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), PORT)),
            Err(error) => println!("error: {error}"),
        }
    })
}
