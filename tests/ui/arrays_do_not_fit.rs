//! Lengths of arrays (E0308), and an index that is no number (E0277).

use segno_tests::{child, get};

#[segno::coroutine]
async fn f(bytes: [u8; 4]) -> u8 {
    let first: [u8; 2] = bytes;
    let index = child(1).await;
    get(&bytes[index]).await + first[0]
}

fn main() {
    let _ = f([0; 4]);
}
