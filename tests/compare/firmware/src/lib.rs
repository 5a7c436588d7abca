//! Echo servers for QEMU's mps2-an386 of the same shape: segno, Embassy, and smoltcp alone. What reads and writes the controller
//! and the timers is the same code in all three; who waits for them, and how, is what is compared.
//!
//! Here is what they agree upon. A panic stops the processor, without a word.

#![no_std]

use core::net::Ipv4Addr;
use core::panic::PanicInfo;

/// The port of the service.
pub const PORT: u16 = 7;

/// Its address, on QEMU's user network.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);

/// The bits of the address that name the network.
pub const PREFIX: u8 = 24;

/// Who knows the way to everybody else.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// The longest datagram: what fits into one frame of an Ethernet.
pub const LONGEST: usize = 1472;

/// The bytes of a socket's buffer for datagrams, in each direction: four of the longest.
pub const UDP_BYTES: usize = 6144;

/// Datagrams that may be in a buffer, in each direction.
pub const DATAGRAMS: usize = 8;

/// The bytes of a connection's buffer, in each direction.
pub const TCP_BYTES: usize = 4096;

/// Bytes that are read at a time.
pub const READ: usize = 1024;

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {
        cortex_m::interrupt::disable();
        cortex_m::asm::wfi();
    }
}
