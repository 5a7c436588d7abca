//! TLS for chips, by embedded-tls, without a heap: over segno's streams by the traits of `embedded-io-async`, with a server
//! of this crate on the simulator's network.

use std::net::{Ipv4Addr, SocketAddr};

use embedded_tls::pki::CertVerifier;
use embedded_tls::{
    Aes128GcmSha256, Certificate, CryptoProvider, CryptoRngCore, NoClock, TlsConfig, TlsConnection, TlsContext,
    TlsError, TlsVerifier,
};
use rand_core::{CryptoRng, RngCore};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use segno::prelude::*;
use segno::println;
use segno::streams::Duplex;
use segno_sim::{Random, Sim};
use segno_tls::{Tls, rustls, server_context};

const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
const STRANGER: &[u8] = include_bytes!("certificates/stranger.pem");
const CHAIN: &[u8] = include_bytes!("certificates/localhost.pem");
const KEY: &[u8] = include_bytes!("certificates/localhost.key");

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 443);

#[segno::coroutine(allow_large)]
async fn echo(reader: StreamReader, writer: StreamWriter) {
    let mut buffer = [0; 700];
    while let Ok(count @ 1..) = reader.read(&mut buffer).await {
        if writer.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    writer.close();
}

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

struct Provider<'a> {
    random: Known,
    verifier: CertVerifier<'a, Aes128GcmSha256, NoClock, 4096>,
}

impl CryptoProvider for Provider<'_> {
    type CipherSuite = Aes128GcmSha256;
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.verifier)
    }
}

/// Says hello, and hears it.
#[segno::coroutine(allow_large)]
async fn client(
    lp: &'static EventLoop,
    network: impl Network,
    random: Random,
    root: &[u8],
    [received, sent]: [&mut [u8]; 2],
) -> Result<(), TlsError> {
    let stream = Duplex::from(lp.open_connection::<2048, 2048>(network, SERVER).await.unwrap());
    let config = TlsConfig::new().with_server_name("localhost");
    let mut tls = TlsConnection::new(stream, received, sent);
    let verifier = CertVerifier::new(Certificate::X509(root));
    tls.open(TlsContext::new(&config, Provider { random: Known(random), verifier })).await?;
    for n in 0..100_u8 {
        let text = [n; 500];
        let mut rest = &text[..];
        while !rest.is_empty() {
            let count = tls.write(rest).await?;
            rest = &rest[count..];
        }
        tls.flush().await?;
        let (mut answer, mut filled) = ([0; 500], 0);
        while filled < answer.len() {
            filled += tls.read(&mut answer[filled..]).await?;
        }
        assert_eq!(answer, text);
    }
    let stream = match tls.close().await {
        Ok(stream) => stream,
        Err((_, error)) => return Err(error),
    };
    stream.writer.close();
    println!("{:?}", stream.writer.wait_closed().await);
    Ok(())
}

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
        let root = CertificateDer::from_pem_slice(root).unwrap().to_vec();
        // What a chip would have in statics: room for a record of full length.
        let mut buffers = [vec![0; 16_640], vec![0; 4096]];
        let buffers = buffers.each_mut().map(|buffer| &mut buffer[..]);
        let result = lp.run_until_complete(client(lp, board.network(), board.random(), &root, buffers)).unwrap();
        println!("{result:?}");
    });
    sim.run_for(100.secs());
    node.console()
}

#[test]
fn embedded_tls_is_a_client_over_segnos_streams() {
    assert_eq!(dialogue(AUTHORITY), "Ok(())\nOk(())\n");
    assert_eq!(dialogue(STRANGER), "Err(InvalidCertificate)\n");
}
