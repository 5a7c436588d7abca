//! Two mutable borrows at once (E0499), held by two children.

use segno_tests::{T, y};

#[segno::coroutine]
async fn f() {
    let mut t = T("t");
    let a = t.renamed("a");
    let b = t.renamed("b");
    y().await;
    a.await;
    b.await;
}

fn main() {
    let _ = f();
}
