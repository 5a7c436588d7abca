//! A variable is used before it has a value (E0381).

use segno_tests::{child, y};

#[segno::coroutine]
async fn f(wanted: bool) -> u32 {
    let n;
    if wanted {
        n = child(1).await;
    }
    y().await;
    n
}

fn main() {
    let _ = f(true);
}
