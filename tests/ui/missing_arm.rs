//! A `match` on an awaited value that forgets a case (E0004).

use segno_tests::{id, y};

#[segno::coroutine]
async fn f(n: Option<u32>) -> u32 {
    match id(n).await {
        Some(0) => {
            y().await;
            0
        }
        None => 1,
    }
}

fn main() {
    let _ = f(None);
}
