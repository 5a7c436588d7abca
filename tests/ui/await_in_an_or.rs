//! An `.await` in a `let` condition behind `||`, which is no Rust either.

use segno_tests::{id, y};

#[segno::coroutine]
async fn f(n: u32) -> u32 {
    y().await;
    if n > 1 || let Some(m) = id(Some(n)).await {
        return 1;
    }
    0
}

fn main() {
    let _ = f(1);
}
