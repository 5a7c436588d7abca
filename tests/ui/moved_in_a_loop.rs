//! A value is moved in each round of a loop (E0382).

use segno_tests::{T, id};

#[segno::coroutine]
async fn f() {
    let t = T("t");
    for _ in 0..2 {
        id(t).await;
    }
}

fn main() {
    let _ = f();
}
