//! A client of TLS on a chip: talks to an echo server on port 4433 of the machine that runs QEMU, whose certificate must be
//! signed by the authority of `boards/tls`'s tests.
//!
//! **Its random numbers are no secret**: this board has no hardware for them, so they begin with the time since the start. Who
//! records the connection can find its keys. A product takes a board with a generator, or a secret seed from its factory that
//! is changed at each start; see `boards/tls/src/lib.rs`.

#![no_std]
#![no_main]

#[path = "../tls/chip/client.rs"]
mod client;

use core::net::{Ipv4Addr, SocketAddr};

use board::{Board, Ethernet, entry, start};
use rand_core::{CryptoRng, RngCore};
use segno::{LoopMemory, println};
use segno_smoltcp::{Settings, StackMemory};

use crate::client::{RECEIVED, SENT};

/// The only authority that is trusted.
const AUTHORITY: &[u8] = include_bytes!("../tls/chip/authority.der");

/// In QEMU's user network, the machine that runs it.
const SERVER: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(Ipv4Addr::new(10, 0, 2, 2)), 4433);

/// SplitMix64: what it has begun with can be guessed.
struct Guessable(u64);

impl RngCore for Guessable {
    fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

// A claim that embedded-tls asks for, and that is not true here: see above.
impl CryptoRng for Guessable {}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<8192> = LoopMemory::new();
    static NETWORK: StackMemory<Ethernet, 0, 0, 1, 2048> = StackMemory::new();
    let received = cortex_m::singleton!(: [u8; RECEIVED] = [0; RECEIVED]);
    let sent = cortex_m::singleton!(: [u8; SENT] = [0; SENT]);
    start(&MEMORY, |lp, board: Board| {
        let (Some(received), Some(sent)) = (received, sent) else { return };
        let seed = lp.time().as_ticks();
        match NETWORK.start(lp, board.ethernet.start(), Settings::of_qemu(seed)) {
            Ok(network) => {
                let talk = client::talk(lp, network, SERVER, Guessable(seed), AUTHORITY, [received, sent]);
                match lp.run_until_complete(talk) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => println!("error: {error:?}"),
                    Err(error) => println!("error: {error}"),
                }
            }
            Err(error) => println!("error: {error}"),
        }
    })
}
