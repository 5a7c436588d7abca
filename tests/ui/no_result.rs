//! The value is forgotten: at the end (E0308), and in a `return` (E0069).

use segno_tests::{child, y};

#[segno::coroutine]
async fn f() -> u32 {
    child(1).await;
}

#[segno::coroutine]
async fn g(stop: bool) -> u32 {
    y().await;
    if stop {
        return;
    }
    child(1).await
}

fn main() {
    let _ = (f(), g(true));
}
