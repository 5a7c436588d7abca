//! A value is used after a move on one of two paths (E0382).

use segno_tests::{T, id, y};

#[segno::coroutine]
async fn f(c: bool) -> u8 {
    let t = T("t");
    if c {
        id(t).await;
    }
    y().await;
    t.r()
}

fn main() {
    let _ = f(true);
}
