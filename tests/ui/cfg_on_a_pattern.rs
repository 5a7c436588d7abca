//! `#[cfg]` where it is not known.

use segno_tests::y;

#[segno::coroutine]
async fn f() -> u32 {
    y().await;
    let add = |n: u32, #[cfg(unix)] more: u32| n;
    add(1)
}

fn main() {
    let _ = f();
}
