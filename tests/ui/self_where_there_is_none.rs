//! `self` in a function that is no method (E0424).

use segno_tests::y;

#[segno::coroutine]
async fn f() -> u32 {
    y().await;
    self.count
}

fn main() {
    let _ = f();
}
