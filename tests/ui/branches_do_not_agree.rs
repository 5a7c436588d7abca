//! Branches of different types (E0308), with and without a suspension in them.

use segno_tests::{child, y};

#[segno::coroutine]
async fn f(wanted: bool) -> u32 {
    let n = if wanted { child(1).await } else { "none" };
    let m = match n {
        0 => 1,
        _ => 'm',
    };
    y().await;
    n + m
}

fn main() {
    let _ = f(true);
}
