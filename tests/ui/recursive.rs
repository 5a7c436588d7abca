//! A coroutine that contains itself has no size (E0733, E0720).

use segno_tests::y;

#[segno::coroutine]
async fn f(n: u32) -> u32 {
    y().await;
    if n == 0 { 0 } else { f(n - 1).await }
}

fn main() {
    let _ = f(1);
}
