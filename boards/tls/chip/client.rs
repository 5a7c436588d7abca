//! A client of TLS 1.3 without a heap, by embedded-tls: for a chip, and on the simulator.
//!
//! # The problem
//! rustls, which is below `segno_tls`, wants a heap.
//!
//! # The design
//! embedded-tls borrows two buffers, and reads and writes by the traits of `embedded-io-async`, which [`Duplex`] has. This file is
//! part of the firmware `boards/programs/tls_client.rs` and of the test `boards/tls/tests/embedded.rs`.
//!
//! It trusts one authority, whose certificate is in flash. That is compared with the server's, with its name and by its
//! signature; dates are not looked at, for want of a clock that knows the day.
//!
//! # Costs
//! As `boards/tls/src/lib.rs` says.

use core::net::SocketAddr;

use embedded_tls::pki::CertVerifier;
use embedded_tls::{
    Aes128GcmSha256, Certificate, CryptoProvider, CryptoRngCore, NoClock, TlsConfig, TlsConnection, TlsContext,
    TlsError, TlsVerifier,
};
use rand_core::{CryptoRng, RngCore};
use segno::prelude::*;
use segno::println;
use segno::streams::Duplex;

/// Room for a record of the full length that a server may send.
pub const RECEIVED: usize = 16_640;

/// Room for the records that are sent.
pub const SENT: usize = 4096;

/// As many pieces are sent, each after the answer to the one before.
const PIECES: u8 = 100;

/// Bytes of a piece.
const PIECE: usize = 500;

/// What the handshake is made with.
struct Provider<'a, R> {
    random: R,
    verifier: CertVerifier<'a, Aes128GcmSha256, NoClock, 4096>,
}

impl<R: RngCore + CryptoRng> CryptoProvider for Provider<'_, R> {
    type CipherSuite = Aes128GcmSha256;
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.verifier)
    }
}

/// Talks to an echo server that calls itself `localhost`: sends 50,000 bytes, hears them, and says farewell. `root` is the
/// authority's certificate, in DER.
#[segno::coroutine(allow_large)]
pub async fn talk(
    lp: &'static EventLoop,
    network: impl Network,
    server: SocketAddr,
    random: impl RngCore + CryptoRng,
    root: &[u8],
    [received, sent]: [&mut [u8]; 2],
) -> Result<(), TlsError> {
    let stream = match lp.open_connection::<2048, 2048>(network, server).await {
        Ok(streams) => Duplex::from(streams),
        Err(error) => {
            println!("{error}");
            return Ok(());
        }
    };
    let config = TlsConfig::new().with_server_name("localhost");
    let mut tls = TlsConnection::new(stream, received, sent);
    let verifier = CertVerifier::new(Certificate::X509(root));
    let begin = lp.time();
    tls.open(TlsContext::new(&config, Provider { random, verifier })).await?;
    let handshake = lp.time() - begin;
    for n in 0..PIECES {
        let text = [n; PIECE];
        let mut rest = &text[..];
        while !rest.is_empty() {
            let count = tls.write(rest).await?;
            rest = &rest[count..];
        }
        tls.flush().await?;
        let (mut answer, mut filled) = ([0; PIECE], 0);
        while filled < PIECE {
            filled += tls.read(&mut answer[filled..]).await?;
        }
        if answer != text {
            println!("the answer is another one");
        }
    }
    let stream = match tls.close().await {
        Ok(stream) => stream,
        Err((_, error)) => return Err(error),
    };
    stream.writer.close();
    let closed = stream.writer.wait_closed().await;
    println!("{} bytes, closed: {closed:?}", usize::from(PIECES) * PIECE);
    println!("the handshake took {} ms, all of it {} ms", handshake.as_millis(), (lp.time() - begin).as_millis());
    Ok(())
}
