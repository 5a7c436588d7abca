//! A branch that is the function's result is of another type (E0308).

use segno_tests::{child, y};

#[segno::coroutine]
async fn f(wanted: u32) -> u32 {
    y().await;
    match wanted {
        0 => "zero",
        1 => child(1).await,
        _ => return Some(2),
    }
}

fn main() {
    let _ = f(0);
}
