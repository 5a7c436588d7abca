//! Large arrays that are held across a suspension: a warning each, silent where it is allowed.

#![deny(deprecated)]

use segno_tests::{get, id, y};

#[segno::coroutine]
async fn f(lent: &mut [u8; 4096], given: [u16; 512]) -> u8 {
    let buffer = [0u8; 4 * 256];
    let brief = [0u8; 1024];
    let small = [0u8; 511];
    lent[0] = brief[0];
    get(&buffer[0]).await;
    y().await;
    let number: u8 = id(small[1]).await;
    number + given[0] as u8 + lent[1]
}

#[segno::coroutine(allow_large)]
async fn g() -> u8 {
    let buffer: [u8; 1024] = [0; 1024];
    y().await;
    buffer[0]
}

#[allow(deprecated)]
#[segno::coroutine]
async fn h() -> u8 {
    let buffer = [0; 1024];
    y().await;
    buffer[0]
}

fn main() {
    let _ = (f(&mut [0; 4096], [0; 512]), g(), h());
}
