//! What is awaited is no coroutine.

use segno_tests::y;

#[segno::coroutine]
async fn f() -> u32 {
    let n = 5u32;
    y().await;
    n.await
}

fn main() {
    let _ = f();
}
