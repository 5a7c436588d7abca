//! A type that nothing tells (E0282, E0283).

use segno_tests::y;

#[segno::coroutine]
async fn f() -> usize {
    let list = Vec::new();
    y().await;
    let n = "1".parse().unwrap();
    y().await;
    list.len()
}

fn main() {
    let _ = f();
}
