//! A temporary is borrowed for longer than its statement (E0716).

use segno_tests::{T, two, y};

fn name(t: &T) -> &T {
    t
}

#[segno::coroutine]
async fn f() -> u8 {
    let t = name(&T("t"));
    y().await;
    two(t, T("u")).await
}

fn main() {
    let _ = f();
}
