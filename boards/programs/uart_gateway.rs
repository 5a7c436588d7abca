//! Starts `segno_examples::uart_gateway`: see there.

#![no_std]
#![no_main]

use core::net::{Ipv4Addr, SocketAddr};

use board::{Board, Ethernet, entry, start};
use segno::{LoopMemory, println};
use segno_examples::uart_gateway::{PORT, main as serve};
use segno_smoltcp::{Settings, StackMemory};

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<16384> = LoopMemory::new();
    static NETWORK: StackMemory<Ethernet, 1, 4096, 0, 0> = StackMemory::new();
    start(&MEMORY, |lp, board: Board| {
        // UART 0 is the console.
        let (uart1, uart2) = (board.uart1.start(), board.uart2.start());
        match NETWORK.start(lp, board.ethernet.start(), Settings::of_qemu(lp.time().as_ticks())) {
            Ok(network) => serve(lp, uart1, uart2, network, SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), PORT)),
            Err(error) => println!("error: {error}"),
        }
    })
}
