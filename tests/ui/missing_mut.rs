//! A variable that is changed was not declared `mut` (E0384, E0596).

use segno_tests::{T, child};

#[segno::coroutine]
async fn f(t: T) -> u32 {
    let n = 1;
    t.renamed("u").await;
    n += child(2).await;
    n
}

fn main() {
    let _ = f(T("t"));
}
