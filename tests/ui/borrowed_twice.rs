//! Changed through one name while it is borrowed by another (E0502, E0503).

use segno_tests::{T, get, y};

#[segno::coroutine]
async fn f() -> u32 {
    let mut list = vec![1, 2];
    let first = &list[0];
    y().await;
    list.push(3);
    get(first).await
}

#[segno::coroutine]
async fn g(mut t: T) -> u8 {
    let name = &t;
    t.renamed("u").await;
    name.r()
}

fn main() {
    let _ = (f(), g(T("t")));
}
