//! What the tests have in common: certificates, an address, an echo.
#![allow(dead_code)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use segno::prelude::*;

/// Whom clients trust, and who has signed the server's certificate.
pub const AUTHORITY: &[u8] = include_bytes!("../certificates/authority.pem");
/// Who has not.
pub const STRANGER: &[u8] = include_bytes!("../certificates/stranger.pem");
/// The server's certificate: it is `localhost`.
pub const CHAIN: &[u8] = include_bytes!("../certificates/localhost.pem");
/// The server's key.
pub const KEY: &[u8] = include_bytes!("../certificates/localhost.key");

/// The first node of a world.
pub const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 443);

/// Sends back what comes, to the client's end.
#[segno::coroutine(allow_large)]
pub async fn echo(reader: StreamReader, writer: StreamWriter) {
    let mut buffer = [0; 5000];
    while let Ok(count @ 1..) = reader.read(&mut buffer).await {
        if writer.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    writer.close();
    writer.wait_closed().await.ok();
}
