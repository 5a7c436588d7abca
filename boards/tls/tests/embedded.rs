//! TLS for chips, by embedded-tls, without a heap: over segno's streams by the traits of `embedded-io-async`, with a server
//! of this crate on the simulator's network.

#[path = "../chip/client.rs"]
mod client;
mod support;

use rand_core::{CryptoRng, RngCore};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use segno::prelude::*;
use segno::println;
use segno_sim::{Random, Sim};
use segno_tls::{Tls, rustls, server_context};
use support::{AUTHORITY, CHAIN, KEY, SERVER, STRANGER, echo};

/// The authority that firmware trusts.
const CHIPS_AUTHORITY: &[u8] = include_bytes!("../chip/authority.der");

/// The world's random numbers, which are no secret.
struct Known(Random);

impl RngCore for Known {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.0.next_u64() as u8);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Known {}

fn dialogue(root: &'static [u8]) -> String {
    let mut sim = Sim::new(1);
    sim.node("server", |board| {
        let lp = board.event_loop();
        let network = Tls::server(board.network(), server_context(CHAIN, KEY).unwrap());
        let server = lp.start_server::<2048, 2048>(network, echo, SERVER).unwrap();
        lp.run_until_complete(server.serve_forever()).unwrap();
    });
    let node = sim.node("client", |board| {
        let lp = board.event_loop();
        // What a chip would have in statics.
        let mut buffers = [vec![0; client::RECEIVED], vec![0; client::SENT]];
        let buffers = buffers.each_mut().map(|buffer| &mut buffer[..]);
        let talk = client::talk(lp, board.network(), SERVER, Known(board.random()), root, buffers);
        let result = lp.run_until_complete(talk).unwrap();
        println!("{result:?}");
    });
    sim.run_for(100.secs());
    node.console()
}

#[test]
fn embedded_tls_is_a_client_over_segnos_streams() {
    let authority = CertificateDer::from_pem_slice(AUTHORITY).unwrap();
    assert_eq!(authority.as_ref(), CHIPS_AUTHORITY);
    let console = dialogue(CHIPS_AUTHORITY);
    assert!(console.starts_with("50000 bytes, closed: Ok(())\nthe handshake took "), "{console}");
    assert!(console.ends_with(" ms\nOk(())\n"), "{console}");
    let stranger = CertificateDer::from_pem_slice(STRANGER).unwrap().to_vec();
    assert_eq!(dialogue(stranger.leak()), "Err(InvalidCertificate)\n");
}
