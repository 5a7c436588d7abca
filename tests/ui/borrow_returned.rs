//! A borrow of a local is returned (E0515).

use segno_tests::y;

#[segno::coroutine]
async fn f(n: u32) -> &'static u32 {
    let m = n + 1;
    y().await;
    &m
}

fn main() {
    let _ = f(1);
}
